/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions in several versions. */
#include "fixture.h"

int first(int value);
int second(int value);
int third(int value);
int fourth(int value);
int fifth(int value);
int plain(int value);

/* One with a default, */
KEEP int first(int value)
{
	return value + 1;
}
__asm__(".symver first, chosen@FIXTURE_1");

KEEP int second(int value)
{
	return value + 2;
}
__asm__(".symver second, chosen@@FIXTURE_2");

/* one without, */
KEEP int third(int value)
{
	return value + 3;
}
__asm__(".symver third, retired@FIXTURE_1");

KEEP int fourth(int value)
{
	return value + 4;
}
__asm__(".symver fourth, retired@FIXTURE_2");

/* one that only old programs know, */
KEEP int fifth(int value)
{
	return value + 5;
}
__asm__(".symver fifth, single@FIXTURE_1");

/* and one whose version is the map's. */
KEEP int plain(int value)
{
	return value + 6;
}
