/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a session is told beforehand, and what it is answered then: under a
 * seccomp filter, without tracefs, at the end of descriptors and of locked
 * memory, in a cgroup. And that remedies help.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "identity.h"
#include "setup.h"
#include "truth.h"

#define GETPPID_ENTER "syscalls:sys_enter_getppid"
#define SWITCH	      "sched:sched_switch"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct identity user = { "user", USER_UID, 0, false, "uid=1000" };

/* An event that users may have of themselves, at the usual level. */
static void add_for_users(struct perftrace_context *context,
			  struct perftrace_session *session, const char *event)
{
	struct perftrace_source_config *config;

	succeed(context, perftrace_source_config_new(context, &config));
	succeed(context,
		perftrace_source_config_set_exclude_kernel(config, true));
	succeed(context, perftrace_session_add_spec(session, event, config));
	perftrace_source_config_free(config);
}

static struct perftrace_session *
new_session_for_users(struct perftrace_context *context, uint64_t ring_bytes,
		      uint64_t min_ring_bytes)
{
	struct perftrace_session_config *config;
	struct perftrace_session *session;

	succeed(context, perftrace_session_config_new(context, &config));
	succeed(context, perftrace_session_config_set_pid(config, 0));
	succeed(context, perftrace_session_config_set_ring_size_bytes(
				 config, ring_bytes));
	succeed(context, perftrace_session_config_set_min_ring_size_bytes(
				 config, min_ring_bytes));
	succeed(context, perftrace_session_new(context, config, &session));
	perftrace_session_config_free(config);
	add_for_users(context, session, GETPPID_ENTER);
	return session;
}

static void limit(int resource, rlim_t value)
{
	struct rlimit limits;

	ck_assert_int_eq(getrlimit(resource, &limits), 0);
	limits.rlim_cur = value;
	ck_assert_int_eq(setrlimit(resource, &limits), 0);
}

/* A filter for one system call. */
static void filter_calls(uint32_t answer)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(rules), rules };

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program),
			 0);
}

static void open_under_filter(uint32_t answer, int32_t expected)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session_for_users(context, 4096, 0);

	filter_calls(answer);
	ck_assert_int_eq(expect_truth(context, session, PERFTRACE_GATE_SECCOMP),
			 expected);
	expect_remedy(context, "seccomp profile");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void open_under_filter_of_eperm(void)
{
	open_under_filter(SECCOMP_RET_ERRNO | EPERM, -EPERM);
}

static void open_under_filter_of_enosys(void)
{
	open_under_filter(SECCOMP_RET_ERRNO | ENOSYS, -ENOSYS);
}

START_TEST(seccomp_that_answers)
{
	run_in_child(open_under_filter_of_eperm);
	run_in_child(open_under_filter_of_enosys);
}
END_TEST

/* Whoever opened it would be killed; who asks is not. */
static void ask_under_filter_that_kills(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session_for_users(context, 4096, 0);
	struct perftrace_report *report;
	struct perftrace_facts *facts;
	char word[32];

	filter_calls(SECCOMP_RET_KILL_PROCESS);
	succeed(context, perftrace_facts_new(context, &facts));
	ck_assert_int_eq(perftrace_facts_get(facts, "call", word, sizeof(word)),
			 5);
	ck_assert_str_eq(word, "kills");
	succeed(context, perftrace_session_check(session, facts, &report));
	ck_assert(!perftrace_report_is_allowed(report));
	ck_assert_int_eq(perftrace_finding_get_gate(first(report)),
			 PERFTRACE_GATE_SECCOMP);
	perftrace_report_unref(report);
	perftrace_facts_free(facts);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(seccomp_that_kills)
{
	run_in_child(ask_under_filter_that_kills);
}
END_TEST

static void leave_mounts(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL),
			 0);
}

