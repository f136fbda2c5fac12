/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * /proc/PID/maps tells the inodes that a process has mapped, and a path for
 * each. The path is a text: it is written as seen from the reader's root, or
 * from that of the mount namespace, but not from the process's; and the file
 * there may be another one by now. So a path is only where to look, and what is
 * found is held against the mapping.
 *
 * The mapping's inode is asked from /proc/PID/map_files, which leads to the
 * file itself, whether it has a name or not. The numbers in the maps serve
 * where that is not permitted: but on btrfs and overlayfs they are not those
 * that stat(2) tells.
 */
#include "library_mapped.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_file.h"
#include "library_words.h"
#include "log.h"
#include "maps.h"
#include "suggest.h"
#include "sys.h"

/* More candidates than these are not told apart: one is too many. */
#define MOST_CANDIDATES 8

struct candidate {
	struct mapping mapping;
	char path[PATH_MAX];
};

struct search {
	const char *name;
	int32_t pid;
	char *maps;
	struct library_root own;
	struct library_root root;
	/* The process's root as its paths in the maps may begin; "" for "/". */
	char *prefix;
};

static const char *last_component(const char *path)
{
	const char *last = strrchr(path, '/');

	return last ? last + 1 : path;
}

static bool is_same_mapped(const struct mapping *left,
			   const struct mapping *right)
{
	return left->inode == right->inode && left->major == right->major &&
	       left->minor == right->minor;
}

/* The next file that code is mapped from, with its path. */
static bool next_code(const char **text, struct mapping *mapping,
		      char path[PATH_MAX])
{
	while (maps_next(text, mapping)) {
		if (mapping->is_executable && mapping->inode &&
		    maps_path(mapping, path, PATH_MAX))
			return true;
	}
	return false;
}

static void map_files_path(int32_t pid, const struct mapping *mapping,
			   char path[80])
{
	snprintf(path, 80, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)pid,
		 mapping->start, mapping->end);
}

/* 0: by map_files; else why not, and it is by the maps. */
static int identify(int32_t pid, const struct mapping *mapping,
		    struct library_file *identity)
{
	struct sys_node node = {
		.device = sys_device(mapping->major, mapping->minor),
		.inode = mapping->inode,
	};
	char path[80];
	int ret;

	map_files_path(pid, mapping, path);
	ret = sys_describe_path(path, &node);
	identity->device = node.device;
	identity->inode = node.inode;
	return ret;
}

/* Where a path of the maps leads in the process's own root. */
static const char *below_root(const struct search *search, const char *path)
{
	size_t length = strlen(search->prefix);

	if (!strncmp(path, search->prefix, length) && path[length] == '/')
		return path + length;
	return path;
}

static int open_by_path(const struct search *search, const char *path,
			const struct library_file *identity,
			struct library_file *file)
{
	int ret = library_file_open_same(&search->own, path, identity, file);

	if (ret && ret != -ENOMEM)
		ret = library_file_open_same(&search->root,
					     below_root(search, path), identity,
					     file);
	return ret;
}

static int open_candidate(struct log *log, const struct search *search,
			  const struct candidate *candidate,
			  struct library_file *file)
{
	struct library_file identity;
	char path[80];
	int known = identify(search->pid, &candidate->mapping, &identity);
	int ret = open_by_path(search, candidate->path, &identity, file);

	if (!ret || ret == -ENOMEM)
		return ret ? fail_memory(log) : 0;
	map_files_path(search->pid, &candidate->mapping, path);
	ret = library_file_open_same(&search->own, path, &identity, file);
	if (!ret)
		return 0;
	if (ret == -ENOMEM)
		return fail_memory(log);
	fail(log, known == -EPERM || known == -EACCES ? known : -ESTALE,
	     "no name leads to the %s that process %d has mapped, %s",
	     search->name, (int)search->pid, candidate->path);
	if (known == -EPERM || known == -EACCES)
		return fail_remedy(log, "give its path, or run as root or with "
					"CAP_CHECKPOINT_RESTORE");
	return fail_remedy(log, "the process has unmapped it, or has ended");
}

/* "libc-2.31.so (deleted)" is named libc-2.31.so, but might really be so. */
static bool has_name(const struct search *search, char *path)
{
	return !strcmp(last_component(path), search->name) ||
	       (maps_cut_deleted(path) &&
		!strcmp(last_component(path), search->name));
}

