/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A name may be there several times: in several tables, with several versions,
 * in several source files. As long as all of them are at one address they are
 * one function; among versions the default wins; all else is the user's choice,
 * never a guess. If the name is not there as it is, it may be a name of C++ as
 * people write it.
 */
#include "binary_lookup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binary_demangle.h"
#include "binary_file.h"
#include "binary_identity.h"
#include "binary_symbols.h"
#include "log.h"
#include "suggest.h"

/* How many are named in an error. */
#define LONGEST_LIST 8
/* What of similar names fits into a remedy. */
#define LONGEST_HINT 300
/* How many letters are compared with others to find a similar name. */
#define SUGGEST_WORK (UINT64_C(1) << 28)

#define KIND(kind)    (1U << (kind))
#define CODE	      (KIND(BINARY_FUNCTION) | KIND(BINARY_INDIRECT))
#define CODE_AND_DATA (CODE | KIND(BINARY_DATA))

struct search {
	const struct binary_scope *scope;
	struct log *log;
	/* Of the file. */
	const char *where;
	const char *text;
	struct binary_name name;
	struct binary_symbol *matches;
	size_t count;
	size_t room;
	/* They match as names of C++. */
	bool is_demangled;
	enum binary_match best;
	size_t bytes_left;
	/* Names of C++ that have the same last part. */
	char *near[SUGGEST_MAX];
	size_t near_count;
};

/* A list in words. */
struct list {
	char text[512];
	size_t used;
	size_t count;
};

static void begin_search(struct search *search,
			 const struct binary_scope *scope, const char *text)
{
	*search = (struct search){
		.scope = scope,
		.log = binary_file_get_log(scope->file),
		.where = binary_file_get_name(scope->file),
		.text = text,
		.bytes_left = BINARY_DEMANGLE_BYTES,
	};
	binary_name_split(text, &search->name);
}

static void end_search(struct search *search)
{
	while (search->near_count)
		free(search->near[--search->near_count]);
	free(search->matches);
}

static int add_match(struct search *search, const struct binary_symbol *symbol)
{
	if (search->count == search->room) {
		size_t room = search->room ? 2 * search->room : 16;
		struct binary_symbol *larger =
			reallocarray(search->matches, room, sizeof(*larger));

		if (!larger)
			return fail_memory(search->log);
		search->matches = larger;
		search->room = room;
	}
	search->matches[search->count++] = *symbol;
	return 0;
}

