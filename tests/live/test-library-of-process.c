/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of processes that have a file system of their own: a child in a mount
 * namespace, with a tmpfs where the test has a directory, that maps files, and
 * is looked at from outside.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "library.h"
#include "log.h"

static struct log *library_log;
static char directory[] = "/tmp/perftrace-library-XXXXXX";
static pid_t child;
/* Ends when the test does, and the child with it. */
static int leash[2];
static int ready[2];

#define MUST(call)                                                             \
	do {                                                                   \
		if ((call) < 0) {                                              \
			fprintf(stderr, "# %s: %s\n", #call, strerror(errno)); \
			_exit(1);                                              \
		}                                                              \
	} while (0)

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	MUST(fd);
	MUST(write(fd, text, strlen(text)));
	close(fd);
}

/* Code, as far as the kernel is concerned. */
static void map_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	MUST(fd);
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) ==
	    MAP_FAILED)
		MUST(-1);
	close(fd);
}

static void enter_tmpfs(bool is_chroot)
{
	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(mount("tmpfs", directory, "tmpfs", 0, NULL));
	if (is_chroot)
		MUST(chroot(directory));
	MUST(chdir(is_chroot ? "/" : directory));
	MUST(mkdir("lib", 0755));
	write_file("lib/libprobe.so", "the child's");
}

/* Run @prepare in a child, which then waits until it is killed. */
static void start(void (*prepare)(void))
{
	char byte;

	if (geteuid())
		skip("needs root");
	library_log = log_new();
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
	MUST(mkdir("lib", 0755));
	write_file("lib/libprobe.so", "the host's");
	write_file("lib/secret", "secret");
	ck_assert_int_eq(pipe2(leash, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		close(leash[1]);
		prepare();
		MUST(write(ready[1], "", 1));
		MUST(read(leash[0], &byte, 1));
		_exit(0);
	}
	close(leash[0]);
	close(ready[1]);
	ck_assert_msg(read(ready[0], &byte, 1) == 1, "the child has failed");
	close(ready[0]);
}

static void stop_child(void)
{
	int status;

	close(leash[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

static void finish(void)
{
	char command[64];

	stop_child();
	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	ck_assert_int_eq(system(command), 0);
	log_free(library_log);
}

static void expect_text(int fd, const char *text)
{
	char got[64] = "";

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(pread(fd, got, sizeof(got) - 1, 0), 0);
	ck_assert_str_eq(got, text);
}

/* The descriptor and the path lead to the same file. */
static void check_file(struct library_file *file, const char *path,
		       const char *text)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC);

	ck_assert_str_eq(file->path, path);
	expect_text(file->fd, text);
	expect_text(fd, text);
	close(fd);
	library_file_clear(file);
}

static void expect_file(const char *name, const char *path, const char *text)
{
	struct library_file file;
	int ret = library_find(library_log, name, child, &file);

	ck_assert_msg(!ret, "%s", log_get_error(library_log));
	check_file(&file, path, text);
}

static void expect_none(const char *name, int error, const char *words)
{
	struct library_file file;

	ck_assert_int_eq(library_find(library_log, name, child, &file), error);
	ck_assert_msg(strstr(log_get_error(library_log), words),
		      "%s: no \"%s\"", log_get_error(library_log), words);
}

/* Below the child's root. */
static const char *in_root(const char *path)
{
	static char text[2 * PATH_MAX];

	snprintf(text, sizeof(text), "/proc/%d/root%s", (int)child, path);
	return text;
}

static const char *in_directory(const char *path)
{
	static char text[PATH_MAX];

	snprintf(text, sizeof(text), "%s/%s", directory, path);
	return text;
}

/* The only mapping of the child's that is still of a deleted file. */
static const char *in_map_files(const char *words)
{
	static char text[PATH_MAX];
	char path[64], line[PATH_MAX];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	maps = fopen(path, "re");
	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, words))
			snprintf(text, sizeof(text), "/proc/%d/map_files/%.*s",
				 (int)child, (int)strcspn(line, " "), line);
	}
	fclose(maps);
	return text;
}

