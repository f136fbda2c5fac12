/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is listed of markers, and whether it can be probed. */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixtures/marked.h"
#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "uprobe.h"

/* none to twelve, three places of spread, watched, and shared of two. */
#define NUM_MARKERS 19

static struct perftrace_marker_list *
list_markers(struct perftrace_context *context, const char *path)
{
	struct perftrace_marker_list *list;

	succeed(context, perftrace_marker_list_new(context, path, 0, &list));
	return list;
}

static size_t find_marker(struct perftrace_marker_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < perftrace_marker_list_get_num_markers(list); i++) {
		if (!strcmp(perftrace_marker_list_get_name(list, i), name))
			return i;
	}
	ck_abort_msg("%s is not in the list", name);
}

static size_t count_name(struct perftrace_marker_list *list,
			 const char *provider, const char *name)
{
	size_t i, count = 0;

	for (i = 0; i < perftrace_marker_list_get_num_markers(list); i++)
		count += !strcmp(perftrace_marker_list_get_name(list, i),
				 name) &&
			 !strcmp(perftrace_marker_list_get_provider(list, i),
				 provider);
	return count;
}

START_TEST(lists_all_places)
{
	static const char *const files[] = { "libmarked.so",
					     "libmarked-memory.so", "marked" };
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list;
	size_t i;

	for (i = 0; i < 3; i++) {
		list = list_markers(context, fixture(files[i]));
		ck_assert_str_eq(perftrace_marker_list_get_path(list),
				 fixture(files[i]));
		ck_assert_uint_eq(perftrace_marker_list_get_num_markers(list),
				  NUM_MARKERS);
		ck_assert_uint_eq(count_name(list, "marked", "twelve"), 1);
		ck_assert_uint_eq(count_name(list, "marked", "spread"), 3);
		ck_assert_uint_eq(count_name(list, "marked", "shared"), 1);
		ck_assert_uint_eq(count_name(list, "other", "shared"), 1);
		ck_assert_uint_eq(count_name(list, "other", "twelve"), 0);
		perftrace_marker_list_free(list);
	}
	perftrace_context_unref(context);
}
END_TEST

START_TEST(counts_arguments)
{
	static const char *const names[] = { "none",   "one",	"two", "three",
					     "four",   "five",	"six", "seven",
					     "eight",  "nine",	"ten", "eleven",
					     "twelve", "spread" };
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list =
		list_markers(context, fixture("libmarked.so"));
	const char *text;
	size_t at;
	int i;

	for (i = 0; i < 14; i++) {
		at = find_marker(list, names[i]);
		ck_assert_int_eq(perftrace_marker_list_get_num_arguments(list,
									 at),
				 i == 13 ? 1 : i);
	}
	text = perftrace_marker_list_get_arguments(list,
						   find_marker(list, "none"));
	ck_assert_str_eq(text, "");
	text = perftrace_marker_list_get_arguments(list,
						   find_marker(list, "one"));
	ck_assert_msg(!strncmp(text, "-1@", 3) && !strchr(text, ' '), "%s",
		      text);
	perftrace_marker_list_free(list);
	perftrace_context_unref(context);
}
END_TEST

