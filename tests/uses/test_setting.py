"""What a business knows of where it runs is that of its plan and of the scenario."""

from __future__ import annotations

import numpy as np

from tests.by_hand import MINER, run


def test_a_setting_is_that_of_its_use_plan_and_scenario() -> None:
    plan = run(MINER | {"electricity_price_usd_per_kwh": 0.03}, months=24)
    setting = plan.engine.setting(plan.plan, plan.plan.uses[0])
    assert (setting.first, setting.until, setting.timeline.months) == (1.0, 25.0, 24)
    assert setting.gross_mw == plan.engine.scenario.site.gross_mw
    assert np.all(setting.power.average_usd_per_kwh == 0.03)
    assert setting.discount_factors.shape == (25, 1)
    assert setting.discount_factors[0, 0] == 1.0
