"""Quantities by calendar year, such as a tax, are explained with the year they are of and the months they add up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minecalc.analysis.explain.explanation import Entry, Target, _row, explain, trace_plans
from minecalc.deals.taxed import TaxAccount, taxed
from minecalc.engine import Evaluation
from minecalc.loading import loads
from minecalc.trace import Traced
from tests.by_hand import CONVERSION, LEASE, MARKET, SITE, Data

HALL: Data = {**LEASE, "conversion": CONVERSION, "tax": {"rate_fraction": 0.2}}


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    data = {"name": "x", "start": "2027-01", "months": 36, "site": SITE, "market": MARKET, "plans": {"it": HALL}}
    return trace_plans(loads(json.dumps(data)))


@pytest.fixture(scope="module")
def account(evaluation: Evaluation) -> TaxAccount:
    plan = evaluation.plans["it"]
    tax = evaluation.scenario.tax_of(plan.plan)
    assert tax is not None
    return taxed(plan.operating_lines, plan.taxable, tax, None)


def entries(evaluation: Evaluation, step: object, row: int | None) -> dict[str, Entry]:
    assert type(step) is Traced
    found = explain(evaluation, "it", Target(step.name or "", step, row, None, adds_up=True))
    return {entry.name: entry for entry in found.entries}


def test_what_is_paid_in_december_is_the_years(evaluation: Evaluation, account: TaxAccount) -> None:
    found = entries(evaluation, account.paid_usd, 24)
    paid, year = found["tax_usd"], found["tax_by_year_usd"]
    assert paid.formula is not None
    assert (paid.when, paid.formula.names) == ("2028-12", "tax_by_year_usd@2028")
    assert year.formula is not None
    assert (year.when, year.formula.names) == ("2028", "taxable_income_by_year_usd × tax.rate_fraction")
    assert year.value == pytest.approx(0.2 * (6e6 - 5e6 / 39))


def test_in_other_months_nothing_is_paid(evaluation: Evaluation, account: TaxAccount) -> None:
    formula = entries(evaluation, account.paid_usd, 23)["tax_usd"].formula
    assert formula is not None
    assert formula.names == formula.numbers == "0"


def test_a_year_is_the_sum_of_its_months(evaluation: Evaluation, account: TaxAccount) -> None:
    found = entries(evaluation, account.paid_usd, 12)
    year = found["taxed_operating_income_by_year_usd"]
    assert year.formula is not None
    assert year.formula.names == "the sum of taxed_operating_income_usd over 2027"
    assert year.formula.numbers == "8 amounts from $500,000 to $500,000"
    assert found["calendar_by_year"].when == "2027"
    few = entries(evaluation, account.left_usd, 2)["basis_left_by_year_usd"]
    assert few.when == "2029"


def test_a_few_months_are_added_up() -> None:
    """Rent of the four months of 2028."""
    data = {"name": "x", "start": "2027-01", "months": 16, "site": SITE, "market": MARKET, "plans": {"it": HALL}}
    short = trace_plans(loads(json.dumps(data)))
    tax = short.scenario.tax_of(short.plans["it"].plan)
    assert tax is not None
    account = taxed(short.plans["it"].operating_lines, short.plans["it"].taxable, tax, None)
    formula = entries(short, account.operating_income_usd, 1)["taxed_operating_income_by_year_usd"].formula
    assert formula is not None
    assert formula.numbers == "$500,000 + $500,000 + $500,000 + $500,000"


def test_losses_of_the_year_before(evaluation: Evaluation, account: TaxAccount) -> None:
    left = entries(evaluation, account.losses.left_usd, 1)["tax_losses_left_by_year_usd"].formula
    assert left is not None
    assert left.names.startswith("its value of the year before + tax_loss_made_by_year_usd − ")
    used = entries(evaluation, account.losses.used_usd, 2)["tax_losses_used_by_year_usd"].formula
    assert used is not None
    assert used.names == "min(tax_losses_left_by_year_usd@2028, tax_loss_limit_by_year_usd)"


def test_a_month_asks_for_its_year(evaluation: Evaluation, account: TaxAccount) -> None:
    step: Any = account.tax_usd
    rows = [_row(evaluation.scenario, step, "tax_by_year_usd", month) for month in ("2027-12", "2028-01", "2029-12")]
    assert rows == [0, 1, 2]
