/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long the event of a probe lives, what it is called, and who removes it.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "tally.h"
#include "uprobe.h"

static const struct session_request count_own = {
	.is_self = true,
	.mode = PERFTRACE_MODE_COUNT,
};

static const struct session_request count_all = {
	.is_system_wide = true,
	.mode = PERFTRACE_MODE_COUNT,
};

static void call(int num_calls)
{
	while (num_calls--)
		probed(num_calls);
}

static struct perftrace_event *make(struct perftrace_context *context,
				    const char *options, const char *arguments)
{
	return make_event(context, "uprobe%s:%s:probed%s", options,
			  own_program(), arguments);
}

static struct perftrace_session *
start_session(struct perftrace_context *context, struct perftrace_event *event,
	      const struct session_request *request)
{
	struct perftrace_session *session =
		event_session(context, event, request);

	succeed(context, perftrace_session_start(session));
	return session;
}

/* "perftrace_.../STEM_RANDOM" with the owner's process in it. */
static void expect_tracefs_name(struct perftrace_event *event, const char *stem)
{
	const char *name = perftrace_event_get_tracefs_name(event);
	const char *own = strchr(name, ':');
	char owner[32];

	snprintf(owner, sizeof(owner), "_%d_", (int)getpid());
	ck_assert_msg(own != NULL, "%s", name);
	ck_assert_msg(!strncmp(name, "perftrace_", 10), "%s", name);
	ck_assert_msg(strstr(name, owner) && strstr(name, owner) < own, "%s",
		      name);
	ck_assert_msg(!strncmp(own + 1, stem, strlen(stem)), "%s", name);
	ck_assert_msg(own[1 + strlen(stem)] == '_', "%s", name);
	ck_assert_uint_eq(count_lines_of(event), 1);
}

START_TEST(events_have_names)
{
	static const struct {
		const char *spec;
		const char *name;
		const char *stem;
		int32_t kind;
	} cases[] = {
		{ "uprobe,named:%s:probed", "uprobe:probed", "probed",
		  PERFTRACE_EVENT_UPROBE },
		{ "uprobe,name=mine,named:%s:probed", "uprobe:mine", "mine",
		  PERFTRACE_EVENT_UPROBE },
		{ "uretprobe,named:%s:probed", "uretprobe:probed", "probed",
		  PERFTRACE_EVENT_URETPROBE },
		{ "uretprobe,name=a_name_of_31_letters_is_allowed:%s:probed"
		  "($retval)",
		  "uretprobe:a_name_of_31_letters_is_allowed",
		  "a_name_of_31_letters_is_allowed",
		  PERFTRACE_EVENT_URETPROBE },
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event, *found;
	char spec[512];
	size_t i;

	for (i = 0; i < 4; i++) {
		snprintf(spec, sizeof(spec), cases[i].spec, own_program());
		event = make_event(context, "%s", spec);
		ck_assert_str_eq(perftrace_event_get_name(event),
				 cases[i].name);
		ck_assert_int_eq(perftrace_event_get_kind(event),
				 cases[i].kind);
		expect_tracefs_name(event, cases[i].stem);
		/* To others it is an event like any. */
		succeed(context,
			perftrace_event_find(
				context,
				perftrace_event_get_tracefs_name(event),
				&found));
		ck_assert_uint_ne(perftrace_event_get_id(event), 0);
		ck_assert_uint_eq(perftrace_event_get_id(found),
				  perftrace_event_get_id(event));
		ck_assert_int_eq(perftrace_event_get_kind(found),
				 PERFTRACE_EVENT_TRACEPOINT);
		/* It has not made it, and does not remove it. */
		perftrace_event_unref(found);
		ck_assert_uint_eq(count_lines_of(event), 1);
		perftrace_event_unref(event);
	}
	perftrace_context_unref(context);
}
END_TEST

START_TEST(names_of_places_are_told)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;

	event = make_event(context, "uprobe:%s:probed_elsewhere+0x4",
			   own_program());
	ck_assert_str_eq(perftrace_event_get_name(event),
			 "uprobe:probed_elsewhere+4");
	ck_assert_str_eq(perftrace_event_get_tracefs_name(event), "");
	ck_assert_uint_eq(perftrace_event_get_id(event), 0);
	perftrace_event_unref(event);
	event = make_event(
		context, "uprobe:%s:+%#llx", own_program(),
		(unsigned long long)harness_file_offset((uintptr_t)probed));
	ck_assert_msg(!strncmp(perftrace_event_get_name(event), "uprobe:+0x",
			       10),
		      "%s", perftrace_event_get_name(event));
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

/* One description makes two events, each with a probe of its own. */
START_TEST(makes_any_number_of_events)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *sessions[3];
	struct perftrace_event *events[3];
	struct perftrace_probe *probe;
	size_t i, k;

	succeed(context,
		perftrace_probe_new(context, PERFTRACE_EVENT_UPROBE, &probe));
	succeed(context, perftrace_probe_set_path(probe, own_program()));
	succeed(context, perftrace_probe_set_symbol(probe, "probed"));
	succeed(context,
		perftrace_probe_set_mode(probe, PERFTRACE_PROBE_NAMED));
	for (i = 0; i < 3; i++) {
		succeed(context, perftrace_probe_make_event(probe, &events[i]));
		ck_assert_uint_eq(count_probes_of(getpid()), i + 1);
		/* The next one has one argument more. */
		succeed(context,
			perftrace_probe_add_argument(
				probe, i ? "again=$arg1:u8" : "$arg1:s32"));
	}
	perftrace_probe_free(probe);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(count_fields(events[i]), 1 + i);
		for (k = 0; k < i; k++)
			ck_assert_str_ne(
				perftrace_event_get_tracefs_name(events[i]),
				perftrace_event_get_tracefs_name(events[k]));
		sessions[i] = start_session(context, events[i], &count_all);
	}
	call(33);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(count_of(context, sessions[i]), 33);
		perftrace_session_free(sessions[i]);
		perftrace_event_unref(events[i]);
		ck_assert_uint_eq(count_probes_of(getpid()), 2 - i);
	}
	perftrace_context_unref(context);
}
END_TEST

