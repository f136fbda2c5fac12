/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "export.h"
#include "log.h"
#include "source.h"

struct ledger_row {
	int32_t cpu;
	uint64_t delivered;
	uint64_t lost;
};

struct perftrace_ledger {
	struct ledger_row sum;
	size_t num_rows;
	struct ledger_row rows[];
};

static struct perftrace_ledger *take(struct perftrace_source *source)
{
	size_t i, num_rows = source_get_num_rows(source);
	struct perftrace_ledger *ledger =
		calloc(1, sizeof(*ledger) + num_rows * sizeof(*ledger->rows));

	if (!ledger)
		return NULL;
	ledger->num_rows = num_rows;
	for (i = 0; i < num_rows; i++) {
		const struct source_row *row = source_get_row(source, i);
		struct ledger_row *entry = &ledger->rows[i];

		entry->cpu = row->cpu;
		entry->delivered = row->delivered;
		entry->lost = source_get_lost(source, i);
		ledger->sum.delivered += entry->delivered;
		ledger->sum.lost += entry->lost;
	}
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
	return ledger->sum.lost;
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
	return row_of(ledger, row)->lost;
}
