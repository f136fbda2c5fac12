#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Python examples bind the library by its symbols alone.

read_fields.py has to print a hundred context switches with fields that make
sense, read_batch.py to count a thousand; and both, where they may open too few
descriptors, the library's own words for that.

usage: python-examples.py EXAMPLE LIBRARY
"""
import os
import re
import resource
import subprocess
import sys
import threading
import time

COUNT = 100
LEAST = 1000

# comm: at most 15 bytes. The state is 0 for a task that could have gone on.
LINE = re.compile(r'\[\d{3,}\] (\d+): prev_comm=(.{1,15}) prev_state=(\d+) '
                  r'next_pid=(\d+)')

# The kernel's idle tasks and this program are always among them.
TASK = re.compile(r' *(\d+) (.{1,15})')
SUM = re.compile(r' *(\d+) in (\d+) us, (\d+) lost')

# Enough for Python, and too few for a session.
FEW_DESCRIPTORS = 6


def make_switches(is_over):
    """On an idle machine there would be few."""
    while not is_over.is_set():
        time.sleep(0.001)


def run_example(example, library, **options):
    return subprocess.run([sys.executable, example, library], text=True,
                          errors='replace', stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, **options)


def limit_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (FEW_DESCRIPTORS, FEW_DESCRIPTORS))


def check_lines(result):
    """What is wrong with the output, or nothing."""
    matches = [LINE.fullmatch(line) for line in result.stdout.splitlines()]
    if result.returncode or result.stderr:
        return f'it returned {result.returncode}: {result.stderr}'
    if len(matches) != COUNT or not all(matches):
        return f'{len(matches)} lines:\n{result.stdout}'
    times, comms, states, pids = zip(*(match.groups() for match in matches))
    if sorted(times, key=int) != list(times):
        return 'times go backward'
    # The test itself goes to sleep and is woken all the time.
    if len(set(comms)) < 2 or len(set(states)) < 2 or len(set(pids)) < 2:
        return f'always the same:\n{result.stdout}'
    return None


def check_sums(result):
    """The same of a count by tasks, with a sum behind it."""
    *lines, last = result.stdout.splitlines() or ['']
    tasks = [TASK.fullmatch(line) for line in lines]
    total = SUM.fullmatch(last)
    if result.returncode or result.stderr:
        return f'it returned {result.returncode}: {result.stderr}'
    if not all(tasks) or len(tasks) < 2 or not total:
        return f'{len(tasks)} tasks:\n{result.stdout}'
    counts = [int(task.group(1)) for task in tasks]
    if sorted(counts, reverse=True) != counts:
        return f'not by their numbers:\n{result.stdout}'
    number, microseconds, lost = map(int, total.groups())
    if number + lost < LEAST or sum(counts) > number or not microseconds:
        return f'sums that make no sense:\n{result.stdout}'
    return None


CHECKS = {'read_fields': check_lines, 'read_batch': check_sums}


def check_refusal(name, result):
    expected = name + ': .*EMFILE.*RLIMIT_NOFILE.*\n'
    if result.returncode != 1 or not re.fullmatch(expected, result.stderr):
        return f'refused with {result.returncode}: {result.stderr}'
    return None


def check(example, library):
    name = os.path.basename(example).removesuffix('.py')
    is_over = threading.Event()
    switches = threading.Thread(target=make_switches, args=(is_over,))
    switches.start()
    try:
        return CHECKS[name](run_example(example, library)) or check_refusal(
            name, run_example(example, library, preexec_fn=limit_descriptors))
    finally:
        is_over.set()
        switches.join()


def main():
    if os.geteuid() or not os.access('/sys/kernel/tracing/events', os.R_OK):
        print('SKIP: needs root and tracefs at /sys/kernel/tracing')
        return 77
    reason = check(*sys.argv[1:])
    if reason:
        print(reason)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
