/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LD_CACHE_H
#define LD_CACHE_H

/* The bytes of /etc/ld.so.cache: which files have which soname. Pure. */

#include <stddef.h>
#include <stdint.h>

#include "registers.h"

/* Borrows the bytes. */
struct ld_cache {
	const unsigned char *bytes;
	size_t size;
	size_t count;
};

struct ld_cache_entry {
	/* Kind of file and machine: ld_cache_flags(). */
	uint32_t flags;
	/* What the processor must have for this one; 0: nothing. */
	uint64_t hwcap;
	/* Within the bytes. */
	const char *name;
	const char *path;
};

/* -EBADMSG: not such a file, of another byte order, or damaged. */
int ld_cache_parse(const void *bytes, size_t size, struct ld_cache *cache);

/* -EBADMSG: the entry leads out of the file. */
int ld_cache_entry(const struct ld_cache *cache, size_t index,
		   struct ld_cache_entry *entry);

/* The flags of a machine's own libraries. */
uint32_t ld_cache_flags(enum machine machine);

#endif /* LD_CACHE_H */
