/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <linux/perf_event.h>
#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int open_event(const struct perf_event_attr *attr, int task, int cpu,
		      int leader, unsigned long flags)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, task, cpu, leader,
			      PERF_FLAG_FD_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

int sys_perf_event_open(const struct perf_event_attr *attr, pid_t pid, int cpu)
{
	return open_event(attr, pid, cpu, -1, 0);
}

int sys_perf_event_open_cgroup(const struct perf_event_attr *attr, int cgroup,
			       int cpu)
{
	return open_event(attr, cgroup, cpu, -1, PERF_FLAG_PID_CGROUP);
}

int sys_perf_event_open_sibling(const struct perf_event_attr *attr, int cgroup,
				int cpu, int leader)
{
	return open_event(attr, cgroup, cpu, leader,
			  cgroup < 0 ? 0 : PERF_FLAG_PID_CGROUP);
}

int sys_perf_ioctl(int fd, unsigned long request, uintptr_t argument)
{
	int ret;

	do
		ret = ioctl(fd, request, argument);
	while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}

size_t sys_page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static int map_ring(int fd, size_t data_bytes, int protection, void **base)
{
	void *address = mmap(NULL, sys_page_bytes() + data_bytes, protection,
			     MAP_SHARED, fd, 0);

	if (address == MAP_FAILED)
		return -errno;
	*base = address;
	return 0;
}

int sys_map_ring(int fd, size_t data_bytes, void **base)
{
	return map_ring(fd, data_bytes, PROT_READ | PROT_WRITE, base);
}

int sys_map_overwritten_ring(int fd, size_t data_bytes, void **base)
{
	return map_ring(fd, data_bytes, PROT_READ, base);
}

void sys_unmap_ring(void *base, size_t data_bytes)
{
	munmap(base, sys_page_bytes() + data_bytes);
}

ssize_t sys_read(int fd, void *buffer, size_t size)
{
	ssize_t got;

	do
		got = read(fd, buffer, size);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

int sys_write_all(int fd, const void *buffer, size_t size)
{
	const char *rest = buffer;

	while (size) {
		ssize_t put = write(fd, rest, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		rest += put;
		size -= (size_t)put;
	}
	return 0;
}

void sys_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* What is read is kept, thousands of times for the events of a kernel. */
static char *give_back(char *buffer, size_t used)
{
	char *smaller = realloc(buffer, used);

	return smaller ? smaller : buffer;
}

/* /proc and tracefs do not tell the length beforehand. */
static int read_to_end(int fd, char **text, size_t *size)
{
	size_t room = 4096, used = 0;
	char *buffer = malloc(room);

	while (buffer) {
		ssize_t got = sys_read(fd, buffer + used, room - used - 1);
		char *larger;

		if (got < 0) {
			free(buffer);
			return (int)got;
		}
		used += (size_t)got;
		if (!got) {
			buffer[used] = '\0';
			*text = give_back(buffer, used + 1);
			*size = used;
			return 0;
		}
		if (room - used > 1)
			continue;
		room *= 2;
		larger = realloc(buffer, room);
		if (!larger)
			break;
		buffer = larger;
	}
	free(buffer);
	return -ENOMEM;
}

static int open_for_reading(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int sys_read_file(const char *path, char **text, size_t *size)
{
	int fd = open_for_reading(path, 0);
	int ret;

	if (fd < 0)
		return fd;
	ret = read_to_end(fd, text, size);
	close(fd);
	return ret;
}

int sys_read_integer(const char *path, long long *value)
{
	char text[32], *end;
	long long number;
	ssize_t got;
	int fd = open_for_reading(path, 0);

	if (fd < 0)
		return fd;
	got = sys_read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got < 0)
		return (int)got;
	text[got] = '\0';
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text)
		return -EBADMSG;
	*value = number;
	return 0;
}

int sys_file_bytes(int fd, uint64_t *bytes)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	*bytes = (uint64_t)status.st_size;
	return 0;
}

static int fill_node(const struct stat *status, struct sys_node *node)
{
	mode_t mode = status->st_mode;

	node->kind = S_ISREG(mode) ? SYS_FILE :
		     S_ISDIR(mode) ? SYS_DIRECTORY :
		     S_ISLNK(mode) ? SYS_LINK :
				     SYS_OTHER;
	node->device = status->st_dev;
	node->inode = status->st_ino;
	return 0;
}

