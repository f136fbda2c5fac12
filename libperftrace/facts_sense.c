/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts are read where they can be read. No rule is inferred from the kernel's
 * version, for patches of stable kernels and of vendors change rules within
 * one: what can't be read is asked for with events that count nothing
 * (sensor.h), by the caller and, when it has capabilities, by a process without
 * them. So a privileged caller also learns what others would be told.
 */
#include "facts_sense.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/context.h>

#include "capability.h"
#include "context.h"
#include "facts.h"
#include "log.h"
#include "maps.h"
#include "sensor.h"
#include "sys.h"
#include "sys_facts.h"

#define SYSCTL_KERNEL "/proc/sys/kernel/"
#define SECURITY      "/sys/kernel/security/"
#define CPUS	      "/sys/devices/system/cpu/"
#define BIT(number)   (UINT64_C(1) << (number))

static long long read_integer(const char *path, long long otherwise)
{
	long long value;

	return sys_read_integer(path, &value) ? otherwise : value;
}

static enum fact read_switch(const char *path)
{
	long long value = read_integer(path, -1);

	return value < 0 ? FACT_UNKNOWN : value ? FACT_YES : FACT_NO;
}

/*
 * PROC_USER_INIT_INO in include/linux/proc_ns.h. The map of users does not tell:
 * root may make a namespace that maps every user to itself.
 */
static enum fact read_namespace(void)
{
	static const char initial[] = "user:[4026531837]";
	enum fact is_initial;
	char *target;
	int ret = sys_read_link("/proc/self/ns/user", &target);

	/* A kernel without such namespaces. */
	if (ret == -ENOENT)
		return FACT_YES;
	if (ret)
		return FACT_UNKNOWN;
	is_initial = strcmp(target, initial) ? FACT_NO : FACT_YES;
	free(target);
	return is_initial;
}

static uint64_t read_status(const char *status, const char *key)
{
	const char *found = strstr(status, key);

	return found ? strtoull(found + strlen(key), NULL, 10) : 0;
}

static void read_caller(struct facts *facts)
{
	size_t size;
	char *status;

	sys_get_ids(facts->uids, facts->gids);
	capability_read(&facts->effective, &facts->permitted);
	facts->is_initial_userns = read_namespace();
	facts->is_dumpable = sys_is_dumpable() ? FACT_YES : FACT_NO;
	facts->memlock_bytes = sys_locked_limit();
	facts->descriptor_limit = sys_descriptor_limit();
	/* Not even for a look. */
	if (sys_count_descriptors(&facts->num_descriptors))
		facts->num_descriptors = facts->descriptor_limit;
	if (sys_read_file("/proc/self/status", &status, &size))
		return;
	facts->seccomp = (int32_t)read_status(status, "\nSeccomp:");
	facts->pinned_kib = read_status(status, "\nVmPin:");
	free(status);
}

/* "none [integrity] confidentiality" */
static enum lockdown read_lockdown(void)
{
	enum lockdown level = LOCKDOWN_UNKNOWN;
	size_t size;
	char *text;

	if (sys_read_file(SECURITY "lockdown", &text, &size))
		return level;
	if (strstr(text, "[none]"))
		level = LOCKDOWN_NONE;
	else if (strstr(text, "[integrity]"))
		level = LOCKDOWN_INTEGRITY;
	else if (strstr(text, "[confidentiality]"))
		level = LOCKDOWN_CONFIDENTIALITY;
	free(text);
	return level;
}

/* With + between, as lists have it in descriptions. */
static void read_modules(struct facts *facts)
{
	size_t size, i;
	char *text;

	if (sys_read_file(SECURITY "lsm", &text, &size))
		return;
	text[strcspn(text, "\n")] = '\0';
	snprintf(facts->modules, sizeof(facts->modules), "%s", text);
	for (i = 0; facts->modules[i]; i++) {
		if (facts->modules[i] == ',')
			facts->modules[i] = '+';
	}
	free(text);
}

