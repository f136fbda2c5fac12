/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_EVENT_H
#define PERFTRACE_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include <perftrace/context.h>
#include <perftrace/field.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: event
 *
 * An event is something that can be opened: a snapshot of what the kernel
 * said of it when it was looked up. It never changes, also when the module
 * that it came from goes; opening it then fails with a clear error.
 */
struct perftrace_event;

/**
 * enum perftrace_event_kind - what an event is
 * @PERFTRACE_EVENT_TRACEPOINT: a static tracepoint, or any event that stands
 *	in tracefs under SYSTEM/NAME
 * @PERFTRACE_EVENT_KPROBE: a probe at an instruction of the kernel
 * @PERFTRACE_EVENT_KRETPROBE: a probe at the return of a kernel function
 * @PERFTRACE_EVENT_UPROBE: a probe at an instruction of a program or library
 * @PERFTRACE_EVENT_URETPROBE: a probe at the return of a function of such
 * @PERFTRACE_EVENT_USDT: a probe at all places of a marker that was compiled
 *	into a program or library (user statically defined tracing)
 * @PERFTRACE_EVENT_FUNCTION: calls of functions of the kernel, by pattern
 *
 * All but the first are made by a perftrace_probe. More kinds come with later
 * versions; a program should pass over those that it does not know.
 */
enum perftrace_event_kind {
	PERFTRACE_EVENT_TRACEPOINT = 1,
	PERFTRACE_EVENT_KPROBE = 2,
	PERFTRACE_EVENT_KRETPROBE = 3,
	PERFTRACE_EVENT_UPROBE = 4,
	PERFTRACE_EVENT_URETPROBE = 5,
	PERFTRACE_EVENT_USDT = 6,
	PERFTRACE_EVENT_FUNCTION = 7
};

/**
 * perftrace_event_find() - look an event up by its name
 * @context: a context
 * @name: "SYSTEM:NAME", such as "sched:sched_switch"
 * @event: the event; to be released with perftrace_event_unref()
 *
 * Reads the event's own format file and no other. The fields in it are parsed
 * when they are first asked for.
 *
 * Return: 0; -EINVAL when @name is no SYSTEM:NAME; -ENOENT when there is no
 * such event, and the error names those that are spelled alike; -EOPNOTSUPP
 * when the event exists but can't be had through perf; -EBADMSG when its format
 * file makes no sense; -EACCES when tracefs may not be read; what
 * perftrace_context_get_tracefs() returns; -ENOMEM.
 */
int perftrace_event_find(struct perftrace_context *context, const char *name,
			 struct perftrace_event **event);

/**
 * perftrace_event_find_by_id() - look an event up by its number
 * @context: a context
 * @id: the number in the event's id file, attr.config of perf_event_open(2)
 * @event: the event; to be released with perftrace_event_unref()
 *
 * Has to read the id files one by one: some ten milliseconds.
 *
 * Return: as perftrace_event_find().
 */
int perftrace_event_find_by_id(struct perftrace_context *context, uint64_t id,
			       struct perftrace_event **event);

/**
 * perftrace_event_find_by_spec() - any event, by what people write for it
 * @context: a context
 * @spec: "SYSTEM:NAME", or a probe such as "uprobe:libc.so.6:malloc($arg1)", as
 *	in perftrace-spec(7); no pattern
 * @event: the event; to be released with perftrace_event_unref()
 *
 * perftrace_event_find(), or perftrace_probe_new_from_spec() and
 * perftrace_probe_make_event() in one.
 *
 * Return: 0; -EINVAL when @spec is NULL; what perftrace_event_find(),
 * perftrace_probe_new_from_spec() and perftrace_probe_make_event() return.
 */
int perftrace_event_find_by_spec(struct perftrace_context *context,
				 const char *spec,
				 struct perftrace_event **event);

/**
 * perftrace_event_ref() - take one more reference
 * @event: an event
 *
 * Return: @event.
 */
struct perftrace_event *perftrace_event_ref(struct perftrace_event *event);

/**
 * perftrace_event_unref() - give a reference back
 * @event: an event, or NULL
 */
void perftrace_event_unref(struct perftrace_event *event);

/**
 * perftrace_event_get_kind() - what the event is
 * @event: an event
 *
 * Return: one of enum perftrace_event_kind.
 */
int32_t perftrace_event_get_kind(struct perftrace_event *event);

/**
 * perftrace_event_get_name() - the whole name
 * @event: an event
 *
 * Return: "SYSTEM:NAME", or "KIND:PLACE" for a probe's event, such as
 * "kprobe:vfs_read"; owned by the event.
 */
