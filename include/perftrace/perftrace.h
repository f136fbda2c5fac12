/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_PERFTRACE_H
#define PERFTRACE_PERFTRACE_H

/**
 * DOC: libperftrace
 *
 * The kernel's trace events as perf events. perftrace(7) is the place to
 * begin; each object has a header and a man page of its own.
 */

#include <perftrace/batch.h>
#include <perftrace/context.h>
#include <perftrace/counts.h>
#include <perftrace/event.h>
#include <perftrace/facts.h>
#include <perftrace/field.h>
#include <perftrace/handover.h>
#include <perftrace/ledger.h>
#include <perftrace/marker_list.h>
#include <perftrace/probe.h>
#include <perftrace/reader.h>
#include <perftrace/record.h>
#include <perftrace/report.h>
#include <perftrace/session.h>
#include <perftrace/session_config.h>
#include <perftrace/source.h>
#include <perftrace/source_config.h>
#include <perftrace/version.h>

#endif /* PERFTRACE_PERFTRACE_H */
