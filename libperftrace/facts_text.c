/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts as a text of KEY=VALUE, with white space or commas between. What is
 * written can be read again, and says the same. Later words win: "uid=1000"
 * gives the capabilities that such a user has, and "caps=perfmon" behind it
 * others.
 */
#include "facts_text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capability.h"
#include "export.h"
#include "facts.h"
#include "log.h"

#define LONGEST_VALUE 1024
#define SMALLEST_PAGE 1024
#define LARGEST_PAGE  (1 << 20)

enum shape {
	NUMBER,
	SIGNED,
	/* A number, or "unlimited". */
	LIMIT,
	OCTAL,
	/* An enumeration whose first word stands for -1. */
	WORD,
	/* Three numbers, which are mostly the same. */
	IDS,
	/* Of a page: others are divided by it. */
	PAGE,
	CAPABILITIES,
	CPUS,
	LEVEL,
	ERROR,
	MODULES,
};

struct key {
	const char *name;
	enum shape shape;
	size_t offset;
	/* Of numbers: bytes; of words: how many there are. */
	size_t size;
	const char *const *words;
};

static const char *const answers[] = { "unknown", "no", "yes" };
static const char *const namespaces[] = { "unknown", "other", "initial" };
static const char *const lockdowns[] = {
	"unknown",
	"none",
	"integrity",
	"confidentiality",
	"not_confidentiality",
};
static const char *const tracefs_words[] = {
	"unknown", "unmounted", "empty", "unreadable", "readable", "writable",
};
static const char *const seccomp_words[] = { "unknown", "off", "strict",
					     "filter" };

#define OFFSET(member)	 offsetof(struct facts, member)
#define BYTES(member)	 sizeof(((struct facts *)NULL)->member)
#define ANSWER(member)	 WORD, OFFSET(member), ARRAY_SIZE(answers), answers
#define PLAIN(member)	 NUMBER, OFFSET(member), BYTES(member), NULL
#define KIND(kind, name) kind, OFFSET(name), 0, NULL

/* In an order in which each may be read after those before it. */
static const struct key keys[] = {
	{ "lockdown", WORD, OFFSET(lockdown), ARRAY_SIZE(lockdowns),
	  lockdowns },
	{ "tracefs_uid", PLAIN(tracefs_uid) },
	{ "tracefs_gid", PLAIN(tracefs_gid) },
	{ "tracefs_mode", OCTAL, OFFSET(tracefs_mode), BYTES(tracefs_mode),
	  NULL },
	{ "userns", WORD, OFFSET(is_initial_userns), ARRAY_SIZE(namespaces),
	  namespaces },
	{ "uid", KIND(IDS, uids) },
	{ "gid", KIND(IDS, gids) },
	{ "caps", KIND(CAPABILITIES, effective) },
	{ "permitted", KIND(CAPABILITIES, permitted) },
	{ "dumpable", ANSWER(is_dumpable) },
	{ "seccomp", WORD, OFFSET(seccomp), ARRAY_SIZE(seccomp_words),
	  seccomp_words },
	{ "call", KIND(ERROR, call_error) },
	{ "paranoid", SIGNED, OFFSET(paranoid), BYTES(paranoid), NULL },
	{ "vendor_level", KIND(LEVEL, vendor_level_min) },
	{ "callchain_is_kernel", ANSWER(callchain_is_kernel) },
	{ "uprobe_needs_admin", ANSWER(uprobe_needs_admin) },
	{ "modules", KIND(MODULES, modules) },
	{ "kptr_restrict", SIGNED, OFFSET(kptr_restrict), BYTES(kptr_restrict),
	  NULL },
	{ "max_sample_rate", PLAIN(max_sample_rate) },
	{ "max_stack", PLAIN(max_stack) },
	{ "ftrace_enabled", ANSWER(has_ftrace) },
	{ "kprobes_armed", ANSWER(has_kprobes_armed) },
	{ "function", ANSWER(has_function) },
	{ "kprobe_pmu", ANSWER(has_kprobe_pmu) },
	{ "uprobe_pmu", ANSWER(has_uprobe_pmu) },
	{ "tracefs", WORD, OFFSET(tracefs), ARRAY_SIZE(tracefs_words),
	  tracefs_words },
	{ "cpus", KIND(CPUS, online_cpus) },
	{ "possible_cpus", KIND(CPUS, possible_cpus) },
	{ "page_bytes", KIND(PAGE, page_bytes) },
	{ "mlock_kib", PLAIN(mlock_kib) },
	{ "memlock_bytes", KIND(LIMIT, memlock_bytes) },
	{ "pinned_kib", PLAIN(pinned_kib) },
	{ "locked_kib", PLAIN(locked_kib) },
	{ "descriptor_limit", KIND(LIMIT, descriptor_limit) },
	{ "descriptors", PLAIN(num_descriptors) },
};

