/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "btf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf_text.h"
#include "btf_value.h"
#include "btf_walk.h"
#include "identifier.h"
#include "log.h"

/* Nobody writes that many by hand; the kernel takes fewer dereferences. */
#define MOST_STARS 16
/* Of an index: 9 digits are an int32_t, and no array is longer. */
#define MOST_DIGITS 9

#define RETVAL "$retval"

struct parser {
	struct btf_walk *walk;
	const char *at;
	int stars;
	/* The argument's, unless it is given another. */
	const char *name;
	size_t name_length;
};

static void point_to(struct parser *parser, const char *at)
{
	parser->walk->position = (int32_t)(at - parser->walk->expression);
}

static int refuse(struct parser *parser, const char *at, const char *reason)
{
	point_to(parser, at);
	return btf_walk_refuse(parser->walk, "%s", reason);
}

static int parse_stars(struct parser *parser)
{
	while (*parser->at == '*') {
		if (parser->stars == MOST_STARS)
			return refuse(parser, parser->at, "too many *");
		parser->stars++;
		parser->at++;
	}
	return 0;
}

static int parse_retval(struct parser *parser)
{
	size_t length = strlen(RETVAL);

	if (strncmp(parser->at, RETVAL, length) ||
	    identifier_length(parser->at + 1) + 1 != length)
		return refuse(parser, parser->at,
			      "of those with $, only $retval has a type");
	parser->name = parser->at + 1;
	parser->name_length = length - 1;
	parser->at += length;
	return btf_walk_to_retval(parser->walk);
}

static int parse_start(struct parser *parser)
{
	const char *start = parser->at;
	size_t length = identifier_length(start);

	point_to(parser, start);
	if (*start == '$')
		return parse_retval(parser);
	if (!length)
		return refuse(parser, start, "a parameter's name is missing");
	parser->name = start;
	parser->name_length = length;
	parser->at += length;
	return btf_walk_to_parameter(parser->walk, start, length);
}

/* Behind the . or -> that the position points to. */
static int parse_member(struct parser *parser)
{
	const char *start = parser->at;
	size_t length = identifier_length(start);

	if (!length)
		return refuse(parser, start, "a member's name is missing");
	parser->name = start;
	parser->name_length = length;
	parser->at += length;
	return btf_walk_to_member(parser->walk, start, length);
}

static int parse_index(struct parser *parser)
{
	const char *start = parser->at + 1;
	size_t digits = strspn(start, "0123456789");

	if (!digits || start[digits] != ']')
		return refuse(parser, start, "an index is a number and a ]");
	if (digits > MOST_DIGITS)
		return refuse(parser, start, "it is too far away");
	point_to(parser, start);
	parser->at = start + digits + 1;
	return btf_walk_to_element(parser->walk, strtoul(start, NULL, 10));
}

static int parse_step(struct parser *parser)
{
	int ret;

	point_to(parser, parser->at);
	if (*parser->at == '[')
		return parse_index(parser);
	if (*parser->at == '.') {
		parser->at++;
		return parse_member(parser);
	}
	if (strncmp(parser->at, "->", 2))
		return refuse(parser, parser->at,
			      "neither ->, . or [ nor the end");
	parser->at += 2;
	ret = btf_walk_to_pointee(parser->walk);
	return ret ? ret : parse_member(parser);
}

/* The inmost first, which is the last one. */
static int apply_stars(struct parser *parser)
{
	int ret = 0;

	while (!ret && parser->stars) {
		parser->walk->position = --parser->stars;
		ret = btf_walk_to_element(parser->walk, 0);
	}
	return ret;
}

static int parse(struct parser *parser)
{
	int ret = parse_stars(parser);

	if (!ret)
		ret = parse_start(parser);
	while (!ret && *parser->at)
		ret = parse_step(parser);
	return ret ? ret : apply_stars(parser);
}

static int write_name(struct parser *parser, const char *name,
		      struct fetch_argument *argument)
{
	size_t length = name ? strlen(name) : parser->name_length;

	if (!name)
		name = parser->name;
	parser->walk->position = 0;
	if (!length || identifier_length(name) < length)
		return btf_walk_refuse(parser->walk,
				       "the argument's name \"%.*s\" is no "
				       "identifier",
				       FETCH_NAME_LONGEST, name);
	if (length > FETCH_NAME_LONGEST) {
		btf_walk_refuse(parser->walk,
				"the argument's name is longer than %d "
				"characters",
				FETCH_NAME_LONGEST);
		return fail_remedy(parser->walk->log,
				   "give it another: NAME=EXPRESSION");
	}
	memcpy(argument->name, name, length);
	argument->name[length] = '\0';
	return 0;
}

static int check_length(struct btf_walk *walk,
			const struct fetch_argument *argument)
{
	walk->position = 0;
	if (strlen(argument->text) + 1 + strlen(argument->type) <=
	    FETCH_TEXT_LONGEST)
		return 0;
	return btf_walk_refuse(walk,
			       "as a fetch argument, %s:%s, it is longer "
			       "than %d characters",
			       argument->text, argument->type,
			       FETCH_TEXT_LONGEST);
}

static int write_argument(struct parser *parser,
			  const struct btf_request *request,
			  struct fetch_argument *argument)
{
	struct btf_walk *walk = parser->walk;
	int ret;

	ret = request->type ?
		      btf_value_write_as(walk, request->type, argument) :
		      btf_value_write(walk, argument);
	if (!ret)
		ret = check_length(walk, argument);
	return ret ? ret : write_name(parser, request->name, argument);
}

/* Whoever knows where the arguments are needs no types. */
static int find_function(struct btf_types *types,
			 const struct btf_request *request,
			 struct btf_walk *walk)
{
	int ret = btf_types_find_function(types, request->function,
					  request->module, &walk->function);
	char word[16];

	if (ret && registers_write_word(walk->machine, 0, walk->at_return, word,
					sizeof(word)))
		fail_remedy(walk->log,
			    "fetch its arguments by their places, "
			    "as in first=%s:u64",
			    word);
	return ret;
}

int btf_resolve(struct btf_types *types, const struct btf_request *request,
		struct fetch_argument *argument)
{
	struct btf_walk walk = {
		.log = btf_types_log(types),
		.function_name = request->function,
		.expression = request->expression,
		.machine = request->machine,
		.at_return = request->is_return,
	};
	struct parser parser = { .walk = &walk, .at = request->expression };
	struct fetch_argument new;
	int ret;

	if (request->machine == MACHINE_UNKNOWN)
		return fail(walk.log, -EOPNOTSUPP,
			    "where this machine's functions have their "
			    "arguments is not known");
	ret = find_function(types, request, &walk);
	if (!ret)
		ret = parse(&parser);
	if (!ret)
		ret = write_argument(&parser, request, &new);
	if (!ret)
		*argument = new;
	return ret;
}
