/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBRARY_H
#define LIBRARY_H

/* Which file a user means by a name. */

#include <stdint.h>

#include "library_debug.h"
#include "library_file.h"

struct log;

/*
 * @name: with a slash, a path; without one, a soname or a program's name.
 * @pid: 0: none. Else, a path that begins with a slash is looked up as the
 * process sees it (others are relative to this process's directory), and other
 * names are of files that the process has mapped code of.
 *
 * -ENOENT: there is none; -EADDRNOTAVAIL: there are several; -EISDIR, -EINVAL:
 * not a regular file; -ESTALE: deleted, and no name leads to it; -ESRCH: no
 * such process; -EACCES, -EPERM; and what else open(2) answers.
 */
int library_find(struct log *log, const char *name, int32_t pid,
		 struct library_file *file);

#endif /* LIBRARY_H */
