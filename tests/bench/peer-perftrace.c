/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * This library, by its public interface. Modes:
 *
 *   field   unordered, and a field
 *   order   in time order, and a field
 *   check   and count those that are earlier than the one before
 *   text    in time order, and the decoded fields as text
 *   line    in time order, and the whole line as text
 *   batch   as order, 1,024 records as columns
 *   certain, certain-check
 *           as order and check, with PERFTRACE_ORDER_CERTAIN
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <perftrace/perftrace.h>

#include "peer.h"

typedef void (*consumer)(struct peer_tally *tally,
			 struct perftrace_record *record);

struct mode {
	const char *name;
	int32_t order;
	void (*drain)(struct peer_tally *tally, int timeout_ms);
};

static struct perftrace_context *context;
static struct perftrace_session *session;
/* Of the events that happen: the first alone, or the first two. */
#define NUM_HOT	      2
#define BATCH_RECORDS 1024

static struct perftrace_event *hot[NUM_HOT];
static struct perftrace_field *fields[NUM_HOT];
static const struct mode *mode;
static struct perftrace_batch *batch;
/* Of the batch. */
static const uint8_t *values;
static size_t value_bytes;

static void require(int ret)
{
	if (ret < 0)
		errx(1, "%s", perftrace_context_error(context));
}

/* What every mode does until there is nothing more. */
static inline __attribute__((always_inline)) void
read_all(struct peer_tally *tally, int timeout_ms, consumer consume)
{
	struct perftrace_record *record;
	int ret;

	while ((ret = perftrace_session_read(session, timeout_ms, &record)) ==
	       1) {
		if (perftrace_record_get_kind(record) ==
		    PERFTRACE_RECORD_SAMPLE)
			consume(tally, record);
	}
	if (ret != -EAGAIN)
		require(ret);
}

static inline void read_field(struct peer_tally *tally,
			      struct perftrace_record *record)
{
	uint64_t value;

	tally->delivered++;
	if (!perftrace_record_get_u64(record, fields[0], &value))
		tally->field_sum += value;
}

/* Where there are several events, a field belongs to one of them. */
static inline void read_field_of_event(struct peer_tally *tally,
				       struct perftrace_record *record)
{
	struct perftrace_event *event = perftrace_record_get_event(record);
	uint64_t value;

	tally->delivered++;
	if (!perftrace_record_get_u64(record, fields[event == hot[1]], &value))
		tally->field_sum += value;
}

static inline void check(struct peer_tally *tally,
			 struct perftrace_record *record)
{
	read_field(tally, record);
	peer_check_order(tally, perftrace_record_get_time_ns(record));
}

static inline void add_text(struct peer_tally *tally, int64_t length)
{
	require((int)length);
	tally->delivered++;
	tally->text_bytes += (uint64_t)length;
}

static inline void format_fields(struct peer_tally *tally,
				 struct perftrace_record *record)
{
	char text[1024];

	add_text(tally,
		 perftrace_record_format_fields(record, text, sizeof(text)));
}

static inline void format_line(struct peer_tally *tally,
			       struct perftrace_record *record)
{
	char text[1024];

	add_text(tally, perftrace_record_format(record, text, sizeof(text)));
}

static void drain_fields(struct peer_tally *tally, int timeout_ms)
{
	if (hot[1])
		read_all(tally, timeout_ms, read_field_of_event);
	else
		read_all(tally, timeout_ms, read_field);
}

static void drain_checking(struct peer_tally *tally, int timeout_ms)
{
	read_all(tally, timeout_ms, check);
}

static void drain_text(struct peer_tally *tally, int timeout_ms)
{
	read_all(tally, timeout_ms, format_fields);
}

static void drain_lines(struct peer_tally *tally, int timeout_ms)
{
	read_all(tally, timeout_ms, format_line);
}

static void make_batch(void)
{
	size_t column;

	require(perftrace_batch_new(context, BATCH_RECORDS, &batch));
	require(perftrace_batch_add_column(batch, PERFTRACE_COLUMN_KIND,
					   &column));
	require(perftrace_batch_add_field(batch, hot[0], load_get_field(),
					  &column));
	values = perftrace_batch_get_buffer(batch, column,
					    PERFTRACE_BUFFER_VALUES);
	value_bytes = perftrace_batch_get_buffer_bytes(
			      batch, column, PERFTRACE_BUFFER_VALUES) /
		      BATCH_RECORDS;
}

