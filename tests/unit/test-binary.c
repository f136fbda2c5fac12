/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of the machine's own compiler and linker. Where things are is asked of
 * the dynamic linker and of the kernel: dlsym(3), and /proc/self/maps.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binary.h"
#include "binary_demangle.h"
#include "fixture.h"
#include "harness.h"
#include "log.h"

struct subject {
	struct log *log;
	int fd;
	struct binary *binary;
	/* NULL when it is a program. */
	void *loaded;
};

static struct subject open_file(const char *path)
{
	struct subject subject = {
		.log = log_new(),
		.fd = open(path, O_RDONLY | O_CLOEXEC),
	};
	int ret;

	ck_assert_int_ge(subject.fd, 0);
	ret = binary_open(subject.log, subject.fd, "file", &subject.binary);
	ck_assert_msg(!ret, "%s", log_get_error(subject.log));
	return subject;
}

static struct subject open_library(const char *path)
{
	struct subject subject = open_file(path);

	subject.loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	ck_assert_msg(subject.loaded != NULL, "%s", dlerror());
	return subject;
}

static void close_file(struct subject *subject)
{
	binary_free(subject->binary);
	close(subject->fd);
	log_free(subject->log);
	if (subject->loaded)
		dlclose(subject->loaded);
}

static void *look_up(struct subject *subject, const char *name)
{
	void *address = dlsym(subject->loaded, name);

	ck_assert_msg(address != NULL, "%s", dlerror());
	return address;
}

/* What a function that takes nothing answers: an address. */
static void *ask(struct subject *subject, const char *name)
{
	void *(*function)(void);

	*(void **)&function = look_up(subject, name);
	return function();
}

static uint64_t linked_address(struct subject *subject, const void *address)
{
	struct link_map *map;

	ck_assert_int_eq(dlinfo(subject->loaded, RTLD_DI_LINKMAP, &map), 0);
	return (uint64_t)(uintptr_t)address - map->l_addr;
}

static struct binary_place find(struct subject *subject, const char *name)
{
	struct binary_place place = { 0 };
	int ret = binary_find_function(subject->binary, name, &place);

	ck_assert_msg(!ret, "%s", log_get_error(subject->log));
	return place;
}

static void expect_function(struct subject *subject, const char *name,
			    const void *address)
{
	struct binary_place place = find(subject, name);

	ck_assert_uint_eq(place.address, linked_address(subject, address));
	ck_assert_uint_eq(place.offset,
			  harness_file_offset((uintptr_t)address));
	ck_assert_uint_eq(place.into, 0);
}

static void expect_words(struct subject *subject, const char *words)
{
	const char *error = log_get_error(subject->log);

	ck_assert_msg(strstr(error, words), "%s: no \"%s\"", error, words);
}

static void expect_none(struct subject *subject, const char *name, int code,
			const char *words)
{
	struct binary_place place;

	ck_assert_int_eq(binary_find_function(subject->binary, name, &place),
			 code);
	expect_words(subject, words);
}

START_TEST(finds_functions)
{
	struct subject library = open_library(FIXTURE_LIBRARY);
	struct binary_place place;

	expect_function(&library, "fixture_exported",
			look_up(&library, "fixture_exported"));
	expect_function(&library, "fixture_alias",
			look_up(&library, "fixture_exported"));
	expect_function(&library, "fixture_hidden",
			ask(&library, "fixture_hidden_address"));
	expect_function(&library, "fixture_assembly",
			look_up(&library, "fixture_assembly"));
	expect_function(&library, "fixture_variant.constprop.0",
			ask(&library, "fixture_variant_address"));
	place = find(&library, "fixture_hidden");
	ck_assert_str_eq(place.name, "fixture_hidden");
	ck_assert_uint_gt(place.size, 0);
	ck_assert_uint_eq(find(&library, "fixture_assembly").size, 0);
	close_file(&library);
}
END_TEST

