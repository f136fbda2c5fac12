/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SESSION_CONFIG_H
#define SESSION_CONFIG_H

#include <stdbool.h>

#include <perftrace/session_config.h>

#include "cpu_list.h"

struct log;

/* No process: of session_settings.pid. */
#define NO_PID (-1)

/* What a session is to be, as plain data. */
struct session_settings {
	/* Empty: all that are online. */
	struct cpu_list cpus;
	int32_t pid;
	/* NULL: none. */
	char **command;
	/* Of a directory; NULL: none. */
	char *cgroup;
	/* All tasks, also with a command, which then only sets the end. */
	bool is_system_wide;
	enum perftrace_mode mode;
	enum perftrace_order order;
	enum perftrace_clock clock;
	enum perftrace_closer closer;
	uint32_t sideband;
	/* Each may be used by a thread of its own; 0: the session is read. */
	uint32_t num_readers;
	uint32_t flush_interval_ms;
	uint64_t horizon_ns;
	uint64_t ring_bytes;
	/* 0: they must be as large as that. */
	uint64_t min_ring_bytes;
	uint32_t watermark_bytes;
	/* What was asked for, whatever they have become; 0: no watermark was. */
	uint64_t asked_ring_bytes;
	uint32_t asked_watermark_bytes;
};

/*
 * The settings for a session: those of @config, or the defaults for NULL, with
 * sizes made exact. -EINVAL when they contradict each other; -ENOMEM.
 */
int session_settings_take(struct log *log,
			  struct perftrace_session_config *config,
			  struct session_settings *settings);

/* Change the size of the rings, and the watermark with it. */
void session_settings_fit(struct session_settings *settings,
			  uint64_t ring_bytes);
/* Both as they were asked for. */
void session_settings_unfit(struct session_settings *settings);
void session_settings_clear(struct session_settings *settings);

/* The clock of its records, for clock_gettime(2) and for perf_event_attr. */
int session_settings_clock(const struct session_settings *settings);

#endif /* SESSION_CONFIG_H */
