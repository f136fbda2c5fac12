# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tables, as text that is also Markdown."""

import os
import platform
import re

import targets
from measure import spread

# In a file, what follows this line is replaced.
MARK = "<!-- written by tests/bench/run --markdown -->\n"

# Of a group: what all are held against, and which figure.
GROUPS = (
    ("drain syscalls", "Rings that were filled before: system calls",
     "handwritten/field", "reader_ns", "ns/event"),
    ("drain switches", "Rings that were filled before: scheduler switches",
     "handwritten/field", "reader_ns", "ns/event"),
    ("live syscalls", "Live: system calls on one CPU",
     "handwritten/field", "reader_ns", "ns/event"),
    ("live switches", "Live: scheduler switches",
     "handwritten/field", "reader_ns", "ns/event"),
    ("live probes", "Live: a uprobe", "handwritten/field", "reader_ns",
     "ns/event"),
    ("live mix", "Live: 20 tracepoints, 2 of them hot",
     "handwritten/field", "reader_ns", "ns/event"),
    ("wake-ups at each event", "Live: a wake-up at each event",
     "handwritten/field", "reader_ns", "ns/event"),
    ("python", "Python through ctypes", "batch", "reader_ns", "ns/record"),
    ("open syscalls", "Open, start and close syscalls:*, once",
     "handwritten", "close_ms", "ms to close"),
    ("open syscalls, held", "Open and start syscalls:*, held elsewhere",
     "handwritten", "ready_ms", "ms to open and start"),
    ("open all, held", "Open and start all events, held elsewhere",
     "handwritten", "ready_ms", "ms to open and start"),
)


def number(value):
    """Three digits, or all before the point."""
    if abs(value) >= 100:
        return "{:,.0f}".format(value)
    return "%.1f" % value if abs(value) >= 10 else "%.2f" % value


def of_rounds(values):
    if len(values) == 1:
        return number(values[0])
    return "%s (%s..%s)" % tuple(number(value) for value in spread(values))


def table(head, rows):
    """Columns as wide as they must be, the first to the left."""
    widths = [max(len(row[column]) for row in [head] + rows)
              for column in range(len(head))]

    def line(cells):
        return "| %s |" % " | ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells, widths)))
    rule = "|%s|" % "|".join(
        "-" * (width + 1) + ":" if index else "-" * (width + 2)
        for index, width in enumerate(widths))
    return "\n".join([line(head), rule] +
                     [line(row) for row in rows])


def group_table(bench, group, title, reference, key, unit):
    names = bench.names(group, key)
    if not names:
        return ""
    # Of some it is only known what they cost those that are traced.
    names += [name for name in bench.names(group, "load_ns")
              if name not in names]
    counted = bool(bench.names(group, "instructions"))
    loads = group.startswith(("live", "wake"))
    head = [title, unit, "ratio"]
    head += ["instructions"] if counted else []
    head += ["ns per operation of the load"] if loads else []
    rows = []
    for name in names:
        row = [name, of_optional(bench.values(group, name, key)),
               of_optional(bench.ratios(group, name, reference, key))]
        if counted:
            row.append(of_optional(bench.values(group, name, "instructions")))
        if loads:
            row.append(of_optional(bench.values(group, name, "load_ns")))
        rows.append(row)
    return table(head, rows)


def of_optional(values):
    return of_rounds(values) if values else "-"


def loss_table(bench):
    groups = [group for group in dict.fromkeys(
        row["group"] for row in bench.rows) if group.startswith("loss")]
    if not groups:
        return ""
    names = bench.names(groups[0], "produced")
    rows = [[name] + [of_rounds(targets.delivered_percent(bench, group, name))
                      for group in groups] for name in names]
    return table(["Delivered, of a storm on all CPUs, %"] +
                 [group[len("loss "):] for group in groups], rows)


def honesty_table(bench):
    peers = dict.fromkeys(row["name"].split("/")[0] for row in bench.rows
                          if "produced" in row)
    rows = []
    for peer in peers:
        runs, events = bench.unaccounted(peer)
        orders = [value for name in bench.names("order", "inversions")
                  if name.startswith(peer + "/")
                  for value in bench.values("order", name, "inversions")]
        rows.append([peer, "%d" % runs, "%d" % events,
                     "%d of %d" % (sum(value > 0 for value in orders),
                                   len(orders)) if orders else "-"])
    return table(["Peer", "runs", "events not accounted for",
                  "runs out of order"], rows)


def machine(places):
    model = platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*: (.*)", file.read(), re.M)
    if found:
        model = found.group(1)
    return "%s, %d CPUs, Linux %s" % (model, places.num_cpus,
                                      os.uname().release)


def write(bench, places):
    parts = ["Machine: %s." % machine(places),
             table(["Target", "figure", "reached"],
                   [[target.what, target.figure, target.verdict]
                    for target in targets.all_targets(bench)])]
    parts += [group_table(bench, *group) for group in GROUPS]
    parts += [loss_table(bench), honesty_table(bench)]
    parts += ["Left out: %s: %s." % (name, reason)
              for name, reason in bench.absent.items()]
    return "\n\n".join(part for part in parts if part) + "\n"


def insert(path, text):
    """Behind the mark, where the file has one."""
    head = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            before, mark, _ = file.read().partition(MARK)
        head = before + mark + "\n" if mark else ""
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + text)
