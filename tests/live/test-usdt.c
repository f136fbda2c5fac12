/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Markers of a library that is built twice, with what it hands over in
 * registers and in memory, and of a program that is made of the same source.
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixtures/marked.h"
#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "tally.h"

/* "one" has one argument, and so on. */
static const char *const counted[] = { "none",	"one",	"two", "three",
				       "four",	"five", "six", "seven",
				       "eight", "nine", "ten", "eleven",
				       "twelve" };

static const char *const libraries[] = { "libmarked.so",
					 "libmarked-memory.so" };

struct marked {
	const char *path;
	void *library;
	void (*run)(unsigned int round);
	void (*spread)(int value);
	void (*spread_more)(int value);
	int (*watch)(int value);
	unsigned int (*semaphore)(void);
	void (*share)(void);
};

static struct marked open_marked(const char *name)
{
	struct marked marked = { .path = fixture(name) };

	marked.library = open_library(marked.path);
	*(void **)&marked.run = find_function(marked.library, "marked_run");
	*(void **)&marked.spread =
		find_function(marked.library, "marked_spread");
	*(void **)&marked.spread_more =
		find_function(marked.library, "marked_spread_more");
	*(void **)&marked.watch = find_function(marked.library, "marked_watch");
	*(void **)&marked.semaphore =
		find_function(marked.library, "marked_semaphore");
	*(void **)&marked.share = find_function(marked.library, "marked_share");
	return marked;
}

/* An event and a session that records this process's hits of it. */
struct recording {
	struct perftrace_context *context;
	struct perftrace_event *event;
	struct perftrace_session *session;
};

static struct recording record_marker(const char *options, const char *path,
				      const char *marker)
{
	/* Nobody else runs this program. */
	const struct session_request request = {
		.is_self = !strstr(options, ",local"),
		.is_system_wide = strstr(options, ",local"),
	};
	struct recording recording = { .context = new_context() };

	recording.event = make_event(recording.context, "usdt%s:%s:%s", options,
				     path, marker);
	recording.session =
		event_session(recording.context, recording.event, &request);
	succeed(recording.context, perftrace_session_start(recording.session));
	return recording;
}

static void stop(const struct recording *recording)
{
	succeed(recording->context, perftrace_session_stop(recording->session));
}

static struct perftrace_record *next(const struct recording *recording)
{
	struct perftrace_record *record =
		next_sample(recording->context, recording->session);

	ck_assert_ptr_nonnull(record);
	return record;
}

static void end(const struct recording *recording)
{
	ck_assert_ptr_null(next_sample(recording->context, recording->session));
	perftrace_session_free(recording->session);
	perftrace_event_unref(recording->event);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(recording->context);
}

/* As marked.c has them. */
static const struct type {
	uint32_t size;
	bool is_signed;
} types[] = {
	{ 1, true },  { 1, false }, { 2, true },  { 2, false },
	{ 4, true },  { 4, false }, { 8, true },  { 8, false },
	{ 8, false }, { 4, true },  { 8, false }, { 4, true },
};

/* What the k-th argument is, in all bits that it has, its sign in those above. */
static uint64_t expected_value(unsigned int round, unsigned int k)
{
	uint64_t value = k == 12 ? (uint64_t)MARKED_CONSTANT :
				   marked_value(round, k);
	unsigned int unused = 64 - 8 * types[k - 1].size;

	value <<= unused;
	return types[k - 1].is_signed ? (uint64_t)((int64_t)value >> unused) :
					value >> unused;
}

static void expect_types(const struct recording *recording, unsigned int count)
{
	struct perftrace_field *field;
	char name[16];
	unsigned int k;

	ck_assert_uint_eq(count_fields(recording->event), 1 + count);
	for (k = 1; k <= count; k++) {
		snprintf(name, sizeof(name), "arg%u", k);
		succeed(recording->context,
			perftrace_event_find_field(recording->event, name,
						   &field));
		ck_assert_uint_eq(perftrace_field_get_size_bytes(field),
				  types[k - 1].size);
		ck_assert_int_eq(perftrace_field_is_signed(field),
				 types[k - 1].is_signed);
	}
}

