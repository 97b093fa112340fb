"""Financing, tax and statements of the second engine: worked structures, and cases by hand.

Worked structures are dated deals and closed forms; where a source counts periods from another point, the case says how
it is put into points.
"""

import pytest

from . import returns
from .deals import HERE, deal, growing, paid, project, yearly
from .debt_terms import NotFinancedError
from .financing import financed
from .ledger import PREPAYMENT_OWED, Asset, Ledger
from .paths import Timeline
from .statements import stated
from .taxation import books, no_debt, taxed

# Worked structures


@pytest.mark.parametrize(
    ("debt", "rate", "noi", "dscr", "first", "level_first", "level_last", "level_payment"),
    [
        pytest.param(
            3250, 0.06192, 366.1504129481815, 1.3077508773603383, 39.372417243583385,
            1.0905330680775986, 1.649529113388896, 167.87680431994357, id="River Bend",
        ),
    ],
)  # fmt: skip
def test_a_project_bond(
    debt: float,
    rate: float,
    noi: float,
    dscr: float,
    first: float,
    level_first: float,
    level_last: float,
    level_payment: float,
) -> None:
    tranche = {"amount_usd": debt, "rate_fraction_per_year": rate, "repayment": "sculpted", "term_months": 180}
    cash = growing(noi, 0.03, 15)
    _, _, figures = deal([4000.0], cash, tranche, every=6)
    assert figures["tranches"]["a"]["dscr_ratio"] == pytest.approx(dscr, rel=1e-12)
    assert [ratio for _, ratio in figures["dscr"]] == pytest.approx([dscr] * 30, rel=1e-11)
    assert figures["llcr_ratio"] == pytest.approx(dscr, rel=1e-12)
    assert figures["average_life_years"] == pytest.approx(9.72676319919783, rel=1e-12)
    assert paid(figures, "instalments_usd", 6)[0] == pytest.approx(first, rel=1e-11)
    assert figures["tranches"]["a"]["balance_usd"][60] == pytest.approx(2703.1296043866714, rel=1e-12)
    _, _, figures = deal([4000.0], cash, tranche | {"repayment": "level"}, every=6)
    assert figures["dscr"][0][1] == pytest.approx(level_first, rel=1e-12)
    assert figures["dscr_min_ratio"] == pytest.approx(level_first, rel=1e-12)
    assert figures["dscr_min_month"] == 6  # of dates that differ by rounding only, the first
    assert figures["dscr"][-1][1] == pytest.approx(level_last, rel=1e-11)
    assert figures["dscr_average_ratio"] == pytest.approx(1.3521820415843637, rel=1e-12)
    assert figures["average_life_years"] == pytest.approx(8.876486432112442, rel=1e-12)
    assert sum(figures["lender_usd"][1:]) == pytest.approx(30 * level_payment, rel=1e-12)


@pytest.mark.parametrize(
    ("discount", "coupon", "effective"),
    [
        pytest.param(0.03, 0.0925, 0.102789265382359, id="at 97"),
        pytest.param(-0.0025, 0.07125, 0.07189558953542075, id="at 100.25"),
    ],
)
def test_yield_of_a_note_below_and_above_par(discount: float, coupon: float, effective: float) -> None:
    note = {"amount_usd": 100, "rate_fraction_per_year": coupon, "repayment": "bullet", "term_months": 60}
    _, _, figures = deal([200.0], [50.0] * 60, note | {"discount_fraction": discount}, every=6)
    assert figures["all_in_cost_fraction_per_year"] == pytest.approx(effective, rel=1e-10)


def test_everything_circular_at_once() -> None:
    # The source takes a month's commitment fee before its first draw: here a cost of point 0.
    debt = 162.1550071830477
    loan = {
        "share_of_cost_fraction": 0.8,
        "rate_fraction_per_year": 0.07,
        "upfront_fee_fraction": 0.02,
        "commitment_fee_fraction_per_year": 0.004,
        "repayment": "level",
        "term_months": 120,
    }
    costs = [10 + debt * 0.004 / 12] + [10.0] * 17
    _, _, figures = deal(costs, [1e3] * 130, loan, reserve_months=6)
    assert figures["tranches"]["a"]["amount_usd"] == pytest.approx(debt, rel=1e-12)
    assert figures["total_cost_usd"] == pytest.approx(202.69375897882313, rel=1e-12)
    assert figures["uses_usd"]["interest"] == pytest.approx(7.6164094183743405, rel=1e-12)
    assert figures["uses_usd"]["reserve"] == pytest.approx(11.296542769025207, rel=1e-12)


