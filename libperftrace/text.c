/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records as lines of text, laid out as perf-script(1) lays them out:
 *
 *	            bash    4242 [001]  1234.567890: sched:sched_switch: FIELDS
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "export.h"
#include "log.h"
#include "record.h"
#include "sys.h"

/* Counts what does not fit, as snprintf(3) does. */
struct line {
	char *buffer;
	size_t room;
	size_t length;
};

static void append(struct line *line, const char *text, size_t length)
{
	if (line->length + 1 < line->room) {
		size_t left = line->room - line->length - 1;
		size_t part = length < left ? length : left;

		memcpy(line->buffer + line->length, text, part);
		line->buffer[line->length + part] = '\0';
	}
	line->length += length;
}

static void appendf(struct line *line, const char *format, ...)
	PRINTF_FORMAT(2, 3);

static void appendf(struct line *line, const char *format, ...)
{
	/* Names, numbers and a path; fields go through append(). */
	char text[5000];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length > 0)
		append(line, text,
		       (size_t)length < sizeof(text) ? (size_t)length :
						       sizeof(text) - 1);
}

static void begin(struct line *line, char *buffer, size_t room)
{
	*line = (struct line){ .buffer = buffer, .room = room };
	if (room)
		buffer[0] = '\0';
}

static void append_head(struct line *line, struct perftrace_record *record)
{
	uint64_t time = perftrace_record_get_time_ns(record);
	int32_t tid = perftrace_record_get_tid(record);
	const char *comm = perftrace_record_get_comm(record);
	char unnamed[16];

	/* perf-script(1) writes a thread without a name as ":TID". */
	if (!comm) {
		snprintf(unnamed, sizeof(unnamed), ":%" PRId32, tid);
		comm = unnamed;
	}
	appendf(line,
		"%16s %7" PRId32 " [%03" PRId32 "] %5" PRIu64 ".%06" PRIu64
		": ",
		comm, tid, perftrace_record_get_cpu(record), time / 1000000000,
		time % 1000000000 / 1000);
}

static int append_fields(struct line *line, struct perftrace_record *record)
{
	struct perftrace_event *event = perftrace_record_get_event(record);
	size_t raw_bytes, text_bytes;
	const void *raw = perftrace_record_get_raw(record, &raw_bytes);
	const char *text;
	int ret = event_print(event, perftrace_record_get_cpu(record), raw,
			      raw_bytes, &text, &text_bytes);

	if (!ret)
		append(line, text, text_bytes);
	return ret;
}

static void append_callchain(struct line *line, struct perftrace_record *record)
{
	const uint64_t *addresses;
	size_t i, count = perftrace_record_get_callchain(record, &addresses);

	for (i = 0; i < count; i++)
		appendf(line, "\n\t%16" PRIx64, addresses[i]);
}

static int append_sample(struct line *line, struct perftrace_record *record)
{
	struct perftrace_event *event = perftrace_record_get_event(record);
	int ret;

	appendf(line, "%s: ", perftrace_event_get_name(event));
	ret = append_fields(line, record);
	if (!ret)
		append_callchain(line, record);
	return ret;
}

static void append_task(struct line *line, const char *name,
			struct perftrace_record *record)
{
	appendf(line, "%s(%" PRId32 ":%" PRId32 "):(%" PRId32 ":%" PRId32 ")",
		name, perftrace_record_get_pid(record),
		perftrace_record_get_tid(record),
		perftrace_record_get_parent_pid(record),
		perftrace_record_get_parent_tid(record));
}

static void append_comm(struct line *line, struct perftrace_record *record)
{
	appendf(line, "PERF_RECORD_COMM%s: %s:%" PRId32 "/%" PRId32,
		perftrace_record_is_exec(record) ? " exec" : "",
		perftrace_record_get_comm(record),
		perftrace_record_get_pid(record),
		perftrace_record_get_tid(record));
}

static void append_mmap(struct line *line, struct perftrace_record *record)
{
	appendf(line,
		"PERF_RECORD_MMAP2 %" PRId32 "/%" PRId32 ": [%#" PRIx64
		"(%#" PRIx64 ") @ %#" PRIx64 "]: %s",
		perftrace_record_get_pid(record),
		perftrace_record_get_tid(record),
		perftrace_record_get_map_address(record),
		perftrace_record_get_map_length_bytes(record),
		perftrace_record_get_map_offset_bytes(record),
		perftrace_record_get_map_path(record));
}

static int append_body(struct line *line, struct perftrace_record *record)
{
	switch (perftrace_record_get_kind(record)) {
	case PERFTRACE_RECORD_SAMPLE:
		return append_sample(line, record);
	case PERFTRACE_RECORD_LOST:
		appendf(line, "PERF_RECORD_LOST lost %" PRIu64,
			perftrace_record_get_lost(record));
		return 0;
	case PERFTRACE_RECORD_FORK:
		append_task(line, "PERF_RECORD_FORK", record);
		return 0;
	case PERFTRACE_RECORD_EXIT:
		append_task(line, "PERF_RECORD_EXIT", record);
		return 0;
	case PERFTRACE_RECORD_COMM:
		append_comm(line, record);
		return 0;
	case PERFTRACE_RECORD_MMAP:
		append_mmap(line, record);
		return 0;
	case PERFTRACE_RECORD_THROTTLE:
		appendf(line, "PERF_RECORD_THROTTLE");
		return 0;
	case PERFTRACE_RECORD_UNTHROTTLE:
		appendf(line, "PERF_RECORD_UNTHROTTLE");
		return 0;
	default:
		appendf(line, "PERF_RECORD_?");
		return 0;
	}
}

PERFTRACE_EXPORT int64_t perftrace_record_format(
	struct perftrace_record *record, char *buffer, size_t size_bytes)
{
	struct line line;
	int ret;

	assert(record);
	begin(&line, buffer, size_bytes);
	append_head(&line, record);
	ret = append_body(&line, record);
	return ret ? ret : (int64_t)line.length;
}

PERFTRACE_EXPORT int64_t perftrace_record_format_fields(
	struct perftrace_record *record, char *buffer, size_t size_bytes)
{
	struct line line;
	int ret;

	assert(record);
	begin(&line, buffer, size_bytes);
	if (!perftrace_record_get_event(record))
		return fail(record_get_log(record), -EINVAL,
			    "the record is no sample, and has no fields");
	ret = append_fields(&line, record);
	return ret ? ret : (int64_t)line.length;
}

static int write_line(struct perftrace_record *record, int fd, char *text,
		      size_t length)
{
	int ret;

	text[length] = '\n';
	ret = sys_write_all(fd, text, length + 1);
	return ret ? fail(record_get_log(record), ret, "write to %d: %s", fd,
			  strerror(-ret)) :
		     0;
}

PERFTRACE_EXPORT int perftrace_record_print(struct perftrace_record *record,
					    int32_t fd)
{
	char line[1024], *longer;
	int64_t length = perftrace_record_format(record, line, sizeof(line));
	int ret;

	if (length < 0)
		return (int)length;
	if ((size_t)length < sizeof(line))
		return write_line(record, fd, line, (size_t)length);
	longer = malloc((size_t)length + 1);
	if (!longer)
		return fail_memory(record_get_log(record));
	perftrace_record_format(record, longer, (size_t)length + 1);
	ret = write_line(record, fd, longer, (size_t)length);
	free(longer);
	return ret;
}
