/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An ELF file has two tables of symbols, elf(5): .symtab is for the linker and
 * has all of them, until strip(1) removes it or moves it to a debug file;
 * .dynsym is for the loader and has what is exported or imported.
 *
 * Versions follow the GNU extension, as the Linux Standard Base has it ("Symbol
 * Versioning"). For .dynsym they are in two more sections: .gnu.version has a
 * number per symbol, whose highest bit says that it is not the default, and
 * .gnu.version_d has the names of the numbers. In .symtab the version is a part
 * of the name, "name@version", or "name@@version" for the default.
 */
#include "binary_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "binary_file.h"
#include "log.h"

#define VERSION_HIDDEN 0x8000
#define VERSION_NUMBER 0x7fff

#ifndef STT_GNU_IFUNC
#define STT_GNU_IFUNC 10
#endif

/* Of .dynsym: names by number. */
struct versions {
	Elf_Data *numbers;
	const char *names[VERSION_NUMBER + 1];
};

#define LONGEST_SPLIT	 4096
#define MOST_SPLIT_BYTES ((size_t)64 << 20)

struct loader {
	/* Of names that were copied without their versions. */
	size_t split_bytes;
	struct binary_file *file;
	struct binary_symbols *symbols;
	/* NULL: versions are in the names. */
	struct versions *versions;
	struct binary_strings strings;
	/* The source file that the symbols which follow are of. */
	const char *source;
};

void binary_symbols_release(struct binary_symbols *symbols)
{
	size_t i;

	for (i = 0; i < symbols->count; i++) {
		if (symbols->table[i].owns_name)
			free((char *)symbols->table[i].name);
	}
	free(symbols->table);
	*symbols = (struct binary_symbols){ 0 };
}

void binary_name_split(const char *text, struct binary_name *name)
{
	/* A name may begin with one. */
	const char *at = *text ? strchr(text + 1, '@') : NULL;

	name->text = text;
	name->length = at ? (size_t)(at - text) : strlen(text);
	name->version = NULL;
	name->is_default = false;
	if (!at)
		return;
	name->is_default = at[1] == '@';
	at += name->is_default ? 2 : 1;
	if (*at)
		name->version = at;
}

bool binary_symbol_has_name(const struct binary_symbol *symbol,
			    const struct binary_name *name)
{
	if (strncmp(symbol->name, name->text, name->length) ||
	    symbol->name[name->length])
		return false;
	if (!name->version)
		return true;
	return symbol->version && !strcmp(symbol->version, name->version) &&
	       (symbol->is_default || !name->is_default);
}

/* Code that was not given a type, as by hand-written assembly. */
static bool is_in_code(struct loader *loader, const GElf_Sym *entry)
{
	struct binary_section section;

	return binary_file_get_section(loader->file, entry->st_shndx,
				       &section) &&
	       section.header.sh_flags & SHF_EXECINSTR;
}

/* false: nothing that can be named. */
static bool classify(struct loader *loader, const GElf_Sym *entry,
		     enum binary_symbol_kind *kind)
{
	int type = GELF_ST_TYPE(entry->st_info);

	if (type == STT_SECTION || type == STT_FILE || type == STT_TLS)
		return false;
	if (entry->st_shndx == SHN_UNDEF) {
		*kind = BINARY_IMPORT;
		return true;
	}
	/* Constants, not addresses. */
	if (entry->st_shndx >= SHN_LORESERVE && entry->st_shndx != SHN_XINDEX)
		return false;
	if (type == STT_FUNC)
		*kind = BINARY_FUNCTION;
	else if (type == STT_GNU_IFUNC)
		*kind = BINARY_INDIRECT;
	else if (type == STT_NOTYPE && is_in_code(loader, entry))
		*kind = BINARY_FUNCTION;
	else
		*kind = BINARY_DATA;
	return true;
}

static void set_numbered_version(struct versions *versions, int index,
				 struct binary_symbol *symbol)
{
	GElf_Versym number;

	if (!gelf_getversym(versions->numbers, index, &number))
		return;
	symbol->version = versions->names[number & VERSION_NUMBER];
	symbol->is_default = symbol->version && !(number & VERSION_HIDDEN);
}

/*
 * "name@version" becomes a name and a version. A hostile file has a million
 * symbols for one long text: what is beyond all measure is left as it is.
 */
static int split_version(struct loader *loader, struct binary_symbol *symbol)
{
	struct binary_name name;
	char *copy;

	if (strnlen(symbol->name, LONGEST_SPLIT) == LONGEST_SPLIT ||
	    loader->split_bytes > MOST_SPLIT_BYTES)
		return 0;
	binary_name_split(symbol->name, &name);
	if (!symbol->name[name.length])
		return 0;
	copy = strndup(symbol->name, name.length);
	if (!copy)
		return fail_memory(binary_file_get_log(loader->file));
	loader->split_bytes += name.length;
	symbol->name = copy;
	symbol->owns_name = true;
	symbol->version = name.version;
	symbol->is_default = name.version && name.is_default;
	return 0;
}

/* gas marks what is code and what is data with such names on some machines. */
static bool is_mapping_symbol(const char *name)
{
	return name[0] == '$' && name[1] && (!name[2] || name[2] == '.');
}

static int load_symbol(struct loader *loader, int index, const GElf_Sym *entry)
{
	const char *name = binary_strings_get(&loader->strings, entry->st_name);
	struct binary_symbol symbol = {
		.name = name,
		.address = entry->st_value,
		.size = entry->st_size,
	};
	int ret = 0;

	if (GELF_ST_TYPE(entry->st_info) == STT_FILE)
		loader->source = name && *name ? name : NULL;
	if (!name || !*name || is_mapping_symbol(name) ||
	    !classify(loader, entry, &symbol.kind))
		return 0;
	if (GELF_ST_BIND(entry->st_info) == STB_LOCAL)
		symbol.source = loader->source;
	if (loader->versions)
		set_numbered_version(loader->versions, index, &symbol);
	else
		ret = split_version(loader, &symbol);
	if (!ret)
		loader->symbols->table[loader->symbols->count++] = symbol;
	return ret;
}

static int make_room(struct loader *loader, size_t count)
{
	struct binary_symbols *symbols = loader->symbols;
	struct binary_symbol *larger;

	larger = reallocarray(symbols->table, symbols->count + count + 1,
			      sizeof(*larger));
	if (!larger)
		return fail_memory(binary_file_get_log(loader->file));
	symbols->table = larger;
	return 0;
}

static int load_table(struct loader *loader,
		      const struct binary_section *section)
{
	Elf_Data *data;
	GElf_Sym entry;
	size_t count;
	int ret, i;

	ret = binary_file_read(loader->file, section, &data);
	if (!ret)
		ret = binary_file_read_strings(loader->file, section,
					       &loader->strings);
	if (ret < 0)
		return ret;
	count = data->d_size /
		binary_file_get_item_bytes(loader->file, ELF_T_SYM, 1);
	ret = make_room(loader, count);
	/* The first one stands for "none". */
	for (i = 1; !ret && (size_t)i < count; i++) {
		if (gelf_getsym(data, i, &entry))
			ret = load_symbol(loader, i, &entry);
	}
	return ret;
}

static void take_version(struct versions *versions, Elf_Data *data,
			 const struct binary_strings *strings, int offset,
			 const GElf_Verdef *definition)
{
	GElf_Verdaux name;

	/* This one is the name of the file. */
	if (definition->vd_flags & VER_FLG_BASE ||
	    definition->vd_aux > INT32_MAX - (uint32_t)offset ||
	    !gelf_getverdaux(data, offset + (int)definition->vd_aux, &name))
		return;
	versions->names[definition->vd_ndx & VERSION_NUMBER] =
		binary_strings_get(strings, name.vda_name);
}

static void read_definitions(struct versions *versions, Elf_Data *data,
			     const struct binary_strings *strings)
{
	GElf_Verdef definition;
	int offset = 0;

	/* Each is behind the one before it, so this ends. */
	while (gelf_getverdef(data, offset, &definition)) {
		take_version(versions, data, strings, offset, &definition);
		if (!definition.vd_next ||
		    definition.vd_next > INT32_MAX - (uint32_t)offset)
			return;
		offset += (int)definition.vd_next;
	}
}

/* Without them symbols have no versions. */
static int read_versions(struct binary_file *file, struct versions *versions)
{
	struct binary_section numbers, definitions;
	struct binary_strings strings;
	Elf_Data *data;
	int ret;

	if (!binary_file_find_section(file, SHT_GNU_versym, NULL, &numbers) ||
	    !binary_file_find_section(file, SHT_GNU_verdef, NULL, &definitions))
		return 0;
	ret = binary_file_read(file, &definitions, &data);
	if (!ret)
		ret = binary_file_read_strings(file, &definitions, &strings);
	if (!ret)
		ret = binary_file_read(file, &numbers, &versions->numbers);
	if (!ret)
		read_definitions(versions, data, &strings);
	return ret;
}

static int load_dynamic(struct loader *loader,
			const struct binary_section *section)
{
	struct versions *versions = calloc(1, sizeof(*versions));
	int ret;

	if (!versions)
		return fail_memory(binary_file_get_log(loader->file));
	loader->versions = versions;
	loader->source = NULL;
	ret = read_versions(loader->file, versions);
	if (!ret)
		ret = load_table(loader, section);
	free(versions);
	return ret;
}

int binary_symbols_add(struct binary_symbols *symbols, struct binary_file *file)
{
	struct loader loader = { .file = file, .symbols = symbols };
	struct binary_section section;
	int ret = 0;

	if (binary_file_find_section(file, SHT_SYMTAB, NULL, &section)) {
		ret = load_table(&loader, &section);
		symbols->is_complete = true;
	}
	if (!ret && binary_file_find_section(file, SHT_DYNSYM, NULL, &section))
		ret = load_dynamic(&loader, &section);
	return ret;
}

/* The innermost function, and of several names of one the first. */
const struct binary_symbol *
binary_symbols_find_around(const struct binary_symbols *symbols,
			   uint64_t address)
{
	const struct binary_symbol *symbol, *found = NULL;
	size_t i;

	for (i = 0; i < symbols->count; i++) {
		uint64_t into;

		symbol = &symbols->table[i];
		into = address - symbol->address;
		if (symbol->kind > BINARY_INDIRECT ||
		    address < symbol->address || (into && into >= symbol->size))
			continue;
		if (!found || symbol->address > found->address ||
		    (symbol->address == found->address && !found->size &&
		     symbol->size))
			found = symbol;
	}
	return found;
}
