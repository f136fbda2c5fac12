/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A text as the spec of a probe: good, or refused at a place in the text; and
 * each argument of a good one, taken to pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "log.h"
#include "probe_settings.h"
#include "spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(struct log *log, const char *text)
{
	int32_t position = log_get_position(log);

	if (position < 0 || (size_t)position > strlen(text))
		abort();
	if (!*log_get_error(log))
		abort();
}

static void check_argument(struct log *log, const char *text,
			   const struct probe_argument *source)
{
	struct argument argument;

	if (argument_parse(log, source, &argument))
		check_refusal(log, text);
	else if (strncmp(source->text + argument.offset, argument.expression,
			 strlen(argument.expression)))
		abort();
	argument_clear(&argument);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct log *log;
	struct probe_settings settings;
	char *text = strndup((const char *)data, size);
	size_t i;

	if (!log)
		log = log_new();
	if (!text || !log)
		abort();
	if (spec_parse(log, text, &settings)) {
		check_refusal(log, text);
	} else {
		if (!spec_is_probe(text))
			abort();
		for (i = 0; i < settings.num_arguments; i++)
			check_argument(log, text, &settings.arguments[i]);
	}
	probe_settings_clear(&settings);
	free(text);
	return 0;
}
