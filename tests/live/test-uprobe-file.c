/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Probes in files: how they and their symbols are found, and whether it is the
 * right place that is hit.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixtures/library.h"
#include "fixtures/target.h"
#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "tally.h"

#ifdef __aarch64__
#define FIRST_VERSION "GLIBC_2.17"
#else
#define FIRST_VERSION "GLIBC_2.2.5"
#endif

/*
 * What a command does while a spec is counted. Local probes can't follow it;
 * they see all CPUs meanwhile, and what does not go by its name.
 */
static uint64_t count_command(const char *const *command, const char *filter,
			      const char *spec)
{
	const char *name = strrchr(command[0], '/') + 1;
	bool is_local = strstr(spec, ",local");
	char by_name[64];
	struct session_request request = {
		.command = command,
		.filter = is_local ? by_name : filter,
		.is_system_wide = is_local,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make_event(context, "%s", spec);
	struct perftrace_session *session;
	int32_t status, signal_number;
	uint64_t count;

	snprintf(by_name, sizeof(by_name), "COMM == \"%s\"", name);
	session = event_session(context, event, &request);
	succeed(context, perftrace_session_start(session));
	succeed(context, perftrace_session_wait(session, -1));
	succeed(context, perftrace_session_get_command_result(session, &status,
							      &signal_number));
	ck_assert_int_eq(status, 0);
	count = count_of(context, session);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
	return count;
}

#define LARGE_ONES "size == " STRING_OF(TARGET_BYTES)

START_TEST(sees_malloc_in_a_command)
{
	const char *const command[] = { fixture("target"), "250", NULL };
	const char *const more[] = { fixture("target"), "251", NULL };
	uint64_t all;

	ck_assert_uint_eq(
		count_command(command, LARGE_ONES,
			      "uprobe:libc.so.6:malloc(size=$arg1:u64)"),
		250);
	/* With those of the program's start, which are always the same. */
	all = count_command(command, NULL, "uprobe:libc.so.6:malloc");
	ck_assert_uint_ge(all, 250);
	ck_assert_uint_eq(count_command(command, NULL,
					"uprobe,local:libc.so.6:malloc"),
			  all);
	ck_assert_uint_eq(count_command(more, NULL,
					"uprobe,named:libc.so.6:malloc"),
			  all + 1);
	/* Each of them returns. */
	ck_assert_uint_eq(count_command(command, NULL,
					"uretprobe:libc.so.6:malloc($retval)"),
			  all);
}
END_TEST

START_TEST(knows_versions_of_libc)
{
	const char *const command[] = { fixture("target"), "20", NULL };

	ck_assert_uint_eq(
		count_command(command, LARGE_ONES,
			      "uprobe:libc.so.6:malloc@@" FIRST_VERSION
			      "(size=$arg1)"),
		20);
	ck_assert_uint_eq(count_command(command, LARGE_ONES,
					"uprobe:libc.so.6:malloc@" FIRST_VERSION
					"(size=$arg1)"),
			  20);
}
END_TEST

/* Count calls of this process of a function(int). */
static void expect_calls(const char *spec, int (*function)(int), int calls)
{
	static const struct session_request request = {
		.is_self = true,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make_event(context, "%s", spec);
	struct perftrace_session *session =
		event_session(context, event, &request);
	int i;

	succeed(context, perftrace_session_start(session));
	for (i = 0; i < calls; i++)
		function(i);
	succeed(context, perftrace_session_stop(session));
	ck_assert_uint_eq(count_of(context, session), (uint64_t)calls);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}

static void refuse_place(int code, const char *words, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void refuse_place(int code, const char *words, const char *format, ...)
{
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	char spec[2 * PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(spec, sizeof(spec), format, arguments);
	va_end(arguments);
	succeed(context, perftrace_probe_new_from_spec(context, spec, &probe));
	refuse(context, perftrace_probe_make_event(probe, &event), code, words);
	perftrace_probe_free(probe);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}

typedef int function(int);

static function *version_of(void *library, const char *name,
			    const char *version)
{
	void *found = dlvsym(library, name, version);

	ck_assert_msg(found != NULL, "%s", dlerror());
	return (function *)(uintptr_t)found;
}

START_TEST(tells_versions_apart)
{
	const char *path = fixture("libversions.so");
	void *library = open_library(path);
	function *old = version_of(library, "chosen", "FIXTURE_1");
	function *new = version_of(library, "chosen", "FIXTURE_2");
	char spec[PATH_MAX + 64];

	ck_assert_int_eq(old(0), 1);
	ck_assert_int_eq(new (0), 2);
	snprintf(spec, sizeof(spec), "uprobe:%s:chosen", path);
	expect_calls(spec, new, 5);
	expect_calls(spec, old, 0);
	snprintf(spec, sizeof(spec), "uprobe:%s:chosen@FIXTURE_1", path);
	expect_calls(spec, old, 6);
	expect_calls(spec, new, 0);
	snprintf(spec, sizeof(spec), "uprobe:%s:chosen@FIXTURE_2", path);
	expect_calls(spec, new, 7);
	refuse_place(-ENOENT, "chosen@@FIXTURE_1",
		     "uprobe:%s:chosen@@FIXTURE_1", path);
	refuse_place(-EADDRNOTAVAIL, "retired", "uprobe:%s:retired", path);
	dlclose(library);
}
END_TEST

/* Files of a test's own, each in a directory that goes with the test. */
static char directory[] = "/var/tmp/perftrace uprobe#XXXXXX";

static const char *in_directory(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", directory, name);
	return path;
}

static void make_directory(void)
{
	mkdir("/var", 0755);
	mkdir("/var/tmp", 01777);
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void)
{
	char command[PATH_MAX + 16];

	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	ck_assert_int_eq(system(command), 0);
}

/* The tracefs' own language has no way to write such a path. */
START_TEST(finds_files_with_odd_names)
{
	const char *path;
	const char *command[] = { NULL, "30", NULL };
	char spec[PATH_MAX + 64];
	static const char *const options[] = { "", ",local", ",named" };
	static const char *const names[] = { "a program#1", "tab\there",
					     "colon:here", "100%%s" };
	size_t i, k;

	make_directory();
	for (k = 0; k < 4; k++) {
		path = command[0] = in_directory(names[k]);
		copy_file(fixture("target"), path);
		for (i = 0; i < 3; i++) {
			snprintf(spec, sizeof(spec),
				 "uprobe%s:\"%s\":target_hidden", options[i],
				 path);
			ck_assert_uint_eq(count_command(command, NULL, spec),
					  30);
		}
		snprintf(spec, sizeof(spec),
			 "uprobe:\"%s\":target_hidden(number=$arg1:s64)", path);
		ck_assert_uint_eq(count_command(command, "number >= 10", spec),
				  20);
	}
	remove_directory();
}
END_TEST

/* Between the event and its open: another file has come to the path. */
START_TEST(files_that_are_replaced)
{
	static const struct session_request all = {
		.is_system_wide = true,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *local, *named;
	struct perftrace_session *session;
	/* One that tracefs can be told of. */
	char place[] = "/tmp/perftrace-replaced-XXXXXX";
	char path[sizeof(place) + 16], other[sizeof(place) + 16];

	ck_assert_ptr_nonnull(mkdtemp(place));
	snprintf(path, sizeof(path), "%s/program", place);
	snprintf(other, sizeof(other), "%s/other", place);
	copy_file(fixture("target"), path);
	copy_file(fixture("marked"), other);
	local = make_event(context, "uprobe,local:%s:target_hidden+4", path);
	named = make_event(context, "uprobe:%s:target_hidden+4", path);
	ck_assert_int_eq(rename(other, path), 0);
	/* What was read is what is probed, though nobody runs it any more. */
	session = event_session(context, local, &all);
	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(system(path), 0);
	ck_assert_uint_eq(count_of(context, session), 0);
	perftrace_session_free(session);
	/* The kernel would take the other. */
	session = event_session(context, named, &all);
	refuse(context, perftrace_session_open(session), -ESTALE, path,
	       "replaced");
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_session_free(session);
	perftrace_event_unref(local);
	perftrace_event_unref(named);
	perftrace_context_unref(context);
	unlink(path);
	rmdir(place);
}
END_TEST

/* A PIE, and a debug file in .debug beside it, as .gnu_debuglink names it. */
static void expect_debug_file(const char *name)
{
	char debug[64], link[96];
	const char *command[] = { NULL, "40", NULL };
	char spec[PATH_MAX + 96];

	snprintf(debug, sizeof(debug), "%s.debug", name);
	snprintf(link, sizeof(link), "%s-linked", name);
	make_directory();
	copy_file(fixture(link), in_directory("program"));
	refuse_place(-ENOENT, "target_hidden", "uprobe:%s:target_hidden",
		     in_directory("program"));

	ck_assert_int_eq(mkdir(in_directory(".debug"), 0755), 0);
	snprintf(link, sizeof(link), ".debug/%s", debug);
	copy_file(fixture(debug), in_directory(link));
	command[0] = in_directory("program");
	snprintf(spec, sizeof(spec), "uprobe:%s:target_hidden", command[0]);
	ck_assert_uint_eq(count_command(command, NULL, spec), 40);
	snprintf(spec, sizeof(spec),
		 "uprobe:%s:target_hidden(text=+0($arg2):string)", command[0]);
	ck_assert_uint_eq(count_command(command, "text == \"call\"", spec), 40);
	remove_directory();
}

START_TEST(finds_the_debug_file_of_a_build)
{
	expect_debug_file("target");
}
END_TEST

START_TEST(finds_the_debug_file_by_its_checksum)
{
	expect_debug_file("target-anonymous");
}
END_TEST

/* A file of the right name that belongs to another build is not believed. */
START_TEST(believes_no_other_debug_file)
{
	make_directory();
	copy_file(fixture("target-linked"), in_directory("program"));
	copy_file(fixture("target-anonymous.debug"),
		  in_directory("target.debug"));
	refuse_place(-ENOENT, "target_hidden", "uprobe:%s:target_hidden",
		     in_directory("program"));
	copy_file(fixture("target-anonymous-linked"), in_directory("other"));
	copy_file(fixture("target.debug"),
		  in_directory("target-anonymous.debug"));
	refuse_place(-ENOENT, "target_hidden", "uprobe:%s:target_hidden",
		     in_directory("other"));
	remove_directory();
}
END_TEST

START_TEST(finds_names_of_cpp)
{
	int (*run)(int);
	char spec[PATH_MAX + 96];
	static const struct {
		const char *symbol;
		int per_round;
		int more;
	} cases[] = {
		{ "\"ns::Class::method(int)\"", 1, 1 },
		{ "\"ns::Class::method(char const*)\"", 1, 0 },
		{ "_ZN2ns5Class6methodEi", 1, 1 },
	};
	void *library;
	size_t i;

	if (!has_fixture("libnames.so"))
		skip("no C++ compiler was there when this was built");
	library = open_library(fixture("libnames.so"));
	*(void **)&run = find_function(library, "names_run");
	for (i = 0; i < 3; i++) {
		static const struct session_request request = {
			.is_self = true,
			.mode = PERFTRACE_MODE_COUNT,
		};
		struct perftrace_context *context = new_context();
		struct perftrace_event *event;
		struct perftrace_session *session;

		snprintf(spec, sizeof(spec), "uprobe:%s:%s",
			 fixture("libnames.so"), cases[i].symbol);
		event = make_event(context, "%s", spec);
		session = event_session(context, event, &request);
		succeed(context, perftrace_session_start(session));
		run(10);
		succeed(context, perftrace_session_stop(session));
		ck_assert_uint_eq(
			count_of(context, session),
			(uint64_t)(10 * cases[i].per_round + cases[i].more));
		perftrace_session_free(session);
		perftrace_event_unref(event);
		perftrace_context_unref(context);
	}
	refuse_place(-EADDRNOTAVAIL, "method",
		     "uprobe:%s:\"ns::Class::method\"", fixture("libnames.so"));
	dlclose(library);
}
END_TEST

/*
 * A process whose root directory is in a file system that nobody else sees, and
 * the library that it has from there. It makes as many calls as it reads.
 */
struct prisoner {
	pid_t pid;
	int orders;
	int answers;
};

static void __attribute__((noreturn))
run_prisoner(bool is_stripped, int orders, int answers)
{
	int (*called)(int), number, i;
	void *library;

	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("tmpfs", directory, "tmpfs", 0, NULL), 0);
	copy_file(fixture(is_stripped ? "libtarget-stripped.so" :
					"libtarget.so"),
		  in_directory("libprison.so"));
	copy_file(fixture("libtarget.so.debug"), in_directory("debug"));
	library = open_library(in_directory("libprison.so"));
	*(void **)&called = find_function(library, "library_called");
	ck_assert_int_eq(chroot(directory), 0);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(write(answers, "", 1), 1);
	while (read(orders, &number, sizeof(number)) == sizeof(number)) {
		for (i = 0; i < number; i++)
			called(i);
		ck_assert_int_eq(write(answers, "", 1), 1);
	}
	_exit(EXIT_SUCCESS);
}

static void await(struct prisoner *prisoner)
{
	char byte;

	ck_assert_int_eq(read(prisoner->answers, &byte, 1), 1);
}

static struct prisoner start_prisoner(bool is_stripped)
{
	struct prisoner prisoner;
	int orders[2], answers[2];

	make_directory();
	ck_assert_int_eq(pipe2(orders, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(answers, O_CLOEXEC), 0);
	prisoner.pid = fork();
	ck_assert_int_ge(prisoner.pid, 0);
	if (!prisoner.pid) {
		close(orders[1]);
		close(answers[0]);
		run_prisoner(is_stripped, orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	prisoner.orders = orders[1];
	prisoner.answers = answers[0];
	await(&prisoner);
	return prisoner;
}

static void order(struct prisoner *prisoner, int calls)
{
	ck_assert_int_eq(write(prisoner->orders, &calls, sizeof(calls)),
			 sizeof(calls));
	await(prisoner);
}

static void end_prisoner(struct prisoner *prisoner)
{
	int status;

	close(prisoner->orders);
	ck_assert_int_eq(waitpid(prisoner->pid, &status, 0), prisoner->pid);
	ck_assert_int_eq(status, 0);
	close(prisoner->answers);
	remove_directory();
}

/* @place: behind "uprobe[OPTIONS],pid=N:". */
static void expect_prisoner(struct prisoner *prisoner, const char *kind,
			    const char *place, bool is_system_wide)
{
	const struct session_request request = {
		.pid = is_system_wide ? 0 : prisoner->pid,
		.is_system_wide = is_system_wide,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make_event(
		context, "%s,pid=%d:%s", kind, (int)prisoner->pid, place);
	struct perftrace_session *session =
		event_session(context, event, &request);

	order(prisoner, 1);
	succeed(context, perftrace_session_start(session));
	order(prisoner, 60);
	succeed(context, perftrace_session_stop(session));
	order(prisoner, 1);
	ck_assert_uint_eq(count_of(context, session), 60);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}

START_TEST(reaches_into_another_file_system)
{
	struct prisoner prisoner = start_prisoner(false);

	ck_assert_int_ne(access(in_directory("libprison.so"), F_OK), 0);
	expect_prisoner(&prisoner, "uprobe", "/libprison.so:library_called",
			false);
	expect_prisoner(&prisoner, "uprobe", "/libprison.so:library_called",
			true);
	expect_prisoner(&prisoner, "uprobe,local",
			"/libprison.so:library_hidden", true);
	expect_prisoner(&prisoner, "uprobe,named",
			"libprison.so:library_hidden", false);
	expect_prisoner(&prisoner, "uprobe",
			"libprison.so:library_called($arg1:s32)", true);
	expect_prisoner(&prisoner, "uretprobe",
			"libprison.so:library_hidden($retval:s32)", false);
	/* Without the process, there is no such file. */
	refuse_place(-ENOENT, "libprison.so",
		     "uprobe:/libprison.so:library_called");
	refuse_place(-ENOENT, "libprison.so",
		     "uprobe:libprison.so:library_called");
	end_prisoner(&prisoner);
	refuse_place(-ESRCH, "process",
		     "uprobe,pid=%d:/libprison.so:library_called",
		     (int)prisoner.pid);
}
END_TEST

/* The digits of the note that the linker writes. */
static void read_build_id(const char *path, char digits[41])
{
	static const unsigned char head[] = { 4, 0, 0, 0, 20,  0,   0,	 0,
					      3, 0, 0, 0, 'G', 'N', 'U', 0 };
	static unsigned char bytes[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC), i;
	ssize_t size = read(fd, bytes, sizeof(bytes));
	unsigned char *at;

	close(fd);
	ck_assert_int_gt(size, 0);
	at = memmem(bytes, (size_t)size, head, sizeof(head));
	ck_assert_ptr_nonnull(at);
	ck_assert_int_lt(at - bytes, size - 36);
	for (i = 0; i < 20; i++)
		snprintf(digits + 2 * i, 3, "%02x",
			 at[sizeof(head) + (size_t)i]);
}

/* In the root directory of the process: here, /usr/lib/debug is left alone. */
START_TEST(finds_the_debug_file_by_build_id)
{
	struct prisoner prisoner = start_prisoner(true);
	char digits[41], path[64], link[128];
	int root;

	read_build_id(fixture("libtarget-stripped.so"), digits);
	refuse_place(-ENOENT, "library_hidden",
		     "uprobe,pid=%d:/libprison.so:library_hidden",
		     (int)prisoner.pid);
	snprintf(path, sizeof(path), "/proc/%d/root", (int)prisoner.pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root, 0);
	ck_assert_int_eq(mkdirat(root, "usr", 0755), 0);
	ck_assert_int_eq(mkdirat(root, "usr/lib", 0755), 0);
	ck_assert_int_eq(mkdirat(root, "usr/lib/debug", 0755), 0);
	ck_assert_int_eq(mkdirat(root, "usr/lib/debug/.build-id", 0755), 0);
	snprintf(path, sizeof(path), "usr/lib/debug/.build-id/%.2s", digits);
	ck_assert_int_eq(mkdirat(root, path, 0755), 0);
	snprintf(link, sizeof(link), "%s/%s.debug", path, digits + 2);
	ck_assert_int_eq(renameat(root, "debug", root, link), 0);
	close(root);
	expect_prisoner(&prisoner, "uprobe", "/libprison.so:library_hidden",
			false);
	end_prisoner(&prisoner);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(sees_malloc_in_a_command),
	TEST(knows_versions_of_libc),
	TEST(tells_versions_apart),
	TEST(finds_files_with_odd_names),
	TEST(files_that_are_replaced),
	TEST(finds_the_debug_file_of_a_build),
	TEST(finds_the_debug_file_by_its_checksum),
	TEST(believes_no_other_debug_file),
	TEST(finds_names_of_cpp),
	TEST(reaches_into_another_file_system),
	TEST(finds_the_debug_file_by_build_id),
};

HARNESS_MAIN("uprobe-file", tests, HARNESS_LIVE)
