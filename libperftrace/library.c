/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names are looked up as those look them up who use them: sonames as ld.so(8)
 * does, in LD_LIBRARY_PATH, /etc/ld.so.cache and the default directories, and
 * what is no soname as a shell does, in PATH. There are two differences to
 * ld.so. It takes one of several files in the cache by what the processor can
 * do; here they are all shown to the user, because processes that were started
 * differently may use another one. And what stands in a program itself, its
 * RUNPATH, is not known here: a process is, and tells what it has mapped.
 */
#include "library.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ld_cache.h"
#include "library_mapped.h"
#include "library_words.h"
#include "log.h"
#include "suggest.h"
#include "sys.h"

#define CACHE_PATH "/etc/ld.so.cache"
/* Of one soname, with all that glibc-hwcaps has. */
#define MOST_CANDIDATES 8

#if defined(__aarch64__)
static const char default_directories[] =
	"/lib/aarch64-linux-gnu:/usr/lib/aarch64-linux-gnu:"
	"/lib64:/usr/lib64:/lib:/usr/lib";
#define OWN_ELF_MACHINE 183 /* EM_AARCH64 */
#else
static const char default_directories[] =
	"/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:"
	"/lib64:/usr/lib64:/lib:/usr/lib";
#define OWN_ELF_MACHINE 62 /* EM_X86_64 */
#endif

static const struct library_root own_root = { .fd = -1 };

enum search_for { LIBRARIES, PROGRAMS };

/* What is wrong with this process, rather than with one file. */
static bool is_fatal(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

static int fail_file(struct log *log, int error, const char *path)
{
	switch (error) {
	case -ENOMEM:
		return fail_memory(log);
	case -EINVAL:
		return fail(log, error, "%s: not a regular file", path);
	case -ESTALE:
		return fail(log, error,
			    "%s: no name leads to this file any more", path);
	case -EMFILE:
		fail(log, error, "%s: %s", path, strerror(-error));
		return fail_remedy(log, "raise RLIMIT_NOFILE (ulimit -n)");
	default:
		return fail(log, error, "%s: %s", path, strerror(-error));
	}
}

static int find_own_path(struct log *log, const char *path,
			 struct library_file *file)
{
	int ret = library_file_open(&own_root, path, file);

	return ret ? fail_file(log, ret, path) : 0;
}

static int find_path_of(struct log *log, const char *path, int32_t pid,
			struct library_file *file)
{
	struct library_root root;
	int ret = library_root_open(pid, &root);

	if (ret)
		return library_fail_process(log, ret, pid);
	ret = library_file_open(&root, path, file);
	library_root_close(&root);
	if (!ret)
		return 0;
	fail_file(log, ret, path);
	if (ret == -ENOENT)
		return fail_remedy(log,
				   "it is looked up in the file system of "
				   "process %d",
				   (int)pid);
	return ret;
}

/* ELF of 64 bits, little-endian, and of this machine: as ld.so checks it. */
static bool is_own_library(const struct library_file *file)
{
	static const unsigned char magic[] = { 0x7f, 'E', 'L', 'F', 2, 1 };
	unsigned char header[20];

	if (sys_read_at(file->fd, header, sizeof(header), 0) !=
	    (ssize_t)sizeof(header))
		return false;
	return !memcmp(header, magic, sizeof(magic)) &&
	       (header[18] | header[19] << 8) == OWN_ELF_MACHINE;
}

/* 1: it is this one; 0: it is not. */
static int try_path(const char *path, enum search_for what,
		    struct library_file *file)
{
	struct library_file found;
	int ret;

	if (what == PROGRAMS && sys_check_executable(path))
		return 0;
	ret = library_file_open(&own_root, path, &found);
	if (ret)
		return is_fatal(ret) ? ret : 0;
	if (what == LIBRARIES && !is_own_library(&found)) {
		library_file_clear(&found);
		return 0;
	}
	*file = found;
	return 1;
}

/* 1: in the first of these directories that has it; 0: in none. */
static int try_list(const char *list, const char *separators, const char *name,
		    enum search_for what, struct library_file *file)
{
	const char *end;
	int ret;

	for (;; list = end + 1) {
		char *path;
		int length;

		end = list + strcspn(list, separators);
		length = (int)(end - list);
		/* Nothing between two separators is the current directory. */
		if (asprintf(&path, "%.*s%s%s", length, list,
			     length ? "/" : "./", name) < 0)
			return -ENOMEM;
		ret = try_path(path, what, file);
		free(path);
		if (ret || !*end)
			return ret;
	}
}

static int try_environment(const char *name, struct library_file *file)
{
	const char *list = secure_getenv("LD_LIBRARY_PATH");

	return list && *list ? try_list(list, ":;", name, LIBRARIES, file) : 0;
}

static int try_programs(const char *name, struct library_file *file)
{
	const char *list = secure_getenv("PATH");

	return try_list(list ? list : "/bin:/usr/bin", ":", name, PROGRAMS,
			file);
}

/* The next entry of this machine's. */
static bool next_entry(const struct ld_cache *cache, size_t *index,
		       struct ld_cache_entry *entry)
{
	while (*index < cache->count) {
		if (!ld_cache_entry(cache, (*index)++, entry) &&
		    entry->flags == ld_cache_flags(machine_this()))
			return true;
	}
	return false;
}

static bool is_known(const struct library_file *files, size_t count,
		     const struct library_file *file)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (library_file_is_same(&files[i], file))
			return true;
	}
	return false;
}

