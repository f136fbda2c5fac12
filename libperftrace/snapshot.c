/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snapshot.h"

#include "opening.h"
#include "opening_readers.h"
#include "reader.h"
#include "recorder.h"
#include "session_state.h"

int snapshot_take(struct perftrace_session *session, bool is_closing)
{
	struct recorder_request request = {
		.reader = opening_get_reader(session->opening),
		.sources = session->sources,
		.num_sources = session->num_sources,
		.is_still = session->state == STOPPED || is_closing,
		.is_certain = session->settings.order ==
			      PERFTRACE_ORDER_CERTAIN,
		.is_hurried = is_closing &&
			      session->settings.closer != PERFTRACE_CLOSER_NONE,
		.is_closing = is_closing,
	};

	request.now = reader_get_clock_ns(request.reader);
	return recorder_take(opening_get_recorder(session->opening), &request);
}