START_TEST(finds_the_function_of_an_address)
{
	struct subject library = open_library(FIXTURE_LIBRARY);
	struct binary_place start = find(&library, "fixture_hidden");
	struct binary_place by_address, by_offset;

	ck_assert_int_eq(binary_find_address(library.binary, start.address + 1,
					     &by_address),
			 0);
	ck_assert_int_eq(binary_find_offset(library.binary, start.offset + 1,
					    &by_offset),
			 0);
	ck_assert_mem_eq(&by_address, &by_offset, sizeof(by_offset));
	ck_assert_str_eq(by_offset.name, "fixture_hidden");
	ck_assert_uint_eq(by_offset.into, 1);
	ck_assert_uint_eq(by_offset.size, start.size);
	ck_assert_uint_eq(by_offset.address, start.address + 1);
	close_file(&library);
}
END_TEST

START_TEST(never_guesses)
{
	struct subject library = open_library(FIXTURE_LIBRARY);
	char address[2][64];

	snprintf(address[0], sizeof(address[0]),
		 "fixture_twin at %#" PRIx64 " (library.c)",
		 linked_address(&library,
				ask(&library, "fixture_twin_address")));
	snprintf(address[1], sizeof(address[1]),
		 "fixture_twin at %#" PRIx64 " (library_twin.c)",
		 linked_address(&library,
				ask(&library, "fixture_other_twin_address")));
	expect_none(&library, "fixture_twin", -EADDRNOTAVAIL, address[0]);
	expect_words(&library, address[1]);
	expect_words(&library, "choose one by its address");
	close_file(&library);
}
END_TEST

START_TEST(says_why_there_is_no_function)
{
	struct subject library = open_library(FIXTURE_LIBRARY);

	expect_none(&library, "fixture_exportet", -ENOENT,
		    "did you mean fixture_exported, fixture_");
	expect_none(&library, "zzzzzzzzzzzzzzzz", -ENOENT,
		    "no function \"zzzzzzzzzzzzzzzz\" is known");
	ck_assert_str_eq(log_get_remedy(library.log), "");
	expect_none(&library, "", -ENOENT, "no function \"\" is known");
	expect_none(&library, "puts", -ENOENT,
		    "\"puts\" is not in this file, which imports it: look in "
		    "libc.so");
	expect_none(&library, "puts@GLIBC_2.2.5", -ENOENT, "look in libc.so");
	expect_none(&library, "fixture_data", -ENOENT,
		    "\"fixture_data\" is data, not a function");
	expect_none(&library, "fixture_variant", -ENOENT,
		    "the compiler has made fixture_variant.constprop.0 of it");
	close_file(&library);
}
END_TEST

START_TEST(names_the_implementations)
{
	struct subject library = open_library(FIXTURE_LIBRARY);
	struct subject stripped = open_file(FIXTURE_STRIPPED);

	expect_none(&library, "fixture_indirect", -EOPNOTSUPP,
		    "chosen when the program starts");
	ck_assert_str_eq(log_get_remedy(library.log),
			 "choose one: fixture_indirect_fast, "
			 "fixture_indirect_slow");
	expect_function(&library, "fixture_indirect_fast",
			look_up(&library, "fixture_indirect"));
	expect_none(&stripped, "fixture_indirect", -EOPNOTSUPP,
		    "install the debug file");
	close_file(&stripped);
	close_file(&library);
}
END_TEST

