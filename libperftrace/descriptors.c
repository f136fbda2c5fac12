/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "descriptors.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>

#include "cgroup.h"
#include "sys.h"
#include "target.h"

/* fds[(attr * num_cpus + cpu) * num_tids + tid] */
struct descriptors {
	int *fds;
	size_t num_cpus;
	size_t num_tids;
	size_t count;
	/* One for each CPU: of those that are not there any more. */
	struct reading *past;
	/* Borrowed from the target that they were opened for. */
	const struct target *target;
	/* While they are opened: whose groups they join; NULL: none. */
	const struct descriptors *leaders;
};

static struct descriptors *new_descriptors(const struct target *target,
					   size_t num_attrs)
{
	struct descriptors *made = calloc(1, sizeof(*made));
	size_t i;

	if (!made)
		return NULL;
	made->target = target;
	made->num_cpus = target->cpus.count;
	made->num_tids = target->num_tids;
	made->count = num_attrs * made->num_cpus * made->num_tids;
	made->fds = malloc(made->count * sizeof(*made->fds));
	made->past = calloc(made->num_cpus, sizeof(*made->past));
	if (!made->fds || !made->past) {
		free(made->fds);
		free(made->past);
		free(made);
		return NULL;
	}
	for (i = 0; i < made->count; i++)
		made->fds[i] = -1;
	return made;
}

void descriptors_forget(struct descriptors *descriptors)
{
	if (!descriptors)
		return;
	free(descriptors->fds);
	free(descriptors->past);
	free(descriptors);
}

void descriptors_close(struct descriptors *descriptors)
{
	size_t i;

	for (i = 0; descriptors && i < descriptors->count; i++)
		sys_close(descriptors->fds[i]);
	descriptors_forget(descriptors);
}

static size_t get_cpu_index(const struct descriptors *descriptors, size_t index)
{
	return index / descriptors->num_tids % descriptors->num_cpus;
}

static size_t get_attr_index(const struct descriptors *descriptors,
			     size_t index)
{
	return index / descriptors->num_tids / descriptors->num_cpus;
}

static int refuse(struct descriptors *descriptors, size_t index, int error,
		  struct refusal *refusal)
{
	const struct target *target = descriptors->target;

	refusal->error = error;
	refusal->cpu = target->cpus.cpus[get_cpu_index(descriptors, index)];
	refusal->tid = target->tids[index % descriptors->num_tids];
	refusal->cgroup = target->cgroup ? cgroup_get_path(target->cgroup) :
					   NULL;
	return error;
}

static int open_one(struct descriptors *descriptors,
		    const struct perf_event_attr *attrs, size_t index)
{
	const struct perf_event_attr *attr =
		&attrs[get_attr_index(descriptors, index)];
	const struct target *target = descriptors->target;
	size_t cpu_index = get_cpu_index(descriptors, index);
	int32_t cpu = target->cpus.cpus[cpu_index];

	if (descriptors->leaders)
		return sys_perf_event_open_sibling(
			attr,
			target->cgroup ? cgroup_get_fd(target->cgroup) : -1,
			cpu, descriptors->leaders->fds[cpu_index]);
	if (target->cgroup)
		return sys_perf_event_open_cgroup(
			attr, cgroup_get_fd(target->cgroup), cpu);
	return sys_perf_event_open(
		attr, target->tids[index % descriptors->num_tids], cpu);
}

static int open_all(struct descriptors *descriptors,
		    const struct perf_event_attr *attrs,
		    struct refusal *refusal)
{
	size_t i, num_open = 0;

	for (i = 0; i < descriptors->count; i++) {
		int fd = open_one(descriptors, attrs, i);

		if (fd < 0 && fd != -ESRCH)
			return refuse(descriptors, i, fd, refusal);
		descriptors->fds[i] = fd < 0 ? -1 : fd;
		num_open += fd >= 0;
	}
	return num_open ? 0 : refuse(descriptors, 0, -ESRCH, refusal);
}

int descriptors_open(const struct perf_event_attr *attrs, size_t num_attrs,
		     const struct target *target, struct refusal *refusal,
		     struct descriptors **descriptors)
{
	return descriptors_open_siblings(attrs, num_attrs, target, NULL,
					 refusal, descriptors);
}

