/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Probes of the kernel without arguments: each hit of a known number of calls,
 * both ways, and what becomes of a probe that can't be had one way.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "probed.h"
#include "probes.h"
#include "tally.h"

#define GETPPID	   SYSTEM_CALL("getppid")
#define NUM_CALLS  100
#define PLAIN_USER 1000

/* Of the module that tests/vm/run loads. */
#define MODULE_FUNCTION "tun_chr_open"
#define MODULE_DEVICE	"/dev/net/tun"

static bool is_named(struct watch *watch)
{
	return *perftrace_event_get_tracefs_name(watch->event);
}

static void count_calls(const char *spec, bool expects_named)
{
	struct watch watch;

	watch_start(&watch, spec,
		    &(struct session_request){
			    .is_self = true,
			    .mode = PERFTRACE_MODE_COUNT,
		    });
	ck_assert_int_eq(is_named(&watch), expects_named);
	ck_assert_uint_eq(count_own_probes(), expects_named);
	call_getppid(NUM_CALLS);
	watch_stop(&watch);
	ck_assert_uint_eq(counted_by(watch.context, watch.source), NUM_CALLS);
	watch_free(&watch);
	ck_assert_uint_eq(count_own_probes(), 0);
}

static void sample_calls(const char *spec, bool expects_named)
{
	struct watch watch;

	watch_self(&watch, spec);
	ck_assert_int_eq(is_named(&watch), expects_named);
	ck_assert_uint_eq(count_own_probes(), expects_named);
	call_getppid(NUM_CALLS);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_int_eq(perftrace_record_get_pid(watch.record), getpid());
	ck_assert_int_eq(watch_signed(&watch, "common_pid"), getpid());
	watch_expect_rest(&watch, NUM_CALLS - 1);
	ck_assert_uint_eq(delivered_by(watch.context, watch.source), NUM_CALLS);
	watch_free(&watch);
	ck_assert_uint_eq(count_own_probes(), 0);
}

START_TEST(entries_are_counted)
{
	need_kprobes();
	count_calls("kprobe,local:" GETPPID, false);
	count_calls("kprobe,named:" GETPPID, true);
	/* One descriptor is enough. */
	count_calls("kprobe:" GETPPID, false);
}
END_TEST

START_TEST(returns_are_counted)
{
	need_kprobes();
	count_calls("kretprobe,local:" GETPPID, false);
	count_calls("kretprobe,named:" GETPPID, true);
	count_calls("kretprobe:" GETPPID, false);
}
END_TEST

START_TEST(entries_are_sampled)
{
	need_kprobes();
	sample_calls("kprobe,local:" GETPPID, false);
	sample_calls("kprobe,named:" GETPPID, true);
	/* A descriptor for each CPU. */
	sample_calls("kprobe:" GETPPID, sysconf(_SC_NPROCESSORS_ONLN) > 1);
}
END_TEST

START_TEST(returns_are_sampled)
{
	need_kprobes();
	sample_calls("kretprobe,local:" GETPPID, false);
	sample_calls("kretprobe,named:" GETPPID, true);
	sample_calls("kretprobe:" GETPPID, sysconf(_SC_NPROCESSORS_ONLN) > 1);
}
END_TEST

/* As nobody else may be counted, with a filter. */
static void watch_everything(struct watch *watch, const char *spec,
			     int32_t mode)
{
	char filter[64];

	snprintf(filter, sizeof(filter), "common_pid == %d", (int)getpid());
	watch_start(watch, spec,
		    &(struct session_request){
			    .is_system_wide = true,
			    .filter = filter,
			    .mode = mode,
		    });
}

static void call_everywhere(const char *spec, int32_t mode, bool expects_named)
{
	uint32_t cpu, num_cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t expected = 0;
	struct watch watch;

	watch_everything(&watch, spec, mode);
	ck_assert_uint_eq(count_own_probes(), expects_named);
	for (cpu = 0; cpu < num_cpus; cpu++) {
		pin_to_cpu((int)cpu);
		call_getppid(cpu * 10 + 30);
		expected += cpu * 10 + 30;
	}
	watch_stop(&watch);
	ck_assert_uint_eq(counted_by(watch.context, watch.source), expected);
	if (mode == PERFTRACE_MODE_STREAM)
		watch_expect_rest(&watch, expected);
	watch_free(&watch);
	ck_assert_uint_eq(count_own_probes(), 0);
}

