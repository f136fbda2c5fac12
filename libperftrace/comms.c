/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hash table with open addressing. Entries stay when a thread ends, because
 * its last records are still to come; a thread that reuses the number takes the
 * entry over. So there are never more than the kernel's pid_max of them.
 */
#include "comms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

/* TASK_COMM_LEN */
#define NAME_BYTES 16

struct entry {
	int32_t tid;
	bool is_used;
	/* "": asked, and nobody knew. */
	char name[NAME_BYTES];
};

struct comms {
	struct entry *table;
	size_t room;
	size_t used;
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
	insert(comms, tid, name);
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

const char *comms_get(struct comms *comms, int32_t tid)
{
	struct entry *entry;
	char name[NAME_BYTES];

	/* The idle tasks have no entry in /proc. */
	if (!tid)
		return "swapper";
	if (tid < 0)
		return NULL;
	entry = look_up(comms, tid);
	if (!entry) {
		ask_proc(tid, name);
		entry = insert(comms, tid, name);
	}
	return entry && *entry->name ? entry->name : NULL;
}

void comms_fork(struct comms *comms, int32_t parent_tid, int32_t tid)
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
