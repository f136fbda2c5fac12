/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OWNER_H
#define OWNER_H

/*
 * Whose a named probe is. Its group in tracefs carries a tag that tells the
 * process which made it from all others, living and dead.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MAX_EVENT_NAME_LEN in kernel/trace/trace.h. */
#define OWNER_GROUP_BYTES 64

struct owner {
	/* The beginning of /proc/sys/kernel/random/boot_id. */
	uint32_t boot;
	/* In which namespaces the following two are to be read: inodes. */
	uint32_t pid_namespace;
	uint32_t time_namespace;
	int32_t pid;
	/*
	 * Since the boot, in clock ticks; field 22 of /proc/PID/stat. 0: not
	 * known, for /proc shows another PID namespace.
	 */
	uint64_t start_ticks;
};

/* The calling process. -errno when /proc does not tell. */
int owner_identify(struct owner *owner);

/* The name of its group, and back; false for the group of anybody else. */
void owner_write_group(const struct owner *owner,
		       char group[OWNER_GROUP_BYTES]);
bool owner_parse_group(const char *group, struct owner *owner);

bool owner_is_same(const struct owner *left, const struct owner *right);

/*
 * Is it certain that @other has ended? @own: the calling process. Not for a
 * process of another namespace, whose numbers mean nothing here.
 */
bool owner_is_dead(const struct owner *other, const struct owner *own);

#endif /* OWNER_H */
