/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBRARY_MAPPED_H
#define LIBRARY_MAPPED_H

/* The files whose code a process has mapped. */

#include <stdint.h>

struct library_file;
struct log;

/*
 * The file whose last component is @name, or that has such a name beside its
 * own in its directory. -ENOENT; -EADDRNOTAVAIL: there are several; -ESTALE:
 * nothing leads to it any more; -ESRCH, -EACCES as for library_fail_process().
 */
int library_find_mapped(struct log *log, const char *name, int32_t pid,
			struct library_file *file);

#endif /* LIBRARY_MAPPED_H */
