/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capability.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#define NUM_CAPABILITIES 41
#define LONGEST_NAME	 64

static uint64_t read_set(cap_t own, cap_flag_t set)
{
	uint64_t bits = 0;
	int i;

	for (i = 0; i < NUM_CAPABILITIES; i++) {
		cap_flag_value_t value = CAP_CLEAR;

		/* Of those that this kernel does not have, there are none. */
		if (!cap_get_flag(own, i, set, &value) && value == CAP_SET)
			bits |= UINT64_C(1) << i;
	}
	return bits;
}

void capability_read(uint64_t *effective, uint64_t *permitted)
{
	cap_t own = cap_get_proc();

	*effective = *permitted = 0;
	if (!own)
		return;
	*effective = read_set(own, CAP_EFFECTIVE);
	*permitted = read_set(own, CAP_PERMITTED);
	cap_free(own);
}

static bool read_name(const char *name, size_t length, uint64_t *capabilities)
{
	static const char prefix[] = "cap_";
	char full[LONGEST_NAME];
	cap_value_t value;

	if (length >= sizeof(full) - strlen(prefix))
		return false;
	snprintf(full, sizeof(full), "%s%.*s",
		 strncasecmp(name, prefix, strlen(prefix)) ? prefix : "",
		 (int)length, name);
	if (cap_from_name(full, &value) || value >= NUM_CAPABILITIES)
		return false;
	*capabilities |= UINT64_C(1) << value;
	return true;
}

bool capability_read_names(const char *text, uint64_t *capabilities)
{
	uint64_t read = 0;

	if (!strcmp(text, "all")) {
		*capabilities = ALL_CAPABILITIES;
		return true;
	}
	while (*text && strcmp(text, "none")) {
		size_t length = strcspn(text, "+");

		if (!read_name(text, length, &read))
			return false;
		text += length;
		text += *text == '+' && text[1];
	}
	*capabilities = read;
	return true;
}

void capability_write_name(int capability, char *text, size_t room)
{
	char *name = cap_to_name(capability);
	size_t i;

	snprintf(text, room, "%s", name ? name : "?");
	cap_free(name);
	for (i = 0; text[i]; i++)
		text[i] = (char)toupper((unsigned char)text[i]);
}

static void write_set(uint64_t capabilities, char *text, size_t room)
{
	size_t used = 0;
	int i;

	for (i = 0; i < NUM_CAPABILITIES; i++) {
		char name[LONGEST_NAME];

		if (!(capabilities >> i & 1) || used + LONGEST_NAME > room)
			continue;
		capability_write_name(i, name, sizeof(name));
		used += (size_t)snprintf(text + used, room - used, "%s%s",
					 used ? "+" : "", name + 4);
	}
	for (; used; used--)
		text[used - 1] = (char)tolower((unsigned char)text[used - 1]);
}

void capability_write_names(uint64_t capabilities, char *text, size_t room)
{
	if (capabilities == ALL_CAPABILITIES)
		snprintf(text, room, "all");
	else if (!capabilities)
		snprintf(text, room, "none");
	else
		write_set(capabilities, text, room);
}
