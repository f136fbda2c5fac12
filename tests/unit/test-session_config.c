/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <perftrace/session.h>

#include "context.h"
#include "harness.h"
#include "log.h"
#include "session_config.h"
#include "sys.h"

static struct perftrace_context *context;
static struct perftrace_session_config *config;
static struct session_settings settings;

static void begin(void)
{
	ck_assert_int_eq(perftrace_context_new(&context), 0);
	ck_assert_int_eq(perftrace_session_config_new(context, &config), 0);
}

static void end(void)
{
	perftrace_session_config_free(config);
	perftrace_context_unref(context);
}

static int take(void)
{
	return session_settings_take(context_get_log(context), config,
				     &settings);
}

static void expect_take(void)
{
	ck_assert_int_eq(take(), 0);
}

static void expect_failure(int ret, const char *error)
{
	ck_assert_int_eq(ret, -EINVAL);
	ck_assert_int_eq(perftrace_context_get_error_code(context), -EINVAL);
	ck_assert_str_eq(perftrace_context_error(context), error);
}

static void expect_defaults(void)
{
	ck_assert_uint_eq(settings.cpus.count, 0);
	ck_assert_int_eq(settings.pid, NO_PID);
	ck_assert_ptr_null(settings.command);
	ck_assert_ptr_null(settings.cgroup);
	ck_assert(!settings.is_system_wide);
	ck_assert_int_eq(settings.mode, PERFTRACE_MODE_STREAM);
	ck_assert_int_eq(settings.order, PERFTRACE_ORDER_TIME);
	ck_assert_int_eq(settings.clock, PERFTRACE_CLOCK_MONOTONIC);
	ck_assert_uint_eq(settings.sideband, PERFTRACE_SIDEBAND_NONE);
	ck_assert_uint_eq(settings.flush_interval_ms, 100);
	ck_assert_uint_eq(settings.horizon_ns, 1000000);
	ck_assert_uint_eq(settings.ring_bytes, 1 << 20);
	ck_assert_uint_eq(settings.watermark_bytes, 1 << 18);
}

START_TEST(has_defaults)
{
	begin();
	expect_take();
	expect_defaults();
	session_settings_clear(&settings);
	ck_assert_int_eq(session_settings_take(context_get_log(context), NULL,
					       &settings),
			 0);
	expect_defaults();
	session_settings_clear(&settings);
	end();
	perftrace_session_config_free(NULL);
}
END_TEST

START_TEST(keeps_its_context)
{
	begin();
	perftrace_context_unref(perftrace_context_ref(context));
	perftrace_context_unref(context);
	ck_assert_int_eq(perftrace_session_config_set_pid(config, -2), -EINVAL);
	perftrace_session_config_free(config);
}
END_TEST

START_TEST(takes_cpus)
{
	char cpus[] = "3,0-1";

	begin();
	ck_assert_int_eq(perftrace_session_config_set_cpus(config, cpus), 0);
	memset(cpus, '#', sizeof(cpus) - 1);
	expect_take();
	ck_assert_uint_eq(settings.cpus.count, 3);
	ck_assert_int_eq(settings.cpus.cpus[0], 0);
	ck_assert_int_eq(settings.cpus.cpus[2], 3);
	session_settings_clear(&settings);
	ck_assert_int_eq(perftrace_session_config_set_cpus(config, "7"), 0);
	ck_assert_int_eq(perftrace_session_config_set_cpus(config, NULL), 0);
	expect_take();
	ck_assert_uint_eq(settings.cpus.count, 0);
	session_settings_clear(&settings);
	end();
}
END_TEST

