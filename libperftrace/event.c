/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "event.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backing.h"
#include "context.h"
#include "event_list.h"
#include "export.h"
#include "format.h"
#include "lock.h"
#include "log.h"
#include "manifest.h"
#include "recipe.h"
#include "suggest.h"
#include "sys.h"
#include "tracefs.h"

struct perftrace_event {
	unsigned int references;
	struct perftrace_context *context;
	int32_t kind;
	char *name;
	/* What a probe stands on; NULL for an event that was there. */
	struct backing *backing;
	/* Of the function event; NULL: none. */
	char *filter;
	/* Another process has found or made it, and called it this, or NULL. */
	bool is_adopted;
	char *adopted_name;
	uint64_t id;
	char *text;
	size_t text_bytes;
	char *print_format;

	/* Made when it is first asked for; what it says never changes. */
	struct format *format;
	/* Held to make the format, and what it prints with. */
	struct lock *lock;
	/* It has been given the kernel's names and strings. */
	bool has_names;
};

#define FUNCTION_EVENT "ftrace:function"

static int check_name(struct log *log, const char *name)
{
	const char *colon = strchr(name, ':');
	size_t slash = strcspn(name, "/");

	if (!colon || colon == name || !colon[1] || strchr(colon + 1, ':')) {
		fail(log, -EINVAL, "\"%s\" is not SYSTEM:NAME", name);
		if (colon && colon != name && colon[1])
			return fail_position(
				log, (int32_t)(strchr(colon + 1, ':') - name));
		return fail_position(log, 0);
	}
	/* Nor may it walk out of the events directory. */
	if (name[slash] || name[0] == '.' || colon[1] == '.') {
		fail(log, -EINVAL, "\"%s\" can't be an event's name", name);
		return fail_position(log, name[slash] ? (int32_t)slash : 0);
	}
	return 0;
}

static int fail_unknown(struct perftrace_context *context, const char *name)
{
	struct log *log = context_get_log(context);
	struct perftrace_event_list *list;
	struct suggestions suggestions;
	char text[320];
	int ret;

	if (perftrace_event_list_new(context, NULL, &list)) {
		/* tracefs itself may be gone. */
		ret = context_check_tracefs(context);
		return ret ? ret :
			     fail(log, -ENOENT, "%s: no such event", name);
	}
	suggest_begin(&suggestions, name);
	event_list_suggest(list, &suggestions);
	suggest_write(&suggestions, text, sizeof(text));
	perftrace_event_list_free(list);
	fail(log, -ENOENT, "%s: no such event", name);
	if (*text)
		return fail_remedy(log, "did you mean %s?", text);
	return fail_remedy(log, "it may belong to a module that is not loaded");
}

/* -ENOTDIR: "sched:enable" is a file among the events. */
static bool is_unknown(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -ENAMETOOLONG;
}

static int fail_reading(struct perftrace_context *context, int error,
			const char *name, const char *file)
{
	char path[320];

	if (is_unknown(error))
		return fail_unknown(context, name);
	snprintf(path, sizeof(path), "events/%.*s/%s/%s",
		 (int)strcspn(name, ":"), name, strchr(name, ':') + 1, file);
	return tracefs_fail(context, error, path);
}

static struct perftrace_event *new_event(struct perftrace_context *context,
					 const char *name)
{
	struct perftrace_event *event = calloc(1, sizeof(*event));

	if (!event)
		return NULL;
	event->references = 1;
	event->kind = PERFTRACE_EVENT_TRACEPOINT;
	event->context = perftrace_context_ref(context);
	event->name = strdup(name);
	event->lock = lock_new();
	if (!event->name || !event->lock) {
		perftrace_event_unref(event);
		return NULL;
	}
	return event;
}

/* "SYSTEM:NAME"; NULL for a probe that does not stand in tracefs. */
static const char *get_tracefs_name(struct perftrace_event *event)
{
	if (event->is_adopted)
		return event->adopted_name;
	if (event->backing)
		return backing_get_tracefs_name(event->backing, 0);
	return event->kind == PERFTRACE_EVENT_FUNCTION ? FUNCTION_EVENT :
							 event->name;
}

static int copy_print_format(struct perftrace_event *event)
{
	static const char key[] = "\nprint fmt: ";
	const char *start = strstr(event->text, key);

	start = start ? start + strlen(key) : "";
	event->print_format = strndup(start, strcspn(start, "\n"));
	return event->print_format ? 0 : -ENOMEM;
}

