/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events of the running kernel, and what becomes of those that come and go.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "setup.h"
#include "tally.h"
#include "uprobe.h"

#define EVENTS "/sys/kernel/tracing/events/"

static uint64_t read_id(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long long id;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%llu", &id), 1);
	fclose(file);
	return id;
}

static struct perftrace_event *find(struct perftrace_context *context,
				    const char *name)
{
	struct perftrace_event *event;

	succeed(context, perftrace_event_find(context, name, &event));
	return event;
}

START_TEST(finds_by_name)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = find(context, "sched:sched_switch");
	struct perftrace_field *field;
	int64_t count;

	ck_assert_str_eq(perftrace_event_get_name(event), "sched:sched_switch");
	ck_assert_int_eq(perftrace_event_get_kind(event),
			 PERFTRACE_EVENT_TRACEPOINT);
	ck_assert_uint_eq(perftrace_event_get_id(event),
			  read_id(EVENTS "sched/sched_switch/id"));
	ck_assert_ptr_nonnull(strstr(perftrace_event_get_print_format(event),
				     "prev_comm=%s"));
	count = perftrace_event_get_num_fields(event);
	ck_assert_int_ge(count, 4 + 7);
	succeed(context, perftrace_event_get_field(event, 0, &field));
	ck_assert_str_eq(perftrace_field_get_name(field), "common_type");
	ck_assert(perftrace_field_is_common(field));
	succeed(context, perftrace_event_get_field(event, 4, &field));
	ck_assert_str_eq(perftrace_field_get_name(field), "prev_comm");
	ck_assert_int_eq(perftrace_field_get_kind(field),
			 PERFTRACE_FIELD_STRING);
	ck_assert_uint_eq(perftrace_field_get_num_elements(field), 16);
	refuse(context, perftrace_event_get_field(event, (size_t)count, &field),
	       -EINVAL, "sched:sched_switch");
	refuse(context, perftrace_event_find_field(event, "next_pdi", &field),
	       -ENOENT, "sched:sched_switch", "next_pdi");
	expect_remedy(context, "next_pid");
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(finds_by_id)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;
	uint64_t id = read_id(EVENTS "syscalls/sys_enter_getppid/id");

	succeed(context, perftrace_event_find_by_id(context, id, &event));
	ck_assert_str_eq(perftrace_event_get_name(event),
			 "syscalls:sys_enter_getppid");
	ck_assert_uint_eq(perftrace_event_get_id(event), id);
	perftrace_event_unref(event);
	id = read_id(EVENTS "ftrace/function/id");
	succeed(context, perftrace_event_find_by_id(context, id, &event));
	ck_assert_str_eq(perftrace_event_get_name(event), "ftrace:function");
	perftrace_event_unref(event);
	refuse(context, perftrace_event_find_by_id(context, 0, &event), -ENOENT,
	       "id 0");
	refuse(context, perftrace_event_find_by_id(context, UINT64_MAX, &event),
	       -ENOENT, "18446744073709551615");
	perftrace_context_unref(context);
}
END_TEST

START_TEST(suggests_names)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;

	refuse(context,
	       perftrace_event_find(context, "sched:sched_swich", &event),
	       -ENOENT, "sched:sched_swich");
	expect_remedy(context, "sched:sched_switch");
	refuse(context,
	       perftrace_event_find(context, "shed:sched_switch", &event),
	       -ENOENT, "shed:sched_switch");
	expect_remedy(context, "sched:sched_switch");
	refuse(context,
	       perftrace_event_find(context, "qqqq:zzzzzzzzzzzzzz", &event),
	       -ENOENT, "qqqq:zzzzzzzzzzzzzz");
	expect_remedy(context, "module");
	ck_assert_int_eq(perftrace_context_get_error_position(context), -1);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(refuses_what_is_no_name)
{
	static const struct {
		const char *name;
		int32_t position;
	} wrong[] = {
		{ "", 0 },	    { "sched_switch", 0 },    { ":switch", 0 },
		{ "sched:", 0 },    { "sched:switch:x", 12 }, { "../a:b", 2 },
		{ "a:../../b", 4 }, { "..:id", 0 },	      { "a:..", 0 },
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = NULL;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		refuse(context,
		       perftrace_event_find(context, wrong[i].name, &event),
		       -EINVAL, wrong[i].name);
		ck_assert_int_eq(perftrace_context_get_error_position(context),
				 wrong[i].position);
	}
	refuse(context, perftrace_event_find(context, NULL, &event), -EINVAL,
	       "name");
	ck_assert_ptr_null(event);
	perftrace_context_unref(context);
}
END_TEST

