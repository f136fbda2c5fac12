/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sensor.h"

#include <errno.h>
#include <linux/perf_event.h>

#include "sys.h"
#include "sys_facts.h"

/* In the place of a CPU. */
#define ANY (-1)

static struct perf_event_attr dummy(void)
{
	return (struct perf_event_attr){
		.size = sizeof(struct perf_event_attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.disabled = 1,
		.exclude_kernel = 1,
	};
}

static int32_t ask(const struct perf_event_attr *attr, int32_t tid, int32_t cpu)
{
	int fd = sys_perf_event_open(attr, tid, cpu);

	sys_close(fd);
	return fd < 0 ? fd : 0;
}

/* Whatever comes behind a capability's check says that it was passed. */
static int32_t ask_pmu(uint32_t type)
{
	struct perf_event_attr attr = dummy();
	int32_t ret;

	attr.type = type;
	ret = ask(&attr, 0, ANY);
	return ret == -EINVAL ? 0 : ret;
}

static int32_t ask_callchain(void)
{
	struct perf_event_attr attr = dummy();

	attr.sample_type = PERF_SAMPLE_CALLCHAIN;
	attr.exclude_callchain_user = 1;
	return ask(&attr, 0, ANY);
}

static int32_t ask_registers(void)
{
	struct perf_event_attr attr = dummy();

	attr.sample_type = PERF_SAMPLE_REGS_INTR;
	attr.sample_regs_intr = 1;
	return ask(&attr, 0, ANY);
}

static int32_t ask_kernel(void)
{
	struct perf_event_attr attr = dummy();

	attr.exclude_kernel = 0;
	return ask(&attr, 0, ANY);
}

static int32_t ask_nothing(void)
{
	int32_t ret = sys_perf_event_open_nothing();

	return ret == -EFAULT ? 0 : ret;
}

int32_t sensor_ask(const struct sensors *sensors, enum sensor sensor)
{
	struct perf_event_attr attr = dummy();

	switch (sensor) {
	case SENSOR_CALL:
		return ask_nothing();
	case SENSOR_OPEN:
		return ask(&attr, 0, ANY);
	case SENSOR_KERNEL:
		return ask_kernel();
	case SENSOR_CALLCHAIN:
		return ask_callchain();
	case SENSOR_CPU:
		return ask(&attr, -1, sensors->cpu);
	case SENSOR_REGISTERS:
		return ask_registers();
	case SENSOR_KPROBE:
		return sensors->kprobe_type ? ask_pmu(sensors->kprobe_type) :
					      NOT_SENSED;
	case SENSOR_UPROBE:
		return sensors->uprobe_type ? ask_pmu(sensors->uprobe_type) :
					      NOT_SENSED;
	default:
		return NOT_SENSED;
	}
}

int32_t sensor_ask_cgroup(int fd, int32_t cpu)
{
	struct perf_event_attr attr = dummy();
	int ret = sys_perf_event_open_cgroup(&attr, fd, cpu);

	sys_close(ret);
	return ret < 0 ? ret : 0;
}

int32_t sensor_ask_task(int32_t tid)
{
	struct perf_event_attr attr = dummy();

	return ask(&attr, tid, ANY);
}
