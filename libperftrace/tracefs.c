/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracefs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "log.h"
#include "sys.h"

int tracefs_path(struct perftrace_context *context, char **path,
		 const char *format, ...)
{
	const char *root;
	va_list arguments;
	char *file;
	int ret = perftrace_context_get_tracefs(context, &root);

	if (ret)
		return ret;
	va_start(arguments, format);
	ret = vasprintf(&file, format, arguments);
	va_end(arguments);
	if (ret < 0)
		return fail_memory(context_get_log(context));
	ret = asprintf(path, "%s/%s", root, file);
	free(file);
	return ret < 0 ? fail_memory(context_get_log(context)) : 0;
}

int tracefs_read(struct perftrace_context *context, const char *file,
		 char **text, size_t *text_bytes)
{
	char *path;
	int ret = tracefs_path(context, &path, "%s", file);

	if (ret)
		return ret;
	ret = sys_read_file(path, text, text_bytes);
	free(path);
	return ret;
}

static int event_path(struct perftrace_context *context, const char *event,
		      const char *file, char **path)
{
	size_t system_bytes = strcspn(event, ":");

	return tracefs_path(context, path, "events/%.*s/%s/%s",
			    (int)system_bytes, event, event + system_bytes + 1,
			    file);
}

int tracefs_read_event(struct perftrace_context *context, const char *event,
		       const char *file, char **text, size_t *text_bytes)
{
	char *path;
	int ret = event_path(context, event, file, &path);

	if (ret)
		return ret;
	ret = sys_read_file(path, text, text_bytes);
	free(path);
	return ret;
}

int tracefs_read_event_id(struct perftrace_context *context, const char *event,
			  uint64_t *id)
{
	long long number;
	char *path;
	int ret = event_path(context, event, "id", &path);

	if (ret)
		return ret;
	ret = sys_read_integer(path, &number);
	free(path);
	if (!ret)
		*id = (uint64_t)number;
	return ret;
}

int tracefs_fail(struct perftrace_context *context, int error, const char *file)
{
	struct log *log = context_get_log(context);

	switch (error) {
	case -ENOMEM:
		return fail_memory(log);
	case -ENODATA:
		/* Not of the file, but of tracefs. */
		error = context_check_tracefs(context);
		return error ? error :
			       fail(log, -ENODATA, "tracefs: %s was not there",
				    file);
	case -EACCES:
		fail(log, error, "tracefs: %s may not be read by uid %u", file,
		     sys_effective_uid());
		return fail_remedy(log, "run as root or with "
					"CAP_DAC_READ_SEARCH, or mount tracefs "
					"with gid=GROUP,mode=750");
	case -EPERM:
		fail(log, -EACCES, "tracefs: %s may not be read", file);
		return fail_remedy(log, "the kernel is locked down "
					"(confidentiality) since it booted");
	default:
		return fail(log, error, "tracefs: %s can't be read: %s", file,
			    strerror(-error));
	}
}
