/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print_pointer.h"

#include "print_data.h"
#include "print_program.h"
#include "print_write.h"

void print_write_mac(struct print_output *output, const struct print_op *op,
		     const unsigned char *at)
{
	bool is_reversed = op->options & PRINT_OPTION_REVERSED;
	size_t i;

	for (i = 0; i < 6; i++) {
		if (i && op->separator)
			print_write_char(output, op->separator);
		print_write_byte(output, at[is_reversed ? 5 - i : i], false);
	}
}

/* A small 'i' fills up with zeros. */
static void write_octet(struct print_output *output, unsigned char octet,
			bool is_filled)
{
	if (is_filled && octet < 100)
		print_write_char(output, '0');
	if (is_filled && octet < 10)
		print_write_char(output, '0');
	print_write_decimal(output, octet);
}

static void write_octets(struct print_output *output, const unsigned char *at,
			 bool is_reversed, bool is_filled)
{
	size_t i;

	for (i = 0; i < 4; i++) {
		if (i)
			print_write_char(output, '.');
		write_octet(output, at[is_reversed ? 3 - i : i], is_filled);
	}
}

void print_write_ip4(struct print_output *output, const struct print_op *op,
		     const unsigned char *at)
{
	write_octets(output, at, op->options & PRINT_OPTION_REVERSED,
		     op->options & PRINT_OPTION_SMALL);
}

static void write_full(struct print_output *output, const unsigned char *at,
		       bool has_colons)
{
	size_t i;

	for (i = 0; i < 16; i += 2) {
		print_write_byte(output, at[i], false);
		print_write_byte(output, at[i + 1], false);
		if (has_colons && i < 14)
			print_write_char(output, ':');
	}
}

static uint16_t word_at(const unsigned char *at, size_t index)
{
	return (uint16_t)(at[index * 2] << 8 | at[index * 2 + 1]);
}

/* IPv4 in the last four bytes: mapped, or an ISATAP interface. */
static bool ends_in_ip4(const unsigned char *at)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!memcmp(at, mapped, sizeof(mapped)))
		return true;
	return (at[8] | 2) == 2 && at[9] == 0 && at[10] == 0x5e &&
	       at[11] == 0xfe;
}

/* The first of the longest runs of zeros, of more than one; where none is: 8. */
static size_t find_gap(const unsigned char *at, size_t num_words,
		       size_t *length)
{
	size_t i, run, gap = 8;

	*length = 1;
	for (i = 0; i < num_words; i++) {
		for (run = 0; i + run < num_words; run++) {
			if (word_at(at, i + run))
				break;
		}
		if (run > *length) {
			*length = run;
			gap = i;
		}
	}
	return gap;
}

static void write_compact(struct print_output *output, const unsigned char *at)
{
	bool has_ip4 = ends_in_ip4(at), needs_colon = false;
	size_t num_words = has_ip4 ? 6 : 8, length, i;
	size_t gap = find_gap(at, num_words, &length);

	for (i = 0; i < num_words; i++) {
		if (needs_colon || (i == gap && !i))
			print_write_char(output, ':');
		if (i == gap) {
			print_write_char(output, ':');
			needs_colon = false;
			i += length - 1;
			continue;
		}
		print_write_hex(output, word_at(at, i));
		needs_colon = true;
	}
	if (!has_ip4)
		return;
	if (needs_colon)
		print_write_char(output, ':');
	write_octets(output, at + 12, false, false);
}

void print_write_ip6(struct print_output *output, const struct print_op *op,
		     const unsigned char *at)
{
	if (op->options & PRINT_OPTION_COMPACT)
		write_compact(output, at);
	else
		write_full(output, at, !(op->options & PRINT_OPTION_SMALL));
}

void print_write_uuid(struct print_output *output, const struct print_op *op,
		      const unsigned char *at)
{
	static const unsigned char guid[16] = { 3, 2, 1,  0,  5,  4,  7,  6,
						8, 9, 10, 11, 12, 13, 14, 15 };
	bool is_reversed = op->options & PRINT_OPTION_REVERSED;
	size_t i;

	for (i = 0; i < sizeof(guid); i++) {
		print_write_byte(output, at[is_reversed ? guid[i] : i],
				 op->options & PRINT_OPTION_UPPER);
		if (i == 3 || i == 5 || i == 7 || i == 9)
			print_write_char(output, '-');
	}
}

/* struct sockaddr_in and sockaddr_in6: family, port, and the address behind. */
#define FAMILY_IP4  2
#define FAMILY_IP6  10
#define IP4_BYTES   16
#define IP6_BYTES   28
#define PORT_OFFSET 2
#define IP4_OFFSET  4
#define IP6_OFFSET  8

static void write_port(struct print_output *output, const unsigned char *at)
{
	print_write_char(output, ':');
	print_write_decimal(output, word_at(at + PORT_OFFSET, 0));
}

static void write_socket_ip4(struct print_output *output,
			     const struct print_op *op, const unsigned char *at,
			     size_t size)
{
	if (size < IP4_BYTES) {
		print_write(output, "INVALIDIPv4", strlen("INVALIDIPv4"));
		return;
	}
	print_write_ip4(output, op, at + IP4_OFFSET);
	if (op->options & PRINT_OPTION_PORT)
		write_port(output, at);
}

static void write_socket_ip6(struct print_output *output,
			     const struct print_op *op, const unsigned char *at,
			     size_t size)
{
	bool has_port = op->options & PRINT_OPTION_PORT;

	if (size < IP6_BYTES) {
		print_write(output, "INVALIDIPv6", strlen("INVALIDIPv6"));
		return;
	}
	if (has_port)
		print_write_char(output, '[');
	print_write_ip6(output, op, at + IP6_OFFSET);
	if (!has_port)
		return;
	print_write_char(output, ']');
	write_port(output, at);
}

void print_write_sockaddr(struct print_output *output,
			  const struct print_op *op,
			  const struct print_data *data, size_t offset,
			  size_t size)
{
	switch (print_load_anywhere(data, offset, sizeof(uint16_t))) {
	case FAMILY_IP4:
		write_socket_ip4(output, op, data->raw + offset, size);
		break;
	case FAMILY_IP6:
		write_socket_ip6(output, op, data->raw + offset, size);
		break;
	}
}
