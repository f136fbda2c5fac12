/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_LEDGER_H
#define PERFTRACE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: ledger
 *
 * A snapshot of where one source's records went (perftrace_source_get_ledger()),
 * in all and per CPU. When the session has been stopped and read to its end, or
 * closed, delivered + lost + overwritten is exactly what the event produced. Before
 * that, records may still stand unread in the rings.
 *
 * Lost is the sum of two: what found its ring full (overrun), and what the
 * library read, or could have, and nobody got (discarded). Next to it stands
 * what made no sample at all: of an event that was throttled, of a probe that
 * was missed, and what the kernel counted and has nothing to show for
 * (unaccounted).
 */
struct perftrace_ledger;

/**
 * perftrace_ledger_free() - release a snapshot
 * @ledger: a snapshot, or NULL
 */
void perftrace_ledger_free(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_delivered() - records that were read
 * @ledger: a snapshot
 *
 * Return: the number of samples that perftrace_session_read() handed out.
 */
uint64_t perftrace_ledger_get_delivered(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_lost() - records that were produced and not delivered
 * @ledger: a snapshot
 *
 * Return: perftrace_ledger_get_overrun() + perftrace_ledger_get_discarded().
 */
uint64_t perftrace_ledger_get_lost(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_overrun() - records that found their ring full
 * @ledger: a snapshot
 *
 * Return: the number of samples. Exact where the kernel counts
 * them per event (PERF_FORMAT_LOST, Linux 6.0); a throttle record that found the
 * ring full is then one of them. Where it does not count them: what was counted
 * and not delivered, exact once the session has been stopped and read to its
 * end, or closed; but with a period above 1, of a task or of a marker with
 * several places, what PERF_RECORD_LOST said.
 */
uint64_t perftrace_ledger_get_overrun(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_discarded() - records that were not handed out
 * @ledger: a snapshot
 *
 * Return: the number of samples that stood unread in the rings when the session
 * was closed, and of those that contradicted themselves.
 */
uint64_t perftrace_ledger_get_discarded(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_has_unaccounted() - is the count a measure?
 * @ledger: a snapshot
 *
 * Return: whether perftrace_ledger_get_unaccounted() is known. It is not where
 * the kernel does not count lost samples (before Linux 6.0), not with a period
 * above 1 for a task or a marker with several places, and not with a period of 1
 * of an event that carries a weight; nor in PERFTRACE_MODE_OVERWRITE.
 */
bool perftrace_ledger_has_unaccounted(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_unaccounted() - what was counted and made no record
 * @ledger: a snapshot
 *
 * The samples that are due by perftrace_counts_get_value(), and were neither
 * delivered nor lost, once the session has been stopped and read to its end, or
 * closed; before that also what stands unread. The kernel makes none while an
 * event is throttled, nor of an event that is raised for a task that sleeps
 * (sched:sched_wakeup of a traced task), nor of one that the call which disables
 * it meets half-way. Bytes of a ring that made no sense leave theirs here too.
 *
 * Return: the number of samples; 0 where it is not known.
 */
uint64_t perftrace_ledger_get_unaccounted(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_num_throttles() - how often the event was throttled
 * @ledger: a snapshot
 *
 * The kernel stops an event that makes more samples in a tick than
 * kernel.perf_event_max_sample_rate allows, until the tick ends. This takes
 * several samples of a single hit: a trace event with a period of 1 is never
 * throttled, whatever its rate, nor is one with another period, unless it
 * carries a weight, as sched:sched_stat_runtime does.
 *
 * Return: the number of throttle records that were read, or discarded.
 */
uint64_t perftrace_ledger_get_num_throttles(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_throttled_ns() - how long the event was throttled
 * @ledger: a snapshot
 *
 * Return: nanoseconds between throttle records and those that let it go on,
 * summed over the CPUs.
 */
uint64_t perftrace_ledger_get_throttled_ns(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_has_missed() - are the hits known that a probe missed?
 * @ledger: a snapshot
 *
 * Return: whether perftrace_ledger_get_missed() is known: for named kprobes and
 * kretprobes of this process alone.
 */
bool perftrace_ledger_has_missed(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_missed() - hits that the event's probe passed over
 * @ledger: a snapshot
 *
 * They are no part of what was lost, nor of any count: the event never
 * happened. The kernel counts them per probe, whether the event is enabled or
 * not, before its filter, and for all who use the probe.
 *
 * Return: the number since the session was opened, on all CPUs; 0 where it is
 * not known.
 */
uint64_t perftrace_ledger_get_missed(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_overwritten() - records that newer ones took the place of
 * @ledger: a snapshot
 *
 * Return: in PERFTRACE_MODE_OVERWRITE, the number of samples that were written
 * over before a snapshot, and of those in a snapshot that were not read before
 * the next; 0 in other modes. As of the last snapshot; exact when the session had
 * been stopped before it. Without the former where they are not known, see
 * perftrace_record_get_overwritten().
 */
uint64_t perftrace_ledger_get_overwritten(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_num_rows() - how many CPUs there are numbers for
 * @ledger: a snapshot
 *
 * Return: the number of rows, one per CPU of the session.
 */
size_t perftrace_ledger_get_num_rows(struct perftrace_ledger *ledger);

/**
 * perftrace_ledger_get_row_cpu() - the CPU of a row
 * @ledger: a snapshot
 * @row: from 0, below perftrace_ledger_get_num_rows()
 *
 * Return: the kernel's CPU number; -1 for a row that does not exist.
 */
int32_t perftrace_ledger_get_row_cpu(struct perftrace_ledger *ledger,
				     size_t row);

/**
 * perftrace_ledger_get_row_delivered() - records of a CPU that were read
 * @ledger: a snapshot
 * @row: from 0
 *
 * Return: the number; 0 for a row that does not exist.
 */
uint64_t perftrace_ledger_get_row_delivered(struct perftrace_ledger *ledger,
					    size_t row);

/**
 * perftrace_ledger_get_row_lost() - records of a CPU that were lost
 * @ledger: a snapshot
 * @row: from 0
 *
 * Return: the number; 0 for a row that does not exist.
 */
uint64_t perftrace_ledger_get_row_lost(struct perftrace_ledger *ledger,
				       size_t row);

/**
 * perftrace_ledger_get_row_overrun() - records of a CPU that found their ring full
 * @ledger: a snapshot
 * @row: from 0
 *
 * Return: the number; 0 for a row that does not exist.
 */
uint64_t perftrace_ledger_get_row_overrun(struct perftrace_ledger *ledger,
					  size_t row);

/**
 * perftrace_ledger_get_row_discarded() - records of a CPU that were not handed out
 * @ledger: a snapshot
 * @row: from 0
 *
 * Return: the number; 0 for a row that does not exist.
 */
uint64_t perftrace_ledger_get_row_discarded(struct perftrace_ledger *ledger,
					    size_t row);

/**
 * perftrace_ledger_get_row_unaccounted() - what a CPU counted and made no record of
 * @ledger: a snapshot
 * @row: from 0
 *
 * Return: the number; 0 where it is not known for that CPU, and for a row that does
 * not exist.
 */
uint64_t perftrace_ledger_get_row_unaccounted(struct perftrace_ledger *ledger,
					      size_t row);

/**
 * perftrace_ledger_get_row_num_throttles() - how often it was throttled on a CPU
 * @ledger: a snapshot
 * @row: from 0
 *
 * Return: the number; 0 for a row that does not exist.
 */
uint64_t perftrace_ledger_get_row_num_throttles(struct perftrace_ledger *ledger,
						size_t row);

/**
 * perftrace_ledger_get_row_throttled_ns() - how long it was throttled on a CPU
 * @ledger: a snapshot
 * @row: from 0
 *
 * Return: nanoseconds; 0 for a row that does not exist.
 */
uint64_t perftrace_ledger_get_row_throttled_ns(struct perftrace_ledger *ledger,
					       size_t row);

/**
 * perftrace_ledger_get_row_overwritten() - records of a CPU that were written
 * over
 * @ledger: a snapshot
 * @row: from 0
 *
 * Return: the number; 0 for a row that does not exist.
 */
uint64_t perftrace_ledger_get_row_overwritten(struct perftrace_ledger *ledger,
					      size_t row);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_LEDGER_H */
