/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * read() alternates between rounds of the reader and waits. It waits only when
 * a round is exhausted, and looks at the rings again only after a wait: or it
 * would turn in circles, for at any time a few more records have just become
 * older than the horizon.
 *
 * Of rings that are written over, a round is a snapshot. Then read() neither waits
 * nor begins one: perftrace_session_snapshot() does. What the kernel has counted
 * as lost follows the one that was taken when all was disabled.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#include <perftrace/reader.h>
#include <perftrace/session.h>

#include "export.h"
#include "hotplug.h"
#include "lock.h"
#include "log.h"
#include "opening.h"
#include "reader.h"
#include "session_state.h"
#include "settlement.h"
#include "snapshot.h"
#include "sys.h"
#include "waiter.h"

/* Has what the session traces come to its end by itself? */
static bool has_target_ended(struct perftrace_reader *reader)
{
	if (reader->session->command)
		return session_has_command_ended(reader->session);
	return reader->num_tasks &&
	       reader->num_tasks_ended >= reader->num_tasks;
}

/* When what is too young now will not be any more. */
static uint64_t get_delay_ns(const struct perftrace_session *session)
{
	return session->settings.order == PERFTRACE_ORDER_TIME ?
		       session->settings.horizon_ns :
		       0;
}

/*
 * All that could be delivered is. What a ring called for may have been too
 * young: then look again when it is not, and wait neither for the flush interval
 * nor for more. Not after the timer's own call, or steady traffic would make it
 * a tick per horizon.
 */
static void end_drain(struct perftrace_reader *reader)
{
	if (!reader->has_timer_called && reader_has_rest(reader->reader))
		waiter_hurry_timer(reader->waiter,
				   get_delay_ns(reader->session) + 1);
	reader->has_timer_called = false;
}

/* 1: there was news; 0: none in time; -EINTR. */
static int await_news(struct perftrace_reader *reader, int timeout_ms)
{
	struct waiter_news news;
	int ret = 0;

	news.has_any = true;
	if (!has_target_ended(reader)) {
		ret = waiter_wait(reader->waiter, timeout_ms, &news);
		if (ret)
			return ret;
		reader->num_tasks_ended += news.num_tasks_ended;
		reader->has_timer_called |= news.has_timer;
	}
	if (has_target_ended(reader))
		session_halt(reader->session);
	return news.has_any;
}

static int check_started(struct log *log, enum state state, int32_t timeout_ms)
{
	if (state == NEW || state == OPEN)
		return fail(log, -EINVAL, "the session has not been started");
	if (timeout_ms < -1)
		return fail(log, -EINVAL,
			    "a timeout of %" PRId32 " ms: it is -1 or more",
			    timeout_ms);
	return 0;
}

/* May the caller wait for something that long? */
static int check_wait(struct perftrace_session *session, int32_t timeout_ms)
{
	int ret = session_check_there(session);

	if (!ret && session_has_readers(session))
		ret = fail(session->log, -EINVAL,
			   "the session is read by its readers");
	return ret ? ret :
		     check_started(session->log, session->state, timeout_ms);
}

static int check_readable(struct perftrace_session *session, int32_t timeout_ms)
{
	int ret = check_wait(session, timeout_ms);

	if (ret)
		return ret;
	if (!session->readers[0].reader)
		return fail(session->log, -EINVAL,
			    "the session counts, and has no records");
	return 0;
}

/* The last round: all that there is, however young. */
static int begin_last_round(struct perftrace_reader *reader)
{
	reader->is_last_read = true;
	waiter_set_timer(reader->waiter, 0);
	return reader_refresh(reader->reader, true);
}

/* After the rings have been looked at, or where there are none. */
static int look_at_cpus(struct perftrace_session *session)
{
	return hotplug_look(session->opening) ? session_remember_cpus(session) :
						0;
}

/* Wait for news, unless someone has done so, and begin a new round. */
static int next_round(struct perftrace_reader *reader, int timeout_ms)
{
	int ret = 1, fault;

	if (timeout_ms)
		end_drain(reader);
	if (!reader->has_waited)
		ret = await_news(reader, timeout_ms);
	reader->has_waited = false;
	if (ret < 0 || reader->session->state == STOPPED)
		return ret;
	fault = reader_refresh(reader->reader, false);
	if (!fault)
		fault = look_at_cpus(reader->session);
	return fault ? fault : ret;
}

/* Readers share the numbers of the sources. */
static int settle_losses(struct perftrace_reader *reader,
			 struct perftrace_record **record)
{
	struct perftrace_session *session = reader->session;
	struct settlement settlement = {
		.log = reader->log,
		.opening = session->opening,
		.sources = session->sources,
		.num_sources = session->num_sources,
		.reader = reader->reader,
		.first_cpu = reader->first_cpu,
		.num_cpus = reader->num_cpus,
	};
	int ret;

	lock_take(session->halt_lock);
	ret = settle(&settlement, record);
	lock_release(session->halt_lock);
	return ret;
}

