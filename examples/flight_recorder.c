/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remember the last of what happens, and print it when asked. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "options.h"
#include "reading.h"

static const char usage[] =
	"usage: flight_recorder [-e EVENT]... [-f FILTER] [-a | -p PID]\n"
	"             [-C CPUS] [-G CGROUP] [-d SECONDS] [-q] [-u] [-- COMMAND...]\n"
	"Options are those of trace. What the rings hold is printed at SIGUSR1,\n"
	"without COMMAND also at each line on stdin, and at the end. Each time a\n"
	"line goes to stderr, and at last one per event:\n"
	"  snapshot N records=N\n"
	"  EVENT delivered=N lost=N overwritten=N\n";

static volatile sig_atomic_t num_asked;

static void note_request(int number)
{
	(void)number;
	num_asked++;
}

static void catch_requests(void)
{
	struct sigaction action = { .sa_handler = note_request };

	sigaction(SIGUSR1, &action, NULL);
}

static void print_snapshot(const struct options *options,
			   struct perftrace_context *context,
			   struct perftrace_session *session)
{
	static unsigned int number;
	struct perftrace_record *record;
	uint64_t count = 0;
	int ret;

	if (perftrace_session_snapshot(session))
		die(context, "snapshot");
	while ((ret = perftrace_session_read(session, 0, &record)) > 0) {
		count++;
		if (!options->is_quiet)
			print_record(context, record);
	}
	if (ret)
		die(context, "read");
	if (!flush_records())
		exit(1);
	fprintf(stderr, "snapshot %u records=%" PRIu64 "\n", ++number, count);
}

static void print_books(struct perftrace_context *context,
			struct perftrace_session *session)
{
	size_t i, count = perftrace_session_get_num_sources(session);

	for (i = 0; i < count; i++) {
		struct perftrace_source *source =
			perftrace_session_get_source(session, i);
		struct perftrace_ledger *ledger;

		if (perftrace_source_get_ledger(source, &ledger))
			die(context, "ledger");
		fprintf(stderr,
			"%s delivered=%" PRIu64 " lost=%" PRIu64
			" overwritten=%" PRIu64 "\n",
			perftrace_event_get_name(
				perftrace_source_get_event(source)),
			perftrace_ledger_get_delivered(ledger),
			perftrace_ledger_get_lost(ledger),
			perftrace_ledger_get_overwritten(ledger));
		perftrace_ledger_free(ledger);
	}
}

/* 1: a line was typed; 0: none yet; -1: there will be none. */
static int read_line(const struct pollfd *input)
{
	char text[256];
	ssize_t got;

	if (!input->revents)
		return 0;
	got = read(input->fd, text, sizeof(text));
	if (got < 0 && errno == EINTR)
		return 0;
	return got > 0 ? 1 : -1;
}

/* Until it is over: true when what is traced has ended by itself. */
static bool wait_for_requests(const struct options *options,
			      struct perftrace_context *context,
			      struct perftrace_session *session)
{
	struct pollfd polled[] = {
		{ .fd = perftrace_session_get_fd(session), .events = POLLIN },
		{ .fd = options->command ? -1 : STDIN_FILENO,
		  .events = POLLIN },
	};
	uint64_t started_ns = clock_ns();
	int num_done = 0, left_ms, line;

	while ((left_ms = options_time_left_ms(options, started_ns)) &&
	       !was_interrupted()) {
		polled[0].revents = polled[1].revents = 0;
		poll(polled, 2, left_ms);
		if (polled[0].revents && !perftrace_session_wait(session, 0))
			return true;
		line = read_line(&polled[1]);
		if (line < 0)
			polled[1].fd = -1;
		if (num_done == num_asked && line <= 0)
			continue;
		num_done = num_asked;
		print_snapshot(options, context, session);
	}
	return false;
}

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	struct perftrace_session *session;
	struct options options;
	int status;

	options_parse(&options, argc, argv, "+e:f:aC:G:p:d:qu", usage);
	if (perftrace_context_new(&context))
		return 1;
	session = options_make_session(&options, context,
				       PERFTRACE_MODE_OVERWRITE);
	catch_signals();
	catch_requests();
	if (perftrace_session_start(session))
		die_at_start(context, session);
	if (!wait_for_requests(&options, context, session))
		perftrace_session_stop(session);
	print_snapshot(&options, context, session);
	status = finish_command(session);
	print_books(context, session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	return status;
}
