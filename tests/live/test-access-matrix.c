/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Everybody asks for everything everywhere: first the rules, then the kernel,
 * and they have to agree on whether it opens, on the errno, and on whether it
 * delivers. Asked twice of the rules: with the facts as the caller itself finds
 * them, and with those of root, changed to describe the caller.
 *
 * A sample, in which every pair of values of two dimensions occurs; all there
 * is with ACCESS_MATRIX=full, one in so many with a number.
 *
 * With ACCESS_LOCKDOWN=confidentiality the kernel is locked down once the events
 * are there, for good: in a machine that is thrown away.
 *
 * Others of the machine see kernel.perf_event_paranoid change meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "access.h"
#include "context.h"
#include "event_access.h"
#include "facts.h"
#include "facts_sense.h"
#include "facts_text.h"
#include "harness.h"
#include "identity.h"
#include "plan.h"
#include "probed.h"
#include "sensor.h"
#include "setup.h"
#include "task_sense.h"
#include "uprobe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How often each process may open what the kernel is long in closing. */
#define MOST_PROBES	 2
#define MOST_PROBES_FULL 20

static const int levels[] = { -1, 0, 1, 2, 3, 4 };

enum event_kind {
	TRACEPOINT,
	SYSCALL,
	RAW_SYSCALL,
	FUNCTION,
	NAMED_KPROBE,
	NAMED_UPROBE,
	KPROBE,
	KRETPROBE,
	UPROBE,
	URETPROBE,
	NUM_EVENTS,
};

enum target_kind {
	SELF,
	SELF_ON_CPU,
	CHILD,
	GUARDED_CHILD,
	OTHER_USER,
	ROOTS_TASK,
	ONE_CPU,
	CGROUP,
	NUM_TARGETS,
};

static const char *const target_names[] = {
	"self",		"self on CPU 0", "child", "guarded child",
	"other user's", "root's task",	 "CPU 0", "cgroup",
};

struct attribute {
	const char *name;
	uint64_t period;
	uint64_t sample_type;
	bool has_kernel_chain;
	bool has_user_chain;
	uint32_t stack_bytes;
	/* Beyond what the kernel allows. */
	bool is_deep;
};

#define STACK (PERF_SAMPLE_STACK_USER | PERF_SAMPLE_REGS_USER)

static const struct attribute attributes[] = {
	{ .name = "count" },
	{ .name = "sample", .period = 1, .sample_type = PERF_SAMPLE_IP },
	{ .name = "raw", .period = 1, .sample_type = PERF_SAMPLE_RAW },
	{ .name = "raw, not sampled", .sample_type = PERF_SAMPLE_RAW },
	{ .name = "callchain of the user",
	  .period = 1,
	  .sample_type = PERF_SAMPLE_CALLCHAIN,
	  .has_user_chain = true },
	{ .name = "callchain of the kernel",
	  .period = 1,
	  .sample_type = PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_RAW,
	  .has_kernel_chain = true },
	{ .name = "both callchains",
	  .period = 1,
	  .sample_type = PERF_SAMPLE_CALLCHAIN,
	  .has_user_chain = true,
	  .has_kernel_chain = true },
	{ .name = "user stack",
	  .period = 1,
	  .sample_type = STACK,
	  .stack_bytes = 1024 },
	{ .name = "user stack of an odd size",
	  .sample_type = STACK,
	  .stack_bytes = 1023 },
	{ .name = "registers at the interrupt",
	  .period = 1,
	  .sample_type = PERF_SAMPLE_REGS_INTR },
	{ .name = "physical address",
	  .period = 1,
	  .sample_type = PERF_SAMPLE_ADDR | PERF_SAMPLE_PHYS_ADDR },
	{ .name = "deep callchain",
	  .period = 1,
	  .sample_type = PERF_SAMPLE_CALLCHAIN,
	  .has_user_chain = true,
	  .is_deep = true },
};

#define NUM_ATTRIBUTES COUNT(attributes)
#define NUM_LEVELS     COUNT(levels)

