/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_PARSE_H
#define PRINT_PARSE_H

/* From libtraceevent's tree of a print format to a program. */

struct print_program;
struct tep_event;

/*
 * -ENOMEM; -EOPNOTSUPP and what stands in the way, a text without an end of
 * line that stays: the record is for libtraceevent to print.
 */
int print_compile(struct tep_event *event, struct print_program **program,
		  const char **reason);

#endif /* PRINT_PARSE_H */
