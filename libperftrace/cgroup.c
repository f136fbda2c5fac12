/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The perf_event controller is in one hierarchy: in one of version 1 where that
 * was mounted with it, and in cgroup2 otherwise, without being named there
 * (implicit_on_dfl in kernel/events/core.c). For a directory of another
 * hierarchy perf_event_open(2) answers ENOENT, as for one of the right hierarchy
 * whose controller is not enabled; which it is, is told apart here: a hierarchy
 * is one device, wherever and however often it is mounted.
 */
#include "cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sys.h"

struct cgroup {
	int fd;
	char *path;
};

static int find_hierarchy(char **root)
{
	int ret = sys_find_mount("cgroup", "perf_event", root);

	return ret == -ENOENT ? sys_find_mount("cgroup2", NULL, root) : ret;
}

static int fail_hierarchy(struct log *log, int error, const char *path)
{
	if (error == -ENOMEM)
		return fail_memory(log);
	if (error != -ENOENT)
		return fail(log, error,
			    "cgroup %s: /proc/self/mounts can't be read: %s",
			    path, strerror(-error));
	fail(log, -ENOENT,
	     "cgroup %s: no hierarchy with the perf_event controller is "
	     "mounted",
	     path);
	return fail_remedy(log, "as root: mount -t cgroup2 none "
				"/sys/fs/cgroup; or give an absolute path");
}

static int fail_directory(struct log *log, int error, const char *path)
{
	switch (error) {
	case -ENOENT:
		fail(log, error, "there is no cgroup %s", path);
		return fail_remedy(log, "a task's cgroup is in "
					"/proc/PID/cgroup");
	case -ENOTDIR:
		return fail(log, error,
			    "cgroup %s: a cgroup is a directory, and this is "
			    "none",
			    path);
	default:
		fail(log, error, "cgroup %s can't be opened: %s", path,
		     strerror(-error));
		return error == -EMFILE ?
			       fail_remedy(log, "raise RLIMIT_NOFILE "
						"(ulimit -n)") :
			       error;
	}
}

/* @root: where the right hierarchy is mounted; NULL: nowhere in sight. */
static int check_hierarchy(struct log *log, const struct cgroup *cgroup,
			   const char *root)
{
	struct sys_node node, root_node;

	if (!sys_is_cgroup(cgroup->fd)) {
		fail(log, -EBADF, "%s is not the directory of a cgroup",
		     cgroup->path);
		return root ? fail_remedy(log, "cgroups are below %s", root) :
			      -EBADF;
	}
	/* What can't be told is left to the kernel. */
	if (!root || sys_describe(cgroup->fd, &node) ||
	    sys_describe_path(root, &root_node) ||
	    node.device == root_node.device)
		return 0;
	fail(log, -EBADF,
	     "cgroup %s is in a hierarchy without the perf_event controller",
	     cgroup->path);
	return fail_remedy(log, "the cgroups with it are below %s", root);
}

static int open_directory(struct log *log, struct cgroup *cgroup,
			  const char *path, const char *root)
{
	int length = *path == '/' ?
			     asprintf(&cgroup->path, "%s", path) :
			     asprintf(&cgroup->path, "%s/%s", root, path);

	if (length < 0) {
		cgroup->path = NULL;
		return fail_memory(log);
	}
	cgroup->fd = sys_open_directory(cgroup->path);
	if (cgroup->fd < 0)
		return fail_directory(log, cgroup->fd, cgroup->path);
	return check_hierarchy(log, cgroup, root);
}

int cgroup_open(struct log *log, const char *path, struct cgroup **cgroup)
{
	struct cgroup *made;
	char *root = NULL;
	int ret = find_hierarchy(&root);

	/* A part of the hierarchy may be in sight where its root is not. */
	if (ret && *path != '/')
		return fail_hierarchy(log, ret, path);
	made = malloc(sizeof(*made));
	if (made) {
		*made = (struct cgroup){ .fd = -1 };
		ret = open_directory(log, made, path, root);
	} else {
		ret = fail_memory(log);
	}
	free(root);
	if (ret)
		cgroup_close(made);
	else
		*cgroup = made;
	return ret;
}

void cgroup_close(struct cgroup *cgroup)
{
	if (!cgroup)
		return;
	sys_close(cgroup->fd);
	free(cgroup->path);
	free(cgroup);
}

int cgroup_get_fd(const struct cgroup *cgroup)
{
	return cgroup->fd;
}

const char *cgroup_get_path(const struct cgroup *cgroup)
{
	return cgroup->path;
}
