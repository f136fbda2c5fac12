/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One libtraceevent handle per event: it costs a kilobyte, and makes a format a
 * value of its own. In a handle for all, an event whose number came back with
 * another module would answer for its predecessor.
 */
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/event-parse.h>
#include <traceevent/trace-seq.h>

#include "field.h"
#include "log.h"
#include "print_parse.h"
#include "print_program.h"
#include "print_run.h"
#include "print_strings.h"

/*
 * The library's one variable outside of a context, for the sake of another
 * library's: libtraceevent's parser keeps two flags for the whole process, and
 * contexts may parse in several threads.
 */
static pthread_mutex_t parser_lock = PTHREAD_MUTEX_INITIALIZER;

struct format {
	struct tep_handle *tep;
	struct perftrace_field **fields;
	size_t num_fields;

	/*
	 * The print format, compiled when it is first needed; or why it can't
	 * be, and libtraceevent prints.
	 */
	struct print_program *program;
	const char *refusal;
	struct print_names names;
	struct print_strings *strings;
	/* Scratch for texts that no caller has room for. */
	char *text;
	size_t text_room;

	/* Scratch for libtraceevent, made by its first print. */
	struct trace_seq seq;
	bool has_seq;
	char *raw;
	size_t raw_bytes;
};

int format_read_id(const char *text, uint64_t *id)
{
	const char *line = strstr(text, "\nID:");
	char *end;
	unsigned long long number;

	if (!line)
		return -EBADMSG;
	line += strlen("\nID:");
	while (*line == ' ' || *line == '\t')
		line++;
	if (*line < '0' || *line > '9')
		return -EBADMSG;
	errno = 0;
	number = strtoull(line, &end, 10);
	if (errno || (*end && *end != '\n'))
		return -EBADMSG;
	*id = number;
	return 0;
}

static void describe(struct tep_format_field *field, bool is_common,
		     struct field_description *description)
{
	*description = (struct field_description){
		.name = field->name,
		.type = field->type,
		.offset = (uint32_t)field->offset,
		.size = (uint32_t)field->size,
		.element_size = (uint32_t)field->elementsize,
		.is_signed = field->flags & TEP_FIELD_IS_SIGNED,
		.is_array = field->flags & TEP_FIELD_IS_ARRAY,
		.is_dynamic = field->flags & TEP_FIELD_IS_DYNAMIC,
		.is_relative = field->flags & TEP_FIELD_IS_RELATIVE,
		.is_common = is_common,
	};
}

static size_t count_fields(struct tep_format_field *field)
{
	size_t count = 0;

	for (; field; field = field->next)
		count++;
	return count;
}

static int add_fields(struct format *format, struct tep_format_field *field,
		      bool is_common, const void *owner)
{
	struct field_description description;

	for (; field; field = field->next) {
		struct perftrace_field *made;

		describe(field, is_common, &description);
		if (field->offset < 0 || field->size < 0)
			return -EBADMSG;
		made = field_new(&description, owner);
		if (!made)
			return -ENOMEM;
		format->fields[format->num_fields++] = made;
	}
	return 0;
}

/*
 * libtraceevent stops in silence at a line that it does not understand, and the
 * fields behind it would be missed by nobody.
 */
static size_t count_field_lines(const char *text)
{
	size_t count = 0;

	while ((text = strstr(text, "\tfield:"))) {
		text++;
		count++;
	}
	return count;
}

static int take_fields(struct format *format, struct tep_event *event,
		       const char *text, const void *owner)
{
	size_t count = count_fields(event->format.common_fields) +
		       count_fields(event->format.fields);
	int ret;

	if (!count || count != count_field_lines(text))
		return -EBADMSG;
	format->fields = calloc(count, sizeof(*format->fields));
	if (!format->fields)
		return -ENOMEM;
	ret = add_fields(format, event->format.common_fields, true, owner);
	if (!ret)
		ret = add_fields(format, event->format.fields, false, owner);
	return ret;
}

/* The raw data is that of the running kernel: native in width and order. */
static struct tep_handle *new_handle(void)
{
	struct tep_handle *tep = tep_alloc();

	if (!tep)
		return NULL;
	tep_set_long_size(tep, sizeof(long));
	tep_set_local_bigendian(tep, tep_is_bigendian());
	tep_set_file_bigendian(tep, tep_is_bigendian());
	return tep;
}

