/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PARCEL_H
#define PARCEL_H

/*
 * Values as bytes for another process on the same machine, and back. The same
 * calls write and read, so that the two can't differ. Pure.
 *
 * The first fault stays: every value read after it is zero, and none may be
 * used before parcel_end() has said that there was none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct parcel {
	bool is_reading;
	int error;
	/* Written so far, to be freed; or to be read, borrowed. */
	char *written;
	const char *bytes;
	size_t size;
	size_t room;
	size_t at;
};

void parcel_begin_writing(struct parcel *parcel);
/* Texts that are read lie in @bytes, which must live as long as they. */
void parcel_begin_reading(struct parcel *parcel, const void *bytes,
			  size_t size);

void parcel_u64(struct parcel *parcel, uint64_t *value);
/* Read: -EBADMSG when the number does not fit. */
void parcel_u32(struct parcel *parcel, uint32_t *value);
void parcel_s32(struct parcel *parcel, int32_t *value);
void parcel_bool(struct parcel *parcel, bool *value);

/* NULL is a text of its own. Ended by a zero byte, with none in it. */
void parcel_text(struct parcel *parcel, const char **text);

/*
 * A number of things that follow, with at least so many bytes each. Read:
 * -EBADMSG when the rest has no room for them; so it can be allocated.
 */
void parcel_count(struct parcel *parcel, size_t *count, size_t least_bytes);

/* Elements of a type: read, they are allocated, to be freed by the caller. */
void *parcel_allocate(struct parcel *parcel, void *elements, size_t count,
		      size_t element_bytes);

/* Read: what was found makes no sense. */
void parcel_refuse(struct parcel *parcel);

/* 0; -ENOMEM; -EBADMSG, also when something is left that was not read. */
int parcel_end(const struct parcel *parcel);
void parcel_clear(struct parcel *parcel);

#endif /* PARCEL_H */
