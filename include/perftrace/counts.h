/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_COUNTS_H
#define PERFTRACE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: counts
 *
 * A snapshot of what the kernel counted for one source
 * (perftrace_source_get_counts()), in all and per CPU. Times are those of
 * read(2) on a perf event, summed over the descriptors that the numbers come
 * from: one second on 4 CPUs gives 4 s enabled; for a task, time passes only
 * while it is on a CPU.
 *
 * A few events are raised on behalf of another task, sched:sched_wakeup for
 * one. When such a task is traced on given CPUs, the kernel counts them although
 * the task sleeps and no sample is made: the count is then above the ledger's
 * delivered + lost.
 */
struct perftrace_counts;

/**
 * perftrace_counts_free() - release a snapshot
 * @counts: a snapshot, or NULL
 */
void perftrace_counts_free(struct perftrace_counts *counts);

/**
 * perftrace_counts_get_value() - how often the event happened
 * @counts: a snapshot
 *
 * Return: the sum over all CPUs, after the filter; not scaled. An event that
 * had to share a counter ran shorter than it was enabled; trace events never
 * do.
 */
uint64_t perftrace_counts_get_value(struct perftrace_counts *counts);

/**
 * perftrace_counts_get_enabled_ns() - how long the event was enabled
 * @counts: a snapshot
 *
 * Return: nanoseconds, summed over the descriptors.
 */
uint64_t perftrace_counts_get_enabled_ns(struct perftrace_counts *counts);

/**
 * perftrace_counts_get_running_ns() - how long the event was counting
 * @counts: a snapshot
 *
 * Return: nanoseconds, summed over the descriptors. For a task this is the
 * time that it was on a CPU.
 */
uint64_t perftrace_counts_get_running_ns(struct perftrace_counts *counts);

/**
 * perftrace_counts_get_num_rows() - how many CPUs there are numbers for
 * @counts: a snapshot
 *
 * Return: the number of rows: one per CPU of the session; one in all where
 * tasks are counted without a CPU list.
 */
size_t perftrace_counts_get_num_rows(struct perftrace_counts *counts);

/**
 * perftrace_counts_get_row_cpu() - the CPU of a row
 * @counts: a snapshot
 * @row: from 0, below perftrace_counts_get_num_rows()
 *
 * Return: the kernel's CPU number; -1 when the row stands for any CPU, or does
 * not exist.
 */
int32_t perftrace_counts_get_row_cpu(struct perftrace_counts *counts,
				     size_t row);

/**
 * perftrace_counts_get_row_value() - how often the event happened on a CPU
 * @counts: a snapshot
 * @row: from 0
 *
 * Return: the number; 0 for a row that does not exist.
 */
uint64_t perftrace_counts_get_row_value(struct perftrace_counts *counts,
					size_t row);

/**
 * perftrace_counts_get_row_enabled_ns() - how long, on a CPU
 * @counts: a snapshot
 * @row: from 0
 *
 * Return: nanoseconds; 0 for a row that does not exist.
 */
uint64_t perftrace_counts_get_row_enabled_ns(struct perftrace_counts *counts,
					     size_t row);

/**
 * perftrace_counts_get_row_running_ns() - how long counting, on a CPU
 * @counts: a snapshot
 * @row: from 0
 *
 * Return: nanoseconds; 0 for a row that does not exist.
 */
uint64_t perftrace_counts_get_row_running_ns(struct perftrace_counts *counts,
					     size_t row);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_COUNTS_H */
