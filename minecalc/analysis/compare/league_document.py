"""Many scenarios as a league table: each by what its best plan adds to the baseline, both at the scenario's own rate.

Every column has a name that ``--columns`` and ``--sort`` take: those of the table, and the figures of the best plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from minecalc.analysis.compare.headline import baseline_of, hangs_on, told_plan
from minecalc.analysis.compare.record import BRIEF, RATE
from minecalc.analysis.corner_records import missing_in, number_in
from minecalc.analysis.dark_fleets import off_words
from minecalc.analysis.questions import QuestionError
from minecalc.document import Block, Cell, Column, Note, Table, Text, Value
from minecalc.figures import NO_LEAD, names_of
from minecalc.figures.labels import figure_label, figure_unit
from minecalc.schema.names import unknown_name
from minecalc.visible import visible

Record = Mapping[str, Any]

#: What scenarios are ranked and counted by.
GAIN = "npv_difference_at_scenario_rate_usd"
_WITHOUT = "npv_difference_without_residual_at_scenario_rate_usd"
_SHARE = "residual_share_of_npv_difference_at_scenario_rate_fraction"

#: The columns that are shown unless others are asked for, with their titles.
_SHOWN = {
    "name": "Scenario",
    "gross_mw": "Site",
    "discount_rate_fraction_per_year": "Rate",
    "best_rival": "Best alternative",
    GAIN: "Over baseline",
    _WITHOUT: "without exit",
    _SHARE: "Exit's share",
    "incremental_irr_fraction_per_year": "Incr. IRR",
    "hangs_on": "Hangs on",
}
_CAPTION = (
    "All at the scenario's rate. Exit: exit values and what is sold at the horizon, as a share of the lead. "
    "Hangs on: without that the lead turns."
)
_PER_MW = f"{GAIN}_per_mw"
#: Columns of words.
_WORDS = {
    "name": "Scenario",
    "file": "File",
    "best_rival": "Best alternative",
    "baseline": "Baseline",
    "hangs_on": "Hangs on",
    "machines_off": "Baseline's machines",
    "headline": "In a sentence",
}


def league_columns() -> tuple[str, ...]:
    """Every column by name: words, what is of the scenario, and every figure of its best plan."""
    return tuple(dict.fromkeys((*_SHOWN, *_WORDS, _PER_MW, *names_of(), "warning_count")))


class League(NamedTuple):
    """How a league table is to be made: its columns, what it is sorted by, and whether the greatest comes first."""

    columns: tuple[str, ...] = tuple(_SHOWN)
    sort: str = GAIN
    descending: bool = True

    @property
    def needs_figures(self) -> bool:
        """Whether summaries of the scenarios do not hold all that is asked for."""
        figures = {*names_of()} - {*BRIEF["metrics"], *BRIEF["vs_baseline"], RATE}
        return self.needs_break_evens or bool({*self.columns, self.sort} & figures)

    @property
    def needs_break_evens(self) -> bool:
        """Whether the sentence is asked for, which tells of them."""
        return "headline" in (*self.columns, self.sort)


def league_of(columns: str | None = None, sort: str | None = None) -> League:
    """The league that ``--columns`` (names, comma separated) and ``--sort`` ask for.

    ``sort`` is a column, the least first; ``-column`` or ``column:desc`` puts the greatest first. Raises QuestionError,
    with the nearest name, for a column that does not exist.
    """
    found = League()
    if columns is not None:
        names = [_known(name.strip(), "--columns") for name in columns.split(",")]
        found = found._replace(columns=tuple(dict.fromkeys(names)))
    if sort is not None:
        name, _, order = sort.strip().partition(":")
        if order not in ("", "asc", "desc"):
            raise QuestionError(f"--sort {visible(sort)}: behind the colon stands asc or desc")
        descending = name.startswith("-") != (order == "desc")
        found = found._replace(sort=_known(name.removeprefix("-"), "--sort"), descending=descending)
    return found


def _known(name: str, option: str) -> str:
    known = league_columns()
    if name in known:
        return name
    wrong = unknown_name((), "column", name, known)
    advice = wrong.help or f"there are {', '.join(known)}"
    raise QuestionError(f"{option}: {visible(wrong.message)}; {visible(advice)}")


def _gain(record: Record, figure: str = GAIN) -> float:
    rival = told_plan(record)
    return 0.0 if rival is None else float(rival["vs_baseline"][figure])


def league(records: Sequence[Record], failed: int, wanted: League) -> Iterator[Block]:
    """The count of wins, the table, and which scenarios have warnings or requirements that fail."""
    yield Note(_headline(records, failed), "headline")
    yield league_table(records, wanted)
    ranked = _ranked(records, wanted)
    warned = [f"{record['name']}: {len(record['warnings'])}" for record in ranked if record["warnings"]]
    if warned:
        yield Note(f"Scenarios with warnings (compare one alone to read them): {', '.join(warned)}.")
    failing = [(record["name"], [verdict["holds"] for verdict in record["requirements"]]) for record in ranked]
    dark: dict[str, list[str]] = {}
    for record in ranked:
        for one in _of_baseline(record):
            dark.setdefault(one["off_from"], []).append(record["name"])
    if dark:
        told = "; ".join(f"{month}: {', '.join(dict.fromkeys(dark[month]))}" for month in sorted(dark))
        yield Note(f"The baseline's machines are off for good from {told}.")
    unmet = [f"{name}: {holds.count(False)} of {len(holds)}" for name, holds in failing if not all(holds)]
    if unmet:
        yield Note(f"Requirements not met: {', '.join(unmet)}; see the errors.", "warning")


def _headline(records: Sequence[Record], failed: int) -> str:
    """In how many scenarios a plan beats the baseline: at the scenario's rate, and at own rates if that differs."""
    ahead = sum(1 for record in records if _gain(record) > 0.0)
    told = f"In {ahead} of {len(records)} scenarios a plan beats the baseline at the scenario's rate"
    own = sum(1 for record in records if _gain(record, "npv_difference_usd") > 0.0)
    if own != ahead:
        told += f", in {own} at the plans' own rates"
    if failed:
        told += f"; {failed} {'file is' if failed == 1 else 'files are'} left out, see the errors"
    return f"{told}."


