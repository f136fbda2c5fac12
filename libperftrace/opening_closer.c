/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What of an opening takes long to close is given to a process: the sources, but
 * for named probes, and the leaders of their groups.
 */
#include "opening_closer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "closer.h"
#include "descriptors.h"
#include "group.h"
#include "log.h"
#include "opening_state.h"
#include "source.h"

static size_t count_for_closer(const struct opening *opening)
{
	size_t count =
		groups_get_count(opening->groups) * opening->target.cpus.count;
	size_t i;

	for (i = 0; i < opening->request.num_sources; i++) {
		struct perftrace_source *source = opening->request.sources[i];

		if (source_may_close_later(source))
			count += descriptors_count_open(
				source_get_descriptors(source));
	}
	return count;
}

static void list_for_closer(const struct opening *opening, int *fds)
{
	size_t i;

	for (i = 0; i < opening->request.num_sources; i++) {
		struct perftrace_source *source = opening->request.sources[i];

		if (source_may_close_later(source))
			descriptors_list(source_get_descriptors(source), &fds);
	}
	groups_list(opening->groups, &fds);
}

static void forget_given(struct opening *opening)
{
	size_t i;

	for (i = 0; i < opening->request.num_sources; i++) {
		if (source_may_close_later(opening->request.sources[i]))
			source_forget_descriptors(opening->request.sources[i]);
	}
	groups_forget(opening->groups);
	opening->groups = NULL;
}

static int give_to_closer(struct opening *opening, struct closer **closer)
{
	size_t count = count_for_closer(opening);
	int *fds = malloc(count * sizeof(*fds));
	int ret = fds ? closer_list_make_room(opening->request.closers) :
			-ENOMEM;

	if (!ret) {
		list_for_closer(opening, fds);
		ret = closer_new(fds, count, closer);
	}
	free(fds);
	return ret;
}

struct closer *opening_start_closer(struct opening *opening)
{
	struct closer *closer;
	int ret;

	if (!opening->request.closers || !count_for_closer(opening))
		return NULL;
	ret = give_to_closer(opening, &closer);
	if (ret) {
		log_info(opening->log,
			 "no process can be had to close the events: %s",
			 strerror(-ret));
		return NULL;
	}
	forget_given(opening);
	return closer;
}

void opening_read_numbers(struct opening *opening)
{
	bool is_read =
		opening->groups &&
		!groups_read(opening->groups, opening->scope.has_format_lost);
	size_t i;

	for (i = 0; i < opening->request.num_sources; i++) {
		struct perftrace_source *source = opening->request.sources[i];

		if (is_read)
			source_update_from(source, opening->groups);
		else
			source_update(source);
		source_update_missed(source);
	}
}
