"""Interest limits, carried losses and tax: against worked cases (``oracles``), by hand, and by what must hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray, stretches
from minecalc.finance.tax import carried_losses, limited_interest, stretches_of, tax_due
from minecalc.trace import Traced

Case = dict[str, Any]

ORACLES = Path(__file__).parent.parent / "oracles"
FINANCE: dict[str, Case] = {
    case["id"]: case for case in json.loads((ORACLES / "finance-2.json").read_text(encoding="utf-8"))["cases"]
}
SAM: dict[str, Case] = {
    case["id"]: case for case in json.loads((ORACLES / "sam-project-finance.json").read_text(encoding="utf-8"))["cases"]
}
#: Cases of the SAM model that publish no tax by year.
NO_TAX = {
    *("sam-P-price-for-irr12", "sam-P-price-for-irr15-sculpt", "sam-trap-negative-cafds"),
    *("sam-cashloan-commercial-60", "sam-lcoe-fcr"),
}
#: A case whose tax rests on an income that is not published.
NO_INCOME = {"sam-merchant-growth2-sculpt"}
#: Cases of finance-2 that are about depreciation alone.
DEPRECIATION_ALONE = {"canada-cca-class50-half-year"}

amounts = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=15)


def years(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float64)[:, None]


def column(values: FloatArray) -> list[float]:
    return [float(value) for value in values[:, 0]]


def test_every_case_of_tax_is_run_or_named() -> None:
    group = {name for name, case in FINANCE.items() if case["group"] == "tax"}
    assert group == {"tax-bonus100-163j", "tax-macrs-163j", *DEPRECIATION_ALONE}


@pytest.mark.parametrize("name", ["tax-bonus100-163j", "tax-macrs-163j"])
def test_a_limit_of_interest_before_a_limit_of_losses(name: str) -> None:
    given_, expected = FINANCE[name]["inputs"], FINANCE[name]["expected"]
    ebitda = years(*given_["ebitda"])
    interest = limited_interest(years(*given_["interest"]), ebitda * 0.0, ebitda, given_["interest_limit_of_ati"])
    income = ebitda - years(*given_["depreciation"]) - interest.allowed_usd
    losses = carried_losses(income, given_["nol_limit"])
    _, tax = tax_due(income, losses.used_usd, given_["rate"])
    assert column(interest.allowed_usd) == pytest.approx(expected["interest_deducted"], rel=1e-9)
    assert column(interest.carried_usd) == pytest.approx(expected["interest_carryforward"], rel=1e-9)
    assert column(income) == pytest.approx(expected["taxable_before_nol"], rel=1e-9)
    assert column(losses.used_usd) == pytest.approx(expected["nol_used"], rel=1e-9, abs=1e-12)
    assert column(losses.left_usd) == pytest.approx(expected["nol_balance"], rel=1e-9, abs=1e-10)
    assert column(tax) == pytest.approx(expected["tax"], rel=1e-9, abs=1e-12)
    assert sum(column(tax)) == pytest.approx(expected["total_tax"], rel=1e-9)


def test_tax_of_three_statements() -> None:
    case = FINANCE["three-statement-8y"]
    rows = case["expected"]["rows"]
    income = years(*(row["ebt"] for row in rows))
    losses = carried_losses(income, case["inputs"]["nol_limit"])
    _, tax = tax_due(income, losses.used_usd, case["inputs"]["tax_rate"])
    assert column(tax) == pytest.approx([row["tax"] for row in rows], rel=1e-9, abs=1e-12)
    assert column(losses.left_usd) == pytest.approx([row["nol"] for row in rows], rel=1e-9, abs=1e-9)


def test_losses_that_are_not_carried() -> None:
    """No share of income is left to losses: what is below zero is gone."""
    case = FINANCE["sculpt-after-tax-backward"]
    given_, expected = case["inputs"], case["expected"]
    income = years(*given_["ebitda"]) - years(*given_["depreciation"]) - years(*expected["interest"])
    losses = carried_losses(income, 0.0)
    assert not losses.used_usd.any()
    _, tax = tax_due(income, losses.used_usd, given_["tax_rate"])
    assert column(tax) == pytest.approx(expected["tax"], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", sorted(set(SAM) - NO_TAX - NO_INCOME))
def test_tax_beside_a_model_that_pays_losses_back(name: str) -> None:
    """Losses that may take all income: tax so far is the most that a refunding model was ever paid."""
    series = SAM[name]["expected"]["series"]
    rate = SAM[name]["inputs"]["federal_tax_pct"] / 100
    income = np.array(series["cf_ebitda"]) - np.array(series["cf_feddepr_total"])
    for key, sign in (("cf_debt_payment_interest", -1.0), ("cf_reserve_interest", 1.0)):
        income = income + sign * np.array(series.get(key, 0.0))
    refunded = np.array(series["cf_fedtax"])
    assert -rate * income == pytest.approx(refunded, abs=0.01)
    losses = carried_losses(income[:, None], 1.0)
    _, tax = tax_due(income[:, None], losses.used_usd, rate)
    most = np.maximum.accumulate(np.maximum(np.add.accumulate(-refunded), 0.0))
    assert np.add.accumulate(tax[:, 0]) == pytest.approx(most, abs=0.1)


def test_what_is_left_out_of_sam_is_named() -> None:
    assert set(SAM) >= NO_TAX | NO_INCOME
    with_tax = {name for name, case in SAM.items() if "cf_fedtax" in case["expected"].get("series", {})}
    assert with_tax == set(SAM) - NO_TAX


def test_interest_without_a_limit_is_deducted_as_it_accrues() -> None:
    found = limited_interest(years(5, 6), years(0, 0), years(-1, 0), None)
    assert column(found.allowed_usd) == [5, 6]
    assert column(found.carried_usd) == [0, 0]


def test_interest_by_hand() -> None:
    """A tenth of earnings of 100, -50 and 400, and interest received of 2, 1 and 0; 20 accrue a year."""
    found = limited_interest(years(20, 20, 20), years(2, 1, 0), years(100, -50, 400), 0.1)
    assert column(found.allowed_usd) == [12, 1, 40]
    assert column(found.carried_usd) == [8, 27, 7]


def test_losses_by_hand() -> None:
    """A loss of 100; half of 60 and of 80 may be taken: 30 and 40 are, so 30 are lost."""
    losses = carried_losses(years(-100, 60, 80), 0.5)
    assert column(losses.made_usd) == [100, 0, 0]
    assert column(losses.used_usd) == [0, 30, 40]
    assert column(losses.left_usd) == [100, 70, 30]
    taxable, tax = tax_due(years(-100, 60, 80), losses.used_usd, 0.25)
    assert column(taxable) == [0, 30, 40]
    assert column(tax) == [0, 7.5, 10]


@given(income=amounts, limit=st.floats(0.0, 1.0), rate=st.floats(0.0, 1.0))
def test_losses_close_and_tax_is_never_negative(income: list[float], limit: float, rate: float) -> None:
    losses = carried_losses(years(*income), limit)
    taxable, tax = tax_due(years(*income), losses.used_usd, rate)
    made, used, left = sum(column(losses.made_usd)), sum(column(losses.used_usd)), column(losses.left_usd)[-1]
    assert made - used - left == pytest.approx(0.0, abs=1e-6)
    assert (losses.left_usd >= 0.0).all()
    assert (losses.used_usd >= 0.0).all()
    assert (taxable >= 0.0).all()
    assert (tax >= 0.0).all()


@given(accrued=amounts, earned=amounts, limit=st.floats(0.0, 1.0))
def test_interest_closes_and_keeps_to_its_limit(accrued: list[float], earned: list[float], limit: float) -> None:
    rows = min(len(accrued), len(earned))
    interest, earnings = years(*map(abs, accrued[:rows])), years(*earned[:rows])
    found = limited_interest(interest, earnings * 0.0, earnings, limit)
    total, allowed, carried = sum(column(interest)), sum(column(found.allowed_usd)), column(found.carried_usd)[-1]
    assert total - allowed - carried == pytest.approx(0.0, abs=1e-6)
    assert (found.allowed_usd <= np.maximum(earnings, 0.0) * limit).all()
    assert (found.carried_usd >= 0.0).all()


def test_a_case_has_the_same_bits_alone_and_in_a_batch() -> None:
    random = np.random.default_rng(5)
    income, accrued = random.normal(1e6, 3e6, (12, 90)), random.uniform(0, 1e6, (12, 90))
    limits = random.uniform(0, 1, 90)
    losses, interest = carried_losses(income, limits), limited_interest(accrued, accrued * 0.01, income, limits)
    for case in (0, 7, 89):
        one = slice(case, case + 1)
        alone = carried_losses(income[:, one], float(limits[case]))
        assert (alone.used_usd == losses.used_usd[:, one]).all()
        assert (alone.left_usd == losses.left_usd[:, one]).all()
        kept = limited_interest(accrued[:, one], accrued[:, one] * 0.01, income[:, one], float(limits[case]))
        assert (kept.allowed_usd == interest.allowed_usd[:, one]).all()
        assert (kept.carried_usd == interest.carried_usd[:, one]).all()


def test_it_traces() -> None:
    income: Any = Traced(years(-100, 60, 80), "input", name="income_usd")
    losses = carried_losses(income, 0.5)
    tax: Any = tax_due(income, losses.used_usd, 0.25)[1]
    assert type(tax) is Traced
    assert column(tax.value) == [0, 7.5, 10]


def test_stretches_of_what_is_made_are_those_of_the_whole_to_the_last_bit() -> None:
    random = np.random.default_rng(5)
    money, rates, ends = random.normal(size=(41, 7)), random.uniform(size=(1, 7)), (5, 17, 29, 41)
    found = stretches_of(lambda money, rate: money * rate, ends, money, rates)
    assert found.tobytes() == stretches(money * rates, ends).tobytes()
    assert stretches_of(lambda rate: rate * 2.0, (5, 7), np.array([[2.0, 3.0]])).tolist() == [[20, 30], [8, 12]]
    later = stretches_of(lambda money: money, ends[:-1], money, after=12)
    assert later.tobytes() == stretches(money[12:], ends[:-1]).tobytes()
