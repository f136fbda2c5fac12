/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BTF_VALUE_H
#define BTF_VALUE_H

/* What an expression reached, as the text and type of a fetch argument. Pure. */

struct btf_walk;
struct fetch_argument;

/* By its own type. Sets text and type. */
int btf_value_write(struct btf_walk *walk, struct fetch_argument *argument);

/* As this type. The position of a fault in it: btf_resolve(). */
int btf_value_write_as(struct btf_walk *walk, const char *type,
		       struct fetch_argument *argument);

#endif /* BTF_VALUE_H */
