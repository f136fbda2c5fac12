/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Print what a function of a program or library is called with. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <perftrace/perftrace.h>

static const char usage[] =
	"usage: uprobe_args FILE FUNCTION ARGUMENT... -- COMMAND...\n"
	"  FILE      a path, or a library's name such as libc.so.6\n"
	"  ARGUMENT  as in perftrace-spec(7): '$arg1:u64' is the first integer,\n"
	"            'path=+0($arg1):string' a string that it points to\n"
	"For example:\n"
	"  uprobe_args libc.so.6 malloc 'size=$arg1:u64' -- ls -l\n"
	"  uprobe_args libc.so.6 opendir 'path=+0($arg1):string' -- ls /\n";

static int complain(struct perftrace_context *context, const char *what)
{
	fprintf(stderr, "uprobe_args: %s: %s\n", what,
		perftrace_context_error(context));
	return 1;
}

/* A number, or a text; each in its own way. */
static void print_field(struct perftrace_record *record,
			struct perftrace_field *field)
{
	const char *text;
	size_t length;
	int64_t number;

	printf(" %s=", perftrace_field_get_name(field));
	if (!perftrace_record_get_string(record, field, &text, &length))
		printf("\"%.*s\"", (int)length, text);
	else if (!perftrace_record_get_s64(record, field, &number))
		printf("%" PRId64, number);
	else
		putchar('?');
}

static void print_record(struct perftrace_event *event,
			 struct perftrace_record *record)
{
	int64_t i, count = perftrace_event_get_num_fields(event);
	struct perftrace_field *field;

	printf("%s[%" PRId32 "]", perftrace_event_get_name(event),
	       perftrace_record_get_tid(record));
	for (i = 0; i < count; i++) {
		if (perftrace_event_get_field(event, (size_t)i, &field) ||
		    perftrace_field_is_common(field) ||
		    !strncmp(perftrace_field_get_name(field), "__probe", 7))
			continue;
		print_field(record, field);
	}
	putchar('\n');
}

static int make_event(struct perftrace_context *context, char **arguments,
		      struct perftrace_event **event)
{
	struct perftrace_probe *probe;
	int ret = perftrace_probe_new(context, PERFTRACE_EVENT_UPROBE, &probe);

	if (ret)
		return ret;
	ret = perftrace_probe_set_path(probe, arguments[0]);
	if (!ret)
		ret = perftrace_probe_set_symbol(probe, arguments[1]);
	for (arguments += 2; !ret && *arguments; arguments++)
		ret = perftrace_probe_add_argument(probe, *arguments);
	if (!ret)
		ret = perftrace_probe_make_event(probe, event);
	perftrace_probe_free(probe);
	return ret;
}

static int make_session(struct perftrace_context *context,
			struct perftrace_event *event, char **command,
			struct perftrace_session **session)
{
	struct perftrace_session_config *config;
	int ret = perftrace_session_config_new(context, &config);

	if (ret)
		return ret;
	ret = perftrace_session_config_set_command(
		config, (const char *const *)command);
	if (!ret)
		ret = perftrace_session_new(context, config, session);
	perftrace_session_config_free(config);
	if (ret)
		return ret;
	ret = perftrace_session_add_event(*session, event, NULL, NULL);
	if (!ret)
		ret = perftrace_session_start(*session);
	if (ret)
		perftrace_session_free(*session);
	return ret;
}

static int trace(struct perftrace_context *context,
		 struct perftrace_event *event, char **command)
{
	struct perftrace_session *session;
	struct perftrace_record *record;
	int ret;

	if (make_session(context, event, command, &session))
		return complain(context, "session");
	while ((ret = perftrace_session_read(session, -1, &record)) == 1) {
		int32_t kind = perftrace_record_get_kind(record);

		if (kind == PERFTRACE_RECORD_SAMPLE)
			print_record(event, record);
		else if (kind == PERFTRACE_RECORD_LOST)
			printf("... %" PRIu64 " lost\n",
			       perftrace_record_get_lost(record));
	}
	if (ret)
		complain(context, "read");
	perftrace_session_free(session);
	return ret ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	struct perftrace_event *event;
	int dashes = 1, ret;

	while (dashes < argc && strcmp(argv[dashes], "--") != 0)
		dashes++;
	if (dashes < 4 || dashes + 1 >= argc) {
		fputs(usage, stderr);
		return 2;
	}
	argv[dashes] = NULL;
	if (perftrace_context_new(&context))
		return 1;
	if (make_event(context, argv + 1, &event)) {
		ret = complain(context, "probe");
	} else {
		ret = trace(context, event, argv + dashes + 1);
		/* This removes the probe from tracefs. */
		perftrace_event_unref(event);
	}
	perftrace_context_unref(context);
	return ret;
}
