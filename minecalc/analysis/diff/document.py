"""What changed between two scenarios as people read it: what differs, and a waterfall from A to B for each plan.

Made from the record alone. Inputs stand as a file gives them, so that what differs in the fifth digit looks different.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from minecalc.analysis.diff.attribution import Record
from minecalc.analysis.records import Entry, heading, rows
from minecalc.document import Block, Cell, Chart, Column, Document, Note, Phrase, Series, Table, Text, Tone, Value
from minecalc.figures import IS_BASELINE
from minecalc.figures.labels import capital, input_label
from minecalc.schema.names import split_path
from minecalc.schema.numbers import unit_words
from minecalc.units import unit_of

#: Changes that a waterfall shows one by one and a headline names; the others are summed.
_ROWS_MOST, _NAMED_MOST = 12, 3

#: Money below this, in USD, is rounding.
_CENT = 0.01

#: The columns of the records.
_COLUMNS = (
    *("plan", "change", "method", "npv_effect_usd", "npv_standard_error_usd"),
    *("npv_difference_effect_usd", "npv_difference_standard_error_usd"),
    *("npv_a_usd", "npv_b_usd", "npv_difference_a_usd", "npv_difference_b_usd", "baseline_a", "baseline_b"),
)

_HOW = (
    "What a change adds is its Shapley value: the mean of what it adds over all orders in which the changes can be "
    "made. Changes that work together share what they do together, and all of them add up to the whole."
)
_SAMPLED = (
    " There are too many changes to try all combinations: {samples:,} orders were sampled (seed {seed}); +/- is the "
    "standard error."
)


def document(record: Record) -> Document:
    """The screen of one record of ``diff``."""
    title = f"{record['a']['name']}: what changed from A to B"
    data = heading("diff") | record
    return Document(title, list(_screen(record)), rows("effects", _flat(record), _COLUMNS), data)


def _screen(record: Record) -> Iterator[Block]:
    yield Note(_headline(record), "headline")
    if record["changes"] or record["without_effect"]:
        yield _inputs_table(record)
    moved = [plan for plan in record["plans"] if _moves(plan["npv"]) or _moves(plan["vs_baseline"])]
    for plan in moved:
        yield _waterfall(record, plan)
    if moved:
        yield _chart(record, _main(record, moved))
    still = [plan["name"] for plan in record["plans"] if plan not in moved]
    if still and record["changes"]:
        yield Note(f"No change moves {', '.join(still)}.")
    strange = {reason for plan in record["plans"] for reason in plan["reasons"].values()} - {IS_BASELINE}
    for reason in strange:
        yield Note(f"No lead over a baseline can be attributed: {reason}.")
    idle = [_label(change) for i, change in enumerate(record["changes"]) if not _matters(record, i)]
    if idle:
        yield Note(f"Without effect on what is shown: {'; '.join(idle)}.")
    for old, new in record["renamed"].items():
        yield Note(f"The plan {old} of A is called {new} in B, with the same content.")
    for key, told in (("added", "B has one more plan"), ("removed", "B no longer has the plan")):
        for name, npv in record[key].items():
            yield Note([f"{told}: {name}, NPV ", Value(npv, "usd"), "."])
    if moved:
        yield Note(_HOW + ("" if record["samples"] is None else _SAMPLED.format(**record)))


def _moves(part: Record | None) -> bool:
    return part is not None and any(_counts(effect["usd"]) for effect in part["effects"])


def _matters(record: Record, change: int) -> bool:
    """Whether a change moves anything."""
    parts = [part for plan in record["plans"] for part in (plan["npv"], plan["vs_baseline"]) if part is not None]
    return any(_counts(part["effects"][change]["usd"]) for part in parts)


def _counts(usd: float) -> bool:
    """Whether money is more than rounding."""
    return abs(usd) >= _CENT


def _main(record: Record, plans: Sequence[Record]) -> Record:
    """The plan that a reader asks for first: that of A's headline, else the one furthest ahead in B."""
    gaps = [plan for plan in plans if plan["vs_baseline"] is not None]
    rivals = [plan for plan in gaps if plan["name"] != record["b"]["baseline"]] or gaps
    best = [plan for plan in rivals if plan["name"] in (record["a"]["best_plan"], record["a"]["headline_plan"])]
    return max(best or rivals, key=lambda plan: plan["vs_baseline"]["b_usd"], default=plans[0])


def _baseline(record: Record) -> str:
    before, after = record["a"]["baseline"], record["b"]["baseline"]
    return before if before == after else f"the baseline ({before} in A, {after} in B)"


