/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel knows a uprobe by a file and an offset in it
 * (Documentation/trace/uprobetracer.rst). It checks little: an offset inside of
 * an instruction or of data opens, and breaks the program or never fires. So
 * the place is held against the file's symbols and segments here.
 *
 * $arg1 and its likes are the kernel's for kprobes alone. Here they stand for
 * where the calling convention of the machine has the N-th integer argument
 * when a function is entered.
 */
#include "uprobe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "binary.h"
#include "context.h"
#include "definition.h"
#include "identifier.h"
#include "log.h"
#include "probe_settings.h"
#include "program.h"
#include "recipe.h"
#include "registers.h"

struct work {
	struct log *log;
	const struct probe_settings *settings;
	struct recipe *recipe;
	struct program program;
	struct binary_place place;
	struct argument_names names;
};

/* To the caller it is a place like any other that makes no sense. */
static int fail_place(struct work *work, int error, int32_t position)
{
	if (error == -ENOMEM)
		return error;
	if (error == -ERANGE)
		fail(work->log, -EINVAL, "%s", log_get_error(work->log));
	return fail_position(work->log, position);
}

static int check_offset(struct work *work)
{
	const struct probe_settings *settings = work->settings;

	if (!settings->offset)
		return 0;
	if (work->recipe->is_return)
		return recipe_fail_inside(work->log, work->recipe,
					  settings->offset);
	if (!work->place.size || settings->offset < work->place.size)
		return 0;
	fail(work->log, -EINVAL,
	     "%s: the offset %" PRIu64 " is outside of the function, which is "
	     "%" PRIu64 " bytes long",
	     work->recipe->name, settings->offset, work->place.size);
	return fail_position(work->log, settings->offset_position);
}

static int find_symbol(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	struct binary *binary = work->program.binary;
	int ret = binary_find_function(binary, settings->symbol, &work->place);

	if (ret)
		return fail_place(work, ret, settings->symbol_position);
	ret = check_offset(work);
	if (ret || !settings->offset)
		return ret;
	work->place.into = settings->offset;
	ret = binary_translate(binary, work->place.address + settings->offset,
			       true, &work->place.offset);
	return ret ? fail_place(work, ret, settings->offset_position) : 0;
}

/* Of a return probe the start alone makes sense, if it is known. */
static int check_number(struct work *work)
{
	const struct binary_place *place = &work->place;

	if (!work->recipe->is_return || !place->name || !place->into)
		return 0;
	return recipe_fail_inside(work->log, work->recipe, place->into);
}

static int find_number(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	struct binary *binary = work->program.binary;
	int ret;

	if (settings->place == PLACE_ADDRESS)
		ret = binary_find_address(binary, settings->offset,
					  &work->place);
	else
		ret = binary_find_offset(binary, settings->offset,
					 &work->place);
	if (ret)
		return fail_place(work, ret, settings->offset_position);
	return check_number(work);
}

static int find_place(struct work *work)
{
	if (work->settings->place == PLACE_SYMBOL && work->settings->symbol)
		return find_symbol(work);
	if (work->settings->place == PLACE_ADDRESS ||
	    work->settings->place == PLACE_FILE_OFFSET)
		return find_number(work);
	return fail(work->log, -EINVAL, "%s: no place in the file is given",
		    work->recipe->name);
}

static bool is_at_entry(const struct work *work)
{
	return !work->recipe->is_return && !work->place.into &&
	       binary_is_64bit(work->program.binary);
}

static int fail_no_entry(struct work *work, const char *text, int32_t position)
{
	fail(work->log, -EINVAL,
	     "%s: \"%s\": arguments are known where a function of 64-bit code "
	     "begins, and nowhere else",
	     work->recipe->name, text);
	fail_position(work->log, position);
	return fail_remedy(work->log, "name a function without an offset, or "
				      "registers");
}

static void add_piece(struct work *work, const struct probe_argument *source,
		      const char *text, size_t start)
{
	if (source->is_verbatim)
		definition_copy(work->recipe->bodies,
				source->position + (int32_t)start, text);
	else
		definition_add(work->recipe->bodies, source->position, text);
}

