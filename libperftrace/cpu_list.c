/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cpu_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* CONFIG_NR_CPUS is at most 8192; a longer range is a slip of the pen. */
#define HIGHEST_CPU 65535

static bool parse_cpu(const char **at, int32_t *cpu)
{
	int32_t number = 0;

	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		number = 10 * number + (**at - '0');
		if (number > HIGHEST_CPU)
			return false;
	}
	*cpu = number;
	return true;
}

static int append_range(struct cpu_list *list, int32_t first, int32_t last)
{
	size_t count = list->count + (size_t)(last - first) + 1;
	int32_t *larger = realloc(list->cpus, count * sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	list->cpus = larger;
	while (first <= last)
		list->cpus[list->count++] = first++;
	return 0;
}

static int compare_cpus(const void *left, const void *right)
{
	return *(const int32_t *)left - *(const int32_t *)right;
}

static void sort_and_unite(struct cpu_list *list)
{
	size_t from, to = 1;

	qsort(list->cpus, list->count, sizeof(*list->cpus), compare_cpus);
	for (from = 1; from < list->count; from++) {
		if (list->cpus[from] != list->cpus[to - 1])
			list->cpus[to++] = list->cpus[from];
	}
	list->count = to;
}

/* One number or range; @at is left at the fault, or behind it. */
static int parse_range(const char **at, struct cpu_list *list)
{
	const char *start = *at;
	int32_t first, last;

	if (!parse_cpu(at, &first)) {
		*at = start;
		return -EINVAL;
	}
	last = first;
	if (**at == '-') {
		const char *second = ++*at;

		if (!parse_cpu(at, &last) || last < first) {
			*at = second;
			return -EINVAL;
		}
	}
	/* Ranges may repeat one another, but not without end. */
	if (list->count > 2 * HIGHEST_CPU)
		return -EINVAL;
	return append_range(list, first, last);
}

int cpu_list_parse(const char *text, struct cpu_list *list, size_t *position)
{
	struct cpu_list made = { NULL, 0 };
	const char *at = text;
	int ret = parse_range(&at, &made);

	while (!ret && *at == ',') {
		at++;
		ret = parse_range(&at, &made);
	}
	if (!ret && *at && strcmp(at, "\n"))
		ret = -EINVAL;
	if (ret) {
		*position = (size_t)(at - text);
		cpu_list_clear(&made);
		return ret;
	}
	sort_and_unite(&made);
	*list = made;
	return 0;
}

int cpu_list_copy(const struct cpu_list *from, struct cpu_list *to)
{
	int32_t *cpus = NULL;

	if (from->count) {
		cpus = malloc(from->count * sizeof(*cpus));
		if (!cpus)
			return -ENOMEM;
		memcpy(cpus, from->cpus, from->count * sizeof(*cpus));
	}
	to->cpus = cpus;
	to->count = from->count;
	return 0;
}

bool cpu_list_has(const struct cpu_list *list, int32_t cpu)
{
	return list->count && bsearch(&cpu, list->cpus, list->count,
				      sizeof(*list->cpus), compare_cpus);
}

int cpu_list_reserve(struct cpu_list *list, size_t count)
{
	int32_t *larger = realloc(list->cpus, count * sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	list->cpus = larger;
	return 0;
}

void cpu_list_append(struct cpu_list *list, int32_t cpu)
{
	list->cpus[list->count++] = cpu;
}

void cpu_list_clear(struct cpu_list *list)
{
	free(list->cpus);
	list->cpus = NULL;
	list->count = 0;
}
