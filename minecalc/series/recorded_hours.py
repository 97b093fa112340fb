"""A recorded year of hourly prices, as its duration curves."""

from __future__ import annotations

from functools import cache

import numpy as np

from minecalc.reference.power_years import duration_curves, power_years
from minecalc.schema.names import did_you_mean
from minecalc.series.csv_table import BadCsvError
from minecalc.series.sorted_hours import Curve, MonthOfFile, SortedHours
from minecalc.units import KWH_PER_MWH


@cache
def recorded_hours(name: str) -> SortedHours:
    """The months of the record ``name``, in its currency by the kWh. BadCsvError if there is none."""
    known = power_years()
    if name not in known:
        advice = did_you_mean(name, known, "minecalc catalog power lists them")
        message = f"there is no duration curve {name}"
        raise BadCsvError(message, advice, code="unknown-name", key="duration_curve")
    months = {}
    for number, month in enumerate(duration_curves()[name]):
        prices, hours = np.array(month.pieces).T
        months[MonthOfFile(None, number)] = Curve(prices / KWH_PER_MWH, hours)
    return SortedHours.of(f"{name} {known[name].sha256}", name, months)


def demand_dollars(name: str, *, scaled: bool) -> None:
    """Refuse a record in another currency unless it is ``scaled``, by the rate of exchange. BadCsvError."""
    currency = power_years()[name].currency
    if currency != "USD" and not scaled:
        message = f"{name} is in {currency}, and minecalc counts in USD"
        advice = f"add scale: with the USD that one {currency} buys; adder_usd_per_kwh is scaled too"
        raise BadCsvError(message, advice, key="duration_curve")
