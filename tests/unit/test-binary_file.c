/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that were put together by hand, most of them damaged. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "binary.h"
#include "elf_image.h"
#include "harness.h"
#include "log.h"

#define TEXT_ADDRESS   0x1000
#define TEXT_BYTES     0x100
#define DATA_ADDRESS   0x3010
#define DATA_BYTES     0x10
#define MEMORY_BYTES   0x100
#define BASE_ADDRESS   0x3018
#define TEXT	       1
#define DATA	       2
#define FUNCTION       .type = STT_FUNC, .binding = STB_GLOBAL, .section = TEXT
#define LOCAL_FUNCTION .type = STT_FUNC, .binding = STB_LOCAL, .section = TEXT

static struct log *log_of_test;
static struct image image;

static void setup(void)
{
	if (!log_of_test)
		log_of_test = log_new();
}

/* Code, data, and what is zeroed behind it. */
static void begin(bool is_64bit)
{
	static const unsigned char content[TEXT_BYTES];

	setup();
	image_begin(&image, is_64bit);
	image_add_section(&image, &(struct image_section){
					  .name = ".text",
					  .type = SHT_PROGBITS,
					  .flags = SHF_ALLOC | SHF_EXECINSTR,
					  .address = TEXT_ADDRESS,
					  .content = content,
					  .bytes = TEXT_BYTES,
				  });
	image_add_section(&image, &(struct image_section){
					  .name = ".data",
					  .type = SHT_PROGBITS,
					  .flags = SHF_ALLOC | SHF_WRITE,
					  .address = DATA_ADDRESS,
					  .content = content,
					  .bytes = DATA_BYTES,
				  });
	image_add_segment(&image, &(struct image_segment){
					  .type = PT_LOAD,
					  .flags = PF_R | PF_X,
					  .address = TEXT_ADDRESS,
					  .offset = image.sections[TEXT].offset,
					  .file_bytes = TEXT_BYTES,
					  .memory_bytes = TEXT_BYTES,
				  });
	image_add_segment(&image, &(struct image_segment){
					  .type = PT_LOAD,
					  .flags = PF_R | PF_W,
					  .address = DATA_ADDRESS,
					  .offset = image.sections[DATA].offset,
					  .file_bytes = DATA_BYTES,
					  .memory_bytes = MEMORY_BYTES,
				  });
}

static uint64_t text_offset(uint64_t into)
{
	return image.sections[TEXT].offset + into;
}

static int open_bytes(const void *bytes, size_t size, struct binary **binary)
{
	setup();
	return binary_open_memory(log_of_test, bytes, size, "file", binary);
}

static struct binary *open_image(void)
{
	struct binary *binary = NULL;
	int ret = open_bytes(image.bytes.data, image.bytes.count, &binary);

	ck_assert_msg(!ret, "%s", log_get_error(log_of_test));
	return binary;
}

static void expect_words(const char *words)
{
	ck_assert_msg(strstr(log_get_error(log_of_test), words),
		      "%s: no \"%s\"", log_get_error(log_of_test), words);
}

static void expect_refused(size_t size, int code, const char *words)
{
	struct binary *binary = NULL;

	ck_assert_int_eq(open_bytes(image.bytes.data, size, &binary), code);
	ck_assert_ptr_null(binary);
	expect_words(words);
}

static void close_all(struct binary *binary)
{
	binary_free(binary);
	log_free(log_of_test);
	log_of_test = NULL;
}

/* 0 or the error; the address on success. */
static int find(struct binary *binary, const char *name, uint64_t *address)
{
	struct binary_place place;
	int ret = binary_find_function(binary, name, &place);

	if (!ret) {
		ck_assert_uint_eq(place.offset,
				  text_offset(place.address - TEXT_ADDRESS));
		*address = place.address;
	}
	return ret;
}

static void expect_at(struct binary *binary, const char *name, uint64_t address)
{
	uint64_t found = 0;
	int ret = find(binary, name, &found);

	ck_assert_msg(!ret, "%s", log_get_error(log_of_test));
	ck_assert_uint_eq(found, address);
}