START_TEST(finds_data)
{
	struct subject library = open_library(FIXTURE_LIBRARY);
	void *data = look_up(&library, "fixture_data");
	void *zeroed = look_up(&library, "fixture_zeroed");
	uint64_t address = 0, offset = 0;

	ck_assert_int_eq(binary_find_symbol_address(library.binary,
						    "fixture_data", &address),
			 0);
	ck_assert_uint_eq(address, linked_address(&library, data));
	ck_assert_int_eq(
		binary_translate(library.binary, address, false, &offset), 0);
	ck_assert_uint_eq(offset, harness_file_offset((uintptr_t)data));
	ck_assert_int_eq(binary_translate(library.binary, address, true,
					  &offset),
			 -EINVAL);
	ck_assert_int_eq(binary_find_symbol_address(library.binary,
						    "fixture_zeroed", &address),
			 0);
	ck_assert_uint_eq(address, linked_address(&library, zeroed));
	ck_assert_int_eq(binary_translate(library.binary, address + 65535,
					  false, &offset),
			 -EINVAL);
	expect_words(&library, "zeroed memory");
	ck_assert_int_eq(binary_find_symbol_address(library.binary,
						    "fixture_dato", &address),
			 -ENOENT);
	expect_words(&library, "did you mean fixture_data, ");
	close_file(&library);
}
END_TEST

/* The answer of a program that says where its function is. */
static void run_program(const char *path, uint64_t *address, uint64_t *offset)
{
	FILE *pipe = popen(path, "re");

	ck_assert_ptr_nonnull(pipe);
	ck_assert_int_eq(fscanf(pipe, "%" SCNx64 " %" SCNx64, address, offset),
			 2);
	ck_assert_int_eq(pclose(pipe), 0);
}

START_TEST(finds_functions_of_programs)
{
	struct subject program = open_file(FIXTURE_PROGRAM);
	struct subject fixed = open_file(FIXTURE_FIXED_PROGRAM);
	struct binary_place place;
	uint64_t address, offset;

	run_program(FIXTURE_PROGRAM, &address, &offset);
	place = find(&program, "program_function");
	ck_assert_uint_eq(place.offset, offset);
	ck_assert_uint_eq((address - place.address) % 4096, 0);

	run_program(FIXTURE_FIXED_PROGRAM, &address, &offset);
	place = find(&fixed, "program_function");
	ck_assert_uint_eq(place.offset, offset);
	ck_assert_uint_eq(place.address, address);
	close_file(&fixed);
	close_file(&program);
}
END_TEST

START_TEST(says_what_to_do_without_symbols)
{
	struct subject library = open_file(FIXTURE_STRIPPED);
	struct subject program = open_file(FIXTURE_STRIPPED_PROGRAM);

	ck_assert_uint_gt(find(&library, "fixture_exported").offset, 0);
	expect_none(&library, "fixture_hidden", -ENOENT,
		    "only exported ones have symbols");
	expect_words(&library, "install its debug file, or give an address");
	expect_none(&program, "main", -ENOENT, "the file has no symbols");
	expect_words(&program, "install its debug file, or give an address");
	close_file(&program);
	close_file(&library);
}
END_TEST

START_TEST(finds_functions_with_the_debug_file)
{
	struct subject loaded = open_library(FIXTURE_LIBRARY);
	struct subject stripped = open_file(FIXTURE_STRIPPED);
	struct subject debug = open_file(FIXTURE_DEBUG);
	struct subject other = open_file(FIXTURE_PROGRAM);

	expect_none(&stripped, "fixture_hidden", -ENOENT, "only exported ones");
	ck_assert_int_eq(binary_set_debug(stripped.binary, other.binary),
			 -EINVAL);
	expect_words(&stripped, "the debug file of another");
	expect_none(&stripped, "fixture_hidden", -ENOENT, "only exported ones");
	ck_assert_int_eq(binary_set_debug(stripped.binary, debug.binary), 0);
	debug.binary = NULL;

	stripped.loaded = loaded.loaded;
	expect_function(&stripped, "fixture_hidden",
			ask(&loaded, "fixture_hidden_address"));
	expect_function(&stripped, "fixture_exported",
			look_up(&loaded, "fixture_exported"));
	expect_none(&stripped, "fixture_twin", -EADDRNOTAVAIL, "library.c");
	stripped.loaded = NULL;
	close_file(&other);
	close_file(&stripped);
	close_file(&debug);
	close_file(&loaded);
}
END_TEST

