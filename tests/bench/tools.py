# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tools that people use instead: perf, bpftrace."""

import contextlib
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import time

from measure import Failure, parse

SYS_GETPPID = {"x86_64": 110, "aarch64": 173}
EVENTS = {"syscalls": "raw_syscalls:sys_enter",
          "switches": "sched:sched_switch"}


def cpu_ns(pid):
    with open("/proc/%d/schedstat" % pid, encoding="ascii") as file:
        return int(file.read().split()[0])


def require(tool):
    if not shutil.which(tool):
        raise Failure("%s is not installed" % tool)


class Tools:
    def __init__(self, bench, cpus):
        self.bench = bench
        self.cpus = cpus

    def load(self, name, operations):
        """The load alone."""
        return parse(self.bench.call(
            [self.bench.find("none"), "-l", name, "-n", str(operations),
             "-c", self.cpus, "-L"]))

    def filter(self, name):
        if name == "syscalls":
            return "id == %d" % SYS_GETPPID[os.uname().machine]
        return "prev_comm == \"bench-none\""

    def record(self, name, operations, path, *options):
        """perf record, driven through its control pipes."""
        require("perf")
        control, ack = os.pipe(), os.pipe()
        command = ["perf", "record", "-a", "-D", "-1", "-m", "256",
                   "--control", "fd:%d,%d" % (control[0], ack[1]),
                   "-e", EVENTS[name], "--filter", self.filter(name),
                   "-o", path] + list(options)
        with subprocess.Popen(command, pass_fds=(control[0], ack[1]),
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as perf:
            def say(word):
                os.write(control[1], word + b"\n")
                if not select.select([ack[0]], [], [], 30)[0]:
                    raise Failure("perf record does not answer")
                os.read(ack[0], 64)
            try:
                say(b"enable")
                before = cpu_ns(perf.pid)
                figures = self.load(name, operations)
                say(b"disable")
                busy = cpu_ns(perf.pid) - before
            finally:
                perf.send_signal(signal.SIGINT)
                perf.wait()
                for end in control + ack:
                    os.close(end)
        figures["reader_ns"] = busy / figures["produced"]
        return figures

    def measure_record(self, number):
        """What perf record takes per event; what it lost it knows later."""
        for name, path in (("perf record /dev/null", "/dev/null"),
                           ("perf record FILE", self.path("live"))):
            figures = self.record("syscalls", 200000, path)
            self.bench.keep("live syscalls", name, number, {
                "reader_ns": figures["reader_ns"],
                "load_ns": figures["load_ns"]})

    def path(self, name):
        return os.path.join(self.bench.output, "perf-%s.data" % name)

    def prepare_script(self):
        for load, sizes in (("syscalls", (10000, 70000)),
                            ("switches", (2500, 17500))):
            for index, size in enumerate(sizes):
                self.record(load, size, self.path("%s-%d" % (load, index)))

    def script(self, load, index):
        """(CPU seconds, lines)"""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            ["perf", "script", "-i", self.path("%s-%d" % (load, index))],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime -
                before.ru_stime, done.stdout.count(b"\n"))

    def measure_script(self, number):
        """Per event between two sizes, so that its start is not counted."""
        for load, group in (("syscalls", "drain syscalls"),
                            ("switches", "drain switches")):
            small, few = self.script(load, 0)
            large, many = self.script(load, 1)
            if many > few:
                self.bench.keep(group, "perf script", number, {
                    "reader_ns": (large - small) / (many - few) * 1e9})

    @contextlib.contextmanager
    def bpftrace(self, action):
        require("bpftrace")
        program = ("BEGIN { printf(\"ready\\n\"); } "
                   "tracepoint:raw_syscalls:sys_enter /args->id == %d && "
                   "comm == \"bench-none\"/ { %s }" %
                   (SYS_GETPPID[os.uname().machine], action))
        with subprocess.Popen(["bpftrace", "-e", program],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, bufsize=0) as process:
            try:
                for line in process.stdout:
                    if line.startswith(b"ready"):
                        break
                yield process
            finally:
                process.send_signal(signal.SIGINT)
                process.stdout.close()

    def measure_bpftrace(self, number):
        """printf(), which compares with reading; the rest is not printed."""
        operations = 50000
        with self.bpftrace("printf(\"%d\\n\", args->id);") as process:
            before = cpu_ns(process.pid)
            figures = self.follow(process.stdout.fileno(), operations)
            busy = cpu_ns(process.pid) - before
        figures["reader_ns"] = busy / figures["delivered"]
        self.bench.keep("live syscalls", "bpftrace printf", number, figures)

    def follow(self, descriptor, operations):
        """What it prints while the load runs, until it says no more."""
        with subprocess.Popen(
                [self.bench.find("none"), "-l", "syscalls", "-n",
                 str(operations), "-c", self.cpus, "-L"],
                stdout=subprocess.PIPE, text=True) as load:
            parts, heard = [], time.monotonic()
            while load.poll() is None or time.monotonic() - heard < 1:
                if select.select([descriptor], [], [], 0.1)[0]:
                    parts.append(os.read(descriptor, 1 << 16))
                    heard = time.monotonic()
            figures = parse(load.stdout.read())
        text = b"".join(parts).decode()
        figures["delivered"] = len(re.findall(r"^\d+$", text, re.M))
        figures["lost"] = sum(int(count) for count in
                              re.findall(r"Lost (\d+) events", text))
        return figures

    def measure_counting(self):
        """What the load pays when bpftrace only counts."""
        with self.bpftrace("@ = count();"):
            figures = self.load("syscalls", 200000)
        self.bench.keep("live syscalls", "bpftrace count()", 0,
                        {"load_ns": figures["load_ns"]})
