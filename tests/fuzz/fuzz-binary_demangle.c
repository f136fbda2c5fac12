/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A mangled name of a file, and behind a line's end what a user looks for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "binary_demangle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_match(const char *mangled, const char *text, size_t *left)
{
	char *demangled = binary_demangle(mangled, left);

	if (!demangled)
		return;
	if (strlen(demangled) > BINARY_DEMANGLE_BYTES)
		abort();
	binary_demangle_match(mangled, demangled, text);
	if (binary_demangle_match(mangled, demangled, demangled) !=
	    BINARY_MATCH_FULL)
		abort();
	free(demangled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t left = BINARY_DEMANGLE_BYTES;
	struct binary_identifier identifier;
	char *mangled = strndup((const char *)data, size);
	char *text;

	if (!mangled)
		abort();
	text = strchr(mangled, '\n');
	if (text)
		*text++ = '\0';
	else
		text = mangled;
	binary_demangle_begin(text, &identifier);
	binary_demangle_may_match(mangled, &identifier);
	/* As if it were what the demangler answers. */
	binary_demangle_match("_Z1fv", mangled, text);
	check_match(mangled, text, &left);
	free(mangled);
	return 0;
}
