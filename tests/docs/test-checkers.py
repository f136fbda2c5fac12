#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""See the checkers of this directory fail where they have to.

test-checkers.py [SOURCE_ROOT [ACCESS_TABLE]] copies include/ and doc/ to a
temporary directory, breaks one thing at a time, and expects the checker to
find that very fault. ACCESS_TABLE is the program that check-access-page.py
asks; without it that one is passed over.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CHECK = os.path.join(HERE, "check-pages.py")
CHECK_ACCESS = os.path.join(HERE, "check-access-page.py")
EXTRACT = os.path.join(HERE, "extract-example.py")

VERSION_PAGE = "doc/perftrace_version.3"
CONTEXT_PAGE = "doc/perftrace_context.3"
CONTEXT_HEADER = "include/perftrace/context.h"

PROBLEMS = []


def swap(old, new, count=1):
    """An edit: text to be found and what it becomes."""
    def edit(text):
        if old not in text:
            raise LookupError("nothing to break: %r" % old)
        return text.replace(old, new, count)
    return edit


def swap_pattern(pattern, new):
    def edit(text):
        changed, number = re.subn(pattern, new, text, count=1,
                                  flags=re.DOTALL)
        if not number:
            raise LookupError("nothing to break: %r" % pattern)
        return changed
    return edit


def add_to_description(line):
    return swap(".SH DESCRIPTION\n", ".SH DESCRIPTION\n%s\n" % line)


def declare(text):
    """An edit: one more declaration in a header."""
    return swap("#ifdef __cplusplus\n}", text + "\n#ifdef __cplusplus\n}")


GOOD_DOC = """/**
 * perftrace_context_extra() - one more
 * @context: a context
 *
 * Return: 0, or -ENOMEM.
 */
"""
EXTRA = "int perftrace_context_extra(struct perftrace_context *context);\n"

