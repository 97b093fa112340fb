"""What drives a plan's worth, as people read it: a tornado, how far each input is from turning the choice, shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from minecalc.analysis import level_words
from minecalc.analysis.records import Entry, heading, rows, tree
from minecalc.analysis.sensitivity.ranges import Span
from minecalc.analysis.sensitivity.tornado import (
    GAP,
    NPV,
    STEP,
    Effect,
    Explained,
    Flip,
    Moved,
    SensitivityNumbers,
    Tornado,
)
from minecalc.analysis.sensitivity.variance import CONFIDENCE, Indices
from minecalc.document import Block, Cell, Chart, Column, Document, Note, Phrase, Series, Table, Text, Value
from minecalc.figures.labels import capital, figure_label, figure_unit, input_label, mid_sentence, plan_label
from minecalc.loading import Reading
from minecalc.timeline import format_month
from minecalc.units import unit_of

#: Inputs in the tables and in the chart of a screen; files have all of them.
_ROWS, _BARS = 15, 8

#: Inputs that a sentence names, and each of two lists.
_NAMED, _NEAREST = 3, 4

#: An input that moves the figure asked for and not the gap.
_NO_BEARING = Flip(None, None, inside=False, reason="it has no bearing on the gap")


def document(answer: SensitivityNumbers, reading: Reading, name: str) -> Document:
    """The whole answer on the scenario ``name`` that was read."""
    title = f"{name}: what drives {answer.tornado.plan}"
    found = answer.tornado
    about: dict[str, Entry] = {"file": reading.file, "scenario": name, "plan": found.plan}
    about |= {"baseline": answer.baseline, "metric": found.metric}
    records = rows("inputs", (_row(item, answer, about) for item in found.moved))
    return Document(title, list(_blocks(answer)), records, _data(answer, reading, name))


def _blocks(answer: SensitivityNumbers) -> Iterator[Block]:
    found = answer.tornado
    exists = found.present[found.metric] is not None
    drivers = [item for item in found.drivers() if exists or item.effects[found.metric].exists]
    yield Note(_headline(answer, drivers), "headline")
    yield from _nearest(answer)
    if drivers:
        yield from _chart(found, drivers)
        yield _tornado_table(found, drivers)
        yield _distance_table(answer, drivers)
    if answer.explained is not None:
        yield from _shares(answer.explained, found)
    yield from _notes(found, drivers)


def _headline(answer: SensitivityNumbers, drivers: Sequence[Moved]) -> Phrase:
    """Where the figure stands, what moves it most, and whether any input alone turns the choice round."""
    found = answer.tornado
    metric, now = found.metric, found.present[found.metric]
    unit = figure_unit(metric)
    words: list[str | Value]
    if metric == GAP and now == 0.0:
        words = [f"{found.plan} and {answer.baseline} are worth the same."]
    elif metric == GAP and now is not None:
        called = plan_label(found.plan, found.corner)
        words = [f"{called} is ", Value(abs(now), unit), f" {'ahead of' if now >= 0.0 else 'behind'} "]
        words += [answer.baseline, "."]
    else:
        reason = found.reasons.get(metric, "")
        words = [f"The {figure_label(metric)} of {found.plan} is ", Value(now, unit, reason), "."]
    if not drivers:
        return [*words, f" No input {'moves it' if now is not None else 'gives it a value'} within its range."]
    words.append(" What moves it most: ")
    for number, item in enumerate(drivers[:_NAMED]):
        effect = item.effects[metric]
        words += ["; " if number else "", _inline(item.span, found)]
        words += [" from ", _word(item.span, item.span.low), " to ", _word(item.span, item.span.high)]
        words += [" gives ", Value(effect.low, unit), " to ", Value(effect.high, unit)]
    words.append(".")
    if answer.flips and found.present[GAP] != 0.0:
        words += _turned(answer)
    return words


def _turned(answer: SensitivityNumbers) -> list[str | Value]:
    """How many inputs turn the choice alone, and the nearest of them."""
    inside = [path for path, flip in answer.flips.items() if flip.inside]
    near = [path for path, flip in answer.flips.items() if flip.x is not None]
    choice = _choice(answer)
    if not near:
        return [f" No input turns {choice} at any value it may take."]
    nearest = _flip_words(answer, near[0])
    if not inside:
        told = f" No input alone turns {choice} within its range"
    elif len(inside) == 1:
        told = f" One input alone turns {choice} within its range"
    else:
        told = f" {len(inside)} inputs, each alone, turn {choice} within their range"
    return [f"{told}; nearest: ", *nearest, "."]


def _choice(answer: SensitivityNumbers) -> str:
    """What inputs may turn: which plan is ahead, named where another figure is asked about."""
    found = answer.tornado
    return "the choice" if found.metric == GAP else f"the choice between {found.plan} and {answer.baseline}"


def _label(span: Span, found: Tornado) -> str:
    return input_label(span.movable.path, found.plan)


def _chart(found: Tornado, drivers: Sequence[Moved]) -> Iterator[Chart]:
    """How far each of the first inputs moves the figure either way."""
    now = found.present[found.metric]
    shown = drivers[:_BARS]
    if now is None:
        return
    effects = [item.effects[found.metric] for item in shown]
    ends = [
        Series("input at its low", [None if effect.low is None else effect.low - now for effect in effects]),
        Series("input at its high", [None if effect.high is None else effect.high - now for effect in effects]),
    ]
    title = f"Change of the {figure_label(found.metric)} with one input moved"
    yield Chart(title, [_label(item.span, found) for item in shown], ends, figure_unit(found.metric), "bar")


def _tornado_table(found: Tornado, drivers: Sequence[Moved]) -> Table:
    metric, unit = found.metric, figure_unit(found.metric)
    heads = {"input": "Input", "low": "Low", "high": "High", "at_low": "At low", "at_high": "At high", "swing": "Swing"}
    heads |= {"npv_swing_usd": "NPV swing"} if metric == GAP else {}
    columns = [Column(key, title, "left" if key == "input" else "right") for key, title in heads.items()]
    lines: list[list[Cell]] = []
    for item in drivers[:_ROWS]:
        span, effect = item.span, item.effects[metric]
        row: list[Cell] = [Text(_label(span, found)), cell(span, span.low), cell(span, span.high)]
        row += [_figure(number, unit) for number in (effect.low, effect.high, effect.swing)]
        row += [_figure(item.effects[NPV].swing, "usd")] if metric == GAP else []
        lines.append(row)
    caption = "An input of another plan carries its name. Values over time are those of the first month."
    if len(drivers) > _ROWS:
        caption += f" {len(drivers) - _ROWS} more inputs move it less: --format csv has all."
    return Table(f"Each input moved alone: {figure_label(metric)}", columns, lines, caption=caption)


def _figure(number: float | None, unit: str) -> Value:
    return Value(number, unit, "" if number is not None else "the figure does not exist there")


def _distance_table(answer: SensitivityNumbers, drivers: Sequence[Moved]) -> Table:
    """Where each range comes from, the elasticities, and how far the input is from turning the choice."""
    found = answer.tornado
    columns = [Column("input", "Input", "left"), Column("present", "Now"), Column("range", "Range", "left")]
    if answer.flips:
        columns += [Column("flip", "Turns the choice at"), Column("away_fraction", "That is")]
    elasticities = list(found.present)
    for name in elasticities:
        short = "Gap" if name == GAP else capital(figure_label(name))
        columns.append(Column(f"elasticity_{name}", f"{short} per +1%"))
    lines = []
    for item in drivers[:_ROWS]:
        span = item.span
        row: list[Cell] = [Text(_label(span, found)), cell(span, span.movable.present), Text(span.basis)]
        if answer.flips:
            flip = answer.flips.get(span.movable.path, _NO_BEARING)
            away = Text("") if flip.x is None else Text(_away(span, flip), "bad" if flip.inside else "plain")
            row += [cell(span, flip.x, flip.reason), away]
        row += [_elasticity(item.effects[name]) for name in elasticities]
        lines.append(row)
    title = "How far each input is from turning the choice" if answer.flips else "Elasticities"
    caption = (
        f"Per +1%: change of the figure, as a share of its size, for one per cent more of the input, by a central "
        f"difference over {2 * STEP:.3%} of it (over a month or a unit where it is counted)."
    )
    return Table(title, columns, lines, caption=caption)


def _elasticity(effect: Effect) -> Value:
    return Value(None if effect.elasticity is None else effect.elasticity / 100.0, "fraction", effect.reason)


def _away(span: Span, flip: Flip) -> str:
    """How far a flip is from the present value: per cent of it, months, or points of a growth."""
    assert flip.x is not None
    moved = flip.x - span.movable.present
    if flip.away is not None:
        return f"{100 * flip.away:+,.3g}%" if abs(flip.away) < 10.0 else f"{1 + flip.away:,.3g}x"
    if span.movable.whole:
        return f"{moved:+,.0f} mo"
    return f"{100 * moved:+,.3g} points"


def _nearest(answer: SensitivityNumbers) -> Iterator[Note]:
    """The inputs nearest to turning the choice, in order, and whether their range reaches that far."""
    near = [path for path, flip in answer.flips.items() if flip.x is not None]
    if answer.tornado.present.get(GAP) == 0.0:
        return  # neither plan is ahead, so nothing turns round
    choice = _choice(answer)
    for inside, told in (
        (True, f"Within its range, each alone turns {choice}:"),
        (False, f"Nearest to turning {choice}, outside its range:"),
    ):
        paths = [path for path in near if answer.flips[path].inside is inside][:_NEAREST]
        if paths:
            yield Note(told, bullets=[_flip_words(answer, path) for path in paths])


def _flip_words(answer: SensitivityNumbers, path: str) -> list[str | Value]:
    """Where an input turns the choice: ``building capex at $14.0M (+39.9%; range $8.00M to $13.2M)``."""
    flip, found = answer.flips[path], answer.tornado
    span = next(item.span for item in found.moved if item.span.movable.path == path)
    words: list[str | Value] = [f"{_inline(span, found)} at ", _word(span, flip.x), f" ({_away(span, flip)}"]
    if not flip.inside:
        words += ["; range ", _word(span, span.low), " to ", _word(span, span.high)]
    return [*words, ")"]


def _inline(span: Span, found: Tornado) -> str:
    return mid_sentence(_label(span, found))


def _shares(explained: Explained, found: Tornado) -> Iterator[Block]:
    """The Sobol indices and what they say in a sentence."""
    if explained.indices is None:
        yield Note(f"There are no shares of the variance: {explained.reason}.", "warning")
        return
    indices = explained.indices
    order = sorted(range(len(explained.spans)), key=lambda i: -float(indices.total[i]))
    yield Note(_share_sentence(explained, indices, order, found))
    columns = [Column("input", "Input", "left"), Column("first_order_fraction", "Alone")]
    columns += [Column("first_low", "from"), Column("first_high", "to")]
    columns += [Column("total_fraction", "With the others"), Column("total_low", "from"), Column("total_high", "to")]
    lines: list[list[Cell]] = []
    for i in order:
        shares = [Value(float(values[i]), "fraction") for values in indices[:6]]
        lines.append([Text(_label(explained.spans[i], found)), *shares])
    caption = (
        f"Sobol indices, first-order and total, with {CONFIDENCE:.0%} intervals: {explained.samples:,} samples, "
        f"{indices.cases:,} evaluations, seed {explained.seed}; inputs independent and uniform over their ranges."
    )
    yield Table(f"Shares of the variance of the {figure_label(found.metric)}", columns, lines, caption=caption)


def _share_sentence(explained: Explained, indices: Indices, order: Sequence[int], found: Tornado) -> Phrase:
    first = sorted(order, key=lambda i: -float(indices.first[i]))[:_NAMED]
    together = min(max(1.0 - sum(float(share) for share in indices.first), 0.0), 1.0)
    label, unit = figure_label(found.metric), figure_unit(found.metric)
    words: list[str | Value] = [f"With {len(order)} inputs anywhere in their ranges the {label} averages "]
    words += [Value(indices.mean, unit), " with a standard deviation of ", Value(indices.standard_deviation, unit)]
    words.append(": ")
    for number, i in enumerate(first):
        words += ["; " if number else "", f"{_inline(explained.spans[i], found)} alone explains "]
        words.append(Value(max(float(indices.first[i]), 0.0), "fraction"))
    words += [" of its variance; ", Value(together, "fraction"), " comes from inputs acting together."]
    held = len(found.drivers()) - len(order)
    if held > 0:
        words.append(f" Inputs held because they move it less: {held}.")
    return words


def _notes(found: Tornado, drivers: Sequence[Moved]) -> Iterator[Note]:
    shared = _shared(drivers)
    if shared:
        yield Note(f"Several plans or uses have the same {'; '.join(shared)}: here it moves in one of them at a time.")
    idle = len(found.moved) - len(drivers)
    if idle:
        yield Note(f"Inputs that change nothing here within their ranges: {idle}.")
    zero = sum("is 0" in reason for reason in found.held.values())
    if zero:
        yield Note(f"Inputs held because they are 0 (--range PATH=low:high moves one): {zero}.")
    if len(found.held) > zero:
        yield Note(f"Inputs held because others decide them (json says which): {len(found.held) - zero}.")
    refused = [
        f"{_label(item.span, found)} at its {end}: {message}"
        for item in drivers[:_ROWS]
        for end, message in item.refused.items()
    ]
    if refused:
        yield Note(
            "Calculated though check would refuse it, so read these ends as a rate of change, not as a plan:",
            "warning",
            refused,
        )


def _shared(drivers: Sequence[Moved]) -> list[str]:
    """Names of inputs that several plans or uses give the same value."""
    places = Counter(
        (input_label(item.span.movable.path).split(" (")[0], item.span.movable.value)
        for item in drivers
        if item.span.movable.path.startswith("plans.") and item.span.movable.value
    )
    return [mid_sentence(name) for (name, _), count in places.items() if count > 1]


def _held(span: Span, x: float | None) -> float | str | None:
    """An input's value at x as files have it: of the first month, or a date."""
    if x is None:
        return None
    return format_month(round(x)) if span.movable.is_month else span.movable.value_at(x)


