"""An explanation as people read it: the formulas from the top down, then where every input came from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from minecalc.analysis.explain import graph
from minecalc.analysis.explain.explanation import Entry, Explanation
from minecalc.analysis.explain.wording import element, is_series, number, short_name, unit
from minecalc.analysis.records import Entry as Written
from minecalc.analysis.records import heading, rows
from minecalc.arrays import accumulate
from minecalc.document import Block, Cell, Column, Document, Note, Phrase, Table, Text, Value
from minecalc.loading.origins import Origins
from minecalc.schema.names import quoted
from minecalc.timeline import Timeline
from minecalc.trace import INPUTS, Traced

#: Quantities that a screen shows before it stops going deeper.
_ENTRIES_MOST = 24


def document(
    explanation: Explanation, origins: Origins, timeline: Timeline, file: str, depth: int | None = None
) -> Document:
    """The screen of an explanation to ``depth`` levels of formulas (None: what fits), its graph and its records."""
    blocks = list(_screen(explanation, origins, timeline, depth))
    data = heading("explain") | {"file": file, **_data(explanation, origins, timeline)}
    title = f"{explanation.target.name} of {explanation.plan}"
    return Document(title, blocks, rows("explanation", _records(explanation, origins)), data)


def _screen(explanation: Explanation, origins: Origins, timeline: Timeline, depth: int | None) -> Iterator[Block]:
    yield Note(_headline(explanation, timeline), "headline")
    formulas = [entry for entry in explanation.entries if entry.formula is not None]
    deepest = max((entry.level for entry in formulas), default=0)
    most = _fitting(formulas) if depth is None else depth
    shown = [entry for entry in formulas if entry.level < most]
    if shown:
        yield _formulas(shown, timeline)
    hidden = len(formulas) - len(shown)
    if hidden:
        example = next(entry for entry in formulas if entry.level >= most)
        yield Note(
            f"{hidden} more quantities lie below: --depth {deepest + 1} shows all; any of them can be asked for by its "
            f"name, such as {short_name(example.step)}."
        )
    inputs = [entry for entry in explanation.entries if entry.step.op in INPUTS]
    if inputs:
        yield _sources(explanation, inputs, origins)


def _headline(explanation: Explanation, timeline: Timeline) -> Phrase:
    target, top = explanation.target, explanation.entries[0]
    name = f"{target.name} of {explanation.plan}"
    if target.reason is not None:
        when_ = f" {_in(top.when)}" if target.row is not None else ""
        return f"{name}{when_} does not exist: {target.reason}."
    if target.row is None and is_series(target.step):
        one = f"{_in(top.when)} it is {_value(top, timeline)}."
        if target.step.op == "list":
            return f"{name} is {', '.join(number(item, target.step) for item in target.step.value[:, 0])}."
        if not target.adds_up:
            return f"{name} varies by month; {one}"
        total = float(accumulate(target.step.value)[0])
        return f"{name} is {number(total, target.step)} over all months; {one}"
    value = _value(top, timeline)
    if _is_month(top.step) or top.step.op == "date":
        return f"{name} is {value}."
    when_ = f" {_in(top.when)}" if top.when else ""
    short: str | Value = Value(top.value, unit(top.step) or "usd") if unit(top.step) else value
    return [f"{name}{when_} is ", short, f", in full {top.value!r}."]


def _in(when: str) -> str:
    """When, as a sentence has it."""
    return when if when == "today" else f"{'for' if when.endswith('stop') or 'stop ' in when else 'in'} {when}"


def _fitting(formulas: list[Entry]) -> int:
    """How many levels of formulas a screen takes."""
    levels = [entry.level for entry in formulas]
    return next((most for most in range(1, 100) if sum(level <= most for level in levels) > _ENTRIES_MOST), 100)


def _is_month(step: Traced) -> bool:
    """Is it a month by its number?"""
    name = step.name or ""
    return step.op != "date" and unit(step) is None and (name.endswith("_month") or name.startswith("best_stop"))


def _value(entry: Entry, timeline: Timeline) -> str:
    if not _is_month(entry.step):
        return number(entry.value, entry.step)
    if entry.value > timeline.months:
        return f"after the horizon (month {entry.value:.12g})"
    month = timeline.label(int(entry.value)) if entry.value >= 1 else "before the horizon"
    return f"{month} (month {entry.value:.12g})"


def _formulas(entries: list[Entry], timeline: Timeline) -> Table:
    columns = [
        Column("quantity", "Quantity", "left"),
        Column("value", "Value"),
        Column("formula", "Formula, and with numbers", "left"),
    ]
    lines: list[list[Cell]] = []
    for entry in entries:
        assert entry.formula is not None
        name = Text(f"{entry.name}@{entry.when}" if entry.when else entry.name, "plain" if lines else "strong")
        lines.append([name, Text(_value(entry, timeline)), Text(entry.formula.names)])
        if entry.formula.numbers and entry.formula.numbers != entry.formula.names:
            lines.append([Text(""), Text(""), Text(f"= {entry.formula.numbers}", "muted")])
    return Table("How it is computed", columns, lines)


def _sources(explanation: Explanation, inputs: list[Entry], origins: Origins) -> Table:
    columns = [Column("input", "Input", "left"), Column("value", "Value"), Column("origin", "From", "left")]
    own = f"plans.{quoted(explanation.plan)}."
    lines: list[list[Cell]] = []
    for entry in inputs:
        path = (entry.step.name or "").removeprefix(own) + (f"@{entry.when}" if entry.when else "")
        lines.append(
            [Text(path), Text(number(entry.value, entry.step)), Text(origins.of(entry.step.name or "", entry.row).text)]
        )
    caption = f"Paths as in the file; those of the plan itself stand below {own.rstrip('.')}."
    return Table("Where the numbers come from", columns, lines, caption=caption)


def _records(explanation: Explanation, origins: Origins) -> Iterator[dict[str, Written]]:
    """A row a quantity: its value at full precision, its formula, or where it came from."""
    for entry in explanation.entries:
        names, numbers = entry.formula[:2] if entry.formula else ("", "")
        value = "" if math.isnan(entry.value) else repr(entry.value)
        told: dict[str, Written] = {"quantity": entry.name, "when": entry.when, "level": str(entry.level)}
        told |= {"value": value, "unit": unit(entry.step) or "", "formula": names, "numbers": numbers}
        yield told | {"origin": origins.of(entry.step.name or "", entry.row).text if entry.step.op in INPUTS else ""}


def _data(explanation: Explanation, origins: Origins, timeline: Timeline) -> Mapping[str, Any]:
    """The whole graph: every step after its operands, enough to compute the target again."""
    target = explanation.target
    steps, number_of = graph.data([target.step])
    value = element(target.step, target.row) if target.row is not None else target.step.value
    return {
        "plan": explanation.plan,
        "target": target.name,
        "month": None if target.row is None else explanation.entries[0].when,
        "row": target.row,
        "value": graph.numbers(value),
        "unit": unit(target.step),
        "reason": target.reason,
        "start": timeline.label(1),
        "months": timeline.months,
        "quantities": [_quantity(entry, origins) for entry in explanation.entries],
        "steps": steps,
        "result": number_of[target.step],
    }


def _quantity(entry: Entry, origins: Origins) -> dict[str, Any]:
    found: dict[str, Any] = {"name": entry.name, "when": entry.when or None, "level": entry.level}
    found |= {"value": graph.plain_number(entry.value), "unit": unit(entry.step)}
    if entry.formula is not None:
        return found | {"formula": entry.formula.names, "numbers": entry.formula.numbers}
    if entry.step.op not in INPUTS:
        return found
    origin = origins.of(entry.step.name or "", entry.row)
    return found | {"path": entry.step.name, **origin._asdict()}