START_TEST(says_where_a_cpu_list_is_wrong)
{
	begin();
	ck_assert_int_eq(perftrace_session_config_set_cpus(config, "1"), 0);
	expect_failure(perftrace_session_config_set_cpus(config, "0,2-x"),
		       "CPU list \"0,2-x\": no CPU number at column 5: numbers "
		       "and ranges, as in 0,2-3");
	ck_assert_int_eq(perftrace_context_get_error_position(context), 4);
	expect_failure(perftrace_session_config_set_cpus(config, ""),
		       "CPU list \"\": no CPU number at column 1: numbers and "
		       "ranges, as in 0,2-3");
	ck_assert_int_eq(perftrace_context_get_error_position(context), 0);
	/* What was set before stays. */
	expect_take();
	ck_assert_uint_eq(settings.cpus.count, 1);
	session_settings_clear(&settings);
	end();
}
END_TEST

START_TEST(takes_a_pid)
{
	begin();
	ck_assert_int_eq(perftrace_session_config_set_pid(config, 0), 0);
	ck_assert_int_eq(perftrace_session_config_set_pid(config, INT32_MAX),
			 0);
	expect_failure(perftrace_session_config_set_pid(config, -2),
		       "-2 is no process id");
	expect_failure(perftrace_session_config_set_pid(config, INT32_MIN),
		       "-2147483648 is no process id");
	expect_take();
	ck_assert_int_eq(settings.pid, INT32_MAX);
	ck_assert_int_eq(perftrace_session_config_set_pid(config, -1), 0);
	expect_take();
	ck_assert_int_eq(settings.pid, NO_PID);
	end();
}
END_TEST

START_TEST(takes_a_command)
{
	char first[] = "true", second[] = "-x";
	const char *arguments[] = { first, second, NULL };

	begin();
	ck_assert_int_eq(
		perftrace_session_config_set_command(config, arguments), 0);
	first[0] = second[0] = '#';
	expect_take();
	ck_assert_str_eq(settings.command[0], "true");
	ck_assert_str_eq(settings.command[1], "-x");
	ck_assert_ptr_null(settings.command[2]);
	session_settings_clear(&settings);
	ck_assert_ptr_null(settings.command);
	ck_assert_int_eq(perftrace_session_config_set_command(config, NULL), 0);
	expect_take();
	ck_assert_ptr_null(settings.command);
	end();
}
END_TEST

START_TEST(refuses_an_empty_command)
{
	begin();
	expect_failure(perftrace_session_config_set_command(
			       config, (const char *[]){ NULL }),
		       "the command is empty");
	expect_failure(perftrace_session_config_set_command(
			       config, (const char *[]){ "", NULL }),
		       "the command is empty");
	end();
}
END_TEST

START_TEST(refuses_a_pid_and_a_command)
{
	static const char error[] =
		"a session traces a command or a pid, not both";
	const char *command[] = { "true", NULL };

	begin();
	ck_assert_int_eq(perftrace_session_config_set_command(config, command),
			 0);
	expect_failure(perftrace_session_config_set_pid(config, 1), error);
	ck_assert_int_eq(perftrace_session_config_set_pid(config, -1), 0);
	ck_assert_int_eq(perftrace_session_config_set_command(config, NULL), 0);
	ck_assert_int_eq(perftrace_session_config_set_pid(config, 1), 0);
	expect_failure(perftrace_session_config_set_command(config, command),
		       error);
	ck_assert_int_eq(perftrace_session_config_set_command(config, NULL), 0);
	end();
}
END_TEST

START_TEST(refuses_a_pid_and_the_system)
{
	struct perftrace_session *session;

	begin();
	ck_assert_int_eq(perftrace_session_config_set_pid(config, 1), 0);
	ck_assert_int_eq(perftrace_session_config_set_system_wide(config, true),
			 0);
	expect_failure(take(),
		       "a session traces a process or the system, not both");
	ck_assert_int_eq(perftrace_session_new(context, config, &session),
			 -EINVAL);
	ck_assert_int_eq(perftrace_session_config_set_pid(config, -1), 0);
	expect_take();
	ck_assert(settings.is_system_wide);
	session_settings_clear(&settings);
	end();
}
END_TEST

