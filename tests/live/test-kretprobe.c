/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What probes of returns record: values with their types, what they point to,
 * and parameters, where the kernel keeps them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "probed.h"

#define PLAIN_USER 1000

/* At the return, from 6.9 on. */
#define KEEPS_PARAMETERS "kernel return probes support:"

START_TEST(return_values)
{
	static const struct expected_field fields[] = {
		{ "retval", PERFTRACE_FIELD_INTEGER, 8, true },
	};
	struct watch watch;
	char bytes[8];
	int fd, opened, blind;

	need_kprobes();
	fd = make_probed();
	watch_self(&watch, "kretprobe:do_sys_openat2($retval)");
	watch_expect_fields(&watch, fields, 1);
	opened = open(probed_path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(opened, 0);
	ck_assert_int_lt(open("/no/such/file", O_RDONLY), 0);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "retval"), opened);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "retval"), -ENOENT);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);

	watch_self(&watch, "kretprobe:vfs_read(got=$retval, low=$retval:s8)");
	ck_assert_int_eq(read(opened, bytes, sizeof(bytes)), sizeof(bytes));
	ck_assert_int_eq(read(opened, bytes, sizeof(bytes)), 2);
	/* Not for reading. */
	blind = open(probed_path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_lt(read(blind, bytes, sizeof(bytes)), 0);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "got"), sizeof(bytes));
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "got"), 2);
	ck_assert_int_eq(watch_signed(&watch, "low"), 2);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "got"), -EBADF);
	ck_assert_int_eq(watch_signed(&watch, "low"), -EBADF);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	close(blind);
	close(opened);
	remove_probed(fd);
}
END_TEST

START_TEST(members_of_return_values)
{
	struct watch watch;
	int fd;

	need_kprobes();
	fd = make_probed();
	watch_self(&watch, "kretprobe:do_filp_open($retval->f_flags, "
			   "$retval->f_path.dentry->d_name.name:string)");
	close(open(probed_path, O_WRONLY | O_APPEND));
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_uint_eq(watch_unsigned(&watch, "f_flags"),
			  O_WRONLY | O_APPEND | LARGE_FILE);
	watch_expect_string(&watch, "name", probed_name());
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	remove_probed(fd);
}
END_TEST

static void set_own_name(int expected)
{
	char name[64];

	ck_assert_int_eq(gethostname(name, sizeof(name)), 0);
	ck_assert_int_eq(sethostname(name, strlen(name)), expected);
}

START_TEST(a_bool_that_is_returned)
{
	struct watch watch;

	need_kprobes();
	watch_self(&watch, "kretprobe:ns_capable($retval)");
	set_own_name(0);
	ck_assert_int_eq(seteuid(PLAIN_USER), 0);
	set_own_name(-1);
	ck_assert_int_eq(seteuid(0), 0);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_uint_eq(watch_unsigned(&watch, "retval"), 1);
	watch_next(&watch);
	ck_assert_uint_eq(watch_unsigned(&watch, "retval"), 0);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
}
END_TEST

START_TEST(parameters_at_the_return)
{
	static const char spec[] = "kretprobe:do_sys_openat2(dfd, "
				   "filename:ustring, how->mode, $retval)";
	struct perftrace_context *context;
	struct watch watch;
	int fd, opened;

	need_kprobes();
	if (!readme_says(KEEPS_PARAMETERS)) {
		context = new_context();
		refuse_probe(context, spec, -EOPNOTSUPP, 25, "dfd",
			     "until the function returns");
		expect_remedy(context, "kprobe at its start");
		perftrace_context_unref(context);
		return;
	}
	fd = make_probed();
	watch_self(&watch, spec);
	opened = openat(AT_FDCWD, probed_path, O_RDWR | O_CREAT | O_CLOEXEC,
			0604);
	ck_assert_int_lt(openat(-7, "no", O_RDWR), 0);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "dfd"), AT_FDCWD);
	watch_expect_string(&watch, "filename", probed_path);
	ck_assert_uint_eq(watch_unsigned(&watch, "mode"), 0604);
	ck_assert_int_eq(watch_signed(&watch, "retval"), opened);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "dfd"), -7);
	watch_expect_string(&watch, "filename", "no");
	ck_assert_int_eq(watch_signed(&watch, "retval"), -EBADF);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	close(opened);
	remove_probed(fd);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(return_values),
	TEST(members_of_return_values),
	TEST(a_bool_that_is_returned),
	TEST(parameters_at_the_return),
};

HARNESS_MAIN("kretprobe", tests, HARNESS_LIVE)
