"""From a block of random numbers to a scenario of as many cases: the world of each path, the same for every plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import BoolArray, FloatArray, Number, at_month
from minecalc.engine import MINING, Engine
from minecalc.levers import Lever, lever
from minecalc.randomness import correlation
from minecalc.randomness.processes import t_correlation_kept
from minecalc.randomness.streams import BLOCK_PATHS, Sampler
from minecalc.scenario import Plan, Plans, Scenario, Use
from minecalc.schema.names import quoted
from minecalc.simulation.courses import Courses
from minecalc.simulation.relevance import MONTHLY, Uncertain, building_cost, can_default, is_once, uncertain
from minecalc.tenant_default import LeaseDefault, TenantDefault
from minecalc.timeline import format_month
from minecalc.uncertainty.factors import BtcPrice, Drawn, Rent
from minecalc.uncertainty.factors import TenantDefault as Defaults
from minecalc.units import MONTHS_PER_YEAR
from minecalc.varying import vary


class Draw(NamedTuple):
    """The random part of a block of paths.

    ``monthly`` are factors over the scenario's path, ``(months, paths)``; ``once`` are numbers ``(paths,)``: ratios for
    ``utilisation_fraction`` and ``capex_usd_per_critical_mw``, months for ``delay_months``, years from the start of a
    lease for ``tenant_default``, and an input's own unit for a dotted path.
    """

    monthly: Mapping[str, FloatArray]
    once: Mapping[str, FloatArray]
    paths: int = BLOCK_PATHS

    def only(self, which: NDArray[np.intp]) -> Draw:
        """The draw of some of the paths, ``which (m,)``, which may repeat."""
        monthly = {name: values[:, which] for name, values in self.monthly.items()}
        return Draw(monthly, {name: values[which] for name, values in self.once.items()}, which.size)


class Paths(NamedTuple):
    """A block of paths: the draw, the scenario with a case for each, and which of them could be no scenario, and why.

    The cases of ``impossible`` paths are computed with numbers moved into their ranges, and must not be counted.
    """

    draw: Draw
    scenario: Scenario
    impossible: Mapping[str, BoolArray]


@dataclass(frozen=True)
class World:
    """A scenario and how its paths are drawn. Worlds with equal fields give the same paths anywhere."""

    given: Scenario
    sampler: Sampler

    @cached_property
    def uncertain(self) -> Uncertain:
        """The factors and inputs that are uncertain."""
        return uncertain(self.given)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it is before anything is drawn: best stops become the dates that are best without risk.

        A stop chosen on each path with that path's future in view would be worth more than anybody can get.
        """
        plans = Plans({name: self._prepared(plan) for name, plan in self.given.plans.items()})
        return self.given.model_copy(update={"plans": plans})

    @cached_property
    def stops_fixed(self) -> dict[str, str]:
        """The month at which each use with ``stops: best`` stops on every path, by dotted path."""
        engine, found = Engine(self.given), {}
        for plan, use in self.given.uses():
            if use.kind == MINING and use.inputs.stops == "best":
                from minecalc.businesses.bitcoin_mining import best_stop

                month = int(best_stop(use.inputs, engine.setting(plan, use))[0])
                found[_path(plan, use, "stops")] = format_month(self.given.timeline.start + month - 1)
        return found

    def _prepared(self, plan: Plan) -> Plan:
        uses = []
        for use in plan.uses:
            update: dict[str, object] = {}
            if _path(plan, use, "stops") in self.stops_fixed:
                update["stops"] = self.stops_fixed[_path(plan, use, "stops")]
            if "tenant_default" in self.uncertain.factors and can_default(use):
                update |= self._with_default(use)
            uses.append(use._replace(inputs=use.inputs.model_copy(update=update)) if update else use)
        return plan._replace(uses=tuple(uses))

    def _with_default(self, use: Use) -> dict[str, object]:
        """A default that never happens, in place of none or of a given one, for a draw to date."""
        terms = self.uncertain.factors["tenant_default"]
        assert isinstance(terms, Defaults)
        never = format_month(self.given.timeline.start + self.given.months - 1)
        months = int(terms.relet_months)
        if use.kind == "colocation":
            ratio = terms.relet_rent_ratio
            return {"tenant_default": LeaseDefault(month=never, relet_months=months, relet_rent_ratio=ratio)}
        default = TenantDefault(month=never, relet_months=months)
        return {"contract": use.inputs.contract.model_copy(update={"tenant_default": default})}

    @cached_property
    def _inputs(self) -> dict[str, Lever]:
        return {path: lever(self.given, path) for path in self.uncertain.inputs}

    @cached_property
    def courses(self) -> Courses:
        """The processes of the monthly factors."""
        return Courses(self.given, self.uncertain.factors)

    @cached_property
    def _rows(self) -> dict[str, int]:
        """How many standard normals each name takes a path."""
        rows = {name: self.given.months for name in MONTHLY if name in self.uncertain.factors}
        rows |= self.courses.extra_rows()
        rows |= {name: 1 for name, factor in self.uncertain.factors.items() if is_once(factor)}
        if "tenant_default" in self.uncertain.factors:
            rows["tenant_default"] = 1
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
            pairs = {pair: self._shock_correlation(pair) for pair in self.uncertain.pairs if {*pair} <= {*members}}
            if pairs:
                groups[kind] = (members, correlation.factor(correlation.matrix(members, pairs)))
        return groups

    def _shock_correlation(self, pair: tuple[str, str]) -> float:
        """The correlation of two normals that gives the one asked for: a Student-t factor keeps only a part of it."""
        price = self.uncertain.factors.get("btc_price_usd")
        value = self.uncertain.pairs[pair]
        if "btc_price_usd" in pair and isinstance(price, BtcPrice) and price.model == "student_t":
            value /= t_correlation_kept(float(price.degrees_of_freedom_count))
        return value

    def draw(self, block: int, resampled: Mapping[str, int] | None = None) -> Draw:
        """The random part of ``block``. ``resampled`` takes the normals of a name from the stream of another seed."""
        normals = self.sampler.normals(self._rows, block)
        for name, seed in (resampled or {}).items():
            normals[name] = Sampler(seed, self.sampler.draws).normals(self._rows, block)[name]
        for members, rows in self._mixing.values():
            mixed = correlation.apply(rows, [normals[name] for name in members])
            normals |= dict(zip(members, mixed, strict=True))
        monthly = self.courses.draw(normals, self.sampler, block)
        once: dict[str, FloatArray] = {}
        for name, factor in self.uncertain.factors.items():
            if isinstance(factor, Drawn):
                once[name] = factor.drawn.draw(normals[name][0])
            elif isinstance(factor, Defaults):
                once[name] = _years_to_default(normals[name][0], float(factor.probability_fraction_per_year))
        once |= {path: drawn.draw(normals[path][0]) for path, drawn in self.uncertain.inputs.items()}
        return Draw(monthly, once)

    def paths(self, block: int, resampled: Mapping[str, int] | None = None) -> Paths:
        """The paths of ``block`` as a scenario of ``BLOCK_PATHS`` cases."""
        return self.applied(self.draw(block, resampled))

    def applied(self, draw: Draw, moved: Mapping[str, Number] = MappingProxyType({})) -> Paths:
        """The scenario with a case for each path of ``draw``.

        ``moved`` puts numbers or columns (one a path) in place of inputs, as ``vary`` takes them, before anything that
        is drawn acts on them: a rent that the market moves is then the rent of an unmoved market.
        """
        values: dict[str, Number] = {}
        impossible: dict[str, BoolArray] = {}
        self._inputs_drawn(draw, values, impossible)
        values |= moved
        # what the scenario says, or a drawn or moved input, is what the factors of uses act on
        scenario = vary(self.scenario, values) if values else self.scenario
        deviations = {**self._market(draw), **self._site(draw)}
        for plan, use in scenario.uses():
            deviations |= self._use(draw, plan, use)
        return Paths(draw, vary(scenario, deviations), impossible)

    def _inputs_drawn(self, draw: Draw, values: dict[str, Number], impossible: dict[str, BoolArray]) -> None:
        for path, known in self._inputs.items():
            drawn = draw.once[path]
            x = drawn / known.base if known.base != 1.0 else drawn
            x = np.rint(x) if known.whole else x
            outside = (x < known.low) | (x > known.high)
            if outside.any():
                impossible[f"{path} is drawn outside its range"] = outside
            values[known.at] = np.clip(x, known.low, known.high)

    def _market(self, draw: Draw) -> dict[str, FloatArray]:
        market, found = self.given.market, {}
        inputs = {
            "btc_price_usd": "btc_price_usd",
            "network_hash_rate_eh_per_s": "network_difficulty" if market.network_difficulty else None,
            "fee_btc_per_block": "fee_fraction" if market.fee_fraction else None,
            "hash_price_usd_per_ph_per_day": None,
        }
        for name, other in inputs.items():
            if name in draw.monthly:
                found[f"market.{other or name}.deviation"] = draw.monthly[name]
        return found

    def _site(self, draw: Draw) -> dict[str, FloatArray]:
        name = "electricity_price_usd_per_kwh"
        return {f"site.{name}.deviation": draw.monthly[name]} if name in draw.monthly else {}

    def _use(self, draw: Draw, plan: Plan, use: Use) -> dict[str, FloatArray]:
        """What a draw puts in place of the inputs of one use."""
        inputs, found, conversion = use.inputs, dict[str, FloatArray](), use.inputs.conversion
        electricity = draw.monthly.get("electricity_price_usd_per_kwh")
        if electricity is not None and inputs.electricity_price_usd_per_kwh is not None:
            found[_path(plan, use, "electricity_price_usd_per_kwh.deviation")] = electricity
        if "capex_usd_per_critical_mw" in draw.once and np.any(building_cost(use)):
            place = "capex_usd_per_critical_mw" if conversion is None else "conversion.capex_usd_per_critical_mw"
            cost = building_cost(use) * np.maximum(draw.once["capex_usd_per_critical_mw"], 0.0)
            found[_path(plan, use, place)] = np.minimum(cost, 1e8)
        ready: FloatArray | float = 1.0
        if conversion is not None:
            late = np.broadcast_to(np.float64(conversion.delay_months), (draw.paths,))
            if "delay_months" in draw.once:
                late = np.clip(late + np.rint(draw.once["delay_months"]), 0.0, 240.0)
                found[_path(plan, use, "conversion.delay_months")] = late
            ready = self.given.timeline.number_of(conversion.ready) + late
        if use.kind == "colocation":
            found |= self._lease(draw, plan, use, ready)
        elif use.kind == "gpu_cloud":
            found |= self._gpus(draw, plan, use, ready)
        return found

    def _lease(self, draw: Draw, plan: Plan, use: Use, ready: FloatArray | float) -> dict[str, FloatArray]:
        inputs, found = use.inputs, dict[str, FloatArray]()
        market = draw.monthly.get("rent_usd_per_kw_per_month", np.ones((1, draw.paths)))
        rent = self.uncertain.factors.get("rent_usd_per_kw_per_month")
        if isinstance(rent, Rent):
            if inputs.renewal is not None:
                found[_path(plan, use, "renewal.rent_usd_per_kw_per_month.deviation")] = market
            if rent.signed != "at_start" and inputs.contract is None:
                conversion = inputs.conversion
                early = rent.signed == "at_conversion" and conversion is not None
                month = conversion.starts_in(self.given.timeline) if early and conversion is not None else ready
                signed = at_month(market, np.broadcast_to(np.asarray(month, dtype=np.float64), (draw.paths,)))
                found[_path(plan, use, "rent_usd_per_kw_per_month")] = np.minimum(
                    inputs.rent_usd_per_kw_per_month * signed, 10_000.0
                )
        if "tenant_default" in draw.once:
            month, relet = self._default_month(draw, ready)
            ratio = inputs.tenant_default.relet_rent_ratio * at_month(market, relet)
            found[_path(plan, use, "tenant_default.month")] = month
            found[_path(plan, use, "tenant_default.relet_rent_ratio")] = np.minimum(ratio, 10.0)
        return found

    def _gpus(self, draw: Draw, plan: Plan, use: Use, ready: FloatArray | float) -> dict[str, FloatArray]:
        inputs, found = use.inputs, dict[str, FloatArray]()
        rate = draw.monthly.get("lease_usd_per_gpu_hour")
        if rate is not None and inputs.lease_usd_per_gpu_hour is not None:
            found[_path(plan, use, "lease_usd_per_gpu_hour.deviation")] = rate
            ratio = draw.once.get("utilisation_fraction")
            if ratio is not None:
                found |= self._utilisation(ratio, plan, use)
        elif "utilisation_fraction" in draw.once and inputs.lease_usd_per_gpu_hour is not None:
            found |= self._utilisation(draw.once["utilisation_fraction"], plan, use)
        if "tenant_default" in draw.once and inputs.contract is not None:
            found[_path(plan, use, "contract.tenant_default.month")] = self._default_month(draw, ready)[0]
        return found

    def _utilisation(self, ratio: FloatArray, plan: Plan, use: Use) -> dict[str, FloatArray]:
        highest = np.maximum(use.inputs.utilisation_fraction.values(self.given.timeline), 1e-12)
        capped = np.minimum(np.maximum(ratio, 0.0), 1.0 / highest)
        return {_path(plan, use, "utilisation_fraction.deviation"): capped}

    def _default_month(self, draw: Draw, ready: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        """Calendar month of each path's default (after the horizon: never), and the month number of the reletting."""
        factor = self.uncertain.factors["tenant_default"]
        assert isinstance(factor, Defaults)
        timeline = self.given.timeline
        after = np.floor(np.minimum(draw.once["tenant_default"] * MONTHS_PER_YEAR, 1e6))
        number = np.minimum(ready + after, timeline.after)
        return number - 1.0 + timeline.start, number + factor.relet_months


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


def _path(plan: Plan, use: Use, name: str) -> str:
    return ".".join((*(quoted(part) for part in plan.place(use)), name))
