/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libbpf's perf_buffer, filled by the BPF program of libbpf.bpf.c, which the
 * environment's BENCH_BPF_OBJECT names. It knows one load, "syscalls". Mode:
 *
 *   field   ring by ring, and a field
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libbpf-sample.h"
#include "peer.h"

struct record {
	struct perf_event_header header;
	uint32_t size;
	struct libbpf_sample sample;
} __attribute__((packed));

struct lost_record {
	struct perf_event_header header;
	uint64_t id, lost;
};

static struct peer_request request;
static struct bpf_object *object;
static struct bpf_link *link_to_event;
static struct perf_buffer *buffer;
static struct peer_tally *current;
static uint64_t lost;

static int print_nothing(enum libbpf_print_level level, const char *format,
			 va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

static void tell_wanted(void)
{
	struct libbpf_wanted wanted = { .id = SYS_getppid };
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	size_t i;

	for (i = 0; i < LIBBPF_MOST_PIDS; i++)
		wanted.pids[i] = (uint32_t)load_get_pid(i);
	if (!map || bpf_map__set_initial_value(map, &wanted, sizeof(wanted)))
		err(1, "the BPF program's constants");
}

void peer_prepare(const struct peer_request *wanted)
{
	const char *path = getenv("BENCH_BPF_OBJECT");

	request = *wanted;
	if (strcmp(request.mode, "field") != 0)
		errx(1, "there is no mode %s", request.mode);
	if (!path)
		errx(1, "BENCH_BPF_OBJECT is not set");
	libbpf_set_print(print_nothing);
	object = bpf_object__open_file(path, NULL);
	if (!object)
		err(1, "%s", path);
	tell_wanted();
	if (bpf_object__load(object))
		err(1, "bpf_object__load");
}

static enum bpf_perf_event_ret take(void *context, int cpu,
				    struct perf_event_header *header)
{
	(void)context;
	(void)cpu;
	if (header->type == PERF_RECORD_SAMPLE) {
		current->delivered++;
		current->field_sum +=
			(uint64_t)((const struct record *)header)->sample.id;
	} else if (header->type == PERF_RECORD_LOST) {
		lost += ((const struct lost_record *)header)->lost;
	}
	return LIBBPF_PERF_EVENT_CONT;
}

void peer_open(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
	};

	if (request.wakes_at_each) {
		attr.wakeup_events = 1;
	} else {
		attr.watermark = 1;
		attr.wakeup_watermark = request.watermark_bytes;
	}
	buffer = perf_buffer__new_raw(
		bpf_object__find_map_fd_by_name(object, "rings"),
		request.ring_bytes / (size_t)sysconf(_SC_PAGESIZE), &attr, take,
		NULL, NULL);
	if (!buffer)
		err(1, "perf_buffer__new_raw");
}

/* It takes nobody else's calls, so that it need not be stopped between. */
void peer_start(void)
{
	struct bpf_program *program =
		bpf_object__find_program_by_name(object, "take");

	if (link_to_event)
		return;
	link_to_event = bpf_program__attach(program);
	if (!link_to_event)
		err(1, "bpf_program__attach");
}

void peer_stop(void)
{
}

void peer_drain(struct peer_tally *tally, int timeout_ms)
{
	current = tally;
	if (timeout_ms)
		perf_buffer__poll(buffer, timeout_ms);
	else
		perf_buffer__consume(buffer);
}

uint64_t peer_count_lost(void)
{
	return lost;
}

void peer_close(void)
{
	bpf_link__destroy(link_to_event);
	perf_buffer__free(buffer);
	bpf_object__close(object);
}

void peer_end(void)
{
}
