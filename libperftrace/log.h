/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LOG_H
#define LOG_H

/*
 * Where the library's words go: the caller's sink, and the last error. Every
 * file that can fail is handed a struct log and answers "return fail(...)".
 */

#include <stdint.h>

#include "export.h"

struct log;

struct log *log_new(void);
void log_free(struct log *log);

void log_set_sink(struct log *log, int32_t level,
		  void (*sink)(void *data, int32_t level, const char *message),
		  void *data);

void log_warning(struct log *log, const char *format, ...) PRINTF_FORMAT(2, 3);
void log_info(struct log *log, const char *format, ...) PRINTF_FORMAT(2, 3);
void log_debug(struct log *log, const char *format, ...) PRINTF_FORMAT(2, 3);

/*
 * Store the reason of a failure, with no remedy and no position, and return
 * the code. The code is an -errno.
 */
int fail(struct log *log, int code, const char *format, ...)
	PRINTF_FORMAT(3, 4);

/* No memory: the one failure whose text needs none. */
int fail_memory(struct log *log);

/* Add to the failure that was stored last. Both return its code. */
int fail_remedy(struct log *log, const char *format, ...) PRINTF_FORMAT(2, 3);
int fail_position(struct log *log, int32_t position);

/*
 * What failed last, to be put back after an attempt that may fail without
 * harm. NULL from log_save(): no memory, and nothing is put back.
 */
struct failure;

struct failure *log_save(struct log *log);
void log_restore(struct log *log, struct failure *failure);

const char *log_get_error(struct log *log);
/* The two that an error is made of. */
const char *log_get_reason(struct log *log);
const char *log_get_remedy(struct log *log);
int log_get_code(struct log *log);
int32_t log_get_position(struct log *log);

#endif /* LOG_H */
