/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Who a process may be that asks for events. To become one is for good: it is
 * done in a child.
 */
struct identity {
	const char *name;
	/* uid and gid of all kinds. */
	uint32_t uid;
	uint64_t capabilities;
	/* Root of a user namespace, where it is mapped from the uid. */
	bool is_in_namespace;
	/* As facts are described, with numbers as it sees them itself. */
	const char *description;
};

#define USER_UID  1000
#define OTHER_UID 1001

/* root, root without capabilities, a user, with one capability each, ... */
extern const struct identity identities[];
extern const size_t num_identities;

/* The calling process, which is root, becomes it, and stays dumpable. */
void become(const struct identity *identity);

/* A process of a user that waits until it is killed; dies with the caller. */
pid_t start_sleeper(uint32_t uid, bool is_dumpable);
void end_sleeper(pid_t pid);

/* kernel.perf_event_paranoid */
int read_level(void);
void write_level(int level);

#endif /* IDENTITY_H */
