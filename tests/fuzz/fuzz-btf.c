/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernel types and an expression over them. The first byte says what the input
 * is: an expression, with its type, over fixed types; changes to bytes of those
 * types; or types. The kernel's types are trusted, but for others nothing is
 * read out of bounds, and nothing goes on for ever, either.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/fake_types.h"
#include "btf.h"
#include "export.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const functions[] = { "scalars", "follow",  "values",
					 "floats",  "strange", "tags" };

static void check_good(const struct fetch_argument *argument)
{
	size_t length = strlen(argument->text) + 1 + strlen(argument->type);

	if (!*argument->name || !*argument->text || !*argument->type ||
	    length > FETCH_TEXT_LONGEST)
		abort();
}

static void resolve(struct log *log, struct btf_types *types,
		    const char *function, const char *expression,
		    const char *type, uint8_t flags)
{
	struct btf_request request = {
		.function = function,
		.is_return = flags & 1,
		.machine = flags & 2 ? MACHINE_ARM64 : MACHINE_X86_64,
		.expression = expression,
		.type = type,
	};
	struct fetch_argument argument;
	int32_t position;

	if (!btf_resolve(types, &request, &argument)) {
		check_good(&argument);
		return;
	}
	/* Behind the expression, there are a colon and the type. */
	position = log_get_position(log);
	if (position > (int32_t)(strlen(expression) + 1 +
				 (type ? strlen(type) : 0)) ||
	    !*log_get_error(log))
		abort();
}

static void fuzz_expression(struct log *log, const uint8_t *data, size_t size,
			    uint8_t flags)
{
	static struct btf_types *types;
	char *text = strndup((const char *)data, size), *expression;
	size_t types_size;
	void *bytes;

	if (!types) {
		bytes = fake_types_vmlinux(&types_size);
		if (btf_types_new(log, bytes, types_size, &types))
			abort();
		free(bytes);
	}
	if (!text)
		abort();
	expression = text;
	strsep(&text, ":");
	resolve(log, types, functions[(flags >> 2) % ARRAY_SIZE(functions)],
		expression, text, flags);
	free(expression);
}

static void try_all(struct log *log, struct btf_types *types)
{
	static const char *const expressions[] = {
		"outer->packed.across", "outer->zzz", "outer",	 "a.b",
		"outer->inner.c",	"**pp",	      "large.c",
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		for (j = 0; j < ARRAY_SIZE(expressions); j++)
			resolve(log, types, functions[i], expressions[j], NULL,
				(uint8_t)j);
	}
}

/* Pairs of an offset and a byte to put there. */
static void fuzz_types(struct log *log, const uint8_t *data, size_t size)
{
	struct btf_types *types;
	size_t types_size, i;
	uint8_t *bytes = fake_types_vmlinux(&types_size);

	for (i = 0; i + 3 <= size; i += 3) {
		size_t at = data[i] | (size_t)data[i + 1] << 8;

		bytes[at % types_size] = data[i + 2];
	}
	if (!btf_types_new(log, bytes, types_size, &types)) {
		try_all(log, types);
		btf_types_free(types);
	}
	free(bytes);
}

static void fuzz_bytes(struct log *log, const uint8_t *data, size_t size)
{
	struct btf_types *types;

	if (btf_types_new(log, data, size, &types))
		return;
	try_all(log, types);
	btf_types_free(types);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct log *log;

	if (!log)
		log = log_new();
	if (!log)
		abort();
	if (size < 2)
		return 0;
	switch (data[0]) {
	case 'e':
		fuzz_expression(log, data + 2, size - 2, data[1]);
		break;
	case 't':
		fuzz_types(log, data + 2, size - 2);
		break;
	case 'b':
		fuzz_bytes(log, data + 2, size - 2);
		break;
	}
	return 0;
}