# (what is broken, file, edit, a pattern that a line of the answer matches)
FAULTS = [
    ("a function missing in NAME", CONTEXT_PAGE,
     swap("perftrace_context_ref,\n", ""),
     r"perftrace_context_ref\(\) stands in the NAME of no page"),
    ("a function in the NAME of two pages", VERSION_PAGE,
     swap(".SH NAME\n", ".SH NAME\nperftrace_context_ref,\n"),
     r"perftrace_context_ref\(\) stands in the NAME of .* and "),
    ("a function twice in a NAME", CONTEXT_PAGE,
     swap(".SH NAME\n", ".SH NAME\nperftrace_context_ref,\n"),
     r"perftrace_context_ref\(\) stands in the NAME of"),
    ("an unknown function in NAME", VERSION_PAGE,
     swap(".SH NAME\n", ".SH NAME\nperftrace_nothing,\n"),
     r"NAME has perftrace_nothing, which no header declares"),
    ("a function missing in SYNOPSIS", CONTEXT_PAGE,
     swap_pattern(r'\.BI "void perftrace_context_unref[^\n]*\n', ""),
     r"perftrace_context_unref\(\) stands in the SYNOPSIS of no page"),
    ("a prototype that is not the header's", CONTEXT_PAGE,
     swap('"void perftrace_context_unref', '"int perftrace_context_unref'),
     r"SYNOPSIS has 'int perftrace_context_unref"),
    ("a parameter of another name", CONTEXT_PAGE,
     swap('perftrace_context_unref(struct perftrace_context *" context',
          'perftrace_context_unref(struct perftrace_context *" ctx'),
     r"SYNOPSIS has 'void perftrace_context_unref"),
    ("a prototype of nothing", VERSION_PAGE,
     swap(".fi\n", ".PP\n.B int perftrace_nothing(void);\n.fi\n"),
     r"SYNOPSIS has what no header declares: int perftrace_nothing"),
    ("a SYNOPSIS without its header", VERSION_PAGE,
     swap(".B #include <perftrace/version.h>\n", ""),
     r"SYNOPSIS does not include <perftrace/version.h>"),
    ("a SYNOPSIS with a header that is not there", VERSION_PAGE,
     swap("<perftrace/version.h>", "<perftrace/versions.h>"),
     r"includes <perftrace/versions.h>, which does not exist"),
    ("a function missing in ERRORS", CONTEXT_PAGE,
     swap(".SS perftrace_context_set_tracefs()\n", ""),
     r"ERRORS has no part for perftrace_context_set_tracefs\(\)"),
    ("a function twice in ERRORS", CONTEXT_PAGE,
     swap(".SS Calls that cannot fail\n",
          ".SS Calls that cannot fail\n.BR perftrace_context_new (),\n"),
     r"ERRORS has more than one part for perftrace_context_new\(\)"),
    ("an errno missing in ERRORS", CONTEXT_PAGE,
     swap(".B ENODATA\n", ".B EIO\n"),
     r"ERRORS of perftrace_context_get_tracefs\(\) does not name ENODATA"),
    ("a source of errors missing in ERRORS", "doc/perftrace_session.3",
     swap_pattern(r"(\.SS perftrace_session_start\(\).*?)"
                  r"perftrace_session_open \(\)", r"\1perftrace (7)"),
     r"ERRORS of perftrace_session_start\(\) does not name "
     r"perftrace_session_open\(\)"),
    ("a call that fails, said not to", CONTEXT_PAGE,
     lambda text: swap(".SS Calls that cannot fail\n",
                       ".SS Calls that cannot fail\n"
                       ".BR perftrace_context_new (),\n")(
         swap(".SS perftrace_context_new()\n", "")(text)),
     r"says that perftrace_context_new\(\) cannot fail"),
    ("a call that cannot fail, said nothing of", VERSION_PAGE,
     swap(".BR perftrace_version ()\ncannot fail.\n", "Nothing fails.\n"),
     r"ERRORS has no part for perftrace_version\(\)"),
    ("a page that names an unknown function", VERSION_PAGE,
     add_to_description(".BR perftrace_nothing ()"),
     r"names perftrace_nothing\(\), which does not exist"),
    ("a page that names an unknown type", VERSION_PAGE,
     add_to_description(".I struct perftrace_nothing"),
     r"names perftrace_nothing, which does not exist"),
    ("a page that refers to an unknown page", VERSION_PAGE,
     add_to_description(".BR perftrace_version (7)"),
     r"refers to perftrace_version\(7\), which does not exist"),
    ("a page that names an unknown constant", VERSION_PAGE,
     add_to_description(".B PERFTRACE_NOTHING"),
     r"names PERFTRACE_NOTHING, which does not exist"),
    ("an unknown function in an example", VERSION_PAGE,
     swap("perftrace_version());", "perftrace_versions());"),
     r"names perftrace_versions\(\), which does not exist"),
    ("an unknown function in perftrace(7)", "doc/perftrace.7",
     add_to_description(".BR perftrace_nothing ()"),
     r"perftrace.7: names perftrace_nothing\(\)"),
    ("a constant that stands nowhere", CONTEXT_PAGE,
     swap("PERFTRACE_LOG_INFO", "info", -1),
     r"PERFTRACE_LOG_INFO stands on no page"),
    ("a page without a licence", VERSION_PAGE,
     swap_pattern(r'^\.\\" SPDX[^\n]*\n', ""),
     r"no SPDX line at the top"),
    ("a page without a section", VERSION_PAGE,
     swap(".SH RETURN VALUE\n", ".SS RETURN VALUE\n"),
     r"the sections are not"),
    ("an escape of another language", VERSION_PAGE,
     add_to_description("a \\zz b"),
     r"unknown escape"),
    ("a page that is gone", VERSION_PAGE, None,
     r"perftrace_version\(\) stands in the NAME of no page"),
    ("a new function without a page", CONTEXT_HEADER,
     declare(GOOD_DOC + EXTRA),
     r"perftrace_context_extra\(\) stands in the NAME of no page"),
    ("a function without a doc comment", CONTEXT_HEADER,
     declare(EXTRA), r"perftrace_context_extra\(\): no doc comment"),
    ("a function with a plain comment", CONTEXT_HEADER,
     declare(GOOD_DOC.replace("/**", "/*") + EXTRA),
     r"perftrace_context_extra\(\): no doc comment"),
    ("a function with the comment of another", CONTEXT_HEADER,
     swap(" * perftrace_context_ref() - ", " * perftrace_context_reff() - "),
     r"perftrace_context_ref\(\): the doc comment does not begin with"),
    ("a doc comment without a parameter", CONTEXT_HEADER,
     declare(GOOD_DOC.replace(" * @context: a context\n", "") + EXTRA),
     r"perftrace_context_extra\(\): the doc comment has no @context:"),
    ("a doc comment with a parameter too many", CONTEXT_HEADER,
     declare(GOOD_DOC.replace(" *\n", " * @more: nothing\n *\n", 1) + EXTRA),
     r"has an @more: that is no parameter"),
    ("a doc comment without a Return:", CONTEXT_HEADER,
     declare(GOOD_DOC.replace("Return: ", "Gives ") + EXTRA),
     r"perftrace_context_extra\(\): no Return:"),
    ("a Return: of nothing", CONTEXT_HEADER,
     declare(GOOD_DOC + EXTRA.replace("int ", "void ", 1)),
     r"a Return: in a function that returns void"),
    ("a function pointer without a description", CONTEXT_HEADER,
     swap(" * @sink:", " * sink:"),
     r"perftrace_context_set_log\(\): the doc comment has no @sink:"),
    ("an errno that is new in the header", CONTEXT_HEADER,
     swap(" * Return: 0, or -ENOMEM.", " * Return: 0, -EMFILE or -ENOMEM."),
     r"ERRORS of perftrace_context_new\(\) does not name EMFILE"),
    ("a prototype that changed in the header", CONTEXT_HEADER,
     swap("void perftrace_context_unref(struct",
          "void perftrace_context_unref(const struct"),
     r"SYNOPSIS has 'void perftrace_context_unref"),
    ("a function of another library", CONTEXT_HEADER,
     declare("int tracefs_extra(void);\n"),
     r"a function that is not named perftrace_"),
    ("a function that is declared twice", CONTEXT_HEADER,
     declare(GOOD_DOC + EXTRA + "\n" + GOOD_DOC + EXTRA),
     r"perftrace_context_extra\(\) is declared twice"),
]

