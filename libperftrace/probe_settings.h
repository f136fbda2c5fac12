/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROBE_SETTINGS_H
#define PROBE_SETTINGS_H

/*
 * What a caller asks of a probe, as plain data: out of a spec, or set one by
 * one. Positions are places in the spec; a setter's text has places of its own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/probe.h>

struct log;

/* MAX_TRACE_ARGS in kernel/trace/trace_probe.h. */
#define MOST_ARGUMENTS 128

/* KRETPROBE_MAXACTIVE_MAX in kernel/trace/trace_probe.h. */
#define MOST_ACTIVE 4096

/* What probe_settings_is_name() asks of a name, for errors. */
#define LONGEST_NAME 31
#define NAME_RULE                                                              \
	"a name is of letters, digits and underscores, at most 31, and no "    \
	"digit comes first"

enum place_kind {
	/* Nothing said yet. */
	PLACE_NONE,
	/* @symbol, and @offset bytes behind its start. */
	PLACE_SYMBOL,
	/* Of the kernel, or of the file once it is loaded: @offset. */
	PLACE_ADDRESS,
	/* From the start of the file: @offset. */
	PLACE_FILE_OFFSET,
};

struct probe_argument {
	/* Of the argument as a whole, and where it starts. */
	char *text;
	int32_t position;
	/* A place in it is one in the spec: no letter was taken out. */
	bool is_verbatim;
};

struct probe_settings {
	int32_t kind;
	int32_t mode;
	/* 0: of the session's process, or nobody's. */
	int32_t pid;
	uint32_t max_active;
	/* How the event is to be called; NULL: after its place. */
	char *name;

	char *path;
	char *module;
	char *provider;
	/* A function, a marker, or patterns for functions. */
	char *symbol;
	enum place_kind place;
	uint64_t offset;

	int32_t path_position;
	int32_t module_position;
	int32_t symbol_position;
	int32_t offset_position;

	struct probe_argument *arguments;
	size_t num_arguments;
	/* There is a list of them, though it may be empty. */
	bool has_arguments;
};

void probe_settings_init(struct probe_settings *settings, int32_t kind);
void probe_settings_clear(struct probe_settings *settings);

/* Replace a text; NULL takes it away. -ENOMEM. */
int probe_settings_set_text(struct log *log, char **text, const char *value);
int probe_settings_add_argument(struct log *log,
				struct probe_settings *settings,
				const char *text, int32_t position,
				bool is_verbatim);

bool probe_settings_is_name(const char *name);

/* Is the place in a file, rather than in the kernel? */
bool probe_settings_takes_file(const struct probe_settings *settings);

/* "kprobe"; the word that a spec begins with. NULL for an unknown kind. */
const char *probe_kind_name(int32_t kind);

#endif /* PROBE_SETTINGS_H */
