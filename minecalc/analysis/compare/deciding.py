"""Defaults that decide: inputs nobody gave, within whose published range a plan and the baseline change places."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.on_record import published
from minecalc.engine import Evaluation, evaluate
from minecalc.levers import Lever, levers
from minecalc.origins import Defaulted, defaulted
from minecalc.scenario import Scenario
from minecalc.schema.names import split_path
from minecalc.use_terms import Published
from minecalc.varying import vary

Record = dict[str, Any]


class _Candidate(NamedTuple):
    item: Defaulted
    lever: Lever
    ends: Published


def deciding(evaluation: Evaluation, plan: str) -> list[Record]:
    """The defaults of ``plan`` and of the baseline at whose low or high published end the lead of ``plan`` turns.

    Each alone is put at both ends; all of them are columns of one evaluation. The market's prices are no part of this:
    where these turn the lead is what break-evens tell.
    """
    scenario, lead = evaluation.scenario, float(evaluation.difference_npv_at_scenario_rate_usd(plan)[0])
    asked = _candidates(scenario, {plan, scenario.baseline_plan.name})
    if not asked:
        return []
    columns = {one.lever.at: np.full(2 * len(asked), one.lever.present) for one in asked}
    for number, one in enumerate(asked):
        ends = [np.clip(one.lever.x_at(end), one.lever.low, one.lever.high) for end in (one.ends.low, one.ends.high)]
        columns[one.lever.at][2 * number : 2 * number + 2] = ends
    with np.errstate(all="ignore"):
        moved = evaluate(vary(scenario, columns, used_ranges=False), [plan])
        leads = np.broadcast_to(moved.difference_npv_at_scenario_rate_usd(plan), (2 * len(asked),))
    found = list[Record]()
    for one, (low, high) in zip(asked, leads.reshape(-1, 2).tolist(), strict=True):
        if min(low * lead, high * lead) < 0.0:
            of = one.item.record() | {"value": one.lever.value, "low": one.ends.low, "high": one.ends.high}
            found.append(of | {"difference_at_low_usd": low, "difference_at_high_usd": high})
    return found


def _candidates(scenario: Scenario, plans: set[str]) -> list[_Candidate]:
    """Inputs of uses of these plans that no file gives and of which a range is published."""
    known, found = levers(scenario), list[_Candidate]()
    for item in defaulted(scenario):
        parts, lever = split_path(item.path), known.get(item.path)
        if lever is None or lever.base == 0.0 or item.origin.from_record or not item.origin.as_of:
            continue
        ends = published(scenario, item.path) if parts[0] == "plans" and parts[1] in plans else None
        if ends is not None:
            found.append(_Candidate(item, lever, ends))
    return found
