"""The sheet of prices by the hour: each month's, cheapest first, running down, with their sums down to each beside.

A file of prices has blocks of columns side by side, a column a month of the file in each: the prices; how many hours
each is of, unless all are of one; hours so far; and price × hours so far. The last two have a row of nothing above the
first price, so that what the k cheapest prices come to stands in row k + 1 of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from minecalc.arrays import FloatArray, running_total
from minecalc.spreadsheet._formulas import column, quoted
from minecalc.spreadsheet._inputs import Field, called
from minecalc.spreadsheet._layout import HOURLY
from minecalc.spreadsheet._looks import BLUE, GREY, HEAD, KINDS, OVER, RIGHT, Formats
from minecalc.spreadsheet._nodes import Node, total
from minecalc.units import HOURS_PER_DAY, MONTHS_PER_YEAR
from minecalc.visible import harmless

#: Rows from 0: what a block is of, its title, its months, their numbers, hours and mean; then that of nothing.
_INPUT, _TITLE, _MONTHS, _NUMBER, _HOURS, _MEAN, _NOTHING = range(3, 10)
_FIRST = _NOTHING + 1

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class _Block(NamedTuple):
    """What stands under one input: its field, each month's prices and their hours, and the first column of each part.

    ``each`` is 0 where every price is of one hour.
    """

    field: Field
    months: list[str]
    prices: list[FloatArray]
    hours: list[FloatArray]
    first: int
    each: int
    until: int
    paid: int

    @property
    def last_row(self) -> int:
        return _FIRST + max(map(len, self.prices)) - 1

    def range(self, at: int, first: int, last: int) -> str:
        """These rows of the part that begins in the column ``at``."""
        return f"{quoted(HOURLY)}${column(at)}${first + 1}:${column(at + len(self.months) - 1)}${last + 1}"

    @property
    def tables(self) -> Mapping[str, str]:
        """The ranges of its parts by the names that templates of operations have for them."""
        return {
            "prices": self.range(self.first, _FIRST, self.last_row + 1),
            "hours": self.range(self.first, _HOURS, _HOURS),
            "mean": self.range(self.first, _MEAN, _MEAN),
            "hours_until": self.range(self.until, _NOTHING, self.last_row),
            "paid_until": self.range(self.paid, _NOTHING, self.last_row),
        }


class HourSheet:
    """Writes the prices; where they stand is known before anything is written."""

    def __init__(
        self, fields: Sequence[Field], hours: Mapping[Node, tuple[FloatArray, tuple[int, ...]]], formats: Formats
    ) -> None:
        self._formats, self.formulas_count = formats, 0
        self._blocks: list[_Block] = []
        at = 1
        for field in fields:
            block = _block(field, *hours[field.node], at)
            self._blocks.append(block)
            at = block.paid + len(block.months) + 1
        self._columns = at - 1

    @property
    def tables(self) -> Mapping[Node, Mapping[str, str]]:
        """Those of each input's prices."""
        return {block.field.node: block.tables for block in self._blocks}

    def disorder(self) -> Iterator[tuple[str, str]]:
        """By what each input is called, how many prices are above the next in their month."""
        for block in self._blocks:
            here, below = (block.range(block.first, _FIRST + down, block.last_row + down) for down in (0, 1))
            yield called(block.field.path), f'SUMPRODUCT(({here}>{below})*({below}<>""))'

    def write(self, sheet: Any) -> None:
        """Everything."""
        of = self._formats.of
        told = (
            "Each month's prices, cheapest first, and sums down to each. Coloured prices may be changed; each column "
            "must stay in order, which a check holds. Rows of plans say which column each month has."
        )
        self._formats.begin(sheet, (24,), "Hourly prices", told)
        sheet.fit_to_pages(max(1, self._columns // 26), 0)
        sheet.repeat_columns(0)
        sheet.repeat_rows(_INPUT, _MEAN)
        sheet.set_column(1, self._columns, 9, of())
        heads = ("Month of the file", "Number of the column", "Hours of the month", "Mean price")
        sheet.write_column(_MONTHS, 0, heads, of(**HEAD))
        sheet.write_string(_NOTHING, 0, "None of its prices", of(font_color=GREY))
        for number in range(max(block.last_row for block in self._blocks) - _FIRST + 1):
            sheet.write_number(_FIRST + number, 0, number + 1, of(num_format='"price "0', align="left"))
        sheet.freeze_panes(_FIRST, 1)
        for block in self._blocks:
            self._write(sheet, block)

    def _write(self, sheet: Any, block: _Block) -> None:
        of = self._formats.of
        sheet.write_string(_INPUT, block.first, harmless(called(block.field.path)), of(**OVER))
        sheet.write_string(_INPUT, block.until, block.field.source, of(font_color=GREY))
        titles = {
            block.first: "Price, USD per kWh",
            block.each: "Hours of each price",
            block.until: "Hours of this price and all cheaper ones",
            block.paid: "Price × hours of this and all cheaper ones, USD per kW",
        }
        for at, text in titles.items():
            if at:
                sheet.write_string(_TITLE, at, text, of(bold=True))
                for number, month in enumerate(block.months):
                    sheet.write_string(_MONTHS, at + number, month, of(**RIGHT))
                    for row in (_NUMBER, _HOURS, _MEAN):
                        sheet.write_blank(row, at + number, None, of(**RIGHT))
        for number in range(len(block.months)):
            self._month(sheet, block, number)

    def _month(self, sheet: Any, block: _Block, number: int) -> None:
        of, prices, hours = self._formats.of, block.prices[number], block.hours[number]
        price, each, until, paid = (column(at + number) for at in (block.first, block.each, block.until, block.paid))
        first, last = _FIRST + 1, _FIRST + len(prices)
        whole, money = of(**RIGHT, num_format="0"), of(num_format="0.0000")
        sheet.write_number(_NUMBER, block.first + number, number + 1, whole)
        count, mean = f"=COUNT({price}{first}:{price}{last})", f"=SUM({price}{first}:{price}{last})/{price}{_HOURS + 1}"
        if block.each:
            count = f"=SUM({each}{first}:{each}{last})"
            both = f"{price}{first}:{price}{last},{each}{first}:{each}{last}"
            mean = f"=SUMPRODUCT({both})/{price}{_HOURS + 1}"
        sheet.write_formula(_HOURS, block.first + number, count, whole, total(hours))
        mean_price = total(prices * hours) / total(hours)
        sheet.write_formula(_MEAN, block.first + number, mean, of(**RIGHT, num_format="0.0000"), mean_price)
        look = of(num_format="0.00000", bg_color=KINDS[block.field.kind], font_color=BLUE)
        sheet.write_column(_FIRST, block.first + number, prices.tolist(), look)
        if block.each:
            sheet.write_column(
                _FIRST, block.each + number, hours.tolist(), of(num_format="0.0", bg_color=KINDS["fixed"])
            )
        sheet.write_number(_NOTHING, block.until + number, 0, of(num_format="0.0"))
        sheet.write_number(_NOTHING, block.paid + number, 0, money)
        so_far, spent = (running_total(part[:, None])[:, 0].tolist() for part in (hours, prices * hours))
        for row in range(len(prices)):
            here, above = _FIRST + row + 1, _FIRST + row
            of_one = f"{each}{here}" if block.each else "1"
            times = f"*{of_one}" if block.each else ""
            hours_until, paid_until = f"={until}{above}+{of_one}", f"={paid}{above}+{price}{here}{times}"
            sheet.write_formula(above, block.until + number, hours_until, of(num_format="0.0"), so_far[row])
            sheet.write_formula(above, block.paid + number, paid_until, money, spent[row])
        self.formulas_count += 2 * len(prices) + 2


def _block(field: Field, hours: FloatArray, ends: tuple[int, ...], at: int) -> _Block:
    parts = [slice(begin, end) for begin, end in pairwise(ends)]
    every_of_one = bool((hours == 1.0).all())
    wide = len(parts) + 1
    each = 0 if every_of_one else at + wide
    until = at + wide * (1 if every_of_one else 2)
    prices, sizes = [field.node.value[part] for part in parts], [hours[part] for part in parts]
    return _Block(field, _months(field.node, ends, sizes), prices, sizes, at, each, until, until + wide)


def _months(node: Node, ends: tuple[int, ...], hours: Sequence[FloatArray]) -> list[str]:
    """What each month of a file is called; Februaries by their days, where there are both."""
    calendar = [node.months[end] for end in ends[:-1]]
    found = []
    for month, sizes in zip(calendar, hours, strict=True):
        year, of_year = divmod(month, MONTHS_PER_YEAR)
        name = f"{year}-{of_year + 1:02}" if year else _NAMES[of_year]
        days = f", {total(sizes) / HOURS_PER_DAY:.0f} d" if calendar.count(month) > 1 else ""
        found.append(name + days)
    return found
