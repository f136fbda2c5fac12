/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CPU_LIST_H
#define CPU_LIST_H

/* CPU numbers in the kernel's list format, "0,2-3". Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu_list {
	int32_t *cpus;
	size_t count;
};

/*
 * Ascending, each once; a newline may end the text. -EINVAL, and where the
 * fault is; -ENOMEM. An empty text is a fault.
 */
int cpu_list_parse(const char *text, struct cpu_list *list, size_t *position);
int cpu_list_copy(const struct cpu_list *from, struct cpu_list *to);
bool cpu_list_has(const struct cpu_list *list, int32_t cpu);
/* Room for @count in all. -ENOMEM. */
int cpu_list_reserve(struct cpu_list *list, size_t count);
/* At the end, where there is room. */
void cpu_list_append(struct cpu_list *list, int32_t cpu);
void cpu_list_clear(struct cpu_list *list);

#endif /* CPU_LIST_H */
