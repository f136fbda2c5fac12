/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBRARY_DEBUG_H
#define LIBRARY_DEBUG_H

/* Files of debugging information, kept apart from what they describe. */

#include <stddef.h>
#include <stdint.h>

#include "library_file.h"

struct log;

/*
 * @path: of the file that is described, as in its struct library_file.
 * @pid: the process whose file system it was found in; 0: none.
 * @build_id: @length bytes of its build ID; 0: it has none. It is the caller's
 * to see that the file that is found has the same.
 * @debug_link: the name in its .gnu_debuglink; NULL: it has none. Where there
 * is no build ID, the file that is found has the CRC @debug_link_crc.
 *
 * -ENOENT, without words: there is none.
 */
int library_find_debug(struct log *log, int32_t pid, const char *path,
		       const uint8_t *build_id, size_t length,
		       const char *debug_link, uint32_t debug_link_crc,
		       struct library_file *file);

#endif /* LIBRARY_DEBUG_H */