START_TEST(all_cpus)
{
	need_kprobes();
	call_everywhere("kprobe,named:" GETPPID, PERFTRACE_MODE_STREAM, true);
	call_everywhere("kprobe,local:" GETPPID, PERFTRACE_MODE_STREAM, false);
	call_everywhere("kretprobe,local:" GETPPID, PERFTRACE_MODE_COUNT,
			false);
	call_everywhere("kretprobe:" GETPPID, PERFTRACE_MODE_STREAM,
			sysconf(_SC_NPROCESSORS_ONLN) > 1);
}
END_TEST

/* Threads and children of a process, those that are there and new ones. */
START_TEST(threads_and_children)
{
	struct caller_task task = {
		.num_calls = 20,
		.new_threads = 2,
		.new_children = 3,
	};
	struct caller caller;
	struct watch watch;
	uint64_t expected;

	need_kprobes();
	caller_start(&caller, 3);
	watch_start(&watch, "kprobe:" GETPPID,
		    &(struct session_request){ .pid = caller.pid });
	ck_assert_uint_eq(count_own_probes(), 1);
	expected = caller_run(&caller, &task);
	/* Of nobody else. */
	call_getppid(7);
	watch_stop(&watch);
	watch_expect_rest(&watch, expected);
	ck_assert_uint_eq(counted_by(watch.context, watch.source), expected);
	watch_free(&watch);
	ck_assert_uint_eq(count_own_probes(), 0);
	caller_end(&caller);
}
END_TEST

/* An instruction begins at the first offset that is not refused. */
static int find_instruction(struct perftrace_context *context)
{
	int offset;

	for (offset = 1; offset < 32; offset++) {
		struct perftrace_session *session = new_session(
			context, &(struct session_request){
					 .is_self = true,
					 .mode = PERFTRACE_MODE_COUNT,
				 });
		char spec[96];
		int ret;

		snprintf(spec, sizeof(spec), "kprobe,local:vfs_read+%d",
			 offset);
		succeed(context,
			perftrace_session_add_spec(session, spec, NULL));
		ret = perftrace_session_open(session);
		if (ret) {
			refuse(context, ret, -EILSEQ,
			       "inside of an instruction");
			expect_remedy(context, "objdump");
		}
		perftrace_session_free(session);
		if (!ret)
			break;
	}
	ck_assert_int_lt(offset, 32);
	return offset;
}

static void read_zeros(unsigned int count)
{
	char byte;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	while (count--)
		ck_assert_int_eq(read(fd, &byte, 1), 1);
	close(fd);
}

static void count_reads(const char *spec)
{
	struct watch watch;

	watch_start(&watch, spec,
		    &(struct session_request){
			    .is_self = true,
			    .mode = PERFTRACE_MODE_COUNT,
		    });
	read_zeros(50);
	watch_stop(&watch);
	ck_assert_uint_eq(counted_by(watch.context, watch.source), 50);
	watch_free(&watch);
}

START_TEST(an_offset)
{
	struct perftrace_context *context;
	char spec[96];
	int offset;

	need_kprobes();
	context = new_context();
	offset = find_instruction(context);
	perftrace_context_unref(context);
	/* What ftrace puts at the start is longer than this. */
	ck_assert_int_gt(offset, 3);

	snprintf(spec, sizeof(spec), "kprobe,local:vfs_read+%d", offset);
	count_reads(spec);
	snprintf(spec, sizeof(spec), "kprobe,named:vfs_read+%#x", offset);
	count_reads(spec);
	snprintf(spec, sizeof(spec), "kprobe,named:%#" PRIx64,
		 find_address("vfs_read") + (uint64_t)offset);
	count_reads(spec);
}
END_TEST

