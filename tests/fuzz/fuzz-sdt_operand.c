/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The arguments of a marker: places within the text, and what is written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sdt_operand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_written(const struct sdt_operand *operand, const char *type)
{
	char text[64], type_text[64];
	int ret = sdt_operand_write(operand, type, operand->value, text,
				    sizeof(text), type_text, sizeof(type_text));

	if (!ret == (operand->kind == SDT_OPERAND_UNSUPPORTED))
		abort();
	if (ret)
		return;
	if (!strchr("%+-@\\", text[0]) || strpbrk(text, " \t\n"))
		abort();
	if (strlen(text) + strlen(type_text) > 62)
		abort();
}

static void check_operand(const struct sdt_operand *operand, const char *text)
{
	size_t length = strlen(text);
	size_t end = operand->position + operand->length;

	if (!operand->length || end > length)
		abort();
	if ((operand->kind == SDT_OPERAND_UNSUPPORTED) != !!operand->reason)
		abort();
	if (operand->symbol_length &&
	    (operand->symbol_position < operand->position ||
	     operand->symbol_position + operand->symbol_length > end))
		abort();
	check_written(operand, NULL);
	check_written(operand, "ustring");
}

static void check_machine(struct log *log, enum machine machine,
			  const char *text)
{
	struct sdt_operand operands[SDT_OPERANDS_MAX];
	size_t count, i;

	if (sdt_operands_parse(log, machine, text, operands, SDT_OPERANDS_MAX,
			       &count)) {
		if (log_get_position(log) < 0 ||
		    (size_t)log_get_position(log) >= strlen(text))
			abort();
		return;
	}
	for (i = 0; i < count; i++)
		check_operand(&operands[i], text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct log *log;
	char *text = strndup((const char *)data, size);

	if (!log)
		log = log_new();
	if (!text || !log)
		abort();
	check_machine(log, MACHINE_X86_64, text);
	check_machine(log, MACHINE_ARM64, text);
	free(text);
	return 0;
}
