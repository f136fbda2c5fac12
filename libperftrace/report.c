/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* The kernel's own, which reaches users although it has no name there. */
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

struct remedy {
	enum perftrace_remedy_kind kind;
	char *text;
};

struct perftrace_finding {
	struct finding_request said;
	char *subject;
	char *message;
	struct remedy *remedies;
	size_t num_remedies;
	/* Where it stood, for those of a kind to stay in their order. */
	size_t position;
};

struct perftrace_report {
	/* Atomic: several threads may hold it. */
	unsigned int references;
	struct perftrace_finding **findings;
	size_t num_findings;
	size_t room;
	struct report_numbers numbers;
	int32_t error;
	bool has_failed;
};

struct perftrace_report *report_new(void)
{
	struct perftrace_report *report = calloc(1, sizeof(*report));

	if (report)
		report->references = 1;
	return report;
}

static void free_finding(struct perftrace_finding *finding)
{
	while (finding->num_remedies)
		free(finding->remedies[--finding->num_remedies].text);
	free(finding->remedies);
	free(finding->subject);
	free(finding->message);
	free(finding);
}

PERFTRACE_EXPORT struct perftrace_report *
perftrace_report_ref(struct perftrace_report *report)
{
	assert(report);
	__atomic_add_fetch(&report->references, 1, __ATOMIC_RELAXED);
	return report;
}

PERFTRACE_EXPORT void perftrace_report_unref(struct perftrace_report *report)
{
	if (!report ||
	    __atomic_sub_fetch(&report->references, 1, __ATOMIC_ACQ_REL))
		return;
	while (report->num_findings)
		free_finding(report->findings[--report->num_findings]);
	free(report->findings);
	free(report);
}

static struct perftrace_finding *
new_finding(const struct finding_request *request)
{
	struct perftrace_finding *finding = calloc(1, sizeof(*finding));

	if (!finding)
		return NULL;
	finding->said = *request;
	finding->subject = strdup(request->subject);
	finding->message = strdup(request->message);
	if (finding->subject && finding->message)
		return finding;
	free_finding(finding);
	return NULL;
}

static bool make_room(struct perftrace_report *report)
{
	size_t room = report->room ? 2 * report->room : 8;
	struct perftrace_finding **larger;

	if (report->num_findings < report->room)
		return true;
	larger = realloc(report->findings, room * sizeof(*larger));
	if (!larger)
		return false;
	report->findings = larger;
	report->room = room;
	return true;
}

struct perftrace_finding *report_add(struct perftrace_report *report,
				     const struct finding_request *request)
{
	struct perftrace_finding *finding = NULL;

	if (make_room(report))
		finding = new_finding(request);
	if (!finding) {
		report->has_failed = true;
		return NULL;
	}
	finding->position = report->num_findings + 1;
	report->findings[report->num_findings++] = finding;
	return finding;
}

static bool is_about(const struct perftrace_finding *finding,
		     const struct finding_request *request)
{
	return finding->said.kind == request->kind &&
	       finding->said.gate == request->gate &&
	       finding->said.error == request->error &&
	       finding->said.source == request->source;
}

void report_drop(struct perftrace_report *report,
		 const struct finding_request *request)
{
	size_t i, kept = 0;

	for (i = 0; i < report->num_findings; i++) {
		struct perftrace_finding *finding = report->findings[i];

		if (is_about(finding, request))
			free_finding(finding);
		else
			report->findings[kept++] = finding;
	}
	report->num_findings = kept;
}

struct perftrace_finding *
report_add_first(struct perftrace_report *report,
		 const struct finding_request *request)
{
	struct perftrace_finding *finding = report_add(report, request);

	if (finding)
		finding->position = 0;
	return finding;
}

void finding_add_remedy(struct perftrace_report *report,
			struct perftrace_finding *finding,
			enum perftrace_remedy_kind kind, const char *format,
			...)
{
	struct remedy *larger;
	va_list arguments;
	char *text;
	int length;

	if (!finding)
		return;
	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		report->has_failed = true;
		return;
	}
	larger = realloc(finding->remedies,
			 (finding->num_remedies + 1) * sizeof(*larger));
	if (!larger) {
		free(text);
		report->has_failed = true;
		return;
	}
	finding->remedies = larger;
	finding->remedies[finding->num_remedies++] =
		(struct remedy){ .kind = kind, .text = text };
}

void report_set_numbers(struct perftrace_report *report,
			const struct report_numbers *numbers)
{
	report->numbers = *numbers;
}

void report_set_error(struct perftrace_report *report, int32_t error)
{
	report->error = error;
}

/* What has to be known first comes first. */
static int rank(enum perftrace_finding_kind kind)
{
	switch (kind) {
	case PERFTRACE_FINDING_REFUSED:
		return 0;
	case PERFTRACE_FINDING_SILENT:
		return 1;
	case PERFTRACE_FINDING_UNKNOWN:
		return 2;
	case PERFTRACE_FINDING_LIMITED:
		return 3;
	default:
		return 4;
	}
}

static int compare_findings(const void *left, const void *right)
{
	const struct perftrace_finding *a =
		*(struct perftrace_finding *const *)left;
	const struct perftrace_finding *b =
		*(struct perftrace_finding *const *)right;

	if (a->said.kind != b->said.kind)
		return rank(a->said.kind) - rank(b->said.kind);
	return (a->position > b->position) - (a->position < b->position);
}

int report_finish(struct perftrace_report *report)
{
	if (report->num_findings)
		qsort(report->findings, report->num_findings,
		      sizeof(*report->findings), compare_findings);
	return report->has_failed ? -ENOMEM : 0;
}

