#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the headers declare, the map lists and the library exports is the same.

Also what of C may stand in a public header, so that any language can bind it,
and which functions of others a library that is a guest in its process may
call.

usage: symbols.py LIBRARY MAP HEADER...
"""
import re
import subprocess
import sys

SONAME = 'libperftrace.so.0'

# int is what functions return; all else has a width or is a size.
SCALARS = {'bool', 'char', 'int', 'int32_t', 'int64_t', 'size_t', 'uint32_t',
           'uint64_t', 'void'}

# char and void have no value of their own in the interface.
ONLY_POINTED_TO = {'char', 'void'}

# The one callback: nothing needs it to make progress.
CALLBACKS = {'perftrace_context_set_log'}

DECLARATION = re.compile(r'(?P<type>[\w\s*]+?)\b(?P<name>\w+)\s*'
                         r'\((?P<parameters>.*)\)', re.S)
CALLBACK = re.compile(r'void \(\*\w+\)\((?P<parameters>[^()]*)\)')

# What the compiler's start files leave for others to define, or not.
WEAK = {'_ITM_deregisterTMCloneTable', '_ITM_registerTMCloneTable',
        '__cxa_finalize', '__gmon_start__'}

# Libraries other than libc that functions may come from; none has versions.
FOREIGN = ('cap_', 'tep_', 'trace_seq_', 'tracefs_')

# A build with sanitizers or gcov brings these along.
INSTRUMENTS = ('__asan_', '__gcov_', '__lsan_', '__tsan_', '__ubsan_',
               '__sanitizer_', '__odr_asan')

# Prints, ends, or changes the process that the library is a guest in.
FORBIDDEN = {'abort', 'atexit', 'chdir', 'daemon', 'err', 'errx', 'exit',
             'fprintf', 'fputs', 'perror', 'popen', 'printf', 'psignal',
             'pthread_create', 'putchar', 'putenv', 'puts', 'quick_exit',
             'rand', 'setenv', 'setlocale', 'setrlimit', 'setrlimit64',
             'sigaction', 'signal', 'srand', 'stderr', 'stdin', 'stdout',
             'strtok', 'syslog', 'system', 'tracefs_instance_file_open',
             'umask', 'unsetenv', 'vfprintf', 'vprintf', 'vwarn', 'warn',
             'warnx'}

faults = []


def fault(text):
    faults.append(text)


def run(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def compare(what, expected, found):
    for name in sorted(expected - found):
        fault(f'{what}: {name} is missing')
    for name in sorted(found - expected):
        fault(f'{what}: {name} is there, and should not be')


def without_comments(text):
    return re.sub(r'/\*.*?\*/|//[^\n]*', ' ', text, flags=re.S)


def check_directives(path, text):
    """Include guard, includes and extern "C" are all there may be."""
    guard = 'PERFTRACE_' + path.rsplit('/', 1)[1][:-2].upper() + '_H'
    allowed = re.compile(r'#\s*(include <[\w/.]+>|endif|ifdef __cplusplus|'
                         rf'ifndef {guard}|define {guard})$')

    for line in re.findall(r'^\s*#.*$', text, re.M):
        if not allowed.match(line.strip()):
            fault(f'{path}: {line.strip()}: no macros in public headers')


def check_type(where, text):
    """One return or parameter type: fixed in width, structs by pointer."""
    words = [word for word in re.findall(r'\w+', text) if word != 'const']
    is_pointer = '*' in text

    if words[:1] == ['struct']:
        if not words[1].startswith('perftrace_') or not is_pointer:
            fault(f'{where}: {text}: only own structs, and only by pointer')
    elif len(words) != 1 or words[0] not in SCALARS:
        fault(f'{where}: {text}: not a type that any language has')
    elif words[0] in ONLY_POINTED_TO and not is_pointer:
        fault(f'{where}: {text}: only to be pointed to')


def check_parameter(where, parameter):
    """Takes the name off: "const char *name", "const char *const names[]"."""
    text = parameter.strip()

    if text.endswith('[]'):
        text = text[:-2] + '*'
    match = re.match(r'(.*?[\s*])\w+\s*(\*?)$', text, re.S)
    if not match:
        fault(f'{where}: {parameter}: no name')
    else:
        check_type(where, ' '.join((match[1] + match[2]).split()))


def check_parameters(where, text):
    if text.strip() == 'void':
        return
    for parameter in text.split(','):
        if '...' in parameter:
            fault(f'{where}: takes a variable number of arguments')
        else:
            check_parameter(where, parameter)


def check_callback(name, parameters):
    """Check the callbacks among the parameters, and give the others back."""
    for match in CALLBACK.finditer(parameters):
        if name not in CALLBACKS:
            fault(f'{name}: takes a callback')
        check_parameters(name, match['parameters'])
    return CALLBACK.sub('void *callback', parameters)


def check_function(path, declaration):
    match = DECLARATION.fullmatch(declaration)
    if not match:
        fault(f'{path}: not understood: {" ".join(declaration.split())}')
        return None
    name, result = match['name'], ' '.join(match['type'].split())

    if re.search(r'\b(inline|static|extern)\b', result):
        fault(f'{name}: {result}: declared, and nothing more')
    elif result != 'void':
        check_type(name, result)
    if not name.startswith('perftrace_'):
        fault(f'{path}: {name}: not a name of the library')
    parameters = check_callback(name, match['parameters'])
    check_parameters(name, parameters)
    return name


def check_header(path):
    """The names of the functions that a header declares."""
    with open(path, encoding='utf-8') as file:
        text = without_comments(file.read())
    check_directives(path, text)
    text = re.sub(r'^\s*#.*$', '', text, flags=re.M)
    text = re.sub(r'^extern "C" \{|^\}\s*$', '', text, flags=re.M)
    names = set()
    for declaration in text.split(';'):
        declaration = declaration.strip()
        if re.match(r'(struct perftrace_\w+$|enum perftrace_\w+ \{[^{}]*\}$|'
                    r'$)', declaration):
            continue
        names.add(check_function(path, declaration))
    return names - {None}


def read_map(path):
    """The one node's name, and the names in it."""
    with open(path, encoding='utf-8') as file:
        text = without_comments(file.read())
    nodes = re.findall(r'(\w[\w.]*) \{\s*global:(.*?)local:\s*\*;\s*\};', text,
                       re.S)
    if len(nodes) != 1:
        fault(f'{path}: {len(nodes)} nodes; until 1.0 there is one')
        return '', set()
    names = re.findall(r'[^\s;]+', nodes[0][1])
    if names != sorted(set(names)):
        fault(f'{path}: not sorted, or not unique')
    return nodes[0][0], set(names)


