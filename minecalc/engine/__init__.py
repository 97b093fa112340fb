"""The one engine: a scenario's plans as cash flows, for one case or for columns of cases alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from minecalc.arrays import FloatArray, Number, of_case
from minecalc.businesses import Setting, business
from minecalc.cashflows import GROSS_PROFIT, CashFlows, combined, monthly
from minecalc.engine.plan import PlanEvaluation
from minecalc.finance.returns import InternalRates, discount_factors, irr, where_finite
from minecalc.fleets.stops import StopMonth, best_of
from minecalc.frozen import frozen
from minecalc.market import MarketOverTime
from minecalc.mining import HEDGE_LINES
from minecalc.power import PowerPrice
from minecalc.power.power_charges import Drawing
from minecalc.scenario import Plan, Scenario, Use
from minecalc.scenario.varying import slices
from minecalc.timeline import Timeline
from minecalc.trace import named, plain
from minecalc.uses.conversion import building_line
from minecalc.uses.meanwhile import Meanwhile

if TYPE_CHECKING:
    from minecalc.deals.closed_deal import ClosedDeal

__all__ = ["CHUNK_CASES", "Engine", "Evaluation", "PlanEvaluation", "evaluate", "outcomes"]


@frozen
class Evaluation:
    """Every plan of a scenario, evaluated; arrays have 1 or ``cases`` columns."""

    scenario: Scenario
    plans: Mapping[str, PlanEvaluation]
    _incremental_rates: dict[str, InternalRates] = field(default_factory=dict, init=False)

    @property
    def baseline(self) -> PlanEvaluation:
        """The plan the others are compared with."""
        return self.plans[self.scenario.baseline_plan.name]

    def difference_npv_usd(self, plan: str) -> FloatArray:
        """NPV of ``plan`` less that of the baseline, each at its own rate, ``(·,)``."""
        return self.plans[plan].npv_usd - self.baseline.npv_usd

    def difference_npv_at_scenario_rate_usd(self, plan: str) -> FloatArray:
        """NPV of ``plan`` less that of the baseline, both at the scenario's rate, ``(·,)``: what ranks plans."""
        return self.plans[plan].npv_at_scenario_rate_usd - self.baseline.npv_at_scenario_rate_usd

    def lead_usd(self, plan: str, case: int = 0) -> float:
        """``difference_npv_at_scenario_rate_usd`` of one case."""
        return float(of_case(self.difference_npv_at_scenario_rate_usd(plan), case))

    def best_of(self, plans: Iterable[str], case: int = 0) -> str | None:
        """Which of ``plans`` leads the baseline by most in one case, at the scenario's rate; None of none."""
        return max(plans, key=lambda name: self.lead_usd(name, case), default=None)

    def incremental_flow_usd(self, plan: str) -> FloatArray:
        """Net flow of ``plan`` less that of the baseline, ``(points, ·)``; what is only rounding is zero."""
        ours, theirs = self.plans[plan].net_usd, self.baseline.net_usd
        difference = ours - theirs
        counts = np.abs(difference) > 1e-12 * np.maximum(np.abs(ours), np.abs(theirs))
        return named("incremental_usd", np.where(counts, difference, 0.0))

    def incremental_rates(self, plan: str) -> InternalRates:
        """Internal rates of return of what ``plan`` adds to the baseline, a year; found once each."""
        if plan not in self._incremental_rates:
            self._incremental_rates[plan] = where_finite(irr, plain(self.incremental_flow_usd(plan)))
        return self._incremental_rates[plan]


