# SPDX-License-Identifier: Apache-2.0
"""The report for people, and the line that says what is going on."""

import shutil
import sys
import time


class Paint:
    """Colours on a terminal, nothing in a pipe."""

    def __init__(self, stream):
        self._on = stream.isatty()

    def __call__(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self._on else text

    def good(self, text):
        return self(text, "32")

    def bad(self, text):
        return self(text, "31;1")

    def dim(self, text):
        return self(text, "2")

    def bold(self, text):
        return self(text, "1")


class Progress:
    """One line on standard error: rewritten on a terminal, a line a step elsewhere."""

    def __init__(self):
        self._terminal = sys.stderr.isatty()
        self._began = time.monotonic()
        self._part = ""

    def part(self, name):
        self._part = name

    def __call__(self, what):
        seconds = int(time.monotonic() - self._began)
        line = f"[{seconds // 60:2}:{seconds % 60:02}] {self._part}: {what}"
        if self._terminal:
            width = shutil.get_terminal_size().columns
            sys.stderr.write("\r\033[K" + line[:width - 1])
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def done(self):
        if self._terminal:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def _aligned(headings, rows, out, paint, numbers_from=1):
    widths = [max(len(row[column]) for row in [headings, *rows]) for column in range(len(headings))]

    def line(cells):
        return "  " + "  ".join(
            cell.ljust(width) if column < numbers_from else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths))).rstrip()
    if any(headings):
        print(paint.dim(line(headings)), file=out)
    for row in rows:
        print(line(row), file=out)


def show(machine, parts, out=sys.stdout):
    """Ratios first, then every part's tables. `parts` is {name: (title, Findings)}."""
    paint = Paint(out)
    goals = [goal for _title, findings in parts.values() for goal in findings.goals]
    if goals:
        print(paint.bold("What must be reached"), file=out)
        texts = [(goal.what, "-" if goal.value is None else goal.form.format(goal.value),
                  f"{goal.sign} {goal.form.format(goal.limit)}") for goal in goals]
        widths = [max(len(one[column]) for one in texts) for column in range(3)]
        words = {True: paint.good("reached"), False: paint.bad("short  "), None: paint.dim("not measured")}
        for goal, (what, value, limit) in zip(goals, texts):
            remark = f"  {paint.dim(goal.remark)}" if goal.remark else ""
            print(f"  {what.ljust(widths[0])}  {value.rjust(widths[1])}  {limit.ljust(widths[2])}  "
                  f"{words[goal.reached]}{remark}", file=out)
    for title, findings in parts.values():
        print(file=out)
        print(paint.bold(title), paint.dim(f"({findings.seconds:.0f} s)"), file=out)
        for table in findings.tables:
            if table.title:
                print(f"  {table.title}", file=out)
            _aligned([heading for heading, _form in table.columns], table.cells(), out, paint)
        for remark in findings.remarks:
            print(paint.dim(f"  {remark}"), file=out)
    print(file=out)
    print(paint.bold("Measured on"), file=out)
    width = max(len(one) for one in machine)
    for what, text in machine.items():
        print(f"  {what.ljust(width)}  {text}", file=out)