def check_exports(library, node):
    """The names of the functions that the library exports."""
    names = set()
    for line in run('nm', '-D', '--defined-only', library).splitlines():
        kind, name = line.split()[-2:]
        if kind == 'A' and name == node or name.startswith(INSTRUMENTS):
            continue
        if kind != 'T':
            fault(f'{library}: {name} is exported, and no function ({kind})')
        if not name.endswith('@@' + node):
            fault(f'{library}: {name} is not of the version {node}')
        names.add(name.partition('@')[0])
    return names


def check_imports(library):
    lines = run('nm', '-D', '--undefined-only', library).splitlines()
    symbols = [line.split()[-2:] for line in lines]
    is_instrumented = any(name.startswith(INSTRUMENTS) for _, name in symbols)

    for kind, symbol in symbols:
        name, _, version = symbol.partition('@')
        if name.startswith(INSTRUMENTS):
            continue
        if kind != 'U' and name not in WEAK and not is_instrumented:
            fault(f'{library}: {name} is a weak reference')
        if name in FORBIDDEN:
            fault(f'{library}: calls {name}, which is not a guest\'s to call')
        if kind == 'U' and not version and not name.startswith(FOREIGN) \
                and not is_instrumented:
            fault(f'{library}: {name} is of no library that is known')


def check_soname(library):
    found = re.findall(r'\(SONAME\).*\[(.*)\]', run('readelf', '-dW', library))
    if found != [SONAME]:
        fault(f'{library}: its soname is {found}, not {SONAME}')


def main():
    library, map_path, *headers = sys.argv[1:]
    declared = set()

    for header in headers:
        names = check_header(header)
        for name in declared & names:
            fault(f'{header}: {name} is declared twice')
        declared |= names
    node, listed = read_map(map_path)
    compare('libperftrace.map against the headers', declared, listed)
    compare('exports against libperftrace.map', listed,
            check_exports(library, node))
    check_imports(library)
    check_soname(library)
    print(f'{len(declared)} functions in {len(headers)} headers')
    for text in faults:
        print(text)
    return 1 if faults or not declared else 0


if __name__ == '__main__':
    sys.exit(main())