struct id {
	const char *name;
	const uint8_t *bytes;
	size_t size;
};

/* Out of the memory of a library that was loaded. */
static int read_loaded_id(struct dl_phdr_info *info, size_t size, void *data)
{
	struct id *id = data;
	int i;

	(void)size;
	if (!strstr(info->dlpi_name, id->name))
		return 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		const char *at = (char *)info->dlpi_addr + header->p_vaddr;
		const ElfW(Nhdr) *note = (const void *)at;

		if (header->p_type != PT_NOTE ||
		    note->n_type != NT_GNU_BUILD_ID || note->n_namesz != 4)
			continue;
		id->bytes = (const uint8_t *)(note + 1) + 4;
		id->size = note->n_descsz;
		return 1;
	}
	return 0;
}

START_TEST(reads_the_build_id)
{
	struct subject library = open_library(FIXTURE_LIBRARY);
	struct subject debug = open_file(FIXTURE_DEBUG);
	struct id id = { .name = FIXTURE_LIBRARY };
	const uint8_t *bytes;

	ck_assert_int_eq(dl_iterate_phdr(read_loaded_id, &id), 1);
	ck_assert_uint_eq(id.size, 20);
	ck_assert_uint_eq(binary_get_build_id(library.binary, &bytes), id.size);
	ck_assert_mem_eq(bytes, id.bytes, id.size);
	ck_assert_uint_eq(binary_get_build_id(debug.binary, &bytes), id.size);
	ck_assert_mem_eq(bytes, id.bytes, id.size);
	close_file(&debug);
	close_file(&library);
}
END_TEST

