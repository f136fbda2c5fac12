/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "event_access.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "backing.h"
#include "context.h"
#include "event.h"
#include "log.h"
#include "recipe.h"
#include "symbols.h"
#include "tracefs.h"

#define FUNCTION_EVENT "ftrace:function"

/* The texts of two files of tracefs; empty where they can't be read. */
struct dynamic_events {
	struct perftrace_context *context;
	/* A line each: "p:GROUP/NAME PLACE", "s:GROUP/NAME TYPES". */
	char *all;
	char *uprobes;
};

static void read_list(struct perftrace_context *context, const char *file,
		      char **text)
{
	struct log *log = context_get_log(context);
	struct failure *before = log_save(log);
	size_t size;

	if (tracefs_read(context, file, text, &size))
		*text = NULL;
	log_restore(log, before);
}

int dynamic_events_new(struct perftrace_context *context,
		       struct dynamic_events **events)
{
	struct dynamic_events *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->context = context;
	read_list(context, "dynamic_events", &made->all);
	read_list(context, "uprobe_events", &made->uprobes);
	*events = made;
	return 0;
}

void dynamic_events_free(struct dynamic_events *events)
{
	if (!events)
		return;
	free(events->all);
	free(events->uprobes);
	free(events);
}

/* Is the text behind a colon "GROUP/NAME", or "NAME" of the usual group? */
static const char *skip_name(const char *text, const char *name)
{
	static const char usual[] = "synthetic";
	size_t group = strcspn(name, ":");
	const char *rest = name + group + 1;

	if (!strncmp(text, name, group) && text[group] == '/')
		text += group + 1;
	else if (strncmp(name, usual, group) || usual[group])
		return NULL;
	if (strncmp(text, rest, strlen(rest)))
		return NULL;
	text += strlen(rest);
	return strchr(" \t\n", *text) ? text : NULL;
}

/* What follows the name of "GROUP:NAME" in its line; NULL: there is none. */
static const char *find_line(const char *list, const char *name, char *letter)
{
	const char *line = list;

	while (line && *line) {
		const char *colon = strchr(line, ':');
		const char *rest = colon ? skip_name(colon + 1, name) : NULL;

		*letter = *line;
		if (rest)
			return rest;
		line = strchr(line, '\n');
		line += !!line;
	}
	return NULL;
}

/* perf excludes what ftrace has enabled, and the other way round. */
static bool is_enabled(struct perftrace_context *context, const char *name)
{
	struct log *log = context_get_log(context);
	struct failure *before = log_save(log);
	bool is_on = false;
	size_t size;
	char *text;

	if (!tracefs_read_event(context, name, "enable", &text, &size)) {
		is_on = *text == '1';
		free(text);
	}
	log_restore(log, before);
	return is_on;
}

static void describe_uprobe(struct access_event *event)
{
	event->is_for_anyone = true;
	event->is_of_user = true;
}

static bool is_of_system(const char *name, const char *system)
{
	size_t length = strlen(system);

	return !strncmp(name, system, length) && name[length] == ':';
}

/* By its name alone: a few of the kernel's own are special. */
static void describe_static(const char *name, struct access_event *event)
{
	event->is_of_user = is_of_system(name, "syscalls");
	event->is_for_anyone = event->is_of_user ||
			       !strcmp(name, "raw_syscalls:sys_enter") ||
			       !strcmp(name, "raw_syscalls:sys_exit");
	event->is_irq_work = !strcmp(name, "irq_vectors:irq_work_exit");
	if (!strcmp(name, FUNCTION_EVENT))
		event->class = ACCESS_FUNCTION;
}

/*
 * What ftrace has put at a function's start is 5 bytes on x86, behind 4 that
 * mark where indirect branches may go. A probe there stands on ftrace.
 */
static enum fact stands_on_ftrace(uint64_t offset)
{
#if defined(__x86_64__)
	return !offset ? FACT_YES : offset < 9 ? FACT_UNKNOWN : FACT_NO;
#else
	return offset ? FACT_NO : FACT_UNKNOWN;
#endif
}

/* " do_sys_open+8 a=$arg1" */
static void describe_kprobe(const char *place, bool is_return,
			    struct access_event *event)
{
	size_t length = strcspn(place + 1, " \t\n");
	const char *plus = memchr(place + 1, '+', length);

