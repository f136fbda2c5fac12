/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes that open sessions with named probes and are killed at any moment,
 * over and over, beside others that do the same: each new session sees just its
 * own hits, and in the end nothing is left but what was there before.
 */
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "tally.h"
#include "uprobe.h"
#include "world.h"

#define NUM_WORKERS 4
/* Of all workers. */
#define NUM_ROUNDS 200
#define SECONDS	   60

#define CALLS 3

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* A session from its begin to its end, with hits that must all be there. */
static void open_and_close(void)
{
	static const struct session_request request = { .is_self = true };
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &request);
	char spec[PATH_MAX + 64];
	struct tally tally = { 0 };
	int i;

	snprintf(spec, sizeof(spec), "uprobe:%s:probed(value=$arg1:s32)",
		 own_program());
	succeed(context, perftrace_session_add_spec(session, spec, NULL));
	succeed(context, perftrace_session_start(session));
	for (i = 0; i < CALLS; i++)
		probed(i);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, CALLS);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void __attribute__((noreturn)) be_victim(int ready)
{
	ck_assert_int_eq(write(ready, "", 1), 1);
	for (;;)
		open_and_close();
}

/* Not to wait for something: the moment is to be any. */
static void let_pass(uint64_t ns)
{
	struct timespec time = { .tv_sec = (time_t)(ns / 1000000000),
				 .tv_nsec = (long)(ns % 1000000000) };

	ppoll(NULL, 0, &time, NULL);
}

static pid_t start_victim(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe2(ready, 0), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		harness_stop_reporting();
		be_victim(ready[1]);
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* How long a victim takes for one turn, with the others at work. */
static uint64_t measure_turn(void)
{
	uint64_t start = now_ns();

	open_and_close();
	return now_ns() - start;
}

/* Of all workers: how many victims left something. */
static atomic_uint *num_left;

static void __attribute__((noreturn)) work(unsigned int seed, int num_rounds)
{
	uint64_t turn = measure_turn();
	int status;

	while (num_rounds--) {
		pid_t victim = start_victim();

		let_pass(turn * (uint64_t)(rand_r(&seed) % 1000) / 1000);
		ck_assert_int_eq(kill(victim, SIGKILL), 0);
		ck_assert_int_eq(waitpid(victim, &status, 0), victim);
		/* It has not failed by itself before. */
		ck_assert_msg(
			WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
			"the victim ended with %#x", (unsigned int)status);
		if (count_probes_of(victim))
			atomic_fetch_add(num_left, 1);
		turn = (3 * turn + measure_turn()) / 4;
	}
	_exit(EXIT_SUCCESS);
}

static const char *const foreign[] = {
	"perftrace_foreign",
	"perftrace_live",
	/* Of a namespace that nobody here can see. */
	"perftrace_%08x_00000001_%08x_1_1",
};

static void write_foreign(const char *format, char *line, size_t size)
{
	char group[128];
	unsigned int boot = 0, times = 0, pids;
	struct perftrace_context *context = new_context();
	struct perftrace_event *event =
		make_event(context, "uprobe,named:%s:probed", own_program());

	sscanf(perftrace_event_get_tracefs_name(event), "perftrace_%x_%x_%x_",
	       &boot, &pids, &times);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
	snprintf(group, sizeof(group), format, boot, times);
	snprintf(line, size, ":%s/foreign %s:0x%016" PRIx64, group,
		 own_program(), harness_file_offset((uintptr_t)probed));
}

static bool write_line(char type, const char *line, size_t length)
{
	FILE *file = fopen("/sys/kernel/tracing/uprobe_events", "r+e");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "%c%.*s", type, (int)length, line);
	return fclose(file) == 0;
}

static bool remove_foreign(const char *line)
{
	return write_line('-', line, strcspn(line, " "));
}

/* Replaces what a killed run left. */
static void make_foreign(const char *line)
{
	remove_foreign(line);
	ck_assert_msg(write_line('p', line, strlen(line)), "%s", line);
}

static int count_rounds(void)
{
	int rounds = NUM_ROUNDS / NUM_WORKERS;

	return slowness() > 1 ? rounds / 2 : rounds;
}

static void storm(void)
{
	pid_t workers[NUM_WORKERS];
	char lines[3][PATH_MAX + 256];
	struct perftrace_context *context;
	int i, status;

	num_left = mmap(NULL, sizeof(*num_left), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(num_left, MAP_FAILED);
	for (i = 0; i < 3; i++) {
		write_foreign(foreign[i], lines[i], sizeof(lines[i]));
		make_foreign(lines[i]);
	}
	for (i = 0; i < NUM_WORKERS; i++) {
		workers[i] = fork();
		ck_assert_int_ge(workers[i], 0);
		if (!workers[i])
			work((unsigned int)i + 1, count_rounds());
	}
	for (i = 0; i < NUM_WORKERS; i++) {
		ck_assert_int_eq(waitpid(workers[i], &status, 0), workers[i]);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_uint_gt(*num_left, 0);
	/* The last victims' are this one's to remove. */
	open_and_close();
	ck_assert_uint_eq(count_probes_of_world(), 0);
	context = new_context();
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), 0);
	perftrace_context_unref(context);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(count_lines_with(lines[i]), 1);
		ck_assert(remove_foreign(lines[i]));
	}
}

START_TEST(nothing_is_left_after_many_kills)
{
	run_in_world(storm, SECONDS);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(nothing_is_left_after_many_kills),
};

HARNESS_MAIN("left-over-storm", tests, HARNESS_LIVE)
