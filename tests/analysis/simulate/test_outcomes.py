"""What paths say of each plan, beside the baseline and beside the best, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecalc.analysis.simulate.outcomes import PERCENTS, outcomes
from minecalc.analysis.simulate.run import NPV
from tests.analysis.simulate.test_collecting import IRR, chunk, of

#: NPVs of the plans a, b and c on four paths.
PATHS = [[10.0, 12.0, -1.0], [20.0, 18.0, 30.0], [30.0, 30.0, 30.0], [40.0, 60.0, 10.0]]
FOUR = [[[x] for x in path] for path in PATHS]
CERTAIN = {("a", NPV): 25.0, ("b", NPV): 28.0, ("c", NPV): None}


def test_three_plans_by_hand() -> None:
    found = outcomes(of(chunk(FOUR), plans=("a", "b", "c")), "a", CERTAIN)
    a, b, c = (found.of(name) for name in "abc")
    assert (a.npv.certain, a.npv.mean.number, a.npv.percentiles[50.0].number) == (25.0, 25.0, 25.0)
    assert a.against is None
    assert b.against is not None
    assert c.against is not None
    assert (b.against.difference.certain, c.against.difference.certain) == (3.0, None)
    assert b.against.difference.mean.number == 5.0  # of 2, -2, 0 and 20
    assert [part.number for part in b.against.beats] == [0.5, 0.25, 0.25]
    assert c.npv.below_zero.number == 0.25
    assert c.npv.shortfall.number == -1.0
    # c is best alone on the second path, b on the first and the last, and all are level on the third
    assert [part.best and part.best.number for part in (a, b, c)] == [0.0, 0.5, 0.25]
    regrets = [part.mean_regret and part.mean_regret.number for part in (a, b, c)]
    assert regrets == [32.0 / 4.0, 12.0 / 4.0, 63.0 / 4.0]
    assert a.high_regret is not None
    assert a.high_regret.number == pytest.approx(10.0 + 0.7 * 10.0)  # P90 of 0, 2, 10, 20
    assert found.perfect_information is not None
    assert found.perfect_information.number == 3.0
    assert found.differences is not None
    assert set(found.differences.inside) == {"b", "c"}
    assert set(a.npv.percentiles) == set(PERCENTS)


def test_a_difference_at_p10_is_no_difference_of_p10s() -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(0.0, 10.0, 2000)
    figures = [[[float(x)], [float(x) + 1.0]] for x in base]
    found = outcomes(of(chunk(figures)), "a", {})
    against = found.of("b").against
    assert against is not None
    assert against.difference.percentiles[10.0].number == pytest.approx(1.0, abs=1e-12)
    assert against.beats.above.number == 1.0


def test_a_lone_plan_has_no_rivals() -> None:
    found = outcomes(of(chunk([[[1.0]], [[-2.0]], [[3.0]]]), plans=("a",)), "a", {})
    (a,) = found.plans
    assert (a.against, a.best, a.mean_regret, a.high_regret, found.perfect_information) == (None,) * 5
    assert found.differences is not None
    assert set(found.differences.inside) == {"a"}


def test_other_figures_are_told_with_what_lacks_them() -> None:
    nan = math.nan
    figures = [[[1.0, 0.1], [2.0, nan]], [[1.0, 0.3], [2.0, nan]]]
    some = of(chunk(figures, [[[0, 0], [0, 1]]] * 2, "never"), names=(NPV, IRR))
    found = outcomes(some, "a", {("a", IRR): 0.2})
    assert found.of("a").others[IRR].certain == 0.2
    assert found.of("a").others[IRR].mean.number == pytest.approx(0.2)
    assert found.of("b").others[IRR].undefined == {"never": 2}
    assert found.of("b").others[IRR].mean.number is None


def test_where_no_path_counts_nothing_is_counted() -> None:
    nan = math.nan
    none = of(chunk([[[nan], [1.0]]] * 3, [[[1], [0]]] * 3, "impossible"))
    found = outcomes(none, "a", {})
    assert found.differences is None
    assert found.of("a").npv.undefined == {"impossible": 3}
    assert found.of("b").npv.mean.number == 1.0