/* A probe at each place, as the list tells it, is hit as the marker is. */
START_TEST(tells_places_that_are_hit)
{
	static const struct session_request request = {
		.is_self = true,
		.mode = PERFTRACE_MODE_COUNT,
	};
	static const char *const forms[] = { "uprobe:%s:%#" PRIx64,
					     "uprobe:%s:+%#" PRIx64 };
	struct perftrace_context *context = new_context();
	const char *path = fixture("libmarked.so");
	struct perftrace_marker_list *list = list_markers(context, path);
	void *library = open_library(path);
	size_t at = find_marker(list, "seven"), i;
	void (*run)(unsigned int round);
	unsigned int round;

	*(void **)&run = find_function(library, "marked_run");
	ck_assert_uint_ne(perftrace_marker_list_get_address(list, at), 0);
	for (i = 0; i < 2; i++) {
		struct perftrace_session *session;
		struct perftrace_event *event;
		char spec[512];

		snprintf(spec, sizeof(spec), i ? forms[1] : forms[0], path,
			 i ? perftrace_marker_list_get_offset_bytes(list, at) :
			     perftrace_marker_list_get_address(list, at));
		event = make_event(context, "%s", spec);
		session = event_session(context, event, &request);
		succeed(context, perftrace_session_start(session));
		for (round = 0; round < 25; round++)
			run(round);
		succeed(context, perftrace_session_stop(session));
		ck_assert_uint_eq(count_of(context, session), 25);
		perftrace_session_free(session);
		perftrace_event_unref(event);
	}
	perftrace_marker_list_free(list);
	dlclose(library);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(tells_semaphores)
{
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list =
		list_markers(context, fixture("libmarked.so"));
	size_t i, watched = find_marker(list, "watched");

	for (i = 0; i < perftrace_marker_list_get_num_markers(list); i++)
		ck_assert_int_eq(
			perftrace_marker_list_get_semaphore_offset_bytes(
				list, i) != 0,
			i == watched);
	perftrace_marker_list_free(list);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(ends_where_it_ends)
{
	static const size_t indices[] = { NUM_MARKERS, NUM_MARKERS + 1,
					  SIZE_MAX };
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list =
		list_markers(context, fixture("libmarked.so"));
	size_t i;

	for (i = 0; i < 3; i++) {
		size_t at = indices[i];

		ck_assert_ptr_null(
			perftrace_marker_list_get_provider(list, at));
		ck_assert_ptr_null(perftrace_marker_list_get_name(list, at));
		ck_assert_ptr_null(
			perftrace_marker_list_get_arguments(list, at));
		ck_assert_int_eq(perftrace_marker_list_get_num_arguments(list,
									 at),
				 -EINVAL);
		ck_assert_uint_eq(perftrace_marker_list_get_address(list, at),
				  0);
		ck_assert_uint_eq(
			perftrace_marker_list_get_offset_bytes(list, at), 0);
		ck_assert_uint_eq(
			perftrace_marker_list_get_semaphore_offset_bytes(list,
									 at),
			0);
	}
	perftrace_marker_list_free(list);
	perftrace_marker_list_free(NULL);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(finds_files_by_name_and_process)
{
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list, *again;
	void *library = open_library(fixture("libmarked.so"));

	/* By the name of what a process has mapped. */
	succeed(context, perftrace_marker_list_new(context, "libmarked.so",
						   getpid(), &list));
	ck_assert_uint_eq(perftrace_marker_list_get_num_markers(list),
			  NUM_MARKERS);
	ck_assert_str_eq(perftrace_marker_list_get_path(list),
			 fixture("libmarked.so"));
	perftrace_marker_list_free(list);
	dlclose(library);

	/* And as the dynamic linker finds it. */
	list = list_markers(context, "libc.so.6");
	again = list_markers(context, perftrace_marker_list_get_path(list));
	ck_assert_uint_eq(perftrace_marker_list_get_num_markers(list),
			  perftrace_marker_list_get_num_markers(again));
	perftrace_marker_list_free(list);
	perftrace_marker_list_free(again);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(a_file_without_markers_is_an_empty_list)
{
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list =
		list_markers(context, fixture("target"));
	struct perftrace_probe *probe;
	struct perftrace_event *event;

	ck_assert_uint_eq(perftrace_marker_list_get_num_markers(list), 0);
	ck_assert_ptr_null(perftrace_marker_list_get_name(list, 0));
	perftrace_marker_list_free(list);
	succeed(context,
		perftrace_probe_new(context, PERFTRACE_EVENT_USDT, &probe));
	succeed(context, perftrace_probe_set_path(probe, fixture("target")));
	refuse(context, perftrace_probe_make_event(probe, &event), -EINVAL,
	       "marker");
	succeed(context, perftrace_probe_set_symbol(probe, "some"));
	refuse(context, perftrace_probe_make_event(probe, &event), -ENOENT,
	       "no markers");
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(refuses_what_is_no_program)
{
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list = (void *)1;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	refuse(context, perftrace_marker_list_new(context, NULL, 0, &list),
	       -EINVAL, "");
	refuse(context, perftrace_marker_list_new(context, "", 0, &list),
	       -EINVAL, "");
	refuse(context,
	       perftrace_marker_list_new(context, "/bin/sh", -1, &list),
	       -EINVAL, "-1");
	refuse(context,
	       perftrace_marker_list_new(context, "/no/such/file", 0, &list),
	       -ENOENT, "/no/such/file");
	refuse(context,
	       perftrace_marker_list_new(context, "libno-such.so.9", 0, &list),
	       -ENOENT, "libno-such.so.9");
	refuse(context,
	       perftrace_marker_list_new(context, "/etc/passwd", 0, &list),
	       -ENOEXEC, "/etc/passwd");
	refuse(context,
	       perftrace_marker_list_new(context, "libc.so.6", pid, &list),
	       -ESRCH, "process");
	ck_assert_ptr_eq(list, (void *)1);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(lists_all_places),
	TEST(counts_arguments),
	TEST(tells_places_that_are_hit),
	TEST(tells_semaphores),
	TEST(ends_where_it_ends),
	TEST(finds_files_by_name_and_process),
	TEST(a_file_without_markers_is_an_empty_list),
	TEST(refuses_what_is_no_program),
};

HARNESS_MAIN("marker-list", tests, HARNESS_LIVE)
