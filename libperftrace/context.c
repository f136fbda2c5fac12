/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "context.h"

#include <assert.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "closer.h"
#include "export.h"
#include "log.h"
#include "symbols.h"
#include "sys.h"

enum answer { NOT_ASKED, NO, YES };

struct perftrace_context {
	unsigned int references;
	struct log *log;
	char *tracefs;
	struct symbols *symbols;
	enum answer format_lost;
	struct btf_types *types;
	bool has_swept;
	/* Of sessions that were freed before them. */
	struct closer_list closers;
};

PERFTRACE_EXPORT int perftrace_context_new(struct perftrace_context **context)
{
	struct perftrace_context *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->references = 1;
	made->log = log_new();
	made->symbols = symbols_new();
	if (!made->log || !made->symbols) {
		perftrace_context_unref(made);
		return -ENOMEM;
	}
	*context = made;
	return 0;
}

PERFTRACE_EXPORT struct perftrace_context *
perftrace_context_ref(struct perftrace_context *context)
{
	assert(context);
	context->references++;
	return context;
}

PERFTRACE_EXPORT void perftrace_context_unref(struct perftrace_context *context)
{
	if (!context || --context->references)
		return;
	closer_list_clear(&context->closers);
	btf_types_free(context->types);
	symbols_free(context->symbols);
	log_free(context->log);
	free(context->tracefs);
	free(context);
}

PERFTRACE_EXPORT const char *
perftrace_context_error(struct perftrace_context *context)
{
	assert(context);
	return log_get_error(context->log);
}

PERFTRACE_EXPORT int
perftrace_context_get_error_code(struct perftrace_context *context)
{
	assert(context);
	return log_get_code(context->log);
}

PERFTRACE_EXPORT const char *
perftrace_context_get_error_remedy(struct perftrace_context *context)
{
	assert(context);
	return log_get_remedy(context->log);
}

PERFTRACE_EXPORT int32_t
perftrace_context_get_error_position(struct perftrace_context *context)
{
	assert(context);
	return log_get_position(context->log);
}

PERFTRACE_EXPORT void perftrace_context_set_log(
	struct perftrace_context *context, int32_t level,
	void (*sink)(void *data, int32_t level, const char *message),
	void *data)
{
	assert(context);
	log_set_sink(context->log, level, sink, data);
}

struct log *context_get_log(struct perftrace_context *context)
{
	return context->log;
}

struct symbols *context_get_symbols(struct perftrace_context *context)
{
	return context->symbols;
}

static int explain_directory(struct log *log, int error, const char *path)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		fail(log, -EACCES, "tracefs at %s may not be read by uid %u",
		     path, sys_effective_uid());
		return fail_remedy(log,
				   "run as root or with CAP_DAC_READ_SEARCH, "
				   "or let root mount it for a group: mount "
				   "-o remount,gid=GROUP,mode=750 %s",
				   path);
	case -ENOMEM:
		return fail_memory(log);
	default:
		return fail(log, error, "%s can't be used as tracefs: %s", path,
			    strerror(-error));
	}
}

/*
 * An empty directory stands where tracing was disabled at boot, as lockdown's
 * confidentiality does, and where tracefs was unmounted again.
 */
static int check_tracefs(struct log *log, const char *path)
{
	char events[4096];
	int ret = sys_check_directory(path);

	if (ret)
		return explain_directory(log, ret, path);
	if (strlen(path) + sizeof("/events") > sizeof(events))
		return explain_directory(log, -ENAMETOOLONG, path);
	strcpy(events, path);
	strcat(events, "/events");
	ret = sys_check_directory(events);
	if (ret == -ENOENT) {
		fail(log, -ENODATA, "%s has no events directory", path);
		return fail_remedy(log, "mount tracefs there; where it is "
					"mounted, the kernel was booted with "
					"tracing disabled, as lockdown does");
	}
	return ret ? explain_directory(log, ret, events) : 0;
}

PERFTRACE_EXPORT int
perftrace_context_set_tracefs(struct perftrace_context *context,
			      const char *path)
{
	char *copy = NULL;
	int ret;

	assert(context);
	if (path) {
		ret = check_tracefs(context->log, path);
		if (ret == -ENODATA)
			ret = fail(context->log, -ENOENT,
				   "%s has no events directory", path);
		if (ret)
			return ret;
		copy = strdup(path);
		if (!copy)
			return fail_memory(context->log);
	}
	free(context->tracefs);
	context->tracefs = copy;
	return 0;
}

