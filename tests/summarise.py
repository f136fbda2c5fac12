#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Count what the tests said.

summarise.py BUILD_DIRECTORY... reads the log of the last "meson test" in each.
A program that prints TAP counts once per test, any other once. Skips are
printed with their reasons and held against the list for the kernel that they
ran on, the running one or that in BUILD_DIRECTORY/release: the file of
tests/skips/ whose name is the longest beginning of "uname -r", or "default".
The last line is "N passed, N failed, N skipped".
"""

import fnmatch
import json
import os
import re
import sys

SKIPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "skips")


class Summary:
    def __init__(self):
        self.allowed = []
        self.passed = 0
        self.failures = []
        self.skips = []

    def skip(self, directory, name, reason):
        self.skips.append(("%s: %s" % (directory, name), reason))
        if not any(fnmatch.fnmatchcase(name, a) for a in self.allowed):
            self.failures.append("%s: %s: skipped, and tests/skips does not "
                                 "allow it here: %s" %
                                 (directory, name, reason))

    def count(self, directory, test):
        name = test["name"].split(" / ")[-1]
        output = test.get("stdout", "")
        lines = re.findall(r"^(not ok|ok) \d+ - (\S+)", output, re.M)
        if lines:
            self.count_tap(directory, name, output, lines, test)
        elif test["result"] == "OK":
            self.passed += 1
        elif test["result"] == "SKIP":
            reason = re.search(r"^SKIP: (.*)", output, re.M)
            self.skip(directory, name, reason.group(1) if reason else "no reason given")
        else:
            self.failures.append("%s: %s: %s" % (directory, name,
                                                 test["result"]))

    def count_tap(self, directory, name, output, lines, test):
        skipped = dict(re.findall(r"^# SKIP (\S+?): (.*)", output, re.M))
        failed = 0
        for verdict, case in lines:
            if verdict == "not ok":
                failed += 1
                self.failures.append("%s: %s" % (directory, case))
            elif case in skipped:
                self.skip(directory, case, skipped[case])
            else:
                self.passed += 1
        # It may have died between two tests, or leaked at its end.
        if test["result"] not in ("OK", "SKIP") and not failed:
            self.failures.append("%s: %s: %s" % (directory, name,
                                                 test["result"]))


def release_of(directory):
    try:
        with open(os.path.join(directory, "release"),
                  encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return os.uname().release


def allowed_skips(release):
    lists = [name for name in os.listdir(SKIPS) if release.startswith(name)]
    name = max(lists, key=len) if lists else "default"
    with open(os.path.join(SKIPS, name), encoding="utf-8") as file:
        lines = [line.split("#")[0].strip() for line in file]
    return [line for line in lines if line]


def read_log(path):
    try:
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]
    except FileNotFoundError:
        return []


def main(directories):
    summary = Summary()
    for directory in directories:
        log = os.path.join(directory, "meson-logs", "testlog.json")
        tests = read_log(log)
        summary.allowed = allowed_skips(release_of(directory))
        if not tests:
            summary.failures.append("%s: no test was run" % directory)
        for test in tests:
            summary.count(directory, test)
    print()
    for name, reason in summary.skips:
        print("skipped %s: %s" % (name, reason))
    for failure in summary.failures:
        print("FAILED %s" % failure)
    print("%d passed, %d failed, %d skipped" %
          (summary.passed, len(summary.failures), len(summary.skips)))
    return 1 if summary.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
