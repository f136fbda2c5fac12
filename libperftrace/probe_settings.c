/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "export.h"
#include "identifier.h"
#include "log.h"

void probe_settings_init(struct probe_settings *settings, int32_t kind)
{
	*settings = (struct probe_settings){
		.kind = kind,
		.path_position = NO_POSITION,
		.module_position = NO_POSITION,
		.symbol_position = NO_POSITION,
		.offset_position = NO_POSITION,
	};
}

void probe_settings_clear(struct probe_settings *settings)
{
	size_t i;

	for (i = 0; i < settings->num_arguments; i++)
		free(settings->arguments[i].text);
	free(settings->arguments);
	free(settings->name);
	free(settings->path);
	free(settings->module);
	free(settings->provider);
	free(settings->symbol);
	probe_settings_init(settings, settings->kind);
}

int probe_settings_set_text(struct log *log, char **text, const char *value)
{
	char *copy = NULL;

	if (value) {
		copy = strdup(value);
		if (!copy)
			return fail_memory(log);
	}
	free(*text);
	*text = copy;
	return 0;
}

int probe_settings_add_argument(struct log *log,
				struct probe_settings *settings,
				const char *text, int32_t position,
				bool is_verbatim)
{
	size_t count = settings->num_arguments + 1;
	struct probe_argument *larger;
	char *copy;

	if (count > MOST_ARGUMENTS) {
		fail(log, -EINVAL, "more than %d arguments", MOST_ARGUMENTS);
		return fail_position(log, position);
	}
	larger = realloc(settings->arguments, count * sizeof(*larger));
	if (!larger)
		return fail_memory(log);
	settings->arguments = larger;
	copy = strdup(text);
	if (!copy)
		return fail_memory(log);
	larger[count - 1] =
		(struct probe_argument){ copy, position, is_verbatim };
	settings->num_arguments = count;
	settings->has_arguments = true;
	return 0;
}

bool probe_settings_is_name(const char *name)
{
	size_t length = identifier_length(name);

	return length && length <= LONGEST_NAME && !name[length];
}

bool probe_settings_takes_file(const struct probe_settings *settings)
{
	return settings->kind == PERFTRACE_EVENT_UPROBE ||
	       settings->kind == PERFTRACE_EVENT_URETPROBE ||
	       settings->kind == PERFTRACE_EVENT_USDT;
}

const char *probe_kind_name(int32_t kind)
{
	static const char *const names[] = {
		[PERFTRACE_EVENT_KPROBE] = "kprobe",
		[PERFTRACE_EVENT_KRETPROBE] = "kretprobe",
		[PERFTRACE_EVENT_UPROBE] = "uprobe",
		[PERFTRACE_EVENT_URETPROBE] = "uretprobe",
		[PERFTRACE_EVENT_USDT] = "usdt",
		[PERFTRACE_EVENT_FUNCTION] = "function",
	};

	if (kind < 0 || (size_t)kind >= ARRAY_SIZE(names))
		return NULL;
	return names[kind];
}
