/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "refusal.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#include "capability.h"
#include "descriptors.h"
#include "log.h"
#include "sys.h"
#include "target.h"

/* The kernel's own, which reaches users although it has no name there. */
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

#define PARANOID "kernel.perf_event_paranoid"

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

static void write_error(char *text, size_t room, int error)
{
	const char *name = strerrorname_np(-error);

	if (error == -ENOTSUPP)
		snprintf(text, room, "ENOTSUPP (524): not supported");
	else if (name)
		snprintf(text, room, "%s: %s", name, strerror(-error));
	else
		snprintf(text, room, "error %d", -error);
}

static int fail_call(struct log *log, const char *name, const char *call,
		     const struct refusal *refusal, const char *reason)
{
	char subject[512], error[128];

	write_subject(subject, sizeof(subject), name, refusal);
	write_error(error, sizeof(error), refusal->error);
	return fail(log, refusal->error, "%s: %s: %s%s%s", subject, call, error,
		    *reason ? ", " : "", reason);
}

static long long read_paranoid(void)
{
	long long level;

	return sys_read_integer("/proc/sys/kernel/perf_event_paranoid",
				&level) ?
		       2 :
		       level;
}

static bool is_perfmon_capable(void)
{
	return capability_is_effective(CAP_PERFMON) ||
	       capability_is_effective(CAP_SYS_ADMIN);
}

/* Neither PMU has a number of its own; the events' names tell them apart. */
static bool is_local_probe(const struct perf_event_attr *attr)
{
	return attr->type != PERF_TYPE_TRACEPOINT &&
	       attr->type != PERF_TYPE_SOFTWARE;
}

static bool is_kernel_probe(const char *name)
{
	return *name == 'k';
}

/* perf_kprobe_event_init() and perf_uprobe_event_init(), at every paranoid. */
static const char *guess_local_eacces(const char *name, const char **remedy)
{
	if (is_kernel_probe(name) && !is_perfmon_capable()) {
		*remedy = "run as root or with CAP_PERFMON; a sysctl does not "
			  "help";
		return "local kprobes need CAP_PERFMON";
	}
	if (!is_kernel_probe(name) && !capability_is_effective(CAP_SYS_ADMIN)) {
		*remedy =
			"run as root or with CAP_SYS_ADMIN, or let root "
			"write a named one to tracefs; a sysctl does not help";
		return "local uprobes need CAP_SYS_ADMIN, or CAP_PERFMON on "
		       "kernels without the fix of CVE-2025-38466";
	}
	return "";
}

/* What the two PMUs answer, and nothing but them; "": something else. */
static const char *guess_local(const char *name, int error, const char **remedy)
{
	switch (error) {
	case -EACCES:
		return guess_local_eacces(name, remedy);
	case -ENOENT:
		*remedy = "it may have gone since it was looked up";
		return "the kernel does not find the place";
	case -EADDRNOTAVAIL:
		*remedy = "choose one by its address";
		return "several functions have this name";
	case -EIO:
		return "the file is on a file system that can't have probes";
	case -EINVAL:
		return is_kernel_probe(name) ?
			       "the kernel does not let this place be probed" :
			       "the kernel does not let this place be probed, "
			       "or its semaphore is counted at another one";
	case -ENOTSUPP:
		*remedy = "remove the breakpoint that is there";
		return "there is a breakpoint or another instruction that the "
		       "kernel can't step over";
	default:
		return "";
	}
}

/*
 * EACCES comes, in the kernel's order, from a vendor's level above 2, from
 * perf_allow_kernel(), from perf_check_permission() for a task of someone
 * else's, and from perf_allow_cpu().
 */
