/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Count an event of the whole system while a command runs, CPU by CPU, with a
 * thread for each ring.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <perftrace/perftrace.h>

/* What one thread has counted; nobody else touches it until it has ended. */
struct counter {
	struct perftrace_reader *reader;
	pthread_t thread;
	uint64_t num_records;
	uint64_t num_lost;
	int result;
};

static _Noreturn void die(struct perftrace_context *context, const char *what)
{
	fprintf(stderr, "parallel: %s: %s\n", what,
		perftrace_context_error(context));
	exit(1);
}

static void *count(void *data)
{
	struct counter *counter = data;
	struct perftrace_record *record;

	while ((counter->result = perftrace_reader_read(counter->reader, -1,
							&record)) > 0) {
		int32_t kind = perftrace_record_get_kind(record);

		if (kind == PERFTRACE_RECORD_SAMPLE)
			counter->num_records++;
		counter->num_lost += perftrace_record_get_lost(record);
	}
	return NULL;
}

static struct perftrace_session *make_session(struct perftrace_context *context,
					      char **arguments)
{
	struct perftrace_session_config *config;
	struct perftrace_session *session;

	if (perftrace_session_config_new(context, &config) ||
	    perftrace_session_config_set_command(
		    config, (const char *const *)arguments + 1) ||
	    perftrace_session_config_set_system_wide(config, true) ||
	    perftrace_session_config_set_num_readers(config, UINT32_MAX) ||
	    perftrace_session_new(context, config, &session))
		die(context, "settings");
	perftrace_session_config_free(config);
	if (perftrace_session_add_spec(session, arguments[0], NULL) < 0)
		die(context, arguments[0]);
	return session;
}

static void start_threads(struct perftrace_session *session,
			  struct counter *counters, size_t num_readers)
{
	size_t i;

	for (i = 0; i < num_readers; i++) {
		counters[i].reader = perftrace_session_get_reader(session, i);
		if (pthread_create(&counters[i].thread, NULL, count,
				   &counters[i])) {
			fprintf(stderr, "parallel: no more threads\n");
			exit(1);
		}
	}
}

/* Each has come to the end of its stream, for the command has ended. */
static int end_threads(struct counter *counters, size_t num_readers)
{
	int status = 0;
	size_t i;

	for (i = 0; i < num_readers; i++) {
		struct counter *counter = &counters[i];

		pthread_join(counter->thread, NULL);
		printf("CPU %" PRId32 ": %" PRIu64 " records, %" PRIu64
		       " lost\n",
		       perftrace_reader_get_cpu(counter->reader, 0),
		       counter->num_records, counter->num_lost);
		if (!counter->result)
			continue;
		fprintf(stderr, "parallel: %s\n",
			perftrace_reader_error(counter->reader));
		status = 1;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	struct perftrace_session *session;
	struct counter *counters;
	size_t num_readers;
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: parallel EVENT COMMAND...\n");
		return 2;
	}
	if (perftrace_context_new(&context))
		return 1;
	session = make_session(context, argv + 1);
	if (perftrace_session_start(session))
		die(context, "start");
	num_readers = perftrace_session_get_num_readers(session);
	counters = calloc(num_readers, sizeof(*counters));
	if (!counters)
		return 1;
	start_threads(session, counters, num_readers);
	status = end_threads(counters, num_readers);
	free(counters);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	return status;
}