static void expect_none(struct binary *binary, const char *name, int code,
			const char *words)
{
	uint64_t found;

	ck_assert_int_eq(find(binary, name, &found), code);
	expect_words(words);
}

static void check_class(bool is_64bit)
{
	static const struct image_symbol symbols[] = {
		{ "first", TEXT_ADDRESS, 8, FUNCTION },
		{ "second", TEXT_ADDRESS + 8, 8, FUNCTION },
		{ "label", TEXT_ADDRESS + 16, 0, STT_NOTYPE, STB_LOCAL, TEXT },
		{ "object", DATA_ADDRESS, 4, STT_OBJECT, STB_GLOBAL, DATA },
	};
	struct binary *binary;
	uint64_t address;

	begin(is_64bit);
	image_add_symbols(&image, SHT_SYMTAB, symbols, 4);
	image_end(&image, ET_DYN);
	binary = open_image();
	ck_assert_int_eq(binary_is_64bit(binary), is_64bit);
	ck_assert_uint_eq(binary_get_machine(binary),
			  is_64bit ? EM_X86_64 : EM_386);
	expect_at(binary, "first", TEXT_ADDRESS);
	expect_at(binary, "second", TEXT_ADDRESS + 8);
	expect_at(binary, "label", TEXT_ADDRESS + 16);
	expect_none(binary, "object", -ENOENT, "is data, not a function");
	ck_assert_int_eq(binary_find_symbol_address(binary, "object", &address),
			 0);
	ck_assert_uint_eq(address, DATA_ADDRESS);
	close_all(binary);
}

START_TEST(reads_files_of_64_bits)
{
	check_class(true);
}
END_TEST

START_TEST(reads_files_of_32_bits)
{
	check_class(false);
}
END_TEST

START_TEST(refuses_what_is_no_elf_file)
{
	struct binary *binary;

	ck_assert_int_eq(open_bytes("", 0, &binary), -ENOEXEC);
	ck_assert_int_eq(open_bytes("#!/bin/sh\n", 10, &binary), -ENOEXEC);
	ck_assert_str_eq(log_get_error(log_of_test), "file is not an ELF file");
	ck_assert_int_eq(open_bytes("!<arch>\n", 8, &binary), -ENOEXEC);
	expect_words("archive");
	close_all(NULL);
}
END_TEST

START_TEST(refuses_other_types_of_elf_files)
{
	begin(true);
	image_end(&image, ET_REL);
	expect_refused(image.bytes.count, -ENOEXEC, "object file");
	image_header(&image)->e_type = ET_CORE;
	expect_refused(image.bytes.count, -ENOEXEC, "core file");
	image_header(&image)->e_type = 77;
	expect_refused(image.bytes.count, -ENOEXEC, "ELF type 77");
	image_header(&image)->e_type = ET_EXEC;
	image_header(&image)->e_ident[EI_DATA] ^= 3;
	expect_refused(image.bytes.count, -ENOEXEC, "byte order");
	close_all(NULL);
}
END_TEST

START_TEST(says_where_a_file_is_truncated)
{
	size_t size;

	begin(true);
	image_end(&image, ET_DYN);
	expect_refused(20, -EBADMSG, "ELF");
	expect_refused(image.bytes.count - 1, -EBADMSG, "section headers");
	expect_refused(image.segment_headers + 1, -EBADMSG, "program headers");
	/* No length does any harm. */
	for (size = 0; size < image.bytes.count; size++) {
		struct binary *binary;

		ck_assert_int_lt(open_bytes(image.bytes.data, size, &binary),
				 0);
	}
	close_all(NULL);
}
END_TEST

START_TEST(says_which_section_is_truncated)
{
	static const struct image_symbol symbol = { "f", TEXT_ADDRESS, 8,
						    FUNCTION };
	struct binary *binary;
	uint16_t table;

	begin(true);
	table = image_add_symbols(&image, SHT_SYMTAB, &symbol, 1);
	image_end(&image, ET_DYN);
	image_section_header(&image, table)->sh_size = 1 << 20;
	binary = open_image();
	expect_none(binary, "f", -EBADMSG, "\".symtab\"");
	expect_words("truncated");
	close_all(binary);
}
END_TEST

