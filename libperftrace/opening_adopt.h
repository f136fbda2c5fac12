/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPENING_ADOPT_H
#define OPENING_ADOPT_H

struct manifest;
struct opening;
struct opening_request;

/*
 * As opening_new(), of what another process has opened and described. @fds: as
 * many as the manifest counts, but for the command's; those that are taken are
 * replaced by -1.
 */
int opening_adopt(const struct opening_request *request,
		  const struct manifest *manifest, int *fds,
		  struct opening **opening);

#endif /* OPENING_ADOPT_H */
