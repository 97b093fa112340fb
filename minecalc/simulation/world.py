"""From a block of random numbers to a scenario of as many cases: the world of each path, the same for every plan."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, at_month
from minecalc.engine import Engine
from minecalc.engine.sunk_fleets import sunk
from minecalc.factor import Drawn, SignedRate
from minecalc.fleets.stops import NEVER, Stops, StopValues, UnpaidMonths
from minecalc.randomness import correlation
from minecalc.randomness.streams import BLOCK_PATHS, Sampler
from minecalc.scenario import Plan, Plans, Scenario, Use
from minecalc.scenario.movables import Movable
from minecalc.scenario.places import Path, replaced
from minecalc.scenario.site import exceeds_mw
from minecalc.scenario.varying import vary
from minecalc.schema.fields import field_meta
from minecalc.schema.names import quoted
from minecalc.simulation.monthly_paths import MonthlyPaths
from minecalc.simulation.relevance import (
    MONTHLY,
    Uncertain,
    building_cost,
    can_default,
    drawn_input,
    following,
    input_at,
    is_signed_later,
    uncertain,
    varies,
)
from minecalc.simulation.stopping import (
    UNPAID_MONTHS,
    Key,
    Run,
    never_stopping,
    runs_at_best,
    stop_values,
    stops_path,
)
from minecalc.timeline import Timeline, format_month
from minecalc.uncertainty.factors import TenantDefault as Defaults
from minecalc.units import MONTHS_PER_YEAR
from minecalc.uses.tenancy import Tenancy
from minecalc.uses.tenant_default import TenantDefault

POWER = "electricity_price_usd_per_kwh"

#: Blocks of the paths on which best stops are chosen, beyond those of any simulation.
_PILOT_BLOCKS = (1_000_000, 1_000_001)


class Draw(NamedTuple):
    """The random part of a block of paths.

    ``values`` are monthly factors over the scenario's path, ``(months, paths)``, and numbers drawn once, ``(paths,)``:
    ratios for ``utilisation_fraction`` and ``capex_usd_per_critical_mw``, months for ``delay_months``, years from the
    start of a lease for ``tenant_default``, and an input's own unit for a dotted path.
    """

    values: Mapping[str, FloatArray]
    paths: int = BLOCK_PATHS

    def acting(self, names: Container[str]) -> Draw:
        """The draw with none but these ``names`` in it: the others leave the scenario as it is."""
        return self._replace(values={name: values for name, values in self.values.items() if name in names})


class Paths(NamedTuple):
    """A block of paths: the draw, the scenario with a case for each, and which of them are infeasible, and why.

    The cases of ``impossible`` paths are computed with numbers moved into their ranges, and must not be counted.
    """

    draw: Draw
    scenario: Scenario
    impossible: Mapping[str, BoolArray]

    @property
    def infeasible(self) -> BoolArray:
        """Whether each path is infeasible, ``(paths,)``."""
        none = np.zeros(self.draw.paths, dtype=np.bool_)
        infeasible: BoolArray = np.logical_or.reduce([none, *self.impossible.values()])
        return infeasible


@dataclass(frozen=True)
class World:
    """A scenario and how its paths are drawn. Worlds with equal fields give the same paths anywhere.

    With ``keeps_fleets`` they stop as the scenario says, whatever nobody can know beforehand: ``simulation.stages``.
    """

    given: Scenario
    sampler: Sampler
    keeps_fleets: bool = False

    @cached_property
    def uncertain(self) -> Uncertain:
        """The factors and inputs that are uncertain."""
        return uncertain(self.given)

    @cached_property
    def varies(self) -> bool:
        """Whether any two of its paths may differ."""
        return varies(self.uncertain)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it is before anything is drawn: best stops become the dates that are best on average.

        A stop chosen on each path with that path's future in view would be worth more than anybody can get. Where
        anything is uncertain, a fleet without a ``stops`` shuts after ``UNPAID_MONTHS`` unpaid. Debt is closed once, on
        the scenario as it is: its amounts and instalments stay on every path.
        """
        plans = Plans({name: self._prepared(plan) for name, plan in self.given.plans.items()})
        return replaced(self.given.model_copy(update={"plans": plans}), self._never_defaulting())

    @cached_property
    def stops_fixed(self) -> dict[str, str]:
        """The month at which each fleet with ``stops: best`` stops on every path, by where it runs; or ``never``.

        What runs until a conversion has its best date by the start of that, so in ``timing`` another for each start; so
        has a mine that a conversion builds.
        """
        engine, timeline = Engine(self.given), self.given.timeline
        months = {run.path: int(np.max(self._stop_values[run.key].best(run.until(engine)))) for run in self._runs}
        return {path: timeline.label(month) if month <= timeline.months else NEVER for path, month in months.items()}

    @cached_property
    def stops_assumed(self) -> dict[str, int]:
        """The months unpaid after which fleets without a ``stops`` shut, by their path; none where nothing varies."""
        if not self.varies or self.keeps_fleets:
            return {}
        return {
            stops_path(plan, use, fleet): UNPAID_MONTHS
            for plan, use in self.given.uses()
            for fleet, terms in use.inputs.stopping.items()
            if "stops" not in (terms.model_fields_set if fleet else use.given)
        }

    @cached_property
    def _runs(self) -> tuple[Run, ...]:
        """Every fleet with ``stops: best`` wherever it runs."""
        return () if self.keeps_fleets else tuple(runs_at_best(self.given))

    @cached_property
    def _stop_values(self) -> dict[Key, StopValues]:
        """What each of those is worth by its stop: the mean over pilot paths, which no simulation uses."""
        if not self._runs:
            return {}
        pilot = replace(
            self,
            given=self.given.model_copy(update={"plans": never_stopping(self.given.plans)}),
            sampler=replace(self.sampler, draws="independent"),
        )
        return stop_values({run.key for run in self._runs}, (pilot.paths(block).scenario for block in _PILOT_BLOCKS))

    def stops_of(self, plan: Plan, use: Use) -> Iterator[tuple[str, Stops]]:
        """What stands in place of the stops of the fleets of ``use``, by their names."""
        for fleet in use.inputs.stopping:
            own = self._stop_values.get(Key(plan.name, plan.name, use.name, fleet))
            if own is not None:
                yield fleet, own
            elif stops_path(plan, use, fleet) in self.stops_assumed:
                yield fleet, UnpaidMonths(unpaid_months=UNPAID_MONTHS)

    def _prepared(self, plan: Plan) -> Plan:
        uses = []
        for use in plan.uses:
            use = use.with_stops(dict(self.stops_of(plan, use)))
            runs = use.inputs.meanwhile
            if runs is not None and self._runs:
                key = (plan.name, runs.plan)
                stops = tuple(
                    (known.use, known.fleet, of) for known, of in self._stop_values.items() if known[:2] == key
                )
                use = use._replace(inputs=use.inputs.with_meanwhile(runs._replace(stops=stops)))
            uses.append(use)
        return self._closed(plan)._replace(uses=tuple(uses))

    def _closed(self, plan: Plan) -> Plan:
        """The plan with its deal as closed on the scenario as it is, unless what is drawn belongs to its financing."""
        financing, at = plan.inputs.financing, f"plans.{quoted(plan.name)}.financing."
        drawn = any(path.startswith(at) for path in self.uncertain.inputs)
        if financing is None or drawn or not self.varies:
            return plan
        financed = Engine(self.given).evaluate(plan).financed
        assert financed is not None
        inputs = plan.inputs.model_copy(update={"financing": financing.with_deal(financed.deal)})
        return plan._replace(inputs=inputs)

    def _never_defaulting(self) -> dict[Path, TenantDefault]:
        """A default that never happens, in place of none, for a draw to date: by where it stands."""
        terms = self.uncertain.factors.get("tenant_default")
        if not isinstance(terms, Defaults):
            return {}
        never = format_month(self.given.timeline.start + self.given.months)  # just after the horizon
        months = int(terms.relet_months)
        default = TenantDefault(month=never, relet_months=months, relet_rent_ratio=terms.relet_rent_ratio)
        contracts = ((plan.place(use), use.inputs.tenancy()) for plan, use in self.given.uses() if can_default(use))
        return {(*at, *of.default_at.split(".")): default for at, of in contracts if of is not None}

    @cached_property
    def _inputs(self) -> dict[str, Movable]:
        return {path: drawn_input(self.given, path) for path in self.uncertain.inputs}

    @cached_property
    def monthly_paths(self) -> MonthlyPaths:
        """The processes of the monthly factors."""
        return MonthlyPaths(self.given, self.uncertain.factors, self.uncertain.shock_pairs())

    @cached_property
    def _rows(self) -> dict[str, int]:
        """How many standard normals each name takes a path."""
        monthly = [self.monthly_paths.rows(name) for name in MONTHLY if name in self.uncertain.factors]
        rows = {row: count for found in monthly for row, count in found.items()}
        rows |= {name: 1 for name, factor in self.uncertain.factors.items() if not factor.monthly}
        return rows | dict.fromkeys(sorted(self.uncertain.inputs), 1)

    @cached_property
    def _mixing(self) -> dict[str, tuple[list[str], list[dict[int, float]]]]:
        """Groups of names that are correlated, and the factor of their matrix; monthly ones and those drawn once."""
        names = [name for name in self._rows if any(name in pair for pair in self.uncertain.pairs)]
        groups = {}
        for kind, members in (
            ("monthly", [name for name in names if name in MONTHLY]),
            ("once", [name for name in names if name not in MONTHLY]),
        ):
            pairs = {pair: value for pair, value in self.uncertain.shock_pairs().items() if {*pair} <= {*members}}
            if pairs:
                groups[kind] = (members, correlation.factor(correlation.matrix(members, pairs)))
        return groups

    def draw(self, block: int, resampled: Mapping[str, int] | None = None) -> Draw:
        """The random part of ``block``. ``resampled`` draws a factor or input by name with another seed.

        What is correlated with it keeps its own shocks, and follows the new ones as far as it is correlated.
        """
        seeds = resampled or {}

        def sampler(name: str) -> Sampler:
            return replace(self.sampler, seed=seeds.get(name, self.sampler.seed))

        normals = self.sampler.normals(self._rows, block)
        for name in seeds:
            own = self.monthly_paths.rows(name) if name in MONTHLY else {name: 1}
            fresh = sampler(name).normals(self._rows, block)
            normals |= {row: fresh[row] for row in own}
        for members, rows in self._mixing.values():
            mixed = correlation.apply(rows, [normals[name] for name in members])
            normals |= dict(zip(members, mixed, strict=True))
        values = self.monthly_paths.draw(normals, sampler, block)
        for name, factor in self.uncertain.factors.items():
            if isinstance(factor, Drawn):
                values[name] = factor.drawn.draw(normals[name][0])
            elif isinstance(factor, Defaults):
                values[name] = _years_to_default(normals[name][0], float(factor.probability_fraction_per_year))
        values |= {path: drawn.draw(normals[path][0]) for path, drawn in self.uncertain.inputs.items()}
        return Draw(values)

    def paths(self, block: int) -> Paths:
        """The paths of ``block`` as a scenario of ``BLOCK_PATHS`` cases."""
        return self.applied(self.draw(block))

    def applied(self, draw: Draw, moved: Mapping[str, Number] = MappingProxyType({})) -> Paths:
        """The scenario with a case for each path of ``draw``; what this has no name of stays as the scenario says.

        ``moved`` puts numbers or columns (one a path) in place of inputs, as ``vary`` takes them, before anything that
        is drawn acts on them: a rent that the market moves is then the rent of an unmoved market.
        """
        found = self.with_uses(self.without_uses(draw, moved))
        return found._replace(impossible={**found.impossible, **self.infeasible(found.scenario)})

    def without_uses(self, draw: Draw, moved: Mapping[str, Number] = MappingProxyType({})) -> Paths:
        """As ``applied`` as far as all uses share it: the inputs drawn, and the market and the site of each path."""
        values: dict[str, Number] = {}
        impossible: dict[str, BoolArray] = {}
        for path, known in self._inputs.items():
            drawn = draw.values.get(path)
            if drawn is None:
                continue
            x = drawn if (known.base, known.offset) == (1.0, 0.0) else (drawn - known.offset) / known.base
            x = np.rint(x) if known.whole else x
            values[known.at] = _kept_within(x, known.low, known.high, path, impossible)
        values |= moved
        scenario = vary(self.scenario, values, used_ranges=False) if values else self.scenario
        return Paths(draw, vary(scenario, self._shared(draw), used_ranges=False), impossible)

    def with_uses(
        self,
        paths: Paths,
        moved: Mapping[str, Number] = MappingProxyType({}),
        only: Container[tuple[str, str]] | None = None,
    ) -> Paths:
        """``paths`` after their draw has acted on the uses too, or on ``only`` those of some plans and names.

        ``moved`` are inputs of uses, such as dates: one of the market or the site would lose what the draw did to it.
        """
        draw, impossible = paths.draw, dict(paths.impossible)
        # what the scenario says, or a drawn or moved input, is what the factors of uses act on
        scenario = vary(paths.scenario, moved, used_ranges=False) if moved else paths.scenario
        deviations: dict[str, FloatArray] = {}
        for (plan, use), (_, given) in zip(scenario.uses(), self.given.uses(), strict=True):
            if only is None or (plan.name, use.name) in only:
                defaults = "tenant_default" in draw.values and can_default(given)
                deviations |= self._use(draw, plan, use, defaults, impossible)
        return Paths(draw, vary(scenario, deviations, used_ranges=False), impossible)

    def infeasible(self, scenario: Scenario) -> dict[str, BoolArray]:
        """The paths on which drawn inputs leave a plan too few megawatts or machines, by reason."""
        return _beyond_megawatts(scenario) | _machines_twice(scenario) if self.uncertain.inputs else {}

    def _shared(self, draw: Draw) -> dict[str, FloatArray]:
        """What a draw puts in place of the inputs of the market and the site."""
        market = self.given.market
        hash_rate = "market.network_difficulty" if market.network_difficulty else "market.network_hash_rate_eh_per_s"
        inputs = {
            "btc_price_usd": "market.btc_price_usd",
            "network_hash_rate_eh_per_s": hash_rate,
            "fee_btc_per_block": "market.fee_fraction" if market.fee_fraction else "market.fee_btc_per_block",
            "hash_price_usd_per_ph_per_day": "market.hash_price_usd_per_ph_per_day",
            POWER: f"site.{POWER}",
        }
        return {f"{path}.deviation": draw.values[name] for name, path in inputs.items() if name in draw.values}

    def _use(
        self, draw: Draw, plan: Plan, use: Use, defaults: bool, impossible: dict[str, BoolArray]
    ) -> dict[str, FloatArray]:
        """What a draw puts in place of the inputs of one use, whose tenant's default is drawn or not."""
        inputs, found, conversion = use.inputs, dict[str, FloatArray](), use.inputs.conversion
        put = _Put(plan, use, found, impossible)
        if POWER in draw.values and inputs.electricity_price_usd_per_kwh is not None:
            put.path(POWER, draw.values[POWER])
        for name, factor in self.uncertain.factors.items():
            if name in draw.values:
                for path, value in following(use, name).items():
                    put.path(path, factor.path(draw.values[name], value, self.given.timeline))
        if "capex_usd_per_critical_mw" in draw.values and np.any(building_cost(use)):
            cost = building_cost(use) * np.maximum(draw.values["capex_usd_per_critical_mw"], 0.0)
            put.number("conversion.capex_usd_per_critical_mw" if conversion else "capex_usd_per_critical_mw", cost)
        ready: FloatArray | float = 1.0
        if conversion is not None:
            late = np.broadcast_to(np.float64(conversion.delay_months), (draw.paths,))
            if "delay_months" in draw.values:
                late = put.number(
                    "conversion.delay_months", np.maximum(late + np.rint(draw.values["delay_months"]), 0.0)
                )
            ready = self.given.timeline.number_of(conversion.ready) + late
        tenancy = inputs.tenancy()
        if tenancy is not None:
            self._contract(draw, use, tenancy, ready, defaults, put)
        return found

    def _contract(
        self, draw: Draw, use: Use, tenancy: Tenancy, ready: FloatArray | float, defaults: bool, put: _Put
    ) -> None:
        """Sign the contract of a use, and let again what a default leaves empty, at the market of the month."""
        conversion, timeline = use.inputs.conversion, self.given.timeline
        rate = self.uncertain.factors.get(tenancy.market)
        market = draw.values.get(tenancy.market, np.ones((1, draw.paths)))

        def at(month: FloatArray | float) -> FloatArray:
            return at_month(market, np.broadcast_to(np.asarray(month, dtype=np.float64), (draw.paths,)))

        signed = np.ones(draw.paths)  # the market at which it is signed, over the scenario's own
        if isinstance(rate, SignedRate) and is_signed_later(rate, use):
            early = conversion if rate.signed == "at_conversion" else None
            signed = at(ready if early is None else early.starts_in(timeline))
            put.number(tenancy.signed, input_at(use, tenancy.signed) * signed)
        if defaults and tenancy.default is not None:
            month, terms = self._default_month(draw, ready), tenancy.default
            if tenancy.renews_after_months is not None:  # then a default may hit the contract that follows
                ends = ready + tenancy.renews_after_months
                signed = np.where(month < ends, signed, at(ends))
            # a market that has gone to nothing leaves no price to take a share of
            moved = at(month + terms.relet_months) / np.maximum(signed, 1e-12)
            moved = np.where(month < timeline.after, moved, 1.0)
            put.month(f"{tenancy.default_at}.month", month, timeline)
            put.number(f"{tenancy.default_at}.relet_rent_ratio", terms.relet_rent_ratio * moved)

    def _default_month(self, draw: Draw, ready: FloatArray | float) -> FloatArray:
        """The number of the month in which each path's tenant defaults; just after the horizon: never."""
        after = np.floor(np.minimum(draw.values["tenant_default"] * MONTHS_PER_YEAR, 1e6))
        return np.minimum(ready + after, self.given.timeline.after)


