/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FORECAST_H
#define FORECAST_H

/*
 * What will come of opening a session: its sources, settings and target as they
 * are now, put to the rules of access.h.
 */

#include <stddef.h>

struct access_failure;
struct facts;
struct perftrace_context;
struct perftrace_report;
struct perftrace_source;
struct session_settings;

struct forecast_request {
	struct perftrace_context *context;
	const struct session_settings *settings;
	struct perftrace_source *const *sources;
	size_t num_sources;
};

/* @failure: as of access_report(). -ENOMEM. Leaves the last error alone. */
int forecast_make(const struct forecast_request *request,
		  const struct facts *facts,
		  const struct access_failure *failure,
		  struct perftrace_report **report);

#endif /* FORECAST_H */
