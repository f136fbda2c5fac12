# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the public headers declare, and what their doc comments say of it."""

import glob
import os
import re


class Function:
    """One prototype with its doc comment."""

    def __init__(self, header, prototype, doc):
        self.header = header            # "perftrace/context.h"
        self.prototype = prototype      # without the semicolon
        self.name = re.search(r"\b(perftrace_\w+)\s*\(", prototype).group(1)
        head, rest = prototype.split(self.name, 1)
        self.returns_void = head.split() == ["void"]
        self.parameters = parameter_names(rest)
        self.doc = doc                  # lines without the stars, or None

    def return_text(self):
        """What stands under Return:, None when nothing does."""
        text = "\n".join(self.doc or [])
        match = re.search(r"^Return:(.*)", text, re.DOTALL | re.MULTILINE)
        return match.group(1) if match else None

    def errnos(self):
        return sorted(set(re.findall(r"-(E[A-Z0-9]{2,})\b",
                                     self.return_text() or "")))

    def inherited_from(self):
        """The functions whose errors this one returns as well."""
        text = " ".join((self.return_text() or "").split())
        found = re.findall(r"\bas (perftrace_\w+)\(\)", text)
        for names in re.findall(r"\bwhat ((?:perftrace_\w+\(\)(?:,| and)? ?)+)"
                                r"returns?\b", text):
            found += re.findall(r"perftrace_\w+", names)
        return sorted(set(found) - {self.name})


def tokens(prototype):
    """A prototype without regard to white space."""
    return re.findall(r"\w+|[^\w\s]", prototype)


def parameter_names(parenthesised):
    """The names of a parameter list; of a function pointer its own."""
    text = parenthesised.strip()
    text = text[text.index("(") + 1:text.rindex(")")]
    parts, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    names = []
    for part in parts:
        if part.strip() in ("void", ""):
            continue
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", part)
        name = pointer or re.search(r"(\w+)\s*(?:\[[^]]*\]\s*)*$", part)
        names.append(name.group(1))
    return names


def comment_lines(comment):
    body = comment[3:-2].strip("\n").splitlines()
    return [re.sub(r"^\s*\* ?", "", line).rstrip() for line in body]


class Headers:
    """All of include/perftrace/."""

    def __init__(self, root):
        self.functions = []
        self.constants = set()          # of public enums
        self.types = set()              # tags of structs and enums
        self.names = set()              # "perftrace/context.h"
        self.faults = []
        paths = sorted(glob.glob(os.path.join(root, "include", "perftrace",
                                              "*.h")))
        for path in paths:
            self.read(path)

    def read(self, path):
        header = "perftrace/" + os.path.basename(path)
        self.names.add(header)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        text = re.sub(r"#ifdef __cplusplus.*?#endif", "", text,
                      flags=re.DOTALL)
        text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.MULTILINE)
        doc = None
        position = 0
        item = re.compile(r"\s*(?:(?P<comment>/\*.*?\*/)"
                          r"|(?P<statement>(?:[^;{/]|\{[^}]*\})+;))",
                          re.DOTALL)
        while text[position:].strip():
            match = item.match(text, position)
            if not match:
                self.faults.append("%s: can't be parsed at: %s" % (
                    header, text[position:].split("\n\n")[0].strip()))
                return
            position = match.end()
            if match.group("comment"):
                comment = match.group("comment")
                doc = (comment_lines(comment) if comment.startswith("/**")
                       else None)
                continue
            self.statement(header, match.group("statement"), doc)
            doc = None

    def statement(self, header, text, doc):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = " ".join(text.rstrip(";").split())
        tag = re.match(r"(?:struct|enum) (perftrace_\w+)(?: ?\{(.*)\})?$",
                       text)
        if tag:
            self.types.add(tag.group(1))
            self.constants |= set(re.findall(r"\bPERFTRACE_\w+",
                                             tag.group(2) or ""))
        elif re.search(r"\bperftrace_\w+ ?\(", text):
            self.functions.append(Function(header, text, doc))
        elif "(" in text:
            self.faults.append("%s: a function that is not named "
                               "perftrace_*: %s" % (header, text))
