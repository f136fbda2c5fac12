/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Probes on functions of the test itself: where they are, how often they are
 * hit, and what they record.
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "tally.h"
#include "uprobe.h"

#define KEEP __attribute__((noinline, noclone, used))

#ifdef __aarch64__
#define NOP_BYTES	4
#define SECOND_REGISTER "%x1"
#else
#define NOP_BYTES	1
#define SECOND_REGISTER "%si"
#endif

uint64_t own_eight(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
		   uint64_t f, uint64_t g, uint64_t h);
void own_stepped(uint64_t value);
int own_int(int value);
uint64_t own_word(uint64_t value);
const char *own_text(const char *text, const uint16_t *numbers,
		     const char *const *texts);

KEEP uint64_t own_eight(uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			uint64_t e, uint64_t f, uint64_t g, uint64_t h)
{
	__asm__ volatile("" : "+r"(a) : : "memory");
	return a + b + c + d + e + f + g + h;
}

/* Two instructions of a known length before it returns. */
__asm__(".pushsection .text\n"
	".globl own_stepped\n"
	".type own_stepped, %function\n"
	"own_stepped: nop\n"
	"nop\n"
	"ret\n"
	".size own_stepped, . - own_stepped\n"
	".popsection\n");

KEEP int own_int(int value)
{
	__asm__ volatile("" : "+r"(value));
	return value;
}

KEEP uint64_t own_word(uint64_t value)
{
	__asm__ volatile("" : "+r"(value));
	return value;
}

KEEP const char *own_text(const char *text, const uint16_t *numbers,
			  const char *const *texts)
{
	__asm__ volatile("" : "+r"(text) : "r"(numbers), "r"(texts) : "memory");
	return text;
}

static void step(uint64_t num_calls)
{
	while (num_calls--)
		own_stepped(num_calls);
}

/* What the session saw of the calls between its start and its stop. */
static void expect_hits(struct perftrace_context *context,
			struct perftrace_session *session, int32_t mode,
			uint64_t calls)
{
	struct tally tally = { 0 };

	step(3);
	succeed(context, perftrace_session_start(session));
	step(calls);
	succeed(context, perftrace_session_stop(session));
	step(3);
	ck_assert_uint_eq(count_of(context, session), calls);
	if (mode == PERFTRACE_MODE_COUNT)
		return;
	tally_read(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, calls);
	ck_assert_uint_eq(tally.lost, 0);
	expect_account(context, session, &tally, calls);
}

/* The event is open: is it the way that it should be, and one probe? */
static void expect_way(struct perftrace_event *event, bool is_named)
{
	ck_assert_int_eq(*perftrace_event_get_tracefs_name(event) != '\0',
			 is_named);
	ck_assert_int_eq(perftrace_event_get_id(event) != 0, is_named);
	ck_assert_uint_eq(count_probes_of(getpid()), is_named);
	if (is_named)
		ck_assert_uint_eq(count_lines_of(event), 1);
}

