/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's checks, in its order: the first that refuses gives the errno.
 * Each row names the function that it mirrors, in kernel/events/core.c unless
 * its name says otherwise; perftrace-access(7) has the same rows for readers.
 *
 * Capabilities count in the initial user namespace (capable()), except for
 * ptrace's, which the sensor of a task answers for the caller.
 *
 * A row with a sensor is deduced from the facts for others, and for the caller
 * when the sensor could not be asked; where the sensor passed, so does the row.
 * Where it was refused, and no row above explains that, the row of security
 * modules that follows does: it says what the kernel said.
 */
#include "access_rules.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/perf_event.h>

#include "export.h"
#include "locked.h"

/* The kernel's own, which reaches users although it has no name there. */
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

#define ANY_CPU		   (-1)
#define LARGEST_RING_PAGES (UINT64_C(1) << 18)
#define LARGEST_STACK	   65535

static enum verdict refuse_if(bool is_refused)
{
	return is_refused ? REFUSES : PASSES;
}

static enum verdict unseen_if(bool is_possible)
{
	return is_possible ? UNSEEN : PASSES;
}

static bool is_sampling(const struct access_call *call)
{
	return call->attr->sample_period;
}

static bool has_sample(const struct access_call *call, uint64_t bit)
{
	return call->attr->sample_type & bit;
}

static bool is_local(const struct access_call *call)
{
	return call->event->class == ACCESS_KPROBE ||
	       call->event->class == ACCESS_UPROBE;
}

/* From a level of paranoid on, for those who may not monitor. */
static enum verdict refuse_above(const struct facts *facts, int32_t level)
{
	return refuse_if(facts->paranoid > level && !facts_have_perfmon(facts));
}

static enum verdict judge_seccomp(const struct facts *facts,
				  const struct access_call *call)
{
	(void)call;
	return refuse_if(facts->call_error);
}

static enum verdict judge_attr(const struct facts *facts,
			       const struct access_call *call)
{
	const struct perf_event_attr *attr = call->attr;

	(void)facts;
	if (has_sample(call, PERF_SAMPLE_REGS_USER) && !attr->sample_regs_user)
		return REFUSES;
	if (has_sample(call, PERF_SAMPLE_REGS_INTR) && !attr->sample_regs_intr)
		return REFUSES;
	return refuse_if(has_sample(call, PERF_SAMPLE_STACK_USER) &&
			 (attr->sample_stack_user >= LARGEST_STACK ||
			  attr->sample_stack_user % 8));
}

static enum verdict judge_vendor_level(const struct facts *facts,
				       const struct access_call *call)
{
	(void)call;
	if (facts_have(facts, CAP_SYS_ADMIN) ||
	    facts->paranoid < facts->vendor_level_min)
		return PASSES;
	return facts->paranoid >= facts->vendor_level_max ? REFUSES : UNCERTAIN;
}

static enum verdict judge_any(const struct facts *facts,
			      const struct access_call *call)
{
	(void)facts;
	(void)call;
	return UNSEEN;
}

static enum verdict judge_kernel(const struct facts *facts,
				 const struct access_call *call)
{
	return call->attr->exclude_kernel ? PASSES : refuse_above(facts, 1);
}

static enum verdict judge_kernel_unseen(const struct facts *facts,
					const struct access_call *call)
{
	(void)facts;
	return unseen_if(!call->attr->exclude_kernel);
}

static bool has_kernel_callchain(const struct access_call *call)
{
	return has_sample(call, PERF_SAMPLE_CALLCHAIN) &&
	       !call->attr->exclude_callchain_kernel;
}

static enum verdict judge_callchain(const struct facts *facts,
				    const struct access_call *call)
{
	if (!call->attr->exclude_kernel || !has_kernel_callchain(call) ||
	    facts->callchain_is_kernel == FACT_NO ||
	    refuse_above(facts, 1) == PASSES)
		return PASSES;
	return facts->callchain_is_kernel == FACT_YES ? REFUSES : UNCERTAIN;
}

static enum verdict judge_physical(const struct facts *facts,
				   const struct access_call *call)
{
	return has_sample(call, PERF_SAMPLE_PHYS_ADDR) ?
		       refuse_above(facts, 1) :
		       PASSES;
}

