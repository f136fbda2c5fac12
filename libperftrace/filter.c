/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel answers a wrong filter with a bare errno (EINVAL, and EPERM, ENOENT
 * or ESRCH where its parser's own codes slip through), so the text is read here
 * first, by the grammar of kernel/trace/trace_events_filter.c:
 *
 *	filter     := operand { ("&&" | "||") operand }
 *	operand    := { "!" } ( "(" filter ")" | comparison )
 *	comparison := field [".ustring" | ".function"] operator value
 *	operator   := "~" | "!=" | "==" | "<=" | "<" | ">=" | ">" | "&"
 *	value      := number | quoted string | "CPUS{" list "}" | function
 *
 * Two rules decide what is refused. What any kernel accepts must pass: a test
 * holds the verdicts against the running kernel's. And the one thing that some
 * kernels accept although it can only be a slip, an operator with nothing
 * behind it, is refused.
 *
 * libtracefs's tracefs_filter_string_verify() would be the library for this,
 * but refuses valid filters: negative numbers, CPU, COMM, .ustring, CPUS{}.
 */
#include "filter.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "format.h"
#include "identifier.h"
#include "log.h"

/* MAX_FILTER_STR_VAL, and num_buf in parse_pred(). */
#define LONGEST_STRING 255
#define LONGEST_NUMBER 23
/* strndup_user() in _perf_ioctl() takes less than a page. */
#define LONGEST_FILTER 4095
/* How much of a filter is repeated in an error, so that the reason fits. */
#define LONGEST_QUOTE 400

enum value_kind {
	VALUE_INTEGER,
	VALUE_STRING,
};

struct operand {
	enum value_kind kind;
	bool is_signed;
};

struct parser {
	struct log *log;
	const char *name;
	struct format *format;
	const char *start;
	const char *at;
	int depth;
};

static int refuse(struct parser *parser, const char *at, const char *reason)
{
	bool is_long = strlen(parser->start) > LONGEST_QUOTE;

	fail(parser->log, -EINVAL, "%s: filter \"%.*s%s\": %s at column %d",
	     parser->name, LONGEST_QUOTE, parser->start, is_long ? "..." : "",
	     reason, (int)(at - parser->start) + 1);
	return fail_position(parser->log, (int32_t)(at - parser->start));
}

static void skip_spaces(struct parser *parser)
{
	while (isspace((unsigned char)*parser->at))
		parser->at++;
}

static bool skip_text(struct parser *parser, const char *text)
{
	if (strncmp(parser->at, text, strlen(text)))
		return false;
	parser->at += strlen(text);
	return true;
}

static size_t name_length(const char *text)
{
	size_t length = 0;

	while (identifier_has(text[length]))
		length++;
	return length;
}

static bool is_name(const char *text, size_t length, const char *name)
{
	return strlen(name) == length && !memcmp(text, name, length);
}

/* filter_assign_type(): by the spelling of the type alone. */
static void classify(struct perftrace_field *field, struct operand *operand)
{
	const char *type = perftrace_field_get_type(field);
	bool has_char = strstr(type, "char");

	operand->is_signed = perftrace_field_is_signed(field);
	operand->kind = VALUE_INTEGER;
	if (has_char &&
	    (strchr(type, '[') || perftrace_field_is_dynamic(field)))
		operand->kind = VALUE_STRING;
	if (!strcmp(type, "char *") || !strcmp(type, "const char *"))
		operand->kind = VALUE_STRING;
}

/* What trace_define_generic_fields() adds to every event. */
static bool find_generic(const char *text, size_t length,
			 struct operand *operand)
{
	static const struct {
		const char *name;
		enum value_kind kind;
	} generic[] = {
		{ "CPU", VALUE_INTEGER },
		{ "cpu", VALUE_INTEGER },
		{ "common_cpu", VALUE_INTEGER },
		{ "COMM", VALUE_STRING },
		{ "comm", VALUE_STRING },
		/* The kernel takes a number, whatever it is good for. */
		{ "stacktrace", VALUE_INTEGER },
		{ "STACKTRACE", VALUE_INTEGER },
		{ "common_stacktrace", VALUE_INTEGER },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(generic); i++) {
		if (!is_name(text, length, generic[i].name))
			continue;
		operand->kind = generic[i].kind;
		operand->is_signed = true;
		return true;
	}
	return false;
}

static bool find_field(struct parser *parser, const char *text, size_t length,
		       struct operand *operand)
{
	struct perftrace_field *field =
		format_find_field(parser->format, text, length);

	if (!field)
		return find_generic(text, length, operand);
	classify(field, operand);
	return true;
}

static int refuse_field(struct parser *parser)
{
	char names[320];
	int ret = refuse(parser, parser->at, "the event has no such field");

	format_write_names(parser->format, false, names, sizeof(names));
	fail_remedy(parser->log, "it has %s", *names ? names : "none");
	return ret;
}

static const char *parse_operator(struct parser *parser)
{
	/* The longer of two that begin alike comes first. */
	static const char *const operators[] = { "~", "!=", "==", "<=",
						 "<", ">=", ">",  "&" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operators); i++) {
		if (skip_text(parser, operators[i]))
			return operators[i];
	}
	return NULL;
}