START_TEST(sessions_share_an_event)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, ",named", "");
	struct perftrace_session *own =
		start_session(context, event, &count_own);
	struct perftrace_session *all;

	call(5);
	all = start_session(context, event, &count_all);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	call(7);
	ck_assert_uint_eq(count_of(context, own), 12);
	ck_assert_uint_eq(count_of(context, all), 7);
	perftrace_session_free(own);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	call(9);
	ck_assert_uint_eq(count_of(context, all), 16);
	perftrace_session_free(all);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}
END_TEST

/* What began as local, and is open so, becomes named for the next session. */
START_TEST(becomes_named_when_it_must)
{
	static const struct session_request count_cpu = {
		.is_system_wide = true,
		.cpus = "0",
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, "", "");
	struct perftrace_session *local, *named, *again;

	pin_to_cpu(0);
	local = start_session(context, event, &count_cpu);
	ck_assert_str_eq(perftrace_event_get_tracefs_name(event), "");
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1)
		skip("needs two CPUs");
	named = start_session(context, event, &count_all);
	expect_tracefs_name(event, "probed");
	call(50);
	/* And stays so. */
	again = start_session(context, event, &count_own);
	call(4);
	ck_assert_uint_eq(count_of(context, local), 54);
	ck_assert_uint_eq(count_of(context, named), 54);
	ck_assert_uint_eq(count_of(context, again), 4);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	perftrace_session_free(local);
	perftrace_session_free(named);
	perftrace_session_free(again);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

