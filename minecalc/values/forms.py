"""The forms in which a file writes a value over time, read as shapes.

A value over time is written as a number, ``{start, growth_fraction_per_year}``, ``{steps: {YYYY-MM: x}}`` (held until
changed), ``{points: {YYYY-MM: x}}`` (linear between) or ``{csv: file, column: name}``, beside which ``outside: hold``
holds the ends of a dated file and ``repeat: yearly`` makes a season of twelve values. A price of power may be
``{hourly: file}``. Any of them may carry a ``scale`` that multiplies the whole and a ``shift`` that is added to every
month; either of these alone acts on the default.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem, cut, shown
from minecalc.schema.names import did_you_mean
from minecalc.schema.numbers import number_problem
from minecalc.schema.scalars import file_meant
from minecalc.schema.syntax import decimal_comma
from minecalc.timeline import month_written, near_month
from minecalc.units import MONTHS_PER_YEAR
from minecalc.values.shapes import Constant, Growth, Hourly, Points, Season, Series, Shape, Steps, Unstated

if TYPE_CHECKING:
    from minecalc.series.hourly_file import Reads
    from minecalc.series.monthly_csv import MonthlyValues

CODES = {
    "bad-month": "a text that is no calendar month stands where one belongs",
    "no-season": "a file that is to repeat every year has not a value for each of twelve months",
}

#: Ranges of the growth of a value over time, a year, of its scale, and of its shift; by what a file calls them.
GROWTH, SCALE, SHIFT = (-0.99, 10.0), (-1e9, 1e9), (-1e18, 1e18)
_GROWTH, ADDER, ADDER_GROWTH = "growth_fraction_per_year", "adder_usd_per_kwh", "adder_growth_fraction_per_year"
PARTS = {_GROWTH: GROWTH, "scale": SCALE, "shift": SHIFT, ADDER: (-1.0, 2.0), ADDER_GROWTH: GROWTH}

_NO_HOURS = "only electricity_price_usd_per_kwh goes by the hour; its file may be in USD per MWh (unit: usd_per_mwh)"


def month_help(text: str) -> str:
    """What to type instead of ``text`` where a calendar month belongs."""
    return f"write year and month: {near_month(text) or '2027-01'}"


_FORMS: dict[str, tuple[str, ...]] = {
    "value": ("value",),
    "start": ("start", _GROWTH),
    "steps": ("steps",),
    "points": ("points",),
    "csv": ("csv", "column"),
}
#: Those of a price by the hour.
_HOURLY_FORMS: dict[str, tuple[str, ...]] = {"hourly": ("hourly",), "duration_curve": ("duration_curve",)}

#: What moves any of these forms as a whole, and the number that changes nothing.
MOVES = {"scale": 1.0, "shift": 0.0}

#: What may stand beside ``csv`` and ``column``, and the only word that the first two take.
BESIDE_CSV = {"outside": "hold", "repeat": "yearly", _GROWTH: ""}
#: What may stand beside a price by the hour, and beside the file of one.
BESIDE_HOURS = (_GROWTH, ADDER, ADDER_GROWTH)
_BESIDE_FILE = ("column", "unit", "time_zone", "gaps")
#: What an editor knows of these.
HOURLY_SCHEMA: dict[str, dict[str, Any]] = {
    "hourly": {
        "column": {"type": "string"},
        "unit": {"enum": ["usd_per_kwh", "usd_per_mwh"]},
        "time_zone": {"type": "string"},
        "gaps": {"const": "previous"},
    },
    "duration_curve": {},
}
#: What may stand beside the name of each form.
_BESIDE: dict[str | None, tuple[str, ...]] = {
    "csv": tuple(BESIDE_CSV),
    "hourly": (*_BESIDE_FILE, *BESIDE_HOURS),
    "duration_curve": BESIDE_HOURS,
}
#: The forms of a value over time exclude each other.
FORMS = Alternatives((*_FORMS.values(), *_HOURLY_FORMS.values()))
HELP = (
    "write a number, {start, growth_fraction_per_year}, {steps: {2027-01: x}}, {points: {2027-01: x}} "
    "or {csv: file, column: name}"
)


class Form(NamedTuple):
    """A value over time as it is written: its shape, and the numbers that scale and shift it."""

    shape: Shape
    scale: float = 1.0
    shift: float = 0.0


class Wants(NamedTuple):
    """An input that is written over time: its name and range, and whether it may go by the hour."""

    name: str
    low: float | None
    high: float | None
    by_hour: bool = False


def read(data: Any, folder: Path, wants: Wants, *, confined: bool = False) -> tuple[Form | None, list[Problem]]:
    """A value over time from plain YAML data, its amounts in the range of the input that ``wants`` it.

    Files are looked up from ``folder``, and only inside it if ``confined``. None with the problems, their paths
    relative to the input, if it is wrong.
    """
    reader = _Reader(wants, folder, confined=confined)
    name = wants.name
    if isinstance(data, str) and (advice := file_meant(data, folder)):
        return None, [Problem((), "not-a-number", f"{name} is {shown(data)}; a file stands in a mapping", advice)]
    if not isinstance(data, Mapping):
        amount = reader.amount(data, ())
        return (None, reader.problems) if reader.problems else (Form(Constant(amount)), [])
    problems, known = reader.problems, _FORMS | (_HOURLY_FORMS if wants.by_hour else {})
    form = next((name for name in known if name in data), None)
    needed = known[form] if form else ()
    keys = (*needed, *_BESIDE.get(form, ()), *MOVES)
    for key in data:
        if key not in keys:
            message = f"unknown key {key} in a value over time"
            others = [name for name in (*keys, *known) if name != key]
            help_ = did_you_mean(key, others, decimal_comma(data, key) or HELP)
            if key in _HOURLY_FORMS and not wants.by_hour:
                help_ = _NO_HOURS
            problems.append(Problem((key,), "unknown-key", message, help_, key=True))
    for key in needed:
        if key not in data:
            problems.append(Problem((), "missing-key", f"{key} is missing beside {form}", HELP))
    scale, shift = (reader.part(data, part) for part in MOVES)
    if not data or (form is None and not any(part in data for part in MOVES)):
        problems.append(Problem((), "wrong-type", "this is no value over time", HELP))
    if problems:
        return None, problems
    shape = reader.shape(data, form)
    if form in _HOURLY_FORMS and scale < 0.0:
        message = f"scale is {scale:g}; a price by the hour is scaled by 0 or more"
        problems.append(Problem(("scale",), "out-of-range", message))
    return (None, problems) if problems or shape is None else (Form(shape, scale, shift), [])


class _Reader:
    """Reads the forms of one input, collecting problems."""

    def __init__(self, wants: Wants, folder: Path, *, confined: bool) -> None:
        self.name, self.low, self.high = wants.name, wants.low, wants.high
        self.folder, self.confined = folder, confined
        self.problems: list[Problem] = []

    def number(
        self, data: Any, at: tuple[str, ...], name: str, low: float | None = None, high: float | None = None
    ) -> float:
        """``data`` as a number in ``low..high``; 0 and a problem if it is none."""
        problem = number_problem(data, at, low=low, high=high, name=name)
        if problem is None:
            return float(data)
        self.problems.append(problem)
        return 0.0

    def part(self, data: Mapping[str, Any], part: str) -> float:
        """One of the ``PARTS`` of a value over time; what changes nothing where it is not given."""
        return self.number(data[part], (part,), part, *PARTS[part]) if part in data else MOVES.get(part, 0.0)

    def amount(self, data: Any, at: tuple[str, ...]) -> float:
        """``data`` as an amount of the input."""
        return self.number(data, at, self.name, self.low, self.high)

    def shape(self, data: Mapping[str, Any], form: str | None) -> Shape | None:
        """The shape that ``form`` writes; None with problems if it is wrong."""
        match form:
            case None:
                return Unstated()
            case "value":
                return Constant(self.amount(data["value"], ("value",)))
            case "start":
                growth = self.part(data, _GROWTH)
                return Growth(self.amount(data["start"], ("start",)), growth)
            case "steps" | "points":
                months, amounts = self.by_month(data[form], form)
                return (Steps if form == "steps" else Points)(months, amounts) if months else None
            case "csv":
                return self.by_file(data)
            case _:
                return self.by_hour(data, form)

    def by_file(self, data: Mapping[str, Any]) -> Shape | None:
        """The shape that a column of a CSV file holds; None with problems if it is wrong."""
        from minecalc.series.csv_table import BadCsvError, Wanted
        from minecalc.series.monthly_csv import monthly_values

        file, column = data["csv"], data["column"]
        if not isinstance(file, str) or not isinstance(column, str):
            message = "csv and column take a file name and a column name"
            self.problems.append(Problem(("csv",), "wrong-type", message, HELP))
            return None
        growth = self.beside_csv(data)
        if self.problems:
            return None
        try:
            wanted = Wanted(self.name, self.low, self.high)
            found = monthly_values(file, column, self.folder, wanted, confined=self.confined)
        except BadCsvError as bad:
            self.problems.append(Problem((bad.key,), bad.code, bad.message, bad.help))
            return None
        if "repeat" not in data:
            return Series(found.first, found.amounts, held="outside" in data)
        return self.season(file, found, growth)

    def by_hour(self, data: Mapping[str, Any], form: str) -> Shape | None:
        """A price by the hour, of a file or of a record; None with problems if it is wrong."""
        growth, adder, adder_growth = (self.part(data, part) for part in BESIDE_HOURS)
        reads = self.reads(data)
        file = data[form]
        if not isinstance(file, str):
            self.problems.append(Problem((form,), "wrong-type", f"{form} takes a name", HELP))
        if self.problems:
            return None
        from minecalc.series.csv_table import BadCsvError
        from minecalc.series.hourly_file import hourly_prices

        try:
            if form == "hourly":
                found = hourly_prices(file, self.folder, reads, confined=self.confined)
            else:
                from minecalc.series.recorded_hours import demand_dollars, recorded_hours

                found = recorded_hours(file)
                demand_dollars(file, scaled="scale" in data)
        except BadCsvError as bad:
            at = bad.key if bad.key in data else form
            self.problems.append(Problem((at,), bad.code, bad.message, bad.help))
            return None
        return Hourly(found, growth, adder, adder_growth)

    def reads(self, data: Mapping[str, Any]) -> "Reads":
        """How an hourly file is to be read."""
        from minecalc.series.hourly_file import PREVIOUS, UNITS, Reads

        found: dict[str, str] = {}
        for key, words in (("column", ()), ("unit", tuple(UNITS)), ("time_zone", ()), ("gaps", (PREVIOUS,))):
            given = data.get(key)
            if given is None:
                continue
            if not isinstance(given, str):
                self.problems.append(Problem((key,), "wrong-type", f"{key} takes a name, not {shown(given)}"))
            elif words and given not in words:
                advice = did_you_mean(given, words, f"write {' or '.join(words)}")
                message = f"{key} is {shown(given)}; it must be {' or '.join(words)}"
                self.problems.append(Problem((key,), "bad-choice", message, advice))
            else:
                found[key] = given
        return Reads(**found)

    def beside_csv(self, data: Mapping[str, Any]) -> float | None:
        """The growth of a season, if it has one, once what stands beside ``csv`` fits together."""
        for key in ("outside", "repeat"):
            word = BESIDE_CSV[key]
            if key in data and data[key] != word:
                message = f"{key} is {shown(data[key])}; it must be {word}"
                self.problems.append(Problem((key,), "bad-choice", message, f"write {word}, or leave {key} out"))
        if "outside" in data and "repeat" in data:
            message, advice = "outside stands beside repeat: a season covers every month", "leave outside out"
            self.problems.append(Problem(("outside",), "conflict", message, advice, key=True))
        if _GROWTH not in data:
            return None
        if "repeat" not in data:
            message = f"{_GROWTH} stands beside csv: only a season grows"
            advice = "add repeat: yearly if the file holds a year, or leave it out"
            self.problems.append(Problem((_GROWTH,), "conflict", message, advice, key=True))
        return self.part(data, _GROWTH)

    def season(self, file: str, found: "MonthlyValues", growth: float | None) -> Season | None:
        """Twelve values as a season."""
        rows = len(found.amounts)
        if rows == MONTHS_PER_YEAR:
            return Season(found.by_calendar_month(), growth)
        message = f"{file} has {rows} {'row' if rows == 1 else 'rows'}; repeat: yearly takes 12, a value a month"
        self.problems.append(Problem(("csv",), "no-season", message, "leave repeat out if the file covers the horizon"))
        return None

    def by_month(self, data: Any, form: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Calendar months, ascending, and their amounts."""
        if not isinstance(data, Mapping) or not data:
            self.problems.append(Problem((form,), "wrong-type", f"{form} takes months and values", HELP))
            return (), ()
        pairs: dict[int, float] = {}
        for key, given in data.items():
            month = month_written(key)
            if month is None:
                message = f"{cut(key)} is not a month"
                advice = decimal_comma(data, key) or month_help(key).replace("year and month:", "it as")
                self.problems.append(Problem((form, key), "bad-month", message, advice, key=True))
            else:
                pairs[month] = self.amount(given, (form, key))
        ascending = sorted(pairs)
        return tuple(ascending), tuple(pairs[month] for month in ascending)
