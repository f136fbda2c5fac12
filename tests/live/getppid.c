/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * getppid N [THREADS] [CHILDREN]
 *
 * Makes exactly N getppid(2) system calls, shared out among THREADS threads of
 * itself or, with CHILDREN, of each of its children, and waits for all of them.
 * Neither the C library nor the loader makes one of its own. The call takes no
 * arguments, and gets two: which of its thread's it is, from 0, and which thread.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_THREADS 64

static unsigned long num_calls, num_workers;
static unsigned long num_threads = 1, num_children;

/* The first workers take what the division leaves over. */
static void *work(void *data)
{
	unsigned long worker = (unsigned long)data;
	unsigned long count = num_calls / num_workers, call;

	count += worker < num_calls % num_workers;
	for (call = 0; call < count; call++)
		syscall(SYS_getppid, call, worker);
	return NULL;
}

static int run_threads(unsigned long first_worker)
{
	pthread_t threads[MOST_THREADS];
	unsigned long i;

	if (num_threads == 1) {
		work((void *)first_worker);
		return EXIT_SUCCESS;
	}
	for (i = 0; i < num_threads; i++) {
		if (pthread_create(&threads[i], NULL, work,
				   (void *)(first_worker + i)))
			return EXIT_FAILURE;
	}
	for (i = 0; i < num_threads; i++)
		pthread_join(threads[i], NULL);
	return EXIT_SUCCESS;
}

static int run_children(void)
{
	unsigned long i;
	int status, failed = 0;

	for (i = 0; i < num_children; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return EXIT_FAILURE;
		if (!pid)
			_exit(run_threads(i * num_threads));
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		num_calls = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		num_threads = strtoul(argv[2], NULL, 10);
	if (argc > 3)
		num_children = strtoul(argv[3], NULL, 10);
	if (argc < 2 || !num_threads || num_threads > MOST_THREADS) {
		fprintf(stderr, "usage: getppid N [THREADS] [CHILDREN]\n");
		return EXIT_FAILURE;
	}
	num_workers = num_threads * (num_children ? num_children : 1);
	return num_children ? run_children() : run_threads(0);
}