START_TEST(refuses_tables_without_strings)
{
	static const struct image_symbol symbol = { "f", TEXT_ADDRESS, 8,
						    FUNCTION };
	struct binary *binary;
	uint16_t table;

	begin(true);
	table = image_add_symbols(&image, SHT_SYMTAB, &symbol, 1);
	image_end(&image, ET_DYN);
	image_section_header(&image, table)->sh_link = TEXT;
	binary = open_image();
	expect_none(binary, "f", -EBADMSG, "section 1 should be a string");
	binary_free(binary);

	image_section_header(&image, table)->sh_link = 1000;
	binary = open_image();
	expect_none(binary, "f", -EBADMSG, "section 1000 should be a string");
	close_all(binary);
}
END_TEST

/* A name that is not in the table, or does not end there, is none. */
START_TEST(leaves_out_names_outside_of_their_table)
{
	static const struct image_symbol symbols[] = {
		{ "good", TEXT_ADDRESS, 8, FUNCTION },
		{ "endless", TEXT_ADDRESS + 8, 8, FUNCTION },
	};
	struct binary *binary;
	Elf64_Shdr *strings;
	uint16_t table;

	begin(true);
	table = image_add_symbols(&image, SHT_SYMTAB, symbols, 2);
	image_end(&image, ET_DYN);
	strings = image_section_header(&image, table - 1u);
	strings->sh_size--;
	binary = open_image();
	expect_at(binary, "good", TEXT_ADDRESS);
	expect_none(binary, "endless", -ENOENT, "no function \"endless\"");
	close_all(binary);
}
END_TEST

static void expect_translation(struct binary *binary, uint64_t address,
			       bool must_be_executable, uint64_t offset)
{
	uint64_t found = 0;

	ck_assert_int_eq(binary_translate(binary, address, must_be_executable,
					  &found),
			 0);
	ck_assert_uint_eq(found, offset);
}

static void expect_no_translation(struct binary *binary, uint64_t address,
				  bool must_be_executable, int code,
				  const char *words)
{
	uint64_t found = 1;

	ck_assert_int_eq(binary_translate(binary, address, must_be_executable,
					  &found),
			 code);
	ck_assert_uint_eq(found, 1);
	expect_words(words);
}

START_TEST(translates_addresses)
{
	struct binary *binary;
	uint64_t data;

	begin(true);
	image_end(&image, ET_EXEC);
	data = image.sections[DATA].offset;
	binary = open_image();
	expect_translation(binary, TEXT_ADDRESS, true, text_offset(0));
	expect_translation(binary, TEXT_ADDRESS + TEXT_BYTES - 1, true,
			   text_offset(TEXT_BYTES - 1));
	expect_translation(binary, DATA_ADDRESS + 1, false, data + 1);
	expect_no_translation(binary, TEXT_ADDRESS - 1, true, -ERANGE,
			      "in no segment");
	expect_no_translation(binary, TEXT_ADDRESS + TEXT_BYTES, true, -ERANGE,
			      "in no segment");
	expect_no_translation(binary, UINT64_MAX, true, -ERANGE,
			      "0xffffffffffffffff is in no segment");
	expect_no_translation(binary, DATA_ADDRESS, true, -EINVAL,
			      "is data, not code");
	expect_no_translation(binary, DATA_ADDRESS + DATA_BYTES, false, -EINVAL,
			      "is zeroed memory");
	close_all(binary);
}
END_TEST

