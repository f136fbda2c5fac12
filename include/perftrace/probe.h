/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_PROBE_H
#define PERFTRACE_PROBE_H

#include <stdint.h>

#include <perftrace/context.h>
#include <perftrace/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: probe
 *
 * A probe describes an event that does not exist yet: a place in the kernel or
 * in a program, and what to record there. It is filled by setters, or from a
 * text as perftrace-spec(7) has it, and makes events.
 *
 * There are two ways to a probe. A local one belongs to the descriptors that
 * it is opened with, goes with them whatever happens, and records no
 * arguments; every descriptor is one more probe in the kernel. A named one
 * stands in tracefs while its event lives: it records arguments, counts the
 * hits that it missed, and is one probe for all CPUs; root alone may make it.
 * Of a marker this is said of each of its places, which are one event.
 * Unless told otherwise the library chooses when the event is opened: named
 * where there are arguments or several descriptors, and the other way where the
 * kernel does not grant the first. By a name or a path a local probe can't
 * follow what a task starts: for tasks it is named, or refused when it is to be
 * local.
 */
struct perftrace_probe;

/**
 * enum perftrace_probe_mode - which of the two ways
 * @PERFTRACE_PROBE_AUTO: whichever serves better; the default
 * @PERFTRACE_PROBE_LOCAL: local, or an error
 * @PERFTRACE_PROBE_NAMED: named, or an error
 */
enum perftrace_probe_mode {
	PERFTRACE_PROBE_AUTO = 0,
	PERFTRACE_PROBE_LOCAL = 1,
	PERFTRACE_PROBE_NAMED = 2
};

/**
 * perftrace_probe_new() - describe a probe step by step
 * @context: a context
 * @kind: one of enum perftrace_event_kind, but for
 *	PERFTRACE_EVENT_TRACEPOINT
 * @probe: the probe; to be released with perftrace_probe_free()
 *
 * Return: 0; -EINVAL for another kind; -ENOMEM.
 */
int perftrace_probe_new(struct perftrace_context *context, int32_t kind,
			struct perftrace_probe **probe);

/**
 * perftrace_probe_new_from_spec() - describe a probe by a text
 * @context: a context
 * @spec: as in perftrace-spec(7), such as
 *	"kprobe:do_sys_openat2(dfd, filename:ustring)"; copied
 * @probe: the probe; to be released with perftrace_probe_free()
 *
 * Reads the text alone: whether its place exists is seen when an event is made
 * of it. Setters may change the probe afterwards.
 *
 * Return: 0; -EINVAL when @spec is NULL, or is no probe's, and
 * perftrace_context_get_error_position() says where; -ENOMEM.
 */
int perftrace_probe_new_from_spec(struct perftrace_context *context,
				  const char *spec,
				  struct perftrace_probe **probe);

/**
 * perftrace_probe_free() - release a probe
 * @probe: a probe, or NULL
 *
 * Events that were made of it stay.
 */
void perftrace_probe_free(struct perftrace_probe *probe);

/**
 * perftrace_probe_set_symbol() - the function, the marker, or the pattern
 * @probe: a probe
 * @symbol: of a kprobe, the kernel's function; of a uprobe, that of the file,
 *	mangled or not, with or without version ("malloc@@GLIBC_2.2.5"); of a
 *	USDT probe, the marker's name; of the function event, glob patterns
 *	separated by commas. Copied
 *
 * Return: 0; -EINVAL when @symbol is NULL or empty; -ENOMEM.
 */
int perftrace_probe_set_symbol(struct perftrace_probe *probe,
			       const char *symbol);

/**
 * perftrace_probe_set_module() - the kernel module that the symbol is in
 * @probe: a kprobe or a kretprobe
 * @module: its name; copied. NULL: the kernel or any module, the default
 *
 * Return: 0; -EINVAL for another kind of probe; -ENOMEM.
 */
int perftrace_probe_set_module(struct perftrace_probe *probe,
			       const char *module);

/**
 * perftrace_probe_set_path() - the program or library
 * @probe: a uprobe, a uretprobe or a USDT probe
 * @path: a path when it has a slash in it; else a library's name, such as
 *	"libc.so.6", which is found as the dynamic linker would find it, or
 *	among the mappings of the process of perftrace_probe_set_pid(); or a
 *	program's, found in PATH. Copied
 *
 * Return: 0; -EINVAL for another kind of probe, or when @path is NULL or
 * empty; -ENOMEM.
 */
int perftrace_probe_set_path(struct perftrace_probe *probe, const char *path);

/**
 * perftrace_probe_set_provider() - who provides the marker
 * @probe: a USDT probe
 * @provider: such as "libc"; copied. NULL: any, the default
 *
 * Return: 0; -EINVAL for another kind of probe; -ENOMEM.
 */
int perftrace_probe_set_provider(struct perftrace_probe *probe,
				 const char *provider);

/**
 * perftrace_probe_set_offset_bytes() - behind the start of the symbol
 * @probe: a kprobe or a uprobe
 * @offset_bytes: where an instruction begins; 0 by default
 *
 * Return: 0; -EINVAL for another kind of probe.
 */
int perftrace_probe_set_offset_bytes(struct perftrace_probe *probe,
				     uint64_t offset_bytes);

