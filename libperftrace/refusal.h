/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REFUSAL_H
#define REFUSAL_H

/*
 * A call on behalf of an event that the kernel refused: who, which, and with
 * what. Why is found out afterwards (explanation.h).
 */

struct log;
struct refusal;

int refusal_tell(struct log *log, const char *name, const char *call,
		 const struct refusal *refusal);

int refusal_tell_filter(struct log *log, const char *name, const char *filter,
			const struct refusal *refusal);

#endif /* REFUSAL_H */