static enum verdict judge_lockdown(const struct facts *facts)
{
	switch (facts->lockdown) {
	case LOCKDOWN_CONFIDENTIALITY:
		return REFUSES;
	case LOCKDOWN_UNKNOWN:
		return UNCERTAIN;
	default:
		return PASSES;
	}
}

static enum verdict judge_registers(const struct facts *facts,
				    const struct access_call *call)
{
	return has_sample(call, PERF_SAMPLE_REGS_INTR) ? judge_lockdown(facts) :
							 PASSES;
}

static enum verdict judge_descriptors(const struct facts *facts,
				      const struct access_call *call)
{
	return call->num_before >= facts_free_descriptors(facts) ? REFUSES :
								   UNSEEN;
}

static enum verdict judge_task_gone(const struct facts *facts,
				    const struct access_call *call)
{
	(void)facts;
	if (!call->task)
		return PASSES;
	return call->task->answer == -ESRCH ? REFUSES : UNSEEN;
}

static enum verdict judge_cpu_absent(const struct facts *facts,
				     const struct access_call *call)
{
	const struct cpu_list *possible = &facts->possible_cpus;

	if (call->cpu == ANY_CPU || !possible->count)
		return PASSES;
	return refuse_if(call->cpu > possible->cpus[possible->count - 1]);
}

static enum verdict judge_event_gone(const struct facts *facts,
				     const struct access_call *call)
{
	if (call->event->class != ACCESS_TRACEPOINT &&
	    call->event->class != ACCESS_FUNCTION)
		return PASSES;
	return facts->tracefs == TRACEFS_EMPTY ? REFUSES : UNSEEN;
}

static enum verdict judge_pmu(const struct facts *facts,
			      const struct access_call *call)
{
	enum fact has = call->event->class == ACCESS_KPROBE ?
				facts->has_kprobe_pmu :
				facts->has_uprobe_pmu;

	return refuse_if(is_local(call) && has == FACT_NO);
}

static enum verdict judge_kprobe(const struct facts *facts,
				 const struct access_call *call)
{
	return refuse_if(call->event->class == ACCESS_KPROBE &&
			 !facts_have_perfmon(facts));
}

static enum verdict judge_kprobe_lockdown(const struct facts *facts,
					  const struct access_call *call)
{
	return call->event->class == ACCESS_KPROBE ? judge_lockdown(facts) :
						     PASSES;
}

static enum verdict judge_uprobe(const struct facts *facts,
				 const struct access_call *call)
{
	if (call->event->class != ACCESS_UPROBE ||
	    facts_have(facts, CAP_SYS_ADMIN))
		return PASSES;
	if (!facts_have_perfmon(facts) || facts->uprobe_needs_admin == FACT_YES)
		return REFUSES;
	return facts->uprobe_needs_admin == FACT_NO ? PASSES : UNCERTAIN;
}

static enum verdict judge_kprobe_place(const struct facts *facts,
				       const struct access_call *call)
{
	(void)facts;
	return unseen_if(call->event->class == ACCESS_KPROBE);
}

static enum verdict judge_uprobe_place(const struct facts *facts,
				       const struct access_call *call)
{
	(void)facts;
	return unseen_if(call->event->class == ACCESS_UPROBE);
}

static enum verdict judge_place(const struct facts *facts,
				const struct access_call *call)
{
	(void)facts;
	return unseen_if(is_local(call));
}

static enum verdict judge_irq_work(const struct facts *facts,
				   const struct access_call *call)
{
	(void)facts;
	return refuse_if(call->event->is_irq_work && is_sampling(call));
}

static enum verdict judge_function(const struct facts *facts,
				   const struct access_call *call)
{
	return call->event->class == ACCESS_FUNCTION ? refuse_above(facts, -1) :
						       PASSES;
}

static enum verdict judge_function_stack(const struct facts *facts,
					 const struct access_call *call)
{
	(void)facts;
	if (call->event->class != ACCESS_FUNCTION || !is_sampling(call))
		return PASSES;
	return refuse_if(!call->attr->exclude_callchain_user ||
			 has_sample(call, PERF_SAMPLE_STACK_USER));
}

