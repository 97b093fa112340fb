"""Axes with round numbers: ticks a round step apart (1, 2 or 5 times a power of ten), at both ends too."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minecalc.looks import figure

#: About so many rows are between the ends of an axis, in at most so many parts of so many rows at least.
_ROWS, _PARTS, _ROWS_OF_PART = 10, 7, 2
_ROUND = (1, 2, 5)
#: Whole numbers that division yields are no further off.
_NEAR = 1e-6


class Axis(NamedTuple):
    """Numbers from ``low`` to ``high`` over ``height`` rows, some of which are named: ``ticks``."""

    low: float
    high: float
    height: int
    ticks: Sequence[float]


def linear(low: float, high: float, unit: str) -> Axis:
    """An axis for numbers between ``low`` and ``high``, whose ticks are equally far apart and fall on rows.

    Its step is the smallest with few ticks that all look different in ``unit``. A level line has one tick.
    """
    if low == high:
        return Axis(low, high, _ROWS + 1, (low,))
    for digit, power in _steps(high / _PARTS - low / _PARTS):
        first, last = _places(low, high, digit, power)
        ticks = [float(f"{digit * place}e{power}") for place in range(first, min(last, first + _PARTS) + 1)]
        if last - first <= _PARTS and len({figure(tick, unit) for tick in ticks if math.isfinite(tick)}) == len(ticks):
            return Axis(ticks[0], ticks[-1], _height(last - first), ticks)
    return Axis(low, high, _ROWS + 1, (low, low / 2 + high / 2, high))


def logarithmic(low: float, high: float) -> Axis:
    """An axis for logarithms of numbers from ``low`` to ``high``: ticks at powers of ten, and between them if few.

    Both ends are round numbers and ticks.
    """
    if low == high:
        return Axis(low, high, _ROWS + 1, (low,))
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    numbers = {float(f"{digit}e{power}"): digit for power in range(first, last + 1) for digit in _ROUND}
    bottom = max((number for number in numbers if number <= low), default=low)
    top = min((number for number in numbers if high <= number < math.inf), default=high)
    inside = [number for number in numbers if bottom <= number <= top]
    powers = [number for number in inside if numbers[number] == 1]
    ticks = powers if len(powers) > 2 else inside
    on_rows = ticks == powers and [bottom, top] == [ticks[0], ticks[-1]] and len(ticks) <= _PARTS + 1
    every = -(-len(ticks) // (_PARTS - 1)) if len(ticks) > _PARTS - 1 and not on_rows else 1
    height = _height(len(ticks) - 1) if on_rows else _ROWS + 1
    return Axis(bottom, top, height, sorted({bottom, *ticks[::every], top}))


def of_bins(low: float, width: float, bins: int, most: int) -> Sequence[float]:
    """Ticks of an axis of equal bins: at round numbers on edges, both ends among them, as many as ``most`` allows.

    There are none if the ends are no multiples of a round number.
    """
    for bins_of_part in range(1, bins + 1):
        step = bins_of_part * width
        if bins % bins_of_part == 0 and bins // bins_of_part < most and _is_round(step):
            first = low / step
            if abs(first - round(first)) < _NEAR:
                return [(round(first) + number) * step for number in range(bins // bins_of_part + 1)]
    return ()


def _is_round(step: float) -> bool:
    """Whether a number is 1, 2, 2.5 or 5 times a power of ten."""
    digits = step / 10.0 ** math.floor(math.log10(step))
    return any(abs(digits - digit) < _NEAR for digit in (*_ROUND, 2.5, 10))


def _height(parts: int) -> int:
    """Rows of an axis of equal parts, whose ends are rows."""
    return parts * max(_ROWS_OF_PART, int(_ROWS / parts + 0.5)) + 1


def _steps(least: float) -> Iterator[tuple[int, int]]:
    """Round numbers from about ``least`` on, each as a digit and a power of ten."""
    if least > 0.0:
        power = math.floor(math.log10(least))
        yield from ((digit, power + more) for more in range(4) for digit in _ROUND)


def _places(low: float, high: float, digit: int, power: int) -> tuple[int, int]:
    """The multiples of a round number that are next to ``low`` and ``high``, or these themselves."""
    step = float(f"{digit}e{power}") or math.ulp(0.0)
    if not math.isfinite(high / step - low / step):
        return 0, _PARTS + 1
    first, last = round(low / step), round(high / step)
    return first - (float(f"{digit * first}e{power}") > low), last + (float(f"{digit * last}e{power}") < high)
