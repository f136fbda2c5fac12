/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACCESS_H
#define ACCESS_H

/* Will the kernel let a call pass? Pure. */

#include <stddef.h>
#include <stdint.h>

#include "access_rules.h"

/*
 * What a rule says of a call. Sensors know better than what is deduced. @error:
 * of a refusal.
 */
enum verdict access_judge(const struct access_rule *rule,
			  const struct facts *facts,
			  const struct access_call *call, int32_t *error);

/* The first refusal's -errno, or 0; its row. */
int32_t access_try(const struct facts *facts, const struct access_call *call,
		   const struct access_rule **rule);

/* Why, with the numbers that decided. */
void access_explain(const struct access_rule *rule, const struct facts *facts,
		    const struct access_call *call, char *text, size_t room);

#endif /* ACCESS_H */
