"""The megawatts of a site whose file gives none: what the plan that draws most draws."""

from __future__ import annotations

import numpy as np

from minecalc.businesses import business
from minecalc.engine import Engine
from minecalc.scenario import Plan, Scenario, Use
from minecalc.schema.diagnostics import Problem
from minecalc.values.paths import Sourced

_AT = ("site", "gross_mw")


def with_site_draw(scenario: Scenario) -> tuple[Scenario, list[Problem]]:
    """``scenario`` with the megawatts of its site, and no problem; or as it is, with the reason why they do not follow.

    A use draws its own ``gross_mw``, or else what its business needs; a plan what its uses draw together.
    """
    if "gross_mw" in scenario.site.model_fields_set:
        return scenario, []
    unknown = scenario.site.model_copy(update={"gross_mw": np.nan})
    engine = Engine(scenario.model_copy(update={"site": unknown}))
    draws = dict[str, float]()
    for plan in scenario.plans.values():
        parts = {use.name: _draw_mw(engine, plan, use) for use in plan.uses}
        open_ended = [name for name, mw in parts.items() if np.isnan(mw)]
        if open_ended:
            message = (
                f"site.gross_mw is missing, and {open_ended[0]} of the plan {plan.name} draws as much as it is given"
            )
            if plan.flat:
                message = f"site.gross_mw is missing, and the plan {plan.name} draws as much as it is given"
            return scenario, [Problem(_AT, "missing-key", message, "add gross_mw in MW, to the site or to this use")]
        draws[plan.name] = sum(parts.values())
    name = max(draws, key=lambda plan: draws[plan])
    if draws[name] <= 0.0:
        return scenario, [
            Problem(_AT, "missing-key", "site.gross_mw is missing, and no plan draws any", "add gross_mw")
        ]
    drawn = Sourced(draws[name], "", f"the largest draw of a plan, that of {name}")
    site = scenario.site.drawing(drawn)
    source = scenario.source
    found = scenario.model_copy(update={"site": site})
    found._source = source
    return found, []


def _draw_mw(engine: Engine, plan: Plan, use: Use) -> float:
    """What a use draws (MW); NaN where that is as much as it is given."""
    if use.inputs.gross_mw is not None:
        return float(use.inputs.gross_mw)
    needed, _ = business(use.kind).required_mw(use.inputs, engine.setting(plan, use))
    return float(np.max(needed))
