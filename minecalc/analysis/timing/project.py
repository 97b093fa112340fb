"""A conversion that may wait: which uses of a plan convert, on which dates, and what waiting makes of the scenario.

A date moves a conversion as a whole, start and ready by the same number of months; values over time keep their months.
Until it starts, what the conversion names as ``meanwhile`` runs, or else the baseline, if that only mines and its
machines run nowhere else in the plan. A lease
takes the rent of the market in the month of the decision, so a contract's headline value is read as its rent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from minecalc.arrays import Number
from minecalc.businesses import business
from minecalc.engine import Engine, evaluate
from minecalc.engine.sunk_fleets import can_run_until, running_until
from minecalc.factor import SignedRate
from minecalc.scenario import Plan, Plans, Scenario, Use
from minecalc.schema.names import dotted
from minecalc.simulation.relevance import block_of, uncertain
from minecalc.timeline import parse_month
from minecalc.uncertainty.factors import FACTORS

#: What of a plan is of all its uses together, so that what they bring does not add up.
TAX, DEBT, SITE_CHARGES = "tax", "debt", "site_charges"


class Phase(NamedTuple):
    """A use that converts: where its inputs stand, its megawatts, and its months as the scenario has them.

    ``starts`` and ``ready`` are numbers of months; ``after_months`` is how much later than the first phase it starts.
    """

    name: str
    place: str
    gross_mw: float
    starts: int
    ready: int
    after_months: int


@dataclass(frozen=True)
class Project:
    """What may be converted when: ``plan`` of ``scenario``, which is ``given`` made ready for waiting.

    The plan may start 0, ``every_months``, twice that, and so on up to ``until_months`` later than it says. ``idle``
    are phases before which nothing runs; ``assumed_meanwhile`` is the baseline where it was put in as what runs, else
    "". ``signed_later`` are market prices of which a contract takes that of the month of the decision. ``joined_by``
    says what makes of the plan's uses one worth: ``TAX``, ``DEBT`` of one deal for several phases, and
    ``SITE_CHARGES``, which are of all that draws power there. Then every date is of the whole plan; else what phases
    bring adds up, and each may have a date of its own.
    """

    given: Scenario
    scenario: Scenario
    plan: Plan
    phases: tuple[Phase, ...]
    every_months: int
    until_months: int
    assumed_meanwhile: str
    signed_later: tuple[str, ...]
    joined_by: tuple[str, ...] = ()

    @property
    def corner(self) -> str:
        """The corner that every date is valued in, the plan's deepest (see ``minecalc.corners``)."""
        return self.given.corner(self.plan)

    def lead_usd(self, scenario: Scenario) -> float:
        """By how much the plan is ahead of the baseline in ``scenario``, at the scenario's rate."""
        return evaluate(scenario, [self.plan.name]).lead_usd(self.plan.name)

    @property
    def delays(self) -> tuple[int, ...]:
        """By how many months it may start later than the scenario says, 0 first."""
        return tuple(range(0, self.until_months + 1, self.every_months))

    @property
    def uses(self) -> tuple[Use, ...]:
        """The uses of the phases, in their order."""
        by_name = {use.name: use for use in self.plan.uses}
        return tuple(by_name[phase.name] for phase in self.phases)

    @property
    def idle(self) -> tuple[str, ...]:
        """Phases before which nothing runs."""
        return tuple(use.name for use in self.uses if use.inputs.meanwhile is None)

    @property
    def gross_mw(self) -> float:
        """Megawatts of all phases."""
        return sum(phase.gross_mw for phase in self.phases)

    def label(self, months: int) -> str:
        """The month at whose beginning a decision falls ``months`` after the scenario's start."""
        return self.scenario.timeline.label(months + 1)


def converting(scenario: Scenario) -> list[str]:
    """The plans with a conversion."""
    return [plan.name for plan in scenario.plans.values() if any(use.inputs.conversion for use in plan.uses)]


