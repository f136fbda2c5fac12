/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Print records of events without any privilege: a helper that has them opens
 * the events and hands the session over.
 *
 * Here both are one program. The helper is the parent; a child gives up what it
 * has before it takes the session. In earnest the helper would be a service that
 * listens on a socket, and that asks the kernel who calls (SO_PEERCRED).
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "reading.h"

static const char usage[] =
	"usage: handover [-e EVENT]... [-f FILTER] [-C CPUS] [-U USER]\n"
	"                [-d SECONDS] [-q]\n"
	"  -e, -f, -C, -d, -q  as of trace; all CPUs without -C\n"
	"  -U  who reads, by name or number: nobody\n"
	"The summary goes to stderr, a line per event:\n"
	"  EVENT delivered=N lost=N\n";

#define PATIENCE_MS 10000

/* What a passwd file need not have. */
static struct passwd nobody = { .pw_uid = 65534, .pw_gid = 65534 };

static const struct passwd *find_user(const char *user)
{
	char *end;
	unsigned long uid = strtoul(user, &end, 10);
	bool is_number = end != user && !*end;
	struct passwd *entry;

	entry = is_number ? getpwuid((uid_t)uid) : getpwnam(user);
	if (entry)
		return entry;
	if (!is_number && strcmp(user, "nobody")) {
		fprintf(stderr, "handover: no user %s\n", user);
		exit(2);
	}
	if (is_number)
		nobody.pw_uid = (uid_t)uid;
	return &nobody;
}

/* In this order: who is not root can't change its groups. */
static void become(const struct passwd *user)
{
	if (!setgroups(0, NULL) && !setgid(user->pw_gid) &&
	    !setuid(user->pw_uid))
		return;
	perror("handover: setuid");
	exit(1);
}

static struct perftrace_context *new_context(void)
{
	struct perftrace_context *context;

	if (perftrace_context_new(&context))
		exit(1);
	return context;
}

static struct perftrace_session *receive(struct perftrace_context *context,
					 int socket)
{
	struct perftrace_session *session;
	int ret = perftrace_session_receive(context, socket, -1, &session);

	/* Of a helper that has gone, it has said why. */
	if (ret == -ECONNRESET || ret == -EINTR)
		exit(1);
	if (ret)
		die(context, "receive");
	return session;
}

/* The reader: its end of the socket stays open until all is closed. */
static int read_session(const struct options *options, int socket)
{
	struct perftrace_context *context;
	struct perftrace_session *session;
	bool is_written;

	become(find_user(options->user ? options->user : "nobody"));
	context = new_context();
	session = receive(context, socket);
	fprintf(stderr, "handover: user %u reads %zu descriptors\n",
		(unsigned)getuid(),
		perftrace_session_get_num_descriptors(session));
	if (read_all(options, context, session))
		die(context, "read");
	is_written = flush_records();
	print_summary(context, session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	close(socket);
	return is_written ? 0 : 1;
}

/* The helper: named probes are its session's, and go when it is freed. */
static void lend_session(const struct options *options, int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		options_make_session(options, context, PERFTRACE_MODE_STREAM);
	ssize_t got;
	char byte;

	if (perftrace_session_start(session))
		die(context, "start");
	if (perftrace_session_send(session, socket, PATIENCE_MS))
		die(context, "send");
	do
		got = read(socket, &byte, 1);
	while (got > 0 || (got < 0 && errno == EINTR));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

int main(int argc, char **argv)
{
	struct options options;
	int ends[2], status;
	pid_t reader;

	options_parse(&options, argc, argv, "+e:f:C:d:qU:", usage);
	if (options.command) {
		fputs(usage, stderr);
		return 2;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return 1;
	catch_signals();
	reader = fork();
	if (reader < 0)
		return 1;
	if (!reader) {
		close(ends[0]);
		return read_session(&options, ends[1]);
	}
	close(ends[1]);
	lend_session(&options, ends[0]);
	while (waitpid(reader, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