def test_a_bond_drawn_at_close_carries_its_escrow() -> None:
    # The source sells the bond a month before the first cost: a cost of next to nothing at point 0.
    bond = {
        "share_of_cost_fraction": 1.0,
        "rate_fraction_per_year": 0.06192,
        "draw": "at_close",
        "escrow_yield_fraction_per_year": 0.035,
        "repayment": "level",
        "term_months": 120,
    }
    _, run, figures = deal([1e-13] + [10.0] * 18, [1e3] * 130, bond)
    assert figures["tranches"]["a"]["amount_usd"] == pytest.approx(192.50164014981402, rel=1e-12)
    assert run.escrow[18:] == pytest.approx([0.0] * 131, abs=1e-9)
    loan = {key: value for key, value in bond.items() if key not in ("draw", "escrow_yield_fraction_per_year")}
    _, _, figures = deal([10.0] * 18, [1e3] * 130, loan)
    assert figures["tranches"]["a"]["amount_usd"] == pytest.approx(188.11633039735236, rel=1e-12)


def test_interest_in_the_build_pro_rata_and_equity_first() -> None:
    loan = {"rate_fraction_per_year": 0.08, "repayment": "level", "term_months": 120}
    costs, cash = [10.0] * 12, [1e3] * 130
    _, _, figures = deal(costs, cash, loan | {"share_of_cost_fraction": 0.7})
    assert figures["sources_usd"]["a"] == pytest.approx(86.18989256817906, rel=1e-12)
    assert figures["sources_usd"]["equity"] == pytest.approx(36.938525386362464, rel=1e-12)
    debt, interest = 86.11014211035761, 2.1101421103576214
    _, _, figures = deal(costs, cash, loan | {"amount_usd": debt}, equity="first")
    assert figures["uses_usd"]["interest"] == pytest.approx(interest, rel=1e-11)
    assert figures["sources_usd"]["equity"] == pytest.approx(36, rel=1e-12)
    _, _, figures = deal([100.0], cash, loan | {"share_of_cost_fraction": 0.6, "upfront_fee_fraction": 0.02})
    assert figures["sources_usd"]["a"] == pytest.approx(60.72874493927126, rel=1e-12)


def test_shapes_paid_once_a_year() -> None:
    loan = {"amount_usd": 18e6, "rate_fraction_per_year": 0.08, "term_months": 84}
    cash = yearly([9e6] * 7)
    _, _, figures = deal([30e6], cash, loan | {"repayment": "level"}, every=12)
    assert paid(figures, "lender_usd") == pytest.approx([3457303.2257113876] * 7, rel=1e-12)
    _, _, figures = deal([30e6], cash, loan | {"repayment": "equal_principal"}, every=12)
    assert paid(figures, "lender_usd")[::6] == pytest.approx([4011428.5714285714, 2777142.8571428573], rel=1e-12)
    loan = {"amount_usd": 1e7, "rate_fraction_per_year": 0.07, "term_months": 120, "balloon_fraction": 0.4}
    _, _, figures = deal([30e6], yearly([9e6] * 10), loan | {"repayment": "level"}, every=12)
    assert paid(figures, "lender_usd")[0] == pytest.approx(1134265.016364188, rel=1e-12)
    assert paid(figures, "balloon_usd")[-1] == pytest.approx(4e6, rel=1e-9)


