/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ldconfig(8) writes what the dynamic linker then looks sonames up in. There is
 * no manual of the format; it is in sysdeps/generic/dl-cache.h of glibc. All
 * numbers are in the machine's byte order, which is little-endian on the
 * machines here:
 *
 *	 0	"glibc-ld.so.cache1.1"
 *	20	u32	number of entries
 *	24	u32	bytes of strings
 *	28	u8	byte order, in the lowest two bits; 0: old, 2: little
 *	32	u32	offset of extensions, not used here
 *	48	entries of 24 bytes:
 *	 0	s32	flags
 *	 4	u32	offset of the soname, ended by a zero byte
 *	 8	u32	offset of the path, likewise
 *	16	u64	hwcap
 *
 * Before glibc 2.32, ldconfig put a file in the older format in front:
 *
 *	 0	"ld.so-1.7.0"
 *	12	u32	number of entries, of 12 bytes each, from 16 on
 *
 * The newer begins at the next multiple of 8, and its offsets count from there.
 */
#include "ld_cache.h"

#include <errno.h>
#include <string.h>

static const char old_magic[] = "ld.so-1.7.0";
static const char magic[] = "glibc-ld.so.cache1.1";

#define OLD_HEADER_BYTES 16
#define OLD_ENTRY_BYTES	 12
#define HEADER_BYTES	 48
#define ENTRY_BYTES	 24

enum { BYTE_ORDER_UNSET = 0, BYTE_ORDER_LITTLE = 2 };

static uint32_t read_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
	       (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint64_t read_u64(const unsigned char *bytes)
{
	return read_u32(bytes) | (uint64_t)read_u32(bytes + 4) << 32;
}

/* Where the newer format begins; @size: nowhere. */
static size_t skip_old_format(const unsigned char *bytes, size_t size)
{
	uint64_t end;

	if (size < OLD_HEADER_BYTES ||
	    memcmp(bytes, old_magic, strlen(old_magic)))
		return 0;
	end = OLD_HEADER_BYTES +
	      (uint64_t)read_u32(bytes + 12) * OLD_ENTRY_BYTES;
	end = (end + 7) & ~UINT64_C(7);
	return end < size ? (size_t)end : size;
}

int ld_cache_parse(const void *file, size_t size, struct ld_cache *cache)
{
	const unsigned char *bytes = file;
	size_t start = skip_old_format(bytes, size);
	uint32_t count;
	int byte_order;

	bytes += start;
	size -= start;
	if (size < HEADER_BYTES || memcmp(bytes, magic, strlen(magic)))
		return -EBADMSG;
	byte_order = bytes[28] & 3;
	if (byte_order != BYTE_ORDER_UNSET && byte_order != BYTE_ORDER_LITTLE)
		return -EBADMSG;
	count = read_u32(bytes + 20);
	if (count > (size - HEADER_BYTES) / ENTRY_BYTES)
		return -EBADMSG;
	*cache = (struct ld_cache){
		.bytes = bytes,
		.size = size,
		.count = count,
	};
	return 0;
}

/* NULL: it does not lie, or end, in the file. */
static const char *find_string(const struct ld_cache *cache, uint32_t offset)
{
	if (offset >= cache->size ||
	    !memchr(cache->bytes + offset, 0, cache->size - offset))
		return NULL;
	return (const char *)cache->bytes + offset;
}

int ld_cache_entry(const struct ld_cache *cache, size_t index,
		   struct ld_cache_entry *entry)
{
	const unsigned char *bytes =
		cache->bytes + HEADER_BYTES + index * ENTRY_BYTES;
	const char *name = find_string(cache, read_u32(bytes + 4));
	const char *path = find_string(cache, read_u32(bytes + 8));

	if (!name || !path)
		return -EBADMSG;
	*entry = (struct ld_cache_entry){
		.flags = read_u32(bytes),
		.hwcap = read_u64(bytes + 16),
		.name = name,
		.path = path,
	};
	return 0;
}

uint32_t ld_cache_flags(enum machine machine)
{
	/* FLAG_ELF_LIBC6, with FLAG_X8664_LIB64 or FLAG_AARCH64_LIB64. */
	return machine == MACHINE_ARM64 ? 0x0a03 : 0x0303;
}
