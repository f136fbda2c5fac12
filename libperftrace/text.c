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

#include "digits.h"
#include "event.h"
#include "event_text.h"
#include "export.h"
#include "log.h"
#include "record.h"
#include "sys.h"

/* Of a thread's name; a longer one takes what it needs. */
#define COMM_WIDTH 16

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

static void append_text(struct line *line, const char *text)
{
	append(line, text, strlen(text));
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

/* "%*" of a number: right-aligned in @width, filled up with @fill. */
static char *put_number(char *at, uint64_t number, size_t width, char fill)
{
	char digits[DIGITS_ROOM];
	size_t length = (size_t)(digits_decimal(digits, number) - digits);

	for (; width > length; width--)
		*at++ = fill;
	memcpy(at, digits, length);
	return at + length;
}

/* No thread has an id below 0; a record of none says -1. */
static char *put_id(char *at, int32_t id, size_t width, char fill)
{
	if (id >= 0)
		return put_number(at, (uint64_t)id, width, fill);
	return at + snprintf(at, DIGITS_ROOM,
			     fill == '0' ? "%0*" PRId32 : "%*" PRId32,
			     (int)width, id);
}

static char *put_time(char *at, uint64_t time_ns)
{
	at = put_number(at, time_ns / 1000000000, 5, ' ');
	*at++ = '.';
	return put_number(at, time_ns % 1000000000 / 1000, 6, '0');
}

static void append_comm_of(struct line *line, struct perftrace_record *record)
{
	static const char blanks[COMM_WIDTH] = "                ";
	const char *comm = perftrace_record_get_comm(record);
	char unnamed[16];
	size_t length;

	/* perf-script(1) writes a thread without a name as ":TID". */
	if (!comm) {
		snprintf(unnamed, sizeof(unnamed), ":%" PRId32,
			 perftrace_record_get_tid(record));
		comm = unnamed;
	}
	length = strlen(comm);
	if (length < COMM_WIDTH)
		append(line, blanks, COMM_WIDTH - length);
	append(line, comm, length);
}

/* "%16s %7d [%03d] %5u.%06u: " */
static void append_head(struct line *line, struct perftrace_record *record)
{
	char text[5 * DIGITS_ROOM], *at = text;

	append_comm_of(line, record);
	*at++ = ' ';
	at = put_id(at, perftrace_record_get_tid(record), 7, ' ');
	*at++ = ' ';
	*at++ = '[';
	at = put_id(at, perftrace_record_get_cpu(record), 3, '0');
	*at++ = ']';
	*at++ = ' ';
	at = put_time(at, perftrace_record_get_time_ns(record));
	*at++ = ':';
	*at++ = ' ';
	append(line, text, (size_t)(at - text));
}

/* Straight into the line, where there is room for it. */
static int append_fields(struct line *line, struct perftrace_record *record)
{
	size_t raw_bytes, text_bytes, left = 0;
	const void *raw = perftrace_record_get_raw(record, &raw_bytes);
	char *end = NULL;
	int ret;

	if (line->length + 1 < line->room) {
		left = line->room - line->length - 1;
		end = line->buffer + line->length;
	}
	ret = event_print(perftrace_record_get_event(record),
			  record_get_log(record),
			  perftrace_record_get_cpu(record), raw, raw_bytes, end,
			  left, &text_bytes);
	if (ret)
		return ret;
	if (left)
		end[text_bytes < left ? text_bytes : left] = '\0';
	line->length += text_bytes;
	return 0;
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

	append_text(line, perftrace_event_get_name(event));
	append(line, ": ", 2);
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

/* perf has no such record; the time is in perf's form. */
static void append_gap(struct line *line, struct perftrace_record *record)
{
	uint64_t begin = perftrace_record_get_gap_begin_ns(record);

	appendf(line, "PERFTRACE_RECORD_GAP since %" PRIu64 ".%06" PRIu64,
		begin / 1000000000, begin % 1000000000 / 1000);
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
	case PERFTRACE_RECORD_OVERWRITTEN:
		appendf(line, "OVERWRITTEN records %" PRIu64 " bytes %" PRIu64,
			perftrace_record_get_overwritten(record),
			perftrace_record_get_overwritten_bytes(record));
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
	case PERFTRACE_RECORD_GAP:
		append_gap(line, record);
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
