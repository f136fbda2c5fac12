/* SPDX-License-Identifier: LGPL-2.1-or-later */
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

static int check_filter(struct perftrace_source *source)
{
	const char *name = perftrace_event_get_name(source->event);
	struct format *format;
	int ret;

	if (!source->settings.filter)
		return 0;
	/* The function event has a grammar of its own, and is known by name. */
	if (perftrace_event_get_kind(source->event) == PERFTRACE_EVENT_FUNCTION)
		name = perftrace_event_get_tracefs_name(source->event);
	ret = event_get_format(source->event, &format);
	return ret ? ret :
		     filter_check(source->log, name, format,
				  source->settings.filter);
}

/* A pattern for functions is a filter, and the kernel takes one. */
static int take_filter(struct perftrace_source *source)
{
	const char *filter = event_get_filter(source->event);
	const char *name = perftrace_event_get_name(source->event);

	if (!filter)
		return 0;
	if (source->settings.filter) {
		fail(source->log, -EINVAL,
		     "%s: its pattern is a filter, and can't be joined with "
		     "the filter \"%s\"",
		     name, source->settings.filter);
		return fail_remedy(source->log,
				   "choose functions by the pattern alone");
	}
	source->settings.filter = strdup(filter);
	return source->settings.filter ? 0 : fail_memory(source->log);
}

/* perf_trace_event_perm(): an access to user memory would call functions. */
static int check_callchain(struct perftrace_source *source)
{
	const char *name = perftrace_event_get_tracefs_name(source->event);

	if (strcmp(name, "ftrace:function") ||
	    !(source->settings.callchain & PERFTRACE_CALLCHAIN_USER))
		return 0;
	fail(source->log, -EINVAL,
	     "%s: the function event can't follow the stack of a program: to "
	     "read it is to call functions",
	     perftrace_event_get_name(source->event));
	return fail_remedy(source->log, "ask for the kernel's callchain alone");
}

int source_new(struct log *log, struct perftrace_event *event,
	       struct perftrace_source_config *config,
	       struct perftrace_source **source)
{
	struct perftrace_source *made = calloc(1, sizeof(*made));
	int ret;

	if (!made)
		return fail_memory(log);
	made->log = log;
	made->event = perftrace_event_ref(event);
	made->binding.source = made;
	made->binding.event = event;
	ret = source_settings_take(log, config, &made->settings);
	if (!ret)
		ret = take_filter(made);
	if (!ret)
		ret = check_callchain(made);
	if (!ret)
		ret = check_filter(made);
	if (ret) {
		source_free(made);
		return ret;
	}
	*source = made;
	return 0;
}

void source_free(struct perftrace_source *source)
{
	if (!source)
		return;
	source_close(source, false);
	source_settings_clear(&source->settings);
	perftrace_event_unref(source->event);
	free(source);
}

int source_make_rows(struct perftrace_source *source,
		     const struct target *target)
{
	size_t i;

	source->rows = calloc(target->cpus.count, sizeof(*source->rows));
	if (!source->rows)
		return fail_memory(source->log);
	source->num_rows = source->num_first_rows = target->cpus.count;
	for (i = 0; i < source->num_rows; i++)
		source_get_row(source, i)->cpu = target->cpus.cpus[i];
	return 0;
}

int source_reserve_rows(struct perftrace_source *source, size_t count,
			int32_t cpu)
{
	size_t num_more = count - source->num_first_rows;
	struct source_row **more =
		realloc(source->more_rows, num_more * sizeof(*more));
	struct source_row *row = NULL;

	if (more)
		source->more_rows = more;
	if (more && source->num_rows < count)
		row = more[num_more - 1] = calloc(1, sizeof(*row));
	if (!more || (source->num_rows < count && !row) ||
	    descriptors_reserve(source->descriptors, count))
		return fail_memory(source->log);
	if (row)
		source->num_rows = count;
	source_get_row(source, count - 1)->cpu = cpu;
	return 0;
}

static void free_rows(struct perftrace_source *source)
{
	size_t i;

	for (i = source->num_first_rows; i < source->num_rows; i++)
		free(source->more_rows[i - source->num_first_rows]);
	free(source->more_rows);
	free(source->rows);
	source->rows = NULL;
	source->more_rows = NULL;
	source->num_rows = source->num_first_rows = 0;
}

/* What the event itself says makes the kernel's errno precise. */
static int explain_place(struct perftrace_source *source, int error,
			 struct access_failure *failure)
{
	char *before = strdup(log_get_reason(source->log));
	int ret = event_explain(source->event, error);

	if (before && strcmp(before, log_get_reason(source->log)))
		failure->has_call = false;
	free(before);
	return ret;
}

