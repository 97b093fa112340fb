"""The sheet of checks: what must hold of the workbook, and guards of what was decided when it was made.

A formula holds for the path that the computation took. Where an input decided that path, such as how often GPUs are
bought, a guard compares what decides it now with what did then, and says which question to ask minecalc again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc.figures.labels import listed
from minecalc.loading import reading_of
from minecalc.spreadsheet import _layout as laid
from minecalc.spreadsheet._cells import TODAY
from minecalc.spreadsheet._formulas import Formulas, cell, column
from minecalc.spreadsheet._hours import HourSheet
from minecalc.spreadsheet._inputs import bare, called
from minecalc.spreadsheet._looks import ALL_HOLD, GREEN, GREY, HEAD, KINDS, Formats
from minecalc.spreadsheet._model import STATEMENTS, Guard
from minecalc.spreadsheet._nodes import Node
from minecalc.visible import harmless

#: The cell that says whether all checks hold.
STATUS = "$B$3"

#: How far apart numbers may be that are the same, as a share of them.
TOLERANCE = ("tolerance", 1e-9)

_FIRST = 6
_WHAT, _NOW, _THEN, _HOLDS, _ASK = range(5)
_INPUTS_SHOWN = 3
#: Numbers from here on are shown with separators.
_LARGE = 10_000.0


class Check(NamedTuple):
    """One row: what is compared, now and then or with what, as formulas or numbers, and what to do if it fails."""

    what: str
    now: str
    then: str | float
    value: float
    ask: str
    row: Sequence[float] = ()


class CheckSheet:
    """Writes the checks."""

    def __init__(self, layout: laid.Layout, formulas: Formulas, formats: Formats, hours: HourSheet) -> None:
        self._layout, self._formulas, self._formats, self._hours = layout, formulas, formats, hours
        self._model = layout.model
        self._file = bare(reading_of(self._model.scenario).file)

    def write(self, sheet: Any) -> None:
        """All of them, with one cell on top that says whether they hold."""
        formats = self._formats
        formats.begin(sheet, (70, 18, 18, 12, 90, 2), laid.CHECKS)
        sheet.write_row(_FIRST - 2, 0, ("Check", "Now", "Must be", "Holds", "If not"), formats.of(**HEAD))
        sheet.freeze_panes(_FIRST - 1, 1)
        at, first = _FIRST - 1, _FIRST - 1
        for title, checks in (
            ("Sums and balances", self._sums()),
            ("Decided when the workbook was made", map(self._guard, self._model.guards)),
        ):
            formats.ruled(sheet, at, title)
            at += 1
            for check in checks:
                self._check(sheet, at, check)
                at += 1
            at += 1
        sheet.print_area(0, 0, at, _ASK)
        holds = f"$D${first + 1}:$D${at}"
        sheet.write_string(2, 0, "All of them", formats.of(bold=True))
        failed = f"COUNTIF({holds},0)"
        failing = f'{failed}&" of the checks below fail: see what to ask minecalc again"'
        text = f'=IF(ISERROR(SUM({holds})),"An error stands in a check",IF({failed}=0,"{ALL_HOLD}",{failing}))'
        formats.status(sheet, 2, 1, text)
        for wrong in (f"=AND(ISNUMBER($D{first + 1}),$D{first + 1}=0)", f"=ISERROR($D{first + 1})"):
            rule = {"type": "formula", "criteria": wrong, "format": formats.wrong()}
            sheet.conditional_format(first, _HOLDS, at, _HOLDS, rule)

    def _check(self, sheet: Any, at: int, check: Check) -> None:
        of, number = self._formats.of, at + 1
        tolerance = self._formulas.names.constant(*TOLERANCE)
        sheet.write_string(at, _WHAT, harmless(check.what), of(indent=1, text_wrap=True, valign="top"))
        look = "#,##0.00" if abs(check.value) >= _LARGE else "General"
        plain = of(num_format=look, valign="top")
        sheet.write_row(at, TODAY, check.row, of(num_format="General", bg_color=KINDS["fixed"]))
        sheet.write_formula(at, _NOW, f"={check.now.format(row=number)}", plain, check.value)
        if isinstance(check.then, str):
            sheet.write_formula(at, _THEN, f"={check.then}", plain, check.value)
        else:
            sheet.write_number(at, _THEN, check.then, of(num_format=look, bg_color=KINDS["fixed"], valign="top"))
        text = f"=IF(ABS(B{number}-C{number})<={tolerance}*MAX(1,ABS(C{number})),1,0)"
        holds = of(num_format='"holds";;"FAILS"', align="center", font_color=GREEN, valign="top")
        sheet.write_formula(at, _HOLDS, text, holds, 1)
        sheet.write_string(at, _ASK, harmless(check.ask), of(font_color=GREY, text_wrap=True, valign="top"))

    def _sums(self) -> Iterator[Check]:
        wrong = "the workbook is broken; make it anew, and report what you did"
        for name, plan in self._model.plans.items():
            lines = [node for _, node in plan.lines.values() if isinstance(node, Node)]
            net = plan.others.get("net_usd")
            if lines and isinstance(net, Node):
                total = "+".join(f"SUM({self._formulas.range(node, laid.CHECKS)})" for node in lines)
                flow = f"SUM({self._formulas.range(net, laid.CHECKS)})"
                yield Check(f"{name}: lines add up to net cash flow", total, flow, net.total, wrong)
            cost, spent = plan.total_cost or (0.0, 0.0)
            if isinstance(cost, Node):
                ask = f"minecalc workbook {self._file} with the new inputs: minecalc solves total cost, no formula does"
                told = f"{name}: what the build spends is the total cost that debt is sized on"
                now, then = (self._formulas.shown(operand, laid.CHECKS) for operand in (spent, cost))
                yield Check(told, now, then, float(cost.value[0]), ask if cost.op == "constant" else wrong)
            balance = plan.statements.get(STATEMENTS[2], {})
            both = (balance.get(line) for line in ("total_assets_usd", "liabilities_and_equity_usd"))
            ranges = [self._formulas.range(node, laid.CHECKS) for node in both if isinstance(node, Node)]
            if len(ranges) == 2:
                assets, owed = ranges
                same = "assets are liabilities and equity in every month; the gaps, as a share of assets or cash"
                cash = self._formulas.range(net, laid.CHECKS) if isinstance(net, Node) else ""
                moved = f',SUMIF({cash},">0")-SUMIF({cash},"<0")' if cash else ""
                gaps = f"SUMPRODUCT(ABS({assets}-{owed}))/MAX(1,SUM({assets}){moved})"
                yield Check(f"{name}: {same}", gaps, 0.0, 0.0, wrong)
        for label, text in self._hours.disorder():
            told = f"{label}: prices by the hour stand cheapest first in every month; how many do not"
            yield Check(told, text, 0.0, 0.0, f"put the column on the sheet {laid.HOURLY} in order")
        yield from self._of_workings()

    def _of_workings(self) -> Iterator[Check]:
        """Checks that operations bring along."""
        for (node, name), place in self._formulas.working.items():
            if name == "check":
                ask = f"minecalc workbook {self._file} with the new inputs"
                yield Check(f"{self._layout.label(node)}: found", cell(place), 1.0, 1.0, ask)

    def _guard(self, guard: Guard) -> Check:
        paths, some = guard.inputs, guard.inputs[:_INPUTS_SHOWN]
        label = self._layout.label(guard.node)
        what = _called(guard, label, [called(path) for path in some], len(paths) - len(some))
        settings = " ".join(f"--set '{path}=…'" for path in some[:1])
        ask = f"minecalc workbook {self._file} {settings} -o …: other rows may be needed"
        node, outcomes = guard.node, np.asarray(guard.outcome, np.float64).reshape(-1).tolist()
        if node.rows > 1 and guard.by == "value":
            rows = self._formulas.range(node, laid.CHECKS)
            now = f"SUMPRODUCT(ABS({rows}-$G{{row}}:${column(TODAY + node.rows - 1)}{{row}}))"
            return Check(what, now, 0.0, 0.0, ask, outcomes)
        outcome = outcomes[0]
        if guard.by in ("any", "all") and node.rows > 1:
            rows = self._formulas.range(node, laid.CHECKS)
            now = f'IF(COUNTIF({rows},"<>0")=0,0,1)' if guard.by == "any" else f"IF(COUNTIF({rows},0)=0,1,0)"
        else:
            text = self._formulas.shown(node, laid.CHECKS)
            whether = dict.fromkeys(("bool", "any", "all"), f"IF({text}<>0,1,0)")
            now = ({"int": f"INT({text})"} | whether).get(guard.by, text)
        return Check(what, now, outcome, outcome, ask)


def _called(guard: Guard, label: str, labels: list[str], more: int) -> str:
    """What a guard watches: which quantity, made of which inputs, and what was taken from it."""
    taken = {
        "int": "how many rows or steps there are",
        "bool": "whether there is any",
        "any": "whether there is any",
        "all": "whether it is nowhere zero",
    }.get(guard.by, "which rows there are")
    inputs = listed([*labels, f"{more} more"] if more > 0 else labels)
    return f"{label}, made of {inputs}: {taken}" if label and guard.node.args else f"{inputs}: {taken}"
