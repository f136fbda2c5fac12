/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/event.h>
#include <perftrace/source_config.h>

#include "parcel.h"
#include "record.h"

#define NUMBER_BYTES 8
/* A source without a text, a row or a descriptor. */
#define SOURCE_BYTES	   (15 * NUMBER_BYTES)
#define GAP_BYTES	   (3 * NUMBER_BYTES)
#define MOST_CPUS	   65536
#define SMALLEST_RING	   4096
#define LARGEST_RING	   (1U << 30)
#define LONGEST_HORIZON_NS 1000000000
#define ALL_TASKS	   (-1)

/* What the descriptors of a source may have been asked to record. */
#define KNOWN_SAMPLE_TYPE                                                      \
	(RECORD_SAMPLE_TYPE | PERF_SAMPLE_RAW | PERF_SAMPLE_PERIOD |           \
	 PERF_SAMPLE_CALLCHAIN)

bool manifest_has_rings(const struct manifest *manifest)
{
	return manifest->settings.mode == PERFTRACE_MODE_STREAM;
}

bool manifest_has_watch(const struct manifest *manifest)
{
	return manifest->tids[0] == ALL_TASKS;
}

bool manifest_has_process_fd(const struct manifest *manifest)
{
	return !manifest_has_rings(manifest) &&
	       manifest->command_pid == NO_PID &&
	       manifest->tids[0] != ALL_TASKS;
}

static size_t count_open(const bool *is_open, size_t count)
{
	size_t i, num_open = 0;

	for (i = 0; i < count; i++)
		num_open += is_open[i];
	return num_open;
}

size_t manifest_count_descriptors(const struct manifest *manifest)
{
	size_t per_place = manifest->num_cpus * manifest->num_tids, i;
	size_t count = manifest->has_command_fd;

	count += manifest->num_groups * manifest->num_cpus;
	count += manifest_has_process_fd(manifest);
	if (manifest_has_rings(manifest))
		count += manifest->num_cpus +
			 count_open(manifest->is_sideband_open, per_place);
	for (i = 0; i < manifest->num_sources; i++) {
		const struct manifest_source *source = &manifest->sources[i];

		count += count_open(source->is_open,
				    source->num_places * per_place);
	}
	return count;
}

static int copy_numbers(const int32_t *from, size_t count, int32_t **to)
{
	*to = malloc(count * sizeof(**to));
	if (!*to)
		return -ENOMEM;
	memcpy(*to, from, count * sizeof(**to));
	return 0;
}

int manifest_copy_target(const struct manifest *manifest, struct cpu_list *cpus,
			 int32_t **tids)
{
	cpus->count = manifest->num_cpus;
	if (copy_numbers(manifest->cpus, manifest->num_cpus, &cpus->cpus))
		return -ENOMEM;
	return copy_numbers(manifest->tids, manifest->num_tids, tids);
}

int manifest_set_target(struct manifest *manifest, const struct cpu_list *cpus,
			const int32_t *tids, size_t num_tids)
{
	manifest->num_cpus = cpus->count;
	manifest->num_tids = num_tids;
	if (copy_numbers(cpus->cpus, cpus->count, &manifest->cpus))
		return -ENOMEM;
	return copy_numbers(tids, num_tids, &manifest->tids);
}

/* Of an enum whose values are 0 to @largest. */
static uint32_t transfer_choice(struct parcel *parcel, uint32_t value,
				uint32_t largest)
{
	parcel_u32(parcel, &value);
	if (value <= largest)
		return value;
	parcel_refuse(parcel);
	return 0;
}

