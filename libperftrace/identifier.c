/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "identifier.h"

#include <ctype.h>

bool identifier_has(char letter)
{
	return isalnum((unsigned char)letter) || letter == '_';
}

size_t identifier_length(const char *text)
{
	size_t length = 0;

	if (isdigit((unsigned char)*text))
		return 0;
	while (identifier_has(text[length]))
		length++;
	return length;
}
