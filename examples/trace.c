/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Print records of events as they happen. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "options.h"

static const char usage[] =
	"usage: trace [-e EVENT]... [-f FILTER] [-a | -p PID]\n"
	"             [-C CPUS] [-G CGROUP] [-d SECONDS] [-q] [-u] [-- COMMAND...]\n"
	"  -e  SYSTEM:NAME, a pattern such as 'sched:*', or a probe such as\n"
	"      'kprobe:do_sys_openat2(dfd, filename:ustring)' or\n"
	"      'uprobe:libc.so.6:malloc($arg1)', see perftrace-spec(7); may be\n"
	"      repeated\n"
	"  -f  only what matches: 'prev_pid != 0 && next_comm ~ \"k*\"';\n"
	"      for the event before it, or for all when it comes first\n"
	"  -a  all CPUs, the default without -p and COMMAND\n"
	"  -C  these CPUs, as in 0,2-3\n"
	"  -G  the tasks of this cgroup: its directory, from / or from where its\n"
	"      hierarchy is mounted\n"
	"  -p  this process, its threads and what they start\n"
	"  -d  end after so many seconds\n"
	"  -q  no records, only the summary\n"
	"  -u  as soon as they are there, not in the order of time\n"
	"With COMMAND alone, it is what is traced; with -a or -C everything is,\n"
	"and with -G the cgroup, while it runs. The summary goes to stderr, a\n"
	"line per event:\n"
	"  EVENT delivered=N lost=N\n";

static void print_record(struct perftrace_context *context,
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

/* A full disk must not look like a trace without records. */
static bool flush_records(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	perror("trace: stdout");
	return false;
}

/* Until there is nothing more to come; 0, or -errno. */
static int read_all(const struct options *options,
		    struct perftrace_context *context,
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

static void print_summary(struct perftrace_context *context,
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

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	struct perftrace_session *session;
	struct options options;
	bool is_written;
	int status;

	options_parse(&options, argc, argv, "+e:f:aC:G:p:d:qu", usage);
	if (perftrace_context_new(&context))
		return 1;
	session =
		options_make_session(&options, context, PERFTRACE_MODE_STREAM);
	catch_signals();
	if (perftrace_session_start(session))
		die_at_start(context, session);
	if (read_all(&options, context, session))
		die(context, "read");
	is_written = flush_records();
	status = finish_command(session);
	print_summary(context, session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	return is_written ? status : 1;
}
