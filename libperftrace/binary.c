/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "binary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "binary_file.h"
#include "binary_identity.h"
#include "binary_lookup.h"
#include "binary_symbols.h"
#include "log.h"

struct binary {
	struct log *log;
	struct binary_file *file;
	struct binary_identity identity;
	struct binary *debug;

	/* Read when they are asked for. */
	struct binary_symbols symbols;
	bool has_symbols;
	struct binary_marker *markers;
	size_t marker_count;
	bool has_markers;
};

/* Of a file that was opened, or not, with the result @ret. */
static int wrap(struct log *log, int ret, struct binary_file *file,
		struct binary **binary)
{
	struct binary *new;

	if (ret < 0)
		return ret;
	new = calloc(1, sizeof(*new));
	if (!new) {
		binary_file_free(file);
		return fail_memory(log);
	}
	new->log = log;
	new->file = file;
	ret = binary_identity_read(file, &new->identity);
	if (ret < 0)
		binary_free(new);
	else
		*binary = new;
	return ret;
}

int binary_open(struct log *log, int fd, const char *name,
		struct binary **binary)
{
	struct binary_file *file = NULL;
	int ret = binary_file_open(log, fd, name, &file);

	return wrap(log, ret, file, binary);
}

int binary_open_memory(struct log *log, const void *bytes, size_t size,
		       const char *name, struct binary **binary)
{
	struct binary_file *file = NULL;
	int ret = binary_file_open_memory(log, bytes, size, name, &file);

	return wrap(log, ret, file, binary);
}

void binary_free(struct binary *binary)
{
	if (!binary)
		return;
	binary_symbols_release(&binary->symbols);
	free(binary->markers);
	binary_identity_release(&binary->identity);
	binary_file_free(binary->file);
	binary_free(binary->debug);
	free(binary);
}

uint16_t binary_get_machine(const struct binary *binary)
{
	return binary_file_get_machine(binary->file);
}

bool binary_is_64bit(const struct binary *binary)
{
	return binary_file_is_64bit(binary->file);
}

size_t binary_get_build_id(const struct binary *binary, const uint8_t **id)
{
	*id = binary->identity.build_id;
	return binary->identity.build_id_bytes;
}

const char *binary_get_debug_link(const struct binary *binary, uint32_t *crc)
{
	if (binary->identity.debug_link)
		*crc = binary->identity.debug_link_crc;
	return binary->identity.debug_link;
}

static int check_debug(struct binary *binary, struct binary *debug)
{
	const struct binary_identity *own = &binary->identity;
	const struct binary_identity *other = &debug->identity;

	if (binary_get_machine(binary) != binary_get_machine(debug) ||
	    binary_is_64bit(binary) != binary_is_64bit(debug))
		return fail(binary->log, -EINVAL,
			    "%s is for another machine than %s",
			    binary_file_get_name(debug->file),
			    binary_file_get_name(binary->file));
	if (own->build_id_bytes == other->build_id_bytes &&
	    (!own->build_id_bytes ||
	     !memcmp(own->build_id, other->build_id, own->build_id_bytes)))
		return 0;
	fail(binary->log, -EINVAL, "%s is the debug file of another %s",
	     binary_file_get_name(debug->file),
	     binary_file_get_name(binary->file));
	return fail_remedy(binary->log,
			   "install the one whose build id is the same");
}

int binary_set_debug(struct binary *binary, struct binary *debug)
{
	int ret = check_debug(binary, debug);

	if (ret < 0)
		return ret;
	binary_symbols_release(&binary->symbols);
	binary->has_symbols = false;
	binary_free(binary->debug);
	binary->debug = debug;
	return 0;
}

static int read_symbols(struct binary *binary)
{
	struct binary_symbols symbols = { 0 };
	int ret;

	if (binary->has_symbols)
		return 0;
	ret = binary_symbols_add(&symbols, binary->file);
	if (!ret && binary->debug)
		ret = binary_symbols_add(&symbols, binary->debug->file);
	if (ret < 0) {
		binary_symbols_release(&symbols);
		return ret;
	}
	binary->symbols = symbols;
	binary->has_symbols = true;
	return 0;
}

static struct binary_scope get_scope(struct binary *binary)
{
	return (struct binary_scope){
		.file = binary->file,
		.identity = &binary->identity,
		.symbols = &binary->symbols,
	};
}

int binary_find_function(struct binary *binary, const char *name,
			 struct binary_place *place)
{
	struct binary_scope scope = get_scope(binary);
	struct binary_symbol symbol;
	uint64_t offset;
	int ret;

	ret = read_symbols(binary);
	if (!ret)
		ret = binary_lookup_function(&scope, name, &symbol);
	if (!ret)
		ret = binary_file_translate(binary->file, symbol.address, true,
					    &offset);
	if (ret < 0)
		return ret;
	*place = (struct binary_place){
		.address = symbol.address,
		.offset = offset,
		.name = symbol.name,
		.size = symbol.size,
	};
	return 0;
}

static void fill_place(struct binary *binary, uint64_t address, uint64_t offset,
		       struct binary_place *place)
{
	const struct binary_symbol *symbol =
		binary_symbols_find_around(&binary->symbols, address);

	*place = (struct binary_place){
		.address = address,
		.offset = offset,
	};
	if (!symbol)
		return;
	place->name = symbol->name;
	place->into = address - symbol->address;
	place->size = symbol->size;
}

int binary_find_address(struct binary *binary, uint64_t address,
			struct binary_place *place)
{
	uint64_t offset;
	int ret;

	ret = binary_file_translate(binary->file, address, true, &offset);
	if (!ret)
		ret = read_symbols(binary);
	if (!ret)
		fill_place(binary, address, offset, place);
	return ret;
}

int binary_find_offset(struct binary *binary, uint64_t offset,
		       struct binary_place *place)
{
	uint64_t address;
	int ret;

	ret = binary_file_locate(binary->file, offset, &address);
	if (!ret)
		ret = read_symbols(binary);
	if (!ret)
		fill_place(binary, address, offset, place);
	return ret;
}

int binary_translate(struct binary *binary, uint64_t address,
		     bool must_be_executable, uint64_t *offset)
{
	return binary_file_translate(binary->file, address, must_be_executable,
				     offset);
}

int binary_find_symbol_address(struct binary *binary, const char *name,
			       uint64_t *address)
{
	struct binary_scope scope = get_scope(binary);
	struct binary_symbol symbol;
	int ret;

	ret = read_symbols(binary);
	if (!ret)
		ret = binary_lookup_symbol(&scope, name, &symbol);
	if (!ret)
		*address = symbol.address;
	return ret;
}

int binary_get_markers(struct binary *binary,
		       const struct binary_marker **markers, size_t *count)
{
	int ret = 0;

	if (!binary->has_markers)
		ret = binary_markers_read(binary->file, &binary->markers,
					  &binary->marker_count);
	if (ret < 0)
		return ret;
	binary->has_markers = true;
	*markers = binary->markers;
	*count = binary->marker_count;
	return 0;
}
