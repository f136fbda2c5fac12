/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SYS_H
#define SYS_H

/*
 * The only file that makes system calls, but for those around a child, which
 * are in sys_child.c. Every function answers -errno where the call failed; every
 * descriptor is close-on-exec; interrupted calls are repeated, but for
 * sys_wait(), where an interruption is news to the caller.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct perf_event_attr;

int sys_perf_event_open(const struct perf_event_attr *attr, pid_t pid, int cpu);
/* @cgroup: the descriptor of its directory. */
int sys_perf_event_open_cgroup(const struct perf_event_attr *attr, int cgroup,
			       int cpu);
/* In the group of @leader. @cgroup: -1 for all tasks of the CPU. */
int sys_perf_event_open_sibling(const struct perf_event_attr *attr, int cgroup,
				int cpu, int leader);
int sys_perf_ioctl(int fd, unsigned long request, uintptr_t argument);

/* A perf ring: one page of control, then @data_bytes. */
int sys_map_ring(int fd, size_t data_bytes, void **base);
/* One that the kernel writes over when it is full: only to be read. */
int sys_map_overwritten_ring(int fd, size_t data_bytes, void **base);
void sys_unmap_ring(void *base, size_t data_bytes);
size_t sys_page_bytes(void);

ssize_t sys_read(int fd, void *buffer, size_t size);
int sys_write_all(int fd, const void *buffer, size_t size);
void sys_close(int fd);

/* A whole file, ended by a zero byte that @size does not count; to be freed. */
int sys_read_file(const char *path, char **text, size_t *size);
int sys_read_integer(const char *path, long long *value);
int sys_file_bytes(int fd, uint64_t *bytes);

enum sys_node_kind { SYS_FILE, SYS_DIRECTORY, SYS_LINK, SYS_OTHER };

/* What is behind a name. */
struct sys_node {
	enum sys_node_kind kind;
	uint64_t device;
	uint64_t inode;
};

int sys_describe(int fd, struct sys_node *node);
int sys_describe_path(const char *path, struct sys_node *node);
/* A device's number, as in struct sys_node. */
uint64_t sys_device(uint32_t major, uint32_t minor);

/*
 * Open a name without reading or changing what is behind it: devices and FIFOs
 * do not notice. sys_open_path() follows symbolic links; sys_open_entry() opens
 * a link itself.
 */
int sys_open_path(const char *path);
int sys_open_entry(int directory, const char *name);
/* Open what such a descriptor stands for, for reading. */
int sys_reopen(int fd);

/* Where a symbolic link points to; to be freed. The path of a descriptor. */
int sys_read_link(const char *path, char **target);
int sys_read_link_fd(int fd, char **target);
int sys_descriptor_path(int fd, char **path);

/* 0 at the end of the file; leaves the descriptor's offset alone. */
ssize_t sys_read_at(int fd, void *buffer, size_t size, uint64_t offset);

/* Add a text, in one write(2), to a file that is there. */
int sys_append_text(const char *path, const char *text);

/*
 * Where the first file system of a type, and with an option unless it is NULL,
 * is mounted; to be freed. -ENOENT.
 */
int sys_find_mount(const char *type, const char *option, char **path);

int sys_open_directory(const char *path);
/* Is it in a hierarchy of control groups, of either version? */
bool sys_is_cgroup(int fd);

/* 0 when @path is a directory that can be listed. */
int sys_check_directory(const char *path);

/* Numeric names in a directory, ascending; to be freed. */
int sys_list_numbers(const char *path, int32_t **numbers, size_t *count);

/* The soft RLIMIT_NOFILE. */
uint64_t sys_descriptor_limit(void);
uint32_t sys_effective_uid(void);
pid_t sys_own_pid(void);
/* 0, or -EPERM, when there is a process of that number; else -ESRCH. */
int sys_check_process(pid_t pid);
/* 0 where the kernel has none to give yet. */
uint32_t sys_random(void);
void sys_sleep_ms(unsigned int milliseconds);
/* Of a process, not of one of its threads. */
int sys_pidfd_open(pid_t pid);
/* Whether a descriptor is one, of a process that may have ended. */
bool sys_is_pidfd(int fd);
/* Is there something to read, or the end, without waiting? */
bool sys_poll_in(int fd);
uint64_t sys_clock_ns(int clock);

/*
 * Wait until whatever any CPU does with preemption off, now, has come to its end:
 * an RCU grace period, some 10 ms. -EINVAL or -ENOSYS where the kernel offers
 * none; sys_check_grace_period() tells that without waiting.
 */
int sys_grace_period(void);
int sys_check_grace_period(void);

/* By CLOCK_MONOTONIC, and what is left of it, rounded up; -1: no end. */
uint64_t sys_deadline_ns(int32_t timeout_ms);
int sys_time_left_ms(uint64_t deadline_ns);

int sys_epoll_create(void);
int sys_epoll_add(int epoll, int fd, uint32_t events, uint64_t tag);
int sys_epoll_remove(int epoll, int fd);

struct sys_wakeup {
	uint32_t events;
	uint64_t tag;
};

/* The number of wake-ups, at most @max; 0 when the time was up; -EINTR. */
int sys_wait(int epoll, struct sys_wakeup *wakeups, int max, int timeout_ms);

int sys_timer_create(void);
/* First after @first_ns, then every @interval_ms; 0: not at all. */
int sys_timer_set(int fd, uint64_t first_ns, uint32_t interval_ms);
/* Forget the ticks that have passed. */
void sys_timer_clear(int fd);

/* An eventfd(2): readable from when it is raised until it is cleared. */
int sys_alarm_create(void);
void sys_alarm_raise(int fd);
void sys_alarm_clear(int fd);

/* 0 when @path is an executable file. */
int sys_check_executable(const char *path);

#endif /* SYS_H */
