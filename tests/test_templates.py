"""Each template, with any answers, is a scenario that compares what it says it compares."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.engine import Engine, evaluate
from minecalc.loading import loads
from minecalc.templates import TEMPLATES, Answers, Fleet, filled, gpus_that_fit, machines_that_fit, used
from tests.by_hand import terms

SMALL = Answers(gross_mw=0.05, electricity_price_usd_per_kwh=0.08, machine="antminer-s19", gpu="h100")


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("answers", [Answers(), SMALL, Answers(gross_mw=1_500, gpu_count=7, machine_count=1_000)])
def test_a_filled_template_is_a_scenario_without_warnings_of_its_own(template: str, answers: Answers) -> None:
    scenario = loads(filled(template, "Hilltop", "hilltop.yaml", "2027-02", answers))
    assert (scenario.name, scenario.start, scenario.site.gross_mw) == ("Hilltop", "2027-02", answers.gross_mw)
    assert scenario.baseline_plan.name == ("host on" if template == "hosting" else "keep mining")
    evaluation = evaluate(scenario)
    assert len({float(plan.npv_usd[0]) for plan in evaluation.plans.values()}) > 1


MIXED = (Fleet("S19 XP", "antminer-s19-xp", 3700), Fleet("yes", None, 4800, 198.5, 17.6, offline_count=12))


@pytest.mark.parametrize("template", [name for name in TEMPLATES if name != "hosting"])
def test_a_template_of_several_fleets_has_them_in_each_of_its_mines(template: str) -> None:
    text = filled(template, "x", "x.yaml", "2027-02", Answers(gross_mw=30.0, fleets=MIXED, ai_mw=10.0))
    scenario = loads(text)
    for plan, use in scenario.uses():
        if use.inputs.mines:
            assert [fleet.name for fleet in use.inputs.every_fleet()] == ["S19 XP", "yes"], plan.name
    whole = sum(float(fleet.hash_rate_eh_per_s) for fleet in next(scenario.uses())[1].inputs.every_fleet())
    assert whole == pytest.approx(3700 * 140e-6 + 4800 * 198.5e-6)
    assert text.count("12 of them offline") == sum(use.inputs.mines for _, use in scenario.uses()) - (
        template in ("part", "phases")
    )
    assert len({float(plan.npv_usd[0]) for plan in evaluate(scenario).plans.values()}) > 1


def test_the_least_efficient_machines_leave_for_what_converts() -> None:
    """11.69 MW of S19 XP: 10 of them convert, and all others run on."""
    scenario = loads(filled("part", "x", "x.yaml", "2027-02", Answers(gross_mw=30.0, fleets=MIXED, ai_mw=10.0)))
    plan = scenario.plans["convert a part"]
    stays, halls = plan.uses
    draw = 3700 * 140e-6 * 21.5 * 1.05
    assert [terms(stays).fleets[name].machine_count for name in ("S19 XP", "yes")] == [
        int(3700 * (1 - 10 / draw)),
        4800,
    ]
    runs = scenario.runs_until(halls)
    assert [fleet.name for use in runs for fleet in use.inputs.every_fleet()] == ["S19 XP"]
    assert Engine(scenario).share_of(halls, runs) == pytest.approx(10 / draw)
    both = Answers(gross_mw=30.0, fleets=MIXED, ai_mw=20.0)
    assert 'meanwhile: {plan: keep mining, fleets: [S19 XP, "yes"]}' in filled("part", "x", "x", "2027-02", both)
    one = loads(filled("part", "x", "x.yaml", "2027-02", Answers(gross_mw=30.0, machine_count=8000)))
    assert terms(one.plans["convert a part"].uses[0]).machine_count == 5333


def test_a_site_runs_as_many_machines_and_gpus_as_its_megawatts_allow() -> None:
    """S21: 200 TH/s x 17.5 J/TH = 3,500 W, times 1.05; 70% of the site is critical, 1.79 kW for each B200."""
    assert machines_that_fit(50.0, "antminer-s21") == int(50e6 / (3_500 * 1.05))
    assert gpus_that_fit(50.0, "b200") == int(35_000 / 1.79)
    scenario = loads(filled("lease", "x", "x.yaml", "2027-02", Answers(gross_mw=50.0)))
    ((_, use), *_) = scenario.uses()
    assert terms(use).fleet_hash_rate_eh_per_s == pytest.approx(machines_that_fit(50.0, "antminer-s21") * 200e-6)


def test_a_template_needs_what_it_asks_for() -> None:
    assert "gpu" not in used("lease")
    assert {"gpu", "gpu_count", "lease_usd_per_gpu_hour"} <= set(used("gpu"))
    assert all(used(template)[:2] == ("gross_mw", "electricity_price_usd_per_kwh") for template in TEMPLATES)
    assert all("machine_count" in used(template) for template in TEMPLATES if template != "hosting")


def test_the_file_says_how_to_try_a_number_and_which_lines_decide() -> None:
    for template in TEMPLATES:
        text = filled(template, "Hilltop", "hilltop.yaml", "2027-02", Answers())
        assert "minecalc compare hilltop.yaml --set" in text
        assert "<-" in text
        assert "$" not in text


def test_the_machines_of_a_hosting_site_are_not_its_own() -> None:
    """30 MW at 95% over a PUE of 1.05, 6.5 cents by nameplate in 744 hours; half a year of it before the halls."""
    assert not {"machine", "machine_count", "gpu"} & set(used("hosting"))
    text = filled("hosting", "x", "x.yaml", "2027-01", Answers(gross_mw=30.0, fleets=MIXED))
    plans = evaluate(loads(text)).plans
    for name in ("host on", "lease to an AI tenant"):
        billed = next(one.usd for one in plans[name].operating_lines if one.name == "hosting_revenue_usd")
        assert float(billed[0, 0]) == pytest.approx(30_000 * 0.95 / 1.05 * 744 * 0.065)
    halls = next(one.usd for one in plans["lease to an AI tenant"].operating_lines if one.name == "hosting_revenue_usd")
    assert halls[6:].any() == np.False_
