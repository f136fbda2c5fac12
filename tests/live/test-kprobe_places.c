/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Places in the kernel that can't be probed: each with its reason, its position
 * and what would help. The functions are picked from what the kernel shows of
 * itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "probed.h"

#define GETPPID	  SYSTEM_CALL("getppid")
#define BLACKLIST "/sys/kernel/debug/kprobes/blacklist"
/* All of the kernel's tracing is. */
#define NOT_TRACED "trace_clock_local"

struct function {
	uint64_t address;
	char *name;
};

/* Of the kernel and of modules, sorted by name. */
struct functions {
	char *text;
	struct function *table;
	size_t count;
};

static int compare_names(const void *left, const void *right)
{
	const struct function *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	return a->address < b->address ? -1 : a->address > b->address;
}

static void read_functions(struct functions *functions)
{
	char *line, *rest = NULL;
	size_t lines = 1;

	functions->text = read_text("/proc/kallsyms");
	ck_assert_ptr_nonnull(functions->text);
	for (line = functions->text; (line = strchr(line, '\n')); line++)
		lines++;
	functions->table = calloc(lines, sizeof(*functions->table));
	ck_assert_ptr_nonnull(functions->table);
	functions->count = 0;
	for (line = strtok_r(functions->text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct function *made = &functions->table[functions->count];

		made->address = strtoull(line, &made->name, 16);
		if (!strchr("tTwW", made->name[1]))
			continue;
		made->name += 3;
		made->name[strcspn(made->name, "\t")] = '\0';
		functions->count++;
	}
	qsort(functions->table, functions->count, sizeof(*functions->table),
	      compare_names);
}

static void free_functions(struct functions *functions)
{
	free(functions->table);
	free(functions->text);
}

/* How many at different addresses have the name of the n-th. */
static size_t count_namesakes(const struct functions *functions, size_t first)
{
	const struct function *table = functions->table;
	size_t count = 1;

	while (first + count < functions->count &&
	       !strcmp(table[first + count].name, table[first].name)) {
		if (table[first + count].address ==
		    table[first + count - 1].address)
			return 0;
		count++;
	}
	return count;
}

static bool is_traceable(const char *traceable, const char *name)
{
	char line[600];

	snprintf(line, sizeof(line), "\n%s\n", name);
	return strstr(traceable, line);
}

START_TEST(functions_that_do_not_exist)
{
	struct perftrace_context *context;

	need_kprobes();
	context = new_context();
	refuse_probe(context, "kprobe:vfs_raed", -ENOENT, 7, "no function",
		     "vfs_raed");
	expect_remedy(context, "vfs_read");
	refuse_probe(context, "kretprobe,local:do_sys_openat3($retval)",
		     -ENOENT, 16, "do_sys_openat3");
	expect_remedy(context, "did you mean do_sys_openat2");
	refuse_probe(context, "kprobe:no_such_module:vfs_read", -ENOENT, 7,
		     "module no_such_module is not loaded");
	expect_remedy(context, "modprobe no_such_module");
	/* A variable. */
	refuse_probe(context, "kprobe:linux_banner", -ENOENT, 7,
		     "linux_banner");
	perftrace_context_unref(context);
}
END_TEST

/* The first with a few namesakes, all of which can be traced. */
static size_t find_namesakes(const struct functions *functions,
			     const char *traceable, size_t *count)
{
	size_t i;

	for (i = 0; i < functions->count; i += *count ? *count : 1) {
		const char *name = functions->table[i].name;

		*count = count_namesakes(functions, i);
		if (*count > 1 && *count < 6 && !strpbrk(name, ".+") &&
		    is_traceable(traceable, name))
			return i;
	}
	ck_abort_msg("the kernel has no functions of one name");
}

START_TEST(functions_of_one_name)
{
	struct perftrace_context *context;
	struct functions functions;
	char *traceable, spec[600];
	size_t first, count, i;

	need_kprobes();
	traceable = read_text(TRACEFS "available_filter_functions");
	ck_assert_ptr_nonnull(traceable);
	read_functions(&functions);
	first = find_namesakes(&functions, traceable, &count);
	context = new_context();
	snprintf(spec, sizeof(spec), "kprobe:%s", functions.table[first].name);
	refuse_probe(context, spec, -EADDRNOTAVAIL, 7,
		     functions.table[first].name);
	expect_remedy(context, "by its address");
	for (i = first; i < first + count; i++) {
		struct perftrace_event *event;
		char address[32];

		snprintf(spec, sizeof(spec), "kprobe:%s",
			 functions.table[first].name);
		snprintf(address, sizeof(address), "%#" PRIx64,
			 functions.table[i].address);
		refuse_probe(context, spec, -EADDRNOTAVAIL, 7, address);
		/* And so each of them can be probed. */
		snprintf(spec, sizeof(spec), "kprobe,named:%s", address);
		event = make_probe(context, spec);
		ck_assert_uint_eq(count_own_probes(), 1);
		perftrace_event_unref(event);
	}
	perftrace_context_unref(context);
	free_functions(&functions);
	free(traceable);
}
END_TEST

/* "name.part.0", of which the kernel has no "name". */
static bool is_variant(const struct functions *functions, const char *traceable,
		       size_t i, const char *kind)
{
	const char *name = functions->table[i].name;
	const char *dot = strstr(name, kind);
	char base[512];

	if (!dot || strlen(name) >= sizeof(base) ||
	    count_namesakes(functions, i) != 1 ||
	    (i && !strcmp(functions->table[i - 1].name, name)) ||
	    !is_traceable(traceable, name))
		return false;
	snprintf(base, sizeof(base), "%.*s", (int)(dot - name), name);
	return !strchr(base, '.') && !count_functions(base);
}

static void try_variant(struct perftrace_context *context,
			const struct functions *functions,
			const char *traceable, const char *kind)
{
	struct perftrace_event *event;
	const char *name;
	char spec[600];
	size_t i;

	for (i = 0; i < functions->count; i++)
		if (is_variant(functions, traceable, i, kind))
			break;
	ck_assert_msg(i < functions->count, "the kernel has no %s", kind);
	name = functions->table[i].name;
	snprintf(spec, sizeof(spec), "kprobe:%.*s",
		 (int)(strstr(name, kind) - name), name);
	refuse_probe(context, spec, -ENOENT, 7, "no function");
	expect_remedy(context, name);
	expect_remedy(context, "the compiler");
	snprintf(spec, sizeof(spec), "kprobe,named:%s", name);
	event = make_probe(context, spec);
	perftrace_event_unref(event);
}

START_TEST(functions_that_the_compiler_changed)
{
	struct perftrace_context *context;
	struct functions functions;
	char *traceable;

	need_kprobes();
	traceable = read_text(TRACEFS "available_filter_functions");
	ck_assert_ptr_nonnull(traceable);
	read_functions(&functions);
	context = new_context();
	try_variant(context, &functions, traceable, ".isra.0");
	try_variant(context, &functions, traceable, ".constprop.0");
	perftrace_context_unref(context);
	free_functions(&functions);
	free(traceable);
}
END_TEST

START_TEST(functions_on_the_blacklist)
{
	char *text, *line, *rest = NULL, spec[600], name[512];
	struct perftrace_context *context;
	uint64_t start = 0, end;

	need_kprobes();
	text = read_text(BLACKLIST);
	if (!text)
		skip("debugfs is not mounted");
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 "\t%511s", &start, &end,
			   name) == 3 &&
		    !strchr(name, '.') && count_functions(name) == 1)
			break;
	ck_assert_ptr_nonnull(line);
	context = new_context();
	snprintf(spec, sizeof(spec), "kprobe:%s", name);
	refuse_probe(context, spec, -EINVAL, 7, "blacklist");
	expect_remedy(context, "callers");
	snprintf(spec, sizeof(spec), "kretprobe,local:%s", name);
	refuse_probe(context, spec, -EINVAL, 16, "blacklist");
	snprintf(spec, sizeof(spec), "kprobe,named:%#" PRIx64, start);
	refuse_probe(context, spec, -EINVAL, 13, "blacklist");
	perftrace_context_unref(context);
	free(text);
}
END_TEST

