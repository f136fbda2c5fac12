/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A load's processes wait on a pipe of their own for a byte, work, and answer
 * with a byte on a pipe that they share. Nothing else of theirs passes the
 * filters of the events, so that what they produce is known without looking at
 * a trace: a call is an event, and a switch is one that the kernel counts for
 * the process which it takes off the CPU. The latter is read before and after,
 * when all of them are off.
 */
#include "load.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EVENTS	     "/sys/kernel/tracing/events/"
#define MOST_EVENTS  8192
#define MOST_WORKERS (2 * LOAD_MOST_CPUS)
#define NUM_COLD     18

/* PROC_PID_INIT_INO: there, the kernel's numbers of processes are ours. */
#define FIRST_PID_NAMESPACE 0xEFFFFFFCu

struct worker {
	pid_t pid;
	int cpu;
	int go[2];
	/* The two ends towards its partner, where it has one. */
	int in, out;
	uint64_t switches;
};

static struct {
	struct load_request request;
	struct load_event events[MOST_EVENTS];
	size_t num_events;
	struct worker workers[MOST_WORKERS];
	size_t num_workers, num_done;
	int done[2];
	/* Shared with the processes. */
	uint64_t *busy_ns;
} load;

/* Rare enough to be cold wherever the benchmark runs. */
static const char *const cold_calls[] = {
	"acct",		 "add_key",	  "chroot",	      "clock_settime",
	"delete_module", "finit_module",  "init_module",      "io_cancel",
	"kexec_load",	 "mq_unlink",	  "pivot_root",	      "quotactl",
	"reboot",	 "setdomainname", "sethostname",      "settimeofday",
	"swapoff",	 "swapon",	  "syncfs",	      "vhangup",
	"vmsplice",	 "userfaultfd",	  "remap_file_pages", "personality",
};

static char *format(const char *text, ...)
{
	va_list arguments;
	char *result;

	va_start(arguments, text);
	if (vasprintf(&result, text, arguments) < 0)
		err(1, "memory");
	va_end(arguments);
	return result;
}

static void add_event(char *name, char *filter)
{
	if (load.num_events == MOST_EVENTS)
		errx(1, "more than %d events", MOST_EVENTS);
	load.events[load.num_events++] =
		(struct load_event){ .name = name, .filter = filter };
}

/* The interrupt of the latter is what wakes the reader. */
static bool is_for_perf(const char *name)
{
	return strncmp(name, "ftrace:", 7) != 0 &&
	       strcmp(name, "irq_vectors:irq_work_exit") != 0;
}

void load_add_events(const char *pattern)
{
	char *path = format(EVENTS "%s/id", pattern);
	glob_t found;
	size_t i;

	if (glob(path, 0, NULL, &found))
		errx(1, "%s: no such event", path);
	for (i = 0; i < found.gl_pathc; i++) {
		char *name = strdup(found.gl_pathv[i] + strlen(EVENTS));

		name[strlen(name) - strlen("/id")] = '\0';
		*strchr(name, '/') = ':';
		if (is_for_perf(name))
			add_event(name, NULL);
	}
	globfree(&found);
	free(path);
}

size_t load_get_num_events(void)
{
	return load.num_events;
}

const struct load_event *load_get_event(size_t index)
{
	return &load.events[index];
}

int load_get_pid(size_t index)
{
	return index < load.num_workers ? load.workers[index].pid : 0;
}

static bool is(const char *name)
{
	return !strcmp(load.request.name, name);
}

const char *load_get_field(void)
{
	if (is("none"))
		return NULL;
	if (is("switches"))
		return "prev_pid";
	return is("probes") ? "__probe_ip" : "id";
}

void __attribute__((noinline)) load_probed(void)
{
	__asm__ volatile("nop");
}

uint64_t load_get_probe_offset(void)
{
	uintptr_t address = (uintptr_t)load_probed;
	uint64_t start, end, offset;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4096];

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &start,
			   &end, &offset) == 3 &&
		    start <= address && address < end) {
			fclose(maps);
			return address - start + offset;
		}
	}
	errx(1, "load_probed() is mapped from no file");
}

static void call_getppid(uint64_t num_calls)
{
	uint64_t i;

	for (i = 0; i < num_calls; i++)
		syscall(SYS_getppid, i, 0x7ffd00001000, 4096, 0, UINT64_MAX, 1);
}

static void play(const struct worker *worker, bool is_first, uint64_t turns)
{
	char ball = 0;

	while (turns--) {
		if (is_first && write(worker->out, &ball, 1) != 1)
			_exit(1);
		if (read(worker->in, &ball, 1) != 1)
			_exit(1);
		if (!is_first && write(worker->out, &ball, 1) != 1)
			_exit(1);
	}
}

