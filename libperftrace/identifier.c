/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "identifier.h"

/* Not isalnum(3): its letters are the locale's. */
static bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

bool identifier_has(char letter)
{
	return is_digit(letter) || (letter >= 'a' && letter <= 'z') ||
	       (letter >= 'A' && letter <= 'Z') || letter == '_';
}

size_t identifier_length(const char *text)
{
	size_t length = 0;

	if (is_digit(*text))
		return 0;
	while (identifier_has(text[length]))
		length++;
	return length;
}
