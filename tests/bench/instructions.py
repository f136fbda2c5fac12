# SPDX-License-Identifier: LGPL-2.1-or-later
"""Count instructions: callgrind, told to count in the drain function alone."""

import os
import re
import shutil

from measure import Failure, parse

# So many events that what happens once counts for little.
EVENTS_PER_CPU = 8000


def options_of(case):
    """One pass, and no real-time class for what runs so slowly."""
    replaced = {"-P": "1", "-n": str(
        EVENTS_PER_CPU // (4 if "switches" in case.options else 1))}
    options = []
    for key, value in zip(case.options[::2], case.options[1::2]):
        if key != "-p":
            options += [key, replaced.get(key, value)]
    return options


def count(bench, case):
    output = os.path.join(bench.output, "callgrind.out")
    said = bench.call(
        ["valgrind", "--tool=callgrind", "--toggle-collect=peer_drain",
         "--callgrind-out-file=" + output, bench.find(case.peer), "-m",
         case.mode] + options_of(case))
    with open(output, encoding="ascii") as file:
        found = re.search(r"^(?:totals|summary): (\d+)", file.read(), re.M)
    return int(found.group(1)) / parse(said)["delivered"]


def run(bench, cases):
    if not shutil.which("valgrind"):
        bench.absent["instructions"] = "valgrind is not installed"
        return
    for case in cases:
        if case.peer in bench.absent:
            continue
        try:
            bench.keep(case.group, case.name, 0,
                       {"instructions": count(bench, case)})
        except Failure as failure:
            bench.absent["instructions of " + case.name] = str(failure)
