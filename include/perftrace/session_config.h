/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_SESSION_CONFIG_H
#define PERFTRACE_SESSION_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include <perftrace/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: session_config
 *
 * The settings of a session, with a default for each. A session copies them
 * when it is made; one configuration serves any number of sessions.
 *
 * Without a target, a session traces all online CPUs. A pid, a command or a
 * cgroup makes it trace those tasks; a CPU list limits each to those CPUs. A
 * setting that is refused leaves the one in force.
 */
struct perftrace_session_config;

/**
 * enum perftrace_mode - what a session delivers
 * @PERFTRACE_MODE_STREAM: records through one ring per CPU, and counts
 * @PERFTRACE_MODE_COUNT: counts alone; no rings, no locked memory
 * @PERFTRACE_MODE_OVERWRITE: a flight recorder: rings that are written over and
 *	over, of which perftrace_session_snapshot() takes what they hold; and
 *	counts. Beside the rings it needs twice their memory, which is not
 *	locked, and one ring's more
 */
enum perftrace_mode {
	PERFTRACE_MODE_STREAM = 0,
	PERFTRACE_MODE_COUNT = 1,
	PERFTRACE_MODE_OVERWRITE = 2
};

/**
 * enum perftrace_order - in which order records are read
 * @PERFTRACE_ORDER_TIME: in the order of their time stamps, over all CPUs, each
 *	record when it is older than the horizon. Late by a millisecond, and
 *	right unless a CPU is held up for longer than that between a record's
 *	time stamp and its publication
 * @PERFTRACE_ORDER_NONE: ring by ring, as soon as they are there
 * @PERFTRACE_ORDER_CERTAIN: in the order of their time stamps, over all CPUs,
 *	each record when none older can come any more. Late by an RCU grace
 *	period, some 10 to 30 ms, which each look at the rings waits for, also
 *	with a timeout of 0; the rings must hold what is written meanwhile:
 *	some 2 MiB at a million records a second
 */
enum perftrace_order {
	PERFTRACE_ORDER_TIME = 0,
	PERFTRACE_ORDER_NONE = 1,
	PERFTRACE_ORDER_CERTAIN = 2
};

/**
 * enum perftrace_clock - the clock of time stamps
 * @PERFTRACE_CLOCK_MONOTONIC: CLOCK_MONOTONIC of clock_gettime(2)
 * @PERFTRACE_CLOCK_MONOTONIC_RAW: CLOCK_MONOTONIC_RAW, free of NTP's slewing
 *
 * The kernel takes no other clock for tracepoints: it reads them where a
 * non-maskable interrupt may have stopped the clock's update, and only these
 * two can bear that (perf_event_set_clock() in kernel/events/core.c).
 */
enum perftrace_clock {
	PERFTRACE_CLOCK_MONOTONIC = 0,
	PERFTRACE_CLOCK_MONOTONIC_RAW = 1
};

/**
 * enum perftrace_sideband - records beside the samples; to be combined with |
 * @PERFTRACE_SIDEBAND_NONE: none
 * @PERFTRACE_SIDEBAND_TASK: PERFTRACE_RECORD_FORK and _EXIT
 * @PERFTRACE_SIDEBAND_COMM: PERFTRACE_RECORD_COMM
 * @PERFTRACE_SIDEBAND_MMAP: PERFTRACE_RECORD_MMAP, executable mappings
 */
enum perftrace_sideband {
	PERFTRACE_SIDEBAND_NONE = 0,
	PERFTRACE_SIDEBAND_TASK = 1,
	PERFTRACE_SIDEBAND_COMM = 2,
	PERFTRACE_SIDEBAND_MMAP = 4
};

/**
 * enum perftrace_closer - who closes a session's events
 * @PERFTRACE_CLOSER_NONE: the caller, who waits for the kernel
 * @PERFTRACE_CLOSER_PROCESS: a process that the library starts for it
 */
enum perftrace_closer {
	PERFTRACE_CLOSER_NONE = 0,
	PERFTRACE_CLOSER_PROCESS = 1
};

/**
 * perftrace_session_config_new() - make a configuration of defaults
 * @context: the context that is told why a setting was refused
 * @config: the configuration; to be released with
 *	perftrace_session_config_free()
 *
 * Return: 0, or -ENOMEM.
 */
int perftrace_session_config_new(struct perftrace_context *context,
				 struct perftrace_session_config **config);

/**
 * perftrace_session_config_free() - release a configuration
 * @config: a configuration, or NULL
 */
void perftrace_session_config_free(struct perftrace_session_config *config);

/**
 * perftrace_session_config_set_cpus() - trace these CPUs alone
 * @config: a configuration
 * @cpus: real CPU numbers in the kernel's list format, "0,2-3"; copied. NULL:
 *	all that are online when the session opens, the default
 *
 * Whether the CPUs are there and online is looked at when the session opens.
 *
 * Return: 0; -EINVAL with the position of the fault; -ENOMEM.
 */
int perftrace_session_config_set_cpus(struct perftrace_session_config *config,
				      const char *cpus);

