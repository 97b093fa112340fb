"""Defaults that decide: inputs nobody gave, within whose published range a plan and the baseline change places."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.on_record import published
from minecalc.arrays import FloatArray
from minecalc.engine import outcomes
from minecalc.loading.origins import Defaulted
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, movables
from minecalc.scenario.varying import taken, vary
from minecalc.schema.names import split_path
from minecalc.uses.use_terms import Published

Record = dict[str, Any]


class _Candidate(NamedTuple):
    item: Defaulted
    movable: Movable
    ends: Published


class _Told(NamedTuple):
    """A case, by its place, and its lead; ``asked`` are inputs that are moved together, as they are in that case."""

    case: int
    lead_usd: float
    asked: list[list[_Candidate]]


def deciding_of_each(
    scenario: Scenario,
    scenarios: Sequence[Scenario],
    told: Sequence[tuple[str, float] | None],
    items: Sequence[Sequence[Defaulted]],
) -> list[list[Record]]:
    """The defaults of a plan and of the baseline at whose low or high published end the plan's lead turns.

    ``scenarios`` are the cases of ``scenario``, in order, with the ``items`` they default; ``told`` is the plan and its
    lead in USD of each; nothing decides where that is None. Each default is put at both ends, together with the same
    one of the other plan, for what is not known of the one is not known of the other; all are columns of one
    evaluation. The market's prices are no part of this: where these turn the lead is what break-evens tell.
    """
    found: list[list[Record]] = [[] for _ in scenarios]
    alike: dict[tuple[str, tuple[tuple[str, ...], ...]], list[_Told]] = {}
    for case, one in enumerate(told):
        if one is not None and (asked := _asked(scenarios[case], one[0], items[case])):
            moved = tuple(tuple(each.movable.at for each in group) for group in asked)
            alike.setdefault((one[0], moved), []).append(_Told(case, one[1], asked))
    for (plan, _), cases in alike.items():
        base = scenarios[cases[0].case]
        if len(cases) > 1:
            base = taken(scenario, np.repeat([each.case for each in cases], 2 * len(cases[0].asked)))
        leads = _leads(base, plan, cases).reshape(len(cases), -1, 2)
        for each, own in zip(cases, leads.tolist(), strict=True):
            found[each.case] = list(_turned(each, own))
    return found


def _asked(scenario: Scenario, plan: str, items: Sequence[Defaulted]) -> list[list[_Candidate]]:
    """The defaults that are moved, of a published range: the same one of several uses, of one value, together."""
    plans = {plan, scenario.baseline_plan.name}
    published_of = [(item, ends) for item in items if (ends := _ends(scenario, item, plans)) is not None]
    known = movables(scenario, {split_path(item.path)[-1] for item, _ in published_of}) if published_of else {}
    groups: dict[tuple[str, float], list[_Candidate]] = {}
    for item, ends in published_of:
        if (movable := known.get(item.path)) is not None and movable.base != 0.0:
            name = split_path(item.path)[-1]
            groups.setdefault((name, movable.value), []).append(_Candidate(item, movable, ends))
    return list(groups.values())


def _leads(scenario: Scenario, plan: str, cases: Sequence[_Told]) -> FloatArray:
    """The lead with each default at its low and at its high end, case by case: ``(cases x defaults x 2,)``."""
    ends = 2 * len(cases[0].asked)
    columns: dict[str, list[FloatArray]] = {}
    for case in cases:
        for number, group in enumerate(case.asked):
            for of, least, most in ((one.movable, one.ends.low, one.ends.high) for one in group):
                column = np.full(ends, of.present)
                column[2 * number] = np.clip(of.x_at(least), of.low, of.high)
                column[2 * number + 1] = np.clip(of.x_at(most), of.low, of.high)
                columns.setdefault(of.at, []).append(column)
    varied = vary(scenario, {at: np.concatenate(parts) for at, parts in columns.items()}, used_ranges=False)
    with np.errstate(all="ignore"):
        return outcomes(varied, lambda moved: {plan: moved.difference_npv_at_scenario_rate_usd(plan)}, [plan])[plan]


def _turned(case: _Told, leads: Sequence[Sequence[float]]) -> Iterator[Record]:
    """The first of each group of defaults at one of whose ends the lead of a case has another sign."""
    for (told, *_), (low, high) in zip(case.asked, leads, strict=True):
        if min(low * case.lead_usd, high * case.lead_usd) < 0.0:
            item = told.item.record() | {"value": told.movable.value, "low": told.ends.low, "high": told.ends.high}
            yield item | {"difference_at_low_usd": low, "difference_at_high_usd": high}


def _ends(scenario: Scenario, item: Defaulted, plans: set[str]) -> Published | None:
    """What is published of the range of a default of one of ``plans``; None of a record, or without a date."""
    parts = split_path(item.path)
    if item.origin.from_record or not item.origin.as_of or parts[0] != "plans" or parts[1] not in plans:
        return None
    return published(scenario, item.path)
