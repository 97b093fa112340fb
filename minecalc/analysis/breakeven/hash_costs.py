"""What an operator knows a machine by: hash cost, break-even price of power, and the prices at which it is shut.

For every fleet of a scenario and for every machine in the catalogue, at the site's price of power and the market's mean
of the first year. A hash price given directly has no network behind it: there the bitcoin price at which a machine is
shut is that of the dated market snapshot's network and fees. The formulas are in ``bitcoin``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, accumulate
from minecalc.businesses import business
from minecalc.cashflows import CashFlows
from minecalc.engine import Engine
from minecalc.fleets.fleet import PUE_BY_COOLING
from minecalc.fleets.fleet_terms import Running
from minecalc.market import Market, MarketOverTime, bitcoin
from minecalc.reference.machines import machines
from minecalc.reference.snapshot import defaults
from minecalc.scenario import Plan, Scenario, Use
from minecalc.units import MONTHS_PER_YEAR

#: Why a machine has no shutdown price, or a fleet no cost per BTC.
NO_BTC = "a hash price given directly does not say how many BTC are mined, or nothing is kept of them"


class Mine(NamedTuple):
    """A use that mines, of a plan, and the terms that it has as a mine."""

    plan: Plan
    use: Use
    terms: Running

    @property
    def name(self) -> str:
        """The plan, and which of its uses."""
        return self.plan.name if self.plan.flat else f"{self.plan.name}: {self.use.name}"


class HashCost(NamedTuple):
    """A fleet or a machine at a price of power, a hash price and a pool fee; means of the first year.

    Below ``shutdown_hash_price_usd_per_ph_per_day`` the machine does not earn its power; None where the pool keeps all.
    ``shutdown_btc_price_usd`` says the same as a price of bitcoin, and is also what the power of one BTC costs.
    ``power_usd_per_btc`` is that of a fleet over the whole horizon, None where it mines nothing.
    """

    name: str
    efficiency_j_per_th: float
    pue_ratio: float
    pool_fee_fraction: float
    electricity_price_usd_per_kwh: float
    hash_price_usd_per_ph_per_day: float
    hash_cost_usd_per_ph_per_day: float
    break_even_usd_per_kwh: float
    shutdown_hash_price_usd_per_ph_per_day: float | None
    shutdown_btc_price_usd: float | None
    power_usd_per_btc: float | None = None


def fleets(scenario: Scenario) -> list[HashCost]:
    """Every mining fleet of a scenario of a single case as it is at first; those that agree in all stand together."""
    engine = Engine(scenario)
    found: dict[tuple[float | None, ...], HashCost] = {}
    for mine in _mining(scenario):
        use, setting = mine.use, engine.setting(mine.plan, mine.use)
        price, fee = _first_year(setting.power.average_usd_per_kwh), mine.terms.pool_fee_fraction
        flows = business(use.kind).fleet_flows(use.inputs, setting)
        for fleet in use.inputs.every_fleet():
            name = f"{mine.name}: {fleet.name}" if fleet.name else mine.name
            cost = _cost(engine, name, fleet.efficiency_j_per_th, fleet.pue_ratio, fee, price)
            cost = cost._replace(power_usd_per_btc=_power_usd_per_btc(engine, flows[fleet.name]))
            same = found.get(cost[1:])
            if same is None:
                found[cost[1:]] = cost
            elif name not in same.name.split(", "):
                found[cost[1:]] = same._replace(name=f"{same.name}, {name}")
    return list(found.values())


def catalogue(scenario: Scenario) -> list[HashCost]:
    """Every machine on record at the site of a scenario of a single case, the most efficient first.

    PUE and pool fee are those of the baseline's fleet, or the first there is; without one the PUE is that of the
    machine's cooling and the pool takes nothing.
    """
    engine = Engine(scenario)
    own = reference_fleet(scenario)
    price = _first_year(engine.site_power.average_usd_per_kwh)
    costs = []
    for machine in sorted(machines().values(), key=lambda machine: machine.efficiency_j_per_th):
        pue = PUE_BY_COOLING[machine.cooling] if own is None else own.use.inputs.every_fleet()[0].pue_ratio
        fee = 0.0 if own is None else own.terms.pool_fee_fraction
        costs.append(_cost(engine, machine.id, machine.efficiency_j_per_th, pue, fee, price))
    return costs


def reference_fleet(scenario: Scenario) -> Mine | None:
    """The fleet whose PUE and pool fee the catalogue is shown at."""
    mining = list(_mining(scenario))
    of_baseline = [mine for mine in mining if mine.plan is scenario.baseline_plan]
    return next(iter([*of_baseline, *mining]), None)


def network_of(scenario: Scenario) -> str | None:
    """The date of the snapshot whose network stands behind the bitcoin prices; None where the scenario has one."""
    return defaults()["market.network_hash_rate_eh_per_s"].as_of if scenario.market.hash_price_is_given else None


def _btc_per_ph_per_day(engine: Engine) -> float:
    """Expected BTC a day of 1 PH/s in the first year: the scenario's, or with the snapshot's network and fees."""
    btc = engine.market.btc_per_ph_per_day
    if btc is None:
        btc = MarketOverTime(Market(), engine.market.timeline).btc_per_ph_per_day
        assert btc is not None
    return _first_year(btc)


def _mining(scenario: Scenario) -> Iterator[Mine]:
    found = ((plan, use, use.inputs.mining) for plan, use in scenario.uses())
    return (Mine(plan, use, terms) for plan, use, terms in found if terms is not None)


def _cost(engine: Engine, name: str, machine_j_per_th: Number, at: Number, kept: Number, price: float) -> HashCost:
    joules, pue, fee = float(machine_j_per_th), float(at), float(kept)
    hash_price = _first_year(engine.market.hash_price_usd_per_ph_per_day)
    cost = bitcoin.hash_cost_usd_per_ph_per_day(joules, pue, price)
    btc = _btc_per_ph_per_day(engine)
    return HashCost(
        name,
        joules,
        pue,
        fee,
        price,
        hash_price,
        cost,
        bitcoin.break_even_usd_per_kwh(hash_price, fee, joules, pue),
        cost / (1.0 - fee) if fee < 1.0 else None,
        bitcoin.shutdown_btc_price_usd(cost, btc, fee) if btc * (1.0 - fee) > 0.0 else None,
    )


def _power_usd_per_btc(engine: Engine, flows: CashFlows) -> float | None:
    """Power over BTC of the flows of one fleet over the horizon, months that it is shut off left out."""

    def total(values: FloatArray) -> float:
        return float(accumulate(np.broadcast_to(values, (engine.months, 1)))[0])

    mined = total(flows.quantities.get("btc_mined", np.zeros((1, 1))))
    power = sum(total(line.usd) for line in flows.lines if line.category == "power")
    return -power / mined if mined > 0.0 else None


def _first_year(path: FloatArray) -> float:
    """Mean of the first twelve months of a path ``(1 | months, 1)``."""
    year = path[:MONTHS_PER_YEAR]
    return float(accumulate(year)[0]) / len(year)
