/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Neighbours go to one reader: CPUs with numbers that are close often share a
 * package or a node of memory, to which its thread can be bound; and what is
 * counted by CPU lies side by side, so that two readers write to one cache line
 * at their common border at most.
 */
#include "lots.h"

size_t lots_count(size_t num_rings, uint32_t num_readers)
{
	size_t count = num_readers < num_rings ? num_readers : num_rings;

	return count ? count : 1;
}

void lots_deal(size_t num_rings, struct lot *lots, size_t num_lots)
{
	size_t i, next = 0;

	for (i = 0; i < num_lots; i++) {
		lots[i].first_ring = next;
		lots[i].num_rings =
			num_rings / num_lots + (i < num_rings % num_lots);
		next += lots[i].num_rings;
	}
}

struct lot *lots_find(struct lot *lots, size_t num_lots, size_t ring)
{
	size_t i;

	for (i = 0; i < num_lots; i++) {
		if (ring - lots[i].first_ring < lots[i].num_rings)
			return &lots[i];
	}
	return NULL;
}