static int collect(struct search *search, unsigned int kinds)
{
	const struct binary_symbols *symbols = search->scope->symbols;
	size_t i;
	int ret;

	for (i = 0; i < symbols->count; i++) {
		const struct binary_symbol *symbol = &symbols->table[i];

		if (!(KIND(symbol->kind) & kinds) ||
		    !binary_symbol_has_name(symbol, &search->name))
			continue;
		ret = add_match(search, symbol);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static void keep_near(struct search *search, char *demangled)
{
	size_t i;

	for (i = 0; i < search->near_count; i++) {
		if (!strcmp(search->near[i], demangled))
			break;
	}
	if (i == search->near_count && i < SUGGEST_MAX)
		search->near[search->near_count++] = demangled;
	else
		free(demangled);
}

/* A full match is worth more than any number of others. */
static int judge(struct search *search, const struct binary_symbol *symbol,
		 const char *demangled)
{
	enum binary_match match =
		binary_demangle_match(symbol->name, demangled, search->text);

	if (match == BINARY_MATCH_NONE || match < search->best)
		return 0;
	if (match > search->best)
		search->count = 0;
	search->best = match;
	return add_match(search, symbol);
}

static int collect_demangled(struct search *search)
{
	const struct binary_symbols *symbols = search->scope->symbols;
	struct binary_identifier identifier;
	size_t i;
	int ret;

	search->is_demangled = true;
	binary_demangle_begin(search->text, &identifier);
	for (i = 0; i < symbols->count; i++) {
		const struct binary_symbol *symbol = &symbols->table[i];
		char *demangled;

		if (!(KIND(symbol->kind) & CODE) ||
		    !binary_demangle_may_match(symbol->name, &identifier))
			continue;
		demangled = binary_demangle(symbol->name, &search->bytes_left);
		if (!demangled)
			continue;
		ret = judge(search, symbol, demangled);
		if (identifier.length)
			keep_near(search, demangled);
		else
			free(demangled);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* By address; of one address those first that say more. */
static int compare_matches(const void *left, const void *right)
{
	const struct binary_symbol *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->is_default != b->is_default)
		return a->is_default ? -1 : 1;
	if (!a->version != !b->version)
		return a->version ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->kind < b->kind ? 1 : a->kind > b->kind ? -1 : 0;
}

/* What is at one address is one. */
static void merge_matches(struct search *search)
{
	struct binary_symbol *matches = search->matches, *last = matches;
	size_t i;

	if (!search->count)
		return;
	qsort(matches, search->count, sizeof(*matches), compare_matches);
	for (i = 1; i < search->count; i++) {
		if (matches[i].address != last->address) {
			*++last = matches[i];
			continue;
		}
		if (last->size < matches[i].size)
			last->size = matches[i].size;
		if (matches[i].kind == BINARY_INDIRECT)
			last->kind = BINARY_INDIRECT;
		if (!last->source)
			last->source = matches[i].source;
	}
	search->count = (size_t)(last - matches) + 1;
}

/* Where one version is the default, the others have to be named. */
static void prefer_default(struct search *search)
{
	bool has_default = false;
	size_t i, count = 0;

	for (i = 0; i < search->count; i++)
		has_default |= search->matches[i].is_default;
	for (i = 0; i < search->count; i++) {
		const struct binary_symbol *match = &search->matches[i];

		if (has_default && match->version && !match->is_default &&
		    !search->name.version)
			continue;
		search->matches[count++] = *match;
	}
	search->count = count;
}

static void __attribute__((format(printf, 2, 3)))
add_to_list(struct list *list, const char *format, ...)
{
	va_list arguments;
	int length;

	list->count++;
	if (list->count > LONGEST_LIST || list->used >= sizeof(list->text))
		return;
	if (list->count > 1)
		list->used += (size_t)snprintf(list->text + list->used,
					       sizeof(list->text) - list->used,
					       ", ");
	if (list->used >= sizeof(list->text))
		return;
	va_start(arguments, format);
	length = vsnprintf(list->text + list->used,
			   sizeof(list->text) - list->used, format, arguments);
	va_end(arguments);
	list->used += (size_t)length;
}

static void end_list(struct list *list)
{
	if (list->count > LONGEST_LIST && list->used < sizeof(list->text))
		snprintf(list->text + list->used,
			 sizeof(list->text) - list->used, " and %zu more",
			 list->count - LONGEST_LIST);
}

static void list_match(struct search *search, struct list *list,
		       const struct binary_symbol *match)
{
	const char *version = search->is_demangled ? NULL : match->version;
	char *demangled = NULL;

	if (search->is_demangled && list->count < LONGEST_LIST)
		demangled = binary_demangle(match->name, &search->bytes_left);
	add_to_list(list, "%s%s%s at %#" PRIx64 "%s%s%s",
		    demangled ? demangled : match->name,
		    !version	      ? "" :
		    match->is_default ? "@@" :
					"@",
		    version ? version : "", match->address,
		    match->source ? " (" : "",
		    match->source ? match->source : "",
		    match->source ? ")" : "");
	free(demangled);
}

static const char *get_other_choice(const struct search *search)
{
	size_t i;

	if (search->is_demangled)
		return " or its full name";
	for (i = 0; i < search->count; i++) {
		if (search->matches[i].version)
			return " or its version";
	}
	return "";
}

static int fail_ambiguous(struct search *search)
{
	struct list list = { 0 };
	size_t i;

	for (i = 0; i < search->count; i++)
		list_match(search, &list, &search->matches[i]);
	end_list(&list);
	fail(search->log, -EADDRNOTAVAIL, "%s: \"%s\" is ambiguous: %s",
	     search->where, search->text, list.text);
	return fail_remedy(search->log, "choose one by its address%s",
			   get_other_choice(search));
}

/* "__strlen_avx2", but neither "strnlen" nor another version of it. */
static bool is_implementation(const char *name, const char *of)
{
	const char *part = strstr(name, of);
	const char *end;

	if (!part || !strcmp(name, of))
		return false;
	end = part + strlen(of);
	return (part == name || part[-1] == '_') && (!*end || *end == '_');
}

static int fail_indirect(struct search *search)
{
	const struct binary_symbols *symbols = search->scope->symbols;
	struct list list = { 0 };
	size_t i;

	for (i = 0; i < symbols->count && list.count <= LONGEST_LIST; i++) {
		const struct binary_symbol *symbol = &symbols->table[i];

		if (symbol->kind == BINARY_FUNCTION &&
		    symbol->address != search->matches->address &&
		    is_implementation(symbol->name, search->matches->name))
			add_to_list(&list, "%s", symbol->name);
	}
	fail(search->log, -EOPNOTSUPP,
	     "%s: the function behind \"%s\" is chosen when the program starts",
	     search->where, search->text);
	if (list.count > LONGEST_LIST)
		return fail_remedy(search->log,
				   "choose one of those with that in their "
				   "name: %s, ...",
				   list.text);
	if (list.count)
		return fail_remedy(search->log, "choose one: %s", list.text);
	return fail_remedy(search->log,
			   symbols->is_complete ?
				   "give the address of the one it is" :
				   "install the debug file, which has the "
				   "names of the ones it may be");
}

static int fail_imported(struct search *search)
{
	const struct binary_identity *identity = search->scope->identity;
	struct list list = { 0 };
	size_t i;

	for (i = 0; i < identity->needed_count; i++)
		add_to_list(&list, "%s", identity->needed[i]);
	end_list(&list);
	fail(search->log, -ENOENT,
	     "%s: \"%s\" is not in this file, which imports it", search->where,
	     search->text);
	return fail_remedy(search->log, "look in %s",
			   list.count ? list.text :
					"the libraries that it is loaded with");
}

static int fail_version(struct search *search)
{
	struct list list = { 0 };
	size_t i;

	for (i = 0; i < search->count; i++) {
		const struct binary_symbol *match = &search->matches[i];

		if (match->version)
			add_to_list(&list, "%s%s%s", match->name,
				    match->is_default ? "@@" : "@",
				    match->version);
		else
			add_to_list(&list, "%s", match->name);
	}
	end_list(&list);
	fail(search->log, -ENOENT, "%s: there is no \"%s\"", search->where,
	     search->text);
	return fail_remedy(search->log, "there is %s", list.text);
}

/* How long a similar name may be follows from how suggest.c compares. */
static bool has_similar_length(size_t length, size_t wanted)
{
	size_t apart = length > wanted ? length - wanted : wanted - length;

	return apart <= wanted / 3 + 1;
}

static void suggest_similar(struct search *search,
			    struct suggestions *suggestions, unsigned int kinds)
{
	const struct binary_symbols *symbols = search->scope->symbols;
	size_t wanted = strlen(search->text), i;
	uint64_t work = 0;

	for (i = 0; i < symbols->count && work < SUGGEST_WORK; i++) {
		const struct binary_symbol *symbol = &symbols->table[i];
		size_t length;

		if (!(KIND(symbol->kind) & kinds))
			continue;
		length = strnlen(symbol->name, 2 * wanted + 2);
		if (!has_similar_length(length, wanted))
			continue;
		suggest_offer(suggestions, symbol->name);
		work += (uint64_t)length * wanted;
	}
}

/* "f.constprop.0": the compiler has made another function of it. */
static bool find_variant(struct search *search, struct list *list)
{
	const struct binary_symbols *symbols = search->scope->symbols;
	size_t length = strlen(search->text), i;

	for (i = 0; length && i < symbols->count; i++) {
		const char *name = symbols->table[i].name;

		if (symbols->table[i].kind == BINARY_FUNCTION &&
		    !strncmp(name, search->text, length) && name[length] == '.')
			add_to_list(list, "%s", name);
	}
	end_list(list);
	return list->count;
}

static void write_suggestions(struct search *search, unsigned int kinds,
			      char *text, size_t bytes)
{
	struct suggestions suggestions;
	size_t i;

	text[0] = '\0';
	if (search->near_count) {
		struct list list = { 0 };

		for (i = 0; i < search->near_count; i++)
			add_to_list(&list, "%s", search->near[i]);
		snprintf(text, bytes, "did you mean %.*s?", LONGEST_HINT,
			 list.text);
		return;
	}
	suggest_begin(&suggestions, search->text);
	suggest_similar(search, &suggestions, kinds);
	if (!suggestions.count)
		return;
	i = (size_t)snprintf(text, bytes, "did you mean ");
	suggest_write(&suggestions, text + i, bytes - i - 1);
	strcat(text, "?");
}

static bool has_symbols(struct search *search, unsigned int kinds)
{
	const struct binary_symbols *symbols = search->scope->symbols;
	size_t i;

	for (i = 0; i < symbols->count; i++) {
		if (KIND(symbols->table[i].kind) & kinds)
			return true;
	}
	return false;
}

/* Nothing is known of it at all. */
static int fail_unknown(struct search *search, const char *what,
			unsigned int kinds)
{
	bool is_complete = search->scope->symbols->is_complete;
	char similar[LONGEST_HINT + 16];
	struct list variants = { 0 };

	if (!has_symbols(search, kinds)) {
		fail(search->log, -ENOENT,
		     "%s: no %s \"%s\" is known: the file has no symbols",
		     search->where, what, search->text);
		return fail_remedy(search->log, "install its debug file, or "
						"give an address");
	}
	fail(search->log, -ENOENT, "%s: no %s \"%s\" is known%s%s",
	     search->where, what, search->text,
	     is_complete ? "" : "; only exported ones have symbols",
	     strpbrk(search->text, ":(") && !binary_demangle_is_available() ?
		     "; names of C++ are not read by this build, but for "
		     "mangled ones" :
		     "");
	if (find_variant(search, &variants))
		return fail_remedy(search->log,
				   "the compiler has made %s of it",
				   variants.text);
	write_suggestions(search, kinds, similar, sizeof(similar));
	if (!is_complete)
		return fail_remedy(search->log,
				   "%s%sinstall its debug file, or give an "
				   "address",
				   similar, *similar ? " if not, " : "");
	return *similar ? fail_remedy(search->log, "%s", similar) : -ENOENT;
}

static int has_any(struct search *search, unsigned int kinds)
{
	int ret;

	search->count = 0;
	ret = collect(search, kinds);
	return ret < 0 ? ret : search->count > 0;
}

static int fail_absent(struct search *search, const char *what,
		       unsigned int kinds)
{
	int ret;

	if (search->name.version) {
		search->name.version = NULL;
		ret = has_any(search, kinds);
		if (ret)
			return ret < 0 ? ret : fail_version(search);
	}
	ret = has_any(search, KIND(BINARY_IMPORT));
	if (ret)
		return ret < 0 ? ret : fail_imported(search);
	ret = has_any(search, KIND(BINARY_DATA));
	if (ret > 0)
		return fail(search->log, -ENOENT,
			    "%s: \"%s\" is data, not a function", search->where,
			    search->text);
	return ret < 0 ? ret : fail_unknown(search, what, kinds);
}

static int choose(struct search *search, struct binary_symbol *symbol)
{
	merge_matches(search);
	prefer_default(search);
	if (search->count > 1)
		return fail_ambiguous(search);
	if (search->matches->kind == BINARY_INDIRECT)
		return fail_indirect(search);
	*symbol = *search->matches;
	return 0;
}

static int look_up(const struct binary_scope *scope, const char *text,
		   const char *what, unsigned int kinds,
		   struct binary_symbol *symbol)
{
	struct search search;
	int ret;

	begin_search(&search, scope, text);
	ret = collect(&search, kinds);
	if (!ret && !search.count && kinds == CODE)
		ret = collect_demangled(&search);
	if (!ret && search.count)
		ret = choose(&search, symbol);
	else if (!ret)
		ret = fail_absent(&search, what, kinds);
	end_search(&search);
	return ret;
}

int binary_lookup_function(const struct binary_scope *scope, const char *name,
			   struct binary_symbol *symbol)
{
	return look_up(scope, name, "function", CODE, symbol);
}

int binary_lookup_symbol(const struct binary_scope *scope, const char *name,
			 struct binary_symbol *symbol)
{
	return look_up(scope, name, "symbol", CODE_AND_DATA, symbol);
}