START_TEST(says_when_a_segment_is_truncated)
{
	struct binary *binary;

	begin(true);
	image_end(&image, ET_DYN);
	image_segment_header(&image, 0)->p_offset = image.bytes.count - 4;
	binary = open_image();
	expect_translation(binary, TEXT_ADDRESS + 3, true,
			   image.bytes.count - 1);
	expect_no_translation(binary, TEXT_ADDRESS + 4, true, -EBADMSG,
			      "its segment");
	binary_free(binary);
	image_segment_header(&image, 0)->p_offset = UINT64_MAX - 1;
	binary = open_image();
	expect_no_translation(binary, TEXT_ADDRESS + 4, true, -EBADMSG,
			      "its segment");
	close_all(binary);
}
END_TEST

START_TEST(finds_the_function_around_an_offset)
{
	static const struct image_symbol symbols[] = {
		{ "outer", TEXT_ADDRESS, 32, FUNCTION },
		{ "inner", TEXT_ADDRESS + 8, 8, FUNCTION },
		{ "label", TEXT_ADDRESS + 40, 0, STT_NOTYPE, STB_LOCAL, TEXT },
	};
	static const struct {
		uint64_t into;
		const char *name;
		uint64_t start, size;
	} expected[] = {
		{ 0, "outer", 0, 32 },	{ 7, "outer", 0, 32 },
		{ 8, "inner", 8, 8 },	{ 15, "inner", 8, 8 },
		{ 16, "outer", 0, 32 }, { 31, "outer", 0, 32 },
		{ 32, NULL, 32, 0 },	{ 40, "label", 40, 0 },
		{ 41, NULL, 41, 0 },
	};
	struct binary_place by_address, place;
	struct binary *binary;
	size_t i;

	begin(true);
	image_add_symbols(&image, SHT_SYMTAB, symbols, 3);
	image_end(&image, ET_DYN);
	binary = open_image();
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		uint64_t address = TEXT_ADDRESS + expected[i].into;

		ck_assert_int_eq(binary_find_offset(
					 binary, text_offset(expected[i].into),
					 &place),
				 0);
		ck_assert_int_eq(
			binary_find_address(binary, address, &by_address), 0);
		ck_assert_mem_eq(&place, &by_address, sizeof(place));
		ck_assert_uint_eq(place.address, address);
		ck_assert_uint_eq(place.offset, text_offset(expected[i].into));
		ck_assert_pstr_eq(place.name, expected[i].name);
		ck_assert_uint_eq(place.into,
				  expected[i].into - expected[i].start);
		ck_assert_uint_eq(place.size, expected[i].size);
	}
	ck_assert_int_eq(binary_find_offset(binary, 0, &place), -ERANGE);
	expect_words("offset 0 is in no executable segment");
	close_all(binary);
}
END_TEST

START_TEST(lists_functions_of_one_name)
{
	struct image_symbol symbols[24] = {
		{ "a.c", 0, 0, STT_FILE, STB_LOCAL, SHN_ABS },
		{ "twin", TEXT_ADDRESS, 8, LOCAL_FUNCTION },
		{ "b.c", 0, 0, STT_FILE, STB_LOCAL, SHN_ABS },
		{ "twin", TEXT_ADDRESS + 8, 8, LOCAL_FUNCTION },
		{ "same", TEXT_ADDRESS + 16, 8, FUNCTION },
		{ "same", TEXT_ADDRESS + 16, 8, FUNCTION },
	};
	struct binary *binary;
	size_t i;

	for (i = 6; i < 24; i++)
		symbols[i] = (struct image_symbol){ "many",
						    TEXT_ADDRESS + 8 * i, 8,
						    FUNCTION };
	begin(true);
	image_add_symbols(&image, SHT_SYMTAB, symbols, 24);
	image_end(&image, ET_DYN);
	binary = open_image();
	expect_none(binary, "twin", -EADDRNOTAVAIL, "ambiguous");
	ck_assert_str_eq(log_get_error(log_of_test),
			 "file: \"twin\" is ambiguous: twin at 0x1000 (a.c), "
			 "twin at 0x1008 (b.c): choose one by its address");
	expect_at(binary, "same", TEXT_ADDRESS + 16);
	expect_none(binary, "many", -EADDRNOTAVAIL, " and 10 more");
	close_all(binary);
}
END_TEST

