#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The hits of probes are as many as other tools count, and as there are.

Each case is a command that does the same thing every time, so that the library
and the other tool can count it one after the other. The other tool is bpftrace,
or perf probe with perf stat.

usage: compare-probes.py bpftrace|perf COUNT

COUNT is the example of this name; fixtures are in the directory FIXTURES.
"""
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

# What a fixture does when it is told a number of calls, at a place in it.
Case = collections.namedtuple('Case', 'program calls kind place hits')

CASES = [
    Case('target', 500, 'uprobe', 'target_hidden', 500),
    Case('target', 1, 'uprobe', 'target_hidden', 1),
    Case('target', 500, 'uretprobe', 'target_hidden', 500),
    Case('marked', 300, 'usdt', 'marked:twelve', 300),
    Case('marked', 300, 'usdt', 'marked:spread', 900),
    Case('marked', 300, 'usdt', 'marked:watched', 300),
    Case('marked', 300, 'usdt', 'other:shared', 300),
]


class Fault(Exception):
    pass


def run(*command):
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=60)
    if result.returncode:
        raise Fault(f'{" ".join(command)}: {result.returncode}\n'
                    f'{result.stdout}{result.stderr}')
    return result


def find_number(pattern, text):
    match = re.search(pattern, text, re.M)
    if not match:
        raise Fault(f'no number in: {text}')
    return int(match[1])


def count_ours(count, path, case):
    spec = f'{case.kind}:{path}:{case.place}'
    result = run(count, '-e', spec, '--', path, str(case.calls))
    return find_number(fr'^ *(\d+)  {case.kind}:', result.stderr)


def count_bpftrace(path, case, _):
    program = f'{case.kind}:{path}:{case.place} {{ @hits = count(); }}'
    result = run('bpftrace', '-c', f'{path} {case.calls}', '-e', program)
    return find_number(r'^@hits: (\d+)$', result.stdout)


def perf(directory, *arguments):
    return run('perf', '--buildid-dir', directory, *arguments)


def count_perf(path, case, directory):
    if case.kind == 'usdt':
        event = 'sdt_' + case.place
        perf(directory, 'buildid-cache', '--add', path)
        perf(directory, 'probe', '--quiet', event)
    else:
        event = 'perftrace_compare:probe'
        suffix = '%return' if case.kind == 'uretprobe' else ''
        perf(directory, 'probe', '--quiet', '-x', path,
             f'perftrace_compare:probe={case.place}{suffix}')
    # A return probe's name gets "__return" behind it.
    name = event + '__return' if case.kind == 'uretprobe' else event
    try:
        result = run('perf', 'stat', '-x', ',', '-e', name, path,
                     str(case.calls))
    finally:
        perf(directory, 'probe', '--quiet', '--del', name)
    return find_number(r'^(\d+),', result.stderr)


TOOLS = {'bpftrace': count_bpftrace, 'perf': count_perf}


def compare(tool, count, directory):
    is_equal = True
    for case in CASES:
        path = os.path.join(os.environ['FIXTURES'], case.program)
        ours = count_ours(count, path, case)
        theirs = TOOLS[tool](path, case, directory)
        print(f'{case.kind}:{case.place}: {ours}, {tool} {theirs}, '
              f'in truth {case.hits}')
        is_equal &= ours == theirs == case.hits
    return is_equal


def reason_to_skip(tool):
    if os.geteuid():
        return 'needs root'
    if not os.access('/sys/kernel/tracing/events', os.R_OK):
        return 'needs tracefs at /sys/kernel/tracing'
    if not shutil.which(tool) or subprocess.run(
            [tool, '--version'], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode:
        return f'{tool} is not installed'
    return None


def main():
    tool, count = sys.argv[1:]
    reason = reason_to_skip(tool)
    if reason:
        print('SKIP:', reason)
        return 77
    with tempfile.TemporaryDirectory(prefix='perftrace-') as directory:
        try:
            return 0 if compare(tool, count, directory) else 1
        except Fault as fault:
            print(fault)
            return 1


if __name__ == '__main__':
    sys.exit(main())
