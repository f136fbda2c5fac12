/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * C++ names follow the Itanium C++ ABI, "5.1 External Names (a.k.a. Mangling)".
 * Its demangler, __cxa_demangle(), is part of the C++ runtime library; it has
 * no header for C.
 *
 * A short name can stand for a text without an end: "S_" and "T_" refer back to
 * what is in the name already, and what they refer to may refer back in turn;
 * "Dp" and "sp" repeat a pattern for each of a list. The demangler writes that
 * text, and the file is not ours, so a name is only read if it can't become
 * longer than LARGEST_BITS has it, by an estimate that is too large for all
 * honest names: three in a thousand of node's, the most baroque ones, are not
 * read. They are found by their mangled name, as all are.
 */
#include "binary_demangle.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "identifier.h"

#define LARGEST_BITS 27
/* libstdc++ gives up at names that are longer. */
#define LONGEST_NAME 1024

#ifdef HAVE_DEMANGLE

char *__cxa_demangle(const char *mangled, char *buffer, size_t *length,
		     int *status);

bool binary_demangle_is_available(void)
{
	return true;
}

/* One that returns: "S_", "S1A_", "T_", "T0_". */
static bool is_reference(const char *at)
{
	if (*at != 'S' && *at != 'T')
		return false;
	at++;
	while (isdigit((unsigned char)*at) || isupper((unsigned char)*at))
		at++;
	return *at == '_';
}

static bool is_repetition(const char *at)
{
	return (at[0] == 'D' || at[0] == 's') && at[1] == 'p';
}

/*
 * The text's length is at most 2 to this power. References make most of a name
 * when three of them are to what was there before: a factor of 3, or 1.6 bits.
 */
static size_t estimate_bits(const char *mangled)
{
	size_t length = strlen(mangled), references = 0, repetitions = 0;
	size_t bits = 0;
	const char *at;

	for (at = mangled; *at; at++) {
		references += is_reference(at);
		repetitions += is_repetition(at);
	}
	for (; length; length >>= 1)
		bits++;
	return bits * (1 + repetitions) + (references * 8 + 14) / 15;
}

char *binary_demangle(const char *mangled, size_t *bytes_left)
{
	size_t length;
	int status;
	char *text;

	if (strncmp(mangled, "_Z", 2) ||
	    strnlen(mangled, LONGEST_NAME + 1) > LONGEST_NAME || !*bytes_left ||
	    estimate_bits(mangled) > LARGEST_BITS)
		return NULL;
	text = __cxa_demangle(mangled, NULL, NULL, &status);
	/* Those that can't be read cost something, too. */
	length = LONGEST_NAME + (text ? strlen(text) : 0);
	*bytes_left -= length < *bytes_left ? length : *bytes_left;
	return text;
}

#else

bool binary_demangle_is_available(void)
{
	return false;
}

char *binary_demangle(const char *mangled, size_t *bytes_left)
{
	(void)mangled;
	(void)bytes_left;
	return NULL;
}

#endif /* HAVE_DEMANGLE */

/* What follows the word "operator"; a space belongs to "operator bool". */
static size_t operator_length(const char *at)
{
	/* Longer ones first; others have nothing that opens or closes. */
	static const char *const operators[] = {
		"<=>", "<<=", ">>=", "->*", "->", "<<",	   ">>", "<=",
		">=",  "<",   ">",   "()",  "[]", "\"\" ", " ",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operators); i++) {
		if (!strncmp(at, operators[i], strlen(operators[i])))
			return strlen(operators[i]);
	}
	return 0;
}

/* How long the next part of a name is, and how deep in brackets what follows. */
static size_t step(const char *text, const char *at, int *depth)
{
	static const char word[] = "operator";
	size_t length = strlen(word);

	if (!strncmp(at, word, length) && !identifier_has(at[length]) &&
	    (at == text || !identifier_has(at[-1])))
		return length + operator_length(at + length);
	if (!strncmp(at, "->", 2))
		return 2;
	if (strchr("(<[{", *at))
		++*depth;
	else if (strchr(")>]}", *at) && *depth)
		--*depth;
	return 1;
}

