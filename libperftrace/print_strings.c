/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print_strings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	uint64_t address;
	char *text;
	size_t text_bytes;
};

struct print_strings {
	struct entry *entries;
	size_t count, room;
};

struct print_strings *print_strings_new(void)
{
	return calloc(1, sizeof(struct print_strings));
}

void print_strings_free(struct print_strings *strings)
{
	size_t i;

	if (!strings)
		return;
	for (i = 0; i < strings->count; i++)
		free(strings->entries[i].text);
	free(strings->entries);
	free(strings);
}

/* As tep_register_print_string() cuts them. */
static char *cut(const char *text, size_t *text_bytes)
{
	size_t length;

	if (*text == '"')
		text++;
	length = strlen(text);
	if (length && text[length - 1] == '"')
		length--;
	if (length >= 2 && !strncmp(text + length - 2, "\\n", 2))
		length -= 2;
	*text_bytes = length;
	return strndup(text, length);
}

int print_strings_add(struct print_strings *strings, uint64_t address,
		      const char *text)
{
	struct entry *entry;

	if (strings->count == strings->room) {
		size_t room = strings->room ? strings->room * 2 : 64;
		struct entry *larger =
			reallocarray(strings->entries, room, sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		strings->entries = larger;
		strings->room = room;
	}
	entry = &strings->entries[strings->count];
	entry->address = address;
	entry->text = cut(text, &entry->text_bytes);
	if (!entry->text)
		return -ENOMEM;
	strings->count++;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

void print_strings_sort(struct print_strings *strings)
{
	if (strings->count)
		qsort(strings->entries, strings->count,
		      sizeof(*strings->entries), compare);
}

const char *print_strings_find(const struct print_strings *strings,
			       uint64_t address, size_t *text_bytes)
{
	struct entry key = { .address = address };
	const struct entry *found;

	if (!strings || !strings->count)
		return NULL;
	found = bsearch(&key, strings->entries, strings->count, sizeof(key),
			compare);
	if (!found)
		return NULL;
	*text_bytes = found->text_bytes;
	return found->text;
}