static void expect_values(const struct recording *recording, unsigned int round,
			  unsigned int count)
{
	struct perftrace_record *record = next(recording);
	struct perftrace_field *field;
	char name[16];
	unsigned int k;

	for (k = 1; k <= count; k++) {
		int64_t value;

		snprintf(name, sizeof(name), "arg%u", k);
		succeed(recording->context,
			perftrace_event_find_field(recording->event, name,
						   &field));
		/* A pointer, which differs. */
		if (k == 9)
			continue;
		if (types[k - 1].is_signed)
			value = get_s64(recording->context, record, name);
		else
			value = (int64_t)get_u64(recording->context, record,
						 name);
		ck_assert_msg((uint64_t)value == expected_value(round, k),
			      "round %u, argument %u of %u: %#" PRIx64
			      ", not %#" PRIx64,
			      round, k, count, (uint64_t)value,
			      expected_value(round, k));
	}
}

START_TEST(hands_over_up_to_twelve_values)
{
	struct recording recording;
	struct marked marked;
	unsigned int i, count, round;

	for (i = 0; i < 2; i++) {
		marked = open_marked(libraries[i]);
		for (count = 0; count <= 12; count++) {
			recording =
				record_marker("", marked.path, counted[count]);
			expect_types(&recording, count);
			for (round = 0; round < 20; round++)
				marked.run(round);
			stop(&recording);
			for (round = 0; round < 20; round++)
				expect_values(&recording, round, count);
			end(&recording);
		}
		dlclose(marked.library);
	}
}
END_TEST

