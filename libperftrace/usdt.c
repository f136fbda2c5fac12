/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A marker is a no-op in a program's code, and a note beside it that says where
 * it is, and which registers and memory hold its arguments. It may be there many
 * times, where the compiler has copied the code around it, with other registers
 * each time. The event is one: a probe is put at each place, and its fields take
 * their values from wherever that place has them, with the same names, types and
 * offsets at all places, so that one format reads them all. In tracefs each is
 * an event of its own: dynevent.c says why.
 *
 * Where the program asks for it, a counter in its memory, the semaphore, says
 * how many look at the marker; the kernel counts it (ref_ctr_offset).
 */
#include "usdt.h"

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
#include "log.h"
#include "probe_settings.h"
#include "program.h"
#include "recipe.h"
#include "registers.h"
#include "sdt_operand.h"
#include "suggest.h"

#define TEXT_BYTES 64

/* Each takes a descriptor for each CPU; more is a mistake, or hostile. */
#define MOST_PLACES 1024

/* One place of the marker. */
struct place {
	const struct binary_marker *marker;
	struct sdt_operand operands[SDT_OPERANDS_MAX];
	/* Of those that are in memory at a symbol: "@+N" of the kernel's. */
	int64_t offsets[SDT_OPERANDS_MAX];
	size_t num_operands;
};

struct work {
	struct log *log;
	const struct probe_settings *settings;
	struct recipe *recipe;
	struct program program;
	struct place *places;
	size_t num_places;
	struct argument_names names;
};

static bool is_wanted(const struct work *work,
		      const struct binary_marker *marker)
{
	const struct probe_settings *settings = work->settings;

	return !strcmp(marker->name, settings->symbol) &&
	       (!settings->provider ||
		!strcmp(marker->provider, settings->provider));
}

static int fail_no_marker(struct work *work,
			  const struct binary_marker *markers, size_t count)
{
	const struct probe_settings *settings = work->settings;
	struct suggestions suggestions;
	char text[320];
	size_t i;

	fail(work->log, -ENOENT, "%s: %s has %s", work->recipe->name,
	     work->program.file.path,
	     count ? "no such marker" : "no markers at all");
	fail_position(work->log, settings->symbol_position);
	suggest_begin(&suggestions, settings->symbol);
	for (i = 0; i < count; i++) {
		/* The right name of another provider is worth to be told. */
		const char *name = !strcmp(markers[i].name, settings->symbol) ?
					   markers[i].provider :
					   markers[i].name;

		if (name == markers[i].provider)
			return fail_remedy(work->log, "did you mean %s:%s?",
					   name, settings->symbol);
		suggest_offer(&suggestions, name);
	}
	suggest_write(&suggestions, text, sizeof(text));
	if (*text)
		return fail_remedy(work->log, "did you mean %s?", text);
	return fail_remedy(work->log, "perftrace_marker_list_new() lists those "
				      "that there are");
}

static int fail_providers(struct work *work, const char *first,
			  const char *second)
{
	fail(work->log, -EADDRNOTAVAIL,
	     "%s: several providers have it, %s and %s among them",
	     work->recipe->name, first, second);
	fail_position(work->log, work->settings->symbol_position);
	return fail_remedy(work->log, "name the provider, too: %s:%s", first,
			   work->settings->symbol);
}

/*
 * "@+N" of the kernel's is N bytes from where the probe's segment would have
 * the file's start: so it is counted from the probe.
 */
static int locate_symbol(struct work *work, struct place *place, size_t index)
{
	struct sdt_operand *operand = &place->operands[index];
	const struct binary_marker *marker = place->marker;
	char *name = strndup(marker->arguments + operand->symbol_position,
			     operand->symbol_length);
	uint64_t address = 0;
	int ret;

	if (!name)
		return fail_memory(work->log);
	ret = binary_find_symbol_address(work->program.binary, name, &address);
	free(name);
	place->offsets[index] =
		(int64_t)(address - marker->address + marker->offset) +
		operand->value;
	if (!ret || ret == -ENOMEM)
		return ret;
	operand->kind = SDT_OPERAND_UNSUPPORTED;
	operand->reason = "is at a symbol that the file does not tell";
	return 0;
}

static int locate_symbols(struct work *work, struct place *place)
{
	struct failure *before = log_save(work->log);
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < place->num_operands; i++) {
		if (place->operands[i].kind == SDT_OPERAND_SYMBOL_MEMORY)
			ret = locate_symbol(work, place, i);
	}
	if (ret)
		free(before);
	else
		log_restore(work->log, before);
	return ret;
}

static int parse_place(struct work *work, const struct binary_marker *marker)
{
	struct place *place = &work->places[work->num_places];
	int ret;

	if (work->num_places == MOST_PLACES)
		return fail(work->log, -E2BIG,
			    "%s: the marker has more than %d places",
			    work->recipe->name, MOST_PLACES);
	place->marker = marker;
	work->num_places++;
	/* Other registers, and other names of them. */
	if (!binary_is_64bit(work->program.binary))
		return 0;
	ret = sdt_operands_parse(work->log, machine_this(), marker->arguments,
				 place->operands, SDT_OPERANDS_MAX,
				 &place->num_operands);
	return ret ? ret : locate_symbols(work, place);
}

