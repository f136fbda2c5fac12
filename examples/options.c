/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void usage_error(const char *usage, const char *what)
{
	fprintf(stderr, "%s\n%s", what, usage);
	exit(2);
}

void die(struct perftrace_context *context, const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		perftrace_context_error(context));
	exit(1);
}

static void print_report(struct perftrace_report *report)
{
	int64_t length = perftrace_report_format(report, NULL, 0);
	char *text = malloc((size_t)length + 1);

	if (!text)
		return;
	perftrace_report_format(report, text, (size_t)length + 1);
	fputs(text, stderr);
	free(text);
}

void die_at_start(struct perftrace_context *context,
		  struct perftrace_session *session)
{
	struct perftrace_report *report = perftrace_session_get_report(session);

	fprintf(stderr, "%s: start: %s\n", program_invocation_short_name,
		perftrace_context_error(context));
	if (report)
		print_report(report);
	exit(1);
}

/* The text again, and a caret below the fault; it may be the filter's, too. */
static void die_in_event(struct perftrace_context *context,
			 const struct options *options, size_t index)
{
	int32_t position = perftrace_context_get_error_position(context);

	if (position >= 0 && !options->filters[index])
		fprintf(stderr, "%s\n%*s\n", options->events[index],
			position + 1, "^");
	die(context, "event");
}

static void add_event(struct options *options, const char *event,
		      const char *filter, const char *usage)
{
	if (options->num_events == MOST_EVENTS)
		usage_error(usage, "too many events");
	options->events[options->num_events] = event;
	options->filters[options->num_events++] = filter;
}

static double parse_seconds(const char *text, const char *usage)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds > 0) || seconds > 1e6)
		usage_error(usage, "-d takes a number of seconds");
	return seconds;
}

static int32_t parse_pid(const char *text, const char *usage)
{
	char *end;
	long pid = strtol(text, &end, 10);

	if (end == text || *end || pid <= 0 || pid > INT32_MAX)
		usage_error(usage, "-p takes a process id");
	return (int32_t)pid;
}

void options_parse(struct options *options, int argc, char **argv,
		   const char *letters, const char *usage)
{
	const char *filter_for_all = NULL;
	int letter;

	*options = (struct options){ .pid = -1 };
	while ((letter = getopt(argc, argv, letters)) != -1) {
		switch (letter) {
		case 'e':
			add_event(options, optarg, filter_for_all, usage);
			break;
		case 'f':
			if (options->num_events)
				options->filters[options->num_events - 1] =
					optarg;
			else
				filter_for_all = optarg;
			break;
		case 'a':
			options->is_system_wide = true;
			break;
		case 'C':
			options->cpus = optarg;
			options->is_system_wide = true;
			break;
		case 'G':
			options->cgroup = optarg;
			options->is_system_wide = true;
			break;
		case 'p':
			options->pid = parse_pid(optarg, usage);
			break;
		case 'd':
			options->duration_s = parse_seconds(optarg, usage);
			options->has_duration = true;
			break;
		case 'U':
			options->user = optarg;
			break;
		case 'c':
			options->has_closer = true;
			break;
		case 'q':
			options->is_quiet = true;
			break;
		case 'u':
			options->is_unordered = true;
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (optind < argc)
		options->command = argv + optind;
	if (!options->num_events)
		usage_error(usage, "no event given");
	if (options->pid != -1 && (options->is_system_wide || options->command))
		usage_error(usage, "-p goes with neither -a, -C, -G nor a "
				   "command");
}

static struct perftrace_session_config *
make_config(const struct options *options, struct perftrace_context *context,
	    int32_t mode)
{
	struct perftrace_session_config *config;
	int32_t order = options->is_unordered ? PERFTRACE_ORDER_NONE :
						PERFTRACE_ORDER_TIME;
	int32_t closer = options->has_closer ? PERFTRACE_CLOSER_PROCESS :
					       PERFTRACE_CLOSER_NONE;

	if (perftrace_session_config_new(context, &config) ||
	    perftrace_session_config_set_mode(config, mode) ||
	    perftrace_session_config_set_order(config, order) ||
	    perftrace_session_config_set_closer(config, closer) ||
	    perftrace_session_config_set_cpus(config, options->cpus) ||
	    perftrace_session_config_set_pid(config, options->pid) ||
	    perftrace_session_config_set_cgroup(config, options->cgroup) ||
	    perftrace_session_config_set_command(
		    config, (const char *const *)options->command) ||
	    perftrace_session_config_set_system_wide(config,
						     options->is_system_wide))
		die(context, "options");
	return config;
}

static void add_events(const struct options *options,
		       struct perftrace_context *context,
		       struct perftrace_session *session)
{
	size_t i;

	for (i = 0; i < options->num_events; i++) {
		struct perftrace_source_config *config;

		if (perftrace_source_config_new(context, &config) ||
		    perftrace_source_config_set_filter(config,
						       options->filters[i]) ||
		    perftrace_session_add_spec(session, options->events[i],
					       config) < 0)
			die_in_event(context, options, i);
		perftrace_source_config_free(config);
	}
}

struct perftrace_session *
options_make_session(const struct options *options,
		     struct perftrace_context *context, int32_t mode)
{
	struct perftrace_session_config *config =
		make_config(options, context, mode);
	struct perftrace_session *session;

	if (perftrace_session_new(context, config, &session))
		die(context, "session");
	perftrace_session_config_free(config);
	add_events(options, context, session);
	return session;
}

static void note_signal(int number)
{
	(void)number;
	interrupted = 1;
}

void catch_signals(void)
{
	/* Without SA_RESTART: a wait must end. */
	struct sigaction action = { .sa_handler = note_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool was_interrupted(void)
{
	return interrupted;
}

uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* How long a wait may be deaf to a signal that came just before it. */
#define LONGEST_WAIT_MS 200

int32_t options_time_left_ms(const struct options *options, uint64_t started_ns)
{
	uint64_t now = clock_ns(), end, left_ms;

	if (!options->has_duration)
		return LONGEST_WAIT_MS;
	end = started_ns + (uint64_t)(options->duration_s * 1e9);
	if (now >= end)
		return 0;
	left_ms = (end - now + 999999) / 1000000;
	return left_ms < LONGEST_WAIT_MS ? (int32_t)left_ms : LONGEST_WAIT_MS;
}

static void sleep_ms(long milliseconds)
{
	struct timespec moment = { milliseconds / 1000,
				   milliseconds % 1000 * 1000000 };

	nanosleep(&moment, NULL);
}

/* Asked to end, a command has this long to do so. */
#define MOST_PATIENCE_MS 2000

int finish_command(struct perftrace_session *session)
{
	int32_t pid = perftrace_session_get_command_pid(session);
	int32_t exit_code, signal_number;
	int ret, waited_ms;

	if (pid < 0)
		return 0;
	ret = perftrace_session_get_command_result(session, &exit_code,
						   &signal_number);
	if (ret == -EAGAIN)
		kill(pid, SIGTERM);
	for (waited_ms = 0; ret == -EAGAIN; waited_ms++) {
		if (waited_ms == MOST_PATIENCE_MS)
			kill(pid, SIGKILL);
		sleep_ms(1);
		ret = perftrace_session_get_command_result(session, &exit_code,
							   &signal_number);
	}
	if (ret)
		return 1;
	return signal_number ? 128 + signal_number : exit_code;
}
