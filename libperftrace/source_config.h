/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SOURCE_CONFIG_H
#define SOURCE_CONFIG_H

#include <perftrace/source_config.h>

struct log;

/* What a source is to be, as plain data. */
struct source_settings {
	/* NULL: none. */
	char *filter;
	uint64_t period;
	uint32_t callchain;
	bool exclude_kernel;
};

/* The settings of @config, or the defaults for NULL. -ENOMEM. */
int source_settings_take(struct log *log,
			 struct perftrace_source_config *config,
			 struct source_settings *settings);
void source_settings_clear(struct source_settings *settings);

#endif /* SOURCE_CONFIG_H */
