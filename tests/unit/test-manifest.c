/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/event.h>

#include "harness.h"
#include "manifest.h"
#include "parcel.h"
#include "record.h"

#define NUM_CPUS 2

/* A session of two sources, one of them at two places. */
struct sample {
	struct manifest manifest;
	int32_t cpus[NUM_CPUS];
	int32_t tids[3];
	struct manifest_ring rings[NUM_CPUS];
	bool is_sideband_open[NUM_CPUS * 3];
	struct manifest_source sources[2];
	struct manifest_row rows[2][NUM_CPUS];
	bool is_open[2][2 * NUM_CPUS * 3];
};

static void fill_source(struct sample *sample, size_t index, size_t num_places)
{
	size_t count = num_places * NUM_CPUS * sample->manifest.num_tids, i;

	sample->sources[index] = (struct manifest_source){
		.event = {
			.kind = PERFTRACE_EVENT_USDT,
			.name = "usdt:one",
			.id = 77,
			.text = "name: one\nID: 77\n",
		},
		.filter = "a > 1",
		.settings = { .period = 1, .callchain = 3 },
		.sample_type = RECORD_SAMPLE_TYPE | PERF_SAMPLE_RAW,
		.sample_period = 1,
		.rows = sample->rows[index],
		.num_places = num_places,
		.is_open = sample->is_open[index],
	};
	for (i = 0; i < count; i++)
		sample->is_open[index][i] = true;
	sample->rows[index][1].delivered = 1234 + index;
	sample->rows[index][1].throttling.since_ns = 77;
}

static void fill_rings(struct sample *sample)
{
	size_t i;

	for (i = 0; i < NUM_CPUS * sample->manifest.num_tids; i++)
		sample->is_sideband_open[i] = true;
	sample->rings[1] = (struct manifest_ring){
		.reported_lost = 5,
		.progress = { .position = 4096,
			      .taken = { 4104, 4112 },
			      .num_taken = 2 },
	};
	sample->manifest.rings = sample->rings;
	sample->manifest.is_sideband_open = sample->is_sideband_open;
}

static void make(struct sample *sample)
{
	*sample = (struct sample){
		.manifest = {
			.stage = MANIFEST_RUNNING,
			.has_format_lost = true,
			.settings = {
				.pid = 100,
				.horizon_ns = 1000,
				.ring_bytes = 8192,
			},
			.num_cpus = NUM_CPUS,
			.num_tids = 3,
			.youngest = 99,
			.num_sources = 2,
			.command_pid = NO_PID,
		},
		.cpus = { 0, 3 },
		.tids = { 100, 101, 102 },
	};
	sample->manifest.cpus = sample->cpus;
	sample->manifest.tids = sample->tids;
	sample->manifest.sources = sample->sources;
	fill_rings(sample);
	fill_source(sample, 0, 1);
	fill_source(sample, 1, 2);
	/* One whose task had ended. */
	sample->is_open[1][4] = false;
	sample->sources[0].event.tracefs_name = "group:one";
}

/* As they are read back. */
static int copy(struct manifest *from, struct manifest *to,
		struct parcel *written)
{
	struct parcel parcel;
	int ret;

	parcel_begin_writing(written);
	ret = manifest_transfer(from, written);
	if (ret)
		return ret;
	parcel_begin_reading(&parcel, written->written, written->size);
	return manifest_transfer(to, &parcel);
}