static enum verdict judge_raw(const struct facts *facts,
			      const struct access_call *call)
{
	if (call->event->class == ACCESS_DUMMY ||
	    !has_sample(call, PERF_SAMPLE_RAW) ||
	    (call->task && call->event->is_for_anyone))
		return PASSES;
	return refuse_above(facts, -1);
}

static enum verdict judge_raw_unseen(const struct facts *facts,
				     const struct access_call *call)
{
	(void)facts;
	return unseen_if(call->event->class != ACCESS_DUMMY &&
			 has_sample(call, PERF_SAMPLE_RAW));
}

static enum verdict judge_synthetic(const struct facts *facts,
				    const struct access_call *call)
{
	(void)facts;
	return refuse_if(call->event->is_synthetic);
}

static enum verdict judge_busy(const struct facts *facts,
			       const struct access_call *call)
{
	(void)facts;
	if (call->event->is_busy)
		return REFUSES;
	return unseen_if(call->event->class == ACCESS_TRACEPOINT &&
			 call->event->is_for_anyone);
}

static enum verdict judge_function_off(const struct facts *facts,
				       const struct access_call *call)
{
	if (call->event->class != ACCESS_FUNCTION)
		return PASSES;
	return facts->has_function == FACT_NO	   ? REFUSES :
	       facts->has_function == FACT_UNKNOWN ? UNCERTAIN :
						     PASSES;
}

static enum verdict judge_cgroup_place(const struct facts *facts,
				       const struct access_call *call)
{
	(void)facts;
	if (!call->is_cgroup)
		return PASSES;
	return call->cgroup_answer == -ENOENT ? REFUSES : UNSEEN;
}

static enum verdict judge_no_cgroup(const struct facts *facts,
				    const struct access_call *call)
{
	(void)facts;
	if (!call->is_cgroup)
		return PASSES;
	return call->cgroup_answer == -EBADF ? REFUSES : UNSEEN;
}

static enum verdict judge_depth(const struct facts *facts,
				const struct access_call *call)
{
	return refuse_if(has_sample(call, PERF_SAMPLE_CALLCHAIN) &&
			 call->attr->sample_max_stack > facts->max_stack);
}

static enum verdict judge_task(const struct facts *facts,
			       const struct access_call *call)
{
	if (!call->task || facts_have_perfmon(facts))
		return PASSES;
	switch (access_task_allows(call->task, facts)) {
	case FACT_YES:
		return PASSES;
	case FACT_NO:
		return REFUSES;
	default:
		return UNCERTAIN;
	}
}

static enum verdict judge_cpu(const struct facts *facts,
			      const struct access_call *call)
{
	return call->task ? PASSES : refuse_above(facts, 0);
}

static enum verdict judge_cpu_unseen(const struct facts *facts,
				     const struct access_call *call)
{
	(void)facts;
	return unseen_if(!call->task);
}

static bool is_offline(const struct facts *facts,
		       const struct access_call *call)
{
	return call->cpu != ANY_CPU && facts->online_cpus.count &&
	       !cpu_list_has(&facts->online_cpus, call->cpu);
}

static enum verdict judge_cpu_offline(const struct facts *facts,
				      const struct access_call *call)
{
	if (call->task)
		return PASSES;
	return is_offline(facts, call) ? REFUSES : UNSEEN;
}

static enum verdict judge_ring_size(const struct facts *facts,
				    const struct access_call *call)
{
	return refuse_if(call->ring_bytes / facts->page_bytes >
			 LARGEST_RING_PAGES);
}

static enum verdict judge_locked(const struct facts *facts,
				 const struct access_call *call)
{
	uint64_t kib = locked_ring_kib(facts, call->ring_bytes);
	uint64_t left = locked_left_kib(facts);

	if (left == UNLIMITED)
		return PASSES;
	return left / kib <= call->num_rings_before ? REFUSES : UNSEEN;
}

static enum verdict judge_no_tracefs(const struct facts *facts,
				     const struct access_call *call)
{
	(void)call;
	return refuse_if(facts->tracefs == TRACEFS_UNMOUNTED);
}

static enum verdict judge_empty_tracefs(const struct facts *facts,
					const struct access_call *call)
{
	(void)call;
	return refuse_if(facts->tracefs == TRACEFS_EMPTY);
}

