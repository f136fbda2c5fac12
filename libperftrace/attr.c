/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attr.h"

#include <linux/perf_event.h>
#include <stdint.h>

#include "event.h"
#include "record.h"
#include "session_config.h"
#include "source_config.h"

/*
 * One clock for all, or the kernel refuses to let them share a ring; and one
 * sample_id, without which a record's time could not be found.
 */
static void fill_common(struct perf_event_attr *attr,
			const struct attr_scope *scope)
{
	*attr = (struct perf_event_attr){
		.size = sizeof(*attr),
		.sample_type = RECORD_SAMPLE_TYPE,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
			       PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = 1,
		.sample_id_all = 1,
		.use_clockid = 1,
		.clockid = session_settings_clock(scope->session),
	};
	/* A ring has one direction, for all that write to it. */
	attr->write_backward = scope->session->mode == PERFTRACE_MODE_OVERWRITE;
	if (scope->has_format_lost)
		attr->read_format |= PERF_FORMAT_LOST;
}

/* The watermark of the event that the ring was mapped from is the ring's. */
static void fill_watermark(struct perf_event_attr *attr,
			   const struct attr_scope *scope)
{
	attr->watermark = 1;
	attr->wakeup_watermark = scope->session->watermark_bytes;
	/* Nobody waits for it. */
	if (scope->session->mode == PERFTRACE_MODE_OVERWRITE)
		attr->wakeup_watermark = (uint32_t)scope->session->ring_bytes;
}

static void fill_target(struct perf_event_attr *attr,
			const struct attr_scope *scope)
{
	attr->inherit = scope->is_task;
	attr->enable_on_exec = scope->enable_on_exec;
}

/*
 * A few events carry a weight, sched:sched_stat_runtime its nanoseconds, and
 * count by it. Without PERF_SAMPLE_PERIOD a period of 1 then makes a sample of
 * each nanosecond, until the kernel throttles the event; with it, each event is
 * one sample that says its weight, whatever the period is
 * (perf_swevent_event() in kernel/events/core.c).
 */
static void fill_period(struct perf_event_attr *attr, uint64_t period)
{
	attr->sample_period = period;
	if (period == 1)
		attr->sample_type |= PERF_SAMPLE_PERIOD;
}

static void fill_sampling(struct perf_event_attr *attr,
			  const struct attr_scope *scope,
			  const struct source_settings *settings)
{
	attr->sample_type |= PERF_SAMPLE_RAW;
	fill_period(attr, settings->period);
	if (settings->callchain)
		attr->sample_type |= PERF_SAMPLE_CALLCHAIN;
	/* Also without one: ftrace:function insists on the latter. */
	attr->exclude_callchain_kernel =
		!(settings->callchain & PERFTRACE_CALLCHAIN_KERNEL);
	attr->exclude_callchain_user =
		!(settings->callchain & PERFTRACE_CALLCHAIN_USER);
	fill_watermark(attr, scope);
}

/* The kernel reads a probe's place when the event is opened. */
static void fill_event(struct perf_event_attr *attr,
		       struct perftrace_event *event, size_t place)
{
	const char *text;
	uint64_t number;

	attr->type = event_get_perf_type(event);
	attr->config = event_get_perf_config(event, place);
	if (!event_get_local_place(event, place, &text, &number))
		return;
	attr->config1 = (uintptr_t)text;
	attr->config2 = number;
}

void attr_fill_source(struct perf_event_attr *attr,
		      const struct attr_scope *scope,
		      struct perftrace_event *event, size_t place,
		      const struct source_settings *settings)
{
	fill_common(attr, scope);
	fill_target(attr, scope);
	fill_event(attr, event, place);
	attr->disabled = !scope->is_sibling;
	attr->exclude_kernel = settings->exclude_kernel;
	if (scope->session->mode != PERFTRACE_MODE_COUNT)
		fill_sampling(attr, scope, settings);
}

/* exclude_kernel costs a dummy nothing, and one permission less is asked. */
static void fill_dummy(struct perf_event_attr *attr,
		       const struct attr_scope *scope)
{
	fill_common(attr, scope);
	attr->type = PERF_TYPE_SOFTWARE;
	attr->config = PERF_COUNT_SW_DUMMY;
	attr->exclude_kernel = 1;
	fill_watermark(attr, scope);
}

void attr_fill_sideband(struct perf_event_attr *attr,
			const struct attr_scope *scope)
{
	fill_dummy(attr, scope);
	fill_target(attr, scope);
	attr->comm = 1;
	attr->comm_exec = 1;
	attr->task = 1;
	if (scope->session->sideband & PERFTRACE_SIDEBAND_MMAP) {
		attr->mmap = 1;
		attr->mmap2 = 1;
	}
}

void attr_fill_anchor(struct perf_event_attr *attr,
		      const struct attr_scope *scope)
{
	fill_dummy(attr, scope);
}

void attr_fill_leader(struct perf_event_attr *attr,
		      const struct attr_scope *scope)
{
	fill_dummy(attr, scope);
	attr->read_format |= PERF_FORMAT_GROUP;
}