START_TEST(comes_out_as_it_went_in)
{
	struct parcel written;
	struct manifest read;
	struct sample sample;

	make(&sample);
	ck_assert_int_eq(copy(&sample.manifest, &read, &written), 0);
	ck_assert_int_eq(read.stage, MANIFEST_RUNNING);
	ck_assert(read.has_format_lost);
	ck_assert_int_eq(read.settings.pid, 100);
	ck_assert_uint_eq(read.settings.ring_bytes, 8192);
	ck_assert_int_eq(read.cpus[1], 3);
	ck_assert_int_eq(read.tids[2], 102);
	ck_assert_uint_eq(read.rings[1].reported_lost, 5);
	ck_assert_uint_eq(read.rings[1].progress.position, 4096);
	ck_assert_uint_eq(read.rings[1].progress.num_taken, 2);
	ck_assert_uint_eq(read.rings[1].progress.taken[1], 4112);
	ck_assert_uint_eq(read.youngest, 99);
	ck_assert_uint_eq(read.num_sources, 2);
	ck_assert_str_eq(read.sources[0].event.tracefs_name, "group:one");
	ck_assert_ptr_null(read.sources[1].event.tracefs_name);
	ck_assert_str_eq(read.sources[1].event.text, "name: one\nID: 77\n");
	ck_assert_str_eq(read.sources[1].filter, "a > 1");
	ck_assert_uint_eq(read.sources[1].rows[1].delivered, 1235);
	ck_assert_uint_eq(read.sources[1].rows[1].throttling.since_ns, 77);
	ck_assert(read.sources[1].is_open[3]);
	ck_assert(!read.sources[1].is_open[4]);
	/* Rings, side-band, and all but one of the sources'. */
	ck_assert_uint_eq(manifest_count_descriptors(&read),
			  2 + 6 + 6 + 12 - 1);
	manifest_clear(&read);
	parcel_clear(&written);
}
END_TEST

START_TEST(counts_without_rings)
{
	struct parcel written;
	struct manifest read;
	struct sample sample;
	size_t i;

	make(&sample);
	sample.manifest.settings.mode = PERFTRACE_MODE_COUNT;
	for (i = 0; i < 2; i++) {
		sample.sources[i].sample_period = 0;
		sample.sources[i].sample_type = RECORD_SAMPLE_TYPE;
	}
	ck_assert_int_eq(copy(&sample.manifest, &read, &written), 0);
	ck_assert_ptr_null(read.rings);
	ck_assert_uint_eq(manifest_count_descriptors(&read), 6 + 12 - 1 + 1);
	manifest_clear(&read);
	parcel_clear(&written);
}
END_TEST

/* Of CPUs: what is known of those that come and go. */
static void make_of_cpus(struct sample *sample, struct watched_cpu *watched,
			 struct manifest_gap *gaps)
{
	make(sample);
	sample->tids[0] = -1;
	sample->manifest.num_tids = 1;
	sample->manifest.follows_all_cpus = true;
	sample->manifest.started_ns = 12;
	sample->manifest.watched = watched;
	sample->manifest.gaps = gaps;
	sample->manifest.num_gaps = 2;
	sample->rings[0].past.lost = 6;
	sample->rows[1][0].past = (struct reading){ 1, 2, 3, 4 };
}

START_TEST(knows_of_cpus_that_come_and_go)
{
	struct watched_cpu watched[NUM_CPUS] = {
		{ .state = CPU_RECORDS, .start_ns = 1, .start_enabled_ns = 2 },
		{ .state = CPU_GONE, .gap_begin_ns = 3, .seen_enabled_ns = 4 },
	};
	struct manifest_gap gaps[2] = { { 3, 100, 200 }, { 0, 50, 300 } };
	struct parcel written;
	struct manifest read;
	struct sample sample;

	make_of_cpus(&sample, watched, gaps);
	ck_assert_int_eq(copy(&sample.manifest, &read, &written), 0);
	ck_assert(read.follows_all_cpus);
	ck_assert_uint_eq(read.started_ns, 12);
	ck_assert_uint_eq(read.watched[0].start_ns, 1);
	ck_assert_uint_eq(read.watched[0].start_enabled_ns, 2);
	ck_assert_int_eq(read.watched[1].state, CPU_GONE);
	ck_assert_uint_eq(read.watched[1].gap_begin_ns, 3);
	ck_assert_uint_eq(read.watched[1].seen_enabled_ns, 4);
	ck_assert_uint_eq(read.num_gaps, 2);
	ck_assert_int_eq(read.gaps[0].cpu, 3);
	ck_assert_uint_eq(read.gaps[1].begin_ns, 50);
	ck_assert_uint_eq(read.gaps[1].end_ns, 300);
	ck_assert_uint_eq(read.rings[0].past.lost, 6);
	ck_assert_uint_eq(read.sources[1].rows[0].past.running_ns, 3);
	manifest_clear(&read);
	parcel_clear(&written);
	/* Gaps stand in the order of their ends. */
	gaps[1].end_ns = 199;
	ck_assert_int_eq(copy(&sample.manifest, &read, &written), -EBADMSG);
	parcel_clear(&written);
}
END_TEST

