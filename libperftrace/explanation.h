/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EXPLANATION_H
#define EXPLANATION_H

/* Why a session could not be opened. */

struct access_failure;
struct forecast_request;
struct perftrace_report;

/*
 * Find out which gate it was, from the errno, the call and the facts of now:
 * the last error says so from then on. @report: the same in full; NULL where it
 * could not be made. Returns the code of the last error.
 */
int explanation_find(const struct forecast_request *request,
		     struct access_failure *failure,
		     struct perftrace_report **report);

#endif /* EXPLANATION_H */
