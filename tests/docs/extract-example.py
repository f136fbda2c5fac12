#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Write the complete programs of a man page to files.

extract-example.py PAGE OUTPUT_PREFIX writes each .EX/.EE block of PAGE that
has a main() as OUTPUT_PREFIX-1.c, OUTPUT_PREFIX-2.c and so on. Blocks without
main() are fragments and are passed over. A page without a program is a
failure.
"""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import roff  # noqa: E402


def main(arguments):
    if len(arguments) != 3:
        print("usage: extract-example.py PAGE OUTPUT_PREFIX", file=sys.stderr)
        return 2
    page, prefix = arguments[1:]
    try:
        with open(page, encoding="utf-8") as file:
            blocks = roff.code_blocks(file.read().splitlines())
    except (OSError, UnicodeDecodeError, roff.RoffError) as error:
        print("%s: %s" % (page, error), file=sys.stderr)
        return 1
    programs = ["\n".join(block) + "\n" for block in blocks]
    programs = [text for text in programs
                if re.search(r"\bint\s+main\b", text)]
    if not programs:
        print("%s: no example with a main()" % page, file=sys.stderr)
        return 1
    for number, text in enumerate(programs, 1):
        with open("%s-%d.c" % (prefix, number), "w",
                  encoding="utf-8") as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
