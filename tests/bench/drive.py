#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measure ways of reading events side by side.

Rounds go over all of them, so that what the machine does meanwhile is done to
all; a figure is the median of the rounds, with the least and the most. Where
programs or packages are missing, those ways are left out, and it is said why.

The exit status tells whether this library and the hand-written reader have
accounted for every event, never how fast anything was.
"""

import argparse
import os
import subprocess
import sys
import time

import instructions
import report
import setup
from measure import Bench, Case, Failure
from tools import Tools

DRAINED = {
    "syscalls": (("handwritten", "walk field order text tep"),
                 ("perftrace",
                  "field batch-field order batch certain text line"),
                 ("libperf", "walk field"), ("libtracefs", "order tep"),
                 ("libbpf", "field")),
    "switches": (("handwritten", "field order text tep"),
                 ("perftrace", "field order text"),
                 ("libperf", "field"), ("libtracefs", "order tep")),
}
LIVE = {
    "syscalls": (("handwritten", "field order text tep"),
                 ("perftrace", "field order certain text"),
                 ("libperf", "field"), ("libtracefs", "order"),
                 ("libbpf", "field")),
    "switches": (("handwritten", "field order text"),
                 ("perftrace", "field order text"),
                 ("libperf", "field"), ("libtracefs", "order")),
    "probes": (("handwritten", "field order"), ("perftrace", "field order"),
               ("libperf", "field")),
    "mix": (("handwritten", "field order"), ("perftrace", "field order"),
            ("libperf", "field"), ("libtracefs", "order")),
}
STORM = (("handwritten", "field text tep"),
         ("perftrace", "field order certain text"),
         ("libperf", "field"), ("libtracefs", "order"), ("libbpf", "field"))
ORDERED = (("handwritten", "check"), ("perftrace", "check certain-check"),
           ("libtracefs", "check"))
RING_KIB = (64, 256, 1024)


class Places:
    """Which CPUs, and whether processes may be of the real-time class."""

    def __init__(self):
        cpus = sorted(os.sched_getaffinity(0))
        self.load = str(cpus[0])
        self.reader = str(cpus[-1])
        self.pair = ",".join(str(cpu) for cpu in cpus[:2])
        self.all = ",".join(str(cpu) for cpu in cpus)
        self.num_cpus = len(cpus)
        self.priority = ["-p", "5"] if self.may_be_real_time() else []

    @staticmethod
    def may_be_real_time():
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        except OSError:
            return False
        return True

    def apart(self):
        """The load on one CPU, the reader on another."""
        return ["-c", self.load, "-r", self.reader] + self.priority

    def prefilled(self):
        """No load runs while the rings are read."""
        return ["-c", self.pair, "-r", self.reader] + self.priority


def expand(modes):
    return [(peer, mode) for peer, names in modes for mode in names.split()]


def cases_of(modes, group, *options, **more):
    return [Case(group, peer, mode, *options, **more)
            for peer, mode in expand(modes)]


def drain_cases(places, short):
    """Rings that were filled before, to four fifths."""
    sizes = {"syscalls": (8192, 3000 if short else 60000),
             "switches": (4096, 1000 if short else 15000)}
    cases = []
    for load, (ring_kib, size) in sizes.items():
        cases += cases_of(DRAINED[load], "drain " + load, "-l", load, "-b",
                          ring_kib, "-n", size, "-P", 2 if short else 4,
                          *places.prefilled())
    return cases


def live_cases(places, short):
    sizes = {"syscalls": 200000, "switches": 20000, "probes": 60000,
             "mix": 100000}
    cases = []
    for load, size in sizes.items():
        cases += cases_of(LIVE[load], "live " + load, "-l", load, "-L", "-n",
                          3000 if short else size, *places.apart())
    return cases


def order_cases(places, short):
    """All CPUs, while the reader takes any of them."""
    return cases_of(ORDERED, "order", "-l", "syscalls", "-L", "-b", 8192, "-n",
                    2000 if short else 100000, "-c", places.all,
                    shares_cpu=True)


def storm_cases(places, short):
    """All CPUs, while the reader shares the last."""
    cases = []
    for ring_kib in RING_KIB:
        cases += cases_of(STORM, "loss %d KiB" % ring_kib, "-l", "syscalls",
                          "-L", "-b", ring_kib, "-n",
                          2000 if short else 100000, "-c", places.all, "-r",
                          places.reader, shares_cpu=True)
    return cases


def wake_cases(places, short):
    size = 500 if short else 20000
    return [Case("wake-ups at each event", peer, "field", "-l", "syscalls",
                 "-L", "-w", "-n", size, *places.apart())
            for peer in ("handwritten", "perftrace", "libperf", "libbpf")]


def run_batch(bench, number):
    """One record per call against a thousand, through ctypes."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "batch.py")
    library = os.path.join(bench.build, "libperftrace", "libperftrace.so.0")
    output = bench.call([sys.executable, script, library, "1"])
    for line in output.splitlines()[1:]:
        way, median = line.split()[:2]
        bench.keep("python", way, number, {"reader_ns": float(median)})


