/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <perftrace/marker_list.h>

#include "binary.h"
#include "context.h"
#include "export.h"
#include "log.h"
#include "program.h"
#include "registers.h"
#include "sdt_operand.h"

struct perftrace_marker_list {
	struct perftrace_context *context;
	/* Whose texts the markers are. */
	struct program program;
	const struct binary_marker *markers;
	size_t count;
};

PERFTRACE_EXPORT int
perftrace_marker_list_new(struct perftrace_context *context, const char *path,
			  int32_t pid, struct perftrace_marker_list **list)
{
	struct perftrace_marker_list *made;
	struct log *log;
	int ret;

	assert(context);
	log = context_get_log(context);
	if (!path || !*path)
		return fail(log, -EINVAL, "no path given");
	if (pid < 0)
		return fail(log, -EINVAL,
			    "%" PRId32 " is no number of a "
			    "process",
			    pid);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail_memory(log);
	ret = program_open(log, path, pid, false, &made->program);
	if (ret) {
		free(made);
		return ret;
	}
	made->context = perftrace_context_ref(context);
	ret = binary_get_markers(made->program.binary, &made->markers,
				 &made->count);
	if (ret) {
		perftrace_marker_list_free(made);
		return ret;
	}
	*list = made;
	return 0;
}

PERFTRACE_EXPORT void
perftrace_marker_list_free(struct perftrace_marker_list *list)
{
	if (!list)
		return;
	program_close(&list->program);
	perftrace_context_unref(list->context);
	free(list);
}

PERFTRACE_EXPORT const char *
perftrace_marker_list_get_path(struct perftrace_marker_list *list)
{
	assert(list);
	return list->program.file.path;
}

PERFTRACE_EXPORT size_t
perftrace_marker_list_get_num_markers(struct perftrace_marker_list *list)
{
	assert(list);
	return list->count;
}

static const struct binary_marker *
get_marker(const struct perftrace_marker_list *list, size_t index)
{
	assert(list);
	return index < list->count ? &list->markers[index] : NULL;
}

PERFTRACE_EXPORT const char *
perftrace_marker_list_get_provider(struct perftrace_marker_list *list,
				   size_t index)
{
	const struct binary_marker *marker = get_marker(list, index);

	return marker ? marker->provider : NULL;
}

PERFTRACE_EXPORT const char *
perftrace_marker_list_get_name(struct perftrace_marker_list *list, size_t index)
{
	const struct binary_marker *marker = get_marker(list, index);

	return marker ? marker->name : NULL;
}

PERFTRACE_EXPORT const char *
perftrace_marker_list_get_arguments(struct perftrace_marker_list *list,
				    size_t index)
{
	const struct binary_marker *marker = get_marker(list, index);

	return marker ? marker->arguments : NULL;
}

PERFTRACE_EXPORT int32_t perftrace_marker_list_get_num_arguments(
	struct perftrace_marker_list *list, size_t index)
{
	const struct binary_marker *marker = get_marker(list, index);
	struct log *log = context_get_log(list->context);
	struct sdt_operand operands[SDT_OPERANDS_MAX];
	size_t count;
	int ret;

	if (!marker)
		return fail(log, -EINVAL,
			    "there are %zu markers, and none at %zu",
			    list->count, index);
	ret = sdt_operands_parse(log, machine_this(), marker->arguments,
				 operands, SDT_OPERANDS_MAX, &count);
	return ret ? ret : (int32_t)count;
}

PERFTRACE_EXPORT uint64_t perftrace_marker_list_get_address(
	struct perftrace_marker_list *list, size_t index)
{
	const struct binary_marker *marker = get_marker(list, index);

	return marker ? marker->address : 0;
}

PERFTRACE_EXPORT uint64_t perftrace_marker_list_get_offset_bytes(
	struct perftrace_marker_list *list, size_t index)
{
	const struct binary_marker *marker = get_marker(list, index);

	return marker ? marker->offset : 0;
}

PERFTRACE_EXPORT uint64_t perftrace_marker_list_get_semaphore_offset_bytes(
	struct perftrace_marker_list *list, size_t index)
{
	const struct binary_marker *marker = get_marker(list, index);

	return marker ? marker->semaphore_offset : 0;
}