/**
 * perftrace_session_config_set_pid() - trace a process
 * @config: a configuration
 * @pid: a process id, as seen from the caller's pid namespace; all its threads
 *	and the threads and processes that they start from then on are traced,
 *	though a process that is started while the session opens may be missed.
 *	0: the calling process. -1: no process, the default
 *
 * Excludes perftrace_session_config_set_command().
 *
 * Return: 0; -EINVAL when @pid is below -1, or is a process while a command is
 * set.
 */
int perftrace_session_config_set_pid(struct perftrace_session_config *config,
				     int32_t pid);

/**
 * perftrace_session_config_set_command() - run a command and trace it
 * @config: a configuration
 * @arguments: the program, looked up in PATH like execvp(3), and its
 *	arguments, ended by NULL; copied. A script needs its "#!" line. NULL: no
 *	command, the default
 *
 * perftrace_session_open() forks a child that waits, and
 * perftrace_session_start() lets it execute the program; tracing begins with
 * the exec, in the program and in all that it starts. Its standard streams are
 * the caller's.
 *
 * Excludes perftrace_session_config_set_pid().
 *
 * Return: 0; -EINVAL when there is no program in @arguments, or there is one
 * while a pid is set; -ENOMEM.
 */
int perftrace_session_config_set_command(
	struct perftrace_session_config *config, const char *const arguments[]);

/**
 * perftrace_session_config_set_cgroup() - trace the tasks of a control group
 * @config: a configuration
 * @path: a directory of the hierarchy that has the perf_event controller: that
 *	of version 1 where it is mounted with it, and cgroup2 otherwise.
 *	Absolute, or relative to where that hierarchy is mounted, as in
 *	"system.slice/cron.service"; copied. NULL: no cgroup, the default
 *
 * Tasks count as long as they are in the cgroup or below it, also those that
 * move in later. The directory is looked for when the session opens, and held
 * open with it; a session whose cgroup is removed stays open and sees nothing
 * more. Events are opened per CPU, which takes the permission to trace all
 * tasks.
 *
 * Side-band records are of all tasks on the CPUs, inside or not: so tasks that
 * were started outside have their names.
 *
 * perftrace_session_new() refuses a cgroup together with a pid, and with a
 * command unless perftrace_session_config_set_system_wide() is true: the cgroup
 * is then traced until the command has ended, which itself is traced only if it
 * is in the cgroup.
 *
 * Return: 0; -EINVAL when @path is empty; -ENOMEM.
 */
int perftrace_session_config_set_cgroup(struct perftrace_session_config *config,
					const char *path);

/**
 * perftrace_session_config_set_system_wide() - trace all tasks
 * @config: a configuration
 * @system_wide: true: every task on the CPUs, or of the cgroup, is traced from
 *	perftrace_session_start() until the command, if there is one, has
 *	ended. false: a command or a pid is traced alone, the default
 *
 * Without a command it changes nothing. perftrace_session_new() refuses it
 * together with a pid.
 *
 * Return: 0.
 */
int perftrace_session_config_set_system_wide(
	struct perftrace_session_config *config, bool system_wide);

/**
 * perftrace_session_config_set_mode() - records or counts
 * @config: a configuration
 * @mode: one of enum perftrace_mode; PERFTRACE_MODE_STREAM by default
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_session_config_set_mode(struct perftrace_session_config *config,
				      int32_t mode);

/**
 * perftrace_session_config_set_ring_size_bytes() - how large each ring is
 * @config: a configuration
 * @size_bytes: the size of one CPU's ring, rounded up to a power of two times
 *	the page size, at most 1 GiB. 1 MiB by default: at a million records
 *	of 112 bytes per second the reader may be away for 9 ms
 *
 * The memory is locked, and counts against perf_event_mlock_kb and
 * RLIMIT_MEMLOCK of the user.
 *
 * Return: 0; -EINVAL when it is 0 or too large.
 */
int perftrace_session_config_set_ring_size_bytes(
	struct perftrace_session_config *config, uint64_t size_bytes);

/**
 * perftrace_session_config_set_min_ring_size_bytes() - let rings fit themselves
 * @config: a configuration
 * @size_bytes: the least that will do, rounded up to a power of two of pages;
 *	0: no less than perftrace_session_config_set_ring_size_bytes() said, the
 *	default
 *
 * Where the user's budget of locked memory does not allow the rings that were
 * asked for, they are halved until it does, or they would be smaller than this.
 * Which size was chosen perftrace_session_get_ring_size_bytes() tells once the
 * session is open, and a report (perftrace_session_check()) beforehand. The
 * watermark shrinks with the rings. That it is no more than the size asked for
 * is checked when the session is made.
 *
 * Return: 0, or -EINVAL when it is larger than the largest ring.
 */
int perftrace_session_config_set_min_ring_size_bytes(
	struct perftrace_session_config *config, uint64_t size_bytes);