int descriptors_open_siblings(const struct perf_event_attr *attrs,
			      size_t num_attrs, const struct target *target,
			      struct descriptors *leaders,
			      struct refusal *refusal,
			      struct descriptors **descriptors)
{
	struct descriptors *made = new_descriptors(target, num_attrs);
	int ret;

	if (!made) {
		*refusal =
			(struct refusal){ -ENOMEM, ANY_CPU, ALL_TASKS, NULL };
		return -ENOMEM;
	}
	made->leaders = leaders;
	ret = open_all(made, attrs, refusal);
	made->leaders = NULL;
	if (ret) {
		descriptors_close(made);
		return ret;
	}
	*descriptors = made;
	return 0;
}

static int take_all(struct descriptors *descriptors, const bool *is_open,
		    int **fds)
{
	uint64_t id;
	size_t i;

	for (i = 0; i < descriptors->count; i++) {
		if (is_open && !is_open[i])
			continue;
		descriptors->fds[i] = **fds;
		*(*fds)++ = -1;
		if (descriptors_get_id(descriptors, i, &id))
			return -EBADMSG;
	}
	return 0;
}

int descriptors_adopt(const bool *is_open, size_t num_attrs,
		      const struct target *target, int **fds,
		      struct descriptors **descriptors)
{
	struct descriptors *made = new_descriptors(target, num_attrs);
	int ret;

	if (!made)
		return -ENOMEM;
	ret = take_all(made, is_open, fds);
	if (ret) {
		descriptors_close(made);
		return ret;
	}
	*descriptors = made;
	return 0;
}

size_t descriptors_get_count(struct descriptors *descriptors)
{
	return descriptors->count;
}

size_t descriptors_get_num_attrs(struct descriptors *descriptors)
{
	return get_attr_index(descriptors, descriptors->count);
}

bool *descriptors_list_open(struct descriptors *descriptors)
{
	bool *is_open = calloc(descriptors->count, sizeof(*is_open));
	size_t i;

	for (i = 0; is_open && i < descriptors->count; i++)
		is_open[i] = descriptors->fds[i] >= 0;
	return is_open;
}

size_t descriptors_count_open(struct descriptors *descriptors)
{
	size_t i, num_open = 0;

	for (i = 0; descriptors && i < descriptors->count; i++)
		num_open += descriptors->fds[i] >= 0;
	return num_open;
}

void descriptors_list(struct descriptors *descriptors, int **fds)
{
	size_t i;

	for (i = 0; i < descriptors->count; i++) {
		if (descriptors->fds[i] >= 0)
			*(*fds)++ = descriptors->fds[i];
	}
}

int descriptors_get_fd(struct descriptors *descriptors, size_t index,
		       size_t *cpu_index)
{
	*cpu_index = get_cpu_index(descriptors, index);
	return descriptors->fds[index];
}

int descriptors_get_id(struct descriptors *descriptors, size_t index,
		       uint64_t *id)
{
	return sys_perf_ioctl(descriptors->fds[index], PERF_EVENT_IOC_ID,
			      (uintptr_t)id);
}

int descriptors_ioctl(struct descriptors *descriptors, unsigned long request,
		      uintptr_t argument, struct refusal *refusal)
{
	size_t i;

	for (i = 0; i < descriptors->count; i++) {
		int ret = 0;

		if (descriptors->fds[i] >= 0)
			ret = sys_perf_ioctl(descriptors->fds[i], request,
					     argument);
		if (ret < 0)
			return refuse(descriptors, i, ret, refusal);
	}
	return 0;
}

int descriptors_redirect(struct descriptors *descriptors,
			 struct descriptors *anchors, struct refusal *refusal)
{
	size_t i;

	for (i = 0; i < descriptors->count; i++) {
		int anchor = anchors->fds[get_cpu_index(descriptors, i)];
		int ret = 0;

		if (descriptors->fds[i] >= 0)
			ret = sys_perf_ioctl(descriptors->fds[i],
					     PERF_EVENT_IOC_SET_OUTPUT,
					     (uintptr_t)anchor);
		if (ret < 0)
			return refuse(descriptors, i, ret, refusal);
	}
	return 0;
}