void report_write_error(int32_t error, char *text, size_t room)
{
	const char *name = strerrorname_np(-error);

	if (error == -ENOTSUPP)
		snprintf(text, room, "ENOTSUPP (524): not supported");
	else if (name)
		snprintf(text, room, "%s: %s", name, strerror(-error));
	else
		snprintf(text, room, "error %d", -error);
}

static const char *remedy_verb(enum perftrace_remedy_kind kind)
{
	switch (kind) {
	case PERFTRACE_REMEDY_SETTING:
		return "set ";
	case PERFTRACE_REMEDY_CAPABILITY:
		return "run as root or with ";
	case PERFTRACE_REMEDY_SYSCTL:
		return "sysctl ";
	case PERFTRACE_REMEDY_LIMIT:
		return "raise the limit to ";
	case PERFTRACE_REMEDY_HAND_OVER:
		return "let a privileged process open the session and hand it "
		       "over: ";
	default:
		return "";
	}
}

size_t finding_write_remedies(struct perftrace_finding *finding, char *text,
			      size_t room)
{
	size_t i, used = 0;

	for (i = 0; i < finding->num_remedies; i++)
		used += (size_t)snprintf(used < room ? text + used : NULL,
					 used < room ? room - used : 0,
					 "%s%s%s", i ? ", or: " : "",
					 remedy_verb(finding->remedies[i].kind),
					 finding->remedies[i].text);
	return used;
}

int finding_fail(struct log *log, struct perftrace_finding *finding)
{
	char error[128], remedies[1024];

	report_write_error(finding->said.error, error, sizeof(error));
	fail(log, finding->said.error, "%s: %s, %s", finding->subject, error,
	     finding->message);
	if (!finding->num_remedies)
		return finding->said.error;
	finding_write_remedies(finding, remedies, sizeof(remedies));
	return fail_remedy(log, "%s", remedies);
}

static bool has_kind(struct perftrace_report *report,
		     enum perftrace_finding_kind kind)
{
	size_t i;

	for (i = 0; i < report->num_findings; i++) {
		if (report->findings[i]->said.kind == kind)
			return true;
	}
	return false;
}

PERFTRACE_EXPORT bool
perftrace_report_is_allowed(struct perftrace_report *report)
{
	assert(report);
	return !has_kind(report, PERFTRACE_FINDING_REFUSED);
}

PERFTRACE_EXPORT bool
perftrace_report_can_deliver(struct perftrace_report *report)
{
	assert(report);
	return !has_kind(report, PERFTRACE_FINDING_REFUSED) &&
	       !has_kind(report, PERFTRACE_FINDING_SILENT);
}

PERFTRACE_EXPORT bool
perftrace_report_is_certain(struct perftrace_report *report)
{
	assert(report);
	return !has_kind(report, PERFTRACE_FINDING_UNKNOWN);
}

PERFTRACE_EXPORT int32_t
perftrace_report_get_error_code(struct perftrace_report *report)
{
	assert(report);
	return report->error;
}

PERFTRACE_EXPORT size_t
perftrace_report_get_num_findings(struct perftrace_report *report)
{
	assert(report);
	return report->num_findings;
}

PERFTRACE_EXPORT struct perftrace_finding *
perftrace_report_get_finding(struct perftrace_report *report, size_t index)
{
	assert(report);
	return index < report->num_findings ? report->findings[index] : NULL;
}

PERFTRACE_EXPORT uint64_t
perftrace_report_get_num_descriptors(struct perftrace_report *report)
{
	assert(report);
	return report->numbers.num_descriptors;
}

PERFTRACE_EXPORT uint64_t
perftrace_report_get_num_descriptors_available(struct perftrace_report *report)
{
	assert(report);
	return report->numbers.num_descriptors_available;
}

PERFTRACE_EXPORT uint64_t
perftrace_report_get_locked_kib(struct perftrace_report *report)
{
	assert(report);
	return report->numbers.locked_kib;
}

PERFTRACE_EXPORT uint64_t
perftrace_report_get_locked_kib_available(struct perftrace_report *report)
{
	assert(report);
	return report->numbers.locked_kib_available;
}

PERFTRACE_EXPORT uint64_t
perftrace_report_get_ring_size_bytes(struct perftrace_report *report)
{
	assert(report);
	return report->numbers.ring_bytes;
}

PERFTRACE_EXPORT int32_t
perftrace_finding_get_kind(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->said.kind;
}

PERFTRACE_EXPORT int32_t
perftrace_finding_get_gate(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->said.gate;
}

PERFTRACE_EXPORT int32_t
perftrace_finding_get_error_code(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->said.error;
}

PERFTRACE_EXPORT int64_t
perftrace_finding_get_source_index(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->said.source;
}

PERFTRACE_EXPORT const char *
perftrace_finding_get_subject(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->subject;
}

PERFTRACE_EXPORT int32_t
perftrace_finding_get_cpu(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->said.cpu;
}

PERFTRACE_EXPORT int32_t
perftrace_finding_get_tid(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->said.tid;
}

PERFTRACE_EXPORT const char *
perftrace_finding_get_message(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->message;
}

PERFTRACE_EXPORT const char *
perftrace_finding_get_kernel_function(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->said.function;
}

PERFTRACE_EXPORT size_t
perftrace_finding_get_num_remedies(struct perftrace_finding *finding)
{
	assert(finding);
	return finding->num_remedies;
}

PERFTRACE_EXPORT const char *
perftrace_finding_get_remedy(struct perftrace_finding *finding, size_t index)
{
	assert(finding);
	return index < finding->num_remedies ? finding->remedies[index].text :
					       NULL;
}

PERFTRACE_EXPORT int32_t perftrace_finding_get_remedy_kind(
	struct perftrace_finding *finding, size_t index)
{
	assert(finding);
	return index < finding->num_remedies ?
		       (int32_t)finding->remedies[index].kind :
		       -EINVAL;
}
