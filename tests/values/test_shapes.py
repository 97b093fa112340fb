"""Shapes of a value over time, each worked out for two years; how they are written is in ``test_paths``."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.timeline import Timeline, parse_month
from minecalc.values.shapes import Constant, Growth, Points, Recorded, Season, Series, Steps

Timed = Growth | Steps | Points | Series | Recorded | Season

START = parse_month("2027-01")
TIMELINE = Timeline(START, 24)


@pytest.mark.parametrize(
    ("shape", "first", "thirteenth", "last"),
    [
        (Growth(100.0, 0.21), 100.0, 121.0, 100.0 * 1.21 ** (23 / 12)),
        (Steps((START + 6, START + 12), (1.0, 2.0)), 1.0, 2.0, 2.0),
        (Points((START, START + 24), (0.0, 24.0)), 0.0, 12.0, 23.0),
        (Series(None, (5.0, 6.0, 7.0)), 5.0, 7.0, 7.0),
        (Series(START - 1, tuple(map(float, range(30)))), 1.0, 13.0, 24.0),
        (Recorded(START - 2, (1.0, 2.0, 3.0)), 3.0, 3.0, 3.0),
        (Season(tuple(map(float, range(1, 13)))), 1.0, 1.0, 12.0),
        (Season(tuple(map(float, range(1, 13))), 1.0), 1.0, 2.0, 12.0 * 2 ** (23 / 12)),
    ],
)
def test_values_by_month(shape: Timed, first: float, thirteenth: float, last: float) -> None:
    values = shape.values(TIMELINE)
    assert values.shape == (24, 1)
    assert [values[k, 0] for k in (0, 12, 23)] == pytest.approx([first, thirteenth, last])


def test_a_growth_goes_from_its_first_month_to_its_last() -> None:
    grows = Growth(np.array([100.0, 3.0]), np.array([0.21, -0.5]))
    assert grows.ends(TIMELINE).tobytes() == grows.values(TIMELINE)[[0, 23]].tobytes()


def test_a_constant_has_one_row_for_every_month() -> None:
    assert Constant(3.0).values(TIMELINE).tolist() == [[3.0]]