/* The place @index, which may be closed. */
static int read_one(struct descriptors *descriptors, size_t index, int has_lost,
		    struct reading *sum)
{
	uint64_t numbers[4] = { 0 };
	size_t least = has_lost ? sizeof(numbers) : 3 * sizeof(*numbers);
	ssize_t got;

	if (descriptors->fds[index] < 0)
		return 0;
	got = sys_read(descriptors->fds[index], numbers, sizeof(numbers));
	if (got < 0)
		return (int)got;
	if ((size_t)got < least)
		return -EBADMSG;
	sum->value += numbers[0];
	sum->lost += numbers[3];
	if (get_attr_index(descriptors, index))
		return 0;
	sum->enabled_ns += numbers[1];
	sum->running_ns += numbers[2];
	return 0;
}

static void add_past(struct descriptors *descriptors, struct reading *readings)
{
	size_t i;

	for (i = 0; i < descriptors->target->cpus.count; i++) {
		const struct reading *past = &descriptors->past[i];

		readings[i].value += past->value;
		readings[i].enabled_ns += past->enabled_ns;
		readings[i].running_ns += past->running_ns;
		readings[i].lost += past->lost;
	}
}

int descriptors_read(struct descriptors *descriptors, int has_lost,
		     struct reading *readings)
{
	size_t i;
	int ret = 0;

	add_past(descriptors, readings);
	for (i = 0; !ret && i < descriptors->count; i++)
		ret = read_one(descriptors, i, has_lost,
			       &readings[get_cpu_index(descriptors, i)]);
	return ret;
}

uint64_t descriptors_read_enabled_ns(struct descriptors *descriptors,
				     size_t cpu_index)
{
	struct reading reading = { 0 };

	read_one(descriptors, cpu_index * descriptors->num_tids, false,
		 &reading);
	return reading.enabled_ns;
}

const struct reading *descriptors_get_past(struct descriptors *descriptors,
					   size_t cpu_index)
{
	return &descriptors->past[cpu_index];
}

void descriptors_set_past(struct descriptors *descriptors, size_t cpu_index,
			  const struct reading *past)
{
	descriptors->past[cpu_index] = *past;
}

/* Where a place is when there are more CPUs. */
static size_t find_place(const struct descriptors *descriptors, size_t index,
			 size_t num_cpus)
{
	size_t per_cpu = descriptors->num_tids;

	return (get_attr_index(descriptors, index) * num_cpus +
		get_cpu_index(descriptors, index)) *
		       per_cpu +
	       index % per_cpu;
}

static int reserve_past(struct descriptors *descriptors, size_t num_cpus)
{
	struct reading *past =
		realloc(descriptors->past, num_cpus * sizeof(*past));
	size_t i;

	if (!past)
		return -ENOMEM;
	for (i = descriptors->num_cpus; i < num_cpus; i++)
		past[i] = (struct reading){ 0 };
	descriptors->past = past;
	return 0;
}

int descriptors_reserve(struct descriptors *descriptors, size_t num_cpus)
{
	size_t count = descriptors->count / descriptors->num_cpus * num_cpus, i;
	int *fds;

	if (num_cpus <= descriptors->num_cpus)
		return 0;
	fds = malloc(count * sizeof(*fds));
	if (!fds || reserve_past(descriptors, num_cpus)) {
		free(fds);
		return -ENOMEM;
	}
	for (i = 0; i < count; i++)
		fds[i] = -1;
	for (i = 0; i < descriptors->count; i++)
		fds[find_place(descriptors, i, num_cpus)] = descriptors->fds[i];
	free(descriptors->fds);
	descriptors->fds = fds;
	descriptors->count = count;
	descriptors->num_cpus = num_cpus;
	return 0;
}

void descriptors_replace(struct descriptors *descriptors, size_t cpu_index,
			 struct descriptors *part)
{
	size_t attr;

	for (attr = 0; attr < part->count; attr++) {
		size_t index = attr * descriptors->num_cpus + cpu_index;

		/* Of an event that is dead, nothing but a fault can go wrong. */
		read_one(descriptors, index, false,
			 &descriptors->past[cpu_index]);
		sys_close(descriptors->fds[index]);
		descriptors->fds[index] = part->fds[attr];
		part->fds[attr] = -1;
	}
}