class _Put(NamedTuple):
    """Collects what a draw puts in place of the inputs of one use, by dotted path in ``found``."""

    plan: Plan
    use: Use
    found: dict[str, FloatArray]
    impossible: dict[str, BoolArray]

    def path(self, name: str, factor: FloatArray) -> None:
        """A factor ``(1 | months, paths)`` for a value over time."""
        self.found[_path(self.plan, self.use, f"{name}.deviation")] = factor

    def number(self, name: str, values: FloatArray) -> FloatArray:
        """Numbers ``(paths,)``, as far as they may stand there; those that are put."""
        path, owner = _path(self.plan, self.use, name), self.use.inputs
        *groups, field = name.split(".")
        for group in groups:
            owner = getattr(owner, group)
        meta = field_meta(type(owner), field)
        low, high = -np.inf if meta.low is None else meta.low, np.inf if meta.high is None else meta.high
        self.found[path] = _kept_within(values, low, high, path, self.impossible)
        return self.found[path]

    def month(self, name: str, number: FloatArray, timeline: Timeline) -> None:
        """Calendar months from month numbers."""
        self.found[_path(self.plan, self.use, name)] = number - 1.0 + timeline.start


def _kept_within(
    values: FloatArray, low: float, high: float, path: str, impossible: dict[str, BoolArray]
) -> FloatArray:
    """``values`` moved into ``low..high``; the paths where that was needed are noted as impossible."""
    outside = (values < low) | (values > high)
    if not outside.any():
        return values
    reason = f"{path} is drawn outside its range"
    impossible[reason] = impossible[reason] | outside if reason in impossible else outside
    return np.clip(values, low, high)