/* The same, and the records of both kinds can be told apart and read. */
START_TEST(streams_of_both_ways_are_read)
{
	static const struct session_request stream_cpu = {
		.is_system_wide = true,
		.cpus = "0",
	};
	static const struct session_request stream_own = { .is_self = true };
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, "", "");
	struct perftrace_session *sessions[2];
	struct perftrace_record *record;
	size_t i, k;

	pin_to_cpu(0);
	sessions[0] = start_session(context, event, &stream_cpu);
	ck_assert_str_eq(perftrace_event_get_tracefs_name(event), "");
	sessions[1] = start_session(context, event, &stream_own);
	call(20);
	for (i = 0; i < 2; i++) {
		succeed(context, perftrace_session_stop(sessions[i]));
		for (k = 0; k < 20; k++) {
			record = next_sample(context, sessions[i]);
			ck_assert_ptr_nonnull(record);
			ck_assert_ptr_eq(perftrace_record_get_event(record),
					 event);
			ck_assert_uint_eq(get_u64(context, record,
						  "__probe_ip"),
					  (uintptr_t)probed);
		}
		ck_assert_ptr_null(next_sample(context, sessions[i]));
		perftrace_session_free(sessions[i]);
	}
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

/* The last one who holds it removes it, in whatever order they let go. */
START_TEST(goes_with_its_last_holder)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, "", "($arg1:s32)");
	struct perftrace_session *session =
		start_session(context, event, &count_own);

	/* The context, too, is held by what was made of it. */
	perftrace_context_unref(context);
	perftrace_event_unref(perftrace_event_ref(event));
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	call(6);
	ck_assert_uint_eq(count_of(context, session), 6);
	perftrace_session_close(session);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	perftrace_session_free(session);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);

	context = new_context();
	event = make(context, "", "($arg1:s32)");
	session = start_session(context, event, &count_own);
	perftrace_session_free(session);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	perftrace_context_unref(context);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
}
END_TEST

START_TEST(sessions_own_what_they_made_of_a_spec)
{
	struct perftrace_context *context = new_context();
	struct session_request request = count_all;
	struct perftrace_session *session;
	struct perftrace_event *event;
	char spec[512];

	snprintf(spec, sizeof(spec), "uprobe:%s:probed", own_program());
	request.event = spec;
	session = new_session(context, &request);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	succeed(context, perftrace_session_start(session));
	call(8);
	ck_assert_uint_eq(count_of(context, session), 8);
	event = perftrace_event_ref(perftrace_source_get_event(
		perftrace_session_get_source(session, 0)));
	perftrace_session_free(session);
	/* The test holds it now. */
	ck_assert_str_eq(perftrace_event_get_name(event), "uprobe:probed");
	ck_assert_uint_eq(count_probes_of(getpid()),
			  *perftrace_event_get_tracefs_name(event) != '\0');
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}
END_TEST

/* Both copies of the handles are let go of, and the parent's probe works on. */
START_TEST(children_remove_nothing)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, "", "($arg1:s32)");
	struct perftrace_event *idle = make(context, ",named", "");
	struct perftrace_session *session =
		start_session(context, event, &count_own);
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		perftrace_session_free(session);
		perftrace_event_unref(event);
		perftrace_event_unref(idle);
		perftrace_context_unref(context);
		/* And what it makes itself is its own. */
		context = new_context();
		event = make(context, ",named", "");
		ck_assert_uint_eq(count_probes_of(getpid()), 1);
		ck_assert_uint_eq(count_probes_of(getppid()), 2);
		perftrace_event_unref(event);
		ck_assert_uint_eq(count_probes_of(getpid()), 0);
		perftrace_context_unref(context);
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(count_lines_of(event), 1);
	ck_assert_uint_eq(count_lines_of(idle), 1);
	call(11);
	ck_assert_uint_eq(count_of(context, session), 11);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_event_unref(idle);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}
END_TEST

/* A child that goes on with what it has from its parent: it is not removed. */
START_TEST(children_use_what_they_have)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, ",named", "($arg1:s32)");
	struct perftrace_session *session;
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		session = start_session(context, event, &count_own);
		call(12);
		ck_assert_uint_eq(count_of(context, session), 12);
		perftrace_session_free(session);
		perftrace_event_unref(event);
		perftrace_context_unref(context);
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(count_lines_of(event), 1);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

