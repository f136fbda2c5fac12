/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text of a record: by hand for two events, and by libtraceevent for any. */
#ifndef BENCH_HANDWRITTEN_TEXT_H
#define BENCH_HANDWRITTEN_TEXT_H

#include "tracepoint.h"

/* Both write what the event's print format says, and return its length. */
typedef size_t (*text_printer)(char *text, const uint8_t *raw, size_t size);

text_printer text_find_printer(const struct load_event *event);

void text_prepare_traceevent(const struct load_event *event);
size_t text_print_traceevent(const uint8_t *raw, size_t size, uint64_t time,
			     uint32_t cpu);

#endif /* BENCH_HANDWRITTEN_TEXT_H */
