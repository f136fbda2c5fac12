/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FORMAT_H
#define FORMAT_H

/*
 * The text of a tracefs "format" file: its id at once, its fields and its print
 * format by libtraceevent when they are wanted. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct perftrace_field;
struct format;

/* The number after "ID:", without parsing the rest. -EBADMSG: there is none. */
int format_read_id(const char *text, uint64_t *id);

/*
 * @name: "SYSTEM:NAME", for messages. @owner: what the fields belong to.
 * -EBADMSG when libtraceevent makes nothing of the text; -ENOMEM.
 */
int format_parse(struct log *log, const char *name, const char *text,
		 size_t text_bytes, const void *owner, struct format **format);
void format_free(struct format *format);

size_t format_get_num_fields(struct format *format);
struct perftrace_field *format_get_field(struct format *format, size_t index);

/* The field of a name that need not end behind @length; NULL: none. */
struct perftrace_field *format_find_field(struct format *format,
					  const char *name, size_t length);

/* The fields' names, for an error; cut where there is no more room. */
void format_write_names(struct format *format, bool with_common, char *text,
			size_t room);

/* Has it fields that point to strings of the kernel's own? */
bool format_has_string_pointers(struct format *format);

/*
 * What such fields may point to: the text of tracefs's "printk_formats", which
 * is cut to pieces. To be called before format_print(). -ENOMEM.
 */
int format_add_strings(struct format *format, struct log *log, char *text);

/* Names of kernel functions for %ps and %pS; NULL for one without a name. */
void format_set_resolver(struct format *format,
			 char *(*resolve)(void *data,
					  unsigned long long *address,
					  char **module),
			 void *data);

/*
 * The print format applied to @raw, into @buffer: as much as there is @room for,
 * and no zero byte behind it; *@text_bytes: how long it is altogether. @buffer
 * may be NULL when there is no room. -EBADMSG when a field does not lie inside
 * of @raw.
 */
int format_print(struct format *format, struct log *log, int cpu,
		 const void *raw, size_t raw_bytes, char *buffer, size_t room,
		 size_t *text_bytes);

/*
 * NULL: the print format has been compiled to a program, which prints what
 * libtraceevent does; or why it can't be, and libtraceevent prints itself.
 */
const char *format_compile(struct format *format);

/*
 * The same by either of the two alone; the text lies in @format until the next
 * call of the same, and ends in a zero byte. *@is_cut: libtraceevent is not to
 * be asked, for it would read what is not its. -EOPNOTSUPP: see
 * format_compile().
 */
int format_print_quickly(struct format *format, struct log *log,
			 const void *raw, size_t raw_bytes, const char **text,
			 size_t *text_bytes, bool *is_cut);
int format_print_slowly(struct format *format, struct log *log, int cpu,
			const void *raw, size_t raw_bytes, const char **text,
			size_t *text_bytes);

#endif /* FORMAT_H */
