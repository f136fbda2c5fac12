/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What it costs to copy a ring that is written over and over while a storm of
 * system calls goes on on its CPU: as snapshots do it, and with the ring's
 * output held up for as long as that takes. Turn by turn in one run; nothing is
 * asserted. As root, with tracefs.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <perftrace/perftrace.h>

#include "backward.h"
#include "opening.h"
#include "recorder.h"
#include "session.h"

#define ROUNDS	  400
#define SYS_ENTER "raw_syscalls:sys_enter"

struct figures {
	double values[ROUNDS];
	size_t count;
};

static double now_micros(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void die(struct perftrace_context *context, const char *what)
{
	fprintf(stderr, "%s: %s\n", what,
		context ? perftrace_context_error(context) : strerror(errno));
	exit(EXIT_FAILURE);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Ends with this program. */
static pid_t start_storm(int cpu)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_SUCCESS);
	pin(cpu);
	for (;;)
		syscall(SYS_getppid);
}

static void end_storm(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void add(struct figures *figures, double value)
{
	figures->values[figures->count++] = value;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void print(const char *name, struct figures *figures, const char *unit)
{
	double *values = figures->values;
	size_t count = figures->count;

	qsort(values, count, sizeof(*values), compare);
	printf("  %-42s %10.1f %10.1f..%9.1f %s\n", name, values[count / 2],
	       values[count / 20], values[count - 1 - count / 20], unit);
}

struct ring_bench {
	struct backward *ring;
	int fd;
	size_t ring_bytes;
	void *buffer;
	uint64_t num_overtaken;
	struct figures copy, share, pause;
};

static int open_event(int64_t id, int cpu)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_TRACEPOINT,
		.config = (uint64_t)id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID |
			       PERF_SAMPLE_TIME | PERF_SAMPLE_CPU |
			       PERF_SAMPLE_PERIOD | PERF_SAMPLE_RAW,
		.sample_id_all = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		.write_backward = 1,
		.watermark = 1,
		.wakeup_watermark = UINT32_MAX,
	};

	return (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

/* Of all that could be trusted when it was asked for. */
static void copy_once(struct ring_bench *bench)
{
	struct backward_copy copy;
	double start = now_micros();

	backward_copy(bench->ring, UINT64_MAX / 2, false, bench->buffer, &copy);
	add(&bench->copy, now_micros() - start);
	add(&bench->share,
	    100 * (double)copy.bytes / (double)copy.wanted_bytes);
	bench->num_overtaken += backward_was_overtaken(&copy);
}

static void copy_paused(struct ring_bench *bench)
{
	struct backward_copy copy;
	double start = now_micros();

	if (backward_copy_paused(bench->ring, UINT64_MAX / 2, bench->buffer,
				 &copy))
		die(NULL, "PAUSE_OUTPUT");
	add(&bench->pause, now_micros() - start);
}

static void wait_ms(long milliseconds)
{
	struct timespec time = { 0, milliseconds * 1000000 };

	nanosleep(&time, NULL);
}

static void measure_copies(int64_t id, size_t ring_bytes, int cpu)
{
	struct ring_bench bench = { .ring_bytes = ring_bytes };
	int i;

	bench.fd = open_event(id, cpu);
	bench.buffer = malloc(ring_bytes);
	if (bench.fd < 0 || !bench.buffer ||
	    backward_map(bench.fd, ring_bytes, &bench.ring))
		die(NULL, "ring");
	memset(bench.buffer, 1, ring_bytes);
	for (i = 0; i < ROUNDS; i++) {
		wait_ms(2);
		copy_once(&bench);
		wait_ms(2);
		copy_paused(&bench);
	}
	printf("a ring of %zu KiB, the storm on CPU %d\n", ring_bytes / 1024,
	       cpu);
	print("copy while it is written", &bench.copy, "us");
	print("of what there was, got", &bench.share, "%");
	print("pause, when the output is held up", &bench.pause, "us");
	printf("  %-42s %9.1f%%\n", "copies that would have needed a pause",
	       100.0 * (double)bench.num_overtaken / ROUNDS);
	backward_free(bench.ring);
	close(bench.fd);
	free(bench.buffer);
}

static struct perftrace_session *
start_session(struct perftrace_context *context, uint64_t ring_bytes)
{
	struct perftrace_session_config *config;
	struct perftrace_session *session;

	if (perftrace_session_config_new(context, &config) ||
	    perftrace_session_config_set_mode(config,
					      PERFTRACE_MODE_OVERWRITE) ||
	    perftrace_session_config_set_ring_size_bytes(config, ring_bytes) ||
	    perftrace_session_new(context, config, &session) ||
	    perftrace_session_add_spec(session, SYS_ENTER, NULL) < 0 ||
	    perftrace_session_start(session))
		die(context, "session");
	perftrace_session_config_free(config);
	return session;
}

static void measure_snapshots(struct perftrace_context *context,
			      uint64_t ring_bytes)
{
	struct perftrace_session *session = start_session(context, ring_bytes);
	struct figures take = { .count = 0 }, records = { .count = 0 };
	struct figures read = { .count = 0 };
	struct perftrace_record *record;
	struct session_parts parts;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		double start, taken;
		uint64_t count = 0;

		wait_ms(2);
		start = now_micros();
		if (perftrace_session_snapshot(session))
			die(context, "snapshot");
		taken = now_micros();
		while (perftrace_session_read(session, 0, &record) > 0)
			count++;
		add(&read, now_micros() - taken);
		add(&take, taken - start);
		add(&records, (double)count);
	}
	session_get_parts(session, &parts);
	printf("snapshots of all CPUs, rings of %" PRIu64 " KiB\n",
	       ring_bytes / 1024);
	print("perftrace_session_snapshot()", &take, "us");
	print("records in it", &records, "");
	print("reading them", &read, "us");
	printf("  %-42s %" PRIu64 " of %d\n", "rings held up",
	       recorder_get_num_pauses(opening_get_recorder(parts.opening)),
	       ROUNDS * (int)perftrace_session_get_num_cpus(session));
	perftrace_session_free(session);
}

int main(void)
{
	struct perftrace_context *context;
	struct perftrace_event *event;
	int64_t id;
	pid_t storm;
	int cpu;

	if (perftrace_context_new(&context))
		return EXIT_FAILURE;
	if (perftrace_event_find(context, SYS_ENTER, &event))
		die(context, SYS_ENTER);
	id = perftrace_event_get_id(event);
	perftrace_event_unref(event);
	printf("%d rounds %34s %10s %21s\n", ROUNDS, "", "median", "5..95 %");
	/* The reader has CPU 0, and shares it in the second case. */
	pin(0);
	for (cpu = 1; cpu >= 0; cpu--) {
		storm = start_storm(cpu);
		measure_copies(id, 65536, cpu);
		measure_copies(id, 1 << 20, cpu);
		measure_snapshots(context, 65536);
		measure_snapshots(context, 1 << 20);
		end_storm(storm);
	}
	perftrace_context_unref(context);
	return EXIT_SUCCESS;
}
