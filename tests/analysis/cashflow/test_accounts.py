"""Accounts by period: months added up, balances carried on, and the statements of a plan by hand."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.cashflow.accounts import KINDS, Accounts, Kind, accounts, findings
from minecalc.analysis.cashflow.statement import statement
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.engine.stated import Stated
from minecalc.finance.integrity import TOLERANCE_RATIO, Check
from minecalc.scenario.varying import vary
from tests.by_hand import CONVERSION, LEASE, RENT_A_MONTH, compared
from tests.deals.test_debt_accounts import LOAN
from tests.engine.test_stated import EVERYTHING

HALL = LEASE | {"conversion": CONVERSION}
FINANCED = HALL | {"financing": {"every_months": 6, "tranches": {"loan": LOAN}}}


def everything(months: int = 48) -> PlanEvaluation:
    return compared(EVERYTHING, months=months).plans["it"]


def of(kind: Kind, months_per_period: int = 12, months: int = 48) -> Accounts:
    return accounts(everything(months), kind, months_per_period)


@pytest.mark.parametrize("kind", ["income", "cash", "balance", "debt"])
def test_quarters_and_months_come_to_the_same_as_years(kind: Kind) -> None:
    by_year = of(kind)
    for months in (1, 3):
        step, parts = 12 // months, of(kind, months)
        for year, part in zip(by_year.rows, parts.rows, strict=True):
            assert (year.name, year.use) == (part.name, part.use)
            if year.name == "dscr_min_ratio":
                continue
            groups = [part.values[k : k + step] for k in range(0, len(part.values), step)]
            if year.name.startswith("opening") or year.name.endswith("_opening_usd"):
                wanted = [group[0] for group in groups]
            elif kind == "balance" or year.section == "balance":
                wanted = [group[-1] for group in groups]
            else:
                wanted = [sum(group) for group in groups]
            assert year.values == pytest.approx(wanted, abs=1e-6), year.name


def test_a_statement_of_income_by_hand() -> None:
    """From May on 500,000 a month, 1% a month on 2.5 million for a year, a building for 39 years."""
    found = accounts(compared({"it": FINANCED}).plans["it"], "income", 12)
    worn = 5e6 / 468
    assert found.values("revenue_usd") == pytest.approx((8 * RENT_A_MONTH, 12 * RENT_A_MONTH))
    assert found.values("depreciation_usd") == pytest.approx((-8 * worn, -12 * worn))
    assert found.values("interest_expense_usd") == pytest.approx((-12_500 - 25_000 * 9, -4 * 25_000))
    assert found.values("tax_usd") == (0, 0)
    left = 5e6 - 20 * worn
    assert found.values("net_income_usd")[1] == pytest.approx(12 * (RENT_A_MONTH - worn) - 100_000 - left)


def test_a_balance_sheet_by_hand() -> None:
    found = accounts(compared({"it": FINANCED}).plans["it"], "balance", 12)
    assert found.values("debt_usd") == (2.5e6, 0)
    assert found.values("accrued_interest_usd") == (50_000, 0)
    assert found.values("cash_usd") == (2 * RENT_A_MONTH, 0)
    assert found.values("plant_usd") == pytest.approx((5e6 * (1 - 8 / 468), 0))
    assert found.values("total_assets_usd") == pytest.approx(found.values("liabilities_and_equity_usd"))


def test_the_cash_flow_statement_is_the_lines_of_the_plan() -> None:
    plan = everything()
    found, lines = accounts(plan, "cash", 3), statement(plan, 3)
    for name in ("revenue_usd", "power_usd", "opex_usd", "capex_usd"):
        assert found.values(name) == pytest.approx(lines.row(name).values, abs=1e-6)
    paid = found.values("equity_paid_in_usd"), found.values("distributions_usd")
    equity = [into + out for into, out in zip(*paid, strict=True)]
    change = found.values("change_in_cash_usd")
    before = [
        sum(found.values(name)[k] for name in ("operating_cash_usd", "investing_cash_usd", "financing_cash_usd"))
        for k in range(len(change))
    ]
    assert change == pytest.approx(before, abs=1e-6)
    net = [lines.row("net_usd").values[k] + found.values("tax_usd")[k] * (not plan_pays(plan)) for k in range(16)]
    assert [-usd for usd in equity] == pytest.approx(net, abs=1e-6)
    assert found.values("closing_cash_usd")[:-1] == found.values("opening_cash_usd")[1:]


def plan_pays(plan: PlanEvaluation) -> bool:
    """Whether the plan's own lines hold its tax."""
    return any(line.category == "tax" for line in plan.financing_lines)


def test_every_tranche_closes_with_what_moved_it() -> None:
    found = of("debt", 3)
    moves = ("drawn", "instalments", "cash_sweep", "balloon", "paid_at_end")
    for use in ("senior", "bond"):
        opening, closing = found.values("debt_opening_usd", use), found.values("debt_closing_usd", use)
        moved = zip(*(found.values(f"debt_{move}_usd", use) for move in moves), strict=True)
        assert closing == pytest.approx([begin + sum(usd) for begin, usd in zip(opening, moved, strict=True)], abs=1e-6)
        assert opening[1:] == closing[:-1]
        assert closing[-1] == 0


