/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program of somebody else's: traces true(1) and prints what it executed. */
#include <stdio.h>
#include <string.h>

#include <perftrace/perftrace.h>

static int trace(struct perftrace_context *context,
		 struct perftrace_session *session)
{
	struct perftrace_record *record;
	int ret;

	ret = perftrace_session_add_spec(session, "sched:sched_process_exec",
					 NULL);
	if (ret == 1)
		ret = perftrace_session_start(session);
	while (!ret) {
		ret = perftrace_session_read(session, -1, &record);
		if (ret != 1)
			break;
		ret = perftrace_record_print(record, 1);
	}
	if (ret)
		fprintf(stderr, "%s\n", perftrace_context_error(context));
	return ret;
}

static int trace_true(struct perftrace_context *context)
{
	const char *const command[] = { "true", NULL };
	struct perftrace_session_config *config;
	struct perftrace_session *session;
	int ret;

	ret = perftrace_session_config_new(context, &config);
	if (ret)
		return ret;
	ret = perftrace_session_config_set_command(config, command);
	if (!ret)
		ret = perftrace_session_new(context, config, &session);
	perftrace_session_config_free(config);
	if (ret)
		return ret;
	ret = trace(context, session);
	perftrace_session_free(session);
	return ret;
}

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	int ret;

	if (argc == 2 && !strcmp(argv[1], "version")) {
		puts(perftrace_version());
		return 0;
	}
	if (perftrace_context_new(&context))
		return 1;
	ret = trace_true(context);
	perftrace_context_unref(context);
	return ret ? 1 : 0;
}