enum dimension {
	IDENTITY,
	LEVEL,
	EVENT,
	TARGET,
	ATTRIBUTE,
	EXCLUDE,
	INHERIT,
	NUM_DIMENSIONS,
};

struct cell {
	uint8_t at[NUM_DIMENSIONS];
};

/* What is opened, found by root. */
struct matrix_event {
	bool is_there;
	struct access_event access;
	uint32_t type;
	uint64_t config;
	uintptr_t text;
	uint64_t number;
	/* A first one keeps the kernel from tearing it down at each close. */
	int held;
};

/* What the processes tell. */
struct outcome {
	size_t num_cells;
	size_t num_opened;
	size_t num_delivered;
	size_t num_silent;
	size_t num_uncertain;
	size_t num_left_out;
	size_t num_wrong;
	char text[8192];
};

static struct matrix_event events[NUM_EVENTS];
static struct outcome *outcome;
static struct facts root_facts;
static enum fact has_function;
static pid_t other_user, roots_task;
static int cgroup = -1;
static char self_path[4096];

static size_t dimension_size(enum dimension dimension)
{
	const size_t sizes[] = {
		num_identities, NUM_LEVELS, NUM_EVENTS, NUM_TARGETS,
		NUM_ATTRIBUTES, 2,	    2,
	};

	return sizes[dimension];
}

/* The n-th of all cells. */
static struct cell make_cell(size_t index)
{
	struct cell cell;
	int i;

	for (i = 0; i < NUM_DIMENSIONS; i++) {
		cell.at[i] = (uint8_t)(index % dimension_size(i));
		index /= dimension_size(i);
	}
	return cell;
}

static size_t count_cells(void)
{
	size_t count = 1;
	int i;

	for (i = 0; i < NUM_DIMENSIONS; i++)
		count *= dimension_size(i);
	return count;
}

