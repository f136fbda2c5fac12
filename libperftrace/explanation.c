/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All that the session had open is closed by now, so that the facts are what
 * they were before. Where a call was refused, the rules say which gate it may
 * have been; where the library found the fault itself, its own words stand.
 */
#include "explanation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "access_report.h"
#include "context.h"
#include "facts_sense.h"
#include "forecast.h"
#include "log.h"
#include "report.h"

/* Copies: the next failure overwrites the log's. */
struct words {
	char *reason;
	char *remedy;
};

static int take_words(struct log *log, struct access_failure *failure,
		      struct words *words)
{
	*words = (struct words){ .reason = strdup(log_get_reason(log)),
				 .remedy = strdup(log_get_remedy(log)) };
	failure->reason = words->reason;
	failure->remedy = words->remedy;
	return words->reason && words->remedy ? 0 : -1;
}

static int make_report(const struct forecast_request *request,
		       struct access_failure *failure,
		       struct perftrace_report **report)
{
	struct facts facts;
	int ret = facts_sense(request->context, &facts);

	if (ret)
		return ret;
	ret = forecast_make(request, &facts, failure, report);
	facts_clear(&facts);
	return ret;
}

int explanation_find(const struct forecast_request *request,
		     struct access_failure *failure,
		     struct perftrace_report **report)
{
	struct log *log = context_get_log(request->context);
	struct failure *before = log_save(log);
	struct words words = { NULL, NULL };
	int ret = 0, code = log_get_code(log);

	*report = NULL;
	failure->error = code;
	if (!failure->has_call && failure->source < 0)
		failure->own = PLAN_SESSION;
	/* Whatever it was for. */
	if (code == -EMFILE && !failure->has_call) {
		failure->has_call = true;
		failure->step = ACCESS_OPEN;
	}
	if (!failure->has_call)
		ret = take_words(log, failure, &words);
	if (!ret)
		ret = make_report(request, failure, report);
	log_restore(log, before);
	if (!ret && failure->has_call)
		code = finding_fail(log,
				    perftrace_report_get_finding(*report, 0));
	free(words.reason);
	free(words.remedy);
	return code;
}
