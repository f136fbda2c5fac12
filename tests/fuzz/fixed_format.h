/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FIXED_FORMAT_H
#define FIXED_FORMAT_H

/* An event with a field of every kind. */

struct format;
struct log;

/* @owner: what the fields belong to. Ends the process when it can't be made. */
struct format *fixed_format_new(struct log *log, const void *owner);

/* The text that it is parsed from. */
extern const char fixed_format_text[];

#endif /* FIXED_FORMAT_H */