static bool has_place_at(const struct work *work, uint64_t address)
{
	size_t i;

	for (i = 0; i < work->num_places; i++) {
		if (work->places[i].marker->address == address)
			return true;
	}
	return false;
}

static int find_places(struct work *work)
{
	const struct binary_marker *markers;
	size_t count, i;
	int ret = binary_get_markers(work->program.binary, &markers, &count);

	if (ret)
		return ret;
	work->places = calloc((count < MOST_PLACES ? count : MOST_PLACES) + 1,
			      sizeof(*work->places));
	if (!work->places)
		return fail_memory(work->log);
	for (i = 0; i < count; i++) {
		const char *provider = markers[i].provider;

		if (!is_wanted(work, &markers[i]) ||
		    has_place_at(work, markers[i].address))
			continue;
		if (work->num_places &&
		    strcmp(work->places[0].marker->provider, provider))
			return fail_providers(work,
					      work->places[0].marker->provider,
					      provider);
		ret = parse_place(work, &markers[i]);
		if (ret)
			return ret;
	}
	return work->num_places ? 0 : fail_no_marker(work, markers, count);
}

/* What the value of a field is, and where; for one place. */
struct value {
	char text[TEXT_BYTES];
	char type[TEXT_BYTES];
};

/* The reason of a failure goes without the marker's name. */
static int write_value(struct work *work, const struct place *place,
		       size_t index, const char *type, struct value *value)
{
	const struct sdt_operand *operand;

	if (!binary_is_64bit(work->program.binary))
		return fail(work->log, -EOPNOTSUPP,
			    "arguments of 32-bit markers are not understood");
	if (index >= place->num_operands)
		return fail(work->log, -EINVAL,
			    "there is no arg%zu at %#" PRIx64, index + 1,
			    place->marker->address);
	operand = &place->operands[index];
	if (operand->kind == SDT_OPERAND_UNSUPPORTED)
		return fail(work->log, -EINVAL,
			    "arg%zu at %#" PRIx64 " is "
			    "%.*s, which %s",
			    index + 1, place->marker->address,
			    (int)operand->length,
			    place->marker->arguments + operand->position,
			    operand->reason);
	if (sdt_operand_write(operand, type, place->offsets[index], value->text,
			      sizeof(value->text), value->type,
			      sizeof(value->type)))
		return fail(work->log, -EINVAL,
			    "arg%zu at %#" PRIx64
			    " makes a text that is longer "
			    "than the kernel takes",
			    index + 1, place->marker->address);
	return 0;
}

/* Can a field be had at all places, in one type? */
static int check_value(struct work *work, size_t index, const char *type)
{
	struct value first, other;
	size_t i;
	int ret = write_value(work, &work->places[0], index, type, &first);

	for (i = 1; !ret && i < work->num_places; i++) {
		ret = write_value(work, &work->places[i], index, type, &other);
		if (!ret && strcmp(first.type, other.type))
			ret = fail(work->log, -EINVAL,
				   "arg%zu is %s at %#" PRIx64 " and %s at "
				   "%#" PRIx64 ", but a field has one type",
				   index + 1, first.type,
				   work->places[0].marker->address, other.type,
				   work->places[i].marker->address);
	}
	return ret;
}

static void add_value(struct definition *body, int32_t position,
		      const char *name, const struct value *value)
{
	definition_add(body, position, " ");
	definition_add(body, position, name);
	definition_add(body, position, "=");
	definition_add(body, position, value->text);
	definition_add(body, position, ":");
	definition_add(body, position, value->type);
}

/* The same field for all places; it has been checked. */
static int add_field(struct work *work, size_t index, const char *name,
		     const char *type, int32_t position)
{
	struct value value;
	size_t i;

	for (i = 0; i < work->num_places; i++) {
		int ret = write_value(work, &work->places[i], index, type,
				      &value);

		if (ret)
			return ret;
		add_value(&work->recipe->bodies[i], position, name, &value);
	}
	work->recipe->needs_named = "only a named probe records arguments";
	return 0;
}

/* "arg3"; -1: it is none. */
static int read_index(const char *expression)
{
	char *end;
	long number;

	if (strncmp(expression, "arg", 3) || expression[3] < '1' ||
	    expression[3] > '9')
		return -1;
	number = strtol(expression + 3, &end, 10);
	return *end || number > SDT_OPERANDS_MAX ? -1 : (int)number - 1;
}

/* Put the subject before the reason, and say where in the spec it is. */
static int fail_argument(struct work *work, int error, int32_t position)
{
	fail(work->log, error, "%s: %s", work->recipe->name,
	     log_get_error(work->log));
	return fail_position(work->log, position);
}

