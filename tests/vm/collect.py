#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Turn what a machine of tests/vm/run said into a log like meson's.

collect.py DIRECTORY reads DIRECTORY/results, and writes
DIRECTORY/meson-logs/testlog.json and DIRECTORY/release for
tests/summarise.py. The kernel is a test of its own: it passes when the machine
came to its end, untainted and without a warning.
"""

import json
import os
import re
import sys

COMPLAINT = re.compile(r"WARNING: |BUG: |Oops|general protection|Call Trace")


def split(lines):
    """Programs with their status and output; what is left of the lines."""
    programs, rest, current = [], [], None
    for line in lines:
        if line.startswith("BEGIN "):
            current = {"name": os.path.basename(line[6:]), "result": "ERROR",
                       "stdout": "", "duration": 0}
            programs.append(current)
        elif line.startswith("SECONDS ") and current:
            current["duration"] = int(line[8:])
        elif line.startswith("END ") and current:
            current["result"] = "OK" if line == "END 0" else "ERROR"
            current = None
        elif current:
            current["stdout"] += line + "\n"
        else:
            rest.append(line)
    return programs, rest


def judge_kernel(rest):
    faults = [line for line in rest if COMPLAINT.search(line)]
    if "DONE" not in rest:
        faults.append("the machine did not come to its end")
    if "TAINTED 0" not in rest:
        faults.append("the kernel is tainted, or did not say")
    return {"name": "kernel", "result": "ERROR" if faults else "OK",
            "stdout": "\n".join(faults), "duration": 0}


def read_lines(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\r\n") for line in file]
    except FileNotFoundError:
        return []


def show(tests):
    for test in tests:
        verdicts = re.findall(r"^(not ok|ok) ", test["stdout"], re.M)
        print("%-24s %-6s %d of %d, %d s" %
              (test["name"], test["result"], verdicts.count("ok"),
               len(verdicts), test["duration"]))
        if test["result"] != "OK":
            print(test["stdout"])


def main(directory):
    lines = read_lines(os.path.join(directory, "results"))
    tests, rest = split(lines)
    tests.append(judge_kernel(rest))
    release = [line[8:] for line in rest if line.startswith("RELEASE ")]
    with open(os.path.join(directory, "release"), "w",
              encoding="utf-8") as file:
        file.write(release[0] if release else "unknown")
    with open(os.path.join(directory, "meson-logs", "testlog.json"), "w",
              encoding="utf-8") as file:
        for test in tests:
            file.write(json.dumps(test) + "\n")
    show(tests)
    return 0 if all(test["result"] == "OK" for test in tests) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
