/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Batches hold what single reads hand out. Each call that is made carries its
 * number as an argument, so that both are held against what was done.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

#define VALUES	 PERFTRACE_BUFFER_VALUES
#define OFFSETS	 PERFTRACE_BUFFER_OFFSETS
#define VALIDITY PERFTRACE_BUFFER_VALIDITY

#define NUM_CALLS 20000
/* The last batch is not full. */
#define CAPACITY 875

static const struct session_request own_calls = {
	.event = SYS_ENTER,
	.filter = GETPPID_CALLS,
	.is_self = true,
	.ring_bytes = 4 << 20,
};

static void call_numbered(uint64_t num_calls)
{
	uint64_t number;

	for (number = 0; number < num_calls; number++)
		syscall(SYS_getppid, number);
}

/* What every record of the calls has. */
struct columns {
	struct perftrace_batch *batch;
	const int32_t *kinds, *cpus, *pids, *tids, *sources;
	const uint64_t *times, *lost;
	const int64_t *ids;
	const uint8_t *has_id;
	const char *args, *comms;
	const int32_t *args_offsets, *comms_offsets;
};

static const void *add_own(struct perftrace_context *context,
			   struct perftrace_batch *batch, int32_t own)
{
	size_t column;

	succeed(context, perftrace_batch_add_column(batch, own, &column));
	return perftrace_batch_get_buffer(batch, column, VALUES);
}

static size_t add_field(struct perftrace_context *context,
			struct perftrace_batch *batch,
			struct perftrace_session *session, const char *name)
{
	size_t column;

	succeed(context, perftrace_batch_add_session_field(batch, session, name,
							   &column));
	return column;
}

static void add_columns(struct perftrace_context *context,
			struct perftrace_session *session,
			struct columns *columns)
{
	struct perftrace_batch *batch = columns->batch;
	size_t id, args, comm;

	columns->kinds = add_own(context, batch, PERFTRACE_COLUMN_KIND);
	columns->times = add_own(context, batch, PERFTRACE_COLUMN_TIME_NS);
	columns->cpus = add_own(context, batch, PERFTRACE_COLUMN_CPU);
	columns->pids = add_own(context, batch, PERFTRACE_COLUMN_PID);
	columns->tids = add_own(context, batch, PERFTRACE_COLUMN_TID);
	columns->sources = add_own(context, batch, PERFTRACE_COLUMN_SOURCE);
	columns->lost = add_own(context, batch, PERFTRACE_COLUMN_LOST);
	comm = perftrace_batch_get_num_columns(batch);
	columns->comms = add_own(context, batch, PERFTRACE_COLUMN_COMM);
	columns->comms_offsets =
		perftrace_batch_get_buffer(batch, comm, OFFSETS);
	id = add_field(context, batch, session, "id");
	columns->ids = perftrace_batch_get_buffer(batch, id, VALUES);
	columns->has_id = perftrace_batch_get_buffer(batch, id, VALIDITY);
	args = add_field(context, batch, session, "args");
	columns->args = perftrace_batch_get_buffer(batch, args, VALUES);
	columns->args_offsets =
		perftrace_batch_get_buffer(batch, args, OFFSETS);
}

static struct columns make_columns(struct perftrace_context *context,
				   struct perftrace_session *session,
				   size_t capacity)
{
	struct columns columns = { .batch = NULL };

	succeed(context,
		perftrace_batch_new(context, capacity, &columns.batch));
	add_columns(context, session, &columns);
	return columns;
}

static uint64_t arg_of(const struct columns *columns, int row)
{
	uint64_t arg;

	ck_assert_int_eq(columns->args_offsets[row + 1] -
				 columns->args_offsets[row],
			 6 * (int)sizeof(arg));
	memcpy(&arg, columns->args + columns->args_offsets[row], sizeof(arg));
	return arg;
}

static void expect_row(const struct columns *columns, int row, uint64_t number)
{
	ck_assert_int_eq(columns->kinds[row], PERFTRACE_RECORD_SAMPLE);
	ck_assert_int_eq(columns->sources[row], 0);
	ck_assert_int_eq(columns->pids[row], getpid());
	ck_assert_int_eq(columns->tids[row], getpid());
	ck_assert_uint_eq(columns->lost[row], 0);
	ck_assert(columns->has_id[row / 8] >> row % 8 & 1);
	ck_assert_int_eq(columns->ids[row], __NR_getppid);
	ck_assert_uint_eq(arg_of(columns, row), number);
}

