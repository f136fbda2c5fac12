/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FACTS_SNAPSHOT_H
#define FACTS_SNAPSHOT_H

#include <perftrace/facts.h>

struct facts;

/* Borrowed. */
const struct facts *facts_snapshot_get(const struct perftrace_facts *snapshot);

#endif /* FACTS_SNAPSHOT_H */
