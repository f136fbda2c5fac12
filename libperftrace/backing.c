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
 * What follows a task into the tasks that it starts can't be local by a name or
 * a path: for each new task the kernel makes the event anew, and reads the text
 * at attr.config1 again, from the memory of the task that forks
 * (inherit_event() in kernel/events/core.c, perf_kprobe_init() in
 * kernel/trace/trace_event_perf.c). There it finds nothing, and the fork fails,
 * or finds what that program has put there.
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
#include "definition.h"
#include "dynevent.h"
#include "log.h"
#include "recipe.h"
#include "sys.h"

struct backing {
	struct perftrace_context *context;
	struct log *log;
	struct recipe recipe;
	/* One for each place; NULL while it does not stand in tracefs. */
	struct dynevent **dynevents;
	/* 0 where the kernel has no such PMU. */
	uint32_t local_type;
	/* Prepared, and not released. */
	size_t num_users;
	/* It has been open, and its callers know it by its name. */
	bool is_kept;
};

static uint32_t read_pmu_type(const char *pmu)
{
	long long type;
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type",
		 pmu);
	return sys_read_integer(path, &type) ? 0 : (uint32_t)type;
}

static bool must_be_named(const struct backing *backing)
{
	return backing->recipe.mode == PERFTRACE_PROBE_NAMED ||
	       backing->recipe.needs_named;
}

static bool has_local(const struct backing *backing)
{
	return backing->local_type && !backing->recipe.needs_named;
}

static bool may_be_local(const struct backing *backing)
{
	return has_local(backing) && context_may_use_pmu(backing->local_type);
}

static void uninstall(struct backing *backing)
{
	int patience_ms = DYNEVENT_PATIENCE_MS;
	size_t i;

	for (i = 0; backing->dynevents && i < backing->recipe.num_places; i++)
		dynevent_free(backing->dynevents[i], &patience_ms);
	free(backing->dynevents);
	backing->dynevents = NULL;
}

static int install_place(struct backing *backing, size_t place)
{
	const struct recipe *recipe = &backing->recipe;
	struct dynevent_request request = {
		.file = recipe->file,
		.label = recipe->name,
		.stem = strchr(recipe->name, ':') + 1,
		.type = recipe->type,
		.body = &recipe->bodies[place],
	};
	int ret = dynevent_new(backing->context, &request,
			       &backing->dynevents[place]);

	/* Of the arguments the kernel has said what is wrong, of a place not. */
	if (ret && recipe->explain && dynevent_is_place(backing->log, ret))
		return recipe->explain(backing->context, recipe, ret);
	return ret;
}

static int install_all(struct backing *backing)
{
	size_t count = backing->recipe.num_places, i;
	int ret = 0;

	backing->dynevents = calloc(count, sizeof(*backing->dynevents));
	if (!backing->dynevents)
		return fail_memory(backing->log);
	for (i = 0; !ret && i < count; i++)
		ret = install_place(backing, i);
	if (ret)
		uninstall(backing);
	return ret;
}

/*
 * The kernel looks the path up between the two looks: what is the same in both
 * was what it found.
 */
static int install(struct backing *backing)
{
	const struct recipe *recipe = &backing->recipe;
	int ret = recipe_check_path(backing->log, recipe);

	if (!ret)
		ret = install_all(backing);
	if (ret)
		return ret;
	ret = recipe_check_path(backing->log, recipe);
	if (ret)
		uninstall(backing);
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
	made->local_type = read_pmu_type(recipe->pmu);
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
	uninstall(backing);
	recipe_clear(&backing->recipe);
	perftrace_context_unref(backing->context);
	free(backing);
}

static int fail_inherited(struct backing *backing)
{
	fail(backing->log, -EOPNOTSUPP, "%s: %s", backing->recipe.name,
	     BACKING_CANNOT_FOLLOW);
	return fail_remedy(backing->log, "%s", BACKING_FOLLOW_REMEDY);
}