START_TEST(takes_a_cgroup)
{
	char path[] = "system.slice/cron.service";

	begin();
	ck_assert_int_eq(perftrace_session_config_set_cgroup(config, path), 0);
	path[0] = '#';
	expect_failure(perftrace_session_config_set_cgroup(config, ""),
		       "the cgroup's path is empty");
	ck_assert_int_eq(perftrace_session_config_set_cpus(config, "0"), 0);
	expect_take();
	ck_assert_str_eq(settings.cgroup, "system.slice/cron.service");
	session_settings_clear(&settings);
	ck_assert_ptr_null(settings.cgroup);
	ck_assert_int_eq(perftrace_session_config_set_cgroup(config, "/a"), 0);
	ck_assert_int_eq(perftrace_session_config_set_cgroup(config, NULL), 0);
	expect_take();
	ck_assert_ptr_null(settings.cgroup);
	session_settings_clear(&settings);
	end();
}
END_TEST

START_TEST(refuses_a_cgroup_and_a_pid)
{
	begin();
	ck_assert_int_eq(perftrace_session_config_set_cgroup(config, "a"), 0);
	ck_assert_int_eq(perftrace_session_config_set_pid(config, 0), 0);
	expect_failure(take(),
		       "a session traces a process or a cgroup, not both");
	ck_assert_int_eq(perftrace_session_config_set_pid(config, -1), 0);
	expect_take();
	session_settings_clear(&settings);
	end();
}
END_TEST

START_TEST(runs_a_command_beside_a_cgroup)
{
	const char *command[] = { "true", NULL };

	begin();
	ck_assert_int_eq(perftrace_session_config_set_cgroup(config, "a"), 0);
	ck_assert_int_eq(perftrace_session_config_set_command(config, command),
			 0);
	expect_failure(take(),
		       "a session traces a command or a cgroup, not both: with "
		       "system_wide the command is run, and the cgroup traced "
		       "until it has ended");
	ck_assert_int_eq(perftrace_session_config_set_system_wide(config, true),
			 0);
	expect_take();
	ck_assert_str_eq(settings.cgroup, "a");
	ck_assert_str_eq(settings.command[0], "true");
	session_settings_clear(&settings);
	end();
}
END_TEST

typedef int setter(struct perftrace_session_config *, int32_t);

/* 0 and 1 are good, and nothing else is. */
static void expect_values(setter *set, const char *noun, int32_t last)
{
	const int32_t bad[] = { -1, last + 1, INT32_MIN, INT32_MAX };
	char error[64];
	int32_t value;
	size_t i;

	begin();
	for (value = 0; value <= last; value++)
		ck_assert_int_eq(set(config, value), 0);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(error, sizeof(error), "%d is no %s", (int)bad[i],
			 noun);
		expect_failure(set(config, bad[i]), error);
	}
	expect_take();
	session_settings_clear(&settings);
}

START_TEST(takes_modes)
{
	expect_values(perftrace_session_config_set_mode, "mode",
		      PERFTRACE_MODE_OVERWRITE);
	ck_assert_int_eq(settings.mode, PERFTRACE_MODE_OVERWRITE);
	end();
}
END_TEST

START_TEST(takes_orders)
{
	expect_values(perftrace_session_config_set_order, "order",
		      PERFTRACE_ORDER_CERTAIN);
	ck_assert_int_eq(settings.order, PERFTRACE_ORDER_CERTAIN);
	end();
}
END_TEST

START_TEST(takes_clocks)
{
	expect_values(perftrace_session_config_set_clock, "clock",
		      PERFTRACE_CLOCK_MONOTONIC_RAW);
	ck_assert_int_eq(settings.clock, PERFTRACE_CLOCK_MONOTONIC_RAW);
	end();
}
END_TEST

START_TEST(takes_closers)
{
	expect_values(perftrace_session_config_set_closer, "closer",
		      PERFTRACE_CLOSER_PROCESS);
	ck_assert_int_eq(settings.closer, PERFTRACE_CLOSER_PROCESS);
	end();
}
END_TEST

