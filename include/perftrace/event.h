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
 *
 * More kinds come with later versions; a program should pass over those that
 * it does not know.
 */
enum perftrace_event_kind { PERFTRACE_EVENT_TRACEPOINT = 1 };

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
 * Return: "SYSTEM:NAME", owned by the event.
 */
const char *perftrace_event_get_name(struct perftrace_event *event);

/**
 * perftrace_event_get_id() - the kernel's number for the event
 * @event: an event
 *
 * Return: attr.config of perf_event_open(2). Good until the next boot, or
 * until the event's module goes.
 */
uint64_t perftrace_event_get_id(struct perftrace_event *event);

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
