/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REMEDY_H
#define REMEDY_H

/* What would help against a finding. Pure. */

struct access_call;
struct access_rule;
struct facts;
struct perftrace_finding;
struct perftrace_report;

/*
 * Add to a finding what makes the call pass: each remedy alone, all of the
 * call's gates at once. The one that asks for the least comes first.
 */
void remedy_add(struct perftrace_report *report,
		struct perftrace_finding *finding,
		const struct access_rule *rule, const struct facts *facts,
		const struct access_call *call);

#endif /* REMEDY_H */
