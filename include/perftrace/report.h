/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_REPORT_H
#define PERFTRACE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: report
 *
 * What the kernel would say to a session, or what it did say: a list of
 * findings, each of which names the gate, that is, the check of the kernel's
 * that decides, what it answers, whom it is about, and what would help.
 * perftrace_session_check() makes one beforehand, and a failed
 * perftrace_session_open() leaves one behind (perftrace_session_get_report()).
 * perftrace-access(7) lists the gates in the order in which the kernel has them.
 *
 * A report never changes, needs neither its session nor its context, and may be
 * read by several threads.
 */
struct perftrace_report;

/**
 * DOC: finding
 *
 * One line of a report, borrowed from it.
 */
struct perftrace_finding;

/**
 * enum perftrace_finding_kind - what a finding means for the session
 * @PERFTRACE_FINDING_REFUSED: the open fails
 * @PERFTRACE_FINDING_LIMITED: it opens, and gives less than what was asked for
 * @PERFTRACE_FINDING_SILENT: it opens, and delivers nothing
 * @PERFTRACE_FINDING_COSTLY: it opens, and takes more time than users expect
 * @PERFTRACE_FINDING_UNKNOWN: it can't be known without trying
 */
enum perftrace_finding_kind {
	PERFTRACE_FINDING_REFUSED = 0,
	PERFTRACE_FINDING_LIMITED = 1,
	PERFTRACE_FINDING_SILENT = 2,
	PERFTRACE_FINDING_COSTLY = 3,
	PERFTRACE_FINDING_UNKNOWN = 4
};

/**
 * enum perftrace_gate - which check decides
 * @PERFTRACE_GATE_UNKNOWN: none of those that are known
 * @PERFTRACE_GATE_SECCOMP: a seccomp filter answers in the kernel's place
 * @PERFTRACE_GATE_VENDOR_LEVEL: a vendor's patch refuses everything from a
 *	level of kernel.perf_event_paranoid on
 * @PERFTRACE_GATE_SECURITY_MODULE: a security module, or a vendor's patch
 * @PERFTRACE_GATE_KERNEL: events of the kernel's, that is, without
 *	exclude_kernel
 * @PERFTRACE_GATE_CALLCHAIN: the kernel's half of callchains
 * @PERFTRACE_GATE_PHYSICAL_ADDRESS: physical addresses in samples
 * @PERFTRACE_GATE_REGISTERS: registers at the interrupt, under lockdown
 * @PERFTRACE_GATE_DESCRIPTORS: the limit of descriptors
 * @PERFTRACE_GATE_TASK_GONE: the task has ended, or can't be seen
 * @PERFTRACE_GATE_CPU_ABSENT: there is no such CPU
 * @PERFTRACE_GATE_EVENT_GONE: there is no such event, or tracing is disabled
 * @PERFTRACE_GATE_PMU: the kernel has no local probes of this kind
 * @PERFTRACE_GATE_KPROBE: the capability for local kprobes
 * @PERFTRACE_GATE_UPROBE: the capability for local uprobes
 * @PERFTRACE_GATE_LOCKDOWN: kprobes, and named probes, under lockdown
 * @PERFTRACE_GATE_PLACE: the place of a probe
 * @PERFTRACE_GATE_IRQ_WORK: the event that its own record would raise
 * @PERFTRACE_GATE_FUNCTION: the function event
 * @PERFTRACE_GATE_FUNCTION_STACK: the user's stack at the function event
 * @PERFTRACE_GATE_RAW: the raw data of a tracepoint
 * @PERFTRACE_GATE_SYNTHETIC: the event is not for perf
 * @PERFTRACE_GATE_UPROBE_BUSY: ftrace holds the probe
 * @PERFTRACE_GATE_CGROUP: the cgroup has no events
 * @PERFTRACE_GATE_CALLCHAIN_DEPTH: kernel.perf_event_max_stack
 * @PERFTRACE_GATE_TASK: another user's task, or one that is protected
 * @PERFTRACE_GATE_CPU: all tasks of a CPU
 * @PERFTRACE_GATE_CPU_OFFLINE: the CPU is offline
 * @PERFTRACE_GATE_MEMORY: the kernel has no memory, or no more files
 * @PERFTRACE_GATE_RING_SIZE: a ring is larger than the kernel makes them
 * @PERFTRACE_GATE_LOCKED_MEMORY: the user's budget for rings
 * @PERFTRACE_GATE_TRACEFS: an event is looked up in tracefs, or a named probe
 *	must be written to it
 * @PERFTRACE_GATE_SETTING: the settings contradict each other
 * @PERFTRACE_GATE_EXCLUDE_KERNEL: the event is raised by the kernel alone
 * @PERFTRACE_GATE_FTRACE_DISABLED: kernel.ftrace_enabled is 0
 * @PERFTRACE_GATE_KPROBES_DISARMED: all kprobes are disarmed
 * @PERFTRACE_GATE_WATERMARK: the reader is never woken
 * @PERFTRACE_GATE_CLOSING: closing takes its time for each event
 * @PERFTRACE_GATE_FUNCTION_COST: every function of the kernel is patched
 * @PERFTRACE_GATE_ADDRESSES: the kernel's addresses can't be named
 *
 * Numbers are never given a new meaning; later releases add some.
 */
