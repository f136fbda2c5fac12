/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What perftrace-access(7) is about, a line each, for check-access-page.py:
 *   rule STEP GATE KIND ERRNO|any|- FUNCTION	in the table's order
 *   gate NAME
 *   fact KEY WORD|WORD...|-			with the words that it may be
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/report.h>

#include "access_rules.h"
#include "facts.h"
#include "facts_text.h"
#include "log.h"

#define KERNEL_ENOTSUPP 524

static const char *const steps[] = {
	[ACCESS_LOOKUP] = "lookup", [ACCESS_OPEN] = "open",
	[ACCESS_RING] = "ring",	    [ACCESS_PROBE] = "probe",
	[ACCESS_USE] = "use",
};

static const char *name_error(const struct access_rule *rule)
{
	const char *name = strerrorname_np(-rule->error);

	if (!rule->error)
		return rule->kind == PERFTRACE_FINDING_REFUSED ? "any" : "-";
	if (rule->error == -KERNEL_ENOTSUPP)
		return "ENOTSUPP";
	return name ? name : "?";
}

static void print_rules(void)
{
	size_t count, i;
	const struct access_rule *rules = access_get_rules(&count);

	for (i = 0; i < count; i++)
		printf("rule %s %s %s %s %s\n", steps[rules[i].step],
		       perftrace_gate_get_name(rules[i].gate),
		       perftrace_finding_kind_get_name(rules[i].kind),
		       name_error(&rules[i]), rules[i].function);
}

/* Numbers without a name are those that no release has given away. */
static void print_gates(void)
{
	int32_t gate;

	printf("gate %s\n", perftrace_gate_get_name(PERFTRACE_GATE_UNKNOWN));
	for (gate = 1; strcmp(perftrace_gate_get_name(gate), "unknown"); gate++)
		printf("gate %s\n", perftrace_gate_get_name(gate));
}

/* "KEY is one of WORD, WORD", which is said of a word that is none of them. */
static void print_words(struct log *log, struct facts *facts, const char *key)
{
	static const char before[] = " is one of ";
	const char *words = NULL, *remedy = NULL;
	char text[128];

	snprintf(text, sizeof(text), "%s=?", key);
	/* A security module may have any name. */
	if (facts_parse(log, facts, text))
		remedy = log_get_remedy(log);
	if (remedy)
		words = strstr(remedy, before);
	if (!words) {
		puts("-");
		return;
	}
	for (words += strlen(before); *words; words++) {
		if (*words != ' ')
			putchar(*words == ',' ? '|' : *words);
	}
	putchar('\n');
}

/* A key whose value is empty is not written: so there are CPUs. */
static void print_facts(struct log *log)
{
	char text[8192], *line, *rest = text;
	struct facts facts;

	facts_init(&facts);
	if (facts_parse(log, &facts, "cpus=0 possible_cpus=0") ||
	    facts_write(&facts, text, sizeof(text)) >= sizeof(text))
		abort();
	while ((line = strsep(&rest, "\n"))) {
		char *key = strsep(&line, "=");

		if (!*key)
			continue;
		printf("fact %s ", key);
		print_words(log, &facts, key);
	}
	facts_clear(&facts);
}

int main(void)
{
	struct log *log = log_new();

	if (!log)
		return 1;
	print_rules();
	print_gates();
	print_facts(log);
	log_free(log);
	return 0;
}
