/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print_mask.h"

#include "print_write.h"

/*
 * The text is written where it will stand, and given its width afterwards: how
 * long it is, nobody knows before.
 */
static void set_width(struct print_output *output,
		      const struct print_spec *spec, int32_t star, char *start)
{
	size_t width = (size_t)(spec->takes_width ? star : spec->width);
	int32_t precision = spec->takes_precision ? star : spec->precision;
	size_t length = (size_t)(output->at - start), fill;

	if (precision >= 0 && (size_t)precision < length)
		length = (size_t)precision;
	output->at = start + length;
	fill = width > length ? width - length : 0;
	if (!print_has_room(output, fill))
		return;
	if (!spec->is_left)
		memmove(start + fill, start, length);
	memset(spec->is_left ? output->at : start, ' ', fill);
	output->at += fill;
}

/* The highest byte first, a comma before each four. */
void print_write_bitmask(struct print_output *output,
			 const struct print_spec *spec, int32_t star,
			 const unsigned char *at, size_t size)
{
	char *start = output->at;

	while (size--) {
		print_write_byte(output, at[size], false);
		if (size && !(size & 3))
			print_write_char(output, ',');
	}
	set_width(output, spec, star, start);
}

static bool has_bit(const unsigned char *at, size_t bit)
{
	return at[bit / 8] >> bit % 8 & 1;
}

static size_t find_bit(const unsigned char *at, size_t bit, size_t num_bits,
		       bool wanted)
{
	while (bit < num_bits && has_bit(at, bit) != wanted)
		bit++;
	return bit;
}

void print_write_cpumask(struct print_output *output,
			 const struct print_spec *spec, int32_t star,
			 const unsigned char *at, size_t size)
{
	char *start = output->at;
	size_t bit, end, num_bits = size * 8;

	for (bit = find_bit(at, 0, num_bits, true); bit < num_bits;
	     bit = find_bit(at, end, num_bits, true)) {
		end = find_bit(at, bit, num_bits, false);
		if (output->at != start)
			print_write_char(output, ',');
		print_write_decimal(output, bit);
		if (end == bit + 1)
			continue;
		print_write_char(output, '-');
		print_write_decimal(output, end - 1);
	}
	set_width(output, spec, star, start);
}