MANDOC_FAULTS = [
    ("a macro that does not exist", VERSION_PAGE,
     add_to_description(".XYZ"), r"unknown macro"),
    ("the end of a block that was not opened", VERSION_PAGE,
     add_to_description(".RE"), r"ERROR: .* RE"),
]

IRQ_WORK = '.TP\n.BR irq_work " (refused, EPERM, perf_trace_event_perm())"\n'
RULE = "open irq_work refused EPERM perf_trace_event_perm\\(\\)"

# (what is broken, edit of perftrace-access(7), a pattern of the answer)
ACCESS_FAULTS = [
    ("a rule that is gone", swap(IRQ_WORK, ".PP\n"),
     "not on the page, or not at its place: " + RULE),
    ("a rule too many", swap(IRQ_WORK, IRQ_WORK + "Text.\n" + IRQ_WORK),
     "not in the table, or not at its place: " + RULE),
    ("a rule at another place",
     lambda text: swap(".SS What comes of it\n", IRQ_WORK +
                       ".SS What comes of it\n")(
         swap(IRQ_WORK, ".PP\n")(text)),
     "not at its place: ring irq_work refused EPERM"),
    ("two rules the wrong way round",
     lambda text: swap("silent, ftrace_startup", "silent, disarm_all_kprobes")(
         swap("silent, disarm_all_kprobes", "silent, ftrace_startup")(text)),
     r"not at its place: use ftrace_disabled silent - disarm_all_kprobes\(\)"),
    ("another errno", swap("irq_work \" (refused, EPERM",
                           "irq_work \" (refused, EACCES"),
     "not in the table, or not at its place: open irq_work refused EACCES"),
    ("another function", swap("refused, EOVERFLOW, get_callchain_buffers",
                              "refused, EOVERFLOW, get_buffers"),
     r"not in the table, or not at its place: .* get_buffers\(\)"),
    ("another kind", swap("costly, register_ftrace", "silent, register_ftrace"),
     "not at its place: use function_cost silent"),
    ("an entry that can't be read", swap("(costly, register", "(costly register"),
     r"not GATE \(KIND, ERRNO, FUNCTION\)"),
    ("a gate that is nowhere", swap(".B closing\n", ".B close\n"),
     "the gate closing is nowhere"),
    ("a key that is gone", swap(".TP\n.BR max_stack =NUMBER\n", ".PP\n"),
     "max_stack has 0 entries"),
    ("a key that stands there twice",
     swap(".BR max_stack =NUMBER\n", ".BR max_sample_rate =NUMBER\n"),
     "max_sample_rate has 2 entries"),
    ("a key of nothing", swap(".BR max_stack ", ".BR min_stack "),
     "there is no fact called min_stack"),
    ("other words", swap("|integrity|", "|integral|"),
     r"lockdown is unknown\|none\|integrity\|.*, not .*integral"),
]

PROGRAM = r"""
#include <stdio.h>

int main(void)
{
	printf("%s\n", "a-b ~ ^ ` '\\");
.x = 1;
	return '\0';
}
""".lstrip("\n")

ROFF_PROGRAM = r"""
#include <stdio.h>

int main(void)
{
	printf("%s\en", \(dqa\-b \(ti \(ha \(ga \(aq\e\e");
\&.x = 1;
	return \(aq\e0\(aq;
}
""".lstrip("\n")


def problem(text):
    PROBLEMS.append(text)
    print("FAIL: " + text)


