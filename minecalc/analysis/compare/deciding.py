"""Defaults that decide: inputs nobody gave, within whose published range a plan and the baseline change places."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.on_record import published
from minecalc.engine import evaluate
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


def deciding(scenario: Scenario, plan: str, lead_usd: float) -> list[Record]:
    """The defaults of ``plan`` and of the baseline at whose low or high published end its ``lead_usd`` turns.

    Each is put at both ends, together with the same default of the other plan, for what is not known of the one is not
    known of the other; all are columns of one evaluation. The market's prices are no part of this: where these turn the
    lead is what break-evens tell.
    """
    groups: dict[tuple[str, float], list[_Candidate]] = {}
    for one in _candidates(scenario, {plan, scenario.baseline_plan.name}):
        groups.setdefault((split_path(one.item.path)[-1], one.lever.value), []).append(one)
    asked = list(groups.values())
    if not asked:
        return []
    columns = {one.lever.at: np.full(2 * len(asked), one.lever.present) for group in asked for one in group}
    for number, group in enumerate(asked):
        for of, low, high in ((one.lever, one.ends.low, one.ends.high) for one in group):
            ends = [float(np.clip(of.x_at(end), of.low, of.high)) for end in (low, high)]
            columns[of.at][2 * number : 2 * number + 2] = ends
    with np.errstate(all="ignore"):
        moved = evaluate(vary(scenario, columns, used_ranges=False), [plan])
        leads = np.broadcast_to(moved.difference_npv_at_scenario_rate_usd(plan), (2 * len(asked),))
    found = list[Record]()
    for (told, *_), (low, high) in zip(asked, leads.reshape(-1, 2).tolist(), strict=True):
        if min(low * lead_usd, high * lead_usd) < 0.0:
            item = told.item.record() | {"value": told.lever.value, "low": told.ends.low, "high": told.ends.high}
            found.append(item | {"difference_at_low_usd": low, "difference_at_high_usd": high})
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
