/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session's life:
 *
 *	NEW ---open---> OPEN ---start---> RUNNING ---stop---> STOPPED
 *	 ^                |                  ^                   |
 *	 '---failure------'                  '-------start-------'
 *
 * and from each of them, close leads to CLOSED. RUNNING also becomes STOPPED
 * when the command has ended, or the last of the tasks. From OPEN, RUNNING and
 * STOPPED, a session can go to another process, and is HANDED_OVER here.
 *
 * STOPPED means that all is disabled, and nothing is added to the rings. The
 * reader then hands out all that they hold, horizon or not; then what the
 * kernel has counted as lost beyond what it wrote; then the stream has ended.
 *
 * read() alternates between rounds of the reader and waits. It waits only when
 * a round is exhausted, and looks at the rings again only after a wait: or it
 * would turn in circles, for at any time a few more records have just become
 * older than the horizon.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/session.h>

#include "access_report.h"
#include "command.h"
#include "context.h"
#include "dynevent.h"
#include "event.h"
#include "explanation.h"
#include "export.h"
#include "forecast.h"
#include "log.h"
#include "manifest.h"
#include "opening.h"
#include "opening_adopt.h"
#include "reader.h"
#include "session.h"
#include "session_config.h"
#include "settlement.h"
#include "source.h"
#include "sys.h"
#include "waiter.h"

enum state { NEW, OPEN, RUNNING, STOPPED, CLOSED, HANDED_OVER };

struct perftrace_session {
	struct perftrace_context *context;
	struct log *log;
	struct session_settings settings;
	struct perftrace_source **sources;
	size_t num_sources;
	enum state state;
	struct command *command;
	struct opening *opening;
	/* What is left of it here when it was handed over: handover.c says why. */
	struct opening *remains;
	/* Who opened it: a child that was forked since must not stop it. */
	int32_t owner_pid;
	/* What the rings held when the session stopped is being read. */
	bool is_last_read;
	size_t num_tasks_ended;
	/* Of the last opening: for after it is closed. */
	int32_t *cpus;
	size_t num_cpus;
	uint64_t num_violations;
	uint64_t sideband_lost;
	/* Since the last time that all was read. */
	bool has_timer_called;
	/* The wait has been done by perftrace_session_wait(). */
	bool has_waited;
	/* Why it could not be opened the last time; NULL: it was. */
	struct perftrace_report *report;
};

PERFTRACE_EXPORT int
perftrace_session_new(struct perftrace_context *context,
		      struct perftrace_session_config *config,
		      struct perftrace_session **session)
{
	struct perftrace_session *made;
	int ret;

	assert(context);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail_memory(context_get_log(context));
	made->context = perftrace_context_ref(context);
	made->log = context_get_log(context);
	ret = session_settings_take(made->log, config, &made->settings);
	if (ret) {
		perftrace_session_free(made);
		return ret;
	}
	*session = made;
	return 0;
}

static bool is_owner(struct perftrace_session *session)
{
	return session->owner_pid == (int32_t)sys_own_pid();
}

PERFTRACE_EXPORT void perftrace_session_free(struct perftrace_session *session)
{
	size_t i;

	if (!session)
		return;
	perftrace_session_close(session);
	for (i = 0; i < session->num_sources; i++)
		source_free(session->sources[i]);
	free(session->sources);
	free(session->cpus);
	perftrace_report_unref(session->report);
	if (is_owner(session))
		command_free(session->command);
	else
		command_forget(session->command);
	session_settings_clear(&session->settings);
	perftrace_context_unref(session->context);
	free(session);
}

static int append_source(struct perftrace_session *session,
			 struct perftrace_source *source)
{
	size_t count = session->num_sources + 1;
	struct perftrace_source **larger =
		realloc(session->sources, count * sizeof(*larger));

	if (!larger)
		return fail_memory(session->log);
	session->sources = larger;
	session->sources[session->num_sources++] = source;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_add_event(struct perftrace_session *session,
			    struct perftrace_event *event,
			    struct perftrace_source_config *config,
			    struct perftrace_source **source)
{
	struct perftrace_source *made;
	int ret;

