"""How a node is written as a formula: one text for all of its cells, of which only the columns move.

A formula is put together from texts and from ``Moving`` references, whose column goes along with the cell. Operations
are spelled by the ``cell`` of ``minecalc.trace.operations``; only what reads other rows of its operands as they lie on
the sheet (a total by points in time, rows joined) is written here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from minecalc.spreadsheet._cells import FIRST_MONTH, TODAY, TOKEN, Place, is_product, passes_on
from minecalc.spreadsheet._nodes import Node, Operand
from minecalc.trace.operations import ATOM, LOOSE, OPERATIONS, PRODUCT, SUM

_COMPARES = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
_LOGICAL = _COMPARES | {"bitwise_and", "bitwise_or", "invert"}

#: Numbers that stand in formulas as they are.
PLAIN_NUMBERS = frozenset({0.0, 1.0, 12.0, 24.0, 1000.0})


class Moving(NamedTuple):
    """A cell in row ``row`` (from 1, as text) of ``sheet`` (with its !), ``shift`` columns from where the formula is.

    ``before``: it is the cell before, which is blank before the first.
    """

    sheet: str
    row: str
    shift: int
    before: bool = False


class Text(NamedTuple):
    """A formula or part of one, how tightly it binds, and whether it is true or false rather than a number."""

    pieces: tuple[str | Moving, ...]
    binds: int = ATOM
    logical: bool = False


@cache
def column(number: int) -> str:
    """The letters of a column, counted from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def quoted(sheet: str) -> str:
    """A sheet as formulas name it, with the exclamation mark."""
    return "'" + sheet.replace("'", "''") + "'!" if re.search(r"\W|^\d", sheet) else f"{sheet}!"


class Names:
    """The named numbers of a workbook: constants as formulas need them."""

    def __init__(self, calendar: Mapping[float, str]) -> None:
        self._calendar = calendar
        self.used: dict[str, float] = {}

    def number(self, value: float) -> tuple[str, int]:
        """A plain number in a formula: itself, or a name that stands for it."""
        if np.isnan(value):
            return '"none"', ATOM
        if value in PLAIN_NUMBERS:
            return f"{value:.0f}", ATOM
        if value < 0:
            return f"-{self.number(-value)[0]}", PRODUCT
        if np.isinf(value):
            return self.constant("infinite", 1e300), ATOM
        if value in self._calendar:
            text = self._calendar[value]
            return text, SUM if re.search(r"\w[+-]", text) else ATOM
        return self.constant("number_" + re.sub(r"\W", "_", f"{value:.15g}".replace("e-", "e_minus_")), value), ATOM

    def constant(self, name: str, value: float) -> str:
        """The name of a constant."""
        self.used[name] = value
        return name


class Formulas:
    """Writes the formulas of placed nodes. ``places`` grows as sheets are laid out, before the first is written."""

    def __init__(self, names: Names, inputs: Mapping[Node, str]) -> None:
        self.names, self.inputs = names, inputs
        self.places: dict[Node, Place] = {}
        self.working: dict[tuple[Node, str], Place] = {}
        self.figures: set[Node] = set()
        #: By prices by the hour, their tables by the name that templates have for them.
        self.hours: Mapping[Node, Mapping[str, str]] = {}

    def of(self, node: Node, place: Place) -> Text:
        """The formula of a placed node."""
        return _Cell(self, place).formula(node)

    def of_working(self, node: Node, name: str, place: Place) -> Text:
        """The formula of a working row or cell of a placed node."""
        template = dict(OPERATIONS[node.op].working)[name]
        return _Cell(self, place).template(node, template)

    def shown(self, operand: Operand, sheet: str) -> str:
        """An operand as it is seen from a cell of a sheet that is nowhere near it, such as one of a check."""
        return "".join(map(str, _Cell(self, Place(sheet, 0, 0)).number(operand).pieces))

    def range(self, operand: Node, sheet: str) -> str:
        """All the rows of an operand as a range."""
        return _range(*self._range(operand), sheet)

    def _range(self, node: Node) -> tuple[Place, int]:
        first, rows = 0, node.rows
        while node.op == "rows" and node not in self.places:
            first += node.rest[0]
            node = node.args[0]
        place = self.places[node]
        return place._replace(column=place.column + first), rows


