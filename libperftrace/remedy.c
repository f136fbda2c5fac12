/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A remedy is not written down next to its rule, for a rule does not know what
 * else stands in the way: it is tried. The facts or the call are changed as the
 * remedy would change them, and asked again. So what is recommended suffices.
 *
 * In the order of what it asks for: a setting, which takes nothing but loses
 * something; a capability; a sysctl, which gives it to everybody; and at last
 * a privileged process that opens the session and hands it over.
 */
#include "remedy.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "capability.h"
#include "export.h"
#include "locked.h"
#include "report.h"

static void PRINTF_FORMAT(3, 4)
	remedies_add(struct remedies *remedies, enum perftrace_remedy_kind kind,
		     const char *format, ...);

static void remedies_add(struct remedies *remedies,
			 enum perftrace_remedy_kind kind, const char *format,
			 ...)
{
	struct remedy_text *next = &remedies->texts[remedies->count];
	va_list arguments;

	if (remedies->count == MOST_REMEDIES)
		return;
	next->kind = kind;
	va_start(arguments, format);
	vsnprintf(next->text, sizeof(next->text), format, arguments);
	va_end(arguments);
	remedies->count++;
}

static void copy_to(struct perftrace_report *report,
		    struct perftrace_finding *finding,
		    const struct remedies *remedies)
{
	size_t i;

	for (i = 0; i < remedies->count; i++)
		finding_add_remedy(report, finding, remedies->texts[i].kind,
				   "%s", remedies->texts[i].text);
}

/* A call as it would be. */
struct trial {
	struct facts facts;
	struct access_call call;
	struct perf_event_attr attr;
};

static const struct access_task own_process = { .answer = NOT_SENSED,
						.is_own_process = true };

static void begin(struct trial *trial, const struct facts *facts,
		  const struct access_call *call)
{
	trial->facts = *facts;
	trial->facts.is_own = false;
	trial->call = *call;
	trial->attr = *call->attr;
	trial->call.attr = &trial->attr;
}

static size_t count_uncertain(const struct facts *facts,
			      const struct access_call *call)
{
	size_t count, i, uncertain = 0;
	const struct access_rule *rules = access_get_rules(&count);
	int32_t error;

	for (i = 0; i < count; i++) {
		if (rules[i].step == call->step)
			uncertain += access_judge(&rules[i], facts, call,
						  &error) == UNCERTAIN;
	}
	return uncertain;
}

/* Nothing refuses it any more, and no more is unknown than before. */
static bool helps(const struct trial *trial, const struct facts *facts,
		  const struct access_call *call)
{
	return !access_try(&trial->facts, &trial->call, NULL) &&
	       count_uncertain(&trial->facts, &trial->call) <=
		       count_uncertain(facts, call);
}

enum setting {
	EXCLUDE_KERNEL = 1,
	NO_KERNEL_CALLCHAIN = 2,
	COUNT = 4,
	ONE_PROCESS = 8,
};

static const struct {
	enum setting setting;
	const char *text;
} settings[] = {
	{ EXCLUDE_KERNEL, "exclude_kernel=1" },
	{ NO_KERNEL_CALLCHAIN, "callchain=user" },
	{ COUNT, "mode=count" },
	{ ONE_PROCESS, "pid=PID" },
};

static bool can_set(const struct access_call *call, unsigned int set)
{
	const struct perf_event_attr *attr = call->attr;

	/* Without the kernel, other events would not be raised at all. */
	if (set & EXCLUDE_KERNEL &&
	    (attr->exclude_kernel || !call->event->is_of_user))
		return false;
	if (set & NO_KERNEL_CALLCHAIN &&
	    (attr->exclude_callchain_kernel ||
	     !(attr->sample_type & PERF_SAMPLE_CALLCHAIN)))
		return false;
	if (set & COUNT && !attr->sample_period)
		return false;
	return !(set & ONE_PROCESS) || !call->task;
}

static void apply_settings(struct trial *trial, unsigned int set)
{
	if (set & EXCLUDE_KERNEL)
		trial->attr.exclude_kernel = 1;
	if (set & NO_KERNEL_CALLCHAIN)
		trial->attr.exclude_callchain_kernel = 1;
	if (set & COUNT) {
		trial->attr.sample_period = 0;
		trial->attr.sample_type &= ~(uint64_t)PERF_SAMPLE_RAW &
					   ~(uint64_t)PERF_SAMPLE_CALLCHAIN;
	}
	if (set & ONE_PROCESS) {
		trial->call.task = &own_process;
		trial->call.is_cgroup = false;
	}
}