	assert(session);
	assert(event);
	if (session->state != NEW)
		return fail(session->log, -EBUSY,
			    "%s: the session has been opened",
			    perftrace_event_get_name(event));
	if (event_get_context(event) != session->context)
		return fail(session->log, -EINVAL,
			    "%s was looked up in another context",
			    perftrace_event_get_name(event));
	ret = source_new(session->log, event, config, &made);
	if (ret)
		return ret;
	ret = append_source(session, made);
	if (ret) {
		source_free(made);
		return ret;
	}
	if (source)
		*source = made;
	return 0;
}

PERFTRACE_EXPORT size_t
perftrace_session_get_num_sources(struct perftrace_session *session)
{
	assert(session);
	return session->num_sources;
}

PERFTRACE_EXPORT struct perftrace_source *
perftrace_session_get_source(struct perftrace_session *session, size_t index)
{
	assert(session);
	return index < session->num_sources ? session->sources[index] : NULL;
}

static int remember_cpus(struct perftrace_session *session)
{
	size_t count = opening_get_num_cpus(session->opening), i;

	free(session->cpus);
	session->num_cpus = 0;
	session->cpus = malloc(count * sizeof(*session->cpus));
	if (!session->cpus)
		return fail_memory(session->log);
	for (i = 0; i < count; i++)
		session->cpus[i] = opening_get_cpu(session->opening, i);
	session->num_cpus = count;
	return 0;
}

/* Back to NEW, as if it had never been opened. */
static void undo_open(struct perftrace_session *session)
{
	opening_free(session->opening, false);
	session->opening = NULL;
	command_free(session->command);
	session->command = NULL;
	session->num_cpus = 0;
	session_settings_unfit(&session->settings);
	session->state = NEW;
}

struct forecast_request
session_make_forecast_request(struct perftrace_session *session)
{
	return (struct forecast_request){
		.context = session->context,
		.settings = &session->settings,
		.sources = session->sources,
		.num_sources = session->num_sources,
	};
}

static void forget_report(struct perftrace_session *session)
{
	perftrace_report_unref(session->report);
	session->report = NULL;
}

static int explain_failure(struct perftrace_session *session,
			   struct access_failure *failure)
{
	struct forecast_request request =
		session_make_forecast_request(session);

