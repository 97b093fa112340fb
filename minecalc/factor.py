"""What is uncertain of a business, or of what it shares with others: factors, of which each simulated world has a draw.

A factor moves the scenario's own path: the path is what is expected (its mean, unless said otherwise), the factor how
far from it each world strays. A business names its own in ``Inputs.factors``, a market price after the input that holds
it; those of the market, the site and conversions stand in ``uncertainty.factors``.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from minecalc.arrays import FloatArray, Number
from minecalc.distribution import Distribution
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import anything, choice, number
from minecalc.schema.validate import failed
from minecalc.timeline import Timeline
from minecalc.values.paths import TimedInputs, ValueOverTime, over_time

JUDGEMENT = "judgement"


class Factor(TimedInputs):
    """What every factor has.

    A reader calls it by its ``label``, and within a sentence by ``in_words``, what its figure is per apart. It is drawn
    for every month, or else once a path, and then its column in a table of paths ends in ``drawn_as``. ``follows`` are
    the inputs of a use that it multiplies, by dotted path, in a use that has them and the input ``beside``.
    """

    label: ClassVar[str] = ""
    in_words: ClassVar[tuple[str, str]] = ("", "")
    monthly: ClassVar[bool] = True
    drawn_as: ClassVar[str] = ""
    follows: ClassVar[tuple[str, ...]] = ()
    beside: ClassVar[str] = ""

    @property
    def inert(self) -> tuple[str, ...]:
        """The inputs that do nothing beside the others."""
        return ()

    def path(self, drawn: FloatArray, value: ValueOverTime, timeline: Timeline) -> FloatArray:
        """By what a draw ``(1 | months, paths)`` multiplies an input that follows the factor."""
        return drawn


def volatility(default: float, source: str, as_of: str = "2026-08") -> Number:
    """The input that says how widely a factor strays in a year, with its default."""
    about: Number = number(
        low=0,
        high=5,
        default=default,
        default_source=source,
        default_as_of=as_of,
        help="standard deviation of the log changes of a year",
    )
    return about


def passing(default: float, source: str) -> Number:
    """The input that says how much of a change returns, with its default."""
    share: Number = number(
        low=0,
        high=1,
        default=default,
        default_source=source,
        default_as_of="2026-06",
        help="share of each change that passes, at the half-life; the rest lasts, and is a random walk",
    )
    return share


def half_life(default: float, source: str, help_: str) -> Number:
    """The input that says how soon a factor is half back on the scenario's path, with its default."""
    about: Number = number(
        low=0.1, high=1200, default=default, default_source=source, default_as_of="2026-08", help=help_
    )
    return about


class MonthlyFactor(Factor):
    """A factor that is drawn for every month: it multiplies the scenario's own path."""

    path_is: Literal["mean", "median"] = choice(
        default="mean",
        default_source="convention",
        help="what the scenario's path is of the simulated ones; the mean of a wide spread lies far above its median",
    )

    @property
    def is_centred(self) -> bool:
        """Whether the scenario's path is the mean."""
        return self.path_is == "mean"


class Future(TimedInputs):
    """One named future of a market rate."""

    probability_fraction: Number = number(low=0, high=1, help="probability of this future")
    rate_ratio: ValueOverTime = over_time(low=0, high=100, help="the rate in this future over the scenario's")


class MarketRate(MonthlyFactor):
    """A market rate: a log Ornstein-Uhlenbeck process around the scenario's path, and named futures."""

    volatility_fraction_per_year: Number = volatility(0.25, JUDGEMENT)
    half_life_months: Number = half_life(24.0, JUDGEMENT, "half-life on the way back to the path")
    futures: Mapping[str, Future] | None = anything(
        default=None, help="named futures, of which each path is one; their probabilities add up to 1"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.futures is not None:
            total = sum(float(future.probability_fraction) for future in self.futures.values())
            if abs(total - 1.0) > 1e-6:
                message = f"the probabilities of the futures add up to {total:g}"
                raise failed([Problem(("futures",), "bad-shares", message, "probabilities add up to 1")])
        return self


class SignedRate(MarketRate):
    """A market rate at which contracts are signed, which then keep their own to the end of their term."""

    signed: Literal["at_start", "at_conversion", "at_ready"] = choice(
        default="at_start",
        default_source="convention",
        help="when the lease's rent is fixed; after the start it is the market's of that month",
    )


class Drawn(Factor):
    """A number drawn once a path, in words ``measured``."""

    monthly: ClassVar[bool] = False
    drawn_as: ClassVar[str] = "ratio"
    measured: ClassVar[str] = "over the scenario's"

    drawn: Distribution = anything(help="its distribution")


class DrawnShare(Drawn):
    """A share of something over the scenario's, drawn once a path; the share is never below 0, and never above 1."""

    def path(self, drawn: FloatArray, value: ValueOverTime, timeline: Timeline) -> FloatArray:
        """The ratio, as far as the share stays within its range."""
        highest = np.maximum(value.values(timeline), 1e-12)
        return np.minimum(np.maximum(drawn, 0.0), 1.0 / highest)
