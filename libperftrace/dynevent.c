/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An event is made by writing a line to "kprobe_events" or "uprobe_events"
 * (Documentation/trace/kprobetrace.rst, uprobetracer.rst). A second line with
 * the same event's name adds a probe to it. That is never done: it would be a
 * trap for a name that is taken, so names end in a random number; and to remove
 * an event of several probes that somebody holds open damages the kernel, which
 * frees all but one of them before it asks (unregister_trace_uprobe() in
 * kernel/trace/trace_uprobe.c). The group is the owner's tag, see owner.c.
 *
 * An event that anybody holds open can't be removed (EBUSY). This process has
 * closed its descriptors by then, but the kernel may be a moment behind, and a
 * process that was forked meanwhile may hold copies. So the removal is tried
 * for a while; after that the event is left to whoever sweeps when this process
 * has ended.
 */
#include "dynevent.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "definition.h"
#include "identifier.h"
#include "log.h"
#include "owner.h"
#include "sys.h"
#include "tracefs.h"

/* MAX_EVENT_NAME_LEN, less the random number's end. */
#define STEM_BYTES 48
#define NAME_BYTES 64

#define MOST_TRIES    10
#define LONGEST_QUOTE 200

struct dynevent {
	struct perftrace_context *context;
	char name[OWNER_GROUP_BYTES + NAME_BYTES];
	uint64_t id;
	/* Who made it: of a child that was forked since, it is not. */
	struct owner owner;
};

static int append(struct perftrace_context *context, const char *file,
		  const char *text)
{
	char *path;
	int ret = tracefs_path(context, &path, "%s", file);

	if (ret)
		return ret;
	ret = sys_append_text(path, text);
	free(path);
	return ret;
}

int dynevent_check(struct perftrace_context *context, const char *file)
{
	struct log *log = context_get_log(context);
	struct failure *before = log_save(log);
	/* No line: nothing is done, but the file is opened. */
	int ret = append(context, file, "");

	log_restore(log, before);
	return ret;
}

/* "GROUP:NAME" is "GROUP/NAME" in these files. */
static int remove_event(struct perftrace_context *context, const char *name)
{
	char line[OWNER_GROUP_BYTES + NAME_BYTES + 8];

	snprintf(line, sizeof(line), "-:%s", name);
	line[2 + strcspn(line + 2, ":")] = '/';
	return append(context, "dynamic_events", line);
}

static void write_stem(const char *text, char stem[STEM_BYTES])
{
	size_t length = 0;

	if (isdigit((unsigned char)*text) || !*text)
		stem[length++] = '_';
	for (; *text && length < STEM_BYTES - 1; text++)
		stem[length++] = identifier_has(*text) ? *text : '_';
	stem[length] = '\0';
}

/* A name that no event has. */
static int choose_name(struct dynevent *dynevent, const char *stem)
{
	struct log *log = context_get_log(dynevent->context);
	char clean[STEM_BYTES], group[OWNER_GROUP_BYTES];
	uint64_t id;
	int tries, ret = owner_identify(&dynevent->owner);

	if (ret)
		return fail(log, ret,
			    "the probe can't be given an owner: /proc does "
			    "not tell who this process is: %s",
			    strerror(-ret));
	owner_write_group(&dynevent->owner, group);
	write_stem(stem, clean);
	for (tries = 0; tries < MOST_TRIES; tries++) {
		snprintf(dynevent->name, sizeof(dynevent->name),
			 "%s:%s_%08" PRIx32, group, clean, sys_random());
		/* One who may not look will be told so when it is made. */
		if (tracefs_read_event_id(dynevent->context, dynevent->name,
					  &id))
			return 0;
	}
	return fail(log, -EEXIST, "no name is free for %s", clean);
}

