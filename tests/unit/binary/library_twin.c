/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fixture.h"

static KEEP int fixture_twin(int value)
{
	return value - 1;
}

fixture_function *fixture_other_twin_address(void)
{
	return fixture_twin;
}
