/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "locked.h"

#define PARANOID "kernel.perf_event_paranoid"

/* What stands behind another row with the same sensor. */
static bool is_of_sensor(const struct access_rule *rule)
{
	return rule->sensor != NO_SENSOR && !rule->error;
}

static enum verdict judge_sensed(const struct facts *facts,
				 const struct access_rule *rule,
				 enum verdict verdict, int32_t *error)
{
	int32_t answer = facts->sensed[rule->sensor];

	if (!facts->is_own || answer == NOT_SENSED || verdict == PASSES)
		return verdict;
	if (!answer)
		return is_of_sensor(rule) ? verdict : PASSES;
	if (is_of_sensor(rule)) {
		*error = answer;
		return REFUSES;
	}
	if (verdict == UNCERTAIN)
		return answer == rule->error ? REFUSES : PASSES;
	return verdict;
}

enum verdict access_judge(const struct access_rule *rule,
			  const struct facts *facts,
			  const struct access_call *call, int32_t *error)
{
	enum verdict verdict = rule->judge(facts, call);

	*error = rule->error;
	if (rule->gate == PERFTRACE_GATE_SECCOMP)
		*error = facts->call_error == CALL_KILLS ? -EPERM :
							   facts->call_error;
	if (rule->sensor != NO_SENSOR)
		verdict = judge_sensed(facts, rule, verdict, error);
	return verdict;
}

int32_t access_try(const struct facts *facts, const struct access_call *call,
		   const struct access_rule **rule)
{
	size_t count, i;
	const struct access_rule *rules = access_get_rules(&count);

	for (i = 0; i < count; i++) {
		int32_t error;

		if (rules[i].step != call->step ||
		    rules[i].kind != PERFTRACE_FINDING_REFUSED ||
		    access_judge(&rules[i], facts, call, &error) != REFUSES)
			continue;
		if (rule)
			*rule = &rules[i];
		return error;
	}
	if (rule)
		*rule = NULL;
	return 0;
}

/* PARANOID is N, and ... */
static void explain_level(const struct facts *facts, const char *what,
			  char *text, size_t room)
{
	snprintf(text, room, PARANOID " is %" PRId32 ", and %s",
		 facts->paranoid, what);
}

/* Not even a kernel without perf events answers anything but this. */
static bool has_no_perf(const struct facts *facts)
{
	return facts->seccomp == SECCOMP_OFF && facts->call_error == -ENOSYS;
}

static void explain_seccomp(const struct facts *facts, char *text, size_t room)
{
	if (facts->call_error == CALL_KILLS)
		snprintf(text, room,
			 "a seccomp filter ends who calls perf_event_open(2)");
	else if (has_no_perf(facts))
		snprintf(text, room, "the kernel has no perf events");
	else
		snprintf(text, room,
			 "a seccomp filter answers in the kernel's place");
}

static void explain_vendor_level(const struct facts *facts, char *text,
				 size_t room)
{
	explain_level(facts,
		      facts->paranoid >= facts->vendor_level_max ?
			      "this kernel refuses everything at that level to "
			      "those without CAP_SYS_ADMIN" :
			      "some vendors' kernels refuse everything at that "
			      "level to those without CAP_SYS_ADMIN",
		      text, room);
}

static void explain_module(const struct facts *facts, char *text, size_t room)
{
	snprintf(text, room,
		 "none of the kernel's own rules explains it: a security "
		 "module%s%s%s or a vendor's patch",
		 *facts->modules ? " (" : "", facts->modules,
		 *facts->modules ? ")" : "");
}

static void explain_uprobe(const struct facts *facts, char *text, size_t room)
{
	snprintf(text, room, "%s",
		 facts->uprobe_needs_admin == FACT_YES ?
			 "local uprobes need CAP_SYS_ADMIN" :
		 facts->uprobe_needs_admin == FACT_NO ?
			 "local uprobes need CAP_PERFMON" :
			 "local uprobes need CAP_SYS_ADMIN, or CAP_PERFMON on "
			 "kernels without the fix of CVE-2025-38466");
}

static void explain_descriptors(const struct facts *facts, char *text,
				size_t room)
{
	snprintf(text, room,
		 "the process has %" PRIu64 " descriptors open, of at most "
		 "%" PRIu64,
		 facts->num_descriptors, facts->descriptor_limit);
}

static void explain_locked(const struct facts *facts,
			   const struct access_call *call, char *text,
			   size_t room)
{
	uint64_t left = locked_left_kib(facts);

	snprintf(text, room,
		 "rings of %" PRIu64 " KiB each, and of locked memory the user "
		 "has %" PRIu64 " KiB left",
		 call->ring_bytes / 1024, left == UNLIMITED ? 0 : left);
}

static void explain_by_gate(const struct access_rule *rule,
			    const struct facts *facts,
			    const struct access_call *call, char *text,
			    size_t room)
{
	switch (rule->gate) {
	case PERFTRACE_GATE_SECCOMP:
		explain_seccomp(facts, text, room);
		break;
	case PERFTRACE_GATE_VENDOR_LEVEL:
		explain_vendor_level(facts, text, room);
		break;
	case PERFTRACE_GATE_SECURITY_MODULE:
		explain_module(facts, text, room);
		break;
	case PERFTRACE_GATE_KERNEL:
		explain_level(facts, "the event includes the kernel", text,
			      room);
		break;
	case PERFTRACE_GATE_CALLCHAIN:
		explain_level(facts, "the callchain includes the kernel's half",
			      text, room);
		break;
	case PERFTRACE_GATE_PHYSICAL_ADDRESS:
		explain_level(facts, "physical addresses are asked for", text,
			      room);
		break;
	case PERFTRACE_GATE_UPROBE:
		explain_uprobe(facts, text, room);
		break;
	case PERFTRACE_GATE_FUNCTION:
		explain_level(facts, "the event is of every function", text,
			      room);
		break;
	case PERFTRACE_GATE_RAW:
		explain_level(facts, "the event's raw data is asked for", text,
			      room);
		break;
	case PERFTRACE_GATE_CPU:
		explain_level(facts, "all tasks of a CPU are asked for", text,
			      room);
		break;
	case PERFTRACE_GATE_DESCRIPTORS:
		explain_descriptors(facts, text, room);
		break;
	case PERFTRACE_GATE_LOCKED_MEMORY:
		explain_locked(facts, call, text, room);
		break;
	default:
		snprintf(text, room,
			 "%" PRIu64
			 " KiB are more than the kernel has or gives "
			 "to one ring",
			 call->ring_bytes / 1024);
	}
}

void access_explain(const struct access_rule *rule, const struct facts *facts,
		    const struct access_call *call, char *text, size_t room)
{
	if (rule->reason)
		snprintf(text, room, "%s", rule->reason);
	else
		explain_by_gate(rule, facts, call, text, room);
}
