/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libbpf.bpf.c and peer-libbpf.c tell one another. */
#ifndef BENCH_LIBBPF_SAMPLE_H
#define BENCH_LIBBPF_SAMPLE_H

#include <linux/types.h>

#define LIBBPF_MOST_PIDS 8

struct libbpf_wanted {
	__s64 id;
	__u32 pids[LIBBPF_MOST_PIDS];
};

struct libbpf_sample {
	__u64 task;
	__u64 time;
	__s64 id;
	__u64 args[6];
};

#endif /* BENCH_LIBBPF_SAMPLE_H */