/* An event that perf can't register has a format, but no id file. */
static int check_perf_support(struct perftrace_event *event)
{
	struct log *log = context_get_log(event->context);
	uint64_t id;
	const char *name = get_tracefs_name(event);
	int ret = tracefs_read_event_id(event->context, name, &id);

	if (ret && ret != -ENOENT)
		return fail_reading(event->context, ret, name, "id");
	if (!ret)
		return 0;
	return fail(log, -EOPNOTSUPP,
		    "%s: the kernel offers this event to its own tracer, not "
		    "to perf",
		    event->name);
}

static int read_event(struct perftrace_event *event)
{
	struct log *log = context_get_log(event->context);
	const char *name = get_tracefs_name(event);
	int ret = tracefs_read_event(event->context, name, "format",
				     &event->text, &event->text_bytes);

	if (ret)
		return fail_reading(event->context, ret, name, "format");
	ret = check_perf_support(event);
	if (ret)
		return ret;
	if (format_read_id(event->text, &event->id))
		return fail(log, -EBADMSG, "%s: its format file has no id",
			    event->name);
	return copy_print_format(event) ? fail_memory(log) : 0;
}

PERFTRACE_EXPORT int perftrace_event_find(struct perftrace_context *context,
					  const char *name,
					  struct perftrace_event **event)
{
	struct perftrace_event *made;
	const char *root;
	struct log *log;
	int ret;

	assert(context);
	log = context_get_log(context);
	if (!name)
		return fail(log, -EINVAL, "no event name given");
	ret = check_name(log, name);
	if (!ret)
		ret = perftrace_context_get_tracefs(context, &root);
	if (ret)
		return ret;
	made = new_event(context, name);
	if (!made)
		return fail_memory(log);
	ret = read_event(made);
	if (ret) {
		perftrace_event_unref(made);
		return ret;
	}
	*event = made;
	return 0;
}

PERFTRACE_EXPORT struct perftrace_event *
perftrace_event_ref(struct perftrace_event *event)
{
	assert(event);
	event->references++;
	return event;
}

PERFTRACE_EXPORT void perftrace_event_unref(struct perftrace_event *event)
{
	if (!event || --event->references)
		return;
	format_free(event->format);
	lock_free(event->lock);
	backing_free(event->backing);
	free(event->filter);
	free(event->adopted_name);
	free(event->print_format);
	free(event->text);
	free(event->name);
	perftrace_context_unref(event->context);
	free(event);
}

PERFTRACE_EXPORT int32_t perftrace_event_get_kind(struct perftrace_event *event)
{
	assert(event);
	return event->kind;
}

PERFTRACE_EXPORT const char *
perftrace_event_get_name(struct perftrace_event *event)
{
	assert(event);
	return event->name;
}

PERFTRACE_EXPORT uint64_t perftrace_event_get_id(struct perftrace_event *event)
{
	assert(event);
	return event->id;
}

PERFTRACE_EXPORT const char *
perftrace_event_get_tracefs_name(struct perftrace_event *event)
{
	const char *name;

	assert(event);
	name = get_tracefs_name(event);
	return name ? name : "";
}

static int fail_adopted(struct perftrace_event *event)
{
	struct log *log = context_get_log(event->context);

	fail(log, -EOPNOTSUPP, "%s is the probe of another process",
	     event->name);
	return fail_remedy(log, "ask where it was made");
}

int event_read_num_missed(struct perftrace_event *event, uint64_t *num_missed)
{
	bool is_kprobe = event->kind == PERFTRACE_EVENT_KPROBE ||
			 event->kind == PERFTRACE_EVENT_KRETPROBE;

	if (event->is_adopted || !is_kprobe)
		return -EOPNOTSUPP;
	return backing_get_num_missed(event->backing, num_missed);
}

PERFTRACE_EXPORT int
perftrace_event_get_num_missed(struct perftrace_event *event,
			       uint64_t *num_missed)
{
	struct log *log;
	int ret;

	assert(event);
	log = context_get_log(event->context);
	if (event->is_adopted)
		return fail_adopted(event);
	ret = event_read_num_missed(event, num_missed);
	if (ret == -EOPNOTSUPP)
		return fail(log, ret,
			    "%s: the kernel counts missed hits of named "
			    "kprobes and kretprobes alone",
			    event->name);
	if (ret == -ENOENT)
		return fail(log, ret, "%s is gone from tracefs", event->name);
	return ret ? tracefs_fail(event->context, ret, "kprobe_profile") : 0;
}

