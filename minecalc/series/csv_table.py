"""A CSV file of numbers as its header and rows: located, read and cut into cells, without their being understood.

What could be misread is refused with its line and column: two columns of one name, rows longer or shorter than the
header. Devices, pipes and directories are never opened.
"""

import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

from minecalc.files.regular_file import note, regular_file
from minecalc.schema.diagnostics import shown
from minecalc.schema.names import did_you_mean
from minecalc.schema.numbers import number_problem, unit_words
from minecalc.schema.scalars import resolve, why_not_a_number
from minecalc.units import unit_of

CODES = {
    "missing-file": "a CSV file that does not exist is named",
    "missing-column": "a column is named that the CSV file does not have",
    "bad-csv": "a CSV file cannot be used",
    "outside-folder": "a CSV file outside the scenario's folder is named, and --confined keeps them inside",
}

_COLUMNS_NAMED = 8
_MEGABYTE = 1_000_000

_REMARK = "\\\\"
#: What text that is read cell by cell holds: quotes, ends of lines as old Macs write them. And a cell's longest length.
_QUOTED, _CELL_MOST = ('"', "\r"), 131_072
#: Where spaces stand at the edge of a cell; all bytes but those that part cells.
_EDGES, _NO_MARKS = ("\t", ", ", " ,", "\n ", " \n"), bytes({*range(256)} - {*b",\n"})


class BadCsvError(ValueError):
    """A file of values cannot be used: code, message and help, at the key, such as ``csv`` or ``column``, to blame."""

    def __init__(self, message: str, advice: str = "", *, code: str = "bad-csv", key: str = "csv") -> None:
        super().__init__(message)
        self.code, self.message, self.help, self.key = code, message, advice, key


class Holds(NamedTuple):
    """What a file is to hold: the key that names it, what a row is and how often, how much there may be, and a hint."""

    key: str
    row: str
    each: str
    bytes_most: int
    rows_most: int
    advice: str

    def error(self, message: str, advice: str = "", *, code: str = "bad-csv", key: str = "") -> BadCsvError:
        """That the file cannot be used, to be told at its ``key`` or another one."""
        return BadCsvError(message, advice, code=code, key=key or self.key)


class Wanted(NamedTuple):
    """The input that a column is for: its name, whose suffix is the unit, and its range."""

    name: str
    low: float | None = None
    high: float | None = None


class Table(NamedTuple):
    """A CSV file called ``name``: its header, the cells of each column, and the lines that the rows begin in."""

    name: str
    holds: Holds
    header: Sequence[str]
    columns: Sequence[Sequence[str]]
    lines: Sequence[int]

    def at(self, row: int, column: str) -> str:
        """How a message names a cell, by the number of its row from 0."""
        return f"{self.name} line {self.lines[row]}, column {column}"

    def cells(self, column: str) -> Sequence[str]:
        """The cells of a column, one a row."""
        return self.columns[self.header.index(column)]

    def taken(self, rows: Sequence[int]) -> Self:
        """The same columns with some of the rows, in this order."""
        columns = [[cells[row] for row in rows] for cells in self.columns]
        return self._replace(columns=columns, lines=[self.lines[row] for row in rows])


def located(file: str, folder: Path, holds: Holds, *, confined: bool) -> Path:
    """The path of a regular file that holds something; nothing is opened, so that no device or pipe is waited for."""
    path = folder / file
    try:
        outside = confined and not path.resolve().is_relative_to(folder.resolve())
        status = None if outside else path.stat()
    except (FileNotFoundError, NotADirectoryError):
        advice = "the name is relative to the scenario's folder"
        raise holds.error(f"there is no file {path}", advice, code="missing-file") from None
    except (OSError, ValueError, RuntimeError) as error:  # a loop of links, a name too long or with a NUL
        raise _unreadable(file, error, holds) from None
    if status is None:
        message = f"{file} lies outside the scenario's folder"
        raise holds.error(message, "with --confined only files inside it are read", code="outside-folder")
    if stat.S_ISDIR(status.st_mode):
        raise holds.error(f"{file} is a directory", "name a CSV file in it")
    if not stat.S_ISREG(status.st_mode):
        raise holds.error(f"{file} is not a regular file", "write the values into a file")
    if status.st_size == 0:
        raise holds.error(f"{file} is empty, or no file on a disk", f"write a header line and a row {holds.each}")
    if status.st_size > holds.bytes_most:
        raise holds.error(f"{file} is larger than {holds.bytes_most // _MEGABYTE} MB")
    return path


def _unreadable(file: str, error: Exception, holds: Holds) -> BadCsvError:
    reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
    return holds.error(f"{file} cannot be read: {reason}")


def content(name: str, path: Path, holds: Holds) -> bytes:
    """What the file holds, noted as read; BadCsvError where it cannot be."""
    try:
        with regular_file(path) as file:
            data = file.read(holds.bytes_most + 1)
    except OSError as error:
        raise _unreadable(name, error, holds) from None
    note(path, data)
    return data


