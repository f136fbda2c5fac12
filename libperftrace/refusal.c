/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "refusal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "descriptors.h"
#include "log.h"
#include "report.h"
#include "target.h"

/* How much of a filter is repeated in an error. */
#define LONGEST_QUOTE 400

/* "sched:sched_switch on CPU 1, task 4242". */
static void write_subject(char *text, size_t room, const char *name,
			  const struct refusal *refusal)
{
	char cpu[32] = "", task[32] = "";

	if (refusal->cpu != ANY_CPU)
		snprintf(cpu, sizeof(cpu), " on CPU %" PRId32, refusal->cpu);
	if (refusal->tid != ALL_TASKS)
		snprintf(task, sizeof(task), " for task %" PRId32,
			 refusal->tid);
	snprintf(text, room, "%s%s%s%s%s", name, cpu, task,
		 refusal->cgroup ? " for cgroup " : "",
		 refusal->cgroup ? refusal->cgroup : "");
}

int refusal_tell(struct log *log, const char *name, const char *call,
		 const struct refusal *refusal)
{
	char subject[512], error[128];

	write_subject(subject, sizeof(subject), name, refusal);
	report_write_error(refusal->error, error, sizeof(error));
	return fail(log, refusal->error, "%s: %s: %s", subject, call, error);
}

int refusal_tell_filter(struct log *log, const char *name, const char *filter,
			const struct refusal *refusal)
{
	char subject[512], error[128];

	write_subject(subject, sizeof(subject), name, refusal);
	report_write_error(refusal->error, error, sizeof(error));
	/* However long it is, the reason must fit behind it. */
	fail(log, -EINVAL, "%s: the kernel refuses the filter \"%.*s%s\": %s",
	     subject, LONGEST_QUOTE, filter,
	     strlen(filter) > LONGEST_QUOTE ? "..." : "", error);
	return fail_remedy(log, "this kernel may not know all that newer ones "
				"know in filters");
}