/**
 * perftrace_probe_set_address() - a place without a name
 * @probe: a kprobe, a kretprobe, a uprobe or a uretprobe
 * @address: of the kernel as it runs; or of a file, as nm(1) and objdump(1)
 *	show it, not as it is mapped in a process
 *
 * Takes the place of the symbol.
 *
 * Return: 0; -EINVAL for another kind of probe.
 */
int perftrace_probe_set_address(struct perftrace_probe *probe,
				uint64_t address);

/**
 * perftrace_probe_set_file_offset_bytes() - a place in a file
 * @probe: a uprobe or a uretprobe
 * @offset_bytes: from the start of the file
 *
 * Takes the place of the symbol.
 *
 * Return: 0; -EINVAL for another kind of probe.
 */
int perftrace_probe_set_file_offset_bytes(struct perftrace_probe *probe,
					  uint64_t offset_bytes);

/**
 * perftrace_probe_set_pid() - see the file as a process sees it
 * @probe: a uprobe, a uretprobe or a USDT probe
 * @pid: a process, whose root directory and mappings the path is searched in,
 *	so that a program in a container can be probed; 0: the caller, the
 *	default
 *
 * It does not limit the probe to that process: the session's target does.
 *
 * Return: 0; -EINVAL for another kind of probe, or a negative @pid.
 */
int perftrace_probe_set_pid(struct perftrace_probe *probe, int32_t pid);

/**
 * perftrace_probe_set_mode() - insist on one of the two ways
 * @probe: a probe
 * @mode: one of enum perftrace_probe_mode
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_probe_set_mode(struct perftrace_probe *probe, int32_t mode);

/**
 * perftrace_probe_set_max_active() - how many calls may be under way
 * @probe: a kretprobe
 * @max_active: how many calls of the function can be followed to their return
 *	at a time, from 1 to 4096; further ones are missed, and counted by
 *	perftrace_event_get_num_missed(). 0: the kernel's choice, the default
 *
 * Has a named probe made: a local one leaves it to the kernel.
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_probe_set_max_active(struct perftrace_probe *probe,
				   uint32_t max_active);

/**
 * perftrace_probe_set_name() - what the event is to be called
 * @probe: a probe
 * @name: a word of letters, digits and underscores, not beginning with a
 *	digit, of at most 31 characters; copied. NULL: named after its place,
 *	the default
 *
 * The event is then called KIND:NAME. The name in tracefs begins with it.
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int perftrace_probe_set_name(struct perftrace_probe *probe, const char *name);

/**
 * perftrace_probe_add_argument() - record a value
 * @probe: a probe, but for the function event
 * @argument: "[NAME=]EXPRESSION[:TYPE]", as perftrace-spec(7) has it: a
 *	parameter of the kernel's function and what it points to
 *	("file->f_path.dentry->d_name.name:string"), the function's $retval, an
 *	argument of a marker ("arg1"), or a fetch argument of the kernel's own
 *	("+0(%si):string"). Copied
 *
 * Each argument becomes a field of the event.
 *
 * Return: 0; -EINVAL for the function event, for NULL or an empty text, and
 * for more than 128; -ENOMEM.
 */
int perftrace_probe_add_argument(struct perftrace_probe *probe,
				 const char *argument);

/**
 * perftrace_probe_make_event() - turn the description into an event
 * @probe: a probe
 * @event: the event; to be released with perftrace_event_unref()
 *
 * The place is looked up, and all that can be checked beforehand is checked. A
 * named probe is made in tracefs at once when it has arguments or is insisted
 * on, else when a session opens it. It is removed with the last reference to
 * the event; if this process is killed, by the next process that opens a
 * session of this library. A file may be known to the kernel through a
 * descriptor, which the event then holds.
 *
 * Return: 0; -EINVAL when the place or an argument makes no sense, with the
 * position in the spec or the argument; -ENOENT when the function, the module,
 * the file or the marker does not exist, and the error names what is spelled
 * alike; -EADDRNOTAVAIL when it exists several times, and the error lists the
 * addresses; -EILSEQ inside of an instruction; -EOPNOTSUPP when the kernel has
 * no such probes, or none of this mode, or when a program chooses the function
 * as it starts (IFUNC); -ESTALE when the file was deleted, or replaced while it
 * was looked at; -ENOEXEC or -EBADMSG when the file is
 * no program; -EACCES or -EPERM when the caller may not; -ESRCH when the
 * process has ended; -E2BIG when the definition is too long, or a marker has
 * too many places or arguments; -ENOMEM; what perftrace_context_get_tracefs()
 * returns; what else open(2) answers, or the kernel to a definition.
 */
int perftrace_probe_make_event(struct perftrace_probe *probe,
			       struct perftrace_event **event);

/**
 * perftrace_probe_remove_left_over() - remove what the dead have left
 * @context: a context
 *
 * Removes the named probes of processes that used this library and have ended
 * without removing them; those of other tools, and of processes that may be
 * alive, are not touched. A context does it by itself before it opens its first
 * session and before it makes its first named probe.
 *
 * Return: the number of probes that were removed, of a marker each place;
 * -EACCES when tracefs may not be changed; what
 * perftrace_context_get_tracefs() returns; -ENOMEM.
 */
int perftrace_probe_remove_left_over(struct perftrace_context *context);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_PROBE_H */
