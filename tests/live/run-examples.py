#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run the examples that make probes, as their comments say.

run-examples.py DIRECTORY: with the programs. FIXTURES has what they probe.
"""

import os
import re
import signal
import subprocess
import sys

DYNAMIC_EVENTS = "/sys/kernel/tracing/dynamic_events"


def run(*command, code=0):
    """What it prints, both streams."""
    result = subprocess.run(command, check=False, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode != code:
        sys.exit("%s: exits with %d\n%s" % (" ".join(command),
                                            result.returncode, result.stdout))
    return result.stdout


def expect(output, pattern, count):
    found = len(re.findall(pattern, output, re.M))
    if found != count:
        sys.exit("%d of %s, not %d, in:\n%s" % (found, pattern, count, output))


def check_list(programs, target):
    output = run(programs + "/list", "-v",
                 "uprobe:%s:target_hidden($arg1:s32)" % target)
    expect(output, r"^uprobe:target_hidden id=[1-9]", 1)
    expect(output, r"^\targ1 .*s32 .*integer .*size=4 signed$", 1)
    output = run(programs + "/list", "no*such", code=1)
    expect(output, r"no\*such", 1)


def check_arguments(programs, target):
    output = run(programs + "/uprobe_args", target, "target_hidden",
                 "number=$arg1:s64", "text=+0($arg2):string", "--", target,
                 "12")
    expect(output, r'^uprobe:target_hidden\[\d+\] number=\d+ text="call"$', 12)
    output = run(programs + "/uprobe_args", target, "target_hidden",
                 "number=%none", "--", target, "12", code=1)
    expect(output, r"Invalid register name", 1)


def check_markers(programs, library):
    output = run(programs + "/usdt_list", library)
    expect(output, r"^marked:spread$", 3)
    output = run(programs + "/usdt_list", "-v", library)
    expect(output, r"^marked:twelve address=0x[0-9a-f]+ offset=0x[0-9a-f]+ "
           r"arguments=12 ", 1)
    expect(output, r"^marked:watched .* semaphore=0x[0-9a-f]+ ", 1)


def check_handover(programs, target):
    """A named probe that root made, and nobody reads; until a signal."""
    command = [programs + "/handover", "-U", "nobody", "-e",
               "uprobe:%s:target_hidden(number=$arg1:s64)" % target]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE,
                          start_new_session=True) as process:
        ready = process.stderr.readline()
        subprocess.run([target, "12"], check=True, stdout=subprocess.DEVNULL)
        os.killpg(process.pid, signal.SIGINT)
        output, summary = process.communicate()
    expect(ready, r"^handover: user [1-9]\d* reads \d+ descriptors$", 1)
    expect(output, r": uprobe:target_hidden: .* number=\d+$", 12)
    expect(summary, r"^uprobe:target_hidden delivered=12 lost=0$", 1)
    if process.returncode:
        sys.exit("handover exits with %d" % process.returncode)
    output = run(programs + "/handover", "-e", "no:such", code=1)
    expect(output, r"no such event", 1)


def check_caret(programs, target):
    output = run(programs + "/trace", "-e",
                 "uprobe:%s:target_hiddem" % target, "--", target, "1", code=1)
    expect(output, r"^ {%d}\^$" % len("uprobe:%s:" % target), 1)
    expect(output, r"did you mean target_hidden", 1)


def main(programs):
    if os.geteuid() or not os.access(DYNAMIC_EVENTS, os.R_OK):
        print("SKIP: needs root and tracefs")
        sys.exit(77)
    fixtures = os.environ["FIXTURES"]
    target = fixtures + "/target"
    check_list(programs, target)
    check_arguments(programs, target)
    check_markers(programs, fixtures + "/libmarked.so")
    check_caret(programs, target)
    check_handover(programs, target)
    with open(DYNAMIC_EVENTS, encoding="utf-8") as file:
        if target in file.read():
            sys.exit("a probe is left behind")


if __name__ == "__main__":
    main(sys.argv[1])
