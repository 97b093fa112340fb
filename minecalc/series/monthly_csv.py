"""Values by month from a CSV file: a header, then a row a month; a column called ``month`` dates the rows.

What could be misread is refused with its line and column: two columns of one name, rows longer or shorter than the
header, numbers that are not plain, months that are missing or there twice. Devices, pipes and directories are never
opened.
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from minecalc.schema.diagnostics import shown
from minecalc.series.csv_table import BadCsvError, Holds, Table, Wanted, amounts, content, located, no_column, table
from minecalc.timeline import format_month, parse_day, parse_month
from minecalc.units import MONTHS_PER_YEAR

#: The column that dates the rows.
MONTH = "month"

#: No scenario has so many months; reading a million rows would take seconds.
_MONTHS = Holds("csv", "a month", "a month", 10_000_000, 12_000, "one row is one month: of hours or days take the mean")

_MONTH_NAMES = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
#: How people write dates and periods, whole cells.
_DATES = re.compile(
    r"\d{4}[-/]\d{1,2}(?:[-/]\d{1,2})?(?:[TZ ].*)?"  # 2027-01, 2027/1/31, 2027-01-31 00:00
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:[T ].*)?"  # 31.01.2027, 1/31/27
    r"|\d{1,2}[-/]\d{4}"  # 01/2027
    r"|\d{4}[- ]?[QWM]\d{1,2}|Q\d[-/ ]?\d{4}"  # 2027Q1, 2027M01, Q1 2027
    r"|(?:\w+\.?,? )?(?:\d{1,2}[-. ]+)?"  # Jan 2027, Fri, 1 Jan 2027, 31 January 27, January 1, 2027
    rf"{_MONTH_NAMES}[-,'/ ]+(?:\d{{1,2}},? +)?(?:\d{{4}}|\d{{2}})"
    rf"|\d{{4}}[- ]{_MONTH_NAMES}"  # 2027-Jan
    r"|[^\W\d_]{3,}\.?[-/ ](?:19|20)\d{2}",  # other languages: März 2027
    re.IGNORECASE,
)
#: Years, dates without separators, 2027.01 and 27-01, which only a column of nothing else, ascending, is taken for.
_BARE_DATES = re.compile(
    r"(?:19|20)\d{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?)?|(?:19|20)\d{2}\.\d{1,2}|\d{2}[-/.]\d{4}"
    r"|\d{2}[-/]\d{2}",
    re.ASCII,
)
#: Columns of these names hold dates, whatever these look like (days since 1900, seconds since 1970) but for an index.
_DATE_NAMES = re.compile(r"(?:date|time|datetime|timestamp|period)s?", re.IGNORECASE)
_INDEX = re.compile(r"\d{1,3}", re.ASCII)


class MonthlyValues(NamedTuple):
    """One value a month: ``first`` is the calendar month of the first, None where the file does not date its rows."""

    first: int | None
    amounts: tuple[float, ...]

    def by_calendar_month(self) -> tuple[float, ...]:
        """Twelve values as those of January to December; the first of undated ones is January's."""
        offset = 0 if self.first is None else self.first % MONTHS_PER_YEAR
        return tuple(self.amounts[(month - offset) % MONTHS_PER_YEAR] for month in range(MONTHS_PER_YEAR))


def monthly_values(file: str, column: str, folder: Path, wanted: Wanted, *, confined: bool = False) -> MonthlyValues:
    """The values of ``column`` in ``file``, looked up from ``folder``; BadCsvError says what is wrong with them.

    ``confined``: only files inside ``folder`` are read, wherever links lead.
    """
    found = table(file, content(file, located(file, folder, _MONTHS, confined=confined), _MONTHS), _MONTHS)
    if column not in found.header:
        raise no_column(found, column)
    values = tuple(amounts(found, column, wanted))
    if MONTH in found.header:
        months = [_month(found, row, cell) for row, cell in enumerate(found.cells(MONTH))]
        _demand_every_month(found, months)
        return MonthlyValues(months[0], values)
    _demand_no_dates(found, column)
    return MonthlyValues(None, values)


def _month(table: Table, row: int, cell: str) -> int:
    """The calendar month of a cell: a month or a full date."""
    for read in (parse_month, parse_day):
        try:
            return read(cell)
        except ValueError:
            continue
    message = f"{table.at(row, MONTH)}: {shown(cell)} is not a month"
    raise BadCsvError(message, "write 2027-01 or a full date, 2027-01-31")


def _demand_every_month(table: Table, months: Sequence[int]) -> None:
    """Refuse months that are missing, there twice or out of order."""
    seen: dict[int, int] = {}
    present = set(months)
    for row, month in enumerate(months):
        at, expected = table.at(row, MONTH), months[0] + len(seen)
        if month in seen:
            message = f"{at}: {format_month(month)} is there twice, first on line {seen[month]}"
            raise BadCsvError(message, "give one value a month: of days or hours their mean, weighed by hours")
        if month > expected and expected not in present:
            raise BadCsvError(f"{at}: {format_month(expected)} is missing before {format_month(month)}")
        if month != expected:
            message = f"{at}: {format_month(month)} stands where {format_month(expected)} belongs"
            raise BadCsvError(message, "put the rows in order, the earliest first")
        seen[month] = table.lines[row]


def _demand_no_dates(table: Table, column: str) -> None:
    """Refuse a file whose dates stand in a column of another name: its rows would be taken for other months."""
    for place, other in enumerate(table.header):
        cells = [cell for cell in table.columns[place] if cell]
        if other == column or not cells:
            continue
        named = _DATE_NAMES.fullmatch(other) and not all(_INDEX.fullmatch(cell) for cell in cells)
        if named or _holds_dates(cells):
            where = f"the column {shown(other)}" if other else f"column {place + 1}, which has no name"
            message = f"{table.name} has dates in {where}; rows are dated by a column called {MONTH}"
            raise BadCsvError(message, f"call it {MONTH}, with dates such as 2027-01 or 2027-01-31")


def _holds_dates(cells: Sequence[str]) -> bool:
    """Whether half of the cells or more are dates, in digits and with dashes of any script."""
    cells = [re.sub("[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFKC", cell)).strip() for cell in cells]
    cells = ["".join(str(unicodedata.decimal(char, char)) for char in cell) for cell in cells]
    if 2 * sum(_DATES.fullmatch(cell) is not None for cell in cells) >= len(cells):
        return True
    ascending = all(earlier <= later for earlier, later in itertools.pairwise(cells)) and cells[0] < cells[-1]
    return ascending and all(_BARE_DATES.fullmatch(cell) for cell in cells)
