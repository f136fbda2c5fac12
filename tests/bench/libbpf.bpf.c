/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's part of peer-libbpf.c: a sample per system call of the load. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "libbpf-sample.h"

struct sys_enter {
	__u64 common;
	__s64 id;
	__u64 args[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} rings SEC(".maps");

/* Set before it is loaded. */
const volatile struct libbpf_wanted wanted;

SEC("tracepoint/raw_syscalls/sys_enter")
int take(struct sys_enter *call)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct libbpf_sample sample;
	__u32 i;

	if (call->id != wanted.id)
		return 0;
	for (i = 0; i < LIBBPF_MOST_PIDS; i++) {
		if (wanted.pids[i] == (__u32)(task >> 32))
			break;
	}
	if (i == LIBBPF_MOST_PIDS)
		return 0;
	sample.task = task;
	sample.time = bpf_ktime_get_ns();
	sample.id = call->id;
	for (i = 0; i < 6; i++)
		sample.args[i] = call->args[i];
	bpf_perf_event_output(call, &rings, BPF_F_CURRENT_CPU, &sample,
			      sizeof(sample));
	return 0;
}

/* For the kernel, which gives some helpers to programs of the GPL alone. */
char program_license[] SEC("license") = "GPL";