static void transfer_settings(struct parcel *parcel,
			      struct session_settings *settings)
{
	parcel_s32(parcel, &settings->pid);
	parcel_bool(parcel, &settings->is_system_wide);
	settings->mode =
		transfer_choice(parcel, settings->mode, PERFTRACE_MODE_COUNT);
	settings->order = transfer_choice(parcel, settings->order,
					  PERFTRACE_ORDER_CERTAIN);
	settings->clock = transfer_choice(parcel, settings->clock,
					  PERFTRACE_CLOCK_MONOTONIC_RAW);
	parcel_u32(parcel, &settings->sideband);
	parcel_u32(parcel, &settings->flush_interval_ms);
	parcel_u64(parcel, &settings->horizon_ns);
	parcel_u64(parcel, &settings->ring_bytes);
	parcel_u32(parcel, &settings->watermark_bytes);
	if (settings->horizon_ns > LONGEST_HORIZON_NS ||
	    settings->ring_bytes < SMALLEST_RING ||
	    settings->ring_bytes > LARGEST_RING ||
	    settings->ring_bytes & (settings->ring_bytes - 1))
		parcel_refuse(parcel);
}

static void transfer_numbers(struct parcel *parcel, int32_t **numbers,
			     size_t *count)
{
	size_t i;

	parcel_count(parcel, count, NUMBER_BYTES);
	*numbers = parcel_allocate(parcel, *numbers, *count, sizeof(**numbers));
	for (i = 0; *numbers && i < *count; i++)
		parcel_s32(parcel, &(*numbers)[i]);
	if (!*count)
		parcel_refuse(parcel);
}

static void transfer_target(struct parcel *parcel, struct manifest *manifest)
{
	size_t i;

	transfer_numbers(parcel, &manifest->cpus, &manifest->num_cpus);
	transfer_numbers(parcel, &manifest->tids, &manifest->num_tids);
	if (manifest->num_cpus > MOST_CPUS)
		parcel_refuse(parcel);
	for (i = 0; manifest->cpus && i < manifest->num_cpus; i++) {
		/* Any CPU is a place of its own, where events are counted. */
		if (manifest->cpus[i] < -1 ||
		    (manifest->cpus[i] < 0 &&
		     (manifest_has_rings(manifest) || manifest->num_cpus > 1)))
			parcel_refuse(parcel);
	}
	for (i = 0; manifest->tids && i < manifest->num_tids; i++) {
		if (manifest->tids[i] < ALL_TASKS ||
		    (manifest->tids[i] == ALL_TASKS && manifest->num_tids > 1))
			parcel_refuse(parcel);
	}
}

/* One flag for each CPU and task of each place. */
static void transfer_flags(struct parcel *parcel,
			   const struct manifest *manifest, size_t num_places,
			   bool **is_open)
{
	size_t per_place = manifest->num_cpus * manifest->num_tids, i;
	size_t count = num_places * per_place;

	parcel_count(parcel, &count, NUMBER_BYTES);
	/* Divided, for the product may have overflown. */
	if (!per_place || count % per_place || count / per_place != num_places)
		parcel_refuse(parcel);
	*is_open = parcel_allocate(parcel, *is_open, count, sizeof(**is_open));
	for (i = 0; *is_open && i < count; i++)
		parcel_bool(parcel, &(*is_open)[i]);
}

static void transfer_past(struct parcel *parcel, struct reading *past)
{
	parcel_u64(parcel, &past->value);
	parcel_u64(parcel, &past->enabled_ns);
	parcel_u64(parcel, &past->running_ns);
	parcel_u64(parcel, &past->lost);
}

static void transfer_watched(struct parcel *parcel, struct watched_cpu *cpu)
{
	cpu->state = transfer_choice(parcel, cpu->state, CPU_GONE);
	parcel_u64(parcel, &cpu->start_ns);
	parcel_u64(parcel, &cpu->start_enabled_ns);
	parcel_u64(parcel, &cpu->seen_enabled_ns);
	parcel_u64(parcel, &cpu->gap_begin_ns);
}

static void transfer_watch(struct parcel *parcel, struct manifest *manifest)
{
	size_t count = manifest->num_cpus, i;

	if (parcel->error || !manifest_has_watch(manifest))
		return;
	parcel_bool(parcel, &manifest->follows_all_cpus);
	parcel_u64(parcel, &manifest->started_ns);
	manifest->watched = parcel_allocate(parcel, manifest->watched, count,
					    sizeof(*manifest->watched));
	for (i = 0; manifest->watched && i < count; i++)
		transfer_watched(parcel, &manifest->watched[i]);
}

