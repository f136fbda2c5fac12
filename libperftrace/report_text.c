/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of reports. */
#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "report.h"

static const char *const gates[] = {
	[PERFTRACE_GATE_UNKNOWN] = "unknown",
	[PERFTRACE_GATE_SECCOMP] = "seccomp",
	[PERFTRACE_GATE_VENDOR_LEVEL] = "vendor_level",
	[PERFTRACE_GATE_SECURITY_MODULE] = "security_module",
	[PERFTRACE_GATE_KERNEL] = "kernel",
	[PERFTRACE_GATE_CALLCHAIN] = "callchain",
	[PERFTRACE_GATE_PHYSICAL_ADDRESS] = "physical_address",
	[PERFTRACE_GATE_REGISTERS] = "registers",
	[PERFTRACE_GATE_DESCRIPTORS] = "descriptors",
	[PERFTRACE_GATE_TASK_GONE] = "task_gone",
	[PERFTRACE_GATE_CPU_ABSENT] = "cpu_absent",
	[PERFTRACE_GATE_EVENT_GONE] = "event_gone",
	[PERFTRACE_GATE_PMU] = "pmu",
	[PERFTRACE_GATE_KPROBE] = "kprobe",
	[PERFTRACE_GATE_UPROBE] = "uprobe",
	[PERFTRACE_GATE_LOCKDOWN] = "lockdown",
	[PERFTRACE_GATE_PLACE] = "place",
	[PERFTRACE_GATE_IRQ_WORK] = "irq_work",
	[PERFTRACE_GATE_FUNCTION] = "function",
	[PERFTRACE_GATE_FUNCTION_STACK] = "function_stack",
	[PERFTRACE_GATE_RAW] = "raw",
	[PERFTRACE_GATE_SYNTHETIC] = "synthetic",
	[PERFTRACE_GATE_UPROBE_BUSY] = "uprobe_busy",
	[PERFTRACE_GATE_CGROUP] = "cgroup",
	[PERFTRACE_GATE_CALLCHAIN_DEPTH] = "callchain_depth",
	[PERFTRACE_GATE_TASK] = "task",
	[PERFTRACE_GATE_CPU] = "cpu",
	[PERFTRACE_GATE_CPU_OFFLINE] = "cpu_offline",
	[PERFTRACE_GATE_MEMORY] = "memory",
	[PERFTRACE_GATE_RING_SIZE] = "ring_size",
	[PERFTRACE_GATE_LOCKED_MEMORY] = "locked_memory",
	[PERFTRACE_GATE_TRACEFS] = "tracefs",
	[PERFTRACE_GATE_SETTING] = "setting",
	[PERFTRACE_GATE_EXCLUDE_KERNEL] = "exclude_kernel",
	[PERFTRACE_GATE_FTRACE_DISABLED] = "ftrace_disabled",
	[PERFTRACE_GATE_KPROBES_DISARMED] = "kprobes_disarmed",
	[PERFTRACE_GATE_WATERMARK] = "watermark",
	[PERFTRACE_GATE_CLOSING] = "closing",
	[PERFTRACE_GATE_FUNCTION_COST] = "function_cost",
	[PERFTRACE_GATE_ADDRESSES] = "addresses",
};

static const char *const kinds[] = {
	[PERFTRACE_FINDING_REFUSED] = "refused",
	[PERFTRACE_FINDING_LIMITED] = "limited",
	[PERFTRACE_FINDING_SILENT] = "silent",
	[PERFTRACE_FINDING_COSTLY] = "costly",
	[PERFTRACE_FINDING_UNKNOWN] = "unknown",
};

static const char *const remedies[] = {
	[PERFTRACE_REMEDY_SETTING] = "setting",
	[PERFTRACE_REMEDY_CAPABILITY] = "capability",
	[PERFTRACE_REMEDY_SYSCTL] = "sysctl",
	[PERFTRACE_REMEDY_LIMIT] = "limit",
	[PERFTRACE_REMEDY_COMMAND] = "command",
	[PERFTRACE_REMEDY_HAND_OVER] = "hand_over",
	[PERFTRACE_REMEDY_OTHER] = "other",
};

static const char *find_word(const char *const *words, size_t count,
			     int32_t index)
{
	return index >= 0 && (size_t)index < count ? words[index] : "unknown";
}