/* Somebody removes it from under the library: that is told, and survived. */
START_TEST(survives_its_removal_by_others)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, ",named", "");
	struct perftrace_session *session =
		event_session(context, event, &count_own);
	char line[256];
	int fd = open(DYNAMIC_EVENTS, O_WRONLY | O_APPEND | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	snprintf(line, sizeof(line), "-:%s",
		 perftrace_event_get_tracefs_name(event));
	*strchr(line + 2, ':') = '/';
	ck_assert_int_eq(write(fd, line, strlen(line)), strlen(line));
	close(fd);
	refuse(context, perftrace_session_open(session), -ENOENT,
	       "uprobe:probed");
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(missed_hits_are_of_kernel_probes)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, ",named", "");
	uint64_t missed = 42;

	refuse(context, perftrace_event_get_num_missed(event, &missed),
	       -EOPNOTSUPP, "uprobe:probed");
	ck_assert_uint_eq(missed, 42);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

static void expect_same_field(struct perftrace_context *context,
			      struct perftrace_event *left,
			      struct perftrace_event *right, size_t index)
{
	struct perftrace_field *a, *b;

	succeed(context, perftrace_event_get_field(left, index, &a));
	succeed(context, perftrace_event_get_field(right, index, &b));
	ck_assert_str_eq(perftrace_field_get_name(a),
			 perftrace_field_get_name(b));
	ck_assert_str_eq(perftrace_field_get_type(a),
			 perftrace_field_get_type(b));
	ck_assert_uint_eq(perftrace_field_get_offset_bytes(a),
			  perftrace_field_get_offset_bytes(b));
	ck_assert_uint_eq(perftrace_field_get_size_bytes(a),
			  perftrace_field_get_size_bytes(b));
	ck_assert_int_eq(perftrace_field_is_signed(a),
			 perftrace_field_is_signed(b));
}

/* The library writes the format of the one, and the kernel the other's. */
START_TEST(both_ways_have_the_same_fields)
{
	static const char *const kinds[] = { "uprobe", "uretprobe" };
	struct perftrace_context *context = new_context();
	size_t i, field;

	for (i = 0; i < 2; i++) {
		struct perftrace_event *local = make_event(
			context, "%s,local:%s:probed", kinds[i], own_program());
		struct perftrace_event *named = make_event(
			context, "%s,named:%s:probed", kinds[i], own_program());
		int64_t count = perftrace_event_get_num_fields(named);

		ck_assert_int_gt(count, 4);
		ck_assert_int_eq(perftrace_event_get_num_fields(local), count);
		for (field = 0; field < (size_t)count; field++)
			expect_same_field(context, local, named, field);
		ck_assert_str_eq(perftrace_event_get_print_format(local),
				 perftrace_event_get_print_format(named));
		perftrace_event_unref(local);
		perftrace_event_unref(named);
	}
	perftrace_context_unref(context);
}
END_TEST

/* What was made for an open that another source's refusal undid. */
START_TEST(a_failed_open_leaves_nothing)
{
	struct session_request request = { .is_self = true };
	struct perftrace_context *context = new_context();
	struct perftrace_event *event =
		make_event(context, "uprobe:%s:probed", own_program());
	struct perftrace_session *session =
		event_session(context, event, &request);

	/* Nobody may record it. */
	add_event(context, session, "irq_vectors:irq_work_exit", &request);
	refuse(context, perftrace_session_open(session), -EPERM,
	       "irq_work_exit");
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	ck_assert_str_eq(perftrace_event_get_tracefs_name(event), "");
	ck_assert_uint_eq(perftrace_event_get_id(event), 0);
	perftrace_session_free(session);
	/* And it can be opened all the same. */
	session = event_session(context, event, &request);
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(events_are_found_by_specs)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;
	char spec[PATH_MAX + 64];

	succeed(context, perftrace_event_find_by_spec(
				 context, "sched:sched_switch", &event));
	ck_assert_int_eq(perftrace_event_get_kind(event),
			 PERFTRACE_EVENT_TRACEPOINT);
	perftrace_event_unref(event);
	snprintf(spec, sizeof(spec), "uprobe:%s:probed($arg1:s32)",
		 own_program());
	succeed(context, perftrace_event_find_by_spec(context, spec, &event));
	ck_assert_int_eq(perftrace_event_get_kind(event),
			 PERFTRACE_EVENT_UPROBE);
	ck_assert_uint_eq(count_fields(event), 2);
	perftrace_event_unref(event);
	refuse(context, perftrace_event_find_by_spec(context, NULL, &event),
	       -EINVAL, "no event");
	refuse(context,
	       perftrace_event_find_by_spec(context, "sched:*", &event),
	       -ENOENT, "sched:*");
	refuse(context,
	       perftrace_event_find_by_spec(context, "uprobe:", &event),
	       -EINVAL, "file is missing");
	perftrace_context_unref(context);
}
END_TEST

