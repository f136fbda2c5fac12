/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A ring without a kernel. Where the kernel is to write while it is copied, a
 * page of the ring can't be read: the fault is when it writes.
 */
#include "backward.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#define RING_BYTES 65536
#define UNTRUSTED  (RING_BYTES / 8)
#define TRUSTED	   (RING_BYTES - UNTRUSTED)

static struct perf_event_mmap_page *control;
static char *data;
static struct backward *ring;
static size_t page_bytes;
static char copied[RING_BYTES];

static void make(uint64_t head)
{
	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	control = mmap(NULL, page_bytes + RING_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(control, MAP_FAILED);
	control->data_head = head;
	data = (char *)control + page_bytes;
	ring = backward_over(control, page_bytes, RING_BYTES);
	ck_assert_ptr_nonnull(ring);
}

static void clear(void)
{
	backward_free(ring);
	munmap(control, page_bytes + RING_BYTES);
}

/* Each word says its position. */
static void write_words(uint64_t head, uint64_t since)
{
	for (; head != since; head += 8)
		memcpy(data + head % RING_BYTES, &head, sizeof(head));
}

static struct backward_copy copy(uint64_t since, bool is_still)
{
	struct backward_copy made;
	size_t at;

	backward_copy(ring, since, is_still, copied, &made);
	ck_assert_uint_le(made.bytes, made.wanted_bytes);
	ck_assert_uint_le(made.wanted_bytes, RING_BYTES);
	for (at = 0; at < made.bytes; at += 8) {
		uint64_t word;

		memcpy(&word, copied + at, sizeof(word));
		ck_assert_uint_eq(word, made.head + at);
	}
	return made;
}

static void expect(uint64_t since, bool is_still, uint64_t head, size_t bytes)
{
	struct backward_copy made = copy(since, is_still);

	ck_assert_uint_eq(made.head, head);
	ck_assert_uint_eq(made.bytes, bytes);
	ck_assert(!backward_was_overtaken(&made));
}

START_TEST(nothing_was_written)
{
	make(0);
	expect(0, false, 0, 0);
	expect(0, true, 0, 0);
	clear();
}
END_TEST

START_TEST(not_yet_full)
{
	uint64_t head = (uint64_t)0 - 4096;

	make(head);
	write_words(head, 0);
	expect(0, false, head, 4096);
	expect(head, false, head, 0);
	expect(head + 80, true, head, 80);
	clear();
}
END_TEST

START_TEST(exactly_full)
{
	uint64_t head = (uint64_t)0 - RING_BYTES;

	make(head);
	write_words(head, 0);
	expect(0, true, head, RING_BYTES);
	expect(0, false, head, TRUSTED);
	clear();
}
END_TEST

START_TEST(written_over_many_times)
{
	uint64_t head = (uint64_t)0 - 10 * RING_BYTES - 24;

	make(head);
	write_words(head, head + RING_BYTES);
	expect(0, true, head, RING_BYTES);
	expect(0, false, head, TRUSTED);
	expect(head + TRUSTED, false, head, TRUSTED);
	expect(head + TRUSTED - 8, false, head, TRUSTED - 8);
	clear();
}
END_TEST

/* Where counting wraps, and where nothing makes sense. */
START_TEST(positions_overflow)
{
	make(1024);
	write_words(1024, 2048);
	expect(2048, false, 1024, 1024);
	control->data_head = 4096;
	write_words(4096, 4096 + RING_BYTES);
	expect(2048, true, 4096, RING_BYTES);
	clear();
}
END_TEST

/* The page at which the kernel writes, and how much. */
static char *trap;
static uint64_t trap_bytes;

static void write_more(int number)
{
	uint64_t head = control->data_head;

	(void)number;
	mprotect(trap, page_bytes, PROT_READ | PROT_WRITE);
	write_words(head - trap_bytes, head);
	__atomic_store_n(&control->data_head, head - trap_bytes,
			 __ATOMIC_RELEASE);
}

/*
 * The kernel writes so much when the copy has come to the page that holds what
 * is @distance above the head.
 */
static struct backward_copy copy_with_trap(size_t distance, uint64_t bytes)
{
	uint64_t head = (uint64_t)0 - 3 * RING_BYTES;
	struct backward_copy made;

	make(head);
	write_words(head, head + RING_BYTES);
	trap = data + (head + distance) % RING_BYTES / page_bytes * page_bytes;
	trap_bytes = bytes;
	ck_assert_ptr_ne(signal(SIGSEGV, write_more), SIG_ERR);
	ck_assert_int_eq(mprotect(trap, page_bytes, PROT_NONE), 0);
	made = copy(0, false);
	signal(SIGSEGV, SIG_DFL);
	ck_assert_uint_eq(made.head, head);
	ck_assert_uint_eq(made.wanted_bytes, TRUSTED);
	return made;
}

/* Before the oldest is copied: what was written over is missing. */
START_TEST(written_at_the_start)
{
	struct backward_copy made = copy_with_trap(TRUSTED - 1, 800);

	ck_assert_uint_eq(made.bytes, TRUSTED - 800);
	ck_assert(!backward_was_overtaken(&made));
	clear();
}
END_TEST

/* When the oldest is there: nothing is, as long as it does not catch up. */
START_TEST(written_behind_the_copy)
{
	struct backward_copy made = copy_with_trap(1, 16384);

	ck_assert_uint_eq(made.bytes, TRUSTED);
	clear();
	made = copy_with_trap(1, 30000);
	ck_assert_uint_eq(made.bytes, TRUSTED);
	clear();
}
END_TEST

/* All that is older goes with it. */
START_TEST(the_copy_is_overtaken)
{
	struct backward_copy made = copy_with_trap(16384, TRUSTED - 20000);

	ck_assert_uint_eq(made.bytes, 20000);
	ck_assert(backward_was_overtaken(&made));
	clear();
	made = copy_with_trap(TRUSTED - 1, TRUSTED / 2 - 8);
	ck_assert_uint_eq(made.bytes, TRUSTED / 2 + 8);
	ck_assert(!backward_was_overtaken(&made));
	clear();
	made = copy_with_trap(TRUSTED - 1, TRUSTED / 2 + 8);
	ck_assert(backward_was_overtaken(&made));
	clear();
}
END_TEST

START_TEST(the_ring_is_written_anew)
{
	struct backward_copy made = copy_with_trap(TRUSTED - 1, RING_BYTES);

	ck_assert_uint_eq(made.bytes, 0);
	ck_assert(backward_was_overtaken(&made));
	clear();
	made = copy_with_trap(1, 5 * RING_BYTES);
	ck_assert_uint_eq(made.bytes, 0);
	clear();
}
END_TEST

/* A writer as fast as it can, as the kernel publishes: content, then head. */
#define NUM_WORDS 3000000

static void *write_on(void *argument)
{
	uint64_t head = control->data_head, end = head - 8 * NUM_WORDS;

	while (head != end) {
		head -= 8;
		__atomic_store_n((uint64_t *)(data + head % RING_BYTES), head,
				 __ATOMIC_RELAXED);
		__atomic_store_n(&control->data_head, head, __ATOMIC_RELEASE);
	}
	return argument;
}

/* Whatever comes of it, it is no word of another position. */
START_TEST(a_writer_beside)
{
	uint64_t head = (uint64_t)0 - 2 * RING_BYTES;
	uint64_t end = head - 8 * NUM_WORDS, since = 0;
	pthread_t writer;

	make(head);
	write_words(head, head + RING_BYTES);
	ck_assert_int_eq(pthread_create(&writer, NULL, write_on, NULL), 0);
	while (since != end)
		since = copy(since, false).head;
	ck_assert_int_eq(pthread_join(writer, NULL), 0);
	clear();
}
END_TEST

START_TEST(no_ring_to_map)
{
	struct backward_copy made;
	struct backward *none;

	ck_assert_int_eq(backward_map(-1, RING_BYTES, &none), -EBADF);
	make(0);
	ck_assert_int_eq(backward_copy_paused(ring, 0, copied, &made), -EBADF);
	clear();
	backward_free(NULL);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(nothing_was_written),
	TEST(not_yet_full),
	TEST(exactly_full),
	TEST(written_over_many_times),
	TEST(positions_overflow),
	TEST(written_at_the_start),
	TEST(written_behind_the_copy),
	TEST(the_copy_is_overtaken),
	TEST(the_ring_is_written_anew),
	TEST(a_writer_beside),
	TEST(no_ring_to_map),
};

HARNESS_MAIN("backward", tests, HARNESS_UNIT)
