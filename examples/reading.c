/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reading.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void print_record(struct perftrace_context *context,
		  struct perftrace_record *record)
{
	static char *line;
	static size_t room;
	int64_t length;

	while ((length = perftrace_record_format(record, line, room)) >=
	       (int64_t)room) {
		room = (size_t)length + 1;
		line = realloc(line, room);
		if (!line)
			abort();
	}
	/* The next may be better. */
	if (length < 0) {
		fprintf(stderr, "record: %s\n",
			perftrace_context_error(context));
		return;
	}
	line[length] = '\n';
	fwrite(line, 1, (size_t)length + 1, stdout);
}

bool flush_records(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	perror("stdout");
	return false;
}

int read_all(const struct options *options, struct perftrace_context *context,
	     struct perftrace_session *session)
{
	uint64_t started_ns = clock_ns();
	struct perftrace_record *record;
	bool is_stopped = false;
	int ret;

	for (;;) {
		int32_t left_ms = options_time_left_ms(options, started_ns);

		if (!is_stopped && (!left_ms || was_interrupted())) {
			perftrace_session_stop(session);
			is_stopped = true;
		}
		ret = perftrace_session_read(session, left_ms, &record);
		if (ret == 1 && !options->is_quiet)
			print_record(context, record);
		/* What a ring could not give is told, and the rest is read. */
		if (ret == -EBADMSG)
			fprintf(stderr, "%s\n",
				perftrace_context_error(context));
		else if (ret != 1 && ret != -EAGAIN && ret != -EINTR)
			return ret;
	}
}

void print_summary(struct perftrace_context *context,
		   struct perftrace_session *session)
{
	size_t i, count = perftrace_session_get_num_sources(session);
	uint64_t violations =
		perftrace_session_get_num_order_violations(session);

	for (i = 0; i < count; i++) {
		struct perftrace_source *source =
			perftrace_session_get_source(session, i);
		struct perftrace_ledger *ledger;

		if (perftrace_source_get_ledger(source, &ledger))
			die(context, "ledger");
		fprintf(stderr, "%s delivered=%" PRIu64 " lost=%" PRIu64 "\n",
			perftrace_event_get_name(
				perftrace_source_get_event(source)),
			perftrace_ledger_get_delivered(ledger),
			perftrace_ledger_get_lost(ledger));
		perftrace_ledger_free(ledger);
	}
	if (violations)
		fprintf(stderr, "%" PRIu64 " records came out of order\n",
			violations);
}