PERFTRACE_EXPORT const char *
perftrace_event_get_print_format(struct perftrace_event *event)
{
	assert(event);
	return event->print_format;
}

struct perftrace_context *event_get_context(struct perftrace_event *event)
{
	return event->context;
}

uint32_t event_get_perf_type(struct perftrace_event *event)
{
	if (get_tracefs_name(event))
		return PERF_TYPE_TRACEPOINT;
	return backing_get_local_type(event->backing);
}

size_t event_get_num_places(struct perftrace_event *event)
{
	return event->backing ? backing_get_num_places(event->backing) : 1;
}

uint64_t event_get_perf_config(struct perftrace_event *event, size_t place)
{
	if (!event->backing)
		return event->id;
	return backing_get_config(event->backing, place);
}

bool event_get_local_place(struct perftrace_event *event, size_t place,
			   const char **text, uint64_t *number)
{
	if (get_tracefs_name(event))
		return false;
	backing_get_local_place(event->backing, place, text, number);
	return true;
}

const char *event_get_filter(struct perftrace_event *event)
{
	return event->filter;
}

int event_make_format(struct perftrace_event *event, struct log *log,
		      struct format **format)
{
	int ret = 0;

	if (!event->format)
		ret = format_parse(log, event->name, event->text,
				   event->text_bytes, event, &event->format);
	if (!ret)
		*format = event->format;
	return ret;
}

int event_get_format(struct perftrace_event *event, struct format **format)
{
	int ret;

	lock_take(event->lock);
	ret = event_make_format(event, context_get_log(event->context), format);
	lock_release(event->lock);
	return ret;
}

PERFTRACE_EXPORT int64_t
perftrace_event_get_num_fields(struct perftrace_event *event)
{
	struct format *format;
	int ret;

	assert(event);
	ret = event_get_format(event, &format);
	return ret ? ret : (int64_t)format_get_num_fields(format);
}

PERFTRACE_EXPORT int perftrace_event_get_field(struct perftrace_event *event,
					       size_t index,
					       struct perftrace_field **field)
{
	struct format *format;
	int ret;

	assert(event);
	ret = event_get_format(event, &format);
	if (ret)
		return ret;
	if (index >= format_get_num_fields(format))
		return fail(context_get_log(event->context), -EINVAL,
			    "%s has %zu fields, none at %zu", event->name,
			    format_get_num_fields(format), index);
	*field = format_get_field(format, index);
	return 0;
}

static int fail_no_field(struct perftrace_event *event, struct format *format,
			 const char *name)
{
	struct log *log = context_get_log(event->context);
	char names[320];

	format_write_names(format, true, names, sizeof(names));
	fail(log, -ENOENT, "%s has no field %s", event->name, name);
	return fail_remedy(log, "it has %s", names);
}

PERFTRACE_EXPORT int perftrace_event_find_field(struct perftrace_event *event,
						const char *name,
						struct perftrace_field **field)
{
	struct perftrace_field *found;
	struct format *format;
	int ret;

	assert(event);
	if (!name)
		return fail(context_get_log(event->context), -EINVAL,
			    "no field name given");
	ret = event_get_format(event, &format);
	if (ret)
		return ret;
	found = format_find_field(format, name, strlen(name));
	if (!found)
		return fail_no_field(event, format, name);
	*field = found;
	return 0;
}

struct lock *event_get_lock(struct perftrace_event *event)
{
	return event->lock;
}

bool event_note_names(struct perftrace_event *event)
{
	bool had_names = event->has_names;

	event->has_names = true;
	return had_names;
}

/* Where tracefs is out of reach by now, a missing file says nothing. */
static bool can_see_events(struct perftrace_context *context)
{
	char *path;
	int ret = tracefs_path(context, &path, "events");

	if (ret)
		return false;
	ret = sys_check_directory(path);
	free(path);
	return !ret;
}

static int verify_name(struct perftrace_event *event, const char *name,
		       uint64_t wanted)
{
	struct log *log = context_get_log(event->context);
	uint64_t id;
	int ret = tracefs_read_event_id(event->context, name, &id);

	if (ret == -ENOENT && can_see_events(event->context)) {
		fail(log, -ENOENT, "%s is gone since it was looked up",
		     event->name);
		return fail_remedy(log, "its module was unloaded, or its probe "
					"removed");
	}
	if (ret || id == wanted)
		return 0;
	fail(log, -ENOENT,
	     "%s was %" PRIu64 " when it was looked up, and is %" PRIu64 " now",
	     event->name, wanted, id);
	return fail_remedy(log, "look it up again");
}

