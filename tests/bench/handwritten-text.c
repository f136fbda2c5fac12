/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A printer that somebody wrote who knew the event: the offsets of x86-64 and
 * arm64, and the print formats
 *
 *   NR %ld (%lx, %lx, %lx, %lx, %lx, %lx)
 *   prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> next_comm=%s
 *   next_pid=%d next_prio=%d
 *
 * Without room for surprises, as such printers are.
 */
#include "handwritten-text.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/event-parse.h>
#include <traceevent/trace-seq.h>

#define COMM_SIZE 16

struct sys_enter {
	uint64_t common;
	int64_t id;
	uint64_t args[6];
} __attribute__((packed));

struct sched_switch {
	uint64_t common;
	char prev_comm[COMM_SIZE];
	int32_t prev_pid, prev_prio;
	int64_t prev_state;
	char next_comm[COMM_SIZE];
	int32_t next_pid, next_prio;
} __attribute__((packed));

static struct tep_handle *tep;
static struct trace_seq seq;

static char *put_text(char *text, const char *what, size_t length)
{
	memcpy(text, what, length);
	return text + length;
}

#define PUT(text, what) put_text(text, what, sizeof(what) - 1)

static char *put_decimal(char *text, int64_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[20], *digit = digits + sizeof(digits);

	if (value < 0)
		*text++ = '-';
	do {
		*--digit = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	return put_text(text, digit, (size_t)(digits + sizeof(digits) - digit));
}

static char *put_hex(char *text, uint64_t value)
{
	int shift = value ? (63 - __builtin_clzll(value)) & ~3 : 0;

	for (; shift >= 0; shift -= 4)
		*text++ = "0123456789abcdef"[value >> shift & 15];
	return text;
}

static char *put_comm(char *text, const char *comm)
{
	return put_text(text, comm, strnlen(comm, COMM_SIZE));
}

static char *put_state(char *text, int64_t state)
{
	static const char letters[] = "SDTtXZPI";
	char *start = text;
	size_t i;

	for (i = 0; i < sizeof(letters) - 1; i++) {
		if (!(state >> i & 1))
			continue;
		if (text != start)
			*text++ = '|';
		*text++ = letters[i];
	}
	if (text == start)
		*text++ = 'R';
	if (state >> (sizeof(letters) - 1) & 1)
		*text++ = '+';
	return text;
}

static size_t print_sys_enter(char *text, const uint8_t *raw, size_t size)
{
	const struct sys_enter *call = (const struct sys_enter *)raw;
	char *end = PUT(text, "NR ");
	size_t i;

	if (size < sizeof(*call))
		return 0;
	end = put_decimal(end, call->id);
	for (i = 0; i < 6; i++) {
		end = i ? PUT(end, ", ") : PUT(end, " (");
		end = put_hex(end, call->args[i]);
	}
	*end++ = ')';
	*end = '\0';
	return (size_t)(end - text);
}

static size_t print_sched_switch(char *text, const uint8_t *raw, size_t size)
{
	const struct sched_switch *turn = (const struct sched_switch *)raw;
	char *end = text;

	if (size < sizeof(*turn))
		return 0;
	end = put_comm(PUT(end, "prev_comm="), turn->prev_comm);
	end = put_decimal(PUT(end, " prev_pid="), turn->prev_pid);
	end = put_decimal(PUT(end, " prev_prio="), turn->prev_prio);
	end = put_state(PUT(end, " prev_state="), turn->prev_state);
	end = put_comm(PUT(end, " ==> next_comm="), turn->next_comm);
	end = put_decimal(PUT(end, " next_pid="), turn->next_pid);
	end = put_decimal(PUT(end, " next_prio="), turn->next_prio);
	*end = '\0';
	return (size_t)(end - text);
}

text_printer text_find_printer(const struct load_event *event)
{
	if (event->name && !strcmp(event->name, "raw_syscalls:sys_enter"))
		return print_sys_enter;
	if (event->name && !strcmp(event->name, "sched:sched_switch"))
		return print_sched_switch;
	errx(1, "no printer was written for this event");
}

void text_prepare_traceevent(const struct load_event *event)
{
	char *system = strdup(event->name), *format;
	size_t length;

	if (!tep) {
		tep = tep_alloc();
		trace_seq_init(&seq);
	}
	*strchr(system, ':') = '\0';
	format = tracepoint_read_format(event, &length);
	if (tep_parse_event(tep, format, length, system))
		errx(1, "libtraceevent can't parse %s", event->name);
	free(format);
	free(system);
}

size_t text_print_traceevent(const uint8_t *raw, size_t size, uint64_t time,
			     uint32_t cpu)
{
	struct tep_record record = {
		.ts = time,
		.size = (int)size,
		.data = (void *)raw,
		.cpu = (int)cpu,
	};

	trace_seq_reset(&seq);
	tep_print_event(tep, &seq, &record, "%s", TEP_PRINT_INFO);
	return seq.len;
}