static void prepare_mount(void)
{
	enter_tmpfs(false);
	map_file("lib/libprobe.so");
}

START_TEST(finds_files_of_another_mount_namespace)
{
	char *path;

	start(prepare_mount);
	path = strdup(in_directory("lib/libprobe.so"));
	expect_file(path, in_root(path), "the child's");
	expect_file("libprobe.so", in_root(path), "the child's");
	/* A path that does not begin with a slash is the caller's. */
	expect_file("lib/libprobe.so", path, "the host's");
	free(path);
	finish();
}
END_TEST

START_TEST(finds_shared_files_by_their_usual_name)
{
	struct library_file file;
	char path[PATH_MAX];

	start(prepare_mount);
	ck_assert_ptr_nonnull(realpath("/bin/sh", path));
	ck_assert_int_eq(library_find(library_log, "/bin/sh", child, &file), 0);
	ck_assert_str_eq(file.path, path);
	library_file_clear(&file);
	finish();
}
END_TEST

static void prepare_chroot(void)
{
	enter_tmpfs(true);
	map_file("lib/libprobe.so");
	MUST(mkdir("alias", 0755));
	MUST(symlink("/lib/libprobe.so", "absolute"));
	MUST(symlink("../../../../lib/libprobe.so", "alias/relative"));
	MUST(symlink("/lib", "directory"));
	MUST(symlink("loop", "loop"));
	MUST(mkfifo("fifo", 0600));
}

START_TEST(finds_files_of_another_root)
{
	char *path;

	start(prepare_chroot);
	path = strdup(in_root("/lib/libprobe.so"));
	expect_file("/lib/libprobe.so", path, "the child's");
	expect_file("//lib/./../lib//libprobe.so", path, "the child's");
	expect_file("/../../lib/libprobe.so", path, "the child's");
	expect_file("libprobe.so", path, "the child's");
	free(path);
	finish();
}
END_TEST

START_TEST(follows_links_from_the_root_of_the_process)
{
	char *path;

	start(prepare_chroot);
	path = strdup(in_root("/lib/libprobe.so"));
	expect_file("/absolute", path, "the child's");
	expect_file("/alias/relative", path, "the child's");
	expect_file("/directory/libprobe.so", path, "the child's");
	expect_none("/loop", -ELOOP, "/loop");
	expect_none("/fifo", -EINVAL, "not a regular file");
	expect_none("/lib", -EISDIR, "directory");
	expect_none("/lib/none", -ENOENT, "file system of process");
	expect_none("/lib/libprobe.so/none", -ENOTDIR, "Not a directory");
	free(path);
	finish();
}
END_TEST

/* "secret" lies in the test's directory, which the child does not have. */
static void prepare_escape(void)
{
	char target[PATH_MAX];

	enter_tmpfs(true);
	snprintf(target, sizeof(target), "%s/lib/secret", directory);
	MUST(symlink(target, "absolute"));
	snprintf(target, sizeof(target), "../../../..%s/lib/secret", directory);
	MUST(symlink(target, "relative"));
	MUST(symlink(directory, "directory"));
	map_file("lib/libprobe.so");
}

START_TEST(follows_no_link_out_of_the_root)
{
	struct library_file file;

	start(prepare_escape);
	/* The same path, without the child, is there. */
	ck_assert_int_eq(library_find(library_log, in_directory("lib/secret"),
				      0, &file),
			 0);
	library_file_clear(&file);
	/* And the kernel's own walk would come there. */
	ck_assert_int_eq(access(in_root("/absolute"), R_OK), 0);
	expect_none("/absolute", -ENOENT, "No such file");
	expect_none("/relative", -ENOENT, "No such file");
	expect_none("/directory/lib/secret", -ENOENT, "No such file");
	expect_none(in_directory("lib/secret"), -ENOENT, "No such file");
	finish();
}
END_TEST