static void expect_ring(uint64_t wanted, uint64_t made)
{
	ck_assert_int_eq(perftrace_session_config_set_ring_size_bytes(config,
								      wanted),
			 0);
	expect_take();
	ck_assert_uint_eq(settings.ring_bytes, made);
	ck_assert_uint_eq(settings.watermark_bytes, made / 4);
	session_settings_clear(&settings);
}

START_TEST(rounds_ring_sizes_up)
{
	uint64_t page = sys_page_bytes();

	begin();
	expect_ring(1, page);
	expect_ring(page, page);
	expect_ring(page + 1, 2 * page);
	expect_ring(3 * page, 4 * page);
	expect_ring(1U << 30, 1U << 30);
	expect_ring((1U << 30) - 1, 1U << 30);
	end();
}
END_TEST

START_TEST(refuses_ring_sizes)
{
	begin();
	expect_failure(perftrace_session_config_set_ring_size_bytes(config, 0),
		       "a ring of 0 bytes: it has 1 to 1073741824");
	expect_failure(perftrace_session_config_set_ring_size_bytes(
			       config, (UINT64_C(1) << 30) + 1),
		       "a ring of 1073741825 bytes: it has 1 to 1073741824");
	expect_failure(perftrace_session_config_set_ring_size_bytes(
			       config, (UINT64_C(1) << 32) + 4096),
		       "a ring of 4294971392 bytes: it has 1 to 1073741824");
	expect_take();
	ck_assert_uint_eq(settings.ring_bytes, 1 << 20);
	end();
}
END_TEST

START_TEST(takes_watermarks)
{
	begin();
	ck_assert_int_eq(
		perftrace_session_config_set_watermark_bytes(config, 1), 0);
	expect_take();
	ck_assert_uint_eq(settings.watermark_bytes, 1);
	ck_assert_int_eq(perftrace_session_config_set_watermark_bytes(config,
								      1 << 19),
			 0);
	expect_take();
	ck_assert_uint_eq(settings.watermark_bytes, 1 << 19);
	end();
}
END_TEST

/* Rings that were too large once may fit the next time. */
START_TEST(remembers_what_was_asked_for)
{
	begin();
	ck_assert_int_eq(perftrace_session_config_set_watermark_bytes(config,
								      1 << 18),
			 0);
	expect_take();
	session_settings_fit(&settings, 1 << 14);
	ck_assert_uint_eq(settings.watermark_bytes, 1 << 13);
	session_settings_unfit(&settings);
	ck_assert_uint_eq(settings.ring_bytes, 1 << 20);
	ck_assert_uint_eq(settings.watermark_bytes, 1 << 18);
	session_settings_clear(&settings);
	ck_assert_int_eq(
		perftrace_session_config_set_watermark_bytes(config, 0), 0);
	expect_take();
	session_settings_fit(&settings, 1 << 14);
	ck_assert_uint_eq(settings.watermark_bytes, 1 << 12);
	session_settings_unfit(&settings);
	ck_assert_uint_eq(settings.watermark_bytes, 1 << 18);
	session_settings_clear(&settings);
	end();
}
END_TEST

START_TEST(refuses_watermarks_above_half_a_ring)
{
	begin();
	ck_assert_int_eq(perftrace_session_config_set_watermark_bytes(
				 config, (1 << 19) + 1),
			 0);
	expect_failure(take(),
		       "a watermark of 524289 bytes is more than half of a "
		       "ring of 1048576 bytes, and might never wake the "
		       "reader: at most 524288");
	ck_assert_int_eq(perftrace_session_config_set_ring_size_bytes(config,
								      1 << 21),
			 0);
	expect_take();
	ck_assert_int_eq(perftrace_session_config_set_watermark_bytes(
				 config, UINT32_MAX),
			 0);
	ck_assert_int_eq(take(), -EINVAL);
	end();
}
END_TEST