/* As lld(1) has it: no version in .symtab, and the same address in .dynsym. */
START_TEST(takes_versions_out_of_names)
{
	static const struct image_symbol symbols[] = {
		{ "f@V1", TEXT_ADDRESS, 8, FUNCTION },
		{ "f", TEXT_ADDRESS, 8, FUNCTION },
		{ "f@@V2", TEXT_ADDRESS + 8, 8, FUNCTION },
		{ "g@V1", TEXT_ADDRESS + 16, 8, FUNCTION },
		{ "g@V2", TEXT_ADDRESS + 24, 8, FUNCTION },
		{ "h@@V2", TEXT_ADDRESS + 32, 8, FUNCTION },
		{ "h", TEXT_ADDRESS + 40, 8, LOCAL_FUNCTION },
		{ "@", TEXT_ADDRESS + 48, 8, FUNCTION },
		{ "k@", TEXT_ADDRESS + 56, 8, FUNCTION },
		{ "k@@", TEXT_ADDRESS + 56, 8, FUNCTION },
	};
	struct binary *binary;

	begin(true);
	image_add_symbols(&image, SHT_SYMTAB, symbols, 10);
	image_end(&image, ET_DYN);
	binary = open_image();
	expect_at(binary, "f", TEXT_ADDRESS + 8);
	expect_at(binary, "f@V2", TEXT_ADDRESS + 8);
	expect_at(binary, "f@@V2", TEXT_ADDRESS + 8);
	expect_at(binary, "f@V1", TEXT_ADDRESS);
	expect_none(binary, "f@@V1", -ENOENT, "there is f@V1, f, f@@V2");
	expect_none(binary, "g", -EADDRNOTAVAIL, "g@V1 at 0x1010, g@V2 at");
	expect_words("or its version");
	/* An own function is not another version of the exported one. */
	expect_none(binary, "h", -EADDRNOTAVAIL, "h@@V2 at 0x1020, h at");
	expect_at(binary, "h@V2", TEXT_ADDRESS + 32);
	expect_at(binary, "@", TEXT_ADDRESS + 48);
	expect_at(binary, "k", TEXT_ADDRESS + 56);
	close_all(binary);
}
END_TEST

/* A marker's note, ended by hand where @cut bytes are missing. */
static void put_marker(struct bytes *notes, bool is_64bit,
		       const uint64_t addresses[3], const char *texts,
		       size_t text_bytes)
{
	size_t i;

	put_u32(notes, 8);
	put_u32(notes, (uint32_t)((is_64bit ? 24 : 12) + text_bytes));
	put_u32(notes, 3);
	put_text(notes, "stapsdt");
	for (i = 0; i < 3; i++) {
		if (is_64bit)
			put_u64(notes, addresses[i]);
		else
			put_u32(notes, (uint32_t)addresses[i]);
	}
	put(notes, texts, text_bytes);
	while (notes->count % 4)
		put(notes, "", 1);
}

static uint16_t add_notes(const struct bytes *notes)
{
	return image_add_section(&image, &(struct image_section){
						 .name = ".note.stapsdt",
						 .type = SHT_NOTE,
						 .content = notes->data,
						 .bytes = notes->count,
					 });
}

static void add_base(void)
{
	image_add_section(&image, &(struct image_section){
					  .name = ".stapsdt.base",
					  .type = SHT_PROGBITS,
					  .flags = SHF_ALLOC,
					  .address = BASE_ADDRESS,
					  .content = "",
					  .bytes = 1,
				  });
}

