/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BINARY_IDENTITY_H
#define BINARY_IDENTITY_H

/* What an ELF file is called, and what it calls others. Pure. */

#include <stddef.h>
#include <stdint.h>

struct binary_file;

/* All of it is owned by the file but for the array of names. */
struct binary_identity {
	const uint8_t *build_id;
	size_t build_id_bytes;
	/* The name of the debug file, and its CRC-32. */
	const char *debug_link;
	uint32_t debug_link_crc;
	const char **needed;
	size_t needed_count;
};

int binary_identity_read(struct binary_file *file,
			 struct binary_identity *identity);
void binary_identity_release(struct binary_identity *identity);

#endif /* BINARY_IDENTITY_H */
