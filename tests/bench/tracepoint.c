/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracepoint.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS	"/sys/kernel/tracing/events/"
#define UPROBES "/sys/bus/event_source/devices/uprobe/"

static FILE *open_file(const struct load_event *event, const char *file)
{
	char path[512];
	FILE *opened;

	snprintf(path, sizeof(path), EVENTS "%s/%s", event->name, file);
	*strchr(path + strlen(EVENTS), ':') = '/';
	opened = fopen(path, "re");
	if (!opened)
		err(1, "%s", path);
	return opened;
}

static uint32_t read_number(FILE *file)
{
	unsigned int number;

	if (!file || fscanf(file, "%u", &number) != 1)
		errx(1, "an event has no number");
	fclose(file);
	return number;
}

struct perf_event_attr tracepoint_make_attr(const struct load_event *event,
					    const struct peer_request *request)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID |
			       PERF_SAMPLE_TIME | PERF_SAMPLE_CPU |
			       PERF_SAMPLE_RAW,
		.read_format = PERF_FORMAT_ID,
		.disabled = 1,
		.sample_id_all = 1,
		.use_clockid = 1,
		/* CLOCK_MONOTONIC */
		.clockid = 1,
	};

	if (event->name) {
		attr.config = read_number(open_file(event, "id"));
	} else {
		attr.type = read_number(fopen(UPROBES "type", "re"));
		attr.uprobe_path = (uintptr_t) "/proc/self/exe";
		attr.probe_offset = load_get_probe_offset();
	}
	if (request->wakes_at_each) {
		attr.wakeup_events = 1;
	} else {
		attr.watermark = 1;
		attr.wakeup_watermark = request->watermark_bytes;
	}
	return attr;
}

struct tracepoint_field tracepoint_find_field(const struct load_event *event,
					      const char *name)
{
	struct tracepoint_field field = { .offset = 8, .size = 8 };
	char line[512], wanted[64];
	FILE *format;

	/* Of a local probe there is no format, and only this field. */
	if (!event->name || !name)
		return field;
	format = open_file(event, "format");
	snprintf(wanted, sizeof(wanted), " %s;", name);
	while (fgets(line, sizeof(line), format)) {
		char *found = strstr(line, wanted);

		if (found &&
		    sscanf(found + strlen(wanted), " offset:%zu; size:%zu;",
			   &field.offset, &field.size) == 2) {
			fclose(format);
			return field;
		}
	}
	errx(1, "%s has no field %s", event->name, name);
}

char *tracepoint_read_format(const struct load_event *event, size_t *length)
{
	FILE *format = open_file(event, "format");
	char *text = malloc(65536);

	if (!text)
		err(1, "memory");
	*length = fread(text, 1, 65535, format);
	text[*length] = '\0';
	fclose(format);
	return text;
}
