"""The range of an input holds for the values that are used: those of every month, after growth, scale and shift."""

from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.schema.fields import field_meta
from minecalc.schema.numbers import range_words
from minecalc.timeline import Timeline
from minecalc.units import MONTHS_PER_YEAR
from minecalc.values.forms import GROWTH
from minecalc.values.paths import TimedInputs, ValueOverTime
from minecalc.values.shapes import Constant, Growth, Unstated

#: How far rounding may carry a value over the end of its range, as a share.
_ROUNDING = 1e-9

#: The same where the end is zero, as a share of the other end.
_TO_ZERO = 1e-15


class Excess(NamedTuple):
    """The first value outside the range: its ``month`` (from 1) and the value itself."""

    month: int
    value: float


def out_of_range(owner: TimedInputs, name: str, timeline: Timeline) -> str:
    """That the value over time ``name`` of ``owner`` leaves its range, as a typed number is refused; "" if it does not.

    One that is only moved is what others imply.
    """
    value, meta = getattr(owner, name), field_meta(type(owner), name)
    if isinstance(value.shape, Unstated):
        found = excess_of(owner.implied_values(name, timeline), meta.low, meta.high)
    else:
        found = excess(value, timeline, meta.low, meta.high)
    if found is None:
        return ""
    return f"{name} is {found.value:.6g} in {timeline.label(found.month)}; it must {range_words(meta.low, meta.high)}"


def excess(value: ValueOverTime, timeline: Timeline, low: float | None, high: float | None) -> Excess | None:
    """Where a value over time, without its deviation, leaves ``low..high`` in any case; None where it does not."""
    shape, scale, _, shift = value
    if isinstance(shape, Constant) and type(shape.value) is type(scale) is type(shift) is float:
        least, most = _ends(low, high)
        if least <= shape.value * scale + shift <= most:
            return None  # as most inputs are, and soon said
    still = value._replace(deviation=None)
    with np.errstate(all="ignore"):
        if isinstance(shape, Growth) and excess_of(still.moved(shape.ends(timeline)), low, high) is None:
            return None  # it goes one way, so all months lie between the first and the last
        return excess_of(still.values(timeline), low, high)


def excess_of(values: FloatArray, low: float | None, high: float | None) -> Excess | None:
    """The first of values by month and case, ``(1|months, ·)``, that lies outside ``low..high`` or is no number."""
    least, most = _ends(low, high)
    inside = (values >= least) & (values <= most)
    if inside.all():
        return None
    month, case = (int(place) for place in np.argwhere(~inside)[0])
    return Excess(month + 1, float(values[month, case]))


def _ends(low: float | None, high: float | None) -> tuple[float, float]:
    """The least and the most that a value may be, with what rounding may carry it over its range."""
    least = -np.inf if low is None else low - abs(low) * _ROUNDING
    most = np.inf if high is None else high + abs(high) * _ROUNDING
    if low == 0.0 and high is not None:  # a shift back to zero leaves the rounding of what it is shifted from
        least = -abs(high) * _TO_ZERO
    return least, most


def growth_range(start: float, low: float, high: float, months: int) -> tuple[float, float]:
    """The growths a year with which ``start`` stays within ``low..high`` to the last of ``months`` months.

    Both ends are those of any growth where nothing holds it: a start of 0, or a single month.
    """
    years = (months - 1) / MONTHS_PER_YEAR
    if start == 0.0 or years == 0.0:
        return GROWTH
    least, most = sorted((low / start, high / start))

    def growth(ratio: float) -> float:
        if ratio <= 0.0:
            return GROWTH[0]
        with np.errstate(over="ignore"):
            rate = float(np.power(ratio, 1.0 / years)) - 1.0
        return min(max(rate, GROWTH[0]), GROWTH[1])

    return growth(least), growth(most)