static void check_markers(bool is_64bit, int64_t moved)
{
	const uint64_t addresses[3] = { TEXT_ADDRESS + 4 - (uint64_t)moved,
					BASE_ADDRESS - (uint64_t)moved,
					DATA_ADDRESS + 2 - (uint64_t)moved };
	const uint64_t discarded[3] = { 0, BASE_ADDRESS, 0 };
	const struct binary_marker *markers;
	struct bytes notes = { .count = 0 };
	struct binary *binary;
	size_t count;

	put_marker(&notes, is_64bit, addresses, "p\0n\0-4@%eax", 12);
	put_marker(&notes, is_64bit, discarded, "p\0n\0", 5);
	begin(is_64bit);
	add_notes(&notes);
	add_base();
	image_end(&image, ET_DYN);
	binary = open_image();
	ck_assert_int_eq(binary_get_markers(binary, &markers, &count), 0);
	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(markers->provider, "p");
	ck_assert_str_eq(markers->name, "n");
	ck_assert_str_eq(markers->arguments, "-4@%eax");
	ck_assert_uint_eq(markers->address, TEXT_ADDRESS + 4);
	ck_assert_uint_eq(markers->offset, text_offset(4));
	ck_assert_uint_eq(markers->semaphore_address, DATA_ADDRESS + 2);
	ck_assert_uint_eq(markers->semaphore_offset,
			  image.sections[DATA].offset + 2);
	close_all(binary);
}

START_TEST(reads_markers)
{
	check_markers(true, 0);
	check_markers(false, 0);
}
END_TEST

START_TEST(adjusts_markers_that_were_moved)
{
	check_markers(true, 0x100);
	check_markers(true, -0x10000);
	check_markers(false, 0x100);
	check_markers(false, -0x10000);
}
END_TEST

static void expect_bad_markers(const char *words)
{
	const struct binary_marker *markers;
	struct binary *binary;
	size_t count;

	image_end(&image, ET_DYN);
	binary = open_image();
	ck_assert_int_eq(binary_get_markers(binary, &markers, &count),
			 -EBADMSG);
	expect_words(words);
	close_all(binary);
}

/* Of a good marker and the given one, the second is named. */
static void expect_bad_marker(const uint64_t addresses[3], const char *texts,
			      size_t text_bytes, const char *words)
{
	static const uint64_t good[3] = { TEXT_ADDRESS, 0, 0 };
	struct bytes notes = { .count = 0 };

	put_marker(&notes, true, good, "p\0n\0", 5);
	put_marker(&notes, true, addresses, texts, text_bytes);
	begin(true);
	add_notes(&notes);
	expect_bad_markers(words);
}

START_TEST(says_which_marker_is_bad)
{
	static const uint64_t good[3] = { TEXT_ADDRESS, 0, 0 };
	static const uint64_t nowhere[3] = { 0x10, 0, 0 };
	static const uint64_t data[3] = { DATA_ADDRESS, 0, 0 };
	static const uint64_t zeroed[3] = { TEXT_ADDRESS, 0,
					    DATA_ADDRESS + DATA_BYTES };

	expect_bad_marker(good, "p\0n\0x", 5, "marker 2, at 0x34 of .note");
	expect_bad_marker(good, "p\0n\0x", 5, "a text does not end");
	expect_bad_marker(good, "p\0n", 4, "a text does not end");
	expect_bad_marker(good, "", 0, "a text does not end");
	expect_bad_marker(good, "\0n\0", 4, "it has no name");
	expect_bad_marker(good, "p\0\0", 4, "it has no name");
	expect_bad_marker(nowhere, "p\0n\0", 5, "0x10 is in no segment");
	expect_bad_marker(data, "p\0n\0", 5, "is data, not code");
	expect_bad_marker(zeroed, "p\0n\0", 5, "is zeroed memory");
}
END_TEST

START_TEST(refuses_notes_that_do_not_end)
{
	static const uint64_t good[3] = { TEXT_ADDRESS, 0, 0 };
	struct bytes notes = { .count = 0 };
	uint32_t huge = UINT32_MAX;

	put_u32(&notes, 8);
	put_u32(&notes, 8);
	put_u32(&notes, 3);
	put_text(&notes, "stapsdt");
	put_u64(&notes, TEXT_ADDRESS);
	begin(true);
	add_notes(&notes);
	expect_bad_markers("marker 1, at 0 of .note.stapsdt: too short");

	notes.count = 0;
	put_marker(&notes, true, good, "p\0n\0", 5);
	put_u32(&notes, 8);
	begin(true);
	add_notes(&notes);
	expect_bad_markers("marker 2, at 0x34 of .note.stapsdt: it does not");

	memcpy(notes.data + 4, &huge, sizeof(huge));
	begin(true);
	add_notes(&notes);
	expect_bad_markers("marker 1, at 0 of .note.stapsdt: it does not");
}
END_TEST

