/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A sorted array over the text of /proc/kallsyms, which is kept: about 200,000
 * lines of 40 bytes, read when the first address has to be named. Functions of
 * modules that are loaded later have no name in this context.
 *
 * Readers in threads of their own ask for names while the context's thread may
 * read all again: symbols_name() copies under a lock, and whatever reads takes
 * it. The others belong to the context's thread, which alone reads again.
 */
#include "symbols.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lock.h"
#include "suggest.h"
#include "sys.h"

struct entry {
	uint64_t address;
	const char *name;
	const char *module;
};

struct symbols {
	struct lock *lock;
	char *text;
	struct entry *table;
	size_t count;
	bool tried;
	/* By symbols_parse(), and not to be read again. */
	bool is_given;
};

struct symbols *symbols_new(void)
{
	struct symbols *symbols = calloc(1, sizeof(*symbols));

	if (!symbols)
		return NULL;
	symbols->lock = lock_new();
	if (symbols->lock)
		return symbols;
	free(symbols);
	return NULL;
}

static void forget(struct symbols *symbols)
{
	free(symbols->table);
	free(symbols->text);
	symbols->table = NULL;
	symbols->text = NULL;
	symbols->count = 0;
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	forget(symbols);
	lock_free(symbols->lock);
	free(symbols);
}

/*
 * "ffffffff81000000 T _text" or "ffffffffc0000000 t f\t[module]"; only text
 * symbols, as perf(1) and the kernel's own %pS take them.
 */
static bool parse_line(char *line, struct entry *symbol)
{
	char *rest, *module;

	symbol->address = strtoull(line, &rest, 16);
	if (rest == line || rest[0] != ' ' || !rest[1] || rest[2] != ' ')
		return false;
	if (!strchr("tTwW", rest[1]) || !symbol->address)
		return false;
	symbol->name = rest + 3;
	symbol->module = NULL;
	module = strchr(rest + 3, '\t');
	if (module) {
		*module++ = '\0';
		if (*module == '[')
			module++;
		module[strcspn(module, "]")] = '\0';
		symbol->module = module;
	}
	return true;
}

/* A zero byte ends a line, too, as it does below. */
static size_t count_lines(const char *text, size_t text_bytes)
{
	size_t i, count = 1;

	for (i = 0; i < text_bytes; i++)
		count += text[i] == '\n' || !text[i];
	return count;
}