static void transfer_gaps(struct parcel *parcel, struct manifest *manifest)
{
	uint64_t before = 1;
	size_t i;

	parcel_count(parcel, &manifest->num_gaps, GAP_BYTES);
	manifest->gaps = parcel_allocate(parcel, manifest->gaps,
					 manifest->num_gaps,
					 sizeof(*manifest->gaps));
	for (i = 0; manifest->gaps && i < manifest->num_gaps; i++) {
		struct manifest_gap *gap = &manifest->gaps[i];

		parcel_s32(parcel, &gap->cpu);
		parcel_u64(parcel, &gap->begin_ns);
		parcel_u64(parcel, &gap->end_ns);
		if (gap->end_ns < before)
			parcel_refuse(parcel);
		before = gap->end_ns;
	}
}

static void transfer_ring(struct parcel *parcel, struct manifest_ring *ring)
{
	struct lane_progress *progress = &ring->progress;
	size_t i;

	transfer_past(parcel, &ring->past);
	parcel_u64(parcel, &ring->reported_lost);
	parcel_u64(parcel, &ring->told_ahead);
	parcel_u64(parcel, &progress->position);
	parcel_count(parcel, &progress->num_taken, NUMBER_BYTES);
	if (progress->num_taken > LANE_MOST_TAKEN) {
		progress->num_taken = 0;
		parcel_refuse(parcel);
	}
	for (i = 0; i < progress->num_taken; i++)
		parcel_u64(parcel, &progress->taken[i]);
}

static void transfer_rings(struct parcel *parcel, struct manifest *manifest)
{
	size_t count = manifest->num_cpus, i;

	if (!manifest_has_rings(manifest) || parcel->error)
		return;
	manifest->rings = parcel_allocate(parcel, manifest->rings, count,
					  sizeof(*manifest->rings));
	for (i = 0; manifest->rings && i < count; i++)
		transfer_ring(parcel, &manifest->rings[i]);
	transfer_flags(parcel, manifest, 1, &manifest->is_sideband_open);
	parcel_u64(parcel, &manifest->youngest);
	parcel_u64(parcel, &manifest->num_violations);
	transfer_gaps(parcel, manifest);
}

static void transfer_event(struct parcel *parcel, struct manifest_event *event)
{
	parcel_s32(parcel, &event->kind);
	parcel_text(parcel, &event->name);
	parcel_text(parcel, &event->tracefs_name);
	parcel_text(parcel, &event->filter);
	parcel_u64(parcel, &event->id);
	parcel_text(parcel, &event->text);
	if (event->kind < PERFTRACE_EVENT_TRACEPOINT ||
	    event->kind > PERFTRACE_EVENT_FUNCTION || !event->name ||
	    !event->text || !*event->name)
		parcel_refuse(parcel);
}

static void transfer_row(struct parcel *parcel, struct manifest_row *row)
{
	parcel_u64(parcel, &row->delivered);
	parcel_u64(parcel, &row->delivered_period);
	parcel_u64(parcel, &row->discarded);
	parcel_u64(parcel, &row->reported_lost);
	parcel_u64(parcel, &row->throttling.num_throttles);
	parcel_u64(parcel, &row->throttling.throttled_ns);
	parcel_u64(parcel, &row->throttling.since_ns);
	transfer_past(parcel, &row->past);
}

/* A source with rings takes samples, one without only counts. */
static void check_sampling(struct parcel *parcel,
			   const struct manifest *manifest,
			   const struct manifest_source *source)
{
	bool has_rings = manifest_has_rings(manifest);

	if ((source->sample_type & RECORD_SAMPLE_TYPE) != RECORD_SAMPLE_TYPE ||
	    source->sample_type & ~(uint64_t)KNOWN_SAMPLE_TYPE ||
	    has_rings != !!source->sample_period ||
	    has_rings != !!(source->sample_type & PERF_SAMPLE_RAW))
		parcel_refuse(parcel);
}

