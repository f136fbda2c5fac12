/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SPEC_H
#define SPEC_H

/* The text form of a probe, perftrace-spec(7). Pure. */

#include <stdbool.h>

struct log;
struct probe_settings;

/* Is it a probe's, rather than SYSTEM:NAME or a pattern for such? */
bool spec_is_probe(const char *spec);

/*
 * @settings are to be cleared afterwards, also on failure: -EINVAL with the
 * place of the fault, -ENOMEM.
 */
int spec_parse(struct log *log, const char *spec,
	       struct probe_settings *settings);

#endif /* SPEC_H */