START_TEST(an_address)
{
	char spec[96];

	need_kprobes();
	snprintf(spec, sizeof(spec), "kprobe,local:%#" PRIx64,
		 find_address(GETPPID));
	count_calls(spec, false);
	snprintf(spec, sizeof(spec), "kprobe,named:%#" PRIx64,
		 find_address(GETPPID));
	count_calls(spec, true);
	snprintf(spec, sizeof(spec), "kretprobe,local:%#" PRIx64,
		 find_address(GETPPID));
	count_calls(spec, false);
	snprintf(spec, sizeof(spec), "kretprobe,named:%#" PRIx64,
		 find_address(GETPPID));
	count_calls(spec, true);
}
END_TEST

/* The kernel's own place for it: behind a mark for indirect branches. */
static void expect_place(struct watch *watch, const char *field)
{
	uint64_t start = find_address(GETPPID);
	uint64_t address = watch_unsigned(watch, field);

	ck_assert_uint_ge(address, start);
	ck_assert_uint_le(address, start + 4);
}

START_TEST(where_it_was_hit)
{
	struct watch watch;

	need_kprobes();
	watch_self(&watch, "kretprobe,named,name=parent_asked:" GETPPID);
	ck_assert_str_eq(perftrace_event_get_name(watch.event),
			 "kretprobe:parent_asked");
	ck_assert_ptr_nonnull(
		strstr(perftrace_event_get_tracefs_name(watch.event),
		       ":parent_asked_"));
	ck_assert_uint_ne(perftrace_event_get_id(watch.event), 0);
	call_getppid(1);
	watch_stop(&watch);
	watch_next(&watch);
	expect_place(&watch, "__probe_func");
	ck_assert_uint_ne(watch_unsigned(&watch, "__probe_ret_ip"),
			  watch_unsigned(&watch, "__probe_func"));
	watch_free(&watch);

	/* Local: the kernel shows no format of it. */
	watch_self(&watch, "kprobe,local:" GETPPID);
	call_getppid(1);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_uint_eq(perftrace_event_get_id(watch.event), 0);
	expect_place(&watch, "__probe_ip");
	watch_free(&watch);
}
END_TEST

static void open_device(unsigned int count)
{
	while (count--) {
		int fd = open(MODULE_DEVICE, O_RDONLY | O_CLOEXEC);

		ck_assert_int_ge(fd, 0);
		close(fd);
	}
}

static void count_opens(const char *spec)
{
	struct watch watch;

	watch_start(&watch, spec,
		    &(struct session_request){
			    .is_self = true,
			    .mode = PERFTRACE_MODE_COUNT,
		    });
	open_device(5);
	watch_stop(&watch);
	ck_assert_uint_eq(counted_by(watch.context, watch.source), 5);
	watch_free(&watch);
}

START_TEST(a_module)
{
	struct perftrace_context *context;
	struct watch watch;

	need_kprobes();
	if (access("/sys/module/tun/sections", F_OK))
		skip("the module tun is not loaded");
	count_opens("kprobe,local:tun:" MODULE_FUNCTION);
	count_opens("kprobe,named:tun:" MODULE_FUNCTION);
	count_opens("kretprobe,named:tun:" MODULE_FUNCTION);
	count_opens("kprobe,named:" MODULE_FUNCTION);

	/* Its types are in a file of their own. */
	watch_self(&watch, "kprobe:tun:" MODULE_FUNCTION "(file->f_flags)");
	open_device(1);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_uint_eq(watch_unsigned(&watch, "f_flags") & O_ACCMODE,
			  O_RDONLY);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);

	context = new_context();
	refuse_probe(context, "kprobe:tun:vfs_read", -ENOENT, 11,
		     "no function vfs_read", "in the module tun");
	perftrace_context_unref(context);
}
END_TEST

