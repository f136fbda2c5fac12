/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capability.h"
#include "export.h"
#include "facts.h"
#include "facts_text.h"
#include "harness.h"
#include "log.h"

#define LONGEST_TEXT 8192

static struct log *notes;
static struct facts facts;

static void begin(void)
{
	notes = log_new();
	ck_assert_ptr_nonnull(notes);
	facts_init(&facts);
}

static void end(void)
{
	facts_clear(&facts);
	log_free(notes);
}

static void set(const char *text)
{
	int ret = facts_parse(notes, &facts, text);

	ck_assert_msg(!ret, "%s: %s", text, log_get_error(notes));
}

static void expect(const char *key, const char *value)
{
	char is[1024];

	ck_assert(facts_write_one(&facts, key, is, sizeof(is)));
	ck_assert_msg(!strcmp(is, value), "%s is %s, not %s", key, is, value);
}

static void expect_fault(const char *text, int32_t position)
{
	char before[LONGEST_TEXT], after[LONGEST_TEXT];

	facts_write(&facts, before, sizeof(before));
	ck_assert_int_eq(facts_parse(notes, &facts, text), -EINVAL);
	ck_assert_msg(log_get_position(notes) == position,
		      "%.40s: fault at %d, not %d", text,
		      (int)log_get_position(notes), (int)position);
	ck_assert(*log_get_error(notes));
	facts_write(&facts, after, sizeof(after));
	ck_assert_str_eq(before, after);
}

/* Two values of each, as they are written. */
static const struct {
	const char *key;
	const char *values[2];
} samples[] = {
	{ "lockdown", { "integrity", "not_confidentiality" } },
	{ "tracefs_uid", { "5", "4294967295" } },
	{ "tracefs_gid", { "5", "0" } },
	{ "tracefs_mode", { "0750", "00" } },
	{ "userns", { "other", "unknown" } },
	{ "uid", { "0", "1:2:3" } },
	{ "gid", { "100", "4294967295:0:4294967295" } },
	{ "caps", { "perfmon+bpf", "all" } },
	{ "permitted", { "ipc_lock", "all" } },
	{ "dumpable", { "no", "unknown" } },
	{ "seccomp", { "filter", "off" } },
	{ "call", { "ENOSYS", "kills" } },
	{ "paranoid", { "-1", "4" } },
	{ "vendor_level", { "3", "3..none" } },
	{ "callchain_is_kernel", { "yes", "unknown" } },
	{ "uprobe_needs_admin", { "no", "unknown" } },
	{ "modules", { "lockdown+yama+apparmor", "selinux" } },
	{ "kptr_restrict", { "1", "2" } },
	{ "max_sample_rate", { "1", "18446744073709551615" } },
	{ "max_stack", { "0", "640" } },
	{ "ftrace_enabled", { "no", "unknown" } },
	{ "kprobes_armed", { "no", "unknown" } },
	{ "function", { "no", "unknown" } },
	{ "kprobe_pmu", { "no", "unknown" } },
	{ "uprobe_pmu", { "no", "unknown" } },
	{ "tracefs", { "readable", "unmounted" } },
	{ "cpus", { "0-3", "0+2-3+8" } },
	{ "possible_cpus", { "0-7", "1" } },
	{ "page_bytes", { "16384", "65536" } },
	{ "mlock_kib", { "0", "1024" } },
	{ "memlock_bytes", { "unlimited", "65536" } },
	{ "pinned_kib", { "0", "12" } },
	{ "locked_kib", { "0", "36" } },
	{ "descriptor_limit", { "unlimited", "1048576" } },
	{ "descriptors", { "0", "100" } },
};

/* What is written is read by others, who write the same. */
static void expect_round_trip(void)
{
	char text[LONGEST_TEXT], again[LONGEST_TEXT];
	struct facts others;

	ck_assert_uint_lt(facts_write(&facts, text, sizeof(text)),
			  sizeof(text));
	facts_init(&others);
	ck_assert_msg(!facts_parse(notes, &others, text), "%s",
		      log_get_error(notes));
	facts_write(&others, again, sizeof(again));
	ck_assert_str_eq(text, again);
	facts_clear(&others);
}

