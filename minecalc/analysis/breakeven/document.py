"""A break-even answer as people read it. Made from the record alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from minecalc.analysis.breakeven.answer import Record
from minecalc.analysis.breakeven.overview import cell_or_blank, how_far, overview, overview_rows, unit, whose
from minecalc.analysis.level_words import Words, at_value, cell, joined, over_now, word
from minecalc.analysis.records import Entry, rows
from minecalc.document import Block, Cell, Chart, Column, Document, Note, Series, Table, Text, Value
from minecalc.figures.labels import figure_label, input_label, rounded_setting
from minecalc.looks import figure
from minecalc.schema.numbers import unit_words
from minecalc.units import unit_of

#: Rows of a frontier on a screen; files hold all.
_ROWS_MOST = 21


def document(record: Record) -> Document:
    """The screen, the flat rows and the tree of one answer."""
    if "by" in record:
        blocks, found = _frontier(record), _frontier_rows(record)
    elif "solve" in record:
        blocks, found = _solved(record), _solved_rows(record)
    else:
        blocks, found = overview(record), overview_rows(record)
    return Document(f"{record['name']}: break-even", list(blocks), rows("break-evens", found), record)


def _of(plan: Record) -> str:
    """What the gap is called: the NPV ahead of the other plan, or a plan's own figure."""
    return f"ahead of {plan['against']}" if plan["against"] else figure_label(plan["figure"])


def _solved(record: Record) -> Iterator[Block]:
    path = record["solve"]["path"]
    yield Note(_solved_headline(record), "headline")
    yield _answers(record)
    yield _ends(record)
    for plan in record["plans"]:
        for wrong in plan["not_answers"]:
            if plan["answers"] or wrong["kind"] == "jump":
                yield Note(_not_answer(plan, wrong, path), "warning")
    for row in record["scaled"]:
        yield Note(_by_scale(row, path))
    for note in dict.fromkeys(plan["note"] for plan in record["plans"] if plan["note"]):
        yield Note(f"{input_label(path)}: {note}.")
    if record["unmoved"]:
        yield Note(f"It moves nothing of {', '.join(record['unmoved'])}.")
    settings = [f"--set '{answer['set']}'" for plan in record["plans"] for answer in plan["answers"]]
    if settings:
        yield Note("To see it, compare with", bullets=list(dict.fromkeys(settings)))


def _by_scale(row: Record, path: str) -> Words:
    """The answer by a scale beside that by a shift."""
    words: Words = [f"{row['plan']}: scaled instead, which moves months above and below zero apart, level at "]
    words += [word(row["value"], path), " (", Value(row["scale"], "ratio"), f"): --set '{rounded_setting(row['set'])}'"]
    return [*words, "."]


def _solved_headline(record: Record) -> Words:
    label = input_label(record["solve"]["path"])
    return [*joined([_plan_sentence(plan, record["solve"], label) for plan in record["plans"]]), "."]


def _plan_sentence(plan: Record, solve: Record, label: str) -> Words:
    """Where one plan draws level or meets its target, or that it never does."""
    path = solve["path"]
    answers = plan["answers"]
    if not answers:
        return [f"{plan['plan']}: no break-even in {label}: {plan['reason']}", *_at_ends(plan)]
    level = [answer for answer in answers if answer["kind"] != "step"]
    told = [_level_sentence(plan, level, solve, label)] if level else []
    return joined([*told, *(_step_sentence(plan, one, path, label) for one in answers if one["kind"] == "step")])


def _level_sentence(plan: Record, answers: Sequence[Record], solve: Record, label: str) -> Words:
    """Every value at which a plan is level, and every stretch of them from its nearer end."""
    path = solve["path"]
    if plan["against"]:
        words: Words = [f"{plan['plan']} and {plan['against']} are worth the same at {label} "]
    else:
        words = [
            f"{plan['plan']} reaches {figure_label(plan['figure'])} ",
            Value(plan["target"], unit(plan)),
            f" at {label} ",
        ]
    told = list[Words]()
    for answer in answers:
        flat = plan["flat"] if answer is answers[-1] else None
        at = at_value(path, answer, solve["present"], solve["start"], is_path=solve["is_path"], flat=flat)
        now = [] if solve["is_path"] else over_now(answer)
        told.append([*at, *now, *how_far(answer, plan["low"], plan["high"], path)])
    words += joined(told, ", ", " and ")
    several = len(answers) > 1 or answers[0]["kind"] == "stretch"
    return [*words, *_where_ahead(plan, path)] if several and plan["against"] else words


