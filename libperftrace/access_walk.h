/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACCESS_WALK_H
#define ACCESS_WALK_H

/* Each call of a plan, put to the rules one after the other. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan.h"
#include "remedy.h"

/* Of a rule, what has been found in one set of calls. */
struct hit {
	enum verdict verdict;
	int32_t error;
	struct access_call call;
	bool is_of_several_cpus;
	bool is_of_several_tasks;
};

struct walk {
	const struct facts *facts;
	const struct plan *plan;
	struct perftrace_report *report;
	const struct access_rule *rules;
	size_t num_rules;
	struct hit hits[ACCESS_MOST_RULES];
	/* Of which rules there are hits, as they came. */
	size_t order[ACCESS_MOST_RULES];
	size_t num_hits;
	/* Open so far. */
	uint64_t num_open;
	/* The shortage has been told. */
	bool has_shortage;
	int32_t error;
	uint64_t ring_bytes;
	/* What helps against the call that was asked of last. */
	bool has_searched;
	struct access_call searched_call;
	struct remedies remedies;
};

/* The events of the session's own. */
const struct access_event *walk_get_own(enum plan_own own);

/* Add the findings of all calls. */
void walk_plan(struct walk *walk);

/* The first one that is noted is the caller's. */
void walk_note_error(struct walk *walk, int32_t error);

/* The words of a finding. */
void walk_write_subject(const struct walk *walk, const char *name, int32_t cpu,
			int32_t tid, char *text, size_t room);
void walk_explain(const struct walk *walk, const struct access_rule *rule,
		  const struct hit *hit, char *text, size_t room);

/* With what would help. */
void walk_add_remedies(struct walk *walk, struct perftrace_finding *finding,
		       const struct access_rule *rule, struct hit *hit);

#endif /* ACCESS_WALK_H */