static int parse(struct format *format, const char *name, const char *text,
		 size_t text_bytes, const void *owner)
{
	const char *colon = strchr(name, ':');
	char *system = strndup(name, colon ? (size_t)(colon - name) : 0);
	struct tep_event *event;

	if (!system)
		return -ENOMEM;
	/*
	 * An error may only mean that the print format is not understood; the
	 * fields are then there, and the text names them one by one.
	 */
	pthread_mutex_lock(&parser_lock);
	tep_parse_event(format->tep, text, text_bytes, system);
	pthread_mutex_unlock(&parser_lock);
	free(system);
	event = tep_get_event(format->tep, 0);
	return event ? take_fields(format, event, text, owner) : -EBADMSG;
}

int format_parse(struct log *log, const char *name, const char *text,
		 size_t text_bytes, const void *owner, struct format **format)
{
	struct format *made = calloc(1, sizeof(*made));
	int ret = -ENOMEM;

	if (!made)
		return fail_memory(log);
	made->tep = new_handle();
	if (made->tep)
		ret = parse(made, name, text, text_bytes, owner);
	if (!ret) {
		*format = made;
		return 0;
	}
	format_free(made);
	if (ret == -ENOMEM)
		return fail_memory(log);
	return fail(log, ret, "%s: its format file makes no sense", name);
}

void format_free(struct format *format)
{
	size_t i;

	if (!format)
		return;
	for (i = 0; i < format->num_fields; i++)
		field_free(format->fields[i]);
	free(format->fields);
	if (format->has_seq)
		trace_seq_destroy(&format->seq);
	free(format->raw);
	free(format->text);
	print_program_free(format->program);
	print_strings_free(format->strings);
	if (format->tep)
		tep_free(format->tep);
	free(format);
}

size_t format_get_num_fields(struct format *format)
{
	return format->num_fields;
}

struct perftrace_field *format_get_field(struct format *format, size_t index)
{
	return format->fields[index];
}

struct perftrace_field *format_find_field(struct format *format,
					  const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < format->num_fields; i++) {
		const char *found = perftrace_field_get_name(format->fields[i]);

		if (strlen(found) == length && !memcmp(found, name, length))
			return format->fields[i];
	}
	return NULL;
}

void format_write_names(struct format *format, bool with_common, char *text,
			size_t room)
{
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < format->num_fields && used < room; i++) {
		struct perftrace_field *field = format->fields[i];

		if (!with_common && perftrace_field_is_common(field))
			continue;
		used += (size_t)snprintf(text + used, room - used, "%s%s",
					 used ? ", " : "",
					 perftrace_field_get_name(field));
	}
}

/* libtraceevent takes the same for a string when it prints. */
static bool is_string_pointer(struct perftrace_field *field)
{
	return perftrace_field_get_kind(field) == PERFTRACE_FIELD_INTEGER &&
	       perftrace_field_get_size_bytes(field) == sizeof(char *) &&
	       strstr(perftrace_field_get_type(field), "char *");
}

bool format_has_string_pointers(struct format *format)
{
	size_t i;

	for (i = 0; i < format->num_fields; i++) {
		if (is_string_pointer(format->fields[i]))
			return true;
	}
	return false;
}

/* A line: 0xffffffff8281a424 : "Start context switch" */
static int add_string(struct format *format, const char *line)
{
	char *end;
	unsigned long long address = strtoull(line, &end, 16);
	const char *text = strchr(end, '"');

	/* libtraceevent looks for an end of "\\n" without asking for the length. */
	if (!text || strlen(text) < strlen("\"ab\""))
		return 0;
	tep_register_print_string(format->tep, text, address);
	return print_strings_add(format->strings, address, text);
}

int format_add_strings(struct format *format, struct log *log, char *text)
{
	char *rest, *line = strtok_r(text, "\n", &rest);
	int ret = 0;

	if (!format->strings)
		format->strings = print_strings_new();
	if (!format->strings)
		return fail_memory(log);
	for (; line && !ret; line = strtok_r(NULL, "\n", &rest))
		ret = add_string(format, line);
	print_strings_sort(format->strings);
	format->names.strings = format->strings;
	return ret ? fail_memory(log) : 0;
}

static char *resolve_function(void *data, unsigned long long *address,
			      char **module)
{
	struct format *format = data;

	return format->names.resolve(format->names.data, address, module);
}

void format_set_resolver(struct format *format,
			 char *(*resolve)(void *data,
					  unsigned long long *address,
					  char **module),
			 void *data)
{
	bool first = !format->names.resolve;

	format->names.resolve = resolve;
	format->names.data = data;
	if (first)
		tep_set_function_resolver(format->tep, resolve_function,
					  format);
}

