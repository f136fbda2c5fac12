/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "caller.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_NEW_THREADS 16

/* Of the process itself. */
static struct caller_task task;
static pthread_barrier_t begin, end;

void call_getppid(uint64_t num_calls)
{
	while (num_calls--)
		syscall(SYS_getppid);
}

static void *stay(void *data)
{
	for (;;) {
		pthread_barrier_wait(&begin);
		call_getppid(task.num_calls);
		pthread_barrier_wait(&end);
	}
	return data;
}

static void *work_once(void *data)
{
	call_getppid(task.num_calls);
	return data;
}

static void fork_children(void)
{
	uint32_t i;

	for (i = 0; i < task.new_children; i++) {
		if (fork())
			continue;
		call_getppid(task.num_calls);
		_exit(EXIT_SUCCESS);
	}
	while (wait(NULL) > 0)
		;
}

static void run_task(void)
{
	pthread_t threads[MOST_NEW_THREADS];
	uint32_t i;

	pthread_barrier_wait(&begin);
	for (i = 0; i < task.new_threads; i++)
		pthread_create(&threads[i], NULL, work_once, NULL);
	call_getppid(task.num_calls);
	fork_children();
	for (i = 0; i < task.new_threads; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_wait(&end);
}

static void __attribute__((noreturn))
serve(int tasks, int answers, size_t num_threads)
{
	pthread_t thread;
	size_t i;

	pthread_barrier_init(&begin, NULL, (unsigned int)num_threads);
	pthread_barrier_init(&end, NULL, (unsigned int)num_threads);
	for (i = 1; i < num_threads; i++) {
		if (pthread_create(&thread, NULL, stay, NULL))
			_exit(EXIT_FAILURE);
	}
	/* Ready; then once per task. */
	while (write(answers, "", 1) == 1) {
		if (read(tasks, &task, sizeof(task)) != sizeof(task))
			break;
		run_task();
	}
	_exit(EXIT_SUCCESS);
}

void caller_await(struct caller *caller)
{
	char answer;

	ck_assert_int_eq(read(caller->answers, &answer, 1), 1);
}

bool caller_is_done(struct caller *caller)
{
	struct pollfd answers = { .fd = caller->answers, .events = POLLIN };

	return poll(&answers, 1, 0) > 0;
}

void caller_start(struct caller *caller, size_t num_threads)
{
	int tasks[2], answers[2];

	ck_assert_int_eq(pipe2(tasks, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(answers, O_CLOEXEC), 0);
	caller->num_threads = num_threads;
	caller->pid = fork();
	ck_assert_int_ge(caller->pid, 0);
	if (!caller->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(tasks[1]);
		close(answers[0]);
		serve(tasks[0], answers[1], num_threads);
	}
	close(tasks[0]);
	close(answers[1]);
	caller->tasks = tasks[1];
	caller->answers = answers[0];
	caller_await(caller);
}

void caller_begin(struct caller *caller, const struct caller_task *wanted)
{
	ck_assert_uint_le(wanted->new_threads, MOST_NEW_THREADS);
	ck_assert_int_eq(write(caller->tasks, wanted, sizeof(*wanted)),
			 sizeof(*wanted));
}

uint64_t caller_num_calls(const struct caller *caller,
			  const struct caller_task *wanted)
{
	return (caller->num_threads + wanted->new_threads +
		wanted->new_children) *
	       wanted->num_calls;
}

uint64_t caller_run(struct caller *caller, const struct caller_task *wanted)
{
	caller_begin(caller, wanted);
	caller_await(caller);
	return caller_num_calls(caller, wanted);
}

void caller_end(struct caller *caller)
{
	int status;

	close(caller->tasks);
	ck_assert_int_eq(waitpid(caller->pid, &status, 0), caller->pid);
	ck_assert_int_eq(status, 0);
	close(caller->answers);
}
