/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include <perftrace/perftrace.h>

/* Whether what is said of a session beforehand is what comes of it. */

/* What the rules say of a session now. */
struct perftrace_report *check(struct perftrace_context *context,
			       struct perftrace_session *session);

/* There is one. */
struct perftrace_finding *first(struct perftrace_report *report);

bool has_gate(struct perftrace_report *report, int32_t gate, int32_t kind);
bool has_remedy(struct perftrace_finding *finding, const char *text);

/*
 * The forecast and the open agree, and the report that a failed open leaves
 * behind names the same gate. Returns the code.
 */
int32_t expect_truth(struct perftrace_context *context,
		     struct perftrace_session *session, int32_t gate);

#endif /* TRUTH_H */
