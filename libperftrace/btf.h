/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BTF_H
#define BTF_H

/*
 * A C expression over a function's parameters, as the kernel's types (BTF) know
 * them, turned into a fetch argument: file->f_path.dentry->d_name.name of
 * vfs_open(), as a string, is +0(+40(+72(%si))), or what the layout of the
 * kernel's structs makes of it. Pure.
 *
 *	expression := { "*" } start { step }
 *	start      := parameter | "$retval"
 *	step       := "->" member | "." member | "[" number "]"
 *
 * Without a type, the type is that of what is reached. A pointer is then x64,
 * and a char * no string: the types don't say which address space it points
 * into, so that "string" (the kernel's) or "ustring" (the user's) is asked for
 * with the type. An embedded array of char is a string. An array of arrays is
 * one array of all elements where pahole wrote it as that.
 *
 * With a type, that is what the kernel gets, and only where it would read
 * something else than is meant it changes what is read:
 *
 *	string, ustring		of a pointer or a 64-bit integer: what it points
 *				to; of an array of bytes: the array
 *	TYPE[N]			of a pointer: what it points to
 */

#include <stdbool.h>
#include <stddef.h>

#include "btf_types.h"
#include "fetch.h"
#include "registers.h"

struct btf_request {
	const char *function;
	/* NULL: vmlinux. */
	const char *module;
	/* A probe of returns: $retval is there, and parameters are $argN. */
	bool is_return;
	enum machine machine;
	const char *expression;
	/* NULL: by BTF. */
	const char *type;
	/* NULL: the last member's, else the parameter's, or "retval". */
	const char *name;
};

/*
 * -ENOENT, -EADDRNOTAVAIL: btf_types_find_function(). -EINVAL: the expression
 * is wrong, or the kernel can't fetch it. The position is an offset in the
 * expression; beyond its end, it is one in the type, as if it followed after a
 * colon.
 *
 * The types are of functions as they are written. Where the compiler has
 * changed how arguments are passed without changing the name, and the types
 * still have the function, other values are read: pahole leaves such functions
 * out since version 1.25.
 */
int btf_resolve(struct btf_types *types, const struct btf_request *request,
		struct fetch_argument *argument);

#endif /* BTF_H */
