/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPENING_STATE_H
#define OPENING_STATE_H

/* What opening.c and its neighbours share, and nobody else sees. */

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "lots.h"
#include "opening_request.h"
#include "target.h"

struct cpu_watch;
struct descriptors;
struct groups;
struct recorder;
struct perftrace_source;
struct ring;
struct target;

struct opening {
	struct opening_request request;
	struct log *log;
	struct attr_scope scope;
	struct target target;
	/* Where the anchors are: the target's CPUs, one task for all. */
	struct target anchor_target;
	struct descriptors *anchors;
	struct descriptors *sideband;
	/* NULL: each source is started by itself. */
	struct groups *groups;
	struct ring **rings;
	size_t num_rings;
	/* Whose memory the rings are then; NULL: they are the kernel's. */
	struct recorder *recorder;
	/* At least one, once it is open: also where there are no rings. */
	struct lot *lots;
	size_t num_lots;
	/* NULL: there is one reader, and it is the session's. */
	struct comms_pool *names;
	/* Of the process that is counted; -1: none. */
	int process;
	/* Of a session of CPUs; NULL: of tasks. */
	struct cpu_watch *watch;
};

/* Where the anchors are, and their rings; each with the reason. */
int opening_place_anchors(struct opening *opening);
int opening_map_rings(struct opening *opening);
int opening_bind_source(struct opening *opening,
			struct perftrace_source *source);
/* The groups that sources are to join. */
int opening_make_groups(struct opening *opening);
/* Descriptors of a source, of which the first CPU is that of a row. */
int opening_bind(struct opening *opening, struct perftrace_source *source,
		 struct descriptors *set, size_t first_row);
/* That of one CPU, as source_open_part(); @target has no cgroup. */
int opening_open_sideband(struct opening *opening, const struct target *target,
			  int anchor, struct descriptors **sideband);
/* When the target is known. */
int opening_make_watch(struct opening *opening, bool follows_all);
/* When all else is there. */
int opening_open_waiters(struct opening *opening);

#endif /* OPENING_STATE_H */
