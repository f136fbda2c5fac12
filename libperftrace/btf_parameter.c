/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "btf_parameter.h"

#include <bpf/btf.h>
#include <string.h>

#include "btf_types.h"

#define POINTER_BYTES 8
#define WIDE_BYTES    16

/* As in btf_types.c: beyond it, nothing is said of a type. */
#define DEEPEST	     16
#define MOST_MEMBERS 1000

/* What matters of the scalars in a struct. */
struct content {
	const struct btf *btf;
	bool is_unaligned;
	bool is_unknown;
	uint32_t budget;
};

static void look_at(struct content *content, uint32_t id, uint64_t bit_offset,
		    int depth);

static void look_at_members(struct content *content,
			    const struct btf_type *composite,
			    uint64_t bit_offset, int depth)
{
	const struct btf_member *members = btf_members(composite);
	uint16_t i, count = btf_vlen(composite);

	for (i = 0; i < count; i++) {
		/* Bitfields have no alignment that could be broken. */
		if (btf_member_bitfield_size(composite, i))
			continue;
		look_at(content, members[i].type,
			bit_offset + btf_member_bit_offset(composite, i),
			depth);
	}
}

static void look_at_scalar(struct content *content, uint32_t bytes,
			   uint64_t bit_offset)
{
	if (!bytes || bytes > POINTER_BYTES)
		content->is_unknown = true;
	else if (bit_offset % (bytes * 8ull))
		content->is_unaligned = true;
}

static void look_at(struct content *content, uint32_t id, uint64_t bit_offset,
		    int depth)
{
	const struct btf_type *type = btf_types_strip(content->btf, id).type;

	if (!content->budget || depth == DEEPEST) {
		content->is_unknown = true;
		return;
	}
	content->budget--;

	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		/* An old bitfield, whose offset is inside of its type. */
		if (btf_int_bits(type) == type->size * 8)
			look_at_scalar(content, type->size, bit_offset);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		look_at_scalar(content, type->size, bit_offset);
		break;
	case BTF_KIND_PTR:
		look_at_scalar(content, POINTER_BYTES, bit_offset);
		break;
	case BTF_KIND_ARRAY:
		look_at(content, btf_array(type)->type, bit_offset, depth + 1);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		look_at_members(content, type, bit_offset, depth + 1);
		break;
	default:
		content->is_unknown = true;
	}
}

static enum parameter_kind classify_composite(const struct btf *btf,
					      const struct btf_type *type)
{
	struct content content = { .btf = btf, .budget = MOST_MEMBERS };

	look_at_members(&content, type, 0, 0);
	if (content.is_unknown)
		return PARAMETER_UNKNOWN;
	return content.is_unaligned ? PARAMETER_PACKED : PARAMETER_STRUCT;
}

static enum parameter_kind classify_scalar(uint32_t bytes)
{
	if (!bytes || bytes > WIDE_BYTES)
		return PARAMETER_UNKNOWN;
	return bytes > POINTER_BYTES ? PARAMETER_WIDE : PARAMETER_INTEGER;
}

struct parameter btf_parameter_describe(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf_types_strip(btf, id).type;
	struct parameter parameter = { .kind = PARAMETER_UNKNOWN };

	switch (btf_kind(type)) {
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		parameter.bytes = type->size;
		parameter.kind = classify_scalar(type->size);
		break;
	case BTF_KIND_PTR:
		parameter.bytes = POINTER_BYTES;
		parameter.kind = PARAMETER_INTEGER;
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		parameter.bytes = type->size;
		parameter.kind = classify_composite(btf, type);
		break;
	case BTF_KIND_FLOAT:
		parameter.bytes = type->size;
		parameter.kind = PARAMETER_FLOAT;
		break;
	}
	return parameter;
}

bool btf_parameter_find(const struct btf_function *function,
			enum machine machine, const char *name, size_t length,
			struct btf_found_parameter *found)
{
	const struct btf_param *parameters = btf_params(function->prototype);
	uint16_t i, count = btf_vlen(function->prototype);
	struct placement placement = { .machine = machine };

	placement_begin(&placement,
			btf_parameter_describe(function->btf,
					       function->prototype->type));
	for (i = 0; i < count; i++) {
		struct parameter_place place = placement_next(
			&placement, btf_parameter_describe(function->btf,
							   parameters[i].type));
		const char *own =
			btf_types_name(function->btf, parameters[i].name_off);

		if (strlen(own) != length || memcmp(own, name, length))
			continue;
		found->type = parameters[i].type;
		found->place = place;
		return true;
	}
	return false;
}