def _where_ahead(plan: Record, path: str) -> Words:
    """At which values a plan is ahead of the other, by its answers and jumps."""
    places = [one for one in (*plan["answers"], *plan["not_answers"]) if isinstance(one["value"], float)]
    places.sort(key=lambda one: one["value"])
    ends = [sorted((one["value"], one["value"] if one["beyond"] is None else one["beyond"])) for one in places]
    ahead: list[Words] = []
    if places and places[0]["sign_below"] == 1:
        ahead.append(["below ", word(ends[0][0], path)])
    for (this, (_, begin)), (_, end) in itertools.pairwise(zip(places, ends, strict=True)):
        if this["sign_above"] == 1:
            ahead.append(["between ", word(begin, path), " and ", word(end[0], path)])
    if places and places[-1]["sign_above"] == 1:
        ahead.append(["above ", word(ends[-1][1], path)])
    return [f"; {plan['plan']} is ahead ", *(joined(ahead, ", ", " and ") if ahead else ["nowhere"])]


def _step_sentence(plan: Record, answer: Record, path: str, label: str) -> Words:
    """The last whole value that keeps the present order and the next."""
    in_ = unit(plan)
    what = "NPV gap" if plan["against"] else figure_label(plan["figure"])
    words: Words = [f"{plan['plan']}: {what} is ", Value(answer["figure_there"], in_), f" at {label} "]
    words += [word(answer["value"], path), " and ", Value(answer["figure_beyond"], in_), " at "]
    return [*words, word(answer["beyond"], path)]


def _at_ends(plan: Record) -> Words:
    """The figures at both ends of the range, where there are any."""
    low, high, in_ = plan["at_low"], plan["at_high"], unit(plan)
    if low is None or high is None:
        return []
    return [" (", Value(low, in_), " at one end, ", Value(high, in_), " at the other)"]


def _answers(record: Record) -> Table:
    """A row for each answer of each plan; a plan without one has a row that says why."""
    path, plans = record["solve"]["path"], record["plans"]
    makers = _steps(path) if record["solve"]["whole"] else _roots(path, plans)
    rows: list[list[Cell]] = []
    for plan in plans:
        name = Text(plan["plan"])
        rows += ([name, *(make(plan, answer) for make in makers.values())] for answer in plan["answers"])
        if not plan["answers"]:
            rows.append([name, cell(None, path, plan["reason"]), *[Text("")] * (len(makers) - 1)])
    columns = [Column("plan", "Plan", "left"), *(Column(title, title) for title in makers)]
    does = "shifted" if any(answer["shift"] is not None for plan in plans for answer in plan["answers"]) else "scaled"
    scaled = f"A value over time is {does} as a whole; its first month stands here."
    scaled = "" if record["solve"]["whole"] else scaled
    return Table(f"{input_label(path)} at which {_level(plans[0])}", columns, rows, caption=scaled)


_Make = Callable[[Record, Record], Cell]


def _roots(path: str, plans: Sequence[Record]) -> dict[str, _Make]:
    """The columns of answers that may be any number, by title."""

    what, per = "Gap" if plans[0]["against"] else "Figure", unit_words(unit_of(path)) or "unit"
    makers: dict[str, _Make] = {"Break-even": lambda _, answer: cell(answer["value"], path)}
    if any(answer["kind"] == "stretch" for plan in plans for answer in plan["answers"]):
        makers["Level to"] = lambda _, answer: cell_or_blank(answer["beyond"], path)
    makers["Over now"] = lambda _, answer: cell_or_blank(answer["scale"], "ratio")
    makers[f"{what} per {per}"] = lambda plan, answer: cell_or_blank(answer["slope_per_unit"], unit(plan))
    if plans[0]["against"]:
        makers["A rise helps"] = _helped
    return makers


def _helped(plan: Record, answer: Record) -> Cell:
    slope = answer["slope_per_unit"]
    return Text("" if not slope else plan["plan"] if slope > 0.0 else plan["against"])


def _steps(path: str) -> dict[str, _Make]:
    """The columns of answers that lie between two whole numbers or months, by title."""

    def further(plan: Record, answer: Record) -> Cell:
        figure = answer["figure_there"] if answer["beyond"] is None else answer["figure_beyond"]
        return Value(figure, unit(plan), "it has none there")

    return {
        "Last as now": lambda _, answer: cell(answer["value"], path),
        "It is then": lambda plan, answer: Value(answer["figure_there"], unit(plan)),
        "Next": lambda _, answer: cell(answer["value"] if answer["beyond"] is None else answer["beyond"], path),
        "And then": further,
    }


def _ends(record: Record) -> Table:
    """The gap of every plan at both ends of the input's range and now."""
    solve, plans = record["solve"], record["plans"]
    columns = [Column("value", input_label(solve["path"]), "left"), Column("which", "", "left")]
    columns += [Column(plan["plan"], f"{plan['plan']}: {_of(plan)}") for plan in plans]
    rows: list[list[Cell]] = []
    for key, which in (("low", "lowest"), ("present", "now"), ("high", "highest")):
        figures = (Value(plan[f"at_{key}"], unit(plan), plan["reasons"].get(f"at_{key}", "")) for plan in plans)
        rows.append([cell(solve[key], solve["path"]), Text(which), *figures])
    return Table("At the ends of the range", columns, rows)