static int explain_open(struct perftrace_source *source,
			const struct refusal *refusal,
			struct access_failure *failure)
{
	const char *name = perftrace_event_get_name(source->event);
	int ret = refusal_tell(source->log, name, "perf_event_open", refusal);

	*failure = (struct access_failure){
		.has_call = true,
		.step = ACCESS_OPEN,
		.error = refusal->error,
		.cpu = refusal->cpu,
		.tid = refusal->tid,
	};
	if (ret == -EINVAL || ret == -EILSEQ)
		ret = explain_place(source, ret, failure);
	return ret;
}

void source_fill_attr(struct perftrace_source *source,
		      const struct attr_scope *scope, size_t place,
		      struct perf_event_attr *attr)
{
	attr_fill_source(attr, scope, source->event, place, &source->settings);
}

static void fill_attrs(struct perftrace_source *source,
		       const struct attr_scope *scope,
		       struct perf_event_attr *attrs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		source_fill_attr(source, scope, i, &attrs[i]);
}

bool source_may_be_grouped(struct perftrace_source *source,
			   const struct attr_scope *scope)
{
	struct perf_event_attr attr;

	source_fill_attr(source, scope, 0, &attr);
	return grouping_takes(attr.sample_period);
}

static int open_grouped(struct perftrace_source *source,
			const struct attr_scope *scope,
			const struct source_place *place,
			struct perf_event_attr *attrs, size_t count,
			struct refusal *refusal)
{
	struct attr_scope sibling = *scope;
	struct descriptors *leaders;
	int ret = groups_find_leaders(place->groups, count, refusal, &leaders);

	if (ret)
		return ret;
	sibling.is_sibling = true;
	fill_attrs(source, &sibling, attrs, count);
	ret = descriptors_open_siblings(attrs, count, place->target, leaders,
					refusal, &source->descriptors);
	if (!ret)
		source->slot = groups_note_members(place->groups, count);
	return ret;
}

