"""The factors of the joint world: what each is by default, where that comes from, and what a scenario may say of it.

Here are those of the market, the site, conversions and tenants; a business has its own. A scenario without volatility
is the scenario itself. How the numbers of price and network were derived stands in the manual's page on uncertainty;
``python -m tests.bench.calibrate`` derives them again.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from minecalc.arrays import Count, Number
from minecalc.businesses import business, kinds
from minecalc.distribution import Distribution
from minecalc.factor import JUDGEMENT, Drawn, Factor, MonthlyFactor, half_life, passing, volatility
from minecalc.reference.bitcoin_history import bitcoin_monthly
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import anything, choice, meant, number, text, whole
from minecalc.schema.validate import failed
from minecalc.timeline import parse_month
from minecalc.values.paths import Month, ValueOverTime, over_time

CODES = {"outside-history": "months of history that are not on record, or too few of them"}

#: Changes from month to month that a bootstrap draws from, at least.
_CHANGES_LEAST = 12

_MONTHLY = "monthly means of the last six years, undoing the averaging"
_BACKTEST = "coverage in the backtest"


def _trend_sd(default: float, source: str) -> Number:
    trend: Number = number(
        low=0,
        high=3,
        default=default,
        default_source=source,
        default_as_of="2026-08",
        help="standard deviation of the log drift a year, drawn once a path: a trend that is not known",
    )
    return trend


#: Numbers of the price that act in some models alone.
_OF_MODELS = {
    "volatility_fraction_per_year": ("gbm", "student_t"),
    "degrees_of_freedom_count": ("student_t",),
    "block_months": ("bootstrap",),
    "history_from": ("bootstrap",),
    "history_to": ("bootstrap",),
}


class BtcPrice(MonthlyFactor):
    """The price of bitcoin: monthly changes of which a part lasts and a part passes, around the scenario's path."""

    label: ClassVar[str] = "BTC price"

    model: Literal["gbm", "student_t", "bootstrap"] = choice(
        default="gbm",
        default_source=f"{_BACKTEST}: monthly changes are nearly normal",
        default_as_of="2026-06",
        help="gbm; student_t: fat tails; bootstrap: months of price and difficulty drawn in blocks from history",
    )
    volatility_fraction_per_year: Number = volatility(0.65, f"{_MONTHLY}: 0.65; daily since 2023: 0.42-0.49")
    degrees_of_freedom_count: Number = number(
        low=2.1,
        high=200,
        default=4.0,
        default_source="3.1-3.8 in daily closes since 2023; monthly changes are milder",
        default_as_of="2026-08",
        help="shape of the Student-t changes; small is fat-tailed",
    )
    passing_fraction: Number = passing(0.4, f"{_BACKTEST}; fitted to history alone 0.95 ± 0.4")
    half_life_months: Number = half_life(
        60.0,
        f"{_BACKTEST}; fitted to history alone 36-120, and not to be told",
        "half-life of the part of a change that passes",
    )
    trend_sd_fraction_per_year: Number = _trend_sd(0.0, "what lasts of the changes is all that is not known")
    block_months: Count = whole(
        low=1, high=60, default=6, default_source=JUDGEMENT, help="mean length of a bootstrapped block"
    )
    history_from: Month = text(
        default="2019-01", default_source=JUDGEMENT, help="month from whose end on the bootstrap draws changes"
    )
    history_to: Month | None = text(default=None, help="last month that the bootstrap draws; omitted: the last known")

    @property
    def inert(self) -> tuple[str, ...]:
        """Those of other models."""
        return tuple(key for key, models in _OF_MODELS.items() if self.model not in models)

    @model_validator(mode="after")
    def _only_what_acts(self) -> Self:
        idle = sorted({*self.inert} & self.model_fields_set)
        if idle:
            message, advice = f"{idle[0]} has no effect in the model {self.model}", f"leave out {idle[0]}"
            raise failed([Problem((idle[0],), "conflict", message, advice, key=True)])
        if self.model == "bootstrap":
            self._on_record()
        return self

    def _on_record(self) -> None:
        """Raises what ``failed`` does where the history to draw from is not there."""
        first, last = (bitcoin_monthly()[place].month for place in (0, -1))
        record = f"the record runs from {first} to {last}"
        begins, ends = self.history_from, self.history_to or last
        for key, month in (("history_from", begins), ("history_to", ends)):
            if not first <= month <= last:
                message = f"{key} {month} is not on record"
                raise failed([Problem((key,), "outside-history", message, record)])
        changes = max(parse_month(ends) - parse_month(begins), 0)
        if changes < _CHANGES_LEAST:
            message = f"{begins} to {ends} has only {changes} changes from a month to the next"
            advice = f"the bootstrap draws from {_CHANGES_LEAST} at least; {record}"
            key = "history_from" if "history_from" in self.model_fields_set else "history_to"
            raise failed([Problem((key,), "outside-history", message, advice)])