/* All of them together are larger than the file. */
START_TEST(refuses_sections_that_overlap)
{
	static const uint64_t good[3] = { TEXT_ADDRESS, 0, 0 };
	struct bytes notes = { .count = 0 };
	size_t i;

	for (i = 0; i < 20; i++)
		put_marker(&notes, true, good, "p\0n\0", 5);
	begin(true);
	add_notes(&notes);
	for (i = 0; i < 20; i++)
		add_notes(&(struct bytes){ .count = 0 });
	image_end(&image, ET_DYN);
	for (i = 0; i < 20; i++)
		*image_section_header(&image, 4 + i) =
			*image_section_header(&image, 3);
	expect_refused(image.bytes.count, -EBADMSG, "notes overlap");
	close_all(NULL);
}
END_TEST

static uint16_t add_dynamic(const Elf64_Dyn *entries, size_t bytes,
			    uint16_t strings)
{
	return image_add_section(&image, &(struct image_section){
						 .name = ".dynamic",
						 .type = SHT_DYNAMIC,
						 .content = entries,
						 .bytes = bytes,
						 .link = strings,
					 });
}

START_TEST(reads_names_of_libraries)
{
	static const Elf64_Dyn entries[] = {
		{ DT_NEEDED, { 1 } },  { DT_SONAME, { 9 } },
		{ DT_NEEDED, { 17 } }, { DT_NEEDED, { 1000 } },
		{ DT_NEEDED, { 0 } },  { DT_NULL, { 0 } },
		{ DT_SONAME, { 1 } },
	};
	static const struct image_symbol symbols[] = {
		{ "liba.so", 0, 0, STT_FUNC, STB_GLOBAL, SHN_UNDEF },
		{ "libb.so", 0, 0, STT_FUNC, STB_GLOBAL, SHN_UNDEF },
		{ "libc.so", 0, 0, STT_FUNC, STB_GLOBAL, SHN_UNDEF },
	};
	struct binary *binary;
	uint16_t table;

	begin(true);
	table = image_add_symbols(&image, SHT_DYNSYM, symbols, 3);
	add_dynamic(entries, sizeof(entries), (uint16_t)(table - 1));
	image_end(&image, ET_DYN);
	binary = open_image();
	expect_none(binary, "liba.so", -ENOENT, "look in liba.so, libc.so");
	close_all(binary);
}
END_TEST

static const unsigned char build_id_note[] = {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	4,   0,	  0,   0, 3,	0,    0,    0, 3, 0, 0, 0,
#else
	0,   0,	  0,   4, 0,	0,    0,    3, 0, 0, 0, 3,
#endif
	'G', 'N', 'U', 0, 0xab, 0xcd, 0xef, 0,
};

static void expect_build_id(void)
{
	struct binary *binary = open_image();
	const uint8_t *id;

	ck_assert_uint_eq(binary_get_build_id(binary, &id), 3);
	ck_assert_mem_eq(id, "\xab\xcd\xef", 3);
	close_all(binary);
}

START_TEST(reads_the_build_id)
{
	uint16_t note;
	size_t offset;

	begin(true);
	note = image_add_section(&image, &(struct image_section){
						 .name = ".note.gnu.build-id",
						 .type = SHT_NOTE,
						 .content = build_id_note,
						 .bytes = sizeof(build_id_note),
					 });
	offset = image.sections[note].offset;
	image_add_segment(&image, &(struct image_segment){
					  .type = PT_NOTE,
					  .offset = offset,
					  .file_bytes = sizeof(build_id_note),
				  });
	image_end(&image, ET_DYN);
	expect_build_id();

	/* Without sections; */
	image_header(&image)->e_shoff = 0;
	image_header(&image)->e_shnum = 0;
	image_header(&image)->e_shstrndx = 0;
	expect_build_id();
}
END_TEST

