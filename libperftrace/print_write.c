/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print_write.h"

#include <ctype.h>

void print_write_byte(struct print_output *output, unsigned char byte,
		      bool is_upper)
{
	const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";

	if (!print_has_room(output, 2))
		return;
	*output->at++ = digits[byte >> 4];
	*output->at++ = digits[byte & 15];
}

void print_write_address(struct print_output *output, uint64_t number)
{
	print_write(output, "0x", 2);
	print_write_hex(output, number);
}

static void write_fill(struct print_output *output, char fill, size_t count)
{
	if (!print_has_room(output, count))
		return;
	memset(output->at, fill, count);
	output->at += count;
}

/* A number in parts: what stands before the zeros, and the digits behind. */
struct parts {
	char sign[2];
	size_t sign_bytes;
	size_t num_zeros;
	char digits[DIGITS_ROOM];
	size_t num_digits;
};

static char *octal(char *at, uint64_t number)
{
	size_t bits = 64 - (size_t)__builtin_clzll(number | 1);
	size_t count = (bits + 2) / 3;
	char *end = at + count;

	for (at = end; count--; number >>= 3)
		*--at = (char)('0' + (number & 7));
	return end;
}

static void set_sign(struct parts *parts, const struct print_spec *spec,
		     uint64_t *number)
{
	if (spec->conversion != 'd')
		return;
	if ((int64_t)*number < 0) {
		*number = -*number;
		parts->sign[parts->sign_bytes++] = '-';
	} else if (spec->has_plus) {
		parts->sign[parts->sign_bytes++] = '+';
	}
}

static void set_digits(struct parts *parts, char conversion, uint64_t number)
{
	char *end, *digit;

	if (conversion == 'x' || conversion == 'X')
		end = digits_hex(parts->digits, number);
	else if (conversion == 'o')
		end = octal(parts->digits, number);
	else
		end = digits_decimal(parts->digits, number);
	parts->num_digits = (size_t)(end - parts->digits);
	if (conversion != 'X')
		return;
	for (digit = parts->digits; digit < end; digit++)
		*digit = (char)toupper(*digit);
}

static void set_hash(struct parts *parts, const struct print_spec *spec,
		     uint64_t number)
{
	if (!spec->has_hash)
		return;
	if ((spec->conversion == 'x' || spec->conversion == 'X') && number) {
		parts->sign[parts->sign_bytes++] = '0';
		parts->sign[parts->sign_bytes++] = spec->conversion;
	}
	/* One more zero, where none is there yet. */
	if (spec->conversion == 'o' && !parts->num_zeros &&
	    (!parts->num_digits || parts->digits[0] != '0'))
		parts->num_zeros = 1;
}

static void fill_parts(struct parts *parts, const struct print_spec *spec,
		       int32_t precision, uint64_t number)
{
	set_sign(parts, spec, &number);
	set_digits(parts, spec->conversion, number);
	if (!precision && !number)
		parts->num_digits = 0;
	if (precision > 0 && (size_t)precision > parts->num_digits)
		parts->num_zeros = (size_t)precision - parts->num_digits;
	set_hash(parts, spec, number);
}

static void write_character(struct print_output *output,
			    const struct print_spec *spec, size_t width,
			    char character)
{
	size_t fill = width > 1 ? width - 1 : 0;

	if (!spec->is_left)
		write_fill(output, ' ', fill);
	print_write_char(output, character);
	if (spec->is_left)
		write_fill(output, ' ', fill);
}

static void write_parts(struct print_output *output, struct parts *parts,
			const struct print_spec *spec, size_t width,
			bool has_zeros)
{
	size_t bytes = parts->sign_bytes + parts->num_zeros + parts->num_digits;
	size_t fill = width > bytes ? width - bytes : 0;

	if (has_zeros) {
		parts->num_zeros += fill;
		fill = 0;
	}
	if (!spec->is_left)
		write_fill(output, ' ', fill);
	print_write(output, parts->sign, parts->sign_bytes);
	write_fill(output, '0', parts->num_zeros);
	print_write(output, parts->digits, parts->num_digits);
	if (spec->is_left)
		write_fill(output, ' ', fill);
}

void print_write_number(struct print_output *output,
			const struct print_spec *spec, int32_t star,
			uint64_t number)
{
	int32_t width = spec->takes_width ? star : spec->width;
	int32_t precision = spec->takes_precision ? star : spec->precision;
	struct parts parts;

	if (spec->conversion == 'c') {
		write_character(output, spec, (size_t)width, (char)number);
		return;
	}
	parts.sign_bytes = parts.num_zeros = 0;
	number = spec->conversion == 'd' ?
			 (uint64_t)print_cut_signed(spec, number) :
			 print_cut(spec, number);
	fill_parts(&parts, spec, precision, number);
	write_parts(output, &parts, spec, (size_t)width,
		    spec->has_zero && !spec->is_left && precision < 0);
}

void print_write_string(struct print_output *output,
			const struct print_spec *spec, int32_t star,
			const char *text, size_t room)
{
	int32_t width = spec->takes_width ? star : spec->width;
	int32_t precision = spec->takes_precision ? star : spec->precision;
	size_t bytes, fill;

	if (precision >= 0 && (size_t)precision < room)
		room = (size_t)precision;
	bytes = strnlen(text, room);
	fill = (size_t)width > bytes ? (size_t)width - bytes : 0;
	if (fill && !spec->is_left)
		write_fill(output, ' ', fill);
	print_write(output, text, bytes);
	if (fill && spec->is_left)
		write_fill(output, ' ', fill);
}