class NetworkHashRate(MonthlyFactor):
    """The network: its own shocks, what follows the price, and what brings the hash price back to the break-even."""

    label: ClassVar[str] = "Network hash rate"

    volatility_fraction_per_year: Number = volatility(0.28, f"{_MONTHLY}: 0.275", "2026-06")
    passing_fraction: Number = passing(0.3, _BACKTEST)
    half_life_months: Number = half_life(12.0, _BACKTEST, "half-life of the part of a change of its own that passes")
    trend_sd_fraction_per_year: Number = _trend_sd(0.10, _BACKTEST)
    price_elasticity_ratio: Number = number(
        low=-1,
        high=2,
        default=0.1,
        default_source="0.13 within an epoch and 0.08 two epochs later; 0.03-0.87 in the long run",
        default_as_of="2026-06",
        help="change of the hash rate over the change of price that it follows",
    )
    price_lag_months: Count = whole(
        low=0,
        high=24,
        default=1,
        default_source="Fantazzini and Kolodin 2020: price leads by 1-6 weeks",
        default_as_of="2020-11",
        help="months by which the hash rate follows the price",
    )
    hash_price_half_life_months: Number | None = half_life(
        90.0,
        f"{_BACKTEST}; around a fitted trend 2-5.5 months, which does not hold out of sample",
        "half-life of the hash price on its way back to the miners' break-even; null: it never returns",
    )
    break_even_hash_price_usd_per_ph_per_day: ValueOverTime | None = over_time(
        low=1e-6, high=1e5, default=None, help="where the hash price returns to; omitted: the scenario's own hash price"
    )


class HashPrice(MonthlyFactor):
    """A hash price that the scenario gives directly: changes of which a part lasts and a part passes."""

    label: ClassVar[str] = "Hash price"

    volatility_fraction_per_year: Number = volatility(0.65, "as price and network together")
    passing_fraction: Number = passing(0.65, "as price and network together")
    half_life_months: Number | None = half_life(
        36.0, "as price and network together", "half-life of the part of a change that passes; null: a random walk"
    )

    @property
    def inert(self) -> tuple[str, ...]:
        """What passes, where nothing returns."""
        return ("passing_fraction",) if self.half_life_months is None else ()

    @model_validator(mode="after")
    def _only_what_acts(self) -> Self:
        if self.passing_fraction and {*self.inert} & self.model_fields_set:
            message = "passing_fraction has no effect where nothing returns: half_life_months is null"
            advice = "leave out passing_fraction"
            raise failed([Problem(("passing_fraction",), "conflict", message, advice, key=True)])
        return self


