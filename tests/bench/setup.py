# SPDX-License-Identifier: LGPL-2.1-or-later
"""Open and close hundreds of events.

The last close of a tracepoint costs the kernel some 40 ms, so that only one
open and close of each kind is done as everybody does it. For the rounds,
another process holds all events meanwhile: they are opened like any, and closed
at once.
"""

import subprocess
import time

from measure import Failure, parse

FEW = "raw_syscalls/*"
MANY = "syscalls/*"
ALL = "*/*"


def command(bench, peer, pattern, *options):
    mode = "field" if peer != "none" else "none"
    return [bench.find(peer), "-m", mode, "-b", "128", "-e", pattern,
            *options]


def keep(bench, group, peer, number, output):
    figures = parse(output)
    figures["ready_ms"] = figures["open_ms"] + figures["start_ms"]
    bench.keep(group, peer, number, figures)


def once(bench, group, peer, pattern, number):
    keep(bench, group, peer, number,
         bench.call(command(bench, peer, pattern)))


def quietly(bench, group, peer, pattern, number):
    if peer in bench.absent:
        return
    try:
        once(bench, group, peer, pattern, number)
    except Failure as failure:
        if peer == "perftrace":
            raise
        bench.absent["%s, %s" % (peer, group)] = str(failure)


def measure_perf(bench):
    start = time.monotonic()
    try:
        bench.call(["perf", "record", "-q", "-e", "syscalls:*", "-a", "-o",
                    "/dev/null", "--", "true"])
    except (Failure, OSError) as failure:
        bench.absent["perf record syscalls:*"] = str(failure)
        return
    bench.keep("open syscalls", "perf record -- true", 0,
               {"close_ms": (time.monotonic() - start) * 1000})


def run_short(bench):
    for peer in ("handwritten", "perftrace"):
        once(bench, "open few", peer, FEW, 0)


def hold_all(bench):
    keeper = subprocess.Popen(
        command(bench, "perftrace", ALL, "-k"), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if keeper.stdout.readline().strip() != "ready":
        raise Failure("perftrace: %s" % keeper.communicate()[1].strip())
    return keeper


def run(bench, rounds):
    for peer in ("handwritten", "perftrace"):
        quietly(bench, "open syscalls", peer, MANY, 0)
    measure_perf(bench)
    keeper = hold_all(bench)
    for number in range(rounds):
        for group, pattern in (("open syscalls, held", MANY),
                               ("open all, held", ALL)):
            for peer in ("handwritten", "perftrace", "libperf"):
                quietly(bench, group, peer, pattern, number)
    output, error = keeper.communicate()
    if keeper.returncode:
        raise Failure("perftrace: %s" % error.strip())
    keep(bench, "open all", "perftrace", 0, output)
