"""The megawatts of a site whose file gives none: what the plan that draws most draws."""

from __future__ import annotations

import numpy as np

from minecalc.engine import Engine
from minecalc.scenario import Plan, Scenario, Use
from minecalc.schema.diagnostics import Problem
from minecalc.values.paths import Sourced


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
        if any(map(np.isnan, parts.values())):
            whose = next(name for name, mw in parts.items() if np.isnan(mw))
            drawing = f"the plan {plan.name}" if plan.flat else f"{whose} of the plan {plan.name}"
            return scenario, [_missing(f"{drawing} draws as much as it is given", " in MW, to the site or to this use")]
        draws[plan.name] = sum(parts.values())
    name = max(draws, key=lambda plan: draws[plan])
    if draws[name] <= 0.0:
        return scenario, [_missing("no plan draws any")]
    drawn = Sourced(draws[name], "", f"the largest draw of a plan, that of {name}")
    return scenario.model_copy(update={"site": scenario.site.drawing(drawn)}), []


def _missing(why: str, how: str = "") -> Problem:
    return Problem(("site", "gross_mw"), "missing-key", f"site.gross_mw is missing, and {why}", f"add gross_mw{how}")


def _draw_mw(engine: Engine, plan: Plan, use: Use) -> float:
    """What a use draws (MW); NaN where that is as much as it is given."""
    if use.inputs.gross_mw is not None:
        return float(use.inputs.gross_mw)
    needed, _ = use.inputs.required_mw(engine.setting(plan, use))
    return float(np.max(needed))
