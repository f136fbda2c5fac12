/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CAPABILITY_H
#define CAPABILITY_H

#include <stdbool.h>

/*
 * Has the caller a capability that counts? The kernel asks for those of perf in
 * the initial user namespace: what root of another has is worth nothing here.
 */
bool capability_is_effective(int capability);

#endif /* CAPABILITY_H */