enum perftrace_gate {
	PERFTRACE_GATE_UNKNOWN = 0,
	PERFTRACE_GATE_SECCOMP = 1,
	PERFTRACE_GATE_VENDOR_LEVEL = 2,
	PERFTRACE_GATE_SECURITY_MODULE = 3,
	PERFTRACE_GATE_KERNEL = 4,
	PERFTRACE_GATE_CALLCHAIN = 5,
	PERFTRACE_GATE_PHYSICAL_ADDRESS = 6,
	PERFTRACE_GATE_REGISTERS = 7,
	PERFTRACE_GATE_DESCRIPTORS = 8,
	PERFTRACE_GATE_TASK_GONE = 9,
	PERFTRACE_GATE_CPU_ABSENT = 10,
	PERFTRACE_GATE_EVENT_GONE = 11,
	PERFTRACE_GATE_PMU = 12,
	PERFTRACE_GATE_KPROBE = 13,
	PERFTRACE_GATE_UPROBE = 14,
	PERFTRACE_GATE_LOCKDOWN = 15,
	PERFTRACE_GATE_PLACE = 16,
	PERFTRACE_GATE_IRQ_WORK = 17,
	PERFTRACE_GATE_FUNCTION = 18,
	PERFTRACE_GATE_FUNCTION_STACK = 19,
	PERFTRACE_GATE_RAW = 20,
	PERFTRACE_GATE_SYNTHETIC = 21,
	PERFTRACE_GATE_UPROBE_BUSY = 22,
	PERFTRACE_GATE_CGROUP = 23,
	PERFTRACE_GATE_CALLCHAIN_DEPTH = 24,
	PERFTRACE_GATE_TASK = 25,
	PERFTRACE_GATE_CPU = 26,
	PERFTRACE_GATE_CPU_OFFLINE = 27,
	PERFTRACE_GATE_MEMORY = 28,
	PERFTRACE_GATE_RING_SIZE = 29,
	PERFTRACE_GATE_LOCKED_MEMORY = 30,
	PERFTRACE_GATE_TRACEFS = 31,
	PERFTRACE_GATE_SETTING = 32,
	PERFTRACE_GATE_EXCLUDE_KERNEL = 33,
	PERFTRACE_GATE_FTRACE_DISABLED = 34,
	PERFTRACE_GATE_KPROBES_DISARMED = 35,
	PERFTRACE_GATE_WATERMARK = 36,
	PERFTRACE_GATE_CLOSING = 37,
	PERFTRACE_GATE_FUNCTION_COST = 38,
	PERFTRACE_GATE_ADDRESSES = 39
};

/**
 * enum perftrace_remedy_kind - what is to be changed
 * @PERFTRACE_REMEDY_SETTING: a setting of the session or the source
 * @PERFTRACE_REMEDY_CAPABILITY: the caller is to have a capability
 * @PERFTRACE_REMEDY_SYSCTL: an administrator is to write a sysctl(8)
 * @PERFTRACE_REMEDY_LIMIT: a limit of setrlimit(2) is to be raised
 * @PERFTRACE_REMEDY_COMMAND: an administrator is to run a command
 * @PERFTRACE_REMEDY_HAND_OVER: a privileged process opens the session and hands
 *	it over, perftrace_handover(3)
 * @PERFTRACE_REMEDY_OTHER: something that no command does
 */
