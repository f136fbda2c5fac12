/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fixed_format.h"

#include <stdlib.h>

#include "format.h"

const char fixed_format_text[] =
	"name: event\n"
	"ID: 42\n"
	"format:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;"
	"\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n"
	"\tfield:u8 u8v;\toffset:8;\tsize:1;\tsigned:0;\n"
	"\tfield:signed char s8v;\toffset:9;\tsize:1;\tsigned:1;\n"
	"\tfield:unsigned short u16v;\toffset:10;\tsize:2;\tsigned:0;\n"
	"\tfield:s16 s16v;\toffset:12;\tsize:2;\tsigned:1;\n"
	"\tfield:u32 u32v;\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:int s32v;\toffset:20;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned long long u64v;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:long s64v;\toffset:32;\tsize:8;\tsigned:1;\n"
	"\tfield:char text[8];\toffset:40;\tsize:8;\tsigned:0;\n"
	"\tfield:u8 octets[4];\toffset:48;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long args[2];\toffset:56;\tsize:16;\tsigned:0;\n"
	"\tfield:int pair[2];\toffset:72;\tsize:8;\tsigned:1;\n"
	"\tfield:struct point place;\toffset:80;\tsize:8;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:88;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc u64[] list;\toffset:92;\tsize:4;\tsigned:0;\n"
	"\tfield:__rel_loc char[] relative;\toffset:96;\tsize:4;\tsigned:0;\n"
	"\tfield:__rel_loc int[] numbers;\toffset:100;\tsize:4;\tsigned:1;\n"
	"\n"
	"print fmt: \"%d\", REC->s32v\n";

struct format *fixed_format_new(struct log *log, const void *owner)
{
	struct format *format;

	if (format_parse(log, "test:event", fixed_format_text,
			 sizeof(fixed_format_text) - 1, owner, &format))
		abort();
	return format;
}
