/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process that is killed can't remove its probes. The next context that uses
 * the library does it, and must be certain of two things: that the probe is one
 * of this library's, and that its owner is no more.
 *
 * A number of a process says too little: it is given again, means another
 * process in another PID namespace, and again another after the next boot. So
 * the group of a probe is
 *
 *	perftrace_BOOT_PIDNS_TIMENS_PID_START
 *
 * with the boot and the two namespaces in eight hexadecimal digits each, and
 * number and start time in decimal, all as the owner saw them. Start times are
 * shifted between time namespaces, hence the third. tracefs does not outlive a
 * boot: where the boot is another, somebody sees a false number. Then, and where
 * a namespace is another, nothing can be said, and the probe is left alone. Else
 * the owner lives when a process of that number has that start time. A process
 * whose threads have all ended, and that only waits to be reaped by its parent,
 * is dead.
 *
 * A process may be in another PID namespace than the /proc that it sees. The
 * start time in there is somebody else's, so it has none, and does not judge
 * others.
 *
 * A process that executes another program keeps its number and start time, and
 * lives: what it has left is removed when that program has ended.
 */
#include "owner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

#define PREFIX "perftrace_"

static int read_boot(uint32_t *boot)
{
	size_t size;
	char *text;
	int ret =
		sys_read_file("/proc/sys/kernel/random/boot_id", &text, &size);

	if (ret)
		return ret;
	if (size < 8)
		ret = -EBADMSG;
	else
		text[8] = '\0';
	if (!ret)
		*boot = (uint32_t)strtoul(text, NULL, 16);
	free(text);
	return ret;
}

/* A kernel without time namespaces has but one. */
static int read_namespaces(struct owner *owner)
{
	struct sys_node node;
	int ret = sys_describe_path("/proc/self/ns/pid", &node);

	if (ret)
		return ret;
	owner->pid_namespace = (uint32_t)node.inode;
	ret = sys_describe_path("/proc/self/ns/time", &node);
	owner->time_namespace = ret ? 0 : (uint32_t)node.inode;
	return 0;
}

/* What /proc/PID/stat says. */
struct status {
	int32_t pid;
	char state;
	long num_threads;
	uint64_t start_ticks;
};

/*
 * The fields behind the name, which may hold spaces and parentheses of its own:
 * state is the third, num_threads the 20th, starttime the 22nd (proc(5)).
 */
static int read_status(const char *path, struct status *status)
{
	char *text, *end;
	size_t size;
	int got, ret = sys_read_file(path, &text, &size);

	if (ret)
		return ret;
	status->pid = (int32_t)strtol(text, NULL, 10);
	end = strrchr(text, ')');
	got = !end ? 0 :
		     sscanf(end + 1,
			    " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			    "%*s %*s %*s %*s %*s %ld %*s %" SCNu64,
			    &status->state, &status->num_threads,
			    &status->start_ticks);
	free(text);
	return got == 3 ? 0 : -EBADMSG;
}

int owner_identify(struct owner *owner)
{
	struct owner found = { .pid = (int32_t)sys_own_pid() };
	struct status status;
	int ret = read_boot(&found.boot);

	if (!ret)
		ret = read_namespaces(&found);
	if (!ret)
		ret = read_status("/proc/self/stat", &status);
	if (ret)
		return ret;
	if (status.pid == found.pid)
		found.start_ticks = status.start_ticks;
	*owner = found;
	return 0;
}

void owner_write_group(const struct owner *owner, char group[OWNER_GROUP_BYTES])
{
	snprintf(group, OWNER_GROUP_BYTES,
		 PREFIX "%08" PRIx32 "_%08" PRIx32 "_%08" PRIx32 "_%" PRId32
			"_%" PRIu64,
		 owner->boot, owner->pid_namespace, owner->time_namespace,
		 owner->pid, owner->start_ticks);
}

bool owner_parse_group(const char *group, struct owner *owner)
{
	char again[OWNER_GROUP_BYTES];
	struct owner found;

	if (sscanf(group,
		   PREFIX "%8" SCNx32 "_%8" SCNx32 "_%8" SCNx32 "_%" SCNd32
			  "_%" SCNu64,
		   &found.boot, &found.pid_namespace, &found.time_namespace,
		   &found.pid, &found.start_ticks) != 5 ||
	    found.pid <= 0)
		return false;
	/* Nobody else's, however much it looks like one of ours. */
	owner_write_group(&found, again);
	if (strcmp(again, group))
		return false;
	*owner = found;
	return true;
}

static bool has_ended(const struct status *status)
{
	/* The first of several threads may have ended, and the others live. */
	return (status->state == 'Z' || status->state == 'X') &&
	       status->num_threads <= 1;
}

bool owner_is_same(const struct owner *left, const struct owner *right)
{
	return left->boot == right->boot &&
	       left->pid_namespace == right->pid_namespace &&
	       left->time_namespace == right->time_namespace &&
	       left->pid == right->pid &&
	       left->start_ticks == right->start_ticks;
}

/* Do the two see the same processes under the same numbers, and are seen? */
static bool is_comparable(const struct owner *other, const struct owner *own)
{
	return other->boot == own->boot &&
	       other->pid_namespace == own->pid_namespace &&
	       other->time_namespace == own->time_namespace &&
	       other->start_ticks && own->start_ticks;
}

bool owner_is_dead(const struct owner *other, const struct owner *own)
{
	struct status status;
	char path[64];

	if (!is_comparable(other, own))
		return false;
	/* /proc may hide the processes of other users; a signal does not. */
	if (sys_check_process(other->pid) == -ESRCH)
		return true;
	snprintf(path, sizeof(path), "/proc/%" PRId32 "/stat", other->pid);
	if (read_status(path, &status))
		return false;
	return status.start_ticks != other->start_ticks || has_ended(&status);
}
