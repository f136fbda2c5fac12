/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A text as facts: refused at a place in the text, with nothing changed; or
 * taken, and then what is written of them is read again and says the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "facts_text.h"
#include "log.h"

#define LONGEST_TEXT 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(struct log *notes, const struct facts *facts,
			  const char *text)
{
	int32_t position = log_get_position(notes);

	if (position < 0 || (size_t)position > strlen(text))
		abort();
	if (!*log_get_error(notes) || !facts->is_own)
		abort();
}

static void check_again(struct log *notes, const struct facts *facts)
{
	static char written[LONGEST_TEXT], again[LONGEST_TEXT];
	size_t length = facts_write(facts, written, sizeof(written));
	struct facts others;

	if (length != strlen(written))
		abort();
	facts_init(&others);
	if (facts_parse(notes, &others, written))
		abort();
	facts_write(&others, again, sizeof(again));
	if (strcmp(written, again))
		abort();
	/* Half of the room: half of the text. */
	if (facts_write(facts, again, length / 2 + 1) != length ||
	    strlen(again) != length / 2)
		abort();
	facts_clear(&others);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct log *notes;
	struct facts facts;
	char *text = strndup((const char *)data, size);

	if (!notes)
		notes = log_new();
	if (!text || !notes)
		abort();
	facts_init(&facts);
	facts.is_own = true;
	if (facts_parse(notes, &facts, text))
		check_refusal(notes, &facts, text);
	else
		check_again(notes, &facts);
	facts_clear(&facts);
	free(text);
	return 0;
}
