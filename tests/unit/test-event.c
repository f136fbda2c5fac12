/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "event_text.h"
#include "fake_tracefs.h"
#include "harness.h"
#include "log.h"

#include <perftrace/context.h>

static struct fake_tracefs fake;

static const char number_field[] =
	"\tfield:int number;\toffset:8;\tsize:4;\tsigned:1;\n";

static void begin(void)
{
	fake_tracefs_make(&fake);
	fake_tracefs_add(&fake, "sched:sched_switch", 300, number_field,
			 "\"number=%d\", REC->number");
	fake_tracefs_add(&fake, "sched:sched_wakeup", 301, number_field,
			 "\"\"");
	fake_tracefs_add(&fake, "irq:irq_handler_entry", 302, number_field,
			 "\"\"");
}

static void end(void)
{
	fake_tracefs_clear(&fake);
}

static struct perftrace_event *find(const char *name)
{
	struct perftrace_event *event = NULL;
	int ret = perftrace_event_find(fake.context, name, &event);

	ck_assert_msg(!ret, "%s", perftrace_context_error(fake.context));
	return event;
}

static void expect_failure(int ret, int code, const char *error)
{
	ck_assert_int_eq(ret, code);
	ck_assert_int_eq(perftrace_context_get_error_code(fake.context), code);
	ck_assert_str_eq(perftrace_context_error(fake.context), error);
}

static void expect_not_found(const char *name, int code, const char *error)
{
	struct perftrace_event *event = NULL;

	expect_failure(perftrace_event_find(fake.context, name, &event), code,
		       error);
	ck_assert_ptr_null(event);
}

static int32_t position(void)
{
	return perftrace_context_get_error_position(fake.context);
}

START_TEST(finds_an_event)
{
	struct perftrace_event *event;

	begin();
	event = find("sched:sched_switch");
	ck_assert_str_eq(perftrace_event_get_name(event), "sched:sched_switch");
	ck_assert_uint_eq(perftrace_event_get_id(event), 300);
	ck_assert_int_eq(perftrace_event_get_kind(event),
			 PERFTRACE_EVENT_TRACEPOINT);
	ck_assert_uint_eq(event_get_perf_type(event), PERF_TYPE_TRACEPOINT);
	ck_assert_str_eq(perftrace_event_get_print_format(event),
			 "\"number=%d\", REC->number");
	ck_assert_ptr_eq(event_get_context(event), fake.context);
	perftrace_event_unref(event);
	perftrace_event_unref(NULL);
	end();
}
END_TEST

START_TEST(stays_what_it_was)
{
	struct perftrace_event *event;
	struct perftrace_field *field;

	begin();
	event = perftrace_event_ref(find("sched:sched_switch"));
	perftrace_event_unref(event);
	fake_tracefs_write(&fake, "events/sched/sched_switch/format", "");
	ck_assert_int_eq(perftrace_event_get_num_fields(event), 5);
	ck_assert_int_eq(perftrace_event_find_field(event, "number", &field),
			 0);
	/* It outlives the directory and the caller's context. */
	end();
	ck_assert_str_eq(perftrace_field_get_name(field), "number");
	perftrace_event_unref(event);
}
END_TEST

START_TEST(refuses_what_is_no_name)
{
	begin();
	expect_not_found(NULL, -EINVAL, "no event name given");
	expect_not_found("", -EINVAL, "\"\" is not SYSTEM:NAME");
	expect_not_found("sched", -EINVAL, "\"sched\" is not SYSTEM:NAME");
	ck_assert_int_eq(position(), 0);
	expect_not_found("sched:", -EINVAL, "\"sched:\" is not SYSTEM:NAME");
	expect_not_found(":x", -EINVAL, "\":x\" is not SYSTEM:NAME");
	expect_not_found("a:b:c", -EINVAL, "\"a:b:c\" is not SYSTEM:NAME");
	ck_assert_int_eq(position(), 3);
	end();
}
END_TEST

START_TEST(stays_in_the_events_directory)
{
	begin();
	fake_tracefs_write(&fake, "x/y/format", "");
	expect_not_found("../x:y", -EINVAL,
			 "\"../x:y\" can't be an event's name");
	ck_assert_int_eq(position(), 2);
	expect_not_found("..:x", -EINVAL, "\"..:x\" can't be an event's name");
	expect_not_found("sched:..", -EINVAL,
			 "\"sched:..\" can't be an event's name");
	expect_not_found("sched:a/b", -EINVAL,
			 "\"sched:a/b\" can't be an event's name");
	ck_assert_int_eq(position(), 7);
	end();
}
END_TEST