enum backing_way backing_foresee(const struct backing *backing,
				 const struct backing_use *use,
				 const struct backing_grant *grant)
{
	const struct recipe *recipe = &backing->recipe;
	bool can_follow = !use->is_inherited || !recipe->local_text;

	if (backing->dynevents && !grant->is_other)
		return BACKING_NAMED;
	if (must_be_named(backing))
		return BACKING_TO_BE_NAMED;
	if (recipe->mode == PERFTRACE_PROBE_LOCAL)
		return can_follow ? BACKING_LOCAL : BACKING_IMPOSSIBLE;
	if (!can_follow || !has_local(backing))
		return BACKING_TO_BE_NAMED;
	if (use->num_descriptors == 1 && grant->may_be_local)
		return BACKING_LOCAL;
	return grant->may_be_named ? BACKING_TO_BE_NAMED : BACKING_LOCAL;
}

static bool may_be_named(struct backing *backing)
{
	return !dynevent_check(backing->context, backing->recipe.file);
}

static void tell_choice(struct backing *backing, enum backing_way way,
			const struct backing_use *use)
{
	const struct recipe *recipe = &backing->recipe;

	if (way == BACKING_LOCAL && use->num_descriptors > 1 &&
	    recipe->mode != PERFTRACE_PROBE_LOCAL)
		log_info(backing->log,
			 "%s: %s of tracefs can't be used, so each of its "
			 "descriptors is a probe of its own",
			 recipe->name, recipe->file);
	if (way == BACKING_TO_BE_NAMED && use->num_descriptors == 1 &&
	    has_local(backing) && !use->is_inherited)
		log_info(backing->log,
			 "%s: the kernel does not grant this caller a local "
			 "probe, so it is a named one",
			 recipe->name);
}

static int install_for(struct backing *backing, const struct backing_use *use)
{
	int ret = install(backing);

	if (ret == -EACCES && use->is_inherited && backing->recipe.local_text &&
	    may_be_local(backing))
		return fail_remedy(backing->log,
				   "run as root or with CAP_DAC_OVERRIDE, or "
				   "trace all CPUs with a filter on "
				   "common_pid, for which a local probe does");
	return ret;
}

static int choose(struct backing *backing, const struct backing_use *use)
{
	struct backing_grant grant = {
		.may_be_local = may_be_local(backing),
		.may_be_named = may_be_named(backing),
	};
	enum backing_way way = backing_foresee(backing, use, &grant);

	tell_choice(backing, way, use);
	if (way == BACKING_IMPOSSIBLE)
		return fail_inherited(backing);
	return way == BACKING_TO_BE_NAMED ? install_for(backing, use) : 0;
}

int backing_prepare(struct backing *backing, const struct backing_use *use)
{
	int ret = backing->dynevents ? 0 : choose(backing, use);

	backing->num_users += !ret;
	return ret;
}

void backing_release(struct backing *backing, bool has_failed)
{
	backing->num_users--;
	backing->is_kept |= !has_failed;
	if (backing->num_users || backing->is_kept || must_be_named(backing))
		return;
	uninstall(backing);
}

size_t backing_get_num_places(struct backing *backing)
{
	return backing->recipe.num_places;
}

const char *backing_get_tracefs_name(struct backing *backing, size_t place)
{
	if (!backing->dynevents)
		return NULL;
	return dynevent_get_name(backing->dynevents[place]);
}

const struct recipe *backing_get_recipe(struct backing *backing)
{
	return &backing->recipe;
}

/* Of a PMU: bit 0 says return, bits from 32 on where the kernel counts. */
uint64_t backing_get_config(struct backing *backing, size_t place)
{
	const struct recipe *recipe = &backing->recipe;

	if (backing->dynevents)
		return dynevent_get_id(backing->dynevents[place]);
	return recipe->is_return | recipe->places[place].reference_counter
					   << 32;
}

uint32_t backing_get_local_type(struct backing *backing)
{
	return backing->local_type;
}

void backing_get_local_place(struct backing *backing, size_t place,
			     const char **text, uint64_t *number)
{
	*text = backing->recipe.local_text;
	*number = backing->recipe.places[place].number;
}

int backing_get_num_missed(struct backing *backing, uint64_t *num_missed)
{
	if (!backing->dynevents)
		return -EOPNOTSUPP;
	return dynevent_get_num_missed(backing->dynevents[0], num_missed);
}

int backing_explain(struct backing *backing, int error)
{
	const struct recipe *recipe = &backing->recipe;

	if (!recipe->explain)
		return error;
	return recipe->explain(backing->context, recipe, error);
}
