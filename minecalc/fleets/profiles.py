"""Power profiles of machines: firmware that trades hash rate for power, and which profile pays best at each price.

At a price p of power a machine earns h x r - q x p in a profile of h of its hash rate and q of its power, where r is
what an MWh of its nameplate is worth. The best profile at each p lies on the upper envelope of these lines, that is on
the concave hull of the points (q, h), with (0, 0) where it may be off. Between two neighbours of the hull the larger is
worth its further power as long as p < r x (difference of h) / (difference of q); these limits fall along the hull, so
that the envelope is a stack of interruptible loads, each on below a limit of its own, and exact in every hour. Source:
arithmetic, marginal revenue against marginal power.
"""

from collections.abc import Sequence
from typing import NamedTuple

from minecalc.schema.fields import Inputs, number


class Profile(Inputs):
    """One power profile of the machines of a fleet."""

    hash_fraction: float = number(low=0, high=3, help="hash rate in this profile over that of the fleet")
    power_fraction: float = number(low=0.01, high=3, help="power in this profile over that of the fleet")


class Rung(NamedTuple):
    """What the next profile of the hull has more than the one below it, as shares of the fleet's hash rate and power.

    The first has all that it has more than machines that are off.
    """

    hash_fraction: float
    power_fraction: float


def ladder(profiles: Sequence[Profile], *, may_be_off: bool) -> list[Rung]:
    """The rungs of the concave hull of ``profiles``, in the order in which falling prices of power switch them on.

    The first is the frugal end of the hull: of machines that may not be off it is never off. Further rungs may bring
    less hash rate than the one below; they are on only where power has a negative price.
    """
    points = sorted({(one.power_fraction, one.hash_fraction) for one in profiles})
    best = [point for point, beyond in zip(points, [*points[1:], (None, 0.0)], strict=True) if point[0] != beyond[0]]
    hull: list[tuple[float, float]] = []
    for point in ([(0.0, 0.0)] if may_be_off else []) + best:
        while len(hull) > 1 and _bends_up(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    base = (0.0, 0.0)
    steps = hull[1:] if may_be_off else hull
    return [
        Rung(hash_ - below[1], power - below[0]) for (power, hash_), below in zip(steps, [base, *steps], strict=False)
    ]


def _bends_up(first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]) -> bool:
    """Whether ``middle`` lies on or below the line from ``first`` to ``last``."""
    rise = (middle[1] - first[1]) * (last[0] - first[0])
    return rise <= (last[1] - first[1]) * (middle[0] - first[0])
