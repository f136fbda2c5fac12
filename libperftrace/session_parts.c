/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked of a session, or done with it, by what it consists of. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#include <perftrace/session.h>

#include "closer.h"
#include "command.h"
#include "event_match.h"
#include "export.h"
#include "facts_snapshot.h"
#include "forecast.h"
#include "log.h"
#include "opening.h"
#include "session.h"
#include "session_config.h"

PERFTRACE_EXPORT int
perftrace_session_add_spec(struct perftrace_session *session, const char *spec,
			   struct perftrace_source_config *config)
{
	struct event_match match;
	struct session_parts parts;
	size_t i;
	int ret;

	assert(session);
	session_get_parts(session, &parts);
	if (!spec)
		return fail(parts.log, -EINVAL, "no event given");
	ret = event_match_find(parts.context, spec, &match);
	if (ret)
		return ret;
	for (i = 0; !ret && i < match.count; i++)
		ret = perftrace_session_add_event(session, match.events[i],
						  config, NULL);
	if (ret < 0)
		session_drop_sources(session, parts.num_sources);
	else
		ret = (int)match.count;
	event_match_clear(&match);
	return ret;
}

PERFTRACE_EXPORT int perftrace_session_check(struct perftrace_session *session,
					     struct perftrace_facts *facts,
					     struct perftrace_report **report)
{
	struct perftrace_facts *own = NULL;
	struct forecast_request request;
	struct session_parts parts;
	int ret;

	assert(session);
	session_get_parts(session, &parts);
	if (!parts.num_sources)
		return fail(parts.log, -EINVAL,
			    "the session has no event to open");
	if (perftrace_session_get_num_descriptors(session))
		return fail(parts.log, -EBUSY, "the session is open");
	ret = facts ? 0 : perftrace_facts_new(parts.context, &own);
	if (ret)
		return ret;
	request = session_make_forecast_request(session);
	ret = forecast_make(&request, facts_snapshot_get(facts ? facts : own),
			    NULL, report);
	perftrace_facts_free(own);
	return ret ? fail_memory(parts.log) : 0;
}

PERFTRACE_EXPORT struct perftrace_report *
perftrace_session_get_report(struct perftrace_session *session)
{
	struct session_parts parts;

	assert(session);
	session_get_parts(session, &parts);
	return parts.report;
}

PERFTRACE_EXPORT int32_t
perftrace_session_get_command_pid(struct perftrace_session *session)
{
	struct session_parts parts;

	assert(session);
	session_get_parts(session, &parts);
	return parts.command ? command_get_pid(parts.command) : -1;
}

PERFTRACE_EXPORT uint64_t
perftrace_session_get_ring_size_bytes(struct perftrace_session *session)
{
	struct session_parts parts;

	assert(session);
	session_get_parts(session, &parts);
	return parts.settings->ring_bytes;
}

PERFTRACE_EXPORT uint32_t
perftrace_session_get_watermark_bytes(struct perftrace_session *session)
{
	struct session_parts parts;

	assert(session);
	session_get_parts(session, &parts);
	return parts.settings->watermark_bytes;
}

PERFTRACE_EXPORT size_t
perftrace_session_get_num_descriptors(struct perftrace_session *session)
{
	struct session_parts parts;

	assert(session);
	session_get_parts(session, &parts);
	return parts.opening ? opening_get_num_descriptors(parts.opening) : 0;
}

PERFTRACE_EXPORT size_t
perftrace_session_get_num_closing(struct perftrace_session *session)
{
	struct session_parts parts;

	assert(session);
	session_get_parts(session, &parts);
	return closer_list_count(parts.closers);
}

PERFTRACE_EXPORT int
perftrace_session_wait_closed(struct perftrace_session *session,
			      int32_t timeout_ms)
{
	struct session_parts parts;

	assert(session);
	session_get_parts(session, &parts);
	if (timeout_ms < -1)
		return fail(parts.log, -EINVAL,
			    "a timeout of %" PRId32 " ms: it is -1 or more",
			    timeout_ms);
	return closer_list_wait(parts.closers, timeout_ms);
}