def longest_wait_months(scenario: Scenario, plan: Plan) -> int:
    """By how many months all conversions of ``plan`` can move and still earn a month before the horizon ends.

    Below zero where one is ready only after it, with its delay.
    """
    ready = (use.inputs.conversion.ready_in(scenario.timeline) for use in plan.uses if use.inputs.conversion)
    return scenario.months - int(max(map(float, ready)))


def project(scenario: Scenario, plan: str, every_months: int, until_months: int) -> Project:
    """The conversion of ``plan``, which has one and can wait for ``until_months``, and its scenario made ready."""
    meanwhile = _runs_until_then(scenario, scenario.plans[plan])
    block = block_of(scenario)
    rates = {name: block.factor(name) for name in FACTORS}
    later = {
        name: rate.model_copy(update={"signed": "at_conversion"})
        for name, rate in rates.items()
        if isinstance(rate, SignedRate) and rate.signed == "at_start"
    }
    block = replace(block, factors={**block.factors, **later})
    prepared = scenario.model_copy(update={"plans": _prepared(scenario, plan, meanwhile), "uncertainty": block})
    chosen = prepared.plans[plan]
    found = sorted(_phases(prepared, chosen), key=lambda phase: phase.starts)
    phases = tuple(phase._replace(after_months=phase.starts - found[0].starts) for phase in found)
    signed_later = tuple(name for name in later if name in uncertain(prepared).factors)
    joined_by = tuple(_joined_by(scenario, chosen, len(phases)))
    return Project(scenario, prepared, chosen, phases, every_months, until_months, meanwhile, signed_later, joined_by)


def _joined_by(scenario: Scenario, plan: Plan, phases: int) -> Iterator[str]:
    """What makes of the worth of all uses of ``plan`` one."""
    if scenario.tax_decides:
        yield TAX
    if plan.inputs.financing is not None and phases > 1:
        yield DEBT
    if scenario.site.is_charged:
        yield SITE_CHARGES


def _runs_until_then(scenario: Scenario, plan: Plan) -> str:
    """The baseline, if its machines can run until a conversion that does not name what does; else ""."""
    baseline = scenario.baseline_plan
    needed = any(use.inputs.conversion and use.inputs.meanwhile is None for use in plan.uses)
    can = needed and baseline.name != plan.name and can_run_until(Engine(scenario), plan, baseline.name)
    return baseline.name if can else ""


def _prepared(scenario: Scenario, plan: str, meanwhile: str) -> Plans:
    engine = Engine(scenario)
    drawn = uncertain(scenario).inputs
    chosen, uses = scenario.plans[plan], []
    if meanwhile:
        chosen = running_until(chosen, meanwhile)
    for use in chosen.uses:
        inputs, conversion = use.inputs, use.inputs.conversion
        tenancy = inputs.tenancy()
        if conversion is not None and tenancy is not None and tenancy.settled:
            contract = f"{_place(chosen, use)}.{tenancy.settled}."
            if not any(path.startswith(contract) for path in drawn):
                inputs = business(use.kind).at_its_price(inputs, engine.setting(chosen, use))
        uses.append(use._replace(inputs=inputs))
    return Plans({**scenario.plans, plan: chosen._replace(uses=tuple(uses))})


def _phases(scenario: Scenario, plan: Plan) -> list[Phase]:
    engine, timeline = Engine(scenario), scenario.timeline
    return [
        Phase(
            use.name,
            _place(plan, use),
            float(engine.use_mw(use)),
            timeline.number(parse_month(use.inputs.conversion.starts)),
            timeline.number(parse_month(use.inputs.conversion.ready)),
            0,
        )
        for use in plan.uses
        if use.inputs.conversion is not None
    ]


def _place(plan: Plan, use: Use) -> str:
    return dotted(plan.place(use))


def moved_dates(phase: Phase, scenario: Scenario, months: int) -> dict[str, Number]:
    """The inputs that start ``phase`` this many months later than the scenario does, as ``vary`` takes them."""
    begin = scenario.timeline.start - 1
    return {
        f"{phase.place}.conversion.starts": float(begin + phase.starts + months),
        f"{phase.place}.conversion.ready": float(begin + phase.ready + months),
    }