def cell(place: Place, sheet: str = "") -> str:
    """One cell as formulas of ``sheet`` name it."""
    where = "" if place.sheet == sheet else quoted(place.sheet)
    return f"{where}${column(place.column)}${place.row + 1}"


def span(place: Place, rows: int, sheet: str = "") -> str:
    """So many cells from ``place`` on as a range, be it of one."""
    return f"{cell(place, sheet)}:${column(place.column + rows - 1)}${place.row + 1}"


def _range(place: Place, rows: int, sheet: str) -> str:
    return cell(place, sheet) if rows == 1 else span(place, rows, sheet)


class _Cell:
    """One formula, whose first cell is at ``place``."""

    def __init__(self, formulas: Formulas, place: Place) -> None:
        self._all, self._place = formulas, place

    def formula(self, node: Node) -> Text:
        if node.op in ("state", "shown"):
            return self.number(node.args[0])
        if passes_on(node) and node.op != "month_before":
            return self._passed_on(node)
        return _as_number(self._made(node))

    def number(self, operand: Operand) -> Text:
        """An operand as a number."""
        return _as_number(self.operand(operand))

    def operand(self, operand: Operand, shift: int = 0) -> Text:
        """An operand in the row of the formula, or so many rows from there."""
        if not isinstance(operand, Node):
            text, binds = self._all.names.number(operand)
            return Text((text,), binds)
        if operand in self._all.inputs:
            return Text((self._all.inputs[operand],))
        if operand in self._all.places:
            return self._at(self._all.places[operand], operand.rows, shift)
        if passes_on(operand):
            return self._passed_on(operand, shift)
        assert not shift, operand.op
        return self._made(operand)

    def _passed_on(self, node: Node, shift: int = 0) -> Text:
        of = node.args[0]
        if node.op == "spread":
            return self.operand(of)
        if node.op == "month_before":
            return self.operand(of, shift - 1)
        base = self._all._range(of)[0]
        return self._at(base._replace(column=base.column + node.rest[0]), node.rows, shift)

    def _at(self, place: Place, rows: int, shift: int = 0) -> Text:
        if rows == 1:
            return Text((cell(place, self._place.sheet),))
        where = "" if place.sheet == self._place.sheet else quoted(place.sheet)
        return Text((Moving(where, str(place.row + 1), place.column + shift - self._place.column, shift < 0),))

    def _made(self, node: Node) -> Text:
        match node.op:
            case "truth":
                return _as_number(self.operand(node.args[0]))
            case "at_points":
                return self._at_points(node)
            case "concatenate":
                return self._joined(node)
            case "accumulate" if is_product(node.args[0]):
                inside = ",".join(self._all.range(arg, self._place.sheet) for arg in node.args[0].nodes)
                return Text((f"SUMPRODUCT({inside})",))
            case "month_before" if passes_on(node):
                return self.operand(node.args[0], -1)
        operation = OPERATIONS[node.op]
        text = self.template(node, operation.cell)
        if operation.reads == "row" and node.op != "where" and node in self._all.figures:
            there: list[str | Moving] = []
            for arg in (arg for arg in node.nodes if arg.optional):
                there += [",ISNUMBER(" if there else "ISNUMBER(", *self.number(arg).pieces, ")"]
            if there:
                test = ["AND(", *there, ")"] if ",ISNUMBER(" in there else there
                return Text(("IF(", *test, ",", *text.pieces, ',"none")'))
        return text

    def template(self, node: Node, template: str) -> Text:
        """A template of an operation, with what its tokens stand for."""
        operation = OPERATIONS[node.op]
        call = _is_call(template)
        infix = not call and operation.reads == "row" and re.fullmatch(r"\{0\}\W+\{1\}|-\{0\}", template) is not None
        pieces: list[str | Moving] = []
        at = 0
        for token in TOKEN.finditer(template):
            pieces.append(template[at : token.start()])
            at = token.end()
            if infix:
                place = int(token[1])
                least = ATOM if template.startswith("-") else operation.least_of(place)
                pieces += _inside(self._token(node, place, node.args[place]), least)
            else:
                found = self._of_token(node, token[1], token[2] or "")
                around = template[token.start() - 1 : token.start()], template[at : at + 1]
                bare = token[0] == template or (around[0] in ("(", ",") and around[1] in (")", ","))
                pieces += _never_blank(found).pieces if bare else _inside(found, ATOM)
        pieces.append(template[at:])
        logical = node.op in _LOGICAL and template == operation.cell
        binds = ATOM if call else operation.binds if infix else LOOSE
        return Text(tuple(piece for piece in pieces if piece != ""), binds, logical)

    def _token(self, node: Node, place: int, arg: Any) -> Text:
        text = self.operand(arg)
        keeps = node.op in _LOGICAL and node.op not in _COMPARES
        return text if keeps or (node.op == "where" and place == 0) else _as_number(text)

    def _of_token(self, node: Node, name: str, part: str) -> Text:
        sheet = self._place.sheet
        if name.endswith("+"):
            return self._sum([self._token(node, 1, arg) for arg in node.args[int(name[:-1]) :]])
        if name.isdigit():
            arg = node.args[int(name)]
            if not part:
                return self._token(node, int(name), arg)
            return self._part(arg, part)
        if name in ("rows", "row", "rates", "rate", "negligible", "infinite"):
            return self._known(node, name)
        if name == "self":
            return Text((Moving("", str(self._place.row + 1), -1),))
        if name == "month":
            return self.number(node.args[-1])
        if name in HOUR_TABLES:
            return Text((self._all.hours[node.args[-2]][name],))
        working = next(full for full, _ in OPERATIONS[node.op].working if re.sub(r"\[.*", "", full) == name)
        place = self._all.working[node, working]
        rows = node.args[0].rows if working.endswith("[]") else RATES if "[" in working else 1
        if part == "all":
            return Text((_range(place, rows, sheet),))
        return self._at(place, rows, -1 if part == "before" else 0)

    def _part(self, arg: Operand, part: str) -> Text:
        """All rows of an operand, the row before, or the numbers of its rows."""
        if not isinstance(arg, Node):
            return self.operand(arg)
        if part == "all":
            if arg in self._all.inputs:
                return self.operand(arg)
            return Text((self._all.range(arg, self._place.sheet),))
        if part == "before":
            return self.operand(arg, -1)
        place, rows = self._all._range(arg)
        return Text((_range(numbers_of(place), rows, self._place.sheet),))

    def _known(self, node: Node, name: str) -> Text:
        if name == "rows":
            return Text((f"COLUMNS({self._part(node.args[0], 'all').pieces[0]})",))
        if name == "row":
            return Text((number_of(self._place),))
        if name == "rates":
            return Text((span(RATES_AT, RATES, self._place.sheet),))
        if name == "rate":
            return self._at(RATES_AT, RATES)
        return Text((self._all.names.constant(*CONSTANTS[name]),))

    def _sum(self, texts: Sequence[Text]) -> Text:
        pieces: list[str | Moving] = []
        for text in texts:
            inside = _inside(text, SUM)
            if pieces:
                minus = inside and isinstance(inside[0], str) and inside[0].startswith("-")
                pieces += () if minus else ("+",)
            pieces += inside
        return Text(tuple(pieces), SUM)

    def _at_points(self, node: Node) -> Text:
        """Lines due at a month's end and, of the month after it, at its start."""
        texts = []
        for part, early in zip(node.nodes, node.rest, strict=True):
            if part.rows == 1:  # a scenario of a single month, whose lines are single numbers
                row = self._known(node, "row").pieces
                texts.append(Text(("IF(", *row, "=1," if early else "-1=1,", *self.number(part).pieces, ",0)")))
                continue
            place, _ = self._all._range(part)
            texts.append(self._at(place._replace(column=place.column - FIRST_MONTH + TODAY + early), 2))
        return self._sum(texts)

    def _joined(self, node: Node) -> Text:
        """The rows of one operand and, from where it ends, those of the next."""
        sheet, row = self._place.sheet, self._known(node, "row")
        first, later = node.args
        rows = node.rows - later.rows if isinstance(later, Node) else first.rows if isinstance(first, Node) else 1
        limit, _ = self._all.names.number(float(rows))
        if isinstance(later, Node) and later.rows > 1:
            place = self._all.places.get(later)
            if place is not None and place.column - rows == self._place.column:
                after = self._at(place, later.rows, -rows).pieces
            else:
                after = (f"INDEX({self._all.range(later, sheet)},1,MAX(1,", *row.pieces, f"-{limit}))")
        else:
            after = self.number(later).pieces
        before = self.number(first).pieces
        return Text(("IF(", *row.pieces, f"<={limit},", *before, ",", *after, ")"))