static bool is_equality(const char *comparator)
{
	return !strcmp(comparator, "==") || !strcmp(comparator, "!=");
}

/* kstrtoll() and kstrtoull(), base 0. */
static bool is_number(const char *text, size_t length, bool is_signed)
{
	char copy[LONGEST_NUMBER + 1], *end;

	memcpy(copy, text, length);
	copy[length] = '\0';
	if (!isdigit((unsigned char)copy[copy[0] == '-']))
		return false;
	errno = 0;
	if (is_signed)
		strtoll(copy, &end, 0);
	else if (copy[0] == '-')
		return false;
	else
		strtoull(copy, &end, 0);
	return !errno && !*end;
}

static int parse_number(struct parser *parser, const char *comparator,
			const struct operand *operand)
{
	const char *start = parser->at;
	size_t length;

	if (operand->kind == VALUE_STRING)
		return refuse(parser, start,
			      "this field is compared with a quoted string");
	if (!strcmp(comparator, "~"))
		return refuse(parser, start, "~ takes a quoted string");
	if (*parser->at == '-')
		parser->at++;
	while (isalnum((unsigned char)*parser->at))
		parser->at++;
	length = (size_t)(parser->at - start);
	if (length > LONGEST_NUMBER)
		return refuse(parser, start, "the number is too long");
	if (is_number(start, length, operand->is_signed))
		return 0;
	return refuse(parser, start,
		      !operand->is_signed && *start == '-' ?
			      "this field is never negative: bad number" :
			      "bad number");
}

static int parse_string(struct parser *parser, const char *comparator,
			const struct operand *operand)
{
	const char *start = parser->at, *end;

	if (operand->kind != VALUE_STRING)
		return refuse(parser, start,
			      "this field is compared with a number, not with "
			      "a string");
	if (!is_equality(comparator) && strcmp(comparator, "~"))
		return refuse(parser, start,
			      "strings are compared with ==, != or ~ alone; "
			      "other operator");
	end = strchr(start + 1, *start);
	if (!end)
		return refuse(parser, start, "the quote is not closed, begun");
	if (end - start - 1 > LONGEST_STRING)
		return refuse(parser, start,
			      "the string is longer than 255 bytes, begun");
	parser->at = end + 1;
	return 0;
}

/* The list itself is the kernel's to read: it knows its CPUs. */
static int parse_cpus(struct parser *parser, const char *comparator,
		      const struct operand *operand)
{
	const char *start = parser->at, *end;

	if (operand->kind == VALUE_STRING)
		return refuse(parser, start,
			      "this field is compared with a quoted string");
	if (!is_equality(comparator) && strcmp(comparator, "&"))
		return refuse(parser, start,
			      "CPUS{} is compared with ==, != or & alone; "
			      "other operator");
	parser->at += strlen("CPUS");
	end = strchr(parser->at, '}');
	if (*parser->at != '{' || !end || end == parser->at + 1)
		return refuse(parser, start, "CPUS takes a list, CPUS{0-3},");
	parser->at = end + 1;
	return 0;
}

