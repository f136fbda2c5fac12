/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recipe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "definition.h"
#include "log.h"
#include "probe_settings.h"
#include "sys.h"
#include "tracefs.h"

int recipe_init(struct log *log, const struct probe_settings *settings,
		struct recipe *recipe)
{
	*recipe = (struct recipe){
		.kind = settings->kind,
		.mode = settings->mode,
		.is_return = settings->kind == PERFTRACE_EVENT_KRETPROBE ||
			     settings->kind == PERFTRACE_EVENT_URETPROBE,
		.symbol_position = settings->symbol_position,
		.offset_position = settings->offset_position,
		.fd = -1,
	};
	if (settings->num_arguments)
		recipe->needs_named = "only a named probe records arguments";
	strcpy(recipe->type, recipe->is_return ? "r" : "p");
	if (settings->place != PLACE_SYMBOL || !settings->symbol)
		return 0;
	recipe->symbol = strdup(settings->symbol);
	return recipe->symbol ? 0 : fail_memory(log);
}

void recipe_clear(struct recipe *recipe)
{
	sys_close(recipe->fd);
	free(recipe->name);
	recipe_drop_bodies(recipe);
	free(recipe->local_text);
	free(recipe->path);
	free(recipe->places);
	free(recipe->symbol);
}

int recipe_set_name(struct log *log, const struct probe_settings *settings,
		    struct recipe *recipe, const char *place, ...)
{
	const char *kind = probe_kind_name(settings->kind);
	va_list arguments;
	char *name;
	int ret;

	va_start(arguments, place);
	ret = vasprintf(&name, place, arguments);
	va_end(arguments);
	if (ret < 0)
		return fail_memory(log);
	ret = asprintf(&recipe->name, "%s:%s", kind,
		       settings->name ? settings->name : name);
	free(name);
	if (ret >= 0)
		return 0;
	recipe->name = NULL;
	return fail_memory(log);
}

const char *recipe_get_path(const struct recipe *recipe)
{
	return recipe->path ? recipe->path : recipe->local_text;
}

int recipe_check_path(struct log *log, const struct recipe *recipe)
{
	struct sys_node node;

	if (!recipe->path ||
	    (!sys_describe_path(recipe->path, &node) &&
	     node.device == recipe->device && node.inode == recipe->inode))
		return 0;
	fail(log, -ESTALE, "%s: %s was replaced since it was looked up",
	     recipe->name, recipe->path);
	return fail_remedy(log, "make the event again");
}

int recipe_fail_inside(struct log *log, const struct recipe *recipe,
		       uint64_t offset)
{
	fail(log, -EINVAL,
	     "%s: a return probe goes with a function, not with a place "
	     "%" PRIu64 " bytes into it",
	     recipe->name, offset);
	return fail_position(log, recipe->offset_position);
}

int recipe_add_places(struct log *log, struct recipe *recipe, size_t count)
{
	size_t i;

	recipe->places = calloc(count, sizeof(*recipe->places));
	recipe->bodies = calloc(count, sizeof(*recipe->bodies));
	if (!recipe->places || !recipe->bodies)
		return fail_memory(log);
	for (i = 0; i < count; i++)
		definition_begin(&recipe->bodies[i]);
	recipe->num_places = count;
	return 0;
}

void recipe_drop_bodies(struct recipe *recipe)
{
	free(recipe->bodies);
	recipe->bodies = NULL;
}

/*
 * The fields that all events begin with differ between kernels, but not between
 * the events of one: they are copied from an event that every kernel has. One
 * that shows none to this user is taken to have what mainline has.
 */
static char *copy_common_fields(struct perftrace_context *context)
{
	static const char fallback[] =
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;"
		"\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;"
		"\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;"
		"\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n";
	struct log *log = context_get_log(context);
	struct failure *before = log_save(log);
	char *text, *start, *end, *copy = NULL;
	size_t text_bytes;

	if (!tracefs_read_event(context, "ftrace:print", "format", &text,
				&text_bytes)) {
		start = strstr(text, "\tfield:");
		end = start ? strstr(start, "\n\n") : NULL;
		if (end)
			copy = strndup(start, (size_t)(end - start) + 1);
		free(text);
	}
	log_restore(log, before);
	return copy ? copy : strdup(fallback);
}

/* Behind the common fields, aligned as a long. */
static unsigned int find_own_offset(const char *common)
{
	const char *last = NULL, *at = common;
	unsigned int offset = 0, size = 0;

	while ((at = strstr(at, "offset:")))
		last = at++;
	if (last)
		sscanf(last, "offset:%u; size:%u", &offset, &size);
	return (offset + size + 7) / 8 * 8;
}

/*
 * struct kprobe_trace_entry_head and its likes in kernel/trace/trace_probe.h;
 * fields and print format as kprobe_event_define_fields() and
 * traceprobe_set_print_fmt() make them.
 */
int recipe_write_format(struct perftrace_context *context,
			const struct recipe *recipe, char **text)
{
	char *common = copy_common_fields(context);
	unsigned int offset;
	char *made;
	int ret;

	if (!common)
		return fail_memory(context_get_log(context));
	offset = find_own_offset(common);
	if (recipe->is_return)
		ret = asprintf(&made,
			       "name: %s\nID: 0\nformat:\n%s\n"
			       "\tfield:unsigned long __probe_func;"
			       "\toffset:%u;\tsize:%zu;\tsigned:0;\n"
			       "\tfield:unsigned long __probe_ret_ip;"
			       "\toffset:%zu;\tsize:%zu;\tsigned:0;\n\n"
			       "print fmt: \"(%%lx <- %%lx)\", "
			       "REC->__probe_func, REC->__probe_ret_ip\n",
			       "probe", common, offset, sizeof(long),
			       offset + sizeof(long), sizeof(long));
	else
		ret = asprintf(&made,
			       "name: %s\nID: 0\nformat:\n%s\n"
			       "\tfield:unsigned long __probe_ip;"
			       "\toffset:%u;\tsize:%zu;\tsigned:0;\n\n"
			       "print fmt: \"(%%lx)\", REC->__probe_ip\n",
			       "probe", common, offset, sizeof(long));
	free(common);
	if (ret < 0)
		return fail_memory(context_get_log(context));
	*text = made;
	return 0;
}