/**
 * perftrace_session_config_set_watermark_bytes() - when a ring wakes the reader
 * @config: a configuration
 * @watermark_bytes: how much a CPU writes between two wake-ups, at most half of
 *	the ring; 1 wakes at every record, which costs the traced program some
 *	15 us each. 0: a quarter of the ring, the default
 *
 * A quarter leaves three quarters for what arrives until the reader runs, and
 * costs one wake-up per two thousand records at 1 MiB. More than half is
 * refused: with a reader that has drained half of a ring, the rest could fill
 * before the next wake-up is due, and a watermark at the ring's size never
 * wakes at all (__perf_output_begin() in kernel/events/ring_buffer.c).
 *
 * Return: 0. A watermark above half of the ring is refused with -EINVAL by
 * perftrace_session_new(), which knows both.
 */
int perftrace_session_config_set_watermark_bytes(
	struct perftrace_session_config *config, uint32_t watermark_bytes);

/**
 * perftrace_session_config_set_flush_interval_ms() - how long a few may wait
 * @config: a configuration
 * @interval_ms: the session's descriptor becomes readable at least this often
 *	while the session runs, so that records below the watermark are seen;
 *	0: never. 100 ms by default
 *
 * Return: 0.
 */
int perftrace_session_config_set_flush_interval_ms(
	struct perftrace_session_config *config, uint32_t interval_ms);

/**
 * perftrace_session_config_set_clock() - the clock of time stamps
 * @config: a configuration
 * @clock: one of enum perftrace_clock; PERFTRACE_CLOCK_MONOTONIC by default
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_session_config_set_clock(struct perftrace_session_config *config,
				       int32_t clock);

/**
 * perftrace_session_config_set_order() - time order or none
 * @config: a configuration
 * @order: one of enum perftrace_order; PERFTRACE_ORDER_TIME by default
 *
 * PERFTRACE_ORDER_CERTAIN takes membarrier(2) with MEMBARRIER_CMD_GLOBAL, which
 * a kernel booted with nohz_full= has not; perftrace_session_open() then fails.
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_session_config_set_order(struct perftrace_session_config *config,
				       int32_t order);

/**
 * perftrace_session_config_set_horizon_ns() - how long a record is held back
 * @config: a configuration
 * @horizon_ns: with PERFTRACE_ORDER_TIME, a record is delivered when it is
 *	older than this, because another CPU may still publish an older one;
 *	at most 1 s. 1 ms by default
 *
 * A longer horizon forgives a longer delay between a record's time stamp and
 * its publication, and makes the rings hold as much more. Where a ring is more
 * than half full of younger records, the horizon yields, or they would be lost.
 * perftrace_session_get_num_order_violations() tells whether it was enough.
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_session_config_set_horizon_ns(
	struct perftrace_session_config *config, uint64_t horizon_ns);

/**
 * perftrace_session_config_set_sideband() - which records beside the samples
 * @config: a configuration
 * @sideband: enum perftrace_sideband values, combined; PERFTRACE_SIDEBAND_NONE
 *	by default
 *
 * Task names are followed in any case, so that records carry them; this
 * decides which side-band records are delivered.
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_session_config_set_sideband(
	struct perftrace_session_config *config, uint32_t sideband);

/**
 * perftrace_session_config_set_closer() - who closes a session's events
 * @config: a configuration
 * @closer: one of enum perftrace_closer; PERFTRACE_CLOSER_NONE by default
 *
 * The kernel waits for all CPUs at the last close of each tracepoint, some
 * 40 ms, one after the other. With PERFTRACE_CLOSER_PROCESS it is not the caller
 * for whom it does so: perftrace_session_close() stops everything, reads the
 * numbers, gives its memory back and leaves the descriptors to a process which
 * it clones, and which lives until they are closed. That process holds nothing
 * else of the caller's, sends it no signal, and is not seen by wait(2) but with
 * __WALL or __WCLONE. It needs Linux 5.9; where it can't be had, the caller waits.
 *
 * Nor does the close then wait for a record that a CPU is just writing: to be
 * exact, stop the session and read it to its end first.
 *
 * Return: 0; -EINVAL for another value.
 */
int perftrace_session_config_set_closer(struct perftrace_session_config *config,
					int32_t closer);

/**
 * perftrace_session_config_set_num_readers() - let several threads read
 * @config: a configuration
 * @num_readers: in how many threads, at most; 0: the session is read by
 *	perftrace_session_read(), the default
 *
 * The rings are dealt out to so many readers (perftrace/reader.h), in the order
 * of their CPUs and as evenly as possible; there are never more of them than
 * rings. The session is then read by them alone: perftrace_session_read(),
 * perftrace_session_wait() and perftrace_session_get_fd() are refused. 1 is of
 * use where one thread reads and another decides.
 *
 * Only for PERFTRACE_MODE_STREAM; in other modes it changes nothing. A session
 * with readers can't be handed over.
 *
 * Return: 0.
 */
int perftrace_session_config_set_num_readers(
	struct perftrace_session_config *config, uint32_t num_readers);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_SESSION_CONFIG_H */
