/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel takes the file of a uprobe by its name, and looks that up as the
 * process that asks. But a process in a container has files of its own, under
 * names that mean other files here, and with symbolic links whose targets begin
 * at its own root: /proc/PID/root/lib/x may be a link to /opt/x, which is not
 * /proc/PID/root/opt/x. Whoever has the container could so lead a probe to any
 * file of the host.
 *
 * So paths in there are walked by hand, component by component. Each is opened
 * in its directory with O_NOFOLLOW; links are read, and their targets walked
 * from the root that was opened first; ".." takes back a component of the name,
 * and is never opened. What was opened hence lies below that root, whatever is
 * renamed meanwhile. (openat2(2) with RESOLVE_IN_ROOT does the same from Linux
 * 5.6 on, but tells no name without links, which is wanted here as well.)
 *
 * A name is believed when stat(2) finds the same inode behind it as behind the
 * descriptor; first the one that the descriptor itself has in /proc, because it
 * outlives the process.
 */
#include "library_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

/* MAXSYMLINKS in the kernel. */
#define MOST_LINKS 40

struct walk {
	int root;
	int links;
	/* "", or "/" and a component, and so on; holds no link. */
	char resolved[PATH_MAX];
	char rest[PATH_MAX];
	const char *at;
};

int library_root_open(int32_t pid, struct library_root *root)
{
	char path[32];
	int fd = -1;

	if (pid) {
		snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
		fd = sys_open_path(path);
		if (fd == -ENOENT)
			return -ESRCH;
		if (fd < 0)
			return fd;
	}
	root->fd = fd;
	root->pid = pid;
	return 0;
}

void library_root_close(struct library_root *root)
{
	sys_close(root->fd);
	root->fd = -1;
}

/* The next component of a path; "" at its end. */
static int take_component(const char **at, char name[NAME_MAX + 1])
{
	size_t length;

	*at += strspn(*at, "/");
	length = strcspn(*at, "/");
	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, *at, length);
	name[length] = '\0';
	*at += length;
	return 0;
}

static int open_resolved(const struct walk *walk)
{
	const char *at = walk->resolved;
	char name[NAME_MAX + 1];
	int fd = sys_open_entry(walk->root, ".");

	while (fd >= 0 && *at) {
		int directory = fd;

		fd = take_component(&at, name);
		if (!fd)
			fd = sys_open_entry(directory, name);
		sys_close(directory);
	}
	return fd;
}

static int append_component(struct walk *walk, const char *name)
{
	size_t used = strlen(walk->resolved), length = strlen(name);

	if (used + 1 + length >= sizeof(walk->resolved))
		return -ENAMETOOLONG;
	walk->resolved[used] = '/';
	memcpy(walk->resolved + used + 1, name, length + 1);
	return 0;
}

static void cut_component(struct walk *walk)
{
	char *last = strrchr(walk->resolved, '/');

	if (last)
		*last = '\0';
}

static int set_rest(struct walk *walk, const char *first, const char *then)
{
	char rest[PATH_MAX];
	int length = snprintf(rest, sizeof(rest), "%s/%s", first, then);

	if (length < 0 || (size_t)length >= sizeof(rest))
		return -ENAMETOOLONG;
	memcpy(walk->rest, rest, (size_t)length + 1);
	walk->at = walk->rest;
	return 0;
}

static int follow_link(struct walk *walk, int link)
{
	char *target;
	int ret;

	if (++walk->links > MOST_LINKS)
		return -ELOOP;
	ret = sys_read_link_fd(link, &target);
	if (ret)
		return ret;
	if (*target == '/')
		walk->resolved[0] = '\0';
	else
		cut_component(walk);
	ret = set_rest(walk, target, walk->at);
	free(target);
	return ret;
}

static int walk_component(struct walk *walk, const char *name)
{
	struct sys_node node;
	int fd, ret;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		cut_component(walk);
		return 0;
	}
	ret = append_component(walk, name);
	if (ret)
		return ret;
	fd = open_resolved(walk);
	if (fd < 0)
		return fd;
	ret = sys_describe(fd, &node);
	if (!ret && node.kind == SYS_LINK)
		ret = follow_link(walk, fd);
	sys_close(fd);
	return ret;
}

