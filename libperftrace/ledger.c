/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "export.h"
#include "log.h"
#include "source.h"

struct ledger_row {
	int32_t cpu;
	uint64_t delivered;
	uint64_t overrun;
	uint64_t discarded;
	uint64_t unaccounted;
	uint64_t num_throttles;
	uint64_t throttled_ns;
	uint64_t overwritten;
};

struct perftrace_ledger {
	struct ledger_row sum;
	bool has_unaccounted;
	bool has_missed;
	uint64_t missed;
	size_t num_rows;
	struct ledger_row rows[];
};

static void take_row(struct perftrace_ledger *ledger,
		     struct perftrace_source *source, size_t index)
{
	const struct source_row *row = source_get_row(source, index);
	struct losses losses;

	source_get_losses(source, index, &losses);
	ledger->rows[index] = (struct ledger_row){
		.cpu = row->cpu,
		.delivered = row->delivered,
		.overrun = losses.overrun,
		.discarded = row->discarded,
		.unaccounted = losses.unaccounted,
		.num_throttles = row->throttling.num_throttles,
		.throttled_ns = row->throttling.throttled_ns,
		.overwritten = source_get_overwritten(source, index),
	};
	ledger->has_unaccounted &= losses.has_unaccounted;
}

static void add_row(struct ledger_row *sum, const struct ledger_row *row)
{
	sum->delivered += row->delivered;
	sum->overrun += row->overrun;
	sum->discarded += row->discarded;
	sum->unaccounted += row->unaccounted;
	sum->num_throttles += row->num_throttles;
	sum->throttled_ns += row->throttled_ns;
	sum->overwritten += row->overwritten;
}

static struct perftrace_ledger *take(struct perftrace_source *source)
{
	size_t i, num_rows = source_get_num_rows(source);
	struct perftrace_ledger *ledger =
		calloc(1, sizeof(*ledger) + num_rows * sizeof(*ledger->rows));

	if (!ledger)
		return NULL;
	ledger->num_rows = num_rows;
	ledger->has_unaccounted = true;
	ledger->has_missed = source_get_missed(source, &ledger->missed);
	for (i = 0; i < num_rows; i++) {
		take_row(ledger, source, i);
		add_row(&ledger->sum, &ledger->rows[i]);
	}
	/* Of the rest, a part would say nothing. */
	if (!ledger->has_unaccounted)
		ledger->sum.unaccounted = 0;
	return ledger;
}

static int check_sampling(struct perftrace_source *source)
{
	if (source_get_num_rows(source) && source_is_sampling(source))
		return 0;
	return fail(
		source_get_log(source), -EINVAL,
		"%s was never open for records, and has no ledger",
		perftrace_event_get_name(perftrace_source_get_event(source)));
}

PERFTRACE_EXPORT int
perftrace_source_get_ledger(struct perftrace_source *source,
			    struct perftrace_ledger **ledger)
{
	struct perftrace_ledger *made;
	int ret;

	assert(source);
	ret = check_sampling(source);
	if (!ret)
		ret = source_update(source);
	if (ret)
		return ret;
	source_update_missed(source);
	made = take(source);
	if (!made)
		return fail_memory(source_get_log(source));
	*ledger = made;
	return 0;
}

PERFTRACE_EXPORT void perftrace_ledger_free(struct perftrace_ledger *ledger)
{
	free(ledger);
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_delivered(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->sum.delivered;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_lost(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->sum.overrun + ledger->sum.discarded;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_overrun(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->sum.overrun;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_discarded(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->sum.discarded;
}

PERFTRACE_EXPORT bool
perftrace_ledger_has_unaccounted(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->has_unaccounted;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_unaccounted(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->sum.unaccounted;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_num_throttles(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->sum.num_throttles;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_throttled_ns(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->sum.throttled_ns;
}

PERFTRACE_EXPORT bool
perftrace_ledger_has_missed(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->has_missed;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_missed(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->missed;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_overwritten(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->sum.overwritten;
}

PERFTRACE_EXPORT size_t
perftrace_ledger_get_num_rows(struct perftrace_ledger *ledger)
{
	assert(ledger);
	return ledger->num_rows;
}

static const struct ledger_row *row_of(struct perftrace_ledger *ledger,
				       size_t row)
{
	static const struct ledger_row none = { .cpu = -1 };

	assert(ledger);
	return row < ledger->num_rows ? &ledger->rows[row] : &none;
}

PERFTRACE_EXPORT int32_t
perftrace_ledger_get_row_cpu(struct perftrace_ledger *ledger, size_t row)
{
	return row_of(ledger, row)->cpu;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_row_delivered(struct perftrace_ledger *ledger, size_t row)
{
	return row_of(ledger, row)->delivered;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_row_lost(struct perftrace_ledger *ledger, size_t row)
{
	const struct ledger_row *entry = row_of(ledger, row);

	return entry->overrun + entry->discarded;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_row_overrun(struct perftrace_ledger *ledger, size_t row)
{
	return row_of(ledger, row)->overrun;
}

PERFTRACE_EXPORT uint64_t
perftrace_ledger_get_row_discarded(struct perftrace_ledger *ledger, size_t row)
{
	return row_of(ledger, row)->discarded;
}

PERFTRACE_EXPORT uint64_t perftrace_ledger_get_row_unaccounted(
	struct perftrace_ledger *ledger, size_t row)
{
	return row_of(ledger, row)->unaccounted;
}

PERFTRACE_EXPORT uint64_t perftrace_ledger_get_row_num_throttles(
	struct perftrace_ledger *ledger, size_t row)
{
	return row_of(ledger, row)->num_throttles;
}

PERFTRACE_EXPORT uint64_t perftrace_ledger_get_row_throttled_ns(
	struct perftrace_ledger *ledger, size_t row)
{
	return row_of(ledger, row)->throttled_ns;
}

PERFTRACE_EXPORT uint64_t perftrace_ledger_get_row_overwritten(
	struct perftrace_ledger *ledger, size_t row)
{
	return row_of(ledger, row)->overwritten;
}
