"""Loans by hand and against published schedules (``oracles/debt.json``, ``oracles/finance-2.json``)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import accumulate, as_row
from minecalc.finance import debt
from tests.finance.deals import by_period, by_point, column, oracle, points

DEBT, FINANCE = oracle("debt"), oracle("finance-2")


def test_dates_are_multiples_of_the_calendar_from_the_start_of_operation() -> None:
    since = points(10) - 2.0  # operation starts at point 2
    dated = debt.dates(since, 2, as_row(4.0), as_row(6.0))
    assert by_point(dated.service) == [0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0]
    assert by_point(dated.principal) == [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0]
    assert by_point(dated.last) == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert by_point(dated.open) == [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]


def test_a_term_between_dates_ends_on_the_last_before_it() -> None:
    dated = debt.dates(points(8), 3, as_row(3.0), as_row(8.0))
    assert by_point(dated.last) == [0, 0, 0, 0, 0, 0, 1, 0, 0]


def test_dates_of_cases_that_start_apart_are_apart() -> None:
    since = points(5) - np.array([[0.0, 1.0]])
    dated = debt.dates(since, 2, as_row(2.0), as_row(4.0))
    assert dated.service.T.tolist() == [[0, 0, 1, 0, 1, 0], [0, 0, 0, 1, 0, 1]]


def test_totals_on_dates_are_those_of_periods_to_the_last_bit() -> None:
    date = column(0, 1, 0, 0, 1, 0)
    assert debt.totals_on_dates(column(1, 2, 3, 4, 5, 6), date)[:, 0].tolist() == [0, 0, 3, 0, 0, 12, 0]
    assert not debt.totals_on_dates(column(1, 2), column(0, 0)).any()
    money = np.random.default_rng(1).normal(size=(7, 3))
    each = np.broadcast_to(date, (7, 3)) * np.array([1.0, 1.0, 0.0])
    assert (debt.totals_on_dates(money, each)[:, :2] == debt.totals_on_dates(money[:, :2], date)).all()


def test_period_totals_start_anew_after_each_date() -> None:
    totals = debt.period_totals(column(1, 2, 3, 4, 5), column(0, 1, 0, 1, 0))
    assert by_point(totals) == [0, 1, 3, 3, 7, 5]


def test_interest_is_simple_within_a_period() -> None:
    since = points(6)
    terms = debt.terms(debt.dates(since, 3, as_row(3.0), as_row(6.0)), column(0.01, 0.01, 0.01, 0.02, 0.02, 0.02), 0.0)
    assert by_point(terms.rate_due) == pytest.approx([0, 0, 0, 0.03, 0, 0, 0.06])
    assert by_point(terms.factors)[3::3] == pytest.approx([1 / 1.03, 1 / 1.03 / 1.06])
    bullet = debt.repaid_by_principal(terms, 100.0, terms.dates.principal * as_row(0.0))
    assert by_point(bullet.interest_usd) == pytest.approx([0, 0, 0, 3, 0, 0, 6])
    assert by_point(bullet.owed_usd) == [100] * 6 + [0]


def test_a_level_loan_is_that_of_the_annuity() -> None:
    case = DEBT["level-18m-8-7"]
    found = debt.level(by_period(7, case["inputs"]["rate"]), case["inputs"]["principal"])
    assert by_point(found.service_usd)[1:] == pytest.approx([case["expected"]["payment"]] * 7, abs=1e-4)
    assert by_point(found.interest_usd)[1:] == pytest.approx(case["expected"]["interest"], abs=1e-4)
    assert by_point(found.instalment_usd)[1:] == pytest.approx(case["expected"]["principal"], abs=1e-4)
    assert by_point(found.owed_usd) == pytest.approx(case["expected"]["balance"], abs=1e-4)


def test_a_level_loan_without_interest_is_divided_evenly() -> None:
    case = DEBT["level-zero-rate"]
    found = debt.level(by_period(60, 0.0), case["inputs"]["principal"])
    assert by_point(found.service_usd)[1:] == pytest.approx([250.0] * 60, abs=1e-9)


def test_a_balloon_is_left_of_a_level_loan() -> None:
    case = DEBT["balloon-40"]
    inputs = case["inputs"]
    terms = by_period(inputs["years"], inputs["rate"], balloon=inputs["balloon_fraction"])
    found = debt.level(terms, inputs["principal"])
    assert by_point(found.service_usd)[1:] == pytest.approx([case["expected"]["payment"]] * 10, abs=1e-4)
    left = inputs["principal"] - float(accumulate(found.instalment_usd)[0])
    assert left == pytest.approx(case["expected"]["balloon"], abs=1e-4)


def test_grace_is_interest_alone() -> None:
    """100 at 10 %, three dates, the first of principal is the second: 10, then 100 x 0.1 / (1 - 1.1^-2)."""
    found = debt.level(by_period(3, 0.1, first=2), 100.0)
    assert by_point(found.service_usd) == pytest.approx([0, 10, *[100 * 0.1 / (1 - 1.1**-2)] * 2])
    assert by_point(found.owed_usd)[1:] == pytest.approx([100, 110 - 57.61904761904762, 0], abs=1e-9)


@given(st.floats(0.0, 0.3), st.floats(0.001, 0.5), st.integers(1, 40), st.floats(0.0, 0.9))
def test_level_service_rises_with_the_rate_and_falls_with_the_term(
    rate: float, more: float, periods: int, balloon: float
) -> None:
    def service(rate: float, periods: int) -> float:
        return float(debt.level(by_period(periods, rate, balloon=balloon), 100.0).service_usd[1, 0])

    assert service(rate, periods) < service(rate + more, periods)
    assert service(rate, periods) > service(rate, periods + 1)


def test_rates_that_rise_leave_service_level() -> None:
    found = debt.level(by_period(3, [0.05, 0.10, 0.20]), 100.0)
    service = 100 / (1 / 1.05 + 1 / (1.05 * 1.1) + 1 / (1.05 * 1.1 * 1.2))
    assert by_point(found.service_usd)[1:] == pytest.approx([service] * 3)
    assert by_point(found.owed_usd)[-1] == 0.0


def test_equal_principal() -> None:
    case = DEBT["equal-principal"]
    found = debt.equal_principal(by_period(7, case["inputs"]["rate"]), case["inputs"]["principal"], 0.0)
    assert by_point(found.interest_usd)[1:] == pytest.approx(case["expected"]["interest"], abs=1e-4)
    assert by_point(found.service_usd)[1:] == pytest.approx(case["expected"]["debt_service"], abs=1e-4)
    half = debt.equal_principal(by_period(4, 0.1, first=3, balloon=0.5), 80.0, 0.5)
    assert by_point(half.instalment_usd) == [0, 0, 0, 20, 20]


def test_sculpted_service_follows_cash_and_is_worth_the_loan() -> None:
    case = DEBT["sculpt-lumpy-negative"]
    cfads, terms = column(*case["inputs"]["cfads"]), by_period(5, case["inputs"]["rate"])
    allowed = np.maximum(cfads / case["inputs"]["dscr"], 0.0)
    carried = debt.carried_when_sculpted(terms, allowed)
    assert carried.tolist() == pytest.approx([case["expected"]["debt"]], abs=1e-8)
    service, dscr = debt.sculpted(terms, carried, cfads, as_row(0.0))
    assert dscr.tolist() == pytest.approx([1.4], abs=1e-12)
    assert by_point(service)[1:] == pytest.approx(case["expected"]["debt_service"], abs=1e-8)
    found = debt.repaid_by_service(terms, carried, service)
    assert by_point(found.interest_usd)[1:] == pytest.approx(case["expected"]["interest"], abs=1e-8)
    assert by_point(found.instalment_usd)[1:] == pytest.approx(case["expected"]["principal"], abs=1e-8)
    assert by_point(found.owed_usd) == pytest.approx(case["expected"]["balance"], abs=1e-8)


def test_a_sculpted_loan_pays_interest_until_its_first_instalment() -> None:
    """100 at 10 % from the second of three dates on: 10, then half of 240 of cash, worth 100 a date before."""
    terms, cfads = by_period(3, 0.1, first=2), column(50, 110, 121)
    service, dscr = debt.sculpted(terms, 100.0, cfads, as_row(0.0))
    assert by_point(service) == pytest.approx([0, 10, 55, 60.5])
    assert dscr.tolist() == pytest.approx([2.0])
    found = debt.repaid_by_service(terms, 100.0, service)
    assert by_point(found.service_usd) == pytest.approx(by_point(service))
    assert by_point(found.owed_usd) == pytest.approx([100, 100, 55, 0])


def test_no_cash_carries_nothing() -> None:
    case = DEBT["sculpt-all-negative"]
    cfads, terms = column(*case["inputs"]["cfads"]), by_period(3, case["inputs"]["rate"])
    allowed = np.maximum(cfads / case["inputs"]["dscr"], 0.0)
    assert debt.carried_when_sculpted(terms, allowed).tolist() == [case["expected"]["debt"]]
    assert debt.carried(debt.level(terms, 1.0), allowed, as_row(1.0)).tolist() == [0.0]
    assert debt.sculpting_share(cfads, as_row(0.0), terms.factors, np.array([5.0])).tolist() == [0.0]


def test_the_share_of_cash_leaves_out_dates_that_seniors_take_whole() -> None:
    """At no interest: the first date has 10 and a senior of 9, the second 100 and 20; a loan of 40 takes 60 %.

    Shared over both dates it would be (40 + 29) / 110 = 63 % of cash, of which seniors leave nothing on the first.
    """
    cfads, senior, ones = np.array([[10.0], [100.0]]), np.array([[9.0], [20.0]]), np.ones((2, 1))
    assert debt.sculpting_share(cfads, senior, ones, np.array([40.0])).tolist() == [0.6]
    assert debt.sculpting_share(cfads, senior, ones, np.array([0.0])).tolist() == [0.0]
    both = debt.sculpting_share(cfads, senior, ones, np.array([81.0]))
    assert both.tolist() == [1.0]


def test_the_share_of_cash_is_the_same_alone_and_among_others() -> None:
    random = np.random.default_rng(5)
    cfads, senior = random.normal(50, 60, (12, 70)), random.uniform(0, 30, (12, 70))
    factors, worth = 0.97 ** np.arange(12.0)[:, None] * (np.arange(12) % 3 > 0)[:, None], random.uniform(0, 200, 70)
    found = debt.sculpting_share(cfads, senior, factors, worth)
    each = [
        debt.sculpting_share(cfads[:, [i]], senior[:, [i]], factors, worth[[i]]).item() for i in range(70)
    ]  # fmt: skip
    assert found.tolist() == each
    pays = np.maximum(cfads * found - senior, 0.0) * factors
    assert pays.sum(axis=0) == pytest.approx(worth, rel=1e-12)


def test_what_another_shape_carries_is_bounded_by_its_tightest_date() -> None:
    """Equal principal of two dates at 10 %: 60 and 55 of 100 a date, so that 30 of 33 on the second bind: 54.5."""
    of_one = debt.equal_principal(by_period(2, 0.1), 1.0, 0.0)
    assert by_point(of_one.service_usd) == pytest.approx([0, 0.6, 0.55])
    assert debt.carried(of_one, column(60, 30), as_row(1.0)).tolist() == pytest.approx([30 / 0.55])
    assert debt.carried(of_one, column(60, 30), column(1, 0)).tolist() == pytest.approx([100.0])
    assert debt.carried(of_one, column(60, 30), column(0, 0)).tolist() == [0.0]


def test_what_rounding_leaves_of_the_last_instalment_asks_for_no_cash() -> None:
    """Twice a half and its interest, and on a third date without cash a 1e-17th, which is nothing."""
    of_one = debt.Schedule(column(0.1, 0.05, 1e-17), column(0.5, 0.5, 0.0), column(0.5, 1e-16, 0.0))
    assert debt.carried(of_one, column(60, 44, 0), as_row(1.0)).tolist() == pytest.approx([80.0])


@pytest.mark.parametrize("deal", ["river-bend-level-semiannual", "beacon-point-level-semiannual"])
def test_level_bonds_of_published_deals(deal: str) -> None:
    inputs, expected = FINANCE[deal]["inputs"], FINANCE[deal]["expected"]
    found = debt.level(by_period(inputs["payments"], inputs["coupon"] / 2), inputs["principal"])
    assert by_point(found.service_usd)[1:] == pytest.approx([expected["payment"]] * inputs["payments"], rel=1e-9)
    assert float(accumulate(found.interest_usd)[0]) == pytest.approx(expected["total_interest"], rel=1e-9)
    dscr = _noi(inputs) / by_point(found.service_usd)[1:]
    assert (dscr[0], dscr[-1]) == pytest.approx((expected["dscr_first"], expected["dscr_last"]), rel=1e-9)
    assert dscr.mean() == pytest.approx(expected["dscr_average"], rel=1e-9)
    assert _average_life(found) == pytest.approx(expected["weighted_average_life_years"], rel=1e-9)


def test_a_published_deal_sculpted_to_its_rent() -> None:
    case = FINANCE["river-bend-sculpted-semiannual"]
    inputs, expected = case["inputs"], case["expected"]
    terms = by_period(inputs["payments"], inputs["coupon"] / 2)
    service, dscr = debt.sculpted(terms, inputs["principal"], column(*_noi(inputs)), as_row(0.0))
    assert dscr.tolist() == pytest.approx([expected["dscr_every_period"]], rel=1e-9)
    found = debt.repaid_by_service(terms, inputs["principal"], service)
    interest, principal, owed = by_point(found.interest_usd), by_point(found.instalment_usd), by_point(found.owed_usd)
    assert _noi(inputs)[0] * 2 == pytest.approx(expected["noi_year1"], rel=1e-9)
    assert interest[1] == pytest.approx(expected["first_interest"], rel=1e-9)
    assert principal[1] == pytest.approx(expected["first_principal"], rel=1e-9)
    assert by_point(service)[1] == pytest.approx(expected["first_debt_service"], rel=1e-9)
    assert by_point(service)[-1] == pytest.approx(expected["last_debt_service"], rel=1e-9)
    assert owed[10] == pytest.approx(expected["balance_after_5_years"], rel=1e-9)
    assert owed[-1] == expected["closing_balance"]
    assert sum(usd < 0.0 for usd in principal) == expected["negative_amortisation_periods"]
    assert _average_life(found) == pytest.approx(expected["weighted_average_life_years"], rel=1e-9)


def test_a_mini_perm_by_shares_and_the_loan_that_would_replace_it() -> None:
    case = FINANCE["mini-perm-refinance"]
    inputs, expected = case["inputs"], case["expected"]
    *shares, balloon = inputs["amortisation_share_by_half_year"]
    terms = by_period(10, inputs["coupon"] / 2, balloon=balloon)
    instalments = column(*shares, 0.0) * inputs["principal"]
    found = debt.repaid_by_principal(terms, inputs["principal"], instalments)
    left = inputs["principal"] - float(accumulate(instalments)[0])
    assert left == pytest.approx(expected["balloon"], rel=1e-9)
    due = by_point(found.service_usd)[1:]
    assert [*due[:-1], due[-1] + left] == pytest.approx(expected["debt_service_by_half_year"], rel=1e-9)
    noi = inputs["noi_first_year"] * (1 + inputs["noi_growth"]) ** np.arange(5, 10)
    assert noi[0] / left == pytest.approx(expected["debt_yield_at_refinance"], rel=1e-9)
    again = by_period(inputs["refinance_payments"], inputs["refinance_rate"] / 2)
    _, dscr = debt.sculpted(again, left, column(*np.repeat(noi / 2, 2)), as_row(0.0))
    assert dscr.item() == pytest.approx(expected["refinance_dscr_to_full_amortisation_by_lease_end"], rel=1e-9)


def test_rent_in_advance_is_a_level_loan_at_its_implied_rate() -> None:
    case = FINANCE["gpu-sale-leaseback"]
    inputs = case["inputs"]
    lent = inputs["sale_price"] - inputs["rent_per_month"]
    found = debt.level(by_period(inputs["months"] - 1, case["expected"]["implied_monthly_rate"]), lent)
    assert by_point(found.service_usd)[1:] == pytest.approx([inputs["rent_per_month"]] * 59, rel=1e-9)


def test_every_oracle_case_is_run_or_named() -> None:
    """Cases of debt are run here or where they belong; three say nothing that the conventions compute."""
    elsewhere = {
        "test_construction": {
            "idc-pro-rata",
            "idc-equity-first",
            "upfront-fee-financed",
            "bond-drawn-at-close-negative-carry",
        },
        "test_closing": {"funding-all-circular"},
        "test_waterfall": {"sweep-50-on-top-of-scheduled", "dsra-six-months", "excess-cash-flow-offer-50"},
        "test_financed": {"leverage-neutral", "apld-pf1-oid", "cipher-tap-premium"},
    }
    not_expressible = {
        "iren-blended-cost": "a blend of two rates: arithmetic, no schedule",
        "flash-compute-offering-model": "a check of published totals against each other: no schedule",
        "sculpt-after-tax-backward": "sizes on cash after the tax with debt; the convention is tax without it",
    }
    here = {
        "level-18m-8-7",
        "level-zero-rate",
        "equal-principal",
        "balloon-40",
        "sculpt-lumpy-negative",
        "sculpt-all-negative",
        "river-bend-sculpted-semiannual",
        "river-bend-level-semiannual",
        "beacon-point-level-semiannual",
        "mini-perm-refinance",
        "gpu-sale-leaseback",
    }
    of_debt = {name for name, case in FINANCE.items() if case["group"] in ("deal", "funding", "debt")}
    assert here | set().union(*elsewhere.values()) | set(not_expressible) == set(DEBT) | of_debt


def _noi(inputs: dict[str, Any]) -> Any:
    """Income by half-year, in equal halves of each year."""
    years = inputs["payments"] // 2
    growth = (1 + inputs["noi_growth_per_year"]) ** np.arange(years)
    return np.repeat(inputs["noi_average_per_year"] * years / growth.sum() * growth / 2, 2)


def _average_life(found: debt.Schedule) -> float:
    paid = np.array(by_point(found.instalment_usd))
    return float((paid * np.arange(len(paid)) / 2).sum() / paid.sum())
