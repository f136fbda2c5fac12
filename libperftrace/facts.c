/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "facts.h"

#include <errno.h>
#include <linux/capability.h>

void facts_init(struct facts *facts)
{
	size_t i;

	*facts = (struct facts){
		.is_initial_userns = FACT_YES,
		.is_dumpable = FACT_YES,
		.paranoid = 2,
		.vendor_level_min = NO_LEVEL,
		.vendor_level_max = NO_LEVEL,
		.callchain_is_kernel = FACT_NO,
		.uprobe_needs_admin = FACT_YES,
		.max_sample_rate = 100000,
		.max_stack = 127,
		.has_ftrace = FACT_YES,
		.has_kprobes_armed = FACT_YES,
		.has_function = FACT_YES,
		.has_kprobe_pmu = FACT_YES,
		.has_uprobe_pmu = FACT_YES,
		.tracefs = TRACEFS_UNREADABLE,
		.tracefs_mode = 0700,
		.page_bytes = 4096,
		.mlock_kib = 516,
		.memlock_bytes = 8 << 20,
		.descriptor_limit = 1024,
		.num_descriptors = 3,
	};
	for (i = 0; i < 3; i++)
		facts->uids[i] = facts->gids[i] = 1000;
	for (i = 0; i < NUM_SENSORS; i++)
		facts->sensed[i] = NOT_SENSED;
}

void facts_clear(struct facts *facts)
{
	cpu_list_clear(&facts->online_cpus);
	cpu_list_clear(&facts->possible_cpus);
}

int facts_copy(const struct facts *from, struct facts *to)
{
	*to = *from;
	to->online_cpus = to->possible_cpus = (struct cpu_list){ NULL, 0 };
	if (!cpu_list_copy(&from->online_cpus, &to->online_cpus) &&
	    !cpu_list_copy(&from->possible_cpus, &to->possible_cpus))
		return 0;
	facts_clear(to);
	return -ENOMEM;
}

/* perf asks capable(), for the initial namespace, whatever the caller's is. */
bool facts_have(const struct facts *facts, int capability)
{
	return facts->is_initial_userns != FACT_NO &&
	       facts->effective >> capability & 1;
}

bool facts_have_perfmon(const struct facts *facts)
{
	return facts_have(facts, CAP_PERFMON) ||
	       facts_have(facts, CAP_SYS_ADMIN);
}

uint64_t facts_free_descriptors(const struct facts *facts)
{
	if (facts->descriptor_limit == UNLIMITED)
		return UNLIMITED;
	return facts->num_descriptors < facts->descriptor_limit ?
		       facts->descriptor_limit - facts->num_descriptors :
		       0;
}

/* Another namespace's root is not the one that owns the host's files. */
static bool is_same(const struct facts *facts, uint32_t id, uint32_t owner)
{
	return id == owner && (id || facts->is_initial_userns != FACT_NO);
}

bool facts_own_tracefs(const struct facts *facts)
{
	return facts_have(facts, CAP_DAC_OVERRIDE) ||
	       is_same(facts, facts->uids[1], facts->tracefs_uid);
}

void facts_derive_tracefs(struct facts *facts)
{
	/* Listed and passed through; the files in it let a group read. */
	bool is_group = (facts->tracefs_mode & 050) == 050 &&
			is_same(facts, facts->gids[1], facts->tracefs_gid);

	if (facts->tracefs < TRACEFS_UNREADABLE)
		return;
	if (facts_own_tracefs(facts))
		facts->tracefs = TRACEFS_WRITABLE;
	else if (facts_have(facts, CAP_DAC_READ_SEARCH) || is_group)
		facts->tracefs = TRACEFS_READABLE;
	else
		facts->tracefs = TRACEFS_UNREADABLE;
	/* tracefs_lockdown_flag(): since it booted, ids and formats are left. */
	if (facts->lockdown == LOCKDOWN_CONFIDENTIALITY &&
	    facts->tracefs == TRACEFS_WRITABLE)
		facts->tracefs = TRACEFS_READABLE;
}