static void *member(struct facts *facts, const struct key *key)
{
	return (char *)facts + key->offset;
}

static bool read_number(const char *text, int base, uint64_t most,
			uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, base);
	return !errno && !*end && *number <= most;
}

static bool read_signed(const char *text, int32_t *number)
{
	bool is_negative = *text == '-';
	uint64_t value;

	if (!read_number(text + is_negative, 10, INT32_MAX, &value))
		return false;
	*number = is_negative ? -(int32_t)value : (int32_t)value;
	return true;
}

static bool read_plain(const char *text, int base, size_t size, void *number)
{
	uint64_t value;

	if (!read_number(text, base,
			 size == sizeof(uint32_t) ? UINT32_MAX : UINT64_MAX,
			 &value))
		return false;
	if (size == sizeof(uint32_t))
		*(uint32_t *)number = (uint32_t)value;
	else
		*(uint64_t *)number = value;
	return true;
}

/* No machine that Linux runs on has others. */
static bool read_page(const char *text, uint64_t *bytes)
{
	return read_number(text, 10, LARGEST_PAGE, bytes) &&
	       *bytes >= SMALLEST_PAGE && !(*bytes & (*bytes - 1));
}

static bool read_limit(const char *text, uint64_t *limit)
{
	if (!strcmp(text, "unlimited")) {
		*limit = UNLIMITED;
		return true;
	}
	return read_number(text, 10, UINT64_MAX, limit);
}

static bool read_word(const char *text, const struct key *key, int32_t *value)
{
	size_t i;

	for (i = 0; i < key->size; i++) {
		if (strcmp(text, key->words[i]))
			continue;
		*value = (int32_t)i - 1;
		return true;
	}
	return false;
}

/* "1000", or "1000:0:0". */
static bool read_ids(char *text, uint32_t ids[3])
{
	char *rest = text;
	size_t i, count = 0;
	uint64_t id;

	while (rest && count < 3) {
		char *part = rest, *end = strchr(rest, ':');

		if (end)
			*end = '\0';
		if (!read_number(part, 10, UINT32_MAX, &id))
			return false;
		ids[count++] = (uint32_t)id;
		rest = end ? end + 1 : NULL;
	}
	for (i = count; count == 1 && i < 3; i++)
		ids[i] = ids[0];
	return !rest && (count == 1 || count == 3);
}

static bool read_cpus(char *text, struct cpu_list *cpus)
{
	struct cpu_list list;
	size_t position;
	char *plus;

	while ((plus = strchr(text, '+')))
		*plus = ',';
	if (cpu_list_parse(text, &list, &position))
		return false;
	cpu_list_clear(cpus);
	*cpus = list;
	return true;
}

static bool read_level_word(const char *text, int32_t *level)
{
	if (strcmp(text, "none"))
		return read_signed(text, level);
	*level = NO_LEVEL;
	return true;
}

/* "none", "3", or "3..none" where it is not known. */
static bool read_level(char *text, struct facts *facts)
{
	char *dots = strstr(text, "..");
	int32_t min, max;

	if (dots)
		*dots = '\0';
	if (!read_level_word(text, &min) ||
	    !read_level_word(dots ? dots + 2 : text, &max) || min > max)
		return false;
	facts->vendor_level_min = min;
	facts->vendor_level_max = max;
	return true;
}

/* A filter of seccomp's may answer with numbers that have no name. */
static bool read_error_number(const char *text, int32_t *error)
{
	uint64_t number;

	if (!read_number(text, 10, -CALL_KILLS - 1, &number) || !number)
		return false;
	*error = -(int32_t)number;
	return true;
}

static bool read_error(const char *text, int32_t *error)
{
	int number;

	if (!strcmp(text, "works") || !strcmp(text, "kills")) {
		*error = *text == 'w' ? 0 : CALL_KILLS;
		return true;
	}
	if (isdigit((unsigned char)*text))
		return read_error_number(text, error);
	for (number = 1; number < -CALL_KILLS; number++) {
		const char *name = strerrorname_np(number);

		if (!name || strcmp(name, text))
			continue;
		*error = -number;
		return true;
	}
	return false;
}

static bool read_modules(const char *text, char *modules)
{
	if (strlen(text) >= LONGEST_MODULES)
		return false;
	strcpy(modules, strcmp(text, "unknown") ? text : "");
	return true;
}

