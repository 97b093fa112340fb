"""What lenders want held ahead, period by period."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.finance.waterfall import first_shares, periods_ahead
from tests.finance.deals import by_point, points


@pytest.mark.parametrize(
    ("months", "every", "shares"),
    [
        (0, 6, []),
        (6, 6, [1]),
        (9, 6, [1, 0.5]),
        (4, 6, [4 / 6]),
        (12, 3, [1, 1, 1, 1]),
        (1, 12, [1 / 12]),
        (3, 1, [1, 1, 1]),
    ],
)
def test_each_period_counts_by_the_share_of_its_months_inside(months: float, every: int, shares: list[float]) -> None:
    assert [float(share) for share in periods_ahead(float(months), every)] == pytest.approx(shares)
    at_first = by_point(first_shares(points(24) - 5.0, float(months), every))
    dates = {5 + every * (period + 1): share for period, share in enumerate(shares)}
    assert at_first == pytest.approx([dates.get(point, 0.0) for point in range(25)])


def test_cases_may_hold_different_months() -> None:
    first, second = periods_ahead(np.array([3.0, 8.0]), 6)
    assert np.array([first, second]).tolist() == pytest.approx(np.array([[0.5, 1.0], [0.0, 2 / 6]]))
    found = first_shares(points(12), np.array([3.0, 8.0]), 6)
    assert found[[6, 12]].tolist() == pytest.approx(np.array([[0.5, 1.0], [0.0, 2 / 6]]))