const char *perftrace_event_get_name(struct perftrace_event *event);

/**
 * perftrace_event_get_id() - the kernel's number for the event
 * @event: an event
 *
 * Return: attr.config of perf_event_open(2) for a tracepoint, which a named
 * probe is too. Good until the next boot, or until the event's module or probe
 * goes. 0 for a probe that has no number: local, or not yet opened.
 */
uint64_t perftrace_event_get_id(struct perftrace_event *event);

/**
 * perftrace_event_get_tracefs_name() - what the event is called in tracefs
 * @event: an event
 *
 * Return: "SYSTEM:NAME", owned by the event. For a named probe SYSTEM says
 * whose it is, and of a marker with several places it is the first's. "" for a
 * probe that does not stand in tracefs: local, or not yet opened.
 */
const char *perftrace_event_get_tracefs_name(struct perftrace_event *event);

/**
 * perftrace_event_get_num_missed() - hits that a kernel probe passed over
 * @event: the event of a kprobe or a kretprobe
 * @num_missed: how many since the probe was made, of all sessions
 *
 * A probe that is hit while another is handled on the same CPU records
 * nothing, nor does a kretprobe with too many calls under way. Read from
 * kprobe_profile in tracefs (kernel/trace/trace_kprobe.c).
 *
 * Return: 0; -EOPNOTSUPP when the event is no named kprobe or kretprobe, for
 * the kernel tells of no others; -ENOENT when it is gone; -EACCES when tracefs
 * may not be read; -ENOMEM.
 */
int perftrace_event_get_num_missed(struct perftrace_event *event,
				   uint64_t *num_missed);

/**
 * perftrace_event_get_print_format() - how the kernel would print it
 * @event: an event
 *
 * Return: the text after "print fmt:" of the format file, owned by the event.
 */
const char *perftrace_event_get_print_format(struct perftrace_event *event);

/**
 * perftrace_event_get_num_fields() - how many fields there are
 * @event: an event
 *
 * Return: the number, the common fields included, or -errno: -EBADMSG when
 * the format file makes no sense, -ENOMEM.
 */
int64_t perftrace_event_get_num_fields(struct perftrace_event *event);

/**
 * perftrace_event_get_field() - the n-th field
 * @event: an event
 * @index: from 0; the common fields come first, then the event's own, each in
 *	the order of the format file
 * @field: the field, borrowed from @event
 *
 * Return: 0; -EINVAL when @index is too large; -EBADMSG, -ENOMEM as
 * perftrace_event_get_num_fields().
 */
int perftrace_event_get_field(struct perftrace_event *event, size_t index,
			      struct perftrace_field **field);

/**
 * perftrace_event_find_field() - a field by its name
 * @event: an event
 * @name: the field's name, such as "next_pid"
 * @field: the field, borrowed from @event
 *
 * Meant to be called once per field, before reading starts.
 *
 * Return: 0; -ENOENT, and the error lists the fields that there are; -EINVAL
 * when @name is NULL; -EBADMSG, -ENOMEM as perftrace_event_get_num_fields().
 */
int perftrace_event_find_field(struct perftrace_event *event, const char *name,
			       struct perftrace_field **field);

/**
 * struct perftrace_event_list - names of events, sorted; a snapshot
 */
struct perftrace_event_list;

/**
 * perftrace_event_list_new() - the names that match a pattern
 * @context: a context
 * @pattern: a glob(7) pattern: "sched:*", "*:*switch*"; without a colon it is
 *	held against the name alone ("*switch*"). NULL: all events
 * @list: the names; to be released with perftrace_event_list_free()
 *
 * Lists the events that perf can open and parses none of them. No match is an
 * empty list.
 *
 * Return: 0; -EACCES when tracefs may not be read; what
 * perftrace_context_get_tracefs() returns; -ENOMEM.
 */
int perftrace_event_list_new(struct perftrace_context *context,
			     const char *pattern,
			     struct perftrace_event_list **list);

/**
 * perftrace_event_list_free() - release a list
 * @list: a list, or NULL
 */
void perftrace_event_list_free(struct perftrace_event_list *list);

/**
 * perftrace_event_list_get_num_names() - how many names
 * @list: a list
 *
 * Return: the number.
 */
size_t perftrace_event_list_get_num_names(struct perftrace_event_list *list);

/**
 * perftrace_event_list_get_name() - the n-th name
 * @list: a list
 * @index: from 0
 *
 * Return: "SYSTEM:NAME", owned by the list, fit for perftrace_event_find();
 * NULL when @index is too large.
 */
const char *perftrace_event_list_get_name(struct perftrace_event_list *list,
					  size_t index);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_EVENT_H */
