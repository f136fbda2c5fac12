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
 * With readers in threads of their own, all but one of these steps are taken by
 * the session's thread. A reader that sees the end of what is traced stops the
 * session itself: so that one step is under a lock, the first to come does it,
 * and raises the alarm of all others. The state is stored when all is disabled;
 * who sees it does its last round.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/session.h>

#include "access_report.h"
#include "closer.h"
#include "command.h"
#include "context.h"
#include "dynevent.h"
#include "event.h"
#include "explanation.h"
#include "export.h"
#include "forecast.h"
#include "hotplug.h"
#include "lock.h"
#include "log.h"
#include "lots.h"
#include "manifest.h"
#include "opening.h"
#include "opening_adopt.h"
#include "opening_readers.h"
#include "reader.h"
#include "session.h"
#include "session_config.h"
#include "session_state.h"
#include "snapshot.h"
#include "source.h"
#include "sys.h"
#include "waiter.h"

static int prepare(struct perftrace_session *session)
{
	session->cursor = &session->no_cursor;
	session->halt_lock = lock_new();
	session->command_lock = lock_new();
	if (!session->halt_lock || !session->command_lock)
		return fail_memory(session->log);
	return 0;
}

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
	closer_list_count(context_get_closers(context));
	ret = prepare(made);
	if (!ret)
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
	closer_list_move(&session->closers,
			 context_get_closers(session->context));
	perftrace_context_unref(session->context);
	lock_free(session->halt_lock);
	lock_free(session->command_lock);
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

bool session_has_readers(const struct perftrace_session *session)
{
	return session->settings.num_readers &&
	       session->settings.mode == PERFTRACE_MODE_STREAM;
}

static void drop_readers(struct perftrace_session *session)
{
	free(session->readers);
	session->readers = NULL;
	session->num_readers = 0;
	session->cursor = &session->no_cursor;
}

static struct perftrace_reader make_reader(struct perftrace_session *session,
					   const struct lot *lot)
{
	return (struct perftrace_reader){
		.session = session,
		.log = lot->log ? lot->log : session->log,
		.reader = lot->reader,
		.cursor = lot->reader ? reader_get_cursor(lot->reader) :
					&session->no_cursor,
		.waiter = lot->waiter,
		.first_cpu = lot->first_ring,
		.num_cpus = lot->num_rings,
		.num_tasks = lot->num_tasks,
	};
}

static int make_readers(struct perftrace_session *session)
{
	size_t count = opening_get_num_lots(session->opening), i;

	session->readers = calloc(count, sizeof(*session->readers));
	if (!session->readers)
		return fail_memory(session->log);
	session->num_readers = count;
	for (i = 0; i < count; i++)
		session->readers[i] = make_reader(
			session, opening_get_lot(session->opening, i));
	if (!session_has_readers(session))
		session->cursor = session->readers[0].cursor;
	return 0;
}

int session_remember_cpus(struct perftrace_session *session)
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
	/* Those that have joined are its as well. */
	if (session->readers && session->readers->reader &&
	    !session_has_readers(session))
		session->readers->num_cpus = count;
	return 0;
}

/* Back to NEW, as if it had never been opened. */
static void undo_open(struct perftrace_session *session)
{
	drop_readers(session);
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
		.closers = session->settings.closer == PERFTRACE_CLOSER_NONE ?
				   NULL :
				   &session->closers,
	};
}

/* Can it be told when no older record will come? */
static int check_order(struct perftrace_session *session)
{
	int ret;

	if (session->settings.order != PERFTRACE_ORDER_CERTAIN)
		return 0;
	ret = sys_check_grace_period();
	if (!ret)
		return 0;
	fail(session->log, -EOPNOTSUPP,
	     "the order can't be certain: the kernel offers no grace period to "
	     "wait for (membarrier: %s)",
	     strerror(-ret));
	return fail_remedy(session->log,
			   "boot without nohz_full=, or let the order be that "
			   "of time, with a long horizon");
}

static int open_session(struct perftrace_session *session)
{
	struct access_failure failure = ACCESS_NO_FAILURE;
	struct opening_request request;
	int ret = 0;

	ret = check_order(session);
	if (ret)
		return ret;
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
		ret = session_remember_cpus(session);
	if (!ret)
		ret = make_readers(session);
	if (ret)
		return explain_failure(session, &failure);
	session->state = OPEN;
	return 0;
}

int session_check_there(struct perftrace_session *session)
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
	ret = session_check_there(session);
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
	int ret;

	hotplug_start(session->opening);
	ret = opening_enable(session->opening);
	if (!ret && hotplug_resume(session->opening))
		ret = session_remember_cpus(session);
	if (!ret && session->command)
		ret = command_start(session->command);
	return ret ? explain_failure(session, &failure) : 0;
}

