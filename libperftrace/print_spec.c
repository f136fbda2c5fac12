/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print_spec.h"

#include <string.h>

#include "print_program.h"

size_t print_spec_length(const char *text)
{
	size_t length = 1 + strspn(text + 1, "#hlLzZ.0123456789-+*");

	return text[length] ? length + 1 : 0;
}

struct cursor {
	const char *at;
	const char *end;
};

static bool take(struct cursor *cursor, char wanted)
{
	if (cursor->at == cursor->end || *cursor->at != wanted)
		return false;
	cursor->at++;
	return true;
}

static void take_flags(struct cursor *cursor, struct print_spec *spec)
{
	for (;; cursor->at++) {
		switch (*cursor->at) {
		case '-':
			spec->is_left = true;
			break;
		case '+':
			spec->has_plus = true;
			break;
		case '#':
			spec->has_hash = true;
			break;
		case '0':
			spec->has_zero = true;
			break;
		default:
			return;
		}
	}
}

static bool take_number(struct cursor *cursor, bool *is_star, int32_t *number)
{
	*is_star = take(cursor, '*');
	*number = 0;
	if (*is_star)
		return true;
	for (; *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
		*number = *number * 10 + (*cursor->at - '0');
		if (*number > PRINT_MOST_WIDTH)
			return false;
	}
	return true;
}

static bool take_length(struct cursor *cursor, struct print_spec *spec)
{
	static const struct {
		const char *text;
		uint8_t bits;
	} lengths[] = {
		{ "", 32 },   { "h", 16 }, { "hh", 8 }, { "l", 64 },
		{ "ll", 64 }, { "L", 64 }, { "z", 64 }, { "Z", 64 },
	};
	size_t length = (size_t)(cursor->end - cursor->at) - 1, i;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		if (strlen(lengths[i].text) != length ||
		    strncmp(lengths[i].text, cursor->at, length))
			continue;
		spec->unused_bits = (uint8_t)(64 - lengths[i].bits);
		return true;
	}
	return false;
}

/* Characters and strings have a width, and strings a precision. */
static bool is_certain(const struct print_spec *spec)
{
	bool has_precision = spec->takes_precision || spec->precision >= 0;

	if (spec->takes_width && spec->takes_precision)
		return false;
	if (spec->conversion != 'c' && spec->conversion != 's')
		return true;
	if (spec->unused_bits != 32 || spec->has_plus || spec->has_hash ||
	    spec->has_zero)
		return false;
	return spec->conversion == 's' || !has_precision;
}

static bool is_plain(const struct print_spec *spec)
{
	return !spec->is_left && !spec->has_plus && !spec->has_hash &&
	       !spec->has_zero && !spec->takes_width &&
	       !spec->takes_precision && !spec->width && spec->precision < 0;
}

bool print_spec_parse(const char *text, size_t length, struct print_spec *spec)
{
	struct cursor cursor = { text + 1, text + length };

	*spec = (struct print_spec){ .precision = -1 };
	take_flags(&cursor, spec);
	if (!take_number(&cursor, &spec->takes_width, &spec->width))
		return false;
	if (take(&cursor, '.') &&
	    !take_number(&cursor, &spec->takes_precision, &spec->precision))
		return false;
	if (cursor.at >= cursor.end || !take_length(&cursor, spec))
		return false;
	spec->conversion = cursor.end[-1] == 'i' ? 'd' : cursor.end[-1];
	spec->is_plain = is_plain(spec);
	return is_certain(spec);
}

/* "I4h", "ISpc", "I6c"; what follows an address is told by its first letter. */
static size_t address_length(const char *text)
{
	size_t length = 2;

	if (text[1] == 'S')
		length += strspn(text + length, "pfs");
	if (text[1] == 'S' || text[1] == '4') {
		if (text[length] && strchr("hnlb", text[length]))
			length++;
	}
	if (text[1] == '4')
		return length;
	if (text[1] != 'S' && text[1] != '6')
		return 1;
	return text[length] == 'c' ? length + 1 : length;
}

static size_t with_option(const char *text, const char *options)
{
	return text[1] && strchr(options, text[1]) ? 2 : 1;
}

size_t print_spec_pointer_length(const char *text)
{
	switch (*text) {
	case 'F':
	case 'f':
	case 'S':
	case 's':
		return 1;
	case 'M':
	case 'm':
		return with_option(text, "RF");
	case 'I':
	case 'i':
		return address_length(text);
	case 'U':
		return with_option(text, "LlBb");
	case 'h':
		return with_option(text, "CDN");
	default:
		return 0;
	}
}