static void compose(struct definition *definition, struct dynevent *dynevent,
		    const struct dynevent_request *request)
{
	char name[sizeof(dynevent->name)];

	strcpy(name, dynevent->name);
	name[strcspn(name, ":")] = '/';
	definition_begin(definition);
	definition_add(definition, NO_POSITION, request->type);
	definition_add(definition, NO_POSITION, ":");
	definition_add(definition, NO_POSITION, name);
	definition_add(definition, NO_POSITION, " ");
	definition_join(definition, request->body);
}

static int fail_file(struct perftrace_context *context, int error,
		     const struct dynevent_request *request)
{
	struct log *log = context_get_log(context);
	int kind_length = (int)strcspn(request->file, "_");

	switch (error) {
	case -ENOENT:
	case -ENODATA:
		/* tracefs itself may be gone, or empty. */
		error = context_check_tracefs(context);
		if (error)
			return error;
		fail(log, -EOPNOTSUPP,
		     "%s: the kernel makes no named %.*ss: tracefs has no %s",
		     request->label, kind_length, request->file, request->file);
		return fail_remedy(log, "run a kernel with CONFIG_%s_EVENTS",
				   *request->file == 'k' ? "KPROBE" : "UPROBE");
	case -EACCES:
	case -EROFS:
		fail(log, -EACCES,
		     "%s: a named probe needs to write to %s of tracefs, which "
		     "uid %u may not",
		     request->label, request->file, sys_effective_uid());
		return fail_remedy(log, "run as root or with CAP_DAC_OVERRIDE, "
					"and with tracefs mounted writable");
	case -EPERM:
		fail(log, -EPERM, "%s: %s of tracefs can't be written to",
		     request->label, request->file);
		return fail_remedy(log, "the kernel is locked down "
					"(confidentiality), which nothing but "
					"another boot changes");
	default:
		return fail(log, error, "%s: %s of tracefs: %s", request->label,
			    request->file, strerror(-error));
	}
}

/* "the kernel refuses "$none": Invalid $-variable specified at column 17". */
static int fail_reason(struct perftrace_context *context, int error,
		       const struct dynevent_request *request,
		       const struct definition *definition, const char *reason,
		       size_t column)
{
	const struct definition_part *part =
		definition_find_part(definition, column);
	int32_t position = definition_find(definition, column);
	struct log *log = context_get_log(context);
	size_t length = part ? part->length : definition->length;
	char place[32] = "";

	if (position != NO_POSITION)
		snprintf(place, sizeof(place), " at column %" PRId32,
			 position + 1);
	fail(log, error, "%s: the kernel refuses \"%.*s%s\": %s%s",
	     request->label,
	     (int)(length < LONGEST_QUOTE ? length : LONGEST_QUOTE),
	     definition->text + (part ? part->start : 0),
	     length < LONGEST_QUOTE ? "" : "...", reason, place);
	return fail_position(log, position);
}

static int fail_definition(struct perftrace_context *context, int error,
			   const struct dynevent_request *request,
			   const struct definition *definition)
{
	struct log *log = context_get_log(context);
	size_t text_bytes, column;
	const char *reason;
	char *text;
	int ret;

	if (error == -ENOMEM)
		return fail_memory(log);
	/* What was not opened was not read, and thus not refused. */
	ret = dynevent_check(context, request->file);
	if (ret)
		return fail_file(context, ret, request);
	if (!tracefs_read(context, "error_log", &text, &text_bytes)) {
		if (definition_find_error(definition, text, &reason, &column))
			ret = fail_reason(context, error, request, definition,
					  reason, column);
		free(text);
		if (ret)
			return ret;
	}
	return fail(log, error, "%s: the kernel refuses \"%.*s\": %s",
		    request->label, LONGEST_QUOTE, definition->text,
		    strerror(-error));
}

