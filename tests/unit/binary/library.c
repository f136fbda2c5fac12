/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of each kind of symbol one; library_twin.c has a function of the same name. */
#include "fixture.h"

#include <stdio.h>

#include "sdt.h"

int fixture_data = 42;
char fixture_zeroed[65536];

KEEP int fixture_exported(int value)
{
	return puts("exported") + value;
}

int fixture_alias(int value) __attribute__((alias("fixture_exported")));

static KEEP int fixture_hidden(int value)
{
	return value * fixture_data;
}

fixture_function *fixture_hidden_address(void)
{
	return fixture_hidden;
}

static KEEP int fixture_twin(int value)
{
	return value + fixture_data;
}

fixture_function *fixture_twin_address(void)
{
	return fixture_twin;
}

/* The compiler gives such names to a function that it has changed. */
static KEEP int variant(int value) __asm__("fixture_variant.constprop.0");

static KEEP int variant(int value)
{
	return value - fixture_data;
}

fixture_function *fixture_variant_address(void)
{
	return variant;
}

/* Without a type and without a size. */
__asm__(".pushsection .text\n"
	".globl fixture_assembly\n"
	"fixture_assembly: ret\n"
	".popsection\n");

static KEEP int fixture_indirect_fast(int value)
{
	return value;
}

static KEEP int fixture_indirect_slow(int value)
{
	return value + 1;
}

static fixture_function *resolve(void)
{
	return fixture_indirect_fast;
}

int fixture_indirect(int value) __attribute__((ifunc("resolve")));

SDT_SEMAPHORE(fixture, watched);

volatile unsigned short *fixture_semaphore_address(void)
{
	return &SDT_SEMAPHORE_NAME(fixture, watched);
}

KEEP void fixture_marked(signed char first, unsigned long second, void *third)
{
	SDT_MARKER(fixture, none);
	SDT_MARKER(fixture, some, first, second, third, 5, fixture_data);
	if (SDT_IS_WATCHED(fixture, watched))
		SDT_MARKER_WITH_SEMAPHORE(fixture, watched, 1, 2, 3, 4, 5, 6, 7,
					  8, 9, 10, 11, 12);
	/* A second place of the first one. */
	SDT_MARKER(fixture, none);
}
