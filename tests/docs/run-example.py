#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compile and run the programs of a man page.

run-example.py PAGE INCLUDE_DIRECTORY LIBRARY_DIRECTORY [COMPILER...]

Each program must compile without a warning, end by itself, say something and
exit with 0. It is run from an empty directory, as the reader of the page
would.
"""

import glob
import os
import subprocess
import sys
import tempfile

SECONDS = 60
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE"]


def compile_program(source, include, library, compiler):
    program = source[:-2]
    subprocess.run(
        compiler + WARNINGS + ["-I", include, "-o", program, source,
                               "-L", library, "-lperftrace",
                               "-Wl,-rpath," + library], check=True)
    return program


def run_program(program, directory):
    result = subprocess.run([program], cwd=directory, timeout=SECONDS,
                            stdin=subprocess.DEVNULL, capture_output=True,
                            check=False)
    sys.stdout.write(result.stdout.decode(errors="replace"))
    sys.stdout.write(result.stderr.decode(errors="replace"))
    if result.returncode:
        print("%s: exit status %d" % (program, result.returncode))
        return False
    if not result.stdout.strip():
        print("%s: it printed nothing" % program)
        return False
    return True


def main(arguments):
    if len(arguments) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    page, include, library = (os.path.abspath(a) for a in arguments[1:4])
    compiler = arguments[4:] or ["cc"]
    if os.geteuid() or not os.access("/sys/kernel/tracing/events", os.R_OK):
        print("SKIP: needs root and tracefs at /sys/kernel/tracing")
        return 77
    extract = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                           "extract-example.py")
    with tempfile.TemporaryDirectory() as directory:
        prefix = os.path.join(directory, "example")
        subprocess.run([extract, page, prefix], check=True)
        sources = sorted(glob.glob(prefix + "-*.c"))
        programs = [compile_program(source, include, library, compiler)
                    for source in sources]
        return 0 if all([run_program(program, directory)
                         for program in programs]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