static const char *guess_eacces(const struct perf_event_attr *attr,
				const struct refusal *refusal,
				long long paranoid, const char **remedy)
{
	if (capability_is_effective(CAP_SYS_ADMIN)) {
		*remedy = "look into its log";
		return "most likely by a security module, for the caller has "
		       "CAP_SYS_ADMIN";
	}
	*remedy = NULL;
	if (paranoid > 2) {
		*remedy = "run as root or with CAP_SYS_ADMIN, or: "
			  "sysctl " PARANOID "=2";
		return "most likely because " PARANOID " is above 2";
	}
	if (capability_is_effective(CAP_PERFMON))
		return "most likely by a security module, for the caller has "
		       "CAP_PERFMON";
	if (!attr->exclude_kernel && paranoid > 1) {
		*remedy =
			"run as root or with CAP_PERFMON, or: sysctl " PARANOID
			"=1, or exclude the kernel";
		return "most likely because " PARANOID
		       " is 2 and the event includes the kernel";
	}
	if (refusal->tid == ALL_TASKS && paranoid > 0) {
		*remedy =
			"run as root or with CAP_PERFMON, or: sysctl " PARANOID
			"=0, or trace one process";
		return "most likely because " PARANOID
		       " is above 0 and all tasks of a CPU are asked for";
	}
	if (refusal->tid != ALL_TASKS) {
		*remedy = "run as its user or as root, or with CAP_PERFMON";
		return "most likely because the task belongs to someone else "
		       "or is protected";
	}
	*remedy = "look into its log";
	return "most likely by a security module";
}

/*
 * perf_trace_event_perm(): raw data of a tracepoint, and the function event.
 * irq_work_exit is refused to all, for the interrupt that wakes the reader would
 * raise it again (arch/x86/kernel/irq_work.c).
 */
static const char *guess_eperm(const struct perf_event_attr *attr,
			       const char *name, long long paranoid,
			       const char **remedy)
{
	if (!strcmp(name, "irq_vectors:irq_work_exit")) {
		*remedy = "count it instead";
		return "the kernel lets nobody record this event";
	}
	if (is_perfmon_capable()) {
		*remedy = "lockdown, a seccomp filter, a security module or "
			  "the kernel's vendor forbids it, and nothing that "
			  "the caller could be given will help";
		return "although the caller has the capability for it";
	}
	if (attr->sample_type & PERF_SAMPLE_RAW && paranoid > -1) {
		*remedy =
			"run as root or with CAP_PERFMON, or: sysctl " PARANOID
			"=-1, or count it instead";
		return "most likely because " PARANOID
		       " is above -1 and the event's raw data is asked for";
	}
	*remedy = "run as root; lockdown, a seccomp filter or a security "
		  "module may still refuse";
	return "refused before the event was looked at";
}

static void write_shortage(char *text, size_t room, size_t wanted)
{
	snprintf(text, room,
		 "the session needs %zu descriptors, and the limit of the "
		 "process is %" PRIu64,
		 wanted, sys_descriptor_limit());
}

static int add_shortage_remedy(struct log *log)
{
	return fail_remedy(log, "raise RLIMIT_NOFILE (ulimit -n), or open "
				"fewer events on fewer CPUs");
}

static int explain_emfile(struct log *log, const char *name,
			  const struct refusal *refusal, size_t wanted)
{
	char reason[160];

	write_shortage(reason, sizeof(reason), wanted);
	fail_call(log, name, "perf_event_open", refusal, reason);
	return add_shortage_remedy(log);
}

int refusal_explain_shortage(struct log *log, const char *what, size_t wanted)
{
	char reason[160];

	write_shortage(reason, sizeof(reason), wanted);
	fail(log, -EMFILE, "%s: EMFILE: %s, %s", what, strerror(EMFILE),
	     reason);
	return add_shortage_remedy(log);
}

/*
 * perf_cgroup_connect(). Where cgroup2 has just been mounted, its cgroups get
 * the controller when any controller is passed on by the root for the first
 * time; those of v1 always have it.
 */
