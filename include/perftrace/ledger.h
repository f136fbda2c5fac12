/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_LEDGER_H
#define PERFTRACE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: ledger
 *
 * A snapshot of where one source's records went (perftrace_source_get_ledger()),
 * in all and per CPU. When the session has been stopped and read to its end,
 * delivered + lost is exactly what the event produced. Before that, records may
 * still stand unread in the rings.
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
 * Return: the number of samples that found their ring full, and of those that
 * stood unread in it when the session was closed. Exact where the kernel counts
 * them per event (PERF_FORMAT_LOST, Linux 6.0). Where it does not: with a period
 * of 1 what was counted and not delivered, exact once the session has been
 * stopped and read to its end; with another period what PERF_RECORD_LOST said.
 */
uint64_t perftrace_ledger_get_lost(struct perftrace_ledger *ledger);

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

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_LEDGER_H */
