/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access_host.h"

#include <string.h>

#include "access.h"
#include "facts_text.h"
#include "harness.h"
#include "log.h"

const struct access_event sched_event = { .name = "sched:sched_switch",
					  .class = ACCESS_TRACEPOINT };
const struct access_event syscall_event = { .name = "syscalls:sys_enter_read",
					    .class = ACCESS_TRACEPOINT,
					    .is_for_anyone = true,
					    .is_of_user = true };
const struct access_event function_event = { .name = "ftrace:function",
					     .class = ACCESS_FUNCTION };
const struct access_event irq_work_event = { .name = "irq_vectors:irq_work_exit",
					     .class = ACCESS_TRACEPOINT,
					     .is_irq_work = true };
const struct access_event synthetic_event = { .name = "synthetic:latency",
					      .class = ACCESS_TRACEPOINT,
					      .is_synthetic = true };
const struct access_event local_kprobe = { .name = "p:do_exit",
					   .class = ACCESS_KPROBE,
					   .is_kprobe = true };
const struct access_event local_uprobe = { .name = "p:/bin/true:1",
					   .class = ACCESS_UPROBE,
					   .is_for_anyone = true,
					   .is_of_user = true };
const struct access_event named_kprobe = { .name = "kprobes:exit",
					   .class = ACCESS_TRACEPOINT,
					   .is_kprobe = true };
const struct access_event named_uprobe = { .name = "uprobes:main",
					   .class = ACCESS_TRACEPOINT,
					   .is_for_anyone = true,
					   .is_of_user = true };
const struct access_event busy_uprobe = { .name = "uprobes:busy",
					  .class = ACCESS_TRACEPOINT,
					  .is_for_anyone = true,
					  .is_of_user = true,
					  .is_busy = true };
const struct access_event dummy_event = { .name = "ring",
					  .class = ACCESS_DUMMY };

const struct access_task own_task = { .tid = 1,
				      .answer = NOT_SENSED,
				      .is_own_process = true };

void host_change(struct facts *facts, const char *description)
{
	struct log *notes = log_new();

	ck_assert_ptr_nonnull(notes);
	ck_assert_msg(!facts_parse(notes, facts, description), "%s",
		      log_get_error(notes));
	log_free(notes);
}

void host_make(struct facts *facts, const char *description)
{
	facts_init(facts);
	host_change(facts, "cpus=0-1,possible_cpus=0-1");
	host_change(facts, description);
}

void shape_attr(struct perf_event_attr *attr, unsigned int shape)
{
	*attr = (struct perf_event_attr){ .size = sizeof(*attr) };
	attr->exclude_kernel = !!(shape & SHAPE_XK);
	attr->exclude_callchain_kernel = !!(shape & SHAPE_XCK);
	attr->exclude_callchain_user = !!(shape & SHAPE_XCU);
	if (shape & SHAPE_RAW) {
		attr->sample_period = 1;
		attr->sample_type |= PERF_SAMPLE_RAW;
	}
	if (shape & SHAPE_CALLCHAIN) {
		attr->sample_period = 1;
		attr->sample_type |= PERF_SAMPLE_CALLCHAIN;
	}
	if (shape & SHAPE_REGISTERS) {
		attr->sample_type |= PERF_SAMPLE_REGS_INTR;
		attr->sample_regs_intr = 1;
	}
}

int32_t host_try(const struct facts *facts, const struct access_event *event,
		 enum whom whom, unsigned int shape,
		 const struct access_rule **hit)
{
	struct perf_event_attr attr;
	struct access_call call = {
		.step = ACCESS_OPEN,
		.attr = &attr,
		.event = event,
		.task = whom == SELF ? &own_task : NULL,
		.cpu = whom == SELF ? -1 : 0,
	};

	shape_attr(&attr, shape);
	return access_try(facts, &call, hit);
}

const char *error_name(int32_t error)
{
	const char *name = strerrorname_np(-error);

	return !error ? "ok" : name ? name : "no errno";
}