/* The same call's record in the other session: by its fields, one by one. */
static void expect_same(struct perftrace_context *context,
			const struct columns *columns, int row,
			struct perftrace_record *record)
{
	struct perftrace_event *event = perftrace_record_get_event(record);
	struct perftrace_field *field;
	const char *comm = perftrace_record_get_comm(record);
	const void *bytes;
	int64_t id;
	size_t size;
	int32_t start = columns->comms_offsets[row];

	ck_assert_int_eq(perftrace_record_get_kind(record),
			 columns->kinds[row]);
	/* One tracepoint wrote both. */
	ck_assert_int_eq(perftrace_record_get_cpu(record), columns->cpus[row]);
	ck_assert_int_eq(perftrace_record_get_pid(record), columns->pids[row]);
	ck_assert_int_eq(perftrace_record_get_tid(record), columns->tids[row]);
	succeed(context, perftrace_event_find_field(event, "id", &field));
	succeed(context, perftrace_record_get_s64(record, field, &id));
	ck_assert_int_eq(id, columns->ids[row]);
	succeed(context, perftrace_event_find_field(event, "args", &field));
	succeed(context,
		perftrace_record_get_bytes(record, field, &bytes, &size));
	ck_assert_mem_eq(columns->args + columns->args_offsets[row], bytes,
			 size);
	ck_assert_int_eq(columns->comms_offsets[row + 1] - start,
			 (int)strlen(comm));
	ck_assert_mem_eq(columns->comms + start, comm, strlen(comm));
}

static int read_batch(struct perftrace_context *context,
		      struct perftrace_session *session, int32_t timeout_ms,
		      struct perftrace_batch *batch)
{
	int ret = perftrace_session_read_batch(session, timeout_ms, batch);

	succeed(context, ret);
	ck_assert_uint_eq(perftrace_batch_get_num_records(batch), (size_t)ret);
	return ret;
}

/* Two sessions see the same calls; one is read singly, one in batches. */
START_TEST(gives_what_single_reads_give)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *single = new_session(context, &own_calls);
	struct perftrace_session *other = new_session(context, &own_calls);
	struct columns columns = make_columns(context, other, CAPACITY);
	struct perftrace_record *record;
	uint64_t number = 0, youngest = 0;
	int count, row;

	succeed(context, perftrace_session_start(single));
	succeed(context, perftrace_session_start(other));
	call_numbered(NUM_CALLS);
	succeed(context, perftrace_session_stop(single));
	succeed(context, perftrace_session_stop(other));
	while ((count = read_batch(context, other, 0, columns.batch))) {
		for (row = 0; row < count; row++) {
			expect_row(&columns, row, number++);
			ck_assert_uint_ge(columns.times[row], youngest);
			youngest = columns.times[row];
			ck_assert_int_eq(
				perftrace_session_read(single, 0, &record), 1);
			expect_same(context, &columns, row, record);
		}
	}
	ck_assert_uint_eq(number, NUM_CALLS);
	ck_assert_int_eq(perftrace_session_read(single, 0, &record), 0);
	ck_assert_uint_eq(delivered_by(context,
				       perftrace_session_get_source(other, 0)),
			  NUM_CALLS);
	perftrace_batch_free(columns.batch);
	perftrace_session_free(single);
	perftrace_session_free(other);
	perftrace_context_unref(context);
}
END_TEST

static void expect_single(struct perftrace_context *context,
			  struct perftrace_record *record, uint64_t number)
{
	struct perftrace_field *field;
	uint64_t arg;

	succeed(context,
		perftrace_event_find_field(perftrace_record_get_event(record),
					   "args", &field));
	succeed(context,
		perftrace_record_get_element_u64(record, field, 0, &arg));
	ck_assert_uint_eq(arg, number);
}

