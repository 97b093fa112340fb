"""How cells look: number formats by unit, and colours by the kind of what they hold."""

from __future__ import annotations

from typing import Any

#: What an input is, and what its cell is filled with.
KINDS = {
    "typed": "#FFF2CC",
    "default": "#E2EFDA",
    "record": "#DDEBF7",
    "solved": "#FCE4D6",
    "fixed": "#EDEDED",
}
HEADING, LINE, RED, GREEN = "#1F3864", "#BFBFBF", "#C00000", "#375623"

_MONEY = '#,##0;[Red]-#,##0;"-"'
_FORMATS = {
    "usd": _MONEY,
    "usd_per_year": _MONEY,
    "usd_per_month": _MONEY,
    "count": "#,##0.####",
    "months": "#,##0.##",
    "btc": "#,##0.0000",
    "mwh": "#,##0",
    "date": "yyyy-mm",
}
_LARGE = 10_000.0
_PRICE, _RATIO, _SHARE = "#,##0.00####", "0.00##", "0.00%"


def number_format(unit: str) -> str:
    """The number format of a unit."""
    if unit.startswith("fraction"):
        return _SHARE
    if unit in _FORMATS:
        return _FORMATS[unit]
    return _RATIO if unit == "ratio" else _PRICE if unit else "#,##0.######"


def page(sheet: Any) -> None:
    """A sheet as it is printed: on its side, as wide as a page."""
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P of &N")


def across(sheet: Any, months: int) -> None:
    """A sheet with months across as it is printed: three years a page, each with the names of its lines."""
    page(sheet)
    sheet.set_paper(8)
    sheet.repeat_columns(0, 3)
    sheet.fit_to_pages(max(1, -(-months // 36)), 0)


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

    def number(self, unit: str, **about: Any) -> Any:
        """That of a number of a unit."""
        return self.of(num_format=number_format(unit), **about)