def test_lumpy_cash_sculpts_below_interest() -> None:
    loan = {"dscr_ratio": 1.4, "rate_fraction_per_year": 0.09, "repayment": "sculpted", "term_months": 60}
    cash = yearly([100.0, 20.0, 140.0, -30.0, 160.0])
    with pytest.raises(NotFinancedError, match="principal below zero in 2028-12"):
        deal([1000.0], cash, loan, every=12)
    _, _, figures = deal([1000.0], cash, loan | {"allow_negative_amortisation": True}, every=12)
    assert figures["sources_usd"]["a"] == pytest.approx(229.0510201054789, rel=1e-12)
    wanted = [50.81397961907833, -1.7556193580617627, 83.80066061399839, -8.657279930741753, 104.84927916120579]
    assert paid(figures, "instalments_usd") == pytest.approx(wanted, rel=1e-9)
    assert [month for month, _ in figures["dscr"]] == [12, 24, 36, 60]  # none where nothing is due
    _, _, figures = deal([1000.0], yearly([-10.0, -20.0, -30.0]), loan | {"term_months": 36}, every=12)
    assert figures["sources_usd"]["a"] == 0.0
    assert figures["warnings"] == ["a: no cash"]


def test_half_of_the_excess_is_swept_from_the_end() -> None:
    principal = 1275.0
    scheduled = [19, 40, 60, 75, 80, 85, principal - 359]
    cash = [55.0, 205.0, 220.0, 231.0, 241.0, 251.0, 2000.0]
    note = {
        "amount_usd": principal,
        "rate_fraction_per_year": 0.08,
        "repayment": {"shares": [usd / principal for usd in scheduled]},
        "term_months": 84,
        "sweep_fraction": 0.5,
    }
    _, run, figures = deal([2000.0], yearly(cash), note, every=12)
    swept = [0.0, 32.26, 32.6504, 34.356416, 41.23067264, 48.5798995456]
    assert paid(figures, "sweep_usd")[:6] == pytest.approx(swept, rel=1e-12)
    assert paid(figures, "instalments_usd")[:6] == pytest.approx(scheduled[:6], rel=1e-12)
    assert run.equity[12:84:12] == pytest.approx([-66.0, *swept[1:]], rel=1e-12)
    assert figures["events"] == [("shortfall", 12, pytest.approx(66))]
    loan = note | {
        "amount_usd": 100.0,
        "repayment": {"shares": [0.1] * 10},
        "term_months": 120,
    }
    _, _, figures = deal([200.0], yearly([30.0] * 10), loan, every=12)
    assert paid(figures, "balance_usd")[:6] == pytest.approx([84, 67.36, 50.0544, 32.056576, 13.33883904, 0], abs=1e-9)


def test_reserve_of_six_months_pays_the_last_date() -> None:
    loan = {"amount_usd": 3250, "rate_fraction_per_year": 0.06192, "repayment": "level", "term_months": 180}
    noi = growing(366.1504129481815, 0.03, 15)
    _, run, figures = deal([4000.0], noi, loan, every=6, reserve_months=6, reserve_yield_fraction_per_year=0.035)
    assert figures["uses_usd"]["reserve"] == pytest.approx(167.87680431994357, rel=1e-12)
    assert sum(run.reserve_income[1:7]) == pytest.approx(2.937844075599013, rel=1e-12)
    assert run.reserve[174] == pytest.approx(167.87680431994357, rel=1e-11)
    assert run.reserve[180] == 0.0


def test_balloon_against_the_cash_that_follows() -> None:
    shares = [0, 0, 0.01, 0.01, 0.015, 0.015, 0.02, 0.02, 0.02, 0]
    note = {
        "amount_usd": 3200.0,
        "rate_fraction_per_year": 0.0775,
        "repayment": {"shares": shares},
        "balloon_fraction": 0.89,
        "term_months": 60,
    }
    _, _, figures = deal([4000.0], growing(315.0, 0.03, 10), note, every=6)
    service = [124.0, 124.0, 156.0, 154.76, 169.52, 167.66, 181.8, 179.32, 176.84, 2958.36]
    assert paid(figures, "lender_usd", 6)[:10] == pytest.approx(service, rel=1e-12)
    assert figures["debt_yield"] == [(60, pytest.approx(0.12822027156056884, rel=1e-12))]
    kind, month, usd = figures["events"][-1]
    assert (kind, month) == ("refinancing", 60)
    assert usd == pytest.approx(2848 - (315 * 1.03**4 / 2 - 110.36), rel=1e-9)


