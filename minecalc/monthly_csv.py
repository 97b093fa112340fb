"""Values by month from a CSV file: a header, then a row a month; a column called ``month`` dates the rows.

What could be misread is refused with its line and column: two columns of one name, rows longer or shorter than the
header, numbers that are not plain, months that are missing or there twice. Devices, pipes and directories are never
opened.
"""

from __future__ import annotations

import itertools
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from minecalc.regular_file import note, regular_file
from minecalc.schema.diagnostics import shown
from minecalc.schema.names import did_you_mean
from minecalc.schema.numbers import number_problem, unit_words
from minecalc.schema.scalars import resolve, why_not_a_number
from minecalc.timeline import format_month, parse_day, parse_month
from minecalc.units import MONTHS_PER_YEAR, unit_of

CODES = {
    "missing-file": "a CSV file that does not exist is named",
    "missing-column": "a column is named that the CSV file does not have",
    "bad-csv": "a CSV file cannot be used",
    "outside-folder": "a CSV file outside the scenario's folder is named, and --confined keeps them inside",
}

#: The column that dates the rows.
MONTH = "month"

#: No scenario has so many months; reading a million rows would take seconds.
_BYTES_MOST, _ROWS_MOST = 10_000_000, 12_000
_COLUMNS_NAMED = 8

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


class BadCsvError(ValueError):
    """A file of monthly values cannot be used: code, message and help, at the key (``csv`` or ``column``) to blame."""

    def __init__(self, message: str, advice: str = "", *, code: str = "bad-csv", key: str = "csv") -> None:
        super().__init__(message)
        self.code, self.message, self.help, self.key = code, message, advice, key


class Wanted(NamedTuple):
    """The input that a column is for: its name, whose suffix is the unit, and its range."""

    name: str
    low: float | None = None
    high: float | None = None


class _Row(NamedTuple):
    line: int
    cells: Sequence[str]


class _Table(NamedTuple):
    """A CSV file called ``name``: its header and its rows, as many cells in each."""

    name: str
    header: Sequence[str]
    rows: Sequence[_Row]

    def at(self, row: _Row, column: str) -> str:
        """How a message names a cell."""
        return f"{self.name} line {row.line}, column {column}"

    def cells(self, column: str) -> Iterator[tuple[_Row, str]]:
        """The rows, each with its cell of a column."""
        place = self.header.index(column)
        return ((row, row.cells[place]) for row in self.rows)


def monthly_values(file: str, column: str, folder: Path, wanted: Wanted, *, confined: bool = False) -> MonthlyValues:
    """The values of ``column`` in ``file``, looked up from ``folder``; BadCsvError says what is wrong with them.

    ``confined``: only files inside ``folder`` are read, wherever links lead.
    """
    table = _table(file, _located(file, folder, confined=confined))
    if column not in table.header:
        raise _no_column(table, column)
    amounts = tuple(_amount(table, row, column, cell, wanted) for row, cell in table.cells(column))
    if MONTH in table.header:
        months = [_month(table, row, cell) for row, cell in table.cells(MONTH)]
        _demand_every_month(table, months)
        return MonthlyValues(months[0], amounts)
    _demand_no_dates(table, column)
    return MonthlyValues(None, amounts)


def _located(file: str, folder: Path, *, confined: bool) -> Path:
    """The path of a regular file that holds something; nothing is opened, so that no device or pipe is waited for."""
    path = folder / file
    try:
        outside = confined and not path.resolve().is_relative_to(folder.resolve())
        status = None if outside else path.stat()
    except (FileNotFoundError, NotADirectoryError):
        advice = "the name is relative to the scenario's folder"
        raise BadCsvError(f"there is no file {path}", advice, code="missing-file") from None
    except (OSError, ValueError, RuntimeError) as error:  # a loop of links, a name too long or with a NUL
        raise _unreadable(file, error) from None
    if status is None:
        message = f"{file} lies outside the scenario's folder"
        raise BadCsvError(message, "with --confined only files inside it are read", code="outside-folder")
    if stat.S_ISDIR(status.st_mode):
        raise BadCsvError(f"{file} is a directory", "name a CSV file in it")
    if not stat.S_ISREG(status.st_mode):
        raise BadCsvError(f"{file} is not a regular file", "write the values into a file")
    if status.st_size == 0:
        raise BadCsvError(f"{file} is empty, or no file on a disk", "write a header line and a row a month")
    if status.st_size > _BYTES_MOST:
        raise BadCsvError(f"{file} is larger than {_BYTES_MOST // 1_000_000} MB")
    return path


def _unreadable(file: str, error: Exception) -> BadCsvError:
    reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
    return BadCsvError(f"{file} cannot be read: {reason}")


def _table(name: str, path: Path) -> _Table:
    """The cells of a file, without the spaces around them."""
    import csv
    import io

    try:
        with regular_file(path) as file:
            data = file.read(_BYTES_MOST + 1)
        note(path, data)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{name} line {line} is not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise BadCsvError(message, "save it as CSV (UTF-8)") from None
    except OSError as error:
        raise _unreadable(name, error) from None
    if "\0" in text:
        raise BadCsvError(f"{name} is not text: it holds NUL bytes", "save it as CSV (UTF-8)")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[_Row] = []
    line = 1
    try:
        for cells in reader:
            found.append(_Row(line, [cell.strip(" \t") for cell in cells]))
            line = reader.line_num + 1
            if len(found) > _ROWS_MOST + 1:
                advice = "one row is one month: of hours or days take the mean"
                raise BadCsvError(f"{name} has more than {_ROWS_MOST:,} rows", advice)
    except csv.Error as error:
        advice = "a quoted cell ends with a quote" if "end of data" in str(error) else ""
        raise BadCsvError(f"{name} line {line} is no CSV: {error}", advice) from None
    return _checked(name, found)