static void write_settings(unsigned int set, char *text, size_t room)
{
	size_t i, used = 0;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (set & settings[i].setting)
			used += (size_t)snprintf(text + used, room - used,
						 "%s%s", used ? ", " : "",
						 settings[i].text);
	}
}

/* One that helps is in it: the rest is not needed. */
static bool has_more(const unsigned int *helping, size_t count,
		     unsigned int set)
{
	while (count--) {
		if ((set & helping[count]) == helping[count])
			return true;
	}
	return false;
}

static bool helps_to_set(const struct facts *facts,
			 const struct access_call *call, unsigned int set)
{
	struct trial trial;

	if (!can_set(call, set))
		return false;
	begin(&trial, facts, call);
	apply_settings(&trial, set);
	return helps(&trial, facts, call);
}

static void add_settings(struct remedies *remedies, const struct facts *facts,
			 const struct access_call *call)
{
	static const unsigned int sets[] = {
		EXCLUDE_KERNEL,
		NO_KERNEL_CALLCHAIN,
		COUNT,
		ONE_PROCESS,
		EXCLUDE_KERNEL | NO_KERNEL_CALLCHAIN,
		EXCLUDE_KERNEL | ONE_PROCESS,
		EXCLUDE_KERNEL | COUNT,
		NO_KERNEL_CALLCHAIN | ONE_PROCESS,
		COUNT | ONE_PROCESS,
	};
	unsigned int helping[ARRAY_SIZE(sets)];
	size_t count = 0, i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		char text[128];

		if (has_more(helping, count, sets[i]) ||
		    !helps_to_set(facts, call, sets[i]))
			continue;
		helping[count++] = sets[i];
		write_settings(sets[i], text, sizeof(text));
		remedies_add(remedies, PERFTRACE_REMEDY_SETTING, "%s", text);
	}
}

/* What it may do in a namespace of its own is nothing in the initial one. */
static void enter_initial(struct facts *facts)
{
	if (facts->is_initial_userns == FACT_NO)
		facts->effective = facts->permitted = 0;
	facts->is_initial_userns = FACT_YES;
}

static bool helps_to_have(const struct facts *facts,
			  const struct access_call *call, int capability)
{
	struct trial trial;

	begin(&trial, facts, call);
	enter_initial(&trial.facts);
	trial.facts.effective |= UINT64_C(1) << capability;
	trial.facts.permitted |= UINT64_C(1) << capability;
	facts_derive_tracefs(&trial.facts);
	return helps(&trial, facts, call);
}

