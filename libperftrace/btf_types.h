/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BTF_TYPES_H
#define BTF_TYPES_H

/* The kernel's types (BTF): functions, members, and their texts. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
struct btf_type;
struct btf_types;
struct log;

/*
 * From the bytes of /sys/kernel/btf/vmlinux, which are copied. Answers with
 * btf_bytes_check()'s errors.
 */
int btf_types_new(struct log *log, const void *bytes, size_t size,
		  struct btf_types **types);
/* NULL is allowed. */
void btf_types_free(struct btf_types *types);

/* From those of /sys/kernel/btf/MODULE, once: then -EEXIST. */
int btf_types_add_module(struct btf_types *types, const char *module,
			 const void *bytes, size_t size);
bool btf_types_has_module(const struct btf_types *types, const char *module);

struct btf_function {
	const struct btf *btf;
	const struct btf_type *prototype;
};

/*
 * @module: NULL for vmlinux. -ENOENT, with the reason; -EADDRNOTAVAIL when
 * functions of this name differ in their parameters.
 */
int btf_types_find_function(struct btf_types *types, const char *function,
			    const char *module, struct btf_function *found);

struct log *btf_types_log(const struct btf_types *types);

/* A type without its typedefs and qualifiers. */
struct btf_bare {
	/* void, too, for a number that leads nowhere. */
	const struct btf_type *type;
	uint32_t id;
	/* Tagged so: lies in user memory; is an offset for each CPU. */
	bool is_user;
	bool is_percpu;
};

struct btf_bare btf_types_strip(const struct btf *btf, uint32_t id);

/* "" for what has none. */
const char *btf_types_name(const struct btf *btf, uint32_t name_offset);

struct btf_found_member {
	uint32_t type;
	uint64_t bit_offset;
	/* Of a bitfield; 0 for what is none. */
	uint32_t bits;
};

/* In a struct or union and the unnamed ones in it. */
bool btf_types_find_member(const struct btf *btf,
			   const struct btf_type *composite, const char *name,
			   size_t length, struct btf_found_member *found);

/* Calls with the names that the function above would find. */
void btf_types_visit_members(const struct btf *btf,
			     const struct btf_type *composite,
			     void (*visit)(void *data, const char *name),
			     void *data);

#endif /* BTF_TYPES_H */