int event_verify(struct perftrace_event *event)
{
	size_t i;
	int ret = 0;

	if (!get_tracefs_name(event))
		return 0;
	if (!event->backing)
		return verify_name(event, get_tracefs_name(event), event->id);
	for (i = 0; !ret && i < backing_get_num_places(event->backing); i++)
		ret = verify_name(event,
				  backing_get_tracefs_name(event->backing, i),
				  backing_get_config(event->backing, i));
	return ret;
}

/* What the kernel is told later, for a probe that stands nowhere yet. */
static int write_event(struct perftrace_event *event)
{
	struct log *log = context_get_log(event->context);
	int ret = recipe_write_format(event->context,
				      backing_get_recipe(event->backing),
				      &event->text);

	if (ret)
		return ret;
	event->text_bytes = strlen(event->text);
	return copy_print_format(event) ? fail_memory(log) : 0;
}

int event_new_probe(struct perftrace_context *context, struct recipe *recipe,
		    struct perftrace_event **event)
{
	struct perftrace_event *made = new_event(context, recipe->name);
	int ret;

	if (!made) {
		recipe_clear(recipe);
		return fail_memory(context_get_log(context));
	}
	made->kind = recipe->kind;
	ret = backing_new(context, recipe, &made->backing);
	if (!ret)
		ret = get_tracefs_name(made) ? read_event(made) :
					       write_event(made);
	if (ret) {
		perftrace_event_unref(made);
		return ret;
	}
	*event = made;
	return 0;
}

int event_new_function(struct perftrace_context *context, const char *name,
		       const char *filter, struct perftrace_event **event)
{
	struct perftrace_event *made = new_event(context, name);
	int ret;

	if (!made)
		return fail_memory(context_get_log(context));
	made->kind = PERFTRACE_EVENT_FUNCTION;
	if (filter)
		made->filter = strdup(filter);
	ret = filter && !made->filter ? fail_memory(context_get_log(context)) :
					read_event(made);
	if (ret) {
		perftrace_event_unref(made);
		return ret;
	}
	*event = made;
	return 0;
}

struct backing *event_get_backing(struct perftrace_event *event)
{
	return event->backing;
}

int event_prepare(struct perftrace_event *event, const struct backing_use *use)
{
	int ret;

	if (event->is_adopted && event->kind != PERFTRACE_EVENT_TRACEPOINT &&
	    event->kind != PERFTRACE_EVENT_FUNCTION)
		return fail_adopted(event);
	if (!event->backing)
		return 0;
	ret = backing_prepare(event->backing, use);
	if (!ret && get_tracefs_name(event))
		event->id = backing_get_config(event->backing, 0);
	return ret;
}

bool event_is_named_probe(struct perftrace_event *event)
{
	return event->backing && get_tracefs_name(event);
}

void event_release(struct perftrace_event *event, bool has_failed)
{
	if (!event->backing)
		return;
	backing_release(event->backing, has_failed);
	if (!get_tracefs_name(event))
		event->id = 0;
}

int event_explain(struct perftrace_event *event, int error)
{
	int ret = event_verify(event);

	if (ret || get_tracefs_name(event))
		return ret ? ret : error;
	return backing_explain(event->backing, error);
}

void event_describe(struct perftrace_event *event,
		    struct manifest_event *manifest)
{
	*manifest = (struct manifest_event){
		.kind = event->kind,
		.name = event->name,
		.tracefs_name = get_tracefs_name(event),
		.filter = event->filter,
		.id = event->id,
		.text = event->text,
	};
}

static int copy_text(const char *from, char **to)
{
	if (from)
		*to = strdup(from);
	return from && !*to ? -ENOMEM : 0;
}

int event_adopt(struct perftrace_context *context,
		const struct manifest_event *manifest,
		struct perftrace_event **event)
{
	struct perftrace_event *made = new_event(context, manifest->name);

	if (!made)
		return fail_memory(context_get_log(context));
	made->kind = manifest->kind;
	made->is_adopted = true;
	made->id = manifest->id;
	if (copy_text(manifest->tracefs_name, &made->adopted_name) ||
	    copy_text(manifest->filter, &made->filter) ||
	    copy_text(manifest->text, &made->text) || copy_print_format(made)) {
		perftrace_event_unref(made);
		return fail_memory(context_get_log(context));
	}
	made->text_bytes = strlen(made->text);
	*event = made;
	return 0;
}
