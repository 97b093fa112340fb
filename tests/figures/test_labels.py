"""What a reader calls inputs and figures: in the field's words, and never two alike in one scenario."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from minecalc.deals.financing import Financing, Tranche
from minecalc.deals.taxation import Tax
from minecalc.engine import evaluate
from minecalc.figures import against_baseline, plan_metrics, quantities
from minecalc.figures.labels import figure_label, figure_unit, input_label
from minecalc.loading import load, scenario_files
from minecalc.scenario.movables import movables
from minecalc.units import UNIT_SUFFIXES
from minecalc.values.paths import TimedInputs
from tests.cli.running import HILLTOP, ROOT, TEXAS

TWO_TRANCHES = str(ROOT / "tests" / "bench" / "two_tranches.yaml")
FILES = [*scenario_files(str(ROOT / "scenarios")), TEXAS, HILLTOP, TWO_TRANCHES]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("discount_rate_fraction_per_year", "Discount rate (scenario)"),
        ("site.gross_mw", "Gross MW (site)"),
        ("market.btc_price_usd", "BTC price"),
        ("market.btc_price_usd.growth_fraction_per_year", "BTC price growth"),
        ("plans.lease.rent_usd_per_kw_per_month", "Rent, year 1 (lease)"),
        ('plans."my plan".rent_usd_per_kw_per_month', "Rent, year 1"),
        ('plans."my plan".uses."hall 1".conversion.capex_usd_per_critical_mw', "Building capex (hall 1)"),
        ("plans.other.uses.hall.pue_ratio", "PUE (other, hall)"),
        ("plans.other.discount_rate_fraction_per_year", "Discount rate (other)"),
        ("plans.other.exit_cap_rate_fraction", "Exit cap rate (other)"),
        ("plans.other.refresh.efficiency_j_per_th.growth_fraction_per_year", "Refresh efficiency growth (other)"),
        ('plans.lease.financing.tranches."senior notes".rate_fraction_per_year', "Interest rate (lease, senior notes)"),
        ('plans."my plan".financing.tranches."senior notes".term_months', "Term of the debt (senior notes)"),
        ("plans.lease.financing.tranches.*.share_of_cost_fraction", "Debt, share of cost (lease, all tranches)"),
        (
            "plans.lease.financing.tranches.notes.rate_fraction_per_year.growth_fraction_per_year",
            "Interest rate growth (lease, notes)",
        ),
        ("plans.lease.financing.reserve_months", "Debt service reserve (lease)"),
        ("plans.lease.financing.lockup_dscr_ratio", "Lock-up DSCR (lease)"),
        ("plans.lease.tax.rate_fraction", "Tax rate (lease)"),
        ("tax.bonus_fraction", "Bonus depreciation (scenario)"),
    ],
)
def test_an_input_is_named_in_words_with_its_owner(path: str, label: str) -> None:
    assert input_label(path, "my plan") == label


@pytest.mark.parametrize("file", FILES, ids=lambda name: Path(name).stem)
def test_no_two_inputs_of_a_scenario_are_called_the_same(file: str) -> None:
    scenario = load(file)
    for plan in ["", *scenario.plans]:
        named = Counter(input_label(path, plan) for path in movables(scenario))
        assert [label for label, count in named.items() if count > 1] == []


@pytest.mark.parametrize("group", [Financing, Tranche, Tax])
def test_the_terms_of_debt_and_tax_have_the_words_of_their_field(group: type[TimedInputs]) -> None:
    at = {Financing: "financing", Tranche: "financing.tranches.notes", Tax: "tax"}[group]
    for name in group.model_fields:
        label = input_label(f"plans.lease.{at}.{name}", "lease")
        assert "tranches" not in label.lower() or name == "tranches"
        assert not {"dscr", "llcr", "irr", "npv"} & {*label.split()}


def test_a_figure_is_named_for_a_sentence_and_has_a_unit() -> None:
    assert figure_label("npv_difference_usd") == "gap"
    assert figure_label("irr_fraction_per_year") == "IRR"
    assert figure_label("payback_months") == "payback"
    assert (figure_unit("btc_mined"), figure_unit("energy_mwh"), figure_unit("moic_ratio")) == ("btc", "mwh", "ratio")
    evaluation = evaluate(load(TEXAS))
    plan = evaluation.plans["rent out GPUs"]
    for name in plan_metrics(plan) | quantities(plan) | against_baseline(evaluation, plan.plan.name):
        assert figure_unit(name) in UNIT_SUFFIXES
        assert figure_label(name)[0].islower() or figure_label(name).split()[0].isupper()
        assert "_" not in figure_label(name)
