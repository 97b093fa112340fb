"""What a decision may look at."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.timing.answer import Asked
from minecalc.analysis.timing.known import Known
from minecalc.engine import Engine
from tests.analysis.timing.waiting import CERTAIN, LEASE, PHASES, waiting

_GPUS = """
name: GPUs
months: 48
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 18}
  cloud: {kind: gpu_cloud, opex_fraction_of_revenue: 0, gpu_count: 2000, lease_usd_per_gpu_hour: {start: 2.5,
      growth_fraction_per_year: -0.1},
    kw_per_gpu: 1.7, capex_usd_per_gpu: 40000,
    conversion: {starts: 2027-02, ready: 2027-06, capex_usd_per_critical_mw: 5e6 MEANWHILE}}
"""


def names(text: str, plan: str) -> list[str]:
    return [known.name for known in Asked(waiting(text, plan), 1024, 1).dated.known]


def test_it_is_what_varies_and_matters() -> None:
    assert names(LEASE, "lease") == ["hash_price_usd_per_ph_per_day"]
    assert names(PHASES, "halls") == ["hash_price_usd_per_ph_per_day", "rent_usd_per_kw_per_month"]
    assert names(CERTAIN, "halls") == []
    gpus = _GPUS.replace(" MEANWHILE", ", meanwhile: mine")
    assert names(gpus, "cloud") == ["hash_price_usd_per_ph_per_day", "lease_usd_per_gpu_hour"]


def test_power_is_looked_at_where_nothing_else_varies() -> None:
    alone = _GPUS.replace(" MEANWHILE", "").replace("plans:", "baseline: cloud\nplans:")
    assert names(alone, "cloud") == ["lease_usd_per_gpu_hour"]
    fixed = alone + "uncertainty: {lease_usd_per_gpu_hour: fixed}\n"
    assert names(fixed, "cloud") == ["electricity_price_usd_per_kwh"]


def test_a_rent_is_the_markets_and_a_rate_that_of_the_use() -> None:
    found = waiting(PHASES, "halls")
    market = np.array([[1.0, 2.0], [0.5, 1.0]])
    rent = Known("rent_usd_per_kw_per_month", "south")
    course = rent.path(Engine(found.scenario), found, {"rent_usd_per_kw_per_month": market})
    np.testing.assert_array_equal(course, 80.0 * market)
    np.testing.assert_array_equal(rent.path(Engine(found.scenario), found, {}), [[80.0]])
    gpus = waiting(_GPUS.replace(" MEANWHILE", ""), "cloud")
    rate = Known("lease_usd_per_gpu_hour", "cloud").path(Engine(gpus.scenario), gpus, {})
    assert rate[12, 0] == pytest.approx(2.25)
    power = Known("electricity_price_usd_per_kwh").path(Engine(gpus.scenario), gpus, {})
    assert power[0, 0] == 0.05
