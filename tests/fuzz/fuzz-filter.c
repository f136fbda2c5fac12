/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text as the filter of an event: good, or refused at a place in the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "fixed_format.h"
#include "format.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(struct log *log, const char *text)
{
	int32_t position = log_get_position(log);

	if (position < 0 || (size_t)position > strlen(text))
		abort();
	if (!*log_get_error(log))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct format *format;
	static struct log *log;
	char *text = strndup((const char *)data, size);

	if (!format) {
		log = log_new();
		format = fixed_format_new(log, &format);
	}
	if (!text)
		abort();
	if (filter_check(log, "test:event", format, text))
		check_refusal(log, text);
	free(text);
	return 0;
}