/* The same sample each time; mixed well, so that cells near by are not alike. */
static uint64_t mix(uint64_t number)
{
	number = (number + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
	number = (number ^ number >> 27) * 0x94d049bb133111eb;
	return number ^ number >> 31;
}

#define MOST_VALUES 16

static bool pairs[NUM_DIMENSIONS][NUM_DIMENSIONS][MOST_VALUES][MOST_VALUES];

/* Whether it has a pair that no cell before it had. */
static bool covers_more(const struct cell *cell)
{
	bool is_new = false;
	int i, j;

	for (i = 0; i < NUM_DIMENSIONS; i++) {
		for (j = i + 1; j < NUM_DIMENSIONS; j++) {
			bool *pair = &pairs[i][j][cell->at[i]][cell->at[j]];

			is_new |= !*pair;
			*pair = true;
		}
	}
	return is_new;
}

/* One in so many, besides those that the pairs need; 1: all. */
static size_t choose_stride(void)
{
	const char *choice = getenv("ACCESS_MATRIX");

	if (choice && !strcmp(choice, "full"))
		return 1;
	if (choice && atoi(choice) > 0)
		return (size_t)atoi(choice);
	return getenv("CK_TIMEOUT_MULTIPLIER") ? 200 : 40;
}

static struct cell *choose_cells(size_t *count)
{
	size_t all = count_cells(), stride = choose_stride(), i;
	struct cell *cells = malloc(all * sizeof(*cells));

	ck_assert_ptr_nonnull(cells);
	*count = 0;
	for (i = 0; i < all; i++) {
		/* A permutation: the multiplier has no factor in common. */
		struct cell cell = make_cell(i * 1000003 % all);

		if (covers_more(&cell) || mix(i) % stride == 0)
			cells[(*count)++] = cell;
	}
	return cells;
}

static void __attribute__((format(printf, 2, 3)))
complain(const struct cell *cell, const char *format, ...)
{
	size_t used = strlen(outcome->text);
	va_list arguments;

	outcome->num_wrong++;
	if (used + 512 > sizeof(outcome->text))
		return;
	used += (size_t)snprintf(outcome->text + used,
				 sizeof(outcome->text) - used,
				 "%s, paranoid %d, %s, %s, %s%s%s: ",
				 identities[cell->at[IDENTITY]].name,
				 levels[cell->at[LEVEL]],
				 events[cell->at[EVENT]].access.name,
				 target_names[cell->at[TARGET]],
				 attributes[cell->at[ATTRIBUTE]].name,
				 cell->at[EXCLUDE] ? ", exclude_kernel" : "",
				 cell->at[INHERIT] ? ", inherit" : "");
	va_start(arguments, format);
	used += (size_t)vsnprintf(outcome->text + used,
				  sizeof(outcome->text) - used, format,
				  arguments);
	va_end(arguments);
	strcat(outcome->text, "\n");
}

/* One process with its identity, and the tasks that it has. */
struct asker {
	struct facts own;
	/* Root's, changed to describe it. */
	struct facts described;
	struct access_task tasks[NUM_TARGETS];
	struct access_task described_tasks[NUM_TARGETS];
	pid_t child;
	pid_t guarded_child;
	int32_t cgroup_answer;
	size_t num_probes;
	size_t num_functions;
};

static void fill_attr(const struct cell *cell, struct perf_event_attr *attr)
{
	const struct matrix_event *event = &events[cell->at[EVENT]];
	const struct attribute *wanted = &attributes[cell->at[ATTRIBUTE]];

	*attr = (struct perf_event_attr){
		.size = sizeof(*attr),
		.type = event->type,
		.config = event->config,
		.config1 = event->text,
		.config2 = event->number,
		.sample_period = wanted->period,
		.sample_type = wanted->sample_type,
		.sample_stack_user = wanted->stack_bytes,
		.sample_regs_user =
			wanted->sample_type & PERF_SAMPLE_REGS_USER ? 1 : 0,
		.sample_regs_intr =
			wanted->sample_type & PERF_SAMPLE_REGS_INTR ? 1 : 0,
		.sample_max_stack = wanted->is_deep ?
					    (uint16_t)root_facts.max_stack + 1 :
					    0,
		.exclude_callchain_kernel = !wanted->has_kernel_chain,
		.exclude_callchain_user = !wanted->has_user_chain,
		.exclude_kernel = cell->at[EXCLUDE],
		.inherit = cell->at[INHERIT],
		.disabled = 1,
	};
}

static void fill_call(const struct cell *cell, const struct asker *asker,
		      const struct perf_event_attr *attr, bool is_own,
		      struct access_call *call)
{
	enum target_kind target = cell->at[TARGET];
	const struct access_task *tasks = is_own ? asker->tasks :
						   asker->described_tasks;

	*call = (struct access_call){
		.step = ACCESS_OPEN,
		.attr = attr,
		.event = &events[cell->at[EVENT]].access,
		.cpu = target == SELF_ON_CPU || target >= ONE_CPU ? 0 : -1,
		.is_cgroup = target == CGROUP,
		.cgroup_answer = is_own ? asker->cgroup_answer : NOT_SENSED,
	};
	if (target < ONE_CPU)
		call->task = &tasks[target];
}

static pid_t target_pid(const struct cell *cell, const struct asker *asker)
{
	switch (cell->at[TARGET]) {
	case CHILD:
		return asker->child;
	case GUARDED_CHILD:
		return asker->guarded_child;
	case OTHER_USER:
		return other_user;
	case ROOTS_TASK:
		return roots_task;
	case ONE_CPU:
		return -1;
	case CGROUP:
		return cgroup;
	default:
		return 0;
	}
}

static int try_kernel(const struct cell *cell, const struct asker *asker,
		      const struct perf_event_attr *attr, int cpu)
{
	unsigned long flags = PERF_FLAG_FD_CLOEXEC;
	int fd;

	if (cell->at[TARGET] == CGROUP)
		flags |= PERF_FLAG_PID_CGROUP;
	fd = (int)syscall(SYS_perf_event_open, attr, target_pid(cell, asker),
			  cpu, -1, flags);
	return fd < 0 ? -errno : fd;
}

static bool is_uncertain(const struct facts *facts,
			 const struct access_call *call)
{
	size_t count, i;
	const struct access_rule *rules = access_get_rules(&count);
	int32_t error;

	for (i = 0; i < count; i++) {
		if (rules[i].step == call->step &&
		    access_judge(&rules[i], facts, call, &error) == UNCERTAIN)
			return true;
	}
	return false;
}

static bool is_silent(const struct facts *facts, struct access_call *call)
{
	size_t count, i;
	const struct access_rule *rules = access_get_rules(&count);
	int32_t error;

	call->step = ACCESS_USE;
	for (i = 0; i < count; i++) {
		if (rules[i].step == ACCESS_USE &&
		    rules[i].kind == PERFTRACE_FINDING_SILENT &&
		    access_judge(&rules[i], facts, call, &error) == REFUSES)
			return true;
	}
	return false;
}

static long count_switches(void)
{
	struct rusage usage;

	ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_nvcsw;
}

/* A sleep on a slow machine may be over before it has begun. */
static void leave_cpu(void)
{
	struct timespec moment = { 0, 1000000 };
	long before = count_switches();

	do
		nanosleep(&moment, NULL);
	while (count_switches() == before);
}

/* All that the events are raised by, on CPU 0, in the calling process. */
static void raise_events(void)
{
	int i;

	for (i = 0; i < 10; i++) {
		syscall(SYS_getppid);
		probed(i);
	}
	leave_cpu();
}

static void check_delivery(const struct cell *cell, const struct facts *facts,
			   struct access_call *call, int fd)
{
	enum target_kind target = cell->at[TARGET];
	bool is_expected = !is_silent(facts, call);
	uint64_t count = 0;

	if (target != SELF && target != SELF_ON_CPU && target != ONE_CPU)
		return;
	ck_assert_int_eq(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), 0);
	raise_events();
	ck_assert_int_eq(ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), 0);
	ck_assert_int_eq(read(fd, &count, sizeof(count)), sizeof(count));
	if (is_expected != (count > 0))
		complain(cell, "delivers %llu, and should be %s",
			 (unsigned long long)count,
			 is_expected ? "heard" : "silent");
	outcome->num_delivered += count > 0;
	outcome->num_silent += !count;
}

