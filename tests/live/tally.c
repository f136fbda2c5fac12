/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tally.h"

#include <errno.h>

#include "setup.h"

void tally_add(struct tally *tally, struct perftrace_record *record)
{
	uint64_t time = perftrace_record_get_time_ns(record);

	if (time < tally->youngest)
		tally->num_inversions++;
	else
		tally->youngest = time;
	switch (perftrace_record_get_kind(record)) {
	case PERFTRACE_RECORD_SAMPLE:
		tally->num_samples++;
		break;
	case PERFTRACE_RECORD_LOST:
		tally->lost += perftrace_record_get_lost(record);
		break;
	default:
		tally->num_others++;
	}
}

static int read_all(struct perftrace_session *session, int32_t timeout_ms,
		    struct tally *tally)
{
	struct perftrace_record *record;
	int ret;

	while ((ret = perftrace_session_read(session, timeout_ms, &record)) > 0)
		tally_add(tally, record);
	return ret;
}

void tally_read(struct perftrace_context *context,
		struct perftrace_session *session, struct tally *tally)
{
	succeed(context, read_all(session, -1, tally));
}

void tally_drain(struct perftrace_context *context,
		 struct perftrace_session *session, struct tally *tally)
{
	int ret = read_all(session, 0, tally);

	if (ret != -EAGAIN)
		succeed(context, ret);
}

struct sums {
	uint64_t delivered;
	uint64_t lost;
};

static struct sums sum_rows(struct perftrace_ledger *ledger)
{
	size_t row, num_rows = perftrace_ledger_get_num_rows(ledger);
	struct sums sums = { 0, 0 };

	for (row = 0; row < num_rows; row++) {
		ck_assert_int_ge(perftrace_ledger_get_row_cpu(ledger, row), 0);
		sums.delivered +=
			perftrace_ledger_get_row_delivered(ledger, row);
		sums.lost += perftrace_ledger_get_row_lost(ledger, row);
	}
	ck_assert_int_eq(perftrace_ledger_get_row_cpu(ledger, num_rows), -1);
	return sums;
}

static struct sums read_ledger(struct perftrace_context *context,
			       struct perftrace_source *source)
{
	struct perftrace_ledger *ledger;
	struct sums sums;

	succeed(context, perftrace_source_get_ledger(source, &ledger));
	sums = sum_rows(ledger);
	ck_assert_uint_eq(sums.delivered,
			  perftrace_ledger_get_delivered(ledger));
	ck_assert_uint_eq(sums.lost, perftrace_ledger_get_lost(ledger));
	perftrace_ledger_free(ledger);
	return sums;
}

uint64_t delivered_by(struct perftrace_context *context,
		      struct perftrace_source *source)
{
	return read_ledger(context, source).delivered;
}

uint64_t lost_by(struct perftrace_context *context,
		 struct perftrace_source *source)
{
	return read_ledger(context, source).lost;
}

uint64_t counted_by(struct perftrace_context *context,
		    struct perftrace_source *source)
{
	struct perftrace_counts *counts;
	uint64_t value, sum = 0;
	size_t row, num_rows;

	succeed(context, perftrace_source_get_counts(source, &counts));
	value = perftrace_counts_get_value(counts);
	num_rows = perftrace_counts_get_num_rows(counts);
	for (row = 0; row < num_rows; row++)
		sum += perftrace_counts_get_row_value(counts, row);
	perftrace_counts_free(counts);
	ck_assert_uint_ge(num_rows, 1);
	ck_assert_uint_eq(sum, value);
	return value;
}

void expect_account(struct perftrace_context *context,
		    struct perftrace_session *session,
		    const struct tally *tally, uint64_t produced)
{
	uint64_t lost = perftrace_session_get_sideband_lost(session);
	size_t i, count = perftrace_session_get_num_sources(session);
	struct sums sum = { 0, 0 };

	for (i = 0; i < count; i++) {
		struct perftrace_source *source =
			perftrace_session_get_source(session, i);
		struct sums one = read_ledger(context, source);

		sum.delivered += one.delivered;
		sum.lost += one.lost;
	}
	ck_assert_uint_eq(sum.delivered, tally->num_samples);
	ck_assert_uint_eq(sum.delivered + sum.lost, produced);
	ck_assert_uint_eq(tally->lost, sum.lost + lost);
}
