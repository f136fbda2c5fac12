/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* List events, and what is in them. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <perftrace/perftrace.h>

static const char usage[] =
	"usage: list [-v] [GLOB | PROBE]\n"
	"  -v     with id and fields\n"
	"  GLOB   as in 'sched:*', '*:*switch*' or '*switch*'; all without it\n"
	"  PROBE  as in perftrace-spec(7), 'kprobe:vfs_read(count)': made, and\n"
	"         removed again\n";

static const char *const kinds[] = { "bytes", "integer", "string", "array" };

static void print_field(struct perftrace_field *field)
{
	uint32_t elements = perftrace_field_get_num_elements(field);
	int32_t kind = perftrace_field_get_kind(field);

	printf("\t%-24s %-28s %s", perftrace_field_get_name(field),
	       perftrace_field_get_type(field), kinds[kind]);
	printf(" offset=%" PRIu32 " size=%" PRIu32,
	       perftrace_field_get_offset_bytes(field),
	       perftrace_field_get_size_bytes(field));
	if (kind == PERFTRACE_FIELD_INTEGER || kind == PERFTRACE_FIELD_ARRAY)
		printf(" %s", perftrace_field_is_signed(field) ? "signed" :
								 "unsigned");
	if (kind == PERFTRACE_FIELD_ARRAY && elements)
		printf(" elements=%" PRIu32, elements);
	if (perftrace_field_is_dynamic(field))
		printf(" %s", perftrace_field_is_relative(field) ? "rel_loc" :
								   "data_loc");
	putchar('\n');
}

static int print_event(struct perftrace_context *context, const char *name)
{
	struct perftrace_event *event;
	struct perftrace_field *field;
	int64_t i, count;

	if (perftrace_event_find_by_spec(context, name, &event))
		return -1;
	count = perftrace_event_get_num_fields(event);
	printf("%s id=%" PRIu64 "\n", perftrace_event_get_name(event),
	       perftrace_event_get_id(event));
	for (i = 0; i < count; i++) {
		if (!perftrace_event_get_field(event, (size_t)i, &field))
			print_field(field);
	}
	printf("\tprint: %s\n", perftrace_event_get_print_format(event));
	perftrace_event_unref(event);
	return count < 0 ? -1 : 0;
}

static int print_list(struct perftrace_context *context, const char *pattern,
		      bool is_verbose)
{
	struct perftrace_event_list *list;
	size_t i, count;
	int ret = 0;

	if (perftrace_event_list_new(context, pattern, &list)) {
		fprintf(stderr, "list: %s\n", perftrace_context_error(context));
		return 1;
	}
	count = perftrace_event_list_get_num_names(list);
	for (i = 0; i < count; i++) {
		const char *name = perftrace_event_list_get_name(list, i);

		if (!is_verbose) {
			puts(name);
		} else if (print_event(context, name)) {
			fprintf(stderr, "list: %s\n",
				perftrace_context_error(context));
			ret = 1;
		}
	}
	if (!count && pattern && print_event(context, pattern)) {
		fprintf(stderr, "list: %s\n", perftrace_context_error(context));
		ret = 1;
	}
	perftrace_event_list_free(list);
	return ret;
}

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	bool is_verbose = false;
	int letter, ret;

	while ((letter = getopt(argc, argv, "v")) != -1) {
		if (letter != 'v') {
			fputs(usage, stderr);
			return 2;
		}
		is_verbose = true;
	}
	if (argc - optind > 1) {
		fputs(usage, stderr);
		return 2;
	}
	if (perftrace_context_new(&context))
		return 1;
	ret = print_list(context, argv[optind], is_verbose);
	perftrace_context_unref(context);
	return ret;
}
