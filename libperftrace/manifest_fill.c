/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest_fill.h"

#include <errno.h>
#include <stdlib.h>

#include "command.h"
#include "cpu_watch.h"
#include "descriptors.h"
#include "group.h"
#include "manifest.h"
#include "opening.h"
#include "reader.h"
#include "source.h"
#include "target.h"

static int fill_watch(struct manifest *manifest, const struct cpu_watch *watch)
{
	size_t i;

	manifest->watched = calloc(watch->count, sizeof(*manifest->watched));
	if (!manifest->watched)
		return -ENOMEM;
	for (i = 0; i < watch->count; i++)
		manifest->watched[i] = watch->cpus[i];
	manifest->follows_all_cpus = watch->follows_all;
	manifest->started_ns = watch->started_ns;
	return 0;
}

/* The side-band's descriptors may be replaced, too. */
static void fill_past(struct manifest *manifest, struct descriptors *sideband)
{
	size_t i;

	for (i = 0; i < manifest->num_cpus; i++)
		manifest->rings[i].past = *descriptors_get_past(sideband, i);
}

static int fill_rings(struct manifest *manifest,
		      const struct opening_parts *parts)
{
	manifest->rings = calloc(manifest->num_cpus, sizeof(*manifest->rings));
	manifest->is_sideband_open = descriptors_list_open(parts->sideband);
	if (!manifest->rings || !manifest->is_sideband_open)
		return -ENOMEM;
	fill_past(manifest, parts->sideband);
	return reader_describe(parts->reader, manifest);
}

static int fill_sources(struct manifest *manifest,
			const struct manifest_subject *subject)
{
	size_t i;
	int ret = 0;

	manifest->sources =
		calloc(subject->num_sources, sizeof(*manifest->sources));
	if (!manifest->sources)
		return -ENOMEM;
	manifest->num_sources = subject->num_sources;
	for (i = 0; !ret && i < subject->num_sources; i++)
		ret = source_describe(subject->sources[i],
				      &manifest->sources[i]);
	return ret;
}

int manifest_fill(struct manifest *manifest,
		  const struct manifest_subject *subject)
{
	struct command *command = subject->command;
	struct opening_parts parts;
	int ret;

	opening_get_parts(subject->opening, &parts);
	manifest->has_format_lost = parts.has_format_lost;
	manifest->num_groups = groups_get_count(parts.groups);
	manifest->command_pid = command ? command_get_pid(command) : NO_PID;
	manifest->has_command_fd = command && command_get_fd(command) >= 0;
	ret = manifest_set_target(manifest, &parts.target->cpus,
				  parts.target->tids, parts.target->num_tids);
	if (!ret && parts.watch)
		ret = fill_watch(manifest, parts.watch);
	if (!ret && parts.reader)
		ret = fill_rings(manifest, &parts);
	return ret ? ret : fill_sources(manifest, subject);
}

void manifest_list_descriptors(const struct manifest_subject *subject, int *fds)
{
	struct opening_parts parts;
	size_t i;

	opening_get_parts(subject->opening, &parts);
	if (parts.reader) {
		descriptors_list(parts.anchors, &fds);
		descriptors_list(parts.sideband, &fds);
	}
	for (i = 0; i < subject->num_sources; i++)
		descriptors_list(source_get_descriptors(subject->sources[i]),
				 &fds);
	groups_list(parts.groups, &fds);
	if (parts.process >= 0)
		*fds++ = parts.process;
	if (subject->command && command_get_fd(subject->command) >= 0)
		*fds = command_get_fd(subject->command);
}
