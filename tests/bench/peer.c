/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage: bench-PEER [-m MODE] [-l LOAD] [-n OPERATIONS] [-c CPUS] [-r CPU]
 *                   [-b RING_KIB] [-w] [-p PRIORITY] [-P PASSES] [-L]
 *                   [-e PATTERN [-k]]
 *
 *   -m  what the reader does with a record, see the peer
 *   -l  see load.h
 *   -c  where the load runs, as in 0,1
 *   -r  where the reader runs
 *   -w  wake up at each event, rather than at a quarter of the ring
 *   -p  SCHED_FIFO, for the load and the reader
 *   -P  fill the rings, stop, and read them, so often
 *   -L  read live, while the load runs
 *   -e  only open, start and close all events of tracefs that match
 *   -k  and keep them open until the standard input ends
 *
 * Prints a line of KEY=VALUE. Times are of the reader's process, in ns: of each
 * pass in which rings are read that were filled before, or of everything from
 * the load's begin to the last record. Exit status 1: it could not be measured.
 */
#include "peer.h"

#include <err.h>
#include <inttypes.h>
#include <malloc.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* How long the reader waits before it asks whether the load has ended. */
#define PATIENCE_MS 50
#define MOST_FILES  65536

struct options {
	struct peer_request request;
	struct load_request load;
	const char *pattern;
	int reader_cpu;
	int passes;
	bool is_live;
	bool is_keeper;
};

static void add_cpus(struct load_request *load, char *list)
{
	char *cpu;

	for (cpu = strtok(list, ","); cpu; cpu = strtok(NULL, ",")) {
		if (load->num_cpus < LOAD_MOST_CPUS)
			load->cpus[load->num_cpus++] = atoi(cpu);
	}
}

static void take_option(struct options *options, int option)
{
	switch (option) {
	case 'm':
		options->request.mode = optarg;
		break;
	case 'l':
		options->load.name = optarg;
		break;
	case 'n':
		options->load.operations = strtoull(optarg, NULL, 0);
		break;
	case 'c':
		add_cpus(&options->load, optarg);
		break;
	case 'r':
		options->reader_cpu = atoi(optarg);
		break;
	case 'b':
		options->request.ring_bytes = strtoull(optarg, NULL, 0) * 1024;
		break;
	case 'w':
		options->request.wakes_at_each = 1;
		break;
	case 'p':
		options->load.priority = atoi(optarg);
		break;
	case 'P':
		options->passes = atoi(optarg);
		break;
	case 'L':
		options->is_live = true;
		break;
	case 'e':
		options->pattern = optarg;
		break;
	case 'k':
		options->is_keeper = true;
		break;
	default:
		exit(2);
	}
}

static void parse(struct options *options, int argc, char **argv)
{
	int option;

	*options = (struct options){
		.request = { .mode = "field", .ring_bytes = 1 << 20 },
		.load = { .name = "none", .operations = 1000 },
		.reader_cpu = -1,
		.passes = 1,
	};
	while ((option = getopt(argc, argv, "m:l:n:c:r:b:wp:P:Le:k")) != -1)
		take_option(options, option);
	options->request.num_cpus = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
	options->request.watermark_bytes =
		(uint32_t)(options->request.ring_bytes / 4);
	if (!options->load.num_cpus)
		options->load.cpus[options->load.num_cpus++] = 0;
}

static void settle_down(const struct options *options)
{
	struct sched_param param = { .sched_priority = options->load.priority };
	struct rlimit limit = { MOST_FILES, MOST_FILES };
	cpu_set_t set;

	setrlimit(RLIMIT_NOFILE, &limit);
	if (options->reader_cpu >= 0) {
		CPU_ZERO(&set);
		CPU_SET(options->reader_cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			err(1, "CPU %d", options->reader_cpu);
	}
	if (param.sched_priority && sched_setscheduler(0, SCHED_FIFO, &param))
		err(1, "SCHED_FIFO");
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t cpu_ns(void)
{
	return now_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static int64_t count_waits(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw;
}

static void print_tally(const struct peer_tally *tally, uint64_t produced)
{
	printf(" produced=%" PRIu64 " delivered=%" PRIu64 " lost=%" PRIu64
	       " inversions=%" PRIu64 " text_bytes=%" PRIu64 " load_ns=%.1f\n",
	       produced, tally->delivered, peer_count_lost(), tally->inversions,
	       tally->text_bytes, load_get_operation_ns());
}

/* ns/event of each pass; the first finds the caches cold. */
static void measure_passes(const struct options *options)
{
	struct peer_tally tally = { 0 };
	uint64_t produced = 0, before, start;
	int pass;

	printf("pass_ns=");
	for (pass = 0; pass < options->passes; pass++) {
		peer_start();
		load_begin();
		produced += load_await();
		peer_stop();
		before = tally.delivered;
		start = cpu_ns();
		peer_drain(&tally, 0);
		printf("%s%.2f", pass ? "," : "",
		       (double)(cpu_ns() - start) /
			       (double)(tally.delivered - before));
	}
	print_tally(&tally, produced);
}

static void measure_live(void)
{
	struct peer_tally tally = { 0 };
	int64_t waits;
	uint64_t start, produced;

	peer_start();
	waits = count_waits();
	start = cpu_ns();
	load_begin();
	while (!load_has_ended())
		peer_drain(&tally, PATIENCE_MS);
	produced = load_await();
	peer_stop();
	peer_drain(&tally, 0);
	printf("reader_ns=%.2f waits=%" PRId64,
	       (double)(cpu_ns() - start) / (double)tally.delivered,
	       count_waits() - waits);
	print_tally(&tally, produced);
}

static size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static uint64_t monotonic_ns(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

static void await_end_of_input(void)
{
	char byte;

	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static void measure_setup(const struct options *options)
{
	size_t heap = heap_bytes();
	uint64_t start, opened, started, closing, closed;

	load_add_events(options->pattern);
	heap = heap_bytes();
	peer_prepare(&options->request);
	start = monotonic_ns();
	peer_open();
	opened = monotonic_ns();
	peer_start();
	started = monotonic_ns();
	heap = heap_bytes() - heap;
	peer_stop();
	if (options->is_keeper)
		await_end_of_input();
	closing = monotonic_ns();
	peer_close();
	closed = monotonic_ns();
	printf("sources=%zu open_ms=%.3f start_ms=%.3f close_ms=%.3f "
	       "heap_bytes=%zu\n",
	       load_get_num_events(), (double)(opened - start) / 1e6,
	       (double)(started - opened) / 1e6,
	       (double)(closed - closing) / 1e6, heap);
	fflush(stdout);
	peer_end();
}

int main(int argc, char **argv)
{
	struct options options;

	parse(&options, argc, argv);
	load_prepare(&options.load);
	settle_down(&options);
	if (options.pattern) {
		options.request.opens_alone = true;
		measure_setup(&options);
		return 0;
	}
	peer_prepare(&options.request);
	peer_open();
	if (options.is_live)
		measure_live();
	else
		measure_passes(&options);
	fflush(stdout);
	peer_close();
	peer_end();
	return 0;
}
