/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The readers of a session, but for their reading: session_read.c. */
#include <assert.h>

#include <perftrace/reader.h>
#include <perftrace/session.h>

#include "export.h"
#include "log.h"
#include "reader.h"
#include "session_state.h"
#include "waiter.h"

PERFTRACE_EXPORT size_t
perftrace_session_get_num_readers(struct perftrace_session *session)
{
	assert(session);
	return session_has_readers(session) ? session->num_readers : 0;
}

PERFTRACE_EXPORT struct perftrace_reader *
perftrace_session_get_reader(struct perftrace_session *session, size_t index)
{
	assert(session);
	return index < perftrace_session_get_num_readers(session) ?
		       &session->readers[index] :
		       NULL;
}

PERFTRACE_EXPORT int32_t perftrace_reader_get_fd(struct perftrace_reader *reader)
{
	assert(reader);
	return waiter_get_fd(reader->waiter);
}

PERFTRACE_EXPORT const char *
perftrace_reader_error(struct perftrace_reader *reader)
{
	assert(reader);
	return log_get_error(reader->log);
}

PERFTRACE_EXPORT size_t
perftrace_reader_get_num_cpus(struct perftrace_reader *reader)
{
	assert(reader);
	return reader->num_cpus;
}

PERFTRACE_EXPORT int32_t
perftrace_reader_get_cpu(struct perftrace_reader *reader, size_t index)
{
	assert(reader);
	return index < reader->num_cpus ?
		       reader->session->cpus[reader->first_cpu + index] :
		       -1;
}

PERFTRACE_EXPORT uint64_t
perftrace_reader_get_num_order_violations(struct perftrace_reader *reader)
{
	assert(reader);
	return reader_get_num_violations(reader->reader);
}
