/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types are libbpf's, read by its interface; Documentation/bpf/btf.rst says
 * what they mean. The kernel's are trusted, but nothing here relies on it: a
 * chain or a nesting that does not end is given up.
 */
#include "btf_types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf_bytes.h"
#include "export.h"
#include "log.h"

/* More qualifiers than any type has, and deeper than any struct is nested. */
#define LONGEST_CHAIN 32
#define DEEPEST	      16
/* How many members are looked at before a search is given up. */
#define MOST_MEMBERS 100000

#define POINTER_BYTES 8

/* A module's types are behind a copy of vmlinux's, in one. */
struct module {
	char *name;
	struct btf *btf;
};

struct btf_types {
	struct log *log;
	struct btf *vmlinux;
	struct module *modules;
	size_t module_count;

	/*
	 * The function that was found last: a probe asks for the same one once
	 * per argument, and there is no index by name.
	 */
	char *last_name;
	struct btf_function last;
};

/* Bytes that were found good; newer versions of libbpf look more closely. */
static int take_bytes(struct log *log, const char *name, const void *bytes,
		      size_t size, struct btf **btf)
{
	struct btf *new = btf__new(bytes, (uint32_t)size);

	if (!new &&errno == ENOMEM)
		return fail_memory(log);
	if (!new)
		return fail(log, -EINVAL,
			    "%s: kernel types (BTF): libbpf refuses them: %s",
			    name, strerror(errno));
	btf__set_pointer_size(new, POINTER_BYTES);
	*btf = new;
	return 0;
}

int btf_types_new(struct log *log, const void *bytes, size_t size,
		  struct btf_types **types)
{
	struct btf_types *new;
	int ret = btf_bytes_check(log, "vmlinux", bytes, size);

	if (ret)
		return ret;
	new = calloc(1, sizeof(*new));
	if (!new)
		return fail_memory(log);
	new->log = log;
	ret = take_bytes(log, "vmlinux", bytes, size, &new->vmlinux);
	if (ret) {
		free(new);
		return ret;
	}
	*types = new;
	return 0;
}

void btf_types_free(struct btf_types *types)
{
	size_t i;

	if (!types)
		return;
	for (i = 0; i < types->module_count; i++) {
		free(types->modules[i].name);
		btf__free(types->modules[i].btf);
	}
	free(types->modules);
	free(types->last_name);
	btf__free(types->vmlinux);
	free(types);
}

struct log *btf_types_log(const struct btf_types *types)
{
	return types->log;
}

/* NULL for one that was not added. */
static const struct btf *find_btf(const struct btf_types *types,
				  const char *module)
{
	size_t i;

	if (!module)
		return types->vmlinux;
	for (i = 0; i < types->module_count; i++) {
		if (!strcmp(types->modules[i].name, module))
			return types->modules[i].btf;
	}
	return NULL;
}

bool btf_types_has_module(const struct btf_types *types, const char *module)
{
	return find_btf(types, module);
}

static int append_module(struct btf_types *types, struct module module)
{
	struct module *modules = realloc(
		types->modules, (types->module_count + 1) * sizeof(*modules));

	if (!modules)
		return fail_memory(types->log);
	types->modules = modules;
	modules[types->module_count++] = module;
	return 0;
}

static int take_module(struct btf_types *types, const char *name,
		       const void *bytes, size_t size, struct btf **btf)
{
	uint32_t base_size;
	const void *base = btf__raw_data(types->vmlinux, &base_size);
	size_t joined_size;
	void *joined;
	int ret;

	if (!base)
		return fail_memory(types->log);
	ret = btf_bytes_join(types->log, name, base,
			     btf__type_cnt(types->vmlinux) - 1, bytes, size,
			     &joined, &joined_size);
	if (ret)
		return ret;
	ret = take_bytes(types->log, name, joined, joined_size, btf);
	free(joined);
	return ret;
}

int btf_types_add_module(struct btf_types *types, const char *module,
			 const void *bytes, size_t size)
{
	struct module new = { 0 };
	int ret;

	if (btf_types_has_module(types, module))
		return fail(types->log, -EEXIST,
			    "%s: the types of this module are there already",
			    module);
	ret = take_module(types, module, bytes, size, &new.btf);
	if (ret)
		return ret;
	new.name = strdup(module);
	ret = new.name ? append_module(types, new) : fail_memory(types->log);
	if (ret) {
		free(new.name);
		btf__free(new.btf);
	}
	return ret;
}

const char *btf_types_name(const struct btf *btf, uint32_t name_offset)
{
	const char *name = btf__name_by_offset(btf, name_offset);

	return name ? name : "";
}

static bool is_chain(const struct btf_type *type)
{
	return btf_is_mod(type) || btf_is_typedef(type);
}

struct btf_bare btf_types_strip(const struct btf *btf, uint32_t id)
{
	struct btf_bare bare = { .id = id, .type = btf__type_by_id(btf, id) };
	int length;

	for (length = 0; bare.type && is_chain(bare.type); length++) {
		const char *tag = btf_types_name(btf, bare.type->name_off);

		if (btf_is_type_tag(bare.type)) {
			bare.is_user |= !strcmp(tag, "user");
			bare.is_percpu |= !strcmp(tag, "percpu");
		}
		bare.id = length < LONGEST_CHAIN ? bare.type->type : 0;
		bare.type = btf__type_by_id(btf, bare.id);
	}
	if (!bare.type)
		bare.type = btf__type_by_id(btf, 0);
	return bare;
}

/* Equal types have one number, but for the prototypes themselves. */
static bool is_same_prototype(const struct btf_type *left,
			      const struct btf_type *right)
{
	size_t bytes = btf_vlen(left) * sizeof(struct btf_param);

	return left == right ||
	       (btf_vlen(left) == btf_vlen(right) &&
		left->type == right->type &&
		!memcmp(btf_params(left), btf_params(right), bytes));
}

