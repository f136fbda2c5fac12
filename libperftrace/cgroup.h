/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CGROUP_H
#define CGROUP_H

/* The directory of a control group, for events of the tasks in it. */

struct cgroup;
struct log;

/*
 * @path: absolute, or relative to where the hierarchy that has the perf_event
 * controller is mounted. With the reason: -ENOENT when there is none such,
 * -ENOTDIR, -EBADF when it is no cgroup or of another hierarchy, what open(2)
 * answers, -ENOMEM.
 */
int cgroup_open(struct log *log, const char *path, struct cgroup **cgroup);
void cgroup_close(struct cgroup *cgroup);

int cgroup_get_fd(const struct cgroup *cgroup);
/* The absolute one. */
const char *cgroup_get_path(const struct cgroup *cgroup);

#endif /* CGROUP_H */
