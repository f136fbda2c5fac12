/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The function event is raised by every function that ftrace can trace. Its
 * filter is a language of its own (ftrace_function_set_filter() in
 * kernel/trace/trace_events_filter.c): "ip == PATTERN", joined by "||", which
 * chooses the functions that are patched to call the event at all. A pattern is
 * ftrace's: '*' at its ends, or glob(7) (kernel/trace/ftrace.c).
 *
 * A pattern that fits nothing is EINVAL to the kernel, so it is held against
 * the list of functions first.
 */
#include "function.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "event.h"
#include "log.h"
#include "probe_settings.h"
#include "suggest.h"
#include "tracefs.h"

#define LIST "available_filter_functions"

/* num_buf in parse_pred(), MAX_FILTER_STR_VAL, less the zero byte. */
#define LONGEST_PATTERN 255

/* "ext4_file_open [ext4]" */
static void cut_module(char *line)
{
	line[strcspn(line, " \t")] = '\0';
}

/* Does any function match? Offers all that there are for a suggestion. */
static bool find_match(char *list, const char *pattern,
		       struct suggestions *suggestions)
{
	char *line, *end;

	for (line = list; *line; line = end + 1) {
		bool is_last, matches;

		end = line + strcspn(line, "\n");
		is_last = !*end;
		*end = '\0';
		cut_module(line);
		matches = !fnmatch(pattern, line, 0);
		if (!matches)
			suggest_offer(suggestions, line);
		if (matches || is_last)
			return matches;
	}
	return false;
}

static int fail_no_match(struct log *log, const char *name, const char *pattern,
			 int32_t position, struct suggestions *suggestions)
{
	char text[320];

	suggest_write(suggestions, text, sizeof(text));
	fail(log, -ENOENT, "%s: no function that can be traced matches \"%s\"",
	     name, pattern);
	fail_position(log, position);
	if (*text)
		return fail_remedy(log, "did you mean %s?", text);
	return fail_remedy(log, LIST " of tracefs has those that do");
}

static int check_match(struct perftrace_context *context, const char *name,
		       const char *pattern, int32_t position)
{
	struct log *log = context_get_log(context);
	struct suggestions suggestions;
	size_t text_bytes;
	char *text;
	int ret = tracefs_read(context, LIST, &text, &text_bytes);

	/* The kernel will judge. */
	if (ret)
		return ret == -ENOMEM ? fail_memory(log) : 0;
	suggest_begin(&suggestions, pattern);
	if (!find_match(text, pattern, &suggestions))
		ret = fail_no_match(log, name, pattern, position, &suggestions);
	free(text);
	return ret;
}

static int check_pattern(struct perftrace_context *context, const char *name,
			 const char *pattern, int32_t position)
{
	struct log *log = context_get_log(context);
	size_t wrong = strspn(pattern, "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_.*?[]!-");

	if (!*pattern || pattern[wrong] || strlen(pattern) > LONGEST_PATTERN) {
		fail(log, -EINVAL,
		     "%s: \"%s\" is no pattern for functions: one has 1 to "
		     "%d letters of names and of glob(7)",
		     name, pattern, LONGEST_PATTERN);
		return fail_position(log, position < 0 ? position :
							 position + (int)wrong);
	}
	return check_match(context, name, pattern, position);
}

/* "ip == a || ip == b*"; the text of @patterns is cut to pieces. */
static int write_filter(struct perftrace_context *context, const char *name,
			char *patterns, int32_t position, char *filter)
{
	char *pattern = patterns;

	*filter = '\0';
	for (;;) {
		size_t length = strcspn(pattern, ",");
		bool is_last = !pattern[length];
		int32_t here = position < 0 ?
				       position :
				       position + (int32_t)(pattern - patterns);
		int ret;

		pattern[length] = '\0';
		ret = check_pattern(context, name, pattern, here);
		if (ret)
			return ret;
		strcat(filter, *filter ? " || ip == " : "ip == ");
		strcat(filter, pattern);
		if (is_last)
			return 0;
		pattern += length + 1;
	}
}

static size_t filter_bytes(const char *patterns)
{
	size_t bytes = strlen(patterns) + 16;

	for (; *patterns; patterns++)
		bytes += *patterns == ',' ? 16 : 0;
	return bytes;
}

static int make(struct perftrace_context *context,
		const struct probe_settings *settings, const char *name,
		struct perftrace_event **event)
{
	char *patterns, *filter;
	int ret;

	/* Of everything nothing has to be chosen. */
	if (!strcmp(settings->symbol, "*"))
		return event_new_function(context, name, NULL, event);
	patterns = strdup(settings->symbol);
	filter = malloc(filter_bytes(settings->symbol));
	if (patterns && filter)
		ret = write_filter(context, name, patterns,
				   settings->symbol_position, filter);
	else
		ret = fail_memory(context_get_log(context));
	if (!ret)
		ret = event_new_function(context, name, filter, event);
	free(filter);
	free(patterns);
	return ret;
}

int function_make_event(struct perftrace_context *context,
			const struct probe_settings *settings,
			struct perftrace_event **event)
{
	struct log *log = context_get_log(context);
	char *name;
	int ret;

	if (!settings->symbol)
		return fail(log, -EINVAL, "function: no pattern is given");
	if (settings->mode == PERFTRACE_PROBE_LOCAL)
		return fail(log, -EOPNOTSUPP,
			    "function: the function event is always there, and "
			    "never local");
	if (asprintf(&name, "function:%s",
		     settings->name ? settings->name : settings->symbol) < 0)
		return fail_memory(log);
	ret = make(context, settings, name, event);
	free(name);
	return ret;
}
