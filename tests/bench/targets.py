# SPDX-License-Identifier: LGPL-2.1-or-later
"""What this library is to reach, and whether it did in this run."""

import statistics

from measure import spread

DRAIN = "drain syscalls"


class Target:
    def __init__(self, what, figure, is_reached):
        self.what = what
        self.figure = figure
        self.verdict = {True: "yes", False: "no", None: "not measured"}[
            is_reached]


def delivered_percent(bench, group, name):
    return [100 * row["delivered"] / row["produced"] for row in bench.rows
            if row["group"] == group and row["name"] == name]


def text_of(values, form="%.2f"):
    if not values:
        return "-"
    return (form + " (" + form + ".." + form + ")") % spread(values)


def below(values, limit):
    return statistics.median(values) <= limit if values else None


def at_least(values, limit):
    return statistics.median(values) >= limit if values else None


def both(*verdicts):
    if None in verdicts:
        return None
    return all(verdicts)


def drain(bench, what, name, reference, ratio, most):
    ratios = bench.ratios(DRAIN, name, reference, "reader_ns")
    counts = bench.values(DRAIN, name, "instructions")
    return Target(
        "%s: <= %.1f x hand-written, <= %d instructions" % (what, ratio, most),
        "%s x, %s instructions" % (text_of(ratios), text_of(counts, "%.0f")
                                   if len(counts) > 1 else
                                   "%.0f" % counts[0] if counts else "-"),
        both(below(ratios, ratio), below(counts, most)))


def text_speed(bench, what, name):
    ratios = [1 / ratio for ratio in
              bench.ratios(DRAIN, "perftrace/" + what, name, "reader_ns")]
    return Target("its text: >= 10 x %s" % name,
                  "%s x" % text_of(ratios, "%.1f"), at_least(ratios, 10))


def order(bench, mode, what):
    values = bench.values("order", "perftrace/" + mode, "inversions")
    return Target("order violations%s: 0" % what,
                  "%d in %d runs" % (sum(values), len(values)),
                  not sum(values) if values else None)


def accounting(bench):
    runs, events = bench.unaccounted("perftrace/")
    return Target("events not accounted for: 0",
                  "%d in %d runs" % (events, runs),
                  events == 0 if runs else None)


def loss(bench, ring, mode, limit_of, what):
    ours = delivered_percent(bench, ring, "perftrace/" + mode)
    limit = limit_of(bench)
    return Target("%s, %s" % (ring, what),
                  "%s %% delivered, limit %s" % (text_of(ours),
                                                 "%.2f" % limit),
                  at_least(ours, limit))


def hand_delivers(ring, mode):
    def limit(bench):
        values = delivered_percent(bench, ring, "handwritten/" + mode)
        return statistics.median(values) if values else 100.0
    return limit


def batches(bench):
    ratios = bench.ratios("python", "read", "batch", "reader_ns")
    return Target("batch of 1,024 in Python: >= 20 x one per call",
                  "%s x" % text_of(ratios, "%.1f"), at_least(ratios, 20))


def opening(bench, group, limit_ms):
    rows = [row for row in bench.rows if row["name"] == "perftrace" and
            row["group"] in (group, group + ", held")]
    values = [row["ready_ms"] for row in rows]
    sources = int(rows[0]["sources"]) if rows else 0
    return Target("open + start %d sources: <= %d ms" % (sources, limit_ms),
                  "%s ms" % text_of(values, "%.1f"), below(values, limit_ms))


def closing(bench, group):
    rows = [row for row in bench.rows if row["name"] == "perftrace" and
            row["group"] == group]
    values = [row["close_ms"] for row in rows]
    return Target("the caller's wait in close, %d sources: <= 5 ms" %
                  (rows[0]["sources"] if rows else 0),
                  "%s ms" % text_of(values, "%.1f"), below(values, 5))


def wakes(bench):
    def per_thousand(name):
        return [1000 * row["waits"] / row["produced"] for row in bench.rows
                if row["group"] == "live syscalls" and row["name"] == name]
    ours, hand = per_thousand("perftrace/field"), \
        per_thousand("handwritten/field")
    return Target("wake-ups by the watermark, no more than twice the "
                  "hand-written reader's",
                  "%s per 1,000 events, hand-written %s" %
                  (text_of(ours), text_of(hand)),
                  below(ours, 2 * statistics.median(hand))
                  if ours and hand else None)


def memory(bench):
    values = [row["heap_bytes"] / row["sources"] for row in bench.rows
              if row["name"] == "perftrace" and
              row["group"].startswith("open all")]
    return Target("memory per open source: <= 1,024 bytes",
                  "%s bytes" % text_of(values, "%.0f"), below(values, 1024))


def all_targets(bench):
    small, large = "loss 64 KiB", "loss 1024 KiB"
    return [
        drain(bench, "a field, unordered", "perftrace/field",
              "handwritten/field", 1.2, 45),
        drain(bench, "a field, unordered, by batch", "perftrace/batch-field",
              "handwritten/field", 1.2, 45),
        drain(bench, "a field, in time order", "perftrace/order",
              "handwritten/order", 1.3, 110),
        drain(bench, "a field, in time order, by batch", "perftrace/batch",
              "handwritten/order", 1.3, 110),
        drain(bench, "a field, in certain order", "perftrace/certain",
              "handwritten/order", 1.3, 110),
        drain(bench, "text", "perftrace/text", "handwritten/text", 1.5, 2000),
        text_speed(bench, "text", "handwritten/tep"),
        text_speed(bench, "line", "perf script"),
        order(bench, "certain-check", " in the certain order"),
        order(bench, "check", " with the default horizon"),
        accounting(bench),
        loss(bench, large, "order", lambda _: 100.0, "fields: none"),
        loss(bench, large, "text", hand_delivers(large, "text"),
             "text: no more than hand-written"),
        loss(bench, small, "field", hand_delivers(small, "field"),
             "fields: no more than hand-written"),
        batches(bench),
        opening(bench, "open syscalls", 35),
        opening(bench, "open all", 500),
        closing(bench, "open syscalls"),
        closing(bench, "open all"),
        wakes(bench),
        memory(bench),
    ]