/* A fetch argument as it stands, but for the $argN in it. */
static int add_raw(struct work *work, const struct probe_argument *source)
{
	char *copy = strdup(source->text), *start = copy, *at = copy;
	char word[16];
	size_t length;

	if (!copy)
		return fail_memory(work->log);
	while (*at) {
		unsigned int number = argument_read_number(at, &length);
		int32_t here = source->position + (int32_t)(at - copy);

		if (!number) {
			at++;
			continue;
		}
		if (!is_at_entry(work) ||
		    !registers_write_word(machine_this(), number - 1, false,
					  word, sizeof(word))) {
			free(copy);
			return fail_no_entry(work, source->text, here);
		}
		*at = '\0';
		add_piece(work, source, start, (size_t)(start - copy));
		definition_add(work->recipe->bodies, here, word);
		at += length;
		start = at;
	}
	add_piece(work, source, start, (size_t)(start - copy));
	free(copy);
	return 0;
}

static int fail_typed(struct work *work, const char *text, int32_t position)
{
	fail(work->log, -EINVAL,
	     "%s: \"%s\": the names and types of a program's parameters are "
	     "not known",
	     work->recipe->name, text);
	fail_position(work->log, position);
	return fail_remedy(work->log,
			   "$arg1:s32 is the first integer argument at a "
			   "function's start, +0($arg1):string what it points "
			   "to, $retval:s32 what a function returns");
}

static int add_argument(struct work *work, size_t index)
{
	const struct probe_argument *source = &work->settings->arguments[index];
	struct definition *body = work->recipe->bodies;
	struct argument argument;
	int ret = argument_parse(work->log, source, &argument);

	definition_add(body, NO_POSITION, " ");
	if (!ret && !argument.is_raw &&
	    strcmp(argument.expression, "$retval") != 0)
		ret = fail_typed(work, source->text,
				 source->position + argument.offset);
	argument_clear(&argument);
	if (ret)
		return ret;
	argument_copy_name(source, work->names.names[index], body);
	return add_raw(work, source);
}

/* "PATH:0xOFFSET ARGUMENTS", and the same for perf_event_open(2). */
static int write_recipe(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	struct recipe *recipe = work->recipe;
	char number[32];
	size_t i;
	int ret = recipe_add_places(work->log, recipe, 1);

	if (ret)
		return ret;
	recipe->pmu = "uprobe";
	recipe->file = "uprobe_events";
	recipe->places->number = work->place.offset;
	ret = program_give_file(work->log, &work->program, settings->pid,
				recipe);
	if (ret)
		return ret;
	snprintf(number, sizeof(number), ":%#" PRIx64, work->place.offset);
	definition_add(recipe->bodies, settings->path_position,
		       recipe_get_path(recipe));
	definition_add(recipe->bodies, settings->symbol_position, number);
	argument_choose_names(settings, &work->names);
	for (i = 0; !ret && i < settings->num_arguments; i++)
		ret = add_argument(work, i);
	return ret;
}

static int name_recipe(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	const char *symbol = settings->symbol ? settings->symbol : "";

	if (settings->place != PLACE_SYMBOL)
		return recipe_set_name(
			work->log, settings, work->recipe, "%s%#" PRIx64,
			settings->place == PLACE_FILE_OFFSET ? "+" : "",
			settings->offset);
	if (settings->offset)
		return recipe_set_name(work->log, settings, work->recipe,
				       "%s+%" PRIu64, symbol, settings->offset);
	return recipe_set_name(work->log, settings, work->recipe, "%s", symbol);
}

int uprobe_prepare(struct perftrace_context *context,
		   const struct probe_settings *settings, struct recipe *recipe)
{
	struct work work = {
		.log = context_get_log(context),
		.settings = settings,
		.recipe = recipe,
	};
	int ret = name_recipe(&work);

	if (ret)
		return ret;
	if (!settings->path)
		return fail(work.log, -EINVAL, "%s: no file is given",
			    recipe->name);
	ret = program_open(work.log, settings->path, settings->pid,
			   settings->place == PLACE_SYMBOL, &work.program);
	if (ret) {
		fail_position(work.log, settings->path_position);
		return ret;
	}
	ret = find_place(&work);
	if (!ret)
		ret = write_recipe(&work);
	program_close(&work.program);
	return ret;
}