/* Until there are records to be handed out; 0: the stream has ended. */
static int read_more(struct perftrace_reader *reader, int32_t timeout_ms,
		     struct perftrace_record **record)
{
	const struct perftrace_session *session = reader->session;
	bool is_last_round = false;
	uint64_t deadline_ns = sys_deadline_ns(timeout_ms);
	int ret;

	while (!(ret = reader_fill(reader->reader))) {
		if (session->state == STOPPED && reader->is_last_read)
			return settle_losses(reader, record);
		if (session->state == STOPPED) {
			ret = begin_last_round(reader);
			if (ret)
				return ret;
			continue;
		}
		if (is_last_round) {
			end_drain(reader);
			return -EAGAIN;
		}
		ret = next_round(reader, sys_time_left_ms(deadline_ns));
		if (ret < 0)
			return ret;
		is_last_round = !ret;
	}
	if (ret > 0)
		*record = reader_pop(reader->cursor);
	return ret;
}

static int read_snapshot(struct perftrace_reader *reader,
			 struct perftrace_record **record)
{
	int ret;

	if (!reader->session->has_snapshot)
		return fail(reader->log, -EAGAIN,
			    "no snapshot has been taken of what the session "
			    "records");
	ret = reader_fill(reader->reader);
	if (ret > 0)
		*record = reader_pop(reader->cursor);
	if (!ret && reader->is_last_read)
		ret = settle_losses(reader, record);
	return ret;
}

static int read_slowly(struct perftrace_session *session, int32_t timeout_ms,
		       struct perftrace_record **record)
	__attribute__((noinline));

static int read_slowly(struct perftrace_session *session, int32_t timeout_ms,
		       struct perftrace_record **record)
{
	int ret = check_readable(session, timeout_ms);

	if (ret)
		return ret;
	if (opening_get_recorder(session->opening))
		return read_snapshot(session->readers, record);
	return read_more(session->readers, timeout_ms, record);
}

static int read_reader_slowly(struct perftrace_reader *reader,
			      int32_t timeout_ms,
			      struct perftrace_record **record)
	__attribute__((noinline));

static int read_reader_slowly(struct perftrace_reader *reader,
			      int32_t timeout_ms,
			      struct perftrace_record **record)
{
	int ret =
		check_started(reader->log, reader->session->state, timeout_ms);

	return ret ? ret : read_more(reader, timeout_ms, record);
}

/* What has been taken from the rings already is there without any question. */
PERFTRACE_EXPORT int perftrace_session_read(struct perftrace_session *session,
					    int32_t timeout_ms,
					    struct perftrace_record **record)
{
	struct perftrace_record *next;

	assert(session);
	next = reader_pop(session->cursor);
	if (!next)
		return read_slowly(session, timeout_ms, record);
	*record = next;
	return 1;
}

/* What only counts has no news but its end; meanwhile its CPUs are looked at. */
static int await_end(struct perftrace_session *session, int32_t timeout_ms)
{
	struct perftrace_reader *reader = session->readers;
	uint64_t deadline_ns = sys_deadline_ns(timeout_ms);
	int left_ms, ret;

	do {
		left_ms = sys_time_left_ms(deadline_ns);
		reader->has_timer_called = false;
		ret = await_news(reader, left_ms);
		if (ret >= 0 && session->state == RUNNING)
			ret = look_at_cpus(session);
	} while (!ret && session->state == RUNNING && left_ms);
	return ret;
}

PERFTRACE_EXPORT int perftrace_reader_read(struct perftrace_reader *reader,
					   int32_t timeout_ms,
					   struct perftrace_record **record)
{
	struct perftrace_record *next;

	assert(reader);
	next = reader_pop(reader->cursor);
	if (!next)
		return read_reader_slowly(reader, timeout_ms, record);
	*record = next;
	return 1;
}

PERFTRACE_EXPORT int perftrace_session_wait(struct perftrace_session *session,
					    int32_t timeout_ms)
{
	int ret;

	assert(session);
	ret = check_wait(session, timeout_ms);
	if (ret)
		return ret;
	if (session->state == STOPPED)
		return 0;
	ret = session->readers->reader ?
		      await_news(session->readers, timeout_ms) :
		      await_end(session, timeout_ms);
	if (ret < 0)
		return ret;
	session->readers->has_waited = ret;
	if (session->state == STOPPED)
		return 0;
	return ret ? 1 : -EAGAIN;
}

static int check_recording(struct perftrace_session *session)
{
	int ret = check_wait(session, 0);

	if (ret || opening_get_recorder(session->opening))
		return ret;
	fail(session->log, -EINVAL,
	     "the session has no rings that are written over, and no snapshots "
	     "can be taken of it");
	return fail_remedy(session->log, "configure PERFTRACE_MODE_OVERWRITE");
}

PERFTRACE_EXPORT int
perftrace_session_snapshot(struct perftrace_session *session)
{
	int ret;

	assert(session);
	ret = check_recording(session);
	if (ret)
		return ret;
	/* The last one is known to be when what is traced has ended. */
	if (session->state == RUNNING)
		await_news(session->readers, 0);
	ret = snapshot_take(session, false);
	if (ret)
		return ret;
	session->has_snapshot = true;
	session->readers->is_last_read = session->state == STOPPED;
	return 0;
}
