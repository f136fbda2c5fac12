/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "log.h"
#include "report.h"

static struct perftrace_finding *add(struct perftrace_report *report,
				     enum perftrace_finding_kind kind,
				     enum perftrace_gate gate, int64_t source,
				     const char *subject)
{
	struct finding_request request = {
		.kind = kind,
		.gate = gate,
		.error = kind == PERFTRACE_FINDING_REFUSED ? -EACCES : 0,
		.source = source,
		.cpu = -1,
		.tid = -1,
		.subject = subject,
		.message = "of old",
		.function = "perf()",
	};

	return report_add(report, &request);
}

static void expect_subjects(struct perftrace_report *report, const char *names)
{
	char text[256] = "";
	size_t i;

	for (i = 0; i < perftrace_report_get_num_findings(report); i++)
		strcat(text, perftrace_finding_get_subject(
				     perftrace_report_get_finding(report, i)));
	ck_assert_str_eq(text, names);
	ck_assert_ptr_null(perftrace_report_get_finding(report, i));
}

static void expect_text(struct perftrace_report *report, const char *expected)
{
	char *text, *part;
	size_t length, room;

	length = (size_t)perftrace_report_format(report, NULL, 0);
	ck_assert_uint_eq(length, strlen(expected));
	text = malloc(length + 1);
	part = malloc(length + 2);
	ck_assert(text && part);
	ck_assert_int_eq(perftrace_report_format(report, text, length + 1),
			 (int64_t)length);
	ck_assert_str_eq(text, expected);
	/* Cut off as by snprintf(3). */
	for (room = 1; room <= length + 1; room++) {
		memset(part, '#', length + 2);
		ck_assert_int_eq(perftrace_report_format(report, part, room),
				 (int64_t)length);
		ck_assert_uint_eq(strlen(part), room - 1);
		ck_assert(!memcmp(part, text, room - 1));
		ck_assert_int_eq(part[room], '#');
	}
	free(text);
	free(part);
}

START_TEST(has_nothing_to_say_at_first)
{
	char byte = '#';
	struct perftrace_report *report = report_new();

	ck_assert_int_eq(report_finish(report), 0);
	ck_assert(perftrace_report_is_allowed(report));
	ck_assert(perftrace_report_can_deliver(report));
	ck_assert(perftrace_report_is_certain(report));
	ck_assert_int_eq(perftrace_report_get_error_code(report), 0);
	ck_assert_int_eq(perftrace_report_format(report, &byte, 1), 0);
	ck_assert_int_eq(byte, '\0');
	expect_text(report, "");
	perftrace_report_unref(report);
	perftrace_report_unref(NULL);
}
END_TEST