START_TEST(takes_turns_with_single_reads)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct columns columns = make_columns(context, session, 100);
	struct perftrace_record *record;
	uint64_t number = 0;
	int count, row;

	succeed(context, perftrace_session_start(session));
	call_numbered(NUM_CALLS);
	succeed(context, perftrace_session_stop(session));
	while ((count = read_batch(context, session, 0, columns.batch))) {
		for (row = 0; row < count; row++)
			expect_row(&columns, row, number++);
		if (perftrace_session_read(session, 0, &record) == 1)
			expect_single(context, record, number++);
	}
	ck_assert_uint_eq(number, NUM_CALLS);
	perftrace_batch_free(columns.batch);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* Their memory is the caller's, and only holds a few arguments at a time. */
START_TEST(loses_nothing_where_bytes_run_out)
{
	_Alignas(64) static char room[10 * 48];
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct columns columns = make_columns(context, session, 1000);
	size_t args = perftrace_batch_get_num_columns(columns.batch) - 1;
	uint64_t number = 0;
	int count, row;

	succeed(context, perftrace_batch_set_buffer(columns.batch, args, VALUES,
						    room, sizeof(room)));
	columns.args = room;
	succeed(context, perftrace_session_start(session));
	call_numbered(1005);
	succeed(context, perftrace_session_stop(session));
	while ((count = read_batch(context, session, 0, columns.batch))) {
		ck_assert_int_eq(count, number < 1000 ? 10 : 5);
		for (row = 0; row < count; row++)
			expect_row(&columns, row, number++);
	}
	ck_assert_uint_eq(number, 1005);
	perftrace_batch_free(columns.batch);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void tally_batch(struct tally *tally, const struct columns *columns,
			int count)
{
	int row;

	for (row = 0; row < count; row++) {
		bool is_sample = columns->kinds[row] == PERFTRACE_RECORD_SAMPLE;

		tally->lost += columns->lost[row];
		tally->num_samples += is_sample;
		tally->num_others += !is_sample;
		/* Only samples have fields, and are of a source. */
		ck_assert_int_eq(columns->has_id[row / 8] >> row % 8 & 1,
				 is_sample);
		ck_assert_int_eq(columns->sources[row], is_sample ? 0 : -1);
	}
}

static struct tally trace_command(struct perftrace_context *context,
				  const char *number, uint64_t ring_bytes,
				  uint32_t sideband)
{
	const char *const command[] = { getppid_path(), number, "4", "2",
					NULL };
	const struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.command = command,
		.ring_bytes = ring_bytes,
		.sideband = sideband,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct columns columns = make_columns(context, session, CAPACITY);
	struct tally tally = { 0 };
	int count;

	succeed(context, perftrace_session_start(session));
	while ((count = read_batch(context, session, -1, columns.batch)))
		tally_batch(&tally, &columns, count);
	expect_account(context, session, &tally, strtoull(number, NULL, 10));
	perftrace_batch_free(columns.batch);
	perftrace_session_free(session);
	return tally;
}

START_TEST(accounts_for_every_call)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SYS_ENTER);
	struct tally tally;

	trace_command(context, "0", 0, 0);
	trace_command(context, "300000", 0, 0);
	tally = trace_command(context, "300000", 4096, 0);
	ck_assert_uint_gt(tally.lost, 0);
	tally = trace_command(context, "300000", 8192,
			      PERFTRACE_SIDEBAND_TASK |
				      PERFTRACE_SIDEBAND_COMM |
				      PERFTRACE_SIDEBAND_MMAP);
	ck_assert_uint_gt(tally.lost, 0);
	ck_assert_uint_gt(tally.num_others, 0);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(is_empty_where_nothing_comes)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct columns columns = make_columns(context, session, 16);

	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(perftrace_session_read_batch(session, 0,
						      columns.batch),
			 -EAGAIN);
	call_numbered(1);
	/* For the first only, not for the batch to be full. */
	ck_assert_int_eq(read_batch(context, session, -1, columns.batch), 1);
	expect_row(&columns, 0, 0);
	ck_assert_int_eq(perftrace_session_read_batch(session, 0,
						      columns.batch),
			 -EAGAIN);
	ck_assert_uint_eq(perftrace_batch_get_num_records(columns.batch), 0);
	refuse(context,
	       perftrace_session_read_batch(session, -2, columns.batch),
	       -EINVAL, "-2 ms");
	succeed(context, perftrace_session_stop(session));
	ck_assert_int_eq(read_batch(context, session, -1, columns.batch), 0);
	ck_assert_int_eq(read_batch(context, session, 0, columns.batch), 0);
	perftrace_batch_free(columns.batch);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(goes_on_after_a_restart)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct columns columns = make_columns(context, session, CAPACITY);
	int round, count, row;

	for (round = 0; round < 3; round++) {
		uint64_t number = 0;

		succeed(context, perftrace_session_start(session));
		call_numbered(2000);
		succeed(context, perftrace_session_stop(session));
		while ((count = read_batch(context, session, 0,
					   columns.batch))) {
			for (row = 0; row < count; row++)
				expect_row(&columns, row, number++);
		}
		ck_assert_uint_eq(number, 2000);
	}
	perftrace_batch_free(columns.batch);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* A command's life in three events: names that all have, and that one has. */