def _headline(record: Record) -> Phrase:
    """From what to what, through which changes, and whether the choice is another."""
    if not record["plans"]:
        return "A and B have no plan in common, so no change can be attributed."
    if not record["changes"]:
        others = record["added"] or record["removed"] or record["renamed"]
        return "No input differs in the plans that A and B share." if others else "A and B do not differ."
    plan = _main(record, record["plans"])
    subject, part = _subject(record, plan)
    words: list[str | Value] = [f"{subject}: ", Value(part["a_usd"], "usd")]
    if _moves(part):
        tone: Tone = "good" if part["change_usd"] > 0.0 else "bad"
        words += [" becomes ", Value(part["b_usd"], "usd", tone=tone)]
    else:
        words.append(" in A and in B")
    for number, (label, (step,)) in enumerate(_steps(record, plan, [part], _NAMED_MOST)):
        words += ["; " if number else ": ", f"{label} {'+' if step['usd'] > 0.0 else ''}", Value(step["usd"], "usd")]
    before, after = record["a"]["best_plan"], record["b"]["best_plan"]
    told = "."
    if before != after:
        told = f". The best plan was {before} and is now {after}."
    elif plan["vs_baseline"]:
        told = f". {after} stays the best plan."
    return [*words, told]


def _subject(record: Record, plan: Record) -> tuple[str, Record]:
    """What a plan is judged by: what it is ahead of the baseline, or its NPV."""
    gap: Record | None = plan["vs_baseline"]
    if gap is None:
        return f"NPV of {plan['name']}", plan["npv"]
    at_own = ", each at its own rate" if record["a"]["own_rates"] or record["b"]["own_rates"] else ""
    return f"Lead of {plan['name']} over {_baseline(record)}{at_own}", gap


def _steps(record: Record, plan: Record, parts: Sequence[Record], most: int) -> list[tuple[str, list[Record]]]:
    """What the changes that move one of ``parts`` add to each, the largest in the last part first.

    At most ``most`` stand alone; the others are one step, whose error is unknown.
    """
    effects = [part["effects"] for part in parts]
    moving = [i for i in range(len(record["changes"])) if any(_counts(own[i]["usd"]) for own in effects)]
    moving.sort(key=lambda i: -abs(effects[-1][i]["usd"]))
    cut = len(moving) if len(moving) <= most + 1 else most
    steps = [(_label(record["changes"][i], plan["name"]), [own[i] for own in effects]) for i in moving[:cut]]
    if cut < len(moving):
        rest = [_step(sum(own[i]["usd"] for i in moving[cut:])) for own in effects]
        steps.append((f"{len(moving) - cut} others", rest))
    return steps


def _step(usd: float) -> Record:
    """What several changes add together."""
    return {"usd": usd, "standard_error_usd": None}


def _label(change: Mapping[str, Any], plan: str = "") -> str:
    """What a reader of a plan's table calls a change."""
    label, others = _named(change["path"], plan), len(change["inputs"]) - 1
    return f"{label} and {others} more" if others else label


def _inputs_table(record: Record) -> Table:
    """Every input that differs, as the files give it; those of one change stand together."""
    columns = [
        Column("input", "What differs", "left"),
        Column("a", "A"),
        Column("b", "B"),
        Column("unit", "Unit", "left"),
        Column("origin_a", "A line", "left"),
        Column("origin_b", "B line", "left"),
    ]
    lines: list[list[Cell]] = []
    owner = ""
    for change in record["changes"]:
        if _owner(change["path"]) != owner:
            owner = _owner(change["path"])
            lines.append([Text(owner, "strong"), *[Text("")] * (len(columns) - 1)])
        lines += [_input_row(place, owner, "with " if i else "") for i, place in enumerate(change["inputs"])]
    sections = [len(lines)] if lines and record["without_effect"] else []
    lines += [_input_row(place, "", "", muted=True) for place in record["without_effect"]]
    a, b = record["a"]["file"], record["b"]["file"]
    caption = f"A and B are {a}." if a == b else f"A is {a}, B is {b}."
    if record["without_effect"]:
        caption += " What stands below the line enters no cash flow."
    return Table("Inputs that differ", columns, lines, sections, caption)


def _owner(path: str) -> str:
    """The plan that an input belongs to, "" for one of the whole scenario."""
    parts = split_path(path)
    return parts[1] if parts[0] == "plans" else ""


def _input_row(place: Mapping[str, Any], owner: str, before: str, *, muted: bool = False) -> list[Cell]:
    values = [place["a"], place["b"]]
    tones: list[Tone] = ["muted" if value is None or muted else "plain" for value in values]
    label = ("  " if owner else "") + before + _named(place["path"], owner)
    return [
        Text(label, "muted" if muted else "plain"),
        *(Text(_as_given(value), tone) for value, tone in zip(values, tones, strict=True)),
        Text(unit_words(unit_of(place["path"])), "muted"),
        *(Text(_origin(place[key]), "muted") for key in ("origin_a", "origin_b")),
    ]


def _named(path: str, plan: str = "") -> str:
    """What a reader of a plan's table calls what differs."""
    parts = split_path(path)
    known = {"baseline": "Another baseline", "name": "Name", "headline_plan": "Plan of the headline"}
    if path in known:
        return known[path]
    whole = parts[0] == "plans" and len(parts) == 2
    return f"Uses of {parts[1]}" if whole else input_label(path, plan)


def _origin(origin: Mapping[str, Any]) -> str:
    """The line of the file, or what the value was taken from instead."""
    return str(origin["source"] if origin["line"] is None else origin["line"])