static void transfer_source(struct parcel *parcel,
			    const struct manifest *manifest,
			    struct manifest_source *source)
{
	size_t i;

	transfer_event(parcel, &source->event);
	parcel_text(parcel, &source->filter);
	parcel_u64(parcel, &source->settings.period);
	parcel_u32(parcel, &source->settings.callchain);
	parcel_bool(parcel, &source->settings.exclude_kernel);
	parcel_u64(parcel, &source->sample_type);
	parcel_u64(parcel, &source->sample_period);
	check_sampling(parcel, manifest, source);
	source->rows = parcel_allocate(parcel, source->rows, manifest->num_cpus,
				       sizeof(*source->rows));
	for (i = 0; source->rows && i < manifest->num_cpus; i++)
		transfer_row(parcel, &source->rows[i]);
	parcel_bool(parcel, &source->is_grouped);
	parcel_count(parcel, &source->num_places, NUMBER_BYTES);
	transfer_flags(parcel, manifest, source->num_places, &source->is_open);
	if (!source->num_places)
		parcel_refuse(parcel);
}

static void transfer_sources(struct parcel *parcel, struct manifest *manifest)
{
	size_t i;

	parcel_count(parcel, &manifest->num_sources, SOURCE_BYTES);
	manifest->sources = parcel_allocate(parcel, manifest->sources,
					    manifest->num_sources,
					    sizeof(*manifest->sources));
	if (!manifest->sources) {
		manifest->num_sources = 0;
		parcel_refuse(parcel);
	}
	for (i = 0; i < manifest->num_sources && !parcel->error; i++)
		transfer_source(parcel, manifest, &manifest->sources[i]);
}

/* What is started with a group has one, of CPUs, and not more than members. */
static void transfer_groups(struct parcel *parcel, struct manifest *manifest)
{
	uint64_t count = manifest->num_groups;
	size_t num_members = 0, i;

	parcel_u64(parcel, &count);
	for (i = 0; manifest->sources && i < manifest->num_sources; i++)
		num_members += manifest->sources[i].is_grouped;
	if (count > manifest->num_sources || (num_members && !count) ||
	    (count && manifest->tids && manifest->tids[0] != ALL_TASKS)) {
		count = 0;
		parcel_refuse(parcel);
	}
	manifest->num_groups = count;
}

static void transfer_command(struct parcel *parcel, struct manifest *manifest)
{
	parcel_s32(parcel, &manifest->command_pid);
	parcel_bool(parcel, &manifest->has_command_fd);
	if (manifest->command_pid != NO_PID &&
	    (manifest->command_pid <= 0 || manifest->stage == MANIFEST_OPEN))
		parcel_refuse(parcel);
	if (manifest->command_pid == NO_PID && manifest->has_command_fd)
		parcel_refuse(parcel);
}

int manifest_transfer(struct manifest *manifest, struct parcel *parcel)
{
	if (parcel->is_reading)
		memset(manifest, 0, sizeof(*manifest));
	manifest->stage =
		transfer_choice(parcel, manifest->stage, MANIFEST_STOPPED);
	parcel_bool(parcel, &manifest->has_format_lost);
	transfer_settings(parcel, &manifest->settings);
	transfer_target(parcel, manifest);
	transfer_watch(parcel, manifest);
	transfer_rings(parcel, manifest);
	transfer_sources(parcel, manifest);
	transfer_groups(parcel, manifest);
	transfer_command(parcel, manifest);
	return parcel_end(parcel);
}

void manifest_clear(struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->num_sources; i++) {
		free(manifest->sources[i].rows);
		free(manifest->sources[i].is_open);
	}
	free(manifest->sources);
	free(manifest->is_sideband_open);
	free(manifest->gaps);
	free(manifest->rings);
	free(manifest->watched);
	free(manifest->tids);
	free(manifest->cpus);
	memset(manifest, 0, sizeof(*manifest));
}
