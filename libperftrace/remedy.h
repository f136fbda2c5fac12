/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REMEDY_H
#define REMEDY_H

/* What would help against a finding. Pure. */

#include <stddef.h>

#include <perftrace/report.h>

struct access_call;
struct access_rule;
struct facts;

/* Settings, capabilities, a level, and to hand it over. */
#define MOST_REMEDIES 20

struct remedy_text {
	enum perftrace_remedy_kind kind;
	char text[80];
};

struct remedies {
	struct remedy_text texts[MOST_REMEDIES];
	size_t count;
};

/*
 * What makes a refused call pass: each alone, all of its gates at once. The one
 * that asks for the least comes first.
 */
void remedy_search(const struct facts *facts, const struct access_call *call,
		   struct remedies *remedies);

/* Add those to one of the call's findings, with what its rule alone has. */
void remedy_add(struct perftrace_report *report,
		struct perftrace_finding *finding,
		const struct access_rule *rule, const struct facts *facts,
		const struct access_call *call,
		const struct remedies *searched);

#endif /* REMEDY_H */