/* They have a format, and no id; which they are differs from kernel to kernel. */
START_TEST(refuses_what_perf_can_not_have)
{
	static const char *const names[] = { "ftrace:print", "ftrace:bprint" };
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;
	char path[128];
	size_t i, found = 0;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), EVENTS "ftrace/%s/id",
			 names[i] + strlen("ftrace:"));
		if (!access(path, F_OK))
			continue;
		refuse(context, perftrace_event_find(context, names[i], &event),
		       -EOPNOTSUPP, names[i], "perf");
		found++;
	}
	if (!found)
		skip("all events of ftrace have an id");
	perftrace_context_unref(context);
}
END_TEST

/* What the kernel lists, by fnmatch(3). */
static size_t count_available(const char *pattern)
{
	FILE *file = fopen("/sys/kernel/tracing/available_events", "re");
	char line[512];
	size_t count = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		count += !fnmatch(pattern, line, 0);
	}
	fclose(file);
	return count;
}

static void expect_list(struct perftrace_context *context, const char *pattern,
			const char *whole_pattern)
{
	struct perftrace_event_list *list;
	size_t i, count;

	succeed(context, perftrace_event_list_new(context, pattern, &list));
	count = perftrace_event_list_get_num_names(list);
	ck_assert_uint_eq(count, count_available(whole_pattern));
	for (i = 0; i < count; i++) {
		const char *name = perftrace_event_list_get_name(list, i);

		ck_assert_int_eq(fnmatch(whole_pattern, name, 0), 0);
		if (i)
			ck_assert_str_gt(name, perftrace_event_list_get_name(
						       list, i - 1));
	}
	ck_assert_ptr_null(perftrace_event_list_get_name(list, count));
	perftrace_event_list_free(list);
}

START_TEST(lists)
{
	struct perftrace_context *context = new_context();

	ck_assert_uint_gt(count_available("sched:*"), 10);
	expect_list(context, NULL, "*");
	expect_list(context, "*", "*");
	expect_list(context, "*:*", "*");
	expect_list(context, "sched:*", "sched:*");
	expect_list(context, "*:*switch*", "*:*switch*");
	expect_list(context, "*switch*", "*:*switch*");
	expect_list(context, "sched:sched_switch", "sched:sched_switch");
	expect_list(context, "sched_switch", "*:sched_switch");
	expect_list(context, "s[cy]*:*_[ae]*", "s[cy]*:*_[ae]*");
	expect_list(context, "no:such*", "no:such*");
	perftrace_event_list_free(NULL);
	perftrace_context_unref(context);
}
END_TEST