START_TEST(takes_horizons)
{
	begin();
	ck_assert_int_eq(perftrace_session_config_set_horizon_ns(config, 0), 0);
	ck_assert_int_eq(
		perftrace_session_config_set_horizon_ns(config, 1000000000), 0);
	expect_failure(perftrace_session_config_set_horizon_ns(config,
							       1000000001),
		       "a horizon of 1000000001 ns: at most a second");
	expect_failure(
		perftrace_session_config_set_horizon_ns(config, UINT64_MAX),
		"a horizon of 18446744073709551615 ns: at most a second");
	expect_take();
	ck_assert_uint_eq(settings.horizon_ns, 1000000000);
	end();
}
END_TEST

START_TEST(takes_sidebands)
{
	begin();
	ck_assert_int_eq(perftrace_session_config_set_sideband(config, 7), 0);
	expect_failure(perftrace_session_config_set_sideband(config, 8),
		       "unknown side-band bits 0x8");
	expect_failure(perftrace_session_config_set_sideband(config,
							     UINT32_MAX),
		       "unknown side-band bits 0xfffffff8");
	expect_take();
	ck_assert_uint_eq(settings.sideband, 7);
	ck_assert_int_eq(perftrace_session_config_set_sideband(config, 0), 0);
	expect_take();
	ck_assert_uint_eq(settings.sideband, 0);
	end();
}
END_TEST

START_TEST(takes_flush_intervals)
{
	begin();
	ck_assert_int_eq(
		perftrace_session_config_set_flush_interval_ms(config, 0), 0);
	expect_take();
	ck_assert_uint_eq(settings.flush_interval_ms, 0);
	ck_assert_int_eq(perftrace_session_config_set_flush_interval_ms(
				 config, UINT32_MAX),
			 0);
	expect_take();
	ck_assert_uint_eq(settings.flush_interval_ms, UINT32_MAX);
	end();
}
END_TEST

START_TEST(copies_are_independent)
{
	const char *command[] = { "true", NULL };
	struct session_settings second;

	begin();
	ck_assert_int_eq(perftrace_session_config_set_command(config, command),
			 0);
	ck_assert_int_eq(perftrace_session_config_set_cpus(config, "2"), 0);
	expect_take();
	ck_assert_int_eq(session_settings_take(context_get_log(context), config,
					       &second),
			 0);
	ck_assert_int_eq(perftrace_session_config_set_cpus(config, "5"), 0);
	ck_assert_int_eq(perftrace_session_config_set_command(config, NULL), 0);
	end();
	settings.cpus.cpus[0] = 9;
	ck_assert_int_eq(second.cpus.cpus[0], 2);
	session_settings_clear(&settings);
	ck_assert_str_eq(second.command[0], "true");
	session_settings_clear(&second);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(has_defaults),
	TEST(keeps_its_context),
	TEST(takes_cpus),
	TEST(says_where_a_cpu_list_is_wrong),
	TEST(takes_a_pid),
	TEST(takes_a_command),
	TEST(refuses_an_empty_command),
	TEST(refuses_a_pid_and_a_command),
	TEST(refuses_a_pid_and_the_system),
	TEST(takes_a_cgroup),
	TEST(refuses_a_cgroup_and_a_pid),
	TEST(runs_a_command_beside_a_cgroup),
	TEST(takes_modes),
	TEST(takes_orders),
	TEST(takes_clocks),
	TEST(takes_closers),
	TEST(rounds_ring_sizes_up),
	TEST(refuses_ring_sizes),
	TEST(takes_watermarks),
	TEST(remembers_what_was_asked_for),
	TEST(refuses_watermarks_above_half_a_ring),
	TEST(takes_horizons),
	TEST(takes_sidebands),
	TEST(takes_flush_intervals),
	TEST(copies_are_independent),
};

HARNESS_MAIN("session_config", tests, HARNESS_UNIT)
