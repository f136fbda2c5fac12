/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settlement.h"

#include <stdint.h>
#include <stdlib.h>

#include "log.h"
#include "opening.h"
#include "reader.h"
#include "source.h"

/*
 * What the kernel has counted as lost, by CPU, sources and side-band; of the CPUs
 * that others read, it is not known yet.
 */
static int sum_lost(const struct settlement *settlement, uint64_t *by_cpu)
{
	size_t end = settlement->first_cpu + settlement->num_cpus, cpu, i;

	for (i = 0; i < settlement->num_sources; i++) {
		struct perftrace_source *source = settlement->sources[i];
		int ret = source_update_in(source, settlement->log);

		if (ret)
			return ret;
		for (cpu = settlement->first_cpu; cpu < end; cpu++)
			by_cpu[cpu] += source_get_lost(source, cpu);
	}
	opening_get_sideband_lost(settlement->opening, by_cpu);
	return 0;
}

int settle(const struct settlement *settlement,
	   struct perftrace_record **record)
{
	struct opening *opening = settlement->opening;
	uint64_t *lost = calloc(opening_get_num_cpus(opening), sizeof(*lost));
	size_t i;
	int ret;

	if (!lost)
		return fail_memory(settlement->log);
	ret = sum_lost(settlement, lost);
	for (i = 0; !ret && i < settlement->num_cpus; i++) {
		size_t cpu = settlement->first_cpu + i;

		ret = reader_settle(settlement->reader, i,
				    opening_get_cpu(opening, cpu), lost[cpu],
				    record);
	}
	free(lost);
	return ret;
}
