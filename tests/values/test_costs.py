"""Running costs over time: a month is a twelfth of that month's cost a year, and inflation is their default growth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.businesses import business, kinds
from minecalc.engine import evaluate
from minecalc.figures import plan_metrics
from minecalc.loading import load
from minecalc.scenario.site import Site
from minecalc.scenario.varying import vary
from tests.by_hand import CLOUD, MINER, SITE, Data, compared, line, run

RENTED = CLOUD | {"opex_usd_per_gpu_hour": 0.3, "space_rent_usd_per_kw_per_month": 100, "life_months": 30}
COSTLY = MINER | {"opex_usd_per_mw_per_year": 12_000}
FIXED: Data = SITE | {"fixed_cost_usd_per_year": 120_000}


def test_a_month_of_a_cost_a_year_is_a_twelfth_of_that_months_value() -> None:
    steps = {"steps": {"2027-01": 12_000, "2027-03": 24_000}}  # 10 MW
    plan = run(COSTLY | {"opex_usd_per_mw_per_year": steps}, months=4)
    assert line(plan, "mining_opex_usd") == pytest.approx([-10_000, -10_000, -20_000, -20_000])
    points = {"points": {"2027-01": 120_000, "2027-05": 240_000}}
    plan = run(MINER, site=SITE | {"fixed_cost_usd_per_year": points}, months=5)
    assert line(plan, "site_fixed_cost_usd") == pytest.approx([-10_000, -12_500, -15_000, -17_500, -20_000])


def test_an_hour_of_a_gpu_costs_what_that_month_says() -> None:
    flat, steps = 0.3, {"steps": {"2027-01": 0.3, "2027-03": 0.6}}
    usual, stepped = (
        line(run(CLOUD | {"opex_usd_per_gpu_hour": cost, "opex_fraction_of_revenue": 0}, months=4), "ai_opex_usd")
        for cost in (flat, steps)
    )
    assert usual[0] < 0.0
    assert stepped == pytest.approx([usual[0], usual[1], 2 * usual[2], 2 * usual[3]])


def test_costs_rise_by_inflation_from_the_first_month_on() -> None:
    plan = run(COSTLY, site=FIXED, inflation_fraction_per_year=0.21, months=13)
    assert line(plan, "mining_opex_usd")[::6] == pytest.approx([-10_000, -11_000, -12_100])
    assert line(plan, "site_fixed_cost_usd")[::6] == pytest.approx([-10_000, -11_000, -12_100])
    plan = run(RENTED, inflation_fraction_per_year=0.21, months=13)
    assert line(plan, "space_rent_usd")[12] == pytest.approx(1.21 * line(plan, "space_rent_usd")[0])


@pytest.mark.parametrize(
    "said",
    [
        {"start": 12_000, "growth_fraction_per_year": 0.0},
        {"steps": {"2027-01": 12_000}},
        {"points": {"2027-01": 12_000}},
    ],
)
def test_a_cost_that_says_how_it_goes_on_is_what_it_says(said: Data) -> None:
    still = run(COSTLY | {"opex_usd_per_mw_per_year": said}, inflation_fraction_per_year=0.05)
    assert line(still, "mining_opex_usd") == pytest.approx([-10_000] * 24)


def test_a_season_rises_too_and_so_does_what_is_scaled(tmp_path: Any) -> None:
    rows = "\n".join(["month,usd", *(f"2027-{month:02d},{month * 1200}" for month in range(1, 13))])
    (tmp_path / "year.csv").write_text(rows)
    file = tmp_path / "season.yaml"
    text = (
        "name: a season\nmonths: 24\ninflation_fraction_per_year: 0.1\n"
        "site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05, "
        "fixed_cost_usd_per_year: {csv: year.csv, column: usd, repeat: yearly, scale: 2, shift: 120}}\n"
        "plans: {mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5}}\n"
    )
    file.write_text(text)
    paid = line(evaluate(load(file)).plans["mine"], "site_fixed_cost_usd")
    assert paid[0] == pytest.approx(-(2 * 100 + 10))
    assert paid[12] == pytest.approx(-(2 * 110 + 10))
    assert paid[23] == pytest.approx(-(2 * 1200 * 1.1 ** (23 / 12) + 10))


def costs() -> list[tuple[str, str]]:
    """Every running cost that a class of inputs declares, with the kind of use it is of; "" for the site.

    Charges that a use may have of its own are the site's (test_power_checks.py holds them to be the same).
    """
    found = [("", name) for name in sorted(Site.costs)]
    return found + [(kind, name) for kind in kinds() for name in sorted(business(kind).Inputs.costs - Site.costs)]


#: A use of each kind in which its costs are not zero.
HOST: Data = {"kind": "hosting", "hosting_usd_per_kwh": 0.08, "opex_usd_per_mw_per_year": 12_000}
USES: dict[str, Data] = {"bitcoin_mining": COSTLY, "gpu_cloud": RENTED, "hosting": HOST}


@pytest.mark.parametrize(("kind", "name"), costs())
def test_a_typed_growth_is_the_default_growth_to_the_bit(kind: str, name: str) -> None:
    use = USES[kind or "bitcoin_mining"]
    others = [other for of, other in costs() if of in ("", kind or "bitcoin_mining") and (of, other) != (kind, name)]

    def figures(*, typed: bool) -> Any:
        site, own = FIXED | {"demand_charge_usd_per_kw_per_month": 5}, dict(use)
        for other in others:  # they stand still
            place = site if other in Site.costs else own
            place[other] = {"steps": {"2027-01": place[other]}}
        place = own if kind else site
        inflation = {} if typed else {"inflation_fraction_per_year": 0.037}
        if typed:
            place[name] = {"start": place[name], "growth_fraction_per_year": 0.037}
        plan = run(own, site=site, **inflation)
        return [metric.number() for metric in plan_metrics(plan).values()], plan.net_usd

    (typed, flows), (by_default, same) = figures(typed=True), figures(typed=False)
    assert typed == by_default
    assert np.array_equal(flows, same)
    still = run(use, site=FIXED)
    assert not np.array_equal(still.net_usd, flows)


def test_no_inflation_is_none_to_the_bit_in_a_batch_and_alone() -> None:
    plans = {"mine": COSTLY, "rent": RENTED}
    plain = compared(plans, site=FIXED)
    rates = np.array([0.0, 0.025, 0.1, -0.02])
    batch = evaluate(vary(plain.scenario, {"inflation_fraction_per_year": rates}))
    for name, plan in batch.plans.items():
        assert np.array_equal(plan.net_usd[:, 0], plain.plans[name].net_usd[:, 0])
        for case, rate in enumerate(rates):
            alone = compared(plans, site=FIXED, inflation_fraction_per_year=float(rate)).plans[name]
            assert np.array_equal(alone.net_usd[:, 0], plan.net_usd[:, case])
        assert np.all(np.diff(plan.npv_usd[[3, 0, 1, 2]]) < 0.0), "dearer"


def test_power_and_what_is_bought_do_not_rise() -> None:
    for use, names in ((COSTLY, ("mining_power_usd",)), (RENTED | {"replace": True}, ("ai_power_usd",))):
        still, rising = (run(use, inflation_fraction_per_year=rate) for rate in (0.0, 0.1))
        for name in (*names, *(one.name for one in still.lines if one.category in ("capex", "revenue"))):
            assert line(still, name) == line(rising, name), name