static enum verdict judge_unreadable(const struct facts *facts,
				     const struct access_call *call)
{
	(void)call;
	return facts->tracefs == TRACEFS_UNKNOWN ?
		       UNCERTAIN :
		       refuse_if(facts->tracefs == TRACEFS_UNREADABLE);
}

/* Those whom the file's mode keeps out are told so first. */
static enum verdict judge_tracefs_lockdown(const struct facts *facts,
					   const struct access_call *call)
{
	(void)call;
	return refuse_if(facts->tracefs == TRACEFS_READABLE &&
			 facts->lockdown == LOCKDOWN_CONFIDENTIALITY &&
			 facts_own_tracefs(facts));
}

static enum verdict judge_unwritable(const struct facts *facts,
				     const struct access_call *call)
{
	if (facts->tracefs == TRACEFS_READABLE)
		return refuse_if(judge_tracefs_lockdown(facts, call) == PASSES);
	return judge_unreadable(facts, call);
}

/* With registers of the kernel's, the filter of exclude_kernel drops it. */
static enum verdict judge_exclude(const struct facts *facts,
				  const struct access_call *call)
{
	(void)facts;
	return refuse_if(call->attr->exclude_kernel &&
			 call->event->class != ACCESS_DUMMY &&
			 !call->event->is_of_user);
}

static enum verdict judge_silent_cpu(const struct facts *facts,
				     const struct access_call *call)
{
	return refuse_if(call->task && is_offline(facts, call));
}

static enum verdict judge_no_ftrace(const struct facts *facts,
				    const struct access_call *call)
{
	bool is_function = call->event->class == ACCESS_FUNCTION;

	if (facts->has_ftrace != FACT_NO ||
	    (!is_function && !call->event->is_kprobe))
		return PASSES;
	if (!is_function && call->event->stands_on_ftrace == FACT_UNKNOWN)
		return UNCERTAIN;
	return refuse_if(is_function || call->event->stands_on_ftrace);
}

static enum verdict judge_disarmed(const struct facts *facts,
				   const struct access_call *call)
{
	return refuse_if(call->event->is_kprobe &&
			 facts->has_kprobes_armed == FACT_NO);
}

static enum verdict judge_watermark(const struct facts *facts,
				    const struct access_call *call)
{
	(void)facts;
	return refuse_if(call->ring_bytes && call->attr->watermark &&
			 call->attr->wakeup_watermark >= call->ring_bytes);
}

static enum verdict judge_function_cost(const struct facts *facts,
					const struct access_call *call)
{
	(void)facts;
	return refuse_if(call->event->class == ACCESS_FUNCTION);
}

/* kallsyms_show_value(): without a restriction, paranoid's level is one. */
static enum verdict judge_addresses(const struct facts *facts,
				    const struct access_call *call)
{
	if (call->event->class == ACCESS_DUMMY || !has_kernel_callchain(call))
		return PASSES;
	if (!facts->kptr_restrict && facts->paranoid <= 1)
		return PASSES;
	return refuse_if(facts->kptr_restrict > 1 ||
			 !facts_have(facts, CAP_SYSLOG));
}

#define GATE(name) PERFTRACE_GATE_##name
#define REFUSED	   PERFTRACE_FINDING_REFUSED
#define SILENT	   PERFTRACE_FINDING_SILENT
#define COSTLY	   PERFTRACE_FINDING_COSTLY
#define LIMITED	   PERFTRACE_FINDING_LIMITED

