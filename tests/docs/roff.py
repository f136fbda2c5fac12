# SPDX-License-Identifier: LGPL-2.1-or-later
"""The small part of man(7) that the pages of this library are written in."""

import re
import shlex

# What stands after a backslash, and what it prints.
GLYPHS = {"aq": "'", "dq": '"', "ga": "`", "ha": "^", "ti": "~", "rs": "\\",
          "en": "-", "em": "-", "bu": "*", "mi": "-", "co": "(c)",
          "lq": '"', "rq": '"', "oq": "'", "cq": "'"}
SIMPLE = {"e": "\\", "-": "-", "&": "", " ": " ", "~": " ", "|": "", "^": "",
          "%": "", "/": "", ",": "", ":": "", "0": " ", "'": "'", "`": "`",
          ".": "."}

ESCAPE = re.compile(r"\\(?:f(?:\([A-Za-z]{2}|\[[^]]*\]|.)"
                    r"|\((?P<two>..)|\[(?P<long>[^]]*)\]|(?P<one>.?))",
                    re.DOTALL)

ALTERNATING = {"BR", "RB", "BI", "IB", "IR", "RI"}
FONT = {"B", "I", "SM", "SB"}


class RoffError(Exception):
    pass


def undo_escapes(line):
    """The characters that a line prints."""
    def replace(match):
        name = match.group("two") or match.group("long")
        if name is not None:
            if name not in GLYPHS:
                raise RoffError("unknown escape \\[%s]" % name)
            return GLYPHS[name]
        one = match.group("one")
        if one is None:
            return ""                   # a change of font
        if one not in SIMPLE:
            raise RoffError("unknown escape \\%s" % one)
        return SIMPLE[one]
    return ESCAPE.sub(replace, line)


def macro(line):
    """(name, arguments) of a macro line, (None, []) of a text line."""
    match = re.match(r"[.']\s*([A-Za-z\\][^\s]*)\s*(.*)$", line)
    if not match:
        return None, []
    lexer = shlex.shlex(match.group(2), posix=True)
    lexer.whitespace_split = True
    lexer.quotes = '"'
    lexer.escape = ""
    lexer.commenters = ""
    try:
        return match.group(1), list(lexer)
    except ValueError as error:
        raise RoffError("%s: %s" % (line, error)) from error


def text_of(lines):
    """What lines of a page print, one line each; macros without text go."""
    printed = []
    for line in lines:
        if line.startswith(('.\\"', "'\\\"")):
            continue
        name, arguments = macro(line)
        if name is None:
            printed.append(undo_escapes(line))
        elif name in ALTERNATING:
            printed.append(undo_escapes("".join(arguments)))
        elif name in FONT or name in ("SH", "SS"):
            printed.append(undo_escapes(" ".join(arguments)))
        elif name in ("IP",) and arguments:
            printed.append(undo_escapes(arguments[0]))
    return "\n".join(printed)


def split_at(lines, heading):
    """[(title, lines)] cut at a heading macro, "SH" or "SS"; what stands
    before the first comes under ""."""
    parts = [("", [])]
    for line in lines:
        name, arguments = macro(line)
        if name == heading:
            parts.append((undo_escapes(" ".join(arguments)), []))
        else:
            parts[-1][1].append(line)
    return parts


def code_blocks(lines):
    """The .EX/.EE blocks, each a list of plain lines."""
    blocks = []
    current = None
    for line in lines:
        name, _ = macro(line)
        if name == "EX":
            if current is not None:
                raise RoffError(".EX inside of .EX")
            current = []
        elif name == "EE":
            if current is None:
                raise RoffError(".EE without .EX")
            blocks.append(current)
            current = None
        elif current is not None:
            if name is not None:
                raise RoffError("macro in an example: %s" % line)
            current.append(undo_escapes(line))
    if current is not None:
        raise RoffError(".EX without .EE")
    return blocks
