/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_VERSION_H
#define PERFTRACE_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * perftrace_version() - the version of the library that is loaded
 *
 * Return: "MAJOR.MINOR.PATCH", a static string. From 1.0 on a program that was
 * built against an older version of the same soname keeps working with a newer
 * one; before, NEWS says what changed.
 */
const char *perftrace_version(void);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_VERSION_H */
