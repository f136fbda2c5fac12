/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Everything is a number of 8 bytes, or a text: its length with the zero byte
 * (0: NULL), its bytes, and zeroes up to a multiple of 8.
 */
#include "parcel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UNIT sizeof(uint64_t)

void parcel_begin_writing(struct parcel *parcel)
{
	*parcel = (struct parcel){ .is_reading = false };
}

void parcel_begin_reading(struct parcel *parcel, const void *bytes, size_t size)
{
	*parcel = (struct parcel){
		.is_reading = true,
		.bytes = bytes,
		.size = size,
	};
}

static void stop(struct parcel *parcel, int error)
{
	if (!parcel->error)
		parcel->error = error;
}

void parcel_refuse(struct parcel *parcel)
{
	stop(parcel, -EBADMSG);
}

static size_t pad(size_t size)
{
	return (size + UNIT - 1) / UNIT * UNIT;
}

static bool make_room(struct parcel *parcel, size_t size)
{
	size_t room = parcel->room ? parcel->room : 4096;
	char *larger;

	while (room - parcel->size < size)
		room *= 2;
	if (room == parcel->room)
		return true;
	larger = realloc(parcel->written, room);
	if (!larger)
		return false;
	parcel->written = larger;
	parcel->room = room;
	return true;
}

static void put(struct parcel *parcel, const void *bytes, size_t size)
{
	size_t padded = pad(size);

	if (parcel->error)
		return;
	if (!make_room(parcel, padded)) {
		stop(parcel, -ENOMEM);
		return;
	}
	memcpy(parcel->written + parcel->size, bytes, size);
	memset(parcel->written + parcel->size + size, 0, padded - size);
	parcel->size += padded;
}

/* The next bytes; NULL when there are not so many. */
static const char *take(struct parcel *parcel, size_t size)
{
	const char *bytes = parcel->bytes + parcel->at;

	if (parcel->error)
		return NULL;
	/* The padding of what is larger than the rest may overflow. */
	if (size > parcel->size - parcel->at ||
	    pad(size) > parcel->size - parcel->at) {
		parcel_refuse(parcel);
		return NULL;
	}
	parcel->at += pad(size);
	return bytes;
}

void parcel_u64(struct parcel *parcel, uint64_t *value)
{
	const char *bytes;

	if (!parcel->is_reading) {
		put(parcel, value, sizeof(*value));
		return;
	}
	*value = 0;
	bytes = take(parcel, sizeof(*value));
	if (bytes)
		memcpy(value, bytes, sizeof(*value));
}

/* Of those numbers that are below @limit. */
static uint64_t number_below(struct parcel *parcel, uint64_t value,
			     uint64_t limit)
{
	parcel_u64(parcel, &value);
	if (value < limit)
		return value;
	parcel_refuse(parcel);
	return 0;
}

void parcel_u32(struct parcel *parcel, uint32_t *value)
{
	*value = (uint32_t)number_below(parcel, *value, UINT64_C(1) << 32);
}

void parcel_s32(struct parcel *parcel, int32_t *value)
{
	uint32_t bits = (uint32_t)*value;

	parcel_u32(parcel, &bits);
	*value = (int32_t)bits;
}

void parcel_bool(struct parcel *parcel, bool *value)
{
	*value = number_below(parcel, *value, 2);
}

static const char *take_text(struct parcel *parcel)
{
	uint64_t size = number_below(parcel, 0, SIZE_MAX);
	const char *text;

	if (!size)
		return NULL;
	text = take(parcel, (size_t)size);
	if (!text || memchr(text, '\0', (size_t)size) == text + size - 1)
		return text;
	parcel_refuse(parcel);
	return NULL;
}

void parcel_text(struct parcel *parcel, const char **text)
{
	uint64_t size;

	if (parcel->is_reading) {
		*text = take_text(parcel);
		return;
	}
	size = *text ? strlen(*text) + 1 : 0;
	parcel_u64(parcel, &size);
	if (size)
		put(parcel, *text, (size_t)size);
}

void parcel_count(struct parcel *parcel, size_t *count, size_t least_bytes)
{
	uint64_t number = *count;

	parcel_u64(parcel, &number);
	if (parcel->is_reading &&
	    number > (parcel->size - parcel->at) / least_bytes) {
		parcel_refuse(parcel);
		number = 0;
	}
	*count = (size_t)number;
}

void *parcel_allocate(struct parcel *parcel, void *elements, size_t count,
		      size_t element_bytes)
{
	if (!parcel->is_reading)
		return elements;
	if (parcel->error || !count)
		return NULL;
	elements = calloc(count, element_bytes);
	if (!elements)
		stop(parcel, -ENOMEM);
	return elements;
}

int parcel_end(const struct parcel *parcel)
{
	if (parcel->error)
		return parcel->error;
	return parcel->is_reading && parcel->at != parcel->size ? -EBADMSG : 0;
}

void parcel_clear(struct parcel *parcel)
{
	free(parcel->written);
	parcel->written = NULL;
}
