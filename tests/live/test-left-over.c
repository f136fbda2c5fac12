/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the dead leave in tracefs is removed, and nothing else ever; nor is
 * anything left by what fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "uprobe.h"
#include "world.h"

#define SECONDS 30

static const struct session_request count_own = {
	.is_self = true,
	.mode = PERFTRACE_MODE_COUNT,
};

/* A process that has probes, says so, and then waits for its end. */
struct owner {
	pid_t pid;
	int leash;
};

static void report_ready(int fd)
{
	ck_assert_int_eq(write(fd, "", 1), 1);
}

static void wait_for_end(int leash)
{
	char byte;

	ck_assert_int_eq(read(leash, &byte, 1), 0);
}

/* @prepare reports itself, or the owner does it when it is done. */
static struct owner start_owner(void (*prepare)(int leash, int ready))
{
	struct owner owner;
	int leash[2], ready[2];
	char byte;

	ck_assert_int_eq(pipe2(leash, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	owner.pid = fork();
	ck_assert_int_ge(owner.pid, 0);
	if (!owner.pid) {
		close(leash[1]);
		close(ready[0]);
		prepare(leash[0], ready[1]);
		report_ready(ready[1]);
		wait_for_end(leash[0]);
		_exit(EXIT_SUCCESS);
	}
	close(leash[0]);
	close(ready[1]);
	owner.leash = leash[1];
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return owner;
}

static void kill_owner(const struct owner *owner)
{
	int status;

	ck_assert_int_eq(kill(owner->pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(owner->pid, &status, 0), owner->pid);
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	close(owner->leash);
}

/* A place of a function, and three of a marker. */
#define NUM_OWNED 4

static void own_probes(int leash, int ready)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;

	(void)leash;
	(void)ready;
	succeed(context, perftrace_session_new(context, NULL, &session));
	succeed(context,
		perftrace_session_add_event(
			session,
			make_event(context, "uprobe:%s:probed($arg1:s32)",
				   own_program()),
			NULL, NULL));
	succeed(context, perftrace_session_add_event(
				 session,
				 make_event(context, "usdt:%s:spread",
					    fixture("libmarked.so")),
				 NULL, NULL));
	succeed(context, perftrace_session_start(session));
}

/* By hand. */
static int write_line(const char *line)
{
	int fd = open(DYNAMIC_EVENTS, O_WRONLY | O_APPEND | O_CLOEXEC), ret = 0;

	ck_assert_int_ge(fd, 0);
	if (write(fd, line, strlen(line)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static void remove_foreign(const char *group)
{
	char line[2048];

	snprintf(line, sizeof(line), "-:%s/foreign", group);
	write_line(line);
}

/* Replaces what a killed run left. */
static void make_foreign(const char *group)
{
	char line[PATH_MAX + 256];

	remove_foreign(group);
	snprintf(line, sizeof(line), "p:%s/foreign %s:%#" PRIx64, group,
		 own_program(), harness_file_offset((uintptr_t)probed));
	ck_assert_msg(write_line(line) == 0, "%s", line);
}

static bool has_foreign(const char *group)
{
	char text[2048];

	snprintf(text, sizeof(text), ":%s/foreign ", group);
	return count_lines_with(text) == 1;
}

static void sweep_by_session(struct perftrace_context *context)
{
	struct session_request request = count_own;
	struct perftrace_session *session;

	request.event = SYS_ENTER;
	session = new_session(context, &request);
	succeed(context, perftrace_session_open(session));
	perftrace_session_free(session);
}

static void sweep_by_probe(struct perftrace_context *context)
{
	perftrace_event_unref(
		make_event(context, "uprobe,named:%s:probed", own_program()));
}

static void sweep_by_request(struct perftrace_context *context)
{
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), NUM_OWNED);
}

static void leave_and_sweep(void (*sweep)(struct perftrace_context *context))
{
	/* Once per context, unless it is asked for. */
	int again = sweep == sweep_by_request ? 0 : NUM_OWNED;
	struct perftrace_context *context;
	struct owner living = start_owner(own_probes);
	struct owner dying = start_owner(own_probes);

	kill_owner(&dying);
	context = new_context();
	ck_assert_uint_eq(count_probes_of(dying.pid), NUM_OWNED);
	sweep(context);
	ck_assert_uint_eq(count_probes_of(dying.pid), 0);
	ck_assert_uint_eq(count_probes_of(living.pid), NUM_OWNED);
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), 0);
	ck_assert_uint_eq(count_probes_of(living.pid), NUM_OWNED);

	kill_owner(&living);
	sweep_by_session(context);
	ck_assert_int_eq(count_probes_of(living.pid) != 0, again != 0);
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), again);
	ck_assert_uint_eq(count_probes_of_world(), 0);
	perftrace_context_unref(context);
}

