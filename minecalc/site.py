"""The site: its contracted megawatts and what its power costs."""

from __future__ import annotations

from minecalc.arrays import Number
from minecalc.paths import TimedInputs, ValueOverTime, over_time
from minecalc.schema.fields import Usual, number


class Site(TimedInputs):
    """One grid connection."""

    gross_mw: Number = number(
        low=1e-6,
        high=100_000,
        usual=Usual(None, 10_000, "the largest programme announced, Stargate's 10 GW of 2025"),
        help="contracted utility capacity, what the grid delivers",
    )
    convertible_fraction: Number = number(
        low=0,
        high=1,
        default=1.0,
        default_source="all of the site, unless space, water or fibre limit it",
        help="part of gross_mw that may become AI",
    )
    electricity_price_usd_per_kwh: ValueOverTime = over_time(
        low=-1, high=2, help="all-in price of power, unless a use carries its own"
    )
    fixed_cost_usd_per_year: Number = number(
        low=0,
        high=1e10,
        default=0.0,
        default_source="none given",
        help="demand charges, minimum take and staff that every plan pays, also during a build",
    )
