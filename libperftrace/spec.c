/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The grammar, as perftrace-spec(7) explains it:
 *
 *	probe    := kind { "," option } ":" place [ arguments ]
 *	kind     := "kprobe" | "kretprobe" | "uprobe" | "uretprobe" | "usdt" |
 *		    "function"
 *	option   := "local" | "named" | "name=" WORD | "pid=" NUMBER |
 *		    "maxactive=" NUMBER
 *	place    := [ MODULE ":" ] SYMBOL [ "+" NUMBER ] | NUMBER	(kprobes)
 *		    FILE ":" SYMBOL [ "+" NUMBER ] | FILE ":" NUMBER |
 *		    FILE ":+" NUMBER					(uprobes)
 *		    FILE ":" [ PROVIDER ":" ] NAME			(usdt)
 *		    PATTERN { "," PATTERN }				(function)
 *	arguments := "(" [ argument { "," argument } ] ")"
 *
 * FILE and SYMBOL may stand in double quotes, wherein a backslash takes the
 * next letter as it is. So may an argument; else it ends at a comma or a
 * parenthesis that is not inside of parentheses of its own, nor inside of the
 * kernel's \"string".
 *
 * Nothing is looked up here: what a place or an argument means is known where
 * it is used, and so are its faults.
 */
#include "spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/probe.h>

#include "identifier.h"
#include "log.h"
#include "probe_settings.h"

/* How much of a spec is repeated in an error, so that the reason fits. */
#define LONGEST_QUOTE 400

struct parser {
	struct log *log;
	const char *start;
	const char *at;
	struct probe_settings *settings;
};

static int32_t position_of(const struct parser *parser, const char *at)
{
	return (int32_t)(at - parser->start);
}

static int refuse(const struct parser *parser, const char *at,
		  const char *reason)
{
	bool is_long = strlen(parser->start) > LONGEST_QUOTE;

	fail(parser->log, -EINVAL, "\"%.*s%s\": %s at column %d", LONGEST_QUOTE,
	     parser->start, is_long ? "..." : "", reason,
	     (int)position_of(parser, at) + 1);
	return fail_position(parser->log, position_of(parser, at));
}

/* The kind that a text begins with, and the length of its word. */
static int32_t find_kind(const char *text, size_t *length)
{
	int32_t kind;

	*length = strcspn(text, ":,");
	if (!text[*length])
		return 0;
	for (kind = PERFTRACE_EVENT_KPROBE; probe_kind_name(kind); kind++) {
		const char *name = probe_kind_name(kind);

		if (strlen(name) == *length && !memcmp(name, text, *length))
			return kind;
	}
	return 0;
}

bool spec_is_probe(const char *spec)
{
	size_t length;

	return find_kind(spec, &length) != 0;
}

static int parse_number(struct parser *parser, uint64_t *number)
{
	const char *start = parser->at;
	bool is_hexadecimal = start[0] == '0' &&
			      (start[1] == 'x' || start[1] == 'X');
	char *end;

	if (!isdigit((unsigned char)*start))
		return refuse(parser, start, "a number is missing");
	errno = 0;
	*number = strtoull(start, &end, is_hexadecimal ? 16 : 10);
	if (errno)
		return refuse(parser, start, "the number is too large");
	if (identifier_has(*end))
		return refuse(parser, end, "this is no digit");
	parser->at = end;
	return 0;
}

/* Text in double quotes, which @at is at. */
static int parse_quoted(struct parser *parser, char **text)
{
	const char *start = parser->at++;
	size_t length = 0;
	char *copy = strdup(start);

	if (!copy)
		return fail_memory(parser->log);
	for (; *parser->at && *parser->at != '"'; parser->at++) {
		if (*parser->at == '\\' && parser->at[1])
			parser->at++;
		copy[length++] = *parser->at;
	}
	copy[length] = '\0';
	free(*text);
	*text = copy;
	if (!*parser->at)
		return refuse(parser, start,
			      "the quotation mark is not closed");
	parser->at++;
	return length ? 0 : refuse(parser, start, "this is empty");
}

static int copy_text(struct parser *parser, const char *start, size_t length,
		     char **text)
{
	char *copy = strndup(start, length);

	if (!copy)
		return fail_memory(parser->log);
	free(*text);
	*text = copy;
	return 0;
}

/* A word that ends before one of @enders, or in quotes. */
static int parse_word(struct parser *parser, const char *enders,
		      const char *missing, char **text, int32_t *position)
{
	const char *start = parser->at;
	size_t length = strcspn(start, enders);

	if (*start == '"') {
		*position = position_of(parser, start) + 1;
		return parse_quoted(parser, text);
	}
	if (!length)
		return refuse(parser, start, missing);
	*position = position_of(parser, start);
	parser->at += length;
	return copy_text(parser, start, length, text);
}