def _checked(name: str, found: list[_Row]) -> _Table:
    """The header and rows of a file, once every row has a cell for each column."""
    while found and found[-1].cells in ([], [""]):
        found.pop()
    if not found or not any(found[0].cells):
        raise BadCsvError(f"{name} has no header line", "line 1 names the columns")
    header = found[0].cells
    named = [column for column in header if column]
    twice = next((column for place, column in enumerate(named) if column in named[:place]), None)
    if twice is not None:
        raise BadCsvError(f"{name} line 1 names the column {shown(twice)} twice", "give each column a name of its own")
    if len(found) == 1:
        raise BadCsvError(f"{name} has no rows below its header")
    for row in found[1:]:
        if len(row.cells) != len(header):
            raise _ragged(name, row, header)
    return _Table(name, header, found[1:])


def _ragged(name: str, row: _Row, header: Sequence[str]) -> BadCsvError:
    has, wants = len(row.cells), len(header)
    if not has:
        return BadCsvError(f"{name} line {row.line} is empty", "every line from the header to the last is a month")
    columns = "1 column" if wants == 1 else f"{wants} columns"
    cells = "1 cell" if has == 1 else f"{has} cells"
    after = f" (from {shown(row.cells[wants])} on)" if has > wants else ""
    message = f"{name} line {row.line} has {cells} for {columns}{after}"
    comma = has > wants and any(re.fullmatch(r"-?\d+", cell) for cell in row.cells[wants - 1 : wants])
    return BadCsvError(message, "the decimal mark is a point; a comma ends a cell" if comma else "")


def _no_column(table: _Table, column: str) -> BadCsvError:
    names = [name for name in table.header if name]
    parting = next((mark for mark in (";", "\t", "|") if len(names) == 1 and mark in names[0]), "")
    listed = ", ".join(names[:_COLUMNS_NAMED]) + (", ..." if len(names) > _COLUMNS_NAMED else "")
    advice = did_you_mean(column, names, f"it has {listed}")
    if parting:
        advice = f"its cells are parted by {shown(parting)}; save it with commas instead"
    message = f"{table.name} has no column {column}" if column else "the column's name is empty"
    return BadCsvError(message, advice, code="missing-column", key="column")


def _amount(table: _Table, row: _Row, column: str, cell: str, wanted: Wanted) -> float:
    """A cell as a finite number in plain digits, within the range of the input."""
    at, unit = table.at(row, column), unit_of(wanted.name)
    value = resolve(cell)
    if not cell:
        raise BadCsvError(f"{at}: the cell is empty", "every month needs a number")
    if isinstance(value, bool | str | None) or "_" in cell:
        plain = cell.replace("_", "")
        advice = f"use plain digits: {plain}" if "_" in cell and not isinstance(resolve(plain), str) else ""
        advice = advice or why_not_a_number(cell, unit, unit_words(unit))
        advice = advice or ("" if cell.isascii() else "use the digits 0 to 9, and a point as the decimal mark")
        raise BadCsvError(f"{at}: {shown(cell)} is not a number", advice)
    problem = number_problem(value, (), low=wanted.low, high=wanted.high, name=wanted.name)
    if problem is not None:
        raise BadCsvError(f"{at}: {problem.message}", problem.help, code=problem.code)
    return float(value)


def _month(table: _Table, row: _Row, cell: str) -> int:
    """The calendar month of a cell: a month or a full date."""
    for read in (parse_month, parse_day):
        try:
            return read(cell)
        except ValueError:
            continue
    message = f"{table.at(row, MONTH)}: {shown(cell)} is not a month"
    raise BadCsvError(message, "write 2027-01 or a full date, 2027-01-31")


def _demand_every_month(table: _Table, months: Sequence[int]) -> None:
    """Refuse months that are missing, there twice or out of order."""
    seen: dict[int, int] = {}
    present = set(months)
    for row, month in zip(table.rows, months, strict=True):
        at, expected = f"{table.name} line {row.line}, column {MONTH}", months[0] + len(seen)
        if month in seen:
            message = f"{at}: {format_month(month)} is there twice, first on line {seen[month]}"
            raise BadCsvError(message, "give one value a month: of days or hours their mean, weighed by hours")
        if month > expected and expected not in present:
            raise BadCsvError(f"{at}: {format_month(expected)} is missing before {format_month(month)}")
        if month != expected:
            message = f"{at}: {format_month(month)} stands where {format_month(expected)} belongs"
            raise BadCsvError(message, "put the rows in order, the earliest first")
        seen[month] = row.line


def _demand_no_dates(table: _Table, column: str) -> None:
    """Refuse a file whose dates stand in a column of another name: its rows would be taken for other months."""
    for place, other in enumerate(table.header):
        cells = [row.cells[place] for row in table.rows if row.cells[place]]
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
