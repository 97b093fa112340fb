"""Figures in the record of a plan, of corners and of debt too, by the names that the catalogue has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minecalc import figures
from minecalc.corners import UNLEVERED
from minecalc.figures.debt_figures import NO_DEBT

Record = Mapping[str, Any]

#: What stands of each corner, by key of the record: the figure is called by the corner besides.
OF_CORNER = {
    "npv_usd": "npv_{}_usd",
    "npv_at_scenario_rate_usd": "npv_{}_at_scenario_rate_usd",
    "irr_fraction_per_year": "irr_{}_fraction_per_year",
    "peak_funding_usd": "peak_funding_{}_usd",
}


def figures_in(plan: Record) -> Record:
    """The figures of corners and of debt in the record of a plan, by their names in the catalogue.

    What a plan without debt and tax is worth, it is worth before them.
    """
    corners = plan.get("corners") or {UNLEVERED: plan["metrics"]}
    found = {
        name.format(corner): numbers[key]
        for corner, numbers in corners.items()
        for key, name in OF_CORNER.items()
        if key in numbers
    }
    debt = plan.get("financing", {})
    return found | {name: debt[name] for name in figures.names_of("debt") if name in debt}


def number_in(plan: Record, figure: str) -> float | None:
    """A figure in the record of a plan; None where there is none, as a summary lacks most."""
    beside = (plan.get("quantities", {}), plan.get("memo", {}), plan["vs_baseline"], plan, figures_in(plan))
    homes: tuple[Record, ...] = (plan["metrics"], *beside)
    return next((home[figure] for home in homes if figure in home), None)


def missing_in(plan: Record, figure: str) -> str:
    """Why the record of a plan has no such figure of a corner or of debt; "" for any other figure."""
    if figure in figures.names_of("debt") and "financing" not in plan:
        return NO_DEBT
    reason: str = plan.get("financing", {}).get("reasons", {}).get(figure, "")
    return reason
