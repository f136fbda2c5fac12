/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "event_match.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/event.h>

#include "context.h"
#include "dynevent.h"
#include "export.h"
#include "log.h"
#include "spec.h"
#include "sys.h"
#include "tracefs.h"

void event_match_clear(struct event_match *match)
{
	while (match->count)
		perftrace_event_unref(match->events[--match->count]);
	free(match->events);
	match->events = NULL;
}

static int make_room(struct perftrace_context *context, size_t count,
		     struct event_match *match)
{
	match->events = calloc(count, sizeof(*match->events));
	return match->events ? 0 : fail_memory(context_get_log(context));
}

/* A name that a pattern matches is no spec, whatever it looks like. */
static int find_names(struct perftrace_context *context,
		      struct perftrace_event_list *list,
		      struct event_match *match)
{
	size_t count = perftrace_event_list_get_num_names(list), i;
	int ret = make_room(context, count + 1, match);

	for (i = 0; !ret && i < count; i++) {
		const char *name = perftrace_event_list_get_name(list, i);

		if (dynevent_is_owned(name))
			continue;
		ret = perftrace_event_find(context, name,
					   &match->events[match->count]);
		match->count += !ret;
	}
	return ret;
}

static int find_pattern(struct perftrace_context *context, const char *pattern,
			struct event_match *match)
{
	struct perftrace_event_list *list;
	int ret = perftrace_event_list_new(context, pattern, &list);

	if (ret)
		return ret;
	ret = find_names(context, list, match);
	perftrace_event_list_free(list);
	if (!ret && !match->count)
		ret = fail(context_get_log(context), -ENOENT,
			   "%s: no event matches", pattern);
	return ret;
}

static int find_one(struct perftrace_context *context, const char *spec,
		    struct event_match *match)
{
	int ret = make_room(context, 1, match);

	if (!ret)
		ret = perftrace_event_find_by_spec(context, spec,
						   match->events);
	match->count = !ret;
	return ret;
}

int event_match_find(struct perftrace_context *context, const char *spec,
		     struct event_match *match)
{
	int ret;

	*match = (struct event_match){ .count = 0 };
	if (!spec_is_probe(spec) && strpbrk(spec, "*?["))
		ret = find_pattern(context, spec, match);
	else
		ret = find_one(context, spec, match);
	if (ret)
		event_match_clear(match);
	return ret;
}

static bool has_id(struct perftrace_context *context, const char *name,
		   uint64_t id)
{
	uint64_t found;

	return !tracefs_read_event_id(context, name, &found) && found == id;
}

PERFTRACE_EXPORT int
perftrace_event_find_by_id(struct perftrace_context *context, uint64_t id,
			   struct perftrace_event **event)
{
	/* Events for perf that "available_events" passes over. */
	static const char *const unlisted[] = { "ftrace:function",
						"ftrace:print" };
	struct perftrace_event_list *list;
	const char *name;
	size_t i = 0;
	int ret;

	assert(context);
	ret = perftrace_event_list_new(context, NULL, &list);
	if (ret)
		return ret;
	ret = fail(context_get_log(context), -ENOENT,
		   "no event has the id %" PRIu64, id);
	for (; ret == -ENOENT && i < ARRAY_SIZE(unlisted); i++) {
		if (has_id(context, unlisted[i], id))
			ret = perftrace_event_find(context, unlisted[i], event);
	}
	i = 0;
	while (ret == -ENOENT &&
	       (name = perftrace_event_list_get_name(list, i++))) {
		if (has_id(context, name, id))
			ret = perftrace_event_find(context, name, event);
	}
	perftrace_event_list_free(list);
	return ret;
}