static void compare(const struct cell *cell, const char *whose,
		    int32_t predicted, int answer)
{
	if (predicted != (answer < 0 ? answer : 0))
		complain(cell, "%s say %s, and the kernel %s", whose,
			 predicted ? strerrorname_np(-predicted) : "yes",
			 answer < 0 ? strerrorname_np(-answer) : "yes");
}

/* Each takes the kernel a grace period, or much longer. */
static bool is_too_costly(const struct cell *cell, struct asker *asker,
			  bool is_allowed)
{
	if (!is_allowed)
		return false;
	/* Seconds, each: one, and not of every process. */
	if (cell->at[EVENT] == FUNCTION)
		return cell->at[IDENTITY] % NUM_LEVELS != cell->at[LEVEL] ||
		       asker->num_functions++;
	if (cell->at[EVENT] >= KPROBE)
		return asker->num_probes++ >=
		       (choose_stride() == 1 ? MOST_PROBES_FULL : MOST_PROBES);
	return false;
}

static void ask(const struct cell *cell, struct asker *asker)
{
	struct access_call own, described;
	struct perf_event_attr attr;
	int32_t predicted, foreseen;
	int answer;

	if (!events[cell->at[EVENT]].is_there ||
	    (cell->at[TARGET] == CGROUP && cgroup < 0))
		return;
	fill_attr(cell, &attr);
	fill_call(cell, asker, &attr, true, &own);
	fill_call(cell, asker, &attr, false, &described);
	predicted = access_try(&asker->own, &own, NULL);
	foreseen = access_try(&asker->described, &described, NULL);
	if (is_too_costly(cell, asker, !predicted)) {
		outcome->num_left_out++;
		return;
	}
	answer = try_kernel(cell, asker, &attr, own.cpu);
	outcome->num_cells++;
	if ((!predicted && is_uncertain(&asker->own, &own)) ||
	    (!foreseen && is_uncertain(&asker->described, &described))) {
		outcome->num_uncertain++;
		complain(cell, "is said to be uncertain");
	}
	compare(cell, "its facts", predicted, answer);
	compare(cell, "root's facts", foreseen, answer);
	if (answer < 0)
		return;
	outcome->num_opened++;
	check_delivery(cell, &asker->own, &own, answer);
	close(answer);
}

