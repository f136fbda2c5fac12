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
#define MOST_ITEMS 5
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
	enum merge_order order;
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
	subject->order = (enum merge_order)(setup.flags & 0xffff) % 3;
	subject->horizon_ns = setup.flags >> 16 & 0xffff;
	subject->log = log_new();
	for (i = 0; i < NUM_RINGS; i++)
		make_ring(subject, i, setup.tail[i], input);
	subject->merge = merge_new(subject->log, subject->ring, NUM_RINGS,
				   subject->order, subject->horizon_ns);
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
	size_t i;

	if (record->size < RECORD_SMALLEST_BYTES)
		abort();
	for (i = 0; i < record->size; i++)
		sink += ((const unsigned char *)record)[i];
	/* Held back when it is younger; by time alone, the horizon may yield. */
	if (subject->order == MERGE_CERTAIN && record_time_of(record) > now)
		abort();
}

/* Another merge goes on where this one is, as after handing over. */
static void carry_on(const struct subject *subject)
{
	struct lane_progress progress;
	struct merge *other = merge_new(subject->log, subject->ring, NUM_RINGS,
					subject->order, subject->horizon_ns);
	size_t i;

	if (!other)
		abort();
	for (i = 0; i < NUM_RINGS; i++) {
		if (!merge_get_progress(subject->merge, i, NULL, 0, &progress))
			merge_set_progress(other, i, &progress);
	}
	merge_free(other);
}

static void run_round(const struct subject *subject, const struct step *step)
{
	struct lane_item items[MOST_ITEMS];
	size_t i, count = 0;
	int ret, j;

	for (i = 0; i < NUM_RINGS; i++)
		subject->control[i]->data_head = step->head[i];
	merge_refresh(subject->merge, step->now);
	while ((ret = merge_take(subject->merge, items, MOST_ITEMS))) {
		if (ret > MOST_ITEMS)
			abort();
		for (j = 0; j < ret; j++) {
			if (items[j].ring >= NUM_RINGS)
				abort();
			check_record(subject, items[j].header, step->now);
		}
		if (++count > MOST_RESULTS)
			abort();
	}
	carry_on(subject);
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