static int install(struct dynevent *dynevent,
		   const struct dynevent_request *request)
{
	struct perftrace_context *context = dynevent->context;
	struct definition *definition = malloc(sizeof(*definition));
	int ret;

	if (!definition)
		return fail_memory(context_get_log(context));
	compose(definition, dynevent, request);
	if (definition->is_full) {
		ret = fail(context_get_log(context), -E2BIG,
			   "%s: its definition is longer than the %d "
			   "characters that the kernel takes",
			   request->label, DEFINITION_BYTES - 1);
	} else {
		ret = append(context, request->file, definition->text);
		if (ret)
			ret = fail_definition(context, ret, request,
					      definition);
		else
			log_debug(context_get_log(context), "%s: %s",
				  request->label, definition->text);
	}
	free(definition);
	return ret;
}

static int read_id(struct dynevent *dynevent)
{
	struct log *log = context_get_log(dynevent->context);
	int ret = tracefs_read_event_id(dynevent->context, dynevent->name,
					&dynevent->id);

	if (!ret)
		return 0;
	remove_event(dynevent->context, dynevent->name);
	return fail(log, ret, "%s was made, and its number can't be read: %s",
		    dynevent->name, strerror(-ret));
}

/*
 * FAIL_REG_PROBE and BAD_PROBE_ADDR in kernel/trace/trace_probe.h, which say
 * nothing more.
 */
bool dynevent_is_place(struct log *log, int error)
{
	return error == -EILSEQ ||
	       (error == -ENOENT &&
		strstr(log_get_error(log),
		       "Invalid probed address or symbol")) ||
	       (error == -EINVAL &&
		strstr(log_get_error(log), "Failed to register probe event"));
}

int dynevent_new(struct perftrace_context *context,
		 const struct dynevent_request *request,
		 struct dynevent **dynevent)
{
	struct dynevent *made;
	int ret;

	dynevent_sweep(context);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail_memory(context_get_log(context));
	made->context = perftrace_context_ref(context);
	ret = choose_name(made, request->stem);
	if (!ret)
		ret = install(made, request);
	if (!ret)
		ret = read_id(made);
	if (ret) {
		perftrace_context_unref(context);
		free(made);
		return ret;
	}
	*dynevent = made;
	return 0;
}

static void remove_patiently(struct dynevent *dynevent, int *patience_ms)
{
	int ret = remove_event(dynevent->context, dynevent->name);

	for (; ret == -EBUSY && *patience_ms > 0; --*patience_ms) {
		sys_sleep_ms(1);
		ret = remove_event(dynevent->context, dynevent->name);
	}
	/* Somebody has swept it away, unless tracefs itself is gone. */
	if (ret == -ENOENT)
		ret = dynevent_check(dynevent->context, "dynamic_events");
	if (ret)
		log_warning(context_get_log(dynevent->context),
			    "%s stays in tracefs: %s", dynevent->name,
			    ret == -EBUSY ? "somebody still holds it open" :
					    strerror(-ret));
}

/* A child in a PID namespace of its own may have the number as well. */
static bool is_own(const struct dynevent *dynevent)
{
	struct owner own;

	if (dynevent->owner.pid != (int32_t)sys_own_pid())
		return false;
	/* Without descriptors, say, it can't be asked. */
	return owner_identify(&own) || owner_is_same(&dynevent->owner, &own);
}

void dynevent_free(struct dynevent *dynevent, int *patience_ms)
{
	if (!dynevent)
		return;
	if (is_own(dynevent))
		remove_patiently(dynevent, patience_ms);
	perftrace_context_unref(dynevent->context);
	free(dynevent);
}

bool dynevent_is_owned(const char *name)
{
	char group[OWNER_GROUP_BYTES];
	size_t length = strcspn(name, ":");
	struct owner owner;

	if (length >= sizeof(group))
		return false;
	memcpy(group, name, length);
	group[length] = '\0';
	return owner_parse_group(group, &owner);
}

const char *dynevent_get_name(struct dynevent *dynevent)
{
	return dynevent->name;
}

uint64_t dynevent_get_id(struct dynevent *dynevent)
{
	return dynevent->id;
}