def run_tools(bench, places, rounds):
    tools = Tools(bench, places.load)
    try:
        tools.prepare_script()
        for number in range(rounds):
            tools.measure_script(number)
            tools.measure_record(number)
    except Failure as failure:
        bench.absent["perf"] = str(failure)
    try:
        for number in range(rounds):
            tools.measure_bpftrace(number)
        tools.measure_counting()
    except Failure as failure:
        bench.absent["bpftrace"] = str(failure)


def run_short(bench, places):
    """See that all of it works, in seconds."""
    try:
        bench.rounds(drain_cases(places, True) + live_cases(places, True) +
                     order_cases(places, True) + storm_cases(places, True) +
                     wake_cases(places, True), 1)
        run_batch(bench, 0)
        setup.run_short(bench)
    except (Failure, subprocess.TimeoutExpired) as failure:
        print(failure, file=sys.stderr)
        return False
    return True


def make_steps(bench, places, rounds):
    return {
        "drain": lambda: bench.rounds(drain_cases(places, False), rounds),
        "live": lambda: bench.rounds(live_cases(places, False), rounds),
        "order": lambda: bench.rounds(order_cases(places, False), 2 * rounds),
        "storm": lambda: bench.rounds(storm_cases(places, False), rounds),
        "wakes": lambda: bench.rounds(wake_cases(places, False), rounds),
        "tools": lambda: run_tools(bench, places, rounds),
        "batch": lambda: [run_batch(bench, number)
                          for number in range(rounds)],
        "instructions": lambda: instructions.run(
            bench, drain_cases(places, False)),
        "open": lambda: setup.run(bench, rounds),
    }


def run_full(bench, places, rounds, only):
    """What can't be measured must not take the rest along."""
    is_fine = True
    for name, step in make_steps(bench, places, rounds).items():
        if any(only) and name not in only:
            continue
        start = time.monotonic()
        try:
            step()
        except (Failure, subprocess.TimeoutExpired) as failure:
            print("%s: %s" % (name, failure), file=sys.stderr)
            is_fine = False
        print("%s: %.0f s" % (name, time.monotonic() - start),
              file=sys.stderr)
    return is_fine


def is_accounted(bench):
    """The one thing that is asserted."""
    is_fine = True
    for peer in ("perftrace/", "handwritten/"):
        runs, events = bench.unaccounted(peer)
        print("%s: %d runs, %d events not accounted for" %
              (peer.rstrip("/"), runs, events))
        is_fine = is_fine and runs > 0 and events == 0
    return is_fine


def same_texts(bench):
    """Those who print the same events must print as much."""
    names = ("handwritten/text", "handwritten/tep", "perftrace/text")
    texts = {row["name"]: row["text_bytes"] / row["delivered"]
             for row in bench.rows if row["group"] == "drain syscalls" and
             "text_bytes" in row and row["name"] in names}
    if len(set(texts.values())) > 1:
        print("texts differ in length: %s" % texts)
        return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="meson's build directory")
    parser.add_argument("--short", action="store_true",
                        help="only see that it works")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="steps, as in drain,live")
    parser.add_argument("--markdown", help="a file for the tables")
    arguments = parser.parse_args()
    bench = Bench(os.path.abspath(arguments.build))
    places = Places()
    if arguments.short:
        is_fine = run_short(bench, places)
    else:
        is_fine = run_full(bench, places, arguments.rounds,
                           (arguments.only or "").split(","))
        text = report.write(bench, places)
        print(text)
        if arguments.markdown:
            report.insert(arguments.markdown, text)
    print("figures: %s" % bench.write_csv())
    for peer, reason in bench.absent.items():
        print("left out: %s: %s" % (peer, reason))
    # All of them, for each says what is wrong.
    return 0 if all([is_fine, is_accounted(bench), same_texts(bench)]) else 1


if __name__ == "__main__":
    sys.exit(main())
