/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TASK_ACCESS_H
#define TASK_ACCESS_H

/* What the rules of access.h have to know of a task. */

#include <stdbool.h>
#include <stdint.h>

struct access_task;

/* @is_asked: the caller's own answer is wanted as well. */
void task_access_describe(int32_t tid, bool is_asked, struct access_task *task);

#endif /* TASK_ACCESS_H */
