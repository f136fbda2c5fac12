/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libtracefs: ftrace's own rings, of an instance. It always merges. Modes:
 *
 *   order   a field, which was looked up once
 *   check   and count those that are earlier than the one before
 *   tep     the text of the fields, by libtraceevent
 *
 * Losses are what the callback is told.
 */
#include <tracefs.h>
#include <traceevent/trace-seq.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

static struct peer_request request;
static struct tracefs_instance *instance;
static struct tep_handle *tep;
static struct tep_format_field *field;
static struct trace_seq seq;
static struct pollfd *news;
static uint64_t lost;
static char name[64];

typedef int (*callback)(struct tep_event *event, struct tep_record *record,
			int cpu, void *data);

/* "raw_syscalls:sys_enter" */
static void split(const char *event, char system[64], char point[128])
{
	if (!event || sscanf(event, "%63[^:]:%127s", system, point) != 2)
		errx(1, "no event for libtracefs");
}

static void find_field(void)
{
	char system[64], point[128];
	struct tep_event *event;

	split(load_get_event(0)->name, system, point);
	event = tep_find_event_by_name(tep, system, point);
	field = event ? tep_find_any_field(event, load_get_field()) : NULL;
	if (!field)
		errx(1, "no field %s", load_get_field());
}

void peer_prepare(const struct peer_request *wanted)
{
	char first[64], last[64], point[128];
	const char *const systems[] = { first, last, NULL };

	request = *wanted;
	trace_seq_init(&seq);
	split(load_get_event(0)->name, first, point);
	split(load_get_event(load_get_num_events() - 1)->name, last, point);
	tep = tracefs_local_events_system(NULL, systems);
	if (!tep)
		err(1, "tracefs_local_events_system");
	find_field();
}

static void write_file(const char *file, const char *text)
{
	if (tracefs_instance_file_write(instance, file, text) < 0)
		err(1, "%s", file);
}

static void add_event(const struct load_event *event)
{
	char system[64], point[128];

	split(event->name, system, point);
	if (event->filter &&
	    tracefs_event_file_write(instance, system, point, "filter",
				     event->filter) < 0)
		err(1, "%s", event->filter);
	if (tracefs_event_enable(instance, system, point) < 0)
		err(1, "%s", event->name);
}

static void watch(size_t cpu)
{
	char file[64];

	snprintf(file, sizeof(file), "per_cpu/cpu%zu/trace_pipe_raw", cpu);
	news[cpu].events = POLLIN;
	news[cpu].fd = tracefs_instance_file_open(instance, file,
						  O_RDONLY | O_NONBLOCK);
	if (news[cpu].fd < 0)
		err(1, "%s", file);
}

void peer_open(void)
{
	size_t i;

	snprintf(name, sizeof(name), "perftrace-bench-%d", (int)getpid());
	instance = tracefs_instance_create(name);
	if (!instance)
		err(1, "tracefs_instance_create");
	tracefs_trace_off(instance);
	if (tracefs_instance_set_buffer_size(instance,
					     request.ring_bytes / 1024, -1))
		err(1, "tracefs_instance_set_buffer_size");
	write_file("trace_clock", "mono");
	write_file("buffer_percent", request.wakes_at_each ? "0" : "25");
	news = calloc(request.num_cpus, sizeof(*news));
	for (i = 0; i < load_get_num_events(); i++)
		add_event(load_get_event(i));
	for (i = 0; i < request.num_cpus; i++)
		watch(i);
}

void peer_start(void)
{
	tracefs_trace_on(instance);
}

void peer_stop(void)
{
	tracefs_trace_off(instance);
}

static void count(struct peer_tally *tally, const struct tep_record *record)
{
	tally->delivered++;
	if (record->missed_events > 0)
		lost += (uint64_t)record->missed_events;
}

static int take_field(struct tep_event *event, struct tep_record *record,
		      int cpu, void *data)
{
	struct peer_tally *tally = data;
	unsigned long long value;

	(void)event;
	(void)cpu;
	count(tally, record);
	if (!tep_read_number_field(field, record->data, &value))
		tally->field_sum += value;
	return 0;
}

static int check(struct tep_event *event, struct tep_record *record, int cpu,
		 void *data)
{
	peer_check_order(data, record->ts);
	return take_field(event, record, cpu, data);
}

static int print(struct tep_event *event, struct tep_record *record, int cpu,
		 void *data)
{
	struct peer_tally *tally = data;

	(void)event;
	(void)cpu;
	count(tally, record);
	trace_seq_reset(&seq);
	tep_print_event(tep, &seq, record, "%s", TEP_PRINT_INFO);
	tally->text_bytes += seq.len;
	return 0;
}

static callback find_callback(void)
{
	if (!strcmp(request.mode, "order"))
		return take_field;
	if (!strcmp(request.mode, "check"))
		return check;
	if (!strcmp(request.mode, "tep"))
		return print;
	errx(1, "there is no mode %s", request.mode);
}

void peer_drain(struct peer_tally *tally, int timeout_ms)
{
	if (timeout_ms)
		poll(news, request.num_cpus, timeout_ms);
	/* -1 with EAGAIN, or so: nothing more. */
	tracefs_iterate_raw_events(tep, instance, NULL, 0, find_callback(),
				   tally);
}

uint64_t peer_count_lost(void)
{
	return lost;
}

void peer_close(void)
{
	size_t i;

	for (i = 0; i < request.num_cpus; i++)
		close(news[i].fd);
	tracefs_instance_destroy(instance);
	tracefs_instance_free(instance);
	tep_free(tep);
}

void peer_end(void)
{
}