static void describe_tasks(struct asker *asker)
{
	const struct cell cells[] = {
		[SELF] = { { [TARGET] = SELF } },
		[SELF_ON_CPU] = { { [TARGET] = SELF_ON_CPU } },
		[CHILD] = { { [TARGET] = CHILD } },
		[GUARDED_CHILD] = { { [TARGET] = GUARDED_CHILD } },
		[OTHER_USER] = { { [TARGET] = OTHER_USER } },
		[ROOTS_TASK] = { { [TARGET] = ROOTS_TASK } },
	};
	size_t i;

	for (i = 0; i < COUNT(cells); i++) {
		pid_t pid = target_pid(&cells[i], asker);

		pid = pid ? pid : getpid();
		task_sense(pid, true, &asker->tasks[i]);
		task_sense(pid, false, &asker->described_tasks[i]);
	}
}

static void pin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void begin_asking(struct asker *asker, const struct identity *identity)
{
	struct perftrace_context *context = new_context();

	pin();
	become(identity);
	asker->child = start_sleeper(0, true);
	asker->guarded_child = start_sleeper(0, false);
	ck_assert_int_eq(facts_sense(context, &asker->own), 0);
	/* Only who may read tracefs knows. */
	asker->own.has_function = root_facts.has_function;
	if (root_facts.tracefs == TRACEFS_EMPTY)
		asker->own.tracefs = TRACEFS_EMPTY;
	ck_assert_int_eq(facts_copy(&root_facts, &asker->described), 0);
	ck_assert_msg(!facts_parse(context_get_log(context), &asker->described,
				   identity->description),
		      "%s", perftrace_context_error(context));
	describe_tasks(asker);
	asker->cgroup_answer = cgroup >= 0 ? sensor_ask_cgroup(cgroup, 0) :
					     NOT_SENSED;
}

static void ask_as(const struct cell *cells, size_t count, size_t identity,
		   size_t level)
{
	struct asker asker = { .num_probes = 0 };
	size_t i;

	begin_asking(&asker, &identities[identity]);
	for (i = 0; i < count; i++) {
		if (cells[i].at[IDENTITY] == identity &&
		    cells[i].at[LEVEL] == level)
			ask(&cells[i], &asker);
	}
	end_sleeper(asker.child);
	end_sleeper(asker.guarded_child);
}

static void ask_at_level(const struct cell *cells, size_t count, size_t level)
{
	struct perftrace_context *context = new_context();
	size_t identity;

	write_level(levels[level]);
	ck_assert_int_eq(facts_sense(context, &root_facts), 0);
	/* Once it is locked down, the kernel does not tell any more. */
	root_facts.has_function = has_function;
	for (identity = 0; identity < num_identities; identity++) {
		int status;
		pid_t pid = fork();

		ck_assert_int_ge(pid, 0);
		if (!pid) {
			ask_as(cells, count, identity, level);
			_exit(EXIT_SUCCESS);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_msg(!status, "%s: status %#x",
			      identities[identity].name, (unsigned int)status);
	}
	facts_clear(&root_facts);
	perftrace_context_unref(context);
}

static void add_named(struct perftrace_context *context,
		      struct dynamic_events *dynamic, enum event_kind kind,
		      const char *name)
{
	static const struct backing_use *const none;
	struct perftrace_event *found;
	struct plan_source source;

	events[kind].access.name = name;
	if (perftrace_event_find(context, name, &found))
		return;
	event_access_describe(found, dynamic, &root_facts, none, &source);
	/* The event goes, the name stays. */
	events[kind].access = source.event;
	events[kind].access.name = name;
	events[kind].type = PERF_TYPE_TRACEPOINT;
	events[kind].config = perftrace_event_get_id(found);
	events[kind].is_there = true;
	perftrace_event_unref(found);
}

static uint32_t read_type(const char *pmu)
{
	char path[96];
	uint32_t type = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type",
		 pmu);
	file = fopen(path, "re");
	if (!file)
		return 0;
	ck_assert_int_eq(fscanf(file, "%u", &type), 1);
	fclose(file);
	return type;
}

