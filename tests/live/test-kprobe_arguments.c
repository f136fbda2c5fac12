/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What probes of the kernel record at the start of a function is what the test
 * has passed: typed arguments of every kind, and the kernel's own language.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "probed.h"

START_TEST(open_s_arguments)
{
	static const struct expected_field fields[] = {
		{ "dfd", PERFTRACE_FIELD_INTEGER, 4, true },
		{ "filename", PERFTRACE_FIELD_STRING, 1, false },
		{ "flags", PERFTRACE_FIELD_INTEGER, 8, false },
		{ "mode", PERFTRACE_FIELD_INTEGER, 8, false },
	};
	struct watch watch;
	int fd, directory;

	need_kprobes();
	fd = make_probed();
	directory = open("/tmp", O_PATH | O_CLOEXEC);
	ck_assert_int_ge(directory, 0);
	watch_self(&watch, "kprobe:do_sys_openat2(dfd, filename:ustring, "
			   "how->flags, how->mode)");
	watch_expect_fields(&watch, fields, 4);
	close(openat(AT_FDCWD, probed_path, O_CREAT | O_RDWR | O_APPEND, 0640));
	close(openat(directory, probed_name(), O_RDONLY));
	ck_assert_int_lt(openat(-5, "no such file", O_WRONLY), 0);
	watch_stop(&watch);

	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "dfd"), AT_FDCWD);
	watch_expect_string(&watch, "filename", probed_path);
	ck_assert_uint_eq(watch_unsigned(&watch, "flags"),
			  O_CREAT | O_RDWR | O_APPEND | LARGE_FILE);
	ck_assert_uint_eq(watch_unsigned(&watch, "mode"), 0640);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "dfd"), directory);
	watch_expect_string(&watch, "filename", probed_name());
	ck_assert_uint_eq(watch_unsigned(&watch, "flags"), LARGE_FILE);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "dfd"), -5);
	watch_expect_string(&watch, "filename", "no such file");
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	close(directory);
	remove_probed(fd);
}
END_TEST

START_TEST(members_of_a_file)
{
	struct watch watch;
	struct stat status;
	char bytes[16];
	int fd;

	need_kprobes();
	fd = make_probed();
	ck_assert_int_eq(fstat(fd, &status), 0);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_APPEND), 0);
	ck_assert_int_eq(lseek(fd, 7, SEEK_SET), 7);
	watch_self(&watch,
		   "kprobe:vfs_read(file->f_path.dentry->d_name.name:string, "
		   "file->f_path.dentry->d_name.len, count, "
		   "short=count:u16, file->f_flags, file->f_pos, "
		   "file->f_inode->i_ino, file->f_inode->i_mode, "
		   "parent=file->f_path.dentry->d_parent->d_name.name:string, "
		   "where=buf)");
	ck_assert_int_eq(read(fd, bytes, sizeof(bytes)), 3);
	watch_stop(&watch);

	watch_next(&watch);
	watch_expect_string(&watch, "name", probed_name());
	ck_assert_uint_eq(watch_unsigned(&watch, "len"), strlen(probed_name()));
	ck_assert_uint_eq(watch_unsigned(&watch, "count"), sizeof(bytes));
	ck_assert_uint_eq(watch_unsigned(&watch, "short"), sizeof(bytes));
	ck_assert_uint_eq(watch_unsigned(&watch, "f_flags"),
			  O_RDWR | O_APPEND | LARGE_FILE);
	ck_assert_int_eq(watch_signed(&watch, "f_pos"), 7);
	ck_assert_uint_eq(watch_unsigned(&watch, "i_ino"), status.st_ino);
	ck_assert_uint_eq(watch_unsigned(&watch, "i_mode"), status.st_mode);
	watch_expect_string(&watch, "parent", "tmp");
	ck_assert_uint_eq(watch_unsigned(&watch, "where"), (uintptr_t)bytes);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	remove_probed(fd);
}
END_TEST