	event->is_kprobe = true;
	event->stands_on_ftrace =
		is_return ? stands_on_ftrace(0) :
		plus	  ? stands_on_ftrace(strtoull(plus + 1, NULL, 0)) :
			    stands_on_ftrace(0);
}

static void describe_named(const struct dynamic_events *events,
			   const char *name, struct access_event *event)
{
	const char *place;
	char letter;

	event->class = ACCESS_TRACEPOINT;
	if (find_line(events->uprobes, name, &letter)) {
		describe_uprobe(event);
		event->is_busy = is_enabled(events->context, name);
		return;
	}
	place = find_line(events->all, name, &letter);
	if (!place)
		describe_static(name, event);
	else if (letter == 'p' || letter == 'r')
		describe_kprobe(place, letter == 'r', event);
	else if (letter == 's')
		event->is_synthetic = true;
}

static bool is_kprobe(struct perftrace_event *event)
{
	int32_t kind = perftrace_event_get_kind(event);

	return kind == PERFTRACE_EVENT_KPROBE ||
	       kind == PERFTRACE_EVENT_KRETPROBE;
}

static bool may_be_local(const struct facts *facts, enum access_class class)
{
	static const struct perf_event_attr attr = { .exclude_kernel = 1 };
	static const struct access_task own = { .answer = NOT_SENSED,
						.is_own_process = true };
	struct access_event event = { .class = class };
	struct access_call call = {
		.step = ACCESS_OPEN,
		.attr = &attr,
		.event = &event,
		.task = &own,
		.cpu = -1,
	};
	int32_t error = access_try(facts, &call, NULL);

	return error != -EACCES && error != -EPERM;
}

static void refuse(struct plan_source *source)
{
	source->error = -EOPNOTSUPP;
	source->reason = BACKING_CANNOT_FOLLOW;
	source->remedy = BACKING_FOLLOW_REMEDY;
}

/* Where in its function is the probe? */
static enum fact find_ftrace(struct perftrace_event *event)
{
	const struct recipe *recipe =
		backing_get_recipe(event_get_backing(event));
	struct symbols *symbols = context_get_symbols(event_get_context(event));
	uint64_t address = recipe->places->number, start;
	const char *module;

	if (recipe->is_return || recipe->local_text)
		return stands_on_ftrace(recipe->is_return ? 0 : address);
	if (!symbols_find(symbols, address, &start, &module))
		return FACT_UNKNOWN;
	return stands_on_ftrace(address - start);
}

static void describe_probe(struct perftrace_event *event,
			   const struct facts *facts,
			   const struct backing_use *use,
			   struct plan_source *source)
{
	enum access_class local = is_kprobe(event) ? ACCESS_KPROBE :
						     ACCESS_UPROBE;
	struct backing_grant grant = {
		.may_be_local = may_be_local(facts, local),
		.may_be_named = facts->tracefs == TRACEFS_WRITABLE,
		.is_other = !facts->is_own,
	};
	enum backing_way way =
		backing_foresee(event_get_backing(event), use, &grant);

	source->event.class = way == BACKING_LOCAL ? local : ACCESS_TRACEPOINT;
	source->event.is_kprobe = local == ACCESS_KPROBE;
	if (source->event.is_kprobe)
		source->event.stands_on_ftrace = find_ftrace(event);
	source->needs_probe = way == BACKING_TO_BE_NAMED;
	if (local == ACCESS_UPROBE)
		describe_uprobe(&source->event);
	if (way == BACKING_IMPOSSIBLE)
		refuse(source);
}

void event_access_describe(struct perftrace_event *event,
			   const struct dynamic_events *events,
			   const struct facts *facts,
			   const struct backing_use *use,
			   struct plan_source *source)
{
	*source = (struct plan_source){
		.event.name = perftrace_event_get_name(event),
		.num_places = event_get_num_places(event),
	};
	if (event_get_backing(event)) {
		describe_probe(event, facts, use, source);
		return;
	}
	describe_named(events, perftrace_event_get_tracefs_name(event),
		       &source->event);
	/* The caller has found it. */
	source->needs_lookup = !facts->is_own;
}
