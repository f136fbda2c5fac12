/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Print records of events as they happen. */
#include "options.h"
#include "reading.h"

static const char usage[] =
	"usage: trace [-e EVENT]... [-f FILTER] [-a | -p PID]\n"
	"             [-C CPUS] [-G CGROUP] [-d SECONDS] [-c] [-q] [-u] [-- COMMAND...]\n"
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
	"  -c  end at once, and let another process close the events\n"
	"  -q  no records, only the summary\n"
	"  -u  as soon as they are there, not in the order of time\n"
	"With COMMAND alone, it is what is traced; with -a or -C everything is,\n"
	"and with -G the cgroup, while it runs. The summary goes to stderr, a\n"
	"line per event:\n"
	"  EVENT delivered=N lost=N\n";

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	struct perftrace_session *session;
	struct options options;
	bool is_written;
	int status;

	options_parse(&options, argc, argv, "+e:f:aC:G:p:d:cqu", usage);
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
