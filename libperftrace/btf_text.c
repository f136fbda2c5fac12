/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "btf_text.h"

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "btf_types.h"

/* Deeper than any type that is worth writing. */
#define DEEPEST 16

struct writer {
	const struct btf *btf;
	char *text;
	size_t room;
	size_t length;
};

static void append(struct writer *writer, const char *text)
{
	static const char ellipsis[] = "...";
	size_t length = strlen(text);

	if (writer->length == writer->room)
		return;
	if (length < writer->room - writer->length) {
		memcpy(writer->text + writer->length, text, length + 1);
		writer->length += length;
		return;
	}
	/* Full: no more is taken. */
	snprintf(writer->text + writer->length, writer->room - writer->length,
		 "%s", text);
	writer->length = writer->room;
	if (writer->room >= sizeof(ellipsis))
		memcpy(writer->text + writer->room - sizeof(ellipsis), ellipsis,
		       sizeof(ellipsis));
}

static void begin(struct writer *writer, const struct btf *btf, char *text,
		  size_t room)
{
	*writer = (struct writer){ .btf = btf, .text = text, .room = room };
	if (room)
		text[0] = '\0';
}

static void append_name(struct writer *writer, const char *keyword,
			const struct btf_type *type)
{
	const char *name = btf_types_name(writer->btf, type->name_off);

	append(writer, keyword);
	append(writer, *name ? name : "{...}");
}

static void append_type(struct writer *writer, uint32_t id, const char *name,
			int depth);

/* "const char", but "char *const". */
static void append_qualified(struct writer *writer, const char *qualifier,
			     uint32_t id, int depth)
{
	bool is_pointer = btf_is_ptr(btf_types_strip(writer->btf, id).type);

	if (!is_pointer) {
		append(writer, qualifier);
		append(writer, " ");
	}
	append_type(writer, id, "", depth);
	if (is_pointer)
		append(writer, qualifier);
}

static void append_tagged(struct writer *writer, const struct btf_type *tag,
			  int depth)
{
	append_type(writer, tag->type, "", depth);
	append(writer, " __");
	append(writer, btf_types_name(writer->btf, tag->name_off));
}

static void append_array(struct writer *writer, const struct btf_type *type,
			 int depth)
{
	const struct btf_array *array = btf_array(type);
	char length[16];

	append_type(writer, array->type, "", depth);
	snprintf(length, sizeof(length), "[%u]", array->nelems);
	append(writer, length);
}

/* The one declaration that has its name in the middle. */
static void append_function_pointer(struct writer *writer,
				    const struct btf_type *prototype,
				    const char *name, int depth)
{
	append_type(writer, prototype->type, "", depth);
	append(writer, " (*");
	append(writer, name);
	append(writer, ")()");
}

static bool ends_with(const struct writer *writer, char last)
{
	return writer->length && writer->length < writer->room &&
	       writer->text[writer->length - 1] == last;
}

static void append_pointer(struct writer *writer, uint32_t pointee, int depth)
{
	append_type(writer, pointee, "", depth);
	append(writer, ends_with(writer, '*') ? "*" : " *");
}

static void append_plain(struct writer *writer, const struct btf_type *type,
			 int depth)
{
	switch (btf_kind(type)) {
	case BTF_KIND_CONST:
		append_qualified(writer, "const", type->type, depth);
		break;
	case BTF_KIND_VOLATILE:
		append_qualified(writer, "volatile", type->type, depth);
		break;
	case BTF_KIND_RESTRICT:
		append_qualified(writer, "restrict", type->type, depth);
		break;
	case BTF_KIND_TYPE_TAG:
		append_tagged(writer, type, depth);
		break;
	case BTF_KIND_PTR:
		append_pointer(writer, type->type, depth);
		break;
	case BTF_KIND_ARRAY:
		append_array(writer, type, depth);
		break;
	case BTF_KIND_FUNC_PROTO:
		append_type(writer, type->type, "", depth);
		append(writer, "()");
		break;
	case BTF_KIND_STRUCT:
		append_name(writer, "struct ", type);
		break;
	case BTF_KIND_UNION:
		append_name(writer, "union ", type);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		append_name(writer, "enum ", type);
		break;
	case BTF_KIND_FWD:
		append_name(writer, btf_kflag(type) ? "union " : "struct ",
			    type);
		break;
	case BTF_KIND_UNKN:
		append(writer, "void");
		break;
	default:
		append_name(writer, "", type);
	}
}

static const struct btf_type *find_prototype(const struct btf *btf,
					     const struct btf_type *type)
{
	if (!btf_is_ptr(type))
		return NULL;
	type = btf_types_strip(btf, type->type).type;
	return btf_is_func_proto(type) ? type : NULL;
}

/* A declaration of @name, or, when that is empty, a type. */
static void append_type(struct writer *writer, uint32_t id, const char *name,
			int depth)
{
	const struct btf_type *type = btf__type_by_id(writer->btf, id);
	const struct btf_type *prototype;

	if (!type || depth == DEEPEST) {
		append(writer, "...");
		return;
	}
	prototype = find_prototype(writer->btf, type);
	if (prototype) {
		append_function_pointer(writer, prototype, name, depth + 1);
		return;
	}
	append_plain(writer, type, depth + 1);
	if (*name && !ends_with(writer, '*'))
		append(writer, " ");
	append(writer, name);
}

void btf_text_write_type(const struct btf *btf, uint32_t id, char *text,
			 size_t text_bytes)
{
	struct writer writer;

	begin(&writer, btf, text, text_bytes);
	append_type(&writer, id, "", 0);
}

void btf_text_write_parameters(const struct btf_function *function, char *text,
			       size_t text_bytes)
{
	const struct btf_param *parameters = btf_params(function->prototype);
	uint16_t i, count = btf_vlen(function->prototype);
	struct writer writer;

	begin(&writer, function->btf, text, text_bytes);
	if (!count)
		append(&writer, "void");
	for (i = 0; i < count; i++) {
		append(&writer, i ? ", " : "");
		/* Of nameless void: the end of those that are declared. */
		if (!parameters[i].type)
			append(&writer, "...");
		else
			append_type(&writer, parameters[i].type,
				    btf_types_name(function->btf,
						   parameters[i].name_off),
				    0);
	}
}

static void append_member(void *data, const char *name)
{
	struct writer *writer = data;

	append(writer, writer->length ? ", " : "");
	append(writer, name);
}

void btf_text_write_members(const struct btf *btf,
			    const struct btf_type *composite, char *text,
			    size_t text_bytes)
{
	struct writer writer;

	begin(&writer, btf, text, text_bytes);
	btf_types_visit_members(btf, composite, append_member, &writer);
}
