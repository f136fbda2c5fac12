#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed is all that a program needs, and nothing else.

Builds and installs the library into a directory of its own, then builds one
program in C and one in C++ against that, by what pkg-config says, and runs
them.

usage: installed.py SOURCE_ROOT MESON CC [CXX]
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))

# A line of perf-script(1), of the program that the test runs.
TRACED = re.compile(r' *true +\d+ \[\d+\] +\d+\.\d{6}: '
                    r'sched:sched_process_exec: filename=\S*/true pid=\d+ '
                    r'old_pid=\d+\n')

# Relative to the prefix; LIBDIR stands for that of the installation.
EXPECTED = re.compile(r'include/perftrace/\w+\.h|'
                      r'LIBDIR/libperftrace\.so(\.0(\.\d+\.\d+)?)?|'
                      r'LIBDIR/pkgconfig/perftrace\.pc|'
                      r'share/man/man[37]/perftrace[\w-]*\.[37]')


class Fault(Exception):
    pass


def run(command, **options):
    """The output of a command; a Fault with all that it said."""
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, **options)
    if result.returncode:
        raise Fault(f'{shlex.join(command)}:\n{result.stdout}')
    return result.stdout


def install(root, meson, directory):
    """Build and install as a distribution does; the prefix."""
    build = os.path.join(directory, 'build')
    prefix = os.path.join(directory, 'usr')

    run([*meson, 'setup', '--prefix', prefix, '--buildtype', 'release',
         '--wrap-mode', 'nodownload', '-Dtests=false', build, root])
    # One job: a test is not alone on its machine.
    run([*meson, 'compile', '-C', build, '-j', '1'])
    run([*meson, 'install', '-C', build, '--no-rebuild'])
    return prefix


def find_installed(prefix):
    for path, _, names in os.walk(prefix):
        for name in names:
            yield os.path.relpath(os.path.join(path, name), prefix)


def check_files(root, prefix):
    """Only what is expected, and every header; where the library went."""
    files = set(find_installed(prefix))
    found = [name for name in files if name.endswith('/libperftrace.so')]
    if len(found) != 1:
        raise Fault(f'no libperftrace.so in {sorted(files)}')
    directory = os.path.dirname(found[0])

    headers = os.listdir(os.path.join(root, 'include/perftrace'))
    wanted = {'include/perftrace/' + name for name in headers
              if name.endswith('.h')}
    wanted |= {found[0], f'{directory}/pkgconfig/perftrace.pc'}
    for name in sorted(wanted - files):
        raise Fault(f'{name} is not installed')
    for name in sorted(files):
        if not EXPECTED.fullmatch(name.replace(directory, 'LIBDIR', 1)):
            raise Fault(f'{name} should not be installed')
    return os.path.join(prefix, directory)


def check_links(library_directory, version):
    """For the linker, for the loader, and the file itself."""
    path = os.path.join(library_directory, 'libperftrace.so')
    if os.readlink(path) != 'libperftrace.so.0':
        raise Fault(f'{path} -> {os.readlink(path)}')
    file = os.readlink(path + '.0')
    if not file.startswith('libperftrace.so.0.') or '/' in file:
        raise Fault(f'{path}.0 -> {file}')
    if file != 'libperftrace.so.0.' + version.partition('.')[2]:
        raise Fault(f'{file} is not named after version {version}')
    if not os.path.isfile(os.path.join(library_directory, file)):
        raise Fault(f'{path}.0 -> {file}, which is no file')


def pkg_config(library_directory, *arguments):
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(
        library_directory, 'pkgconfig'))
    return run(['pkg-config', *arguments, 'perftrace'],
               env=environment).strip()


def check_version(root, meson, version):
    described = run([*meson, 'introspect', '--projectinfo',
                     os.path.join(root, 'meson.build')])
    if f'"version": "{version}"' not in described:
        raise Fault(f'pkg-config says version {version}: {described}')


def build_program(compiler, source, program, flags):
    run([*shlex.split(compiler), '-Wall', '-Wextra', '-Werror', source,
         *flags, '-o', program])


def check_program(program, library_directory, version, can_trace):
    environment = dict(os.environ, LD_LIBRARY_PATH=library_directory)
    output = run([program, 'version'], env=environment)
    if output != version + '\n':
        raise Fault(f'{program} is told version {output}')
    if not can_trace:
        return
    output = run([program, 'trace'], env=environment)
    if not TRACED.fullmatch(output):
        raise Fault(f'{program}: not one line of perf-script: {output}')


def check(root, meson, compilers, directory, can_trace):
    prefix = install(root, meson, directory)
    library_directory = check_files(root, prefix)
    version = pkg_config(library_directory, '--modversion')

    check_version(root, meson, version)
    check_links(library_directory, version)
    flags = shlex.split(pkg_config(library_directory, '--cflags', '--libs'))
    for compiler, suffix in zip(compilers, ('c', 'cpp')):
        program = os.path.join(directory, 'program-' + suffix)
        build_program(compiler, os.path.join(HERE, 'installed.' + suffix),
                      program, flags)
        check_program(program, library_directory, version, can_trace)


def main():
    root, meson, *compilers = sys.argv[1:]
    can_trace = os.geteuid() == 0 and \
        os.access('/sys/kernel/tracing/events', os.R_OK)

    with tempfile.TemporaryDirectory(prefix='perftrace-') as directory:
        try:
            check(os.path.realpath(root), shlex.split(meson), compilers,
                  directory, can_trace)
        except Fault as fault:
            print(fault)
            return 1
    if not can_trace:
        print('SKIP: the programs were built, but tracing needs root and '
              'tracefs')
        return 77
    print(f'{len(compilers)} programs')
    return 0


if __name__ == '__main__':
    sys.exit(main())
