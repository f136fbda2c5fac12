/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_MARKER_LIST_H
#define PERFTRACE_MARKER_LIST_H

#include <stddef.h>
#include <stdint.h>

#include <perftrace/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: marker_list
 *
 * The markers (USDT: user statically defined tracing) that were compiled into
 * a program or library, one for each place: a marker that the compiler has
 * copied, by inlining for one, is there several times. A snapshot, in the
 * order of the file.
 */
struct perftrace_marker_list;

/**
 * perftrace_marker_list_new() - the markers of a file
 * @context: a context
 * @path: a path, or the name of a library or program, as
 *	perftrace_probe_set_path() takes it
 * @pid: a process whose root directory and mappings the path is searched in;
 *	0: the caller's
 * @list: the markers; to be released with perftrace_marker_list_free()
 *
 * A file without markers is an empty list.
 *
 * Return: 0; -EINVAL when @path is NULL or empty, or @pid negative; -ENOENT
 * when there is no such file; -EADDRNOTAVAIL when several files have the name;
 * -ENOEXEC or -EBADMSG when it is no program, or its notes make no sense;
 * -ESTALE when it was deleted; -EACCES or -EPERM when it may not be read;
 * -ESRCH when the process has ended; -ENOMEM; what else open(2) answers.
 */
int perftrace_marker_list_new(struct perftrace_context *context,
			      const char *path, int32_t pid,
			      struct perftrace_marker_list **list);

/**
 * perftrace_marker_list_free() - release a list
 * @list: a list, or NULL
 */
void perftrace_marker_list_free(struct perftrace_marker_list *list);

/**
 * perftrace_marker_list_get_path() - the file that was read
 * @list: a list
 *
 * Return: its path, without symbolic links; owned by the list.
 */
const char *perftrace_marker_list_get_path(struct perftrace_marker_list *list);

/**
 * perftrace_marker_list_get_num_markers() - how many places there are
 * @list: a list
 *
 * Return: the number.
 */
size_t
perftrace_marker_list_get_num_markers(struct perftrace_marker_list *list);

/**
 * perftrace_marker_list_get_provider() - whose the n-th is
 * @list: a list
 * @index: from 0
 *
 * Return: the provider, owned by the list; NULL when @index is too large.
 */
const char *
perftrace_marker_list_get_provider(struct perftrace_marker_list *list,
				   size_t index);

/**
 * perftrace_marker_list_get_name() - what the n-th is called
 * @list: a list
 * @index: from 0
 *
 * Return: the name, owned by the list; NULL when @index is too large.
 */
const char *perftrace_marker_list_get_name(struct perftrace_marker_list *list,
					   size_t index);

/**
 * perftrace_marker_list_get_arguments() - what the n-th hands over
 * @list: a list
 * @index: from 0
 *
 * Return: the operands as the note has them, in the assembler's syntax and
 * separated by spaces, such as "-4@%edi 8@-16(%rbp)"; owned by the list; NULL
 * when @index is too large.
 */
const char *
perftrace_marker_list_get_arguments(struct perftrace_marker_list *list,
				    size_t index);

/**
 * perftrace_marker_list_get_num_arguments() - how many values it hands over
 * @list: a list
 * @index: from 0
 *
 * Return: the number, at most 12; -E2BIG when the note has more, -EINVAL when
 * @index is too large.
 */
int32_t
perftrace_marker_list_get_num_arguments(struct perftrace_marker_list *list,
					size_t index);

/**
 * perftrace_marker_list_get_address() - where the n-th is, once loaded
 * @list: a list
 * @index: from 0
 *
 * Return: its address in the file's own terms, as nm(1) shows it; 0 when
 * @index is too large.
 */
uint64_t perftrace_marker_list_get_address(struct perftrace_marker_list *list,
					   size_t index);

/**
 * perftrace_marker_list_get_offset_bytes() - where the n-th is in the file
 * @list: a list
 * @index: from 0
 *
 * Return: bytes from the start of the file; 0 when @index is too large.
 */
uint64_t
perftrace_marker_list_get_offset_bytes(struct perftrace_marker_list *list,
				       size_t index);

/**
 * perftrace_marker_list_get_semaphore_offset_bytes() - its counter of users
 * @list: a list
 * @index: from 0
 *
 * Return: where in the file the counter is that says whether anybody traces
 * the marker, which the kernel counts up while it is probed; 0: it has none, or
 * @index is too large.
 */
uint64_t perftrace_marker_list_get_semaphore_offset_bytes(
	struct perftrace_marker_list *list, size_t index);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_MARKER_LIST_H */
