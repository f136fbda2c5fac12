/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * proc_pid_maps(5), as show_map_vma() in fs/proc/task_mmu.c writes it:
 *
 *	55a46a656000-55a46a65c000 r-xp 00002000 fe:00 247498    /usr/bin/head
 *
 * The path is the rest of the line, with spaces as they are. A line feed in it
 * is written as \012 (and so would be these four letters), and a file that was
 * deleted has " (deleted)" behind it (and so might have one that was not). Who
 * opens such a path must see that it leads to the inode in front of it.
 */
#include "maps.h"

#include <stdlib.h>
#include <string.h>

static const char deleted[] = " (deleted)";

static bool is_hex_digit(char letter)
{
	return (letter >= '0' && letter <= '9') ||
	       (letter >= 'a' && letter <= 'f');
}

/* A number, and what must be behind it. */
static bool read_number(const char **at, int base, char behind,
			uint64_t *number)
{
	char *end;

	if (!is_hex_digit(**at))
		return false;
	*number = strtoull(*at, &end, base);
	if (*end != behind)
		return false;
	*at = end + 1;
	return true;
}

static bool read_permissions(const char **at, struct mapping *mapping)
{
	if (strcspn(*at, " \n") != 4)
		return false;
	mapping->is_executable = (*at)[2] == 'x';
	*at += 4;
	return *(*at)++ == ' ';
}

/* The line's last number may have nothing behind it. */
static bool read_inode(const char **at, struct mapping *mapping)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	mapping->inode = strtoull(*at, &end, 10);
	*at = end;
	return !*end || *end == ' ' || *end == '\n';
}

static bool read_line(const char *at, struct mapping *mapping)
{
	uint64_t offset, major, minor;

	if (!read_number(&at, 16, '-', &mapping->start) ||
	    !read_number(&at, 16, ' ', &mapping->end) ||
	    !read_permissions(&at, mapping) ||
	    !read_number(&at, 16, ' ', &offset) ||
	    !read_number(&at, 16, ':', &major) ||
	    !read_number(&at, 16, ' ', &minor) || !read_inode(&at, mapping))
		return false;
	if (major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	mapping->major = (uint32_t)major;
	mapping->minor = (uint32_t)minor;
	at += strspn(at, " ");
	mapping->path = at;
	mapping->path_length = strcspn(at, "\n");
	return true;
}

bool maps_next(const char **text, struct mapping *mapping)
{
	bool found = false;

	while (!found && **text) {
		found = read_line(*text, mapping);
		*text += strcspn(*text, "\n");
		*text += **text == '\n';
	}
	return found;
}

bool maps_path(const struct mapping *mapping, char *path, size_t room)
{
	const char *from = mapping->path;
	size_t left = mapping->path_length, used = 0;

	if (!left || *from != '/')
		return false;
	while (left) {
		bool is_escape = left >= 4 && !memcmp(from, "\\012", 4);
		size_t step = is_escape ? 4 : 1;

		if (used + 1 >= room)
			return false;
		path[used++] = is_escape ? '\n' : *from;
		from += step;
		left -= step;
	}
	path[used] = '\0';
	return true;
}

bool maps_cut_deleted(char *path)
{
	size_t length = strlen(path), mark = strlen(deleted);

	if (length < mark || strcmp(path + length - mark, deleted))
		return false;
	path[length - mark] = '\0';
	return true;
}
