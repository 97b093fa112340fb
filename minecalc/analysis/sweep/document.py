"""A sweep as people read it: one input as a table and lines, two as a map of figures, more or a list as a summary."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minecalc.analysis.sweep.answer import (
    GAP,
    Swept,
    axis_label,
    axis_words,
    data,
    figures_at,
    reason_at,
    records,
    ticks,
)
from minecalc.analysis.sweep.cases import IntArray
from minecalc.document import Block, Cell, Chart, Column, Document, Note, Phrase, Series, Table, Text, Tone, Value
from minecalc.figures.labels import capital, figure_label, figure_unit, plan_called
from minecalc.scenario.movables import movables_and_shared
from minecalc.timeline import format_month

#: Rows of a table, rows and columns of a map, points of a line, figures side by side, reasons listed.
_ROWS, _MAP_ROWS, _MAP_COLUMNS, _POINTS, _FIGURES, _LISTED = 20, 12, 12, 100, 8, 6

#: Character cells that the labels of a map and one of its figures take.
_LABEL_WIDTH, _FIGURE_WIDTH = 14, 9


def document(answer: Swept, *, in_full: bool, width: int) -> Document:
    """The answer on a screen ``width`` cells wide; with ``in_full`` every row for programs, else only what is shown."""
    title = f"{answer.scenario.name}: {_cases(answer.sweep.cases)}"
    if in_full:
        return Document(title, list(_blocks(answer, width)), records(answer), data(answer))
    return Document(title, list(_blocks(answer, width)), Table("", (), ()))


def _blocks(answer: Swept, width: int) -> Iterator[Block]:
    sweep = answer.sweep
    yield Note(_headline(answer), "headline")
    if len(sweep.axes) == 1:
        yield _table(answer)
        yield from _chart(answer)
    elif len(sweep.axes) == 2 and not sweep.zipped:
        yield _map(answer, width)
    else:
        if sweep.zipped:
            yield _table(answer)
        yield _spread_table(answer)
        yield _where(answer)
    yield from _present(answer)
    yield from _notes(answer)


def _headline(answer: Swept) -> Phrase:
    """Who wins in how many cases, and from where to where the figure goes."""
    spread, cases = answer.shown, answer.sweep.cases
    unit, label = figure_unit(spread.metric), figure_label(spread.metric)
    if spread.low is None:
        reasons = "; ".join(spread.missing_cases)
        return f"None of the {_cases(cases)} has a figure for the {label} of {spread.plan}: {reasons}."
    ends: list[str | Value] = [" from ", Value(spread.low, unit), " to ", Value(spread.high, unit)]
    if spread.metric != GAP:
        if cases == 1:
            return [f"The {label} of {spread.plan} is ", Value(spread.low, unit), "."]
        words = [f"The {label} of {spread.plan} goes", *ends, f" over {_cases(cases)}; the median is "]
        return [*words, Value(spread.median, unit), "."]
    if cases == 1:
        side = " ahead of " if spread.low > 0.0 else " behind " if spread.low < 0.0 else " from "
        return [f"{spread.plan} is ", Value(abs(spread.low), unit), f"{side}{answer.baseline}."]
    much = f"{spread.positive_cases:,} of {cases:,}"
    if spread.positive_cases == cases:
        much = "both" if cases == 2 else f"all {cases:,}"
    elif spread.positive_cases == 0:
        much = f"none of {cases:,}"
    beats = f"{plan_called(answer.scenario, spread.plan)} beats {answer.baseline} in {much} cases"
    return [
        beats,
        "; its NPV difference goes",
        *ends,
        ", the median is ",
        Value(spread.median, unit),
        ".",
        *_turns(answer),
    ]


def _cases(count: int) -> str:
    return f"{count:,} case{'' if count == 1 else 's'}"


def _turns(answer: Swept) -> list[str | Value]:
    """Between which values of a single input the sides change."""
    sweep, turns = answer.sweep, answer.shown.turns
    if len(sweep.axes) > 1 or not turns or not sweep.axes[0].is_column:
        return []
    axis = sweep.axes[0]
    pairs = [ticks(axis, axis.values[[turn, turn + 1]].tolist()) for turn in turns]
    label, unit = axis_words(axis)
    told = ", ".join(f"between {low} and {high}" for low, high in pairs)
    return [f" The sides change {told}{f' {unit}' if unit else ''} of {label}."]


def _thinned(count: int, most: int) -> IntArray:
    """At most ``most`` of ``count`` places, the ends among them, evenly spread."""
    return np.unique(np.rint(np.linspace(0, count - 1, min(count, most))).astype(np.intp))


def _every(count: int, most: int) -> tuple[IntArray, int]:
    """Every so many-th of ``count`` places from the first on, at most ``most`` and perhaps the last, and the step.

    The step is one that ends in the last place, if there is one that shows at least half as many places.
    """
    step = -(-(count - 1) // max(most - 1, 1)) or 1
    step = next((wider for wider in range(step, 2 * step) if (count - 1) % wider == 0), step)
    return np.union1d(np.arange(0, count, step), [count - 1]).astype(np.intp), step


def _pairs(answer: Swept) -> list[tuple[int, int]]:
    """The plans and figures that a table has room for, without differences of the baseline from itself."""
    sweep = answer.sweep
    pairs = [
        (p, m)
        for m, metric in enumerate(sweep.metrics)
        for p, plan in enumerate(sweep.plans)
        if not (metric == GAP and plan == answer.baseline)
    ]
    return pairs[:_FIGURES]


def _value(answer: Swept, number: float, case: int, p: int, m: int) -> Value:
    """One figure of one case; worth is green above zero and red below."""
    plan, metric = answer.sweep.plans[p], answer.sweep.metrics[m]
    if np.isnan(number):
        return Value(None, figure_unit(metric), reason_at(answer.sweep, answer.load, case, plan, metric))
    tone: Tone = "plain"
    if metric.startswith("npv") and number != 0.0:
        tone = "good" if number > 0.0 else "bad"
    return Value(number, figure_unit(metric), tone=tone)


def _table(answer: Swept) -> Table:
    """Some cases in order, each a row: what varied and the figures of every plan."""
    sweep, pairs = answer.sweep, _pairs(answer)
    cases, step = _every(sweep.cases, _ROWS)
    figures = figures_at(sweep, answer.load, cases)
    given = [ticks(axis, values.tolist()) for axis, values in zip(sweep.axes, sweep.given(cases), strict=True)]
    columns = [Column(axis.path, axis_label(axis), "left") for axis in sweep.axes]
    columns += [Column(f"{p} {m}", _of(answer, p, m)) for p, m in pairs]
    rows: list[list[Cell]] = []
    for row, case in enumerate(cases.tolist()):
        values = [_value(answer, float(figures[row, p, m]), case, p, m) for p, m in pairs]
        rows.append([*(Text(texts[row]) for texts in given), *values])
    left_out = len(sweep.plans) * len(sweep.metrics) - len(pairs) > len(sweep.metrics)
    caption = _shown_of(step, sweep.cases, "cases")
    if left_out:
        caption += " Not all figures are shown; --format csv has them."
    return Table("", columns, rows, caption=caption.strip())


def _of(answer: Swept, p: int, m: int) -> str:
    """The heading of a figure of a plan."""
    plan, metric = answer.sweep.plans[p], answer.sweep.metrics[m]
    return f"{plan} ahead by" if metric == GAP else f"{plan}: {figure_label(metric)}"


def _shown_of(step: int, there: int, what: str) -> str:
    """What a thinned table leaves out: nothing if its step is 1."""
    if step == 1:
        return ""
    ending = "th" if step % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(step % 10, "th")
    last = " and the last are" if (there - 1) % step else " is"
    return f"Every {step:,}{ending} of {there:,} {what}{last} shown."


def _chart(answer: Swept) -> Iterator[Chart]:
    """The first figure of every plan along the only axis."""
    sweep = answer.sweep
    axis, metric = sweep.axes[0], sweep.metrics[0]
    if not axis.is_column or sweep.cases < 3:
        return
    cases = _thinned(sweep.cases, _POINTS)
    figures = figures_at(sweep, answer.load, cases)[:, :, 0]
    series = [
        Series(plan, [None if np.isnan(number) else number for number in figures[:, p].tolist()])
        for p, plan in enumerate(sweep.plans)
    ]
    title = f"{figure_label(metric)} by {axis_label(axis)}"
    yield Chart(capital(title), ticks(axis, axis.values[cases].tolist()), series, figure_unit(metric))


def _map(answer: Swept, width: int) -> Table:
    """One figure of one plan over two axes, thinned to what a screen has room for."""
    sweep = answer.sweep
    down, across = sweep.axes
    room = (width - _LABEL_WIDTH) // _FIGURE_WIDTH
    rows, every_row = _every(down.values.size, _MAP_ROWS)
    columns, every_column = _every(across.values.size, max(3, min(_MAP_COLUMNS, room)))
    cases = rows[:, None] * across.values.size + columns
    p, m = sweep.plans.index(answer.plan), sweep.metrics.index(answer.metric)
    figures = figures_at(sweep, answer.load, cases.ravel())[:, p, m].reshape(cases.shape)
    down_ticks, across_ticks = ticks(down, down.values[rows].tolist()), ticks(across, across.values[columns].tolist())
    cells: list[list[Cell]] = []
    for tick, line, of_cases in zip(down_ticks, figures, cases.tolist(), strict=True):
        values = [_value(answer, float(number), case, p, m) for number, case in zip(line, of_cases, strict=True)]
        cells.append([Text(tick, "strong"), *values])
    figure = f"{answer.plan} ahead of {answer.baseline} by" if answer.metric == GAP else _of(answer, p, m)
    title = f"{figure}; down: {axis_label(down)}; across: {axis_label(across)}"
    heads = [Column(str(place), tick) for place, tick in enumerate(across_ticks)]
    shown = _shown_of(every_row, down.values.size, "rows"), _shown_of(every_column, across.values.size, "columns")
    return Table(title, [Column("down", "", "left"), *heads], cells, caption=" ".join(filter(None, shown)))


def _spread_table(answer: Swept) -> Table:
    """From where to where each figure of each plan goes."""
    columns = [Column("figure", "", "left"), Column("low", "Lowest"), Column("median", "Median")]
    columns += [Column("high", "Highest"), Column("missing", "Cases without")]
    rows: list[list[Cell]] = []
    for p, plan in enumerate(answer.sweep.plans):
        for m, metric in enumerate(answer.sweep.metrics):
            spread, unit = answer.summary.spreads[plan, metric], figure_unit(metric)
            if metric == GAP and plan == answer.baseline:
                continue
            values = [Value(number, unit) for number in (spread.low, spread.median, spread.high)]
            rows.append([Text(_of(answer, p, m)), *values, Value(sum(spread.missing_cases.values()), "count")])
    return Table("Over all cases", columns, rows)


def _where(answer: Swept) -> Table:
    """The cases with the lowest and the highest of the figure that is shown, for every plan that has it."""
    sweep, unit = answer.sweep, figure_unit(answer.metric)
    columns = [Column("end", "", "left"), Column("value", figure_label(answer.metric)), Column("case", "Case")]
    columns += [Column(axis.path, axis_label(axis)) for axis in sweep.axes]
    rows: list[list[Cell]] = []
    for plan in sweep.plans:
        spread = answer.summary.spreads[plan, answer.metric]
        if spread.low is None or (answer.metric == GAP and plan == answer.baseline):
            continue
        for name, number, case in (("lowest", spread.low, spread.low_case), ("highest", spread.high, spread.high_case)):
            given = sweep.given(np.array([case]))
            texts = [ticks(axis, value.tolist())[0] for axis, value in zip(sweep.axes, given, strict=True)]
            rows.append([Text(f"{plan}, {name}"), Value(number, unit), Value(case + 1, "count"), *map(Text, texts)])
    return Table("Where the ends are", columns, rows)


def _present(answer: Swept) -> Iterator[Note]:
    """What the inputs that vary are in the scenario as it stands."""
    known = movables_and_shared(answer.scenario)
    held = [(axis, known[axis.path]) for axis in answer.sweep.axes if axis.path in known]
    told = [
        f"{axis_label(axis)}: {format_month(round(movable.value)) if movable.is_month else f'{movable.value:,.7g}'}"
        for axis, movable in held
    ]
    if told:
        yield Note("In the scenario as it stands: " + "; ".join(told) + ".")


def _notes(answer: Swept) -> Iterator[Note]:
    """Who wins how often, what is missing, and what to know of the cases."""
    sweep, wins = answer.sweep, answer.summary.wins
    if len(wins) > 2:
        counts = sorted(wins.items(), key=lambda pair: -pair[1])
        yield Note("Worth most: " + ", ".join(f"{plan} in {_cases(count)}" for plan, count in counts) + ".")
    missing = [
        f"{count:,} of {_cases(sweep.cases)} have no {spread.metric} of {spread.plan}: {reason}"
        for spread in answer.summary.spreads.values()
        for reason, count in spread.missing_cases.items()
    ]
    if missing:
        more = [f"and {len(missing) - _LISTED} more"] if len(missing) > _LISTED else []
        yield Note("Figures that do not exist are left empty:", "plain", [*missing[:_LISTED], *more])
    if answer.doubts:
        cases = [f"case {case + 1:,} ({', '.join(sweep.assignments(case))}): {why}" for case, why in answer.doubts]
        text = "Some cases could be no scenario, or are ready too late for it, and are computed as they are:"
        yield Note(text, "warning", cases[:_LISTED])
    for path, keep in answer.flattened:
        yield Note(f"Each case holds one value of {path} in every month; vary {keep} to keep its course over time.")
    for text in answer.replaced:
        yield Note(f"In every case {text}.")
    if answer.file:
        rows = sweep.cases * len(sweep.plans)
        yield Note(f"All {rows:,} rows ({sweep.cases:,} cases, {len(sweep.plans)} plans) are in {answer.file}.")
    elif sweep.cases > _ROWS:
        yield Note("Add --output FILE.csv or FILE.parquet to have every case.")