/* NULL, both of them, when a name is without parameters. */
struct parameters {
	const char *start;
	const char *end;
};

/* The last parentheses that are in no others, if no name follows them. */
static struct parameters find_parameters(const char *text)
{
	struct parameters found = { NULL, NULL };
	const char *at = text;
	int depth = 0;

	while (*at) {
		const char *part = at;
		int before = depth;

		at += step(text, at, &depth);
		if (*part == '(' && !before)
			found.start = part;
		else if (*part == ')' && !depth)
			found.end = at;
		else if (!depth && !strncmp(part, "::", 2))
			found.start = found.end = NULL;
	}
	if (!found.start || !found.end || found.end < found.start)
		found.start = found.end = NULL;
	return found;
}

/* The arguments of a template, when a name ends with them, are cut off. */
static const char *cut_arguments(const char *text, const char *end)
{
	int depth = 0;

	if (end == text || end[-1] != '>')
		return end;
	do {
		end--;
		depth += (*end == '>') - (*end == '<');
	} while (depth && end > text);
	return end;
}

void binary_demangle_begin(const char *text,
			   struct binary_identifier *identifier)
{
	struct parameters parameters = find_parameters(text);
	const char *end = parameters.start;
	const char *start;

	identifier->text = text;
	identifier->length = 0;
	/* What it is called is not what it is mangled to. */
	if (strstr(text, "operator"))
		return;
	if (!end)
		end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	end = cut_arguments(text, end);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	for (start = end; start > text && identifier_has(start[-1]); start--)
		;
	identifier->text = start;
	identifier->length = (size_t)(end - start);
}

/* An identifier is mangled to its length and itself: "3foo". */
bool binary_demangle_may_match(const char *mangled,
			       const struct binary_identifier *identifier)
{
	char number[24];
	size_t digits;
	const char *at = mangled;

	if (strncmp(mangled, "_Z", 2))
		return false;
	if (!identifier->length)
		return true;
	digits = (size_t)snprintf(number, sizeof(number), "%zu",
				  identifier->length);
	while ((at = strstr(at, number))) {
		at += digits;
		if (!strncmp(at, identifier->text, identifier->length))
			return true;
		at -= digits - 1;
	}
	return false;
}

static bool is_equal(const char *part, const char *end, const char *text)
{
	for (;;) {
		while (part < end && isspace((unsigned char)*part))
			part++;
		while (isspace((unsigned char)*text))
			text++;
		if (part == end || !*text)
			return part == end && !*text;
		if (*part++ != *text++)
			return false;
	}
}

static enum binary_match match_from(const char *start, const char *text,
				    const struct parameters *parameters)
{
	if (is_equal(start, start + strlen(start), text))
		return BINARY_MATCH_FULL;
	if (!parameters->start)
		return BINARY_MATCH_NONE;
	return is_equal(start, parameters->start, text) ||
			       is_equal(start, parameters->end, text) ?
		       BINARY_MATCH_PART :
		       BINARY_MATCH_NONE;
}

/* "vtable for x", "virtual thunk to x", "guard variable for x". */
static bool is_special(const char *mangled)
{
	return !strncmp(mangled, "_ZT", 3) || !strncmp(mangled, "_ZG", 3);
}

enum binary_match binary_demangle_match(const char *mangled,
					const char *demangled, const char *text)
{
	struct parameters parameters = find_parameters(demangled);
	enum binary_match best = match_from(demangled, text, &parameters);
	const char *at = demangled;
	int depth = 0;

	/* What a compiler has cut out of a function is not the function. */
	if (strstr(demangled, " [clone ") && !strstr(text, "[clone "))
		return BINARY_MATCH_NONE;
	/* Instances of templates have the type of what they return. */
	while (!is_special(mangled) && *at && best != BINARY_MATCH_FULL &&
	       (!parameters.start || at < parameters.start)) {
		bool is_space = *at == ' ';
		enum binary_match match;

		at += step(demangled, at, &depth);
		if (!is_space || depth)
			continue;
		match = match_from(at, text, &parameters);
		if (match > best)
			best = match;
	}
	return best;
}
