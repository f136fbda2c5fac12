/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

#include <perftrace/perftrace.h>

/*
 * What came out of a session, and whether its books agree with it.
 */
struct tally {
	uint64_t num_samples;
	/* What the records of this kind say, summed up. */
	uint64_t lost;
	uint64_t num_others;
	uint64_t num_inversions;
	uint64_t youngest;
};

void tally_add(struct tally *tally, struct perftrace_record *record);

/* Read until the stream ends; adds to the tally. */
void tally_read(struct perftrace_context *context,
		struct perftrace_session *session, struct tally *tally);

/* Read until there is nothing more for now. */
void tally_drain(struct perftrace_context *context,
		 struct perftrace_session *session, struct tally *tally);

/* One record more. */
void tally_add(struct tally *tally, struct perftrace_record *record);

uint64_t delivered_by(struct perftrace_context *context,
		      struct perftrace_source *source);
uint64_t lost_by(struct perftrace_context *context,
		 struct perftrace_source *source);
/* Also checks that the rows sum up to the total. */
uint64_t counted_by(struct perftrace_context *context,
		    struct perftrace_source *source);

/*
 * For a session that was read to its end: each of @produced samples was
 * delivered or is accounted as lost, and what the stream said of losses is what
 * the ledgers say.
 */
void expect_account(struct perftrace_context *context,
		    struct perftrace_session *session,
		    const struct tally *tally, uint64_t produced);

#endif /* TALLY_H */
