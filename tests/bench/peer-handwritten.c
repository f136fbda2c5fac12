/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limit: perf_event_open(2) and mmap(2), written for this purpose alone,
 * with no check that could be left out, and no more rings than can be compared
 * one by one. Modes:
 *
 *   walk    ring by ring, headers alone
 *   field   and a field
 *   order   merged by their time stamps, as far as the rings had filled
 *           when the merge began, and a field
 *   check   and count those that are earlier than the one before
 *   text    merged, and printed by hand
 *   tep     merged, and printed by libtraceevent
 *
 * The events of a CPU are siblings of one that never happens. They are enabled
 * beforehand and start with it; its ring is theirs.
 */
#include <err.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "handwritten-text.h"
#include "tracepoint.h"

#define PERF_FORMAT_LOST_EVENT (1u << 4)
#define LARGEST_RECORD	       65536

struct ring {
	int leader;
	struct perf_event_mmap_page *page;
	const uint8_t *data;
	uint64_t head, tail, released;
	uint8_t *straddler;
	const struct tracepoint_sample *next;
};

static struct peer_request request;
static struct perf_event_attr *attrs;
static struct tracepoint_field field;
static text_printer printer;
static struct ring *rings;
static struct pollfd *news;
/* A source's descriptors of all CPUs stand together. */
static int *descriptors;

typedef void (*consumer)(struct peer_tally *tally,
			 const struct tracepoint_sample *sample);

static bool is_mode(const char *mode)
{
	return !strcmp(request.mode, mode);
}

static int open_event(struct perf_event_attr *attr, int cpu, int group)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, -1, cpu, group,
			      PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		err(1, "perf_event_open");
	return fd;
}

void peer_prepare(const struct peer_request *wanted)
{
	size_t i, num_events = load_get_num_events();

	request = *wanted;
	attrs = calloc(num_events, sizeof(*attrs));
	rings = calloc(request.num_cpus, sizeof(*rings));
	news = calloc(request.num_cpus, sizeof(*news));
	descriptors = calloc(num_events * request.num_cpus, sizeof(int));
	for (i = 0; i < num_events; i++) {
		attrs[i] = tracepoint_make_attr(load_get_event(i), &request);
		attrs[i].disabled = 0;
		attrs[i].read_format |= PERF_FORMAT_LOST_EVENT;
	}
	field = tracepoint_find_field(load_get_event(0), load_get_field());
	if (is_mode("text"))
		printer = text_find_printer(load_get_event(0));
	for (i = 0; i < num_events && is_mode("tep"); i++)
		text_prepare_traceevent(load_get_event(i));
}

static void open_ring(struct ring *ring, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.disabled = 1,
		.watermark = 1,
		.wakeup_watermark = request.watermark_bytes,
		.use_clockid = 1,
		.clockid = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TIME,
		.sample_id_all = 1,
	};
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	void *mapped;

	ring->leader = open_event(&attr, cpu, -1);
	mapped = mmap(NULL, page_bytes + request.ring_bytes,
		      PROT_READ | PROT_WRITE, MAP_SHARED, ring->leader, 0);
	if (mapped == MAP_FAILED)
		err(1, "mmap of %zu bytes", request.ring_bytes);
	ring->page = mapped;
	ring->data = (const uint8_t *)mapped + page_bytes;
	ring->straddler = malloc(LARGEST_RECORD);
}

static void open_source(size_t index, size_t cpu)
{
	const char *filter = load_get_event(index)->filter;
	int *fd = &descriptors[index * request.num_cpus + cpu];

	*fd = open_event(&attrs[index], (int)cpu, rings[cpu].leader);
	if (ioctl(*fd, PERF_EVENT_IOC_SET_OUTPUT, rings[cpu].leader))
		err(1, "PERF_EVENT_IOC_SET_OUTPUT");
	if (filter && ioctl(*fd, PERF_EVENT_IOC_SET_FILTER, filter))
		err(1, "%s", filter);
}

void peer_open(void)
{
	size_t i, cpu;

	for (cpu = 0; cpu < request.num_cpus; cpu++) {
		open_ring(&rings[cpu], (int)cpu);
		for (i = 0; i < load_get_num_events(); i++)
			open_source(i, cpu);
		news[cpu].fd = rings[cpu].leader;
		news[cpu].events = POLLIN;
	}
}

static void control(unsigned long what)
{
	size_t cpu;

	for (cpu = 0; cpu < request.num_cpus; cpu++) {
		if (ioctl(rings[cpu].leader, what, 0))
			err(1, "ioctl");
	}
}

void peer_start(void)
{
	control(PERF_EVENT_IOC_ENABLE);
}

void peer_stop(void)
{
	control(PERF_EVENT_IOC_DISABLE);
}

static inline const struct tracepoint_sample *record_at(struct ring *ring)
{
	uint64_t place = ring->tail & (request.ring_bytes - 1);
	uint64_t left = request.ring_bytes - place;
	const struct tracepoint_sample *record =
		(const struct tracepoint_sample *)(ring->data + place);

	if (__builtin_expect(record->header.size <= left, 1))
		return record;
	memcpy(ring->straddler, ring->data + place, left);
	memcpy(ring->straddler + left, ring->data, record->header.size - left);
	return (const struct tracepoint_sample *)ring->straddler;
}

