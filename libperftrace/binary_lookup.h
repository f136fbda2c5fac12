/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BINARY_LOOKUP_H
#define BINARY_LOOKUP_H

/* Which symbol a user's name means, or why none. Pure. */

struct binary_file;
struct binary_identity;
struct binary_symbol;
struct binary_symbols;

struct binary_scope {
	/* In whose name answers are given. */
	struct binary_file *file;
	const struct binary_identity *identity;
	const struct binary_symbols *symbols;
};

/*
 * The one function of that name: -EADDRNOTAVAIL when it is not the only one,
 * -EOPNOTSUPP when it is chosen when the program starts, -ENOENT.
 */
int binary_lookup_function(const struct binary_scope *scope, const char *name,
			   struct binary_symbol *symbol);

/* A function or data. */
int binary_lookup_symbol(const struct binary_scope *scope, const char *name,
			 struct binary_symbol *symbol);

#endif /* BINARY_LOOKUP_H */