enum perftrace_remedy_kind {
	PERFTRACE_REMEDY_SETTING = 0,
	PERFTRACE_REMEDY_CAPABILITY = 1,
	PERFTRACE_REMEDY_SYSCTL = 2,
	PERFTRACE_REMEDY_LIMIT = 3,
	PERFTRACE_REMEDY_COMMAND = 4,
	PERFTRACE_REMEDY_HAND_OVER = 5,
	PERFTRACE_REMEDY_OTHER = 6
};

/**
 * perftrace_report_ref() - hold a report
 * @report: a report
 *
 * Return: @report.
 */
struct perftrace_report *perftrace_report_ref(struct perftrace_report *report);

/**
 * perftrace_report_unref() - let a report go
 * @report: a report, or NULL
 */
void perftrace_report_unref(struct perftrace_report *report);

/**
 * perftrace_report_is_allowed() - will everything open?
 * @report: a report
 *
 * Return: true when no finding is PERFTRACE_FINDING_REFUSED.
 */
bool perftrace_report_is_allowed(struct perftrace_report *report);

/**
 * perftrace_report_can_deliver() - may every event deliver something?
 * @report: a report
 *
 * Return: true when no finding is PERFTRACE_FINDING_REFUSED or
 * PERFTRACE_FINDING_SILENT.
 */
bool perftrace_report_can_deliver(struct perftrace_report *report);

/**
 * perftrace_report_is_certain() - is there nothing that has to be tried?
 * @report: a report
 *
 * Return: true when no finding is PERFTRACE_FINDING_UNKNOWN.
 */
bool perftrace_report_is_certain(struct perftrace_report *report);

/**
 * perftrace_report_get_error_code() - what perftrace_session_open() answers
 * @report: a report
 *
 * Return: 0, or the -errno of the refusal that comes first.
 */
int32_t perftrace_report_get_error_code(struct perftrace_report *report);

/**
 * perftrace_report_get_num_findings() - how many findings there are
 * @report: a report
 *
 * Return: the number; 0 when there is nothing to be said against the session.
 */
size_t perftrace_report_get_num_findings(struct perftrace_report *report);

/**
 * perftrace_report_get_finding() - the n-th finding
 * @report: a report
 * @index: from 0; refusals come first, in the order in which the kernel would
 *	give them
 *
 * Return: the finding, borrowed from the report; NULL when @index is too large.
 */
struct perftrace_finding *
perftrace_report_get_finding(struct perftrace_report *report, size_t index);

/**
 * perftrace_report_get_num_descriptors() - what the session will hold
 * @report: a report
 *
 * Return: the number of descriptors of the open session; 0 when its target can't
 * be had, and they can't be counted.
 */
uint64_t perftrace_report_get_num_descriptors(struct perftrace_report *report);

/**
 * perftrace_report_get_num_descriptors_available() - what there is
 * @report: a report
 *
 * Return: how many descriptors the process may still open; UINT64_MAX without a
 * limit.
 */
uint64_t
perftrace_report_get_num_descriptors_available(struct perftrace_report *report);

/**
 * perftrace_report_get_locked_kib() - locked memory that the rings take
 * @report: a report
 *
 * Return: KiB, with a page of control for each ring; 0 where there are none.
 */
uint64_t perftrace_report_get_locked_kib(struct perftrace_report *report);

/**
 * perftrace_report_get_locked_kib_available() - locked memory that there is
 * @report: a report
 *
 * What is left of the user's budget for rings (kernel.perf_event_mlock_kb for
 * each CPU) and of RLIMIT_MEMLOCK, as far as the use of it can be seen.
 *
 * Return: KiB; UINT64_MAX without a limit.
 */
uint64_t
perftrace_report_get_locked_kib_available(struct perftrace_report *report);

/**
 * perftrace_report_get_ring_size_bytes() - how large the rings will be
 * @report: a report
 *
 * Return: bytes: what was asked for, or less where the session may fit itself
 * into the budget (perftrace_session_config_set_min_ring_size_bytes()); 0 where
 * there are none.
 */
uint64_t perftrace_report_get_ring_size_bytes(struct perftrace_report *report);

