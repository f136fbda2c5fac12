/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_tracefs.h"

#include <check.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <perftrace/context.h>

static const char common_fields[] =
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;"
	"\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n";

void fake_tracefs_make(struct fake_tracefs *fake)
{
	const char *parent = getenv("TMPDIR");

	snprintf(fake->root, sizeof(fake->root), "%s/perftrace-XXXXXX",
		 parent ? parent : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(fake->root));
	fake_tracefs_write(fake, "events/enable", "0\n");
	fake_tracefs_write(fake, "available_events", "");
	ck_assert_int_eq(perftrace_context_new(&fake->context), 0);
	ck_assert_int_eq(
		perftrace_context_set_tracefs(fake->context, fake->root), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind,
		      struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

void fake_tracefs_clear(struct fake_tracefs *fake)
{
	perftrace_context_unref(fake->context);
	ck_assert_int_eq(nftw(fake->root, remove_one, 16, FTW_DEPTH | FTW_PHYS),
			 0);
}

static void full_path(struct fake_tracefs *fake, const char *file,
		      char path[512])
{
	snprintf(path, 512, "%s/%s", fake->root, file);
}

static void write_file(struct fake_tracefs *fake, const char *file,
		       const char *mode, const char *text)
{
	char path[512], *slash;
	FILE *stream;

	full_path(fake, file, path);
	for (slash = strchr(path + strlen(fake->root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	stream = fopen(path, mode);
	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	ck_assert_int_eq(fclose(stream), 0);
}

void fake_tracefs_write(struct fake_tracefs *fake, const char *file,
			const char *text)
{
	write_file(fake, file, "we", text);
}

void fake_tracefs_remove(struct fake_tracefs *fake, const char *file)
{
	char path[512];

	full_path(fake, file, path);
	ck_assert_int_eq(remove(path), 0);
}

char *fake_format(const char *name, uint64_t id, const char *fields,
		  const char *print)
{
	char *text;

	ck_assert_int_gt(asprintf(&text,
				  "name: %s\nID: %" PRIu64 "\nformat:\n%s%s\n"
				  "print fmt: %s\n",
				  name, id, common_fields, fields, print),
			 0);
	return text;
}

void fake_tracefs_add(struct fake_tracefs *fake, const char *name, uint64_t id,
		      const char *fields, const char *print)
{
	int system_bytes = (int)strcspn(name, ":");
	const char *event = name + system_bytes + 1;
	char file[256], line[256];
	char *format = fake_format(event, id, fields, print);

	snprintf(file, sizeof(file), "events/%.*s/%s/format", system_bytes,
		 name, event);
	fake_tracefs_write(fake, file, format);
	free(format);
	snprintf(file, sizeof(file), "events/%.*s/%s/id", system_bytes, name,
		 event);
	snprintf(line, sizeof(line), "%" PRIu64 "\n", id);
	fake_tracefs_write(fake, file, line);
	snprintf(line, sizeof(line), "%s\n", name);
	write_file(fake, "available_events", "ae", line);
}
