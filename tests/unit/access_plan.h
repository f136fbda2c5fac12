/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACCESS_PLAN_H
#define ACCESS_PLAN_H

/* Plans of sessions, by hand, and what is said of them. */

#include <linux/perf_event.h>

#include "access_host.h"
#include "access_report.h"
#include "plan.h"
#include "report.h"

#define MADE_SOURCES 8
#define MADE_CPUS    2
#define MADE_TASKS   4
#define MADE_RING    (UINT64_C(512) << 10)

enum made_target { OWN_PROCESS, OTHER_TASK, ALL_CPUS, CHILD };
enum made_mode { STREAM, COUNT };

struct made_plan {
	struct plan plan;
	struct plan_source sources[MADE_SOURCES];
	struct perf_event_attr attrs[MADE_SOURCES];
	struct perf_event_attr anchor;
	struct perf_event_attr sideband;
	int32_t cpus[MADE_CPUS];
	struct access_task tasks[MADE_TASKS];
	enum made_mode mode;
};

/* As forecast.c makes them: rings of 512 KiB on two CPUs for a stream. */
void plan_make(struct made_plan *made, enum made_target target,
	       enum made_mode mode);

/* An event with more of a shape than the mode brings; it is returned. */
struct plan_source *plan_add(struct made_plan *made,
			     const struct access_event *event,
			     unsigned int shape);

/* One task more. */
struct access_task *plan_add_task(struct made_plan *made, int32_t tid);

/* Fails the test when there is no memory; to be let go with unref. */
struct perftrace_report *plan_ask(const struct made_plan *made,
				  const char *host);
struct perftrace_report *plan_blame(const struct made_plan *made,
				    const char *host,
				    const struct access_failure *failure);

#define REFUSED PERFTRACE_FINDING_REFUSED
#define SILENT	PERFTRACE_FINDING_SILENT
#define UNKNOWN PERFTRACE_FINDING_UNKNOWN
#define LIMITED PERFTRACE_FINDING_LIMITED
#define COSTLY	PERFTRACE_FINDING_COSTLY

#define HAND_OVER "hand_over perftrace_session_send(3)"

/* The gates of a kind of finding, in their order: "kernel raw". */
void expect_gates(struct perftrace_report *report, int32_t kind,
		  const char *gates);

/* Of perftrace_session_open(); 0: it is allowed. */
void expect_error(struct perftrace_report *report, int32_t error);

/* The first of a gate and a source; there must be one. */
struct perftrace_finding *find_finding(struct perftrace_report *report,
				       int32_t gate, int64_t source);

/* "setting exclude_kernel=1; capability CAP_PERFMON": all of a finding's. */
void expect_remedies(struct perftrace_report *report, int32_t gate,
		     int64_t source, const char *remedies);

#endif /* ACCESS_PLAN_H */