def cell(span: Span, x: float | None, reason: str = "") -> Cell:
    """The same for a table."""
    return level_words.cell(_held(span, x), span.movable.path, reason)


def _word(span: Span, x: float | None) -> str | Value:
    """The same within a sentence."""
    shown = cell(span, x)
    return shown.text if isinstance(shown, Text) else shown


def _data(answer: SensitivityNumbers, reading: Reading, name: str) -> dict[str, Any]:
    """The whole answer as a tree."""
    found = answer.tornado
    told: dict[str, Any] = {"plan": found.plan, "baseline": answer.baseline, "metric": found.metric}
    told |= {
        "present": found.present,
        "reasons": found.reasons,
        "inputs": [_input(item, answer) for item in found.moved],
        "held": found.held,
    }
    shares = {} if answer.explained is None else {"global": _global(answer.explained)}
    return heading("sensitivity", reading) | {"name": name, **tree(told), **shares}


def _input(item: Moved, answer: SensitivityNumbers) -> dict[str, Any]:
    span, flip = item.span, answer.flips.get(item.span.movable.path)
    entry: dict[str, Any] = {
        "path": span.movable.path,
        "present": _held(span, span.movable.present),
        "low": _held(span, span.low),
    }
    entry |= {"high": _held(span, span.high), "basis": span.basis, "source": span.source}
    entry |= {"refused": item.refused, "effects": item.effects}
    if flip is not None:
        at = {"value": _held(span, flip.x), "set": None if flip.x is None else span.movable.setting(flip.x)}
        entry["flip"] = at | {"away_fraction": flip.away, "inside": flip.inside, "reason": flip.reason or None}
    return entry