int sys_describe(int fd, struct sys_node *node)
{
	struct stat status;

	return fstat(fd, &status) ? -errno : fill_node(&status, node);
}

int sys_describe_path(const char *path, struct sys_node *node)
{
	struct stat status;

	return stat(path, &status) ? -errno : fill_node(&status, node);
}

uint64_t sys_device(uint32_t major, uint32_t minor)
{
	return makedev(major, minor);
}

int sys_open_path(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sys_open_entry(int directory, const char *name)
{
	int fd = openat(directory, name, O_PATH | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int sys_reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open_for_reading(path, 0);
}

static int read_link_at(int directory, const char *path, char **target)
{
	char text[PATH_MAX];
	ssize_t got = readlinkat(directory, path, text, sizeof(text));

	if (got < 0)
		return -errno;
	if (got == (ssize_t)sizeof(text))
		return -ENAMETOOLONG;
	*target = strndup(text, (size_t)got);
	return *target ? 0 : -ENOMEM;
}

int sys_read_link(const char *path, char **target)
{
	return read_link_at(AT_FDCWD, path, target);
}

int sys_read_link_fd(int fd, char **target)
{
	return read_link_at(fd, "", target);
}

int sys_descriptor_path(int fd, char **path)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return read_link_at(AT_FDCWD, link, path);
}

ssize_t sys_read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
	ssize_t got;

	do
		got = pread(fd, buffer, size, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

int sys_append_text(const char *path, const char *text)
{
	size_t length = strlen(text);
	ssize_t put;
	int fd, ret = 0;

	do
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -errno;
	/* Not to be repeated: the kernel may have done half of it. */
	put = write(fd, text, length);
	if (put < 0)
		ret = -errno;
	else if ((size_t)put != length)
		ret = -EIO;
	close(fd);
	return ret;
}

static bool fits(const struct mntent *entry, const char *type,
		 const char *option)
{
	return !strcmp(entry->mnt_type, type) &&
	       (!option || hasmntopt(entry, option));
}

int sys_find_mount(const char *type, const char *option, char **path)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *found, entry;
	char line[8192];
	int ret = -ENOENT;

	if (!mounts)
		return -errno;
	do
		found = getmntent_r(mounts, &entry, line, sizeof(line));
	while (found && !fits(found, type, option));
	if (found) {
		*path = strdup(entry.mnt_dir);
		ret = *path ? 0 : -ENOMEM;
	}
	endmntent(mounts);
	return ret;
}

int sys_open_directory(const char *path)
{
	return open_for_reading(path, O_DIRECTORY);
}

bool sys_is_cgroup(int fd)
{
	struct statfs status;

	return !fstatfs(fd, &status) && (status.f_type == CGROUP2_SUPER_MAGIC ||
					 status.f_type == CGROUP_SUPER_MAGIC);
}

int sys_check_directory(const char *path)
{
	int fd = sys_open_directory(path);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int compare_numbers(const void *left, const void *right)
{
	int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;

	return (a > b) - (a < b);
}

static bool parse_number(const char *text, int32_t *number)
{
	char *end;
	long value;

	if (*text < '0' || *text > '9')
		return false;
	value = strtol(text, &end, 10);
	if (*end || value > INT32_MAX)
		return false;
	*number = (int32_t)value;
	return true;
}

int sys_list_numbers(const char *path, int32_t **numbers, size_t *count)
{
	int32_t *list = NULL, number;
	size_t used = 0, room = 0;
	struct dirent *entry;
	DIR *directory = opendir(path);

	if (!directory)
		return -errno;
	while ((entry = readdir(directory))) {
		if (!parse_number(entry->d_name, &number))
			continue;
		if (used == room) {
			int32_t *larger;

			room = room ? 2 * room : 16;
			larger = realloc(list, room * sizeof(*list));
			if (!larger) {
				free(list);
				closedir(directory);
				return -ENOMEM;
			}
			list = larger;
		}
		list[used++] = number;
	}
	closedir(directory);
	if (used)
		qsort(list, used, sizeof(*list), compare_numbers);
	*numbers = list;
	*count = used;
	return 0;
}

uint64_t sys_descriptor_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) ? 0 : limit.rlim_cur;
}