/* Several sessions have one event; it goes with the last of them. */
START_TEST(sessions_that_share)
{
	struct session_request request = {
		.is_self = true,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_session *sessions[2];
	struct perftrace_source *sources[2];
	struct perftrace_context *context;
	struct perftrace_event *event;
	size_t i;

	need_kprobes();
	context = new_context();
	event = make_probe(context, "kprobe,named:" GETPPID);
	ck_assert_uint_eq(count_own_probes(), 1);
	for (i = 0; i < 2; i++) {
		sessions[i] = new_session(context, &request);
		succeed(context,
			perftrace_session_add_event(sessions[i], event, NULL,
						    &sources[i]));
		succeed(context, perftrace_session_start(sessions[i]));
	}
	perftrace_event_unref(event);
	call_getppid(10);
	succeed(context, perftrace_session_stop(sessions[0]));
	call_getppid(10);
	ck_assert_uint_eq(counted_by(context, sources[0]), 10);
	perftrace_session_free(sessions[0]);
	ck_assert_uint_eq(count_own_probes(), 1);
	call_getppid(10);
	succeed(context, perftrace_session_stop(sessions[1]));
	ck_assert_uint_eq(counted_by(context, sources[1]), 30);
	perftrace_session_free(sessions[1]);
	ck_assert_uint_eq(count_own_probes(), 0);
	perftrace_context_unref(context);
}
END_TEST

/* A process without a memory of its own; the parent waits until it has ended. */
static void nest(int depth)
{
	long pid;

	if (!depth)
		return;
	pid = syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		_exit(EXIT_FAILURE);
	if (!pid) {
		nest(depth - 1);
		_exit(EXIT_SUCCESS);
	}
	if (waitpid((pid_t)pid, NULL, 0) != pid)
		_exit(EXIT_FAILURE);
}

static uint64_t count_missed(uint32_t max_active, int depth, uint64_t *num_hits)
{
	uint64_t num_missed;
	struct watch watch;
	char spec[64];

	snprintf(spec, sizeof(spec),
		 "kretprobe,maxactive=%" PRIu32 ":kernel_clone", max_active);
	watch_start(&watch, spec,
		    &(struct session_request){
			    .is_self = true,
			    .mode = PERFTRACE_MODE_COUNT,
		    });
	nest(depth);
	watch_stop(&watch);
	*num_hits = counted_by(watch.context, watch.source);
	succeed(watch.context,
		perftrace_event_get_num_missed(watch.event, &num_missed));
	watch_free(&watch);
	return num_missed;
}

/* Of calls that are under way at once, as many as maxactive are seen. */
START_TEST(missed_returns)
{
	uint64_t num_hits;

	need_kprobes();
	ck_assert_uint_eq(count_missed(1, 5, &num_hits), 4);
	ck_assert_uint_eq(num_hits, 1);
	ck_assert_uint_eq(count_missed(3, 5, &num_hits), 2);
	ck_assert_uint_eq(num_hits, 3);
	ck_assert_uint_eq(count_missed(8, 5, &num_hits), 0);
	ck_assert_uint_eq(num_hits, 5);
}
END_TEST

static void expect_missed(struct watch *watch, bool is_told,
			  uint64_t num_missed, uint64_t num_hits)
{
	struct perftrace_ledger *ledger;

	succeed(watch->context,
		perftrace_source_get_ledger(watch->source, &ledger));
	ck_assert_uint_eq(perftrace_ledger_has_missed(ledger), is_told);
	ck_assert_uint_eq(perftrace_ledger_get_missed(ledger), num_missed);
	/* They are no part of the others. */
	ck_assert_uint_eq(perftrace_ledger_get_delivered(ledger) +
				  perftrace_ledger_get_lost(ledger),
			  num_hits);
	ck_assert_uint_eq(perftrace_ledger_get_unaccounted(ledger), 0);
	perftrace_ledger_free(ledger);
}

/* Of this session: of a probe that has missed before. */
START_TEST(missed_returns_are_in_the_ledger)
{
	struct session_request request = { .is_self = true };
	struct perftrace_session *second;
	struct watch watch;
	uint64_t num_missed;

	need_kprobes();
	watch_start(&watch, "kretprobe,maxactive=1:kernel_clone", &request);
	nest(5);
	second = event_session(watch.context, watch.event, &request);
	succeed(watch.context, perftrace_session_start(second));
	nest(3);
	succeed(watch.context, perftrace_session_stop(second));
	perftrace_session_close(second);
	nest(2);
	perftrace_session_close(watch.session);
	expect_missed(&watch, true, 4 + 2 + 1, 3);
	watch.source = perftrace_session_get_source(second, 0);
	/* As it was when it was closed. */
	expect_missed(&watch, true, 2, 1);
	succeed(watch.context,
		perftrace_event_get_num_missed(watch.event, &num_missed));
	ck_assert_uint_eq(num_missed, 4 + 2 + 1);
	perftrace_session_free(second);
	watch_free(&watch);
	watch_start(&watch, "kretprobe,local:kernel_clone", &request);
	nest(1);
	perftrace_session_close(watch.session);
	expect_missed(&watch, false, 0, 1);
	watch_free(&watch);
}
END_TEST

START_TEST(missed_hits_of_what_is_not_named)
{
	struct perftrace_context *context;
	struct perftrace_event *event;
	uint64_t num_missed;

	need_kprobes();
	context = new_context();
	event = make_probe(context, "kprobe,local:" GETPPID);
	refuse(context, perftrace_event_get_num_missed(event, &num_missed),
	       -EOPNOTSUPP, "kprobe:" GETPPID);
	perftrace_event_unref(event);
	event = make_probe(context, "kprobe,named:" GETPPID);
	succeed(context, perftrace_event_get_num_missed(event, &num_missed));
	ck_assert_uint_eq(num_missed, 0);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(the_most_that_are_active)
{
	struct perftrace_context *context;
	struct perftrace_probe *probe;
	uint64_t num_hits;

	need_kprobes();
	ck_assert_uint_eq(count_missed(4096, 2, &num_hits), 0);
	ck_assert_uint_eq(num_hits, 2);
	context = new_context();
	refuse_probe(context, "kretprobe,maxactive=4097:" GETPPID, -EINVAL, 20,
		     "4097");
	refuse_probe(context, "kretprobe,local,maxactive=4:" GETPPID,
		     -EOPNOTSUPP, -1, "maxactive");
	succeed(context, perftrace_probe_new(context, PERFTRACE_EVENT_KRETPROBE,
					     &probe));
	refuse(context, perftrace_probe_set_max_active(probe, 4097), -EINVAL,
	       "4097");
	succeed(context, perftrace_probe_set_max_active(probe, 4096));
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

static void keep_capabilities(uint64_t capabilities)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	size_t i;

	ck_assert_int_eq(prctl(PR_SET_KEEPCAPS, 1), 0);
	ck_assert_int_eq(setresgid(PLAIN_USER, PLAIN_USER, PLAIN_USER), 0);
	ck_assert_int_eq(setresuid(PLAIN_USER, PLAIN_USER, PLAIN_USER), 0);
	for (i = 0; i < 2; i++) {
		uint32_t word = (uint32_t)(capabilities >> i * 32);

		data[i] = (struct __user_cap_data_struct){
			.effective = word,
			.permitted = word,
		};
	}
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
}

#define CAPABILITY(name) (UINT64_C(1) << (name))

/* Tracefs can be read, and not be written. */
static void without_tracefs(void)
{
	struct perftrace_context *context;

	keep_capabilities(CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_SYSLOG) |
			  CAPABILITY(CAP_DAC_READ_SEARCH) |
			  CAPABILITY(CAP_IPC_LOCK));
	sample_calls("kprobe:" GETPPID, false);
	call_everywhere("kretprobe:" GETPPID, PERFTRACE_MODE_STREAM, false);
	context = new_context();
	refuse_probe(context, "kprobe,named:" GETPPID, -EACCES, -1,
		     "kprobe_events", "uid 1000");
	expect_remedy(context, "CAP_DAC_OVERRIDE");
	refuse_probe(context, "kprobe:" GETPPID "(%ax)", -EACCES, -1,
		     "kprobe_events");
	perftrace_context_unref(context);
}

START_TEST(local_where_tracefs_is_not_granted)
{
	need_kprobes();
	run_in_child(without_tracefs);
}
END_TEST

/* Nor does the kernel show an address: then what follows a task has no way. */
static void without_addresses(void)
{
	struct session_request request = { .event = "kprobe:" GETPPID,
					   .is_self = true };
	struct perftrace_context *context;
	struct perftrace_session *session;

	keep_capabilities(CAPABILITY(CAP_PERFMON) |
			  CAPABILITY(CAP_DAC_READ_SEARCH) |
			  CAPABILITY(CAP_IPC_LOCK));
	context = new_context();
	session = new_session(context, &request);
	refuse(context, perftrace_session_open(session), -EACCES,
	       "kprobe_events");
	expect_remedy(context, "all CPUs");
	perftrace_session_free(session);
	request.event = "kprobe,local:" GETPPID;
	session = new_session(context, &request);
	refuse(context, perftrace_session_open(session), -EOPNOTSUPP,
	       "can't follow");
	expect_remedy(context, "all CPUs");
	perftrace_session_free(session);
	perftrace_context_unref(context);
	call_everywhere("kprobe:" GETPPID, PERFTRACE_MODE_STREAM, false);
}

START_TEST(local_without_addresses)
{
	need_kprobes();
	run_in_child(without_addresses);
}
END_TEST

static void open_unseen(struct perftrace_context *context, const char *spec,
			bool expects_named)
{
	struct perftrace_event *event = make_probe(context, spec);
	struct perftrace_source_config *config;
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .is_self = true,
					     .mode = PERFTRACE_MODE_COUNT,
				     });

	succeed(context, perftrace_source_config_new(context, &config));
	/* All that a plain user may open. */
	succeed(context,
		perftrace_source_config_set_exclude_kernel(config, true));
	succeed(context,
		perftrace_session_add_event(session, event, config, NULL));
	perftrace_source_config_free(config);
	if (expects_named) {
		succeed(context, perftrace_session_open(session));
		ck_assert_str_ne(perftrace_event_get_tracefs_name(event), "");
	} else {
		refuse(context, perftrace_session_open(session), -EACCES,
		       "kprobe:" GETPPID);
		expect_remedy(context, "CAP_PERFMON");
	}
	perftrace_session_free(session);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_own_probes(), 0);
}