static void read_policy(struct facts *facts)
{
	facts->paranoid =
		(int32_t)read_integer(SYSCTL_KERNEL "perf_event_paranoid", 2);
	facts->kptr_restrict =
		(int32_t)read_integer(SYSCTL_KERNEL "kptr_restrict", 0);
	facts->mlock_kib = (uint64_t)read_integer(
		SYSCTL_KERNEL "perf_event_mlock_kb", 516);
	facts->max_sample_rate = (uint64_t)read_integer(
		SYSCTL_KERNEL "perf_event_max_sample_rate", 100000);
	facts->max_stack = (uint64_t)read_integer(
		SYSCTL_KERNEL "perf_event_max_stack", 127);
	facts->has_ftrace = read_switch(SYSCTL_KERNEL "ftrace_enabled");
	facts->has_kprobes_armed =
		read_switch("/sys/kernel/debug/kprobes/enabled");
	facts->lockdown = read_lockdown();
	read_modules(facts);
}

static int read_cpus(const char *path, struct cpu_list *cpus)
{
	size_t size, position;
	char *text;
	int ret = sys_read_file(path, &text, &size);

	if (ret)
		return ret == -ENOMEM ? ret : 0;
	ret = cpu_list_parse(text, cpus, &position);
	free(text);
	return ret == -ENOMEM ? ret : 0;
}

static int read_machine(struct facts *facts)
{
	int ret = read_cpus(CPUS "online", &facts->online_cpus);

	facts->page_bytes = sys_page_bytes();
	if (!ret)
		ret = read_cpus(CPUS "possible", &facts->possible_cpus);
	return ret;
}

static int check_file(const char *root, const char *file,
		      int (*check)(const char *path))
{
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", root, file) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	return check(path);
}

static enum tracefs_access read_access(const char *root)
{
	if (check_file(root, "events/ftrace/print/format", sys_check_readable))
		return TRACEFS_UNREADABLE;
	if (check_file(root, "uprobe_events", sys_check_appendable) &&
	    check_file(root, "kprobe_events", sys_check_appendable))
		return TRACEFS_READABLE;
	return TRACEFS_WRITABLE;
}

/*
 * Some kernels refuse to let functions be traced, and list the event: then the
 * file of functions is refused, too, to those who may open others.
 */
static enum fact read_function(const char *root)
{
	int ret = check_file(root, "available_filter_functions",
			     sys_check_readable);

	if (!ret)
		return FACT_YES;
	if (ret != -EPERM ||
	    check_file(root, "current_tracer", sys_check_readable))
		return FACT_UNKNOWN;
	return FACT_NO;
}

/* Where it is, as far as the context finds it: a refusal is a fact, too. */
static int find_tracefs(struct perftrace_context *context, const char **root)
{
	struct log *log = context_get_log(context);
	struct failure *before = log_save(log);
	int ret = perftrace_context_get_tracefs(context, root);

	if (!ret)
		ret = context_check_tracefs(context);
	log_restore(log, before);
	return ret;
}

static void read_tracefs(struct perftrace_context *context, struct facts *facts)
{
	struct sys_owner owner;
	const char *root;
	int ret = find_tracefs(context, &root);

	facts->tracefs = ret == -ENOENT	 ? TRACEFS_UNMOUNTED :
			 ret == -ENODATA ? TRACEFS_EMPTY :
					   TRACEFS_UNREADABLE;
	facts->has_function = FACT_UNKNOWN;
	if (ret)
		return;
	facts->tracefs = read_access(root);
	facts->has_function = read_function(root);
	if (sys_get_owner(root, &owner))
		return;
	facts->tracefs_uid = owner.uid;
	facts->tracefs_gid = owner.gid;
	facts->tracefs_mode = owner.mode;
}

static uint32_t read_pmu(const char *pmu)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type",
		 pmu);
	return (uint32_t)read_integer(path, 0);
}

