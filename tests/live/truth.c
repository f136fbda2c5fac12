/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "truth.h"

#include <string.h>

#include "harness.h"
#include "setup.h"

struct perftrace_report *check(struct perftrace_context *context,
			       struct perftrace_session *session)
{
	struct perftrace_report *report;

	succeed(context, perftrace_session_check(session, NULL, &report));
	return report;
}

struct perftrace_finding *first(struct perftrace_report *report)
{
	struct perftrace_finding *finding =
		perftrace_report_get_finding(report, 0);

	ck_assert_ptr_nonnull(finding);
	return finding;
}

bool has_gate(struct perftrace_report *report, int32_t gate, int32_t kind)
{
	size_t i, count = perftrace_report_get_num_findings(report);

	for (i = 0; i < count; i++) {
		struct perftrace_finding *finding =
			perftrace_report_get_finding(report, i);

		if (perftrace_finding_get_gate(finding) == gate &&
		    perftrace_finding_get_kind(finding) == kind)
			return true;
	}
	return false;
}

bool has_remedy(struct perftrace_finding *finding, const char *text)
{
	size_t i;

	for (i = 0; i < perftrace_finding_get_num_remedies(finding); i++) {
		if (strstr(perftrace_finding_get_remedy(finding, i), text))
			return true;
	}
	return false;
}

int32_t expect_truth(struct perftrace_context *context,
		     struct perftrace_session *session, int32_t gate)
{
	struct perftrace_report *report = check(context, session);
	int32_t predicted = perftrace_report_get_error_code(report);
	int ret = perftrace_session_open(session);

	ck_assert_msg(predicted == ret, "predicted %d, and it is %d: %s",
		      predicted, ret, perftrace_context_error(context));
	ck_assert_int_eq(perftrace_report_is_allowed(report), !ret);
	if (!ret) {
		ck_assert_ptr_null(perftrace_session_get_report(session));
		perftrace_report_unref(report);
		return ret;
	}
	ck_assert_msg(perftrace_finding_get_gate(first(report)) == gate,
		      "predicted %s",
		      perftrace_gate_get_name(
			      perftrace_finding_get_gate(first(report))));
	perftrace_report_unref(report);
	report = perftrace_session_get_report(session);
	ck_assert_ptr_nonnull(report);
	ck_assert_int_eq(perftrace_report_get_error_code(report), ret);
	ck_assert_msg(perftrace_finding_get_gate(first(report)) == gate,
		      "was %s: %s",
		      perftrace_gate_get_name(
			      perftrace_finding_get_gate(first(report))),
		      perftrace_context_error(context));
	ck_assert_int_eq(perftrace_finding_get_error_code(first(report)), ret);
	return ret;
}
