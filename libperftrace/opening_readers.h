/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPENING_READERS_H
#define OPENING_READERS_H

/* Who reads the rings of an opening, and who waits for what. */

#include <stdbool.h>
#include <stddef.h>

struct lot;
struct opening;
struct reader;

bool opening_is_streaming(const struct opening *opening);
/* There is something to look at from time to time. */
bool opening_has_timer(const struct opening *opening);
/* In threads of their own. */
bool opening_has_readers(const struct opening *opening);
/* -ENOMEM, with the reason. */
int opening_make_readers(struct opening *opening);
/* With their waiters. */
void opening_free_readers(struct opening *opening);
/* -errno alone; what has been made is freed with the readers. */
int opening_add_waiters(struct opening *opening);
void opening_start_timers(struct opening *opening);
void opening_stop_timers(struct opening *opening);

/* The first; NULL where events are only counted. */
struct reader *opening_get_reader(struct opening *opening);

/*
 * Where records are read, or only waited for: one for each reader; one, with the
 * session's log, where none were asked for.
 */
size_t opening_get_num_lots(struct opening *opening);
struct lot *opening_get_lot(struct opening *opening, size_t index);
/* By any thread: all who wait are woken. */
void opening_raise_alarms(struct opening *opening);

#endif /* OPENING_READERS_H */