/* An array of bytes that are not called char is one of numbers. */
START_TEST(arrays)
{
	struct perftrace_field *field;
	struct watch watch;
	char byte;
	size_t i;
	int fd;

	need_kprobes();
	fd = make_probed();
	watch_self(&watch, "kprobe:vfs_read(file->f_path.dentry->d_iname, "
			   "text=file->f_path.dentry->d_iname:string, "
			   "few=file->f_path.dentry->d_iname:u8[3], "
			   "one=file->f_path.dentry->d_iname[1], "
			   "some=file->f_path.dentry->d_name.name:x8[4])");
	ck_assert_int_eq(pread(fd, &byte, 1, 0), 1);
	watch_stop(&watch);

	succeed(watch.context,
		perftrace_event_find_field(watch.event, "d_iname", &field));
	ck_assert_int_eq(perftrace_field_get_kind(field),
			 PERFTRACE_FIELD_ARRAY);
	ck_assert_uint_ge(perftrace_field_get_num_elements(field), 32);
	watch_next(&watch);
	for (i = 0; i <= strlen(probed_name()); i++)
		ck_assert_uint_eq(watch_element(&watch, "d_iname", i),
				  (unsigned char)probed_name()[i]);
	watch_expect_string(&watch, "text", probed_name());
	succeed(watch.context,
		perftrace_event_find_field(watch.event, "few", &field));
	ck_assert_uint_eq(perftrace_field_get_num_elements(field), 3);
	ck_assert_uint_eq(watch_element(&watch, "few", 2),
			  (unsigned char)probed_name()[2]);
	ck_assert_uint_eq(watch_unsigned(&watch, "one"),
			  (unsigned char)probed_name()[1]);
	ck_assert_uint_eq(watch_element(&watch, "some", 3),
			  (unsigned char)probed_name()[3]);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	remove_probed(fd);
}
END_TEST

static int open_socket(struct sockaddr_in *own)
{
	socklen_t length = sizeof(*own);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	ck_assert_int_eq(
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)), 0);
	own->sin_family = AF_INET;
	own->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	own->sin_port = 0;
	ck_assert_int_eq(bind(fd, (struct sockaddr *)own, sizeof(*own)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)own, &length), 0);
	return fd;
}

/* Unions, bitfields, enums and what is signed, in a socket. */
START_TEST(members_of_a_socket)
{
	struct sockaddr_in own, other = {
		.sin_family = AF_INET,
		/* Nobody listens. */
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct watch watch;
	int fd;

	need_kprobes();
	fd = open_socket(&own);
	watch_self(&watch, "kprobe:tcp_connect(sk->__sk_common.skc_dport, "
			   "sk->__sk_common.skc_daddr, "
			   "sk->__sk_common.skc_num, "
			   "sk->__sk_common.skc_family, "
			   "sk->__sk_common.skc_reuse, "
			   "sk->__sk_common.skc_reuseport, "
			   "sk->__sk_common.skc_ipv6only, "
			   "sk->sk_type, sk->sk_socket->state, "
			   "kind=sk->sk_socket->type, sk->sk_protocol)");
	ck_assert_int_lt(connect(fd, (struct sockaddr *)&other, sizeof(other)),
			 0);
	ck_assert_int_eq(errno, ECONNREFUSED);
	watch_stop(&watch);

	watch_next(&watch);
	ck_assert_uint_eq(watch_unsigned(&watch, "skc_dport"), other.sin_port);
	ck_assert_uint_eq(watch_unsigned(&watch, "skc_daddr"),
			  other.sin_addr.s_addr);
	ck_assert_uint_eq(watch_unsigned(&watch, "skc_num"),
			  ntohs(own.sin_port));
	ck_assert_uint_eq(watch_unsigned(&watch, "skc_family"), AF_INET);
	ck_assert_uint_eq(watch_unsigned(&watch, "skc_reuse"), 1);
	ck_assert_uint_eq(watch_unsigned(&watch, "skc_reuseport"), 1);
	ck_assert_uint_eq(watch_unsigned(&watch, "skc_ipv6only"), 0);
	ck_assert_uint_eq(watch_unsigned(&watch, "sk_type"), SOCK_STREAM);
	/* SS_UNCONNECTED. */
	ck_assert_uint_eq(watch_unsigned(&watch, "state"), 1);
	ck_assert_int_eq(watch_signed(&watch, "kind"), SOCK_STREAM);
	ck_assert_uint_eq(watch_unsigned(&watch, "sk_protocol"), IPPROTO_TCP);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	close(fd);
}
END_TEST

/* Names, numbers with a sign, one bit, and an element's member, of a task. */
START_TEST(members_of_a_task)
{
	struct sched_param parameters = { 0 };
	struct rlimit limit;
	struct watch watch;
	pid_t pid;

	need_kprobes();
	ck_assert_int_eq(prctl(PR_SET_NAME, "a parent's name"), 0);
	ck_assert_int_eq(sched_setscheduler(0,
					    SCHED_OTHER | SCHED_RESET_ON_FORK,
					    &parameters),
			 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 321;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	watch_self(&watch,
		   "kprobe:wake_up_new_task(p->comm, p->pid, p->exit_signal, "
		   "p->static_prio, mine=p->real_parent->pid, "
		   "p->real_parent->sched_reset_on_fork, "
		   "p->signal->rlim[7].rlim_cur, p->cred->uid.val)");
	pid = fork();
	if (!pid)
		_exit(EXIT_SUCCESS);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	watch_stop(&watch);

	watch_next(&watch);
	watch_expect_string(&watch, "comm", "a parent's name");
	ck_assert_int_eq(watch_signed(&watch, "pid"), pid);
	ck_assert_int_eq(watch_signed(&watch, "exit_signal"), SIGCHLD);
	ck_assert_int_eq(watch_signed(&watch, "static_prio"), 120);
	ck_assert_int_eq(watch_signed(&watch, "mine"), getpid());
	ck_assert_uint_eq(watch_unsigned(&watch, "sched_reset_on_fork"), 1);
	ck_assert_uint_eq(watch_unsigned(&watch, "rlim_cur"), 321);
	ck_assert_uint_eq(watch_unsigned(&watch, "val"), 0);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
}
END_TEST

START_TEST(numbers_with_a_sign)
{
	struct watch watch;
	int fd;

	need_kprobes();
	fd = make_probed();
	watch_self(&watch, "kprobe:vfs_fallocate(mode, offset, len)");
	ck_assert_int_lt(syscall(SYS_fallocate, fd, 1, -8L, 16L), 0);
	ck_assert_int_lt(syscall(SYS_fallocate, fd, -1, 1L << 40, -1L), 0);
	watch_stop(&watch);

	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "mode"), 1);
	ck_assert_int_eq(watch_signed(&watch, "offset"), -8);
	ck_assert_int_eq(watch_signed(&watch, "len"), 16);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "mode"), -1);
	ck_assert_int_eq(watch_signed(&watch, "offset"), 1L << 40);
	ck_assert_int_eq(watch_signed(&watch, "len"), -1);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	remove_probed(fd);
}
END_TEST

