/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text as /proc/PID/maps: lines are within it, and paths are theirs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mapping(const struct mapping *mapping, const char *text)
{
	char path[64];

	if (mapping->path < text ||
	    mapping->path + mapping->path_length > text + strlen(text) ||
	    memchr(mapping->path, '\n', mapping->path_length))
		abort();
	if (!maps_path(mapping, path, sizeof(path)))
		return;
	if (*path != '/' || strlen(path) > mapping->path_length)
		abort();
	maps_cut_deleted(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct mapping mapping;
	const char *at = text;

	if (!text)
		abort();
	while (maps_next(&at, &mapping))
		check_mapping(&mapping, text);
	if (*at)
		abort();
	free(text);
	return 0;
}