def _not_answer(plan: Record, wrong: Record, path: str) -> Words:
    words: Words = [f"{plan['plan']}: "]
    if wrong["kind"] == "jump":
        words += ["the order changes in a jump at ", word(wrong["value"], path)]
        words += [": ", Value(wrong["figure_there"], unit(plan)), " on one side"]
        if wrong["figure_beyond"] is not None:
            words += [", ", Value(wrong["figure_beyond"], unit(plan)), " on the other"]
        return [*words, "; no value between makes it level"]
    return [*words, "level at ", word(wrong["value"], path), f", which is refused: {wrong['refused']}"]


def _frontier(record: Record) -> Iterator[Block]:
    path, by = record["solve"]["path"], record["by"]["path"]
    label, by_label = input_label(path), input_label(by)
    yield Note(_frontier_headline(record), "headline")
    plans = record["plans"]
    found = [[point["value"] for point in plan["frontier"]] for plan in plans]
    points = [[None if isinstance(value, str) else value for value in line] for line in found]
    at = [point["by"] for point in plans[0]["frontier"]]
    labels = [one if isinstance(one, str) else figure(one, unit_of(by) or "ratio") for one in at]
    if any(number is not None for line in points for number in line):
        title = f"{label} (up) by {by_label} (across), where level"
        series = [Series(plan["plan"], line) for plan, line in zip(plans, points, strict=True)]
        yield Chart(title, labels, series, unit_of(path) or "ratio")
    columns = [Column("by", by_label, "left"), *(Column(plan["plan"], plan["plan"]) for plan in plans)]
    count = len(labels)
    thinned = sorted({round(k * (count - 1) / (min(count, _ROWS_MOST) - 1)) for k in range(min(count, _ROWS_MOST))})
    lines: list[list[Cell]] = []
    for k in thinned:
        level = [plan["frontier"][k] for plan in plans]
        lines.append([cell(at[k], by), *(cell(point["value"], path, point["reason"] or "") for point in level)])
    caption = (
        "The answer nearest to the present value; values over time are scaled as a whole, the first month is shown."
    )
    if len(thinned) < count:
        caption += f" {len(thinned)} of {count} rows; csv and json hold all."
    yield Table(f"{label} at which {_level(plans[0])}", columns, lines, caption=caption)
    if record["unmoved"]:
        yield Note(f"{label} moves nothing of {', '.join(record['unmoved'])}.")


def _level(plan: Record) -> str:
    if plan["against"]:
        return f"a plan is worth as much as {plan['against']}"
    return f"{figure_label(plan['figure'])} meets its target"


def _frontier_headline(record: Record) -> Words:
    path, by = record["solve"]["path"], record["by"]["path"]
    words: Words = []
    for plan in record["plans"]:
        words.append("; " if words else "")
        points = [point for point in plan["frontier"] if point["value"] is not None]
        if not points:
            words.append(f"{plan['plan']}: no break-even in {input_label(path)} at any {input_label(by)} looked at")
            continue
        first, last = points[0], points[-1]
        does = "is level" if plan["against"] else "meets its target"
        words += [f"{plan['plan']} {does} at {input_label(path)} ", word(first["value"], path)]
        words += [f" where {input_label(by)} is ", word(first["by"], by)]
        if last is not first:
            words += [", and ", word(last["value"], path), " where it is ", word(last["by"], by)]
        without = len(plan["frontier"]) - len(points)
        if without:
            words.append(f" (at {without} of {len(plan['frontier'])} values nowhere)")
    return [*words, "."]


def _solved_rows(record: Record) -> Iterator[dict[str, Entry]]:
    path = record["solve"]["path"]
    for plan in record["plans"]:
        for answer in [*plan["answers"], *plan["not_answers"]] or [dict.fromkeys(_ANSWER)]:
            yield {
                **whose(record, plan),
                "path": path,
                "kind": answer["kind"] or "none",
                "value": cell(answer["value"], path),
                "scale_ratio": answer["scale"],
                "slope_per_unit": Value(answer["slope_per_unit"], unit(plan)),
                "figure_there": Value(answer["figure_there"], unit(plan)),
                "beyond": cell(answer["beyond"], path),
                "figure_beyond": Value(answer["figure_beyond"], unit(plan)),
                "set": answer["set"] or "",
                "reason": answer["refused"] or plan["reason"] or "",
                "at_low": Value(plan["at_low"], unit(plan)),
                "at_high": Value(plan["at_high"], unit(plan)),
            }


_ANSWER = ("kind", "value", "scale", "slope_per_unit", "figure_there", "beyond", "figure_beyond", "set", "refused")


def _frontier_rows(record: Record) -> Iterator[dict[str, Entry]]:
    path, by = record["solve"]["path"], record["by"]["path"]
    for plan in record["plans"]:
        for point in plan["frontier"]:
            yield {
                **whose(record, plan),
                "by_path": by,
                "by": cell(point["by"], by),
                "by_set": point["by_set"],
                "path": path,
                "value": cell(point["value"], path),
                "set": point["set"] or "",
                "others": " ".join(str(other) for other in point["others"]),
                "reason": point["reason"] or "",
            }