	undo_open(session);
	return explanation_find(&request, failure, &session->report);
}

static struct opening_request make_request(struct perftrace_session *session,
					   struct access_failure *failure)
{
	return (struct opening_request){
		.log = session->log,
		.settings = &session->settings,
		.sources = session->sources,
		.num_sources = session->num_sources,
		.command = session->command,
		.failure = failure,
	};
}

static int open_session(struct perftrace_session *session)
{
	struct access_failure failure = ACCESS_NO_FAILURE;
	struct opening_request request;
	int ret = 0;

	forget_report(session);
	dynevent_sweep(session->context);
	session->owner_pid = (int32_t)sys_own_pid();
	if (session->settings.command)
		ret = command_prepare(session->log, session->settings.command,
				      &session->command);
	request = make_request(session, &failure);
	request.has_format_lost = context_has_format_lost(session->context);
	if (!ret)
		ret = opening_new(&request, &session->opening);
	if (!ret)
		ret = remember_cpus(session);
	if (ret)
		return explain_failure(session, &failure);
	session->state = OPEN;
	return 0;
}

static int check_there(struct perftrace_session *session)
{
	if (session->state < CLOSED)
		return 0;
	return fail(session->log, -EINVAL, "the session was %s",
		    session->state == CLOSED ? "closed" : "handed over");
}

PERFTRACE_EXPORT int perftrace_session_open(struct perftrace_session *session)
{
	int ret;

	assert(session);
	ret = check_there(session);
	if (ret)
		return ret;
	if (session->state != NEW)
		return fail(session->log, -EBUSY, "the session is open");
	if (!session->num_sources)
		return fail(session->log, -EINVAL,
			    "the session has no event to open");
	return open_session(session);
}

static int first_start(struct perftrace_session *session)
{
	struct access_failure failure = ACCESS_NO_FAILURE;
	int ret = opening_enable(session->opening);

	if (!ret && session->command)
		ret = command_start(session->command);
	return ret ? explain_failure(session, &failure) : 0;
}

static int restart(struct perftrace_session *session)
{
	if (session->command && command_has_ended(session->command))
		return fail(session->log, -EINVAL, "the command has ended");
	return opening_resume(session->opening);
}

PERFTRACE_EXPORT int perftrace_session_start(struct perftrace_session *session)
{
	int ret = 0;

	assert(session);
	if (session->state == RUNNING)
		return fail(session->log, -EINVAL, "the session is running");
	if (session->state == STOPPED)
		ret = restart(session);
	else if (session->state != OPEN)
		ret = perftrace_session_open(session);
	if (!ret && session->state == OPEN)
		ret = first_start(session);
	if (!ret)
		session->state = RUNNING;
	return ret;
}

static void stop_session(struct perftrace_session *session)
{
	opening_disable(session->opening);
	session->state = STOPPED;
	session->is_last_read = false;
}

PERFTRACE_EXPORT int perftrace_session_stop(struct perftrace_session *session)
{
	assert(session);
	if (session->state == HANDED_OVER)
		return check_there(session);
	if (session->state != RUNNING)
		return fail(session->log, -EINVAL,
			    "the session is not running");
	stop_session(session);
	return 0;
}

static void remember_numbers(struct perftrace_session *session)
{
	session->num_violations =
		perftrace_session_get_num_order_violations(session);
	session->sideband_lost = perftrace_session_get_sideband_lost(session);
}

PERFTRACE_EXPORT void perftrace_session_close(struct perftrace_session *session)
{
	assert(session);
	/* In a child, the rings are not mapped, and the events the parent's. */
	if (session->opening && is_owner(session)) {
		opening_disable(session->opening);
		if (opening_get_reader(session->opening))
			reader_discard(opening_get_reader(session->opening));
		remember_numbers(session);
	}
	opening_free(session->opening, true);
	opening_free(session->remains, true);
	session->opening = session->remains = NULL;
	/* One that was never started goes too. */
	if (session->state == OPEN && is_owner(session)) {
		command_free(session->command);
		session->command = NULL;
	}
	session->state = CLOSED;
}

/* Has what the session traces come to its end by itself? */
static bool has_target_ended(struct perftrace_session *session)
{
	size_t num_tasks = opening_get_num_tasks(session->opening);

	if (session->command)
		return command_has_ended(session->command);
	return num_tasks && session->num_tasks_ended >= num_tasks;
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
				   session->settings.horizon_ns + 1);
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
		stop_session(session);
	return news.has_any;
}