def test_statements_of_eight_years() -> None:
    ebitda = [150.0, 160.0, 165.0, 170.0, 175.0, 180.0, 185.0, 190.0]
    ledger = project([1000.0], yearly(ebitda))
    timeline = Timeline("2027-01", 96)
    loan = {"share_of_cost_fraction": 0.75, "rate_fraction_per_year": 0.07, "repayment": "level", "term_months": 96}
    closed, run, figures = financed(ledger, 1, {"every_months": 12, "tranches": {"a": loan}}, timeline, HERE)
    tax = {"rate_fraction": 0.21, "classes": {"building": "straight_line_8"}, "loss_limit_fraction": 0.8}
    found = taxed(ledger, ["it"], tax, timeline, 0.0, books(closed, run, 96))
    taxes = [0, 0, 0, 0.3759347867375161, 0.8492166381012556, 2.8292137847413192, 9.261798053434017, 11.924455998634969]
    assert [row["tax_usd"] for row in found["years"]] == pytest.approx(taxes, rel=1e-11)
    equity = [a - b for a, b in zip(run.equity, found["tax_usd"], strict=True)]
    wanted = [-250, 24.399178131934093, 34.39917813193409, 39.39917813193408, 44.02324334519659]
    assert equity[0:60:12] == pytest.approx(wanted, rel=1e-11)
    assert returns.irr(equity)[0] == pytest.approx(0.06938800786042376, rel=1e-9)
    assert figures["dscr_min_ratio"] == pytest.approx(1.1942597012427478, rel=1e-12)
    sheets = stated(ledger, ledger, ["it"], timeline, tax, found["tax_usd"], closed, run)
    book = [198.1008218680659, 151.31870126689643, 110.01183222364506, 74.56348234736609, 45.383747979747625]
    assert sheets["equity_usd"][12:72:12] == pytest.approx(book, rel=1e-10)
    assert max(sheets["gaps_ratio"].values()) < 1e-12


@pytest.mark.parametrize(
    ("bonus", "total"),
    [pytest.param(1.0, 119.27451934633844, id="bonus"), pytest.param(0.0, 129.50571934633842, id="no bonus")],
)
def test_ten_years_of_limited_interest(bonus: float, total: float) -> None:
    ebitda = [90.0, 185.0, 190.55, 196.2665, 202.154495, 208.21912985]
    ebitda += [214.4657037455, 220.899674857865, 227.526665103601, 234.352465056709]
    interest = [112.0, 104.26869726592757, 95.91889031312934, 86.90109880410725, 77.16188397436338]
    interest += [66.64353195824, 55.28371178082677, 43.01510598922047, 29.76501173428567, 15.454909938956087]
    ledger = Ledger(132)  # an eleventh year, in which everything leaves
    for year, usd in enumerate(ebitda):
        ledger.at_end_of(12 * year + 7, "revenue", usd)
    for share, life in ((600.0, "gpu"), (150.0, "machine"), (250.0, "building")):
        ledger.assets.append(Asset(life, share, 7, 133))
    debt = no_debt(132)
    for year, usd in enumerate(interest):
        debt.interest[12 * year + 1] = usd
    terms = {"regime": "us-federal-2026", "bonus_fraction": bonus, "classes": {"machine": "macrs_15"}}
    found = taxed(ledger, [], terms, Timeline("2027-01", 132), 0.0, debt)
    assert sum(row["tax_usd"] for row in found["years"][:10]) == pytest.approx(total, rel=1e-11)
    if not bonus:
        allowed = [27.0, 55.5, 57.165, 58.87995, 60.6463485]
        assert [row["interest_allowed_usd"] for row in found["years"][:5]] == pytest.approx(allowed, rel=1e-12)


# By hand


def test_lockup_holds_cash_until_the_second_clean_date() -> None:
    loan = {
        "amount_usd": 50.0,
        "rate_fraction_per_year": 0.0,
        "repayment": {"shares": [0.2] * 5},
        "term_months": 5,
    }
    _, run, figures = deal([100.0], [20.0, 11.0, 20.0, 20.0, 20.0], loan, lockup_dscr_ratio=1.2)
    assert run.equity == pytest.approx([-50, 10, 0, 0, 21, 10])
    assert run.cash == pytest.approx([0, 0, 1, 11, 0, 0])
    assert figures["events"] == [("lockup", 2, pytest.approx(1.0))]


