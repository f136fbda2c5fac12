/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text as a CPU list: ascending, or refused at a place in the text. */
#include <stdlib.h>
#include <string.h>

#include "cpu_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const struct cpu_list *list)
{
	size_t i;

	if (!list->count)
		abort();
	for (i = 0; i < list->count; i++) {
		if (list->cpus[i] < 0 || !cpu_list_has(list, list->cpus[i]))
			abort();
		if (i && list->cpus[i] <= list->cpus[i - 1])
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpu_list list = { NULL, 0 };
	char *text = strndup((const char *)data, size);
	size_t position = SIZE_MAX;

	if (!text)
		abort();
	if (!cpu_list_parse(text, &list, &position))
		check_list(&list);
	else if (position > strlen(text) || list.cpus)
		abort();
	cpu_list_clear(&list);
	free(text);
	return 0;
}