START_TEST(an_enum)
{
	struct timespec wanted = { .tv_nsec = 1 }, past = { 0 };
	struct watch watch;

	need_kprobes();
	watch_self(&watch, "kprobe:hrtimer_nanosleep(rqtp, mode, clockid)");
	ck_assert_int_eq(clock_nanosleep(CLOCK_MONOTONIC, 0, &wanted, NULL), 0);
	ck_assert_int_eq(
		clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &past, NULL), 0);
	watch_stop(&watch);

	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "rqtp"), 1);
	/* HRTIMER_MODE_REL, HRTIMER_MODE_ABS. */
	ck_assert_uint_eq(watch_unsigned(&watch, "mode"), 1);
	ck_assert_int_eq(watch_signed(&watch, "clockid"), CLOCK_MONOTONIC);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "rqtp"), 0);
	ck_assert_uint_eq(watch_unsigned(&watch, "mode"), 0);
	ck_assert_int_eq(watch_signed(&watch, "clockid"), CLOCK_BOOTTIME);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
}
END_TEST

START_TEST(a_bool)
{
	struct watch watch;
	pid_t pid;

	need_kprobes();
	ck_assert_int_eq(prctl(PR_SET_NAME, "old"), 0);
	watch_self(&watch,
		   "kprobe:__set_task_comm(tsk->comm, buf:string, exec)");
	ck_assert_int_eq(prctl(PR_SET_NAME, "new"), 0);
	pid = fork();
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(EXIT_FAILURE);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	watch_stop(&watch);

	watch_next(&watch);
	watch_expect_string(&watch, "comm", "old");
	watch_expect_string(&watch, "buf", "new");
	ck_assert_uint_eq(watch_unsigned(&watch, "exec"), 0);
	watch_next(&watch);
	watch_expect_string(&watch, "comm", "new");
	watch_expect_string(&watch, "buf", "true");
	ck_assert_uint_eq(watch_unsigned(&watch, "exec"), 1);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
}
END_TEST

