/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hash table with open addressing. Entries stay when a thread ends, because
 * its last records are still to come; a thread that reuses the number takes the
 * entry over. So there are never more than the kernel's pid_max of them.
 *
 * Those of several readers share a pool: it holds what is known, under a lock,
 * and they hold copies, each in a table that is its own thread's. A record that
 * names a task changes the pool, which thereby gets a new generation; a copy is
 * good as long as the pool has the generation that it was made in. So a name is
 * found without the lock, but for once after each change.
 */
#include "comms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lock.h"
#include "sys.h"

/* TASK_COMM_LEN */
#define NAME_BYTES 16

struct entry {
	int32_t tid;
	bool is_used;
	/* "": asked, and nobody knew. */
	char name[NAME_BYTES];
	/* Of the pool, when it was copied from there. */
	uint64_t generation;
};

struct comms {
	struct entry *table;
	size_t room;
	size_t used;
	/* NULL: nobody else has names to tell. */
	struct comms_pool *pool;
};

struct comms_pool {
	struct lock *lock;
	struct comms *known;
	/* Read without the lock, written with it. */
	uint64_t generation;
};

struct comms *comms_new(void)
{
	return calloc(1, sizeof(struct comms));
}

void comms_free(struct comms *comms)
{
	if (!comms)
		return;
	free(comms->table);
	free(comms);
}

struct comms_pool *comms_pool_new(void)
{
	struct comms_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->lock = lock_new();
	pool->known = comms_new();
	if (!pool->lock || !pool->known) {
		comms_pool_free(pool);
		return NULL;
	}
	return pool;
}

void comms_pool_free(struct comms_pool *pool)
{
	if (!pool)
		return;
	comms_free(pool->known);
	lock_free(pool->lock);
	free(pool);
}

void comms_share(struct comms *comms, struct comms_pool *pool)
{
	comms->pool = pool;
}

static uint64_t get_generation(const struct comms_pool *pool)
{
	return __atomic_load_n(&pool->generation, __ATOMIC_ACQUIRE);
}

static struct comms *open_pool(struct comms_pool *pool)
{
	lock_take(pool->lock);
	return pool->known;
}

static void close_pool(struct comms_pool *pool, bool has_changed)
{
	if (has_changed)
		__atomic_store_n(&pool->generation, pool->generation + 1,
				 __ATOMIC_RELEASE);
	lock_release(pool->lock);
}

/* The thread's entry, or the empty one where it belongs. */
static struct entry *find(struct entry *table, size_t room, int32_t tid)
{
	size_t place = ((uint32_t)tid * UINT32_C(2654435769)) & (room - 1);

	while (table[place].is_used && table[place].tid != tid)
		place = (place + 1) & (room - 1);
	return &table[place];
}

static bool grow(struct comms *comms)
{
	size_t room = comms->room ? 2 * comms->room : 256, i;
	struct entry *table = calloc(room, sizeof(*table));

	if (!table)
		return false;
	for (i = 0; i < comms->room; i++) {
		struct entry *entry = &comms->table[i];

		if (entry->is_used)
			*find(table, room, entry->tid) = *entry;
	}
	free(comms->table);
	comms->table = table;
	comms->room = room;
	return true;
}

static struct entry *look_up(struct comms *comms, int32_t tid)
{
	struct entry *entry;

	if (!comms->room)
		return NULL;
	entry = find(comms->table, comms->room, tid);
	return entry->is_used ? entry : NULL;
}

static struct entry *insert(struct comms *comms, int32_t tid, const char *name)
{
	struct entry *entry;

	/* At most half full, so that searches are short. */
	if (2 * (comms->used + 1) > comms->room && !grow(comms))
		return NULL;
	entry = find(comms->table, comms->room, tid);
	if (!entry->is_used)
		comms->used++;
	entry->is_used = true;
	entry->tid = tid;
	memset(entry->name, 0, NAME_BYTES);
	memcpy(entry->name, name, strnlen(name, NAME_BYTES - 1));
	return entry;
}

void comms_set(struct comms *comms, int32_t tid, const char *name)
{
	struct comms_pool *pool = comms->pool;

	if (!pool) {
		insert(comms, tid, name);
		return;
	}
	insert(open_pool(pool), tid, name);
	close_pool(pool, true);
}

/* "" when the thread is gone, or /proc closed. */
static void ask_proc(int32_t tid, char name[NAME_BYTES])
{
	char path[64], *text;
	size_t size;

	name[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)tid);
	if (sys_read_file(path, &text, &size))
		return;
	text[strcspn(text, "\n")] = '\0';
	snprintf(name, NAME_BYTES, "%.*s", NAME_BYTES - 1, text);
	free(text);
}

/* Asked of /proc, when it is the first time. */
static struct entry *find_known(struct comms *comms, int32_t tid)
{
	struct entry *entry = look_up(comms, tid);
	char name[NAME_BYTES];

	if (entry)
		return entry;
	ask_proc(tid, name);
	return insert(comms, tid, name);
}

static struct entry *copy_known(struct comms *comms, int32_t tid)
{
	struct comms_pool *pool = comms->pool;
	struct entry *known = find_known(open_pool(pool), tid), *copy = NULL;

	if (known)
		copy = insert(comms, tid, known->name);
	if (copy)
		copy->generation = pool->generation;
	close_pool(pool, false);
	return copy;
}

static struct entry *find_shared(struct comms *comms, int32_t tid)
{
	struct entry *entry = look_up(comms, tid);

	if (entry && entry->generation == get_generation(comms->pool))
		return entry;
	return copy_known(comms, tid);
}

const char *comms_get(struct comms *comms, int32_t tid)
{
	struct entry *entry;

	/* The idle tasks have no entry in /proc. */
	if (!tid)
		return "swapper";
	if (tid < 0)
		return NULL;
	entry = comms->pool ? find_shared(comms, tid) : find_known(comms, tid);
	return entry && *entry->name ? entry->name : NULL;
}

static void inherit(struct comms *comms, int32_t parent_tid, int32_t tid)
{
	const char *name = comms_get(comms, parent_tid);
	char copy[NAME_BYTES] = "";

	/* insert() may move the table that the name lies in. */
	if (name)
		snprintf(copy, sizeof(copy), "%s", name);
	else if (tid > 0)
		ask_proc(tid, copy);
	insert(comms, tid, copy);
}

void comms_fork(struct comms *comms, int32_t parent_tid, int32_t tid)
{
	struct comms_pool *pool = comms->pool;

	if (!pool) {
		inherit(comms, parent_tid, tid);
		return;
	}
	inherit(open_pool(pool), parent_tid, tid);
	close_pool(pool, true);
}
