#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Install a page of its own name for each function of a page.

install-aliases.py MANUAL_DIRECTORY PAGE... writes below
MESON_INSTALL_DESTDIR_PREFIX. Each alias is one line that sends man(1) to the
page; the names are those in the page's NAME section.
"""

import os
import re
import sys


def names_of(page):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    section = re.search(r"^\.SH NAME\n(.*?)^\.SH", text, re.M | re.S).group(1)
    return re.findall(r"perftrace_\w+", section.split("\\-")[0])


def main(arguments):
    directory = os.path.join(os.environ["MESON_INSTALL_DESTDIR_PREFIX"],
                             arguments[1], "man3")
    for page in arguments[2:]:
        target = os.path.basename(page)
        if not target.endswith(".3"):
            continue
        os.makedirs(directory, exist_ok=True)
        for name in names_of(page):
            alias = name + ".3"
            if alias == target:
                continue
            with open(os.path.join(directory, alias), "w",
                      encoding="utf-8") as file:
                file.write(".so man3/%s\n" % target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
