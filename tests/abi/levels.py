#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The house has floors: arrows between files of the library point downward.

Also: one file makes system calls, one fills struct perf_event_attr, what is to
be pure is, no variable outlives a call but for one lock, and no function or
file is longer than a reader's patience.

usage: levels.py LEVELS SOURCE_DIRECTORY ARCHIVE

ARCHIVE holds the library's objects. Calls are read out of it, because a public
header does not show which file defines what it declares.
"""
import os
import re
import subprocess
import sys

FUNCTION_LINES = 80
FILE_LINES = 700

# Headers with an object's struct: what is read for every record, without a
# call, and what two files share that nobody else includes.
LAYOUTS_IN_SIGHT = {'field.h', 'record.h', 'session_state.h',
                    'source_state.h'}

# Headers whose functions end in the kernel, and who else may include them:
# waiter.c the EPOLL constants, capability.c libcap's, format.c its lock,
# lock.c what a lock is.
KERNEL_HEADERS = re.compile(
    r'dirent|fcntl|ftw|glob|mntent|poll|pthread|sched|signal|spawn|unistd|'
    r'sys/(?!types$|sysmacros$)\w+')
KERNEL_HEADERS_ELSEWHERE = {
    ('waiter', 'sys/epoll'), ('capability', 'sys/capability'),
    ('format', 'pthread'), ('lock', 'pthread'),
}

# What others than sys.c may call: nothing that can end in the kernel, but for
# memory. A new name is added here by whoever knows that it belongs.
PURE_CALLS = set('''
    __assert_fail __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc
    __errno_location __stack_chk_fail aligned_alloc asprintf bcmp
    bsearch calloc fnmatch free getenv malloc memchr memcmp memcpy memmove
    memset qsort realloc reallocarray secure_getenv snprintf sscanf stpcpy
    strcat strchr strcmp strcpy strcspn strdup strerror strerrorname_np strlen
    strncasecmp strncat strncmp strncpy strndup strnlen strpbrk strrchr strspn strstr
    strtok_r strtol strtoll strtoul strtoull vasprintf vsnprintf
    '''.split())

# Whose libraries who may call.
FOREIGN_CALLS = {
    'btf__': {'btf_parameter', 'btf_text', 'btf_types', 'btf_value', 'btf_walk'},
    '__cxa_demangle': {'binary_demangle'},
    'cap_': {'capability'},
    'elf_': {'binary_file'},
    'gelf_': {'binary_file', 'binary_identity', 'binary_symbols'},
    'pthread_mutex_': {'format', 'lock'},
    'tep_': {'format', 'print_value'},
    'trace_seq_': {'format'},
    'tracefs_': {'event_list'},
}

# The files that make system calls.
SYSTEM_CALLERS = {'sys', 'sys_child', 'sys_closer', 'sys_facts', 'sys_socket'}

# attr fills it; context and sensor ask the kernel with one what it can do. The
# others open nothing with theirs: access_walk and event_access put questions to
# the rules, and remedy changes a copy, to see whether that would help.
ATTR_FILLERS = {'access_walk', 'attr', 'context', 'event_access', 'remedy',
                'sensor'}

# What answers from facts alone: no system call on any way from here, so that
# a question costs less than the event that it is about.
PURE = {
    'access', 'access_report', 'access_rules', 'access_task', 'access_walk',
    'cpu_list', 'facts', 'facts_text', 'locked', 'plan', 'remedy', 'report',
    'report_text',
}
# Where system calls are made, and what holds the caller's state.
IMPURE = SYSTEM_CALLERS | {'context', 'sensor', 'tracefs'}
# Of libcap, only names are asked for: those are in the library.
IMPURE_FUNCTIONS = {'capability_read'}

# format.c says why.
VARIABLES = {('format', 'parser_lock')}

CONSTANT_SECTIONS = ('.rodata', '.data.rel.ro', '.text', '*UND*', '*ABS*')
INSTRUMENTS = ('__asan_', '__gcov_', '__llvm_', '__tsan_', '__ubsan_')

faults = []


def fault(text):
    faults.append(text)


def run(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def read_levels(path):
    """Names and their levels."""
    levels = {}
    with open(path, encoding='utf-8') as file:
        for line in file:
            match = re.match(r'(\d+):((?: \w+)+)$', line.rstrip('\n'))
            if not match and line.strip() and not line.startswith('#'):
                fault(f'{path}: not understood: {line.rstrip()}')
            for name in match[2].split() if match else ():
                if name in levels:
                    fault(f'{path}: {name} is there twice')
                levels[name] = int(match[1])
    return levels


def without_comments(text):
    """Comments go, lines stay."""
    return re.sub(r'/\*.*?\*/', lambda match: '\n' * match[0].count('\n'),
                  text, flags=re.S)


def read_sources(directory):
    """File names and texts."""
    sources = {}
    for name in sorted(os.listdir(directory)):
        if name.endswith(('.c', '.h')):
            with open(os.path.join(directory, name), encoding='utf-8') as file:
                sources[name] = without_comments(file.read())
    return sources


def check_table(levels, sources):
    names = {name[:-2] for name in sources}
    for name in sorted(names - set(levels)):
        fault(f'{name} has no level')
    for name in sorted(set(levels) - names):
        fault(f'{name} has a level, and no file')


def check_arrow(levels, user, used, how):
    if user == used or used not in levels or user not in levels:
        return
    if levels[used] >= levels[user]:
        fault(f'{user} (level {levels[user]}) {how} of {used} '
              f'(level {levels[used]})')


def check_includes(levels, name, text):
    module = name[:-2]
    for used in re.findall(r'^#include "(.*)\.h"', text, re.M):
        if used not in levels:
            fault(f'{name} includes {used}.h, which has no level')
        check_arrow(levels, module, used, 'includes the header')
    for used in re.findall(r'^#include <(.*)\.h>', text, re.M):
        if (module, used) in KERNEL_HEADERS_ELSEWHERE or module in SYSTEM_CALLERS:
            continue
        if KERNEL_HEADERS.fullmatch(used):
            fault(f'{name} includes <{used}.h>; system calls are sys.c\'s')


def check_attr(name, text):
    """Nobody else assigns to a field of it, or makes one that is filled."""
    if name[:-2] in ATTR_FILLERS:
        return
    variables = re.findall(r'struct perf_event_attr \*?(\w+)', text)
    for variable in sorted(set(variables)):
        if re.search(rf'\b{variable}(->|\.)\w+\s*([-+|&^]|<<|>>)?=(?!=)',
                     text):
            fault(f'{name} assigns to fields of struct perf_event_attr')
    if re.search(r'struct perf_event_attr \w+ =|\(struct perf_event_attr\)',
                 text):
        fault(f'{name} initialises a struct perf_event_attr')


def check_layouts(name, text):
    """An object's struct stands in the file that owns it."""
    for layout in re.findall(r'^struct perftrace_\w+ \{', text, re.M):
        if name.endswith('.h') and name not in LAYOUTS_IN_SIGHT:
            fault(f'{name}: {layout} belongs into a .c file')


