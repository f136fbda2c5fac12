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

struct descriptors;
struct groups;
struct recorder;
struct ring;

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
};

/* Where the anchors are, and their rings; each with the reason. */
int opening_place_anchors(struct opening *opening);
int opening_map_rings(struct opening *opening);
int opening_bind_source(struct opening *opening,
			struct perftrace_source *source);
/* The groups that sources are to join. */
int opening_make_groups(struct opening *opening);
/* When all else is there. */
int opening_open_waiters(struct opening *opening);

#endif /* OPENING_STATE_H */