static void leave_for_a_session(void)
{
	leave_and_sweep(sweep_by_session);
}

START_TEST(a_session_removes_what_the_dead_left)
{
	run_in_world(leave_for_a_session, SECONDS);
}
END_TEST

static void leave_for_a_probe(void)
{
	leave_and_sweep(sweep_by_probe);
}

START_TEST(a_named_probe_removes_what_the_dead_left)
{
	run_in_world(leave_for_a_probe, SECONDS);
}
END_TEST

static void leave_for_a_request(void)
{
	leave_and_sweep(sweep_by_request);
}

START_TEST(a_request_removes_what_the_dead_left)
{
	run_in_world(leave_for_a_request, SECONDS);
}
END_TEST

/* As the library writes them: of a probe of this process. */
struct tag {
	unsigned int boot, pids, times;
	int pid;
	unsigned long long start;
};

static struct tag read_own_tag(struct perftrace_context *context)
{
	struct perftrace_event *event =
		make_event(context, "uprobe,named:%s:probed", own_program());
	struct tag tag;

	ck_assert_int_eq(sscanf(perftrace_event_get_tracefs_name(event),
				"perftrace_%x_%x_%x_%d_%llu:probed_", &tag.boot,
				&tag.pids, &tag.times, &tag.pid, &tag.start),
			 5);
	ck_assert_int_eq(tag.pid, getpid());
	perftrace_event_unref(event);
	return tag;
}

static void write_group(const char *format, const struct tag *tag,
			char group[128])
{
	snprintf(group, 128, format, tag->boot, tag->pids, tag->times, tag->pid,
		 tag->start);
}

#define AS_OURS "perftrace_%08x_%08x_%08x_%d_%llu"

static void make_tagged(const struct tag *own, struct tag change,
			char group[128])
{
	struct tag tag = {
		.boot = own->boot ^ change.boot,
		.pids = own->pids ^ change.pids,
		.times = own->times ^ change.times,
		.pid = own->pid + change.pid,
		.start = own->start + change.start,
	};

	write_group(AS_OURS, &tag, group);
	make_foreign(group);
}

static void judge_tags(void)
{
	/* What differs from this process's own, and whether it is dead. */
	static const struct {
		struct tag change;
		bool is_dead;
	} cases[] = {
		{ { 0, 0, 0, 0, 0 }, false },
		/* The number is another process's by now. */
		{ { 0, 0, 0, 0, 1 }, true },
		/* None has it: the world has few. */
		{ { 0, 0, 0, 4000, 0 }, true },
		/* Nothing can be known: not of what outlived a boot, either. */
		{ { 1, 0, 0, 4000, 0 }, false },
		{ { 0x80000000, 0, 0, 0, 1 }, false },
		{ { 0, 1, 0, 4000, 0 }, false },
		{ { 0, 0, 1, 4000, 0 }, false },
		{ { 0, 0, 2, 0, 1 }, false },
	};
	struct perftrace_context *context = new_context();
	struct tag own = read_own_tag(context);
	char groups[8][128];
	int i, num_dead = 0;

	for (i = 0; i < 8; i++) {
		make_tagged(&own, cases[i].change, groups[i]);
		num_dead += cases[i].is_dead;
	}
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), num_dead);
	for (i = 0; i < 8; i++) {
		ck_assert_msg(has_foreign(groups[i]) != cases[i].is_dead, "%s",
			      groups[i]);
		remove_foreign(groups[i]);
	}
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), 0);
	perftrace_context_unref(context);
}

START_TEST(owners_are_told_dead_from_alive)
{
	run_in_world(judge_tags, SECONDS);
}
END_TEST

/* Dead, if it were ours: but it is not written as ours is. */
static void pass_over_foreign(void)
{
	static const char *const formats[] = {
		"perftrace_foreign",
		"perftrace_live",
		"perftrace",
		"perftrace_%08x_%08x_%08x_%d",
		"perftrace_%08x_%08x_%08x_0%d_%llu",
		"perftrace_%08x_%08x_%08x_%d_0%llu",
		"perftrace_%08x_%08x_%08x_%d_%llu_",
		"perftrace_%08x_%08x_%08x_%d_%llux",
		"perftrace_%08x_%08X_%08x_%d_%llu",
		"perftrace_0%08x_%08x_%08x_%d_%llu",
		"xperftrace_%08x_%08x_%08x_%d_%llu",
		"Perftrace_%08x_%08x_%08x_%d_%llu",
		"_perftrace_%08x_%08x_%08x_%d_%llu",
	};
	enum { COUNT = sizeof(formats) / sizeof(formats[0]) };
	struct perftrace_context *context = new_context();
	struct tag tag = read_own_tag(context);
	char groups[COUNT][128];
	int i;

	/* The number would be another process's by now. */
	tag.start++;
	for (i = 0; i < COUNT; i++) {
		write_group(formats[i], &tag, groups[i]);
		make_foreign(groups[i]);
	}
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), 0);
	for (i = 0; i < COUNT; i++) {
		ck_assert_msg(has_foreign(groups[i]), "%s", groups[i]);
		remove_foreign(groups[i]);
	}
	perftrace_context_unref(context);
}