START_TEST(reads_what_it_writes)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		for (j = 0; j < ARRAY_SIZE(samples[i].values); j++) {
			char word[128];

			begin();
			snprintf(word, sizeof(word), "%s=%s", samples[i].key,
				 samples[i].values[j]);
			set(word);
			expect(samples[i].key, samples[i].values[j]);
			expect_round_trip();
			end();
		}
	}
}
END_TEST

START_TEST(lists_every_key)
{
	char text[LONGEST_TEXT], *line;
	size_t i = 0;

	begin();
	/* These two are left out while there are none. */
	set("cpus=0 possible_cpus=0");
	facts_write(&facts, text, sizeof(text));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		ck_assert_uint_lt(i, ARRAY_SIZE(samples));
		line[strcspn(line, "=")] = '\0';
		ck_assert_str_eq(line, samples[i++].key);
	}
	ck_assert_uint_eq(i, ARRAY_SIZE(samples));
	end();
}
END_TEST

START_TEST(leaves_out_cpus_of_which_there_are_none)
{
	char text[LONGEST_TEXT];

	begin();
	facts_write(&facts, text, sizeof(text));
	ck_assert_ptr_null(strstr(text, "cpus="));
	expect_round_trip();
	end();
}
END_TEST

START_TEST(knows_its_keys)
{
	char text[64];

	begin();
	ck_assert(!facts_write_one(&facts, "parano", text, sizeof(text)));
	ck_assert(!facts_write_one(&facts, "paranoidal", text, sizeof(text)));
	ck_assert(!facts_write_one(&facts, "", text, sizeof(text)));
	end();
}
END_TEST

START_TEST(separates_words_by_commas_and_white_space)
{
	begin();
	set(",, paranoid=3\t\nuid=7,\n, gid=8 ");
	expect("paranoid", "3");
	expect("uid", "7");
	expect("gid", "8");
	end();
}
END_TEST

START_TEST(changes_nothing_without_words)
{
	begin();
	facts.is_own = true;
	set("");
	set(" ,\n\t,");
	ck_assert(facts.is_own);
	end();
}
END_TEST

START_TEST(forgets_the_sensors_when_changed)
{
	begin();
	facts.is_own = true;
	set("kptr_restrict=0");
	ck_assert(!facts.is_own);
	end();
}
END_TEST

START_TEST(gives_a_user_its_capabilities)
{
	begin();
	set("uid=0");
	expect("caps", "all");
	expect("permitted", "all");
	expect("tracefs", "writable");
	set("uid=1000");
	expect("caps", "none");
	expect("permitted", "none");
	expect("tracefs", "unreadable");
	/* The effective one counts. */
	set("uid=1000:0:0");
	expect("caps", "all");
	set("uid=0:1000:0");
	expect("caps", "none");
	end();
}
END_TEST

START_TEST(lets_later_words_win)
{
	begin();
	set("uid=1000,caps=perfmon");
	expect("caps", "perfmon");
	expect("permitted", "perfmon");
	set("caps=perfmon,uid=1000");
	expect("caps", "none");
	set("caps=none,permitted=all");
	expect("caps", "none");
	expect("permitted", "all");
	set("permitted=all,caps=bpf");
	expect("permitted", "bpf");
	set("paranoid=3,paranoid=1");
	expect("paranoid", "1");
	end();
}
END_TEST

START_TEST(derives_what_tracefs_lets_a_user_do)
{
	begin();
	set("uid=1000,caps=dac_read_search");
	expect("tracefs", "readable");
	set("caps=dac_override");
	expect("tracefs", "writable");
	/* Neither of these opens a file. */
	set("caps=sys_admin+perfmon");
	expect("tracefs", "unreadable");
	set("tracefs_gid=50,tracefs_mode=0750,gid=50");
	expect("tracefs", "readable");
	set("gid=51");
	expect("tracefs", "unreadable");
	set("gid=50,tracefs_mode=0700");
	expect("tracefs", "unreadable");
	/* To list a directory is not to open what is in it. */
	set("tracefs_mode=0740");
	expect("tracefs", "unreadable");
	set("tracefs_uid=1000");
	expect("tracefs", "writable");
	/* Root of a container's own namespace does not own the host's. */
	set("tracefs_uid=0,uid=0,userns=other");
	expect("tracefs", "unreadable");
	set("userns=initial,uid=1000,tracefs_uid=1000");
	/* Ids and formats are left. */
	set("lockdown=confidentiality");
	expect("tracefs", "readable");
	set("lockdown=integrity");
	expect("tracefs", "writable");
	end();
}
END_TEST