static bool read_value(struct facts *facts, const struct key *key, char *text)
{
	void *value = member(facts, key);

	switch (key->shape) {
	case NUMBER:
		return read_plain(text, 10, key->size, value);
	case PAGE:
		return read_page(text, value);
	case OCTAL:
		return read_plain(text, 8, key->size, value);
	case SIGNED:
		return read_signed(text, value);
	case LIMIT:
		return read_limit(text, value);
	case WORD:
		return read_word(text, key, value);
	case IDS:
		return read_ids(text, value);
	case CAPABILITIES:
		return capability_read_names(text, value);
	case CPUS:
		return read_cpus(text, value);
	case LEVEL:
		return read_level(text, facts);
	case ERROR:
		return read_error(text, value);
	case MODULES:
		return read_modules(text, value);
	}
	return false;
}

static const struct key *find_key(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strlen(keys[i].name) == length &&
		    !memcmp(keys[i].name, name, length))
			return &keys[i];
	}
	return NULL;
}

static bool is_key(const struct key *key, const char *name)
{
	return !strcmp(key->name, name);
}

/* What facts_derive_tracefs() goes by. */
static bool decides_tracefs(const struct key *key)
{
	static const char *const deciding[] = {
		"lockdown", "tracefs_uid", "tracefs_gid", "tracefs_mode",
		"userns",   "uid",	   "gid",	  "caps",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deciding); i++) {
		if (is_key(key, deciding[i]))
			return true;
	}
	return false;
}

/* Those that are online are possible. */
static int follow_cpus(struct facts *facts)
{
	const struct cpu_list *online = &facts->online_cpus;
	struct cpu_list *possible = &facts->possible_cpus;

	if (possible->count && possible->cpus[possible->count - 1] >=
				       online->cpus[online->count - 1])
		return 0;
	cpu_list_clear(possible);
	return cpu_list_copy(online, possible);
}

/*
 * A user has a group of the same number, and all capabilities or none; what it
 * may do follows.
 */
static int follow(struct facts *facts, const struct key *key)
{
	facts->is_own = false;
	if (is_key(key, "uid")) {
		facts->effective = facts->permitted =
			facts->uids[1] ? 0 : ALL_CAPABILITIES;
		memcpy(facts->gids, facts->uids, sizeof(facts->gids));
		/* What another user has locked is not known. */
		facts->locked_kib = facts->pinned_kib = 0;
	}
	if (is_key(key, "seccomp") && facts->seccomp != SECCOMP_FILTER)
		facts->call_error =
			facts->seccomp == SECCOMP_STRICT ? CALL_KILLS : 0;
	if (is_key(key, "caps"))
		facts->permitted = facts->effective;
	/* Of what was said of tracefs itself, others are no denial. */
	if (decides_tracefs(key))
		facts_derive_tracefs(facts);
	return is_key(key, "cpus") ? follow_cpus(facts) : 0;
}

static int fail_word(struct log *log, const char *text, const char *word,
		     size_t length, const char *what)
{
	fail(log, -EINVAL, "facts: %s \"%.*s\"", what, (int)length, word);
	return fail_position(log, (int32_t)(word - text));
}

static int fail_value(struct log *log, const char *text, const char *value,
		      size_t length, const struct key *key)
{
	char words[160] = "";
	size_t i;

	fail_word(log, text, value, length, "no such value:");
	for (i = 0; key->shape == WORD && i < key->size; i++) {
		strcat(words, i ? ", " : "");
		strcat(words, key->words[i]);
	}
	if (*words)
		fail_remedy(log, "%s is one of %s", key->name, words);
	else if (key->shape == CAPABILITIES)
		fail_remedy(log, "names with a + between, as in "
				 "perfmon+ipc_lock; all; none");
	else if (key->shape == NUMBER || key->shape == LIMIT ||
		 key->shape == SIGNED || key->shape == IDS)
		fail_remedy(log, "%s is a number", key->name);
	else if (key->shape == ERROR)
		fail_remedy(log, "an errno, as in ENOSYS or 38; kills; works");
	fail_position(log, (int32_t)(value - text));
	return -EINVAL;
}

static int parse_word(struct log *log, struct facts *facts, const char *text,
		      const char *word, size_t length)
{
	const char *equals = memchr(word, '=', length);
	char value[LONGEST_VALUE];
	const struct key *key;
	size_t rest;

	if (!equals)
		return fail_word(log, text, word, length, "not KEY=VALUE:");
	key = find_key(word, (size_t)(equals - word));
	if (!key) {
		fail_word(log, text, word, (size_t)(equals - word),
			  "no such key:");
		return -EINVAL;
	}
	rest = length - (size_t)(equals + 1 - word);
	if (rest >= sizeof(value))
		return fail_word(log, text, equals + 1, 32, "too long:");
	memcpy(value, equals + 1, rest);
	value[rest] = '\0';
	if (!read_value(facts, key, value))
		return fail_value(log, text, equals + 1, rest, key);
	return follow(facts, key) ? fail_memory(log) : 0;
}