@frozen
class Engine:
    """A scenario on its timeline, with what its plans share.

    ``known`` is a plan of the scenario that this one was varied from. What is the same object in both is not evaluated
    again: the market, and the uses of that plan. ``alike`` keeps, by plan, the terms of deals as they are worked out,
    for other cases of the same scenario.
    """

    scenario: Scenario
    known: PlanEvaluation | None = None
    alike: dict[str, ClosedDeal] | None = None
    _discounts: dict[float, FloatArray] = field(default_factory=dict, init=False)
    #: What ran last, at which rate and until when; no more is kept, for the memory.
    _ran: dict[tuple[Meanwhile, Number | None, Number | None] | None, CashFlows] = field(
        default_factory=dict, init=False
    )

    @cached_property
    def months(self) -> int:
        """Length of the horizon."""
        return self.scenario.months

    @cached_property
    def timeline(self) -> Timeline:
        """The months of the horizon."""
        return self.scenario.timeline

    @cached_property
    def market(self) -> MarketOverTime:
        """The market over the months."""
        if self.known is not None and self._shares(self.known, "market"):
            return self.known.engine.market
        return MarketOverTime(self.scenario.market, self.timeline)

    @cached_property
    def site_power(self) -> PowerPrice:
        """The site's price of power over the months, by the hour where it goes by it."""
        return PowerPrice.of(self.scenario.site.electricity_price_usd_per_kwh, self.timeline)

    def discount(self, rate: Number) -> FloatArray:
        """Discount factors at points 0..T for one rate; computed once each."""
        if isinstance(rate, np.ndarray):
            return discount_factors(rate, self.months + 1)
        if rate not in self._discounts:
            found = _known_factors if type(rate) is float else discount_factors
            self._discounts[rate] = named("discount_factor", found(rate, self.months + 1))
        return self._discounts[rate]

    def use_mw(self, use: Use) -> Number:
        """Megawatts of a use: its own or all of the site's."""
        own: Number | None = use.inputs.gross_mw
        return self.scenario.site.gross_mw if own is None else own

    def setting(self, plan: Plan, use: Use, until: Number | None = None) -> Setting:
        """What the business of ``use`` may know where it runs in ``plan``; it must have ended before ``until``."""
        timeline = self.timeline
        own_price = use.inputs.electricity_price_usd_per_kwh
        conversion = use.inputs.conversion
        return Setting(
            timeline=timeline,
            market=self.market,
            power=self.site_power if own_price is None else PowerPrice.of(own_price, timeline),
            gross_mw=self.use_mw(use),
            first=1.0 if conversion is None else conversion.ready_in(timeline),
            until=timeline.after if until is None else until,
            discount_factors=self.discount(self.scenario.own_rate(plan)),
            inflation_fraction_per_year=self.scenario.inflation_fraction_per_year,
        )

    def evaluate(self, plan: Plan) -> PlanEvaluation:
        """Every line of ``plan``: its uses, their buildings, what runs meanwhile, and what the site costs."""
        return self._at_site(plan, {use.name: self._known(plan, use) or self._parts(plan, use) for use in plan.uses})

    def unconverted(self, plan: Plan) -> PlanEvaluation:
        """``plan`` if none of its conversions ever starts: what runs until then runs on, and nobody lends to it."""
        nothing, parts = CashFlows((), {"energy_mwh": np.zeros((self.months, 1))}), dict[str, Sequence[CashFlows]]()
        for use in plan.uses:
            if use.inputs.conversion is None:
                parts[use.name] = self._parts(plan, use)
            elif use.inputs.meanwhile is None:
                parts[use.name] = [nothing]
            else:
                parts[use.name] = [nothing, self.meanwhile(plan, use, None).labelled(use.name, meanwhile=True)]
        return self._at_site(plan.with_terms(financing=None), parts)

    def _at_site(self, plan: Plan, of_uses: Mapping[str, Sequence[CashFlows]]) -> PlanEvaluation:
        """``plan`` with these flows of its uses, and what the site costs."""
        parts = dict(of_uses)
        parts[""] = [self.scenario.site.cash_flows(self.scenario.inflation_fraction_per_year, self.timeline)]
        if self.known is not None and self._shares(self.known, "site", "inflation_fraction_per_year"):
            parts[""] = self.known.parts[""][:1]
        if self.scenario.site.is_charged:
            drawing = [part for use in plan.uses for part in self._drawing(use, parts[use.name])]
            terms = (drawing, self.site_power, self.scenario.inflation_fraction_per_year, self.timeline)
            parts[""] = [*parts[""], self.scenario.site.charges(*terms)]
        return PlanEvaluation(self, plan, parts)

    def _shares(self, known: PlanEvaluation, *names: str) -> bool:
        """Whether these inputs of the scenario are the same objects in that of a plan."""
        theirs = known.engine.scenario
        return all(getattr(self.scenario, name) is getattr(theirs, name) for name in names)

    def _known(self, plan: Plan, use: Use) -> Sequence[CashFlows] | None:
        """The parts of ``use`` where they are known: nothing that it reads is another object than in the plan known."""
        if self.known is None or self.known.plan.name != plan.name or self.known.uses.get(use.name) is not use:
            return None
        same = self.scenario.own_rate(plan) is self.known.engine.scenario.own_rate(self.known.plan)
        same &= self._runs_as_in(self.known, use.inputs.meanwhile)
        return self.known.parts[use.name] if same else None

    def _runs_as_in(self, known: PlanEvaluation, what: Meanwhile | None) -> bool:
        """Whether all that earnings depend on but the use is the same object as there, and ``what`` runs meanwhile."""
        same = self._shares(known, "market", "site", "inflation_fraction_per_year")
        return same and (not what or self.scenario.plans[what.plan] is known.engine.scenario.plans[what.plan])

    def _parts(self, plan: Plan, use: Use) -> Sequence[CashFlows]:
        """What ``use`` earns, with its building, and what runs until its conversion starts."""
        setting = self.setting(plan, use)
        module, terms = business(use.kind), use.inputs
        critical = terms.critical_mw(setting)
        building = building_line(terms.conversion, terms.capex_usd_per_critical_mw, critical, setting.timeline)
        flows = combined([*self._charged(use, module.cash_flows(terms, setting), setting), CashFlows((building,))])
        if terms.conversion is None or terms.conversion.meanwhile is None:
            return [flows.labelled(use.name)]
        starts = terms.conversion.starts_in(setting.timeline)
        return [flows.labelled(use.name), self.meanwhile(plan, use, starts).labelled(use.name, meanwhile=True)]

    def _charged(self, use: Use, flows: CashFlows, setting: Setting) -> list[CashFlows]:
        """The flows of ``use``, and what charges of its own come to."""
        if not use.inputs.is_charged:
            return [flows]
        drawing = Drawing(flows, use.inputs.buys_power, frozenset())
        inflation = setting.inflation_fraction_per_year
        return [flows, use.inputs.charges([drawing], setting.power, inflation, setting.timeline)]

    def _drawing(self, use: Use, parts: Sequence[CashFlows]) -> Iterator[Drawing]:
        """What ``use`` draws, and what runs until its conversion starts, each with the charges of its own."""
        for flows, runs in zip(parts, ((use,), self.scenario.runs_until(use)), strict=False):
            own = frozenset[str]().union(*(one.inputs.charged_by for one in runs))
            yield Drawing(flows, use.inputs.buys_power, own)

    def meanwhile(self, plan: Plan, use: Use, until: Number | None) -> CashFlows:
        """What the conversion of ``use`` of ``plan`` names, on the megawatts of ``use``, until month ``until``.

        Where it stops at its best, that is the best for ``plan``, at whose rate it is judged.
        """
        named_there, uses = use.inputs.meanwhile, self.scenario.runs_until(use)
        if named_there is None or not uses:
            return CashFlows(())
        share = named("meanwhile_fraction", self.share_of(use, uses))
        return self._running(plan, named_there, uses, until).scaled(share)

    def _running(self, plan: Plan, what: Meanwhile, uses: Sequence[Use], until: Number | None) -> CashFlows:
        """All that ``uses`` bring in until month ``until``; evaluated once for uses that follow on the same ones."""
        at_best = any(fleet.stops_at_best for use in uses for fleet in use.inputs.every_fleet())
        rate = self.scenario.own_rate(plan) if at_best else None  # nothing else is judged by it
        single = isinstance(rate, float | None) and isinstance(until, float | None) and not what.stops
        key = (what, rate, until) if single else None
        if key is not None and self.known is not None and self._runs_as_in(self.known, what):
            self._ran.update(self.known.engine._ran)
        if key is None or key not in self._ran:
            self._ran.clear()
            settings = [self.setting(plan, use, until) for use in uses]
            ran = (business(use.kind).cash_flows(use.inputs, at) for use, at in zip(uses, settings, strict=True))
            each = (self._charged(use, flows, at) for use, flows, at in zip(uses, ran, settings, strict=True))
            self._ran[key] = combined(flows for several in each for flows in several)
        return self._ran[key]

    def share_of(self, use: Use, runs: Sequence[Use]) -> Number:
        """The megawatts of ``use`` over those of what runs on them until then; 0 where that has none."""
        total: Number = sum(self.use_mw(other) for other in runs)
        if isinstance(total, np.ndarray):
            return self.use_mw(use) / np.where(total > 0.0, total, np.inf)
        return self.use_mw(use) / total if total else 0.0

    def lost_margin_usd(self, plan: Plan) -> FloatArray:
        """Margin by month that the meanwhile plan would have earned from ``starts`` to ``ready``, ``(months, ·)``.

        A memo: the flows lack this margin already, so it is never added to them.
        """
        k = self.timeline.numbers
        total = np.zeros((self.months, 1))
        for use in plan.uses:
            conversion = use.inputs.conversion
            if conversion is None or conversion.meanwhile is None:
                continue
            starts, ready = conversion.starts_in(self.timeline), conversion.ready_in(self.timeline)
            earns = (line for line in self.meanwhile(plan, use, None).lines if line.name not in HEDGE_LINES)
            margin = named("margin_usd", monthly(earns, self.months, GROSS_PROFIT))
            total = total + np.where((k >= starts) & (k < ready), margin, 0.0)
        return total

    def at_best_stop(self, plan: Plan) -> tuple[PlanEvaluation, dict[str, FloatArray]]:
        """``plan`` with each fleet at the stop that is worth most, and those stops as month numbers.

        They go by the names of the uses, or of the fleets of a use that has several.
        """
        found, uses = dict[str, FloatArray](), []
        for use in plan.uses:
            if not use.inputs.mines:
                uses.append(use)
                continue
            worth = business(use.kind).value_by_stop_usd(use.inputs, self.setting(plan, use))
            best = {fleet: best_of(usd, fleet) for fleet, usd in worth.items()}
            for fleet, month in best.items():
                found[use.name if not fleet else fleet if plan.flat else f"{fleet} ({use.name})"] = month
            uses.append(use.with_stops({fleet: StopMonth(month) for fleet, month in best.items()}))
        return self.evaluate(plan._replace(uses=tuple(uses))), found


