/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BYTES_H
#define BYTES_H

/* Records as the kernel would have written them, put together by hand. */

#include <stddef.h>
#include <stdint.h>

struct perf_event_header;

struct bytes {
	_Alignas(8) unsigned char data[65536];
	size_t count;
};

void put(struct bytes *bytes, const void *part, size_t size);
void put_u16(struct bytes *bytes, uint16_t number);
void put_u32(struct bytes *bytes, uint32_t number);
void put_u64(struct bytes *bytes, uint64_t number);

/* With its zero byte. */
void put_text(struct bytes *bytes, const char *text);

/* Zero bytes up to a multiple of 8. */
void pad(struct bytes *bytes);

/* Who wrote a record, and when. */
struct stamp {
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu;
	uint64_t id;
};

/* Start over with a header. */
void begin_record(struct bytes *bytes, uint32_t type, uint16_t misc);

/* Start over with a sample, up to and with its CPU. */
void begin_sample(struct bytes *bytes, const struct stamp *stamp);

/* PERF_SAMPLE_RAW, padded as the kernel pads it. */
void put_raw(struct bytes *bytes, const void *raw, size_t size);

/* What every record but a sample ends with. */
void put_sample_id(struct bytes *bytes, const struct stamp *stamp);

/* Write the size into the header. */
const struct perf_event_header *end_record(struct bytes *bytes);

/* A whole record that has nothing but a time. */
const struct perf_event_header *make_timed(struct bytes *bytes, uint64_t time,
					   uint64_t id);

#endif /* BYTES_H */
