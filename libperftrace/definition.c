/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition.h"

#include <string.h>

/* Of MAX_FILTER_STR_VAL, less the prefix. */
#define SHORTEST_CUT 200

void definition_begin(struct definition *definition)
{
	definition->text[0] = '\0';
	definition->length = 0;
	definition->is_full = false;
	definition->num_parts = 0;
}

static void append(struct definition *definition, int32_t position,
		   const char *text, bool is_verbatim)
{
	size_t length = strlen(text);

	if (!length)
		return;
	if (definition->length + length >= sizeof(definition->text) ||
	    definition->num_parts == DEFINITION_PARTS) {
		definition->is_full = true;
		return;
	}
	definition->parts[definition->num_parts++] = (struct definition_part){
		.start = (uint16_t)definition->length,
		.length = (uint16_t)length,
		.position = position,
		.is_verbatim = is_verbatim,
	};
	memcpy(definition->text + definition->length, text, length + 1);
	definition->length += length;
}

void definition_add(struct definition *definition, int32_t position,
		    const char *text)
{
	append(definition, position, text, false);
}

void definition_copy(struct definition *definition, int32_t position,
		     const char *text)
{
	append(definition, position, text, true);
}

void definition_join(struct definition *definition,
		     const struct definition *rest)
{
	size_t start = definition->length, i;

	if (rest->is_full || start + rest->length >= DEFINITION_BYTES ||
	    definition->num_parts + rest->num_parts > DEFINITION_PARTS) {
		definition->is_full = true;
		return;
	}
	for (i = 0; i < rest->num_parts; i++) {
		struct definition_part *part =
			&definition->parts[definition->num_parts++];

		*part = rest->parts[i];
		part->start = (uint16_t)(part->start + start);
	}
	memcpy(definition->text + start, rest->text, rest->length + 1);
	definition->length += rest->length;
}

/* The kernel points behind the end of a part that lacks something. */
const struct definition_part *
definition_find_part(const struct definition *definition, size_t column)
{
	const struct definition_part *before = NULL;
	size_t i;

	for (i = 0; i < definition->num_parts; i++) {
		const struct definition_part *part = &definition->parts[i];

		if (column >= part->start &&
		    column < part->start + part->length)
			return part;
		if (column == part->start + part->length)
			before = part;
	}
	return before;
}

int32_t definition_find(const struct definition *definition, size_t column)
{
	const struct definition_part *part =
		definition_find_part(definition, column);

	if (!part || part->position == NO_POSITION)
		return NO_POSITION;
	if (!part->is_verbatim)
		return part->position;
	return part->position + (int32_t)(column - part->start);
}

/* One line, without its end; the rest of the text in @rest. */
static char *take_line(char **rest)
{
	char *line = *rest, *end;

	if (!*line)
		return NULL;
	end = line + strcspn(line, "\n");
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

/* Kernels before 5.19 keep the first 255 characters of it. */
static bool is_command(const struct definition *definition, const char *logged)
{
	size_t length = strlen(logged);

	return !strncmp(logged, definition->text, length) &&
	       (length == definition->length || length >= SHORTEST_CUT);
}

/*
 * "[  134.123456] trace_kprobe: error: Invalid register name"
 * "  Command: p:group/name vfs_read %none"
 * "                                 ^"
 * as tracing_err_log_seq_show() in kernel/trace/trace.c writes it; the newest
 * of the last eight errors comes last.
 */
bool definition_find_error(const struct definition *definition, char *log_text,
			   const char **reason, size_t *column)
{
	static const char prefix[] = "  Command: ", mark[] = "error: ";
	const size_t prefix_length = sizeof(prefix) - 1;
	const char *said = NULL;
	bool is_ours = false, is_found = false;
	char *rest = log_text, *line;

	while ((line = take_line(&rest))) {
		size_t indent = strspn(line, " ");

		if (line[0] == '[') {
			said = strstr(line, mark);
			is_ours = false;
		} else if (!strncmp(line, prefix, prefix_length)) {
			is_ours = is_command(definition, line + prefix_length);
		} else if (is_ours && said && line[indent] == '^' &&
			   indent >= prefix_length) {
			*reason = said + strlen(mark);
			*column = indent - prefix_length;
			is_found = true;
		}
	}
	return is_found;
}