START_TEST(leaves_a_tracefs_that_is_not_there)
{
	begin();
	set("tracefs=empty,uid=0");
	expect("tracefs", "empty");
	set("tracefs=unmounted,uid=1000");
	expect("tracefs", "unmounted");
	set("tracefs=unknown,uid=0");
	expect("tracefs", "unknown");
	end();
}
END_TEST

START_TEST(keeps_a_tracefs_that_others_do_not_decide)
{
	begin();
	set("tracefs=readable,paranoid=1,cpus=0-1,permitted=all");
	expect("tracefs", "readable");
	set("descriptors=7");
	expect("tracefs", "readable");
	expect_round_trip();
	set("uid=1000");
	expect("tracefs", "unreadable");
	end();
}
END_TEST

START_TEST(reads_other_spellings)
{
	begin();
	set("caps=CAP_PERFMON+cap_bpf+Sys_Ptrace");
	expect("caps", "sys_ptrace+perfmon+bpf");
	set("caps=");
	expect("caps", "none");
	set("tracefs_mode=755");
	expect("tracefs_mode", "0755");
	set("uid=1:1:1");
	expect("uid", "1");
	set("vendor_level=3..3");
	expect("vendor_level", "3");
	set("vendor_level=none..none");
	expect("vendor_level", "none");
	set("modules=");
	expect("modules", "unknown");
	set("modules=unknown");
	expect("modules", "unknown");
	set("cpus=3+1+0-1");
	expect("cpus", "0-1+3");
	set("memlock_bytes=18446744073709551615");
	expect("memlock_bytes", "unlimited");
	set("call=works");
	expect("call", "works");
	end();
}
END_TEST

START_TEST(says_where_the_fault_is)
{
	begin();
	expect_fault("bogus", 0);
	expect_fault("bogus=1", 0);
	expect_fault("=1", 0);
	expect_fault("=", 0);
	expect_fault("uid=1, bogus", 7);
	expect_fault(" uid=1,bogus=2", 7);
	expect_fault("Uid=1", 0);
	expect_fault("uid=", 4);
	expect_fault("uid=x", 4);
	expect_fault("paranoid=3,uid=-1", 15);
	expect_fault("uid=1:2", 4);
	expect_fault("uid=1::2", 4);
	expect_fault("uid=1:2:3:4", 4);
	expect_fault("uid=1:2:3:", 4);
	expect_fault("uid=4294967296", 4);
	expect_fault("paranoid=", 9);
	expect_fault("paranoid=-", 9);
	expect_fault("paranoid=+1", 9);
	expect_fault("paranoid=1.0", 9);
	expect_fault("paranoid=2147483648", 9);
	expect_fault("caps=bogus", 5);
	expect_fault("caps=perfmon+", 5);
	expect_fault("caps=+perfmon", 5);
	expect_fault("caps=none+perfmon", 5);
	expect_fault("cpus=", 5);
	expect_fault("cpus=1-", 5);
	expect_fault("cpus=0-99999", 5);
	expect_fault("vendor_level=4..3", 13);
	expect_fault("vendor_level=none..3", 13);
	expect_fault("vendor_level=..", 13);
	expect_fault("tracefs_mode=8", 13);
	expect_fault("dumpable=maybe", 9);
	expect_fault("call=EBOGUS", 5);
	expect_fault("call=", 5);
	expect_fault("memlock_bytes=18446744073709551616", 14);
	expect_fault("tracefs_uid=4294967296", 12);
	expect_fault("page_bytes=0", 11);
	expect_fault("page_bytes=512", 11);
	expect_fault("page_bytes=5000", 11);
	expect_fault("page_bytes=2097152", 11);
	end();
}
END_TEST

START_TEST(names_the_words_that_it_knows)
{
	begin();
	expect_fault("lockdown=full", 9);
	ck_assert_ptr_nonnull(strstr(log_get_error(notes),
				     "unknown, none, integrity, "
				     "confidentiality"));
	expect_fault("caps=root", 5);
	ck_assert_ptr_nonnull(strstr(log_get_error(notes), "perfmon+ipc_lock"));
	expect_fault("call=refused", 5);
	ck_assert_ptr_nonnull(strstr(log_get_error(notes), "ENOSYS"));
	end();
}
END_TEST

