"""Rents that rise while costs stand still: what inflation would do to the plan that is told of, so that none flatters.

Asked only where a file says nothing of inflation, over a long horizon, of a use whose rent rises by its contract beside
running costs above zero that say no growth of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import Number, of_case
from minecalc.document import Phrase, Value
from minecalc.engine import Evaluation, PlanEvaluation, evaluate
from minecalc.figures.labels import input_label, listed, mid_sentence
from minecalc.scenario import Scenario
from minecalc.scenario.places import places_in
from minecalc.scenario.varying import vary
from minecalc.values.costs import stands_still
from minecalc.values.paths import ValueOverTime

Record = dict[str, Any]

INFLATION = "inflation_fraction_per_year"

_LEAD = "npv_difference_at_scenario_rate_usd"

#: The part of a plan's worth or lead that inflation must move to be worth a word on a screen.
_LEAST = 0.01

#: What inflation is asked about, and the shortest horizon over which standing still is worth a word.
ASKED_FRACTION_PER_YEAR, LONG_MONTHS = 0.025, 60


class _Asked(NamedTuple):
    """What is asked of one scenario: of which plans, what use's rent rises by what, and which costs stand still."""

    plans: Sequence[str]
    rises: str
    escalator_fraction_per_year: Number
    costs: list[str]


def still_costs_of_each(
    evaluation: Evaluation, scenarios: Sequence[Scenario], told: Sequence[str | None]
) -> list[Record | None]:
    """What inflation would do to the plan ``told`` and to the baseline; None where there is nothing to ask.

    ``scenarios`` are the cases of an ``evaluation``, in order. In what is found ``rises`` is the use whose rent rises,
    ``costs`` are the running costs that stand still, by name.
    """
    asked = [_asked(one, plan) for one, plan in zip(scenarios, told, strict=True)]
    names = list(dict.fromkeys(name for one in asked if one is not None for name in one.plans))
    if not names:
        return [None for _ in scenarios]
    rising = evaluate(vary(evaluation.scenario, {INFLATION: ASKED_FRACTION_PER_YEAR}), names)
    after, before = rising.plans, evaluation.plans
    found = list[Record | None]()
    for case, (one, plan) in enumerate(zip(asked, told, strict=True)):
        plans = [] if one is None else one.plans
        moved = {name: _worth_usd(after[name], case) - _worth_usd(before[name], case) for name in plans}
        if one is None or not any(moved.values()):
            found.append(None)
            continue
        found.append(
            {
                "rises": one.rises,
                "escalator_fraction_per_year": one.escalator_fraction_per_year,
                "costs": one.costs,
                INFLATION: ASKED_FRACTION_PER_YEAR,
                "npv_change_at_scenario_rate_usd": moved,
                _LEAD: None if plan is None else rising.lead_usd(plan, case),
            }
        )
    return found


def _asked(scenario: Scenario, told: str | None) -> _Asked | None:
    """What is asked of a scenario; None where it speaks of inflation, is short, or nothing rises beside still costs."""
    if INFLATION in scenario.model_fields_set or scenario.months < LONG_MONTHS:
        return None
    baseline = scenario.baseline_plan.name
    plans = dict.fromkeys((baseline if told is None else told, baseline))
    rises = [(name, use.inputs.rent_rise) for name in plans for use in scenario.plans[name].uses]
    rises = [(name, rise) for name, rise in rises if rise > 0.0]
    costs = list(dict.fromkeys(_standing_still(scenario, plans)))
    return _Asked(list(plans), *rises[0], costs) if rises and costs else None


def _standing_still(scenario: Scenario, plans: Mapping[str, None]) -> Iterator[str]:
    """The names of the costs above zero that say no growth of their own, of the site and of these plans."""
    runs = [use for name in plans for use in scenario.plans[name].uses]
    runs += [other for use in runs for other in scenario.runs_until(use)]
    for part in (scenario.site, *(use.inputs for use in runs)):
        for place in places_in(part, ()):
            value = place.value
            if place.name not in getattr(place.owner, "costs", ()) or not isinstance(value, ValueOverTime):
                continue
            if not place.idle and stands_still(value) and np.any(value.values(scenario.timeline)):
                yield place.name


def _worth_usd(plan: PlanEvaluation, case: int) -> float:
    """What a plan is worth at the scenario's rate in one case."""
    return float(of_case(plan.npv_at_scenario_rate_usd, case))


def matters(record: Mapping[str, Any]) -> bool:
    """Whether what inflation would do is worth a word: to the plan told of, or to its lead, a good part of either."""
    found = record["costs_stand_still"]
    if found is None:
        return False
    name, usd = next(iter(found["npv_change_at_scenario_rate_usd"].items()))
    plan = next(one for one in record["plans"] if one["name"] == name)
    lead, own = plan["vs_baseline"][_LEAD], plan["metrics"]["npv_at_scenario_rate_usd"]
    moved = 0.0 if found[_LEAD] is None else found[_LEAD] - lead
    return bool(abs(usd) >= _LEAST * abs(own) or abs(moved) >= _LEAST * abs(lead))


def words(record: Mapping[str, Any]) -> Phrase:
    """The finding in a sentence or two; ``record`` is that of the comparison."""
    found = record["costs_stand_still"]
    costs = listed([mid_sentence(input_label(f"plans.of.{name}", "of")) for name in found["costs"]])
    told: list[str | Value] = [f"The rent of {found['rises']} rises by "]
    told += [Value(found["escalator_fraction_per_year"], "fraction"), f" a year while {costs} "]
    told += ["stands" if len(found["costs"]) == 1 else "stand", " still. At "]
    told += [Value(found[INFLATION], "fraction"), f" a year ({INFLATION}) "]
    for number, (name, usd) in enumerate(found["npv_change_at_scenario_rate_usd"].items()):
        told += [" and " if number else "", f"{name} is worth "]
        told += ["as much" if not usd else Value(abs(usd), "usd")]
        told += ["" if not usd else " less" if usd < 0.0 else " more"]
    lead = found[_LEAD]
    if lead is not None:
        plan = record["headline_plan"]
        told += [f": {plan} is then ", Value(abs(lead), "usd"), " ahead." if lead > 0.0 else " behind."]
    else:
        told.append(".")
    return told
