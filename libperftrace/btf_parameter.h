/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BTF_PARAMETER_H
#define BTF_PARAMETER_H

/* A function's parameters by name: their types and places. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registers.h"

struct btf;
struct btf_function;

/* How a value of this type is passed, or returned. */
struct parameter btf_parameter_describe(const struct btf *btf, uint32_t type);

struct btf_found_parameter {
	uint32_t type;
	struct parameter_place place;
};

bool btf_parameter_find(const struct btf_function *function,
			enum machine machine, const char *name, size_t length,
			struct btf_found_parameter *found);

#endif /* BTF_PARAMETER_H */