/* Each that is listed can be looked up, and its fields are understood. */
START_TEST(every_event_is_understood)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event_list *list;
	const char *name;
	size_t i;

	succeed(context, perftrace_event_list_new(context, NULL, &list));
	for (i = 0; (name = perftrace_event_list_get_name(list, i)); i++) {
		struct perftrace_event *event = find(context, name);

		ck_assert_uint_gt(perftrace_event_get_id(event), 0);
		succeed(context, perftrace_event_get_num_fields(event));
		perftrace_event_unref(event);
	}
	perftrace_event_list_free(list);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(adds_all_that_match_or_none)
{
	struct perftrace_context *context = new_context();
	struct perftrace_source_config *config;
	struct perftrace_session *session = new_session(
		context, &(struct session_request){ .is_self = true });
	int64_t count = (int64_t)count_available("sched:sched_process_*");

	ck_assert_int_eq(perftrace_session_add_spec(
				 session, "sched:sched_process_*", NULL),
			 count);
	ck_assert_uint_eq(perftrace_session_get_num_sources(session), count);
	refuse(context, perftrace_session_add_spec(session, "no:such*", NULL),
	       -ENOENT, "no:such*");
	refuse(context, perftrace_session_add_spec(session, NULL, NULL),
	       -EINVAL, "event");
	/* Some have this field, others do not. */
	succeed(context, perftrace_source_config_new(context, &config));
	succeed(context,
		perftrace_source_config_set_filter(config, "old_pid == 1"));
	ck_assert_int_eq(perftrace_session_add_spec(
				 session, "sched:sched_process_*", config),
			 -EINVAL);
	ck_assert_uint_eq(perftrace_session_get_num_sources(session), count);
	perftrace_source_config_free(config);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(probes_of_the_tests_own)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;
	struct perftrace_event *event;
	struct perftrace_field *field;
	int64_t value;
	int i;

	uprobe_create("own", probed, "value=" FIRST_REGISTER ":s32");
	event = find(context, UPROBE_GROUP ":own");
	succeed(context, perftrace_event_find_field(event, "value", &field));
	session = new_session(context,
			      &(struct session_request){ .is_self = true });
	succeed(context,
		perftrace_session_add_event(session, event, NULL, NULL));
	succeed(context, perftrace_session_start(session));
	for (i = -5; i < 5; i++)
		probed(i);
	succeed(context, perftrace_session_stop(session));
	for (i = -5; i < 5; i++) {
		ck_assert_int_eq(perftrace_session_read(session, -1, &record),
				 1);
		ck_assert_ptr_eq(perftrace_record_get_event(record), event);
		succeed(context,
			perftrace_record_get_s64(record, field, &value));
		ck_assert_int_eq(value, i);
	}
	ck_assert_int_eq(perftrace_session_read(session, -1, &record), 0);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	uprobe_remove("own");
	perftrace_context_unref(context);
}
END_TEST

static struct perftrace_session *session_with(struct perftrace_context *context,
					      struct perftrace_event *event)
{
	struct perftrace_session *session = new_session(
		context, &(struct session_request){ .is_self = true });

	succeed(context,
		perftrace_session_add_event(session, event, NULL, NULL));
	return session;
}

static void expect_nothing_open(struct perftrace_session *session,
				size_t descriptors)
{
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session), 0);
	ck_assert_uint_eq(count_descriptors(), descriptors);
}

START_TEST(event_that_is_gone)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_event *event;
	size_t descriptors;

	uprobe_create("gone", probed, "");
	event = find(context, UPROBE_GROUP ":gone");
	session = session_with(context, event);
	uprobe_remove("gone");
	descriptors = count_descriptors();
	refuse(context, perftrace_session_open(session), -ENOENT,
	       UPROBE_GROUP ":gone", "gone since");
	expect_remedy(context, "removed");
	expect_nothing_open(session, descriptors);
	/* The snapshot is what it was. */
	ck_assert_str_eq(perftrace_event_get_name(event), UPROBE_GROUP ":gone");
	ck_assert_int_gt(perftrace_event_get_num_fields(event), 4);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

/*
 * Numbers are given again: the kernel would open whatever has the old one, and
 * not say a word.
 */
START_TEST(event_whose_number_another_has)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_event *event, *other;
	size_t descriptors;

	uprobe_create("first", probed, "");
	event = find(context, UPROBE_GROUP ":first");
	session = session_with(context, event);
	uprobe_remove("first");
	uprobe_create("second", probed_elsewhere, "");
	other = find(context, UPROBE_GROUP ":second");
	if (perftrace_event_get_id(other) != perftrace_event_get_id(event)) {
		uprobe_remove("second");
		skip("the kernel does not give the number %d again",
		     (int)perftrace_event_get_id(event));
	}
	descriptors = count_descriptors();
	refuse(context, perftrace_session_open(session), -ENOENT,
	       UPROBE_GROUP ":first", "gone since");
	expect_nothing_open(session, descriptors);

	/* There again, and not the same. */
	uprobe_create("first", probed, "");
	refuse(context, perftrace_session_open(session), -ENOENT,
	       UPROBE_GROUP ":first", "now");
	expect_remedy(context, "look it up again");
	expect_nothing_open(session, descriptors);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_event_unref(other);
	uprobe_remove("first");
	uprobe_remove("second");
	perftrace_context_unref(context);
}
END_TEST

