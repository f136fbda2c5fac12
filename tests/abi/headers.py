#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each public header compiles alone, as C99 and as C++, without a warning.

usage: headers.py INCLUDE_DIRECTORY CC [CXX]
"""
import os
import shlex
import subprocess
import sys

FLAGS = ['-pedantic', '-Wall', '-Wextra', '-Werror', '-fsyntax-only']
C_FLAGS = ['-x', 'c', '-Wstrict-prototypes', '-Wc++-compat']
CXX_FLAGS = ['-x', 'c++', '-Wold-style-cast',
             '-Wzero-as-null-pointer-constant']

DIALECTS = {'c': ['-std=c99', '-std=c11'], 'c++': ['-std=c++98', '-std=c++17']}


def compiles(compiler, flags, directory, header):
    """Included twice: the guard is tried as well."""
    line = f'#include <perftrace/{header}>\n'
    # -Wundef and a lone header: nothing may depend on _GNU_SOURCE.
    command = [*compiler, *flags, *FLAGS, '-Wundef', '-I', directory, '-']
    result = subprocess.run(command, input=2 * line + 'int empty;\n',
                            text=True, stderr=subprocess.STDOUT,
                            stdout=subprocess.PIPE)
    if result.returncode:
        print(f'{header}: {shlex.join(command)}:\n{result.stdout}')
    return result.returncode == 0


def check(compiler, kind, directory, headers):
    """How often a compile failed."""
    failures = 0
    for dialect in DIALECTS[kind]:
        flags = [dialect, *(C_FLAGS if kind == 'c' else CXX_FLAGS)]
        for header in headers:
            failures += not compiles(compiler, flags, directory, header)
    return failures


def check_umbrella(directory, headers):
    """perftrace.h includes all the others."""
    path = os.path.join(directory, 'perftrace', 'perftrace.h')
    with open(path, encoding='utf-8') as file:
        text = file.read()
    missing = [header for header in headers if header != 'perftrace.h' and
               f'#include <perftrace/{header}>\n' not in text]
    for header in missing:
        print(f'perftrace.h does not include {header}')
    return len(missing)


def main():
    directory, cc, *cxx = sys.argv[1:]
    names = os.listdir(os.path.join(directory, 'perftrace'))
    headers = sorted(name for name in names if name.endswith('.h'))

    failures = check_umbrella(directory, headers)
    failures += check(shlex.split(cc), 'c', directory, headers)
    if cxx:
        failures += check(shlex.split(cxx[0]), 'c++', directory, headers)
    print(f'{len(headers)} headers, {"C and C++" if cxx else "C alone"}')
    return 1 if failures or not headers else 0


if __name__ == '__main__':
    sys.exit(main())