/* Without knowing what the compiler did, nothing above says what was read. */
START_TEST(values_are_in_registers_and_memory)
{
	struct perftrace_context *context = new_context();
	struct perftrace_marker_list *list;
	size_t i, k, registers = 0, memory = 0, constants = 0;

	for (i = 0; i < 2; i++) {
		succeed(context,
			perftrace_marker_list_new(
				context, fixture(libraries[i]), 0, &list));
		for (k = 0; k < perftrace_marker_list_get_num_markers(list);
		     k++) {
			const char *text =
				perftrace_marker_list_get_arguments(list, k);

			registers += strstr(text, "@%") || strstr(text, "@x");
			memory += strstr(text, "(%") || strstr(text, "[");
			constants += strstr(text, "@$") || strstr(text, "@-");
		}
		perftrace_marker_list_free(list);
	}
#ifdef __clang__
	/* It takes memory wherever it may. */
	(void)registers;
#else
	ck_assert_uint_gt(registers, 0);
#endif
	ck_assert_uint_gt(memory, 0);
	ck_assert_uint_gt(constants, 0);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(records_what_is_asked_for)
{
	struct recording recording;
	struct perftrace_record *record;
	struct marked marked;
	unsigned int i, round;

	for (i = 0; i < 2; i++) {
		marked = open_marked(libraries[i]);
		recording = record_marker(
			"", marked.path,
			"marked:twelve(text=arg9:string, arg4, low=arg8:u8, "
			"last=arg12, arg9:ustring, hex=arg1:x8)");
		ck_assert_uint_eq(count_fields(recording.event), 7);
		for (round = 0; round < 10; round++)
			marked.run(round);
		stop(&recording);
		for (round = 0; round < 10; round++) {
			record = next(&recording);
			ck_assert_str_eq(get_string(recording.context, record,
						    "text"),
					 MARKED_TEXT);
			ck_assert_str_eq(get_string(recording.context, record,
						    "arg9"),
					 MARKED_TEXT);
			ck_assert_uint_eq(get_u64(recording.context, record,
						  "arg4"),
					  expected_value(round, 4));
			ck_assert_uint_eq(get_u64(recording.context, record,
						  "low"),
					  (uint8_t)expected_value(round, 8));
			ck_assert_uint_eq(get_u64(recording.context, record,
						  "hex"),
					  (uint8_t)expected_value(round, 1));
			ck_assert_int_eq(get_s64(recording.context, record,
						 "last"),
					 MARKED_CONSTANT);
		}
		end(&recording);
		dlclose(marked.library);
	}
}
END_TEST

START_TEST(all_places_can_be_local)
{
	struct marked marked = open_marked("libmarked.so");
	struct recording recording =
		record_marker(",local", marked.path, "spread");
	uint64_t places[3] = { 0 };
	int i, value;

	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	for (value = 0; value < 20; value++) {
		marked.spread(value);
		marked.spread_more(value);
	}
	stop(&recording);
	for (i = 0; i < 60; i++) {
		uint64_t place = get_u64(recording.context, next(&recording),
					 "__probe_ip");

		if (i < 3)
			places[i] = place;
		ck_assert_uint_eq(place, places[i % 3]);
	}
	ck_assert_uint_ne(places[0], places[1]);
	ck_assert_uint_ne(places[1], places[2]);
	end(&recording);
	dlclose(marked.library);
}
END_TEST

/* Empty parentheses: hits alone. Then a marker may be local. */
START_TEST(records_nothing_when_told_so)
{
	static const char *const options[] = { "", ",local", ",named" };
	struct marked marked = open_marked("libmarked.so");
	struct recording recording;
	unsigned int i, round;

	for (i = 0; i < 3; i++) {
		recording = record_marker(options[i], marked.path,
					  "marked:twelve()");
		ck_assert_uint_eq(count_fields(recording.event), 1);
		ck_assert_uint_le(count_probes_of(getpid()), i != 1);
		for (round = 0; round < 15; round++)
			marked.run(round);
		stop(&recording);
		for (round = 0; round < 15; round++)
			ck_assert_uint_ne(get_u64(recording.context,
						  next(&recording),
						  "__probe_ip"),
					  0);
		end(&recording);
	}
	dlclose(marked.library);
}
END_TEST

START_TEST(all_places_are_one_event)
{
	struct recording recording;
	struct marked marked;
	unsigned int i;
	int value;

	for (i = 0; i < 2; i++) {
		marked = open_marked(libraries[i]);
		recording = record_marker("", marked.path, "spread");
		/* An event here, and three in tracefs. */
		ck_assert_uint_eq(count_lines_of(recording.event), 1);
		ck_assert_uint_eq(count_probes_of(getpid()), 3);
		for (value = -20; value < 20; value++) {
			marked.spread(value);
			marked.spread_more(1000 * value);
		}
		stop(&recording);
		for (value = -20; value < 20; value++) {
			ck_assert_int_eq(get_s64(recording.context,
						 next(&recording), "arg1"),
					 value);
			ck_assert_int_eq(get_s64(recording.context,
						 next(&recording), "arg1"),
					 1000 * value);
			ck_assert_int_eq(get_s64(recording.context,
						 next(&recording), "arg1"),
					 -1000 * value);
		}
		end(&recording);
		dlclose(marked.library);
	}
}
END_TEST

static void watch_marker(struct marked *marked, const char *options)
{
	struct recording recording;
	unsigned int round;

	ck_assert_uint_eq(marked->semaphore(), 0);
	ck_assert_int_eq(marked->watch(0), 0);
	recording = record_marker(options, marked->path, "marked:watched()");
	ck_assert_uint_gt(marked->semaphore(), 0);
	for (round = 0; round < 10; round++)
		ck_assert_int_eq(marked->watch(1), 1);
	stop(&recording);
	/* It is open still. */
	ck_assert_uint_gt(marked->semaphore(), 0);
	for (round = 0; round < 10; round++)
		next(&recording);
	end(&recording);
	ck_assert_uint_eq(marked->semaphore(), 0);
	ck_assert_int_eq(marked->watch(1), 0);
}

START_TEST(semaphores_are_up_while_open)
{
	struct recording recording;
	struct marked marked;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		marked = open_marked(libraries[i]);
		watch_marker(&marked, "");
		watch_marker(&marked, ",named");
		watch_marker(&marked, ",local");
		recording = record_marker("", marked.path, "watched");
		ck_assert_uint_eq(marked.semaphore(), 1);
		ck_assert_int_eq(marked.watch(-12345), 1);
		stop(&recording);
		ck_assert_int_eq(get_s64(recording.context, next(&recording),
					 "arg1"),
				 -12345);
		end(&recording);
		ck_assert_uint_eq(marked.semaphore(), 0);
		dlclose(marked.library);
	}
}
END_TEST