static int parse_symbol(struct parser *parser)
{
	struct probe_settings *settings = parser->settings;
	int ret = parse_word(parser, "+(", "the symbol is missing",
			     &settings->symbol, &settings->symbol_position);

	if (ret)
		return ret;
	settings->place = PLACE_SYMBOL;
	settings->offset_position = position_of(parser, parser->at);
	if (*parser->at != '+')
		return 0;
	settings->offset_position = position_of(parser, ++parser->at);
	return parse_number(parser, &settings->offset);
}

static int parse_address(struct parser *parser, enum place_kind place)
{
	struct probe_settings *settings = parser->settings;

	settings->place = place;
	settings->symbol_position = position_of(parser, parser->at);
	settings->offset_position = settings->symbol_position;
	return parse_number(parser, &settings->offset);
}

static bool is_at_number(const struct parser *parser)
{
	return isdigit((unsigned char)*parser->at);
}

static int parse_kernel_place(struct parser *parser)
{
	struct probe_settings *settings = parser->settings;
	size_t length = strcspn(parser->at, ":+(\"");
	int ret = 0;

	if (is_at_number(parser))
		return parse_address(parser, PLACE_ADDRESS);
	if (parser->at[length] == ':') {
		ret = parse_word(parser, ":", "the module is missing",
				 &settings->module, &settings->module_position);
		parser->at++;
	}
	return ret ? ret : parse_symbol(parser);
}

static int parse_file(struct parser *parser)
{
	struct probe_settings *settings = parser->settings;
	int ret = parse_word(parser, ":", "the file is missing",
			     &settings->path, &settings->path_position);

	if (ret)
		return ret;
	if (*parser->at != ':')
		return refuse(parser, parser->at,
			      "a colon and a place in the file are missing");
	parser->at++;
	return 0;
}

static int parse_user_place(struct parser *parser)
{
	int ret = parse_file(parser);

	if (ret)
		return ret;
	if (is_at_number(parser))
		return parse_address(parser, PLACE_ADDRESS);
	if (*parser->at == '+') {
		parser->at++;
		return parse_address(parser, PLACE_FILE_OFFSET);
	}
	return parse_symbol(parser);
}

/* One word is the marker's; of two, the first is the provider's. */
static int parse_marker(struct parser *parser)
{
	struct probe_settings *settings = parser->settings;
	int ret = parse_file(parser);

	settings->place = PLACE_SYMBOL;
	if (!ret)
		ret = parse_word(parser, ":(", "the marker's name is missing",
				 &settings->symbol, &settings->symbol_position);
	if (ret || *parser->at != ':')
		return ret;
	parser->at++;
	settings->provider = settings->symbol;
	settings->symbol = NULL;
	return parse_word(parser, "(", "the marker's name is missing",
			  &settings->symbol, &settings->symbol_position);
}

static int parse_patterns(struct parser *parser)
{
	struct probe_settings *settings = parser->settings;

	settings->place = PLACE_SYMBOL;
	return parse_word(parser, "(", "the pattern is missing",
			  &settings->symbol, &settings->symbol_position);
}

static int parse_place(struct parser *parser)
{
	switch (parser->settings->kind) {
	case PERFTRACE_EVENT_KPROBE:
	case PERFTRACE_EVENT_KRETPROBE:
		return parse_kernel_place(parser);
	case PERFTRACE_EVENT_UPROBE:
	case PERFTRACE_EVENT_URETPROBE:
		return parse_user_place(parser);
	case PERFTRACE_EVENT_USDT:
		return parse_marker(parser);
	default:
		return parse_patterns(parser);
	}
}

static bool skip_text(struct parser *parser, const char *text)
{
	if (strncmp(parser->at, text, strlen(text)))
		return false;
	parser->at += strlen(text);
	return true;
}

static int parse_option_number(struct parser *parser, uint64_t least,
			       uint64_t most, uint64_t *number)
{
	const char *start = parser->at;
	int ret = parse_number(parser, number);

	if (!ret && (*number < least || *number > most))
		ret = refuse(parser, start, "the number is out of range");
	return ret;
}

static int parse_pid(struct parser *parser, const char *start)
{
	struct probe_settings *settings = parser->settings;
	uint64_t number;
	int ret = parse_option_number(parser, 1, INT32_MAX, &number);

	if (ret)
		return ret;
	if (!probe_settings_takes_file(settings))
		return refuse(parser, start, "pid= goes with files alone");
	settings->pid = (int32_t)number;
	return 0;
}

static int parse_max_active(struct parser *parser, const char *start)
{
	uint64_t number;
	int ret = parse_option_number(parser, 1, MOST_ACTIVE, &number);

	if (ret)
		return ret;
	if (parser->settings->kind != PERFTRACE_EVENT_KRETPROBE)
		return refuse(parser, start, "maxactive= goes with kretprobe");
	parser->settings->max_active = (uint32_t)number;
	return 0;
}