static const struct access_rule rules[] = {
	{ ACCESS_LOOKUP, GATE(TRACEFS), REFUSED, -ENOENT, NO_SENSOR,
	  judge_no_tracefs, "tracefs",
	  "the event's number is read from tracefs, which is not mounted" },
	{ ACCESS_LOOKUP, GATE(TRACEFS), REFUSED, -ENODATA, NO_SENSOR,
	  judge_empty_tracefs, "tracefs",
	  "the event's number is read from tracefs, which is empty: the kernel "
	  "was booted with tracing disabled, as lockdown does" },
	{ ACCESS_LOOKUP, GATE(TRACEFS), REFUSED, -EACCES, NO_SENSOR,
	  judge_unreadable, "tracefs",
	  "the event's number is read from tracefs, which the caller may "
	  "not" },

	{ ACCESS_PROBE, GATE(TRACEFS), REFUSED, -ENOENT, NO_SENSOR,
	  judge_no_tracefs, "tracefs",
	  "the probe must be written to tracefs, which is not mounted" },
	{ ACCESS_PROBE, GATE(TRACEFS), REFUSED, -ENODATA, NO_SENSOR,
	  judge_empty_tracefs, "tracefs",
	  "the probe must be written to tracefs, which is empty: the kernel was "
	  "booted with tracing disabled, as lockdown does" },
	{ ACCESS_PROBE, GATE(TRACEFS), REFUSED, -EACCES, NO_SENSOR,
	  judge_unwritable, "tracefs",
	  "the probe must be written to tracefs, which the caller may not" },
	{ ACCESS_PROBE, GATE(LOCKDOWN), REFUSED, -EPERM, NO_SENSOR,
	  judge_tracefs_lockdown, "security_locked_down()",
	  "the kernel is locked down (confidentiality), and lets nobody write "
	  "probes to tracefs" },

	{ ACCESS_OPEN, GATE(SECCOMP), REFUSED, 0, NO_SENSOR, judge_seccomp,
	  "__seccomp_filter()", NULL },
	{ ACCESS_OPEN, GATE(SETTING), REFUSED, -EINVAL, NO_SENSOR, judge_attr,
	  "perf_copy_attr()",
	  "the size of the stack or the set of registers can't be had" },
	{ ACCESS_OPEN, GATE(VENDOR_LEVEL), REFUSED, -EACCES, SENSOR_OPEN,
	  judge_vendor_level, "perf_paranoid_any()", NULL },
	{ ACCESS_OPEN, GATE(SECURITY_MODULE), REFUSED, 0, SENSOR_OPEN,
	  judge_any, "security_perf_event_open()", NULL },
	{ ACCESS_OPEN, GATE(KERNEL), REFUSED, -EACCES, SENSOR_KERNEL,
	  judge_kernel, "perf_allow_kernel()", NULL },
	{ ACCESS_OPEN, GATE(SECURITY_MODULE), REFUSED, 0, SENSOR_KERNEL,
	  judge_kernel_unseen, "security_perf_event_open()", NULL },
	{ ACCESS_OPEN, GATE(CALLCHAIN), REFUSED, -EACCES, SENSOR_CALLCHAIN,
	  judge_callchain, "perf_allow_kernel()", NULL },
	{ ACCESS_OPEN, GATE(PHYSICAL_ADDRESS), REFUSED, -EACCES, NO_SENSOR,
	  judge_physical, "perf_allow_kernel()", NULL },
	{ ACCESS_OPEN, GATE(REGISTERS), REFUSED, -EPERM, SENSOR_REGISTERS,
	  judge_registers, "security_locked_down()",
	  "the kernel is locked down (confidentiality)" },
	{ ACCESS_OPEN, GATE(DESCRIPTORS), REFUSED, -EMFILE, NO_SENSOR,
	  judge_descriptors, "get_unused_fd_flags()", NULL },
	{ ACCESS_OPEN, GATE(TASK_GONE), REFUSED, -ESRCH, NO_SENSOR,
	  judge_task_gone, "find_lively_task_by_vpid()",
	  "the process has ended" },
	{ ACCESS_OPEN, GATE(CPU_ABSENT), REFUSED, -EINVAL, NO_SENSOR,
	  judge_cpu_absent, "perf_event_alloc()", "there is no such CPU" },
	{ ACCESS_OPEN, GATE(EVENT_GONE), REFUSED, -EINVAL, NO_SENSOR,
	  judge_event_gone, "perf_trace_init()",
	  "the kernel does not know the event or one of its settings" },
	{ ACCESS_OPEN, GATE(PMU), REFUSED, -ENOENT, NO_SENSOR, judge_pmu,
	  "perf_init_event()", "the kernel has no local probes of this kind" },
	{ ACCESS_OPEN, GATE(KPROBE), REFUSED, -EACCES, SENSOR_KPROBE,
	  judge_kprobe, "perf_kprobe_event_init()",
	  "local kprobes need CAP_PERFMON" },
	{ ACCESS_OPEN, GATE(UPROBE), REFUSED, -EACCES, SENSOR_UPROBE,
	  judge_uprobe, "perf_uprobe_event_init()", NULL },
	{ ACCESS_OPEN, GATE(PLACE), REFUSED, -ENOENT, NO_SENSOR, judge_place,
	  "create_local_trace_kprobe()", "the kernel does not find the place" },
	{ ACCESS_OPEN, GATE(PLACE), REFUSED, -EADDRNOTAVAIL, NO_SENSOR,
	  judge_kprobe_place, "create_local_trace_kprobe()",
	  "several functions have this name" },
	{ ACCESS_OPEN, GATE(LOCKDOWN), REFUSED, -EPERM, SENSOR_KPROBE,
	  judge_kprobe_lockdown, "security_locked_down()",
	  "the kernel is locked down (confidentiality)" },
	{ ACCESS_OPEN, GATE(PLACE), REFUSED, -EILSEQ, NO_SENSOR,
	  judge_kprobe_place, "check_kprobe_address_safe()",
	  "the place is in the middle of an instruction" },
	{ ACCESS_OPEN, GATE(PLACE), REFUSED, -EINVAL, NO_SENSOR,
	  judge_kprobe_place, "check_kprobe_address_safe()",
	  "the kernel does not let this place be probed" },
	{ ACCESS_OPEN, GATE(IRQ_WORK), REFUSED, -EPERM, NO_SENSOR,
	  judge_irq_work, "perf_trace_event_perm()",
	  "the kernel lets nobody record this event: the interrupt that wakes "
	  "the reader would raise it again" },
	{ ACCESS_OPEN, GATE(FUNCTION), REFUSED, -EPERM, NO_SENSOR,
	  judge_function, "perf_trace_event_perm()", NULL },
	{ ACCESS_OPEN, GATE(FUNCTION_STACK), REFUSED, -EINVAL, NO_SENSOR,
	  judge_function_stack, "perf_trace_event_perm()",
	  "the function event can't follow the stack of a program: to read it "
	  "is to call functions" },
	{ ACCESS_OPEN, GATE(RAW), REFUSED, -EPERM, NO_SENSOR, judge_raw,
	  "perf_allow_tracepoint()", NULL },
	{ ACCESS_OPEN, GATE(SECURITY_MODULE), REFUSED, -EACCES, NO_SENSOR,
	  judge_raw_unseen, "security_perf_event_open()", NULL },
	{ ACCESS_OPEN, GATE(SYNTHETIC), REFUSED, -ENODEV, NO_SENSOR,
	  judge_synthetic, "synth_event_reg()",
	  "the event can't be had through perf" },
	{ ACCESS_OPEN, GATE(UPROBE_BUSY), REFUSED, -EINTR, NO_SENSOR,
	  judge_busy, "probe_event_enable()",
	  "the probe is in use by ftrace, which excludes perf" },
	{ ACCESS_OPEN, GATE(FUNCTION), REFUSED, -EPERM, NO_SENSOR,
	  judge_function_off, "perf_ftrace_function_register()",
	  "this kernel lists the function event, and lets nobody have it" },
	{ ACCESS_OPEN, GATE(PLACE), REFUSED, -EIO, NO_SENSOR,
	  judge_uprobe_place, "uprobe_register()",
	  "the file is on a file system that can't have probes" },
	{ ACCESS_OPEN, GATE(PLACE), REFUSED, -EINVAL, NO_SENSOR,
	  judge_uprobe_place, "uprobe_register()",
	  "the kernel does not let this place be probed, or its semaphore is "
	  "counted at another one" },
	{ ACCESS_OPEN, GATE(PLACE), REFUSED, -ENOTSUPP, NO_SENSOR,
	  judge_uprobe_place, "arch_uprobe_analyze_insn()",
	  "there is a breakpoint or another instruction that the kernel can't "
	  "step over" },
	{ ACCESS_OPEN, GATE(CGROUP), REFUSED, -EBADF, NO_SENSOR,
	  judge_no_cgroup, "perf_cgroup_connect()",
	  "it is no cgroup of the hierarchy that perf events belong to" },
	{ ACCESS_OPEN, GATE(CGROUP), REFUSED, -ENOENT, NO_SENSOR,
	  judge_cgroup_place, "perf_cgroup_connect()",
	  "the perf_event controller is not enabled in the cgroup, or the cgroup "
	  "was removed" },
	{ ACCESS_OPEN, GATE(CALLCHAIN_DEPTH), REFUSED, -EOVERFLOW, NO_SENSOR,
	  judge_depth, "get_callchain_buffers()",
	  "the callchain is deeper than kernel.perf_event_max_stack" },
	{ ACCESS_OPEN, GATE(TASK), REFUSED, -EACCES, NO_SENSOR, judge_task,
	  "perf_check_permission()",
	  "the task belongs to someone else or is protected" },
	{ ACCESS_OPEN, GATE(CPU), REFUSED, -EACCES, SENSOR_CPU, judge_cpu,
	  "perf_allow_cpu()", NULL },
	{ ACCESS_OPEN, GATE(SECURITY_MODULE), REFUSED, 0, SENSOR_CPU,
	  judge_cpu_unseen, "security_perf_event_open()", NULL },
	{ ACCESS_OPEN, GATE(CPU_OFFLINE), REFUSED, -ENODEV, NO_SENSOR,
	  judge_cpu_offline, "perf_event_open()", "the CPU is offline" },
	{ ACCESS_OPEN, GATE(MEMORY), REFUSED, -ENOMEM, NO_SENSOR, judge_any,
	  "perf_event_alloc()", "the kernel has no memory left for it" },
	{ ACCESS_OPEN, GATE(DESCRIPTORS), REFUSED, -ENFILE, NO_SENSOR,
	  judge_any, "alloc_empty_file()",
	  "the machine has no more open files to give: fs.file-max" },

	{ ACCESS_RING, GATE(LOCKED_MEMORY), REFUSED, -EPERM, NO_SENSOR,
	  judge_locked, "perf_mmap()", NULL },
	{ ACCESS_RING, GATE(RING_SIZE), REFUSED, -ENOMEM, NO_SENSOR,
	  judge_ring_size, "perf_mmap()", NULL },
	{ ACCESS_RING, GATE(MEMORY), REFUSED, -ENOMEM, NO_SENSOR, judge_any,
	  "rb_alloc()", NULL },

	{ ACCESS_USE, GATE(EXCLUDE_KERNEL), SILENT, 0, NO_SENSOR, judge_exclude,
	  "perf_exclude_event()",
	  "the event is raised by the kernel alone, which is excluded" },
	{ ACCESS_USE, GATE(CPU_OFFLINE), SILENT, 0, NO_SENSOR, judge_silent_cpu,
	  "event_filter_match()",
	  "the CPU is offline, and nothing runs there" },
	{ ACCESS_USE, GATE(FTRACE_DISABLED), SILENT, 0, NO_SENSOR,
	  judge_no_ftrace, "ftrace_startup()",
	  "kernel.ftrace_enabled is 0, and nothing is called at the start of "
	  "functions" },
	{ ACCESS_USE, GATE(KPROBES_DISARMED), SILENT, 0, NO_SENSOR,
	  judge_disarmed, "disarm_all_kprobes()",
	  "kprobes are disarmed by their switch in debugfs" },
	{ ACCESS_USE, GATE(WATERMARK), SILENT, 0, NO_SENSOR, judge_watermark,
	  "__perf_output_begin()",
	  "the watermark is as large as the ring, and never wakes the reader" },
	{ ACCESS_USE, GATE(FUNCTION_COST), COSTLY, 0, NO_SENSOR,
	  judge_function_cost, "register_ftrace_function()",
	  "every function of the kernel that the filter lets through is "
	  "patched, and closing waits until no task is in one" },
	{ ACCESS_USE, GATE(ADDRESSES), LIMITED, 0, NO_SENSOR, judge_addresses,
	  "kallsyms_show_value()",
	  "the kernel hides the names of the callchain's addresses: "
	  "kernel.kptr_restrict is above 0, or kernel.perf_event_paranoid "
	  "above 1" },
};

_Static_assert(ARRAY_SIZE(rules) <= ACCESS_MOST_RULES, "there is room for all");

const struct access_rule *access_get_rules(size_t *count)
{
	*count = ARRAY_SIZE(rules);
	return rules;
}
