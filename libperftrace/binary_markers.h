/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BINARY_MARKERS_H
#define BINARY_MARKERS_H

/* Markers in an ELF file: systemtap's static probes. Pure. */

#include <stddef.h>
#include <stdint.h>

struct binary_file;

/* Texts are owned by the file. */
struct binary_marker {
	const char *provider;
	const char *name;
	/* "" when it has none. */
	const char *arguments;
	/* Of the instruction, virtual and in the file. */
	uint64_t address;
	uint64_t offset;
	/* Of the counter of who looks; 0: it has none. */
	uint64_t semaphore_address;
	uint64_t semaphore_offset;
};

/* In the file's order, one per location; to be freed. */
int binary_markers_read(struct binary_file *file,
			struct binary_marker **markers, size_t *count);

#endif /* BINARY_MARKERS_H */
