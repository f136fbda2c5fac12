/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef READING_H
#define READING_H

#include <stdint.h>

/* What read(2) tells of perf events, added up for one CPU. */
struct reading {
	uint64_t value;
	uint64_t enabled_ns;
	uint64_t running_ns;
	uint64_t lost;
};

#endif /* READING_H */
