"""What only the whole scenario can tell of charges and contracts of power: whose they are, and what they leave over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from minecalc.power.power_charges import PowerCharges, block_lost
from minecalc.scenario import Plan, Scenario, Use
from minecalc.schema.diagnostics import Problem

if TYPE_CHECKING:
    from minecalc.power.charge_lines import PowerContract

_SITE = ("site",)


def problems(scenario: Scenario, plans: Sequence[Plan]) -> Iterator[Problem]:
    """Hours off that there are not, or that are taken twice, and blocks of power of which some would be lost."""
    uses = [(plan, use) for plan in plans for use in plan.uses]
    owners: list[tuple[tuple[str, ...], PowerCharges]] = [(_SITE, scenario.site)]
    owners += [(plan.place(use), use.inputs) for plan, use in uses]
    for at, terms in owners:
        obligation = terms.curtailment_obligation
        if obligation is not None and np.any(obligation.hours > obligation.hours_most):
            message = f"hours is more than the {obligation.hours_most:,} hours that its months have"
            place = (*at, "curtailment_obligation", "hours")
            yield Problem(place, "out-of-range", message, "add months, or take fewer hours")
    for plan, use in uses:
        yield from _of_use(scenario, plan, use)


def warnings(scenario: Scenario) -> Iterator[str]:
    """Peaks of which none is charged any more in the months of a scenario. For a single case."""
    owners = {"site": scenario.site.coincident_peaks}
    owners |= {".".join(plan.place(use)): use.inputs.coincident_peaks for plan, use in scenario.uses()}
    for name, peaks in owners.items():
        if peaks is None or peaks.until is None or float(scenario.timeline.number_of(peaks.until)) > 1.0:
            continue
        rule = "" if peaks.rule is None else f", as {peaks.rule} has it"
        yield (
            f"{name}.coincident_peaks charges nothing: it is until {peaks.until}{rule}, and the scenario starts in "
            f"{scenario.start}; give until, or the charge that takes its place"
        )


def _of_use(scenario: Scenario, plan: Plan, use: Use) -> Iterator[Problem]:
    """What a use may not have beside its charges, or beside those of the site that it has none of its own of."""
    own, site, at = use.inputs, scenario.site, plan.place(use)
    obliged_at = at if own.curtailment_obligation is not None else _SITE
    obligation = own.curtailment_obligation or site.curtailment_obligation
    contract_at = at if own.power_contract is not None else _SITE
    contract = own.power_contract or site.power_contract
    if obligation is not None and use.kind == "hosting":
        message = f"{plan.name} hosts other people's machines at a site with a curtailment_obligation"
        advice = "leave the obligation out: whether host or customer bears its hours is not modelled"
        yield Problem((*obliged_at, "curtailment_obligation"), "conflict", message, advice, key=True)
    elif obligation is not None and _loses(contract) and obliged_at != contract_at:
        yield block_lost(contract_at)
    if "flexible_fraction" in use.given and (obligation is not None or _loses(contract)):
        beside = "a power_contract without resale" if _loses(contract) else "a curtailment_obligation"
        message = f"flexible_fraction stands at a site with {beside}"
        advice = "leave one of them out: both take the dearest hours"
        if _loses(contract):
            advice = "add resale: hourly to the contract"
        yield Problem((*at, "flexible_fraction"), "conflict", message, advice, key=True)
    yield from _of_meanwhile(scenario, use, at)


def _loses(contract: PowerContract | None) -> bool:
    """Whether a block of power is lost where it is not used."""
    return contract is not None and contract.resale is None


def _of_meanwhile(scenario: Scenario, use: Use, at: tuple[str, ...]) -> Iterator[Problem]:
    """Of uses that run together until a conversion some with a charge of their own, and some under the site's."""
    runs = scenario.runs_until(use)
    for name in sorted(scenario.site.charged_by):
        own = [one.name for one in runs if name in one.inputs.charged_by]
        others = [one.name for one in runs if one.name not in own]
        if own and others:
            message = f"of what runs meanwhile {own[0]} has {name} of its own, and {others[0]} is under the site's"
            advice = "give it to both of them, or leave it to the site"
            yield Problem((*at, "conversion", "meanwhile"), "conflict", message, advice)
