/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TASK_SENSE_H
#define TASK_SENSE_H

/* What the rules of access.h have to know of a task. */

#include <stdbool.h>
#include <stdint.h>

struct access_task;

/* @is_asked: the caller's own answer is wanted as well. */
void task_sense(int32_t tid, bool is_asked, struct access_task *task);

#endif /* TASK_SENSE_H */
