/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probes.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tally.h"

#define PATHS 4

const char *fixture(const char *name)
{
	static char paths[PATHS][PATH_MAX];
	static unsigned int next;
	const char *directory = getenv("FIXTURES");
	char *path = paths[next++ % PATHS];

	ck_assert_msg(directory != NULL,
		      "set FIXTURES to the directory of the fixtures");
	snprintf(path, PATH_MAX, "%s/%s", directory, name);
	return path;
}

bool has_fixture(const char *name)
{
	return !access(fixture(name), R_OK);
}

const char *own_program(void)
{
	static char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);

	ck_assert_int_gt(length, 0);
	path[length] = '\0';
	return path;
}

void *open_library(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);

	ck_assert_msg(library != NULL, "%s", dlerror());
	return library;
}

void *find_function(void *library, const char *name)
{
	void *function = dlsym(library, name);

	ck_assert_msg(function != NULL, "%s", dlerror());
	return function;
}

struct perftrace_event *make_event(struct perftrace_context *context,
				   const char *format, ...)
{
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	char spec[2 * PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(spec, sizeof(spec), format, arguments);
	va_end(arguments);
	succeed(context, perftrace_probe_new_from_spec(context, spec, &probe));
	succeed(context, perftrace_probe_make_event(probe, &event));
	perftrace_probe_free(probe);
	return event;
}

struct perftrace_session *event_session(struct perftrace_context *context,
					struct perftrace_event *event,
					const struct session_request *request)
{
	struct perftrace_session *session = new_session(context, request);
	struct perftrace_source_config *config;

	succeed(context, perftrace_source_config_new(context, &config));
	succeed(context,
		perftrace_source_config_set_filter(config, request->filter));
	succeed(context,
		perftrace_session_add_event(session, event, config, NULL));
	perftrace_source_config_free(config);
	return session;
}

uint64_t count_of(struct perftrace_context *context,
		  struct perftrace_session *session)
{
	return counted_by(context, perftrace_session_get_source(session, 0));
}

struct perftrace_record *next_sample(struct perftrace_context *context,
				     struct perftrace_session *session)
{
	struct perftrace_record *record;
	int ret = perftrace_session_read(session, -1, &record);

	succeed(context, ret);
	if (!ret)
		return NULL;
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_SAMPLE);
	return record;
}

static struct perftrace_field *find_field(struct perftrace_context *context,
					  struct perftrace_record *record,
					  const char *name)
{
	struct perftrace_event *event = perftrace_record_get_event(record);
	struct perftrace_field *field;

	succeed(context, perftrace_event_find_field(event, name, &field));
	return field;
}

uint64_t get_u64(struct perftrace_context *context,
		 struct perftrace_record *record, const char *name)
{
	struct perftrace_field *field = find_field(context, record, name);
	uint64_t value;

	succeed(context, perftrace_record_get_u64(record, field, &value));
	return value;
}

int64_t get_s64(struct perftrace_context *context,
		struct perftrace_record *record, const char *name)
{
	struct perftrace_field *field = find_field(context, record, name);
	int64_t value;

	succeed(context, perftrace_record_get_s64(record, field, &value));
	return value;
}

const char *get_string(struct perftrace_context *context,
		       struct perftrace_record *record, const char *name)
{
	struct perftrace_field *field = find_field(context, record, name);
	const char *text;
	size_t length;

	succeed(context,
		perftrace_record_get_string(record, field, &text, &length));
	ck_assert_uint_eq(strlen(text), length);
	return text;
}

size_t count_fields(struct perftrace_event *event)
{
	int64_t i, count = perftrace_event_get_num_fields(event);
	struct perftrace_field *field;
	size_t own = 0;

	ck_assert_int_ge(count, 0);
	for (i = 0; i < count; i++) {
		ck_assert_int_eq(
			perftrace_event_get_field(event, (size_t)i, &field), 0);
		own += !perftrace_field_is_common(field);
	}
	return own;
}

static size_t count_lines(bool (*is_wanted)(const char *line, const void *data),
			  const void *data)
{
	FILE *file = fopen(DYNAMIC_EVENTS, "re");
	char line[3 * PATH_MAX];
	size_t count = 0;

	/* A kernel without any. */
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		count += is_wanted(line, data);
	fclose(file);
	return count;
}

static bool has_text(const char *line, const void *data)
{
	return strstr(line, data) != NULL;
}

size_t count_lines_with(const char *text)
{
	return count_lines(has_text, text);
}

static bool has_owner(const char *line, const void *data)
{
	const pid_t *pid = data;
	int found;

	return sscanf(line, "%*[^:]:perftrace_%*8x_%*8x_%*8x_%d_", &found) ==
		       1 &&
	       found == *pid;
}

size_t count_probes_of(pid_t pid)
{
	return count_lines(has_owner, &pid);
}

size_t count_lines_of(struct perftrace_event *event)
{
	char name[256];

	snprintf(name, sizeof(name), ":%s ",
		 perftrace_event_get_tracefs_name(event));
	ck_assert_ptr_nonnull(strchr(name + 1, ':'));
	*strchr(name + 1, ':') = '/';
	return count_lines_with(name);
}

void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat status;

	ck_assert_msg(in >= 0 && out >= 0, "%s: can't be copied to %s", from,
		      to);
	ck_assert_int_eq(fstat(in, &status), 0);
	ck_assert_int_eq(sendfile(out, in, NULL, (size_t)status.st_size),
			 status.st_size);
	close(in);
	close(out);
}