/*
 * libtraceevent reads fields without asking whether they lie inside of the
 * record, and strings up to their zero byte: so every field is checked first,
 * and the record handed over as a copy with zero bytes behind it.
 */
static int check_fields(struct format *format, struct log *log, const void *raw,
			size_t raw_bytes)
{
	const void *value;
	size_t i, value_bytes;

	for (i = 0; i < format->num_fields; i++) {
		struct perftrace_field *field = format->fields[i];
		int ret = field_locate(field, raw, raw_bytes, &value,
				       &value_bytes);

		if (ret)
			return fail(log, ret,
				    "field %s lies outside of a record of %zu "
				    "bytes",
				    perftrace_field_get_name(field), raw_bytes);
	}
	return 0;
}

#define TAIL_BYTES 64

/*
 * libtraceevent goes by the number in the record. A probe that has been made
 * since its format was written has one that the format does not know.
 */
static void set_type(struct format *format)
{
	static const char name[] = "common_type";
	struct perftrace_field *field =
		format_find_field(format, name, strlen(name));
	uint16_t type = (uint16_t)tep_get_event(format->tep, 0)->id;

	/* check_fields() has seen that it is inside of the record. */
	if (field && perftrace_field_get_size_bytes(field) == sizeof(type))
		memcpy(format->raw + perftrace_field_get_offset_bytes(field),
		       &type, sizeof(type));
}

static int copy_raw(struct format *format, struct log *log, const void *raw,
		    size_t raw_bytes)
{
	if (raw_bytes + TAIL_BYTES > format->raw_bytes) {
		char *larger = realloc(format->raw, raw_bytes + TAIL_BYTES);

		if (!larger)
			return fail_memory(log);
		format->raw = larger;
		format->raw_bytes = raw_bytes + TAIL_BYTES;
	}
	memcpy(format->raw, raw, raw_bytes);
	memset(format->raw + raw_bytes, 0, format->raw_bytes - raw_bytes);
	set_type(format);
	return 0;
}

static void print_event(struct format *format, int cpu, size_t raw_bytes)
{
	struct tep_record record = {
		.cpu = cpu,
		.size = (int)raw_bytes,
		.record_size = (int)raw_bytes,
		.data = format->raw,
	};

	if (!format->has_seq)
		trace_seq_init(&format->seq);
	format->has_seq = true;
	trace_seq_reset(&format->seq);
	tep_print_event(format->tep, &format->seq, &record, "%s",
			TEP_PRINT_INFO);
}

int format_print_slowly(struct format *format, struct log *log, int cpu,
			const void *raw, size_t raw_bytes, const char **text,
			size_t *text_bytes)
{
	int ret;

	if (raw_bytes > INT_MAX)
		return fail(log, -EBADMSG, "a record of %zu bytes", raw_bytes);
	ret = check_fields(format, log, raw, raw_bytes);
	if (!ret)
		ret = copy_raw(format, log, raw, raw_bytes);
	if (ret)
		return ret;
	print_event(format, cpu, raw_bytes);
	if (format->seq.state == TRACE_SEQ__MEM_ALLOC_FAILED)
		return fail_memory(log);
	trace_seq_terminate(&format->seq);
	*text = format->seq.buffer;
	*text_bytes = format->seq.len;
	return 0;
}

static int grow_text(struct format *format, struct log *log)
{
	size_t room = format->text_room ? format->text_room * 2 : 4096;
	char *larger = realloc(format->text, room);

	if (!larger)
		return fail_memory(log);
	format->text = larger;
	format->text_room = room;
	return 0;
}

static int run_again(struct format *format, struct log *log, const void *raw,
		     size_t raw_bytes, const char **text, size_t *text_bytes,
		     bool *is_cut)
{
	int ret = -ENOSPC;

	while (ret == -ENOSPC) {
		if (format->text_room)
			ret = print_run(format->program, &format->names, raw,
					raw_bytes, format->text,
					format->text_room - 1, text_bytes,
					is_cut);
		if (ret == -ENOSPC && grow_text(format, log))
			return -ENOMEM;
	}
	if (ret)
		return ret;
	format->text[*text_bytes] = '\0';
	*text = format->text;
	return 0;
}

/*
 * The program prints as libtraceevent 1.7.1 does, and the one at hand may be a
 * newer one. Where they differ in a few records that are made up for it, what
 * is at hand prints.
 */