/* IEEE 802.3's, bit by bit. */
static uint32_t checksum(const char *path)
{
	FILE *file = fopen(path, "re");
	uint32_t crc = UINT32_MAX;
	int byte, bit;

	ck_assert_ptr_nonnull(file);
	while ((byte = fgetc(file)) != EOF) {
		crc ^= (uint32_t)byte;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	fclose(file);
	return ~crc;
}

START_TEST(reads_names_of_other_files)
{
	struct subject library = open_file(FIXTURE_LIBRARY);
	struct subject stripped = open_file(FIXTURE_STRIPPED);
	uint32_t crc;

	ck_assert_ptr_null(binary_get_debug_link(library.binary, &crc));
	ck_assert_str_eq(binary_get_debug_link(stripped.binary, &crc),
			 "binary-fixture.debug");
	ck_assert_uint_eq(crc, checksum(FIXTURE_DEBUG));
	close_file(&stripped);
	close_file(&library);
}
END_TEST

static void expect_version(struct subject *library, const char *text,
			   const char *name, const char *version)
{
	void *address = dlvsym(library->loaded, name, version);

	ck_assert_msg(address != NULL, "%s", dlerror());
	expect_function(library, text, address);
}

START_TEST(tells_versions_apart)
{
	struct subject library = open_library(FIXTURE_VERSIONS);

	expect_version(&library, "chosen", "chosen", "FIXTURE_2");
	expect_version(&library, "chosen@@FIXTURE_2", "chosen", "FIXTURE_2");
	expect_version(&library, "chosen@FIXTURE_2", "chosen", "FIXTURE_2");
	expect_version(&library, "chosen@FIXTURE_1", "chosen", "FIXTURE_1");
	expect_version(&library, "retired@FIXTURE_1", "retired", "FIXTURE_1");
	expect_version(&library, "retired@FIXTURE_2", "retired", "FIXTURE_2");
	expect_version(&library, "single", "single", "FIXTURE_1");
	expect_version(&library, "plain", "plain", "FIXTURE_2");
	expect_version(&library, "plain@FIXTURE_2", "plain", "FIXTURE_2");
	expect_none(&library, "retired", -EADDRNOTAVAIL, "retired@FIXTURE_1");
	expect_words(&library, "retired@FIXTURE_2");
	expect_words(&library, "or its version");
	expect_none(&library, "chosen@FIXTURE_3", -ENOENT,
		    "no \"chosen@FIXTURE_3\"");
	expect_words(&library, "chosen@@FIXTURE_2");
	ck_assert_str_eq(find(&library, "chosen").name, "chosen");
	close_file(&library);
}
END_TEST

/* The C library's own, as most users have it: with .dynsym alone. */
START_TEST(reads_the_c_library)
{
	struct subject library;
	Dl_info info;

	ck_assert_int_ne(dladdr((void *)(uintptr_t)getppid, &info), 0);
	library = open_library(info.dli_fname);
	expect_function(&library, "malloc_usable_size",
			look_up(&library, "malloc_usable_size"));
	expect_function(&library, "getppid", look_up(&library, "getppid"));
	close_file(&library);
}
END_TEST

static const struct {
	const char *text;
	const char *mangled;
} cpp_names[] = {
	{ "ns::Class::method(int)", "_ZN2ns5Class6methodEi" },
	{ "ns::Class::method( long,char const * ) const",
	  "_ZNK2ns5Class6methodElPKc" },
	{ "ns::Class::method(long, char const*)", "_ZNK2ns5Class6methodElPKc" },
	{ "ns::Class::single", "_ZN2ns5Class6singleEmPv" },
	{ "ns::Class::single(unsigned long, void*)",
	  "_ZN2ns5Class6singleEmPv" },
	{ "ns::Class::operator()", "_ZN2ns5ClassclEi" },
	{ "ns::operator<<", "_ZN2nslsERNS_5ClassEi" },
	{ "ns::Class::operator bool", "_ZNK2ns5ClasscvbEv" },
	{ "ns::Class::~Class", "_ZN2ns5ClassD1Ev" },
	{ "ns::(anonymous namespace)::inside",
	  "_ZN2ns12_GLOBAL__N_16insideEv" },
	{ "ns::larger<int>", "_ZN2ns6largerIiEET_S1_S1_" },
	{ "ns::print<char const*>(char const*)", "_ZN2ns5printIPKcEEvT_" },
	{ "ns::Class::virtual", "_ZN2ns5Class7virtualEv" },
	{ "_ZN2ns5Class6methodEi", "_ZN2ns5Class6methodEi" },
};

START_TEST(finds_names_of_cpp)
{
	struct subject library = open_library(FIXTURE_NAMES);
	size_t i;

	if (!binary_demangle_is_available())
		skip("names of C++ are not read by this build");
	for (i = 0; i < sizeof(cpp_names) / sizeof(cpp_names[0]); i++) {
		expect_function(&library, cpp_names[i].text,
				look_up(&library, cpp_names[i].mangled));
		ck_assert_str_eq(find(&library, cpp_names[i].text).name,
				 cpp_names[i].mangled);
	}
	close_file(&library);
}
END_TEST

START_TEST(lists_overloads)
{
	struct subject library = open_library(FIXTURE_NAMES);

	if (!binary_demangle_is_available())
		skip("names of C++ are not read by this build");
	expect_none(&library, "ns::Class::method", -EADDRNOTAVAIL,
		    "ns::Class::method(int) at 0x");
	expect_words(&library,
		     "ns::Class::method(long, char const*) const at 0x");
	expect_words(&library, "or its full name");
	expect_none(&library, "Class::method", -ENOENT, "did you mean ns::");
	expect_words(&library, "ns::Class::method(int)");
	expect_none(&library, "single", -ENOENT,
		    "did you mean ns::Class::single(unsigned long, void*)");
	close_file(&library);
}
END_TEST

static const char *expected_argument(void)
{
#ifdef __x86_64__
	return "-4@$12";
#else
	return "-4@12";
#endif
}

static void check_marker(struct subject *library,
			 const struct binary_marker *marker, const char *name)
{
	struct binary_place around;

	ck_assert_str_eq(marker->provider, "fixture");
	ck_assert_str_eq(marker->name, name);
	ck_assert_int_eq(binary_find_address(library->binary, marker->address,
					     &around),
			 0);
	ck_assert_str_eq(around.name, "fixture_marked");
	ck_assert_uint_eq(around.offset, marker->offset);
}

/* The marker's instruction does nothing. */
static void check_instruction(struct subject *library,
			      const struct binary_marker *marker)
{
#if defined(__x86_64__) || defined(__i386__)
	static const unsigned char expected[] = { 0x90 };
#else
	static const uint32_t expected[] = { 0xd503201f };
#endif
	unsigned char found[sizeof(expected)];

	ck_assert_int_eq(pread(library->fd, found, sizeof(found),
			       (off_t)marker->offset),
			 sizeof(found));
	ck_assert_mem_eq(found, expected, sizeof(found));
}

static void check_semaphore(struct subject *library,
			    const struct binary_marker *marker)
{
	const void *semaphore = ask(library, "fixture_semaphore_address");

	ck_assert_uint_eq(marker->semaphore_address,
			  linked_address(library, semaphore));
	ck_assert_uint_eq(marker->semaphore_offset,
			  harness_file_offset((uintptr_t)semaphore));
}

static size_t count_spaces(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == ' ';
	return count;
}

START_TEST(reads_markers)
{
	static const char *const names[] = { "none", "some", "none",
					     "watched" };
	struct subject library = open_library(FIXTURE_LIBRARY);
	const struct binary_marker *markers;
	const struct binary_marker *watched = NULL;
	size_t count, i, seen[3] = { 0 };

	ck_assert_int_eq(binary_get_markers(library.binary, &markers, &count),
			 0);
	ck_assert_uint_eq(count, sizeof(names) / sizeof(names[0]));
	for (i = 0; i < count; i++) {
		const struct binary_marker *marker = &markers[i];

		check_marker(&library, marker, marker->name);
		check_instruction(&library, marker);
		if (!strcmp(marker->name, "watched")) {
			watched = marker;
			continue;
		}
		ck_assert_uint_eq(marker->semaphore_address, 0);
		ck_assert_uint_eq(count_spaces(marker->arguments),
				  strcmp(marker->name, "some") ? 0 : 4);
		seen[!strcmp(marker->name, "some")]++;
	}
	ck_assert_uint_eq(seen[0], 2);
	ck_assert_uint_eq(seen[1], 1);
	ck_assert_ptr_nonnull(watched);
	ck_assert_uint_eq(count_spaces(watched->arguments), 11);
	ck_assert_ptr_nonnull(strstr(watched->arguments, expected_argument()));
	check_semaphore(&library, watched);
	close_file(&library);
}
END_TEST

START_TEST(has_no_markers)
{
	struct subject library = open_library(FIXTURE_VERSIONS);
	const struct binary_marker *markers;
	size_t count = 1;

	ck_assert_int_eq(binary_get_markers(library.binary, &markers, &count),
			 0);
	ck_assert_uint_eq(count, 0);
	close_file(&library);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(finds_functions),
	TEST(finds_the_function_of_an_address),
	TEST(never_guesses),
	TEST(says_why_there_is_no_function),
	TEST(names_the_implementations),
	TEST(finds_data),
	TEST(finds_functions_of_programs),
	TEST(says_what_to_do_without_symbols),
	TEST(finds_functions_with_the_debug_file),
	TEST(reads_the_build_id),
	TEST(reads_names_of_other_files),
	TEST(tells_versions_apart),
	TEST(reads_the_c_library),
	TEST(finds_names_of_cpp),
	TEST(lists_overloads),
	TEST(reads_markers),
	TEST(has_no_markers),
};

HARNESS_MAIN("binary", tests, HARNESS_UNIT)
