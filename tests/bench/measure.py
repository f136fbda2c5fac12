# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run the peers, round after round, and keep what they say."""

import csv
import os
import statistics
import subprocess

SECONDS = 180


class Failure(Exception):
    """A peer that could not be run; says why."""


class Case:
    """A way of reading under a load: PEER/MODE and the peer's options."""

    def __init__(self, group, peer, mode, *options, shares_cpu=False):
        self.group = group
        self.peer = peer
        self.mode = mode
        self.options = [str(option) for option in options]
        self.shares_cpu = shares_cpu

    @property
    def name(self):
        return "%s/%s" % (self.peer, self.mode)


def parse(line):
    """"a=1 b=2.5,3" as numbers and lists of numbers."""
    result = {}
    for word in line.split():
        key, value = word.split("=")
        numbers = [float(number) for number in value.split(",")]
        result[key] = numbers if key.startswith("pass") else numbers[0]
    return result


def apart_from_others():
    """The scheduler's grouping must not divide the CPU with strangers."""
    os.setsid()
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write("-20")
    except OSError:
        pass


def spread(values):
    return statistics.median(values), min(values), max(values)


class Bench:
    """Where the programs are, and every figure that was taken."""

    def __init__(self, build):
        self.build = build
        self.output = os.path.join(build, "bench")
        self.environment = dict(
            os.environ, BENCH_BPF_OBJECT=os.path.join(
                build, "tests", "bench", "libbpf.bpf.o"))
        self.rows = []
        self.absent = {}
        os.makedirs(self.output, exist_ok=True)

    def find(self, peer):
        name = "bench-" + peer
        for directory in (os.path.join(self.build, "tests", "bench"),
                          self.output):
            path = os.path.join(directory, name)
            if os.access(path, os.X_OK):
                return path
        raise Failure("%s was not built" % name)

    def command(self, case):
        return [self.find(case.peer), "-m", case.mode] + case.options

    def call(self, command, shares_cpu=False):
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True,
            timeout=SECONDS, check=False,
            preexec_fn=apart_from_others if shares_cpu else None)
        if done.returncode:
            raise Failure((done.stderr.strip() or "exit status %d" %
                           done.returncode).splitlines()[-1])
        return done.stdout

    def keep(self, group, name, number, figures):
        row = {"group": group, "name": name, "round": number}
        row.update(figures)
        # The first finds everything cold, and pages to be mapped.
        passes = row.pop("pass_ns", None)
        if passes:
            row["cold_ns"] = passes[0]
            row["reader_ns"] = statistics.median(passes[1:] or passes)
        self.rows.append(row)

    def run(self, case, number):
        """One round of a case; a peer that is not to be had is left out."""
        if case.peer in self.absent:
            return
        try:
            output = self.call(self.command(case), case.shares_cpu)
        except Failure as failure:
            if case.peer in ("perftrace", "handwritten", "none"):
                raise Failure("%s: %s" % (case.name, failure)) from failure
            self.absent[case.peer] = str(failure)
            return
        self.keep(case.group, case.name, number, parse(output))

    def rounds(self, cases, count):
        for number in range(count):
            for case in cases:
                self.run(case, number)

    def values(self, group, name, key):
        return [row[key] for row in self.rows if row["group"] == group and
                row["name"] == name and key in row]

    def ratios(self, group, name, reference, key):
        """Of each round by itself, in which the machine was the same."""
        return [a / b for a, b in zip(self.values(group, name, key),
                                      self.values(group, reference, key))
                if b]

    def names(self, group, key):
        return list(dict.fromkeys(
            row["name"] for row in self.rows
            if row["group"] == group and key in row))

    def unaccounted(self, prefix):
        """(runs, events) that are neither delivered nor lost."""
        rows = [row for row in self.rows
                if row["name"].startswith(prefix) and "produced" in row]
        return len(rows), sum(
            abs(row["produced"] - row["delivered"] - row["lost"])
            for row in rows)

    def write_csv(self):
        path = os.path.join(self.output, "figures.csv")
        keys = list(dict.fromkeys(key for row in self.rows for key in row))
        with open(path, "w", encoding="ascii", newline="") as file:
            writer = csv.DictWriter(file, keys)
            writer.writeheader()
            writer.writerows(self.rows)
        return path