START_TEST(asks_did_you_mean)
{
	begin();
	expect_not_found("sched:sched_swich", -ENOENT,
			 "sched:sched_swich: no such event: did you mean "
			 "sched:sched_switch or sched:sched_wakeup?");
	ck_assert_str_eq(perftrace_context_get_error_remedy(fake.context),
			 "did you mean sched:sched_switch or "
			 "sched:sched_wakeup?");
	expect_not_found("irq:handler_entry", -ENOENT,
			 "irq:handler_entry: no such event: did you mean "
			 "irq:irq_handler_entry?");
	expect_not_found("xyz:abc", -ENOENT,
			 "xyz:abc: no such event: it may belong to a module "
			 "that is not loaded");
	end();
}
END_TEST

START_TEST(finds_nothing_without_a_list)
{
	begin();
	fake_tracefs_remove(&fake, "available_events");
	expect_not_found("sched:sched_swich", -ENOENT,
			 "sched:sched_swich: no such event");
	end();
}
END_TEST

/* events/sched/enable and its like are files. */
START_TEST(takes_no_file_for_an_event)
{
	begin();
	fake_tracefs_write(&fake, "events/sched/enable", "0\n");
	expect_not_found("sched:enable", -ENOENT,
			 "sched:enable: no such event: it may belong to a "
			 "module that is not loaded");
	expect_not_found("enable:x", -ENOENT,
			 "enable:x: no such event: it may belong to a module "
			 "that is not loaded");
	end();
}
END_TEST

START_TEST(finds_no_name_that_is_too_long)
{
	struct perftrace_event *event;
	char name[700] = "sched:";

	begin();
	memset(name + 6, 'x', sizeof(name) - 7);
	ck_assert_int_eq(perftrace_event_find(fake.context, name, &event),
			 -ENOENT);
	end();
}
END_TEST

START_TEST(refuses_what_perf_cannot_have)
{
	begin();
	fake_tracefs_remove(&fake, "events/sched/sched_switch/id");
	expect_not_found("sched:sched_switch", -EOPNOTSUPP,
			 "sched:sched_switch: the kernel offers this event to "
			 "its own tracer, not to perf");
	end();
}
END_TEST

START_TEST(refuses_a_format_without_an_id)
{
	begin();
	fake_tracefs_write(&fake, "events/sched/sched_switch/format",
			   "name: sched_switch\n");
	expect_not_found("sched:sched_switch", -EBADMSG,
			 "sched:sched_switch: its format file has no id");
	end();
}
END_TEST

START_TEST(refuses_an_id_that_is_no_number)
{
	begin();
	fake_tracefs_write(&fake, "events/sched/sched_switch/id", "x\n");
	expect_not_found("sched:sched_switch", -EBADMSG,
			 "tracefs: events/sched/sched_switch/id can't be read: "
			 "Bad message");
	end();
}
END_TEST

START_TEST(refuses_fields_that_make_no_sense)
{
	static const char error[] =
		"sched:sched_switch: its format file makes no sense";
	struct perftrace_event *event;
	struct perftrace_field *field;

	begin();
	fake_tracefs_write(&fake, "events/sched/sched_switch/format",
			   "name: sched_switch\nID: 300\nformat:\n");
	event = find("sched:sched_switch");
	ck_assert_str_eq(perftrace_event_get_print_format(event), "");
	expect_failure((int)perftrace_event_get_num_fields(event), -EBADMSG,
		       error);
	expect_failure(perftrace_event_get_field(event, 0, &field), -EBADMSG,
		       error);
	expect_failure(perftrace_event_find_field(event, "number", &field),
		       -EBADMSG, error);
	perftrace_event_unref(event);
	end();
}
END_TEST

static void expect_id(uint64_t id, const char *name)
{
	struct perftrace_event *event;

	ck_assert_int_eq(perftrace_event_find_by_id(fake.context, id, &event),
			 0);
	ck_assert_str_eq(perftrace_event_get_name(event), name);
	ck_assert_uint_eq(perftrace_event_get_id(event), id);
	perftrace_event_unref(event);
}

START_TEST(finds_by_id)
{
	struct perftrace_event *event;

	begin();
	expect_id(300, "sched:sched_switch");
	expect_id(301, "sched:sched_wakeup");
	expect_id(302, "irq:irq_handler_entry");
	expect_failure(perftrace_event_find_by_id(fake.context, 303, &event),
		       -ENOENT, "no event has the id 303");
	fake_tracefs_remove(&fake, "events/irq/irq_handler_entry/id");
	expect_failure(perftrace_event_find_by_id(fake.context, 302, &event),
		       -ENOENT, "no event has the id 302");
	expect_id(300, "sched:sched_switch");
	end();
}
END_TEST

START_TEST(finds_fields)
{
	struct perftrace_event *event;
	struct perftrace_field *by_name, *by_index;

	begin();
	event = find("sched:sched_switch");
	ck_assert_int_eq(perftrace_event_get_num_fields(event), 5);
	ck_assert_int_eq(perftrace_event_find_field(event, "number", &by_name),
			 0);
	ck_assert_int_eq(perftrace_event_get_field(event, 4, &by_index), 0);
	ck_assert_ptr_eq(by_name, by_index);
	perftrace_event_unref(event);
	end();
}
END_TEST

