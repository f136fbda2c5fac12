/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An event's records as text. Readers in threads of their own print by the same
 * event; its format, and what that has of libtraceevent's, are one thread's at a
 * time.
 */
#include "event_text.h"

#include <stdlib.h>

#include "context.h"
#include "event.h"
#include "format.h"
#include "lock.h"
#include "symbols.h"
#include "tracefs.h"

/* Of a print: where the names of functions are found, and the last of them. */
struct resolution {
	struct symbols *symbols;
	struct symbol_name name;
};

static char *resolve_function(void *data, unsigned long long *address,
			      char **module)
{
	struct resolution *resolution = data;
	struct symbol_name *name = &resolution->name;

	/* libtraceevent keeps neither string. */
	if (!symbols_name(resolution->symbols, *address, name))
		return NULL;
	*address = name->start;
	*module = *name->module ? name->module : NULL;
	return name->name;
}

/*
 * Some events record where a string of the kernel's own lies, rcu:rcu_utilization
 * for one. Where the list of those can't be read, addresses are printed.
 */
static int add_strings(struct perftrace_event *event, struct format *format,
		       struct log *log)
{
	size_t text_bytes;
	char *text;
	int ret;

	if (!format_has_string_pointers(format) ||
	    tracefs_read(event_get_context(event), "printk_formats", &text,
			 &text_bytes))
		return 0;
	ret = format_add_strings(format, log, text);
	free(text);
	return ret;
}

/* What a print asks besides of the record. */
static int add_names(struct perftrace_event *event, struct format *format,
		     struct log *log)
{
	return event_note_names(event) ? 0 : add_strings(event, format, log);
}

/* By one thread at a time: libtraceevent's handle is the event's. */
static int print_locked(struct perftrace_event *event, struct log *log, int cpu,
			const void *raw, size_t raw_bytes, char *buffer,
			size_t room, size_t *text_bytes)
{
	struct resolution resolution;
	struct format *format;
	int ret = event_make_format(event, log, &format);

	if (!ret)
		ret = add_names(event, format, log);
	if (ret)
		return ret;
	resolution.symbols = context_get_symbols(event_get_context(event));
	format_set_resolver(format, resolve_function, &resolution);
	return format_print(format, log, cpu, raw, raw_bytes, buffer, room,
			    text_bytes);
}

int event_print(struct perftrace_event *event, struct log *log, int cpu,
		const void *raw, size_t raw_bytes, char *buffer, size_t room,
		size_t *text_bytes)
{
	int ret;

	lock_take(event_get_lock(event));
	ret = print_locked(event, log, cpu, raw, raw_bytes, buffer, room,
			   text_bytes);
	lock_release(event_get_lock(event));
	return ret;
}
