/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MAPS_H
#define MAPS_H

/* The text of /proc/PID/maps. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping {
	uint64_t start;
	uint64_t end;
	bool is_executable;
	uint32_t major;
	uint32_t minor;
	/* 0: of no file. */
	uint64_t inode;
	/* As it stands there, not ended by a zero byte. */
	const char *path;
	size_t path_length;
};

/* The mapping at @text, or behind; moves @text on. False: there is no more. */
bool maps_next(const char **text, struct mapping *mapping);

/*
 * The mapping's path. The mark of deleted files is still behind it: files may
 * end in the same letters. False: there is none, or it is longer than the room.
 */
bool maps_path(const struct mapping *mapping, char *path, size_t room);

/* Cut the mark of deleted files off; false: there is none. */
bool maps_cut_deleted(char *path);

#endif /* MAPS_H */