static int walk_path(struct walk *walk, const char *path)
{
	char name[NAME_MAX + 1];
	int ret = set_rest(walk, "", path);

	while (!ret) {
		ret = take_component(&walk->at, name);
		if (!ret && !*name)
			return 0;
		if (!ret)
			ret = walk_component(walk, name);
	}
	return ret;
}

/* A descriptor of O_PATH, and a name that should lead there. */
static int open_in_root(const struct library_root *root, const char *path,
			char **name)
{
	struct walk walk = { .root = root->fd };
	int fd, ret = walk_path(&walk, path);

	if (ret)
		return ret;
	fd = open_resolved(&walk);
	if (fd < 0)
		return fd;
	if (asprintf(name, "/proc/%d/root%s", (int)root->pid, walk.resolved) <
	    0) {
		sys_close(fd);
		return -ENOMEM;
	}
	return fd;
}

static int open_here(const char *path, char **name)
{
	int fd = sys_open_path(path);

	if (fd < 0)
		return fd;
	*name = strdup(path);
	if (!*name) {
		sys_close(fd);
		return -ENOMEM;
	}
	return fd;
}

static bool leads_to(const char *path, const struct sys_node *node)
{
	struct sys_node found;

	return !sys_describe_path(path, &found) &&
	       found.device == node->device && found.inode == node->inode;
}

static int check_kind(const struct sys_node *node)
{
	switch (node->kind) {
	case SYS_FILE:
		return 0;
	case SYS_DIRECTORY:
		return -EISDIR;
	case SYS_LINK:
		return -ELOOP;
	case SYS_OTHER:
		break;
	}
	return -EINVAL;
}

/* The better of two names; takes the other's memory. */
static int choose_name(int fd, const struct sys_node *node, char **name)
{
	char *own;
	int ret = sys_descriptor_path(fd, &own);

	if (!ret && leads_to(own, node)) {
		free(*name);
		*name = own;
		return 0;
	}
	if (!ret)
		free(own);
	if (ret == -ENOMEM)
		return ret;
	return leads_to(*name, node) ? 0 : -ESTALE;
}

static bool is_node(const struct library_file *identity,
		    const struct sys_node *node)
{
	return identity->device == node->device &&
	       identity->inode == node->inode;
}

/*
 * Nothing but the right regular file is opened for reading: there are those
 * that notice.
 */
static int fill_file(int fd, const struct library_file *identity, char **name,
		     struct library_file *file)
{
	struct sys_node node;
	int ret = sys_describe(fd, &node);

	if (!ret && identity && !is_node(identity, &node))
		ret = -ESTALE;
	if (!ret)
		ret = check_kind(&node);
	if (!ret)
		ret = choose_name(fd, &node, name);
	if (!ret)
		ret = sys_reopen(fd);
	if (ret < 0)
		return ret;
	*file = (struct library_file){
		.fd = ret,
		.path = *name,
		.device = node.device,
		.inode = node.inode,
	};
	return 0;
}

static int open_file(const struct library_root *root, const char *path,
		     const struct library_file *identity,
		     struct library_file *file)
{
	char *name;
	int fd, ret;

	fd = root->fd < 0 ? open_here(path, &name) :
			    open_in_root(root, path, &name);
	if (fd < 0)
		return fd;
	ret = fill_file(fd, identity, &name, file);
	sys_close(fd);
	if (ret)
		free(name);
	return ret;
}

int library_file_open(const struct library_root *root, const char *path,
		      struct library_file *file)
{
	return open_file(root, path, NULL, file);
}

int library_file_open_same(const struct library_root *root, const char *path,
			   const struct library_file *identity,
			   struct library_file *file)
{
	return open_file(root, path, identity, file);
}

void library_file_clear(struct library_file *file)
{
	sys_close(file->fd);
	free(file->path);
	*file = (struct library_file){ .fd = -1 };
}

bool library_file_is_same(const struct library_file *left,
			  const struct library_file *right)
{
	return left->device == right->device && left->inode == right->inode;
}