static void prepare_deleted(void)
{
	enter_tmpfs(true);
	map_file("lib/libprobe.so");
	MUST(unlink("lib/libprobe.so"));
	/* What looks like it is not it. */
	write_file("lib/libprobe.so (deleted)", "another");
	write_file("lib/libold.so", "the mapped one");
	map_file("lib/libold.so");
	write_file("lib/libnew.so", "another");
	MUST(rename("lib/libnew.so", "lib/libold.so"));
}

START_TEST(finds_mapped_files_that_were_deleted)
{
	start(prepare_deleted);
	expect_file("libprobe.so", in_map_files("libprobe.so (deleted)"),
		    "the child's");
	/* As after an upgrade: the name is another file's now. */
	expect_file("libold.so", in_map_files("libold.so (deleted)"),
		    "the mapped one");
	expect_file("/lib/libold.so", in_root("/lib/libold.so"), "another");
	finish();
}
END_TEST

static void prepare_same(void)
{
	enter_tmpfs(true);
	map_file("lib/libprobe.so");
	map_file("lib/libprobe.so");
	MUST(mkdir("lib/v3", 0755));
	write_file("lib/v3/libprobe.so", "another");
	map_file("lib/v3/libprobe.so");
	write_file("lib/libonce.so", "once");
	map_file("lib/libonce.so");
	map_file("lib/libonce.so");
}

START_TEST(refuses_to_choose_between_files)
{
	start(prepare_same);
	expect_none("libprobe.so", -EADDRNOTAVAIL, "several files");
	expect_none("libprobe.so", -EADDRNOTAVAIL, "/lib/libprobe.so");
	expect_none("libprobe.so", -EADDRNOTAVAIL, "/lib/v3/libprobe.so");
	ck_assert_ptr_nonnull(
		strstr(log_get_remedy(library_log), "give the path"));
	expect_file("libonce.so", in_root("/lib/libonce.so"), "once");
	finish();
}
END_TEST

static void prepare_beside(void)
{
	enter_tmpfs(true);
	write_file("lib/libprobe-2.31.so", "the right one");
	map_file("lib/libprobe-2.31.so");
	MUST(symlink("libprobe-2.31.so", "lib/libprobe.so.6"));
	/* Beside it, but not the file that is mapped. */
	write_file("lib/libother-1.so", "other");
	MUST(symlink("libother-1.so", "lib/libother.so.1"));
}

START_TEST(finds_a_soname_beside_the_mapped_file)
{
	start(prepare_beside);
	expect_file("libprobe.so.6", in_root("/lib/libprobe-2.31.so"),
		    "the right one");
	expect_none("libother.so.1", -ENOENT, "has mapped no file");
	expect_none("libprobe", -ENOENT, "did you mean libprobe-2.31.so?");
	finish();
}
END_TEST

static void prepare_odd(void)
{
	enter_tmpfs(true);
	write_file("lib/a b", "spaces");
	map_file("lib/a b");
	write_file("lib/a\nb", "line feed");
	map_file("lib/a\nb");
	write_file("lib/a (deleted)", "not deleted");
	map_file("lib/a (deleted)");
}

START_TEST(finds_files_of_odd_names)
{
	start(prepare_odd);
	expect_file("a b", in_root("/lib/a b"), "spaces");
	expect_file("a\nb", in_root("/lib/a\nb"), "line feed");
	expect_file("a (deleted)", in_root("/lib/a (deleted)"), "not deleted");
	finish();
}
END_TEST

static void prepare_plain_chroot(void)
{
	MUST(chroot(directory));
	MUST(chdir("/"));
	map_file("/lib/libprobe.so");
}

