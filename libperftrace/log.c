/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WARNING = 1, INFO = 2, DEBUG = 3 };

#define REASON_BYTES 768
#define REMEDY_BYTES 640
#define LINE_BYTES   (REASON_BYTES + REMEDY_BYTES)

struct failure {
	int code;
	int32_t position;
	char reason[REASON_BYTES];
	char remedy[REMEDY_BYTES];
	char error[LINE_BYTES + 4];
};

struct log {
	void (*sink)(void *data, int32_t level, const char *message);
	void *data;
	int32_t level;

	/*
	 * The last failure lies in the object, not on the heap, so that there
	 * is room for it when memory is what failed.
	 */
	struct failure last;
};

struct log *log_new(void)
{
	struct log *log = calloc(1, sizeof(*log));

	if (log)
		log->last.position = -1;
	return log;
}

void log_free(struct log *log)
{
	free(log);
}

void log_set_sink(struct log *log, int32_t level,
		  void (*sink)(void *data, int32_t level, const char *message),
		  void *data)
{
	log->sink = sink;
	log->level = sink ? level : 0;
	log->data = data;
}

static void write_line(struct log *log, int32_t level, const char *format,
		       va_list arguments)
{
	char line[LINE_BYTES];

	vsnprintf(line, sizeof(line), format, arguments);
	log->sink(log->data, level, line);
}

#define DEFINE_LOG(name, LEVEL)                                                \
	void log_##name(struct log *log, const char *format, ...)              \
	{                                                                      \
		va_list arguments;                                             \
                                                                               \
		if (log->level < (LEVEL))                                      \
			return;                                                \
		va_start(arguments, format);                                   \
		write_line(log, (LEVEL), format, arguments);                   \
		va_end(arguments);                                             \
	}

DEFINE_LOG(warning, WARNING)
DEFINE_LOG(info, INFO)
DEFINE_LOG(debug, DEBUG)

static void compose_error(struct log *log)
{
	snprintf(log->last.error, sizeof(log->last.error), "%s%s%s",
		 log->last.reason, log->last.remedy[0] ? ": " : "",
		 log->last.remedy);
}

/* An error is one line, whatever the caller's texts are that it quotes. */
static void flatten(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ')
			*text = ' ';
	}
}

int fail(struct log *log, int code, const char *format, ...)
{
	/* A reason may quote the one before it. */
	char reason[REASON_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);

	flatten(reason);
	memcpy(log->last.reason, reason, sizeof(reason));
	log->last.remedy[0] = '\0';
	log->last.code = code;
	log->last.position = -1;
	compose_error(log);
	log_debug(log, "%s", log->last.reason);
	return code;
}

int fail_memory(struct log *log)
{
	return fail(log, -ENOMEM, "out of memory");
}

int fail_remedy(struct log *log, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(log->last.remedy, sizeof(log->last.remedy), format,
		  arguments);
	va_end(arguments);
	flatten(log->last.remedy);
	compose_error(log);
	return log->last.code;
}

int fail_position(struct log *log, int32_t position)
{
	log->last.position = position;
	return log->last.code;
}

struct failure *log_save(struct log *log)
{
	struct failure *failure = malloc(sizeof(*failure));

	if (failure)
		*failure = log->last;
	return failure;
}

void log_restore(struct log *log, struct failure *failure)
{
	if (failure)
		log->last = *failure;
	free(failure);
}

const char *log_get_error(struct log *log)
{
	return log->last.error;
}

const char *log_get_reason(struct log *log)
{
	return log->last.reason;
}

const char *log_get_remedy(struct log *log)
{
	return log->last.remedy;
}

int log_get_code(struct log *log)
{
	return log->last.code;
}

int32_t log_get_position(struct log *log)
{
	return log->last.position;
}