uint32_t sys_effective_uid(void)
{
	return geteuid();
}

pid_t sys_own_pid(void)
{
	return getpid();
}

int sys_check_process(pid_t pid)
{
	return kill(pid, 0) ? -errno : 0;
}

uint32_t sys_random(void)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		return 0;
	return number;
}

void sys_sleep_ms(unsigned int milliseconds)
{
	struct timespec rest = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = (long)(milliseconds % 1000) * 1000000,
	};

	while (nanosleep(&rest, &rest) && errno == EINTR)
		;
}

int sys_pidfd_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

bool sys_is_pidfd(int fd)
{
	/* Signal 0 is not sent; who may not send it is told so. */
	return !syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) ||
	       errno == EPERM || errno == ESRCH;
}

bool sys_poll_in(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	int ret;

	do
		ret = poll(&entry, 1, 0);
	while (ret < 0 && errno == EINTR);
	return ret > 0;
}

int sys_grace_period(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0) ? -errno : 0;
}

/* Also when RCU can't be waited for: the kernel then does not list it. */
int sys_check_grace_period(void)
{
	long commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0);

	if (commands < 0)
		return -errno;
	return commands & MEMBARRIER_CMD_GLOBAL ? 0 : -EINVAL;
}

uint64_t sys_clock_ns(int clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t sys_deadline_ns(int32_t timeout_ms)
{
	if (timeout_ms < 0)
		return UINT64_MAX;
	if (!timeout_ms)
		return 0;
	return sys_clock_ns(CLOCK_MONOTONIC) + (uint64_t)timeout_ms * 1000000;
}

int sys_time_left_ms(uint64_t deadline_ns)
{
	uint64_t now;

	if (deadline_ns == UINT64_MAX)
		return -1;
	now = deadline_ns ? sys_clock_ns(CLOCK_MONOTONIC) : 0;
	if (now >= deadline_ns)
		return 0;
	return (int)((deadline_ns - now + 999999) / 1000000);
}

int sys_epoll_create(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sys_epoll_add(int epoll, int fd, uint32_t events, uint64_t tag)
{
	struct epoll_event event = { .events = events, .data.u64 = tag };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int sys_epoll_remove(int epoll, int fd)
{
	return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) ? -errno : 0;
}

int sys_wait(int epoll, struct sys_wakeup *wakeups, int max, int timeout_ms)
{
	struct epoll_event events[16];
	int count, i;

	if (max > 16)
		max = 16;
	count = epoll_wait(epoll, events, max, timeout_ms);
	if (count < 0)
		return -errno;
	for (i = 0; i < count; i++) {
		wakeups[i].events = events[i].events;
		wakeups[i].tag = events[i].data.u64;
	}
	return count;
}

int sys_timer_create(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

int sys_timer_set(int fd, uint64_t first_ns, uint32_t interval_ms)
{
	struct itimerspec spec = {
		.it_value.tv_sec = (time_t)(first_ns / 1000000000),
		.it_value.tv_nsec = (long)(first_ns % 1000000000),
		.it_interval.tv_sec = interval_ms / 1000,
		.it_interval.tv_nsec = (long)(interval_ms % 1000) * 1000000,
	};

	return timerfd_settime(fd, 0, &spec, NULL) ? -errno : 0;
}

void sys_timer_clear(int fd)
{
	uint64_t ticks;

	/* EAGAIN: there were none. */
	if (read(fd, &ticks, sizeof(ticks)) < 0)
		return;
}

int sys_alarm_create(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

void sys_alarm_raise(int fd)
{
	uint64_t once = 1;

	/* EAGAIN: it has been raised 2^64 times, and is. */
	if (write(fd, &once, sizeof(once)) < 0)
		return;
}

void sys_alarm_clear(int fd)
{
	uint64_t times;

	/* EAGAIN: it was not raised. */
	if (read(fd, &times, sizeof(times)) < 0)
		return;
}

int sys_check_executable(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EACCES;
	return access(path, X_OK) ? -errno : 0;
}