/* The last one can do what all the others can. */
static void add_capabilities(struct remedies *remedies,
			     const struct facts *facts,
			     const struct access_call *call)
{
	static const struct {
		int number;
		const char *name;
	} capabilities[] = {
		{ CAP_PERFMON, "CAP_PERFMON" },
		{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE" },
		{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH" },
		{ CAP_IPC_LOCK, "CAP_IPC_LOCK" },
		{ CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
	};
	bool has_any = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(capabilities); i++) {
		int number = capabilities[i].number;

		if (facts_have(facts, number) ||
		    (has_any && number == CAP_SYS_ADMIN) ||
		    !helps_to_have(facts, call, number))
			continue;
		remedies_add(remedies, PERFTRACE_REMEDY_CAPABILITY, "%s",
			     capabilities[i].name);
		has_any = true;
	}
}

static void add_level(struct remedies *remedies, const struct facts *facts,
		      const struct access_call *call)
{
	int32_t level = facts->paranoid < 3 ? facts->paranoid : 3;

	while (--level >= -1) {
		struct trial trial;

		begin(&trial, facts, call);
		trial.facts.paranoid = level;
		if (!helps(&trial, facts, call))
			continue;
		remedies_add(remedies, PERFTRACE_REMEDY_SYSCTL,
			     "kernel.perf_event_paranoid=%" PRId32, level);
		return;
	}
}

/* Whatever a process that may open it can open. */
static void add_hand_over(struct remedies *remedies, const struct facts *facts,
			  const struct access_call *call)
{
	struct trial trial;

	begin(&trial, facts, call);
	trial.facts.is_initial_userns = FACT_YES;
	trial.facts.effective = trial.facts.permitted = ALL_CAPABILITIES;
	facts_derive_tracefs(&trial.facts);
	if (!facts_have(facts, CAP_SYS_ADMIN) && helps(&trial, facts, call))
		remedies_add(remedies, PERFTRACE_REMEDY_HAND_OVER,
			     "perftrace_session_send(3)");
}

/* A uprobe that root has made is for anyone. */
static void add_named(struct remedies *remedies, const struct facts *facts,
		      const struct access_call *call)
{
	struct access_event named = *call->event;
	struct trial trial;

	if (named.class != ACCESS_UPROBE)
		return;
	begin(&trial, facts, call);
	named.class = ACCESS_TRACEPOINT;
	trial.call.event = &named;
	if (helps(&trial, facts, call))
		remedies_add(remedies, PERFTRACE_REMEDY_OTHER,
			     "let root write the probe to tracefs, and open it "
			     "by its name");
}

static void add_ring(struct perftrace_report *report,
		     struct perftrace_finding *finding,
		     const struct facts *facts, const struct access_call *call)
{
	uint64_t left = locked_left_kib(facts);
	uint64_t count = call->num_rings_before + 1;
	uint64_t bytes = call->ring_bytes;

	while (bytes >= facts->page_bytes &&
	       left / locked_ring_kib(facts, bytes) < count)
		bytes /= 2;
	if (bytes >= facts->page_bytes && bytes < call->ring_bytes)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_SETTING,
				   "ring_size_bytes=%" PRIu64, bytes);
}

static uint64_t divide_up(uint64_t amount, uint64_t by)
{
	return amount / by + !!(amount % by);
}

/*
 * How much others of the user have in use can't be seen: where the kernel has
 * refused what should have fitted, it is all of the budget.
 */
static void assume_spent(struct facts *facts)
{
	uint64_t cpus = facts->online_cpus.count ? facts->online_cpus.count : 1;

	facts->locked_kib = facts->mlock_kib * cpus;
	facts->memlock_bytes = facts->pinned_kib * 1024;
}

/* What is missing, from either of the two that have to do with it. */
static void add_locked(struct perftrace_report *report,
		       struct perftrace_finding *finding,
		       const struct facts *seen, const struct access_call *call)
{
	struct facts spent = *seen, *facts = &spent;
	uint64_t cpus = seen->online_cpus.count ? seen->online_cpus.count : 1;
	uint64_t needed = locked_ring_kib(seen, call->ring_bytes) *
			  (call->num_rings_before + 1);
	bool is_spent = seen->pinned_kib > seen->memlock_bytes / 1024;
	struct remedies remedies = { .count = 0 };

	if (!access_try(seen, call, NULL))
		assume_spent(facts);
	if (!is_spent)
		add_ring(report, finding, facts, call);
	finding_add_remedy(report, finding, PERFTRACE_REMEDY_LIMIT,
			   "RLIMIT_MEMLOCK=%" PRIu64,
			   (needed + facts->pinned_kib) * 1024);
	add_capabilities(&remedies, facts, call);
	copy_to(report, finding, &remedies);
	remedies.count = 0;
	if (!is_spent)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_SYSCTL,
				   "kernel.perf_event_mlock_kb=%" PRIu64,
				   divide_up(needed + facts->locked_kib, cpus) +
					   facts->page_bytes / 1024);
	add_level(&remedies, facts, call);
	add_hand_over(&remedies, facts, call);
	copy_to(report, finding, &remedies);
}

/* As root's alone, or as a group's, where that is what helps. */
static const char *find_mount(const struct facts *facts,
			      const struct access_call *call)
{
	struct trial trial;

	begin(&trial, facts, call);
	trial.facts.tracefs = TRACEFS_UNREADABLE;
	facts_derive_tracefs(&trial.facts);
	return access_try(&trial.facts, &trial.call, NULL) ?
		       "mount -t tracefs -o gid=GROUP,mode=750 nodev "
		       "/sys/kernel/tracing" :
		       "mount -t tracefs nodev /sys/kernel/tracing";
}

