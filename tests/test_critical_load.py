from __future__ import annotations

import numpy as np
import pytest

from minecalc.critical_load import CriticalLoad
from minecalc.paths import ValueOverTime
from minecalc.timeline import Timeline, parse_month

TIMELINE = Timeline(parse_month("2027-01"), 2)


def test_energy_is_load_times_pue_and_not_the_capacity_ratio() -> None:
    load = CriticalLoad(pue_ratio=1.2, critical_per_gross_fraction=0.5)
    drawn = load.drawn_mwh(10.0, np.array([[1.0], [0.5]]), TIMELINE)
    # 10 MW x 1.2 x 744 h in January; half of the capacity for 672 h in February
    assert drawn[:, 0] == pytest.approx([10 * 1.2 * 744, 10 * 0.5 * 1.2 * 672], rel=1e-15)


def test_peak_draw_takes_the_month_of_the_highest_load() -> None:
    load = CriticalLoad(load_factor_fraction=ValueOverTime.constant(0.8), pue_ratio=1.25)
    drawn, words = load.peak_draw_mw(35.0, TIMELINE)
    assert drawn == pytest.approx(35.0)
    assert words == "35 critical MW x load 0.8 x PUE 1.25 = 35 MW"
