/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * perf_mmap() gives each user a number of pages for each CPU that is online, and
 * takes the rest from the RLIMIT_MEMLOCK of the process that maps. Neither
 * binds who has CAP_IPC_LOCK, nor anybody at a paranoid level of -1.
 */
#include "locked.h"

#include <linux/capability.h>

#include "facts.h"

static uint64_t page_kib(const struct facts *facts)
{
	return facts->page_bytes < 1024 ? 1 : facts->page_bytes / 1024;
}

/* Without capabilities; perf_mmap() and perf_event_mlock_kb count in KiB. */
static uint64_t budget_kib(const struct facts *facts)
{
	uint64_t cpus = facts->online_cpus.count ? facts->online_cpus.count : 1;
	uint64_t page = page_kib(facts), kib = facts->mlock_kib;

	if (kib > UINT32_MAX)
		kib = UINT32_MAX;
	return kib / page * page * cpus;
}

static bool has_budget(const struct facts *facts)
{
	return facts->memlock_bytes != UNLIMITED && facts->paranoid >= 0 &&
	       !facts_have(facts, CAP_IPC_LOCK);
}

uint64_t locked_ring_kib(const struct facts *facts, uint64_t ring_bytes)
{
	return ring_bytes / 1024 + page_kib(facts);
}

uint64_t locked_left_kib(const struct facts *facts)
{
	uint64_t budget = budget_kib(facts), left;
	uint64_t limit =
		facts->memlock_bytes / 1024 / page_kib(facts) * page_kib(facts);

	if (!has_budget(facts))
		return UNLIMITED;
	/* Asked of each ring, also of those that need none of it. */
	if (facts->pinned_kib > limit)
		return 0;
	left = limit - facts->pinned_kib;
	/*
	 * What was used beyond the budget stands in VmPin already: of the
	 * caller's; of others', the kernel forgets it.
	 */
	return facts->locked_kib < budget ? left + budget - facts->locked_kib :
					    left;
}