def test_what_is_owed_at_the_horizon_is_paid_from_what_is_left() -> None:
    loan = {"amount_usd": 60.0, "rate_fraction_per_year": 0.12, "repayment": "bullet", "term_months": 24}
    ledger = project([100.0], [5.0] * 10)
    ledger.at_end_of(10, "residual", 40.0)
    written = {"every_months": 3, "tranches": {"a": loan}}
    _, run, figures = financed(ledger, 1, written, Timeline("2027-01", 10), HERE)
    assert run.lender["a"] == pytest.approx([-60, 0, 0, 1.8, 0, 0, 1.8, 0, 0, 1.8, 60.6])
    assert run.residual_pays == pytest.approx(40.0)
    assert figures["events"] == [("refinancing", 10, pytest.approx(60.6 - 5 - 40))]
    assert run.equity[10] == pytest.approx(5 + 40 - 60.6)


def test_short_cash_takes_the_reserve_then_equity() -> None:
    loan = {"amount_usd": 30.0, "rate_fraction_per_year": 0.0, "repayment": {"shares": [0.5, 0.5]}, "term_months": 2}
    _, run, figures = deal([100.0], [4.0, 30.0], loan, reserve_months=1 - 1)
    assert figures["events"] == [("shortfall", 1, 11.0)]
    _, run, figures = deal([100.0], [4.0, 30.0, 0.0], loan, reserve_months=1)
    assert figures["events"] == [("reserve_drawn", 1, 11.0)]
    assert run.reserve == [15.0, 4.0, 0.0, 0.0]
    assert run.equity == [-85.0, 0.0, 19.0, 0.0]


def test_two_tranches_share_the_cash_by_rank() -> None:
    senior = {"amount_usd": 400.0, "rate_fraction_per_year": 0.06, "repayment": "level", "term_months": 120}
    junior = {"dscr_ratio": 1.3, "rate_fraction_per_year": 0.09, "repayment": "sculpted", "term_months": 120}
    ledger = project([2000.0], yearly([150.0] * 10))
    written = {"every_months": 12, "tranches": {"one": senior, "two": junior}}
    _, _, figures = financed(ledger, 1, written, Timeline("2027-01", 120), HERE)
    left = 150 / 1.3 - 400 * 0.06 / (1 - 1.06**-10)
    assert figures["sources_usd"]["two"] == pytest.approx(left * (1 - 1.09**-10) / 0.09, rel=1e-12)
    assert [ratio for _, ratio in figures["dscr"]] == pytest.approx([1.3] * 10, rel=1e-12)


@pytest.mark.parametrize("service", [1, 4, 12])
def test_years_of_39_and_of_straight_lines(service: int) -> None:
    ledger = Ledger(36)
    ledger.assets = [Asset("building", 390.0, service, 37), Asset("gpu", 80.0, service, 37)]
    terms = {"rate_fraction": 0.21, "classes": {"gpu": "straight_line_4"}}
    years = taxed(ledger, [], terms, Timeline("2027-01", 36), 0.0, no_debt(36))["years"]
    first = 10 * (12.5 - service) / 12 + 20 * (13 - service) / 12
    assert [row["depreciation_usd"] for row in years] == pytest.approx([first, 30.0, 0.0])
    assert years[2]["gain_usd"] == pytest.approx(-(470 - first - 30))


def test_machines_owned_are_deducted_when_they_go() -> None:
    ledger = Ledger(24)
    ledger.assets = [Asset("machine", 0.0, 1, 7, sunk_eh_per_s=1.0), Asset("machine", 0.0, 1, 25, sunk_eh_per_s=3.0)]
    ledger.sell_at_start_of(7, 50.0)
    terms = {"rate_fraction": 0.5, "basis_of_owned_machines_usd": 80.0}
    found = taxed(ledger, [], terms, Timeline("2027-01", 24), 4.0, no_debt(24))
    assert [row["gain_usd"] for row in found["years"]] == [30.0, -60.0]
    assert found["tax_usd"] == [0.0] * 12 + [15.0] + [0.0] * 12
    assert found["losses_lost_usd"] == 60.0


def test_a_breach_of_the_default_ratio_stops_distributions_as_well() -> None:
    loan = {"amount_usd": 40.0, "rate_fraction_per_year": 0.0, "repayment": {"shares": [0.25] * 4}, "term_months": 4}
    _, run, figures = deal([100.0], [20.0, 10.2, 20.0, 20.0], loan, default_dscr_ratio=1.05)
    assert run.equity == pytest.approx([-60, 10, 0, 0, 20.2])
    assert figures["events"] == [("default", 2, pytest.approx(0.2))]


