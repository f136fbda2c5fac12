/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libbpf says on stderr what it finds wrong with BTF, by a callback that is the
 * process's, and so not ours to replace. What it would say that about is
 * refused here first, with words of our own:
 *
 *	header	types	strings
 *
 * by Documentation/bpf/btf.rst. The types are records of their own lengths,
 * numbered from 1 (a module's: from where vmlinux's end), and refer to each
 * other by number, to names by their place in the strings, which are one text
 * with a module's behind vmlinux's.
 *
 * Looked at are the lengths, which all versions of libbpf complain about, and
 * the references, which newer ones follow. What isn't: that a reference leads
 * to the right kind of type. Whoever follows one does not rely on it.
 */
#include "btf_bytes.h"

#include <bpf/btf.h>
#include <errno.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "log.h"

struct reader {
	struct log *log;
	const char *name;
	const uint8_t *types;
	uint32_t type_bytes;
	/* Above what a reference may lead to. */
	uint64_t type_end;
	uint64_t string_end;
	/* Of the record that is being looked at. */
	uint32_t number;
};

/* What follows a type's first three words: entries of so many words each. */
struct tail {
	bool is_known;
	/* One entry, or as many as the type says it has. */
	bool is_list;
	/* Of an entry, and which of them are a name and a type, from 1. */
	uint8_t words;
	uint8_t name;
	uint8_t type;
	uint8_t other_type;
	/* The third word is a type. */
	bool is_reference;
};

static const struct tail tails[] = {
	[BTF_KIND_INT] = { .is_known = true, .words = 1 },
	[BTF_KIND_PTR] = { .is_known = true, .is_reference = true },
	[BTF_KIND_ARRAY] = { .is_known = true,
			     .words = 3,
			     .type = 1,
			     .other_type = 2 },
	[BTF_KIND_STRUCT] = { .is_known = true,
			      .is_list = true,
			      .words = 3,
			      .name = 1,
			      .type = 2 },
	[BTF_KIND_UNION] = { .is_known = true,
			     .is_list = true,
			     .words = 3,
			     .name = 1,
			     .type = 2 },
	[BTF_KIND_ENUM] = { .is_known = true,
			    .is_list = true,
			    .words = 2,
			    .name = 1 },
	[BTF_KIND_FWD] = { .is_known = true },
	[BTF_KIND_TYPEDEF] = { .is_known = true, .is_reference = true },
	[BTF_KIND_VOLATILE] = { .is_known = true, .is_reference = true },
	[BTF_KIND_CONST] = { .is_known = true, .is_reference = true },
	[BTF_KIND_RESTRICT] = { .is_known = true, .is_reference = true },
	[BTF_KIND_FUNC] = { .is_known = true, .is_reference = true },
	[BTF_KIND_FUNC_PROTO] = { .is_known = true,
				  .is_list = true,
				  .words = 2,
				  .name = 1,
				  .type = 2,
				  .is_reference = true },
	[BTF_KIND_VAR] = { .is_known = true, .words = 1, .is_reference = true },
	[BTF_KIND_DATASEC] = { .is_known = true,
			       .is_list = true,
			       .words = 3,
			       .type = 1 },
	[BTF_KIND_FLOAT] = { .is_known = true },
	[BTF_KIND_DECL_TAG] = { .is_known = true,
				.words = 1,
				.is_reference = true },
	[BTF_KIND_TYPE_TAG] = { .is_known = true, .is_reference = true },
	[BTF_KIND_ENUM64] = { .is_known = true,
			      .is_list = true,
			      .words = 3,
			      .name = 1 },
};

static int refuse(struct log *log, const char *name, const char *reason)
{
	return fail(log, -EINVAL, "%s: kernel types (BTF): %s", name, reason);
}

