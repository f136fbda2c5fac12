/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBRARY_FILE_H
#define LIBRARY_FILE_H

/* A program's or a library's file, and a name by which the kernel finds it. */

#include <stdbool.h>
#include <stdint.h>

struct library_file {
	/* For reading, close-on-exec; the file's owner closes it. */
	int fd;
	/*
	 * Without symbolic links, as far as the file has such a name. It leads
	 * to the file as seen from this process: below /proc/PID/root, where
	 * it is another process's alone.
	 */
	char *path;
	uint64_t device;
	uint64_t inode;
};

/* Whose file system a path is looked up in. */
struct library_root {
	/* -1: this process's own. */
	int fd;
	int32_t pid;
};

/*
 * @pid: 0: this process itself. -ESRCH: there is no such process; -EACCES:
 * its file system is not to be seen.
 */
int library_root_open(int32_t pid, struct library_root *root);
void library_root_close(struct library_root *root);

/*
 * Open a regular file. -EISDIR; -EINVAL: it is something else; -ESTALE: no name
 * leads to it, for it was deleted or moved; or what open(2) answers. For a root
 * of another process, the path begins there, whether with a slash or not.
 */
int library_file_open(const struct library_root *root, const char *path,
		      struct library_file *file);

/* Only if it is the inode of @identity; -ESTALE: another file is there. */
int library_file_open_same(const struct library_root *root, const char *path,
			   const struct library_file *identity,
			   struct library_file *file);
void library_file_clear(struct library_file *file);

bool library_file_is_same(const struct library_file *left,
			  const struct library_file *right);

#endif /* LIBRARY_FILE_H */