/**
 * perftrace_report_format() - the findings as text for people
 * @report: a report
 * @buffer: room for the text and the zero byte that ends it
 * @size_bytes: of @buffer; 0: only the length is wanted
 *
 * A paragraph for each finding: who, what, why, and what helps. What several
 * sources have in common is said once.
 *
 * Return: the length without the zero byte, whether it fitted or not.
 */
int64_t perftrace_report_format(struct perftrace_report *report, char *buffer,
				size_t size_bytes);

/**
 * perftrace_finding_get_kind() - what it means
 * @finding: a finding
 *
 * Return: an enum perftrace_finding_kind value.
 */
int32_t perftrace_finding_get_kind(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_gate() - which check decides
 * @finding: a finding
 *
 * Return: an enum perftrace_gate value.
 */
int32_t perftrace_finding_get_gate(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_error_code() - what the kernel answers
 * @finding: a finding
 *
 * Return: the -errno of a refusal, or of one that is possible; else 0.
 */
int32_t perftrace_finding_get_error_code(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_source_index() - which event it is about
 * @finding: a finding
 *
 * Return: as for perftrace_session_get_source(); -1: the session as a whole.
 */
int64_t perftrace_finding_get_source_index(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_subject() - whom it is about
 * @finding: a finding
 *
 * Return: such as "sched:sched_switch on CPU 1", borrowed from the report.
 */
const char *perftrace_finding_get_subject(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_cpu() - on which CPU
 * @finding: a finding
 *
 * Return: the CPU; -1: on all that are asked for, or none in particular.
 */
int32_t perftrace_finding_get_cpu(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_tid() - of which task
 * @finding: a finding
 *
 * Return: the task; -1: of all that are asked for, or none in particular.
 */
int32_t perftrace_finding_get_tid(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_message() - why
 * @finding: a finding
 *
 * Return: the reason, a phrase without a full stop, borrowed from the report.
 */
const char *perftrace_finding_get_message(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_kernel_function() - where the kernel decides
 * @finding: a finding
 *
 * Return: the function of the kernel's whose check this is, for those who want
 * to read on; borrowed from the library.
 */
const char *
perftrace_finding_get_kernel_function(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_num_remedies() - how many remedies there are
 * @finding: a finding
 *
 * Each helps by itself. The one that asks for the least comes first.
 *
 * Return: the number; 0 when nothing is known to help.
 */
size_t perftrace_finding_get_num_remedies(struct perftrace_finding *finding);

/**
 * perftrace_finding_get_remedy() - the n-th remedy
 * @finding: a finding
 * @index: from 0
 *
 * Return: by kind: the setting and its value, "exclude_kernel=1"; the
 * capability, "CAP_PERFMON"; the sysctl, "kernel.perf_event_paranoid=1"; the
 * limit, "RLIMIT_NOFILE=4096"; a command; or a phrase. Borrowed from the report.
 * NULL when @index is too large.
 */
const char *perftrace_finding_get_remedy(struct perftrace_finding *finding,
					 size_t index);

/**
 * perftrace_finding_get_remedy_kind() - what is to be changed
 * @finding: a finding
 * @index: as for perftrace_finding_get_remedy()
 *
 * Return: an enum perftrace_remedy_kind value; -EINVAL when @index is too large.
 */
int32_t perftrace_finding_get_remedy_kind(struct perftrace_finding *finding,
					  size_t index);

/**
 * perftrace_gate_get_name() - the word for a gate
 * @gate: an enum perftrace_gate value
 *
 * Return: a word of small letters and underscores, as in perftrace-access(7);
 * "unknown" for other numbers.
 */
const char *perftrace_gate_get_name(int32_t gate);

/**
 * perftrace_finding_kind_get_name() - the word for a kind of finding
 * @kind: an enum perftrace_finding_kind value
 *
 * Return: a word of small letters.
 */
const char *perftrace_finding_kind_get_name(int32_t kind);

/**
 * perftrace_remedy_kind_get_name() - the word for a kind of remedy
 * @kind: an enum perftrace_remedy_kind value
 *
 * Return: a word of small letters and underscores.
 */
const char *perftrace_remedy_kind_get_name(int32_t kind);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_REPORT_H */
