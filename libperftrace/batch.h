/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include <perftrace/batch.h>

struct perftrace_record;
struct reader;

/* The part of perftrace_session_read_batch() that needs no session. */

/* Start over, for records of these sources. -ENOMEM. */
int batch_begin(struct perftrace_batch *batch,
		struct perftrace_source *const *sources, size_t num_sources);

/*
 * Of records that come next, samples of one source that are sure to fit: how
 * many; 0: the first of them takes batch_add().
 */
size_t batch_add_run(struct perftrace_batch *batch,
		     struct perftrace_record *records, size_t most);

/* There is room. True: for another one as well. */
bool batch_add(struct perftrace_batch *batch, struct perftrace_record *record);
/* No more come. How many there are. */
int batch_end(struct perftrace_batch *batch);

/*
 * All that: @record, and what the reader's round has behind it. A fault there is
 * kept for batch_take_fault().
 */
int batch_take(struct perftrace_batch *batch, struct perftrace_record *record,
	       struct reader *reader);

/* What was kept, with its reason: once. 0: nothing. */
int batch_take_fault(struct perftrace_batch *batch);

#endif /* BATCH_H */