static const char *guess_cgroup(int error, const char **remedy)
{
	switch (error) {
	case -ENOENT:
		*remedy = "pass a controller on in the root of the hierarchy, "
			  "which brings this one along: "
			  "echo +pids > cgroup.subtree_control";
		return "the perf_event controller is not enabled in the "
		       "cgroup, or the cgroup was removed";
	case -EBADF:
		*remedy = "give the directory of a cgroup";
		return "it is no cgroup";
	default:
		return "";
	}
}

/* What any event may be answered. */
static const char *guess_any(const struct perf_event_attr *attr,
			     const char *name, const struct refusal *refusal,
			     const char **remedy)
{
	switch (refusal->error) {
	case -EACCES:
		return guess_eacces(attr, refusal, read_paranoid(), remedy);
	case -EPERM:
		return guess_eperm(attr, name, read_paranoid(), remedy);
	case -ESRCH:
		return "the process has ended";
	case -ENODEV:
		return "the CPU went offline, or the event can't be had "
		       "through perf";
	case -EOVERFLOW:
		return "the callchain is deeper than "
		       "kernel.perf_event_max_stack";
	case -EINVAL:
		return "the kernel does not know the event or one of its "
		       "settings";
	case -EINTR:
		*remedy = "disable it there: echo 0 > its enable file in "
			  "tracefs";
		return "the probe is in use by ftrace, which excludes perf";
	case -ENOSYS:
		return "the kernel has no perf events, or a seccomp filter "
		       "hides them";
	default:
		return "";
	}
}

int refusal_explain_open(struct log *log, const char *name,
			 const struct perf_event_attr *attr,
			 const struct refusal *refusal, size_t wanted)
{
	const char *remedy = NULL, *reason = "";
	int ret;

	if (refusal->error == -EMFILE)
		return explain_emfile(log, name, refusal, wanted);
	if (is_local_probe(attr))
		reason = guess_local(name, refusal->error, &remedy);
	else if (refusal->cgroup)
		reason = guess_cgroup(refusal->error, &remedy);
	if (!*reason)
		reason = guess_any(attr, name, refusal, &remedy);
	ret = fail_call(log, name, "perf_event_open", refusal, reason);
	return remedy ? fail_remedy(log, "%s", remedy) : ret;
}

int refusal_explain_ring(struct log *log, int error, int32_t cpu,
			 uint64_t ring_bytes, size_t num_rings)
{
	struct refusal refusal = { error, cpu, ALL_TASKS, NULL };
	char reason[192];

	snprintf(reason, sizeof(reason), "%zu rings of %" PRIu64 " KiB each",
		 num_rings, ring_bytes / 1024);
	if (error == -ENOMEM)
		strcat(reason, ", more than the kernel has or gives to one "
			       "ring");
	else if (error == -EPERM)
		strcat(reason, ", more locked memory than the user may have");
	fail_call(log, "ring", "mmap", &refusal, reason);
	if (error == -ENOMEM)
		return fail_remedy(log, "use smaller rings");
	if (error != -EPERM)
		return error;
	return fail_remedy(log, "use smaller rings, raise RLIMIT_MEMLOCK or "
				"kernel.perf_event_mlock_kb, or run with "
				"CAP_IPC_LOCK");
}

int refusal_explain_filter(struct log *log, const char *name,
			   const char *filter, const struct refusal *refusal)
{
	char subject[256], error[128];

	write_subject(subject, sizeof(subject), name, refusal);
	write_error(error, sizeof(error), refusal->error);
	/* However long it is, the reason must fit behind it. */
	fail(log, -EINVAL, "%s: the kernel refuses the filter \"%.*s%s\": %s",
	     subject, LONGEST_QUOTE, filter,
	     strlen(filter) > LONGEST_QUOTE ? "..." : "", error);
	return fail_remedy(log, "this kernel may not know all that newer ones "
				"know in filters");
}

int refusal_explain_call(struct log *log, const char *name, const char *what,
			 const struct refusal *refusal)
{
	return fail_call(log, name, what, refusal, "");
}