/* Its old number is nobody's now. */
START_TEST(event_with_another_number)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_event *event;
	char was[24], is[24];

	uprobe_create("low", probed_elsewhere, "");
	uprobe_create("moved", probed, "");
	event = find(context, UPROBE_GROUP ":moved");
	session = session_with(context, event);
	snprintf(was, sizeof(was), "%d", (int)perftrace_event_get_id(event));
	uprobe_remove("moved");
	uprobe_remove("low");
	uprobe_create("moved", probed, "");
	snprintf(is, sizeof(is), "%d",
		 (int)read_id(EVENTS UPROBE_GROUP "/moved/id"));
	if (!strcmp(was, is)) {
		uprobe_remove("moved");
		skip("the kernel gave the same number again");
	}
	refuse(context, perftrace_session_open(session), -ENOENT,
	       UPROBE_GROUP ":moved", was, is);
	expect_remedy(context, "look it up again");
	perftrace_session_free(session);
	perftrace_event_unref(event);

	/* And then it works. */
	event = find(context, UPROBE_GROUP ":moved");
	session = session_with(context, event);
	succeed(context, perftrace_session_open(session));
	perftrace_session_free(session);
	perftrace_event_unref(event);
	uprobe_remove("moved");
	perftrace_context_unref(context);
}
END_TEST

static void make_event(const char *name, const char *id, const char *format)
{
	char path[64];
	FILE *file;

	ck_assert_int_eq(mkdir(name, 0700), 0);
	snprintf(path, sizeof(path), "%s/id", name);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	fputs(id, file);
	fclose(file);
	snprintf(path, sizeof(path), "%s/format", name);
	if (!format) {
		ck_assert_int_eq(mkfifo(path, 0600), 0);
		return;
	}
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	fputs(format, file);
	fclose(file);
}

static void remove_event(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/id", name);
	unlink(path);
	snprintf(path, sizeof(path), "%s/format", name);
	unlink(path);
	rmdir(name);
}

/* Whoever opened a format that is a pipe would wait for ever. */
START_TEST(reads_no_format_but_its_own)
{
	static const char format[] =
		"name: wanted\nID: 4711\nformat:\n"
		"\tfield:int own;\toffset:8;\tsize:4;\tsigned:1;\n\n"
		"print fmt: \"own=%d\", REC->own\n";
	struct perftrace_context *context = new_context();
	char directory[] = "/tmp/perftrace-live-XXXXXX";
	struct perftrace_event *event;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
	ck_assert_int_eq(mkdir("events", 0700), 0);
	ck_assert_int_eq(mkdir("events/group", 0700), 0);
	make_event("events/group/other", "4710\n", NULL);
	make_event("events/group/wanted", "4711\n", format);
	succeed(context, perftrace_context_set_tracefs(context, directory));
	event = find(context, "group:wanted");
	ck_assert_uint_eq(perftrace_event_get_id(event), 4711);
	ck_assert_int_eq(perftrace_event_get_num_fields(event), 1);
	perftrace_event_unref(event);
	remove_event("events/group/other");
	remove_event("events/group/wanted");
	rmdir("events/group");
	rmdir("events");
	ck_assert_int_eq(rmdir(directory), 0);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(event_of_another_context)
{
	struct perftrace_context *context = new_context();
	struct perftrace_context *other = new_context();
	struct perftrace_event *event = find(other, "sched:sched_switch");
	struct perftrace_session *session = new_session(
		context, &(struct session_request){ .is_self = true });

	refuse(context, perftrace_session_add_event(session, event, NULL, NULL),
	       -EINVAL, "sched:sched_switch", "another context");
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(other);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(finds_by_name),
	TEST(finds_by_id),
	TEST(suggests_names),
	TEST(refuses_what_is_no_name),
	TEST(refuses_what_perf_can_not_have),
	TEST(lists),
	TEST(every_event_is_understood),
	TEST(adds_all_that_match_or_none),
	TEST(probes_of_the_tests_own),
	TEST(event_that_is_gone),
	TEST(event_whose_number_another_has),
	TEST(event_with_another_number),
	TEST(reads_no_format_but_its_own),
	TEST(event_of_another_context),
};

HARNESS_MAIN("event", tests, HARNESS_LIVE)
