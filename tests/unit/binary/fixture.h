/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FIXTURE_H
#define FIXTURE_H

/*
 * Files whose symbols are known: libraries that test-binary.c loads, to ask the
 * dynamic linker where things are, and programs that say it of themselves.
 */

#define KEEP __attribute__((noinline, noclone, used))

/* Functions that are not exported, by a name of their own. */
typedef int fixture_function(int);
fixture_function *fixture_hidden_address(void);
fixture_function *fixture_twin_address(void);
fixture_function *fixture_other_twin_address(void);
fixture_function *fixture_variant_address(void);

int fixture_exported(int value);
int fixture_alias(int value);
void fixture_assembly(void);
int fixture_indirect(int value);

extern int fixture_data;
extern char fixture_zeroed[65536];

/* With the markers fixture:none, fixture:some and fixture:watched. */
void fixture_marked(signed char first, unsigned long second, void *third);
volatile unsigned short *fixture_semaphore_address(void);

#endif /* FIXTURE_H */