/* Two of them watch: the last one that goes has it counted down. */
START_TEST(semaphores_are_shared)
{
	struct marked marked = open_marked("libmarked.so");
	struct recording first = record_marker("", marked.path, "watched");
	struct recording second =
		record_marker(",named", marked.path, "watched()");

	ck_assert_int_eq(marked.watch(1), 1);
	stop(&first);
	next(&first);
	ck_assert_ptr_null(next_sample(first.context, first.session));
	perftrace_session_free(first.session);
	perftrace_event_unref(first.event);
	perftrace_context_unref(first.context);
	ck_assert_uint_gt(marked.semaphore(), 0);
	ck_assert_int_eq(marked.watch(1), 1);
	stop(&second);
	next(&second);
	next(&second);
	end(&second);
	ck_assert_uint_eq(marked.semaphore(), 0);
	dlclose(marked.library);
}
END_TEST

static uint64_t count_in_program(const char *marker)
{
	const char *const command[] = { fixture("marked"), "70", NULL };
	struct session_request request = {
		.command = command,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event =
		make_event(context, "usdt:%s:%s", fixture("marked"), marker);
	struct perftrace_session *session =
		event_session(context, event, &request);
	uint64_t count;

	succeed(context, perftrace_session_start(session));
	succeed(context, perftrace_session_wait(session, -1));
	count = count_of(context, session);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
	return count;
}

START_TEST(counts_in_a_command)
{
	ck_assert_uint_eq(count_in_program("marked:none"), 70);
	ck_assert_uint_eq(count_in_program("marked:twelve"), 70);
	ck_assert_uint_eq(count_in_program("marked:twelve()"), 70);
	ck_assert_uint_eq(count_in_program("spread"), 210);
	/* The semaphore is up from the program's first instruction on. */
	ck_assert_uint_eq(count_in_program("watched"), 70);
	ck_assert_uint_eq(count_in_program("watched()"), 70);
	ck_assert_uint_eq(count_in_program("other:shared"), 70);
}
END_TEST

START_TEST(providers_are_told_apart)
{
	struct marked marked = open_marked("libmarked.so");
	struct perftrace_context *context = new_context();
	struct recording recording;
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	char spec[PATH_MAX + 64];

	recording = record_marker("", marked.path, "marked:shared");
	ck_assert_str_eq(perftrace_event_get_name(recording.event),
			 "usdt:marked:shared");
	ck_assert_int_eq(perftrace_event_get_kind(recording.event),
			 PERFTRACE_EVENT_USDT);
	marked.share();
	stop(&recording);
	ck_assert_int_eq(get_s64(recording.context, next(&recording), "arg1"),
			 1);
	end(&recording);
	recording = record_marker("", marked.path, "other:shared");
	marked.share();
	stop(&recording);
	ck_assert_int_eq(get_s64(recording.context, next(&recording), "arg1"),
			 2);
	end(&recording);

	snprintf(spec, sizeof(spec), "usdt:%s:shared", marked.path);
	succeed(context, perftrace_probe_new_from_spec(context, spec, &probe));
	refuse(context, perftrace_probe_make_event(probe, &event),
	       -EADDRNOTAVAIL, "marked", "other");
	ck_assert_int_eq(perftrace_context_get_error_position(context),
			 (int)strlen(spec) - 6);
	/* A setter settles it. */
	succeed(context, perftrace_probe_set_provider(probe, "other"));
	succeed(context, perftrace_probe_make_event(probe, &event));
	perftrace_event_unref(event);
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
	dlclose(marked.library);
}
END_TEST

static void refuse_marker(const char *place, int code, int32_t behind_path,
			  const char *words, const char *remedy)
{
	const char *path = fixture("libmarked.so");
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	char spec[PATH_MAX + 128];

	snprintf(spec, sizeof(spec), "usdt:%s:%s", path, place);
	succeed(context, perftrace_probe_new_from_spec(context, spec, &probe));
	refuse(context, perftrace_probe_make_event(probe, &event), code, words);
	ck_assert_msg(perftrace_context_get_error_position(context) ==
			      6 + (int32_t)strlen(path) + behind_path,
		      "%s: position %d: %s", place,
		      (int)perftrace_context_get_error_position(context),
		      perftrace_context_error(context));
	if (remedy)
		expect_remedy(context, remedy);
	perftrace_probe_free(probe);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}

START_TEST(markers_that_are_not_there)
{
	refuse_marker("twelv", -ENOENT, 0, "twelv", "twelve");
	refuse_marker("marked:sperad", -ENOENT, 7, "sperad", "spread");
	refuse_marker("another:twelve", -ENOENT, 8, "twelve", "marked:twelve");
	refuse_marker("two(arg1, arg3)", -EINVAL, 10, "arg3", NULL);
	refuse_marker("two(arg1, value)", -EINVAL, 10, "value", "arg2");
	refuse_marker("two(arg1, x=%nope)", -EINVAL, 12, "register", NULL);
	refuse_marker("two(a=arg1:u65)", -EINVAL, 4, "nknown type", NULL);
	refuse_marker("spread(arg2)", -EINVAL, 7, "arg2", NULL);
}
END_TEST

START_TEST(local_markers_have_limits)
{
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	char spec[PATH_MAX + 128];

	snprintf(spec, sizeof(spec), "usdt,local:%s:two(arg1)",
		 fixture("libmarked.so"));
	succeed(context, perftrace_probe_new_from_spec(context, spec, &probe));
	refuse(context, perftrace_probe_make_event(probe, &event), -EOPNOTSUPP,
	       "arguments");
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

/* Of the header that programs are built with. */
START_TEST(knows_the_markers_of_systemtap)
{
	struct recording recording;
	struct perftrace_record *record;
	unsigned int (*semaphore)(void);
	void (*run)(unsigned int round);
	const char *path;
	void *library;
	unsigned int i;

	if (!has_fixture("libsystemtap.so"))
		skip("<sys/sdt.h> was not installed when this was built");
	path = fixture("libsystemtap.so");
	library = open_library(path);
	*(void **)&run = find_function(library, "systemtap_run");
	*(void **)&semaphore = find_function(library, "systemtap_semaphore");
	recording = record_marker("", path,
				  "systemtap:plain(arg1,arg2,arg3:string)");
	for (i = 0; i < 10; i++)
		run(i);
	stop(&recording);
	for (i = 0; i < 10; i++) {
		record = next(&recording);
		ck_assert_int_eq(get_s64(recording.context, record, "arg1"),
				 -(int)i);
		ck_assert_uint_eq(get_u64(recording.context, record, "arg2"),
				  ~(uint64_t)i);
		ck_assert_str_eq(get_string(recording.context, record, "arg3"),
				 "systemtap");
	}
	end(&recording);
	ck_assert_uint_eq(semaphore(), 0);
	recording = record_marker("", path, "watched");
	ck_assert_uint_eq(semaphore(), 1);
	run(77);
	stop(&recording);
	ck_assert_uint_eq(get_u64(recording.context, next(&recording), "arg1"),
			  77);
	end(&recording);
	ck_assert_uint_eq(semaphore(), 0);
	dlclose(library);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(hands_over_up_to_twelve_values),
	TEST(values_are_in_registers_and_memory),
	TEST(records_what_is_asked_for),
	TEST(records_nothing_when_told_so),
	TEST(all_places_are_one_event),
	TEST(semaphores_are_up_while_open),
	TEST(semaphores_are_shared),
	TEST(counts_in_a_command),
	TEST(providers_are_told_apart),
	TEST(markers_that_are_not_there),
	TEST(all_places_can_be_local),
	TEST(local_markers_have_limits),
	TEST(knows_the_markers_of_systemtap),
};

HARNESS_MAIN("usdt", tests, HARNESS_LIVE)
