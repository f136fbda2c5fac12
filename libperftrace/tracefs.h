/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TRACEFS_H
#define TRACEFS_H

/* Files below the context's tracefs. */

#include <stddef.h>
#include <stdint.h>

#include "export.h"

struct perftrace_context;

/* The path of a file, to be freed. */
int tracefs_path(struct perftrace_context *context, char **path,
		 const char *format, ...) PRINTF_FORMAT(3, 4);

/*
 * Read a file whole; @text is to be freed. A file that can't be opened or read
 * is answered with the bare -errno: the caller knows what it means. A missing
 * or closed tracefs is told to the log as well.
 */
int tracefs_read(struct perftrace_context *context, const char *file,
		 char **text, size_t *text_bytes);

/* events/SYSTEM/NAME/FILE, for "SYSTEM:NAME". */
int tracefs_read_event(struct perftrace_context *context, const char *event,
		       const char *file, char **text, size_t *text_bytes);
int tracefs_read_event_id(struct perftrace_context *context, const char *event,
			  uint64_t *id);

/* The failure of reading @file, with a remedy. */
int tracefs_fail(struct perftrace_context *context, int error,
		 const char *file);

#endif /* TRACEFS_H */