static int open_probe(struct perftrace_context *context, const char *spec)
{
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .is_self = true,
					     .mode = PERFTRACE_MODE_COUNT,
				     });
	int ret;

	succeed(context, perftrace_session_add_spec(session, spec, NULL));
	ret = perftrace_session_open(session);
	perftrace_session_free(session);
	return ret;
}

/* It shows only when the kernel is asked, which is later for a local one. */
START_TEST(functions_that_are_not_traced)
{
	struct perftrace_context *context;

	need_kprobes();
	context = new_context();
	refuse_probe(context, "kprobe,named:" NOT_TRACED, -EINVAL, 13,
		     "notrace");
	expect_remedy(context, "available_filter_functions");
	refuse(context, open_probe(context, "kprobe,local:" NOT_TRACED),
	       -EINVAL, "notrace");
	expect_remedy(context, "available_filter_functions");
	ck_assert_int_eq(perftrace_context_get_error_position(context), 13);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(offsets)
{
	struct perftrace_context *context;

	need_kprobes();
	context = new_context();
	refuse_probe(context, "kprobe:vfs_read+1000000", -EINVAL, 16,
		     "outside of the function");
	refuse_probe(context, "kprobe,named:vfs_read+3", -EILSEQ, 22,
		     "inside of an instruction");
	expect_remedy(context, "objdump");
	refuse_probe(context, "kprobe:vfs_read+0x3(%di)", -EILSEQ, 16,
		     "inside of an instruction");
	refuse(context, open_probe(context, "kprobe,local:vfs_read+3"), -EILSEQ,
	       "inside of an instruction");
	ck_assert_int_eq(perftrace_context_get_error_position(context), 22);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(returns_go_with_a_function)
{
	struct perftrace_context *context;
	struct perftrace_probe *probe;
	char spec[64];

	need_kprobes();
	context = new_context();
	refuse_probe(context, "kretprobe:vfs_read+8", -EINVAL, 19,
		     "goes with a function");
	succeed(context, perftrace_probe_new(context, PERFTRACE_EVENT_KRETPROBE,
					     &probe));
	refuse(context, perftrace_probe_set_offset_bytes(probe, 8), -EINVAL,
	       "kretprobe", "offset");
	perftrace_probe_free(probe);
	snprintf(spec, sizeof(spec), "kretprobe,named:%#" PRIx64,
		 find_address("vfs_read") + 64);
	refuse_probe(context, spec, -EINVAL, 16, "Failed to register");
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(functions_that_do_not_exist),
	TEST(functions_of_one_name),
	TEST(functions_that_the_compiler_changed),
	TEST(functions_on_the_blacklist),
	TEST(functions_that_are_not_traced),
	TEST(offsets),
	TEST(returns_go_with_a_function),
};

HARNESS_MAIN("kprobe_places", tests, HARNESS_LIVE)