def table(name: str, data: bytes, holds: Holds) -> Table:
    """The cells of a CSV file, without the spaces around them; BadCsvError where it is none.

    Lines before the header that begin with two backslashes, as those of IESO's reports, are remarks.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{name} line {line} is not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise holds.error(message, "save it as CSV (UTF-8)") from None
    if "\0" in text:
        raise holds.error(f"{name} is not text: it holds NUL bytes", "save it as CSV (UTF-8)")
    found = _even(name, text, holds)
    return found if found is not None else _uneven(name, text, holds)


def _even(name: str, text: str, holds: Holds) -> Table | None:
    """The table of text that commas and line ends alone part into rows of as many cells; None of any other."""
    text = text.replace("\r\n", "\n").removesuffix("\n")
    if text.startswith(_REMARK) or any(mark in text for mark in _QUOTED):
        return None
    rows, width = text.count("\n") + 1, text.partition("\n")[0].count(",") + 1
    marks = text.encode().translate(None, _NO_MARKS) + b"\n"
    if not 1 < rows <= holds.rows_most + 1 or marks != (b"," * (width - 1) + b"\n") * rows:
        return None
    cells = text.replace("\n", ",").split(",")
    if text.strip(" ") != text or any(edge in text for edge in _EDGES):
        cells = [cell.strip(" \t") for cell in cells]
    if max(map(len, cells)) > _CELL_MOST or (width == 1 and "" in cells):  # an empty line has no cell
        return None
    header, columns = cells[:width], [cells[width + place :: width] for place in range(width)]
    return _named(Table(name, holds, header, columns, range(2, rows + 1)))


def _uneven(name: str, text: str, holds: Holds) -> Table:
    """The table of any text, read cell by cell."""
    import csv
    import io

    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, lines, line = list[list[str]](), list[int](), 1
    try:
        for cells in reader:
            if rows or not (cells and cells[0].startswith(_REMARK)):
                rows.append([cell.strip(" \t") for cell in cells])
                lines.append(line)
            line = reader.line_num + 1
            if len(rows) > holds.rows_most + 1:
                raise holds.error(f"{name} has more than {holds.rows_most:,} rows", holds.advice)
    except csv.Error as error:
        advice = "a quoted cell ends with a quote" if "end of data" in str(error) else ""
        raise holds.error(f"{name} line {line} is no CSV: {error}", advice) from None
    while rows and rows[-1] in ([], [""]):
        rows.pop()
    found = _named(Table(name, holds, rows[0] if rows else [], [], lines[1 : len(rows)]))
    for row, begins in zip(rows[1:], found.lines, strict=True):
        if len(row) != len(found.header):
            raise _ragged(found, row, begins)
    return found._replace(columns=list(zip(*rows[1:], strict=True)))


def _named(found: Table) -> Table:
    """The table, once it has a header that tells its columns apart, and rows below."""
    name, holds, header, _, lines = found
    if not any(header):
        raise holds.error(f"{name} has no header line", "line 1 names the columns")
    named = [column for column in header if column]
    twice = next((column for place, column in enumerate(named) if column in named[:place]), None)
    if twice is not None:
        raise holds.error(f"{name} line 1 names the column {shown(twice)} twice", "give each column a name of its own")
    if not lines:
        raise holds.error(f"{name} has no rows below its header")
    return found


def _ragged(table: Table, row: Sequence[str], line: int) -> BadCsvError:
    has, wants, at, holds = len(row), len(table.header), f"{table.name} line {line}", table.holds
    if not has:
        return holds.error(f"{at} is empty", f"every line from the header to the last is {holds.row}")
    columns = "1 column" if wants == 1 else f"{wants} columns"
    cells = "1 cell" if has == 1 else f"{has} cells"
    after = f" (from {shown(row[wants])} on)" if has > wants else ""
    comma = has > wants and re.fullmatch(r"-?\d+", row[wants - 1])
    advice = "the decimal mark is a point; a comma ends a cell" if comma else ""
    return holds.error(f"{at} has {cells} for {columns}{after}", parted_otherwise(table.header) or advice)


def parted_otherwise(header: Sequence[str]) -> str:
    """What to do with a file whose cells are parted by another mark than commas; "" where they are not."""
    names = [name for name in header if name]
    parting = next((mark for mark in (";", "\t", "|") if len(names) == 1 and mark in names[0]), "")
    return f"its cells are parted by {shown(parting)}; save it with commas instead" if parting else ""


def no_column(table: Table, column: str) -> BadCsvError:
    """That the file has no such column, and which it has."""
    names = [name for name in table.header if name]
    listed = ", ".join(names[:_COLUMNS_NAMED]) + (", ..." if len(names) > _COLUMNS_NAMED else "")
    advice = parted_otherwise(table.header) or did_you_mean(column, names, f"it has {listed}")
    message = f"{table.name} has no column {column}" if column else "the column's name is empty"
    return BadCsvError(message, advice, code="missing-column", key="column")


def amounts(table: Table, column: str, wanted: Wanted) -> Sequence[float]:
    """The cells of a column as finite numbers in plain digits, within the range of the input."""
    return [_amount(table, table.at(row, column), cell, wanted) for row, cell in enumerate(table.cells(column))]


def _amount(table: Table, at: str, cell: str, wanted: Wanted) -> float:
    unit = unit_of(wanted.name)
    value = resolve(cell)
    if not cell:
        raise table.holds.error(f"{at}: the cell is empty", f"every {table.holds.row.split()[-1]} needs a number")
    if isinstance(value, bool | str | None) or "_" in cell:
        plain = cell.replace("_", "")
        advice = f"use plain digits: {plain}" if "_" in cell and not isinstance(resolve(plain), str) else ""
        advice = advice or why_not_a_number(cell, unit, unit_words(unit))
        advice = advice or ("" if cell.isascii() else "use the digits 0 to 9, and a point as the decimal mark")
        raise table.holds.error(f"{at}: {shown(cell)} is not a number", advice)
    problem = number_problem(value, (), low=wanted.low, high=wanted.high, name=wanted.name)
    if problem is not None:
        raise table.holds.error(f"{at}: {problem.message}", problem.help, code=problem.code)
    return float(value)