/*
 * Not libtracefs's tracefs_tracing_dir_is_mounted(): the string that it answers
 * with belongs to nobody, and a mount point with a space in it stays escaped.
 */
static int search_mounts(char **path)
{
	char *debugfs;
	int ret = sys_find_mount("tracefs", NULL, path);

	if (ret != -ENOENT)
		return ret;
	ret = sys_find_mount("debugfs", NULL, &debugfs);
	if (ret)
		return ret;
	if (asprintf(path, "%s/tracing", debugfs) < 0)
		ret = -ENOMEM;
	free(debugfs);
	return ret;
}

static int find_tracefs(struct perftrace_context *context)
{
	struct log *log = context->log;
	char *path;
	int ret = search_mounts(&path);

	if (ret == -ENOMEM)
		return fail_memory(log);
	if (ret) {
		fail(log, -ENOENT, "tracefs is not mounted");
		return fail_remedy(log, "as root: mount -t tracefs nodev "
					"/sys/kernel/tracing");
	}
	ret = check_tracefs(log, path);
	if (ret) {
		free(path);
		return ret;
	}
	context->tracefs = path;
	log_info(log, "tracefs is at %s", path);
	return 0;
}

PERFTRACE_EXPORT int
perftrace_context_get_tracefs(struct perftrace_context *context,
			      const char **path)
{
	assert(context);
	if (!context->tracefs) {
		int ret = find_tracefs(context);

		if (ret)
			return ret;
	}
	*path = context->tracefs;
	return 0;
}

int context_check_tracefs(struct perftrace_context *context)
{
	const char *path;
	int ret = perftrace_context_get_tracefs(context, &path);

	return ret ? ret : check_tracefs(context->log, path);
}

static bool ask_format_lost(void)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.read_format = PERF_FORMAT_LOST,
		.disabled = 1,
		.exclude_kernel = 1,
	};
	int fd = sys_perf_event_open(&attr, 0, -1);

	sys_close(fd);
	/* Any other refusal is not about the format. */
	return fd != -EINVAL;
}

bool context_has_format_lost(struct perftrace_context *context)
{
	if (context->format_lost == NOT_ASKED)
		context->format_lost = ask_format_lost() ? YES : NO;
	return context->format_lost == YES;
}

void context_forget_format_lost(struct perftrace_context *context)
{
	context->format_lost = NO;
}

bool context_may_use_pmu(uint32_t type)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = type,
		.disabled = 1,
		.exclude_kernel = 1,
	};
	int fd = sys_perf_event_open(&attr, 0, -1);

	sys_close(fd);
	return fd != -EACCES && fd != -EPERM;
}

static int read_types(struct log *log, const char *module, char **bytes,
		      size_t *size)
{
	char path[128];
	int ret;

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", module);
	ret = sys_read_file(path, bytes, size);
	if (!ret)
		return 0;
	if (ret == -ENOMEM)
		return fail_memory(log);
	fail(log, -EOPNOTSUPP, "the kernel does not tell the types of %s: %s",
	     module, strerror(-ret));
	return fail_remedy(log, "give the kernel's own fetch arguments, such "
				"as %%di:u64, or run a kernel with "
				"CONFIG_DEBUG_INFO_BTF");
}

static int load_types(struct perftrace_context *context)
{
	size_t size;
	char *bytes;
	int ret = read_types(context->log, "vmlinux", &bytes, &size);

	if (ret)
		return ret;
	ret = btf_types_new(context->log, bytes, size, &context->types);
	free(bytes);
	return ret;
}

static int add_module_types(struct perftrace_context *context,
			    const char *module)
{
	size_t size;
	char *bytes;
	int ret = read_types(context->log, module, &bytes, &size);

	if (ret)
		return ret;
	ret = btf_types_add_module(context->types, module, bytes, size);
	free(bytes);
	return ret;
}

int context_get_types(struct perftrace_context *context, const char *module,
		      struct btf_types **types)
{
	int ret = context->types ? 0 : load_types(context);

	if (!ret && module && !btf_types_has_module(context->types, module))
		ret = add_module_types(context, module);
	if (!ret)
		*types = context->types;
	return ret;
}

bool context_takes_turn_to_sweep(struct perftrace_context *context)
{
	bool has_swept = context->has_swept;

	context->has_swept = true;
	return !has_swept;
}

struct closer_list *context_get_closers(struct perftrace_context *context)
{
	return &context->closers;
}