PERFTRACE_EXPORT const char *perftrace_gate_get_name(int32_t gate)
{
	return find_word(gates, ARRAY_SIZE(gates), gate);
}

PERFTRACE_EXPORT const char *perftrace_finding_kind_get_name(int32_t kind)
{
	return find_word(kinds, ARRAY_SIZE(kinds), kind);
}

PERFTRACE_EXPORT const char *perftrace_remedy_kind_get_name(int32_t kind)
{
	return find_word(remedies, ARRAY_SIZE(remedies), kind);
}

struct text {
	char *buffer;
	size_t room;
	size_t used;
};

static void PRINTF_FORMAT(2, 3) add(struct text *text, const char *format, ...);

static void add(struct text *text, const char *format, ...)
{
	bool has_room = text->used < text->room;
	va_list arguments;

	va_start(arguments, format);
	text->used += (size_t)vsnprintf(
		has_room ? text->buffer + text->used : NULL,
		has_room ? text->room - text->used : 0, format, arguments);
	va_end(arguments);
}

static bool have_same_remedies(struct perftrace_finding *a,
			       struct perftrace_finding *b)
{
	size_t count = perftrace_finding_get_num_remedies(a), i;

	if (perftrace_finding_get_num_remedies(b) != count)
		return false;
	for (i = 0; i < count; i++) {
		if (strcmp(perftrace_finding_get_remedy(a, i),
			   perftrace_finding_get_remedy(b, i)))
			return false;
	}
	return true;
}

/* Of two events, the same? */
static bool say_the_same(struct perftrace_finding *a,
			 struct perftrace_finding *b)
{
	return perftrace_finding_get_kind(a) == perftrace_finding_get_kind(b) &&
	       perftrace_finding_get_gate(a) == perftrace_finding_get_gate(b) &&
	       perftrace_finding_get_error_code(a) ==
		       perftrace_finding_get_error_code(b) &&
	       !strcmp(perftrace_finding_get_message(a),
		       perftrace_finding_get_message(b)) &&
	       have_same_remedies(a, b);
}

static bool was_said(struct perftrace_report *report, size_t index)
{
	struct perftrace_finding *finding =
		perftrace_report_get_finding(report, index);

	while (index--) {
		if (say_the_same(perftrace_report_get_finding(report, index),
				 finding))
			return true;
	}
	return false;
}

static size_t count_others(struct perftrace_report *report, size_t index)
{
	struct perftrace_finding *finding =
		perftrace_report_get_finding(report, index);
	size_t i, count = 0;

	for (i = index + 1; i < perftrace_report_get_num_findings(report); i++)
		count += say_the_same(perftrace_report_get_finding(report, i),
				      finding);
	return count;
}

static void add_finding(struct text *text, struct perftrace_report *report,
			size_t index)
{
	struct perftrace_finding *finding =
		perftrace_report_get_finding(report, index);
	size_t others = count_others(report, index), i;
	int32_t error = perftrace_finding_get_error_code(finding);
	char words[128];

	add(text, "%s: %s",
	    perftrace_finding_kind_get_name(
		    perftrace_finding_get_kind(finding)),
	    perftrace_finding_get_subject(finding));
	if (others)
		add(text, " and %zu more", others);
	add(text, ": %s", perftrace_finding_get_message(finding));
	if (error) {
		report_write_error(error, words, sizeof(words));
		add(text, " (%.*s)", (int)strcspn(words, ":"), words);
	}
	add(text, "\n");
	for (i = 0; i < perftrace_finding_get_num_remedies(finding); i++)
		add(text, "  %s %s: %s\n", i ? "or" : "remedy,",
		    perftrace_remedy_kind_get_name(
			    perftrace_finding_get_remedy_kind(finding, i)),
		    perftrace_finding_get_remedy(finding, i));
}

PERFTRACE_EXPORT int64_t perftrace_report_format(
	struct perftrace_report *report, char *buffer, size_t size_bytes)
{
	struct text text = { .buffer = buffer, .room = size_bytes };
	size_t i;

	assert(report);
	if (size_bytes)
		*buffer = '\0';
	for (i = 0; i < perftrace_report_get_num_findings(report); i++) {
		if (!was_said(report, i))
			add_finding(&text, report, i);
	}
	return (int64_t)text.used;
}