int facts_parse(struct log *log, struct facts *facts, const char *text)
{
	static const char separators[] = ", \t\n";
	const char *word = text;
	struct facts changed;
	int ret = facts_copy(facts, &changed);

	if (ret)
		return fail_memory(log);
	while (!ret && *(word += strspn(word, separators))) {
		size_t length = strcspn(word, separators);

		ret = parse_word(log, &changed, text, word, length);
		word += length;
	}
	if (ret) {
		facts_clear(&changed);
		return ret;
	}
	facts_clear(facts);
	*facts = changed;
	return 0;
}

static void write_ids(const uint32_t ids[3], char *text, size_t room)
{
	if (ids[0] == ids[1] && ids[1] == ids[2])
		snprintf(text, room, "%" PRIu32, ids[0]);
	else
		snprintf(text, room, "%" PRIu32 ":%" PRIu32 ":%" PRIu32, ids[0],
			 ids[1], ids[2]);
}

static void write_cpus(const struct cpu_list *cpus, char *text, size_t room)
{
	size_t i, used = 0;

	*text = '\0';
	for (i = 0; i < cpus->count && used + 32 < room; i++) {
		size_t first = i;

		while (i + 1 < cpus->count &&
		       cpus->cpus[i + 1] == cpus->cpus[i] + 1)
			i++;
		used += (size_t)snprintf(text + used, room - used, "%s%" PRId32,
					 first ? "+" : "", cpus->cpus[first]);
		if (i > first)
			used += (size_t)snprintf(text + used, room - used,
						 "-%" PRId32, cpus->cpus[i]);
	}
}

static void write_level_word(int32_t level, char *text, size_t room)
{
	if (level == NO_LEVEL)
		snprintf(text, room, "none");
	else
		snprintf(text, room, "%" PRId32, level);
}

static void write_level(const struct facts *facts, char *text, size_t room)
{
	write_level_word(facts->vendor_level_min, text, room);
	if (facts->vendor_level_min == facts->vendor_level_max)
		return;
	strcat(text, "..");
	write_level_word(facts->vendor_level_max, text + strlen(text),
			 room - strlen(text));
}

static void write_number(uint64_t number, char *text, size_t room)
{
	if (number == UNLIMITED)
		snprintf(text, room, "unlimited");
	else
		snprintf(text, room, "%" PRIu64, number);
}

static void write_error(int32_t error, char *text, size_t room)
{
	const char *name = !error	       ? "works" :
			   error == CALL_KILLS ? "kills" :
						 strerrorname_np(-error);

	if (name)
		snprintf(text, room, "%s", name);
	else
		snprintf(text, room, "%" PRId32, -error);
}

static uint64_t plain(const void *value, size_t size)
{
	return size == sizeof(uint32_t) ? *(const uint32_t *)value :
					  *(const uint64_t *)value;
}

static void write_value(const struct facts *facts, const struct key *key,
			char *text, size_t room)
{
	const void *value = (const char *)facts + key->offset;

	switch (key->shape) {
	case NUMBER:
		snprintf(text, room, "%" PRIu64, plain(value, key->size));
		break;
	case PAGE:
		snprintf(text, room, "%" PRIu64, *(const uint64_t *)value);
		break;
	case OCTAL:
		snprintf(text, room, "0%" PRIo64, plain(value, key->size));
		break;
	case SIGNED:
		snprintf(text, room, "%" PRId32, *(const int32_t *)value);
		break;
	case LIMIT:
		write_number(*(const uint64_t *)value, text, room);
		break;
	case WORD:
		snprintf(text, room, "%s",
			 key->words[*(const int32_t *)value + 1]);
		break;
	case IDS:
		write_ids(value, text, room);
		break;
	case CAPABILITIES:
		capability_write_names(*(const uint64_t *)value, text, room);
		break;
	case CPUS:
		write_cpus(value, text, room);
		break;
	case LEVEL:
		write_level(facts, text, room);
		break;
	case ERROR:
		write_error(*(const int32_t *)value, text, room);
		break;
	case MODULES:
		snprintf(text, room, "%s",
			 *(const char *)value ? (const char *)value :
						"unknown");
		break;
	}
}

bool facts_write_one(const struct facts *facts, const char *name, char *text,
		     size_t room)
{
	const struct key *key = find_key(name, strlen(name));

	if (!key)
		return false;
	write_value(facts, key, text, room);
	return true;
}

size_t facts_write(const struct facts *facts, char *text, size_t room)
{
	char value[LONGEST_VALUE];
	size_t i, used = 0;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		write_value(facts, &keys[i], value, sizeof(value));
		/* Nothing is known: and nothing can be read again. */
		if (!*value)
			continue;
		used += (size_t)snprintf(used < room ? text + used : NULL,
					 used < room ? room - used : 0,
					 "%s=%s\n", keys[i].name, value);
	}
	return used;
}