def check_lengths(name, text):
    lines = text.split('\n')
    start = None
    if len(lines) - 1 > FILE_LINES:
        fault(f'{name} has {len(lines) - 1} lines')
    for number, line in enumerate(lines, 1):
        if line == '{':
            start = number
        elif line == '}' and start:
            if number - start + 1 > FUNCTION_LINES:
                fault(f'{name}:{start}: a function of {number - start + 1} '
                      'lines')
            start = None


def read_members(output):
    """What nm or objdump say of each object of an archive."""
    members = {}
    lines = []
    for line in output.splitlines():
        match = re.match(r'(?:.*/)?(\w+)\.c\.o:', line)
        if match:
            lines = members.setdefault(match[1], [])
        else:
            lines.append(line)
    return members


def plain(symbol):
    """Without what _FORTIFY_SOURCE and newer versions of C make of a name."""
    symbol = re.sub(r'^__(\w+)_chk$', r'\1', symbol)
    return re.sub(r'^__isoc\d\d_', '', symbol)


def is_instrumented(members):
    return any(line.split()[-1].startswith(INSTRUMENTS)
               for lines in members.values() for line in lines if line)


def find_owner(symbol):
    for prefix, users in FOREIGN_CALLS.items():
        if symbol.startswith(prefix):
            return users
    return set()