static int check_header(struct log *log, const char *name,
			const struct btf_header *header, size_t size)
{
	if (size > UINT32_MAX || size < sizeof(*header))
		return refuse(log, name, "not their size");
	if (header->magic == __builtin_bswap16(BTF_MAGIC))
		return fail(log, -EOPNOTSUPP,
			    "%s: kernel types (BTF) of a machine with another "
			    "byte order",
			    name);
	if (header->magic != BTF_MAGIC)
		return refuse(log, name, "their first bytes are others");
	if (header->hdr_len < sizeof(*header) || header->hdr_len > size)
		return refuse(log, name, "the header is damaged");
	size -= header->hdr_len;
	if ((uint64_t)header->str_off + header->str_len > size ||
	    (uint64_t)header->type_off + header->type_len > header->str_off ||
	    header->type_off % sizeof(uint32_t) ||
	    header->hdr_len % sizeof(uint32_t))
		return refuse(log, name, "the header is damaged");
	return 0;
}

static int check_strings(struct log *log, const char *name, const char *strings,
			 uint32_t string_bytes, bool has_base)
{
	if (!string_bytes && has_base)
		return 0;
	if (!string_bytes || strings[string_bytes - 1] ||
	    (!has_base && strings[0]))
		return refuse(log, name, "the names are damaged");
	return 0;
}

static uint32_t read_word(const uint8_t *bytes, size_t index)
{
	uint32_t word;

	memcpy(&word, bytes + index * sizeof(word), sizeof(word));
	return word;
}

/* 0 when the record is not a type of a known kind that fits. */
static uint32_t measure(const struct reader *reader, uint32_t at,
			const struct tail **tail, uint32_t *entries)
{
	struct btf_type type;
	uint32_t bytes, kind;

	if (reader->type_bytes - at < sizeof(type))
		return 0;
	memcpy(&type, reader->types + at, sizeof(type));
	kind = btf_kind(&type);
	if (kind >= ARRAY_SIZE(tails) || !tails[kind].is_known)
		return 0;
	*tail = &tails[kind];
	*entries = (*tail)->is_list ? btf_vlen(&type) : !!(*tail)->words;
	bytes = (uint32_t)sizeof(type) +
		*entries * (*tail)->words * (uint32_t)sizeof(uint32_t);
	return bytes <= reader->type_bytes - at ? bytes : 0;
}

static int refuse_type(const struct reader *reader, uint32_t at)
{
	uint32_t kind = 0;

	if (reader->type_bytes - at >= sizeof(struct btf_type))
		kind = BTF_INFO_KIND(read_word(reader->types + at, 1));
	if (kind >= ARRAY_SIZE(tails))
		return fail(reader->log, -EOPNOTSUPP,
			    "%s: kernel types (BTF): type %u is of kind %u, "
			    "which this library does not know",
			    reader->name, reader->number, kind);
	return fail(reader->log, -EINVAL,
		    "%s: kernel types (BTF): type %u is damaged", reader->name,
		    reader->number);
}

static int count_types(struct reader *reader, uint32_t *count)
{
	const struct tail *tail;
	uint32_t at, bytes, entries;

	for (at = 0; at < reader->type_bytes; at += bytes) {
		bytes = measure(reader, at, &tail, &entries);
		if (!bytes)
			return refuse_type(reader, at);
		reader->number++;
		(*count)++;
	}
	return 0;
}

/* Words are counted from 1; 0 is none. */
static bool is_name(const struct reader *reader, const uint8_t *entry,
		    uint8_t word)
{
	return !word || read_word(entry, word - 1u) < reader->string_end;
}

static bool is_type(const struct reader *reader, const uint8_t *entry,
		    uint8_t word)
{
	return !word || read_word(entry, word - 1u) < reader->type_end;
}

static bool has_references(const struct reader *reader, const uint8_t *record,
			   const struct tail *tail, uint32_t entries)
{
	const uint8_t *entry = record + sizeof(struct btf_type);

	if (!is_name(reader, record, 1) ||
	    !is_type(reader, record, tail->is_reference ? 3 : 0))
		return false;
	for (; entries; entries--, entry += tail->words * sizeof(uint32_t)) {
		if (!is_name(reader, entry, tail->name) ||
		    !is_type(reader, entry, tail->type) ||
		    !is_type(reader, entry, tail->other_type))
			return false;
	}
	return true;
}