/* All registers of arguments, and those that lie on the stack. */
START_TEST(many_arguments)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct watch watch;
	void *memory;
	int fd;

	need_kprobes();
	fd = make_probed();
	watch_self(&watch,
		   "kprobe:__sock_create(family, type, protocol, kern)");
	close(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "family"), AF_INET);
	ck_assert_int_eq(watch_signed(&watch, "type"), SOCK_DGRAM);
	ck_assert_int_eq(watch_signed(&watch, "protocol"), IPPROTO_UDP);
	ck_assert_int_eq(watch_signed(&watch, "kern"), 0);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);

	watch_start(&watch, "kprobe:do_mmap(addr, len, prot, flags, pgoff)",
		    &(struct session_request){
			    .is_self = true,
			    .filter = "pgoff == 3",
		    });
	memory = mmap(NULL, 2 * page, PROT_READ, MAP_PRIVATE, fd,
		      (off_t)(3 * page));
	ck_assert_ptr_ne(memory, MAP_FAILED);
	ck_assert_int_eq(munmap(memory, 2 * page), 0);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_uint_eq(watch_unsigned(&watch, "addr"), 0);
	ck_assert_uint_eq(watch_unsigned(&watch, "len"), 2 * page);
	ck_assert_uint_eq(watch_unsigned(&watch, "prot"), PROT_READ);
	ck_assert_uint_eq(watch_unsigned(&watch, "flags"), MAP_PRIVATE);
	ck_assert_uint_eq(watch_unsigned(&watch, "pgoff"), 3);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	remove_probed(fd);
}
END_TEST

/* Where a function begins at the address, it is that function. */
START_TEST(arguments_at_an_address)
{
	struct watch watch;
	char spec[96];

	need_kprobes();
	snprintf(spec, sizeof(spec), "kprobe:%#lx(dfd, filename:ustring)",
		 (unsigned long)find_address("do_sys_openat2"));
	watch_self(&watch, spec);
	ck_assert_int_lt(openat(-9, "nothing", O_RDONLY), 0);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "dfd"), -9);
	watch_expect_string(&watch, "filename", "nothing");
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
}
END_TEST

#if defined(__x86_64__)

START_TEST(registers_and_memory)
{
	static const char name[] = "name of a file";
	struct watch watch;

	need_kprobes();
	watch_self(&watch, "kprobe:do_sys_openat2(reg=%di:s32, "
			   "path=+0(%si):ustring, same=+u0(%si):string, "
			   "flags=+0(%dx):u64, bits=+0(%dx):b4@4/32, "
			   "hex=+0(%dx):x8, words=+0(%dx):u64[3], "
			   "bytes=+0(%dx):u8[4], "
			   "at=$stack, top=$stack0, via=+0(%sp), "
			   "first=$arg1:s32, %ip, where=$stack0:symbol, "
			   "signed=+0(%dx):s8)");
	ck_assert_int_lt(openat(-11, name, O_RDWR | O_CREAT | O_EXCL, 0641), 0);
	watch_stop(&watch);
	watch_next(&watch);
	ck_assert_int_eq(watch_signed(&watch, "reg"), -11);
	ck_assert_int_eq(watch_signed(&watch, "first"), -11);
	watch_expect_string(&watch, "path", name);
	watch_expect_string(&watch, "same", name);
	ck_assert_uint_eq(watch_unsigned(&watch, "flags"),
			  O_RDWR | O_CREAT | O_EXCL | LARGE_FILE);
	ck_assert_uint_eq(watch_unsigned(&watch, "bits"),
			  (O_CREAT | O_EXCL) >> 4);
	ck_assert_uint_eq(watch_unsigned(&watch, "hex"),
			  O_RDWR | O_CREAT | O_EXCL);
	ck_assert_int_eq(watch_signed(&watch, "signed"),
			 (int8_t)(O_RDWR | O_CREAT | O_EXCL));
	ck_assert_uint_eq(watch_element(&watch, "words", 0),
			  watch_unsigned(&watch, "flags"));
	ck_assert_uint_eq(watch_element(&watch, "words", 1), 0641);
	ck_assert_uint_eq(watch_element(&watch, "words", 2), 0);
	ck_assert_uint_eq(watch_element(&watch, "bytes", 0),
			  O_RDWR | O_CREAT | O_EXCL);
	ck_assert_uint_eq(watch_element(&watch, "bytes", 1), LARGE_FILE >> 8);
	ck_assert_uint_ne(watch_unsigned(&watch, "at"), 0);
	ck_assert_uint_eq(watch_unsigned(&watch, "top"),
			  watch_unsigned(&watch, "via"));
	ck_assert_uint_eq(watch_unsigned(&watch, "where"),
			  watch_unsigned(&watch, "via"));
	/* The kernel names what has no name by its place. */
	ck_assert_uint_ne(watch_unsigned(&watch, "arg13"), 0);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
}
END_TEST

