/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "source_config.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "export.h"
#include "log.h"

struct perftrace_source_config {
	struct perftrace_context *context;
	struct source_settings settings;
};

static const struct source_settings defaults = { .period = 1 };

int source_settings_take(struct log *log,
			 struct perftrace_source_config *config,
			 struct source_settings *settings)
{
	*settings = config ? config->settings : defaults;
	if (!settings->filter)
		return 0;
	settings->filter = strdup(settings->filter);
	return settings->filter ? 0 : fail_memory(log);
}

void source_settings_clear(struct source_settings *settings)
{
	free(settings->filter);
	settings->filter = NULL;
}

PERFTRACE_EXPORT int
perftrace_source_config_new(struct perftrace_context *context,
			    struct perftrace_source_config **config)
{
	struct perftrace_source_config *made;

	assert(context);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail_memory(context_get_log(context));
	made->context = perftrace_context_ref(context);
	made->settings = defaults;
	*config = made;
	return 0;
}

PERFTRACE_EXPORT void
perftrace_source_config_free(struct perftrace_source_config *config)
{
	if (!config)
		return;
	source_settings_clear(&config->settings);
	perftrace_context_unref(config->context);
	free(config);
}

PERFTRACE_EXPORT int
perftrace_source_config_set_filter(struct perftrace_source_config *config,
				   const char *filter)
{
	char *copy = NULL;

	assert(config);
	if (filter) {
		copy = strdup(filter);
		if (!copy)
			return fail_memory(context_get_log(config->context));
	}
	free(config->settings.filter);
	config->settings.filter = copy;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_source_config_set_period(struct perftrace_source_config *config,
				   uint64_t period)
{
	assert(config);
	/* perf_event_open(2) refuses a period with its highest bit set. */
	if (!period || period > INT64_MAX)
		return fail(context_get_log(config->context), -EINVAL,
			    "a period of %" PRIu64 ": it is 1 to 2^63 - 1",
			    period);
	config->settings.period = period;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_source_config_set_callchain(struct perftrace_source_config *config,
				      uint32_t callchain)
{
	const uint32_t all = PERFTRACE_CALLCHAIN_KERNEL |
			     PERFTRACE_CALLCHAIN_USER;

	assert(config);
	if (callchain & ~all)
		return fail(context_get_log(config->context), -EINVAL,
			    "unknown callchain bits %#" PRIx32,
			    callchain & ~all);
	config->settings.callchain = callchain;
	return 0;
}

PERFTRACE_EXPORT int perftrace_source_config_set_exclude_kernel(
	struct perftrace_source_config *config, bool exclude_kernel)
{
	assert(config);
	config->settings.exclude_kernel = exclude_kernel;
	return 0;
}