static int parse_name(struct parser *parser)
{
	const char *start = parser->at;
	int32_t position;
	int ret = parse_word(parser, ",:", "the name is missing",
			     &parser->settings->name, &position);

	if (!ret && !probe_settings_is_name(parser->settings->name))
		ret = refuse(parser, start, NAME_RULE);
	return ret;
}

static int parse_option(struct parser *parser)
{
	const char *start = parser->at;

	if (skip_text(parser, "name="))
		return parse_name(parser);
	if (skip_text(parser, "pid="))
		return parse_pid(parser, start);
	if (skip_text(parser, "maxactive="))
		return parse_max_active(parser, start);
	if (skip_text(parser, "local"))
		parser->settings->mode = PERFTRACE_PROBE_LOCAL;
	else if (skip_text(parser, "named"))
		parser->settings->mode = PERFTRACE_PROBE_NAMED;
	else
		return refuse(parser, start,
			      "the options are local, named, name=, pid= and "
			      "maxactive=");
	return 0;
}

static int parse_options(struct parser *parser)
{
	while (*parser->at == ',') {
		int ret;

		parser->at++;
		ret = parse_option(parser);
		if (ret)
			return ret;
	}
	if (*parser->at != ':')
		return refuse(parser, parser->at, "a colon is missing");
	parser->at++;
	return 0;
}

/* The end of an argument: at a comma or a parenthesis outside of its own. */
static const char *find_argument_end(const char *at)
{
	int depth = 0;

	for (; *at; at++) {
		if (at[0] == '\\' && at[1] == '"') {
			at += 2;
			at += strcspn(at, "\"");
			if (!*at)
				break;
		} else if (*at == '(') {
			depth++;
		} else if (!depth && (*at == ',' || *at == ')')) {
			break;
		} else if (*at == ')') {
			depth--;
		}
	}
	return at;
}

static int parse_argument(struct parser *parser)
{
	int32_t position = position_of(parser, parser->at);
	const char *start = parser->at, *end;
	bool is_verbatim = true;
	char *text = NULL;
	int ret;

	if (*start == '"') {
		position++;
		ret = parse_quoted(parser, &text);
		/* Two quotation marks around it, and nothing taken out. */
		is_verbatim = !ret &&
			      (size_t)(parser->at - start) == strlen(text) + 2;
	} else {
		parser->at = end = find_argument_end(start);
		while (end > start && isspace((unsigned char)end[-1]))
			end--;
		if (end == start)
			return refuse(parser, start, "an argument is missing");
		ret = copy_text(parser, start, (size_t)(end - start), &text);
	}
	if (!ret)
		ret = probe_settings_add_argument(parser->log, parser->settings,
						  text, position, is_verbatim);
	free(text);
	return ret;
}

static void skip_spaces(struct parser *parser)
{
	while (isspace((unsigned char)*parser->at))
		parser->at++;
}

static int parse_arguments(struct parser *parser)
{
	const char *start = parser->at++;
	int ret;

	if (parser->settings->kind == PERFTRACE_EVENT_FUNCTION)
		return refuse(parser, start,
			      "the function event has no arguments");
	parser->settings->has_arguments = true;
	skip_spaces(parser);
	while (*parser->at != ')') {
		ret = parse_argument(parser);
		if (ret)
			return ret;
		skip_spaces(parser);
		if (*parser->at == ')')
			break;
		if (!*parser->at)
			return refuse(parser, start,
				      "the parenthesis is not closed");
		if (*parser->at != ',')
			return refuse(parser, parser->at, "a comma is missing");
		parser->at++;
		skip_spaces(parser);
		if (*parser->at == ')')
			return refuse(parser, parser->at,
				      "an argument is missing");
	}
	parser->at++;
	return 0;
}

static int parse_probe(struct parser *parser)
{
	int ret = parse_options(parser);

	if (!ret)
		ret = parse_place(parser);
	if (!ret && *parser->at == '(')
		ret = parse_arguments(parser);
	if (!ret && *parser->at)
		ret = refuse(parser, parser->at, "the spec should end here");
	return ret;
}

int spec_parse(struct log *log, const char *spec,
	       struct probe_settings *settings)
{
	struct parser parser = {
		.log = log,
		.start = spec,
		.at = spec,
		.settings = settings,
	};
	size_t length;
	int32_t kind = find_kind(spec, &length);

	probe_settings_init(settings, kind);
	if (!kind) {
		refuse(&parser, spec, "this is no kind of probe");
		return fail_remedy(log, "the kinds are kprobe, kretprobe, "
					"uprobe, uretprobe, usdt and function");
	}
	parser.at += length;
	return parse_probe(&parser);
}
