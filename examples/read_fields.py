#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Read typed fields of a hundred context switches, with ctypes alone.

usage: read_fields.py [LIBRARY]

LIBRARY, or else the environment's PERFTRACE_LIBRARY, is the path of the
library; without either the loader looks for libperftrace.so.0.
"""
import ctypes
import errno
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_int64, \
    c_size_t, c_uint64, c_void_p

# Every object of the library is a pointer to something that only it knows.
HANDLE = c_void_p
OUT_HANDLE = POINTER(c_void_p)

# What each function returns, and what it takes.
FUNCTIONS = {
    'context_new': (c_int, OUT_HANDLE),
    'context_error': (c_char_p, HANDLE),
    'context_unref': (None, HANDLE),
    'event_find': (c_int, HANDLE, c_char_p, OUT_HANDLE),
    'event_find_field': (c_int, HANDLE, c_char_p, OUT_HANDLE),
    'event_unref': (None, HANDLE),
    'session_new': (c_int, HANDLE, HANDLE, OUT_HANDLE),
    'session_add_event': (c_int, HANDLE, HANDLE, HANDLE, OUT_HANDLE),
    'session_start': (c_int, HANDLE),
    'session_read': (c_int, HANDLE, c_int32, OUT_HANDLE),
    'session_free': (None, HANDLE),
    'record_get_event': (HANDLE, HANDLE),
    'record_get_time_ns': (c_uint64, HANDLE),
    'record_get_cpu': (c_int32, HANDLE),
    'record_get_s64': (c_int, HANDLE, HANDLE, POINTER(c_int64)),
    'record_get_string': (c_int, HANDLE, HANDLE, POINTER(c_void_p),
                          POINTER(c_size_t)),
}


class TraceError(Exception):
    """A call failed; the text says why, and what would help."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.errno = -code


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
            raise TraceError(code, os.strerror(-code))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.library.context_unref(self.handle)

    def check(self, code):
        """What a call returned, unless it failed."""
        if code < 0:
            reason = self.library.context_error(self.handle)
            raise TraceError(code, os.fsdecode(reason))
        return code


class Event:
    def __init__(self, context, name):
        self.context = context
        self.handle = HANDLE()
        context.check(context.library.event_find(
            context.handle, name.encode(), byref(self.handle)))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.context.library.event_unref(self.handle)

    def field(self, name):
        """To be looked up once; it lives as long as the event."""
        field = HANDLE()
        self.context.check(self.context.library.event_find_field(
            self.handle, name.encode(), byref(field)))
        return field


class Session:
    """One event, on all CPUs."""

    def __init__(self, context, event):
        self.context = context
        self.library = context.library
        self.handle = HANDLE()
        context.check(self.library.session_new(context.handle, None,
                                               byref(self.handle)))
        try:
            context.check(self.library.session_add_event(
                self.handle, event.handle, None, None))
        except TraceError:
            self.library.session_free(self.handle)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.library.session_free(self.handle)

    def samples(self):
        """Records of the event, each valid until the next is asked for."""
        self.context.check(self.library.session_start(self.handle))
        record = Record(self.context)
        while True:
            code = self.library.session_read(self.handle, -1,
                                             byref(record.handle))
            # A signal came; Python runs its handler before it goes on.
            if code == -errno.EINTR:
                continue
            if not self.context.check(code):
                return
            # Records of no event tell of losses.
            if self.library.record_get_event(record.handle):
                yield record


class Record:
    def __init__(self, context):
        self.context = context
        self.library = context.library
        self.handle = HANDLE()

    def time_ns(self):
        return self.library.record_get_time_ns(self.handle)

    def cpu(self):
        return self.library.record_get_cpu(self.handle)

    def integer(self, field):
        value = c_int64()
        self.context.check(self.library.record_get_s64(
            self.handle, field, byref(value)))
        return value.value

    def string(self, field):
        """Copied: the library's bytes stand in the ring."""
        start, length = c_void_p(), c_size_t()
        self.context.check(self.library.record_get_string(
            self.handle, field, byref(start), byref(length)))
        return os.fsdecode(ctypes.string_at(start, length.value))


def print_switches(context, count):
    with Event(context, 'sched:sched_switch') as event, \
            Session(context, event) as session:
        prev_comm = event.field('prev_comm')
        prev_state = event.field('prev_state')
        next_pid = event.field('next_pid')

        for _, record in zip(range(count), session.samples()):
            print(f'[{record.cpu():03}] {record.time_ns()}: '
                  f'prev_comm={record.string(prev_comm)} '
                  f'prev_state={record.integer(prev_state)} '
                  f'next_pid={record.integer(next_pid)}')


def main():
    path = os.environ.get('PERFTRACE_LIBRARY', 'libperftrace.so.0')
    if len(sys.argv) > 1:
        path = sys.argv[1]
    try:
        with Context(Library(path)) as context:
            print_switches(context, 100)
    except (OSError, TraceError) as error:
        print(f'read_fields: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
