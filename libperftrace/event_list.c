/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names come from "available_events": one file, under a millisecond, and just
 * the events that can be registered. A kernel that was locked down while it ran
 * refuses that file, yet not the directories; they are then walked.
 */
#include "event_list.h"

#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs/tracefs.h>

#include "context.h"
#include "export.h"
#include "log.h"
#include "tracefs.h"

struct perftrace_event_list {
	char **names;
	size_t count;
	size_t room;
};

static bool matches(const char *pattern, const char *name)
{
	if (!pattern)
		return true;
	if (strchr(pattern, ':'))
		return !fnmatch(pattern, name, 0);
	return !fnmatch(pattern, strchr(name, ':') + 1, 0);
}

static int add_name(struct perftrace_event_list *list, const char *name)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		char **larger = realloc(list->names, room * sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		list->names = larger;
		list->room = room;
	}
	list->names[list->count] = strdup(name);
	return list->names[list->count++] ? 0 : -ENOMEM;
}

static int add_lines(struct perftrace_event_list *list, const char *pattern,
		     char *text)
{
	char *rest = NULL, *line;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		int ret = 0;

		if (strchr(line, ':') && matches(pattern, line))
			ret = add_name(list, line);
		if (ret)
			return ret;
	}
	return 0;
}

static int add_system(struct perftrace_event_list *list, const char *pattern,
		      const char *root, const char *system)
{
	char **events = tracefs_system_events(root, system);
	char name[512];
	int ret = 0, i;

	for (i = 0; !ret && events && events[i]; i++) {
		snprintf(name, sizeof(name), "%s:%s", system, events[i]);
		if (matches(pattern, name))
			ret = add_name(list, name);
	}
	tracefs_list_free(events);
	return ret;
}

static int walk_directories(struct perftrace_event_list *list,
			    const char *pattern, const char *root)
{
	char **systems = tracefs_event_systems(root);
	int ret = 0, i;

	for (i = 0; !ret && systems && systems[i]; i++)
		ret = add_system(list, pattern, root, systems[i]);
	tracefs_list_free(systems);
	return ret;
}

static int fill(struct perftrace_context *context, const char *pattern,
		struct perftrace_event_list *list)
{
	const char *root;
	size_t text_bytes;
	char *text;
	int ret = perftrace_context_get_tracefs(context, &root);

	if (ret)
		return ret;
	ret = tracefs_read(context, "available_events", &text, &text_bytes);
	if (!ret) {
		ret = add_lines(list, pattern, text);
		free(text);
	} else if (ret == -EPERM) {
		ret = walk_directories(list, pattern, root);
	}
	return ret ? tracefs_fail(context, ret, "available_events") : 0;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

PERFTRACE_EXPORT int
perftrace_event_list_new(struct perftrace_context *context, const char *pattern,
			 struct perftrace_event_list **list)
{
	struct perftrace_event_list *made;
	int ret;

	assert(context);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail_memory(context_get_log(context));
	ret = fill(context, pattern, made);
	if (ret) {
		perftrace_event_list_free(made);
		return ret;
	}
	if (made->count)
		qsort(made->names, made->count, sizeof(*made->names),
		      compare_names);
	*list = made;
	return 0;
}

PERFTRACE_EXPORT void
perftrace_event_list_free(struct perftrace_event_list *list)
{
	size_t i;

	if (!list)
		return;
	for (i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	free(list);
}

PERFTRACE_EXPORT size_t
perftrace_event_list_get_num_names(struct perftrace_event_list *list)
{
	assert(list);
	return list->count;
}

PERFTRACE_EXPORT const char *
perftrace_event_list_get_name(struct perftrace_event_list *list, size_t index)
{
	assert(list);
	return index < list->count ? list->names[index] : NULL;
}

void event_list_suggest(struct perftrace_event_list *list,
			struct suggestions *suggestions)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		suggest_offer(suggestions, list->names[i]);
}
