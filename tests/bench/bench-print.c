/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a record's text costs: by the compiled print format, by libtraceevent,
 * and by a printer that is written by hand for the one event. All in one run,
 * round after round. Nothing is asserted but that the texts are the same.
 *
 *	bench-print				nanoseconds, and ratios
 *	bench-print SUBJECT EVENT COUNT		so many records, for a counter
 *
 * Instructions travel better. For those of one record, divide by COUNT what
 * this says of "Collected":
 *
 *	valgrind --tool=callgrind --toggle-collect=measure
 *		bench-print compiled sys_enter 10000
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "log.h"

#define ROUNDS	   9
#define REPEATS	   20000
#define NUM_RAW	   4
#define LINE_BYTES 512

#define COMMON                                                                 \
	"format:\n"                                                            \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;"      \
	"\tsigned:0;\n"                                                        \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

/* As a kernel of 6.18 has them, with the constants' sums worked out. */
static const char sys_enter_format[] =
	"name: sys_enter\nID: 1\n" COMMON
	"\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n"
	"\tfield:unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;\n"
	"\nprint fmt: \"NR %ld (%lx, %lx, %lx, %lx, %lx, %lx)\", REC->id, "
	"REC->args[0], REC->args[1], REC->args[2], REC->args[3], REC->args[4], "
	"REC->args[5]\n";

static const char sched_switch_format[] =
	"name: sched_switch\nID: 2\n" COMMON
	"\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;\n"
	"\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;\n"
	"\tfield:char next_comm[16];\toffset:40;\tsize:16;\tsigned:0;\n"
	"\tfield:pid_t next_pid;\toffset:56;\tsize:4;\tsigned:1;\n"
	"\tfield:int next_prio;\toffset:60;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s "
	"==> next_comm=%s next_pid=%d next_prio=%d\", REC->prev_comm, "
	"REC->prev_pid, REC->prev_prio, (REC->prev_state & ((((0x00000000 | "
	"0x0000007f) + 1) << 1) - 1)) ? __print_flags(REC->prev_state & "
	"((((0x00000000 | 0x0000007f) + 1) << 1) - 1), \"|\", { 0x00000001, "
	"\"S\" }, { 0x00000002, \"D\" }, { 0x00000004, \"T\" }, { 0x00000008, "
	"\"t\" }, { 0x00000010, \"X\" }, { 0x00000020, \"Z\" }, { 0x00000040, "
	"\"P\" }, { 0x00000080, \"I\" }) : \"R\", REC->prev_state & "
	"(((0x00000000 | 0x0000007f) + 1) << 1) ? \"+\" : \"\", "
	"REC->next_comm, REC->next_pid, REC->next_prio\n";

struct common {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
};

struct sys_enter {
	struct common common;
	int64_t id;
	uint64_t args[6];
};

struct sched_switch {
	struct common common;
	char prev_comm[16];
	int32_t prev_pid, prev_prio;
	int64_t prev_state;
	char next_comm[16];
	int32_t next_pid, next_prio;
};

static const struct sys_enter sys_enters[NUM_RAW] = {
	{ { 1, 0, 0, 4242 }, 0, { 3, 0x7ffd12345670, 0x2000, 0, 0, 0x1b6 } },
	{ { 1, 0, 0, 4242 },
	  257,
	  { 0xffffff9c, 0x55d5c0de1230, 0x80000, 0, 0x7f0123456780, 8 } },
	{ { 1, 0, 0, 17 }, 9, { 0, 0x22000, 3, 0x22, UINT64_MAX, 0 } },
	{ { 1, 0, 0, 17 },
	  202,
	  { 0x7f89abcdef00, 0x81, 1, 0, 0x7ffd00000010, UINT32_MAX } },
};

static const struct sched_switch sched_switches[NUM_RAW] = {
	{ { 2, 0, 0, 0 }, "swapper/0", 0, 120, 0, "kworker/0:1", 1234, 120 },
	{ { 2, 0, 0, 1234 }, "kworker/0:1", 1234, 120, 0x80, "bash", 42, 120 },
	{ { 2, 0, 0, 42 }, "bash", 42, 120, 1, "swapper/0", 0, 120 },
	{ { 2, 0, 0, 777 }, "fifteen-letters", 777777, 98, 0x100, "cc1", 9, 139 },
};

static size_t hand_sys_enter(const void *raw, char *line)
{
	const struct sys_enter *event = raw;

	return (size_t)snprintf(line, LINE_BYTES,
				"NR %" PRId64 " (%" PRIx64 ", %" PRIx64
				", %" PRIx64 ", %" PRIx64 ", %" PRIx64
				", %" PRIx64 ")",
				event->id, event->args[0], event->args[1],
				event->args[2], event->args[3], event->args[4],
				event->args[5]);
}

static const char *hand_state(uint64_t state)
{
	static const char *const names[] = { "S", "D", "T", "t",
					     "X", "Z", "P", "I" };

	state &= 0xff;
	return state ? names[__builtin_ctzll(state)] : "R";
}

static size_t hand_sched_switch(const void *raw, char *line)
{
	const struct sched_switch *event = raw;

	return (size_t)snprintf(
		line, LINE_BYTES,
		"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> "
		"next_comm=%s next_pid=%d next_prio=%d",
		event->prev_comm, event->prev_pid, event->prev_prio,
		hand_state((uint64_t)event->prev_state),
		event->prev_state & 0x100 ? "+" : "", event->next_comm,
		event->next_pid, event->next_prio);
}