def _years_to_default(normals: FloatArray, probability_a_year: float) -> FloatArray:
    """Exponential times at which this share of tenants defaults in a year; longest where a normal is largest."""
    from minecalc.randomness.distributions import uniforms

    if probability_a_year <= 0.0:
        return np.full_like(normals, np.inf)
    if probability_a_year >= 1.0:
        return np.zeros_like(normals)
    rate = -math.log1p(-probability_a_year)
    years: FloatArray = -np.log(np.maximum(uniforms(-normals), 1e-300)) / rate
    return years


def _beyond_megawatts(scenario: Scenario) -> dict[str, BoolArray]:
    """The paths on which a plan takes more megawatts than ``checks`` allow a file: its uses', the site's, for AI."""
    engine, found = Engine(scenario), dict[str, BoolArray]()
    for plan in scenario.plans.values():
        most, taken, ai = np.zeros(scenario.cases, dtype=np.bool_), np.zeros(scenario.cases), np.zeros(scenario.cases)
        for use in plan.uses:
            given = engine.use_mw(use)
            needed, _ = use.inputs.required_mw(engine.setting(plan, use))
            most |= exceeds_mw(needed, given)
            taken = taken + given
            ai = ai + (np.minimum(needed, given) if use.inputs.is_ai else 0.0)
        most |= exceeds_mw(taken, scenario.site.gross_mw)
        most |= exceeds_mw(ai, scenario.site.gross_mw * scenario.site.convertible_fraction)
        if most.any():
            found[f"{plan.name} needs more megawatts than it has"] = most
    return found


def _machines_twice(scenario: Scenario) -> dict[str, BoolArray]:
    """The paths on which a plan runs more machines that it did not buy than there are."""
    engine, found = Engine(scenario), dict[str, BoolArray]()
    for plan in scenario.plans.values():
        most = np.broadcast_to(sunk(engine, plan).exceeds.any(axis=0), (scenario.cases,))
        if most.any():
            found[f"{plan.name} runs more machines that it does not buy than there are"] = most
    return found


def _path(plan: Plan, use: Use, name: str) -> str:
    return ".".join((*(quoted(part) for part in plan.place(use)), name))