@pytest.mark.parametrize("what", ["reserve", "escrow", "cash"])
def test_what_is_held_closes_with_what_moved_it(what: str) -> None:
    """Of cash all rows between its opening and its closing are what moves it: the waterfall."""
    found = of("debt", 3)
    names = [row.name for row in found.rows if not row.use]
    between = names[names.index(f"{what}_opening_usd") + 1 : names.index(f"{what}_closing_usd")]
    opening, closing = found.values(f"{what}_opening_usd"), found.values(f"{what}_closing_usd")
    moved = zip(*(found.values(name) for name in between), strict=True)
    assert max(closing) > 0
    assert closing == pytest.approx([begin + sum(usd) for begin, usd in zip(opening, moved, strict=True)], abs=1e-6)


def test_cover_is_the_least_of_the_dates_of_a_period() -> None:
    """3 million in half a year cover 150,000 of interest, but for the first year and where nothing is due."""
    found = accounts(compared({"it": FINANCED}).plans["it"], "debt", 3)
    (row,) = (row for row in found.rows if row.name == "dscr_min_ratio")
    assert [value for value in row.values if value == value] == [20, 20]
    assert [value == value for value in row.values] == [False] * 3 + [True, False, True, False, False]
    assert (row.total, row.reason) == (20, "nothing is due")


def test_tax_goes_by_calendar_years() -> None:
    plan = compared(EVERYTHING, months=21, start="2026-10").plans["it"]
    found = accounts(plan, "tax", 1)
    assert [period.label for period in found.periods] == ["2026", "2027", "2028"]
    assert [(period.first, period.last) for period in found.periods] == [(1, 3), (4, 15), (16, 21)]
    income = found.values("operating_income_usd")
    assert sum(income) == pytest.approx(sum(accounts(plan, "income", 12).values("ebitda_usd")))
    allowed, deducted = found.values("interest_allowed_usd"), found.values("depreciation_usd")
    gains = [a + b for a, b in zip(found.values("disposal_proceeds_usd"), found.values("basis_left_usd"), strict=True)]
    rest = [found.values(name) for name in ("fees_amortised_usd", "reserve_income_usd")]
    sums = [sum(parts) for parts in zip(income, allowed, deducted, gains, *rest, strict=True)]
    assert found.values("income_before_losses_usd") == pytest.approx(sums, abs=1e-6)


def test_rounding_is_shown_as_nothing() -> None:
    for kind in KINDS:
        for row in of(kind).rows:
            largest = max((abs(value) for value in row.values if value == value), default=0.0)
            assert all(value == 0 or value != value or abs(value) > 1e-12 * largest for value in row.values), row.name


@pytest.mark.parametrize("kind", ["debt", "tax"])
def test_what_a_plan_lacks_has_no_account(kind: Kind) -> None:
    with pytest.raises(ValueError, match="no debt" if kind == "debt" else "not taxed"):
        accounts(compared({"it": HALL}).plans["it"], kind, 12)


def test_a_plan_of_equity_alone_has_the_other_three() -> None:
    for kind in ("income", "cash", "balance"):
        found = accounts(compared({"it": HALL}).plans["it"], kind, 12)
        assert all(check.holds for check in found.checks)
        assert len(found.checks) == 8


def test_a_case_of_many_is_that_case_alone() -> None:
    scenario = compared({"it": FINANCED}).scenario
    rents = [80.0, 100.0, 120.0]
    many = evaluate(vary(scenario, {"plans.it.rent_usd_per_kw_per_month": rents})).plans["it"]
    for case, rent in enumerate(rents):
        alone = evaluate(vary(scenario, {"plans.it.rent_usd_per_kw_per_month": [rent]})).plans["it"]
        for kind in ("cash", "balance"):
            assert accounts(many, kind, 3, case).rows == accounts(alone, kind, 3).rows
        assert findings(Stated(many), case) == findings(Stated(alone))


def failing(place: str, row: int) -> Stated:
    """Statements whose only check is off by a thousandth of the building's cost in a row."""
    gaps = np.zeros((25, 1))
    gaps[row] = 5_000.0
    found = Stated(compared({"it": HALL}).plans["it"])
    vars(found)["checks"] = [Check("the books balance", place, gaps)]  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("place", "row", "where"),
    [("month", 3, "2027-04"), ("point", 3, "2027-03"), ("point", 0, "2027-01"), ("horizon", 0, "2028-12")],
)
def test_a_check_that_does_not_hold_says_by_how_much_and_where(place: str, row: int, where: str) -> None:
    (found,) = findings(failing(place, row))
    assert found == ("the books balance", 5_000.0, 0.001, where)
    assert not found.holds
    assert found._replace(gap_ratio=TOLERANCE_RATIO).holds
    assert not found._replace(gap_ratio=float("nan")).holds
