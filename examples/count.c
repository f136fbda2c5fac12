/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Count events, like perf-stat(1). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "options.h"

static const char usage[] =
	"usage: count [-e EVENT]... [-f FILTER] [-a | -p PID]\n"
	"             [-C CPUS] [-G CGROUP] [-d SECONDS] [-c] [-- COMMAND...]\n"
	"  -e  SYSTEM:NAME, a pattern such as 'sched:*', or a probe such as\n"
	"      'kprobe:do_sys_openat2(dfd, filename:ustring)' or\n"
	"      'uprobe:libc.so.6:malloc($arg1)', see perftrace-spec(7); may be\n"
	"      repeated\n"
	"  -f  only what matches; for the event before it, or for all\n"
	"  -a  all CPUs, the default without -p and COMMAND\n"
	"  -C  these CPUs, as in 0,2-3\n"
	"  -G  the tasks of this cgroup: its directory, from / or from where its\n"
	"      hierarchy is mounted\n"
	"  -p  this process, its threads and what they start\n"
	"  -d  end after so many seconds\n"
	"  -c  end at once, and let another process close the events\n"
	"With COMMAND alone, it is what is counted; with -a or -C everything is,\n"
	"and with -G the cgroup, while it runs. The counts go to stderr.\n";

static int wait_for_the_end(const struct options *options,
			    struct perftrace_session *session)
{
	uint64_t started_ns = clock_ns();
	int ret = -EAGAIN;

	while (ret == -EAGAIN || ret == -EINTR || ret == 1) {
		int32_t left_ms = options_time_left_ms(options, started_ns);

		if (!left_ms || was_interrupted())
			return perftrace_session_stop(session);
		ret = perftrace_session_wait(session, left_ms);
	}
	return ret;
}

static void print_counts(struct perftrace_context *context,
			 struct perftrace_source *source)
{
	struct perftrace_counts *counts;
	uint64_t enabled, running;

	if (perftrace_source_get_counts(source, &counts))
		die(context, "counts");
	enabled = perftrace_counts_get_enabled_ns(counts);
	running = perftrace_counts_get_running_ns(counts);
	fprintf(stderr, "%20" PRIu64 "  %s", perftrace_counts_get_value(counts),
		perftrace_event_get_name(perftrace_source_get_event(source)));
	if (running < enabled && enabled)
		fprintf(stderr, "  (counted %.2f%% of the time)",
			100.0 * (double)running / (double)enabled);
	fputc('\n', stderr);
	perftrace_counts_free(counts);
}

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	struct perftrace_session *session;
	struct options options;
	uint64_t started_ns, ended_ns;
	size_t i;
	int status;

	options_parse(&options, argc, argv, "+e:f:aC:G:p:d:c", usage);
	if (perftrace_context_new(&context))
		return 1;
	session = options_make_session(&options, context, PERFTRACE_MODE_COUNT);
	catch_signals();
	started_ns = clock_ns();
	if (perftrace_session_start(session))
		die_at_start(context, session);
	if (wait_for_the_end(&options, session))
		die(context, "wait");
	ended_ns = clock_ns();
	status = finish_command(session);
	for (i = 0; i < perftrace_session_get_num_sources(session); i++)
		print_counts(context, perftrace_session_get_source(session, i));
	fprintf(stderr, "%20.9f  seconds elapsed\n",
		(double)(ended_ns - started_ns) / 1e9);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	return status;
}
