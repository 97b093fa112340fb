"""A plan with its financing and tax: the four corners, and everything beneath them (finance, section 5)."""

from typing import Any

from . import returns
from .closing import Deal
from .engine import Scenario
from .financing import financed
from .ledger import Ledger
from .operation import Run
from .statements import stated
from .taxation import books, no_debt, taxed


def corner(plan: list[float], own: list[float], rate: float, scenario_rate: float) -> dict[str, Any]:
    """Return what a plan's flow is worth, and the return of its project's."""
    return {
        "net_usd": plan,
        "project_usd": own,
        "rate_fraction_per_year": rate,
        "npv_usd": returns.npv(plan, rate),
        "npv_at_scenario_rate_usd": returns.npv(plan, scenario_rate),
        "irr_fraction_per_year": returns.irr(own)[0],
        "peak_funding_usd": returns.peak_funding(plan),
    }


def less(flows: list[float], taken: list[float]) -> list[float]:
    """Return the flows less what is taken, point by point."""
    return [a - b for a, b in zip(flows, taken, strict=True)]


def with_finance(scenario: Scenario, name: str, agreed: Deal | None = None) -> dict[str, Any]:
    """Return corners, financing, the four runs of tax, and statements of a plan of a scenario.

    With a deal that is agreed, its amounts and instalments stay: this scenario is a path of the one it was closed on.
    """
    written = scenario.plans[name]
    terms = written.get("financing")
    tax_terms = written.get("tax", scenario.tax)
    timeline = scenario.timeline
    miners = {use: one for use, one in scenario.uses(name).items() if one["kind"] == "bitcoin_mining"}
    project, whole, members = scenario.ledgers(name, {use: scenario.stop_of(name, one) for use, one in miners.items()})
    ready = max(scenario.setting.ready(use) for use in scenario.uses(name).values())
    sunk = sum(asset.sunk_eh_per_s for asset in whole.assets)
    own_rate = scenario.rate_of(name)
    net, own = whole.flows(), project.flows()
    zeros = [0.0] * (timeline.months + 1)
    found: dict[str, Any] = {"corners": {"unlevered": corner(net, own, own_rate, scenario.rate)}, "tax": {}}
    plan_tax = project_tax = zeros
    if tax_terms is not None:
        alone = no_debt(timeline.months)
        runs = {what: taxed(lines, members, tax_terms, timeline, sunk, alone) for what, lines in parts(whole, project)}
        found["tax"] |= {f"{what} without debt": run for what, run in runs.items()}
        plan_tax, project_tax = runs["plan"]["tax_usd"], runs["project"]["tax_usd"]
        after = corner(less(net, plan_tax), less(own, project_tax), own_rate, scenario.rate)
        found["corners"]["after_tax"] = after
    deal: Deal | None = None
    run: Run | None = None
    if terms is not None:
        deal, run, found["financing"] = financed(
            project,
            ready,
            terms,
            timeline,
            scenario.setting.folder,
            project_tax if tax_terms is not None else None,
            agreed,
        )
        found["deal"] = deal
        equity_rate = float(terms.get("equity_rate_fraction_per_year", own_rate))
        levered = [a - b + c for a, b, c in zip(net, own, run.equity, strict=True)]
        found["corners"]["levered"] = corner(levered, run.equity, equity_rate, scenario.rate)
        found["levered_usd"] = levered
        if tax_terms is not None:
            debt = books(deal, run, timeline.months)
            both = {
                what: taxed(lines, members, tax_terms, timeline, sunk, debt) for what, lines in parts(whole, project)
            }
            found["tax"] |= {f"{what} with debt": one for what, one in both.items()}
            plan_tax, project_tax = both["plan"]["tax_usd"], both["project"]["tax_usd"]
            to_equity = corner(less(levered, plan_tax), less(run.equity, project_tax), equity_rate, scenario.rate)
            found["corners"]["to_equity"] = to_equity
    found["statements"] = stated(whole, project, members, timeline, tax_terms, plan_tax, deal, run)
    found["project_usd"], found["plan_usd"], found["ready"] = own, net, ready
    return found


def parts(whole: Ledger, project: Ledger) -> list[tuple[str, Ledger]]:
    """Name the two ledgers that tax is figured on."""
    return [("plan", whole), ("project", project)]
