from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minecalc import checks
from minecalc.arrays import FloatArray
from minecalc.loading import ScenarioError
from minecalc.timeline import Timeline, parse_month
from minecalc.uses.critical_load import CriticalLoad
from tests.by_hand import CLOUD, LEASE, SITE, compared, line, run
from tests.made_up_hours import hours_of, of_month, written

TIMELINE = Timeline(parse_month("2027-01"), 2)


def test_energy_is_load_times_pue_and_not_the_capacity_ratio() -> None:
    load = CriticalLoad(pue_ratio=1.2, critical_per_gross_fraction=0.5)
    drawn = load.drawn_mwh(10.0, np.array([[1.0], [0.5]]), TIMELINE)
    # 10 MW x 1.2 x 744 h in January; half of the capacity for 672 h in February
    assert drawn[:, 0] == pytest.approx([10 * 1.2 * 744, 10 * 0.5 * 1.2 * 672], rel=1e-15)


def test_peak_draw_takes_the_month_of_the_highest_load() -> None:
    plan = run(LEASE | {"load_factor_fraction": {"steps": {"2027-01": 0.5, "2027-03": 0.8}}, "pue_ratio": 1.25}).plan
    engine = run(LEASE).engine
    drawn, words = plan.uses[0].inputs.peak_draw_mw(engine.setting(plan, plan.uses[0])) or (0.0, "")
    assert drawn == pytest.approx(5.0)
    assert words == "5 critical MW x load 0.8 x PUE 1.25 = 5 MW"


def leased(price: object, folder: Path = Path(), **terms: object) -> dict[str, FloatArray]:
    """A lease of 5 critical MW whose landlord pays for power, a quarter of its rent being cost: its lines by name."""
    lease = LEASE | {"tenant_pays_power": False, "pue_ratio": 1.25, "opex_fraction_of_rent": 0.25, **terms}
    plan = compared({"it": lease}, folder, site=SITE | {"electricity_price_usd_per_kwh": price}).plans["it"]
    found = {one.name: np.broadcast_to(one.usd, (24, 1))[:, 0] for one in plan.operating_lines}
    return found | {name: values[:, 0] for name, values in {**plan.flows.quantities, **plan.flows.memo}.items()}


def test_of_hours_at_one_price_those_that_may_be_are_shed_where_power_costs_more_than_they_bring() -> None:
    """Rent of 100 USD a kW, less a quarter, over 1.25 x 744 h is 80.6 USD an MWh in January: 90 is more, 70 less."""
    found = leased({"steps": {"2027-01": 0.09, "2027-02": 0.07}}, flexible_fraction=0.1)
    assert found["ai_hours_shed_revenue_usd"] == pytest.approx([-50_000] + [0] * 23)
    assert found["ai_hours_shed_opex_usd"] == pytest.approx([12_500] + [0] * 23)
    energy = 5 * 1.25 * 744
    assert found["ai_hours_shed_power_usd"] == pytest.approx([0.1 * energy * 90] + [0] * 23)
    assert found["curtailment_value_usd"] == pytest.approx([0.1 * energy * 90 - 37_500] + [0] * 23)
    firm = leased(0.09)
    assert not {"ai_hours_shed_revenue_usd", "curtailment_value_usd"} & set(firm)


@pytest.mark.parametrize("fraction", [0.0, 0.003, 0.02, 1.0])
def test_the_dearest_hours_are_shed_as_a_loop_over_hours_finds_them(fraction: float, tmp_path: Path) -> None:
    hours = hours_of([2027], "America/Chicago", 5)
    written(hours, tmp_path / "p.csv")
    price = {"hourly": "p.csv", "time_zone": "America/Chicago", "adder_usd_per_kwh": 0.01}
    found = leased(price, tmp_path, flexible_fraction=fraction)
    start = parse_month("2027-01")
    for k in range(12):
        prices = sorted((p + 10.0 for p in of_month(hours, "America/Chicago", start + k, start)), reverse=True)
        energy = found["energy_mwh"][k]
        worth = 0.75 * found["rent_usd"][k] / energy
        left, shed, saved = fraction * len(prices), 0.0, 0.0
        for usd in prices:
            part = min(1.0, left) if usd > worth else 0.0
            left, shed, saved = left - part, shed + part, saved + part * usd
        assert found["ai_hours_shed_revenue_usd"][k] == pytest.approx(
            -found["rent_usd"][k] * shed / len(prices), rel=1e-12
        )
        assert found["ai_hours_shed_power_usd"][k] == pytest.approx(energy * saved / len(prices), rel=1e-12)


def test_gpus_are_off_where_an_hour_of_power_costs_more_than_the_hours_sold() -> None:
    """2 USD a GPU-hour on 2.5 kW at the meter, less a tenth, are 720 USD an MWh."""
    cloud = CLOUD | {"flexible_fraction": 0.05, "opex_fraction_of_revenue": 0.1}
    site = SITE | {"electricity_price_usd_per_kwh": {"steps": {"2027-01": 0.8, "2027-02": 0.7}}}
    plan = run(cloud, site=site)
    assert line(plan, "ai_hours_shed_revenue_usd")[:2] == pytest.approx([-0.05 * 744 * 2_000, 0])
    assert line(plan, "ai_hours_shed_power_usd")[0] == pytest.approx(0.05 * 744 * 2.5 * 800)
    assert line(plan, "ai_hours_shed_opex_usd")[0] == pytest.approx(0.05 * 744 * 200)


def test_what_is_shed_is_part_of_what_a_lease_is_sold_for() -> None:
    firm = leased(0.081, exit_cap_rate_fraction=0.1)
    flexible = leased(0.081, exit_cap_rate_fraction=0.1, flexible_fraction=0.2)
    saved = np.sum(flexible["curtailment_value_usd"][12:])
    assert saved > 0.0
    assert flexible["exit_value_usd"][-1] - firm["exit_value_usd"][-1] == pytest.approx(saved / 0.1)


def test_a_tenant_sheds_its_own_hours_and_no_hour_is_shed_twice() -> None:
    own = run(LEASE | {"flexible_fraction": 0.1}, site=SITE | {"electricity_price_usd_per_kwh": 0.5})
    assert "ai_hours_shed_revenue_usd" not in {one.name for one in own.operating_lines}
    assert any("flexible_fraction has no effect" in text for text in checks.warnings(own.engine.scenario))
    obliged = SITE | {"curtailment_obligation": {"hours": 300}}
    with pytest.raises(ScenarioError, match="flexible_fraction stands at a site with a curtailment_obligation"):
        run(CLOUD | {"flexible_fraction": 0.1}, site=obliged)
    block = SITE | {"power_contract": {"mw": 5, "price_usd_per_kwh": 0.04}}
    with pytest.raises(ScenarioError, match="a power_contract without resale"):
        run(CLOUD | {"flexible_fraction": 0.1}, site=block)
