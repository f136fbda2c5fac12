#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a record costs a Python program: singly, and by the thousand.

usage: batch.py LIBRARY [ROUNDS]

Each round makes the same number of getppid(2) calls, stops, and drains the ring
in one of three ways, which take turns:

  read    one call per record, and nothing is asked of it
  fields  as read, and a call for each of time, CPU, thread and id
  batch   those four as columns, 1,024 records per call

Prints the median, least and greatest of the CPU time per record, and how many
times as many records per second a batch takes. Needs root and tracefs.
"""
import ctypes
import os
import statistics
import sys
import time
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_int64, \
    c_size_t, c_uint64, c_void_p

HANDLE = c_void_p
OUT_HANDLE = POINTER(c_void_p)

FUNCTIONS = {
    'batch_add_column': (c_int, HANDLE, c_int32, POINTER(c_size_t)),
    'batch_add_field': (c_int, HANDLE, HANDLE, c_char_p, POINTER(c_size_t)),
    'batch_free': (None, HANDLE),
    'batch_get_buffer': (c_void_p, HANDLE, c_size_t, c_int32),
    'batch_new': (c_int, HANDLE, c_size_t, OUT_HANDLE),
    'context_error': (c_char_p, HANDLE),
    'context_new': (c_int, OUT_HANDLE),
    'context_unref': (None, HANDLE),
    'event_find': (c_int, HANDLE, c_char_p, OUT_HANDLE),
    'event_find_field': (c_int, HANDLE, c_char_p, OUT_HANDLE),
    'event_unref': (None, HANDLE),
    'record_get_cpu': (c_int32, HANDLE),
    'record_get_s64': (c_int, HANDLE, HANDLE, POINTER(c_int64)),
    'record_get_tid': (c_int32, HANDLE),
    'record_get_time_ns': (c_uint64, HANDLE),
    'session_add_event': (c_int, HANDLE, HANDLE, HANDLE, OUT_HANDLE),
    'session_config_free': (None, HANDLE),
    'session_config_new': (c_int, HANDLE, OUT_HANDLE),
    'session_config_set_pid': (c_int, HANDLE, c_int32),
    'session_config_set_ring_size_bytes': (c_int, HANDLE, c_uint64),
    'session_free': (None, HANDLE),
    'session_new': (c_int, HANDLE, HANDLE, OUT_HANDLE),
    'session_read': (c_int, HANDLE, c_int32, OUT_HANDLE),
    'session_read_batch': (c_int, HANDLE, c_int32, HANDLE),
    'session_start': (c_int, HANDLE),
    'session_stop': (c_int, HANDLE),
    'source_config_free': (None, HANDLE),
    'source_config_new': (c_int, HANDLE, OUT_HANDLE),
    'source_config_set_filter': (c_int, HANDLE, c_char_p),
}

EVENT = b'raw_syscalls:sys_enter'
GETPPID = {'x86_64': 110, 'aarch64': 173}[os.uname().machine]
NUM_CALLS = 100000
CAPACITY = 1024
# Room for all of a round, on whichever CPU.
RING_BYTES = 32 << 20

TIME_NS, CPU, TID = 1, 2, 4
VALUES = 0


class Tracer:
    def __init__(self, path):
        library = ctypes.CDLL(path)
        for name, (result, *arguments) in FUNCTIONS.items():
            function = getattr(library, 'perftrace_' + name)
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)
        self.context = HANDLE()
        self.context_new(byref(self.context))
        self.event = HANDLE()
        self.check(self.event_find(self.context, EVENT, byref(self.event)))
        self.id_field = HANDLE()
        self.check(self.event_find_field(self.event, b'id',
                                         byref(self.id_field)))
        self.make_batch()
        self.make_session()

    def check(self, code):
        if code < 0:
            sys.exit(f'batch: {os.fsdecode(self.context_error(self.context))}')
        return code

    def make_session(self):
        """Its events stay open from round to round."""
        config, source_config = HANDLE(), HANDLE()
        self.check(self.session_config_new(self.context, byref(config)))
        self.check(self.session_config_set_pid(config, os.getpid()))
        self.check(self.session_config_set_ring_size_bytes(config,
                                                           RING_BYTES))
        self.session = HANDLE()
        self.check(self.session_new(self.context, config,
                                    byref(self.session)))
        self.session_config_free(config)
        self.check(self.source_config_new(self.context,
                                          byref(source_config)))
        self.check(self.source_config_set_filter(
            source_config, f'id == {GETPPID}'.encode()))
        self.check(self.session_add_event(self.session, self.event,
                                          source_config, None))
        self.source_config_free(source_config)

    def make_batch(self):
        self.batch = HANDLE()
        self.check(self.batch_new(self.context, CAPACITY, byref(self.batch)))
        for column in (TIME_NS, CPU, TID):
            self.check(self.batch_add_column(self.batch, column, None))
        self.check(self.batch_add_field(self.batch, self.event, b'id', None))
        self.columns = [self.map_column(index, kind) for index, kind in
                        enumerate((c_uint64, c_int32, c_int32, c_int64))]

    def map_column(self, index, kind):
        """Once: it stays where it is."""
        address = self.batch_get_buffer(self.batch, index, VALUES)
        return memoryview((kind * CAPACITY).from_address(address))

    def close(self):
        self.session_free(self.session)
        self.batch_free(self.batch)
        self.event_unref(self.event)
        self.context_unref(self.context)


def drain_reads(tracer):
    read, session, record = tracer.session_read, tracer.session, HANDLE()
    out = byref(record)
    count = 0
    while read(session, 0, out) == 1:
        count += 1
    return count


def drain_fields(tracer):
    read, session, record = tracer.session_read, tracer.session, HANDLE()
    get_time, get_cpu = tracer.record_get_time_ns, tracer.record_get_cpu
    get_tid, get_s64 = tracer.record_get_tid, tracer.record_get_s64
    field, number = tracer.id_field, c_int64()
    out, out_number = byref(record), byref(number)
    count = 0
    while read(session, 0, out) == 1:
        get_time(record)
        get_cpu(record)
        get_tid(record)
        get_s64(record, field, out_number)
        count += 1
    return count


def drain_batches(tracer):
    read, session, batch = tracer.session_read_batch, tracer.session, \
        tracer.batch
    columns = tracer.columns
    count = 0
    while (taken := read(session, 0, batch)) > 0:
        for column in columns:
            column[:taken]
        count += taken
    return count


WAYS = {'read': drain_reads, 'fields': drain_fields, 'batch': drain_batches}


def measure(tracer, drain):
    """Nanoseconds per record."""
    getppid = os.getppid
    tracer.check(tracer.session_start(tracer.session))
    for _ in range(NUM_CALLS):
        getppid()
    tracer.check(tracer.session_stop(tracer.session))
    started = time.thread_time_ns()
    count = drain(tracer)
    ended = time.thread_time_ns()
    if count != NUM_CALLS:
        sys.exit(f'batch: {count} records of {NUM_CALLS} calls')
    return (ended - started) / count


def print_table(times):
    batch = statistics.median(times['batch'])
    print(f'{"way":8}{"median":>10}{"least":>10}{"most":>10}  ns per record,'
          f' {len(times["batch"])} rounds of {NUM_CALLS}')
    for way, numbers in times.items():
        median = statistics.median(numbers)
        print(f'{way:8}{median:10.1f}{min(numbers):10.1f}'
              f'{max(numbers):10.1f}  {median / batch:.1f} x batch')


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__.strip())
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    tracer = Tracer(sys.argv[1])
    times = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, drain in WAYS.items():
            times[way].append(measure(tracer, drain))
    tracer.close()
    print_table(times)


if __name__ == '__main__':
    main()