def _as_given(value: Any) -> str:
    """An input in few words, its numbers in full."""
    match value:
        case None | []:
            return "none"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:,.12g}"
        case {"shift": shift, **rest}:
            return f"{_as_given(rest)} {shift:+.12g}"
        case {"scale": scale, **rest}:
            return f"{_as_given(rest)} x {scale:.12g}" if rest else f"x {scale:.12g}"
        case {"value": amount}:
            return _as_given(amount)
        case {"start": start, "growth_fraction_per_year": growth}:
            return f"{_as_given(start)}, {100 * growth:+.6g}% a year"
        case {"steps": dict(by_month)} | {"points": dict(by_month)}:
            shown = [f"{_as_given(amount)} in {month}" for month, amount in by_month.items()]
            return ", ".join(shown) if len(shown) <= 3 else f"{shown[0]}, {len(shown) - 2} more, {shown[-1]}"
        case {"csv": list(amounts), "repeat": "yearly"}:
            growth = value.get("growth_fraction_per_year")
            season = f"every year {_as_given(min(amounts))} to {_as_given(max(amounts))}"
            return season if growth is None else f"{season}, {100 * growth:+.6g}% a year"
        case {"csv": list(amounts)} | {"history": list(amounts)}:
            form = "csv" if "csv" in value else "history"
            return f"{form}, {len(amounts)} months: {_as_given(amounts[0])} to {_as_given(amounts[-1])}"
        case dict():
            return ", ".join(f"{key} {_as_given(own)}" for key, own in value.items())
        case list():
            shown = [_as_given(own) for own in value]
            return ", ".join(shown) if len(shown) <= 3 else f"{len(shown)} values: {shown[0]} to {shown[-1]}"
        case _:
            return str(value)


def _waterfall(record: Record, plan: Record) -> Table:
    """From A through each change to B: the plan's NPV, and what it is ahead of the baseline."""
    named = {"npv": ("NPV", plan["npv"]), "gap": ("lead", plan["vs_baseline"])}
    shown = {key: (name, part) for key, (name, part) in named.items() if part is not None}
    parts = [part for _, part in shown.values()]
    is_sampled = any(part["method"] == "sampled" for part in parts)
    columns = [Column("change", "", "left")]
    for key, (name, _) in shown.items():
        columns.append(Column(f"{key}_effect_usd", f"adds to {name}"))
        columns += [Column(f"{key}_standard_error_usd", "+/-")] if is_sampled else []
        columns.append(Column(f"{key}_usd", capital(name)))

    def row(label: str, steps: Sequence[Record | None], levels: Sequence[float], tone: Tone = "plain") -> list[Cell]:
        cells: list[Cell] = [Text(label, tone)]
        for step, level in zip(steps, levels, strict=True):
            error = None if step is None else step["standard_error_usd"]
            cells.append(Text("") if step is None else _signed(step["usd"]))
            if is_sampled:
                cells.append(Text("") if error is None else Value(error, "usd", tone="muted"))
            cells.append(Value(level, "usd", tone=tone))
        return cells

    levels = [part["a_usd"] for part in parts]
    lines = [row("A", [None] * len(parts), levels, "strong")]
    for label, steps in _steps(record, plan, parts, _ROWS_MOST):
        levels = [level + step["usd"] for level, step in zip(levels, steps, strict=True)]
        lines.append(row(label, steps, levels))
    whole = [_step(part["change_usd"]) for part in parts]
    lines.append(row("B", whole, [part["b_usd"] for part in parts], "strong"))
    title = f"{plan['name']}, and its lead over {_baseline(record)}" if len(parts) > 1 else plan["name"]
    return Table(title, columns, lines, (len(lines) - 1,))


def _signed(usd: float) -> Value:
    return Value(usd, "usd", tone="good" if usd > 0.0 else "bad" if usd < 0.0 else "muted")


def _chart(record: Record, plan: Record) -> Chart:
    """From A to B as bars, for the plan that a reader asks for first."""
    subject, part = _subject(record, plan)
    steps = _steps(record, plan, [part], _ROWS_MOST)
    labels = ["A", *(label for label, _ in steps), "B"]
    usd = [part["a_usd"], *(step["usd"] for _, (step,) in steps), part["b_usd"]]
    return Chart(subject, labels, [Series("usd", usd)], "usd", "bar")


def _flat(record: Record) -> Iterator[dict[str, Entry]]:
    """A row for each plan and change, every figure at full precision."""
    for plan in record["plans"]:
        parts = (plan["npv"], plan["vs_baseline"])
        ends = [part and part[f"{side}_usd"] for part in parts for side in ("a", "b")]
        for i, effect in enumerate(plan["npv"]["effects"]):
            effects = [part and part["effects"][i][key] for part in parts for key in ("usd", "standard_error_usd")]
            place = (plan["name"], effect["path"], (parts[1] or parts[0])["method"])
            sides = (record[side]["baseline"] for side in ("a", "b"))
            yield dict(zip(_COLUMNS, (*place, *effects, *ends, *sides), strict=True))
