/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MANIFEST_H
#define MANIFEST_H

/* What a session is that goes to another process, as plain data. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu_watch.h"
#include "losses.h"
#include "merge.h"
#include "reading.h"
#include "session_config.h"
#include "source_config.h"

struct parcel;

enum manifest_stage { MANIFEST_OPEN, MANIFEST_RUNNING, MANIFEST_STOPPED };

struct manifest_event {
	int32_t kind;
	const char *name;
	/* NULL: it does not stand in tracefs. */
	const char *tracefs_name;
	/* Of the function event; NULL: none. */
	const char *filter;
	uint64_t id;
	/* The format file. */
	const char *text;
};

/* As in struct source_row. */
struct manifest_row {
	uint64_t delivered;
	uint64_t delivered_period;
	uint64_t discarded;
	uint64_t reported_lost;
	struct throttling throttling;
	/* Of events that have been replaced. */
	struct reading past;
};

struct manifest_source {
	struct manifest_event event;
	const char *filter;
	/* But for the filter. */
	struct source_settings settings;
	uint64_t sample_type;
	uint64_t sample_period;
	/* One for each CPU. */
	struct manifest_row *rows;
	/* It is in one of the groups. */
	bool is_grouped;
	size_t num_places;
	/* For each place, CPU and task, as in descriptors.c. */
	bool *is_open;
};

struct manifest_ring {
	/* Of the side-band, as of a row. */
	struct reading past;
	uint64_t reported_lost;
	uint64_t told_ahead;
	struct lane_progress progress;
};

/* Of a CPU, that is still to be told. */
struct manifest_gap {
	int32_t cpu;
	uint64_t begin_ns;
	uint64_t end_ns;
};

struct manifest {
	enum manifest_stage stage;
	bool has_format_lost;
	/* But for the CPU list and the command. */
	struct session_settings settings;
	int32_t *cpus;
	size_t num_cpus;
	int32_t *tids;
	size_t num_tids;
	/* One for each CPU; NULL in sessions of tasks. */
	struct watched_cpu *watched;
	bool follows_all_cpus;
	uint64_t started_ns;
	/* One for each CPU, each with an anchor; NULL in sessions that count. */
	struct manifest_ring *rings;
	/* For each CPU and task, with rings. */
	bool *is_sideband_open;
	uint64_t youngest;
	uint64_t num_violations;
	struct manifest_gap *gaps;
	size_t num_gaps;
	struct manifest_source *sources;
	size_t num_sources;
	/* Each with a leader for each CPU; none of tasks. */
	size_t num_groups;
	/* NO_PID: there is none. */
	int32_t command_pid;
	/* While it runs. */
	bool has_command_fd;
};

/* Of CPUs, which may come and go. */
bool manifest_has_watch(const struct manifest *manifest);
bool manifest_has_rings(const struct manifest *manifest);
/* A descriptor of the process that is counted. */
bool manifest_has_process_fd(const struct manifest *manifest);
size_t manifest_count_descriptors(const struct manifest *manifest);

/* The CPUs and tasks, for whoever adopts them. -ENOMEM. */
int manifest_copy_target(const struct manifest *manifest, struct cpu_list *cpus,
			 int32_t **tids);
int manifest_set_target(struct manifest *manifest, const struct cpu_list *cpus,
			const int32_t *tids, size_t num_tids);

/*
 * Write, or read: arrays are then allocated, to be cleared in any case; texts
 * lie in the parcel's bytes. 0; -ENOMEM; -EBADMSG when it contradicts itself.
 */
int manifest_transfer(struct manifest *manifest, struct parcel *parcel);
void manifest_clear(struct manifest *manifest);

#endif /* MANIFEST_H */