/* "  NAME    HITS    MISSED" a line, NAME without its group. */
int dynevent_get_num_missed(struct dynevent *dynevent, uint64_t *num_missed)
{
	const char *name = strchr(dynevent->name, ':') + 1;
	char *text, *line, *rest = NULL;
	size_t text_bytes;
	int ret = tracefs_read(dynevent->context, "kprobe_profile", &text,
			       &text_bytes);

	if (ret)
		return ret;
	ret = -ENOENT;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char found[128];
		uint64_t hits, missed;

		if (sscanf(line, " %127s %" SCNu64 " %" SCNu64, found, &hits,
			   &missed) != 3 ||
		    strcmp(found, name))
			continue;
		*num_missed = missed;
		ret = 0;
		break;
	}
	free(text);
	return ret;
}

/* "p:GROUP/NAME PLACE ARGUMENTS", or "r64:...". */
static bool is_left_over(const char *line, const struct owner *own,
			 char name[OWNER_GROUP_BYTES + NAME_BYTES])
{
	size_t type = strcspn(line, ": "), group, rest;
	struct owner other;

	if (line[type] != ':' || (*line != 'p' && *line != 'r'))
		return false;
	line += type + 1;
	group = strcspn(line, "/ ");
	rest = strcspn(line, " ");
	if (line[group] != '/' || rest >= OWNER_GROUP_BYTES + NAME_BYTES)
		return false;
	memcpy(name, line, rest);
	name[rest] = '\0';
	name[group] = '\0';
	if (!owner_parse_group(name, &other) || !owner_is_dead(&other, own))
		return false;
	name[group] = ':';
	return true;
}

/* 1: it is removed; 0: it is none of ours to remove; -errno. */
static int sweep_line(struct perftrace_context *context, const char *line,
		      const struct owner *own)
{
	struct log *log = context_get_log(context);
	char name[OWNER_GROUP_BYTES + NAME_BYTES];
	int ret;

	if (!is_left_over(line, own, name))
		return 0;
	ret = remove_event(context, name);
	/* Others sweep as well. */
	if (ret == -ENOENT)
		return 0;
	if (ret == -EBUSY) {
		log_info(log, "%s has no owner, but somebody holds it open",
			 name);
		return 0;
	}
	if (ret)
		return tracefs_fail(context, ret, "dynamic_events");
	log_info(log, "removed %s, whose owner has ended", name);
	return 1;
}

/* The number that were removed; or why the last was not that could not be. */
static int sweep_lines(struct perftrace_context *context, char *text,
		       const struct owner *own)
{
	char *line, *rest = NULL;
	int error = 0, num_removed = 0;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		int ret = sweep_line(context, line, own);

		if (ret < 0)
			error = ret;
		else
			num_removed += ret;
	}
	return error ? error : num_removed;
}

int dynevent_remove_left_over(struct perftrace_context *context)
{
	struct log *log = context_get_log(context);
	struct owner own;
	size_t text_bytes;
	const char *root;
	char *text;
	int ret = perftrace_context_get_tracefs(context, &root);

	if (ret)
		return ret;
	ret = owner_identify(&own);
	if (ret)
		return fail(log, ret, "/proc does not tell who is alive: %s",
			    strerror(-ret));
	ret = tracefs_read(context, "dynamic_events", &text, &text_bytes);
	/* A kernel without any. */
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return tracefs_fail(context, ret, "dynamic_events");
	ret = sweep_lines(context, text, &own);
	free(text);
	return ret;
}

void dynevent_sweep(struct perftrace_context *context)
{
	struct log *log = context_get_log(context);
	struct failure *before;

	if (!context_takes_turn_to_sweep(context))
		return;
	before = log_save(log);
	if (dynevent_remove_left_over(context) < 0)
		log_info(log, "not looked for what dead processes left: %s",
			 log_get_error(log));
	log_restore(log, before);
}
