/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FETCH_H
#define FETCH_H

/*
 * One argument of a probe, as the kernel's probe events take it:
 * NAME=TEXT:TYPE, with TEXT and TYPE in the syntax of "Kprobe-based Event
 * Tracing" (Documentation/trace/kprobetrace.rst). Plain data.
 *
 * The limits are those of kernel/trace/trace_probe.h: MAX_ARGSTR_LEN for TEXT,
 * the colon and TYPE together; MAX_ARG_NAME_LEN, which counts the NUL in some
 * versions and doesn't in others; MAX_ARRAY_LEN; and of FETCH_INSN_MAX what is
 * left for dereferences beside a load, a bitfield or a loop, and the end.
 */

#define FETCH_NAME_LONGEST     31
#define FETCH_TEXT_LONGEST     63
#define FETCH_ELEMENTS_MAX     64
#define FETCH_DEREFERENCES_MAX 13

struct fetch_argument {
	char name[FETCH_NAME_LONGEST + 1];
	char text[FETCH_TEXT_LONGEST + 1];
	char type[FETCH_TEXT_LONGEST + 1];
};

#endif /* FETCH_H */
