/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FAKE_TYPES_H
#define FAKE_TYPES_H

/* Kernel types, as the kernel would hand them out. */

#include <stddef.h>

/*
 * Of vmlinux, and of a module on top of it. What they declare is in the
 * functions that make them. The caller frees them.
 */
void *fake_types_vmlinux(size_t *size);
void *fake_types_module(size_t *size);

#endif /* FAKE_TYPES_H */
