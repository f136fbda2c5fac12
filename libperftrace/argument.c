/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argument.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "definition.h"
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

int argument_parse(struct log *log, const struct probe_argument *source,
		   struct argument *argument)
{
	const char *text = source->text;
	size_t length = identifier_length(text);
	const char *expression = text, *colon;

	*argument = (struct argument){ .is_raw = true };
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

void argument_copy(const struct probe_argument *source,
		   const struct argument *argument, const char *name,
		   struct definition *body)
{
	if (!*argument->name) {
		definition_add(body, source->position, name);
		definition_add(body, source->position, "=");
	}
	definition_copy(body, source->position, source->text);
}