/* Forks, starts a thread, and calls in each of them: so many calls in all. */
#define CALLS_OF_FAMILY (3 * 7)

static void *call_in_thread(void *data)
{
	call(7);
	return data;
}

static void run_family(int gate)
{
	pthread_t thread;
	char byte;
	pid_t pid;

	if (read(gate, &byte, 1) != 1)
		_exit(1);
	pid = fork();
	if (pid < 0)
		_exit(2);
	if (!pid) {
		call(7);
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid ||
	    pthread_create(&thread, NULL, call_in_thread, NULL) ||
	    pthread_join(thread, NULL))
		_exit(3);
	call(7);
	_exit(0);
}

/* With a text of the library's, and not of the traced program's, memory. */
static void follow(const char *option, const char *cpus, int code)
{
	struct session_request request = {
		.mode = PERFTRACE_MODE_COUNT,
		.cpus = cpus,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, option, "");
	struct perftrace_session *session;
	int gate[2], status;

	ck_assert_int_eq(pipe(gate), 0);
	request.pid = fork();
	if (!request.pid)
		run_family(gate[0]);
	session = event_session(context, event, &request);
	if (code)
		refuse(context, perftrace_session_open(session), code,
		       "can't follow");
	else
		succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(write(gate[1], "", 1), 1);
	ck_assert_int_eq(waitpid(request.pid, &status, 0), request.pid);
	ck_assert_int_eq(status, 0);
	if (!code)
		ck_assert_uint_eq(count_of(context, session), CALLS_OF_FAMILY);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
	close(gate[0]);
	close(gate[1]);
}

/* A local one would make the fork fail: the kernel reads its path again. */
START_TEST(tasks_that_are_started_are_followed)
{
	pin_to_cpu(0);
	follow("", NULL, 0);
	follow("", "0", 0);
	follow(",named", NULL, 0);
	follow(",named", "0", 0);
	follow(",local", NULL, -EOPNOTSUPP);
	follow(",local", "0", -EOPNOTSUPP);
}
END_TEST

/* The name that callers know stays good, also when another open fails. */
START_TEST(what_was_open_stays_named)
{
	struct session_request all = { .is_system_wide = true };
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, "", "");
	struct perftrace_session *session;
	const char *name;
	char copy[256];

	if (sysconf(_SC_NPROCESSORS_ONLN) == 1)
		skip("needs two CPUs");
	perftrace_session_free(start_session(context, event, &all));
	name = perftrace_event_get_tracefs_name(event);
	snprintf(copy, sizeof(copy), "%s", name);
	ck_assert_str_ne(copy, "");
	session = event_session(context, event, &all);
	add_event(context, session, "irq_vectors:irq_work_exit", &all);
	refuse(context, perftrace_session_open(session), -EPERM,
	       "irq_work_exit");
	perftrace_session_free(session);
	ck_assert_str_eq(name, copy);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