static void perform(size_t index)
{
	uint64_t i, operations = load.request.operations;

	if (is("switches"))
		play(&load.workers[index], index % 2 == 0, operations);
	else if (is("probes"))
		for (i = 0; i < operations; i++)
			load_probed();
	else
		call_getppid(operations);
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void settle_down(const struct worker *worker)
{
	struct sched_param param = { .sched_priority = load.request.priority };
	cpu_set_t set;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&set);
	CPU_SET(worker->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %d", worker->cpu);
	if (param.sched_priority && sched_setscheduler(0, SCHED_FIFO, &param))
		err(1, "SCHED_FIFO");
}

static void __attribute__((noreturn)) serve(size_t index)
{
	struct worker *worker = &load.workers[index];
	uint64_t start;
	char go;

	settle_down(worker);
	while (read(worker->go[0], &go, 1) == 1) {
		start = cpu_ns();
		perform(index);
		load.busy_ns[index] = cpu_ns() - start;
		if (write(load.done[1], "", 1) != 1)
			break;
	}
	_exit(0);
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
}

static void fork_worker(int cpu, int in, int out)
{
	struct worker *worker = &load.workers[load.num_workers];

	worker->cpu = cpu;
	worker->in = in;
	worker->out = out;
	make_pipe(worker->go);
	worker->pid = fork();
	if (worker->pid < 0)
		err(1, "fork");
	if (!worker->pid)
		serve(load.num_workers);
	load.num_workers++;
}

static void fork_workers(int cpu)
{
	int there[2], back[2];

	if (!is("switches")) {
		fork_worker(cpu, -1, -1);
		return;
	}
	make_pipe(there);
	make_pipe(back);
	fork_worker(cpu, back[0], there[1]);
	fork_worker(cpu, there[0], back[1]);
}

/* "(FIELD == 1 || FIELD == 2)" */
static char *filter_of_workers(const char *field)
{
	char *filter = strdup("("), *longer;
	size_t i;

	for (i = 0; i < load.num_workers; i++) {
		longer = format("%s%s%s == %d", filter, i ? " || " : "", field,
				(int)load.workers[i].pid);
		free(filter);
		filter = longer;
	}
	longer = format("%s)", filter);
	free(filter);
	return longer;
}

static char *filter_of_calls(void)
{
	char *call = format("id == %d", SYS_getppid);
	struct stat space;

	if (stat("/proc/self/ns/pid", &space) ||
	    space.st_ino != FIRST_PID_NAMESPACE)
		return call;
	return format("%s && %s", call, filter_of_workers("common_pid"));
}

static void add_cold_events(void)
{
	size_t i, count = 0;

	for (i = 0; i < sizeof(cold_calls) / sizeof(cold_calls[0]); i++) {
		char *path = format(EVENTS "syscalls/sys_enter_%s/id",
				    cold_calls[i]);

		if (count < NUM_COLD && !access(path, R_OK)) {
			add_event(format("syscalls:sys_enter_%s",
					 cold_calls[i]),
				  NULL);
			count++;
		}
		free(path);
	}
	if (count < NUM_COLD)
		errx(1, "too few events of system calls");
}

static void add_events(void)
{
	if (is("switches"))
		add_event(strdup("sched:sched_switch"),
			  filter_of_workers("prev_pid"));
	else if (is("probes"))
		add_event(NULL, NULL);
	else if (!is("none"))
		add_event(strdup("raw_syscalls:sys_enter"), filter_of_calls());
	if (!is("mix"))
		return;
	add_event(strdup("raw_syscalls:sys_exit"), filter_of_calls());
	add_cold_events();
}

/*
 * In the read from its pipe: the kernel tells a call only of a task that has
 * been taken off the CPU because it waits.
 */
static bool is_waiting(const struct worker *worker)
{
	char path[64];
	long call = -1;
	int pipe = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)worker->pid);
	file = fopen(path, "re");
	if (!file)
		err(1, "%s", path);
	if (fscanf(file, "%ld %i", &call, &pipe) != 2)
		call = -1;
	fclose(file);
	return call == SYS_read && pipe == worker->go[0];
}

static void await_waiting(const struct worker *worker)
{
	while (!is_waiting(worker))
		sched_yield();
}

void load_prepare(const struct load_request *request)
{
	size_t i;

	load.request = *request;
	make_pipe(load.done);
	load.busy_ns = mmap(NULL, MOST_WORKERS * sizeof(*load.busy_ns),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	if (load.busy_ns == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < request->num_cpus && !is("none"); i++)
		fork_workers(request->cpus[i]);
	/* What they do before that must not be traced. */
	for (i = 0; i < load.num_workers; i++)
		await_waiting(&load.workers[i]);
	add_events();
}

static uint64_t read_switches(const struct worker *worker)
{
	uint64_t sum = 0, count;
	char path[64], line[256];
	FILE *status;

	await_waiting(worker);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)worker->pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status)) {
		char *name = strstr(line, "voluntary_ctxt_switches:");

		if (name && sscanf(name, "%*[^:]: %" SCNu64, &count) == 1)
			sum += count;
	}
	if (!status)
		err(1, "%s", path);
	fclose(status);
	return sum;
}

static uint64_t count_switches(void)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < load.num_workers; i++)
		sum += read_switches(&load.workers[i]);
	return sum;
}

static uint64_t switches_before;

void load_begin(void)
{
	size_t i;

	if (is("switches"))
		switches_before = count_switches();
	load.num_done = 0;
	for (i = 0; i < load.num_workers; i++) {
		if (write(load.workers[i].go[1], "", 1) != 1)
			err(1, "a process of the load");
	}
}

static void take_answers(int timeout_ms)
{
	struct pollfd answer = { .fd = load.done[0], .events = POLLIN };
	char bytes[MOST_WORKERS];
	ssize_t count;

	if (poll(&answer, 1, timeout_ms) != 1)
		return;
	count = read(load.done[0], bytes, sizeof(bytes));
	if (count > 0)
		load.num_done += (size_t)count;
}

bool load_has_ended(void)
{
	take_answers(0);
	return load.num_done == load.num_workers;
}

uint64_t load_await(void)
{
	uint64_t calls = load.request.operations * load.num_workers;

	while (load.num_done < load.num_workers)
		take_answers(-1);
	if (is("switches"))
		return count_switches() - switches_before;
	return is("mix") ? 2 * calls : calls;
}

double load_get_operation_ns(void)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < load.num_workers; i++)
		sum += load.busy_ns[i];
	return load.num_workers ? (double)sum / (double)load.num_workers /
					  (double)load.request.operations :
				  0;
}