static inline void look(struct ring *ring)
{
	ring->head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
}

static inline void release(struct ring *ring)
{
	ring->released = ring->tail;
	__atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE);
}

/* Now and then, for a consumer that is slow. */
static inline void go_on(struct ring *ring, uint16_t size)
{
	ring->tail += size;
	if (ring->tail - ring->released > request.ring_bytes / 4)
		release(ring);
}

static inline __attribute__((always_inline)) void
walk(struct ring *ring, struct peer_tally *tally, consumer consume)
{
	look(ring);
	while (ring->tail < ring->head) {
		const struct tracepoint_sample *record = record_at(ring);

		if (record->header.type == PERF_RECORD_SAMPLE)
			consume(tally, record);
		go_on(ring, record->header.size);
	}
	release(ring);
}

static inline __attribute__((always_inline)) void
walk_all(struct peer_tally *tally, consumer consume)
{
	size_t cpu;

	for (cpu = 0; cpu < request.num_cpus; cpu++)
		walk(&rings[cpu], tally, consume);
}

/* A sample, or none. */
static inline void find_next(struct ring *ring)
{
	while (ring->tail < ring->head) {
		ring->next = record_at(ring);
		if (ring->next->header.type == PERF_RECORD_SAMPLE)
			return;
		go_on(ring, ring->next->header.size);
	}
	ring->next = NULL;
}

static inline struct ring *find_earliest(void)
{
	struct ring *earliest = NULL;
	size_t cpu;

	for (cpu = 0; cpu < request.num_cpus; cpu++) {
		struct ring *ring = &rings[cpu];

		if (ring->next &&
		    (!earliest || ring->next->time < earliest->next->time))
			earliest = ring;
	}
	return earliest;
}

static inline __attribute__((always_inline)) void
merge(struct peer_tally *tally, consumer consume)
{
	struct ring *ring;
	size_t cpu;

	for (cpu = 0; cpu < request.num_cpus; cpu++) {
		look(&rings[cpu]);
		find_next(&rings[cpu]);
	}
	while ((ring = find_earliest())) {
		consume(tally, ring->next);
		go_on(ring, ring->next->header.size);
		find_next(ring);
	}
	for (cpu = 0; cpu < request.num_cpus; cpu++)
		release(&rings[cpu]);
}

static inline void count(struct peer_tally *tally,
			 const struct tracepoint_sample *sample)
{
	(void)sample;
	tally->delivered++;
}

static inline void read_field(struct peer_tally *tally,
			      const struct tracepoint_sample *sample)
{
	const uint8_t *place = sample->raw + field.offset;
	uint64_t value = 0;
	uint32_t half;

	if (field.size == sizeof(value)) {
		memcpy(&value, place, sizeof(value));
	} else {
		memcpy(&half, place, sizeof(half));
		value = half;
	}
	tally->delivered++;
	tally->field_sum += value;
}

static inline void check(struct peer_tally *tally,
			 const struct tracepoint_sample *sample)
{
	read_field(tally, sample);
	peer_check_order(tally, sample->time);
}

static inline void print(struct peer_tally *tally,
			 const struct tracepoint_sample *sample)
{
	char text[512];

	tally->delivered++;
	tally->text_bytes += printer(text, sample->raw, sample->raw_size);
}

static void print_traceevent(struct peer_tally *tally,
			     const struct tracepoint_sample *sample)
{
	tally->delivered++;
	tally->text_bytes += text_print_traceevent(
		sample->raw, sample->raw_size, sample->time, sample->cpu);
}

void peer_drain(struct peer_tally *tally, int timeout_ms)
{
	if (timeout_ms)
		poll(news, request.num_cpus, timeout_ms);
	if (is_mode("walk"))
		walk_all(tally, count);
	else if (is_mode("field"))
		walk_all(tally, read_field);
	else if (is_mode("order"))
		merge(tally, read_field);
	else if (is_mode("check"))
		merge(tally, check);
	else if (is_mode("text"))
		merge(tally, print);
	else if (is_mode("tep"))
		merge(tally, print_traceevent);
	else
		errx(1, "there is no mode %s", request.mode);
}

/* value, id, lost */
uint64_t peer_count_lost(void)
{
	uint64_t counts[3], lost = 0;
	size_t i;

	for (i = 0; i < load_get_num_events() * request.num_cpus; i++) {
		if (read(descriptors[i], counts, sizeof(counts)) !=
		    sizeof(counts))
			err(1, "the counts of an event");
		lost += counts[2];
	}
	return lost;
}

void peer_close(void)
{
	size_t i, cpu, bytes = (size_t)sysconf(_SC_PAGESIZE);

	bytes += request.ring_bytes;
	for (i = 0; i < load_get_num_events() * request.num_cpus; i++)
		close(descriptors[i]);
	for (cpu = 0; cpu < request.num_cpus; cpu++) {
		munmap(rings[cpu].page, bytes);
		close(rings[cpu].leader);
	}
}

void peer_end(void)
{
}
