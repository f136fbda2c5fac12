/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CAPABILITY_H
#define CAPABILITY_H

/* Capabilities as bits, and their names. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALL_CAPABILITIES UINT64_C(0x1ffffffffff)

/* Those of the calling thread. Both 0 where they can't be told. */
void capability_read(uint64_t *effective, uint64_t *permitted);

/* "perfmon+ipc_lock", with or without "cap_"; "none"; "all". */
bool capability_read_names(const char *text, uint64_t *capabilities);
void capability_write_names(uint64_t capabilities, char *text, size_t room);

/* "CAP_PERFMON". */
void capability_write_name(int capability, char *text, size_t room);

#endif /* CAPABILITY_H */