static int fail_no_argument(struct work *work, const char *text,
			    int32_t position)
{
	fail(work->log, -EINVAL, "%s: \"%s\" is no argument of a marker",
	     work->recipe->name, text);
	fail_position(work->log, position);
	return fail_remedy(work->log,
			   "they are arg1 to arg%zu; so is a fetch argument of "
			   "the kernel's own, such as %%di:u64",
			   work->places[0].num_operands);
}

static void add_raw(struct work *work, size_t index)
{
	size_t i;

	for (i = 0; i < work->num_places; i++) {
		struct definition *body = &work->recipe->bodies[i];

		definition_add(body, NO_POSITION, " ");
		argument_copy(&work->settings->arguments[index],
			      work->names.names[index], body);
	}
}

static int add_parsed(struct work *work, const struct probe_argument *source,
		      const struct argument *argument)
{
	int index = read_index(argument->expression), ret;
	const char *name = *argument->name ? argument->name :
					     argument->expression;
	int32_t position = source->position + argument->offset;

	if (index < 0)
		return fail_no_argument(work, argument->expression, position);
	ret = check_value(work, (size_t)index, argument->type);
	if (!ret)
		ret = add_field(work, (size_t)index, name, argument->type,
				source->position);
	return ret ? fail_argument(work, ret, position) : 0;
}

static int add_argument(struct work *work, size_t index)
{
	const struct probe_argument *source = &work->settings->arguments[index];
	struct argument argument;
	int ret = argument_parse(work->log, source, &argument);

	if (!ret && argument.is_raw)
		add_raw(work, index);
	else if (!ret)
		ret = add_parsed(work, source, &argument);
	argument_clear(&argument);
	return ret;
}

/* All that can be had; what can't is the log's. */
static int add_all(struct work *work)
{
	size_t i;

	for (i = 0; i < work->places[0].num_operands; i++) {
		struct failure *before = log_save(work->log);
		char name[32];
		int ret = check_value(work, i, NULL);

		snprintf(name, sizeof(name), "arg%zu", i + 1);
		if (ret)
			log_warning(work->log, "%s: without %s: %s",
				    work->recipe->name, name,
				    log_get_error(work->log));
		log_restore(work->log, before);
		if (!ret)
			ret = add_field(work, i, name, NULL, NO_POSITION);
		if (ret == -ENOMEM)
			return ret;
	}
	return 0;
}

/* "PATH:0xOFFSET(0xSEMAPHORE)" for each place. */
static int write_places(struct work *work)
{
	struct recipe *recipe = work->recipe;
	size_t i;
	int ret = recipe_add_places(work->log, recipe, work->num_places);

	if (ret)
		return ret;
	recipe->pmu = "uprobe";
	recipe->file = "uprobe_events";
	ret = program_give_file(work->log, &work->program, work->settings->pid,
				recipe);
	if (ret)
		return ret;
	for (i = 0; i < work->num_places; i++) {
		const struct binary_marker *marker = work->places[i].marker;
		char counter[32] = "", place[80];

		recipe->places[i] = (struct recipe_place){
			marker->offset,
			marker->semaphore_offset,
		};
		/* The PMU has 32 bits for it. */
		if (marker->semaphore_offset >> 32)
			recipe->needs_named = "its semaphore is too far into "
					      "the file";
		if (marker->semaphore_offset)
			snprintf(counter, sizeof(counter), "(%#" PRIx64 ")",
				 marker->semaphore_offset);
		snprintf(place, sizeof(place), ":%#" PRIx64 "%s",
			 marker->offset, counter);
		definition_add(&recipe->bodies[i],
			       work->settings->path_position,
			       recipe_get_path(recipe));
		definition_add(&recipe->bodies[i],
			       work->settings->symbol_position, place);
	}
	return 0;
}

static int write_recipe(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	size_t i;
	int ret = write_places(work);

	argument_choose_names(settings, &work->names);
	if (!ret && !settings->has_arguments &&
	    settings->mode != PERFTRACE_PROBE_LOCAL)
		ret = add_all(work);
	for (i = 0; !ret && i < settings->num_arguments; i++)
		ret = add_argument(work, i);
	return ret;
}

static int name_recipe(struct work *work)
{
	const struct probe_settings *settings = work->settings;

	return recipe_set_name(work->log, settings, work->recipe, "%s%s%s",
			       settings->provider ? settings->provider : "",
			       settings->provider ? ":" : "", settings->symbol);
}

int usdt_prepare(struct perftrace_context *context,
		 const struct probe_settings *settings, struct recipe *recipe)
{
	struct work work = {
		.log = context_get_log(context),
		.settings = settings,
		.recipe = recipe,
	};
	int ret;

	if (!settings->path || !settings->symbol)
		return fail(work.log, -EINVAL, "usdt: no %s is given",
			    settings->path ? "marker" : "file");
	ret = name_recipe(&work);
	if (ret)
		return ret;
	ret = program_open(work.log, settings->path, settings->pid, true,
			   &work.program);
	if (ret) {
		fail_position(work.log, settings->path_position);
		return ret;
	}
	ret = find_places(&work);
	if (!ret)
		ret = write_recipe(&work);
	free(work.places);
	program_close(&work.program);
	return ret;
}
