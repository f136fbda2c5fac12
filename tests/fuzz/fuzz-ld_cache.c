/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes as a cache of the dynamic linker: every string lies within them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ld_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_string(const uint8_t *data, size_t size, const char *string)
{
	const uint8_t *start = (const uint8_t *)string;

	if (start < data || start + strlen(string) >= data + size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ld_cache_entry entry;
	struct ld_cache cache;
	size_t i;

	if (ld_cache_parse(data, size, &cache))
		return 0;
	for (i = 0; i < cache.count; i++) {
		if (ld_cache_entry(&cache, i, &entry))
			continue;
		check_string(data, size, entry.name);
		check_string(data, size, entry.path);
	}
	return 0;
}
