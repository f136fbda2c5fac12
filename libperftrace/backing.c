/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Local or named? A local probe needs no clean-up, but every descriptor is a
 * probe of its own: N of them at one address, all called at each hit
 * (create_local_trace_kprobe() in kernel/trace/trace_kprobe.c). So one
 * descriptor is local, and several share a named probe. The kernel grants the
 * two to different callers: the kprobe PMU to CAP_PERFMON, the uprobe PMU to
 * CAP_SYS_ADMIN (since the fix of CVE-2025-38466), tracefs to those who may
 * write its files. What is not granted is replaced by the other.
 *
 * Once named, an event stays so, for all sessions.
 */
#include "backing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/probe.h>

#include "context.h"
#include "dynevent.h"
#include "log.h"
#include "recipe.h"
#include "sys.h"

struct backing {
	struct perftrace_context *context;
	struct log *log;
	struct recipe recipe;
	struct dynevent *dynevent;
	/* type is 0 where the kernel has no such PMU. */
	struct backing_local local;
	/* Prepared, and not released. */
	size_t num_users;
};

static uint32_t read_pmu_type(const char *pmu)
{
	long long type;
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type",
		 pmu);
	return sys_read_integer(path, &type) ? 0 : (uint32_t)type;
}

/* The format of config: bit 0 says return, 32 and up the counter's offset. */
static void fill_local(struct backing *backing)
{
	const struct recipe *recipe = &backing->recipe;

	if (!recipe->pmu)
		return;
	backing->local = (struct backing_local){
		.type = read_pmu_type(recipe->pmu),
		.config = recipe->is_return | recipe->reference_counter << 32,
		.text = recipe->local_text,
		.number = recipe->number,
	};
}

static bool must_be_named(const struct backing *backing)
{
	return backing->recipe.mode == PERFTRACE_PROBE_NAMED ||
	       backing->recipe.needs_named;
}

static bool has_local(const struct backing *backing)
{
	return backing->local.type && !backing->recipe.needs_named;
}

static bool may_be_local(const struct backing *backing)
{
	return has_local(backing) &&
	       context_may_use_pmu(backing->context, backing->local.type);
}

static int install(struct backing *backing)
{
	const struct recipe *recipe = &backing->recipe;
	struct dynevent_request request = {
		.file = recipe->file,
		.label = recipe->name,
		.stem = strchr(recipe->name, ':') + 1,
		.type = recipe->type,
		.bodies = recipe->bodies,
		.num_bodies = recipe->num_bodies,
	};
	int ret = dynevent_new(backing->context, &request, &backing->dynevent);

	/* Of the arguments the kernel has said what is wrong, of a place not. */
	if (ret && recipe->explain && dynevent_is_place(backing->log, ret))
		return recipe->explain(backing->context, recipe, ret);
	return ret;
}

/* The definitions will not be needed again, and may be many. */
static int install_for_good(struct backing *backing)
{
	int ret = install(backing);

	recipe_drop_bodies(&backing->recipe);
	return ret;
}

static int fail_local(struct backing *backing)
{
	const struct recipe *recipe = &backing->recipe;

	if (recipe->needs_named)
		return fail(backing->log, -EOPNOTSUPP,
			    "%s: it is to be local, but %s", recipe->name,
			    recipe->needs_named);
	fail(backing->log, -EOPNOTSUPP,
	     "%s: the kernel has no local probes of this kind (no %s PMU)",
	     recipe->name, recipe->pmu);
	return fail_remedy(backing->log, "run a kernel that has them, or let "
					 "the probe be named");
}

/* Neither way: it is said now, and not when it is opened. */
static int check_any(struct backing *backing)
{
	const struct recipe *recipe = &backing->recipe;
	int ret;

	if (has_local(backing))
		return 0;
	ret = dynevent_check(backing->context, recipe->file);
	if (ret != -ENOENT)
		return 0;
	fail(backing->log, -EOPNOTSUPP,
	     "%s: the kernel has no such probes: neither a %s PMU nor %s in "
	     "tracefs",
	     recipe->name, recipe->pmu, recipe->file);
	return fail_remedy(backing->log, "run a kernel with CONFIG_%s_EVENTS",
			   *recipe->file == 'k' ? "KPROBE" : "UPROBE");
}

static int choose_early(struct backing *backing)
{
	const struct recipe *recipe = &backing->recipe;

	if (recipe->mode == PERFTRACE_PROBE_LOCAL)
		return has_local(backing) ? 0 : fail_local(backing);
	return must_be_named(backing) ? install_for_good(backing) :
					check_any(backing);
}

int backing_new(struct perftrace_context *context, struct recipe *recipe,
		struct backing **backing)
{
	struct backing *made = calloc(1, sizeof(*made));
	int ret;

	if (!made) {
		recipe_clear(recipe);
		return fail_memory(context_get_log(context));
	}
	made->context = perftrace_context_ref(context);
	made->log = context_get_log(context);
	made->recipe = *recipe;
	fill_local(made);
	ret = choose_early(made);
	if (ret) {
		backing_free(made);
		return ret;
	}
	*backing = made;
	return 0;
}

void backing_free(struct backing *backing)
{
	if (!backing)
		return;
	dynevent_free(backing->dynevent);
	recipe_clear(&backing->recipe);
	perftrace_context_unref(backing->context);
	free(backing);
}

static int choose(struct backing *backing, size_t num_descriptors)
{
	const struct recipe *recipe = &backing->recipe;
	bool wants_local = num_descriptors == 1;
	int ret;

	if (backing->dynevent || recipe->mode == PERFTRACE_PROBE_LOCAL)
		return 0;
	if (wants_local && may_be_local(backing))
		return 0;
	ret = dynevent_check(backing->context, recipe->file);
	if (ret && has_local(backing)) {
		log_info(backing->log,
			 "%s: %s of tracefs can't be used (%s), so each of its "
			 "descriptors is a probe of its own",
			 recipe->name, recipe->file, strerror(-ret));
		return 0;
	}
	if (wants_local)
		log_info(backing->log,
			 "%s: the kernel does not grant this caller a local "
			 "probe, so it is a named one",
			 recipe->name);
	return install(backing);
}

int backing_prepare(struct backing *backing, size_t num_descriptors)
{
	int ret = choose(backing, num_descriptors);

	backing->num_users += !ret;
	return ret;
}

void backing_release(struct backing *backing, bool has_failed)
{
	backing->num_users--;
	if (!has_failed || backing->num_users || must_be_named(backing))
		return;
	dynevent_free(backing->dynevent);
	backing->dynevent = NULL;
}

const char *backing_get_tracefs_name(struct backing *backing)
{
	return backing->dynevent ? dynevent_get_name(backing->dynevent) : NULL;
}

const struct recipe *backing_get_recipe(struct backing *backing)
{
	return &backing->recipe;
}

const struct backing_local *backing_get_local(struct backing *backing)
{
	return &backing->local;
}

int backing_get_num_missed(struct backing *backing, uint64_t *num_missed)
{
	if (!backing->dynevent)
		return -EOPNOTSUPP;
	return dynevent_get_num_missed(backing->dynevent, num_missed);
}

int backing_explain(struct backing *backing, int error)
{
	const struct recipe *recipe = &backing->recipe;

	if (!recipe->explain)
		return error;
	return recipe->explain(backing->context, recipe, error);
}