START_TEST(is_whole_or_refused)
{
	struct parcel written, parcel;
	struct manifest read;
	struct sample sample;
	size_t size;

	make(&sample);
	parcel_begin_writing(&written);
	ck_assert_int_eq(manifest_transfer(&sample.manifest, &written), 0);
	for (size = 0; size < written.size; size++) {
		char *part = malloc(size ? size : 1);

		memcpy(part, written.written, size);
		parcel_begin_reading(&parcel, part, size);
		ck_assert_int_eq(manifest_transfer(&read, &parcel), -EBADMSG);
		manifest_clear(&read);
		free(part);
	}
	parcel_clear(&written);
}
END_TEST

/* Every number in turn becomes what it is not. */
START_TEST(survives_any_number)
{
	const uint64_t wrong[] = { 0, 1, UINT32_MAX, UINT64_MAX };
	struct parcel written, parcel;
	struct manifest read;
	struct sample sample;
	uint64_t before;
	size_t at, i;

	make(&sample);
	parcel_begin_writing(&written);
	ck_assert_int_eq(manifest_transfer(&sample.manifest, &written), 0);
	for (at = 0; at < written.size; at += sizeof(before)) {
		memcpy(&before, written.written + at, sizeof(before));
		for (i = 0; i < 4; i++) {
			memcpy(written.written + at, &wrong[i], 8);
			parcel_begin_reading(&parcel, written.written,
					     written.size);
			if (!manifest_transfer(&read, &parcel))
				ck_assert_uint_gt(
					manifest_count_descriptors(&read), 0);
			manifest_clear(&read);
		}
		memcpy(written.written + at, &before, sizeof(before));
	}
	parcel_clear(&written);
}
END_TEST

static void expect_refused(struct sample *sample)
{
	struct parcel written;
	struct manifest read = { .num_sources = 0 };

	ck_assert_int_eq(copy(&sample->manifest, &read, &written), -EBADMSG);
	manifest_clear(&read);
	parcel_clear(&written);
	make(sample);
}

START_TEST(contradictions)
{
	struct sample sample;

	make(&sample);
	sample.manifest.settings.ring_bytes = 8191;
	expect_refused(&sample);
	sample.manifest.settings.ring_bytes = 2048;
	expect_refused(&sample);
	sample.manifest.settings.horizon_ns = 1000000001;
	expect_refused(&sample);
	sample.manifest.settings.order = 3;
	expect_refused(&sample);
	sample.manifest.num_sources = 0;
	expect_refused(&sample);
	sample.tids[1] = -1;
	expect_refused(&sample);
	sample.cpus[1] = -1;
	expect_refused(&sample);
	sample.manifest.command_pid = 0;
	expect_refused(&sample);
	sample.manifest.has_command_fd = true;
	expect_refused(&sample);
	sample.manifest.command_pid = 5;
	sample.manifest.stage = MANIFEST_OPEN;
	expect_refused(&sample);
	sample.rings[0].progress.num_taken = LANE_MOST_TAKEN + 1;
	expect_refused(&sample);
	sample.sources[0].sample_type = 0;
	expect_refused(&sample);
	sample.sources[0].sample_type |= PERF_SAMPLE_READ;
	expect_refused(&sample);
	sample.sources[0].sample_period = 0;
	expect_refused(&sample);
	sample.sources[0].num_places = 0;
	expect_refused(&sample);
	sample.sources[0].event.kind = 0;
	expect_refused(&sample);
	sample.sources[0].event.name = "";
	expect_refused(&sample);
	sample.sources[0].event.text = NULL;
	expect_refused(&sample);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(comes_out_as_it_went_in), TEST(counts_without_rings),
	TEST(is_whole_or_refused),     TEST(survives_any_number),
	TEST(contradictions),	       TEST(knows_of_cpus_that_come_and_go),
};

HARNESS_MAIN("manifest", tests, HARNESS_UNIT)