/* Of types whose lengths are good. */
static int check_references(struct reader *reader)
{
	const struct tail *tail = NULL;
	uint32_t at, bytes, entries = 0;

	for (at = 0; at < reader->type_bytes; at += bytes) {
		bytes = measure(reader, at, &tail, &entries);
		if (!bytes ||
		    !has_references(reader, reader->types + at, tail, entries))
			return refuse_type(reader, at);
		reader->number++;
	}
	return 0;
}

static int check_types(struct reader *reader, uint32_t base_types)
{
	uint32_t count = 0;
	int ret;

	reader->number = base_types + 1;
	ret = count_types(reader, &count);
	if (ret)
		return ret;
	reader->type_end = (uint64_t)base_types + count + 1;
	reader->number = base_types + 1;
	return check_references(reader);
}

/* What is behind @base_types types and @base_string_bytes bytes of names. */
static int check_behind(struct log *log, const char *name, const void *bytes,
			size_t size, uint32_t base_types,
			uint32_t base_string_bytes)
{
	struct reader reader = { .log = log, .name = name };
	struct btf_header header = { 0 };
	const uint8_t *body;
	int ret;

	memcpy(&header, bytes, size < sizeof(header) ? size : sizeof(header));
	ret = check_header(log, name, &header, size);
	if (ret)
		return ret;

	body = (const uint8_t *)bytes + header.hdr_len;
	ret = check_strings(log, name, (const char *)body + header.str_off,
			    header.str_len, base_string_bytes > 0);
	if (ret)
		return ret;
	reader.types = body + header.type_off;
	reader.type_bytes = header.type_len;
	reader.string_end = (uint64_t)base_string_bytes + header.str_len;
	return check_types(&reader, base_types);
}

int btf_bytes_check(struct log *log, const char *name, const void *bytes,
		    size_t size)
{
	return check_behind(log, name, bytes, size, 0, 0);
}

struct sections {
	const uint8_t *types;
	const uint8_t *strings;
	uint32_t type_bytes;
	uint32_t string_bytes;
};

static struct sections find_sections(const void *bytes)
{
	struct btf_header header;
	const uint8_t *body;

	memcpy(&header, bytes, sizeof(header));
	body = (const uint8_t *)bytes + header.hdr_len;
	return (struct sections){
		.types = body + header.type_off,
		.strings = body + header.str_off,
		.type_bytes = header.type_len,
		.string_bytes = header.str_len,
	};
}

static uint8_t *append(uint8_t *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* Sections that fit into one BTF together. */
static int join(struct log *log, const struct sections *base,
		const struct sections *module, void **joined,
		size_t *joined_size)
{
	struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_len = base->type_bytes + module->type_bytes,
		.str_off = base->type_bytes + module->type_bytes,
		.str_len = base->string_bytes + module->string_bytes,
	};
	size_t size = sizeof(header) + header.type_len + header.str_len;
	uint8_t *bytes = malloc(size), *at;

	if (!bytes)
		return fail_memory(log);
	at = append(bytes, &header, sizeof(header));
	at = append(at, base->types, base->type_bytes);
	at = append(at, module->types, module->type_bytes);
	at = append(at, base->strings, base->string_bytes);
	append(at, module->strings, module->string_bytes);
	*joined = bytes;
	*joined_size = size;
	return 0;
}

int btf_bytes_join(struct log *log, const char *name, const void *base,
		   uint32_t base_types, const void *bytes, size_t size,
		   void **joined, size_t *joined_size)
{
	struct sections front = find_sections(base), behind;
	uint64_t sum;
	int ret = check_behind(log, name, bytes, size, base_types,
			       front.string_bytes);

	if (ret)
		return ret;
	behind = find_sections(bytes);
	sum = sizeof(struct btf_header) + (uint64_t)front.type_bytes +
	      front.string_bytes + behind.type_bytes + behind.string_bytes;
	if (sum > UINT32_MAX)
		return refuse(log, name, "more than fit behind vmlinux's");
	return join(log, &front, &behind, joined, joined_size);
}
