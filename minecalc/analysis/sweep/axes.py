"""What varies in a sweep: ``--vary`` texts and CSV files of cases as axes, every value checked before any is computed.

A list of values is numbers, months (``2028-06``) or else words. Numbers and months that ``vary`` takes become columns;
whatever else ``--set`` takes is read again with the scenario.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from io import TextIOWrapper
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from minecalc.analysis.questions import QuestionError
from minecalc.analysis.sweep.cases import CASES_MOST, Axis, IntArray, Sweep, grid_size, one_line
from minecalc.arrays import FloatArray
from minecalc.checks.horizon import unready
from minecalc.files.regular_file import regular_file
from minecalc.loading import read_again
from minecalc.scenario import Scenario, ScenarioText
from minecalc.scenario.movables import movables_and_shared
from minecalc.scenario.varying import vary
from minecalc.schema.diagnostics import shown
from minecalc.schema.names import dotted, split_path, unknown_name
from minecalc.schema.scalars import number_written, resolve
from minecalc.timeline import month_written
from minecalc.visible import visible

#: Different combinations of words: the scenario is read again for each, at 2 ms.
_READINGS_MOST = 1000

#: Wrong values that one message names, and cases that are read again to see that they could be scenarios.
_NAMED_MOST, _CASES_READ = 5, 64

#: Cases whose months are looked at together.
_CHECKED_MOST = 16_384
#: Characters of a line of a file of cases.
_LINE_MOST = 1_000_000

_ASSIGNMENT = re.compile(r"""((?:"[^"]*"|'[^']*'|[^="'])+)=(.*)""", re.DOTALL)
_RANGE = re.compile(r"([^:,{]*):([^:,]*):([^:,]*)")
#: A range as other programs write it.
_DOTTED = re.compile(r"\s*-?[\d.]*\d\s*\.\.")
_HELP = "write PATH=low:high:count or PATH=a,b,c"


class Draft(NamedTuple):
    """An axis before it is checked against the scenario; ``where`` says where its value at some place was written."""

    axis: Axis
    where: Callable[[int], str]


def from_options(texts: Sequence[str]) -> list[Draft]:
    """Drafts of ``--vary`` texts: ``path=low:high:count`` or ``path=a,b,c``. QuestionError for anything else."""
    return [_from_option(text) for text in texts]


def _from_option(text: str) -> Draft:
    match = _ASSIGNMENT.fullmatch(text)
    if match is None:
        raise QuestionError(f"--vary {visible(text)}: this is not of the form PATH=VALUES; {_HELP}")
    path, values = _path(match[1], "--vary"), match[2]
    if _DOTTED.match(values):
        raise QuestionError(f"--vary {visible(path)}: {visible(values)!r} is no range; {_HELP}")
    if limits := _RANGE.fullmatch(values):
        axis = _between(path, *(part.strip() for part in limits.groups()))
    else:
        axis = _listed(path, _cells(values))
    return Draft(axis, lambda place: f"--vary {visible(path)}={visible(axis.text(float(axis.values[place])))}")


def _path(text: str, option: str) -> str:
    """A dotted path as it is written everywhere else."""
    try:
        return dotted(split_path(text.strip()))
    except ValueError as error:
        raise QuestionError(f"{option}: {visible(str(error))}") from None


def _cells(text: str) -> list[str]:
    import csv

    try:
        return next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error:
        raise QuestionError(f"--vary {visible(text)}: a quote is not closed") from None


def _listed(path: str, texts: Sequence[str]) -> Axis:
    texts = [text.strip() for text in texts]
    if not texts or "" in texts:
        raise QuestionError(f"--vary {visible(path)}: a value is missing; {_HELP}")
    for read, is_month in ((number_written, False), (month_written, True)):
        values = [read(text) for text in texts]
        if None not in values:
            return Axis(path, np.array(values, dtype=np.float64), is_month=is_month)
    return _of_words(path, texts)


def _of_words(path: str, texts: Iterable[str]) -> Axis:
    places: dict[str, int] = {}
    values = [places.setdefault(text, len(places)) for text in texts]
    return Axis(path, np.array(values, dtype=np.float64), tuple(places))


def _between(path: str, low: str, high: str, count: str) -> Axis:
    """Evenly spaced numbers or months, both ends included."""
    name, size = f"--vary {visible(path)}", resolve(count)
    if not isinstance(size, int) or isinstance(size, bool) or not 2 <= size <= CASES_MOST:
        message = f"the count of low:high:count is {shown(resolve(count))}"
        raise QuestionError(f"{name}: {message}; it is a whole number from 2 to {CASES_MOST:,}")
    for read, is_month in ((number_written, False), (month_written, True)):
        first, last = read(low), read(high)
        if first is None or last is None:
            continue
        if first == last:
            raise QuestionError(f"{name}: low and high are the same; write {visible(path)}={visible(low)}")
        if is_month and (last - first) % (size - 1):
            advice = f"{low}:{high}:{abs(last - first) + 1:.0f} has every month"
            raise QuestionError(f"{name}: {size} values from {low} to {high} do not fall on whole months; {advice}")
        return Axis(path, _spaced(first, last, size), is_month=is_month)
    raise QuestionError(
        f"{name}: {shown(f'{low}:{high}')} is no range of numbers or of months such as 2028-06; {_HELP}"
    )


def _spaced(first: float, last: float, size: int) -> FloatArray:
    """Evenly spaced values, to 15 digits: 0.07 and not 0.06999999999999999."""
    values = np.linspace(first, last, size)
    digits = 15 - int(np.ceil(np.log10(max(abs(first), abs(last)))))
    values[1:-1] = np.round(values[1:-1], min(digits, 300))
    return values


def from_csv(file: Path) -> list[Draft]:
    """Drafts of a CSV file of cases: a header of ``--set`` paths, then a row for each case.

    A column holds what its first cell is: numbers, months or words. QuestionError names file, line and column.
    """
    name = visible(str(file))
    try:
        with TextIOWrapper(regular_file(file), encoding="utf-8-sig", newline="") as lines:
            columns = _columns(name, _limited(name, lines))
    except OSError as error:
        raise QuestionError(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise QuestionError(f"{name} is not UTF-8 text; save it as CSV (UTF-8)") from None
    return [Draft(column.axis(), _place(file, number)) for number, column in enumerate(columns)]


def _limited(name: str, lines: TextIO) -> Iterator[str]:
    """Lines, of which none is so long that it could be without end."""
    for number, line in enumerate(iter(partial(lines.readline, _LINE_MOST), ""), start=1):
        if len(line) == _LINE_MOST:
            raise QuestionError(f"{name}:{number}:1: the line is longer than {_LINE_MOST:,} characters")
        yield line


class _Column:
    """The cells of a column of a CSV file, as numbers or as places in a list of words."""

    def __init__(self, path: str, first: str) -> None:
        self.path, self.values, self.words = path, array("d"), dict[str, int]()
        self.kind = (
            "number" if number_written(first) is not None else "month" if month_written(first) is not None else "word"
        )

    def add(self, text: str) -> str:
        """Take the next cell; "" or what is wrong with it."""
        if not text:
            return "the cell is empty; every case needs a value"
        if self.kind == "word":
            self.values.append(self.words.setdefault(text, len(self.words)))
            return (
                "" if len(self.words) <= _READINGS_MOST else f"there are more than {_READINGS_MOST:,} different words"
            )
        value = number_written(text) if self.kind == "number" else month_written(text)
        if value is None:
            return f"{shown(text)} is no {self.kind}, as the cells above it are"
        self.values.append(value)
        return ""

    def axis(self) -> Axis:
        """The axis of these cells."""
        return Axis(self.path, np.array(self.values), tuple(self.words), self.kind == "month")


def _columns(name: str, lines: Iterable[str]) -> list[_Column]:
    import csv

    reader = csv.reader(lines, strict=True)
    columns: list[_Column] = []
    blank = 0
    try:
        header = next(reader, [])
        parting = next((mark for mark in (";", "\t") if len(header) == 1 and mark in header[0]), "")
        if parting and '"' not in header[0]:
            raise QuestionError(f"{name}:1:1: cells are parted by {shown(parting)}; save the file with commas instead")
        header = [_path(text, f"{name}:1:{_begin(','.join(header), place)}") for place, text in enumerate(header)]
        for number, row in enumerate(reader, start=2):
            if not row:
                blank = blank or number
                continue
            if blank:
                raise QuestionError(f"{name}:{blank}:1: the line is empty; every line up to the last is a case")
            if len(row) != len(header) or reader.line_num != number:
                raise QuestionError(f"{name}:{number}:1: the row has {len(row)} cells; the header has {len(header)}")
            if number - 1 > CASES_MOST:
                raise QuestionError(f"{name}:{number}:1: at most {CASES_MOST:,} cases are computed in one go")
            columns = columns or [_Column(path, text.strip()) for path, text in zip(header, row, strict=True)]
            for place, (column, text) in enumerate(zip(columns, row, strict=True)):
                if wrong := column.add(text.strip()):
                    raise QuestionError(f"{name}:{number}:{_begin(','.join(row), place)}: {column.path}: {wrong}")
    except csv.Error as error:
        raise QuestionError(f"{name}:{reader.line_num}:1: this is no CSV: {error}") from None
    if not columns:
        raise QuestionError(f"{name} holds no cases; write a header of --set paths and a row for each case")
    return columns


def _begin(line: str, field: int) -> int:
    """The position, from 1, at which a field of a line of CSV begins."""
    begins, inside = [1], False
    for position, character in enumerate(line, start=1):
        inside ^= character == '"'
        if character == "," and not inside:
            begins.append(position + 1)
    return begins[field]


def _place(file: Path, field: int) -> Callable[[int], str]:
    def where(case: int) -> str:
        with file.open(encoding="utf-8-sig") as lines:
            line = next(islice(lines, case + 1, None))
        return f"{visible(str(file))}:{case + 2}:{_begin(line, field)}"

    return where


def checked(source: ScenarioText, drafts: Sequence[Draft], *, zipped: bool) -> tuple[Axis, ...]:
    """The axes of drafts, once the scenario is known to take every value. QuestionError names those it does not."""
    _unlike(drafts)
    _of_known_plans(source, drafts)
    axes = [draft.axis for draft in drafts]
    if zipped and len({axis.values.size for axis in axes}) > 1:
        lengths = ", ".join(f"{visible(axis.path)} has {axis.values.size:,}" for axis in axes)
        raise QuestionError(f"--zip takes lists of the same length; {lengths}")
    if (size := grid_size(axes, zipped=zipped)) > CASES_MOST:
        raise QuestionError(f"the grid has {size:,} cases; at most {CASES_MOST:,} are computed in one go")
    sweep = Sweep(source, tuple(axes), zipped, (), ())
    template = _template(sweep, drafts, next(iter(sweep.words)))
    for number, (axis, draft) in enumerate(zip(axes, drafts, strict=True)):
        if not axis.is_column:
            continue
        ends = np.array([0, axis.values.size - 1])
        if len(list(_refused(template, axis, ends))) < ends.size:
            axes[number] = _column_checked(template, axis, draft.where)
        else:
            axes[number] = _of_words(axis.path, map(axis.text, axis.values.tolist()))
    _within_together(template, axes, zipped)
    sweep = Sweep(source, tuple(axes), zipped, (), ())
    if (readings := len(sweep.words)) > _READINGS_MOST:
        raise QuestionError(f"words make {readings:,} combinations; the scenario can be read {_READINGS_MOST:,} times")
    for words in sweep.words:
        _template(sweep, drafts, words)
    return sweep.axes


def _within_together(template: Scenario, axes: Sequence[Axis], zipped: bool) -> None:
    """Refuse axes that only together carry a value over time, or the hash price that others imply, out of its range.

    Such values lie furthest out at the ends of the axes, so that of a grid the corners are enough.
    """
    for group in _moving_one_value(axes):
        columns = [axis.values for axis in group]
        if not zipped:
            ends = product(*((float(np.min(values)), float(np.max(values))) for values in columns))
            columns = [np.array(corners) for corners in zip(*ends, strict=True)]
        try:
            for places in _parts(np.arange(columns[0].size)):
                vary(template, {axis.path: column[places] for axis, column in zip(group, columns, strict=True)})
        except ValueError as error:
            told = " and ".join(visible(axis.path) for axis in group)
            raise QuestionError(f"{told} together: {visible(str(error).partition(': ')[2])}") from None


def _parts(places: IntArray) -> list[IntArray]:
    """Places in parts of which the values of all months fit into memory."""
    return np.array_split(places, -(-places.size // _CHECKED_MOST))


def _moving_one_value(axes: Sequence[Axis]) -> Iterator[list[Axis]]:
    """Two axes or more with parts of the same value over time, and those of the market, which imply the hash price."""
    for path in dict.fromkeys(axis.path.rpartition(".")[0] for axis in axes):
        parts = {f"{path}.{part}" for part in ("value", "start", "growth_fraction_per_year", "scale", "shift")}
        group = [axis for axis in axes if axis.is_column and axis.path in parts]
        if len(group) > 1:
            yield group
    market = [axis for axis in axes if axis.is_column and split_path(axis.path)[0] == "market"]
    if len(market) > 1:
        yield market


def _unlike(drafts: Sequence[Draft]) -> None:
    """Refuse an input that stands twice, or that takes the place of one that stands before it."""
    paths = [draft.axis.path for draft in drafts]
    for number, path in enumerate(paths):
        for earlier in paths[:number]:
            if earlier == path:
                raise QuestionError(f"{visible(path)} varies twice; give all its values in one list")
            if earlier.startswith(path + "."):
                raise QuestionError(f"{visible(path)} takes the place of {visible(earlier)}; vary it first")


def _of_known_plans(source: ScenarioText, drafts: Sequence[Draft]) -> None:
    scenario = read_again(source).scenario
    for draft in drafts:
        first, *rest = split_path(draft.axis.path)
        if first == "plans" and rest and scenario is not None and rest[0] not in scenario.plans:
            wrong = unknown_name((), "plan", rest[0], scenario.plans)
            raise QuestionError(f"{draft.where(0)}: {visible(wrong.message)} ({visible(wrong.help)})")


def _template(sweep: Sweep, drafts: Sequence[Draft], words: int) -> Scenario:
    """The scenario with a combination of words; QuestionError with what is wrong with which values if there is none."""
    try:
        return sweep.scenario(words)
    except QuestionError as together:
        alone = dict[str, str]()
        for case in sweep.words[words]:
            for draft, axis, (value,) in zip(drafts, sweep.axes, sweep.given(np.array([case])), strict=True):
                reading = read_again(sweep.source, [f"{axis.path}={axis.text(value)}"])
                if reading.scenario is None:
                    place = int(np.flatnonzero(axis.values == value)[0])
                    alone.setdefault(visible(one_line(reading.diagnostics)), draft.where(place))
        raise QuestionError("; ".join(f"{where}: {why}" for why, where in alone.items()) or str(together)) from None


def _column_checked(template: Scenario, axis: Axis, where: Callable[[int], str]) -> Axis:
    found = movables_and_shared(template).get(axis.path)
    whole = found is not None and found.whole and not axis.is_month
    wrong = [(place, "a whole number is needed") for place in np.flatnonzero(axis.values % 1.0).tolist() if whole]
    refused = (found for part in _parts(np.arange(axis.values.size)) for found in _refused(template, axis, part))
    wrong = wrong or list(islice(refused, _NAMED_MOST + 1))
    if wrong:
        named = "; ".join(f"{where(place)}: {visible(why)}" for place, why in wrong[:_NAMED_MOST])
        raise QuestionError(named + ("; and more" if len(wrong) > _NAMED_MOST else ""))
    return axis._replace(is_whole=whole)


def _refused(template: Scenario, axis: Axis, places: IntArray) -> Iterator[tuple[int, str]]:
    """The places of values that the scenario does not take, found by halves, and why not."""
    try:
        vary(template, {axis.path: axis.values[places]})
    except ValueError as error:
        if places.size == 1:
            yield int(places[0]), str(error).removeprefix(f"{axis.path} ").removeprefix(f"{axis.path}: ")
        else:
            for half in np.array_split(places, 2):
                yield from _refused(template, axis, half)


def doubtful(sweep: Sweep) -> list[tuple[int, str]]:
    """Cases that no file could hold, such as fleets larger than their site, or that are ready too late, and why.

    A few are looked at: all cases of a small sweep, the corners of a grid, and of a list its ends and those at an
    input's ends.
    """
    shape = tuple(axis.values.size for axis in sweep.axes)
    if sweep.cases <= _CASES_READ:
        cases = set(range(sweep.cases))
    elif sweep.zipped:
        ends = [int(end(axis.values)) for axis in sweep.axes for end in (np.argmin, np.argmax)]
        cases = {0, sweep.cases - 1, *ends}
    else:
        corners = islice(product(*((0, size - 1) for size in shape)), _CASES_READ)
        cases = {int(np.ravel_multi_index(corner, shape)) for corner in corners}
    readings = ((case, read_again(sweep.source, sweep.assignments(case))) for case in sorted(cases))
    found = list[tuple[int, str]]()
    for case, reading in readings:
        why = unready(reading.scenario) if reading.scenario is not None else [one_line(reading.diagnostics)]
        found += [(case, text) for text in why]
    return found


def replaced(sweep: Sweep) -> list[str]:
    """What the inputs that vary take the place of, as a note on ``--set`` says it."""
    before, after = read_again(sweep.source), read_again(sweep.source, sweep.assignments(0))
    said = {found.message for found in before.diagnostics}
    return [found.message for found in after.diagnostics if found.severity == "note" and found.message not in said]


def flattened(scenario: Scenario, axes: Sequence[Axis]) -> list[tuple[str, str]]:
    """Inputs with a course over time that cases replace by one value, and the path that would keep the course."""
    known = movables_and_shared(scenario)
    return [(a.path, known[a.path].at) for a in axes if a.path in known and known[a.path].at != a.path]
