/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LOCKED_H
#define LOCKED_H

/* The locked memory of rings, in KiB. Pure. */

#include <stdint.h>

struct facts;

/* With its page of control. */
uint64_t locked_ring_kib(const struct facts *facts, uint64_t ring_bytes);

/* What is left for rings; UNLIMITED. */
uint64_t locked_left_kib(const struct facts *facts);

#endif /* LOCKED_H */
