"""How cells look: number formats by unit, and colours by the kind of what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from minecalc.spreadsheet._formulas import column

Look = dict[str, Any]

#: What an input is, and what its cell is filled with.
KINDS = {
    "typed": "#FFF2CC",
    "default": "#E2EFDA",
    "record": "#DDEBF7",
    "solved": "#FCE4D6",
    "fixed": "#EDEDED",
}
HEADING, GREY, GREEN, BLUE = "#1F3864", "#7F7F7F", "#375623", "#0000FF"
_WHITE, _RED, _LINE = "#FFFFFF", "#C00000", "#BFBFBF"
#: Looks that recur: of heads of columns, of a heading over rows, the same ruled off from them, a frame, and a link.
HEAD: Look = {"bold": True, "font_color": _WHITE, "bg_color": HEADING}
RIGHT: Look = {**HEAD, "align": "right"}
OVER: Look = {"bold": True, "font_color": HEADING}
RULED: Look = {**OVER, "bottom": 1, "bottom_color": _LINE}
FRAMED: Look = {"border": 1, "border_color": _LINE}
LINK: Look = {"font_color": "#0563C1", "underline": 1}

#: What the workbook says as long as it does.
ALL_HOLD = "All checks hold"

_MONEY = '#,##0;[Red]-#,##0;"-"'
#: Money this small is rounding; a rule shows it as nothing.
_DUST_USD = 0.005
_FORMATS = {
    "usd": _MONEY,
    "usd_per_year": _MONEY,
    "usd_per_month": _MONEY,
    "btc": "#,##0.0000",
    "mwh": "#,##0",
    "date": "yyyy-mm",
}
_LARGE = 10_000.0
_PRICE, _SHARE = "#,##0.00####", "0.00%"
#: What is computed in these units is often whole; other numbers have decimals by their size, largest first.
_COUNTED = frozenset({"", "count", "months", "hours", "difficulty", "gpus"})
_BY_SIZE = ((1e4, "#,##0"), (10.0, "#,##0.00"), (0.01, "0.0000"), (0.0, "0.00000000"))

#: Words of units that are not written as they are in names.
_UNIT_WORDS = {
    "usd": "USD", "btc": "BTC", "mwh": "MWh", "mw": "MW", "kw": "kW", "kwh": "kWh", "w": "W", "j": "J", "gpu": "GPU",
    "th": "TH", "ph": "PH", "eh": "EH", "fraction": "%", "ratio": "x", "count": "number", "hour": "hour",
}  # fmt: skip


def unit_words(unit: str) -> str:
    """A unit as a reader writes it, for numbers as ``number_format`` shows them: ``usd_per_mwh`` is USD per MWh."""
    words = " ".join(_UNIT_WORDS.get(word, word) for word in unit.split("_"))
    return words.replace("% per year", "% a year")


def number_format(unit: str, values: Any = None) -> str:
    """The number format of a unit: of an input as it was typed, of what is computed by the size of ``values``.

    No format has decimals that may all be left out, for then spreadsheets show the point alone.
    """
    if unit.startswith("fraction"):
        return _SHARE
    if unit in _FORMATS:
        return _FORMATS[unit]
    if values is None:
        return _PRICE if unit.startswith("usd") else "General"
    if unit == "ratio":
        return "0.00"
    known = values[values == values]
    if unit in _COUNTED and (known == known.round()).all():
        return "#,##0"
    if unit == "months":
        return "#,##0.0"
    largest = abs(known).max(initial=0.0)
    return next(look for least, look in _BY_SIZE if largest >= least)


def across(sheet: Any, months: int) -> None:
    """A sheet with months across as it is printed: two years a page, each with the names of its lines."""
    sheet.set_paper(8)
    sheet.repeat_columns(0, 3)
    sheet.fit_to_pages(max(1, -(-months // 24)), 0)


def size_unit(values: Any) -> str:
    """What numbers without a unit are shown as: large ones as money is, the others with their decimals."""
    return "usd" if abs(values[values == values]).max(initial=0.0) >= _LARGE else ""


class Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book, self._known = book, dict[tuple[tuple[str, Any], ...], Any]()

    def of(self, **about: Any) -> Any:
        """A format with these properties."""
        key = tuple(sorted(about.items()))
        if key not in self._known:
            self._known[key] = self._book.add_format({"font_name": "Calibri", "font_size": 10, **about})
        return self._known[key]

    def number(self, unit: str, values: Any = None, **about: Any) -> Any:
        """That of a number of a unit, of a computed one by the size of ``values``."""
        return self.of(num_format=number_format(unit, values), **about)

    def begin(self, sheet: Any, widths: Sequence[float] = (), title: str = "", told: str = "") -> None:
        """A sheet with columns of these widths, printed on its side, as wide as a page; what stands on top of it."""
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&RPage &P of &N")
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width, self.of())
        if title:
            sheet.write_string(0, 0, title, self.of(**OVER, font_size=14))
        if told:
            sheet.write_string(1, 0, told, self.of(italic=True))

    def ruled(self, sheet: Any, row: int, title: str, last: int = 0) -> None:
        """A heading over rows, ruled off from them as far as the column ``last``."""
        sheet.write_string(row, 0, title, self.of(**RULED))
        for at in range(1, last + 1):
            sheet.write_blank(row, at, None, self.of(**RULED))

    def status(self, sheet: Any, row: int, at: int, formula: str, **about: Any) -> None:
        """A cell that says whether all checks hold, red if not."""
        sheet.write_formula(row, at, formula, self.of(bold=True, font_color=GREEN, **about), ALL_HOLD)
        wrong = {"type": "cell", "criteria": "!=", "value": f'"{ALL_HOLD}"', "format": self.wrong(**about)}
        sheet.conditional_format(row, at, row, at, wrong)

    def wrong(self, **about: Any) -> Any:
        """The format of what is wrong."""
        return self.of(bold=True, font_color=_WHITE, bg_color=_RED, **about)

    def hide_dust(self, sheet: Any, rows: Sequence[int], first: int, last: int) -> None:
        """Show money that is only rounding, in these rows from the column ``first`` to ``last``, as nothing."""
        if not rows:
            return
        letters = (column(first), column(last))
        parts = [f"{letters[0]}{begin + 1}:{letters[1]}{end + 1}" for begin, end in _stretches(rows)]
        none = self._book.add_format({"num_format": '"-"', "font_color": "#000000"})
        rule = {"type": "cell", "criteria": "between", "minimum": -_DUST_USD, "maximum": _DUST_USD, "format": none}
        sheet.conditional_format(parts[0], {**rule, "multi_range": " ".join(parts)})


def _stretches(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and last of each stretch of rows without a gap."""
    for _, stretch in groupby(enumerate(sorted(rows)), lambda pair: pair[1] - pair[0]):
        numbers = [row for _, row in stretch]
        yield numbers[0], numbers[-1]