static void add_tracefs(struct perftrace_report *report,
			struct perftrace_finding *finding,
			const struct facts *facts,
			const struct access_call *call)
{
	struct remedies remedies = { .count = 0 };

	if (facts->tracefs == TRACEFS_UNMOUNTED)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_COMMAND,
				   "%s", find_mount(facts, call));
	/* What is not known to refuse, no trial can tell the remedy of. */
	if (!access_try(facts, call, NULL))
		return;
	add_capabilities(&remedies, facts, call);
	copy_to(report, finding, &remedies);
	remedies.count = 0;
	if (call->step == ACCESS_LOOKUP && facts->tracefs == TRACEFS_UNREADABLE)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_COMMAND,
				   "mount -o remount,gid=GROUP,mode=750 "
				   "/sys/kernel/tracing");
	add_hand_over(&remedies, facts, call);
	copy_to(report, finding, &remedies);
}

/* What no change of the caller's or of its settings brings about. */
static const struct {
	enum perftrace_gate gate;
	int32_t error;
	enum perftrace_remedy_kind kind;
	const char *text;
} others[] = {
	{ PERFTRACE_GATE_SECCOMP, 0, PERFTRACE_REMEDY_OTHER,
	  "let the seccomp profile allow perf_event_open" },
	{ PERFTRACE_GATE_SECURITY_MODULE, 0, PERFTRACE_REMEDY_OTHER,
	  "look into the log of the security module" },
	{ PERFTRACE_GATE_REGISTERS, 0, PERFTRACE_REMEDY_OTHER,
	  "boot the kernel without lockdown=confidentiality" },
	{ PERFTRACE_GATE_LOCKDOWN, 0, PERFTRACE_REMEDY_OTHER,
	  "boot the kernel without lockdown=confidentiality" },
	{ PERFTRACE_GATE_PLACE, -EADDRNOTAVAIL, PERFTRACE_REMEDY_OTHER,
	  "choose one by its address" },
	{ PERFTRACE_GATE_PLACE, -ENOENT, PERFTRACE_REMEDY_OTHER,
	  "it may have gone since it was looked up" },
	{ PERFTRACE_GATE_PLACE, -524, PERFTRACE_REMEDY_OTHER,
	  "remove the breakpoint that is there" },
	{ PERFTRACE_GATE_UPROBE_BUSY, 0, PERFTRACE_REMEDY_OTHER,
	  "disable it there: echo 0 > its enable file in tracefs" },
	{ PERFTRACE_GATE_CGROUP, -ENOENT, PERFTRACE_REMEDY_COMMAND,
	  "echo +pids > cgroup.subtree_control (in the root of the hierarchy: "
	  "any controller that it passes on brings this one along)" },
	{ PERFTRACE_GATE_CGROUP, -EBADF, PERFTRACE_REMEDY_OTHER,
	  "give the directory of a cgroup" },
	{ PERFTRACE_GATE_RING_SIZE, 0, PERFTRACE_REMEDY_OTHER,
	  "use smaller rings" },
	{ PERFTRACE_GATE_MEMORY, 0, PERFTRACE_REMEDY_OTHER,
	  "use smaller rings, or open fewer events on fewer CPUs" },
	{ PERFTRACE_GATE_FTRACE_DISABLED, 0, PERFTRACE_REMEDY_SYSCTL,
	  "kernel.ftrace_enabled=1" },
	{ PERFTRACE_GATE_KPROBES_DISARMED, 0, PERFTRACE_REMEDY_COMMAND,
	  "echo 1 > /sys/kernel/debug/kprobes/enabled" },
	{ PERFTRACE_GATE_WATERMARK, 0, PERFTRACE_REMEDY_SETTING,
	  "watermark_bytes=0" },
};

static void add_other(struct perftrace_report *report,
		      struct perftrace_finding *finding,
		      const struct access_rule *rule)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (others[i].gate == rule->gate &&
		    (!others[i].error || others[i].error == rule->error))
			finding_add_remedy(report, finding, others[i].kind,
					   "%s", others[i].text);
	}
}