/* Alone, it would be refused what was planned for all. */
static bool is_used_up(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

/* What a group may not have is opened alone: group.c. */
static int open_attrs(struct perftrace_source *source,
		      const struct attr_scope *scope,
		      const struct source_place *place,
		      struct perf_event_attr *attrs, size_t count,
		      struct access_failure *failure)
{
	struct refusal refusal;
	bool is_to_be_grouped = place->groups &&
				source_may_be_grouped(source, scope);
	int ret = 0;

	if (is_to_be_grouped)
		ret = open_grouped(source, scope, place, attrs, count,
				   &refusal);
	source->is_grouped = is_to_be_grouped && !ret;
	if (source->is_grouped)
		return 0;
	if (!is_used_up(ret)) {
		fill_attrs(source, scope, attrs, count);
		ret = descriptors_open(attrs, count, place->target, &refusal,
				       &source->descriptors);
	}
	return ret ? explain_open(source, &refusal, failure) : 0;
}

static int open_places(struct perftrace_source *source,
		       const struct attr_scope *scope,
		       const struct source_place *place,
		       struct access_failure *failure)
{
	size_t count = event_get_num_places(source->event);
	struct perf_event_attr *attrs = calloc(count, sizeof(*attrs));
	int ret;

	if (!attrs)
		return fail_memory(source->log);
	ret = open_attrs(source, scope, place, attrs, count, failure);
	source->binding.sample_type = attrs->sample_type;
	source->binding.raw_offset = record_raw_offset(attrs->sample_type);
	source->binding.period = attrs->sample_period;
	source->has_format_lost = scope->has_format_lost;
	source->has_single_counter = !scope->is_task && count == 1;
	source->is_sampling = attrs->sample_period;
	source->is_overwritten = attrs->write_backward;
	free(attrs);
	return ret;
}

/* Also of those who had the probe before. */
static void note_missed(struct perftrace_source *source)
{
	source->has_missed =
		!event_read_num_missed(source->event, &source->missed_before);
	source->num_missed = 0;
}

static int open_descriptors(struct perftrace_source *source,
			    const struct attr_scope *scope,
			    const struct source_place *place,
			    struct access_failure *failure)
{
	const struct target *target = place->target;
	struct backing_use use = {
		.num_descriptors = target->cpus.count * target->num_tids,
		.is_inherited = scope->is_task,
	};
	int ret = event_prepare(source->event, &use);

	if (ret) {
		/* What the definition was refused for is told already. */
		*failure = (struct access_failure){ .step = ACCESS_PROBE };
		return ret;
	}
	source->is_prepared = true;
	note_missed(source);
	ret = open_places(source, scope, place, failure);
	if (ret)
		return ret;
	/*
	 * The kernel gives a number again, and opens what has it now. An event
	 * that is open stays: if its name has this number now, it was it.
	 */
	return event_verify(source->event);
}

static int set_filter(struct perftrace_source *source,
		      struct descriptors *descriptors)
{
	const char *filter = source->settings.filter;
	struct refusal refusal;

	if (!filter ||
	    !descriptors_ioctl(descriptors, PERF_EVENT_IOC_SET_FILTER,
			       (uintptr_t)filter, &refusal))
		return 0;
	return refusal_tell_filter(source->log,
				   perftrace_event_get_name(source->event),
				   filter, &refusal);
}

static int redirect(struct perftrace_source *source,
		    struct descriptors *anchors)
{
	struct refusal refusal;

	if (!anchors ||
	    !descriptors_redirect(source->descriptors, anchors, &refusal))
		return 0;
	return refusal_tell(source->log,
			    perftrace_event_get_name(source->event),
			    "ioctl(SET_OUTPUT)", &refusal);
}

int source_open(struct perftrace_source *source, const struct attr_scope *scope,
		const struct source_place *place,
		struct access_failure *failure)
{
	int ret = source_make_rows(source, place->target);

	if (!ret)
		ret = open_descriptors(source, scope, place, failure);
	if (!ret)
		ret = redirect(source, place->anchors);
	if (!ret)
		ret = set_filter(source, source->descriptors);
	if (ret)
		source_close(source, false);
	return ret;
}

static int redirect_part(struct perftrace_source *source,
			 struct descriptors *part, int anchor)
{
	struct refusal refusal;

	if (anchor < 0 || !descriptors_ioctl(part, PERF_EVENT_IOC_SET_OUTPUT,
					     (uintptr_t)anchor, &refusal))
		return 0;
	return refusal_tell(source->log,
			    perftrace_event_get_name(source->event),
			    "ioctl(SET_OUTPUT)", &refusal);
}

/* Also where the others are in a group: source_leave_groups() says what follows. */
static int open_alone(struct perftrace_source *source,
		      const struct attr_scope *scope,
		      const struct target *target,
		      struct access_failure *failure,
		      struct descriptors **descriptors)
{
	size_t count = event_get_num_places(source->event);
	struct perf_event_attr *attrs = calloc(count, sizeof(*attrs));
	struct refusal refusal;
	int ret = 0;

	if (!attrs)
		return fail_memory(source->log);
	fill_attrs(source, scope, attrs, count);
	if (descriptors_open(attrs, count, target, &refusal, descriptors))
		ret = explain_open(source, &refusal, failure);
	free(attrs);
	return ret;
}

int source_open_part(struct perftrace_source *source,
		     const struct attr_scope *scope,
		     const struct target *target, int anchor,
		     struct access_failure *failure, struct descriptors **part)
{
	struct descriptors *made;
	int ret = open_alone(source, scope, target, failure, &made);

	if (ret)
		return ret;
	ret = event_verify(source->event);
	if (!ret)
		ret = redirect_part(source, made, anchor);
	if (!ret)
		ret = set_filter(source, made);
	if (ret)
		descriptors_close(made);
	else
		*part = made;
	return ret;
}

void source_leave_groups(struct perftrace_source *source)
{
	source->is_grouped = false;
}

void source_close(struct perftrace_source *source, bool keep)
{
	descriptors_close(source->descriptors);
	source->descriptors = NULL;
	if (source->is_prepared)
		event_release(source->event, !keep);
	source->is_prepared = false;
	if (keep)
		return;
	free_rows(source);
}

bool source_may_close_later(struct perftrace_source *source)
{
	return source->descriptors && !event_is_named_probe(source->event);
}

void source_forget_descriptors(struct perftrace_source *source)
{
	descriptors_forget(source->descriptors);
	source->descriptors = NULL;
}

int source_enable(struct perftrace_source *source)
{
	struct refusal refusal;

	if (source->is_grouped ||
	    !descriptors_ioctl(source->descriptors, PERF_EVENT_IOC_ENABLE, 0,
			       &refusal))
		return 0;
	return refusal_tell(source->log,
			    perftrace_event_get_name(source->event),
			    "ioctl(ENABLE)", &refusal);
}

void source_disable(struct perftrace_source *source)
{
	struct refusal refusal;

	if (!source->is_grouped)
		descriptors_ioctl(source->descriptors, PERF_EVENT_IOC_DISABLE,
				  0, &refusal);
}

struct descriptors *source_get_descriptors(struct perftrace_source *source)
{
	return source->descriptors;
}

size_t source_get_num_places(struct perftrace_source *source)
{
	return event_get_num_places(source->event);
}

struct log *source_get_log(struct perftrace_source *source)
{
	return source->log;
}

const struct record_binding *source_get_binding(struct perftrace_source *source)
{
	return &source->binding;
}

size_t source_get_num_rows(struct perftrace_source *source)
{
	return source->num_rows;
}

struct source_row *source_get_row(struct perftrace_source *source, size_t index)
{
	if (index < source->num_first_rows)
		return &source->rows[index];
	return source->more_rows[index - source->num_first_rows];
}

int source_update_in(struct perftrace_source *source, struct log *log)
{
	struct reading *readings;
	size_t i;
	int ret;

	if (!source->descriptors)
		return 0;
	readings = calloc(source->num_rows, sizeof(*readings));
	if (!readings)
		return fail_memory(log);
	ret = descriptors_read(source->descriptors, source->has_format_lost,
			       readings);
	for (i = 0; !ret && i < source->num_rows; i++)
		source_get_row(source, i)->reading = readings[i];
	free(readings);
	if (ret)
		return fail(log, ret, "%s: its count can't be read: %s",
			    perftrace_event_get_name(source->event),
			    strerror(-ret));
	return 0;
}

int source_update(struct perftrace_source *source)
{
	return source_update_in(source, source->log);
}

int source_update_from(struct perftrace_source *source,
		       const struct groups *groups)
{
	size_t num_places = source_get_num_places(source), i;

	if (!source->is_grouped)
		return source_update(source);
	for (i = 0; i < source->num_rows; i++) {
		source_get_row(source, i)->reading = (struct reading){ 0 };
		groups_get_reading(groups, &source->slot, num_places, i,
				   &source_get_row(source, i)->reading);
	}
	return 0;
}

bool source_is_sampling(struct perftrace_source *source)
{
	return source->is_sampling;
}

/* Those of include/trace/events/ that have a __perf_count(). */
static bool has_weight(struct perftrace_event *event)
{
	return !strncmp(perftrace_event_get_tracefs_name(event),
			"sched:sched_stat_", 17);
}

/* With rings that are never full: what fell into a pause. */
static uint64_t find_overrun(const struct perftrace_source *source,
			     const struct source_row *numbers)
{
	return source->has_format_lost ? numbers->reading.lost :
					 numbers->recorded_lost;
}

void source_get_losses(struct perftrace_source *source, size_t row,
		       struct losses *losses)
{
	const struct source_row *numbers = source_get_row(source, row);
	struct loss_facts facts = {
		.period = source->binding.period,
		.has_single_counter = source->has_single_counter,
		.has_weight = has_weight(source->event),
		.has_kernel_lost = source->has_format_lost,
		.kernel_lost = numbers->reading.lost,
		.counted = numbers->reading.value,
		.delivered = numbers->delivered,
		.taken_period = numbers->delivered_period,
		.discarded = numbers->discarded,
		.reported_lost = numbers->reported_lost,
		.was_throttled = numbers->throttling.num_throttles,
	};

	losses_find(&facts, losses);
	/* What was written over is counted, and not lost. */
	if (source->is_overwritten)
		*losses = (struct losses){ .overrun = find_overrun(source,
								   numbers) };
}

uint64_t source_get_lost(struct perftrace_source *source, size_t row)
{
	struct losses losses;

	source_get_losses(source, row, &losses);
	return losses.overrun + source_get_row(source, row)->discarded;
}

uint64_t source_get_overwritten(struct perftrace_source *source, size_t row)
{
	const struct source_row *numbers = source_get_row(source, row);

	return numbers->overwritten + numbers->skipped;
}

/* Is its count the number of its samples, as far as they have been seen? */
static bool counts_samples(const struct perftrace_source *source,
			   const struct source_row *numbers)
{
	return source->settings.period == 1 && !has_weight(source->event) &&
	       numbers->recorded_period == numbers->recorded;
}

uint64_t source_count_overwritten(struct perftrace_source *source, size_t row,
				  uint64_t unwritten)
{
	struct source_row *numbers = source_get_row(source, row);
	uint64_t produced = numbers->reading.value, known, more;

	if (!counts_samples(source, numbers))
		return 0;
	known = numbers->recorded + numbers->left + numbers->overwritten +
		unwritten + find_overrun(source, numbers);
	more = produced > known ? produced - known : 0;
	numbers->overwritten += more;
	return more;
}

uint64_t source_skip_discarded(struct perftrace_source *source, size_t row)
{
	struct source_row *numbers = source_get_row(source, row);
	uint64_t count = numbers->discarded;

	numbers->skipped += count;
	numbers->discarded = 0;
	return count;
}

void source_update_missed(struct perftrace_source *source)
{
	uint64_t num_missed;

	if (!source->has_missed || !source->descriptors)
		return;
	if (!event_read_num_missed(source->event, &num_missed))
		source->num_missed = num_missed - source->missed_before;
}

bool source_get_missed(struct perftrace_source *source, uint64_t *num_missed)
{
	if (source->has_missed)
		*num_missed = source->num_missed;
	return source->has_missed;
}

PERFTRACE_EXPORT struct perftrace_event *
perftrace_source_get_event(struct perftrace_source *source)
{
	assert(source);
	return source->event;
}