/* The rings of one process. */
static uint64_t sum_rings(int32_t pid)
{
	static const char ring[] = "anon_inode:[perf_event]";
	struct mapping mapping;
	uint64_t bytes = 0;
	const char *rest;
	char path[64], *text;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/maps", pid);
	if (sys_read_file(path, &text, &size))
		return 0;
	for (rest = text; maps_next(&rest, &mapping);) {
		if (mapping.path_length >= strlen(ring) &&
		    !memcmp(mapping.path, ring, strlen(ring)))
			bytes += mapping.end - mapping.start;
	}
	free(text);
	return bytes;
}

/*
 * The kernel does not tell how much of a user's budget is used, but whose rings
 * are mapped can be seen. Not asked where the budget does not bind.
 */
static void read_locked(struct facts *facts)
{
	size_t count, i;
	int32_t *pids;

	if (facts->paranoid < 0 || facts_have(facts, CAP_IPC_LOCK) ||
	    sys_list_numbers("/proc", &pids, &count))
		return;
	for (i = 0; i < count; i++) {
		struct sys_owner owner;
		char path[64];

		snprintf(path, sizeof(path), "/proc/%" PRId32, pids[i]);
		if (!sys_get_owner(path, &owner) && owner.uid == facts->uids[0])
			facts->locked_kib += sum_rings(pids[i]) / 1024;
	}
	free(pids);
}

/* What callers of one kind are answered. */
struct survey {
	const struct sensors *sensors;
	int32_t answers[NUM_SENSORS];
};

/* A shortage is no answer. */
static void run_survey(void *data)
{
	struct survey *survey = data;
	int i;

	for (i = 0; i < NUM_SENSORS; i++) {
		int32_t answer = sensor_ask(survey->sensors, i);

		if (answer == -EMFILE || answer == -ENFILE || answer == -ENOMEM)
			answer = NOT_SENSED;
		survey->answers[i] = answer;
	}
}

static void forget_answers(struct survey *survey)
{
	int i;

	for (i = 0; i < NUM_SENSORS; i++)
		survey->answers[i] = NOT_SENSED;
}

/* Of a gate: other refusals are another's. */
static enum fact needs_more(int32_t answer)
{
	return !answer ? FACT_NO : answer == -EACCES ? FACT_YES : FACT_UNKNOWN;
}

/* From what a caller without capabilities is told. */
static void learn_of_users(struct facts *facts, const int32_t *answers)
{
	/* From others, a security module might have kept it. */
	if (facts->paranoid > 2 && answers[SENSOR_OPEN] == -EACCES &&
	    facts_have(facts, CAP_SYS_ADMIN) && !facts->sensed[SENSOR_OPEN])
		facts->vendor_level_max = facts->paranoid;
	if (facts->paranoid > 2 && !answers[SENSOR_OPEN])
		facts->vendor_level_min = facts->paranoid + 1;
	if (facts->paranoid > 1 && !answers[SENSOR_OPEN] &&
	    answers[SENSOR_KERNEL] == -EACCES)
		facts->callchain_is_kernel =
			needs_more(answers[SENSOR_CALLCHAIN]);
}

/* From what a caller with CAP_PERFMON alone is told. */
static void learn_of_monitors(struct facts *facts, const int32_t *answers)
{
	if (!answers[SENSOR_OPEN])
		facts->uprobe_needs_admin = needs_more(answers[SENSOR_UPROBE]);
}

/* At confidentiality the registers of an interrupt are refused to everybody. */
static void learn_of_lockdown(struct facts *facts)
{
	if (facts->sensed[SENSOR_OPEN])
		return;
	if (facts->sensed[SENSOR_REGISTERS] == -EPERM)
		facts->lockdown = LOCKDOWN_CONFIDENTIALITY;
	else if (!facts->sensed[SENSOR_REGISTERS] &&
		 facts->lockdown == LOCKDOWN_UNKNOWN)
		facts->lockdown = LOCKDOWN_NOT_CONFIDENTIALITY;
}

