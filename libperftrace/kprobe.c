/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the kernel refuses a kprobe, it says little: EINVAL stands for a
 * blacklisted function, for one that ftrace does not know, for an instruction
 * that can't be probed. So the place is held against what the kernel shows of
 * itself, before the kernel is asked where that is cheap (/proc/kallsyms, the
 * blacklist), and afterwards where it is not (the list of what can be traced).
 * The rules are those of kernel/trace/trace_kprobe.c and kernel/kprobes.c.
 *
 * Of a name with several addresses older kernels silently take the first, newer
 * ones none (EADDRNOTAVAIL). Here it is an error on all.
 */
#include "kprobe.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "btf.h"
#include "context.h"
#include "definition.h"
#include "export.h"
#include "fetch.h"
#include "log.h"
#include "probe_settings.h"
#include "recipe.h"
#include "registers.h"
#include "suggest.h"
#include "symbols.h"
#include "sys.h"
#include "tracefs.h"

#define MOST_MATCHES 8

struct work {
	struct perftrace_context *context;
	struct log *log;
	const struct probe_settings *settings;
	struct recipe *recipe;
	/* The function that the place is in; its name is NULL: not known. */
	struct symbol function;
	struct argument_names names;
};

static int fail_no_module(struct work *work)
{
	fail(work->log, -ENOENT, "%s: the module %s is not loaded",
	     work->recipe->name, work->settings->module);
	fail_position(work->log, work->settings->module_position);
	return fail_remedy(work->log,
			   "modprobe %s, or leave the module out "
			   "if the function is built in",
			   work->settings->module);
}

static int fail_no_function(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	struct symbols *symbols = context_get_symbols(work->context);
	struct suggestions suggestions;
	char text[320];

	if (settings->module && !symbols_has_module(symbols, settings->module))
		return fail_no_module(work);
	symbols_write_variants(symbols, settings->symbol, text, sizeof(text));
	fail(work->log, -ENOENT, "%s: the kernel has no function %s%s%s",
	     work->recipe->name, settings->symbol,
	     settings->module ? " in the module " : "",
	     settings->module ? settings->module : "");
	fail_position(work->log, settings->symbol_position);
	if (*text)
		return fail_remedy(work->log,
				   "the compiler has made %s of it; parts and "
				   "clones may have other arguments",
				   text);
	suggest_begin(&suggestions, settings->symbol);
	symbols_suggest(symbols, settings->module, &suggestions);
	suggest_write(&suggestions, text, sizeof(text));
	if (*text)
		return fail_remedy(work->log, "did you mean %s?", text);
	return fail_remedy(work->log, "it may be inlined everywhere, or in a "
				      "module that is not loaded");
}

static int fail_ambiguous(struct work *work, const struct symbol *matches,
			  int count)
{
	char text[480] = "";
	size_t used = 0;
	int i;

	for (i = 0; i < count && i < MOST_MATCHES && used < sizeof(text); i++)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%s%#" PRIx64 "%s%s",
			i ? ", " : "", matches[i].address,
			matches[i].module ? " in " : "",
			matches[i].module ? matches[i].module : "");
	fail(work->log, -EADDRNOTAVAIL, "%s: %d functions are called %s: %s%s",
	     work->recipe->name, count, work->settings->symbol, text,
	     count > MOST_MATCHES ? ", ..." : "");
	fail_position(work->log, work->settings->symbol_position);
	return fail_remedy(work->log, "choose one by its address, or by its "
				      "module");
}

static int find_function(struct work *work)
{
	struct symbol matches[MOST_MATCHES] = { 0 };
	int count = symbols_match(context_get_symbols(work->context),
				  work->settings->symbol,
				  work->settings->module, matches,
				  MOST_MATCHES);

	/* Hidden addresses: the kernel has to judge. */
	if (count < 0)
		return 0;
	if (!count)
		return fail_no_function(work);
	if (count > 1)
		return fail_ambiguous(work, matches, count);
	work->function = matches[0];
	return 0;
}

/* The types of arguments need a function, also where an address is given. */
static void find_function_at(struct work *work)
{
	uint64_t address = work->settings->offset, start;
	const char *module;
	const char *name = symbols_find(context_get_symbols(work->context),
					address, &start, &module);

	if (name && start == address)
		work->function = (struct symbol){
			.address = start,
			.name = name,
			.module = module,
		};
}

