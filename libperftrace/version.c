/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <perftrace/version.h>

#include "export.h"

/* PERFTRACE_VERSION comes from meson.build. */
PERFTRACE_EXPORT const char *perftrace_version(void)
{
	return PERFTRACE_VERSION;
}
