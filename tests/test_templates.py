"""Each template, with any answers, is a scenario that compares what it says it compares."""

from __future__ import annotations

import pytest

from minecalc.engine import evaluate
from minecalc.loading import loads
from minecalc.templates import TEMPLATES, Answers, filled, gpus_that_fit, machines_that_fit, used
from tests.by_hand import terms

SMALL = Answers(gross_mw=0.05, electricity_price_usd_per_kwh=0.08, machine="antminer-s19", gpu="h100")


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("answers", [Answers(), SMALL, Answers(gross_mw=1_500, gpu_count=7, machine_count=1_000)])
def test_a_filled_template_is_a_scenario_without_warnings_of_its_own(template: str, answers: Answers) -> None:
    scenario = loads(filled(template, "Hilltop", "hilltop.yaml", "2027-02", answers))
    assert (scenario.name, scenario.start, scenario.site.gross_mw) == ("Hilltop", "2027-02", answers.gross_mw)
    assert scenario.baseline_plan.name == "keep mining"
    evaluation = evaluate(scenario)
    assert len({float(plan.npv_usd[0]) for plan in evaluation.plans.values()}) > 1


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
    assert all("machine_count" in used(template) for template in TEMPLATES)


def test_the_file_says_how_to_try_a_number_and_which_lines_decide() -> None:
    for template in TEMPLATES:
        text = filled(template, "Hilltop", "hilltop.yaml", "2027-02", Answers())
        assert "minecalc compare hilltop.yaml --set" in text
        assert "<-" in text
        assert "$" not in text