/* May the caller wait for something that long? */
static int check_wait(struct perftrace_session *session, int32_t timeout_ms)
{
	int ret = check_there(session);

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

static int read_record(struct perftrace_session *session, int32_t timeout_ms,
		       struct perftrace_record **record)
{
	struct reader *reader = opening_get_reader(session->opening);
	bool is_last_round = false;
	uint64_t deadline_ns = sys_deadline_ns(timeout_ms);
	int ret;

	while (!(ret = reader_next(reader, record))) {
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
	return ret;
}

PERFTRACE_EXPORT int perftrace_session_read(struct perftrace_session *session,
					    int32_t timeout_ms,
					    struct perftrace_record **record)
{
	int ret;

	assert(session);
	ret = check_readable(session, timeout_ms);
	return ret ? ret : read_record(session, timeout_ms, record);
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

PERFTRACE_EXPORT int32_t
perftrace_session_get_fd(struct perftrace_session *session)
{
	assert(session);
	if (session->state == HANDED_OVER)
		return check_there(session);
	if (!session->opening)
		return fail(session->log, -EINVAL, "the session is not open");
	return waiter_get_fd(opening_get_waiter(session->opening));
}

PERFTRACE_EXPORT int
perftrace_session_get_command_result(struct perftrace_session *session,
				     int32_t *exit_code, int32_t *signal_number)
{
	assert(session);
	if (!session->command || session->state == OPEN)
		return fail(session->log, -EINVAL,
			    "the session has not started a command");
	return command_get_result(session->command, exit_code, signal_number);
}

PERFTRACE_EXPORT size_t
perftrace_session_get_num_cpus(struct perftrace_session *session)
{
	assert(session);
	return session->num_cpus;
}

PERFTRACE_EXPORT int32_t
perftrace_session_get_cpu(struct perftrace_session *session, size_t index)
{
	assert(session);
	return index < session->num_cpus ? session->cpus[index] : -1;
}

PERFTRACE_EXPORT uint64_t
perftrace_session_get_num_order_violations(struct perftrace_session *session)
{
	assert(session);
	if (!session->opening || !opening_get_reader(session->opening))
		return session->num_violations;
	return reader_get_num_violations(opening_get_reader(session->opening));
}

PERFTRACE_EXPORT uint64_t
perftrace_session_get_sideband_lost(struct perftrace_session *session)
{
	assert(session);
	return session->opening ?
		       opening_get_sideband_lost(session->opening, NULL) :
		       session->sideband_lost;
}

void session_get_parts(struct perftrace_session *session,
		       struct session_parts *parts)
{
	*parts = (struct session_parts){
		.context = session->context,
		.log = session->log,
		.settings = &session->settings,
		.report = session->report,
		.opening = session->opening,
		.sources = session->sources,
		.num_sources = session->num_sources,
		.command = session->command,
	};
}

void session_drop_sources(struct perftrace_session *session, size_t num_left)
{
	while (session->num_sources > num_left)
		source_free(session->sources[--session->num_sources]);
}

int session_check_loan(struct perftrace_session *session,
		       enum manifest_stage *stage)
{
	int ret = check_there(session);

	if (ret)
		return ret;
	if (session->state == NEW)
		return fail(session->log, -EINVAL, "the session is not open");
	if (!is_owner(session))
		return fail(session->log, -EINVAL,
			    "the session belongs to the process that opened "
			    "it, and is for that to hand over");
	*stage = (enum manifest_stage)(session->state - OPEN);
	return 0;
}

void session_give_away(struct perftrace_session *session)
{
	remember_numbers(session);
	opening_give_away(session->opening);
	session->remains = session->opening;
	session->opening = NULL;
	session->state = HANDED_OVER;
}

void session_decline(struct perftrace_session *session)
{
	opening_free(session->opening, false);
	session->opening = NULL;
	perftrace_session_free(session);
}

int session_adopt(struct perftrace_context *context,
		  struct session_estate *estate,
		  struct perftrace_session **session)
{
	struct perftrace_session *made = calloc(1, sizeof(*made));
	struct opening_request request;
	int ret;

	if (!made)
		return fail_memory(context_get_log(context));
	made->context = perftrace_context_ref(context);
	made->log = context_get_log(context);
	made->settings = estate->manifest->settings;
	made->settings.asked_ring_bytes = made->settings.ring_bytes;
	made->settings.asked_watermark_bytes = made->settings.watermark_bytes;
	made->sources = estate->sources;
	made->num_sources = estate->manifest->num_sources;
	made->command = estate->command;
	estate->sources = NULL;
	estate->command = NULL;
	made->owner_pid = (int32_t)sys_own_pid();
	request = make_request(made, NULL);
	ret = opening_adopt(&request, estate->manifest, estate->fds,
			    &made->opening);
	if (!ret)
		ret = remember_cpus(made);
	if (ret) {
		session_decline(made);
		return ret;
	}
	made->state = OPEN + estate->manifest->stage;
	*session = made;
	return 0;
}