def _global(explained: Explained) -> dict[str, Any]:
    head = {"samples": explained.samples, "seed": explained.seed, "confidence_fraction": CONFIDENCE}
    indices = explained.indices
    if indices is None:
        return head | {"inputs": None, "reason": explained.reason}
    *_, mean, deviation, cases = indices
    columns = {f"{key}_fraction": values.tolist() for key, values in zip(indices._fields[:6], indices[:6], strict=True)}
    inputs = [
        {"path": span.movable.path, **{key: values[i] for key, values in columns.items()}}
        for i, span in enumerate(explained.spans)
    ]
    return head | {"evaluations": cases, "mean": mean, "standard_deviation": deviation, "inputs": inputs}


def _row(item: Moved, answer: SensitivityNumbers, about: dict[str, Entry]) -> dict[str, Entry]:
    """An input that was moved, every figure at full precision."""
    span = item.span
    unit = "month" if span.movable.is_month else unit_of(span.movable.path) or "ratio"
    row = about | {"input": span.movable.path, "unit": unit}
    row |= {"present": cell(span, span.movable.present), "low": cell(span, span.low), "high": cell(span, span.high)}
    row |= {"basis": span.basis, "source": span.source}
    for figure, effect in item.effects.items():
        ends = {"low": effect.low, "high": effect.high, "swing": effect.swing}
        row |= {f"{figure}_{key}": Value(number, figure_unit(figure)) for key, number in ends.items()}
        row[f"{figure}_elasticity"] = Value(effect.elasticity, "ratio")
    flip = answer.flips.get(span.movable.path)
    if flip is not None:
        row |= {
            "flip": cell(span, flip.x),
            "flip_away_fraction": flip.away,
            "flip_inside": "yes" if flip.inside else "no",
        }
    shares = None if answer.explained is None else _global(answer.explained)["inputs"]
    own: dict[str, Any] = next((entry for entry in shares or () if entry["path"] == span.movable.path), {})
    return row | {key: share for key, share in own.items() if key != "path"}
