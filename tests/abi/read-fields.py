#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Python example binds the library by its symbols alone.

It has to print a hundred context switches with fields that make sense, and,
where it may open too few descriptors, the library's own words for that.

usage: read-fields.py EXAMPLE LIBRARY
"""
import os
import re
import resource
import subprocess
import sys
import threading
import time

COUNT = 100

# comm: at most 15 bytes. The state is 0 for a task that could have gone on.
LINE = re.compile(r'\[\d{3,}\] (\d+): prev_comm=(.{1,15}) prev_state=(\d+) '
                  r'next_pid=(\d+)')

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


def check_refusal(result):
    expected = 'read_fields: .*EMFILE.*RLIMIT_NOFILE.*\n'
    if result.returncode != 1 or not re.fullmatch(expected, result.stderr):
        return f'refused with {result.returncode}: {result.stderr}'
    return None


def check(example, library):
    is_over = threading.Event()
    switches = threading.Thread(target=make_switches, args=(is_over,))
    switches.start()
    try:
        return check_lines(run_example(example, library)) or check_refusal(
            run_example(example, library, preexec_fn=limit_descriptors))
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
