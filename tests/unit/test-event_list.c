/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <perftrace/context.h>
#include <perftrace/event.h>

#include "event_list.h"
#include "fake_tracefs.h"
#include "harness.h"

static struct fake_tracefs fake;

static void begin(void)
{
	fake_tracefs_make(&fake);
	fake_tracefs_write(&fake, "available_events",
			   "sched:sched_wakeup\n"
			   "sched:sched_switch\n"
			   "irq:softirq_entry\n"
			   "irq:irq_handler_entry\n"
			   "syscalls:sys_enter_read\n");
}

static void end(void)
{
	fake_tracefs_clear(&fake);
}

/* @names: with a space behind each. */
static void expect(const char *pattern, const char *names)
{
	struct perftrace_event_list *list;
	char found[256] = "";
	size_t i, count;

	ck_assert_int_eq(perftrace_event_list_new(fake.context, pattern, &list),
			 0);
	count = perftrace_event_list_get_num_names(list);
	for (i = 0; i < count; i++) {
		strcat(found, perftrace_event_list_get_name(list, i));
		strcat(found, " ");
	}
	ck_assert_str_eq(found, names);
	ck_assert_ptr_null(perftrace_event_list_get_name(list, count));
	perftrace_event_list_free(list);
}

START_TEST(lists_all_sorted)
{
	begin();
	expect(NULL, "irq:irq_handler_entry irq:softirq_entry "
		     "sched:sched_switch sched:sched_wakeup "
		     "syscalls:sys_enter_read ");
	end();
	perftrace_event_list_free(NULL);
}
END_TEST

START_TEST(matches_whole_names)
{
	begin();
	expect("sched:*", "sched:sched_switch sched:sched_wakeup ");
	expect("*:*_entry", "irq:irq_handler_entry irq:softirq_entry ");
	expect("sched:sched_switch", "sched:sched_switch ");
	expect("s*:*r*", "syscalls:sys_enter_read ");
	expect("sched:sched_[sw]*i*", "sched:sched_switch ");
	expect("sched:sched_?akeup", "sched:sched_wakeup ");
	end();
}
END_TEST

START_TEST(matches_names_without_their_system)
{
	begin();
	expect("sched_*", "sched:sched_switch sched:sched_wakeup ");
	expect("*entry", "irq:irq_handler_entry irq:softirq_entry ");
	expect("sched_switch", "sched:sched_switch ");
	/* That is a system. */
	expect("sched", "");
	end();
}
END_TEST

START_TEST(lists_nothing_that_does_not_match)
{
	begin();
	expect("", "");
	expect(":", "");
	expect("nothing:*", "");
	expect("sched:", "");
	expect("[", "");
	end();
}
END_TEST

START_TEST(passes_over_other_lines)
{
	begin();
	fake_tracefs_write(&fake, "available_events",
			   "\n\nno colon\na:b\n\nc:d");
	expect(NULL, "a:b c:d ");
	expect("b", "a:b ");
	end();
}
END_TEST

START_TEST(lists_nothing_of_nothing)
{
	begin();
	fake_tracefs_write(&fake, "available_events", "");
	expect(NULL, "");
	end();
}
END_TEST

START_TEST(lists_many)
{
	struct perftrace_event_list *list;
	static char text[65536], name[32];
	size_t i, used = 0;

	begin();
	for (i = 0; i < 3000; i++)
		used += (size_t)sprintf(text + used, "many:event_%04zu\n",
					2999 - i);
	fake_tracefs_write(&fake, "available_events", text);
	ck_assert_int_eq(perftrace_event_list_new(fake.context, NULL, &list),
			 0);
	ck_assert_uint_eq(perftrace_event_list_get_num_names(list), 3000);
	for (i = 0; i < 3000; i++) {
		sprintf(name, "many:event_%04zu", i);
		ck_assert_str_eq(perftrace_event_list_get_name(list, i), name);
	}
	perftrace_event_list_free(list);
	end();
}
END_TEST

START_TEST(says_what_it_cannot_read)
{
	struct perftrace_event_list *list = NULL;

	begin();
	fake_tracefs_remove(&fake, "available_events");
	ck_assert_int_eq(perftrace_event_list_new(fake.context, NULL, &list),
			 -ENOENT);
	ck_assert_ptr_null(list);
	ck_assert_str_eq(perftrace_context_error(fake.context),
			 "tracefs: available_events can't be read: No such "
			 "file or directory");
	end();
}
END_TEST

START_TEST(offers_names)
{
	struct perftrace_event_list *list;
	struct suggestions suggestions;
	char text[128];

	begin();
	ck_assert_int_eq(perftrace_event_list_new(fake.context, NULL, &list),
			 0);
	suggest_begin(&suggestions, "irq:softirq_enty");
	event_list_suggest(list, &suggestions);
	suggest_write(&suggestions, text, sizeof(text));
	ck_assert_str_eq(text, "irq:softirq_entry");
	perftrace_event_list_free(list);
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(lists_all_sorted),
	TEST(matches_whole_names),
	TEST(matches_names_without_their_system),
	TEST(lists_nothing_that_does_not_match),
	TEST(passes_over_other_lines),
	TEST(lists_nothing_of_nothing),
	TEST(lists_many),
	TEST(says_what_it_cannot_read),
	TEST(offers_names),
};

HARNESS_MAIN("event_list", tests, HARNESS_UNIT)