static void add_local(enum event_kind kind, const char *name, const char *pmu,
		      uint64_t config)
{
	bool is_kprobe = kind == KPROBE || kind == KRETPROBE;

	events[kind] = (struct matrix_event){
		.access = {
			.name = name,
			.class = is_kprobe ? ACCESS_KPROBE : ACCESS_UPROBE,
			.is_kprobe = is_kprobe,
			.is_for_anyone = !is_kprobe,
			.is_of_user = !is_kprobe,
		},
		.type = read_type(pmu),
		.config = config,
		.text = (uintptr_t)(is_kprobe ? SYSTEM_CALL("getppid") :
						self_path),
		.number = is_kprobe ?
				  0 :
				  harness_file_offset((uintptr_t)probed),
		.held = -1,
	};
	events[kind].is_there = events[kind].type;
}

/* An event that is open somewhere is opened and closed in no time. */
static void hold_events(void)
{
	int i;

	for (i = 0; i < NUM_EVENTS; i++) {
		struct perf_event_attr attr = {
			.size = sizeof(attr),
			.type = PERF_TYPE_TRACEPOINT,
			.config = events[i].config,
			.disabled = 1,
		};

		events[i].held = -1;
		if (i != FUNCTION && i < KPROBE && events[i].is_there)
			events[i].held = (int)syscall(SYS_perf_event_open,
						      &attr, -1, 1, -1, 0UL);
	}
}

static void let_events_go(void)
{
	int i;

	for (i = 0; i < NUM_EVENTS; i++) {
		if (events[i].held >= 0)
			close(events[i].held);
	}
}