def _is_call(text: str) -> bool:
    """Whether a text is one call of a function, and nothing around it."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == ")" and not depth:
            return re.match(r"[A-Z]+\(", text) is not None and at == len(text) - 1
    return False


def _as_number(text: Text) -> Text:
    return Text(("IF(", *text.pieces, ",1,0)")) if text.logical else text


def _inside(text: Text, least: int) -> tuple[str | Moving, ...]:
    return text.pieces if text.binds >= least else ("(", *text.pieces, ")")


def _never_blank(text: Text) -> Text:
    """A cell before a row, which is blank, as a number: functions of several numbers leave blank cells out."""
    only = text.pieces[0] if len(text.pieces) == 1 else None
    return Text((only, "+0"), SUM) if isinstance(only, Moving) and only.before else text


#: Where the numbers of months and of points in time stand, and the grid of rates.
TIMELINE = "Timeline"
DATES_ROW, POSITION_ROW, POINT_ROW, RATES_ROW = 4, 5, 6, 5
RATES = 61
RATES_AT = Place("Returns", RATES_ROW, TODAY)

#: Tables of prices by the hour that templates name.
HOUR_TABLES = ("prices", "hours", "mean", "hours_until", "paid_until")

#: Numbers that templates name.
CONSTANTS: Mapping[str, tuple[str, float]] = {"negligible": ("negligible", 1e-12), "infinite": ("infinite", 1e300)}


def numbers_of(place: Place) -> Place:
    """Where the numbers from 1 of the rows of what stands at ``place`` are."""
    return Place(TIMELINE, POINT_ROW if place.column == FIRST_MONTH else POSITION_ROW, place.column)


def number_of(place: Place) -> Moving:
    """The number from 1 of each row of what stands at ``place``, as seen from there."""
    numbers = numbers_of(place)
    return Moving("" if numbers.sheet == place.sheet else quoted(numbers.sheet), str(numbers.row + 1), 0)


def cell_texts(text: Text, first: int, rows: int) -> list[str]:
    """The formula in each of so many cells from the column ``first`` on."""
    if not any(isinstance(piece, Moving) for piece in text.pieces):
        return ["=" + "".join(map(str, text.pieces))] * rows
    found = []
    for at in range(first, first + rows):
        parts = (p if isinstance(p, str) else f"{p.sheet}{column(at + p.shift)}{p.row}" for p in text.pieces)
        found.append("=" + "".join(parts))
    return found