/* The first of several names of one address stays first. */
static int compare_symbols(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

static int parse(struct symbols *symbols, char *text, size_t text_bytes)
{
	char *line, *end = text + text_bytes;

	forget(symbols);
	symbols->tried = true;
	symbols->table =
		calloc(count_lines(text, text_bytes), sizeof(*symbols->table));
	if (!symbols->table) {
		free(text);
		return -ENOMEM;
	}
	symbols->text = text;
	for (line = text; line < end;) {
		char *next = line + strcspn(line, "\n");

		*next = '\0';
		if (parse_line(line, &symbols->table[symbols->count]))
			symbols->count++;
		line = next + 1;
	}
	qsort(symbols->table, symbols->count, sizeof(*symbols->table),
	      compare_symbols);
	return 0;
}

int symbols_parse(struct symbols *symbols, char *text, size_t text_bytes)
{
	symbols->is_given = true;
	return parse(symbols, text, text_bytes);
}

static void read_all(struct symbols *symbols)
{
	char *text;
	size_t size;

	symbols->tried = true;
	if (!sys_read_file("/proc/kallsyms", &text, &size))
		parse(symbols, text, size);
}

static void read_again(struct symbols *symbols)
{
	lock_take(symbols->lock);
	read_all(symbols);
	lock_release(symbols->lock);
}

static void read_once(struct symbols *symbols)
{
	lock_take(symbols->lock);
	if (!symbols->tried)
		read_all(symbols);
	lock_release(symbols->lock);
}

/* The last symbol that starts at or before the address. */
static struct entry *search(struct symbols *symbols, uint64_t address)
{
	size_t low = 0, high = symbols->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->table[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	/* Of several names of one address, the first. */
	while (low > 1 && symbols->table[low - 2].address ==
				  symbols->table[low - 1].address)
		low--;
	return &symbols->table[low - 1];
}

/* kallsyms tells no sizes: what is further off than this is something else. */
#define LONGEST_FUNCTION (1U << 20)

/* With the lock held. */
static struct entry *find(struct symbols *symbols, uint64_t address)
{
	struct entry *symbol;

	if (!symbols->tried)
		read_all(symbols);
	symbol = search(symbols, address);
	if (!symbol || address - symbol->address > LONGEST_FUNCTION)
		return NULL;
	return symbol;
}

const char *symbols_find(struct symbols *symbols, uint64_t address,
			 uint64_t *start, const char **module)
{
	struct entry *symbol;

	lock_take(symbols->lock);
	symbol = find(symbols, address);
	lock_release(symbols->lock);
	if (!symbol)
		return NULL;
	*start = symbol->address;
	*module = symbol->module;
	return symbol->name;
}

bool symbols_name(struct symbols *symbols, uint64_t address,
		  struct symbol_name *copy)
{
	const struct entry *symbol;

	lock_take(symbols->lock);
	symbol = find(symbols, address);
	if (symbol) {
		copy->start = symbol->address;
		snprintf(copy->name, sizeof(copy->name), "%s", symbol->name);
		snprintf(copy->module, sizeof(copy->module), "%s",
			 symbol->module ? symbol->module : "");
	}
	lock_release(symbols->lock);
	return symbol;
}

static bool is_in_module(const struct entry *entry, const char *module)
{
	return !module || (entry->module && !strcmp(entry->module, module));
}

/* kallsyms tells no sizes. */
static uint64_t measure(const struct symbols *symbols, size_t index)
{
	uint64_t start = symbols->table[index].address;

	while (++index < symbols->count) {
		if (symbols->table[index].address != start)
			return symbols->table[index].address - start;
	}
	return 0;
}

static size_t match_all(const struct symbols *symbols, const char *name,
			const char *module, struct symbol *matches, size_t room)
{
	uint64_t last_address = 0;
	size_t count = 0, i;

	for (i = 0; i < symbols->count; i++) {
		const struct entry *entry = &symbols->table[i];

		if (strcmp(entry->name, name) || !is_in_module(entry, module) ||
		    entry->address == last_address)
			continue;
		last_address = entry->address;
		if (count < room)
			matches[count] = (struct symbol){
				.address = entry->address,
				.size = measure(symbols, i),
				.name = entry->name,
				.module = entry->module,
			};
		count++;
	}
	return count;
}

int symbols_match(struct symbols *symbols, const char *name, const char *module,
		  struct symbol *matches, size_t room)
{
	bool is_fresh = !symbols->tried;
	size_t count;

	read_once(symbols);
	count = match_all(symbols, name, module, matches, room);
	if (!count && !is_fresh && !symbols->is_given) {
		read_again(symbols);
		count = match_all(symbols, name, module, matches, room);
	}
	return symbols->count ? (int)count : -EOPNOTSUPP;
}

bool symbols_has_module(struct symbols *symbols, const char *module)
{
	size_t i;

	read_once(symbols);
	for (i = 0; i < symbols->count; i++) {
		if (is_in_module(&symbols->table[i], module))
			return true;
	}
	return false;
}

void symbols_write_variants(struct symbols *symbols, const char *name,
			    char *text, size_t text_bytes)
{
	size_t length = strlen(name), used = 0, i;

	read_once(symbols);
	text[0] = '\0';
	for (i = 0; i < symbols->count && used < text_bytes; i++) {
		const char *other = symbols->table[i].name;

		if (strncmp(other, name, length) || other[length] != '.')
			continue;
		used += (size_t)snprintf(text + used, text_bytes - used, "%s%s",
					 used ? ", " : "", other);
	}
}

void symbols_suggest(struct symbols *symbols, const char *module,
		     struct suggestions *suggestions)
{
	size_t i;

	read_once(symbols);
	for (i = 0; i < symbols->count; i++) {
		if (is_in_module(&symbols->table[i], module))
			suggest_offer(suggestions, symbols->table[i].name);
	}
}