struct event {
	const char *name;
	const char *format_text;
	const void *raw;
	size_t raw_bytes;
	size_t (*by_hand)(const void *raw, char *line);
	struct format *format;
};

static struct event events[] = {
	{ "sys_enter", sys_enter_format, sys_enters, sizeof(*sys_enters),
	  hand_sys_enter, NULL },
	{ "sched_switch", sched_switch_format, sched_switches,
	  sizeof(*sched_switches), hand_sched_switch, NULL },
};

#define NUM_EVENTS (sizeof(events) / sizeof(*events))

static struct log *event_log;

static size_t print_compiled(const struct event *event, const void *raw,
			     char *line)
{
	size_t bytes;

	if (format_print(event->format, event_log, 0, raw, event->raw_bytes,
			 line, LINE_BYTES, &bytes))
		abort();
	return bytes;
}

static size_t print_by_libtraceevent(const struct event *event, const void *raw,
				     char *line)
{
	const char *text;
	size_t bytes;

	if (format_print_slowly(event->format, event_log, 0, raw,
				event->raw_bytes, &text, &bytes))
		abort();
	memcpy(line, text, bytes);
	return bytes;
}

static size_t print_by_hand(const struct event *event, const void *raw,
			    char *line)
{
	return event->by_hand(raw, line);
}

static const struct subject {
	const char *name;
	size_t (*print)(const struct event *event, const void *raw, char *line);
} subjects[] = {
	{ "compiled", print_compiled },
	{ "hand", print_by_hand },
	{ "libtraceevent", print_by_libtraceevent },
};

#define NUM_SUBJECTS (sizeof(subjects) / sizeof(*subjects))

static double nanos[NUM_EVENTS][NUM_SUBJECTS][ROUNDS];

/* Not inlined: callgrind starts and stops to count here. */
size_t measure(const struct subject *subject, const struct event *event,
	       size_t count);

__attribute__((noinline)) size_t
measure(const struct subject *subject, const struct event *event, size_t count)
{
	char line[LINE_BYTES];
	size_t i, bytes = 0;

	for (i = 0; i < count; i++)
		bytes += subject->print(event,
					(const char *)event->raw +
						i % NUM_RAW * event->raw_bytes,
					line);
	return bytes;
}

static void check_texts(const struct event *event)
{
	char lines[NUM_SUBJECTS][LINE_BYTES];
	size_t i, raw, bytes[NUM_SUBJECTS];

	for (raw = 0; raw < NUM_RAW; raw++) {
		for (i = 0; i < NUM_SUBJECTS; i++) {
			bytes[i] = subjects[i].print(
				event,
				(const char *)event->raw +
					raw * event->raw_bytes,
				lines[i]);
			if (bytes[i] == bytes[0] &&
			    !memcmp(lines[i], lines[0], bytes[0]))
				continue;
			fprintf(stderr, "%s differs: %.*s\n", subjects[i].name,
				(int)bytes[i], lines[i]);
			exit(EXIT_FAILURE);
		}
	}
}

static void make_event(struct event *event)
{
	if (format_parse(event_log, event->name, event->format_text,
			 strlen(event->format_text), event, &event->format) ||
	    format_compile(event->format)) {
		fprintf(stderr, "%s does not compile\n", event->name);
		exit(EXIT_FAILURE);
	}
	check_texts(event);
}

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void run_round(size_t round)
{
	size_t event, subject;
	double start;

	for (event = 0; event < NUM_EVENTS; event++) {
		for (subject = 0; subject < NUM_SUBJECTS; subject++) {
			start = now_ns();
			measure(&subjects[subject], &events[event], REPEATS);
			nanos[event][subject][round] =
				(now_ns() - start) / REPEATS;
		}
	}
}

static int compare(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* Medians; and how far the rounds lie apart. */
static void print_event(size_t event)
{
	double base;
	size_t i;

	for (i = 0; i < NUM_SUBJECTS; i++)
		qsort(nanos[event][i], ROUNDS, sizeof(double), compare);
	base = nanos[event][0][ROUNDS / 2];
	for (i = 0; i < NUM_SUBJECTS; i++)
		printf("%-13s %-14s %8.1f ns (%.1f to %.1f) %6.2f x\n",
		       events[event].name, subjects[i].name,
		       nanos[event][i][ROUNDS / 2], nanos[event][i][0],
		       nanos[event][i][ROUNDS - 1],
		       nanos[event][i][ROUNDS / 2] / base);
}

static int run_one(const char *subject, const char *event, size_t count)
{
	size_t i, j;

	for (i = 0; i < NUM_SUBJECTS; i++) {
		for (j = 0; j < NUM_EVENTS; j++) {
			if (strcmp(subjects[i].name, subject) ||
			    strcmp(events[j].name, event))
				continue;
			measure(&subjects[i], &events[j], count);
			return EXIT_SUCCESS;
		}
	}
	fprintf(stderr, "there is no %s or no %s\n", subject, event);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	int ret = EXIT_SUCCESS;
	size_t i;

	event_log = log_new();
	if (!event_log)
		return EXIT_FAILURE;
	for (i = 0; i < NUM_EVENTS; i++)
		make_event(&events[i]);
	if (argc == 4)
		ret = run_one(argv[1], argv[2], strtoul(argv[3], NULL, 10));
	for (i = 0; argc != 4 && i < ROUNDS; i++)
		run_round(i);
	for (i = 0; i < NUM_EVENTS; i++) {
		if (argc != 4)
			print_event(i);
		format_free(events[i].format);
	}
	log_free(event_log);
	return ret;
}