START_TEST(probes_of_others_are_not_touched)
{
	run_in_world(pass_over_foreign, SECONDS);
}
END_TEST

/* It has ended, and its parent has not asked for its result. */
static void sweep_zombie(void)
{
	struct perftrace_context *context = new_context();
	struct owner owner = start_owner(own_probes);
	siginfo_t info;

	ck_assert_int_eq(kill(owner.pid, SIGKILL), 0);
	ck_assert_int_eq(
		waitid(P_PID, (id_t)owner.pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), NUM_OWNED);
	ck_assert_uint_eq(count_probes_of(owner.pid), 0);
	ck_assert_int_eq(waitpid(owner.pid, NULL, 0), owner.pid);
	close(owner.leash);
	perftrace_context_unref(context);
}

START_TEST(a_zombie_is_dead)
{
	run_in_world(sweep_zombie, SECONDS);
}
END_TEST

struct heir {
	pthread_t first;
	int leash;
	int ready;
};

static void *outlive(void *data)
{
	struct heir *heir = data;

	pthread_join(heir->first, NULL);
	report_ready(heir->ready);
	wait_for_end(heir->leash);
	exit(EXIT_SUCCESS);
}

static void end_first_thread(int leash, int ready)
{
	static struct heir heir;
	pthread_t thread;

	own_probes(leash, ready);
	heir = (struct heir){ pthread_self(), leash, ready };
	ck_assert_int_eq(pthread_create(&thread, NULL, outlive, &heir), 0);
	pthread_exit(NULL);
}

static char read_state(pid_t pid)
{
	char path[64], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
	fclose(file);
	return state;
}

static void sweep_without_first_thread(void)
{
	struct perftrace_context *context = new_context();
	struct owner owner = start_owner(end_first_thread);

	/* It was joined a moment before the kernel says so. */
	while (read_state(owner.pid) != 'Z')
		sched_yield();
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), 0);
	ck_assert_uint_eq(count_probes_of(owner.pid), NUM_OWNED);
	kill_owner(&owner);
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), NUM_OWNED);
	perftrace_context_unref(context);
}

START_TEST(lives_while_any_thread_does)
{
	run_in_world(sweep_without_first_thread, SECONDS);
}
END_TEST

/* A child of the owner holds copies of its descriptors, and outlives it. */
static void own_with_child(int leash, int ready)
{
	pid_t pid;

	own_probes(leash, ready);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid)
		return;
	wait_for_end(leash);
	_exit(EXIT_SUCCESS);
}

static void note_line(void *data, int32_t level, const char *message)
{
	int *count = data;

	*count += level == PERFTRACE_LOG_INFO &&
		  strstr(message, "holds it open") != NULL;
}

static void sweep_what_is_held(void)
{
	struct perftrace_context *context = new_context();
	struct owner owner = start_owner(own_with_child);
	int num_notes = 0, status;

	ck_assert_int_eq(kill(owner.pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(owner.pid, &status, 0), owner.pid);
	perftrace_context_set_log(context, PERFTRACE_LOG_INFO, note_line,
				  &num_notes);
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), 0);
	ck_assert_uint_eq(count_probes_of(owner.pid), NUM_OWNED);
	ck_assert_int_ge(num_notes, NUM_OWNED);
	sweep_by_session(context);
	ck_assert_uint_eq(count_probes_of(owner.pid), NUM_OWNED);

	/* The holder ends; this process is its parent now. */
	close(owner.leash);
	ck_assert_int_gt(waitpid(-1, &status, 0), 0);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), NUM_OWNED);
	ck_assert_uint_eq(count_probes_of_world(), 0);
	perftrace_context_unref(context);
}

START_TEST(what_is_held_open_stays_for_later)
{
	run_in_world(sweep_what_is_held, SECONDS);
}
END_TEST

static void note_warning(void *data, int32_t level, const char *message)
{
	int *count = data;

	*count += level == PERFTRACE_LOG_WARNING &&
		  strstr(message, "stays in tracefs") != NULL;
}

