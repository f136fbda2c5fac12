/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "library.h"
#include "log.h"

/* A directory of the test's own, which is the current one meanwhile. */
static struct log *library_log;
static char directory[PATH_MAX];

static void begin(void)
{
	char template[] = "/tmp/perftrace-library-XXXXXX";

	library_log = log_new();
	ck_assert_ptr_nonnull(mkdtemp(template));
	ck_assert_ptr_nonnull(realpath(template, directory));
	ck_assert_int_eq(chdir(directory), 0);
}

static void end(void)
{
	char command[PATH_MAX + 16];

	log_free(library_log);
	unsetenv("LD_LIBRARY_PATH");
	setenv("PATH", "/usr/bin:/bin", 1);
	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *path, const void *bytes, size_t size,
		       mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

/* As much of this program as makes a library of this machine's. */
static void write_library(const char *path)
{
	FILE *self = fopen("/proc/self/exe", "re");
	char header[64];

	ck_assert_ptr_nonnull(self);
	ck_assert_uint_eq(fread(header, sizeof(header), 1, self), 1);
	fclose(self);
	write_file(path, header, sizeof(header), 0644);
}

static void expect_file(const char *name, int32_t pid, const char *path)
{
	struct library_file file;
	struct stat status;
	int ret = library_find(library_log, name, pid, &file);

	ck_assert_msg(!ret, "%s", log_get_error(library_log));
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(file.device, status.st_dev);
	ck_assert_uint_eq(file.inode, status.st_ino);
	ck_assert_int_eq(fstat(file.fd, &status), 0);
	ck_assert_uint_eq(file.inode, status.st_ino);
	ck_assert_int_eq(fcntl(file.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	ck_assert_int_eq(fcntl(file.fd, F_GETFD), FD_CLOEXEC);
	ck_assert_str_eq(file.path, path);
	library_file_clear(&file);
	ck_assert_int_eq(file.fd, -1);
	ck_assert_ptr_null(file.path);
}

static void expect_none(const char *name, int32_t pid, int error,
			const char *words)
{
	struct library_file file = { .fd = -7 };

	ck_assert_int_eq(library_find(library_log, name, pid, &file), error);
	ck_assert_msg(strstr(log_get_error(library_log), words),
		      "%s: no \"%s\"", log_get_error(library_log), words);
	ck_assert_int_eq(file.fd, -7);
}

static const char *in_directory(const char *name)
{
	/* Two, for calls that take two. */
	static char paths[2][2 * PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 2];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

START_TEST(finds_paths)
{
	begin();
	write_file("file", "x", 1, 0600);
	ck_assert_int_eq(symlink("file", "link"), 0);
	expect_file("./file", 0, in_directory("file"));
	expect_file("./link", 0, in_directory("file"));
	expect_file(in_directory("link"), 0, in_directory("file"));
	/* This process sees its own files. */
	expect_file(in_directory("link"), getpid(), in_directory("file"));
	expect_file("./link", getpid(), in_directory("file"));
	end();
}
END_TEST

START_TEST(refuses_what_is_no_file)
{
	begin();
	ck_assert_int_eq(mkdir("sub", 0700), 0);
	/* Who opens one for reading waits for a writer. */
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	expect_none("", 0, -EINVAL, "empty");
	expect_none("./sub", 0, -EISDIR, "./sub: Is a directory");
	expect_none("./fifo", 0, -EINVAL, "./fifo: not a regular file");
	expect_none("/dev/null", 0, -EINVAL, "not a regular file");
	expect_none("./loop", 0, -ELOOP, "./loop");
	expect_none("./none", 0, -ENOENT, "./none: No such file");
	expect_none(in_directory("sub"), getpid(), -EISDIR, "directory");
	expect_none(in_directory("fifo"), getpid(), -EINVAL, "regular");
	expect_none(in_directory("loop"), getpid(), -ELOOP, "loop");
	expect_none(in_directory("none"), getpid(), -ENOENT, "of process");
	end();
}
END_TEST

START_TEST(keeps_the_name_of_a_deleted_file)
{
	char path[64];
	int fd;

	begin();
	write_file("file", "x", 1, 0600);
	fd = open("file", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(unlink("file"), 0);
	/* Another one in its place is not it. */
	write_file("file (deleted)", "y", 1, 0600);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	expect_file(path, 0, path);
	close(fd);
	end();
}
END_TEST

static const char *libc_path(void)
{
	static char path[PATH_MAX];
	Dl_info info;

	ck_assert_int_ne(dladdr((void *)(uintptr_t)gnu_get_libc_version, &info),
			 0);
	ck_assert_ptr_nonnull(realpath(info.dli_fname, path));
	return path;
}

START_TEST(finds_libc_as_the_linker_does)
{
	begin();
	expect_file("libc.so.6", 0, libc_path());
	end();
}
END_TEST

START_TEST(finds_libc_as_it_is_mapped)
{
	begin();
	expect_file("libc.so.6", getpid(), libc_path());
	end();
}
END_TEST

START_TEST(finds_a_program_as_it_is_mapped)
{
	char path[PATH_MAX];

	begin();
	ck_assert_ptr_nonnull(realpath("/proc/self/exe", path));
	expect_file("test-library", getpid(), path);
	end();
}
END_TEST

START_TEST(prefers_what_the_environment_says)
{
	char list[PATH_MAX + 64];

	begin();
	ck_assert_int_eq(mkdir("first", 0700), 0);
	ck_assert_int_eq(mkdir("second", 0700), 0);
	/* A linker's script, as libc.so is one; then a directory. */
	write_file("first/libc.so.6", "GROUP ( libc.so )", 17, 0600);
	ck_assert_int_eq(mkdir("first/libm.so.6", 0700), 0);
	write_library("second/libc.so.6");
	write_library("libm.so.6");
	snprintf(list, sizeof(list), "none:%s/first;second:", directory);
	ck_assert_int_eq(setenv("LD_LIBRARY_PATH", list, 1), 0);
	expect_file("libc.so.6", 0, in_directory("second/libc.so.6"));
	/* The empty element at the end is the current directory. */
	expect_file("libm.so.6", 0, in_directory("libm.so.6"));
	ck_assert_int_eq(unlink("second/libc.so.6"), 0);
	expect_file("libc.so.6", 0, libc_path());
	end();
}
END_TEST

START_TEST(finds_programs)
{
	begin();
	ck_assert_int_eq(mkdir("bin", 0700), 0);
	ck_assert_int_eq(mkdir("other", 0700), 0);
	write_file("bin/perftrace-none", "x", 1, 0600);
	write_file("other/perftrace-none", "x", 1, 0700);
	ck_assert_int_eq(setenv("PATH", "bin:other", 1), 0);
	expect_file("perftrace-none", 0, in_directory("other/perftrace-none"));
	ck_assert_int_eq(unlink("other/perftrace-none"), 0);
	expect_none("perftrace-none", 0, -ENOENT,
		    "perftrace-none is neither a library nor a program");
	end();
}
END_TEST

START_TEST(suggests_names)
{
	/* Without a cache, the linker has no names to offer, either. */
	const char *libc = access("/etc/ld.so.cache", R_OK) ?
				   "give its path" :
				   "did you mean libc.so.6";

	begin();
	expect_none("libc", 0, -ENOENT, libc);
	expect_none("libc.so", 0, -ENOENT, libc);
	expect_none("libc.so.7", 0, -ENOENT, libc);
	expect_none("qqqqqqqqq", 0, -ENOENT, "give its path");
	expect_none("libc", getpid(), -ENOENT, "did you mean libc.so.6?");
	expect_none("test-librari", getpid(), -ENOENT, "test-library");
	expect_none("qqqqqqqqq", getpid(), -ENOENT, "yet to be loaded");
	end();
}
END_TEST

START_TEST(says_when_the_process_is_gone)
{
	pid_t pid;

	begin();
	pid = fork();
	if (!pid)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	expect_none("libc.so.6", pid, -ESRCH, "there is no process");
	expect_none("/bin/sh", pid, -ESRCH, "there is no process");
	end();
}
END_TEST

START_TEST(says_when_the_process_is_not_to_be_seen)
{
	int status;
	pid_t pid;

	if (geteuid())
		skip("needs root");
	begin();
	pid = fork();
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(1);
		expect_none("libc.so.6", 1, -EACCES, "CAP_SYS_PTRACE");
		expect_none("/bin/sh", 1, -EACCES, "CAP_SYS_PTRACE");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	end();
}
END_TEST

static int find_debug(const uint8_t *build_id, size_t length, const char *link,
		      const char *expected)
{
	struct library_file file = { .fd = -7 };
	/* Of "123456789", by which CRCs are known. */
	int ret = library_find_debug(library_log, 0, in_directory("lib.so"),
				     build_id, length, link, 0xcbf43926, &file);

	if (!ret) {
		ck_assert_str_eq(file.path, in_directory(expected));
		library_file_clear(&file);
	} else {
		ck_assert_int_eq(file.fd, -7);
		ck_assert_str_eq(log_get_error(library_log), "");
	}
	return ret;
}

START_TEST(finds_debug_files_by_their_link)
{
	begin();
	write_file("lib.so", "123456789", 9, 0600);
	ck_assert_int_eq(mkdir(".debug", 0700), 0);
	ck_assert_int_eq(find_debug(NULL, 0, "lib.debug", NULL), -ENOENT);
	write_file(".debug/lib.debug", "123456789", 9, 0600);
	ck_assert_int_eq(find_debug(NULL, 0, "lib.debug", ".debug/lib.debug"),
			 0);
	/* Of another build. */
	write_file("lib.debug", "123456780", 9, 0600);
	ck_assert_int_eq(find_debug(NULL, 0, "lib.debug", ".debug/lib.debug"),
			 0);
	write_file("lib.debug", "123456789", 9, 0600);
	ck_assert_int_eq(find_debug(NULL, 0, "lib.debug", "lib.debug"), 0);
	/* The file itself is not its own debug file. */
	ck_assert_int_eq(find_debug(NULL, 0, "lib.so", NULL), -ENOENT);
	end();
}
END_TEST

START_TEST(leaves_the_build_id_to_the_caller)
{
	static const uint8_t build_id[] = { 0xfe, 0xdc, 0xba, 0x98, 0x76 };

	begin();
	write_file("lib.so", "x", 1, 0600);
	write_file("lib.debug", "x", 1, 0600);
	ck_assert_int_eq(find_debug(build_id, sizeof(build_id), "lib.debug",
				    "lib.debug"),
			 0);
	ck_assert_int_eq(find_debug(build_id, sizeof(build_id), NULL, NULL),
			 -ENOENT);
	ck_assert_int_eq(find_debug(build_id, 1, NULL, NULL), -ENOENT);
	ck_assert_int_eq(find_debug(build_id, 1000, NULL, NULL), -ENOENT);
	end();
}
END_TEST

START_TEST(follows_no_link_out_of_the_directory)
{
	begin();
	ck_assert_int_eq(mkdir("sub", 0700), 0);
	write_file("sub/x", "123456789", 9, 0600);
	ck_assert_int_eq(find_debug(NULL, 0, "sub/x", NULL), -ENOENT);
	ck_assert_int_eq(find_debug(NULL, 0, "", NULL), -ENOENT);
	ck_assert_int_eq(find_debug(NULL, 0, "..", NULL), -ENOENT);
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(finds_paths),
	TEST(refuses_what_is_no_file),
	TEST(keeps_the_name_of_a_deleted_file),
	TEST(finds_libc_as_the_linker_does),
	TEST(finds_libc_as_it_is_mapped),
	TEST(finds_a_program_as_it_is_mapped),
	TEST(prefers_what_the_environment_says),
	TEST(finds_programs),
	TEST(suggests_names),
	TEST(says_when_the_process_is_gone),
	TEST(says_when_the_process_is_not_to_be_seen),
	TEST(finds_debug_files_by_their_link),
	TEST(leaves_the_build_id_to_the_caller),
	TEST(follows_no_link_out_of_the_directory),
};

HARNESS_MAIN("library", tests, HARNESS_UNIT)