#endif

START_TEST(names_and_constants)
{
	struct watch watch;
	char *version;

	need_kprobes();
	version = read_text("/proc/version");
	ck_assert_ptr_nonnull(version);
	ck_assert_int_eq(prctl(PR_SET_NAME, "task's name"), 0);
	watch_self(
		&watch,
		"kprobe:" SYSTEM_CALL(
			"getppid") "(who=$comm, $comm:string, number=\\1234, "
				   "less=\\-5:s32, text=\\\"some_text\", "
				   "banner=@linux_banner:string, "
				   "later=@linux_banner+6:string, "
				   "byte=@linux_banner:u8, "
				   "L=@linux_banner:b4@4/8)");
	getppid();
	watch_stop(&watch);
	watch_next(&watch);
	watch_expect_string(&watch, "who", "task's name");
	watch_expect_string(&watch, "arg2", "task's name");
	ck_assert_uint_eq(watch_unsigned(&watch, "number"), 1234);
	ck_assert_int_eq(watch_signed(&watch, "less"), -5);
	watch_expect_string(&watch, "text", "some_text");
	watch_expect_string(&watch, "banner", version);
	watch_expect_string(&watch, "later", version + 6);
	ck_assert_uint_eq(watch_unsigned(&watch, "byte"), 'L');
	ck_assert_uint_eq(watch_unsigned(&watch, "L"), 'L' >> 4);
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
	free(version);
}
END_TEST

/* As many as the kernel takes. */
START_TEST(the_most_arguments)
{
	struct perftrace_context *context;
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	int i;

	need_kprobes();
	context = new_context();
	succeed(context, perftrace_probe_new_from_spec(
				 context, "kprobe:vfs_read", &probe));
	for (i = 0; i < 128; i++) {
		char argument[32];

		snprintf(argument, sizeof(argument), "a%d=count:u32", i);
		succeed(context, perftrace_probe_add_argument(probe, argument));
	}
	refuse(context, perftrace_probe_add_argument(probe, "more=count"),
	       -EINVAL, "128");
	succeed(context, perftrace_probe_make_event(probe, &event));
	perftrace_event_unref(event);
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(what_has_no_type)
{
	struct perftrace_context *context;

	need_kprobes();
	context = new_context();
	/* 012345678901234567 */
	refuse_probe(context, "kprobe:vfs_read(file->f_pth)", -EINVAL, 22,
		     "struct file has no member f_pth");
	expect_remedy(context, "f_path");
	refuse_probe(context, "kprobe:vfs_read(count, fil)", -EINVAL, 23,
		     "no parameter fil");
	expect_remedy(context, "struct file *file");
	refuse_probe(context, "kprobe:vfs_read(x=file->f_path)", -EINVAL, 24,
		     "whole struct path");
	expect_remedy(context, "dentry");
	refuse_probe(context, "kprobe:vfs_read(count->x)", -EINVAL, 21,
		     "not a pointer");
	refuse_probe(context, "kprobe:vfs_read(file.f_pos)", -EINVAL, 20,
		     "is a pointer");
	expect_remedy(context, "->");
	refuse_probe(context, "kprobe:vfs_read($retval)", -EINVAL, 16,
		     "probes of returns");
	expect_remedy(context, "kretprobe");
	refuse_probe(context, "kretprobe:kfree($retval)", -EINVAL, 16, "void");
	refuse_probe(context, "kprobe:vfs_read(count:string, buf:bogus)",
		     -EINVAL, 34, "nknown type");
	refuse_probe(context, "kprobe:vfs_read+5(count)", -EINVAL, 18,
		     "where a function begins");
	expect_remedy(context, "%di");
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(open_s_arguments),
	TEST(members_of_a_file),
	TEST(arrays),
	TEST(members_of_a_socket),
	TEST(members_of_a_task),
	TEST(numbers_with_a_sign),
	TEST(an_enum),
	TEST(a_bool),
	TEST(many_arguments),
	TEST(arguments_at_an_address),
#if defined(__x86_64__)
	TEST(registers_and_memory),
#endif
	TEST(names_and_constants),
	TEST(the_most_arguments),
	TEST(what_has_no_type),
};

HARNESS_MAIN("kprobe_arguments", tests, HARNESS_LIVE)