/* Tracefs can be written, and the kprobe PMU is refused. */
static void without_pmu(void)
{
	struct perftrace_context *context;

	keep_capabilities(CAPABILITY(CAP_DAC_OVERRIDE) |
			  CAPABILITY(CAP_SYSLOG) |
			  CAPABILITY(CAP_DAC_READ_SEARCH));
	context = new_context();
	open_unseen(context, "kprobe:" GETPPID, true);
	open_unseen(context, "kprobe,named:" GETPPID, true);
	open_unseen(context, "kprobe,local:" GETPPID, false);
	perftrace_context_unref(context);
}

START_TEST(named_where_the_pmu_is_not_granted)
{
	need_kprobes();
	run_in_child(without_pmu);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(entries_are_counted),
	TEST(returns_are_counted),
	TEST(entries_are_sampled),
	TEST(returns_are_sampled),
	TEST(all_cpus),
	TEST(threads_and_children),
	TEST(an_offset),
	TEST(an_address),
	TEST(where_it_was_hit),
	TEST(a_module),
	TEST(sessions_that_share),
	TEST(missed_returns),
	TEST(missed_returns_are_in_the_ledger),
	TEST(missed_hits_of_what_is_not_named),
	TEST(the_most_that_are_active),
	TEST(local_where_tracefs_is_not_granted),
	TEST(local_without_addresses),
	TEST(named_where_the_pmu_is_not_granted),
};

HARNESS_MAIN("kprobe", tests, HARNESS_LIVE)