static int restart(struct perftrace_session *session)
{
	size_t i;
	int ret;

	if (session_has_command_ended(session))
		return fail(session->log, -EINVAL, "the command has ended");
	for (i = 0; i < session->num_readers; i++)
		session->readers[i].is_last_read = false;
	hotplug_start(session->opening);
	ret = opening_resume(session->opening);
	if (!ret && hotplug_resume(session->opening))
		ret = session_remember_cpus(session);
	return ret;
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

bool session_has_command_ended(struct perftrace_session *session)
{
	bool has_ended;

	if (!session->command)
		return false;
	lock_take(session->command_lock);
	has_ended = command_has_ended(session->command);
	lock_release(session->command_lock);
	return has_ended;
}

void session_halt(struct perftrace_session *session)
{
	lock_take(session->halt_lock);
	if (session->state == RUNNING) {
		hotplug_stop(session->opening);
		opening_disable(session->opening);
		session->state = STOPPED;
		opening_raise_alarms(session->opening);
	}
	lock_release(session->halt_lock);
}

PERFTRACE_EXPORT int perftrace_session_stop(struct perftrace_session *session)
{
	assert(session);
	if (session->state == HANDED_OVER)
		return session_check_there(session);
	if (session->state != RUNNING)
		return fail(session->log, -EINVAL,
			    "the session is not running");
	session_halt(session);
	return 0;
}

static void remember_numbers(struct perftrace_session *session)
{
	session->num_violations =
		perftrace_session_get_num_order_violations(session);
	session->sideband_lost = perftrace_session_get_sideband_lost(session);
}

/*
 * Who has a closer must not wait for a grace period either. The record that a
 * CPU was writing when its event was disabled is then hardly ever missed, and
 * never by much: unaccounted is what its ledger says it is.
 */
static enum reader_look choose_look(const struct perftrace_reader *reader)
{
	const struct perftrace_session *session = reader->session;

	if (session->state == STOPPED && reader->is_last_read)
		return READER_HAS_LOOKED;
	return session->settings.closer == PERFTRACE_CLOSER_NONE ?
		       READER_LOOKS_LAST :
		       READER_LOOKS_QUICKLY;
}

/* Where a last snapshot fails, it was all written over. */
static void discard_rest(struct perftrace_reader *reader)
{
	struct perftrace_session *session = reader->session;
	enum reader_look look = choose_look(reader);

	if (!reader->reader)
		return;
	if (opening_get_recorder(session->opening)) {
		if (look != READER_HAS_LOOKED)
			snapshot_take(session, true);
		look = READER_HAS_LOOKED;
	}
	reader_discard(reader->reader, look);
}

PERFTRACE_EXPORT void perftrace_session_close(struct perftrace_session *session)
{
	size_t i;

	assert(session);
	/* In a child, the rings are not mapped, and the events the parent's. */
	if (session->opening && is_owner(session)) {
		if (session->state == RUNNING)
			hotplug_stop(session->opening);
		opening_disable(session->opening);
		for (i = 0; i < session->num_readers; i++)
			discard_rest(&session->readers[i]);
		remember_numbers(session);
	} else if (session->opening) {
		opening_close_itself(session->opening);
	}
	drop_readers(session);
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

PERFTRACE_EXPORT int32_t
perftrace_session_get_fd(struct perftrace_session *session)
{
	assert(session);
	if (session->state == HANDED_OVER)
		return session_check_there(session);
	if (!session->opening)
		return fail(session->log, -EINVAL, "the session is not open");
	if (session_has_readers(session))
		return fail(session->log, -EINVAL,
			    "each reader of the session has its own");
	return waiter_get_fd(session->readers[0].waiter);
}

PERFTRACE_EXPORT int
perftrace_session_get_command_result(struct perftrace_session *session,
				     int32_t *exit_code, int32_t *signal_number)
{
	int ret;

	assert(session);
	if (!session->command || session->state == OPEN)
		return fail(session->log, -EINVAL,
			    "the session has not started a command");
	lock_take(session->command_lock);
	ret = command_get_result(session->command, exit_code, signal_number);
	lock_release(session->command_lock);
	return ret;
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
	uint64_t count = 0;
	size_t i;

	assert(session);
	if (!session->opening)
		return session->num_violations;
	for (i = 0; i < session->num_readers; i++) {
		if (session->readers[i].reader)
			count += reader_get_num_violations(
				session->readers[i].reader);
	}
	return count;
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
		.closers = &session->closers,
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
	int ret = session_check_there(session);

	if (ret)
		return ret;
	if (session->state == NEW)
		return fail(session->log, -EINVAL, "the session is not open");
	if (session->settings.mode == PERFTRACE_MODE_OVERWRITE)
		return fail(session->log, -EOPNOTSUPP,
			    "a session with rings that are written over can't "
			    "be handed over");
	if (!is_owner(session))
		return fail(session->log, -EINVAL,
			    "the session belongs to the process that opened "
			    "it, and is for that to hand over");
	if (session_has_readers(session))
		return fail(session->log, -EINVAL,
			    "the session has readers, and can't be handed "
			    "over");
	*stage = (enum manifest_stage)(session->state - OPEN);
	return 0;
}

void session_give_away(struct perftrace_session *session)
{
	remember_numbers(session);
	drop_readers(session);
	opening_give_away(session->opening);
	session->remains = session->opening;
	session->opening = NULL;
	session->state = HANDED_OVER;
}

void session_decline(struct perftrace_session *session)
{
	drop_readers(session);
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
	ret = prepare(made);
	if (!ret)
		ret = opening_adopt(&request, estate->manifest, estate->fds,
				    &made->opening);
	if (!ret)
		ret = session_remember_cpus(made);
	if (!ret)
		ret = make_readers(made);
	if (ret) {
		session_decline(made);
		return ret;
	}
	made->state = OPEN + estate->manifest->stage;
	*session = made;
	return 0;
}