static bool is_named(const struct btf *btf, const struct btf_type *type,
		     const char *name)
{
	return !strcmp(btf_types_name(btf, type->name_off), name);
}

/* How many different prototypes functions of this name have, up to 2. */
static int count_prototypes(const struct btf *btf, uint32_t begin,
			    const char *function,
			    const struct btf_type **prototype)
{
	uint32_t id, end = btf__type_cnt(btf);
	const struct btf_type *type, *one = NULL;

	for (id = begin; id < end; id++) {
		type = btf__type_by_id(btf, id);
		if (!btf_is_func(type) || !is_named(btf, type, function))
			continue;
		type = btf__type_by_id(btf, type->type);
		if (!type || !btf_is_func_proto(type))
			continue;
		if (one && !is_same_prototype(one, type))
			return 2;
		one = type;
	}
	*prototype = one;
	return !!one;
}

/* What gcc appends to the names of functions that it changed. */
static const char *find_suffix(const char *function)
{
	static const char *const suffixes[] = { ".isra.", ".constprop.",
						".part.", ".cold" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (strstr(function, suffixes[i]))
			return suffixes[i];
	}
	return NULL;
}

static int refuse_unknown(const struct btf_types *types, const char *function,
			  const char *module)
{
	if (!find_btf(types, module))
		return fail(types->log, -ENOENT,
			    "%s: the types (BTF) of module %s are not known",
			    function, module);
	if (find_suffix(function))
		return fail(types->log, -ENOENT,
			    "%s: the compiler changed its arguments, and the "
			    "kernel's types (BTF) don't say how",
			    function);
	if (module)
		return fail(types->log, -ENOENT,
			    "%s: the types (BTF) of module %s don't have this "
			    "function",
			    function, module);
	return fail(types->log, -ENOENT,
		    "%s: the kernel's types (BTF) don't have this function; a "
		    "module's are the module's own",
		    function);
}

static bool is_last(const struct btf_types *types, const struct btf *btf,
		    const char *function)
{
	return types->last_name && types->last.btf == btf &&
	       !strcmp(types->last_name, function);
}

/* Without memory, the next search is as long as this one. */
static void remember(struct btf_types *types, const char *function,
		     const struct btf_function *found)
{
	free(types->last_name);
	types->last_name = strdup(function);
	types->last = *found;
}

int btf_types_find_function(struct btf_types *types, const char *function,
			    const char *module, struct btf_function *found)
{
	struct btf_function new = { .btf = find_btf(types, module) };
	uint32_t begin = module ? btf__type_cnt(types->vmlinux) : 1;
	int count = 0;

	if (is_last(types, new.btf, function)) {
		*found = types->last;
		return 0;
	}
	if (new.btf)
		count = count_prototypes(new.btf, begin, function,
					 &new.prototype);
	if (!count)
		return refuse_unknown(types, function, module);
	if (count > 1)
		return fail(types->log, -EADDRNOTAVAIL,
			    "%s: there are several functions of this name, "
			    "with different parameters",
			    function);
	remember(types, function, &new);
	*found = new;
	return 0;
}

struct search {
	const struct btf *btf;
	const char *name;
	size_t length;
	struct btf_found_member *found;
	/* Or, in place of a name, all are told of. */
	void (*visit)(void *data, const char *name);
	void *data;
	uint32_t budget;
};

static bool search_members(struct search *search,
			   const struct btf_type *composite,
			   uint64_t bit_offset, int depth);

static void set_found(struct search *search, const struct btf_type *composite,
		      uint16_t index, uint64_t bit_offset)
{
	search->found->type = btf_members(composite)[index].type;
	search->found->bit_offset = bit_offset;
	search->found->bits = btf_member_bitfield_size(composite, index);
}

static bool search_member(struct search *search,
			  const struct btf_type *composite, uint16_t index,
			  uint64_t bit_offset, int depth)
{
	const struct btf_member *member = &btf_members(composite)[index];
	const char *name = btf_types_name(search->btf, member->name_off);
	struct btf_bare bare;

	bit_offset += btf_member_bit_offset(composite, index);
	if (!*name) {
		bare = btf_types_strip(search->btf, member->type);
		return btf_is_composite(bare.type) && depth < DEEPEST &&
		       search_members(search, bare.type, bit_offset, depth + 1);
	}
	if (search->visit) {
		search->visit(search->data, name);
		return false;
	}
	if (strlen(name) != search->length ||
	    memcmp(name, search->name, search->length))
		return false;
	set_found(search, composite, index, bit_offset);
	return true;
}

static bool search_members(struct search *search,
			   const struct btf_type *composite,
			   uint64_t bit_offset, int depth)
{
	uint16_t i, count = btf_vlen(composite);

	for (i = 0; i < count && search->budget; i++) {
		search->budget--;
		if (search_member(search, composite, i, bit_offset, depth))
			return true;
	}
	return false;
}

bool btf_types_find_member(const struct btf *btf,
			   const struct btf_type *composite, const char *name,
			   size_t length, struct btf_found_member *found)
{
	struct search search = { .btf = btf,
				 .name = name,
				 .length = length,
				 .found = found,
				 .budget = MOST_MEMBERS };

	return search_members(&search, composite, 0, 0);
}

void btf_types_visit_members(const struct btf *btf,
			     const struct btf_type *composite,
			     void (*visit)(void *data, const char *name),
			     void *data)
{
	struct search search = {
		.btf = btf, .visit = visit, .data = data, .budget = MOST_MEMBERS
	};

	search_members(&search, composite, 0, 0);
}
