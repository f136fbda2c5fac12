/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SDT_H
#define SDT_H

/*
 * Markers as <sys/sdt.h> of systemtap makes them, by its page
 * UserSpaceProbeImplementation, for tests that can't rely on that header.
 *
 *	SDT_MARKER(provider, name, argument, ...);
 *
 * An instruction that does nothing, and a note that says where it is and where
 * up to 12 integers or pointers are: SIZE@OPERAND, the size in bytes, below 0
 * for signed ones, the operand as the assembler writes it.
 *
 *	SDT_SEMAPHORE(provider, name);
 *	if (SDT_IS_WATCHED(provider, name))
 *		SDT_MARKER_WITH_SEMAPHORE(provider, name, argument, ...);
 *
 * The first line is outside of functions. Whoever watches counts up.
 */

#if __SIZEOF_POINTER__ == 8
#define SDT_ADDRESS ".8byte "
#else
#define SDT_ADDRESS ".4byte "
#endif

#define SDT_SEMAPHORE_NAME(provider, name) provider##_##name##_semaphore

#define SDT_SEMAPHORE(provider, name)                                          \
	volatile unsigned short SDT_SEMAPHORE_NAME(provider, name)             \
		__attribute__((section(".probes"), used,                       \
			       visibility("hidden")))

#define SDT_IS_WATCHED(provider, name)                                         \
	__builtin_expect(SDT_SEMAPHORE_NAME(provider, name), 0)

#define SDT_MARKER(provider, name, ...)                                        \
	SDT_EMIT(#provider, #name, "0", SDT_COUNT(__VA_ARGS__), ##__VA_ARGS__)

#define SDT_MARKER_WITH_SEMAPHORE(provider, name, ...)                         \
	SDT_EMIT(#provider, #name, #provider "_" #name "_semaphore",           \
		 SDT_COUNT(__VA_ARGS__), ##__VA_ARGS__)

#define SDT_COUNT(...)                                                         \
	SDT_AFTER_TWELVE(none, ##__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, \
			 2, 1, 0)
#define SDT_AFTER_TWELVE(none, a, b, c, d, e, f, g, h, i, j, k, l, count, ...) \
	count

#define SDT_EMIT(provider, name, semaphore, count, ...)                        \
	SDT_EMIT_COUNTED(provider, name, semaphore, count, ##__VA_ARGS__)

/* Addresses are the linker's, for the section is not loaded. */
#define SDT_EMIT_COUNTED(provider, name, semaphore, count, ...)                \
	__asm__ volatile("990: nop\n"                                          \
			 ".pushsection .note.stapsdt,\"?\",\"note\"\n"         \
			 ".balign 4\n"                                         \
			 ".4byte 992f-991f, 994f-993f, 3\n"                    \
			 "991: .asciz \"stapsdt\"\n"                           \
			 "992: .balign 4\n"                                    \
			 "993: " SDT_ADDRESS "990b\n" SDT_ADDRESS              \
			 "_.stapsdt.base\n" SDT_ADDRESS semaphore "\n"         \
			 ".asciz \"" provider "\"\n"                           \
			 ".asciz \"" name "\"\n"                               \
			 ".asciz \"" SDT_FORMAT_##count                        \
			 "\"\n"                                                \
			 "994: .balign 4\n"                                    \
			 ".popsection\n"                                       \
			 ".ifndef _.stapsdt.base\n"                            \
			 ".pushsection .stapsdt.base,\"aG\",\"progbits\","     \
			 ".stapsdt.base,comdat\n"                              \
			 ".weak _.stapsdt.base\n"                              \
			 ".hidden _.stapsdt.base\n"                            \
			 "_.stapsdt.base: .space 1\n"                          \
			 ".size _.stapsdt.base, 1\n"                           \
			 ".popsection\n"                                       \
			 ".endif\n"                                            \
			 :                                                     \
			 : SDT_OPERANDS_##count(__VA_ARGS__))

/* %n negates what it writes. */
#define SDT_SIZE(x)                                                            \
	(((__typeof__(x))-1 < (__typeof__(x))1 ? 1 : -1) * (int)sizeof(x))
#define SDT_OPERAND(n, x) [size##n] "n"(SDT_SIZE(x)), [value##n] "nor"(x)

#define SDT_FORMAT_0  ""
#define SDT_FORMAT_1  "%n[size1]@%[value1]"
#define SDT_FORMAT_2  SDT_FORMAT_1 " %n[size2]@%[value2]"
#define SDT_FORMAT_3  SDT_FORMAT_2 " %n[size3]@%[value3]"
#define SDT_FORMAT_4  SDT_FORMAT_3 " %n[size4]@%[value4]"
#define SDT_FORMAT_5  SDT_FORMAT_4 " %n[size5]@%[value5]"
#define SDT_FORMAT_6  SDT_FORMAT_5 " %n[size6]@%[value6]"
#define SDT_FORMAT_7  SDT_FORMAT_6 " %n[size7]@%[value7]"
#define SDT_FORMAT_8  SDT_FORMAT_7 " %n[size8]@%[value8]"
#define SDT_FORMAT_9  SDT_FORMAT_8 " %n[size9]@%[value9]"
#define SDT_FORMAT_10 SDT_FORMAT_9 " %n[size10]@%[value10]"
#define SDT_FORMAT_11 SDT_FORMAT_10 " %n[size11]@%[value11]"
#define SDT_FORMAT_12 SDT_FORMAT_11 " %n[size12]@%[value12]"

#define SDT_OPERANDS_0()
#define SDT_OPERANDS_1(a)	   SDT_OPERAND(1, a)
#define SDT_OPERANDS_2(a, b)	   SDT_OPERANDS_1(a), SDT_OPERAND(2, b)
#define SDT_OPERANDS_3(a, b, c)	   SDT_OPERANDS_2(a, b), SDT_OPERAND(3, c)
#define SDT_OPERANDS_4(a, b, c, d) SDT_OPERANDS_3(a, b, c), SDT_OPERAND(4, d)
#define SDT_OPERANDS_5(a, b, c, d, e)                                          \
	SDT_OPERANDS_4(a, b, c, d), SDT_OPERAND(5, e)
#define SDT_OPERANDS_6(a, b, c, d, e, f)                                       \
	SDT_OPERANDS_5(a, b, c, d, e), SDT_OPERAND(6, f)
#define SDT_OPERANDS_7(a, b, c, d, e, f, g)                                    \
	SDT_OPERANDS_6(a, b, c, d, e, f), SDT_OPERAND(7, g)
#define SDT_OPERANDS_8(a, b, c, d, e, f, g, h)                                 \
	SDT_OPERANDS_7(a, b, c, d, e, f, g), SDT_OPERAND(8, h)
#define SDT_OPERANDS_9(a, b, c, d, e, f, g, h, i)                              \
	SDT_OPERANDS_8(a, b, c, d, e, f, g, h), SDT_OPERAND(9, i)
#define SDT_OPERANDS_10(a, b, c, d, e, f, g, h, i, j)                          \
	SDT_OPERANDS_9(a, b, c, d, e, f, g, h, i), SDT_OPERAND(10, j)
#define SDT_OPERANDS_11(a, b, c, d, e, f, g, h, i, j, k)                       \
	SDT_OPERANDS_10(a, b, c, d, e, f, g, h, i, j), SDT_OPERAND(11, k)
#define SDT_OPERANDS_12(a, b, c, d, e, f, g, h, i, j, k, l)                    \
	SDT_OPERANDS_11(a, b, c, d, e, f, g, h, i, j, k), SDT_OPERAND(12, l)

#endif /* SDT_H */