/* As seccomp filters may have them. */
START_TEST(takes_answers_without_a_name)
{
	begin();
	set("call=524");
	ck_assert_int_eq(facts.call_error, -524);
	expect("call", "524");
	expect_round_trip();
	set("call=38");
	expect("call", "ENOSYS");
	set("call=4094");
	expect("call", "4094");
	expect_fault("call=0", 5);
	expect_fault("call=4095", 5);
	expect_fault("call=1x", 5);
	end();
}
END_TEST

START_TEST(changes_all_or_nothing)
{
	begin();
	facts.is_own = true;
	facts.sensed[SENSOR_CPU] = -EACCES;
	set("");
	expect_fault("uid=0,cpus=0-3,paranoid=3,call=ENOSYS,bogus", 38);
	expect("uid", "1000");
	ck_assert(facts.is_own);
	ck_assert_int_eq(facts.sensed[SENSOR_CPU], -EACCES);
	ck_assert_uint_eq(facts.online_cpus.count, 0);
	end();
}
END_TEST

/* "KEY=", and so many letters behind it. */
static void expect_too_long(const char *key, size_t length)
{
	size_t start = strlen(key);
	char *text = malloc(start + length + 1);

	ck_assert_ptr_nonnull(text);
	memcpy(text, key, start);
	memset(text + start, '1', length);
	text[start + length] = '\0';
	expect_fault(text, (int32_t)start);
	free(text);
}

START_TEST(stands_what_is_hostile)
{
	static const size_t lengths[] = { 128, 1023, 1024, 1025, 1 << 20 };
	char text[64];
	size_t i;

	begin();
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		expect_too_long("modules=", lengths[i]);
		expect_too_long("uid=", lengths[i]);
		expect_too_long("caps=", lengths[i]);
		expect_too_long("cpus=", lengths[i]);
		expect_too_long("vendor_level=", lengths[i]);
		expect_too_long("call=", lengths[i]);
	}
	for (i = 1; i < 256; i++) {
		snprintf(text, sizeof(text), "paranoid=%c%%n%%s\x7f", (int)i);
		ck_assert_int_eq(facts_parse(notes, &facts, text), -EINVAL);
	}
	end();
}
END_TEST

START_TEST(writes_as_snprintf_does)
{
	char whole[LONGEST_TEXT], part[LONGEST_TEXT];
	size_t length, room;

	begin();
	set("cpus=0-3,caps=perfmon+bpf");
	length = facts_write(&facts, NULL, 0);
	ck_assert_uint_eq(facts_write(&facts, whole, sizeof(whole)), length);
	ck_assert_uint_eq(strlen(whole), length);
	for (room = 1; room <= length + 1; room++) {
		memset(part, '#', sizeof(part));
		ck_assert_uint_eq(facts_write(&facts, part, room), length);
		ck_assert_uint_eq(strlen(part), room - 1);
		ck_assert(!memcmp(part, whole, room - 1));
		ck_assert_int_eq(part[room], '#');
	}
	end();
}
END_TEST

START_TEST(writes_one_into_little_room)
{
	char text[8] = "#######";

	begin();
	set("modules=lockdown+yama");
	ck_assert(facts_write_one(&facts, "modules", text, 5));
	ck_assert_str_eq(text, "lock");
	ck_assert_int_eq(text[5], '#');
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(reads_what_it_writes),
	TEST(lists_every_key),
	TEST(leaves_out_cpus_of_which_there_are_none),
	TEST(knows_its_keys),
	TEST(separates_words_by_commas_and_white_space),
	TEST(changes_nothing_without_words),
	TEST(forgets_the_sensors_when_changed),
	TEST(gives_a_user_its_capabilities),
	TEST(lets_later_words_win),
	TEST(derives_what_tracefs_lets_a_user_do),
	TEST(leaves_a_tracefs_that_is_not_there),
	TEST(keeps_a_tracefs_that_others_do_not_decide),
	TEST(reads_other_spellings),
	TEST(says_where_the_fault_is),
	TEST(names_the_words_that_it_knows),
	TEST(takes_answers_without_a_name),
	TEST(changes_all_or_nothing),
	TEST(stands_what_is_hostile),
	TEST(writes_as_snprintf_does),
	TEST(writes_one_into_little_room),
};

HARNESS_MAIN("facts_text", tests, HARNESS_UNIT)