def check_call(levels, definitions, module, symbol):
    if symbol in definitions:
        check_arrow(levels, module, definitions[symbol],
                    f'uses {symbol}()')
    elif module not in find_owner(symbol) | SYSTEM_CALLERS \
            and not symbol.startswith(INSTRUMENTS) \
            and not {symbol, plain(symbol)} & PURE_CALLS:
        fault(f'{module}.c calls {symbol}(), which is not its to call')


def check_calls(levels, members):
    symbols = {module: [line.split()[-2:] for line in lines if line]
               for module, lines in members.items()}
    definitions = {symbol: module for module, lines in symbols.items()
                   for kind, symbol in lines if kind == 'T'}

    for module, lines in symbols.items():
        for kind, symbol in lines:
            if kind == 'U' and symbol != '_GLOBAL_OFFSET_TABLE_':
                check_call(levels, definitions, module, symbol)


def find_uses(members):
    """Of each module, which others it calls, and with which function."""
    symbols = {module: [line.split()[-2:] for line in lines if line]
               for module, lines in members.items()}
    owners = {symbol: module for module, lines in symbols.items()
              for kind, symbol in lines if kind == 'T'}
    return {module: {symbol: owners[symbol] for kind, symbol in lines
                     if kind == 'U' and symbol in owners}
            for module, lines in symbols.items()}


def check_purity(members):
    """Calls are followed as far as they go, not just to the next file."""
    uses = find_uses(members)
    for module in sorted(PURE):
        seen, ahead = set(), [(module, module)]
        if module not in uses:
            fault(f'{module} is to be pure, and is not there')
        while ahead:
            user, way = ahead.pop()
            for symbol, used in sorted(uses.get(user, {}).items()):
                if used in IMPURE or symbol in IMPURE_FUNCTIONS:
                    fault(f'{way} uses {symbol}(), and {module} is pure')
                elif used not in seen:
                    seen.add(used)
                    ahead.append((used, f'{way} -> {used}'))


def check_variables(members):
    """An object that can be written to is state outside of a context."""
    # Flags: d is a section, f a file, F a function; TLS objects have none.
    symbol = re.compile(r'[0-9a-f]+ (.{7}) (\S+)\t[0-9a-f]+\s+(\S+)')
    for module, lines in members.items():
        for flags, section, name in (match.groups() for match in
                                     map(symbol.match, lines) if match):
            if not set('dfF') & set(flags) and \
                    not section.startswith(CONSTANT_SECTIONS) and \
                    (module, name) not in VARIABLES:
                fault(f'{module}.c: {name} is a variable ({section})')


def main():
    table, directory, archive = sys.argv[1:]
    levels = read_levels(table)
    sources = read_sources(directory)
    members = read_members(run('nm', archive))

    check_table(levels, sources)
    for name, text in sources.items():
        check_includes(levels, name, text)
        check_attr(name, text)
        check_layouts(name, text)
        check_lengths(name, text)
    for name in sources:
        if name.endswith('.c') and name[:-2] not in members:
            fault(f'{name} is not compiled')
    check_calls(levels, members)
    check_purity(members)
    # Instrumented objects are full of counters and descriptions.
    if not is_instrumented(members):
        check_variables(read_members(run('objdump', '-t', archive)))
    print(f'{len(sources)} files on {len(set(levels.values()))} levels')
    for text in faults:
        print(text)
    return 1 if faults or not sources else 0


if __name__ == '__main__':
    sys.exit(main())