def test_the_reserve_pays_a_balloon_only_if_no_debt_remains() -> None:
    early = {"amount_usd": 30.0, "rate_fraction_per_year": 0.0, "repayment": "bullet", "term_months": 1}
    late = {"amount_usd": 20.0, "rate_fraction_per_year": 0.0, "repayment": {"shares": [0, 0.5]}, "term_months": 2}
    late |= {"balloon_fraction": 0.5}
    ledger = project([100.0], [8.0, 11.0, 0.0])
    written = {"every_months": 1, "tranches": {"early": early, "late": late}, "reserve_months": 2}
    _, run, figures = financed(ledger, 1, written, Timeline("2027-01", 3), HERE)
    assert run.reserve == [10.0, 10.0, 0.0, 0.0]
    assert figures["events"] == [("refinancing", 1, 22.0)]
    assert run.equity == [-60.0, -22.0, 11.0 + 10.0 - 20.0, 0.0]
    assert figures["debt_yield"] == [(1, 8.0 / 30.0), (2, 19.0 / 10.0)]


def test_cash_that_held_cash_and_reserve_give_is_not_swept() -> None:
    loan = {
        "amount_usd": 60.0,
        "rate_fraction_per_year": 0.0,
        "repayment": "equal_principal",
        "term_months": 6,
        "sweep_fraction": 0.5,
    }
    _, run, _ = deal([100.0], [30.0, 4.0, 12.0, 10.0, 10.0, 10.0], loan, lockup_dscr_ratio=4.0)
    assert run.swept["a"] == pytest.approx([0, 10, 0, 1, 0, 0, 0])
    assert run.balance["a"] == pytest.approx([60, 40, 30, 19, 9, 0, 0])
    assert run.cash == pytest.approx([0, 10, 4, 5, 5, 0, 0])
    assert run.equity[5:] == pytest.approx([6, 10])


def test_interest_paid_in_the_build_is_equitys_and_deducted_fees_are_spread() -> None:
    loan = {
        "amount_usd": 60.0,
        "rate_fraction_per_year": 0.12,
        "interest_in_build": "paid",
        "upfront_fee_fraction": 0.1,
        "discount_fraction": 0.05,
        "repayment": "bullet",
        "term_months": 12,
    }
    ledger = project([50.0, 0.0, 50.0], [4.0] * 22)
    written = {"every_months": 12, "tranches": {"a": loan}}
    closed, run, figures = financed(ledger, 3, written, Timeline("2027-01", 24), HERE)
    assert figures["total_cost_usd"] == pytest.approx(109)
    first = 60 * 59 / 109
    assert run.equity[:3] == pytest.approx([-(59 - first), -first / 100, -(50 - (60 - first)) - first / 100])
    debt = books(closed, run, 24)
    assert sum(debt.fees[:13]) == pytest.approx(6 * 10 / 12)
    assert sum(debt.discount[13:]) == pytest.approx(3 * 2 / 12)
    assert sum(debt.interest[:13]) == pytest.approx(2 * first / 100 + 60 * 0.1)
    assert debt.capitalised == 0.0


def test_a_prepayment_is_taxed_as_received_or_as_rent() -> None:
    ledger = Ledger(24)
    for k in range(1, 25):
        ledger.at_end_of(k, "revenue", 10.0)
    ledger.at_start_of(1, "prepayment", 48.0)
    for k in range(13, 25):
        ledger.at_end_of(k, "prepayment", -3.0)
    ledger.at_end_of(24, "residual", -12.0, PREPAYMENT_OWED)
    timeline = Timeline("2027-01", 24)
    as_rent = taxed(ledger, [], {"rate_fraction": 0.5}, timeline, 0.0, no_debt(24))
    assert [row["tax_usd"] for row in as_rent["years"]] == [60.0, 60.0]
    terms = {"rate_fraction": 0.5, "prepayment_taxed": "received"}
    received = taxed(ledger, [], terms, timeline, 0.0, no_debt(24))
    assert [row["tax_usd"] for row in received["years"]] == [84.0, 36.0]
