"""Where everything stands: sheets, sections and rows, each node on the sheet of what it is made of.

What is made of the inputs of one plan stands on that plan's sheet, of its financing or its tax on those sheets; what
several plans share on that of the market. The working rows of returns stand together on a sheet of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from minecalc.figures.labels import capital, figure_label, figure_unit
from minecalc.schema.names import split_path
from minecalc.spreadsheet._cells import FIRST_MONTH, TODAY, VALUE, Cells, Place, Row, Section
from minecalc.spreadsheet._formulas import RATES_ROW, TIMELINE, Formulas
from minecalc.spreadsheet._model import STATEMENTS, Model, owner_of
from minecalc.spreadsheet._nodes import Node, Operand
from minecalc.spreadsheet._words import words
from minecalc.timeline import MONTHS_OF
from minecalc.trace import INPUTS, LEAVES
from minecalc.trace.operations import OPERATIONS
from minecalc.units import unit_of

MARKET, FINANCING, TAX, STATED, RETURNS = "Market", "Financing", "Tax", "Statements", "Returns"
INPUT_SHEET, SERIES, HOURLY, BY_YEAR = "Inputs", "Inputs over time", "Hourly prices", "By year"
SUMMARY, CHECKS = "Summary", "Checks"

#: The sheets in their order, those of plans after that of the market, and what the cover tells of each.
SHEETS: Mapping[str, str] = {
    "Cover": "",
    INPUT_SHEET: "every number that may be changed, with unit, source and date",
    SERIES: "inputs that change over time",
    HOURLY: "prices of each month by the hour, cheapest first, and what so many hours of them cost",
    TIMELINE: "months, their days and hours, and what else the calendar decides",
    MARKET: "prices and network, and what the site costs, which plans share",
    FINANCING: "debt: close, schedules, waterfall, covenants",
    TAX: "tax by calendar year",
    STATED: "income, cash flow and balance sheet",
    RETURNS: "what IRR, payback and the like need to be computed by formulas",
    SUMMARY: "plans side by side, the figures that minecalc computed beside them, and charts",
    BY_YEAR: "statements of each plan, or its lines, by calendar year: to be handed on",
    CHECKS: "what must hold, and which changes need minecalc to be asked again",
    "Sources": "where every default and record comes from",
}
#: What stands on top of those with months across.
TITLES: Mapping[str, str] = {
    TIMELINE: "Timeline",
    MARKET: "Market and site",
    FINANCING: "Financing: debt of each plan",
    TAX: "Tax of each plan",
    STATED: "Statements",
    RETURNS: "Working of returns",
}

#: Parts of an input over time.
_PARTS = ("start", "steps", "points", "csv", "value", "hourly", "duration_curve")

_WITH_CAPITALS = "AI BTC CFADS DSCR EBITDA GPU GPUs IRR LLCR MACRS MIRR MOIC NPV PH PLCR PUE USD"
_CAPITALS = {word.lower(): word for word in _WITH_CAPITALS.split()}

#: Lines of statements that sum others up, and those that are held rather than flow, and so have no total.
_SUMS = frozenset({"ebitda_usd", "operating_income_usd", "income_before_tax_usd", "net_income_usd"})
_SUMS |= {"operating_cash_usd", "investing_cash_usd", "financing_cash_usd", "change_in_cash_usd", "closing_cash_usd"}
_SUMS |= {"total_assets_usd", "total_liabilities_usd", "total_equity_usd", "liabilities_and_equity_usd"}
_HELD: Mapping[str, Literal["first", "last"]] = {"opening_cash_usd": "first", "closing_cash_usd": "last"}

#: Rows above the first section of a sheet with months.
HEADER_ROWS = 5
_TIMELINE_ROWS = 8

_HEADINGS: Mapping[str, str] = {
    "revenue": "Revenue",
    "power": "Power",
    "opex": "Operating cost",
    "prepayment": "Prepayments",
    "coins": "Coins kept and sold",
    "capex": "Capex",
    "sale": "Sales",
    "residual": "Residual value",
    "debt": "Debt",
    "tax": "Tax",
}


class Axes:
    """Along what the rows of nodes run: months, points in time, years or their own numbers."""

    def __init__(self, months: int) -> None:
        self._months, self._known = months, dict[Node, str]()

    def of(self, node: Node) -> str:
        """One of one, month, point, year, stop, list and own."""
        if node not in self._known:
            self._known[node] = ""
            self._known[node] = self._found(node)
        return self._known[node]

    def _found(self, node: Node) -> str:
        if node.rows == 1:
            return "one"
        name = node.called or ""
        if node.op in INPUTS:
            return "list"
        if "_by_year" in name or node.op == "stretches":
            return "year"
        if "_by_stop_" in name:
            return "stop"
        if name in MONTHS_OF:
            return "own"
        outlasts = node.rows > self._months + 1  # a loan's months or points, some after the horizon
        if outlasts and node.op in ("calendar", "constant"):
            return "point" if name == "point" else "month"
        if outlasts and node.op == "rows_at" and isinstance(node.args[1], Node):
            return self.of(node.args[1])
        if node.op in ("rows_at", "concatenate", "lump", "placed", "at_points", "calendar", "constant"):
            return "month" if node.rows == self._months else "point"
        like = [self.of(arg) for arg in node.nodes if arg.rows == node.rows and arg.op != "calendar"]
        like = [axis for axis in like if axis] or [self.of(arg) for arg in node.nodes if arg.rows > 1]
        found = [axis for axis in like if axis not in ("", "list", "one")]
        if found and (outlasts or found[0] not in ("month", "point")):
            return found[0]
        return "month" if node.rows == self._months else "point"

    def column(self, node: Node) -> int:
        """The column of its first row."""
        axis = self.of(node)
        return VALUE if axis == "one" else FIRST_MONTH if axis in ("month", "stop") else TODAY


class Layout:
    """The sections of each sheet, in order, and the place of every node that has cells."""

    def __init__(self, model: Model, cells: Cells, formulas: Formulas, sheets: Mapping[str, str]) -> None:
        self.model, self._cells, self._formulas = model, cells, formulas
        self.sheets = sheets
        self.axes = Axes(model.scenario.months)
        self.sections: dict[str, list[Section]] = {TIMELINE: [], MARKET: []}
        self.sections |= {sheet: [] for sheet in sheets.values()}
        self.sections |= {sheet: [] for sheet in (FINANCING, TAX, STATED, RETURNS)}
        self.columns = FIRST_MONTH + model.scenario.months
        #: By plan, its lines or statements as they are shown by year: headings with their rows.
        self.by_year: dict[str, list[Section]] = {}
        self._done: set[Node] = set()
        self._first_met = _first_met(model)
        self._owners = _owners(cells.order)
        for name in model.plans:
            self._plan(name)
        self._workings()
        self._tell()
        self._number_rows()

    def _sheet_of(self, node: Node) -> str:
        plans = {plan for plan, _ in self._owners[node] if plan}
        blocks = {block for _, block in self._owners[node]}
        if "tax" in blocks:
            return TAX
        if not plans:
            return MARKET
        if "financing" in blocks:
            return FINANCING
        return self.sheets[plans.pop() if len(plans) == 1 else self._first_met[node]]

    def _plan(self, name: str) -> None:
        """The sheet of a plan: its lines by category, quantities and figures; and its statements."""
        plan, sections = self.model.plans[name], self.sections[self.sheets[name]]
        by_category: dict[str, list[Row]] = {}
        for line, (category, node) in plan.lines.items():
            by_category.setdefault(category, []).extend(self._rows(line, node, unit="usd", total=True))
        sections += [Section(_HEADINGS[category], rows) for category, rows in by_category.items() if rows]
        others: list[Row] = []
        for other, node in plan.others.items():
            bare, strong = other.removeprefix("monthly_"), other in ("net_usd", "gross_profit_usd")
            adds = bare.endswith("_usd") or bare != other
            others += self._rows(bare, node, unit=_unit(other), total=adds, strong=strong)
        sections.append(Section("Totals and quantities", others))
        net = [row for row in others if row.node is plan.others.get("net_usd")]
        self.by_year[name] = [*sections, Section("", [replace(row, label="Net cash flow") for row in net])]
        figures: list[Row] = []
        for figure, node in plan.figures.items():
            is_month = figure.startswith("best_stop")
            label = f"{figure.replace('_', ' ')}, month number" if is_month else figure_label(figure)
            figures += self._rows(figure, node, label=capital(label), unit="" if is_month else figure_unit(figure))
        sections.append(Section("Results", figures))
        stated: list[Section] = []
        for title, lines in plan.statements.items():
            stated.append(Section(title))
            for line, node in lines.items():
                held = "last" if title == STATEMENTS[2] else _HELD.get(line, "")
                about = {"total": not held, "held": held, "strong": line in _SUMS}
                stated[-1].rows += self._rows(line, node, unit="usd", **about)
        self.sections[STATED] += [Section(f"{section.title} of {name}", section.rows) for section in stated]
        self.by_year[name] = stated or self.by_year[name]

    def _rows(self, name: str, node: Operand, **about: Any) -> Iterator[Row]:
        """The row of what has a name: its own if it has none yet, else one that shows it; none of a plain number."""
        if isinstance(node, Node):
            if node in self._done or node.op in INPUTS:
                node = Node("shown", (node,), node.value, node.called)
            self._done.add(node)
            yield Row(node, **{"label": capital(_words(name)), **about})

    def _workings(self) -> None:
        """All that has no row yet, by plan, in the order of computing."""
        found: dict[tuple[str, str], list[Row]] = {}
        for node in self._cells.order:
            if node in self._cells.placed and node not in self._done and node.op not in INPUTS:
                self._done.add(node)
                if is_solved(node):
                    sheet, title = FINANCING, f"Solved by minecalc: {self._first_met[node]}"
                elif node.op in LEAVES or node.op == "calendar":
                    sheet, title = TIMELINE, "From the calendar"
                else:
                    sheet = self._sheet_of(node)
                    title = self._heading(node, sheet)
                row = Row(node, label=self.label(node), unit=_unit(node.called or ""))
                found.setdefault((sheet, title), []).append(row)
            self._working_rows(node)
        for (sheet, title), rows in found.items():
            self.sections[sheet].append(Section(title, rows))

    def _tell(self) -> None:
        """Say of every row how it is made; a step without a name is called by what it is for, and several are numbered.

        So are rows of one name in one section, such as the tax of several corners.
        """
        whom, guarded = self._for_whom(), {guard.node for guard in self.model.guards}
        for section in (section for sections in self.sections.values() for section in sections):
            met: dict[tuple[str, str], int] = {}
            for row in (row for row in section.rows if not row.working):
                row.how = words(row.node, self._called)
                row.step = not row.label and row.node in whom
                other = "Watched by a check" if row.node in guarded else "Of the calendar"
                label = f"{whom[row.node]}: step" if row.step else row.label or other
                number = met[label, row.unit] = met.get((label, row.unit), 0) + 1
                row.label = f"{label} {number}" if row.step else f"{label} ({number})" if number > 1 else label

    def _for_whom(self) -> dict[Node, str]:
        """What a reader calls the first quantity with a name that each step is used for."""
        found: dict[Node, str] = {}
        for node in reversed(self._cells.order):
            name = capital(_words(node.called)) if node.called else found.get(node, "")
            for arg in node.nodes:
                if name:
                    found.setdefault(arg, name)
        return found

    def _called(self, node: Node) -> str:
        if node.op in INPUTS:
            parts = split_path(node.called or "")
            return _of_line(parts[-2] if parts[-1] in _PARTS and len(parts) > 1 else parts[-1])
        return _of_line(node.called) if node.called else ""

    def _heading(self, node: Node, sheet: str) -> str:
        plan = self._first_met[node]
        axis = {"year": ", by calendar year", "own": ", by its own months"}.get(self.axes.of(node), "")
        if sheet in (FINANCING, TAX, STATED):
            return f"Working of {plan}{axis}"
        if sheet == MARKET:
            return f"Market and site{axis}"
        uses = sorted({use for owner, use in self._owners[node] if owner == plan and use})
        return f"Working{': ' + uses[0] if len(uses) == 1 else ''}{axis}"

    @staticmethod
    def label(node: Node) -> str:
        """What a row of a node is called; "" of a step without a name."""
        return capital(_words(node.called)) if node.called else ""

    def _working_rows(self, node: Node) -> None:
        working = OPERATIONS[node.op].working if node.op in OPERATIONS else ()
        if working:
            of = f"{_words(node.called or node.op)} of {self._first_met[node]}"
            rows = [Row(node, name, label=capital(name.split("[")[0].replace("_", " "))) for name, _ in working]
            self.sections[RETURNS].append(Section(capital(of), rows))

    def _number_rows(self) -> None:
        """Give every row its number, and every node its place."""
        for sheet, sections in self.sections.items():
            sections[:] = [section for section in sections if section.rows]
            at = {TIMELINE: _TIMELINE_ROWS, RETURNS: RATES_ROW + 2}.get(sheet, HEADER_ROWS)
            for section in sections:
                at += 1
                for row in section.rows:
                    self._put(row, sheet, at)
                    at += 1
                at += 1

    def _put(self, row: Row, sheet: str, at: int) -> None:
        node = row.node
        if row.working:
            column = VALUE if "[" not in row.working else TODAY
            if row.working.endswith("[]"):
                column = self.axes.column(node.args[0])
            self._formulas.working[node, row.working] = Place(sheet, at, column)
            return
        column = self.axes.column(node)
        self._formulas.places[node] = Place(sheet, at, column)
        if column != VALUE:
            self.columns = max(self.columns, column + node.rows)


def is_solved(node: Node) -> bool:
    """Whether it is a number that minecalc solves, which no formula does."""
    return node.op == "constant" and (node.called or "").startswith("solved_")


def _first_met(model: Model) -> dict[Node, str]:
    """The plan for which each node is met first; of what is watched for none, the first."""
    found: dict[Node, str] = {}
    tops = [(plan, operand) for plan, of in model.plans.items() for operand in of.operands()]
    tops += [(next(iter(model.plans)), guard.node) for guard in model.guards]
    for plan, top in tops:
        waiting = [top] if isinstance(top, Node) else []
        while waiting:
            node = waiting.pop()
            if node not in found:
                found[node] = plan
                waiting += node.nodes
    return found


def _owners(order: Sequence[Node]) -> dict[Node, set[tuple[str, str]]]:
    """Whose inputs each node is made of; one that reads a recurrence stands before what that is made of."""
    found = {node: {owner_of(node.called or "")} if node.op in INPUTS else set() for node in order}
    for _ in range(3):
        for node in order:
            found[node].update(*(found[arg] for arg in node.nodes))
    return found


def _words(name: str) -> str:
    """A name of the trace as a reader sees it: without its unit, of an input its last parts."""
    *owner, last = split_path(name) if "." in name else [name]
    words = _of_line(last)
    return f"{words} ({'.'.join(owner)})" if owner and owner[0] != "plans" else words


def _of_line(name: str) -> str:
    bare = name.removesuffix(unit_of(name) or "").rstrip("_") or name
    return " ".join(_CAPITALS.get(part, part) for part in bare.split("_"))


def _unit(name: str) -> str:
    bare = name.removeprefix("monthly_")
    return unit_of(bare) or ("btc" if bare == "btc_mined" else "")
