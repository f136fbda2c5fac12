#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hold perftrace-access(7) against the table of rules and the facts' keys.

check-access-page.py PAGE TABLE prints one line per fault and exits with 1 when
there is one. TABLE is what the program access-table prints, or the program
itself. The page has the same rules in the same order, each below the heading
of its step, names every gate, and has an entry for each key and no other.
"""

import difflib
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import roff  # noqa: E402

STEPS = {
    "Looking an event up": "lookup",
    "Making a named probe": "probe",
    "Opening an event": "open",
    "Mapping a ring": "ring",
    "What comes of it": "use",
}
HEAD = re.compile(r"(\w+) \((\w+), (?:(any errno|E[A-Z0-9]+), )?([\w()]+)\)$")


def heads_of(lines):
    """What the entries of a list are called."""
    heads, is_next = [], False
    for line in lines:
        name, _ = roff.macro(line)
        if is_next:
            heads.append(roff.text_of([line]))
        is_next = name == "TP"
    return heads


class Page:
    def __init__(self, path):
        self.faults = []
        with open(path, encoding="utf-8") as file:
            sections = dict(roff.split_at(file.read().splitlines(), "SH"))
        self.rules, self.gates = [], set()
        for title, lines in roff.split_at(sections.get("GATES", []), "SS"):
            self.read_gates(title, heads_of(lines))
        self.facts = [head for _, lines in
                      roff.split_at(sections.get("FACTS", []), "SS")
                      for head in heads_of(lines)]

    def read_gates(self, title, heads):
        """The entries of a step, and others, which have names alone."""
        for head in heads:
            rule = HEAD.match(head)
            if title not in STEPS:
                self.gates |= set(head.split(", "))
            elif rule:
                gate, kind, error, function = rule.groups()
                self.gates.add(gate)
                self.rules.append("%s %s %s %s %s" % (
                    STEPS[title], gate, kind,
                    "any" if error == "any errno" else error or "-",
                    function))
            else:
                self.faults.append("%s: not GATE (KIND, ERRNO, FUNCTION): %s"
                                   % (title, head))


def read_table(path):
    if os.access(path, os.X_OK):
        text = subprocess.run([path], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
    else:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    table = {"rule": [], "gate": [], "fact": []}
    for line in text.splitlines():
        word, rest = line.split(" ", 1)
        table[word].append(rest)
    return table


def compare_rules(page, rules):
    """Where the two lists part."""
    faults = []
    for line in difflib.ndiff(rules, page.rules):
        if line.startswith("- "):
            faults.append("not on the page, or not at its place: " + line[2:])
        elif line.startswith("+ "):
            faults.append("not in the table, or not at its place: " + line[2:])
    return faults


def compare_facts(page, facts):
    """Each key once; where its values are words, these."""
    faults = []
    keys = dict(line.split(" ") for line in facts)
    heads = [head.partition("=") for head in page.facts]
    named = [key for key, _, _ in heads]
    for key, _, values in heads:
        if key not in keys:
            faults.append("there is no fact called %s" % key)
        elif keys[key] not in ("-", values):
            faults.append("%s is %s, not %s" % (key, keys[key], values))
    for key in keys:
        if named.count(key) != 1:
            faults.append("%s has %d entries" % (key, named.count(key)))
    return faults


def main(arguments):
    if len(arguments) != 3:
        print("usage: check-access-page.py PAGE TABLE", file=sys.stderr)
        return 2
    page = Page(arguments[1])
    table = read_table(arguments[2])
    if not all(table.values()):
        page.faults.append("the table is empty")
    faults = page.faults + compare_rules(page, table["rule"])
    faults += ["the gate %s is nowhere" % gate for gate in table["gate"]
               if gate not in page.gates]
    faults += compare_facts(page, table["fact"])
    for fault in faults:
        print("%s: %s" % (os.path.basename(arguments[1]), fault))
    print("access page: %d rules, %d gates, %d facts" % (
        len(table["rule"]), len(table["gate"]), len(table["fact"])))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
