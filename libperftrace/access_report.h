/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACCESS_REPORT_H
#define ACCESS_REPORT_H

/* What the kernel would say to a plan, or has said. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"

struct perftrace_report;

/* What went wrong when the session was opened. */
struct access_failure {
	/* A call was refused: it is known which, and on whose behalf. */
	bool has_call;
	enum access_step step;
	/* -1: none of a source, but one of the session's own. */
	int64_t source;
	enum plan_own own;
	int32_t error;
	int32_t cpu;
	int32_t tid;
	/* What the library itself has found out about it; or NULL. */
	const char *reason;
	const char *remedy;
};

/* Nothing is known of it but the library's own words. */
#define ACCESS_NO_FAILURE                                                      \
	((struct access_failure){ .source = -1, .cpu = -1, .tid = -1 })

/*
 * The forecast; and when a call has failed, why. @failure: NULL: nothing has.
 * -ENOMEM.
 */
int access_report(const struct facts *facts, const struct plan *plan,
		  const struct access_failure *failure,
		  struct perftrace_report **report);

#endif /* ACCESS_REPORT_H */
