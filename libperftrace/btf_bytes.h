/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BTF_BYTES_H
#define BTF_BYTES_H

/* Whether bytes are kernel types (BTF) that libbpf takes in silence. Pure. */

#include <stddef.h>
#include <stdint.h>

struct log;

/*
 * @name: vmlinux, for messages. -EINVAL for what is damaged, -EOPNOTSUPP for
 * what is too new or of another machine.
 */
int btf_bytes_check(struct log *log, const char *name, const void *bytes,
		    size_t size);

/*
 * A module's types are numbered on from vmlinux's, and so are their names'
 * places: with vmlinux's in front they make one whole. @base: vmlinux's, found
 * good, with @base_types types. Errors as above, for the module's. The caller
 * frees *@joined.
 */
int btf_bytes_join(struct log *log, const char *name, const void *base,
		   uint32_t base_types, const void *bytes, size_t size,
		   void **joined, size_t *joined_size);

#endif /* BTF_BYTES_H */
