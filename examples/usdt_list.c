/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* List the markers (USDT) that were compiled into a program or library. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <perftrace/perftrace.h>

static const char usage[] =
	"usage: usdt_list [-v] [-p PID] FILE\n"
	"  -v    with the place of each, its counter of users, its operands\n"
	"  -p    FILE as this process sees it\n"
	"  FILE  a path, or a library's name such as libstdc++.so.6\n";

static void print_marker(struct perftrace_marker_list *list, size_t index,
			 bool is_verbose)
{
	uint64_t semaphore =
		perftrace_marker_list_get_semaphore_offset_bytes(list, index);

	printf("%s:%s", perftrace_marker_list_get_provider(list, index),
	       perftrace_marker_list_get_name(list, index));
	if (!is_verbose) {
		putchar('\n');
		return;
	}
	printf(" address=%#" PRIx64 " offset=%#" PRIx64,
	       perftrace_marker_list_get_address(list, index),
	       perftrace_marker_list_get_offset_bytes(list, index));
	if (semaphore)
		printf(" semaphore=%#" PRIx64, semaphore);
	printf(" arguments=%" PRId32 " %s\n",
	       perftrace_marker_list_get_num_arguments(list, index),
	       perftrace_marker_list_get_arguments(list, index));
}

static int print_list(struct perftrace_context *context, const char *path,
		      int32_t pid, bool is_verbose)
{
	struct perftrace_marker_list *list;
	size_t i, count;

	if (perftrace_marker_list_new(context, path, pid, &list)) {
		fprintf(stderr, "usdt_list: %s\n",
			perftrace_context_error(context));
		return 1;
	}
	count = perftrace_marker_list_get_num_markers(list);
	if (!count)
		fprintf(stderr, "usdt_list: %s has no markers\n",
			perftrace_marker_list_get_path(list));
	for (i = 0; i < count; i++)
		print_marker(list, i, is_verbose);
	perftrace_marker_list_free(list);
	return 0;
}

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	bool is_verbose = false;
	int32_t pid = 0;
	int letter, ret;

	while ((letter = getopt(argc, argv, "vp:")) != -1) {
		if (letter == 'v') {
			is_verbose = true;
		} else if (letter == 'p' && atoi(optarg) > 0) {
			pid = atoi(optarg);
		} else {
			fputs(usage, stderr);
			return 2;
		}
	}
	if (argc - optind != 1) {
		fputs(usage, stderr);
		return 2;
	}
	if (perftrace_context_new(&context))
		return 1;
	ret = print_list(context, argv[optind], pid, is_verbose);
	perftrace_context_unref(context);
	return ret;
}