/* How many files of this soname there are: two names of one count once. */
static int collect(const struct ld_cache *cache, const char *name,
		   struct library_file files[MOST_CANDIDATES])
{
	struct ld_cache_entry entry;
	size_t index = 0, count = 0;

	while (count < MOST_CANDIDATES && next_entry(cache, &index, &entry)) {
		int ret;

		if (strcmp(entry.name, name))
			continue;
		ret = try_path(entry.path, LIBRARIES, &files[count]);
		if (ret < 0) {
			while (count)
				library_file_clear(&files[--count]);
			return ret;
		}
		if (!ret)
			continue;
		if (is_known(files, count, &files[count]))
			library_file_clear(&files[count]);
		else
			count++;
	}
	return (int)count;
}

static int fail_several(struct log *log, const char *name,
			const struct library_file *files, int count)
{
	char list[LIBRARY_LIST_BYTES] = "";
	int i;

	for (i = 0; i < count; i++)
		library_list(list, files[i].path);
	fail(log, -EADDRNOTAVAIL, "%s is the name of several files: %s", name,
	     list);
	return fail_remedy(log, "give the path of the one that is meant");
}

/* -EADDRNOTAVAIL, with the reason, where there are several. */
static int try_cache(struct log *log, const struct ld_cache *cache,
		     const char *name, struct library_file *file)
{
	struct library_file files[MOST_CANDIDATES];
	int count = collect(cache, name, files), ret = count;

	if (count == 1)
		*file = files[0];
	if (count <= 1)
		return ret;
	ret = fail_several(log, name, files, count);
	while (count)
		library_file_clear(&files[--count]);
	return ret;
}

static int fail_none(struct log *log, const struct ld_cache *cache,
		     const char *name)
{
	struct suggestions suggestions;
	struct ld_cache_entry entry;
	size_t index = 0;

	suggest_begin(&suggestions, name);
	while (next_entry(cache, &index, &entry))
		library_suggest(&suggestions, entry.name);
	fail(log, -ENOENT, "%s is neither a library nor a program", name);
	return library_remedy(log, &suggestions, "give its path");
}

static int find_name(struct log *log, const struct ld_cache *cache,
		     const char *name, struct library_file *file)
{
	int ret = try_environment(name, file);

	if (!ret)
		ret = try_cache(log, cache, name, file);
	if (!ret)
		ret = try_list(default_directories, ":", name, LIBRARIES, file);
	if (!ret)
		ret = try_programs(name, file);
	if (!ret)
		return fail_none(log, cache, name);
	return is_fatal(ret) ? fail_file(log, ret, name) : ret;
}

/* Without a cache, ld.so goes on, too. To be freed. */
static char *read_cache(struct log *log, struct ld_cache *cache)
{
	char *bytes;
	size_t size;
	int ret = sys_read_file(CACHE_PATH, &bytes, &size);

	*cache = (struct ld_cache){ .count = 0 };
	if (ret) {
		log_debug(log, CACHE_PATH ": %s", strerror(-ret));
		return NULL;
	}
	if (ld_cache_parse(bytes, size, cache))
		log_warning(log, CACHE_PATH " is damaged, and not used");
	return bytes;
}

int library_find(struct log *log, const char *name, int32_t pid,
		 struct library_file *file)
{
	struct ld_cache cache;
	char *bytes;
	int ret;

	if (!*name)
		return fail(log, -EINVAL, "the name of a file is empty");
	if (strchr(name, '/'))
		return pid && *name == '/' ?
			       find_path_of(log, name, pid, file) :
			       find_own_path(log, name, file);
	if (pid)
		return library_find_mapped(log, name, pid, file);
	bytes = read_cache(log, &cache);
	ret = find_name(log, &cache, name, file);
	free(bytes);
	return ret < 0 ? ret : 0;
}