/* libc.so.6 beside libc-2.31.so, and a link to it. */
static bool has_name_beside(const struct search *search,
			    const struct mapping *mapping, char path[PATH_MAX])
{
	size_t length = (size_t)(last_component(path) - path);
	struct library_file identity, file;

	if (length + strlen(search->name) >= PATH_MAX)
		return false;
	memcpy(path + length, search->name, strlen(search->name) + 1);
	identify(search->pid, mapping, &identity);
	if (open_by_path(search, path, &identity, &file))
		return false;
	library_file_clear(&file);
	return true;
}

static bool is_known(const struct candidate *candidates, size_t count,
		     const struct mapping *mapping)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (is_same_mapped(&candidates[i].mapping, mapping))
			return true;
	}
	return false;
}

static size_t collect(const struct search *search, bool is_beside,
		      struct candidate *candidates)
{
	const char *text = search->maps;
	size_t count = 0;

	while (count < MOST_CANDIDATES) {
		struct candidate *candidate = &candidates[count];
		bool found;

		if (!next_code(&text, &candidate->mapping, candidate->path))
			break;
		if (is_known(candidates, count, &candidate->mapping))
			continue;
		found = is_beside ? has_name_beside(search, &candidate->mapping,
						    candidate->path) :
				    has_name(search, candidate->path);
		count += found;
	}
	return count;
}

static int fail_several(struct log *log, const struct search *search,
			const struct candidate *candidates, size_t count)
{
	char list[LIBRARY_LIST_BYTES] = "";
	size_t i;

	for (i = 0; i < count; i++)
		library_list(list, candidates[i].path);
	fail(log, -EADDRNOTAVAIL,
	     "process %d has mapped several files named %s: %s",
	     (int)search->pid, search->name, list);
	return fail_remedy(log, "give the path of the one that is meant");
}

/* Suggestions are borrowed: the text is cut into names, for the last time. */
static int fail_none(struct log *log, const struct search *search)
{
	const char *text = search->maps;
	struct suggestions suggestions;
	struct mapping mapping;

	suggest_begin(&suggestions, search->name);
	while (maps_next(&text, &mapping)) {
		char *path = search->maps + (mapping.path - search->maps);

		path[mapping.path_length] = '\0';
		if (!mapping.is_executable || *path != '/')
			continue;
		maps_cut_deleted(path);
		library_suggest(&suggestions, last_component(path));
	}
	fail(log, -ENOENT, "process %d has mapped no file named %s",
	     (int)search->pid, search->name);
	return library_remedy(log, &suggestions,
			      "give its path, if it is yet to be loaded");
}

static int choose(struct log *log, const struct search *search,
		  struct library_file *file)
{
	struct candidate *candidates =
		calloc(MOST_CANDIDATES, sizeof(*candidates));
	size_t count;
	int ret;

	if (!candidates)
		return fail_memory(log);
	count = collect(search, false, candidates);
	if (!count)
		count = collect(search, true, candidates);
	if (!count)
		ret = fail_none(log, search);
	else if (count > 1)
		ret = fail_several(log, search, candidates, count);
	else
		ret = open_candidate(log, search, candidates, file);
	free(candidates);
	return ret;
}

/* Of /proc/PID/root; "" where its paths begin at the same root as ours. */
static int read_prefix(int32_t pid, char **prefix)
{
	char path[32];
	int ret;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	ret = sys_read_link(path, prefix);
	if (!ret && !strcmp(*prefix, "/"))
		**prefix = '\0';
	return ret == -ENOENT ? -ESRCH : ret;
}

int library_find_mapped(struct log *log, const char *name, int32_t pid,
			struct library_file *file)
{
	struct search search = {
		.name = name,
		.pid = pid,
		.own = { .fd = -1 },
	};
	char path[32], *maps;
	size_t size;
	int ret;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	ret = sys_read_file(path, &maps, &size);
	if (ret)
		return library_fail_process(log, ret == -ENOENT ? -ESRCH : ret,
					    pid);
	search.maps = maps;
	ret = read_prefix(pid, &search.prefix);
	if (ret)
		goto free_maps;
	ret = library_root_open(pid, &search.root);
	if (ret)
		goto free_prefix;
	ret = choose(log, &search, file);
	library_root_close(&search.root);
	free(search.prefix);
	free(maps);
	return ret;

free_prefix:
	free(search.prefix);
free_maps:
	free(maps);
	return library_fail_process(log, ret, pid);
}