/* Until it is started, it would have copies of all descriptors. */
START_TEST(waiting_commands_hold_nothing)
{
	static const char *const command[] = { "/bin/true", NULL };
	static const struct session_request waiting = {
		.command = command,
		.event = SYS_ENTER,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make(context, "", "($arg1)");
	struct perftrace_session *session =
		start_session(context, event, &count_own);
	struct perftrace_session *later = new_session(context, &waiting);

	succeed(context, perftrace_session_open(later));
	perftrace_session_free(session);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_session_free(later);
	perftrace_context_unref(context);
}
END_TEST

static int write_event(const char *line)
{
	int fd = open("/sys/kernel/tracing/uprobe_events",
		      O_WRONLY | O_APPEND | O_CLOEXEC);
	int ret = write(fd, line, strlen(line)) < 0 ? -errno : 0;

	close(fd);
	return ret;
}

/* Of somebody whose group is called as a kind of probes is. */
START_TEST(names_that_match_a_pattern_are_no_specs)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	char line[PATH_MAX + 128];

	write_event("-:uprobe/perftrace_matched");
	snprintf(line, sizeof(line), "p:uprobe/perftrace_matched %s:%#" PRIx64,
		 own_program(), harness_file_offset((uintptr_t)probed));
	ck_assert_int_eq(write_event(line), 0);
	session = new_session(context, &(struct session_request){ 0 });
	ck_assert_int_eq(perftrace_session_add_spec(
				 session, "*:perftrace_matched", NULL),
			 1);
	ck_assert_str_eq(perftrace_event_get_name(perftrace_source_get_event(
				 perftrace_session_get_source(session, 0))),
			 "uprobe:perftrace_matched");
	perftrace_session_free(session);
	perftrace_context_unref(context);
	ck_assert_int_eq(write_event("-:uprobe/perftrace_matched"), 0);
}
END_TEST

START_TEST(setters_say_what_specs_do)
{
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event;

	succeed(context,
		perftrace_probe_new_from_spec(
			context, "uprobe:/no/such/file:nothing", &probe));
	refuse(context, perftrace_probe_make_event(probe, &event), -ENOENT,
	       "/no/such/file");
	ck_assert_int_eq(perftrace_context_get_error_position(context), 7);
	succeed(context, perftrace_probe_set_path(probe, own_program()));
	refuse(context, perftrace_probe_make_event(probe, &event), -ENOENT,
	       "nothing");
	ck_assert_int_eq(perftrace_context_get_error_position(context), 21);
	succeed(context, perftrace_probe_set_symbol(probe, "none"));
	refuse(context, perftrace_probe_make_event(probe, &event), -ENOENT,
	       "none");
	/* It is in no spec. */
	ck_assert_int_eq(perftrace_context_get_error_position(context), -1);
	succeed(context, perftrace_probe_set_symbol(probe, "probed"));
	refuse(context, perftrace_probe_set_name(probe, "4_calls"), -EINVAL,
	       "4_calls");
	refuse(context, perftrace_probe_set_name(probe, ""), -EINVAL,
	       "name is of letters");
	succeed(context, perftrace_probe_set_name(probe, "calls"));
	succeed(context, perftrace_probe_make_event(probe, &event));
	ck_assert_str_eq(perftrace_event_get_name(event), "uprobe:calls");
	perftrace_event_unref(event);
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(events_have_names),
	TEST(names_of_places_are_told),
	TEST(makes_any_number_of_events),
	TEST(sessions_share_an_event),
	TEST(becomes_named_when_it_must),
	TEST(streams_of_both_ways_are_read),
	TEST(goes_with_its_last_holder),
	TEST(sessions_own_what_they_made_of_a_spec),
	TEST(children_remove_nothing),
	TEST(children_use_what_they_have),
	TEST(survives_its_removal_by_others),
	TEST(missed_hits_are_of_kernel_probes),
	TEST(both_ways_have_the_same_fields),
	TEST(a_failed_open_leaves_nothing),
	TEST(events_are_found_by_specs),
	TEST(tasks_that_are_started_are_followed),
	TEST(what_was_open_stays_named),
	TEST(waiting_commands_hold_nothing),
	TEST(names_that_match_a_pattern_are_no_specs),
	TEST(setters_say_what_specs_do),
};

HARNESS_MAIN("uprobe-life", tests, HARNESS_LIVE)
