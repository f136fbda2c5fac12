/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "context.h"
#include "harness.h"
#include "log.h"
#include "source_config.h"

static struct perftrace_context *context;
static struct perftrace_source_config *config;
static struct source_settings settings;

static void begin(void)
{
	ck_assert_int_eq(perftrace_context_new(&context), 0);
	ck_assert_int_eq(perftrace_source_config_new(context, &config), 0);
}

static void end(void)
{
	perftrace_source_config_free(config);
	perftrace_context_unref(context);
}

static void take(struct perftrace_source_config *from)
{
	ck_assert_int_eq(source_settings_take(context_get_log(context), from,
					      &settings),
			 0);
}

static void expect_failure(int ret, const char *error)
{
	ck_assert_int_eq(ret, -EINVAL);
	ck_assert_int_eq(perftrace_context_get_error_code(context), -EINVAL);
	ck_assert_str_eq(perftrace_context_error(context), error);
}

static void expect_defaults(struct perftrace_source_config *from)
{
	take(from);
	ck_assert_ptr_null(settings.filter);
	ck_assert_uint_eq(settings.period, 1);
	ck_assert_uint_eq(settings.callchain, PERFTRACE_CALLCHAIN_NONE);
	ck_assert(!settings.exclude_kernel);
	source_settings_clear(&settings);
}

START_TEST(has_defaults)
{
	begin();
	expect_defaults(config);
	expect_defaults(NULL);
	end();
	perftrace_source_config_free(NULL);
}
END_TEST

START_TEST(takes_filters)
{
	char filter[] = "prio < 100";

	begin();
	ck_assert_int_eq(perftrace_source_config_set_filter(config, filter), 0);
	filter[0] = '#';
	take(config);
	ck_assert_str_eq(settings.filter, "prio < 100");
	source_settings_clear(&settings);
	ck_assert_ptr_null(settings.filter);
	ck_assert_int_eq(perftrace_source_config_set_filter(config, "x"), 0);
	take(config);
	ck_assert_str_eq(settings.filter, "x");
	source_settings_clear(&settings);
	ck_assert_int_eq(perftrace_source_config_set_filter(config, NULL), 0);
	expect_defaults(config);
	end();
}
END_TEST

START_TEST(takes_periods)
{
	begin();
	ck_assert_int_eq(perftrace_source_config_set_period(config, 2), 0);
	ck_assert_int_eq(perftrace_source_config_set_period(config, INT64_MAX),
			 0);
	expect_failure(perftrace_source_config_set_period(config, 0),
		       "a period of 0: it is 1 to 2^63 - 1");
	expect_failure(perftrace_source_config_set_period(
			       config, (uint64_t)INT64_MAX + 1),
		       "a period of 9223372036854775808: it is 1 to 2^63 - 1");
	take(config);
	ck_assert_uint_eq(settings.period, INT64_MAX);
	end();
}
END_TEST

START_TEST(takes_callchains)
{
	begin();
	ck_assert_int_eq(perftrace_source_config_set_callchain(config, 3), 0);
	expect_failure(perftrace_source_config_set_callchain(config, 4),
		       "unknown callchain bits 0x4");
	expect_failure(perftrace_source_config_set_callchain(config,
							     UINT32_MAX),
		       "unknown callchain bits 0xfffffffc");
	take(config);
	ck_assert_uint_eq(settings.callchain, PERFTRACE_CALLCHAIN_KERNEL |
						      PERFTRACE_CALLCHAIN_USER);
	ck_assert_int_eq(perftrace_source_config_set_callchain(config, 0), 0);
	expect_defaults(config);
	end();
}
END_TEST

START_TEST(excludes_the_kernel)
{
	begin();
	ck_assert_int_eq(
		perftrace_source_config_set_exclude_kernel(config, true), 0);
	take(config);
	ck_assert(settings.exclude_kernel);
	ck_assert_int_eq(
		perftrace_source_config_set_exclude_kernel(config, false), 0);
	expect_defaults(config);
	end();
}
END_TEST

START_TEST(copies_are_independent)
{
	begin();
	ck_assert_int_eq(perftrace_source_config_set_filter(config, "first"),
			 0);
	take(config);
	ck_assert_int_eq(perftrace_source_config_set_filter(config, "second"),
			 0);
	ck_assert_int_eq(perftrace_source_config_set_period(config, 9), 0);
	end();
	ck_assert_str_eq(settings.filter, "first");
	ck_assert_uint_eq(settings.period, 1);
	source_settings_clear(&settings);
}
END_TEST

START_TEST(keeps_its_context)
{
	begin();
	perftrace_context_unref(context);
	ck_assert_int_eq(perftrace_source_config_set_period(config, 0),
			 -EINVAL);
	perftrace_source_config_free(config);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(has_defaults),	   TEST(takes_filters),
	TEST(takes_periods),	   TEST(takes_callchains),
	TEST(excludes_the_kernel), TEST(copies_are_independent),
	TEST(keeps_its_context),
};

HARNESS_MAIN("source_config", tests, HARNESS_UNIT)
