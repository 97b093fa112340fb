"""The duration curve of a recorded year of power, against what mining with some machines makes of an MWh."""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray, running_total
from minecalc.document import Chart, Series
from minecalc.fleets.fleet import PUE_BY_COOLING
from minecalc.market import Market, MarketOverTime
from minecalc.reference.machines import machines
from minecalc.reference.power_years import power_years
from minecalc.reference.snapshot import on_record
from minecalc.series.recorded_hours import recorded_hours
from minecalc.timeline import Timeline, parse_month
from minecalc.units import HOURS_PER_DAY, KWH_PER_MWH

#: Machines of three generations, and the dearest hours that the chart leaves out, since they would flatten the others.
MACHINES, _LEFT_OUT = ("antminer-s19-pro", "antminer-s21", "antminer-s21-xp"), 0.05
_STEPS = 96


def curve(name: str) -> tuple[FloatArray, FloatArray]:
    """The prices of a recorded year (by the MWh) in order, and up to what share of its hours each is, ``(n,)`` both."""
    hours = recorded_hours(name)
    prices, weights = hours.prices[:, 0], hours.weights[:, 0]
    order = np.argsort(prices, kind="stable")
    until = running_total(weights[order][:, None])[:, 0]
    return prices[order] * KWH_PER_MWH, until / until[-1]


def worth_usd_per_mwh(machine: str) -> float:
    """What an MWh at the meter earns with a machine of the catalogue, at the snapshot's hash price, net of pool fee."""
    record = machines()[machine]
    today = MarketOverTime(Market(), Timeline(parse_month("2027-01"), 1))
    paid = float(today.hash_price_usd_per_ph_per_day[0, 0]) * (1.0 - on_record("pool_fee_fraction")["default"])
    kwh_per_ph_per_day = HOURS_PER_DAY * record.efficiency_j_per_th * PUE_BY_COOLING[record.cooling]
    return paid / kwh_per_ph_per_day * KWH_PER_MWH


def curve_chart(name: str) -> Chart:
    """The cheapest 95% of the hours by price, and what three machines earn by the MWh."""
    prices, until = curve(name)
    shares = np.linspace(0.0, 1.0 - _LEFT_OUT, _STEPS)
    places = np.minimum(np.searchsorted(until, shares, side="left"), len(prices) - 1)
    series = [Series("price", prices[places].tolist())]
    title = f"Price of the cheapest {1.0 - _LEFT_OUT:.0%} of the hours, MWh"
    if power_years()[name].currency == "USD":
        title += ", and what mining makes of one at the snapshot's hash price"
        series += [Series(machines()[one].name, [worth_usd_per_mwh(one)] * len(shares)) for one in MACHINES]
    return Chart(title, [f"{share:.0%}" for share in shares], series, "usd_per_mwh")
