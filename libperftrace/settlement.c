/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settlement.h"

#include <stdint.h>
#include <stdlib.h>

#include "log.h"
#include "opening.h"
#include "reader.h"
#include "source.h"

/* What the kernel has counted as lost, by CPU; sources and side-band. */
static int sum_lost(struct opening *opening,
		    struct perftrace_source *const *sources, size_t num_sources,
		    uint64_t *by_cpu)
{
	size_t num_cpus = opening_get_num_cpus(opening), cpu, i;

	for (i = 0; i < num_sources; i++) {
		int ret = source_update(sources[i]);

		if (ret)
			return ret;
		for (cpu = 0; cpu < num_cpus; cpu++)
			by_cpu[cpu] += source_get_lost(sources[i], cpu);
	}
	opening_get_sideband_lost(opening, by_cpu);
	return 0;
}

int settle(struct opening *opening, struct perftrace_source *const *sources,
	   size_t num_sources, struct perftrace_record **record)
{
	struct reader *reader = opening_get_reader(opening);
	size_t num_cpus = opening_get_num_cpus(opening), cpu;
	uint64_t *lost = calloc(num_cpus, sizeof(*lost));
	int ret;

	if (!lost)
		return fail_memory(source_get_log(sources[0]));
	ret = sum_lost(opening, sources, num_sources, lost);
	for (cpu = 0; !ret && cpu < num_cpus; cpu++)
		ret = reader_settle(reader, cpu, opening_get_cpu(opening, cpu),
				    lost[cpu], record);
	free(lost);
	return ret;
}