/* A root of its own, in the mounts of all: what is there has a plain name. */
START_TEST(finds_files_below_a_changed_root)
{
	start(prepare_plain_chroot);
	expect_file("/lib/libprobe.so", in_directory("lib/libprobe.so"),
		    "the host's");
	expect_file("libprobe.so", in_directory("lib/libprobe.so"),
		    "the host's");
	finish();
}
END_TEST

static void prepare_debug(void)
{
	enter_tmpfs(true);
	MUST(mkdir("usr", 0755));
	MUST(mkdir("usr/lib", 0755));
	MUST(mkdir("usr/lib/debug", 0755));
	MUST(mkdir("usr/lib/debug/lib", 0755));
	MUST(mkdir("usr/lib/debug/.build-id", 0755));
	MUST(mkdir("usr/lib/debug/.build-id/fe", 0755));
	MUST(symlink("/usr/lib/debug/lib/y",
		     "usr/lib/debug/.build-id/fe/dc0a.debug"));
	write_file("usr/lib/debug/lib/y", "by build ID");
	write_file("usr/lib/debug/lib/x", "123456789");
}

static int find_debug(const uint8_t *build_id, size_t length, uint32_t crc,
		      const char *path, const char *text)
{
	struct library_file file;
	char *described = strdup(in_root("/lib/libprobe.so"));
	int ret;

	ret = library_find_debug(library_log, child, described, build_id,
				 length, "x", crc, &file);
	free(described);
	if (!ret)
		check_file(&file, in_root(path), text);
	return ret;
}

START_TEST(finds_debug_files_in_the_root)
{
	static const uint8_t build_id[] = { 0xfe, 0xdc, 0x0a };

	start(prepare_debug);
	ck_assert_int_eq(find_debug(build_id, 3, 0, "/usr/lib/debug/lib/y",
				    "by build ID"),
			 0);
	ck_assert_int_eq(find_debug(NULL, 0, 0xcbf43926, "/usr/lib/debug/lib/x",
				    "123456789"),
			 0);
	ck_assert_int_eq(find_debug(NULL, 0, 0xcbf43927, NULL, NULL), -ENOENT);
	ck_assert_str_eq(log_get_error(library_log), "");
	finish();
}
END_TEST

static size_t count_descriptors(void)
{
	size_t count = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

START_TEST(leaves_no_descriptor_open)
{
	struct library_file file;
	size_t before;

	start(prepare_same);
	before = count_descriptors();
	expect_file("libonce.so", in_root("/lib/libonce.so"), "once");
	expect_file("/lib/libonce.so", in_root("/lib/libonce.so"), "once");
	expect_none("libprobe.so", -EADDRNOTAVAIL, "several");
	expect_none("libnone.so", -ENOENT, "no file");
	expect_none("/lib/none", -ENOENT, "none");
	expect_none("/lib", -EISDIR, "directory");
	expect_none("none/none", -ENOENT, "none");
	ck_assert_int_eq(library_find(library_log, "libc.so.6", 0, &file), 0);
	library_file_clear(&file);
	ck_assert_int_eq(library_find(library_log, "none", 0, &file), -ENOENT);
	ck_assert_int_eq(find_debug(NULL, 0, 0, NULL, NULL), -ENOENT);
	ck_assert_uint_eq(count_descriptors(), before);
	finish();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(finds_files_of_another_mount_namespace),
	TEST(finds_shared_files_by_their_usual_name),
	TEST(finds_files_of_another_root),
	TEST(follows_links_from_the_root_of_the_process),
	TEST(follows_no_link_out_of_the_root),
	TEST(finds_mapped_files_that_were_deleted),
	TEST(refuses_to_choose_between_files),
	TEST(finds_a_soname_beside_the_mapped_file),
	TEST(finds_files_of_odd_names),
	TEST(finds_files_below_a_changed_root),
	TEST(finds_debug_files_in_the_root),
	TEST(leaves_no_descriptor_open),
};

HARNESS_MAIN("library-of-process", tests, HARNESS_UNIT)