def run(script, *arguments, **options):
    result = subprocess.run([sys.executable, script, *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            check=False, **options)
    return result.returncode, result.stdout


def copy_of(source, directory):
    root = os.path.join(directory, "root")
    shutil.rmtree(root, ignore_errors=True)
    for part in ("include", "doc"):
        shutil.copytree(os.path.join(source, part), os.path.join(root, part))
    return root


def has_summary(output):
    lines = output.splitlines()
    return bool(lines) and re.fullmatch(r"docs: \d+ functions on \d+ pages",
                                        lines[-1]) is not None


def expect_fault(source, directory, fault):
    what, path, edit, pattern = fault
    root = copy_of(source, directory)
    path = os.path.join(root, path)
    if edit is None:
        os.unlink(path)
    else:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        try:
            text = edit(text)
        except LookupError as error:
            problem("%s: %s" % (what, error))
            return
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    code, output = run(CHECK, root)
    lines = output.splitlines()[:-1]
    if code != 1:
        problem("%s: exit status %d" % (what, code))
    elif not has_summary(output):
        problem("%s: no summary: %s" % (what, output))
    elif not any(re.search(pattern, line) for line in lines):
        problem("%s: not found, but: %s" % (what, output))


def check_the_checker(source, directory):
    code, output = run(CHECK, copy_of(source, directory))
    if code != 0 or not has_summary(output) or output.count("\n") != 1:
        problem("the pages as they are: %s" % output)
        return 1
    faults = FAULTS + (MANDOC_FAULTS if shutil.which("mandoc") else [])
    for fault in faults:
        expect_fault(source, directory, fault)
    root = copy_of(source, directory)
    empty = dict(os.environ, PATH=os.path.join(directory, "nothing"))
    code, output = run(CHECK, root, env=empty)
    if code != 0:
        problem("without mandoc: %s" % output)
    code, output = run(CHECK, "--require-mandoc", root, env=empty)
    if code != 1 or "mandoc is not installed" not in output:
        problem("--require-mandoc without mandoc: %s" % output)
    code, output = run(CHECK, os.path.join(directory, "nothing"))
    if code != 1:
        problem("a source root without headers: %s" % output)
    return len(faults) + 4


def check_the_access_checker(source, directory, table):
    with open(os.path.join(source, "doc", "perftrace-access.7"),
              encoding="utf-8") as file:
        whole = file.read()
    page = os.path.join(directory, "perftrace-access.7")
    empty = os.path.join(directory, "empty")
    cases = [("the page as it is", whole, table, 0, "access page: ")]
    cases += [(what, edit(whole), table, 1, pattern)
              for what, edit, pattern in ACCESS_FAULTS]
    cases.append(("a table of nothing", whole, empty, 1, "the table is empty"))
    with open(empty, "w", encoding="utf-8"):
        pass
    for what, text, asked, code, pattern in cases:
        with open(page, "w", encoding="utf-8") as file:
            file.write(text)
        answer, output = run(CHECK_ACCESS, page, asked)
        if answer != code or not re.search(pattern, output):
            problem("perftrace-access(7), %s: %d: %s" % (what, answer, output))
    return len(cases)


def extract(directory, text):
    """(exit status, programs) of a page."""
    page = os.path.join(directory, "page.3")
    prefix = os.path.join(directory, "program")
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)
    code, _ = run(EXTRACT, page, prefix)
    programs = []
    while os.path.exists("%s-%d.c" % (prefix, len(programs) + 1)):
        path = "%s-%d.c" % (prefix, len(programs) + 1)
        with open(path, encoding="utf-8") as file:
            programs.append(file.read())
    for number in range(len(programs)):
        os.unlink("%s-%d.c" % (prefix, number + 1))
    return code, programs


def check_the_extractor(directory):
    block = ".EX\n%s.EE\n"
    fragment = block % "perftrace_version();\n"
    program = block % ROFF_PROGRAM
    cases = [
        ("one program", program, 0, [PROGRAM]),
        ("a fragment and two programs", fragment + program + "text\n"
         + program, 0, [PROGRAM, PROGRAM]),
        ("fragments alone", fragment, 1, []),
        ("no block", ".SH NAME\nint main\n", 1, []),
        ("a block without an end", program.replace(".EE\n", ""), 1, []),
        ("a macro in a block", block % ("int main(void);\n.PP\n"), 1, []),
        ("an unknown escape", block % "int main(void); \\z\n", 1, []),
    ]
    for what, text, code, programs in cases:
        answer = extract(directory, ".SH EXAMPLES\n" + text)
        if answer != (code, programs):
            problem("extract-example.py, %s: %r" % (what, answer))
    code, _ = run(EXTRACT, os.path.join(directory, "nothing.3"),
                  os.path.join(directory, "program"))
    if code != 1:
        problem("extract-example.py, no page: exit status %d" % code)
    return len(cases) + 1


def main():
    source = (sys.argv[1] if len(sys.argv) > 1
              else os.path.dirname(os.path.dirname(HERE)))
    with tempfile.TemporaryDirectory() as directory:
        cases = check_the_checker(source, directory)
        cases += check_the_extractor(directory)
        if len(sys.argv) > 2:
            cases += check_the_access_checker(source, directory, sys.argv[2])
    print("checkers: %d cases, %d failed" % (cases, len(PROBLEMS)))
    return 1 if PROBLEMS else 0


if __name__ == "__main__":
    sys.exit(main())