static void hit(const char *option, bool is_system_wide, int32_t mode)
{
	struct session_request request = {
		.is_self = !is_system_wide,
		.is_system_wide = is_system_wide,
		.mode = mode,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make_event(
		context, "uprobe%s:/proc/self/exe:own_stepped", option);
	struct perftrace_session *session;
	bool is_named = !strcmp(option, ",named");

	expect_way(event, is_named);
	session = event_session(context, event, &request);
	expect_way(event, is_named);
	succeed(context, perftrace_session_open(session));
	/* What follows a task must be, and what has several descriptors. */
	if (!*option)
		is_named = !is_system_wide || sysconf(_SC_NPROCESSORS_ONLN) > 1;
	expect_way(event, is_named);
	expect_hits(context, session, mode, 100);
	expect_way(event, is_named);
	perftrace_session_free(session);
	expect_way(event, is_named);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}

static void hit_all_targets(const char *option)
{
	if (strcmp(option, ",local")) {
		hit(option, false, PERFTRACE_MODE_COUNT);
		hit(option, false, PERFTRACE_MODE_STREAM);
	}
	hit(option, true, PERFTRACE_MODE_COUNT);
	hit(option, true, PERFTRACE_MODE_STREAM);
}

START_TEST(local_probes_see_each_call)
{
	hit_all_targets(",local");
}
END_TEST

START_TEST(named_probes_see_each_call)
{
	hit_all_targets(",named");
}
END_TEST

START_TEST(probes_of_either_way_see_each_call)
{
	hit_all_targets("");
}
END_TEST

/* As nm(1) shows it. */
static uint64_t nm_address(void (*function)(uint64_t))
{
	Dl_info info;

	ck_assert_int_ne(dladdr((void *)(uintptr_t)function, &info), 0);
	return (uintptr_t)function - (uintptr_t)info.dli_fbase;
}

static void expect_place(const char *spec, uint64_t calls)
{
	/* Nobody else runs this program. */
	const struct session_request request = {
		.is_self = !strstr(spec, ",local"),
		.is_system_wide = strstr(spec, ",local"),
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make_event(context, "%s", spec);
	struct perftrace_session *session =
		event_session(context, event, &request);

	expect_hits(context, session, request.mode, calls);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}

START_TEST(places_are_told_in_all_ways)
{
	uint64_t address = nm_address(own_stepped);
	uint64_t offset = harness_file_offset((uintptr_t)own_stepped);
	static const char *const options[] = { ",local", ",named" };
	char spec[512];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(spec, sizeof(spec), "uprobe%s:%s:own_stepped",
			 options[i], own_program());
		expect_place(spec, 10);
		snprintf(spec, sizeof(spec), "uprobe%s:%s:own_stepped+%#x",
			 options[i], own_program(), NOP_BYTES);
		expect_place(spec, 11);
		snprintf(spec, sizeof(spec), "uprobe%s:%s:%#" PRIx64,
			 options[i], own_program(), address);
		expect_place(spec, 12);
		snprintf(spec, sizeof(spec), "uprobe%s:%s:+%" PRIu64,
			 options[i], own_program(), offset);
		expect_place(spec, 13);
		snprintf(spec, sizeof(spec), "uretprobe%s:%s:own_stepped",
			 options[i], own_program());
		expect_place(spec, 14);
		snprintf(spec, sizeof(spec), "uretprobe%s:%s:%" PRIu64,
			 options[i], own_program(), address);
		expect_place(spec, 15);
		snprintf(spec, sizeof(spec), "uretprobe%s:%s:+%#" PRIx64,
			 options[i], own_program(), offset);
		expect_place(spec, 16);
	}
}
END_TEST

static void set_symbol(struct perftrace_context *context,
		       struct perftrace_probe *probe)
{
	succeed(context, perftrace_probe_set_symbol(probe, "own_stepped"));
	succeed(context, perftrace_probe_set_offset_bytes(probe, NOP_BYTES));
}

static void set_address(struct perftrace_context *context,
			struct perftrace_probe *probe)
{
	succeed(context, perftrace_probe_set_symbol(probe, "own_int"));
	succeed(context,
		perftrace_probe_set_address(probe, nm_address(own_stepped)));
}

static void set_file_offset(struct perftrace_context *context,
			    struct perftrace_probe *probe)
{
	succeed(context, perftrace_probe_set_address(probe, 1));
	succeed(context,
		perftrace_probe_set_file_offset_bytes(
			probe, harness_file_offset((uintptr_t)own_stepped)));
}

/* The last one that was set counts, and no offset is left of the others. */
static void set_symbol_again(struct perftrace_context *context,
			     struct perftrace_probe *probe)
{
	set_file_offset(context, probe);
	succeed(context, perftrace_probe_set_symbol(probe, "own_stepped"));
}

START_TEST(places_are_set_step_by_step)
{
	static void (*const set[])(struct perftrace_context *,
				   struct perftrace_probe *) = {
		set_symbol, set_address, set_file_offset, set_symbol_again
	};
	static const struct session_request request = {
		.is_self = true,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	size_t i;

	for (i = 0; i < 4; i++) {
		succeed(context,
			perftrace_probe_new(context, PERFTRACE_EVENT_UPROBE,
					    &probe));
		succeed(context,
			perftrace_probe_set_path(probe, own_program()));
		set[i](context, probe);
		succeed(context, perftrace_probe_make_event(probe, &event));
		perftrace_probe_free(probe);
		session = event_session(context, event, &request);
		expect_hits(context, session, request.mode, 20 + i);
		perftrace_session_free(session);
		perftrace_event_unref(event);
	}
	perftrace_context_unref(context);
}
END_TEST

/* A session of one event that samples the calling process. */
struct recording {
	struct perftrace_context *context;
	struct perftrace_event *event;
	struct perftrace_session *session;
};

static struct recording record_own(const char *kind, const char *place)
{
	/* Nobody else runs this program. */
	const struct session_request request = {
		.is_self = !strstr(kind, ",local"),
		.is_system_wide = strstr(kind, ",local"),
	};
	struct recording recording = { .context = new_context() };

	recording.event = make_event(recording.context, "%s:%s:%s", kind,
				     own_program(), place);
	recording.session =
		event_session(recording.context, recording.event, &request);
	succeed(recording.context, perftrace_session_start(recording.session));
	return recording;
}

static struct perftrace_record *next(const struct recording *recording)
{
	struct perftrace_record *record =
		next_sample(recording->context, recording->session);

	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(perftrace_record_get_pid(record), getpid());
	return record;
}

static void end(const struct recording *recording)
{
	ck_assert_ptr_null(next_sample(recording->context, recording->session));
	perftrace_session_free(recording->session);
	perftrace_event_unref(recording->event);
	perftrace_context_unref(recording->context);
}

static void stop(const struct recording *recording)
{
	succeed(recording->context, perftrace_session_stop(recording->session));
}

START_TEST(records_all_arguments)
{
	struct recording recording = record_own(
		"uprobe", "own_eight($arg1, $arg2, $arg3, $arg4, $arg5, $arg6, "
#ifdef __x86_64__
			  "$arg7, $arg8, small=$arg8:u16, less=$arg7:s8)");
#else
			  "$arg7, $arg8)");
#endif
	const uint64_t high = UINT64_C(1) << 63;
	struct perftrace_record *record;
	char name[8];
	uint64_t i, k;

	for (i = 0; i < 50; i++)
		own_eight(high + i, high + 2 * i, high + 3 * i, high + 4 * i,
			  high + 5 * i, high + 6 * i, high + 7 * i,
			  high + 8 * i);
	stop(&recording);
	for (i = 0; i < 50; i++) {
		record = next(&recording);
		for (k = 1; k <= 8; k++) {
			snprintf(name, sizeof(name), "arg%" PRIu64, k);
			ck_assert_uint_eq(get_u64(recording.context, record,
						  name),
					  high + k * i);
		}
#ifdef __x86_64__
		ck_assert_uint_eq(get_u64(recording.context, record, "small"),
				  8 * i);
		ck_assert_int_eq(get_s64(recording.context, record, "less"),
				 (int8_t)(7 * i));
#endif
		ck_assert_uint_eq(get_u64(recording.context, record,
					  "__probe_ip"),
				  (uintptr_t)own_eight);
	}
	end(&recording);
}
END_TEST

START_TEST(records_registers_inside_of_a_function)
{
	char place[128];
	struct recording recording;
	struct perftrace_record *record;
	uint64_t i;

	snprintf(place, sizeof(place), "own_stepped+%d(%s, low=%s:u8, %s:x64)",
		 NOP_BYTES, FIRST_REGISTER, FIRST_REGISTER, SECOND_REGISTER);
	recording = record_own("uprobe", place);
	for (i = 0; i < 20; i++)
		own_stepped(1000 + i);
	stop(&recording);
	for (i = 0; i < 20; i++) {
		record = next(&recording);
		/* The kernel names what has no name. */
		ck_assert_uint_eq(get_u64(recording.context, record, "arg1"),
				  1000 + i);
		ck_assert_uint_eq(get_u64(recording.context, record, "low"),
				  (1000 + i) % 256);
		get_u64(recording.context, record, "arg3");
		ck_assert_uint_eq(get_u64(recording.context, record,
					  "__probe_ip"),
				  (uintptr_t)own_stepped + NOP_BYTES);
	}
	end(&recording);
}
END_TEST

START_TEST(records_strings_and_arrays)
{
	static const char *const texts[] = { "", "one", "two words, \"quoted\"",
					     "naïve" };
	static const uint16_t numbers[] = { 1, 0xffff, 3, 0x8000 };
	struct recording recording = record_own(
		"uprobe", "own_text(text=+0($arg1):string,"
			  "user=+0($arg1):ustring, numbers=+0($arg2):u16[4],"
			  "last=+6($arg2):x16, second=+0(+8($arg3)):string, "
			  "task=$comm:string)");
	struct perftrace_record *record;
	struct perftrace_field *field;
	size_t i, k, count;
	uint64_t value;

	for (i = 0; i < 4; i++)
		own_text(texts[i], numbers, texts);
	stop(&recording);
	succeed(recording.context,
		perftrace_event_find_field(recording.event, "numbers", &field));
	for (i = 0; i < 4; i++) {
		record = next(&recording);
		ck_assert_str_eq(get_string(recording.context, record, "text"),
				 texts[i]);
		ck_assert_str_eq(get_string(recording.context, record, "user"),
				 texts[i]);
		ck_assert_str_eq(
			get_string(recording.context, record, "second"), "one");
		ck_assert_str_eq(get_string(recording.context, record, "task"),
				 perftrace_record_get_comm(record));
		ck_assert_uint_eq(get_u64(recording.context, record, "last"),
				  0x8000);
		succeed(recording.context, perftrace_record_get_num_elements(
						   record, field, &count));
		ck_assert_uint_eq(count, 4);
		for (k = 0; k < 4; k++) {
			succeed(recording.context,
				perftrace_record_get_element_u64(record, field,
								 k, &value));
			ck_assert_uint_eq(value, numbers[k]);
		}
	}
	end(&recording);
}
END_TEST

START_TEST(filters_by_arguments)
{
	static const struct session_request request = {
		.is_self = true,
		.filter = "value >= 40 && value < 50 || value == 7",
	};
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make_event(
		context, "uprobe:%s:own_int(value=$arg1:s32)", own_program());
	struct perftrace_session *session =
		event_session(context, event, &request);
	struct tally tally = { 0 };
	int i;

	succeed(context, perftrace_session_start(session));
	for (i = -100; i < 100; i++)
		own_int(i);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, 11);
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

static void expect_type(const struct recording *recording, const char *name,
			uint32_t size, bool is_signed)
{
	struct perftrace_field *field;

	succeed(recording->context,
		perftrace_event_find_field(recording->event, name, &field));
	ck_assert_uint_eq(perftrace_field_get_size_bytes(field), size);
	ck_assert_int_eq(perftrace_field_is_signed(field), is_signed);
	ck_assert_int_eq(perftrace_field_get_kind(field),
			 PERFTRACE_FIELD_INTEGER);
}

START_TEST(records_signed_results)
{
	struct recording recording = record_own(
		"uretprobe", "own_int($retval:s32, small=$retval:s8)");
	struct perftrace_record *record;
	int i;

	expect_type(&recording, "retval", 4, true);
	expect_type(&recording, "small", 1, true);
	for (i = -60; i < 60; i++)
		own_int(i * 1000003);
	stop(&recording);
	for (i = -60; i < 60; i++) {
		record = next(&recording);
		ck_assert_int_eq(get_s64(recording.context, record, "retval"),
				 i * 1000003);
		ck_assert_int_eq(get_s64(recording.context, record, "small"),
				 (int8_t)(i * 1000003));
		ck_assert_uint_eq(get_u64(recording.context, record,
					  "__probe_func"),
				  (uintptr_t)own_int);
	}
	end(&recording);
}
END_TEST

START_TEST(records_words_that_are_returned)
{
	const uint64_t large = UINT64_C(0x8000000000000001);
	struct recording recording =
		record_own("uretprobe", "own_word($retval, u=$retval:u64, "
					"x=$retval:x64, half=$retval:u32)");
	struct perftrace_record *record;
	char text[256];
	uint64_t i;

	expect_type(&recording, "retval", 8, false);
	expect_type(&recording, "half", 4, false);
	for (i = 0; i < 10; i++)
		own_word(large + i);
	stop(&recording);
	for (i = 0; i < 10; i++) {
		record = next(&recording);
		ck_assert_uint_eq(get_u64(recording.context, record, "retval"),
				  large + i);
		ck_assert_uint_eq(get_u64(recording.context, record, "u"),
				  large + i);
		ck_assert_uint_eq(get_u64(recording.context, record, "x"),
				  large + i);
		ck_assert_uint_eq(get_u64(recording.context, record, "half"),
				  1 + i);
		succeed(recording.context, perftrace_record_format_fields(
						   record, text, sizeof(text)));
		ck_assert_msg(strstr(text, "u=9223372036854775") != NULL, "%s",
			      text);
		ck_assert_msg(strstr(text, "x=0x800000000000000") != NULL, "%s",
			      text);
	}
	end(&recording);
}
END_TEST

START_TEST(records_strings_that_are_returned)
{
	struct recording recording = record_own("uretprobe",
						"own_text(+0($retval):string, "
						"name=+0($retval):ustring)");
	struct perftrace_record *record;

	own_text("returned", NULL, NULL);
	stop(&recording);
	record = next(&recording);
	ck_assert_str_eq(get_string(recording.context, record, "arg1"),
			 "returned");
	ck_assert_str_eq(get_string(recording.context, record, "name"),
			 "returned");
	end(&recording);
}
END_TEST

/* The types, and thus the fields, are those that a named probe has. */
START_TEST(local_probes_tell_their_place)
{
	struct recording recording = record_own("uprobe,local", "own_stepped");
	struct perftrace_record *record;
	int i;

	ck_assert_uint_eq(count_fields(recording.event), 1);
	step(20);
	stop(&recording);
	for (i = 0; i < 20; i++) {
		record = next(&recording);
		ck_assert_uint_eq(get_u64(recording.context, record,
					  "__probe_ip"),
				  (uintptr_t)own_stepped);
	}
	end(&recording);

	recording = record_own("uretprobe,local", "own_int");
	ck_assert_uint_eq(count_fields(recording.event), 2);
	own_int(1);
	stop(&recording);
	record = next(&recording);
	ck_assert_uint_eq(get_u64(recording.context, record, "__probe_func"),
			  (uintptr_t)own_int);
	ck_assert_uint_ne(get_u64(recording.context, record, "__probe_ret_ip"),
			  0);
	end(&recording);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(local_probes_see_each_call),
	TEST(named_probes_see_each_call),
	TEST(probes_of_either_way_see_each_call),
	TEST(places_are_told_in_all_ways),
	TEST(places_are_set_step_by_step),
	TEST(records_all_arguments),
	TEST(records_registers_inside_of_a_function),
	TEST(records_strings_and_arrays),
	TEST(filters_by_arguments),
	TEST(records_signed_results),
	TEST(records_words_that_are_returned),
	TEST(records_strings_that_are_returned),
	TEST(local_probes_tell_their_place),
};

HARNESS_MAIN("uprobe", tests, HARNESS_LIVE)