START_TEST(sorts_by_kind_and_keeps_the_order)
{
	struct perftrace_report *report = report_new();
	struct finding_request first = { .kind = PERFTRACE_FINDING_REFUSED,
					 .subject = "0",
					 .message = "",
					 .function = "" };

	add(report, PERFTRACE_FINDING_COSTLY, 1, 0, "8");
	add(report, PERFTRACE_FINDING_LIMITED, 1, 0, "7");
	add(report, PERFTRACE_FINDING_UNKNOWN, 1, 0, "5");
	add(report, PERFTRACE_FINDING_SILENT, 1, 0, "3");
	add(report, PERFTRACE_FINDING_REFUSED, 1, 0, "1");
	add(report, PERFTRACE_FINDING_REFUSED, 1, 0, "2");
	add(report, PERFTRACE_FINDING_SILENT, 1, 0, "4");
	add(report, PERFTRACE_FINDING_UNKNOWN, 1, 0, "6");
	add(report, PERFTRACE_FINDING_COSTLY, 1, 0, "9");
	report_add_first(report, &first);
	ck_assert_int_eq(report_finish(report), 0);
	expect_subjects(report, "0123456789");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(answers_by_the_kinds_of_findings)
{
	static const struct {
		enum perftrace_finding_kind kind;
		bool is_allowed, can_deliver, is_certain;
	} cases[] = {
		{ PERFTRACE_FINDING_REFUSED, false, false, true },
		{ PERFTRACE_FINDING_LIMITED, true, true, true },
		{ PERFTRACE_FINDING_SILENT, true, false, true },
		{ PERFTRACE_FINDING_COSTLY, true, true, true },
		{ PERFTRACE_FINDING_UNKNOWN, true, true, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct perftrace_report *report = report_new();

		add(report, cases[i].kind, 1, 0, "a");
		ck_assert(perftrace_report_is_allowed(report) ==
			  cases[i].is_allowed);
		ck_assert(perftrace_report_can_deliver(report) ==
			  cases[i].can_deliver);
		ck_assert(perftrace_report_is_certain(report) ==
			  cases[i].is_certain);
		perftrace_report_unref(report);
	}
}
END_TEST

START_TEST(drops_what_says_the_same)
{
	struct perftrace_report *report = report_new();
	struct finding_request same = { .kind = PERFTRACE_FINDING_REFUSED,
					.gate = PERFTRACE_GATE_CPU,
					.error = -EACCES,
					.source = 1 };

	add(report, PERFTRACE_FINDING_REFUSED, PERFTRACE_GATE_CPU, 1, "a");
	add(report, PERFTRACE_FINDING_REFUSED, PERFTRACE_GATE_CPU, 2, "b");
	add(report, PERFTRACE_FINDING_REFUSED, PERFTRACE_GATE_RAW, 1, "c");
	add(report, PERFTRACE_FINDING_UNKNOWN, PERFTRACE_GATE_CPU, 1, "d");
	add(report, PERFTRACE_FINDING_REFUSED, PERFTRACE_GATE_CPU, 1, "e");
	report_drop(report, &same);
	report_finish(report);
	expect_subjects(report, "bcd");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(says_once_what_several_have_in_common)
{
	struct perftrace_report *report = report_new();
	struct perftrace_finding *finding;
	int64_t i;

	for (i = 0; i < 3; i++) {
		finding = add(report, PERFTRACE_FINDING_REFUSED,
			      PERFTRACE_GATE_CPU, i, i ? "b" : "a");
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_CAPABILITY,
				   "CAP_%s", "PERFMON");
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_SYSCTL,
				   "level=%d", 0);
	}
	/* With another remedy, it is something else. */
	finding = add(report, PERFTRACE_FINDING_REFUSED, PERFTRACE_GATE_CPU, 3,
		      "c");
	finding_add_remedy(report, finding, PERFTRACE_REMEDY_CAPABILITY,
			   "CAP_PERFMON");
	add(report, PERFTRACE_FINDING_SILENT, PERFTRACE_GATE_CPU, 4, "d");
	report_finish(report);
	expect_text(report, "refused: a and 2 more: of old (EACCES)\n"
			    "  remedy, capability: CAP_PERFMON\n"
			    "  or sysctl: level=0\n"
			    "refused: c: of old (EACCES)\n"
			    "  remedy, capability: CAP_PERFMON\n"
			    "silent: d: of old\n");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(hands_out_remedies)
{
	struct perftrace_report *report = report_new();
	struct perftrace_finding *finding =
		add(report, PERFTRACE_FINDING_REFUSED, 1, 0, "a");
	char text[256];

	finding_add_remedy(report, finding, PERFTRACE_REMEDY_SETTING, "a=1");
	finding_add_remedy(report, finding, PERFTRACE_REMEDY_HAND_OVER, "b");
	/* Of a finding that there was no memory for. */
	finding_add_remedy(report, NULL, PERFTRACE_REMEDY_OTHER, "c");
	ck_assert_uint_eq(perftrace_finding_get_num_remedies(finding), 2);
	ck_assert_str_eq(perftrace_finding_get_remedy(finding, 0), "a=1");
	ck_assert_ptr_null(perftrace_finding_get_remedy(finding, 2));
	ck_assert_int_eq(perftrace_finding_get_remedy_kind(finding, 1),
			 PERFTRACE_REMEDY_HAND_OVER);
	ck_assert_int_eq(perftrace_finding_get_remedy_kind(finding, 2),
			 -EINVAL);
	finding_write_remedies(finding, text, sizeof(text));
	ck_assert_str_eq(text, "set a=1, or: let a privileged process open the "
			       "session and hand it over: b");
	ck_assert_uint_eq(finding_write_remedies(finding, text, 5),
			  finding_write_remedies(finding, NULL, 0));
	ck_assert_str_eq(text, "set ");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(speaks_through_the_log)
{
	struct log *notes = log_new();
	struct perftrace_report *report = report_new();
	struct perftrace_finding *finding =
		add(report, PERFTRACE_FINDING_REFUSED, 1, 0, "a");

	ck_assert_int_eq(finding_fail(notes, finding), -EACCES);
	ck_assert_str_eq(log_get_reason(notes),
			 "a: EACCES: Permission denied, of old");
	finding_add_remedy(report, finding, PERFTRACE_REMEDY_CAPABILITY,
			   "CAP_PERFMON");
	ck_assert_int_eq(finding_fail(notes, finding), -EACCES);
	ck_assert_str_eq(log_get_remedy(notes),
			 "run as root or with CAP_PERFMON");
	perftrace_report_unref(report);
	log_free(notes);
}
END_TEST

static void expect_words(int32_t error, const char *words)
{
	char text[128];

	report_write_error(error, text, sizeof(text));
	ck_assert_str_eq(text, words);
}

START_TEST(has_words_for_every_errno)
{
	expect_words(-EACCES, "EACCES: Permission denied");
	expect_words(-524, "ENOTSUPP (524): not supported");
	expect_words(-4000, "error 4000");
}
END_TEST

START_TEST(has_a_name_for_every_number)
{
	int32_t i, j;

	for (i = 1; i <= PERFTRACE_GATE_ADDRESSES; i++) {
		const char *name = perftrace_gate_get_name(i);

		ck_assert_str_ne(name, "unknown");
		ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz_"),
				  strlen(name));
		for (j = 1; j < i; j++)
			ck_assert_str_ne(name, perftrace_gate_get_name(j));
	}
	ck_assert_str_eq(perftrace_gate_get_name(0), "unknown");
	ck_assert_str_eq(perftrace_gate_get_name(i), "unknown");
	ck_assert_str_eq(perftrace_gate_get_name(-1), "unknown");
	ck_assert_str_eq(perftrace_gate_get_name(INT32_MIN), "unknown");
	ck_assert_str_eq(
		perftrace_finding_kind_get_name(PERFTRACE_FINDING_COSTLY),
		"costly");
	ck_assert_str_eq(perftrace_finding_kind_get_name(5), "unknown");
	ck_assert_str_eq(
		perftrace_remedy_kind_get_name(PERFTRACE_REMEDY_HAND_OVER),
		"hand_over");
	ck_assert_str_eq(perftrace_remedy_kind_get_name(7), "unknown");
}
END_TEST

START_TEST(is_held_by_several)
{
	struct perftrace_report *report = report_new();

	add(report, PERFTRACE_FINDING_REFUSED, 1, 0, "a");
	ck_assert_ptr_eq(perftrace_report_ref(report), report);
	perftrace_report_unref(report);
	expect_subjects(report, "a");
	perftrace_report_unref(report);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(has_nothing_to_say_at_first),
	TEST(sorts_by_kind_and_keeps_the_order),
	TEST(answers_by_the_kinds_of_findings),
	TEST(drops_what_says_the_same),
	TEST(says_once_what_several_have_in_common),
	TEST(hands_out_remedies),
	TEST(speaks_through_the_log),
	TEST(has_words_for_every_errno),
	TEST(has_a_name_for_every_number),
	TEST(is_held_by_several),
};

HARNESS_MAIN("report", tests, HARNESS_UNIT)
