/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capability.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/capability.h>

#include "sys.h"

/* Only the initial namespace maps every user to itself. */
static bool is_initial_namespace(void)
{
	unsigned long inside, outside, length;
	bool is_initial;
	size_t size;
	char *map;

	if (sys_read_file("/proc/self/uid_map", &map, &size))
		return true;
	is_initial = sscanf(map, "%lu %lu %lu", &inside, &outside, &length) !=
			     3 ||
		     (!inside && !outside && length == 4294967295);
	free(map);
	return is_initial;
}

bool capability_is_effective(int capability)
{
	cap_flag_value_t value = CAP_CLEAR;
	cap_t own = cap_get_proc();

	if (!own)
		return false;
	cap_get_flag(own, capability, CAP_EFFECTIVE, &value);
	cap_free(own);
	return value == CAP_SET && is_initial_namespace();
}
