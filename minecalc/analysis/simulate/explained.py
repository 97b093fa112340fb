"""Which factors explain the variance of the difference between two plans: Sobol indices by drawing them again.

The first-order index of a factor is the share of the variance that would go if it were known, the total index the
share that would stay if it alone were unknown: the factor's whole path is one input. Factors whose shocks are
correlated are drawn before they are mixed, so what one shares with an earlier one (in the order of
``uncertainty.factors``) belongs to that.

Estimators of the first order are those of Saltelli et al. (2010, Computer Physics Communications 181, 259-270), good
for small indices, and of Janon et al. (2014, ESAIM: Probability and Statistics 18, 342-364), good for large ones: the
one with the smaller error is taken. The total index is Jansen's (1999, Computer Physics Communications 117, 35-43) over
the variance of the two samples that it compares, so that no rare path makes it large. Errors are by linearisation.
They are made of fourth powers, of which few paths make up most, so intervals are those of Student's t for no more
degrees of freedom than the kurtosis leaves, n / (kurtosis - 1): half of what a variance of independent squares has
(Satterthwaite 1946, Biometrics Bulletin 2, 110-114), for a sample seldom has all of the kurtosis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from minecalc.analysis.simulate.fans import first_draws
from minecalc.analysis.simulate.run import npv_difference
from minecalc.arrays import BoolArray, FloatArray
from minecalc.simulation.monthly_paths import NETWORK, PRICE
from minecalc.simulation.world import Draw, World
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sampling import CONFIDENCE, NORMAL_QUANTILE, total


class Share(NamedTuple):
    """What one factor or drawn input has of the variance: known alone, and with all it does together with others."""

    name: str
    first: Estimate
    total: Estimate


class Explained(NamedTuple):
    """The shares of all factors, the largest first; none for the ``reason``."""

    shares: Sequence[Share]
    paths: int
    reason: str = ""


def explained(world: World, draws: Sequence[Draw], plan: str, baseline: str, difference: FloatArray) -> Explained:
    """Shares of the variance of ``difference (paths,)``: NPV of ``plan`` less that of ``baseline`` in ``draws``.

    The draws are the first blocks of ``world``, of independent paths; the difference is NaN on paths that do not count.
    """
    world = replace(world, sampler=replace(world.sampler, draws="independent"))
    names, paths = (*world.uncertain.factors, *world.uncertain.inputs), difference.size
    if not names:
        return Explained((), paths, "nothing is uncertain")
    seed = world.sampler.seed + 1
    others = first_draws(replace(world, sampler=replace(world.sampler, seed=seed)), len(draws))

    def result(of: Iterable[Draw]) -> FloatArray:
        return np.concatenate([npv_difference(world.applied(draw), plan, baseline) for draw in of])

    other, found = result(others), []
    for name in names:
        mixed = (
            with_other(world, block, *pair, name, seed) for block, pair in enumerate(zip(draws, others, strict=True))
        )
        share = shares(difference, other, result(mixed))
        if share is None:
            return Explained((), paths, "it is the same on all paths")
        found.append(Share(name, *share))
    return Explained(sorted(found, key=lambda share: -(share.total.number or 0.0)), paths)


def with_other(world: World, block: int, ours: Draw, other: Draw, name: str, seed: int) -> Draw:
    """The draw ``ours`` of a block with what ``name`` is in ``other``, which is of another ``seed``.

    What depends on nothing else is put in; else it is all drawn again.
    """
    if name in (PRICE, NETWORK) or any(name in pair for pair in world.uncertain.pairs):
        return world.draw(block, {name: seed})
    return ours._replace(values={**ours.values, name: other.values[name]})


def shares(ours: FloatArray, other: FloatArray, mixed: FloatArray) -> tuple[Estimate, Estimate] | None:
    """First-order and total index of an input from a result on two independent samples of paths, and on a mixed one.

    ``mixed`` is as ``ours`` but with that input as in ``other``; all ``(paths,)``. Paths that one of them lacks (NaN)
    do not count. None where the result does not vary.
    """
    known = ~(np.isnan(ours) | np.isnan(other) | np.isnan(mixed))
    count = int(np.count_nonzero(known))
    a, b, c = (np.where(known, values, 0.0) for values in (ours, other, mixed))
    if not count or (np.ptp(a[known]) == 0.0 == np.ptp(b[known])):
        return None

    def pair(one: FloatArray, two: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Both about their common mean."""
        middle = (total(one) / count + total(two) / count) / 2.0
        return np.where(known, one - middle, 0.0), np.where(known, two - middle, 0.0)

    ours, fresh = pair(a, b)
    saltelli = _ratio(fresh * (c - a), (ours * ours + fresh * fresh) / 2.0, known)
    fresh, same = pair(b, c)
    janon = _ratio(fresh * same, (fresh * fresh + same * same) / 2.0, known)
    ours, other_only = pair(a, c)
    jansen = _ratio((a - c) ** 2 / 2.0, (ours * ours + other_only * other_only) / 2.0, known)
    return min(saltelli, janon, key=lambda index: np.inf if index.error is None else index.error), jansen


def _ratio(parts: FloatArray, wholes: FloatArray, known: BoolArray) -> Estimate:
    """The ratio of two means over the same paths, zero where not ``known``; its error by linearisation."""
    from scipy.special import stdtrit

    count = int(np.count_nonzero(known))
    whole = total(wholes) / count
    ratio = total(parts) / count / whole
    squares = ((parts - ratio * wholes) / whole) ** 2
    variance = total(squares) / count
    if count < 2:
        return Estimate(ratio, None, None, None, count)
    kurtosis = total(squares * squares) / count / variance**2 if variance else 1.0
    degrees = max(count / (kurtosis - 1.0), 2.0) if kurtosis > 1.0 else float(count)
    reach = float(stdtrit(min(degrees, count - 1.0), 0.5 + CONFIDENCE / 2.0)) * math.sqrt(variance / (count - 1))
    return Estimate(ratio, reach / NORMAL_QUANTILE, ratio - reach, ratio + reach, count)