/* As a caller would be answered who has only these capabilities. */
static int survey_as(const struct facts *facts, uint64_t capabilities,
		     struct survey *survey)
{
	const struct sys_call call = {
		.capabilities = capabilities,
		.function = run_survey,
		.data = survey,
		.data_bytes = sizeof(*survey),
		.may_be_killed = facts->seccomp != SECCOMP_OFF,
	};

	forget_answers(survey);
	return sys_call_apart(&call);
}

static void ask_as_others(struct facts *facts, struct survey *survey)
{
	uint64_t own = facts->effective &
		       (BIT(CAP_SYS_ADMIN) | BIT(CAP_PERFMON));

	if (own && !survey_as(facts, 0, survey))
		learn_of_users(facts, survey->answers);
	if (facts_have(facts, CAP_SYS_ADMIN) &&
	    !survey_as(facts, BIT(CAP_PERFMON), survey))
		learn_of_monitors(facts, survey->answers);
}

/*
 * A filter may kill who calls what it does not know. Where no other process can
 * be had to try it, it is not tried at all.
 */
static bool may_call(struct facts *facts, struct survey *survey)
{
	int ret;

	if (facts->seccomp == SECCOMP_OFF)
		return true;
	ret = survey_as(facts, SYS_SAME_CAPABILITIES, survey);
	if (ret == -ECHILD)
		facts->call_error = CALL_KILLS;
	return !ret;
}

/*
 * Some kernels ask for a vendor's level, and those before 6.2 a security
 * module, before they look for the attributes: that is no answer to everything.
 * Without a filter, only a kernel without perf events has one.
 */
static int32_t find_call_error(const struct facts *facts)
{
	int32_t answer = facts->sensed[SENSOR_CALL];
	bool may_be_level = answer == -EACCES && facts->paranoid > 2 &&
			    !facts_have(facts, CAP_SYS_ADMIN);

	if (facts->seccomp == SECCOMP_OFF)
		return answer == -ENOSYS ? answer : 0;
	return may_be_level || answer == NOT_SENSED ? 0 : answer;
}

static void ask_all(struct facts *facts, struct survey *survey)
{
	if (!may_call(facts, survey))
		return;
	run_survey(survey);
	memcpy(facts->sensed, survey->answers, sizeof(facts->sensed));
	facts->call_error = find_call_error(facts);
	facts->is_own = true;
	if (facts->call_error)
		return;
	learn_of_lockdown(facts);
	if (!facts_have_perfmon(facts))
		learn_of_users(facts, facts->sensed);
	else if (!facts_have(facts, CAP_SYS_ADMIN))
		learn_of_monitors(facts, facts->sensed);
	ask_as_others(facts, survey);
}

int facts_sense(struct perftrace_context *context, struct facts *facts)
{
	struct sensors sensors = { .cpu = 0 };
	struct survey survey = { .sensors = &sensors };
	int ret;

	facts_init(facts);
	facts->vendor_level_min = 3;
	facts->callchain_is_kernel = FACT_UNKNOWN;
	facts->uprobe_needs_admin = FACT_UNKNOWN;
	read_caller(facts);
	read_policy(facts);
	ret = read_machine(facts);
	if (ret) {
		facts_clear(facts);
		return fail_memory(context_get_log(context));
	}
	read_tracefs(context, facts);
	read_locked(facts);
	sensors.kprobe_type = read_pmu("kprobe");
	sensors.uprobe_type = read_pmu("uprobe");
	facts->has_kprobe_pmu = sensors.kprobe_type ? FACT_YES : FACT_NO;
	facts->has_uprobe_pmu = sensors.uprobe_type ? FACT_YES : FACT_NO;
	if (facts->online_cpus.count)
		sensors.cpu = facts->online_cpus.cpus[0];
	ask_all(facts, &survey);
	return 0;
}
