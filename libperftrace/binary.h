/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BINARY_H
#define BINARY_H

/*
 * A program or a shared library, as a probe has to know it: where in the file a
 * function is, what is at an address, which markers there are. Pure: an ELF
 * file's bytes in, places out.
 *
 * Addresses are virtual ones, as the linker gave them and nm(1) shows them;
 * offsets are in the file, as the kernel's uprobes take them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "binary_markers.h"

struct binary;
struct log;

/*
 * @name is for messages. @fd is borrowed, and must stay open as long as the
 * binary lives. -ENOEXEC: not a file of that kind; -EBADMSG: it is damaged.
 */
int binary_open(struct log *log, int fd, const char *name,
		struct binary **binary);
/* The bytes are copied. */
int binary_open_memory(struct log *log, const void *bytes, size_t size,
		       const char *name, struct binary **binary);
void binary_free(struct binary *binary);

/* EM_* of elf.h. */
uint16_t binary_get_machine(const struct binary *binary);
bool binary_is_64bit(const struct binary *binary);

/* GNU's build id: its length, 0 when there is none. */
size_t binary_get_build_id(const struct binary *binary, const uint8_t **id);
/* The name of the debug file and its CRC-32; NULL when there is none. */
const char *binary_get_debug_link(const struct binary *binary, uint32_t *crc);

/*
 * Use the symbols of @debug, too; the binary owns it from then on. -EINVAL when
 * it was split from another file, and stays the caller's. What was said about
 * names of functions before is no longer valid.
 */
int binary_set_debug(struct binary *binary, struct binary *debug);

struct binary_place {
	uint64_t address;
	uint64_t offset;
	/* The function that it lies in, or NULL; owned by the binary. */
	const char *name;
	/* Bytes from the function's start. */
	uint64_t into;
	/* The function's bytes; 0 when they are not known. */
	uint64_t size;
};

/*
 * The function that @name means: "malloc", "malloc@GLIBC_2.2.5", a mangled name
 * or, where the C++ runtime is there, "ns::Class::method", with or without its
 * parameters. -ENOENT: it is not there; -EADDRNOTAVAIL: several are;
 * -EOPNOTSUPP: which one it is, is chosen when the program starts.
 */
int binary_find_function(struct binary *binary, const char *name,
			 struct binary_place *place);

/* Code by its address: -ERANGE when there is nothing, -EINVAL for data. */
int binary_find_address(struct binary *binary, uint64_t address,
			struct binary_place *place);

/* Code by its offset: -ERANGE when there is none. */
int binary_find_offset(struct binary *binary, uint64_t offset,
		       struct binary_place *place);

/* Only the offset, and of data, too, unless it @must_be_executable. */
int binary_translate(struct binary *binary, uint64_t address,
		     bool must_be_executable, uint64_t *offset);

/* The address of a function or of data; errors as for a function. */
int binary_find_symbol_address(struct binary *binary, const char *name,
			       uint64_t *address);

/* In the file's order, one per location, owned by the binary. */
int binary_get_markers(struct binary *binary,
		       const struct binary_marker **markers, size_t *count);

#endif /* BINARY_H */
