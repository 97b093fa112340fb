"""Cover ratios worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.finance import cover

#: Three dates of a loan of 100 at 10% a period: 10 of interest, then 40, 30 and 30 of principal.
CFADS = np.array([0.0, 75.0, 54.0, 66.0])[:, None]
INTEREST = np.array([0.0, 10.0, 6.0, 3.0])[:, None]
INSTALMENT = np.array([0.0, 40.0, 30.0, 30.0])[:, None]
OWED_BEFORE = np.array([0.0, 100.0, 60.0, 30.0])[:, None]


def test_dscr_is_cash_over_service_and_nothing_where_nothing_is_due() -> None:
    service = INTEREST + INSTALMENT
    ratio = cover.dscr(CFADS, service)
    assert np.isnan(ratio[0, 0])
    assert ratio[1:, 0] == pytest.approx([1.5, 1.5, 2.0])
    assert cover.least_dscr(ratio, service) == pytest.approx([1.5])
    assert cover.average_dscr(ratio, service) == pytest.approx([5.0 / 3.0])


def test_covenants_look_at_the_cash_of_several_dates_together() -> None:
    """Dates at points 2, 4 and 6 with 10, 20 and 40: of two 10, 30 and 60, of three 70 at the last."""
    cfads = np.array([0.0, 0.0, 10.0, 0.0, 20.0, 0.0, 40.0])[:, None]
    assert cover.of_dates_together(cfads, 1, 2) is cfads
    assert cover.of_dates_together(cfads, 2, 2)[[2, 4, 6], 0].tolist() == [10.0, 30.0, 60.0]
    assert cover.of_dates_together(cfads, 3, 2)[[2, 4, 6], 0].tolist() == [10.0, 30.0, 70.0]
    assert cover.of_dates_together(cfads, 9, 2)[6, 0] == 70.0


def test_without_a_date_there_is_no_least_dscr() -> None:
    none = np.zeros((4, 1))
    assert cover.least_dscr(cover.dscr(CFADS, none), none) == [np.inf]
    assert cover.average_dscr(cover.dscr(CFADS, none), none) == [0.0]


def test_llcr_discounts_cash_at_the_rate_of_the_debt() -> None:
    worth = 75.0 / 1.1 + 54.0 / 1.1**2 + 66.0 / 1.1**3
    assert cover.llcr(CFADS, INTEREST, OWED_BEFORE, 100.0) == pytest.approx([worth / 100.0], rel=1e-14)
    assert cover.llcr(CFADS, INTEREST, OWED_BEFORE, 0.0) == [0.0]


def test_plcr_goes_on_to_the_horizon_at_the_last_rate_of_the_debt() -> None:
    none = np.zeros((2, 1))
    cfads = np.vstack([CFADS, [[80.0], [30.0]]])
    interest, owed = np.vstack([INTEREST, none]), np.vstack([OWED_BEFORE, none])
    interest[3] = 3.6  # 12% in the last period in which anything is owed
    dates, periods = np.array([[0.0, 1.0, 1.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 1.0, 1.0, 0.5]])[:, :, None]
    at_maturity = 1.1**2 * 1.12
    to_maturity = 75.0 / 1.1 + 54.0 / 1.1**2 + 66.0 / at_maturity
    after = 80.0 / (at_maturity * 1.12) + 30.0 / (at_maturity * 1.12 * 1.06)
    assert cover.plcr(cfads, interest, owed, 100.0, dates, periods) == pytest.approx([(to_maturity + after) / 100.0])
    assert cover.llcr(cfads, interest, owed, 100.0) == pytest.approx([to_maturity / 100.0])
    assert cover.plcr(cfads, interest, owed, 0.0, dates, periods) == [0.0]


def test_plcr_is_llcr_to_the_bit_where_debt_matures_at_the_horizon() -> None:
    dates = np.array([0.0, 1.0, 1.0, 1.0])[:, None]
    found = cover.plcr(CFADS, INTEREST, OWED_BEFORE, 100.0, dates, dates)
    assert found.tobytes() == cover.llcr(CFADS, INTEREST, OWED_BEFORE, 100.0).tobytes()


def test_average_life_weighs_years_by_principal() -> None:
    years = np.array([0.0, 1.0, 2.0, 3.0])[:, None]
    assert cover.average_life(INSTALMENT, years, 100.0) == pytest.approx([1.9])


def test_all_in_cost_is_what_the_lender_earns_a_year() -> None:
    flows = np.zeros((13, 2))
    flows[0], flows[12] = -100.0, [110.0, 105.0]
    assert cover.nearest_return(flows, np.array([0.08])) == pytest.approx([0.10, 0.05])


def test_of_several_rates_the_nearest_counts() -> None:
    # 10% and 100% a year bring (-100, 310, -220) at one year's distance to zero
    flows = np.zeros((25, 2))
    flows[[0, 12, 24]] = np.array([-100.0, 310.0, -220.0])[:, None]
    assert cover.nearest_return(flows, np.array([0.2, 0.9])) == pytest.approx([0.1, 1.0], abs=1e-9)


def test_flows_without_a_return_have_no_cost() -> None:
    assert np.isnan(cover.nearest_return(np.zeros((3, 1)), np.array([0.1]))).all()
