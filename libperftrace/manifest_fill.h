/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MANIFEST_FILL_H
#define MANIFEST_FILL_H

/* A session that is open, as its manifest says. */

#include <stddef.h>

struct command;
struct manifest;
struct opening;
struct perftrace_source;

/* What is open, with the command, or NULL. */
struct manifest_subject {
	struct opening *opening;
	struct perftrace_source *const *sources;
	size_t num_sources;
	struct command *command;
};

/*
 * All but the stage and the settings. Texts are the session's. -ENOMEM, told to
 * nobody; the manifest is to be cleared in any case.
 */
int manifest_fill(struct manifest *manifest,
		  const struct manifest_subject *subject);

/* As many as the manifest counts, in the order of opening_adopt(); borrowed. */
void manifest_list_descriptors(const struct manifest_subject *subject,
			       int *fds);

#endif /* MANIFEST_FILL_H */
