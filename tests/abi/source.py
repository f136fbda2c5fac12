#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How source files look: the licence first, then as clang-format has it.

usage: source.py spdx|format SOURCE_ROOT
"""
import os
import re
import shutil
import subprocess
import sys

DIRECTORIES = ('include', 'libperftrace', 'examples', 'tests', 'doc')
LICENCE = 'SPDX-License-Identifier: LGPL-2.1-or-later'

# First lines of what can carry a comment. A man page may begin with what tells
# man(1) which preprocessors it needs, a script with its interpreter.
FIRST_LINES = {
    '.c': f'/* {LICENCE} */',
    '.cpp': f'/* {LICENCE} */',
    '.h': f'/* {LICENCE} */',
    '.map': f'/* {LICENCE} */',
    '.py': f'# {LICENCE}',
    '.sh': f'# {LICENCE}',
    '.build': f'# {LICENCE}',
    '.options': f'# {LICENCE}',
    '.man': f'.\\" {LICENCE}',
}
BEFORE_THEM = re.compile(r"#!|'\\\" t$")


def find_files(root):
    """Of the tree, without what a build or a tool left at its top."""
    for name in sorted(os.listdir(root)):
        if os.path.isfile(os.path.join(root, name)):
            yield os.path.join(root, name)
    for directory in DIRECTORIES:
        for path, directories, names in os.walk(os.path.join(root, directory)):
            directories[:] = sorted(name for name in directories
                                    if name != '__pycache__')
            yield from (os.path.join(path, name) for name in sorted(names))


def kind_of(path):
    """A key of FIRST_LINES, or something that is none."""
    name = os.path.basename(path)
    if name == 'meson_options.txt':
        return '.options'
    # Named after kernels.
    if os.path.basename(os.path.dirname(path)) == 'skips':
        return '.sh'
    if re.search(r'\.[1-8][a-z]*$', name):
        return '.man'
    suffix = os.path.splitext(name)[1]
    if not suffix:
        with open(path, 'rb') as file:
            if file.read(2) == b'#!':
                return '.sh'
    return suffix


def check_licence(path):
    expected = FIRST_LINES.get(kind_of(path))
    if not expected:
        return True
    with open(path, encoding='utf-8') as file:
        line = file.readline().rstrip('\n')
        if BEFORE_THEM.match(line):
            line = file.readline().rstrip('\n')
    # A man page that is only another name for one (".so") holds nothing.
    return line == expected or \
        kind_of(path) == '.man' and line.startswith('.so ')


def check_mode(path):
    """A script can be run, and nothing else claims so."""
    with open(path, 'rb') as file:
        is_script = file.read(2) == b'#!'
    return is_script == bool(os.stat(path).st_mode & 0o111)


def check_licences(root):
    ret = 0
    for path in find_files(root):
        if not check_licence(path):
            print(f'{path}: its first line is not the licence')
            ret = 1
        if not check_mode(path):
            print(f'{path}: it has #! or may be executed, but not both')
            ret = 1
    return ret


def check_format(root):
    if not shutil.which('clang-format'):
        print('SKIP: clang-format is not installed')
        return 77
    files = [path for path in find_files(root)
             if path.endswith(('.c', '.h', '.cpp'))]
    result = subprocess.run(['clang-format', '--dry-run', '-Werror', *files],
                            stderr=subprocess.STDOUT)
    print(f'{len(files)} files')
    return 1 if result.returncode or not files else 0


def main():
    check, root = sys.argv[1:]
    return {'spdx': check_licences, 'format': check_format}[check](root)


if __name__ == '__main__':
    sys.exit(main())
