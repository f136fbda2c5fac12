/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EXPORT_H
#define EXPORT_H

/* Marks what libperftrace.map lists; all else is hidden. */
#define PERFTRACE_EXPORT __attribute__((visibility("default")))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define PRINTF_FORMAT(text, first) __attribute__((format(printf, text, first)))

#endif /* EXPORT_H */
