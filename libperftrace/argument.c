/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argument.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "export.h"
#include "identifier.h"
#include "log.h"
#include "probe_settings.h"

/*
 * A name of C's, a dereferenced one, or the return value, with what it points
 * to: those have types. Everything else is the kernel's own language, in which
 * a value begins with a sign or a digit (Documentation/trace/kprobetrace.rst).
 */
static bool is_typed(const char *expression)
{
	static const char retval[] = "$retval";

	if (*expression == '*')
		return true;
	if (strncmp(expression, retval, strlen(retval)))
		return identifier_length(expression) > 0;
	expression += strlen(retval);
	return !*expression || strchr(".[-:", *expression);
}

/*
 * A definition is a line, a word for each argument, and ends at '#'
 * (trace_parse_run_command() in kernel/trace/trace.c): what would end the line
 * or the word would make another argument of the rest, or another definition.
 */
static int check_letters(struct log *log, const struct probe_argument *source)
{
	const char *at;

	for (at = source->text; *at; at++) {
		if ((unsigned char)*at > ' ' && (unsigned char)*at < 0x7f &&
		    *at != '#')
			continue;
		fail(log, -EINVAL,
		     "\"%s\": white space, '#' and what is not ASCII can't be "
		     "in an argument",
		     source->text);
		return fail_position(log, source->position +
						  (int32_t)(at - source->text));
	}
	return 0;
}

/*
 * What stands behind the last parenthesis of a dereference is passed over by
 * the kernel, without a word (parse_probe_arg() in kernel/trace/trace_probe.c).
 */
static int check_end(struct log *log, const struct probe_argument *source,
		     const char *expression)
{
	const char *last = strrchr(expression, ')');

	if (!strchr("+-", *expression) || !last || !last[1] || last[1] == ':')
		return 0;
	fail(log, -EINVAL, "\"%s\": nothing but a type stands behind the )",
	     source->text);
	return fail_position(log, source->position +
					  (int32_t)(last + 1 - source->text));
}

/*
 * The kernel records arrays of strings, but writes "__data_loc char[][2] name"
 * into the format, of which no reader makes sense.
 */
static int check_type(struct log *log, const struct probe_argument *source)
{
	static const char *const strings[] = { "string[", "ustring[",
					       "symstr[" };
	const char *type = strrchr(source->text, ':');
	size_t i;

	for (i = 0; type && i < ARRAY_SIZE(strings); i++) {
		if (strncmp(type + 1, strings[i], strlen(strings[i])))
			continue;
		fail(log, -EOPNOTSUPP,
		     "\"%s\": arrays of strings can't be read", source->text);
		fail_position(log, source->position +
					   (int32_t)(type + 1 - source->text));
		return fail_remedy(log, "record each string by itself");
	}
	return 0;
}

int argument_parse(struct log *log, const struct probe_argument *source,
		   struct argument *argument)
{
	const char *text = source->text;
	size_t length = identifier_length(text);
	const char *expression = text, *colon;

	*argument = (struct argument){ .is_raw = true };
	if (check_letters(log, source) || check_type(log, source))
		return log_get_code(log);
	if (length && text[length] == '=') {
		expression = text + length + 1;
		if (length >= sizeof(argument->name)) {
			fail(log, -EINVAL,
			     "\"%s\": the name is longer than 31 characters",
			     text);
			return fail_position(log, source->position);
		}
		memcpy(argument->name, text, length);
	}
	argument->offset = (int)(expression - text);
	if (!*expression) {
		fail(log, -EINVAL, "\"%s\": there is no value", text);
		return fail_position(log, source->position + argument->offset);
	}
	argument->is_raw = !is_typed(expression);
	if (argument->is_raw && check_end(log, source, expression))
		return -EINVAL;
	colon = argument->is_raw ? NULL : strchr(expression, ':');
	argument->expression =
		colon ? strndup(expression, (size_t)(colon - expression)) :
			strdup(expression);
	if (!argument->expression)
		return fail_memory(log);
	if (!colon)
		return 0;
	if (!colon[1]) {
		fail(log, -EINVAL, "\"%s\": there is no type", text);
		return fail_position(log, source->position +
						  (int32_t)(colon + 1 - text));
	}
	argument->type = strdup(colon + 1);
	return argument->type ? 0 : fail_memory(log);
}

void argument_clear(struct argument *argument)
{
	free(argument->expression);
	free(argument->type);
}

unsigned int argument_read_number(const char *text, size_t *length)
{
	static const char prefix[] = "$arg";
	unsigned long number;
	char *end;

	if (strncmp(text, prefix, strlen(prefix)))
		return 0;
	text += strlen(prefix);
	if (*text < '1' || *text > '9')
		return 0;
	number = strtoul(text, &end, 10);
	if (identifier_has(*end) || number > MOST_ARGUMENTS)
		return 0;
	*length = strlen(prefix) + (size_t)(end - text);
	return (unsigned int)number;
}

static bool ends_at(const char *text, size_t length)
{
	return !text[length] || text[length] == ':';
}

/* Of a typed expression, the last name in it. */
static size_t find_last_name(const char **text)
{
	const char *at = *text;
	size_t last_length = 0;

	while (*at && *at != ':') {
		size_t length = identifier_length(at);

		if (length) {
			*text = at;
			last_length = length;
		}
		at += length ? length : 1;
	}
	return last_length;
}

/*
 * The name that an argument has, or is given: where it is, and how long. 0:
 * neither.
 */
static size_t find_name(const char **text)
{
	static const char retval[] = "$retval";
	size_t length = identifier_length(*text);

	if (length && (*text)[length] == '=')
		return length;
	if (length)
		return find_last_name(text);
	if (!strncmp(*text, retval, strlen(retval)))
		length = strlen(retval);
	else if (!argument_read_number(*text, &length))
		return 0;
	if (!ends_at(*text, length))
		return 0;
	/* Without the dollar. */
	++*text;
	return length - 1;
}

static void copy_name(const char *text, char name[LONGEST_NAME + 1])
{
	size_t length = find_name(&text);

	if (length > LONGEST_NAME)
		length = 0;
	memcpy(name, text, length);
	name[length] = '\0';
}

static bool is_taken(const struct argument_names *names, size_t count,
		     const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!strcmp(names->names[i], name))
			return true;
	}
	return false;
}

void argument_choose_names(const struct probe_settings *settings,
			   struct argument_names *names)
{
	size_t count = settings->num_arguments, i, number;

	for (i = 0; i < count; i++)
		copy_name(settings->arguments[i].text, names->names[i]);
	for (i = 0; i < count; i++) {
		char name[LONGEST_NAME + 1];

		if (*names->names[i])
			continue;
		number = i + 1;
		do
			snprintf(name, sizeof(name), "arg%zu", number++);
		while (is_taken(names, count, name));
		strcpy(names->names[i], name);
	}
}

void argument_copy_name(const struct probe_argument *source, const char *name,
			struct definition *body)
{
	/* It has one, or a fault that the kernel explains. */
	if (strchr(source->text, '='))
		return;
	definition_add(body, source->position, name);
	definition_add(body, source->position, "=");
}

void argument_copy(const struct probe_argument *source, const char *name,
		   struct definition *body)
{
	argument_copy_name(source, name, body);
	if (source->is_verbatim)
		definition_copy(body, source->position, source->text);
	else
		definition_add(body, source->position, source->text);
}