/* The owner lets go of it while its child still has it open. */
static void let_go_early(int leash, int ready)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event =
		make_event(context, "usdt:%s:spread", fixture("libmarked.so"));
	struct perftrace_session *session =
		event_session(context, event, &count_own);
	int num_warnings = 0;
	pid_t pid;

	succeed(context, perftrace_session_start(session));
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		wait_for_end(leash);
		_exit(EXIT_SUCCESS);
	}
	perftrace_context_set_log(context, PERFTRACE_LOG_WARNING, note_warning,
				  &num_warnings);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
	ck_assert_int_eq(num_warnings, 3);
	ck_assert_uint_eq(count_probes_of(getpid()), 3);
	report_ready(ready);
	_exit(EXIT_SUCCESS);
}

/*
 * All three places: of one event of them all, the kernel would take two away,
 * and go on to call what it has freed.
 */
static void sweep_what_was_let_go(void)
{
	struct perftrace_context *context = new_context();
	struct owner owner = start_owner(let_go_early);
	int status;

	ck_assert_int_eq(waitpid(owner.pid, &status, 0), owner.pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), 0);
	ck_assert_uint_eq(count_probes_of(owner.pid), 3);
	close(owner.leash);
	ck_assert_int_gt(waitpid(-1, &status, 0), 0);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(perftrace_probe_remove_left_over(context), 3);
	perftrace_context_unref(context);
}

START_TEST(what_a_child_holds_is_kept_whole)
{
	run_in_world(sweep_what_was_let_go, SECONDS);
}
END_TEST

/* A probe with another semaphore at the marker's second place is in the way. */
START_TEST(a_second_place_that_fails_takes_the_first_along)
{
	const char *path = fixture("libmarked.so");
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list;
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	char line[PATH_MAX + 128], spec[PATH_MAX + 32];
	uint64_t offset = 0;
	size_t i, places = 0;

	succeed(context, perftrace_marker_list_new(context, path, 0, &list));
	for (i = 0; i < perftrace_marker_list_get_num_markers(list); i++) {
		if (!strcmp(perftrace_marker_list_get_name(list, i),
			    "spread") &&
		    ++places == 2)
			offset =
				perftrace_marker_list_get_offset_bytes(list, i);
	}
	perftrace_marker_list_free(list);
	ck_assert_uint_eq(places, 3);
	remove_foreign("perftrace_foreign");
	snprintf(line, sizeof(line),
		 "p:perftrace_foreign/foreign %s:%#" PRIx64 "(0x3000)", path,
		 offset);
	ck_assert_int_eq(write_line(line), 0);
	snprintf(spec, sizeof(spec), "usdt:%s:spread", path);
	succeed(context, perftrace_probe_new_from_spec(context, spec, &probe));
	refuse(context, perftrace_probe_make_event(probe, &event), -EINVAL,
	       "usdt:spread");
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	ck_assert(has_foreign("perftrace_foreign"));
	remove_foreign("perftrace_foreign");
	succeed(context, perftrace_probe_make_event(probe, &event));
	ck_assert_uint_eq(count_probes_of(getpid()), 3);
	perftrace_event_unref(event);
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

/* Another source of the session is gone by the time that it is opened. */
START_TEST(a_session_that_fails_leaves_nothing)
{
	static const struct session_request request = {
		.is_system_wide = true,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &request);
	struct perftrace_event *gone;
	char spec[PATH_MAX + 32];

	make_foreign("perftrace_foreign");
	succeed(context, perftrace_event_find(
				 context, "perftrace_foreign:foreign", &gone));
	snprintf(spec, sizeof(spec), "uprobe:%s:probed", own_program());
	succeed(context, perftrace_session_add_spec(session, spec, NULL));
	snprintf(spec, sizeof(spec), "uprobe:%s:probed($arg1:s32)",
		 own_program());
	succeed(context, perftrace_session_add_spec(session, spec, NULL));
	succeed(context,
		perftrace_session_add_event(session, gone, NULL, NULL));
	perftrace_event_unref(gone);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	remove_foreign("perftrace_foreign");
	refuse(context, perftrace_session_start(session), -ENOENT,
	       "perftrace_foreign:foreign");
	perftrace_session_free(session);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(a_session_removes_what_the_dead_left),
	TEST(a_named_probe_removes_what_the_dead_left),
	TEST(a_request_removes_what_the_dead_left),
	TEST(owners_are_told_dead_from_alive),
	TEST(probes_of_others_are_not_touched),
	TEST(a_zombie_is_dead),
	TEST(lives_while_any_thread_does),
	TEST(what_is_held_open_stays_for_later),
	TEST(what_a_child_holds_is_kept_whole),
	TEST(a_second_place_that_fails_takes_the_first_along),
	TEST(a_session_that_fails_leaves_nothing),
};

HARNESS_MAIN("left-over", tests, HARNESS_LIVE)