static void check_link(const char *content, size_t bytes, const char *name,
		       uint32_t crc)
{
	struct binary *binary;
	uint32_t found = 0;

	begin(true);
	image_add_section(&image, &(struct image_section){
					  .name = ".gnu_debuglink",
					  .type = SHT_PROGBITS,
					  .content = content,
					  .bytes = bytes,
				  });
	image_end(&image, ET_DYN);
	binary = open_image();
	ck_assert_pstr_eq(binary_get_debug_link(binary, &found), name);
	ck_assert_uint_eq(found, crc);
	close_all(binary);
}

START_TEST(reads_the_debug_link)
{
	check_link("name\0\0\0\0\1\1\1\1", 12, "name", 0x01010101);
	check_link("nam\0\1\1\1\1", 8, "nam", 0x01010101);
	check_link("nam\0\1\1\1\1", 7, NULL, 0);
	check_link("name", 4, NULL, 0);
	check_link("\0\0\0\0\1\1\1\1", 8, NULL, 0);
	check_link("", 0, NULL, 0);
}
END_TEST

static int make_file(const void *bytes, size_t size)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	return fd;
}

/* A mapping would end this process. */
START_TEST(survives_files_that_are_truncated_later)
{
	static const struct image_symbol symbol = { "f", TEXT_ADDRESS, 8,
						    FUNCTION };
	struct binary *binary = NULL;
	uint64_t address;
	int fd;

	begin(true);
	image_add_symbols(&image, SHT_SYMTAB, &symbol, 1);
	image_end(&image, ET_DYN);
	fd = make_file(image.bytes.data, image.bytes.count);
	ck_assert_int_eq(binary_open(log_of_test, fd, "file", &binary), 0);
	ck_assert_int_eq(ftruncate(fd, sizeof(Elf64_Ehdr)), 0);
	ck_assert_int_eq(find(binary, "f", &address), -EBADMSG);
	expect_words("file");
	binary_free(binary);
	ck_assert_int_eq(binary_open(log_of_test, fd, "file", &binary),
			 -EBADMSG);
	close(fd);
	ck_assert_int_eq(binary_open(log_of_test, -1, "file", &binary), -EBADF);
	close_all(NULL);
}
END_TEST

START_TEST(takes_debug_files_of_the_same_machine_alone)
{
	struct binary *own, *other;

	begin(false);
	image_end(&image, ET_DYN);
	other = open_image();
	begin(true);
	image_end(&image, ET_DYN);
	own = open_image();
	ck_assert_int_eq(binary_set_debug(own, other), -EINVAL);
	expect_words("another machine");
	binary_free(other);
	/* None of them has a build id. */
	other = open_image();
	ck_assert_int_eq(binary_set_debug(own, other), 0);
	close_all(own);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(reads_files_of_64_bits),
	TEST(reads_files_of_32_bits),
	TEST(refuses_what_is_no_elf_file),
	TEST(refuses_other_types_of_elf_files),
	TEST(says_where_a_file_is_truncated),
	TEST(says_which_section_is_truncated),
	TEST(refuses_tables_without_strings),
	TEST(leaves_out_names_outside_of_their_table),
	TEST(translates_addresses),
	TEST(says_when_a_segment_is_truncated),
	TEST(finds_the_function_around_an_offset),
	TEST(lists_functions_of_one_name),
	TEST(takes_versions_out_of_names),
	TEST(reads_markers),
	TEST(adjusts_markers_that_were_moved),
	TEST(says_which_marker_is_bad),
	TEST(refuses_notes_that_do_not_end),
	TEST(refuses_sections_that_overlap),
	TEST(reads_names_of_libraries),
	TEST(reads_the_build_id),
	TEST(reads_the_debug_link),
	TEST(survives_files_that_are_truncated_later),
	TEST(takes_debug_files_of_the_same_machine_alone),
};

HARNESS_MAIN("binary_file", tests, HARNESS_UNIT)
