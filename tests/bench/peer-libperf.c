/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libperf, in the loop of its Documentation/examples/sampling.c. It neither
 * merges rings nor decodes fields. Modes:
 *
 *   walk    headers alone
 *   field   and a field, found by hand
 *
 * Losses are what the records say, as in that loop nothing else is asked.
 */
#include <linux/perf_event.h>
#include <perf/core.h>
#include <perf/cpumap.h>
#include <perf/event.h>
#include <perf/evlist.h>
#include <perf/evsel.h>
#include <perf/mmap.h>
#include <perf/threadmap.h>

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracepoint.h"

/* In libperf.a, and in none of the headers that it installs. */
int perf_evsel__apply_filter(struct perf_evsel *evsel, const char *filter);

static struct peer_request request;
static struct perf_evlist *evlist;
static struct perf_evsel **evsels;
static struct tracepoint_field field;
static uint64_t lost;

static int print_nothing(enum libperf_print_level level, const char *format,
			 va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

void peer_prepare(const struct peer_request *wanted)
{
	struct perf_event_attr attr;
	size_t i;

	request = *wanted;
	libperf_init(print_nothing);
	evlist = perf_evlist__new();
	evsels = calloc(load_get_num_events(), sizeof(struct perf_evsel *));
	if (!evlist || !evsels)
		err(1, "memory");
	for (i = 0; i < load_get_num_events(); i++) {
		attr = tracepoint_make_attr(load_get_event(i), &request);
		evsels[i] = perf_evsel__new(&attr);
		perf_evlist__add(evlist, evsels[i]);
	}
	/* With no thread map, perf_evlist__mmap() takes the CPUs' for one. */
	perf_evlist__set_maps(evlist, perf_cpu_map__new_online_cpus(),
			      perf_thread_map__new_dummy());
	field = tracepoint_find_field(load_get_event(0), load_get_field());
}

void peer_open(void)
{
	size_t i;

	if (perf_evlist__open(evlist))
		err(1, "perf_evlist__open");
	for (i = 0; i < load_get_num_events(); i++) {
		const char *filter = load_get_event(i)->filter;

		if (filter && perf_evsel__apply_filter(evsels[i], filter))
			err(1, "%s", filter);
	}
	if (perf_evlist__mmap(evlist, (int)(request.ring_bytes /
					    (size_t)sysconf(_SC_PAGESIZE))))
		err(1, "perf_evlist__mmap");
}

void peer_start(void)
{
	perf_evlist__enable(evlist);
}

void peer_stop(void)
{
	perf_evlist__disable(evlist);
}

static inline void take(struct peer_tally *tally, const union perf_event *event,
			bool with_field)
{
	const struct tracepoint_sample *sample =
		(const struct tracepoint_sample *)event;
	uint64_t value = 0;

	if (event->header.type == PERF_RECORD_LOST)
		lost += event->lost.lost;
	if (event->header.type != PERF_RECORD_SAMPLE)
		return;
	tally->delivered++;
	if (!with_field)
		return;
	if (field.size == sizeof(value))
		memcpy(&value, sample->raw + field.offset, sizeof(value));
	else
		memcpy(&value, sample->raw + field.offset, sizeof(uint32_t));
	tally->field_sum += value;
}

static inline __attribute__((always_inline)) void
drain_map(struct perf_mmap *map, struct peer_tally *tally, bool with_field)
{
	union perf_event *event;

	if (perf_mmap__read_init(map) < 0)
		return;
	while ((event = perf_mmap__read_event(map))) {
		take(tally, event, with_field);
		perf_mmap__consume(map);
	}
	perf_mmap__read_done(map);
}

void peer_drain(struct peer_tally *tally, int timeout_ms)
{
	bool with_field = !strcmp(request.mode, "field");
	struct perf_mmap *map;

	if (!with_field && strcmp(request.mode, "walk") != 0)
		errx(1, "there is no mode %s", request.mode);
	if (timeout_ms)
		perf_evlist__poll(evlist, timeout_ms);
	perf_evlist__for_each_mmap(evlist, map, false)
	{
		if (with_field)
			drain_map(map, tally, true);
		else
			drain_map(map, tally, false);
	}
}

uint64_t peer_count_lost(void)
{
	return lost;
}

void peer_close(void)
{
	perf_evlist__munmap(evlist);
	perf_evlist__close(evlist);
}

void peer_end(void)
{
}