START_TEST(names_the_fields_there_are)
{
	struct perftrace_event *event;
	struct perftrace_field *field;

	begin();
	event = find("sched:sched_switch");
	expect_failure(perftrace_event_find_field(event, "numbr", &field),
		       -ENOENT,
		       "sched:sched_switch has no field numbr: it has "
		       "common_type, common_flags, common_preempt_count, "
		       "common_pid, number");
	expect_failure(perftrace_event_find_field(event, NULL, &field), -EINVAL,
		       "no field name given");
	expect_failure(perftrace_event_get_field(event, 5, &field), -EINVAL,
		       "sched:sched_switch has 5 fields, none at 5");
	expect_failure(perftrace_event_get_field(event, SIZE_MAX, &field),
		       -EINVAL,
		       "sched:sched_switch has 5 fields, none at "
		       "18446744073709551615");
	perftrace_event_unref(event);
	end();
}
END_TEST

START_TEST(verifies_that_it_is_there)
{
	struct perftrace_event *event;

	begin();
	event = find("sched:sched_switch");
	ck_assert_int_eq(event_verify(event), 0);
	fake_tracefs_write(&fake, "events/sched/sched_switch/id", "310\n");
	expect_failure(event_verify(event), -ENOENT,
		       "sched:sched_switch was 300 when it was looked up, and "
		       "is 310 now: look it up again");
	fake_tracefs_remove(&fake, "events/sched/sched_switch/id");
	expect_failure(event_verify(event), -ENOENT,
		       "sched:sched_switch is gone since it was looked up: its "
		       "module was unloaded, or its probe removed");
	fake_tracefs_write(&fake, "events/sched/sched_switch/id", "300\n");
	ck_assert_int_eq(event_verify(event), 0);
	perftrace_event_unref(event);
	end();
}
END_TEST

START_TEST(prints)
{
	const int32_t raw[3] = { 300, 0, -8 };
	struct perftrace_event *event;
	struct log *log = log_new();
	char text[] = "############";
	size_t text_bytes;

	begin();
	event = find("sched:sched_switch");
	ck_assert_int_eq(event_print(event, log, 0, raw, sizeof(raw), text, 9,
				     &text_bytes),
			 0);
	ck_assert_str_eq(text, "number=-8###");
	ck_assert_uint_eq(text_bytes, 9);
	/* As much as there is room for. */
	memset(text, '#', 12);
	ck_assert_int_eq(event_print(event, log, 0, raw, sizeof(raw), text, 4,
				     &text_bytes),
			 0);
	ck_assert_str_eq(text, "numb########");
	ck_assert_uint_eq(text_bytes, 9);
	ck_assert_int_eq(event_print(event, log, 0, raw, sizeof(raw), NULL, 0,
				     &text_bytes),
			 0);
	ck_assert_uint_eq(text_bytes, 9);
	/* A reader's reason is its own. */
	ck_assert_int_eq(event_print(event, log, 0, raw, 11, text, 12,
				     &text_bytes),
			 -EBADMSG);
	ck_assert_str_ne(log_get_error(log), "");
	ck_assert_str_eq(perftrace_context_error(fake.context), "");
	log_free(log);
	perftrace_event_unref(event);
	end();
}
END_TEST

START_TEST(needs_a_tracefs)
{
	char path[300], error[400];
	const char *root;

	begin();
	ck_assert_int_eq(perftrace_context_set_tracefs(fake.context,
						       "/does/not/exist"),
			 -ENOENT);
	snprintf(path, sizeof(path), "%s/available_events", fake.root);
	ck_assert_int_eq(perftrace_context_set_tracefs(fake.context, path),
			 -ENOTDIR);
	snprintf(path, sizeof(path), "%s/events", fake.root);
	snprintf(error, sizeof(error), "%s has no events directory", path);
	expect_failure(perftrace_context_set_tracefs(fake.context, path),
		       -ENOENT, error);
	/* What was set before stays. */
	ck_assert_int_eq(perftrace_context_get_tracefs(fake.context, &root), 0);
	ck_assert_str_eq(root, fake.root);
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(finds_an_event),
	TEST(stays_what_it_was),
	TEST(refuses_what_is_no_name),
	TEST(stays_in_the_events_directory),
	TEST(asks_did_you_mean),
	TEST(finds_nothing_without_a_list),
	TEST(takes_no_file_for_an_event),
	TEST(finds_no_name_that_is_too_long),
	TEST(refuses_what_perf_cannot_have),
	TEST(refuses_a_format_without_an_id),
	TEST(refuses_an_id_that_is_no_number),
	TEST(refuses_fields_that_make_no_sense),
	TEST(finds_by_id),
	TEST(finds_fields),
	TEST(names_the_fields_there_are),
	TEST(verifies_that_it_is_there),
	TEST(prints),
	TEST(needs_a_tracefs),
};

HARNESS_MAIN("event", tests, HARNESS_UNIT)
