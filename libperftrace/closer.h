/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLOSER_H
#define CLOSER_H

/* Descriptors that another process closes: closer.c says why and how. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct closer;

/* Processes that have not ended, as far as is known. All zero to begin with. */
struct closer_list {
	struct closer **closers;
	size_t count;
};

/*
 * Close @fds here, and leave their copies to a process that begins when it is
 * let go; until then it uses the caller's memory. On failure nothing is closed.
 */
int closer_new(const int *fds, size_t count, struct closer **closer);

/* Takes it into the list, whose room closer_list_make_room() has made. */
void closer_let_go(struct closer *closer, struct closer_list *list);
int closer_list_make_room(struct closer_list *list);

/* How many descriptors may still be open; forgets those that have ended. */
size_t closer_list_count(struct closer_list *list);
/* Until there are none: 0; -EAGAIN when the time was up; -EINTR. */
int closer_list_wait(struct closer_list *list, int32_t timeout_ms);
/* Let another list have them, or, where there is no memory, nobody. */
void closer_list_move(struct closer_list *from, struct closer_list *to);
void closer_list_clear(struct closer_list *list);

#endif /* CLOSER_H */
