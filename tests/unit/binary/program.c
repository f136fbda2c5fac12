/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says where one of its functions is, in memory and in its file. */
#include "fixture.h"

#include <stdint.h>
#include <stdio.h>

static KEEP int program_function(int value)
{
	return value + 1;
}

int main(int argc, char **arguments)
{
	uintptr_t address = (uintptr_t)program_function;
	unsigned long start, end, offset;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[8192];

	(void)arguments;
	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) !=
			    3 ||
		    address < start || address >= end)
			continue;
		printf("%#lx %#lx\n", (unsigned long)address,
		       (unsigned long)(address - start + offset));
		fclose(maps);
		return program_function(argc) - argc - 1;
	}
	return 1;
}
