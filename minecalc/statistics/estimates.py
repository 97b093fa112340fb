"""What simulated paths say of a number, and how well: the estimate, its Monte Carlo error and its interval.

Intervals are at 95%: of a mean as ``sampling`` has them; of a share Wilson's (1927, Journal of the American Statistical
Association 22, 209-212), which also holds where nothing happened: 0 of 1,000 is below 0.4%; of a percentile between
two order statistics, whose ranks are binomial whatever the distribution (David and Nagaraja 2003, Order Statistics,
section 7.1; Woodruff 1952 for units of paths), so that they hold for few paths and for ties. The standard error of all
but a mean is that of a normal with the same interval.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, accumulate
from minecalc.document import Tone, Value
from minecalc.statistics.sampling import CONFIDENCE, NORMAL_QUANTILE, MeanError, Sampling


class Estimate(NamedTuple):
    """A number estimated from ``paths`` paths, its standard error, and the ends of its interval.

    None for the number: no path has one. None for the error: it cannot be told, for the ``reason`` or from so few
    paths. ``bound`` is for a share of 0 or 1: the end of the interval, which is all that is known.
    """

    number: float | None
    error: float | None
    low: float | None
    high: float | None
    paths: int
    bound: float | None = None
    reason: str = ""

    def value(self, unit: str, tone: Tone = "plain") -> Value:
        """The estimate for a document; without a number if it or its error is not known."""
        if self.number is None:
            return Value(None, unit, "no path has one", tone)
        if self.error is None:
            few = f"{self.paths:,} path{' is' if self.paths == 1 else 's are'} too few to tell"
            return Value(None, unit, self.reason or few, tone)
        return Value(self.number, unit, tone=tone, error=self.error, bound=self.bound)

    def data(self) -> dict[str, Any]:
        """The estimate for programs, in full precision, whatever its error."""
        return {
            "estimate": self.number,
            "standard_error": self.error,
            "low": self.low,
            "high": self.high,
            "paths": self.paths,
            **({"reason": self.reason} if self.reason else {}),
        }


#: Of no paths at all.
UNKNOWN = Estimate(None, None, None, None, 0)


def mean_estimate(number: float, error: MeanError | None, paths: int) -> Estimate:
    """An estimate that is a mean, or about one."""
    if error is None:
        return Estimate(number, None, None, None, paths)
    return Estimate(number, error.error, number - error.below, number + error.above, paths)


def probability(event: BoolArray, known: BoolArray, sampling: Sampling) -> Estimate:
    """The share of the ``known (paths,)`` paths on which ``event`` holds; other paths do not count."""
    happens = event & known
    paths, happened = int(np.count_nonzero(known)), int(np.count_nonzero(happens))
    if paths == 0:
        return UNKNOWN
    share, worth = happened / paths, sampling.effective_paths(happens, known)
    if worth is None:
        return Estimate(share, None, None, None, paths)
    low, high = wilson(share, worth)
    bound = high if happened == 0 else low if happened == paths else None
    return Estimate(share, _error(low, high), low, high, paths, bound)


def wilson(share: float, paths: float) -> tuple[float, float]:
    """The ends of Wilson's interval for a share seen in ``paths`` independent paths."""
    spread = NORMAL_QUANTILE**2 / paths
    middle = share + spread / 2.0
    half = math.sqrt(spread * (share * (1.0 - share) + spread / 4.0))
    low, high = (middle - half) / (1.0 + spread), (middle + half) / (1.0 + spread)
    return (0.0 if share == 0.0 else low), (1.0 if share == 1.0 else high)


def percentile(ordered: FloatArray, percent: float) -> float:
    """The ``percent``-th percentile of sorted numbers, as Excel's PERCENTILE.INC and numpy's ``linear`` have it.

    It lies at rank 1 + (n - 1) x percent / 100, straight between the numbers on both sides.
    """
    rank = (ordered.size - 1) * percent / 100.0
    below = min(int(rank), max(ordered.size - 2, 0))
    left, right = float(ordered[below]), float(ordered[min(below + 1, ordered.size - 1)])
    return left + (right - left) * (rank - below)


def percentile_estimate(ordered: FloatArray, percent: float, worth: float | None) -> Estimate:
    """A percentile of ``ordered (paths,)``, which are ``worth`` as many independent paths, between order statistics.

    Without an error if the paths are too few for both ends: fewer than 72 for P5, or 36 for P10, if independent.
    """
    from scipy.special import bdtrik

    number, paths, share = percentile(ordered, percent), ordered.size, percent / 100.0
    if worth is None or worth < 1.0:
        return Estimate(number, None, None, None, paths)
    trials = math.floor(worth)
    outside = (1.0 - CONFIDENCE) / 2.0
    first, last = (math.ceil(bdtrik(tail, trials, share)) for tail in (outside, 1.0 - outside))
    at = 1.0 + (paths - 1) * share
    lower = min(math.floor(first / trials * paths), math.floor(at))
    upper = max(math.ceil((last + 1) / trials * paths), math.ceil(at))
    low = float(ordered[lower - 1]) if first >= 1 and lower >= 1 else None
    high = float(ordered[upper - 1]) if last < trials and upper <= paths else None
    error = None if low is None or high is None else _error(low, high)
    return Estimate(number, error, low, high, paths)


def deviation_estimate(deviation: float, error_of_square: MeanError | None, paths: int) -> Estimate:
    """A standard deviation above zero, from the error of its square.

    Above, the square's interval is taken to the root; below, where the square would soon be none, as far in logarithms.
    """
    if error_of_square is None:
        return Estimate(deviation, None, None, None, paths)
    square = deviation * deviation
    reach = error_of_square.above
    low, high = deviation * math.exp(-reach / (2.0 * square)), math.sqrt(square + reach)
    return Estimate(deviation, _error(low, high), low, high, paths)


def tail_index(ordered: FloatArray) -> float:
    """How heavy the heavier tail of sorted numbers is: 1 / power of a Pareto tail, about 0 of a normal's or lighter.

    The moment estimator of Dekkers, Einmahl and de Haan (1989, Annals of Statistics 17, 1833-1855), from the largest
    ``paths ** (2/3)`` distances from the median on either side. A mean is finite below 1, a variance below 1/2.
    """
    distances = ordered - ordered[ordered.size // 2]
    return max(_upper_tail_index(distances), _upper_tail_index(-distances[::-1]))


def lower_tail_index(ordered: FloatArray) -> float:
    """``tail_index`` of the low end alone."""
    return _upper_tail_index(ordered[ordered.size // 2] - ordered[::-1])


def _upper_tail_index(ordered: FloatArray) -> float:
    most = round(ordered.size ** (2.0 / 3.0))
    start = ordered.size - 1 - most
    if start < 0 or ordered[start] <= 0.0:
        return 0.0
    logs = np.log(ordered[start + 1 :]) - np.log(ordered[start])  # the quotient may overflow
    sums = accumulate(np.stack([logs, logs * logs], axis=1)) / most
    first, second = float(sums[0]), float(sums[1])
    if second <= first * first:  # equal numbers
        return 0.0
    return first + 1.0 - 0.5 / (1.0 - first * first / second)


def _error(low: float, high: float) -> float:
    """The standard error of a normal with this interval."""
    return (high - low) / (2.0 * NORMAL_QUANTILE)