/* Who has CAP_SYSLOG sees them, unless kptr_restrict is 2. */
static void add_addresses(struct perftrace_report *report,
			  struct perftrace_finding *finding,
			  const struct facts *facts)
{
	bool has_log = facts_have(facts, CAP_SYSLOG);

	if (facts->kptr_restrict < 2 && !has_log)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_CAPABILITY,
				   "CAP_SYSLOG");
	if (facts->kptr_restrict > 1 && has_log)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_SYSCTL,
				   "kernel.kptr_restrict=1");
	else if (facts->kptr_restrict > 0 && facts->paranoid <= 1)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_SYSCTL,
				   "kernel.kptr_restrict=0");
	else if (!facts->kptr_restrict)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_SYSCTL,
				   "kernel.perf_event_paranoid=1");
}

/* For the whole session. Where it would fit now, more is not known to help. */
static void add_descriptors(struct perftrace_report *report,
			    struct perftrace_finding *finding,
			    const struct facts *facts,
			    const struct access_call *call)
{
	uint64_t needed = facts->num_descriptors + call->num_before;

	if (needed > facts->descriptor_limit)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_LIMIT,
				   "RLIMIT_NOFILE=%" PRIu64, needed);
}

/* It may be what the caller has set because it may not have the kernel's. */
static void add_include(struct perftrace_report *report,
			struct perftrace_finding *finding,
			const struct facts *facts,
			const struct access_call *call)
{
	struct trial trial;

	begin(&trial, facts, call);
	trial.facts.is_own = facts->is_own;
	trial.call.step = ACCESS_OPEN;
	trial.attr.exclude_kernel = 0;
	if (!access_try(&trial.facts, &trial.call, NULL))
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_SETTING,
				   "exclude_kernel=0");
	else if (helps_to_have(&trial.facts, &trial.call, CAP_PERFMON))
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_OTHER,
				   "exclude_kernel=0, with CAP_PERFMON");
}

static void add_special(struct perftrace_report *report,
			struct perftrace_finding *finding,
			const struct access_rule *rule,
			const struct facts *facts,
			const struct access_call *call)
{
	if (rule->gate == PERFTRACE_GATE_EXCLUDE_KERNEL)
		add_include(report, finding, facts, call);
	if (rule->gate == PERFTRACE_GATE_CPU_OFFLINE)
		finding_add_remedy(
			report, finding, PERFTRACE_REMEDY_COMMAND,
			"echo 1 > /sys/devices/system/cpu/cpu%" PRId32
			"/online",
			call->cpu);
	if (rule->gate == PERFTRACE_GATE_FUNCTION &&
	    facts->has_function == FACT_NO)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_OTHER,
				   "run another kernel: nothing that the "
				   "caller could be given helps");
	if (rule->gate == PERFTRACE_GATE_CALLCHAIN_DEPTH)
		finding_add_remedy(report, finding, PERFTRACE_REMEDY_SYSCTL,
				   "kernel.perf_event_max_stack=%u",
				   (unsigned int)call->attr->sample_max_stack);
	if (rule->gate == PERFTRACE_GATE_ADDRESSES)
		add_addresses(report, finding, facts);
	if (rule->gate == PERFTRACE_GATE_DESCRIPTORS && rule->error == -EMFILE)
		add_descriptors(report, finding, facts, call);
}

void remedy_search(const struct facts *facts, const struct access_call *call,
		   struct remedies *remedies)
{
	remedies->count = 0;
	/* What no rule here refuses, no trial can tell the remedy of. */
	if (call->step != ACCESS_OPEN || !access_try(facts, call, NULL))
		return;
	add_settings(remedies, facts, call);
	add_capabilities(remedies, facts, call);
	add_level(remedies, facts, call);
	add_named(remedies, facts, call);
	add_hand_over(remedies, facts, call);
}

void remedy_add(struct perftrace_report *report,
		struct perftrace_finding *finding,
		const struct access_rule *rule, const struct facts *facts,
		const struct access_call *call, const struct remedies *searched)
{
	add_special(report, finding, rule, facts, call);
	add_other(report, finding, rule);
	if (rule->gate == PERFTRACE_GATE_LOCKED_MEMORY)
		add_locked(report, finding, facts, call);
	if (rule->gate == PERFTRACE_GATE_TRACEFS)
		add_tracefs(report, finding, facts, call);
	if (call->step == ACCESS_OPEN && rule->error)
		copy_to(report, finding, searched);
}