/* Its root has the controller in any case. */
static void find_cgroup(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;

	ck_assert_ptr_nonnull(mounts);
	while ((entry = getmntent(mounts))) {
		if (!strcmp(entry->mnt_type, "cgroup2"))
			break;
	}
	if (entry) {
		cgroup = open(entry->mnt_dir, O_RDONLY | O_CLOEXEC);
	} else {
		ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
		ck_assert_int_eq(
			mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
		ck_assert_int_eq(
			mount("none", "/sys/fs/cgroup", "cgroup2", 0, NULL), 0);
		cgroup = open("/sys/fs/cgroup", O_RDONLY | O_CLOEXEC);
	}
	endmntent(mounts);
	ck_assert_int_ge(cgroup, 0);
}

/* Where tracing was disabled at boot, no number is that of an event. */
static void add_missing(enum event_kind kind)
{
	events[kind].type = PERF_TYPE_TRACEPOINT;
	events[kind].access.class = ACCESS_TRACEPOINT;
	events[kind].config = 300 + kind;
	events[kind].is_there = true;
}

static struct perftrace_event *find_events(struct perftrace_context *context)
{
	struct dynamic_events *dynamic;
	struct perftrace_event *kprobe = NULL;
	ssize_t length =
		readlink("/proc/self/exe", self_path, sizeof(self_path) - 1);

	ck_assert_int_gt(length, 0);
	ck_assert_int_eq(facts_sense(context, &root_facts), 0);
	if (root_facts.has_kprobe_pmu == FACT_YES)
		try_event(context, "kprobe,named:" SYSTEM_CALL("getppid"),
			  &kprobe);
	ck_assert_int_eq(dynamic_events_new(context, &dynamic), 0);
	add_named(context, dynamic, TRACEPOINT, "sched:sched_switch");
	add_named(context, dynamic, SYSCALL, "syscalls:sys_enter_getppid");
	add_named(context, dynamic, RAW_SYSCALL, SYS_ENTER);
	add_named(context, dynamic, FUNCTION, "ftrace:function");
	add_named(context, dynamic, NAMED_UPROBE, UPROBE_GROUP ":matrix");
	if (kprobe)
		add_named(context, dynamic, NAMED_KPROBE,
			  perftrace_event_get_tracefs_name(kprobe));
	dynamic_events_free(dynamic);
	if (root_facts.tracefs == TRACEFS_EMPTY) {
		add_missing(TRACEPOINT);
		add_missing(SYSCALL);
	}
	add_local(KPROBE, "kprobe", "kprobe", 0);
	add_local(KRETPROBE, "kretprobe", "kprobe", 1);
	add_local(UPROBE, "uprobe", "uprobe", 0);
	add_local(URETPROBE, "uretprobe", "uprobe", 1);
	has_function = root_facts.has_function;
	facts_clear(&root_facts);
	return kprobe;
}

static void lock_down(void)
{
	const char *level = getenv("ACCESS_LOCKDOWN");
	FILE *file;

	if (!level)
		return;
	file = fopen("/sys/kernel/security/lockdown", "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "%s", level), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* A comment of TAP in each line. */
static void print_complaints(void)
{
	char *line, *rest = outcome->text;

	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			printf("# %s\n", line);
	}
}

static void print_outcome(size_t num_chosen)
{
	print_complaints();
	printf("# %zu cells of %zu: asked %zu, opened %zu, heard %zu, silent "
	       "%zu, left out %zu, uncertain %zu, wrong %zu\n",
	       num_chosen, count_cells(), outcome->num_cells,
	       outcome->num_opened, outcome->num_delivered, outcome->num_silent,
	       outcome->num_left_out, outcome->num_uncertain,
	       outcome->num_wrong);
}

/* In a process of its own, which may mount. */
static void ask_all(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *kprobe = find_events(context);
	int before = read_level();
	struct cell *cells;
	size_t count, level;

	find_cgroup();
	hold_events();
	lock_down();
	other_user = start_sleeper(OTHER_UID, true);
	roots_task = start_sleeper(0, true);
	cells = choose_cells(&count);
	for (level = 0; level < NUM_LEVELS; level++)
		ask_at_level(cells, count, level);
	write_level(before);
	end_sleeper(other_user);
	end_sleeper(roots_task);
	let_events_go();
	if (kprobe)
		perftrace_event_unref(kprobe);
	free(cells);
	print_outcome(count);
	fflush(stdout);
	perftrace_context_unref(context);
}

START_TEST(rules_and_kernel_agree)
{
	bool has_events = !access(TRACEFS "events", F_OK);
	int before = read_level(), status;
	pid_t pid;

	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(outcome != MAP_FAILED);
	if (has_events)
		uprobe_create("matrix", probed, "");
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		ask_all();
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	write_level(before);
	/* A kernel that is locked down keeps it. */
	if (has_events && !getenv("ACCESS_LOCKDOWN"))
		uprobe_remove("matrix");
	ck_assert_int_eq(status, 0);
	ck_assert_uint_gt(outcome->num_opened, 0);
	ck_assert_uint_gt(outcome->num_delivered, 0);
	ck_assert_msg(!outcome->num_wrong, "%zu of %zu are wrong, see above",
		      outcome->num_wrong, outcome->num_cells);
	munmap(outcome, sizeof(*outcome));
}
END_TEST

static const struct harness_test tests[] = {
	TEST(rules_and_kernel_agree),
};

HARNESS_MAIN("access-matrix", tests, HARNESS_LIVE_WITHOUT_EVENTS)
