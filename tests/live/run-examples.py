#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run the examples, as their comments and usages say.

run-examples.py DIRECTORY: with the programs. FIXTURES has what they probe.
"""

import errno
import json
import os
import re
import resource
import signal
import subprocess
import sys

# What "check --json" prints of a report, and of each of its findings.
REPORT = {"allowed", "delivers", "certain", "error", "descriptors",
          "descriptors_available", "locked_kib", "locked_kib_available",
          "ring_bytes", "findings"}
FINDING = {"kind", "gate", "error", "source", "cpu", "tid", "subject",
           "message", "kernel_function", "remedies"}
USER = "uid=1000,paranoid=2,vendor_level=none"

DYNAMIC_EVENTS = "/sys/kernel/tracing/dynamic_events"


def limit_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))


def run(*command, code=0, prepare=None, errors=subprocess.STDOUT):
    """What it prints, both streams unless said otherwise."""
    result = subprocess.run(command, check=False, text=True,
                            preexec_fn=prepare,
                            stdout=subprocess.PIPE, stderr=errors)
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


def check_flight_recorder(programs, target):
    """All that fits, at the end; and the newest, asked for by a line."""
    command = [programs + "/flight_recorder", "-e",
               "uprobe:%s:target_hidden(number=$arg1:s64)" % target]
    result = subprocess.run(command + ["--", target, "12"], check=True,
                            text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    expect(result.stdout, r": uprobe:target_hidden: .* number=\d+$", 12)
    expect(result.stderr, r"^snapshot 1 records=12$", 1)
    expect(result.stderr,
           r"^uprobe:target_hidden delivered=12 lost=0 overwritten=0$", 1)
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdin.write("\n")
        process.stdin.flush()
        first = process.stderr.readline()
        subprocess.run([target, "12"], check=True, stdout=subprocess.DEVNULL)
        process.send_signal(signal.SIGUSR1)
        second = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        output, rest = process.communicate()
    expect(first + second, r"^snapshot 1 records=0\nsnapshot 2 records=12$", 1)
    expect(output, r": uprobe:target_hidden: .* number=\d+$", 12)
    expect(rest, r"^snapshot 3 records=0$", 1)
    if process.returncode:
        sys.exit("flight_recorder exits with %d" % process.returncode)


def check_parallel(programs, target):
    """Of each CPU one line; the calls of the command are in one of them."""
    output = run(programs + "/parallel",
                 "uprobe:%s:target_hidden" % target, target, "12")
    expect(output, r"^CPU \d+: \d+ records, 0 lost$",
           os.sysconf("SC_NPROCESSORS_ONLN"))
    counts = re.findall(r"(\d+) records", output)
    if sum(map(int, counts)) != 12:
        sys.exit("not 12 records:\n" + output)
    output = run(programs + "/parallel", "no:such", "true", code=1)
    expect(output, r"no such event", 1)


def check_caret(programs, target):
    output = run(programs + "/trace", "-e",
                 "uprobe:%s:target_hiddem" % target, "--", target, "1", code=1)
    expect(output, r"^ {%d}\^$" % len("uprobe:%s:" % target), 1)
    expect(output, r"did you mean target_hidden", 1)


def ask(programs, *arguments, code=0):
    """The report of "check --json", whose members are as documented."""
    output = run(programs + "/check", "--json", *arguments, code=code,
                 errors=None)
    report = json.loads(output)
    faults = [set(report) ^ REPORT]
    for finding in report["findings"]:
        faults.append(set(finding) ^ FINDING)
        faults += [set(remedy) ^ {"kind", "remedy"}
                   for remedy in finding["remedies"]]
    if any(faults) or report["allowed"] != (code == 0):
        sys.exit("check %s: %s" % (" ".join(arguments), output))
    return report


def gates_of(report, kind="refused"):
    return {finding["gate"] for finding in report["findings"]
            if finding["kind"] == kind}


def expect_gates(report, *gates, kind="refused"):
    if gates_of(report, kind) != set(gates):
        sys.exit("%s by %s, not %s: %s" % (kind, gates_of(report, kind), gates,
                                           report))


def check_statuses(programs):
    check = programs + "/check"
    output = run(check, "-e", "sched:sched_switch")
    expect(output, r"^descriptors: \d+ needed, (\d+ available|no limit)$", 1)
    expect(output, r"^rings: 1024 KiB each$", 1)
    expect(output, r"^answer: allowed$", 1)
    output = run(check, "-x", "-e", "sched:sched_switch")
    expect(output, r"^silent: sched:sched_switch: ", 1)
    expect(output, r"^answer: allowed, but not every event delivers$", 1)
    output = run(check, "--as", USER, "-e", "sched:sched_switch", code=1)
    expect(output, r"^refused: sched:sched_switch: .* tracefs, which the "
           r"caller may not \(EACCES\)$", 1)
    expect(output, r"^  remedy, capability: CAP_DAC_READ_SEARCH$", 1)
    expect(output, r"^answer: refused$", 1)
    for misuse in (["-e", "no:such"], ["-e", "kprobe:("], ["-m", "0"],
                   ["-p", "x"],
                   ["-e", "sched:sched_switch", "-p", "1", "-a"], [],
                   ["--facts", "-e", "sched:sched_switch"], ["--no-such"]):
        run(check, *misuse, code=2)
    output = run(check, "--as", "uid=1000,lockdown=?", "--facts", code=2)
    expect(output, r"^ {%d}\^$" % len("uid=1000,lockdown="), 1)
    expect(output, r"lockdown is one of unknown, none, ", 1)


def check_others(programs):
    """What others would be told, and elsewhere."""
    switch = ["-e", "sched:sched_switch"]
    own = ["-e", "syscalls:sys_enter_getppid", "-x", "-p", "0"]
    report = ask(programs, *switch)
    expect_gates(report)
    if report["locked_kib"] <= report["ring_bytes"] // 1024:
        sys.exit("no page of control: %s" % report)
    report = ask(programs, "--as", USER, *switch, code=1)
    expect_gates(report, "cpu", "tracefs", "kernel", "raw")
    if report["error"] != -errno.EACCES:
        sys.exit("not EACCES: %s" % report)
    expect_gates(ask(programs, "--as", USER + ",tracefs=readable", *own))
    expect_gates(ask(programs, "--as", USER + ",tracefs=readable", *own[:-2],
                     "--", "true"))
    monitor = "uid=1000,caps=perfmon,tracefs=readable"
    expect_gates(ask(programs, "--as", "vendor_level=3,paranoid=2," + monitor,
                     *switch))
    expect_gates(ask(programs, "--as", "vendor_level=3,paranoid=3," + monitor,
                     *switch, code=1), "vendor_level")
    expect_gates(ask(programs, "--as", "seccomp=filter,call=EPERM", *own,
                     code=1), "seccomp")
    report = ask(programs, "--as", "memlock_bytes=0,mlock_kib=516,cpus=0,"
                 "paranoid=2,locked_kib=0,pinned_kib=0," + monitor, "-M", "64", *switch)
    expect_gates(report, "locked_memory", kind="limited")
    if report["ring_bytes"] != 512 * 1024:
        sys.exit("the ring is not fitted in: %s" % report)


def facts_of(programs, *arguments):
    return run(programs + "/check", *arguments, "--facts", errors=None)


def check_facts(programs):
    """What is printed is what is taken."""
    for start in (["--as", "uid=0"], ["--as", USER],
                  ["--as", "uid=1000:0:0 caps=perfmon lockdown=integrity"]):
        facts = facts_of(programs, *start)
        again = facts_of(programs, "--as", facts)
        if again != facts:
            sys.exit("other facts:\n%s\n%s" % (facts, again))
        pairs = json.loads(facts_of(programs, *start, "--json"))
        if "".join("%s=%s\n" % pair for pair in pairs.items()) != facts:
            sys.exit("other facts as JSON:\n%s\n%s" % (facts, pairs))


def check_reports(programs):
    """What can't start says all that stands in its way."""
    for program in ("trace", "count"):
        output = run(programs + "/" + program, "-e", "sched:*", "-d", "1",
                     code=1, prepare=limit_descriptors)
        expect(output, r"^%s: start: .*Too many open files" % program, 1)
        expect(output, r"^refused: .* \(EMFILE\)$", 1)
        expect(output, r"^  remedy, limit: RLIMIT_NOFILE=\d+$", 1)


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
    check_flight_recorder(programs, target)
    check_parallel(programs, target)
    check_statuses(programs)
    check_others(programs)
    check_facts(programs)
    check_reports(programs)
    with open(DYNAMIC_EVENTS, encoding="utf-8") as file:
        if target in file.read():
            sys.exit("a probe is left behind")


if __name__ == "__main__":
    main(sys.argv[1])