/* A function's name or address; the kernel knows which there are. */
static int parse_function(struct parser *parser, const char *comparator)
{
	const char *start = parser->at;

	if (!is_equality(comparator))
		return refuse(parser, start,
			      ".function is compared with == or != alone; "
			      "other operator");
	while (*parser->at && !isspace((unsigned char)*parser->at))
		parser->at++;
	return parser->at == start ?
		       refuse(parser, start, "a function's name is missing") :
		       0;
}

static int parse_value(struct parser *parser, const char *comparator,
		       const struct operand *operand)
{
	char first = *parser->at;

	if (!strncmp(parser->at, "CPUS", 4))
		return parse_cpus(parser, comparator, operand);
	if (first == '"' || first == '\'')
		return parse_string(parser, comparator, operand);
	if (isdigit((unsigned char)first) || first == '-')
		return parse_number(parser, comparator, operand);
	if (!first)
		return refuse(parser, parser->at, "a value is missing");
	return refuse(parser, parser->at,
		      "neither a number nor a quoted string");
}

/*
 * ftrace:function takes patterns of names, with or without quotes, for its ip;
 * what it does not take is the kernel's to say.
 */
static int parse_patterns(struct parser *parser, const char *comparator)
{
	const struct operand names = { .kind = VALUE_STRING };

	if (!*parser->at || *parser->at == '"' || *parser->at == '\'')
		return parse_value(parser, comparator, &names);
	parser->at += strcspn(parser->at, ")&|");
	return 0;
}

static int parse_comparison(struct parser *parser)
{
	size_t length = name_length(parser->at);
	struct operand operand;
	const char *comparator;
	bool is_function;

	if (!length)
		return refuse(parser, parser->at, "a comparison is missing");
	if (!find_field(parser, parser->at, length, &operand))
		return refuse_field(parser);
	parser->at += length;
	skip_text(parser, ".ustring");
	is_function = skip_text(parser, ".function");
	skip_spaces(parser);
	comparator = parse_operator(parser);
	if (!comparator)
		return refuse(parser, parser->at,
			      "no operator out of ~ != == <= < >= > &");
	skip_spaces(parser);
	if (!strcmp(parser->name, "ftrace:function"))
		return parse_patterns(parser, comparator);
	return is_function ? parse_function(parser, comparator) :
			     parse_value(parser, comparator, &operand);
}

/* Up to a comparison: opening parentheses and negations. */
static void parse_prefixes(struct parser *parser)
{
	for (;;) {
		skip_spaces(parser);
		if (*parser->at == '(')
			parser->depth++;
		else if (*parser->at != '!' || parser->at[1] == '=' ||
			 parser->at[1] == '~')
			return;
		parser->at++;
	}
}

/* 1: another comparison follows; 0: the filter ends here. */
static int parse_suffixes(struct parser *parser)
{
	for (;;) {
		skip_spaces(parser);
		if (!*parser->at)
			break;
		if (skip_text(parser, "&&") || skip_text(parser, "||"))
			return 1;
		if (*parser->at != ')')
			return refuse(parser, parser->at,
				      "neither && nor || nor the end");
		if (!parser->depth--)
			return refuse(parser, parser->at,
				      "a parenthesis that was not opened");
		parser->at++;
	}
	if (parser->depth)
		return refuse(parser, parser->at,
			      "a closing parenthesis is missing");
	return 0;
}

int filter_check(struct log *log, const char *name, struct format *format,
		 const char *filter)
{
	struct parser parser = {
		.log = log,
		.name = name,
		.format = format,
		.start = filter,
		.at = filter,
	};
	int ret;

	if (strlen(filter) > LONGEST_FILTER) {
		fail(log, -EINVAL, "%s: the filter is longer than %d bytes",
		     name, LONGEST_FILTER);
		return fail_position(log, LONGEST_FILTER);
	}
	do {
		parse_prefixes(&parser);
		ret = parse_comparison(&parser);
		if (!ret)
			ret = parse_suffixes(&parser);
	} while (ret > 0);
	return ret;
}
