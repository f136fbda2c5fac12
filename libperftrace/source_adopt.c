/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A source that goes to another process, or comes from one. */
#include "source.h"

#include <assert.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "access_report.h"
#include "backing.h"
#include "context.h"
#include "event.h"
#include "export.h"
#include "filter.h"
#include "group.h"
#include "grouping.h"
#include "log.h"
#include "manifest.h"
#include "refusal.h"
#include "session_config.h"
#include "source_config.h"
#include "source_state.h"
#include "target.h"

static int describe_open(struct perftrace_source *source,
			 struct manifest_source *manifest)
{
	manifest->rows = calloc(source->num_rows, sizeof(*manifest->rows));
	manifest->is_open = descriptors_list_open(source->descriptors);
	manifest->num_places = descriptors_get_num_attrs(source->descriptors);
	return manifest->rows && manifest->is_open ? 0 : -ENOMEM;
}

int source_describe(struct perftrace_source *source,
		    struct manifest_source *manifest)
{
	size_t i;

	if (describe_open(source, manifest))
		return -ENOMEM;
	event_describe(source->event, &manifest->event);
	manifest->filter = source->settings.filter;
	manifest->settings = source->settings;
	manifest->settings.filter = NULL;
	manifest->sample_type = source->binding.sample_type;
	manifest->sample_period = source->binding.period;
	manifest->is_grouped = source->is_grouped;
	for (i = 0; i < source->num_rows; i++) {
		const struct source_row *row = source_get_row(source, i);

		manifest->rows[i] = (struct manifest_row){
			.delivered = row->delivered,
			.delivered_period = row->delivered_period,
			.discarded = row->discarded,
			.reported_lost = row->reported_lost,
			.throttling = row->throttling,
			.past = *descriptors_get_past(source->descriptors, i),
		};
	}
	return 0;
}

int source_adopt(struct perftrace_context *context,
		 const struct manifest_source *manifest,
		 struct perftrace_source **source)
{
	struct perftrace_source *made = calloc(1, sizeof(*made));
	int ret;

	if (!made)
		return fail_memory(context_get_log(context));
	made->log = context_get_log(context);
	made->settings = manifest->settings;
	made->settings.filter = NULL;
	ret = event_adopt(context, &manifest->event, &made->event);
	if (!ret && manifest->filter) {
		made->settings.filter = strdup(manifest->filter);
		ret = made->settings.filter ? 0 : fail_memory(made->log);
	}
	if (ret) {
		source_free(made);
		return ret;
	}
	made->binding = (struct record_binding){
		.source = made,
		.event = made->event,
		.sample_type = manifest->sample_type,
		.raw_offset = record_raw_offset(manifest->sample_type),
		.period = manifest->sample_period,
	};
	made->is_sampling = manifest->sample_period;
	*source = made;
	return 0;
}

int source_adopt_open(struct perftrace_source *source,
		      const struct manifest_source *manifest,
		      const struct attr_scope *scope,
		      const struct target *target, int **fds)
{
	int ret = source_make_rows(source, target);
	size_t i;

	if (ret)
		return ret;
	source->has_format_lost = scope->has_format_lost;
	source->has_single_counter = !scope->is_task &&
				     manifest->num_places == 1;
	source->is_grouped = manifest->is_grouped;
	for (i = 0; i < source->num_rows; i++) {
		const struct manifest_row *row = &manifest->rows[i];

		source_get_row(source, i)->delivered = row->delivered;
		source_get_row(source, i)->delivered_period =
			row->delivered_period;
		source_get_row(source, i)->discarded = row->discarded;
		source_get_row(source, i)->reported_lost = row->reported_lost;
		source_get_row(source, i)->throttling = row->throttling;
	}
	ret = descriptors_adopt(manifest->is_open, manifest->num_places, target,
				fds, &source->descriptors);
	for (i = 0; !ret && i < source->num_rows; i++)
		descriptors_set_past(source->descriptors, i,
				     &manifest->rows[i].past);
	return ret;
}
