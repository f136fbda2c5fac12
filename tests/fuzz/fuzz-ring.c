/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as two rings, that are merged in several rounds. The input is a struct
 * setup, the rings' data, and then for each further round a struct step.
 */
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "merge.h"
#include "record.h"
#include "ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NUM_RINGS  2
#define PAGE_BYTES 4096
#define DATA_BYTES 512
/* Each has 8 bytes at least; and one fault per ring and record before it. */
#define MOST_RESULTS (4 * NUM_RINGS * DATA_BYTES / 8)

struct setup {
	uint64_t tail[NUM_RINGS];
	uint64_t flags;
};

struct step {
	uint64_t head[NUM_RINGS];
	uint64_t now;
};

struct input {
	const uint8_t *data;
	size_t left;
};

static volatile uint64_t sink;

/* Zero bytes follow the input. */
static void take(struct input *input, void *part, size_t size)
{
	size_t there = size < input->left ? size : input->left;

	memset(part, 0, size);
	memcpy(part, input->data, there);
	input->data += there;
	input->left -= there;
}

struct subject {
	struct log *log;
	struct perf_event_mmap_page *control[NUM_RINGS];
	struct ring *ring[NUM_RINGS];
	struct merge *merge;
	bool is_ordered;
	uint64_t horizon_ns;
};

static void make_ring(struct subject *subject, size_t i, uint64_t tail,
		      struct input *input)
{
	subject->control[i] = calloc(1, PAGE_BYTES + DATA_BYTES);
	if (!subject->control[i])
		abort();
	subject->control[i]->data_tail = tail;
	subject->ring[i] =
		ring_over(subject->control[i], PAGE_BYTES, DATA_BYTES);
	if (!subject->ring[i])
		abort();
	take(input, (char *)subject->control[i] + PAGE_BYTES, DATA_BYTES);
}

static void make(struct subject *subject, struct input *input)
{
	struct setup setup;
	size_t i;

	take(input, &setup, sizeof(setup));
	subject->is_ordered = setup.flags & 1;
	subject->horizon_ns = setup.flags >> 1 & 0xffff;
	subject->log = log_new();
	for (i = 0; i < NUM_RINGS; i++)
		make_ring(subject, i, setup.tail[i], input);
	subject->merge = merge_new(subject->log, subject->ring, NUM_RINGS,
				   subject->is_ordered, subject->horizon_ns);
	if (!subject->log || !subject->merge)
		abort();
}

static void clear(struct subject *subject)
{
	size_t i;

	merge_free(subject->merge);
	for (i = 0; i < NUM_RINGS; i++) {
		ring_free(subject->ring[i]);
		free(subject->control[i]);
	}
	log_free(subject->log);
}

static void check_record(const struct subject *subject,
			 const struct perf_event_header *record, uint64_t now)
{
	struct record_stamp stamp;
	size_t i;

	for (i = 0; i < record->size; i++)
		sink += ((const unsigned char *)record)[i];
	if (record_read_stamp(record, &stamp))
		abort();
	if (!subject->is_ordered || now == UINT64_MAX)
		return;
	/* Held back when it is younger. */
	if (stamp.time &&
	    (now < stamp.time || now - stamp.time < subject->horizon_ns))
		abort();
}

static void run_round(const struct subject *subject, const struct step *step)
{
	const struct perf_event_header *record;
	size_t i, ring, count = 0;
	int ret;

	for (i = 0; i < NUM_RINGS; i++)
		subject->control[i]->data_head = step->head[i];
	merge_refresh(subject->merge, step->now);
	while ((ret = merge_next(subject->merge, &record, &ring))) {
		if (ret > 0 && ring >= NUM_RINGS)
			abort();
		if (ret > 0)
			check_record(subject, record, step->now);
		if (++count > MOST_RESULTS)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct subject subject;
	struct step step;

	make(&subject, &input);
	do {
		take(&input, &step, sizeof(step));
		run_round(&subject, &step);
	} while (input.left);
	step.now = UINT64_MAX;
	run_round(&subject, &step);
	clear(&subject);
	return 0;
}
