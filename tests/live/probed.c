/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probed.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "tally.h"

void need_kprobes(void)
{
	if (access(TRACEFS "kprobe_events", F_OK))
		skip("the kernel has no kprobes");
}

char *read_text(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t room = 0, length = 0, got;
	char *text = NULL;

	if (!file)
		return NULL;
	do {
		room += 1 << 16;
		text = realloc(text, room + 1);
		ck_assert_ptr_nonnull(text);
		got = fread(text + length, 1, room - length, file);
		length += got;
	} while (got);
	text[length] = '\0';
	fclose(file);
	return text;
}

bool readme_says(const char *text)
{
	char *readme = read_text(TRACEFS "README");
	bool says;

	ck_assert_ptr_nonnull(readme);
	says = strstr(readme, text);
	free(readme);
	return says;
}

/* Visits the lines of /proc/kallsyms that have this name. */
static size_t find_symbols(const char *symbol, bool is_function,
			   uint64_t *address)
{
	char *text = read_text("/proc/kallsyms"), *line, *rest = NULL;
	size_t count = 0;

	ck_assert_ptr_nonnull(text);
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char name[512], type;
		uint64_t found;

		if (sscanf(line, "%" SCNx64 " %c %511s", &found, &type, name) !=
			    3 ||
		    strcmp(name, symbol) ||
		    (is_function && !strchr("tTwW", type)))
			continue;
		if (!count++)
			*address = found;
	}
	free(text);
	return count;
}

uint64_t find_address(const char *symbol)
{
	uint64_t address = 0;

	ck_assert_uint_ge(find_symbols(symbol, false, &address), 1);
	ck_assert_uint_ne(address, 0);
	return address;
}

size_t count_functions(const char *name)
{
	uint64_t address;

	return find_symbols(name, true, &address);
}

size_t count_own_probes(void)
{
	char *text = read_text(TRACEFS "dynamic_events");
	char *line, *rest = NULL;
	size_t count = 0;
	int pid;

	if (!text)
		return 0;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		count += sscanf(line, "%*[^:]:perftrace_%*x_%*x_%*x_%d_",
				&pid) == 1 &&
			 pid == getpid();
	free(text);
	return count;
}

int try_event(struct perftrace_context *context, const char *spec,
	      struct perftrace_event **event)
{
	struct perftrace_probe *probe;
	int ret = perftrace_probe_new_from_spec(context, spec, &probe);

	if (ret)
		return ret;
	ret = perftrace_probe_make_event(probe, event);
	perftrace_probe_free(probe);
	return ret;
}

struct perftrace_event *make_probe(struct perftrace_context *context,
				   const char *spec)
{
	struct perftrace_event *event;
	int ret = try_event(context, spec, &event);

	ck_assert_msg(!ret, "%s: %d: %s", spec, ret,
		      perftrace_context_error(context));
	return event;
}

char probed_path[] = "/tmp/perftrace-probed-XXXXXX";

const char *probed_name(void)
{
	return strrchr(probed_path, '/') + 1;
}

int make_probed(void)
{
	int fd = mkostemp(probed_path, O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "0123456789", 10), 10);
	return fd;
}

void remove_probed(int fd)
{
	close(fd);
	ck_assert_int_eq(unlink(probed_path), 0);
}

static void add_source(struct watch *watch, const char *filter)
{
	struct perftrace_source_config *config;

	succeed(watch->context,
		perftrace_source_config_new(watch->context, &config));
	succeed(watch->context,
		perftrace_source_config_set_filter(config, filter));
	succeed(watch->context,
		perftrace_session_add_event(watch->session, watch->event,
					    config, &watch->source));
	perftrace_source_config_free(config);
}

void watch_prepare(struct watch *watch, const char *spec,
		   const struct session_request *request)
{
	watch->context = new_context();
	watch->event = make_probe(watch->context, spec);
	watch->session = new_session(watch->context, request);
	add_source(watch, request->filter);
}

void watch_start(struct watch *watch, const char *spec,
		 const struct session_request *request)
{
	watch_prepare(watch, spec, request);
	succeed(watch->context, perftrace_session_start(watch->session));
}

void watch_self(struct watch *watch, const char *spec)
{
	watch_start(watch, spec, &(struct session_request){ .is_self = true });
}

void watch_stop(struct watch *watch)
{
	succeed(watch->context, perftrace_session_stop(watch->session));
}

void watch_next(struct watch *watch)
{
	do {
		int ret = perftrace_session_read(watch->session, -1,
						 &watch->record);

		succeed(watch->context, ret);
		ck_assert_msg(ret == 1, "%s: the stream has ended",
			      perftrace_event_get_name(watch->event));
	} while (perftrace_record_get_kind(watch->record) !=
		 PERFTRACE_RECORD_SAMPLE);
}

static struct perftrace_field *find_field(struct watch *watch, const char *name)
{
	struct perftrace_field *field;

	succeed(watch->context,
		perftrace_event_find_field(watch->event, name, &field));
	return field;
}

int64_t watch_signed(struct watch *watch, const char *field)
{
	int64_t value;

	succeed(watch->context,
		perftrace_record_get_s64(watch->record,
					 find_field(watch, field), &value));
	return value;
}

uint64_t watch_unsigned(struct watch *watch, const char *field)
{
	uint64_t value;

	succeed(watch->context,
		perftrace_record_get_u64(watch->record,
					 find_field(watch, field), &value));
	return value;
}

uint64_t watch_element(struct watch *watch, const char *field, size_t index)
{
	uint64_t value;

	succeed(watch->context, perftrace_record_get_element_u64(
					watch->record, find_field(watch, field),
					index, &value));
	return value;
}

void watch_expect_string(struct watch *watch, const char *field,
			 const char *text)
{
	const char *string;
	size_t length;

	succeed(watch->context, perftrace_record_get_string(
					watch->record, find_field(watch, field),
					&string, &length));
	ck_assert_msg(length == strlen(text) && !memcmp(string, text, length),
		      "%s is \"%.*s\", not \"%s\"", field, (int)length, string,
		      text);
}

void watch_expect_fields(struct watch *watch,
			 const struct expected_field *expected, size_t count)
{
	int64_t num_fields = perftrace_event_get_num_fields(watch->event);
	size_t i;

	for (i = 0; i < count; i++) {
		struct perftrace_field *field;

		succeed(watch->context,
			perftrace_event_get_field(
				watch->event, (size_t)num_fields - count + i,
				&field));
		ck_assert_str_eq(perftrace_field_get_name(field),
				 expected[i].name);
		ck_assert_int_eq(perftrace_field_get_kind(field),
				 expected[i].kind);
		ck_assert_uint_eq(perftrace_field_get_element_size_bytes(field),
				  expected[i].element_size);
		ck_assert_int_eq(perftrace_field_is_signed(field),
				 expected[i].is_signed);
		ck_assert_int_eq(perftrace_field_is_dynamic(field),
				 expected[i].kind == PERFTRACE_FIELD_STRING);
	}
}

void watch_expect_rest(struct watch *watch, uint64_t count)
{
	struct tally tally = { 0 };

	tally_read(watch->context, watch->session, &tally);
	ck_assert_uint_eq(tally.num_samples, count);
	ck_assert_uint_eq(tally.lost, 0);
}

void watch_free(struct watch *watch)
{
	perftrace_session_free(watch->session);
	perftrace_event_unref(watch->event);
	perftrace_context_unref(watch->context);
}