static int check_offset(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	uint64_t size = work->function.size;

	if (settings->place != PLACE_SYMBOL || !settings->offset)
		return 0;
	if (work->recipe->is_return)
		return recipe_fail_inside(work->log, work->recipe,
					  settings->offset);
	if (!size || settings->offset < size)
		return 0;
	fail(work->log, -EINVAL,
	     "%s: the offset %" PRIu64 " is outside of the function, which "
	     "ends before its byte %" PRIu64,
	     work->recipe->name, settings->offset, size);
	return fail_position(work->log, settings->offset_position);
}

static char *read_blacklist(void)
{
	char *debugfs, *path, *text = NULL;
	size_t text_bytes;
	int ret;

	if (sys_find_mount("debugfs", NULL, &debugfs))
		return NULL;
	ret = asprintf(&path, "%s/kprobes/blacklist", debugfs);
	free(debugfs);
	if (ret < 0)
		return NULL;
	if (sys_read_file(path, &text, &text_bytes))
		text = NULL;
	free(path);
	return text;
}

/* "0xffffffff81000000-0xffffffff81000040	name" a line. */
static bool is_blacklisted(const char *text, uint64_t address)
{
	uint64_t start, end;

	while (*text) {
		if (sscanf(text, "%" SCNx64 "-%" SCNx64, &start, &end) == 2 &&
		    address >= start && address < end)
			return true;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return false;
}

static int check_blacklist(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	uint64_t address = settings->offset + work->function.address;
	bool is_forbidden;
	char *text;

	if (settings->place == PLACE_ADDRESS)
		address = settings->offset;
	else if (!work->function.name)
		return 0;
	text = read_blacklist();
	is_forbidden = text && is_blacklisted(text, address);
	free(text);
	if (!is_forbidden)
		return 0;
	fail(work->log, -EINVAL,
	     "%s: the kernel forbids probes there: it is on the blacklist of "
	     "what probes themselves run on",
	     work->recipe->name);
	fail_position(work->log, settings->symbol_position);
	return fail_remedy(work->log, "probe one of its callers");
}

/* For the kernel's own eyes: where names can't be looked up, all may come. */
static int check_word(struct work *work, const char *word, int32_t position)
{
	size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_.$");

	if (*word && !word[length])
		return 0;
	fail(work->log, -EINVAL, "%s: \"%s\" is no name of the kernel's",
	     work->recipe->name, word);
	return fail_position(work->log, position < 0 ?
						position :
						position + (int32_t)length);
}

static int check_words(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	int ret = 0;

	if (settings->module)
		ret = check_word(work, settings->module,
				 settings->module_position);
	return ret ? ret :
		     check_word(work, settings->symbol,
				settings->symbol_position);
}

static int check_place(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	int ret = 0;

	if (settings->place == PLACE_ADDRESS) {
		find_function_at(work);
	} else if (settings->place == PLACE_SYMBOL && settings->symbol) {
		ret = check_words(work);
		if (!ret)
			ret = find_function(work);
	} else {
		return fail(work->log, -EINVAL, "%s: no function is given",
			    probe_kind_name(settings->kind));
	}
	if (!ret)
		ret = check_offset(work);
	return ret ? ret : check_blacklist(work);
}

static bool is_retval(const struct argument *argument)
{
	return !strcmp(argument->expression, "$retval");
}

/*
 * Whether parameters can be had at the return: the kernel then keeps them from
 * the entry on, and says so in tracefs's README, since 6.9.
 */
static bool keeps_parameters(struct work *work)
{
	struct failure *before = log_save(work->log);
	bool says_so = true;
	size_t text_bytes;
	char *text;

	if (!tracefs_read(work->context, "README", &text, &text_bytes)) {
		says_so = strstr(text, "kernel return probes support:");
		free(text);
	}
	log_restore(work->log, before);
	return says_so;
}

static int check_return(struct work *work, const struct argument *argument)
{
	static const char retval[] = "$retval";
	const char *expression =
		argument->expression + strspn(argument->expression, "*");

	if (!work->recipe->is_return ||
	    !strncmp(expression, retval, strlen(retval)) ||
	    keeps_parameters(work))
		return 0;
	fail(work->log, -EOPNOTSUPP,
	     "%s: %s: this kernel does not keep parameters until the function "
	     "returns",
	     work->recipe->name, argument->expression);
	return fail_remedy(work->log, "record them with a kprobe at its start, "
				      "or run a kernel of 6.9 or newer");
}

static int fail_no_entry(struct work *work, const struct argument *argument)
{
	fail(work->log, -EINVAL,
	     "%s: %s: parameters are known where a function begins, and no "
	     "function is known to begin there",
	     work->recipe->name, argument->expression);
	return fail_remedy(work->log, "give a function without an offset, or "
				      "registers, such as %%di:u64");
}

static int resolve(struct work *work, const struct argument *argument,
		   struct fetch_argument *fetch)
{
	const struct probe_settings *settings = work->settings;
	struct btf_request request = {
		.function = work->function.name,
		.module = work->function.module,
		.is_return = work->recipe->is_return,
		.machine = machine_this(),
		.expression = argument->expression,
		.type = argument->type,
		.name = *argument->name ? argument->name : NULL,
	};
	struct btf_types *types;
	int ret;

	/* Without addresses, by the name that the kernel is going to find. */
	if (!request.function && settings->place == PLACE_SYMBOL) {
		request.function = settings->symbol;
		request.module = settings->module;
	}
	if (!request.function ||
	    (settings->place == PLACE_SYMBOL && settings->offset))
		return fail_no_entry(work, argument);
	ret = check_return(work, argument);
	if (!ret)
		ret = context_get_types(work->context, request.module, &types);
	return ret ? ret : btf_resolve(types, &request, fetch);
}

/* "NAME=TEXT:TYPE"; the kernel may refuse each of them. */
static void add_fetch(struct definition *body, int32_t position,
		      const struct argument *argument,
		      const struct fetch_argument *fetch)
{
	int32_t value = position + argument->offset;

	definition_add(body, position, fetch->name);
	definition_add(body, position, "=");
	definition_add(body, value, fetch->text);
	if (!*fetch->type)
		return;
	definition_add(body, value, ":");
	if (argument->type)
		definition_copy(
			body, value + (int32_t)strlen(argument->expression) + 1,
			fetch->type);
	else
		definition_add(body, value, fetch->type);
}

static int add_typed(struct work *work, const struct probe_argument *source,
		     const struct argument *argument)
{
	struct fetch_argument fetch;
	int32_t position;
	int ret = resolve(work, argument, &fetch);

	if (!ret) {
		add_fetch(work->recipe->bodies, source->position, argument,
			  &fetch);
		return 0;
	}
	/* A place in the expression is one in the argument, and in the spec. */
	position = log_get_position(work->log);
	return fail_position(work->log, source->position + argument->offset +
						(position < 0 ? 0 : position));
}

/* Where nothing is known of the function, it is a word of the machine's. */
static int add_retval(struct work *work, const struct probe_argument *source,
		      const struct argument *argument)
{
	struct failure *before = log_save(work->log);
	int ret = add_typed(work, source, argument);

	if (ret != -ENOENT && ret != -EADDRNOTAVAIL && ret != -EOPNOTSUPP) {
		free(before);
		return ret;
	}
	log_info(work->log, "%s: $retval has no type: %s", work->recipe->name,
		 log_get_error(work->log));
	log_restore(work->log, before);
	argument_copy(source, "retval", work->recipe->bodies);
	return 0;
}

static int add_argument(struct work *work, size_t index)
{
	const struct probe_argument *source = &work->settings->arguments[index];
	const char *name = work->names.names[index];
	struct definition *body = work->recipe->bodies;
	struct argument argument;
	int ret = argument_parse(work->log, source, &argument);

	definition_add(body, NO_POSITION, " ");
	if (!ret && argument.is_raw)
		argument_copy(source, name, body);
	else if (!ret && is_retval(&argument) && work->recipe->is_return)
		ret = add_retval(work, source, &argument);
	else if (!ret)
		ret = add_typed(work, source, &argument);
	argument_clear(&argument);
	return ret;
}

static void write_place(const struct work *work, struct definition *body)
{
	const struct probe_settings *settings = work->settings;
	char number[32];

	if (settings->place == PLACE_ADDRESS) {
		snprintf(number, sizeof(number), "%#" PRIx64, settings->offset);
		definition_add(body, settings->symbol_position, number);
		return;
	}
	if (settings->module) {
		definition_copy(body, settings->module_position,
				settings->module);
		definition_add(body, NO_POSITION, ":");
	}
	definition_copy(body, settings->symbol_position, settings->symbol);
	if (!settings->offset)
		return;
	snprintf(number, sizeof(number), "+%" PRIu64, settings->offset);
	definition_add(body, settings->offset_position, number);
}

static int write_bodies(struct work *work)
{
	size_t i;
	int ret = recipe_add_places(work->log, work->recipe, 1);

	if (ret)
		return ret;
	write_place(work, work->recipe->bodies);
	argument_choose_names(work->settings, &work->names);
	for (i = 0; !ret && i < work->settings->num_arguments; i++)
		ret = add_argument(work, i);
	return ret;
}

static int write_local(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	struct recipe *recipe = work->recipe;
	int ret = 0;

	recipe->pmu = "kprobe";
	recipe->places->number = settings->offset;
	/* An address needs no text, which what is inherited can't have. */
	if (work->function.name && settings->place == PLACE_SYMBOL)
		recipe->places->number += work->function.address;
	else if (settings->place == PLACE_SYMBOL)
		ret = asprintf(&recipe->local_text, "%s%s%s",
			       settings->module ? settings->module : "",
			       settings->module ? ":" : "", settings->symbol);
	if (ret >= 0)
		return 0;
	recipe->local_text = NULL;
	return fail_memory(work->log);
}

static int name_recipe(struct work *work)
{
	const struct probe_settings *settings = work->settings;
	const char *symbol = settings->symbol ? settings->symbol : "";

	if (settings->place == PLACE_ADDRESS)
		return recipe_set_name(work->log, settings, work->recipe,
				       "%#" PRIx64, settings->offset);
	if (settings->offset)
		return recipe_set_name(work->log, settings, work->recipe,
				       "%s+%" PRIu64, symbol, settings->offset);
	return recipe_set_name(work->log, settings, work->recipe, "%s", symbol);
}

/* "vfs_read" or "ext4_file_open [ext4]" a line. */
static bool is_listed(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (*text) {
		if (!strncmp(text, name, length) &&
		    strchr(" \t\n", text[length]))
			return true;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return false;
}

static bool is_traceable(struct perftrace_context *context, const char *name)
{
	struct failure *before = log_save(context_get_log(context));
	size_t text_bytes;
	bool is_found = true;
	char *text;

	if (!tracefs_read(context, "available_filter_functions", &text,
			  &text_bytes)) {
		is_found = is_listed(text, name);
		free(text);
	}
	log_restore(context_get_log(context), before);
	return is_found;
}

/* "@linux_banner+8", and not "@0x10" or "b4@4/8". */
static const char *find_variable(const char *text)
{
	while ((text = strchr(text, '@'))) {
		if (!isdigit((unsigned char)*++text) && *text != '+')
			break;
	}
	return text;
}

/*
 * Of variables the kernel says that the place does not exist, which has been
 * found before (register_trace_kprobe()).
 */
static int explain_variable(struct log *log, const struct recipe *recipe,
			    int error)
{
	const struct definition *body = recipe->bodies;
	const char *variable = find_variable(body->text);

	if (!variable)
		return error;
	if (find_variable(variable))
		return fail(log, error,
			    "%s: the kernel does not have all the variables "
			    "that are named behind an @",
			    recipe->name);
	fail(log, error, "%s: the kernel has no variable \"%.*s\"",
	     recipe->name, (int)strcspn(variable, "+-:) "), variable);
	return fail_position(log, definition_find(body, (size_t)(variable - 1 -
								 body->text)));
}

/* A better reason than the kernel's own, where one can be found. */
static int explain(struct perftrace_context *context,
		   const struct recipe *recipe, int error)
{
	struct log *log = context_get_log(context);

	if (error == -ENOENT)
		return explain_variable(log, recipe, error);
	if (error == -EILSEQ) {
		fail(log, error,
		     "%s: the offset is inside of an instruction, or of what "
		     "ftrace puts at a function's start",
		     recipe->name);
		fail_position(log, recipe->offset_position);
		return fail_remedy(log, "choose the start of an instruction: "
					"objdump(1) shows them");
	}
	if (error == -EINVAL && recipe->symbol &&
	    !is_traceable(context, recipe->symbol)) {
		fail(log, error,
		     "%s: the kernel refuses it, most likely because the "
		     "function is marked as not to be traced (notrace)",
		     recipe->name);
		fail_position(log, recipe->symbol_position);
		return fail_remedy(log, "probe one of its callers, or one of "
					"available_filter_functions");
	}
	return error;
}

int kprobe_prepare(struct perftrace_context *context,
		   const struct probe_settings *settings, struct recipe *recipe)
{
	struct work work = {
		.context = context,
		.log = context_get_log(context),
		.settings = settings,
		.recipe = recipe,
	};
	int ret = name_recipe(&work);

	recipe->file = "kprobe_events";
	recipe->explain = explain;
	if (settings->max_active) {
		snprintf(recipe->type, sizeof(recipe->type), "r%" PRIu32,
			 settings->max_active);
		recipe->needs_named = "only a named probe has a maxactive";
	}
	if (!ret)
		ret = check_place(&work);
	if (!ret)
		ret = write_bodies(&work);
	return ret ? ret : write_local(&work);
}