static void expect_fact(struct perftrace_context *context, const char *key,
			const char *value)
{
	struct perftrace_facts *facts;
	char word[64];

	succeed(context, perftrace_facts_new(context, &facts));
	succeed(context, perftrace_facts_get(facts, key, word, sizeof(word)));
	ck_assert_msg(!strcmp(word, value), "%s is %s", key, word);
	perftrace_facts_free(facts);
}

/* A mount of its own would have the same owner: tracefs is one for all. */
static void become_of_group(void)
{
	ck_assert_int_eq(setresgid(USER_UID, USER_UID, USER_UID), 0);
	ck_assert_int_eq(setresuid(USER_UID, USER_UID, USER_UID), 0);
}

static void find_as_group(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;

	become_of_group();
	expect_fact(context, "tracefs", "readable");
	expect_fact(context, "tracefs_gid", "1000");
	succeed(context, perftrace_event_find(context, SWITCH, &event));
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}

static void find_as_nobody(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;

	become(&user);
	expect_fact(context, "tracefs", "unreadable");
	refuse(context, perftrace_event_find(context, SWITCH, &event), -EACCES,
	       "tracefs");
	expect_remedy(context, "gid=GROUP,mode=750");
	perftrace_context_unref(context);
}

START_TEST(tracefs_that_is_unreadable)
{
	run_in_child(find_as_nobody);
}
END_TEST

static void ask_without_tracefs(void)
{
	struct perftrace_context *context = new_context();

	leave_mounts();
	umount2("/sys/kernel/debug", MNT_DETACH);
	ck_assert_int_eq(umount2("/sys/kernel/tracing", MNT_DETACH), 0);
	expect_fact(context, "tracefs", "unmounted");
	perftrace_context_unref(context);
}

START_TEST(tracefs_that_is_not_mounted)
{
	run_in_child(ask_without_tracefs);
}
END_TEST

/* So that descriptors are given one after the other. */
static int fill_gaps(void)
{
	int fd, last;
	int highest = 2, i;

	for (i = 0; i < 1024; i++) {
		if (fcntl(i, F_GETFD) >= 0)
			highest = i;
	}
	do
		last = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (last >= 0 && last < highest);
	fd = last;
	close(last);
	return fd;
}

/* With each number of descriptors less than what is needed, and with enough. */
static void run_out_of_descriptors(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, GETPPID_ENTER);
	struct perftrace_session *session =
		new_session_for_users(context, 4096, 0);
	struct perftrace_report *report = check(context, session);
	int needed = (int)perftrace_report_get_num_descriptors(report);
	int next = fill_gaps(), room;

	ck_assert_int_gt(needed, 4);
	perftrace_report_unref(report);
	/* A forecast itself needs some, to look. */
	for (room = 4; room <= needed; room++) {
		limit(RLIMIT_NOFILE, (rlim_t)(next + room));
		report = check(context, session);
		ck_assert_uint_eq(
			perftrace_report_get_num_descriptors_available(report),
			(uint64_t)room);
		perftrace_report_unref(report);
		expect_truth(context, session, PERFTRACE_GATE_DESCRIPTORS);
	}
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session),
			  (size_t)needed);
	perftrace_session_free(session);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}

START_TEST(descriptors_at_their_end)
{
	run_in_child(run_out_of_descriptors);
}
END_TEST

/* Rings from a page on, until the budget does not allow them. */
static void run_out_of_locked_memory(void)
{
	struct perftrace_context *context = new_context();
	size_t num_open = 0, num_refused = 0;
	uint64_t pages;

	limit(RLIMIT_MEMLOCK, 64 << 10);
	become(&user);
	for (pages = 1; pages <= 4096; pages *= 2) {
		struct perftrace_session *session =
			new_session_for_users(context, pages * 4096, 0);

		if (expect_truth(context, session,
				 PERFTRACE_GATE_LOCKED_MEMORY))
			num_refused++;
		else
			num_open++;
		perftrace_session_free(session);
	}
	ck_assert_uint_gt(num_open, 0);
	ck_assert_uint_gt(num_refused, 0);
	perftrace_context_unref(context);
}

