"""The site: its megawatts, what may become AI, its price of power and its fixed cost."""

from __future__ import annotations

import pytest

from minecalc.loading import ScenarioError
from tests.by_hand import CLOUD, CONVERSION, DAYS, LEASE, MINER, SITE, Data, compared, flows, line, run


def test_fixed_cost_runs_in_every_month_of_every_plan_also_during_a_build() -> None:
    site = SITE | {"fixed_cost_usd_per_year": 120_000}
    plans = {"mine": MINER, "lease": LEASE | {"conversion": CONVERSION}}
    for plan in compared(plans, site=site).plans.values():
        assert line(plan, "site_fixed_cost_usd") == pytest.approx([-10_000] * 24)
    assert flows(run(LEASE | {"conversion": CONVERSION}, site=site))[1] == pytest.approx(-10_000)


def test_the_price_of_power_is_a_value_over_time() -> None:
    site = SITE | {"electricity_price_usd_per_kwh": {"steps": {"2027-01": 0.04, "2027-02": 0.06}}}
    assert line(run(MINER, site=site, months=2), "mining_power_usd") == pytest.approx([-31 * 9_600, -28 * 14_400])


def test_a_negative_price_of_power_is_income() -> None:
    site = SITE | {"electricity_price_usd_per_kwh": -0.01}
    assert flows(run(MINER, site=site, market={"hash_price_usd_per_ph_per_day": 0}, months=1))[1] == 31 * 2_400


@pytest.mark.parametrize("use", [LEASE | {"gross_mw": 6}, CLOUD | {"gpu_count": 2_200, "gross_mw": 7}])
def test_only_the_convertible_part_may_become_ai(use: Data) -> None:
    assert run(use, site=SITE | {"convertible_fraction": 0.7})
    with pytest.raises(ScenarioError, match=r"only 0\.5 can become AI, which is 5 MW"):
        run(use, site=SITE | {"convertible_fraction": 0.5})
    assert run(MINER, site=SITE | {"convertible_fraction": 0.0})


def test_megawatts_are_counted_once() -> None:
    half = MINER | {"hash_rate_eh_per_s": 0.5}
    fine = {"uses": {"a": half | {"gross_mw": 5}, "b": LEASE | {"gross_mw": 5}}}
    assert len(compared({"it": fine}).plans["it"].flows.lines) > 5
    for mw, message in ((5.1, r"a 5 \+ b 5\.1 = 10\.1 MW; the site has 10 MW"), (None, r"a 5 \+ b 10 = 15 MW")):
        lease = LEASE if mw is None else LEASE | {"gross_mw": mw}
        with pytest.raises(ScenarioError, match=message):
            compared({"it": {"uses": {"a": half | {"gross_mw": 5}, "b": lease}}})


def test_a_month_has_the_hours_of_the_calendar() -> None:
    assert line(run(MINER), "mining_power_usd") == pytest.approx([-12_000 * days for days in DAYS])
