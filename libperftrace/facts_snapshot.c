/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "facts_snapshot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "export.h"
#include "facts.h"
#include "facts_sense.h"
#include "facts_text.h"
#include "log.h"

#define LONGEST_VALUE 1024

struct perftrace_facts {
	struct perftrace_context *context;
	struct facts facts;
};

PERFTRACE_EXPORT int perftrace_facts_new(struct perftrace_context *context,
					 struct perftrace_facts **facts)
{
	struct perftrace_facts *made;
	int ret;

	assert(context);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail_memory(context_get_log(context));
	made->context = perftrace_context_ref(context);
	ret = facts_sense(context, &made->facts);
	if (ret) {
		perftrace_facts_free(made);
		return ret;
	}
	*facts = made;
	return 0;
}

PERFTRACE_EXPORT void perftrace_facts_free(struct perftrace_facts *facts)
{
	if (!facts)
		return;
	facts_clear(&facts->facts);
	perftrace_context_unref(facts->context);
	free(facts);
}

PERFTRACE_EXPORT int perftrace_facts_refresh(struct perftrace_facts *facts)
{
	struct facts sensed;
	int ret;

	assert(facts);
	ret = facts_sense(facts->context, &sensed);
	if (ret)
		return ret;
	facts_clear(&facts->facts);
	facts->facts = sensed;
	return 0;
}

PERFTRACE_EXPORT int perftrace_facts_set(struct perftrace_facts *facts,
					 const char *description)
{
	struct log *log;

	assert(facts);
	log = context_get_log(facts->context);
	if (!description)
		return fail(log, -EINVAL, "no description given");
	return facts_parse(log, &facts->facts, description);
}

PERFTRACE_EXPORT int64_t perftrace_facts_format(struct perftrace_facts *facts,
						char *buffer, size_t size_bytes)
{
	assert(facts);
	return (int64_t)facts_write(&facts->facts, buffer, size_bytes);
}

PERFTRACE_EXPORT int64_t perftrace_facts_get(struct perftrace_facts *facts,
					     const char *key, char *buffer,
					     size_t size_bytes)
{
	char value[LONGEST_VALUE];
	size_t length;
	struct log *log;

	assert(facts);
	log = context_get_log(facts->context);
	if (!key || !facts_write_one(&facts->facts, key, value, sizeof(value)))
		return fail(log, -ENOENT, "there is no fact called \"%s\"",
			    key ? key : "");
	length = strlen(value);
	if (size_bytes) {
		size_t fits = length < size_bytes ? length : size_bytes - 1;

		memcpy(buffer, value, fits);
		buffer[fits] = '\0';
	}
	return (int64_t)length;
}

const struct facts *facts_snapshot_get(const struct perftrace_facts *snapshot)
{
	return &snapshot->facts;
}
