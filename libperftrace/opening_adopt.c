/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "opening_adopt.h"

#include <errno.h>
#include <stdlib.h>

#include "access_report.h"
#include "cpu_watch.h"
#include "descriptors.h"
#include "group.h"
#include "log.h"
#include "manifest.h"
#include "opening.h"
#include "opening_readers.h"
#include "opening_state.h"
#include "reader.h"
#include "session_config.h"
#include "source.h"
#include "sys.h"
#include "waiter.h"

static int adopt_target(struct opening *opening,
			const struct manifest *manifest)
{
	struct target *target = &opening->target;

	if (manifest_copy_target(manifest, &target->cpus, &target->tids))
		return fail_memory(opening->log);
	target->num_tids = manifest->num_tids;
	opening->scope = (struct attr_scope){
		.session = opening->request.settings,
		.is_task = target_is_task(target),
		.has_format_lost = manifest->has_format_lost,
	};
	return 0;
}

static int fail_adopt(struct opening *opening, int error, const char *subject)
{
	if (error == -ENOMEM)
		return fail_memory(opening->log);
	return fail(opening->log, error,
		    "%s: a descriptor is not one of a perf event", subject);
}

static int adopt_rings(struct opening *opening, const struct manifest *manifest,
		       int **fds)
{
	int ret = opening_place_anchors(opening);
	size_t i;

	if (ret)
		return ret;
	ret = descriptors_adopt(NULL, 1, &opening->anchor_target, fds,
				&opening->anchors);
	if (ret)
		return fail_adopt(opening, ret, "ring");
	ret = opening_map_rings(opening);
	if (ret)
		return ret;
	ret = descriptors_adopt(manifest->is_sideband_open, 1, &opening->target,
				fds, &opening->sideband);
	if (ret)
		return fail_adopt(opening, ret, "side-band");
	for (i = 0; i < manifest->num_cpus; i++)
		descriptors_set_past(opening->sideband, i,
				     &manifest->rings[i].past);
	ret = opening_make_readers(opening);
	return ret ? ret : reader_adopt(opening->lots[0].reader, manifest);
}

static int adopt_source(struct opening *opening, size_t index,
			const struct manifest_source *manifest, int **fds)
{
	struct perftrace_source *source = opening->request.sources[index];
	int ret = source_adopt_open(source, manifest, &opening->scope,
				    &opening->target, fds);

	if (ret)
		return fail_adopt(opening, ret, manifest->event.name);
	return opening->lots ? opening_bind_source(opening, source) : 0;
}

static int adopt_groups(struct opening *opening,
			const struct manifest *manifest, int **fds)
{
	int ret = opening_make_groups(opening);

	if (ret)
		return ret;
	ret = groups_adopt(opening->groups, manifest->num_groups, fds);
	return ret ? fail_adopt(opening, ret, "group") : 0;
}

static int adopt_watch(struct opening *opening, const struct manifest *manifest)
{
	struct cpu_watch *watch;
	size_t i;

	if (opening_make_watch(opening, manifest->follows_all_cpus))
		return -ENOMEM;
	watch = opening->watch;
	for (i = 0; watch && i < watch->count; i++)
		watch->cpus[i] = manifest->watched[i];
	if (watch) {
		watch->started_ns = manifest->started_ns;
		watch->is_unsettled = true;
	}
	return 0;
}

static int adopt_process(struct opening *opening, int **fds)
{
	opening->process = **fds;
	*(*fds)++ = -1;
	if (sys_is_pidfd(opening->process))
		return 0;
	return fail(opening->log, -EBADMSG,
		    "the descriptor of the process is not one of a process");
}

static int adopt_all(struct opening *opening, const struct manifest *manifest,
		     int *fds)
{
	int ret = adopt_target(opening, manifest);
	size_t i;

	if (!ret)
		ret = adopt_watch(opening, manifest);
	if (!ret && opening_is_streaming(opening))
		ret = adopt_rings(opening, manifest, &fds);
	for (i = 0; !ret && i < manifest->num_sources; i++)
		ret = adopt_source(opening, i, &manifest->sources[i], &fds);
	if (!ret && manifest->num_groups)
		ret = adopt_groups(opening, manifest, &fds);
	if (!ret && manifest_has_process_fd(manifest))
		ret = adopt_process(opening, &fds);
	return ret ? ret : opening_open_waiters(opening);
}

int opening_adopt(const struct opening_request *request,
		  const struct manifest *manifest, int *fds,
		  struct opening **opening)
{
	struct opening *made = calloc(1, sizeof(*made));
	/* What was refused is said; no gate is looked for behind it. */
	struct access_failure failure;
	int ret;

	if (!made)
		return fail_memory(request->log);
	made->request = *request;
	made->request.failure = &failure;
	made->request.has_format_lost = manifest->has_format_lost;
	made->log = request->log;
	made->process = -1;
	ret = adopt_all(made, manifest, fds);
	made->request.failure = NULL;
	if (ret == -EMFILE)
		fail_remedy(made->log, "raise RLIMIT_NOFILE (ulimit -n)");
	if (ret) {
		opening_free(made, false);
		return ret;
	}
	if (manifest->stage == MANIFEST_RUNNING && opening_has_timer(made)) {
		waiter_set_timer(made->lots[0].waiter,
				 request->settings->flush_interval_ms);
		/* The rings' news may have been told to the other process. */
		waiter_hurry_timer(made->lots[0].waiter, 1);
	}
	*opening = made;
	return 0;
}