class Fees(MonthlyFactor):
    """Transaction fees: a calm level that wanders around the scenario's, and rare months of crowded blocks."""

    label: ClassVar[str] = "Transaction fees"

    volatility_fraction_per_year: Number = volatility(0.6, "fees over rewards 0.3-3% outside spikes, 2024-2026")
    half_life_months: Number = half_life(3.0, JUDGEMENT, "half-life on the way back to the scenario's fees")
    spikes_per_year_count: Number = number(
        low=0,
        high=12,
        default=0.4,
        default_source="about 4 months of 10% or more, 2023-2026, none since 2024-05: judgement",
        default_as_of="2026-06",
        help="months of crowded blocks a year, on top of the scenario's fees",
    )
    spike_ratio: Number = number(
        low=1,
        high=1000,
        default=15.0,
        default_source="10-18% of rewards in 2023-11, 2024-01 and 2024-04, over 0.6% in calm months",
        default_as_of="2024-04",
        help="mean fees of such a month over calm ones",
    )


class ElectricityPrice(MonthlyFactor):
    """The price of power, of the site and of uses with their own."""

    label: ClassVar[str] = "Electricity price"
    follows: ClassVar[tuple[str, ...]] = ("electricity_price_usd_per_kwh",)

    volatility_fraction_per_year: Number = volatility(0.15, JUDGEMENT)
    half_life_months: Number = half_life(12.0, JUDGEMENT, "half-life on the way back to the scenario's price")


class BuildCost(Drawn):
    """Building cost of conversions over the scenario's."""

    label: ClassVar[str] = "Building cost"

    drawn: Distribution = anything(
        default=Distribution("pert", (0.9, 1.0, 1.5)),
        default_source=f"{JUDGEMENT}: builds seldom cost less than planned; capex of $8-13M per critical MW published",
        default_as_of="2026-06",
        help="building cost over the scenario's, never below 0",
    )


class Delay(Drawn):
    """Months that a conversion is ready later than the scenario says."""

    label: ClassVar[str] = "Delay"
    drawn_as: ClassVar[str] = ""
    measured: ClassVar[str] = "months beyond the scenario's"

    drawn: Distribution = anything(
        default=Distribution("pert", (0.0, 2.0, 18.0)),
        default_source=f"{JUDGEMENT}: a quarter of leased miner capacity was delivered by 2026-06",
        default_as_of="2026-06",
        help="months beyond the scenario's, to the nearest; in all never less than none",
    )


class TenantDefault(Factor):
    """A tenant that stops paying: at most once a lease; it stands empty, then is let again at the market."""

    label: ClassVar[str] = "Tenant default"
    monthly: ClassVar[bool] = False
    drawn_as: ClassVar[str] = "years"

    probability_fraction_per_year: Number = number(
        low=0,
        high=1,
        default=0.02,
        default_source=f"{JUDGEMENT}: between long-run default rates of BB and B issuers, about 1% and 4% a year",
        default_as_of="2026-06",
        help="probability that the tenant defaults, a year of the lease",
    )
    relet_months: Count = whole(
        low=0, high=240, default=12, default_source=JUDGEMENT, help="months until the space is let again"
    )
    relet_rent_ratio: Number = number(
        low=0,
        high=2,
        default=0.85,
        default_source=JUDGEMENT,
        help="rent of the next tenant over the lease's, at the market that this was signed at",
    )


#: Every factor by its key, in the order in which correlated shocks are made: those of the market and the site, of each
#: business, and of whatever is built and let.
FACTORS: Mapping[str, type[Factor]] = {
    "btc_price_usd": BtcPrice,
    "network_hash_rate_eh_per_s": NetworkHashRate,
    "hash_price_usd_per_ph_per_day": HashPrice,
    "fee_btc_per_block": Fees,
    "electricity_price_usd_per_kwh": ElectricityPrice,
    **{name: meant(factor) for kind in kinds() for name, factor in business(kind).Inputs.factors.items()},
    "capex_usd_per_critical_mw": BuildCost,
    "delay_months": Delay,
    "tenant_default": TenantDefault,
}

#: Correlations of monthly shocks that hold unless a scenario gives its own.
DEFAULT_CORRELATIONS: Mapping[tuple[str, str], tuple[float, str]] = {
    ("btc_price_usd", "network_hash_rate_eh_per_s"): (
        0.15,
        "monthly changes, 0.13-0.20 over the whole history; 0.28 within an epoch since 2023",
    ),
}
