#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Count a thousand context switches by columns, with ctypes alone.

usage: read_batch.py [LIBRARY]

Traces context switches on all CPUs until there were a thousand, and prints who
was switched away from most often, for how long the stream lasted, and how many
records were lost. LIBRARY, or else the environment's
PERFTRACE_LIBRARY, is the path of the library; without either the loader looks
for libperftrace.so.0.

A call costs Python more than a record costs the library: so the records come as
columns, through one call per batch. read_fields.py takes them one by one.
"""
import collections
import ctypes
import errno
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_size_t, \
    c_void_p

# Every object of the library is a pointer to something that only it knows.
HANDLE = c_void_p
OUT_HANDLE = POINTER(c_void_p)

# What each function returns, and what it takes.
FUNCTIONS = {
    'batch_add_column': (c_int, HANDLE, c_int32, POINTER(c_size_t)),
    'batch_add_session_field': (c_int, HANDLE, HANDLE, c_char_p,
                                POINTER(c_size_t)),
    'batch_free': (None, HANDLE),
    'batch_get_buffer': (c_void_p, HANDLE, c_size_t, c_int32),
    'batch_get_buffer_bytes': (c_size_t, HANDLE, c_size_t, c_int32),
    'batch_get_column_format': (c_char_p, HANDLE, c_size_t),
    'batch_new': (c_int, HANDLE, c_size_t, OUT_HANDLE),
    'context_error': (c_char_p, HANDLE),
    'context_new': (c_int, OUT_HANDLE),
    'context_unref': (None, HANDLE),
    'session_add_spec': (c_int, HANDLE, c_char_p, HANDLE),
    'session_free': (None, HANDLE),
    'session_new': (c_int, HANDLE, HANDLE, OUT_HANDLE),
    'session_read_batch': (c_int, HANDLE, c_int32, HANDLE),
    'session_start': (c_int, HANDLE),
}

# enum perftrace_column, enum perftrace_buffer
COLUMN_TIME_NS = 1
COLUMN_LOST = 7
BUFFER_VALUES, BUFFER_OFFSETS, BUFFER_VALIDITY = 0, 1, 2

# Arrow's format strings are nearly those of memoryview.cast(), where "l" may be
# of 4 bytes.
NATIVE = {'c': 'b', 'C': 'B', 's': 'h', 'S': 'H', 'i': 'i', 'I': 'I',
          'l': 'q', 'L': 'Q', 'z': 'B'}


class TraceError(Exception):
    """A call failed; the text says why, and what would help."""


class Library:
    """The functions of libperftrace, without their prefix."""

    def __init__(self, path):
        library = ctypes.CDLL(path)
        for name, (result, *arguments) in FUNCTIONS.items():
            function = getattr(library, 'perftrace_' + name)
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)


class Context:
    """A context; what is made with it is released before it."""

    def __init__(self, library):
        self.library = library
        self.handle = HANDLE()
        code = library.context_new(byref(self.handle))
        if code:
            raise TraceError(os.strerror(-code))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.library.context_unref(self.handle)

    def check(self, code):
        """What a call returned, unless it failed."""
        if code < 0:
            reason = self.library.context_error(self.handle)
            raise TraceError(os.fsdecode(reason))
        return code


class Session:
    """The events that a spec names, on all CPUs."""

    def __init__(self, context, spec):
        self.context = context
        self.library = context.library
        self.handle = HANDLE()
        context.check(self.library.session_new(context.handle, None,
                                               byref(self.handle)))
        try:
            context.check(self.library.session_add_spec(
                self.handle, spec.encode(), None))
        except TraceError:
            self.library.session_free(self.handle)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.library.session_free(self.handle)

    def start(self):
        self.context.check(self.library.session_start(self.handle))

    def read(self, batch):
        """How many records the batch holds then; 0: there are no more."""
        while True:
            code = self.library.session_read_batch(self.handle, -1,
                                                   batch.handle)
            # A signal came; Python runs its handler before it goes on.
            if code != -errno.EINTR:
                return self.context.check(code)


class Batch:
    """Columns, which have to be added before the first read."""

    def __init__(self, context, capacity):
        self.context = context
        self.library = context.library
        self.handle = HANDLE()
        context.check(self.library.batch_new(context.handle, capacity,
                                             byref(self.handle)))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.library.batch_free(self.handle)

    def column(self, column):
        index = c_size_t()
        self.context.check(self.library.batch_add_column(
            self.handle, column, byref(index)))
        return Column(self, index)

    def field(self, session, name):
        index = c_size_t()
        self.context.check(self.library.batch_add_session_field(
            self.handle, session.handle, name.encode(), byref(index)))
        return Column(self, index)


class Column:
    """Its arrays are mapped once: they stay where they are."""

    def __init__(self, batch, index):
        self.batch = batch
        self.index = index
        letter = batch.library.batch_get_column_format(batch.handle, index)
        self.values = self.map(BUFFER_VALUES, NATIVE[letter.decode()])
        self.offsets = self.map(BUFFER_OFFSETS, 'i')
        self.validity = self.map(BUFFER_VALIDITY, 'B')

    def map(self, buffer, kind):
        library, handle = self.batch.library, self.batch.handle
        size = library.batch_get_buffer_bytes(handle, self.index, buffer)
        if not size:
            return None
        address = library.batch_get_buffer(handle, self.index, buffer)
        memory = (ctypes.c_char * size).from_address(address)
        return memoryview(memory).cast('B').cast(kind)

    def is_valid(self, row):
        return self.validity is None or self.validity[row // 8] >> row % 8 & 1

    def bytes(self, row):
        """The bytes of a row; None where it is null."""
        if not self.is_valid(row):
            return None
        return bytes(self.values[self.offsets[row]:self.offsets[row + 1]])


def count_switches(context, least):
    switches = collections.Counter()
    num_records = num_lost = 0
    with Session(context, 'sched:sched_switch') as session, \
            Batch(context, 1024) as batch:
        time_ns = batch.column(COLUMN_TIME_NS)
        lost = batch.column(COLUMN_LOST)
        prev_comm = batch.field(session, 'prev_comm')

        session.start()
        first_ns = None
        while num_records < least and (count := session.read(batch)):
            if first_ns is None:
                first_ns = time_ns.values[0]
            last_ns = time_ns.values[count - 1]
            num_records += count
            num_lost += sum(lost.values[:count])
            # Records that tell of losses have no field.
            switches.update(filter(None, map(prev_comm.bytes, range(count))))
    for comm, number in switches.most_common(10):
        print(f'{number:8} {os.fsdecode(comm)}')
    print(f'{sum(switches.values()):8} in {(last_ns - first_ns) // 1000} us, '
          f'{num_lost} lost')


def main():
    path = os.environ.get('PERFTRACE_LIBRARY', 'libperftrace.so.0')
    if len(sys.argv) > 1:
        path = sys.argv[1]
    try:
        with Context(Library(path)) as context:
            count_switches(context, 1000)
    except (OSError, TraceError) as error:
        print(f'read_batch: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
