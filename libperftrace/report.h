/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_H
#define REPORT_H

/* Reports while they are made. */

#include <stddef.h>
#include <stdint.h>

#include <perftrace/report.h>

#include "export.h"

struct log;

/* What a finding is to say; texts are copied. */
struct finding_request {
	enum perftrace_finding_kind kind;
	enum perftrace_gate gate;
	int32_t error;
	int64_t source;
	int32_t cpu;
	int32_t tid;
	const char *subject;
	const char *message;
	const char *function;
};

/* NULL: no memory. */
struct perftrace_report *report_new(void);

/* NULL: no memory, which report_finish() tells. */
struct perftrace_finding *report_add(struct perftrace_report *report,
				     const struct finding_request *request);

/* Forget what says the same of the same. */
void report_drop(struct perftrace_report *report,
		 const struct finding_request *request);

/* Before all others of its kind. */
struct perftrace_finding *
report_add_first(struct perftrace_report *report,
		 const struct finding_request *request);

/* @finding: NULL does nothing. */
void finding_add_remedy(struct perftrace_report *report,
			struct perftrace_finding *finding,
			enum perftrace_remedy_kind kind, const char *format,
			...) PRINTF_FORMAT(4, 5);

/* What the session will need, and what there is. */
struct report_numbers {
	uint64_t num_descriptors;
	uint64_t num_descriptors_available;
	uint64_t locked_kib;
	uint64_t locked_kib_available;
	uint64_t ring_bytes;
};

void report_set_numbers(struct perftrace_report *report,
			const struct report_numbers *numbers);
void report_set_error(struct perftrace_report *report, int32_t error);

/* Put the findings in order. -ENOMEM when some could not be kept. */
int report_finish(struct perftrace_report *report);

/* Its words as the log's, with the remedies in one; returns its errno. */
int finding_fail(struct log *log, struct perftrace_finding *finding);

/* "CAP_PERFMON" -> "run with CAP_PERFMON". */
size_t finding_write_remedies(struct perftrace_finding *finding, char *text,
			      size_t room);

/* "EACCES: Permission denied" */
void report_write_error(int32_t error, char *text, size_t room);

#endif /* REPORT_H */