def league_table(records: Sequence[Record], wanted: League, titled: bool = True) -> Table:
    """A row for each scenario, in order; columns have titles for people, or their names.

    A record that has a ``page`` of its own is a row that leads there.
    """
    columns = [
        Column(name, _title(name) if titled else name, "left" if name in _WORDS else "right") for name in wanted.columns
    ]
    rows = [[_cell(record, name) for name in wanted.columns] for record in _ranked(records, wanted)]
    told = _WITHOUT in wanted.columns or _SHARE in wanted.columns
    pages = [str(record.get("page", "")) for record in _ranked(records, wanted)]
    return Table("League table", columns, rows, caption=_CAPTION if told else "", links=pages if any(pages) else ())


def league_rows(records: Sequence[Record], wanted: League) -> list[dict[str, Any]]:
    """The league for machines: its rows in order, numbers in full, None where there is none."""
    return [{name: _plain(_cell(record, name)) for name in wanted.columns} for record in _ranked(records, wanted)]


def _of_baseline(record: Record) -> list[Record]:
    """The machines of the baseline that stand still before the horizon ends."""
    return [one for one in record["machines_off"] if one["plan"] == record["baseline"]]


def _title(name: str) -> str:
    known = {**_SHOWN, **_WORDS, _PER_MW: "per MW", "warning_count": "Warnings"}
    label = figure_label(name)
    return known.get(name) or label[0].upper() + label[1:]


def _ranked(records: Sequence[Record], wanted: League) -> list[Record]:
    """The records in order; those without the figure come last."""
    keyed = [(_plain(_cell(record, wanted.sort)), record) for record in records]
    there = sorted((pair for pair in keyed if pair[0] is not None), key=_folded, reverse=wanted.descending)
    return [record for _, record in [*there, *(pair for pair in keyed if pair[0] is None)]]


def _folded(pair: tuple[Any, Record]) -> Any:
    """What is compared when records are sorted: numbers, or words without regard to case."""
    return pair[0].casefold() if isinstance(pair[0], str) else pair[0]


def _plain(cell: Cell) -> str | float | None:
    return cell.text if isinstance(cell, Text) else cell.number


def _cell(record: Record, name: str) -> Cell:
    """One column of one scenario: words, or a figure of it or of its best plan."""
    rival = told_plan(record)
    plan = rival or baseline_of(record)
    match name:
        case "best_rival":
            return Text(plan["name"])
        case "name" | "file" | "baseline" | "headline":
            return Text(str(record.get(name, "")))
        case "hangs_on":
            return Text(", ".join(hangs_on(record)))
        case "machines_off":
            return Text(off_words(_of_baseline(record)))
        case "warning_count":
            return Value(float(len(record["warnings"])), "count")
        case "gross_mw" | "discount_rate_fraction_per_year":
            return Value(record[name], figure_unit(name))
    per_mw = name == _PER_MW
    figure = GAIN if per_mw else name
    number = number_in(plan, figure)
    if figure == GAIN and number is not None:
        value = number / record["gross_mw"] if per_mw else number
        return Value(value, "usd", tone="plain" if per_mw else "good" if number > 0.0 else "bad")
    if figure == _SHARE and number is None:
        return Value(None, "fraction", NO_LEAD if rival else "there is no other plan")
    reason = plan["reasons"].get(figure) or missing_in(plan, figure)
    return Value(number, figure_unit(figure), reason if number is None else "")