@lru_cache(maxsize=256)
def _known_factors(rate: float, points: int) -> FloatArray:
    """The discount factors of one rate, which many scenarios have."""
    factors = discount_factors(rate, points)
    factors.flags.writeable = False
    return factors


def evaluate(scenario: Scenario, plans: Iterable[str] | None = None) -> Evaluation:
    """The plans of ``scenario``, or those named and the baseline, all cases at once; see ``outcomes`` for many."""
    return _evaluated(Engine(scenario), plans)


def _evaluated(engine: Engine, plans: Iterable[str] | None) -> Evaluation:
    scenario = engine.scenario
    wanted = set(scenario.plans if plans is None else plans) | {scenario.baseline_plan.name}
    chosen = {name: plan for name, plan in scenario.plans.items() if name in wanted}
    return Evaluation(scenario, {name: engine.evaluate(plan) for name, plan in chosen.items()})


#: Cases in one go: large enough that numpy's overhead is small, small enough that a line stays in the cache.
CHUNK_CASES = 1024
#: So many times as many with debt, whose dates are worked out one after the other.
_CHUNKS_WITH_DEBT = 2


def outcomes(
    scenario: Scenario,
    measure: Callable[[Evaluation], Mapping[str, FloatArray]],
    plans: Iterable[str] | None = None,
) -> dict[str, FloatArray]:
    """What ``measure`` finds in every case of ``scenario``, in chunks that fit the cache: ``(cases,)`` by name.

    ``measure`` maps an evaluation, of ``plans`` and the baseline if these are given, to arrays ``(·,)``; the result
    does not depend on the chunks, to the last bit.
    """
    found: dict[str, list[FloatArray]] = {}
    alike: dict[str, ClosedDeal] = {}
    indebted = any(plan.inputs.financing is not None for plan in scenario.plans.values())
    for part in slices(scenario, CHUNK_CASES * (_CHUNKS_WITH_DEBT if indebted else 1)):
        for name, values in measure(_evaluated(Engine(part, alike=alike), plans)).items():
            found.setdefault(name, []).append(np.broadcast_to(values, (part.cases,)))
    return {name: np.concatenate(parts) for name, parts in found.items()}