static void add_rows(struct peer_tally *tally, size_t num_rows)
{
	const int32_t *kinds =
		perftrace_batch_get_buffer(batch, 0, PERFTRACE_BUFFER_VALUES);
	uint64_t value;
	size_t i;

	for (i = 0; i < num_rows; i++) {
		value = 0;
		memcpy(&value, values + i * value_bytes, value_bytes);
		tally->delivered += kinds[i] == PERFTRACE_RECORD_SAMPLE;
		tally->field_sum += value;
	}
}

static void drain_batches(struct peer_tally *tally, int timeout_ms)
{
	int ret;

	if (!batch)
		make_batch();
	while ((ret = perftrace_session_read_batch(session, timeout_ms,
						   batch)) > 0)
		add_rows(tally, (size_t)ret);
	if (ret != -EAGAIN)
		require(ret);
}

static const struct mode modes[] = {
	{ "field", PERFTRACE_ORDER_NONE, drain_fields },
	{ "order", PERFTRACE_ORDER_TIME, drain_fields },
	{ "check", PERFTRACE_ORDER_TIME, drain_checking },
	{ "text", PERFTRACE_ORDER_TIME, drain_text },
	{ "line", PERFTRACE_ORDER_TIME, drain_lines },
	{ "batch", PERFTRACE_ORDER_TIME, drain_batches },
	{ "batch-field", PERFTRACE_ORDER_NONE, drain_batches },
	{ "certain", PERFTRACE_ORDER_CERTAIN, drain_fields },
	{ "certain-check", PERFTRACE_ORDER_CERTAIN, drain_checking },
};

static void find_mode(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strcmp(modes[i].name, name))
			mode = &modes[i];
	}
	if (!mode)
		errx(1, "there is no mode %s", name);
}

static void make_session(const struct peer_request *request)
{
	struct perftrace_session_config *config;

	require(perftrace_session_config_new(context, &config));
	require(perftrace_session_config_set_ring_size_bytes(
		config, request->ring_bytes));
	require(perftrace_session_config_set_watermark_bytes(
		config, request->wakes_at_each ? 1 : request->watermark_bytes));
	require(perftrace_session_config_set_order(config, mode->order));
	/* Valgrind knows no such process. */
	if (request->opens_alone)
		require(perftrace_session_config_set_closer(
			config, PERFTRACE_CLOSER_PROCESS));
	require(perftrace_session_new(context, config, &session));
	perftrace_session_config_free(config);
}

static void write_spec(char *spec, size_t size, const struct load_event *event)
{
	char program[PATH_MAX] = "";

	if (event->name) {
		snprintf(spec, size, "%s", event->name);
		return;
	}
	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		err(1, "/proc/self/exe");
	snprintf(spec, size, "uprobe:%s:load_probed", program);
}

static void add_source(const struct load_event *event)
{
	struct perftrace_source_config *config;
	char spec[PATH_MAX + 64];

	write_spec(spec, sizeof(spec), event);
	require(perftrace_source_config_new(context, &config));
	require(perftrace_source_config_set_filter(config, event->filter));
	require(perftrace_session_add_spec(session, spec, config));
	perftrace_source_config_free(config);
}

static struct perftrace_source *get_source(size_t index)
{
	return perftrace_session_get_source(session, index);
}

void peer_prepare(const struct peer_request *request)
{
	size_t i;

	if (perftrace_context_new(&context))
		errx(1, "no context");
	find_mode(request->mode);
	make_session(request);
	for (i = 0; i < load_get_num_events(); i++)
		add_source(load_get_event(i));
}

void peer_open(void)
{
	require(perftrace_session_open(session));
}

static void find_fields(void)
{
	size_t i;

	for (i = 0; i < NUM_HOT && i < load_get_num_events(); i++) {
		hot[i] = perftrace_source_get_event(get_source(i));
		require(perftrace_event_find_field(hot[i], load_get_field(),
						   &fields[i]));
	}
}

void peer_start(void)
{
	require(perftrace_session_start(session));
}

void peer_stop(void)
{
	require(perftrace_session_stop(session));
}

void peer_drain(struct peer_tally *tally, int timeout_ms)
{
	if (!hot[0])
		find_fields();
	mode->drain(tally, timeout_ms);
}

uint64_t peer_count_lost(void)
{
	struct perftrace_ledger *ledger;
	uint64_t lost = 0;
	size_t i;

	for (i = 0; i < load_get_num_events(); i++) {
		require(perftrace_source_get_ledger(get_source(i), &ledger));
		lost += perftrace_ledger_get_lost(ledger);
		perftrace_ledger_free(ledger);
	}
	return lost;
}

void peer_close(void)
{
	perftrace_session_close(session);
}

void peer_end(void)
{
	require(perftrace_session_wait_closed(session, -1));
	perftrace_session_free(session);
	perftrace_batch_free(batch);
	perftrace_context_unref(context);
}
