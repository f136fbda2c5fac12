/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/probe.h>

#include "context.h"
#include "definition.h"
#include "dynevent.h"
#include "event.h"
#include "export.h"
#include "function.h"
#include "kprobe.h"
#include "log.h"
#include "probe_settings.h"
#include "recipe.h"
#include "spec.h"
#include "uprobe.h"
#include "usdt.h"

struct perftrace_probe {
	struct perftrace_context *context;
	struct log *log;
	struct probe_settings settings;
};

static struct perftrace_probe *new_probe(struct perftrace_context *context)
{
	struct perftrace_probe *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->context = perftrace_context_ref(context);
	made->log = context_get_log(context);
	return made;
}

PERFTRACE_EXPORT int perftrace_probe_new(struct perftrace_context *context,
					 int32_t kind,
					 struct perftrace_probe **probe)
{
	struct perftrace_probe *made;

	assert(context);
	if (!probe_kind_name(kind))
		return fail(context_get_log(context), -EINVAL,
			    "%" PRId32 " is no kind of probe", kind);
	made = new_probe(context);
	if (!made)
		return fail_memory(context_get_log(context));
	probe_settings_init(&made->settings, kind);
	*probe = made;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_probe_new_from_spec(struct perftrace_context *context,
			      const char *spec, struct perftrace_probe **probe)
{
	struct perftrace_probe *made;
	int ret;

	assert(context);
	if (!spec)
		return fail(context_get_log(context), -EINVAL,
			    "no spec of a probe given");
	made = new_probe(context);
	if (!made)
		return fail_memory(context_get_log(context));
	ret = spec_parse(made->log, spec, &made->settings);
	if (ret) {
		perftrace_probe_free(made);
		return ret;
	}
	*probe = made;
	return 0;
}

PERFTRACE_EXPORT void perftrace_probe_free(struct perftrace_probe *probe)
{
	if (!probe)
		return;
	probe_settings_clear(&probe->settings);
	perftrace_context_unref(probe->context);
	free(probe);
}

static bool is_kernel(const struct perftrace_probe *probe)
{
	return probe->settings.kind == PERFTRACE_EVENT_KPROBE ||
	       probe->settings.kind == PERFTRACE_EVENT_KRETPROBE;
}

static bool is_user(const struct perftrace_probe *probe)
{
	return probe->settings.kind == PERFTRACE_EVENT_UPROBE ||
	       probe->settings.kind == PERFTRACE_EVENT_URETPROBE;
}

static int check(struct perftrace_probe *probe, bool is_right, const char *what)
{
	if (is_right)
		return 0;
	return fail(probe->log, -EINVAL, "a %s has no %s",
		    probe_kind_name(probe->settings.kind), what);
}

static int check_text(struct perftrace_probe *probe, const char *text,
		      const char *what)
{
	if (text && *text)
		return 0;
	return fail(probe->log, -EINVAL, "%s: no %s given",
		    probe_kind_name(probe->settings.kind), what);
}

PERFTRACE_EXPORT int perftrace_probe_set_symbol(struct perftrace_probe *probe,
						const char *symbol)
{
	struct probe_settings *settings;
	int ret;

	assert(probe);
	settings = &probe->settings;
	ret = check_text(probe, symbol, "symbol");
	if (!ret)
		ret = probe_settings_set_text(probe->log, &settings->symbol,
					      symbol);
	if (ret)
		return ret;
	/* The number was an address, and not behind this symbol. */
	if (settings->place != PLACE_SYMBOL)
		settings->offset = 0;
	settings->place = PLACE_SYMBOL;
	settings->symbol_position = NO_POSITION;
	return 0;
}

PERFTRACE_EXPORT int perftrace_probe_set_module(struct perftrace_probe *probe,
						const char *module)
{
	int ret;

	assert(probe);
	ret = check(probe, is_kernel(probe), "module");
	probe->settings.module_position = NO_POSITION;
	return ret ? ret :
		     probe_settings_set_text(probe->log,
					     &probe->settings.module, module);
}

PERFTRACE_EXPORT int perftrace_probe_set_path(struct perftrace_probe *probe,
					      const char *path)
{
	int ret;

	assert(probe);
	ret = check(probe, probe_settings_takes_file(&probe->settings), "path");
	if (!ret)
		ret = check_text(probe, path, "path");
	probe->settings.path_position = NO_POSITION;
	return ret ? ret :
		     probe_settings_set_text(probe->log, &probe->settings.path,
					     path);
}

PERFTRACE_EXPORT int perftrace_probe_set_provider(struct perftrace_probe *probe,
						  const char *provider)
{
	int ret;

	assert(probe);
	ret = check(probe, probe->settings.kind == PERFTRACE_EVENT_USDT,
		    "provider");
	return ret ? ret :
		     probe_settings_set_text(
			     probe->log, &probe->settings.provider, provider);
}

static int set_number(struct perftrace_probe *probe, enum place_kind place,
		      uint64_t number)
{
	probe->settings.place = place;
	probe->settings.offset = number;
	probe->settings.offset_position = NO_POSITION;
	if (place != PLACE_SYMBOL)
		probe->settings.symbol_position = NO_POSITION;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_probe_set_offset_bytes(struct perftrace_probe *probe,
				 uint64_t offset_bytes)
{
	int ret;

	assert(probe);
	ret = check(probe,
		    probe->settings.kind == PERFTRACE_EVENT_KPROBE ||
			    probe->settings.kind == PERFTRACE_EVENT_UPROBE,
		    "offset");
	return ret ? ret : set_number(probe, PLACE_SYMBOL, offset_bytes);
}

PERFTRACE_EXPORT int perftrace_probe_set_address(struct perftrace_probe *probe,
						 uint64_t address)
{
	int ret;

	assert(probe);
	ret = check(probe, is_kernel(probe) || is_user(probe), "address");
	return ret ? ret : set_number(probe, PLACE_ADDRESS, address);
}

PERFTRACE_EXPORT int
perftrace_probe_set_file_offset_bytes(struct perftrace_probe *probe,
				      uint64_t offset_bytes)
{
	int ret;

	assert(probe);
	ret = check(probe, is_user(probe), "file offset");
	return ret ? ret : set_number(probe, PLACE_FILE_OFFSET, offset_bytes);
}

PERFTRACE_EXPORT int perftrace_probe_set_pid(struct perftrace_probe *probe,
					     int32_t pid)
{
	int ret;

	assert(probe);
	ret = check(probe, probe_settings_takes_file(&probe->settings), "pid");
	if (!ret && pid < 0)
		ret = fail(probe->log, -EINVAL,
			   "%" PRId32 " is no number of a process", pid);
	if (!ret)
		probe->settings.pid = pid;
	return ret;
}

PERFTRACE_EXPORT int perftrace_probe_set_mode(struct perftrace_probe *probe,
					      int32_t mode)
{
	assert(probe);
	if (mode < PERFTRACE_PROBE_AUTO || mode > PERFTRACE_PROBE_NAMED)
		return fail(probe->log, -EINVAL,
			    "%" PRId32 " is no mode of a probe", mode);
	probe->settings.mode = mode;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_probe_set_max_active(struct perftrace_probe *probe,
			       uint32_t max_active)
{
	int ret;

	assert(probe);
	ret = check(probe, probe->settings.kind == PERFTRACE_EVENT_KRETPROBE,
		    "maxactive");
	if (!ret && max_active > MOST_ACTIVE)
		ret = fail(probe->log, -EINVAL,
			   "a maxactive of %" PRIu32 ": it is 1 to %d, or 0 "
			   "for the kernel's choice",
			   max_active, MOST_ACTIVE);
	if (!ret)
		probe->settings.max_active = max_active;
	return ret;
}

PERFTRACE_EXPORT int perftrace_probe_set_name(struct perftrace_probe *probe,
					      const char *name)
{
	assert(probe);
	if (name && !probe_settings_is_name(name))
		return fail(probe->log, -EINVAL, "\"%s\": %s", name, NAME_RULE);
	return probe_settings_set_text(probe->log, &probe->settings.name, name);
}

PERFTRACE_EXPORT int perftrace_probe_add_argument(struct perftrace_probe *probe,
						  const char *argument)
{
	int ret;

	assert(probe);
	ret = check(probe, probe->settings.kind != PERFTRACE_EVENT_FUNCTION,
		    "argument");
	if (!ret)
		ret = check_text(probe, argument, "argument");
	/* A fault in it is told by its place in this text. */
	return ret ? ret :
		     probe_settings_add_argument(probe->log, &probe->settings,
						 argument, 0, true);
}

static int prepare(struct perftrace_probe *probe, struct recipe *recipe)
{
	const struct probe_settings *settings = &probe->settings;

	if (is_kernel(probe))
		return kprobe_prepare(probe->context, settings, recipe);
	if (is_user(probe))
		return uprobe_prepare(probe->context, settings, recipe);
	return usdt_prepare(probe->context, settings, recipe);
}

PERFTRACE_EXPORT int perftrace_probe_make_event(struct perftrace_probe *probe,
						struct perftrace_event **event)
{
	struct recipe recipe;
	int ret;

	assert(probe);
	if (probe->settings.kind == PERFTRACE_EVENT_FUNCTION)
		return function_make_event(probe->context, &probe->settings,
					   event);
	ret = recipe_init(probe->log, &probe->settings, &recipe);
	if (!ret)
		ret = prepare(probe, &recipe);
	if (ret) {
		recipe_clear(&recipe);
		return ret;
	}
	return event_new_probe(probe->context, &recipe, event);
}

PERFTRACE_EXPORT int
perftrace_event_find_by_spec(struct perftrace_context *context,
			     const char *spec, struct perftrace_event **event)
{
	struct perftrace_probe *probe;
	int ret;

	assert(context);
	if (!spec)
		return fail(context_get_log(context), -EINVAL,
			    "no event given");
	if (!spec_is_probe(spec))
		return perftrace_event_find(context, spec, event);
	ret = perftrace_probe_new_from_spec(context, spec, &probe);
	if (ret)
		return ret;
	ret = perftrace_probe_make_event(probe, event);
	perftrace_probe_free(probe);
	return ret;
}

PERFTRACE_EXPORT int
perftrace_probe_remove_left_over(struct perftrace_context *context)
{
	assert(context);
	return dynevent_remove_left_over(context);
}
