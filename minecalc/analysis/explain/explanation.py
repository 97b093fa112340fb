"""Where does this number come from? A figure of a plan taken apart, down to the inputs.

The plan is computed once more on traced operands (``minecalc.scenario.traced``), so that every formula shown is the one
that was run. A target is a figure of the comparison (``npv_usd``), a line or quantity (``rent_usd``), or one month of
it (``rent_usd@2029-03``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc import figures
from minecalc.analysis.dark_fleets import fleet_flows
from minecalc.analysis.explain.formulas import Formula, Part, Writer, resolved
from minecalc.analysis.explain.graph import beside, merged
from minecalc.analysis.explain.wording import element, is_by_year, is_of_points, is_series, short_name, when
from minecalc.analysis.questions import QuestionError
from minecalc.cashflows import Line
from minecalc.engine import Evaluation, PlanEvaluation, evaluate
from minecalc.figures.power_figures import OF_PEAKS
from minecalc.scenario import Scenario
from minecalc.scenario.traced import traced
from minecalc.schema.names import dotted, nearest, quoted, split_path
from minecalc.timeline import MONTHS_OF_ANY_YEAR, Timeline, parse_month
from minecalc.trace import INPUTS, LEAVES, Traced, named, plain
from minecalc.trace.replay import in_order, walk
from minecalc.units import MONTHS_PER_YEAR


def names(tops: Sequence[Traced], plan: str) -> Mapping[Traced, str]:
    """Names for all quantities that ``tops``, of ``plan``, are made of.

    Where two share a name, each has behind it the use or plan whose inputs it is made of; if that is the same, those
    after the first have a number.
    """
    named: dict[str, list[Traced]] = {}
    asked = set(tops)
    for step in dict.fromkeys(step for top in tops for step in walk(top)):
        if step in asked or (step.name is not None and resolved(step, None)[0] is step):
            named.setdefault(short_name(step), []).append(step)
    found: dict[Traced, str] = {}
    for name, steps in named.items():
        told = Counter[str]()
        for step in steps:
            owner = _owner(step, plan) if len(steps) > 1 else ""
            text = f"{name} of {owner}" if owner else name
            told[text] += 1
            found[step] = f"{text} ({told[text]})" if told[text] > 1 else text
    return found


def _owner(step: Traced, plan: str) -> str:
    """The plan, or the only use or tranche of it, whose inputs a quantity is made of; "" for those of market and site.

    Dates of a tranche are made of those of its plan, too.
    """
    owners: dict[str, set[str]] = {}
    tranches = set[str]()
    for below in walk(step):
        if below.op in INPUTS:
            parts = split_path(below.name or "")
            if parts[0] == "plans":
                owners.setdefault(parts[1], set()).add(parts[3] if len(parts) > 4 and parts[2] == "uses" else "")
                tranches.update(parts[4:5] if parts[2:4] == ["financing", "tranches"] else ())
    if not owners:
        return ""
    if len(tranches) == 1:
        return min(tranches)
    owner = plan if plan in owners else next(iter(owners))
    uses = owners[owner]
    return min(uses) or owner if len(uses) == 1 else owner


#: Names that an error lists.
_LISTED = 8

#: Why there is no DSCR in a month, and no number elsewhere.
_NOTHING_DUE, _NO_NUMBER = "nothing is due", "what it is computed from has no answer"

#: How many names are offered for one that does not exist.
_OFFERED = 3


class Target(NamedTuple):
    """What is explained: a step of the trace, in one row (from 0) or, for ``row`` None, as a whole.

    ``adds_up`` tells whether a sum over its months means something: it does of lines and quantities, not of prices.
    """

    name: str
    step: Traced
    row: int | None
    reason: str | None
    adds_up: bool


class Entry(NamedTuple):
    """One named quantity on the way: what it is called, when, its value and its formula (None for an input).

    ``level`` is how many formulas lie between it and the target.
    """

    level: int
    name: str
    when: str
    step: Traced
    row: int | None
    value: float
    formula: Formula | None


class Explanation(NamedTuple):
    """A target, then every named quantity it is made of, each before what it is made of."""

    plan: str
    target: Target
    entries: tuple[Entry, ...]


def trace_plans(scenario: Scenario) -> Evaluation:
    """Every plan of a scenario of a single case, evaluated on traced operands, with its lines named."""
    evaluation = evaluate(traced(scenario))
    for plan in evaluation.plans.values():
        for name, values in _lines(plan).items():
            named(name, values)
    return evaluation


def targets(evaluation: Evaluation, plan: str) -> dict[str, Any]:
    """Everything of a plan that can be explained, by name: figures ``(1,)`` and lines ``(months, 1)``, traced."""
    found = evaluation.plans[plan]
    numbers = {name: metric.numbers for name, metric in _metrics(evaluation, plan).items()}
    every = numbers | _best_stop(found) | _lines(found)
    return {name: _as_step(name, value) for name, value in every.items()}


def _metrics(evaluation: Evaluation, plan: str) -> dict[str, figures.Metric]:
    found = evaluation.plans[plan]
    own, choice = (
        figures.figures_of(found, figures.names_of(*of)) for of in (("plan", "corner", "debt", "quantity"), ("choice",))
    )
    against = {} if found is evaluation.baseline else figures.against_baseline(evaluation, plan)
    return own | against | choice


def _best_stop(plan: PlanEvaluation) -> dict[str, Any]:
    """The months in which mining stops at its best, by what they are called; one that is no number without mining."""
    if plan.at_best_stop is None:
        return {"best_stop": np.full(1, np.nan)}
    stops = plan.at_best_stop[1]
    return {f"best_stop of {use}" if len(stops) > 1 else "best_stop": month for use, month in stops.items()}


def named_lines(plan: PlanEvaluation) -> Iterator[tuple[str, Line]]:
    """Each line with its name. Those of several uses or tranches, or before a conversion, say whose they are."""
    several = {use.name for use in plan.plan.uses} if len(plan.plan.uses) > 1 else set[str]()
    if plan.financed is not None and len(plan.financed.tranches) > 1:
        several |= {*plan.financed.tranches}
    for line in plan.flows.lines:
        owner = f"{line.use}." if line.use in several else ""
        yield f"{owner}{'meanwhile.' if line.meanwhile else ''}{line.name}", line


def _lines(plan: PlanEvaluation) -> dict[str, Any]:
    """Lines and quantities over time by name."""
    found: dict[str, Any] = {}
    for name, line in named_lines(plan):
        found[name] = found[name] + line.usd if name in found else line.usd
    for fleet, flows in fleet_flows(plan).items():
        for line in flows.lines:
            found[f"{fleet}.{line.name}"] = line.usd
    for name, values in plan.flows.quantities.items():
        found[f"monthly_{name}"] = values
    found |= plan.flows.memo
    uses = (use.inputs for use in plan.plan.uses)
    if plan.engine.scenario.site.is_charged or any(terms.is_charged for terms in uses):
        found |= {name: by_month(plan) for name, by_month in OF_PEAKS.items()}
    lost = plan.engine.lost_margin_usd(plan.plan)
    found |= {"lost_mining_margin_usd": lost, "net_usd": plan.net_usd, "gross_profit_usd": plan.gross_profit_usd}
    return found


def _as_step(name: str, value: Any) -> Traced:
    """A target as a step of its own name; one that shares its step with another name becomes the same again."""
    if type(value) is not Traced:
        return Traced(value, "constant", name=name)
    if value.name is None:
        value.name = name
    return value if value.name == name else Traced(value.value, "same", (value,), name)


def plan_in(target: str) -> str | None:
    """The plan that a target such as ``plans.lease.npv_usd`` names, or None. QuestionError if it is no path."""
    parts = _parts(target)
    return parts[1] if parts[0] == "plans" and len(parts) > 2 else None


def _parts(path: str) -> list[str]:
    try:
        return split_path(path)
    except ValueError as error:
        raise QuestionError(str(error)) from None


def find_target(evaluation: Evaluation, plan: str, wanted: str) -> Target:
    """The target ``name`` or ``name@YYYY-MM`` of a plan. QuestionError with the nearest name if there is none.

    Besides figures and lines, anything on the way to them goes by the name that explanations give it, and inputs also
    by their path.
    """
    name, at, month = wanted.partition("@")
    if not name or (at and not month):
        raise QuestionError(f"{wanted or 'nothing'} names no figure, line or month of one, such as rent_usd@2029-03")
    known = targets(evaluation, plan)
    name = _below_plan(name, plan)
    if name not in known and (plain_name := ".".join(_parts(name))) in known:
        name = plain_name
    if month and f"monthly_{name}" in known:
        name = f"monthly_{name}"
    if name not in known:
        of_a_use = [line for line in known if line.endswith(f".{name}") and ".meanwhile." not in line]
        if len(of_a_use) > 1:
            raise QuestionError(f"{plan} has {' and '.join(of_a_use)}; name one")
        name = of_a_use[0] if of_a_use else name
    step = known[name] if name in known else _on_the_way(evaluation, plan, known, name)
    measured = _metrics(evaluation, plan)
    reason = measured[name].reason() if name in measured else None
    if name == "best_stop" and np.isnan(plain(step)).any():
        reason = figures.NOTHING_TO_STOP
    row = _row(evaluation.scenario, step, name, month) if month else None
    if reason is None and (row is not None or not is_series(step)) and np.isnan(element(step, row)):
        reason = _why_none(step, measured)
    return Target(name, _measured(step), row, reason, name in _lines(evaluation.plans[plan]))


def _why_none(step: Traced, measured: Mapping[str, figures.Metric]) -> str:
    """Why what is on the way to the figures ``measured`` is no number: as that of its name, or because of its month."""
    figure = measured.get(step.name or "")
    reason = None if figure is None else figure.reason()
    return reason or (_NOTHING_DUE if step.name == "dscr_ratio" else _NO_NUMBER)


def _measured(step: Traced) -> Traced:
    """A figure that exists as what it was measured to be, if that has its name."""
    found = of = step
    while type(of) is Traced and of.op == "where" and np.all(plain(of.args[0])):
        of = of.args[1]
        found = of if type(of) is Traced and of.name == step.name else found
    return found


def _below_plan(name: str, plan: str) -> str:
    """``name`` without a plan in front, which must be ``plan``."""
    if not name.startswith("plans."):
        return name
    _, *rest = _parts(name)
    if len(rest) < 2:
        raise QuestionError(f"{name} names no figure or line; write {name}.npv_usd")
    if rest[0] != plan:
        raise QuestionError(f"{name} is of the plan {rest[0]}, not of {plan}; name one plan")
    return dotted(rest[1:])


def _on_the_way(evaluation: Evaluation, plan: str, known: dict[str, Any], name: str) -> Traced:
    """What goes by ``name`` among all that the figures and lines of a plan are made of, first without the baseline."""
    apart = figures.names_of("incremental") if len(evaluation.plans) > 1 else []
    own = [step for target, step in known.items() if target not in apart]
    called: dict[Traced, str] = {}
    for tops in (own, list(known.values())):
        called = dict(names(merged(*tops, *beside(tops)), plan))
        for step, text in called.items():
            path = step.name or "" if step.op in INPUTS else text
            if name in (text, path, path.removeprefix(f"plans.{quoted(plan)}.")):
                return step
        shared = [text for step, text in called.items() if short_name(step) == name]
        if shared:
            raise QuestionError(f"{plan} has {' and '.join(shared)}; name one")
        passed_on = [step for step in in_order(tops) if step.name == name]
        if passed_on:
            return passed_on[0]
    if name in apart:
        raise QuestionError(f"{name} compares with the baseline, which {plan} is; name another plan")
    everything = list(dict.fromkeys([*known, *called.values()]))
    containing = [other for other in known if name in other]
    near = containing or list(filter(None, [nearest(name, everything)]))
    some = f"{', '.join(list(known)[:_LISTED])} and {len(known) - _LISTED} more"
    advice = f"did you mean {' or '.join(near[:_OFFERED])}?" if near else f"there are {some}"
    raise QuestionError(f"{plan} has no figure or line {name}; {advice}")


def _row(scenario: Scenario, step: Traced, name: str, month: str) -> int:
    timeline = scenario.timeline
    if step.op == "list":
        raise QuestionError(f"{name} is a list and has no months; ask for it without @{month}")
    try:
        number = timeline.number(parse_month(month))
    except ValueError as error:
        raise QuestionError(str(error)) from None
    if step.op == "input" and is_series(step):
        stated = step.months or range(timeline.start, timeline.start + step.size)
        if step.months == MONTHS_OF_ANY_YEAR:
            return parse_month(month) % MONTHS_PER_YEAR
        if parse_month(month) not in stated:
            raise QuestionError(f"{name} states nothing for {month}; ask for {name.rpartition('.')[0]}@{month}")
        return stated.index(parse_month(month))
    if not 1 <= number <= timeline.months:
        last = timeline.label(timeline.months)
        raise QuestionError(f"{month} lies outside the horizon, {timeline.label(1)} to {last}")
    if step.size == 1:
        raise QuestionError(f"{name} is one figure and has no months; ask for it without @{month}")
    if is_by_year(step):
        return timeline.year_row(number)
    row = number if is_of_points(step, timeline) else number - 1
    if row >= step.size:
        last = when(step, step.size - 1, timeline)
        raise QuestionError(f"{name} ends with {last}, before {month}; ask for a month up to then")
    return row


def explain(evaluation: Evaluation, plan: str, target: Target) -> Explanation:
    """The way from ``target`` down to the inputs, every named quantity once for each month it is needed in."""
    step, *states = merged(target.step, *beside([target.step]))
    target, timeline = target._replace(step=step), evaluation.scenario.timeline
    writer = Writer(timeline, names([step, *states], plan).__getitem__, states)
    ready = int(np.max(plain(evaluation.plans[plan].ready)))
    entries: dict[Part, Entry] = {}
    rows = range(step.size) if step.op == "list" else [target.row]
    waiting = [(0, Part(step, row)) for row in reversed(rows)]
    while waiting:
        level, part = waiting.pop()
        if part.row is None:
            part = Part(part.step, _typical(part.step, ready, timeline))
        if part not in entries:
            entries[part] = entry = _entry(writer, level, part, whole=target.row is None)
            if entry.formula is not None:
                waiting += [(level + 1, below) for below in reversed(entry.formula.parts)]
    return Explanation(plan, target, tuple(entries.values()))


def _entry(writer: Writer, level: int, part: Part, *, whole: bool) -> Entry:
    """One quantity; where a sum asks for all months, an operand that is nothing in this one shows its own."""
    step, row = part
    formula = None
    if step.op not in LEAVES:
        formula = writer.formula(step, row)
        if whole and step.op in ("added", "at_points"):
            parts = (p._replace(row=None) if is_series(p.step) and not element(*p) else p for p in formula.parts)
            formula = formula._replace(parts=tuple(parts))
    month = when(step, row, writer.timeline)
    return Entry(level, writer.called(step), month, step, row, element(step, row) + 0.0, formula)


def _typical(step: Traced, ready: int, timeline: Timeline) -> int | None:
    """A row to show of all: of the first month after the plan is ready, or the first that holds anything."""
    if not is_series(step):
        return None
    usual = min(ready - 1 + is_of_points(step, timeline), step.size - 1)
    if is_by_year(step):
        usual = timeline.year_row(min(ready, timeline.months))
    holds = np.flatnonzero(step.value.reshape(-1))
    return usual if not holds.size or element(step, usual) else int(holds[0])
