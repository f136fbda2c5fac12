/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where distributions put debugging information, by "Separate Debug Files" of
 * gdb's manual. By the build ID of the file, in hexadecimal digits:
 *
 *	/usr/lib/debug/.build-id/ab/cdef1234.debug
 *
 * and by the name and checksum in its section .gnu_debuglink, for a file in
 * DIRECTORY:
 *
 *	DIRECTORY/NAME, DIRECTORY/.debug/NAME, /usr/lib/debug/DIRECTORY/NAME
 *
 * For a process with a file system of its own, they are looked for in there,
 * and then here, where whoever debugs a container is more likely to have them.
 */
#include "library_debug.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "library_words.h"
#include "log.h"
#include "sys.h"

#define DEBUG_ROOT "/usr/lib/debug"
/* As many bytes as a SHA-512 has; no linker writes more. */
#define LONGEST_BUILD_ID 64

struct wanted {
	/* In the root that is looked in. */
	const char *path;
	const uint8_t *build_id;
	size_t build_id_length;
	const char *debug_link;
	uint32_t crc;
	struct library_file described;
};

/* CRC-32 of zlib, gzip and ISO 3309, four bits at a time. */
static uint32_t update_crc(uint32_t crc, const unsigned char *bytes,
			   size_t size)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	while (size--) {
		crc ^= *bytes++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

/*
 * Anyone may lay a file beside a program of theirs, and a sparse one of any
 * size costs nothing. This one takes a few seconds.
 */
#define LARGEST_CHECKED ((uint64_t)2 << 30)

static bool has_crc(const struct library_file *file, uint32_t wanted)
{
	unsigned char bytes[16384];
	uint32_t crc = UINT32_MAX;
	uint64_t offset = 0, size;
	ssize_t got;

	if (sys_file_bytes(file->fd, &size) || size > LARGEST_CHECKED)
		return false;
	while ((got = sys_read_at(file->fd, bytes, sizeof(bytes), offset)) >
	       0) {
		crc = update_crc(crc, bytes, (size_t)got);
		offset += (uint64_t)got;
	}
	return !got && ~crc == wanted;
}

/* What is missing, or not to be opened, is not there; but for memory. */
static int answer(int ret)
{
	return ret && ret != -ENOMEM ? -ENOENT : ret;
}

static int try_build_id(const struct library_root *root,
			const struct wanted *wanted, struct library_file *file)
{
	char digits[2 * LONGEST_BUILD_ID + 1], path[256];
	size_t i;

	if (wanted->build_id_length < 2 ||
	    wanted->build_id_length > LONGEST_BUILD_ID)
		return -ENOENT;
	for (i = 0; i < wanted->build_id_length; i++)
		snprintf(digits + 2 * i, 3, "%02x", wanted->build_id[i]);
	snprintf(path, sizeof(path), DEBUG_ROOT "/.build-id/%.2s/%s.debug",
		 digits, digits + 2);
	return answer(library_file_open(root, path, file));
}

/* A file may link to its own name, when the other one lies elsewhere. */
static int try_link(const struct library_root *root,
		    const struct wanted *wanted, const char *path,
		    struct library_file *file)
{
	struct library_file found;
	int ret = library_file_open(root, path, &found);

	if (ret)
		return answer(ret);
	if (library_file_is_same(&found, &wanted->described) ||
	    (!wanted->build_id_length && !has_crc(&found, wanted->crc))) {
		library_file_clear(&found);
		return -ENOENT;
	}
	*file = found;
	return 0;
}

static int try_links(const struct library_root *root,
		     const struct wanted *wanted, struct library_file *file)
{
	static const struct {
		const char *before;
		const char *behind;
	} places[] = { { "", "" }, { "", ".debug/" }, { DEBUG_ROOT, "" } };
	/* With the slash behind it. */
	size_t length;
	int ret = -ENOENT;
	size_t i;

	if (!wanted->path || !wanted->debug_link || !*wanted->debug_link ||
	    strchr(wanted->debug_link, '/'))
		return -ENOENT;
	length = (size_t)(strrchr(wanted->path, '/') + 1 - wanted->path);
	for (i = 0; ret == -ENOENT && i < ARRAY_SIZE(places); i++) {
		char *path;

		if (asprintf(&path, "%s%.*s%s%s", places[i].before, (int)length,
			     wanted->path, places[i].behind,
			     wanted->debug_link) < 0)
			return -ENOMEM;
		ret = try_link(root, wanted, path, file);
		free(path);
	}
	return ret;
}

static int try_root(const struct library_root *root,
		    const struct wanted *wanted, struct library_file *file)
{
	int ret = try_build_id(root, wanted, file);

	return ret == -ENOENT ? try_links(root, wanted, file) : ret;
}

/* NULL: it is in /proc, and has no place in the root. */
static const char *path_here(const char *path)
{
	return *path == '/' && strncmp(path, "/proc/", 6) ? path : NULL;
}

static const char *path_in_root(int32_t pid, const char *path)
{
	char root[32];
	size_t length =
		(size_t)snprintf(root, sizeof(root), "/proc/%d/root", (int)pid);

	if (!strncmp(path, root, length) && path[length] == '/')
		return path + length;
	return path_here(path);
}

static int try_process(struct log *log, int32_t pid, struct wanted *wanted,
		       const char *path, struct library_file *file)
{
	struct library_root root;
	int ret = library_root_open(pid, &root);

	if (ret)
		return library_fail_process(log, ret, pid);
	wanted->path = path_in_root(pid, path);
	ret = try_root(&root, wanted, file);
	library_root_close(&root);
	return ret;
}

int library_find_debug(struct log *log, int32_t pid, const char *path,
		       const uint8_t *build_id, size_t length,
		       const char *debug_link, uint32_t debug_link_crc,
		       struct library_file *file)
{
	static const struct library_root own = { .fd = -1 };
	struct wanted wanted = {
		.build_id = build_id,
		.build_id_length = length,
		.debug_link = debug_link,
		.crc = debug_link_crc,
	};
	struct sys_node node;
	int ret = -ENOENT;

	if (!sys_describe_path(path, &node)) {
		wanted.described.device = node.device;
		wanted.described.inode = node.inode;
	}
	if (pid)
		ret = try_process(log, pid, &wanted, path, file);
	if (ret == -ENOENT) {
		wanted.path = path_here(path);
		ret = try_root(&own, &wanted, file);
	}
	return ret == -ENOMEM ? fail_memory(log) : ret;
}
