#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hold the man pages against the public headers.

check-pages.py [--require-mandoc] SOURCE_ROOT prints one line per fault and
exits with 1 when there is one. The headers are the truth: each function in
them has a doc comment and stands on exactly one page of section 3, with the
header's prototype and with every errno that its doc comment names.
"""

import argparse
import functools
import glob
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import headers  # noqa: E402
import roff  # noqa: E402

SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "RETURN VALUE", "ERRORS",
            "EXAMPLES", "SEE ALSO"]
CANNOT_FAIL = "Calls that cannot fail"


class Page:
    """One man page, taken apart."""

    def __init__(self, path):
        self.path = path
        self.file = os.path.basename(path)
        self.name, self.section = self.file.rsplit(".", 1)
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().splitlines()
        parts = roff.split_at(self.lines, "SH")
        self.titles = [title for title, _ in parts[1:]]
        self.parts = dict(parts)
        self.text = roff.text_of(self.lines)

    @functools.cached_property
    def names(self):
        text = " ".join(roff.text_of(self.parts.get("NAME", [])).split())
        return [name.strip() for name in text.split(" - ")[0].split(",")]

    @functools.cached_property
    def prototypes(self):
        """The statements between .nf and .fi of the synopsis."""
        inside, kept = False, []
        for line in self.parts.get("SYNOPSIS", []):
            name, _ = roff.macro(line)
            if name in ("nf", "fi"):
                inside = name == "nf"
            elif inside:
                kept.append(line)
        text = roff.text_of(kept)
        text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
        return [" ".join(part.split()) for part in text.split(";")
                if part.strip()]

    @functools.cached_property
    def includes(self):
        return re.findall(r"#include <(perftrace/\w+\.h)>",
                          roff.text_of(self.parts.get("SYNOPSIS", [])))

    @functools.cached_property
    def errors(self):
        """{function: text of its part of ERRORS}, and the functions that are
        said never to fail."""
        texts, harmless = {}, []
        for title, lines in roff.split_at(self.parts.get("ERRORS", []), "SS"):
            text = roff.text_of(lines)
            if title == CANNOT_FAIL:
                harmless += re.findall(r"\b(perftrace_\w+)\(\)", text)
                continue
            for name in re.findall(r"\b(perftrace_\w+)\(\)", title):
                texts.setdefault(name, []).append(text)
        return texts, harmless


class Check:
    def __init__(self, root):
        self.faults = []
        self.headers = headers.Headers(root)
        for fault in self.headers.faults:
            self.fault("include", fault)
        self.functions = {}
        for function in self.headers.functions:
            if function.name in self.functions:
                self.fault(function.header, "%s() is declared twice"
                           % function.name)
            self.functions[function.name] = function
        if not self.functions:
            self.fault("include", "declares no function")
        self.pages = []
        for path in sorted(glob.glob(os.path.join(root, "doc", "*.[1-9]"))):
            try:
                self.pages.append(Page(path))
            except (roff.RoffError, UnicodeDecodeError) as error:
                self.fault(os.path.basename(path), str(error))

    def fault(self, where, what):
        self.faults.append("%s: %s" % (where, what))

    def doc_comments(self):
        for function in self.functions.values():
            def fault(what, function=function):
                self.fault(function.header, "%s(): %s" % (function.name, what))
            if not function.doc:
                fault("no doc comment")
                continue
            if not re.match(re.escape(function.name) + r"\(\) - \S",
                            function.doc[0]):
                fault("the doc comment does not begin with '%s() - '"
                      % function.name)
            described = [match.group(1) for match in
                         (re.match(r"@(\w+):", line) for line in function.doc)
                         if match]
            for name in function.parameters:
                if described.count(name) != 1:
                    fault("the doc comment has %s @%s:" % (
                        "no" if name not in described else "more than one",
                        name))
            for name in described:
                if name not in function.parameters:
                    fault("the doc comment has an @%s: that is no parameter"
                          % name)
            if function.returns_void == (function.return_text() is not None):
                fault("a Return: in a function that returns void"
                      if function.returns_void else "no Return:")
            for other in function.inherited_from():
                if other not in self.functions:
                    fault("Return: names %s(), which does not exist" % other)

    def places(self):
        """Each function on one page: NAME, SYNOPSIS and ERRORS."""
        pages = [page for page in self.pages if page.section == "3"]
        for function in self.functions.values():
            name = function.name
            on = [page for page in pages if name in page.names]
            if len(on) != 1 or on[0].names.count(name) != 1:
                self.fault("doc", "%s() stands in the NAME of %s" % (
                    name, " and ".join(page.file for page in on) or "no page"))
            synopses = [page for page in pages for text in page.prototypes
                        if name + "(" in text.replace(" (", "(")
                        and prototype_name(text) == name]
            if len(synopses) != 1:
                self.fault("doc", "%s() stands in the SYNOPSIS of %s" % (
                    name, " and ".join(page.file for page in synopses)
                    or "no page"))
            for page in on[:1]:
                if synopses and page not in synopses:
                    self.fault(page.file, "%s() is in NAME, but not in "
                               "SYNOPSIS" % name)
                self.errors_of(page, function)

    def errors_of(self, page, function):
        texts, harmless = page.errors
        name = function.name
        here = texts.get(name, [])
        if len(here) + harmless.count(name) != 1:
            self.fault(page.file, "ERRORS has %s for %s()" % (
                "more than one part" if here or name in harmless
                else "no part", name))
            return
        if name in harmless:
            if self.can_fail(name):
                self.fault(page.file, "ERRORS says that %s() cannot fail, the "
                           "header names errors" % name)
            return
        for errno in function.errnos():
            if not re.search(r"\b%s\b" % errno, here[0]):
                self.fault(page.file, "ERRORS of %s() does not name %s" % (
                    name, errno))
        for other in function.inherited_from():
            if self.can_fail(other) and not re.search(
                    r"\b%s\(\)" % other, here[0]):
                self.fault(page.file, "ERRORS of %s() does not name %s(), "
                           "whose errors it returns" % (name, other))

    def can_fail(self, name, seen=()):
        """Does the header name an errno for the function?"""
        function = self.functions.get(name)
        return bool(function) and name not in seen and bool(
            function.errnos() or any(
                self.can_fail(other, (*seen, name))
                for other in function.inherited_from()))

    def synopses(self):
        for page in self.pages:
            if page.section != "3":
                continue
            declared = set()
            for text in page.prototypes:
                name = prototype_name(text)
                function = self.functions.get(name)
                if not function:
                    self.fault(page.file, "SYNOPSIS has what no header "
                               "declares: %s" % text)
                    continue
                declared.add(function.header)
                if headers.tokens(text) != headers.tokens(function.prototype):
                    self.fault(page.file, "SYNOPSIS has '%s', the header "
                               "'%s'" % (text, function.prototype))
                if name not in page.names:
                    self.fault(page.file, "%s() is in SYNOPSIS, but not in "
                               "NAME" % name)
            for header in sorted(declared - set(page.includes)):
                self.fault(page.file, "SYNOPSIS does not include <%s>"
                           % header)

    def names_exist(self):
        """No page speaks of what is not there."""
        files = {page.file for page in self.pages}
        bare = (self.headers.types | set(self.functions)
                | {page.name for page in self.pages})
        for page in self.pages:
            for name, after in sorted(set(re.findall(
                    r"(?<!\w)(perftrace_\w+)(\(\)|\([1-9]\))?", page.text))):
                if after == "()" and name not in self.functions:
                    self.fault(page.file, "names %s(), which does not exist"
                               % name)
                elif (after[1:2].isdigit()
                      and "%s.%s" % (name, after[1]) not in files
                      and not (after == "(3)" and name in self.functions)):
                    self.fault(page.file, "refers to %s%s, which does not "
                               "exist" % (name, after))
                elif not after and name not in bare:
                    self.fault(page.file, "names %s, which does not exist"
                               % name)
            for name in page.names:
                if page.section == "3" and name not in self.functions:
                    self.fault(page.file, "NAME has %s, which no header "
                               "declares" % name)
            for name in sorted(set(re.findall(r"\bPERFTRACE_\w+",
                                              page.text))):
                if name not in self.headers.constants:
                    self.fault(page.file, "names %s, which does not exist"
                               % name)
            for name in sorted(set(re.findall(r"<(perftrace/\w+\.h)>",
                                              page.text))):
                if name not in self.headers.names:
                    self.fault(page.file, "includes <%s>, which does not "
                               "exist" % name)
        texts = "\n".join(page.text for page in self.pages)
        for name in sorted(self.headers.constants):
            if not re.search(r"\b%s\b" % name, texts):
                self.fault("doc", "%s stands on no page" % name)

    def form(self):
        for page in self.pages:
            if not re.match(r'\.\\" SPDX-License-Identifier: \S',
                            "\n".join(page.lines[:1])):
                self.fault(page.file, "no SPDX line at the top")
            if page.section != "3":
                continue
            if page.titles != SECTIONS:
                self.fault(page.file, "the sections are not %s"
                           % ", ".join(SECTIONS))

    def lint(self, required):
        mandoc = shutil.which("mandoc")
        if not mandoc:
            if required:
                self.fault("doc", "mandoc is not installed")
            return
        for page in self.pages:
            result = subprocess.run(
                [mandoc, "-T", "lint", "-W", "warning", page.file],
                cwd=os.path.dirname(page.path) or ".", text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            lines = [line for line in result.stdout.splitlines() if line]
            for line in lines:
                self.faults.append(line)
            if result.returncode and not lines:
                self.fault(page.file, "mandoc exits with %d"
                           % result.returncode)


def prototype_name(text):
    match = re.search(r"\b(perftrace_\w+) ?\(", text)
    return match.group(1) if match else None


def main():
    parser = argparse.ArgumentParser(
        description="Hold the man pages against the public headers.")
    parser.add_argument("--require-mandoc", action="store_true",
                        help="fail when mandoc is not installed")
    parser.add_argument("source_root", metavar="SOURCE_ROOT")
    arguments = parser.parse_args()
    check = Check(arguments.source_root)
    check.doc_comments()
    check.places()
    check.synopses()
    check.names_exist()
    check.form()
    check.lint(arguments.require_mandoc)
    for fault in check.faults:
        print(fault)
    print("docs: %d functions on %d pages" % (len(check.functions),
                                             len(check.pages)))
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
