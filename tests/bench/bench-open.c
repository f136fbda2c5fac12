/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long it takes to open many events on all CPUs, to start them, and to
 * close them: of the caller's time, and of the rest. Nothing is asserted.
 *
 *	bench-open [PATTERN [ROUNDS [RESIDENT_MIB]]]
 *
 * A close makes the kernel wait for each tracepoint that nobody else has open,
 * which would take minutes for a few rounds of many. So a process holds one
 * event of each open meanwhile, and only its end takes that long. Without
 * rounds, nobody holds anything: one whole close is measured.
 */
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <perftrace/perftrace.h>

#define MOST_ROUNDS 99

enum phase { LOOK_UP, OPEN, START, STOP, CLOSE, REST, NUM_PHASES };

static const char *const names[] = {
	[LOOK_UP] = "look-up",
	[OPEN] = "open",
	[START] = "start",
	[STOP] = "stop",
	[CLOSE] = "close, the caller's wait",
	[REST] = "close, the rest",
};

struct bench {
	const char *pattern;
	int num_rounds;
	double millis[NUM_PHASES][MOST_ROUNDS];
	size_t num_sources;
	size_t num_descriptors;
	size_t bytes;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double take(double *before)
{
	double now = now_ms(), passed = now - *before;

	*before = now;
	return passed;
}

static int complain(struct perftrace_context *context, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, perftrace_context_error(context));
	return -1;
}

static size_t allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* What the reader's own wake-up raises again, the kernel lets nobody record. */
static bool is_recorded(const char *name)
{
	return strncmp(name, "irq_vectors:irq_work_", 21) != 0;
}

static int add_event(struct perftrace_context *context,
		     struct perftrace_session *session, const char *name)
{
	struct perftrace_event *event;
	int ret = perftrace_event_find(context, name, &event);

	if (ret)
		return ret;
	ret = perftrace_session_add_event(session, event, NULL, NULL);
	perftrace_event_unref(event);
	return ret;
}

static int add_events(struct perftrace_context *context,
		      struct perftrace_session *session, const char *pattern)
{
	struct perftrace_event_list *list;
	int ret = perftrace_event_list_new(context, pattern, &list);
	size_t i;

	if (ret < 0)
		return ret;
	for (i = 0, ret = 0;
	     !ret && i < perftrace_event_list_get_num_names(list); i++) {
		const char *name = perftrace_event_list_get_name(list, i);

		if (is_recorded(name))
			ret = add_event(context, session, name);
	}
	perftrace_event_list_free(list);
	return ret;
}

static struct perftrace_session *make(struct perftrace_context *context,
				      struct bench *bench, bool is_holder)
{
	struct perftrace_session_config *config;
	struct perftrace_session *session = NULL;

	if (perftrace_session_config_new(context, &config))
		return NULL;
	perftrace_session_config_set_closer(config, PERFTRACE_CLOSER_PROCESS);
	if (is_holder) {
		perftrace_session_config_set_mode(config, PERFTRACE_MODE_COUNT);
		perftrace_session_config_set_cpus(config, "0");
	}
	if (!perftrace_session_new(context, config, &session) &&
	    add_events(context, session, bench->pattern)) {
		perftrace_session_free(session);
		session = NULL;
	}
	perftrace_session_config_free(config);
	return session;
}

static int run_round(struct bench *bench, int round)
{
	struct perftrace_session *session;
	struct perftrace_context *context;
	double before = now_ms(), passed[NUM_PHASES];
	size_t bytes, i;

	if (perftrace_context_new(&context))
		return -1;
	session = make(context, bench, false);
	if (!session)
		return complain(context, "add");
	passed[LOOK_UP] = take(&before);
	bytes = allocated();
	take(&before);
	if (perftrace_session_open(session))
		return complain(context, "open");
	passed[OPEN] = take(&before);
	bench->bytes = allocated() - bytes;
	bench->num_sources = perftrace_session_get_num_sources(session);
	bench->num_descriptors = perftrace_session_get_num_descriptors(session);
	take(&before);
	if (perftrace_session_start(session))
		return complain(context, "start");
	passed[START] = take(&before);
	perftrace_session_stop(session);
	passed[STOP] = take(&before);
	perftrace_session_close(session);
	passed[CLOSE] = take(&before);
	perftrace_session_wait_closed(session, -1);
	passed[REST] = take(&before);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	for (i = 0; i < NUM_PHASES; i++)
		bench->millis[i][round] = passed[i];
	return 0;
}

/* Until the other end of @end is closed. */
static int hold(struct bench *bench, int ready, int end)
{
	struct perftrace_session *session;
	struct perftrace_context *context;
	char byte;

	if (perftrace_context_new(&context))
		return 1;
	session = make(context, bench, true);
	if (!session || perftrace_session_open(session)) {
		complain(context, "hold");
		return 1;
	}
	if (write(ready, "", 1) != 1 || read(end, &byte, 1) < 0)
		return 1;
	/* The kernel closes all. */
	return 0;
}

static pid_t start_holder(struct bench *bench, int *end)
{
	int ready[2], gate[2];
	pid_t child;
	char byte;

	if (pipe(ready) || pipe(gate))
		return -1;
	child = fork();
	if (!child) {
		close(gate[1]);
		_exit(hold(bench, ready[1], gate[0]));
	}
	close(ready[1]);
	close(gate[0]);
	*end = gate[1];
	if (read(ready[0], &byte, 1) != 1)
		child = -1;
	close(ready[0]);
	return child;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void print(struct bench *bench)
{
	int count = bench->num_rounds ? bench->num_rounds : 1;
	size_t i;

	printf("%s: %zu sources, %zu descriptors, %zu bytes per source, "
	       "%d rounds; ms, median (min..max)\n",
	       bench->pattern, bench->num_sources, bench->num_descriptors,
	       bench->bytes / bench->num_sources, count);
	for (i = 0; i < NUM_PHASES; i++) {
		double *millis = bench->millis[i];

		qsort(millis, (size_t)count, sizeof(*millis), compare);
		printf("  %-26s %10.2f (%.2f..%.2f)\n", names[i],
		       millis[count / 2], millis[0], millis[count - 1]);
	}
}

static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void fill_memory(const char *mib)
{
	size_t size = (size_t)atoi(mib) << 20, at;
	volatile char *bytes = malloc(size);

	for (at = 0; bytes && at < size; at += 4096)
		bytes[at] = 1;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	int end = -1, round, ret = 0;
	pid_t holder = 0;

	bench.pattern = argc > 1 ? argv[1] : "syscalls:*";
	bench.num_rounds = argc > 2 ? atoi(argv[2]) : 7;
	if (bench.num_rounds < 0 || bench.num_rounds > MOST_ROUNDS)
		return 2;
	raise_limit();
	if (bench.num_rounds)
		holder = start_holder(&bench, &end);
	if (holder < 0)
		return 1;
	if (argc > 3)
		fill_memory(argv[3]);
	for (round = 0; !ret && round < bench.num_rounds + !holder; round++)
		ret = run_round(&bench, round);
	if (!ret)
		print(&bench);
	close(end);
	if (holder)
		waitpid(holder, NULL, 0);
	return !!ret;
}