static void remount_tracefs(uint32_t gid, uint32_t mode)
{
	char options[64];

	snprintf(options, sizeof(options), "gid=%u,mode=%o", gid, mode);
	ck_assert_int_eq(mount("nodev", "/sys/kernel/tracing", "tracefs",
			       MS_REMOUNT, options),
			 0);
}

static struct stat tracefs_before;

/* A user can't look an event up: a group may. */
static void allow_users_to_look(void)
{
	ck_assert_int_eq(stat("/sys/kernel/tracing", &tracefs_before), 0);
	remount_tracefs(USER_UID, 0750);
}

static void forbid_users_to_look(void)
{
	remount_tracefs(tracefs_before.st_gid, tracefs_before.st_mode & 07777);
}

/* At the level that kernels have without a vendor's help. */
static void run_with_tracefs_for_users(void (*function)(void))
{
	int before = read_level(), status;

	write_level(2);
	allow_users_to_look();
	status = try_in_child(function);
	forbid_users_to_look();
	write_level(before);
	ck_assert_int_eq(status, 0);
}

START_TEST(tracefs_for_a_group)
{
	int status;

	allow_users_to_look();
	status = try_in_child(find_as_group);
	forbid_users_to_look();
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(locked_memory_at_its_end)
{
	run_with_tracefs_for_users(run_out_of_locked_memory);
}
END_TEST

/* Of one user, until the budget that they share is used up; then others. */
static void share_the_budget(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *sessions[64];
	size_t count = 0, i;
	uint64_t left = UINT64_MAX;

	limit(RLIMIT_MEMLOCK, 0);
	become(&user);
	for (;;) {
		struct perftrace_session *session =
			new_session_for_users(context, 8 * 4096, 0);
		struct perftrace_report *report = check(context, session);
		uint64_t available =
			perftrace_report_get_locked_kib_available(report);

		ck_assert_uint_lt(available, left);
		left = available;
		perftrace_report_unref(report);
		ck_assert_uint_lt(count, COUNT(sessions));
		sessions[count++] = session;
		if (expect_truth(context, session,
				 PERFTRACE_GATE_LOCKED_MEMORY))
			break;
	}
	ck_assert_uint_gt(count, 2);
	for (i = 0; i < count; i++)
		perftrace_session_free(sessions[i]);
	perftrace_context_unref(context);
}

START_TEST(sessions_share_the_budget)
{
	run_with_tracefs_for_users(share_the_budget);
}
END_TEST

/* What another process of the user holds can be seen, too. */
static void share_with_another(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session, *other;
	int ready[2], status;
	char byte;
	pid_t pid;

	limit(RLIMIT_MEMLOCK, 0);
	become(&user);
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		other = new_session_for_users(context, 128 << 10, 0);
		while (!perftrace_session_open(other))
			other = new_session_for_users(context, 128 << 10, 0);
		if (write(ready[1], "", 1) != 1)
			_exit(EXIT_FAILURE);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	session = new_session_for_users(context, 256 << 10, 0);
	ck_assert_int_eq(expect_truth(context, session,
				      PERFTRACE_GATE_LOCKED_MEMORY),
			 -EPERM);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(expect_truth(context, session,
				      PERFTRACE_GATE_LOCKED_MEMORY),
			 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(processes_share_the_budget)
{
	run_with_tracefs_for_users(share_with_another);
}
END_TEST

/* Told to fit, it does, and says what it chose, before and after. */
static void fit_into_the_budget(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_report *report;
	uint64_t foreseen;

	limit(RLIMIT_MEMLOCK, 0);
	become(&user);
	session = new_session_for_users(context, 16 << 20, 8192);
	report = check(context, session);
	foreseen = perftrace_report_get_ring_size_bytes(report);
	ck_assert(perftrace_report_is_allowed(report));
	ck_assert(has_gate(report, PERFTRACE_GATE_LOCKED_MEMORY,
			   PERFTRACE_FINDING_LIMITED));
	ck_assert_uint_lt(foreseen, 16 << 20);
	perftrace_report_unref(report);
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(perftrace_session_get_ring_size_bytes(session),
			  foreseen);
	ck_assert_uint_le(perftrace_session_get_watermark_bytes(session),
			  foreseen / 2);
	perftrace_session_free(session);

	session = new_session_for_users(context, 64 << 20, 32 << 20);
	ck_assert_int_eq(expect_truth(context, session,
				      PERFTRACE_GATE_LOCKED_MEMORY),
			 -EPERM);
	ck_assert_uint_eq(perftrace_session_get_ring_size_bytes(session),
			  64 << 20);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(rings_that_fit_themselves)
{
	run_with_tracefs_for_users(fit_into_the_budget);
}
END_TEST

/* Whatever is chosen, the open agrees with the forecast. */
static void open_as_user(void)
{
	static const struct session_request requests[] = {
		{ .event = SWITCH },
		{ .event = SWITCH, .is_self = true },
		{ .event = GETPPID_ENTER, .is_self = true },
		{ .event = GETPPID_ENTER,
		  .is_self = true,
		  .mode = PERFTRACE_MODE_COUNT },
		{ .event = SWITCH, .pid = 1 },
		{ .event = GETPPID_ENTER, .cpus = "0" },
		{ .event = GETPPID_ENTER, .mode = PERFTRACE_MODE_COUNT },
	};
	static const int32_t gates[] = {
		PERFTRACE_GATE_CPU,    PERFTRACE_GATE_KERNEL,
		PERFTRACE_GATE_KERNEL, PERFTRACE_GATE_KERNEL,
		PERFTRACE_GATE_TASK,   PERFTRACE_GATE_CPU,
		PERFTRACE_GATE_KERNEL,
	};
	struct perftrace_context *context = new_context();
	size_t i;

	become(&user);
	for (i = 0; i < COUNT(requests); i++) {
		struct perftrace_session *session =
			new_session(context, &requests[i]);

		ck_assert_int_eq(expect_truth(context, session, gates[i]),
				 -EACCES);
		perftrace_session_free(session);
	}
	perftrace_context_unref(context);
}

START_TEST(sessions_of_a_user)
{
	run_with_tracefs_for_users(open_as_user);
}
END_TEST

static void open_command_as_user(void)
{
	static const char *const command[] = { "true", NULL };
	struct perftrace_context *context = new_context();
	struct perftrace_session_config *config;
	struct perftrace_session *session;

	become(&user);
	succeed(context, perftrace_session_config_new(context, &config));
	succeed(context, perftrace_session_config_set_command(config, command));
	succeed(context, perftrace_session_new(context, config, &session));
	add_for_users(context, session, GETPPID_ENTER);
	ck_assert_int_eq(expect_truth(context, session, 0), 0);
	perftrace_session_free(session);

	/* The child is as its parent, which may not be looked into. */
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0), 0);
	succeed(context, perftrace_session_new(context, config, &session));
	add_for_users(context, session, GETPPID_ENTER);
	ck_assert_int_eq(expect_truth(context, session, PERFTRACE_GATE_TASK),
			 -EACCES);
	perftrace_session_free(session);
	perftrace_session_config_free(config);
	perftrace_context_unref(context);
}

START_TEST(command_of_a_user)
{
	run_with_tracefs_for_users(open_command_as_user);
}
END_TEST

/* It opens, and nothing will come: that is said, and true. */
static void open_silently(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .is_self = true,
					     .mode = PERFTRACE_MODE_COUNT });
	struct perftrace_report *report;
	struct perftrace_counts *counts;

	add_for_users(context, session, SWITCH);
	become(&user);
	report = check(context, session);
	ck_assert(perftrace_report_is_allowed(report));
	ck_assert(!perftrace_report_can_deliver(report));
	ck_assert_int_eq(perftrace_finding_get_gate(first(report)),
			 PERFTRACE_GATE_EXCLUDE_KERNEL);
	ck_assert(has_remedy(first(report), "exclude_kernel=0"));
	perftrace_report_unref(report);
	succeed(context, perftrace_session_start(session));
	usleep(1000);
	succeed(context, perftrace_session_stop(session));
	succeed(context,
		perftrace_source_get_counts(
			perftrace_session_get_source(session, 0), &counts));
	ck_assert_uint_eq(perftrace_counts_get_value(counts), 0);
	perftrace_counts_free(counts);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(silence_is_foreseen)
{
	run_with_tracefs_for_users(open_silently);
}
END_TEST

/* A session's way to be refused, and what would help it. */
struct scene {
	const char *event;
	bool is_all;
	bool is_counting;
	int level;
	struct identity identity;
};

static const struct scene scenes[] = {
	{ SWITCH, true, false, 2, { "user", USER_UID, 0, false, "" } },
	{ SWITCH, true, true, 2, { "user", USER_UID, 0, false, "" } },
	{ SWITCH, true, false, 0, { "user", USER_UID, 0, false, "" } },
	{ SWITCH, false, false, 1, { "user", USER_UID, 0, false, "" } },
	{ GETPPID_ENTER, false, false, 2, { "user", USER_UID, 0, false, "" } },
	{ GETPPID_ENTER, true, false, 1, { "user", USER_UID, 0, false, "" } },
	{ GETPPID_ENTER, true, true, 1, { "user", USER_UID, 0, false, "" } },
	{ GETPPID_ENTER, false, false, 3, { "user", USER_UID, 0, false, "" } },
	{ SWITCH,
	  true,
	  false,
	  4,
	  { "monitor", USER_UID, UINT64_C(1) << CAP_PERFMON, false, "" } },
	{ SWITCH, true, false, 2, { "root", 0, 0, false, "" } },
};

static int open_scene(const struct scene *scene, bool excludes_kernel)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(
		context,
		&(struct session_request){
			.is_self = !scene->is_all,
			.mode = scene->is_counting ? PERFTRACE_MODE_COUNT :
						     PERFTRACE_MODE_STREAM,
			.ring_bytes = 4096,
		});
	int ret;

	if (excludes_kernel)
		add_for_users(context, session, scene->event);
	else
		succeed(context, perftrace_session_add_spec(
					 session, scene->event, NULL));
	become(&scene->identity);
	ret = perftrace_session_open(session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	return ret;
}

/* In a child, for it is for good; 0 or an errno. */
static int try_scene(const struct scene *scene, bool excludes_kernel)
{
	int status;
	pid_t pid;

	write_level(scene->level);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(-open_scene(scene, excludes_kernel));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* "exclude_kernel=1, pid=PID" */
static void apply_setting(struct scene *scene, const char *text,
			  bool *excludes_kernel)
{
	*excludes_kernel |= strstr(text, "exclude_kernel=1") != NULL;
	if (strstr(text, "mode=count"))
		scene->is_counting = true;
	if (strstr(text, "pid=PID"))
		scene->is_all = false;
}

static int capability_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {
		{ "CAP_PERFMON", CAP_PERFMON },
		{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN },
		{ "CAP_SYS_PTRACE", CAP_SYS_PTRACE },
		{ "CAP_IPC_LOCK", CAP_IPC_LOCK },
		{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH },
		{ "CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE },
	};
	size_t i;

	for (i = 0; i < COUNT(known); i++) {
		if (!strcmp(known[i].name, name))
			return known[i].number;
	}
	ck_abort_msg("%s", name);
}

struct advice {
	int32_t kind;
	char text[128];
};

/* Of the last finding that refuses: what stands before it must go as well. */
struct advices {
	size_t num_findings;
	size_t count;
	struct advice list[32];
};

static struct advices *advices;

static void note_advice(struct perftrace_finding *finding)
{
	size_t i;

	for (i = 0; i < perftrace_finding_get_num_remedies(finding); i++) {
		struct advice *advice = &advices->list[advices->count++];

		ck_assert_uint_le(advices->count, COUNT(advices->list));
		advice->kind = perftrace_finding_get_remedy_kind(finding, i);
		snprintf(advice->text, sizeof(advice->text), "%s",
			 perftrace_finding_get_remedy(finding, i));
	}
}

static const struct scene *current;

/* What the whole session is told: the remedies of its source. */
static void ask_scene(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(
		context,
		&(struct session_request){
			.event = current->event,
			.is_self = !current->is_all,
			.mode = current->is_counting ? PERFTRACE_MODE_COUNT :
						       PERFTRACE_MODE_STREAM,
			.ring_bytes = 4096,
		});
	struct perftrace_report *report;
	size_t i;

	become(&current->identity);
	report = check(context, session);
	for (i = 0; i < perftrace_report_get_num_findings(report); i++) {
		struct perftrace_finding *finding =
			perftrace_report_get_finding(report, i);

		if (perftrace_finding_get_kind(finding) !=
			    PERFTRACE_FINDING_REFUSED ||
		    perftrace_finding_get_source_index(finding))
			continue;
		advices->num_findings++;
		advices->count = 0;
		note_advice(finding);
	}
	perftrace_report_unref(report);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

/* Whether it is one that can be tried, and, if so, whether it helps. */
static bool try_advice(const struct scene *scene, const struct advice *advice,
		       size_t *num_tried)
{
	struct scene changed = *scene;
	bool excludes_kernel = false;
	int level;

	switch (advice->kind) {
	case PERFTRACE_REMEDY_CAPABILITY:
		changed.identity.capabilities |=
			UINT64_C(1) << capability_number(advice->text);
		break;
	case PERFTRACE_REMEDY_SYSCTL:
		ck_assert_int_eq(sscanf(advice->text,
					"kernel.perf_event_paranoid=%d",
					&level),
				 1);
		changed.level = level;
		break;
	case PERFTRACE_REMEDY_SETTING:
		apply_setting(&changed, advice->text, &excludes_kernel);
		break;
	default:
		return true;
	}
	++*num_tried;
	return !try_scene(&changed, excludes_kernel);
}

static void try_all_advice(const struct scene *scene)
{
	size_t i, num_tried = 0;

	memset(advices, 0, sizeof(*advices));
	current = scene;
	write_level(scene->level);
	run_in_child(ask_scene);
	/* A kernel without the patch: it is allowed. */
	if (!try_scene(scene, false)) {
		ck_assert_uint_eq(advices->num_findings, 0);
		return;
	}
	ck_assert_uint_gt(advices->num_findings, 0);
	for (i = 0; i < advices->count; i++) {
		ck_assert_msg(try_advice(scene, &advices->list[i], &num_tried),
			      "%s of %s at %d: \"%s\" does not help",
			      scene->event, scene->identity.name, scene->level,
			      advices->list[i].text);
	}
	ck_assert_uint_gt(num_tried, 0);
}

static void try_scenes(void)
{
	size_t i;

	for (i = 0; i < COUNT(scenes); i++)
		try_all_advice(&scenes[i]);
}

START_TEST(remedies_help)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, GETPPID_ENTER);
	struct perftrace_session *other = hold_event(context, SWITCH);
	int before = read_level(), status;

	advices = mmap(NULL, sizeof(*advices), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(advices != MAP_FAILED);
	/* In a child: whatever it finds, the level is put back. */
	status = try_in_child(try_scenes);
	write_level(before);
	ck_assert_int_eq(status, 0);
	munmap(advices, sizeof(*advices));
	perftrace_session_free(held);
	perftrace_session_free(other);
	perftrace_context_unref(context);
}
END_TEST

/* The limits that are named are enough. */
static void obey_limits(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_report *report;
	unsigned long long bytes = 0;
	struct rlimit limits;
	size_t i;

	limit(RLIMIT_MEMLOCK, 0);
	become(&user);
	session = new_session_for_users(context, 2 << 20, 0);
	ck_assert_int_eq(expect_truth(context, session,
				      PERFTRACE_GATE_LOCKED_MEMORY),
			 -EPERM);
	report = perftrace_session_get_report(session);
	for (i = 0; i < perftrace_finding_get_num_remedies(first(report)); i++)
		sscanf(perftrace_finding_get_remedy(first(report), i),
		       "RLIMIT_MEMLOCK=%llu", &bytes);
	ck_assert_uint_gt(bytes, 0);
	ck_assert_int_eq(getrlimit(RLIMIT_MEMLOCK, &limits), 0);
	if (limits.rlim_max < bytes)
		skip("RLIMIT_MEMLOCK can't be raised");
	limit(RLIMIT_MEMLOCK, bytes);
	succeed(context, perftrace_session_open(session));
	perftrace_session_free(session);

	limit(RLIMIT_MEMLOCK, 0);
	session = new_session_for_users(context, 2 << 20, 0);
	report = check(context, session);
	ck_assert_int_eq(sscanf(perftrace_finding_get_remedy(first(report), 0),
				"ring_size_bytes=%llu", &bytes),
			 1);
	perftrace_report_unref(report);
	perftrace_session_free(session);
	session = new_session_for_users(context, bytes, 0);
	succeed(context, perftrace_session_open(session));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(limits_that_are_named_suffice)
{
	run_with_tracefs_for_users(obey_limits);
}
END_TEST

/* Root foresees what the user will be told. */
START_TEST(root_foresees_for_others)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(
		context, &(struct session_request){ .event = SWITCH });
	struct perftrace_report *report;
	struct perftrace_facts *facts;

	succeed(context, perftrace_facts_new(context, &facts));
	succeed(context, perftrace_session_check(session, facts, &report));
	ck_assert(perftrace_report_is_allowed(report));
	perftrace_report_unref(report);

	succeed(context, perftrace_facts_set(facts, "uid=1000"));
	succeed(context, perftrace_session_check(session, facts, &report));
	ck_assert(!perftrace_report_is_allowed(report));
	ck_assert(has_gate(report, PERFTRACE_GATE_TRACEFS,
			   PERFTRACE_FINDING_REFUSED));
	perftrace_report_unref(report);

	succeed(context,
		perftrace_facts_set(
			facts, "uid=1000,caps=perfmon+dac_read_search+ipc_lock,"
			       "paranoid=2"));
	succeed(context, perftrace_session_check(session, facts, &report));
	ck_assert(perftrace_report_is_allowed(report));
	perftrace_report_unref(report);

	refuse(context, perftrace_facts_set(facts, "paranoid=2,uid=x"), -EINVAL,
	       "\"x\"");
	ck_assert_int_eq(perftrace_context_get_error_position(context), 15);
	refuse(context, perftrace_facts_set(facts, "color=red"), -EINVAL,
	       "color");
	succeed(context, perftrace_facts_refresh(facts));
	succeed(context, perftrace_session_check(session, facts, &report));
	ck_assert(perftrace_report_is_allowed(report));
	perftrace_report_unref(report);
	perftrace_facts_free(facts);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(seccomp_that_answers),
	TEST(seccomp_that_kills),
	TEST(tracefs_that_is_unreadable),
	TEST(tracefs_for_a_group),
	TEST(tracefs_that_is_not_mounted),
	TEST(descriptors_at_their_end),
	TEST(locked_memory_at_its_end),
	TEST(sessions_share_the_budget),
	TEST(processes_share_the_budget),
	TEST(rings_that_fit_themselves),
	TEST(sessions_of_a_user),
	TEST(command_of_a_user),
	TEST(silence_is_foreseen),
	TEST(remedies_help),
	TEST(limits_that_are_named_suffice),
	TEST(root_foresees_for_others),
};

HARNESS_MAIN("access", tests, HARNESS_LIVE)
