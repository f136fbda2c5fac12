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

#include <perftrace/session.h>

#include "command.h"
#include "export.h"
#include "log.h"
#include "opening.h"
#include "reader.h"
#include "session_state.h"
#include "settlement.h"
#include "snapshot.h"
#include "sys.h"
#include "waiter.h"

/* Has what the session traces come to its end by itself? */
static bool has_target_ended(struct perftrace_session *session)
{
	size_t num_tasks = opening_get_num_tasks(session->opening);

	if (session->command)
		return command_has_ended(session->command);
	return num_tasks && session->num_tasks_ended >= num_tasks;
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
static void end_drain(struct perftrace_session *session)
{
	if (!session->has_timer_called &&
	    reader_has_rest(opening_get_reader(session->opening)))
		waiter_hurry_timer(opening_get_waiter(session->opening),
				   get_delay_ns(session) + 1);
	session->has_timer_called = false;
}

/* 1: there was news; 0: none in time; -EINTR. */
static int await_news(struct perftrace_session *session, int timeout_ms)
{
	struct waiter_news news;
	int ret = 0;

	news.has_any = true;
	if (!has_target_ended(session)) {
		ret = waiter_wait(opening_get_waiter(session->opening),
				  timeout_ms, &news);
		if (ret)
			return ret;
		session->num_tasks_ended += news.num_tasks_ended;
		session->has_timer_called |= news.has_timer;
	}
	if (has_target_ended(session))
		session_halt(session);
	return news.has_any;
}

/* May the caller wait for something that long? */
static int check_wait(struct perftrace_session *session, int32_t timeout_ms)
{
	int ret = session_check_there(session);

	if (ret)
		return ret;
	if (session->state == NEW || session->state == OPEN)
		return fail(session->log, -EINVAL,
			    "the session has not been started");
	if (timeout_ms < -1)
		return fail(session->log, -EINVAL,
			    "a timeout of %" PRId32 " ms: it is -1 or more",
			    timeout_ms);
	return 0;
}

static int check_readable(struct perftrace_session *session, int32_t timeout_ms)
{
	int ret = check_wait(session, timeout_ms);

	if (ret)
		return ret;
	if (!opening_get_reader(session->opening))
		return fail(session->log, -EINVAL,
			    "the session counts, and has no records");
	return 0;
}

/* The last round: all that there is, however young. */
static int begin_last_round(struct perftrace_session *session)
{
	session->is_last_read = true;
	return reader_refresh(opening_get_reader(session->opening), true);
}

/* Wait for news, unless someone has done so, and begin a new round. */
static int next_round(struct perftrace_session *session, int timeout_ms)
{
	int ret = 1, fault;

	if (timeout_ms)
		end_drain(session);
	if (!session->has_waited)
		ret = await_news(session, timeout_ms);
	session->has_waited = false;
	if (ret < 0 || session->state == STOPPED)
		return ret;
	fault = reader_refresh(opening_get_reader(session->opening), false);
	return fault ? fault : ret;
}

/* Until there are records to be handed out; 0: the stream has ended. */
static int read_more(struct perftrace_session *session, int32_t timeout_ms,
		     struct perftrace_record **record)
{
	struct reader *reader = opening_get_reader(session->opening);
	bool is_last_round = false;
	uint64_t deadline_ns = sys_deadline_ns(timeout_ms);
	int ret;

	while (!(ret = reader_fill(reader))) {
		if (session->state == STOPPED && session->is_last_read)
			return settle(session->opening, session->sources,
				      session->num_sources, record);
		if (session->state == STOPPED) {
			ret = begin_last_round(session);
			if (ret)
				return ret;
			continue;
		}
		if (is_last_round) {
			end_drain(session);
			return -EAGAIN;
		}
		ret = next_round(session, sys_time_left_ms(deadline_ns));
		if (ret < 0)
			return ret;
		is_last_round = !ret;
	}
	if (ret > 0)
		*record = reader_pop(session->cursor);
	return ret;
}

static int read_snapshot(struct perftrace_session *session,
			 struct perftrace_record **record)
{
	int ret;

	if (!session->has_snapshot)
		return fail(session->log, -EAGAIN,
			    "no snapshot has been taken of what the session "
			    "records");
	ret = reader_fill(opening_get_reader(session->opening));
	if (ret > 0)
		*record = reader_pop(session->cursor);
	if (!ret && session->is_last_read)
		ret = settle(session->opening, session->sources,
			     session->num_sources, record);
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
		return read_snapshot(session, record);
	return read_more(session, timeout_ms, record);
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
	ret = await_news(session, timeout_ms);
	if (ret < 0)
		return ret;
	session->has_waited = ret;
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
		await_news(session, 0);
	ret = snapshot_take(session, false);
	if (ret)
		return ret;
	session->has_snapshot = true;
	session->is_last_read = session->state == STOPPED;
	return 0;
}