struct life {
	struct perftrace_batch *batch;
	const int32_t *pids, *sources, *offsets;
	const uint8_t *has_filename;
	const char *filenames;
};

static struct life make_life(struct perftrace_context *context,
			     struct perftrace_session *session)
{
	struct life life;
	size_t pid, filename;

	succeed(context, perftrace_batch_new(context, 8, &life.batch));
	life.sources = add_own(context, life.batch, PERFTRACE_COLUMN_SOURCE);
	pid = add_field(context, life.batch, session, "pid");
	ck_assert_str_eq(perftrace_batch_get_column_format(life.batch, pid),
			 "i");
	life.pids = perftrace_batch_get_buffer(life.batch, pid, VALUES);
	filename = add_field(context, life.batch, session, "filename");
	life.filenames =
		perftrace_batch_get_buffer(life.batch, filename, VALUES);
	life.offsets =
		perftrace_batch_get_buffer(life.batch, filename, OFFSETS);
	life.has_filename =
		perftrace_batch_get_buffer(life.batch, filename, VALIDITY);
	return life;
}

START_TEST(joins_fields_of_several_events)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "0", NULL };
	const struct session_request request = {
		.event = "sched:sched_process_exit",
		.command = command,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct life life;
	int32_t pid;
	bool has_end;
	int ret;

	add_event(context, session, "sched:sched_process_exec", &request);
	life = make_life(context, session);
	succeed(context, perftrace_session_start(session));
	pid = perftrace_session_get_command_pid(session);
	/* Held back until both are there: the horizon is behind them. */
	do
		ret = perftrace_session_wait(session, -1);
	while (ret > 0);
	succeed(context, ret);
	/* Where its end is raised when its events have gone already, it is not. */
	has_end = counted_by(context, perftrace_session_get_source(session, 0));
	ck_assert_int_eq(read_batch(context, session, -1, life.batch),
			 1 + has_end);
	ck_assert_int_eq(life.sources[0], 1);
	ck_assert_int_eq(life.pids[0], pid);
	ck_assert_int_eq(life.offsets[1], (int)strlen(getppid_path()));
	ck_assert_mem_eq(life.filenames, getppid_path(), life.offsets[1]);
	ck_assert_uint_eq(*life.has_filename, 1);
	if (has_end) {
		ck_assert_int_eq(life.sources[1], 0);
		ck_assert_int_eq(life.pids[1], pid);
	}
	ck_assert_int_eq(read_batch(context, session, -1, life.batch), 0);
	perftrace_batch_free(life.batch);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(refuses_a_session_that_counts)
{
	struct perftrace_context *context = new_context();
	const struct session_request request = {
		.event = SYS_ENTER,
		.is_self = true,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct columns columns = make_columns(context, session, 16);

	succeed(context, perftrace_session_start(session));
	refuse(context, perftrace_session_read_batch(session, 0, columns.batch),
	       -EINVAL, "counts");
	perftrace_batch_free(columns.batch);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(gives_what_single_reads_give),
	TEST(takes_turns_with_single_reads),
	TEST(loses_nothing_where_bytes_run_out),
	TEST(accounts_for_every_call),
	TEST(is_empty_where_nothing_comes),
	TEST(goes_on_after_a_restart),
	TEST(joins_fields_of_several_events),
	TEST(refuses_a_session_that_counts),
};

HARNESS_MAIN("batch", tests, HARNESS_LIVE)
