/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked of an opening. */
#include "opening.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "access_report.h"
#include "attr.h"
#include "command.h"
#include "cpu_watch.h"
#include "descriptors.h"
#include "group.h"
#include "grouping.h"
#include "log.h"
#include "opening_state.h"
#include "reader.h"
#include "recorder.h"
#include "refusal.h"
#include "ring.h"
#include "session_config.h"
#include "source.h"
#include "sys.h"
#include "target.h"
#include "waiter.h"

size_t opening_get_num_cpus(struct opening *opening)
{
	return opening->target.cpus.count;
}

int32_t opening_get_cpu(struct opening *opening, size_t index)
{
	return opening->target.cpus.cpus[index];
}

uint64_t opening_get_sideband_lost(struct opening *opening, uint64_t *by_cpu)
{
	size_t i, count = opening->target.cpus.count;
	struct reading *readings;
	uint64_t lost = 0;

	if (!opening->sideband || !opening->request.has_format_lost)
		return 0;
	readings = calloc(count, sizeof(*readings));
	if (!readings)
		return 0;
	if (!descriptors_read(opening->sideband, true, readings)) {
		for (i = 0; i < count; i++) {
			lost += readings[i].lost;
			if (by_cpu)
				by_cpu[i] += readings[i].lost;
		}
	}
	free(readings);
	return lost;
}

void opening_get_parts(struct opening *opening, struct opening_parts *parts)
{
	*parts = (struct opening_parts){
		.target = &opening->target,
		.has_format_lost = opening->scope.has_format_lost,
		.anchors = opening->anchors,
		.sideband = opening->sideband,
		.groups = opening->groups,
		.reader = opening->lots[0].reader,
		.watch = opening->watch,
		.process = opening->process,
	};
}