enum trial {
	TRIAL_ZEROS,
	TRIAL_ONES,
	TRIAL_TWOS,
	NUM_TRIALS,
};

/* For dynamic fields, what lies behind all others. */
#define TRIAL_BYTES 16

static void fill_field(struct perftrace_field *field, enum trial trial,
		       unsigned char *raw, size_t fixed_bytes)
{
	size_t offset = perftrace_field_get_offset_bytes(field);
	size_t size = perftrace_field_get_size_bytes(field);
	uint32_t word = TRIAL_BYTES << 16 | (uint32_t)fixed_bytes;

	if (perftrace_field_is_relative(field))
		word -= (uint32_t)(offset + sizeof(word));
	if (perftrace_field_is_dynamic(field))
		memcpy(raw + offset, &word, sizeof(word));
	else if (trial == TRIAL_ONES)
		memset(raw + offset, UCHAR_MAX, size);
	else if (trial == TRIAL_TWOS && size)
		raw[offset] = 2;
}

static bool is_same(struct format *format, const unsigned char *raw,
		    size_t raw_bytes)
{
	struct log *log = log_new();
	size_t text_bytes, other_bytes;
	const char *text, *other;
	bool is_cut, is_same = false;

	if (log && !run_again(format, log, raw, raw_bytes, &text, &text_bytes,
			      &is_cut))
		is_same = is_cut ||
			  (!format_print_slowly(format, log, 0, raw, raw_bytes,
						&other, &other_bytes) &&
			   text_bytes == other_bytes &&
			   !memcmp(text, other, text_bytes));
	log_free(log);
	return is_same;
}

static bool try_out(struct format *format)
{
	size_t fixed_bytes = format->program->fixed_bytes, i;
	size_t raw_bytes = fixed_bytes + TRIAL_BYTES;
	unsigned char *raw = malloc(raw_bytes);
	bool is_good = raw;
	int trial;

	for (trial = 0; is_good && trial < NUM_TRIALS; trial++) {
		memset(raw, 0, raw_bytes);
		for (i = 0; i < format->num_fields; i++)
			fill_field(format->fields[i], (enum trial)trial, raw,
				   fixed_bytes);
		is_good = is_same(format, raw, raw_bytes);
	}
	free(raw);
	return is_good;
}

const char *format_compile(struct format *format)
{
	int ret;

	if (format->program || format->refusal)
		return format->refusal;
	ret = print_compile(tep_get_event(format->tep, 0), &format->program,
			    &format->refusal);
	/* libtraceevent has the memory that it needs already. */
	if (ret == -ENOMEM)
		format->refusal = "there was no memory for it";
	if (!ret && !try_out(format)) {
		print_program_free(format->program);
		format->program = NULL;
		format->refusal = "libtraceevent prints it otherwise";
	}
	return format->refusal;
}

static int fail_print(struct format *format, struct log *log, int error,
		      const void *raw, size_t raw_bytes)
{
	return error == -EBADMSG ? check_fields(format, log, raw, raw_bytes) :
				   error;
}

int format_print_quickly(struct format *format, struct log *log,
			 const void *raw, size_t raw_bytes, const char **text,
			 size_t *text_bytes, bool *is_cut)
{
	int ret;

	if (format_compile(format))
		return fail(log, -EOPNOTSUPP, "the print format: %s",
			    format->refusal);
	ret = run_again(format, log, raw, raw_bytes, text, text_bytes, is_cut);
	return ret ? fail_print(format, log, ret, raw, raw_bytes) : 0;
}

int format_print(struct format *format, struct log *log, int cpu,
		 const void *raw, size_t raw_bytes, char *buffer, size_t room,
		 size_t *text_bytes)
{
	const char *text;
	bool is_cut;
	int ret = -ENOSPC;

	if (format_compile(format)) {
		ret = format_print_slowly(format, log, cpu, raw, raw_bytes,
					  &text, text_bytes);
	} else {
		if (room)
			ret = print_run(format->program, &format->names, raw,
					raw_bytes, buffer, room, text_bytes,
					&is_cut);
		if (!ret)
			return 0;
		if (ret == -ENOSPC)
			ret = run_again(format, log, raw, raw_bytes, &text,
					text_bytes, &is_cut);
		if (ret)
			ret = fail_print(format, log, ret, raw, raw_bytes);
	}
	if (!ret && room)
		memcpy(buffer, text, *text_bytes < room ? *text_bytes : room);
	return ret;
}
