/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BTF_TEXT_H
#define BTF_TEXT_H

/*
 * The kernel's types as people write them. Pure. What does not fit is cut off,
 * and ends with "...".
 */

#include <stddef.h>
#include <stdint.h>

struct btf;
struct btf_function;
struct btf_type;

/* "const char *", "struct file *", "unsigned int[4]". */
void btf_text_write_type(const struct btf *btf, uint32_t id, char *text,
			 size_t text_bytes);

/* "int dfd, const char *filename"; "void" when there are none. */
void btf_text_write_parameters(const struct btf_function *function, char *text,
			       size_t text_bytes);

/* "f_mode, f_lock, f_pos": those that a member access finds. */
void btf_text_write_members(const struct btf *btf,
			    const struct btf_type *composite, char *text,
			    size_t text_bytes);

#endif /* BTF_TEXT_H */
