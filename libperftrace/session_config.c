/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session_config.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "context.h"
#include "export.h"
#include "log.h"
#include "sys.h"

#define DEFAULT_RING_BYTES	  (1U << 20)
#define LARGEST_RING_BYTES	  (1U << 30)
#define DEFAULT_FLUSH_INTERVAL_MS 100
#define DEFAULT_HORIZON_NS	  1000000
#define LONGEST_HORIZON_NS	  1000000000

struct perftrace_session_config {
	struct perftrace_context *context;
	struct session_settings settings;
};

static void set_defaults(struct session_settings *settings)
{
	*settings = (struct session_settings){
		.pid = NO_PID,
		.ring_bytes = DEFAULT_RING_BYTES,
		.flush_interval_ms = DEFAULT_FLUSH_INTERVAL_MS,
		.horizon_ns = DEFAULT_HORIZON_NS,
	};
}

static void free_command(char **command)
{
	size_t i;

	for (i = 0; command && command[i]; i++)
		free(command[i]);
	free(command);
}

static int copy_command(const char *const arguments[], char ***command)
{
	size_t i, count = 0;
	char **copy;

	while (arguments[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		copy[i] = strdup(arguments[i]);
		if (!copy[i]) {
			free_command(copy);
			return -ENOMEM;
		}
	}
	*command = copy;
	return 0;
}

static int copy_text(const char *text, char **copy)
{
	*copy = strdup(text);
	return *copy ? 0 : -ENOMEM;
}

void session_settings_clear(struct session_settings *settings)
{
	cpu_list_clear(&settings->cpus);
	free_command(settings->command);
	settings->command = NULL;
	free(settings->cgroup);
	settings->cgroup = NULL;
}

int session_settings_clock(const struct session_settings *settings)
{
	return settings->clock == PERFTRACE_CLOCK_MONOTONIC_RAW ?
		       CLOCK_MONOTONIC_RAW :
		       CLOCK_MONOTONIC;
}

static int copy_settings(const struct session_settings *from,
			 struct session_settings *to)
{
	int ret = 0;

	*to = *from;
	to->command = NULL;
	to->cgroup = NULL;
	to->cpus = (struct cpu_list){ NULL, 0 };
	if (from->cgroup)
		ret = copy_text(from->cgroup, &to->cgroup);
	if (!ret && from->command)
		ret = copy_command((const char *const *)from->command,
				   &to->command);
	if (!ret)
		ret = cpu_list_copy(&from->cpus, &to->cpus);
	if (ret)
		session_settings_clear(to);
	return ret;
}

/* The kernel maps 2^n pages. */
static uint64_t round_up_ring(uint64_t bytes)
{
	uint64_t rounded = sys_page_bytes();

	while (rounded < bytes)
		rounded *= 2;
	return rounded;
}

static int settle_sizes(struct log *log, struct session_settings *settings)
{
	settings->ring_bytes = round_up_ring(settings->ring_bytes);
	if (settings->min_ring_bytes)
		settings->min_ring_bytes =
			round_up_ring(settings->min_ring_bytes);
	if (settings->min_ring_bytes > settings->ring_bytes) {
		fail(log, -EINVAL,
		     "rings of at least %" PRIu64 " bytes, and of %" PRIu64
		     " bytes: they can only be made smaller",
		     settings->min_ring_bytes, settings->ring_bytes);
		return fail_remedy(log, "ask for larger ones, which may be "
					"made smaller");
	}
	settings->asked_ring_bytes = settings->ring_bytes;
	settings->asked_watermark_bytes = settings->watermark_bytes;
	if (!settings->watermark_bytes)
		settings->watermark_bytes = (uint32_t)settings->ring_bytes / 4;
	if (settings->watermark_bytes <= settings->ring_bytes / 2)
		return 0;
	fail(log, -EINVAL,
	     "a watermark of %" PRIu32 " bytes is more than half of a ring of "
	     "%" PRIu64 " bytes, and might never wake the reader",
	     settings->watermark_bytes, settings->ring_bytes);
	return fail_remedy(log, "at most %" PRIu64, settings->ring_bytes / 2);
}

static int check_cgroup(struct log *log,
			const struct session_settings *settings)
{
	if (settings->pid != NO_PID)
		return fail(log, -EINVAL,
			    "a session traces a process or a cgroup, not both");
	if (!settings->command || settings->is_system_wide)
		return 0;
	fail(log, -EINVAL, "a session traces a command or a cgroup, not both");
	return fail_remedy(log, "with system_wide the command is run, and the "
				"cgroup traced until it has ended");
}

void session_settings_fit(struct session_settings *settings,
			  uint64_t ring_bytes)
{
	settings->ring_bytes = ring_bytes;
	settings->watermark_bytes = settings->asked_watermark_bytes;
	if (!settings->watermark_bytes)
		settings->watermark_bytes = (uint32_t)ring_bytes / 4;
	else if (settings->watermark_bytes > ring_bytes / 2)
		settings->watermark_bytes = (uint32_t)ring_bytes / 2;
}

void session_settings_unfit(struct session_settings *settings)
{
	session_settings_fit(settings, settings->asked_ring_bytes);
}

static int check_target(struct log *log,
			const struct session_settings *settings)
{
	if (settings->is_system_wide && settings->pid != NO_PID)
		return fail(log, -EINVAL,
			    "a session traces a process or the system, not "
			    "both");
	return settings->cgroup ? check_cgroup(log, settings) : 0;
}

int session_settings_take(struct log *log,
			  struct perftrace_session_config *config,
			  struct session_settings *settings)
{
	int ret;

	if (!config)
		set_defaults(settings);
	else if (copy_settings(&config->settings, settings))
		return fail_memory(log);
	ret = check_target(log, settings);
	if (!ret)
		ret = settle_sizes(log, settings);
	if (ret)
		session_settings_clear(settings);
	return ret;
}

PERFTRACE_EXPORT int
perftrace_session_config_new(struct perftrace_context *context,
			     struct perftrace_session_config **config)
{
	struct perftrace_session_config *made;

	assert(context);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail_memory(context_get_log(context));
	made->context = perftrace_context_ref(context);
	set_defaults(&made->settings);
	*config = made;
	return 0;
}

PERFTRACE_EXPORT void
perftrace_session_config_free(struct perftrace_session_config *config)
{
	if (!config)
		return;
	session_settings_clear(&config->settings);
	perftrace_context_unref(config->context);
	free(config);
}

static struct log *get_log(struct perftrace_session_config *config)
{
	assert(config);
	return context_get_log(config->context);
}

PERFTRACE_EXPORT int
perftrace_session_config_set_cpus(struct perftrace_session_config *config,
				  const char *cpus)
{
	struct log *log = get_log(config);
	struct cpu_list list = { NULL, 0 };
	size_t position;
	int ret = cpus ? cpu_list_parse(cpus, &list, &position) : 0;

	if (ret == -ENOMEM)
		return fail_memory(log);
	if (ret) {
		fail(log, ret, "CPU list \"%s\": no CPU number at column %zu",
		     cpus, position + 1);
		fail_position(log, (int32_t)position);
		return fail_remedy(log, "numbers and ranges, as in 0,2-3");
	}
	cpu_list_clear(&config->settings.cpus);
	config->settings.cpus = list;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_pid(struct perftrace_session_config *config,
				 int32_t pid)
{
	struct log *log = get_log(config);

	if (pid < NO_PID)
		return fail(log, -EINVAL, "%" PRId32 " is no process id", pid);
	if (pid != NO_PID && config->settings.command)
		return fail(log, -EINVAL,
			    "a session traces a command or a pid, not both");
	config->settings.pid = pid;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_command(struct perftrace_session_config *config,
				     const char *const arguments[])
{
	struct log *log = get_log(config);
	char **command = NULL;

	if (arguments && (!arguments[0] || !*arguments[0]))
		return fail(log, -EINVAL, "the command is empty");
	if (arguments && config->settings.pid != NO_PID)
		return fail(log, -EINVAL,
			    "a session traces a command or a pid, not both");
	if (arguments && copy_command(arguments, &command))
		return fail_memory(log);
	free_command(config->settings.command);
	config->settings.command = command;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_cgroup(struct perftrace_session_config *config,
				    const char *path)
{
	struct log *log = get_log(config);
	char *copy = NULL;

	if (path && !*path)
		return fail(log, -EINVAL, "the cgroup's path is empty");
	if (path && copy_text(path, &copy))
		return fail_memory(log);
	free(config->settings.cgroup);
	config->settings.cgroup = copy;
	return 0;
}

PERFTRACE_EXPORT int perftrace_session_config_set_system_wide(
	struct perftrace_session_config *config, bool system_wide)
{
	assert(config);
	config->settings.is_system_wide = system_wide;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_mode(struct perftrace_session_config *config,
				  int32_t mode)
{
	struct log *log = get_log(config);

	if (mode < PERFTRACE_MODE_STREAM || mode > PERFTRACE_MODE_OVERWRITE)
		return fail(log, -EINVAL, "%" PRId32 " is no mode", mode);
	config->settings.mode = (enum perftrace_mode)mode;
	return 0;
}

PERFTRACE_EXPORT int perftrace_session_config_set_ring_size_bytes(
	struct perftrace_session_config *config, uint64_t size_bytes)
{
	struct log *log = get_log(config);

	if (!size_bytes || size_bytes > LARGEST_RING_BYTES)
		return fail(log, -EINVAL,
			    "a ring of %" PRIu64 " bytes: it has 1 to %u",
			    size_bytes, LARGEST_RING_BYTES);
	config->settings.ring_bytes = size_bytes;
	return 0;
}

PERFTRACE_EXPORT int perftrace_session_config_set_min_ring_size_bytes(
	struct perftrace_session_config *config, uint64_t size_bytes)
{
	struct log *log = get_log(config);

	if (size_bytes > LARGEST_RING_BYTES)
		return fail(log, -EINVAL,
			    "rings of at least %" PRIu64 " bytes: a ring has "
			    "at most %u",
			    size_bytes, LARGEST_RING_BYTES);
	config->settings.min_ring_bytes = size_bytes;
	return 0;
}

PERFTRACE_EXPORT int perftrace_session_config_set_watermark_bytes(
	struct perftrace_session_config *config, uint32_t watermark_bytes)
{
	assert(config);
	config->settings.watermark_bytes = watermark_bytes;
	return 0;
}

PERFTRACE_EXPORT int perftrace_session_config_set_flush_interval_ms(
	struct perftrace_session_config *config, uint32_t interval_ms)
{
	assert(config);
	config->settings.flush_interval_ms = interval_ms;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_clock(struct perftrace_session_config *config,
				   int32_t clock)
{
	struct log *log = get_log(config);

	if (clock != PERFTRACE_CLOCK_MONOTONIC &&
	    clock != PERFTRACE_CLOCK_MONOTONIC_RAW)
		return fail(log, -EINVAL, "%" PRId32 " is no clock", clock);
	config->settings.clock = (enum perftrace_clock)clock;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_order(struct perftrace_session_config *config,
				   int32_t order)
{
	struct log *log = get_log(config);

	if (order < PERFTRACE_ORDER_TIME || order > PERFTRACE_ORDER_CERTAIN)
		return fail(log, -EINVAL, "%" PRId32 " is no order", order);
	config->settings.order = (enum perftrace_order)order;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_horizon_ns(struct perftrace_session_config *config,
					uint64_t horizon_ns)
{
	struct log *log = get_log(config);

	if (horizon_ns > LONGEST_HORIZON_NS)
		return fail(log, -EINVAL,
			    "a horizon of %" PRIu64 " ns: at most a second",
			    horizon_ns);
	config->settings.horizon_ns = horizon_ns;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_sideband(struct perftrace_session_config *config,
				      uint32_t sideband)
{
	const uint32_t all = PERFTRACE_SIDEBAND_TASK | PERFTRACE_SIDEBAND_COMM |
			     PERFTRACE_SIDEBAND_MMAP;
	struct log *log = get_log(config);

	if (sideband & ~all)
		return fail(log, -EINVAL, "unknown side-band bits %#" PRIx32,
			    sideband & ~all);
	config->settings.sideband = sideband;
	return 0;
}

PERFTRACE_EXPORT int perftrace_session_config_set_num_readers(
	struct perftrace_session_config *config, uint32_t num_readers)
{
	assert(config);
	config->settings.num_readers = num_readers;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_session_config_set_closer(struct perftrace_session_config *config,
				    int32_t closer)
{
	struct log *log = get_log(config);

	if (closer != PERFTRACE_CLOSER_NONE &&
	    closer != PERFTRACE_CLOSER_PROCESS)
		return fail(log, -EINVAL, "%" PRId32 " is no closer", closer);
	config->settings.closer = (enum perftrace_closer)closer;
	return 0;
}
