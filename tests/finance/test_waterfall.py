"""Operation by hand, date by date, and against ``oracles/debt.json`` and ``oracles/finance-2.json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray, as_row, truth
from minecalc.finance import debt
from minecalc.finance.waterfall import Cash, Covenants, Owed, Waterfall, periods_ahead, waterfall
from minecalc.trace import Traced
from tests.finance.deals import by_point, oracle, points
from tests.trace.replaying import replay

DEBT, FINANCE = oracle("debt"), oracle("finance-2")


def loan(
    count: int,
    amount: Any,
    *instalments: float,
    rate: float = 0.0,
    every: int = 1,
    last: int | None = None,
    sweep: Any = 0.0,
    starts: FloatArray | None = None,
) -> Owed:
    """A loan of ``amount`` that repays so much on each date, and what is left on the ``last``, if not of the points."""
    since = points(count) - (as_row(0.0) if starts is None else starts)
    ends = float(len(instalments) * every if last is None else last)
    terms = debt.terms(debt.dates(since, every, as_row(float(every)), as_row(ends)), truth(since > 0) * rate, 0.0)
    repaid = np.zeros(since.shape)
    for number, usd in enumerate(instalments, 1):
        repaid += (since == number * every) * usd
    return Owed(terms, repaid, amount, sweep)


def cash_of(cfads: FloatArray, *, every: int = 1, residual: float = 0.0, starts: FloatArray | None = None) -> Cash:
    """Cash of operation from ``starts``, or point 0, to the last point, with a ``residual`` at that."""
    at = points(len(cfads) - 1)
    since = at - (as_row(0.0) if starts is None else starts)
    dates, ends = truth(debt.is_date(since, every)), truth(at == len(cfads) - 1)
    cfads = cfads * (since > 0)
    of_periods = debt.period_totals(cfads, dates) * dates
    return Cash(cfads, of_periods, of_periods, ends * residual, truth(since == 0), dates, ends)


def flow(
    cfads: Sequence[float],
    *loans: Owed,
    every: int = 1,
    residual: float = 0.0,
    reserve: Any = 0.0,
    months: float = 0.0,
    yields: float = 0.0,
    lockup: Any = 0.0,
    default: Any = 0.0,
) -> Waterfall:
    """The waterfall of ``cfads`` of points 1, 2, .., the last the horizon."""
    covenants = Covenants(every, reserve, periods_ahead(months, every), yields, lockup, default)
    cash = cash_of(np.array([0.0, *cfads])[:, None], every=every, residual=residual)
    return waterfall(cash, covenants, loans)


def test_service_is_paid_and_the_rest_is_equitys() -> None:
    """100 at 10 %, 50 a date: 60 and 55 of 70 and 80."""
    found = flow([70, 80, 5], loan(3, 100.0, 50, 50, rate=0.1))
    (paid,) = found.tranches
    assert by_point(paid.interest_usd) == pytest.approx([0, 10, 5, 0])
    assert by_point(paid.instalment_usd) == [0, 50, 50, 0]
    assert by_point(paid.owed_usd) == [100, 50, 0, 0]
    assert by_point(found.distribution_usd) == pytest.approx([0, 10, 25, 5])
    assert by_point(found.equity_usd) == by_point(found.distribution_usd)
    for nothing in (found.shortfall_usd, found.refinancing_usd, found.cash_usd, paid.balloon_usd, paid.sweep_usd):
        assert not nothing.any()


def test_between_dates_cash_accumulates_and_equity_pays_what_is_below_zero() -> None:
    found = flow([10, -30, 25, 7, 1, 2], loan(6, 20.0, 10, 10, every=3), every=3)
    assert by_point(found.cash_usd) == [0, 10, 0, 0, 7, 8, 0]
    assert by_point(found.shortfall_usd) == [0, 0, 20, 0, 0, 0, 0]
    assert by_point(found.distribution_usd) == [0, 0, 0, 15, 0, 0, 0]


def test_cash_below_zero_on_a_date_is_equitys_before_what_is_due() -> None:
    found = flow([-4, 50], loan(2, 20.0, 10, 10), reserve=6.0, months=1.0)
    assert by_point(found.shortfall_usd) == [0, 4 + 10 - 6, 0]
    assert by_point(found.reserve_drawn_usd) == [0, 6, 0]


def test_without_debt_all_flows_to_equity_monthly() -> None:
    found = flow([3, -2, 9, 4, -5, 6], loan(6, 0.0, 0, 0, every=3), every=3, lockup=5.0)
    assert by_point(found.equity_usd) == [0, 3, -2, 9, 4, -5, 6]
    after = flow([3, 1, 20, 4, -5, 6], loan(6, 10.0, 10, every=3), every=3)
    assert by_point(after.distribution_usd) == [0, 0, 0, 14, 4, -5, 6]
    assert not after.shortfall_usd.any()


def test_the_reserve_pays_first_what_cash_does_not_and_is_filled_again() -> None:
    """Target 10, the next instalment. The second date has 4: 6 from reserve; the third 17: 10, 6 to reserve."""
    found = flow([30, 4, 17, 30], loan(4, 40.0, 10, 10, 10, 10), reserve=10.0, months=1.0)
    assert by_point(found.reserve_drawn_usd) == [0, 0, 6, 0, 0]
    assert by_point(found.reserve_usd) == [10, 10, 4, 10, 0]
    assert by_point(found.distribution_usd) == [0, 20, 0, 1, 20 + 10]
    found = flow([30, 0, 0, 30], loan(4, 40.0, 10, 10, 10, 10), reserve=10.0, months=1.0)
    assert by_point(found.shortfall_usd) == [0, 0, 0, 10, 0]


def test_the_reserves_target_falls_with_what_is_due_next_and_it_earns() -> None:
    """Targets 30, then 20, then 10 (interest none): each date releases 10; the reserve earns 1 % a point."""
    found = flow([50, 50, 50, 50], loan(4, 100.0, 40, 30, 20, 10), reserve=40.0, months=1.0, yields=0.01)
    assert by_point(found.reserve_usd) == [40, 30, 20, 10, 0]
    assert by_point(found.reserve_income_usd) == pytest.approx([0, 0.4, 0.3, 0.2, 0.1])
    assert by_point(found.distribution_usd) == pytest.approx([0, 20.4, 30.3, 40.2, 50.1])


def test_the_target_is_projected_and_counts_part_of_a_period() -> None:
    """After the first date 80 are owed at 10 %: the next pays 8 + 20, and half of what follows, 6 + 20, counts."""
    found = flow([99, 99, 99, 99, 99], loan(5, 100.0, 20, 20, 20, 20, 20, rate=0.1), reserve=0.0, months=1.5)
    assert by_point(found.reserve_usd)[1:4] == pytest.approx([28 + 13, 26 + 12, 24 + 11])


def test_a_balloon_is_paid_by_cash_then_by_the_reserve_then_by_equity() -> None:
    found = flow([15, 25, 0], loan(3, 100.0, 10, 10), reserve=10.0, months=1.0)
    (paid,) = found.tranches
    assert by_point(paid.balloon_usd) == [0, 0, 80, 0]
    assert by_point(found.refinancing_usd) == [0, 0, 80 - 15 - 10, 0]
    assert by_point(found.reserve_drawn_usd) == [0, 0, 0, 0]  # that is for service
    assert by_point(found.equity_usd) == [0, 5, -55, 0]


def test_the_reserve_pays_no_balloon_while_there_is_other_debt() -> None:
    first, second = loan(3, 50.0, 10, 10), loan(3, 30.0, 10, 10, 10)
    found = flow([20, 20, 10], first, second, reserve=20.0, months=1.0)
    assert by_point(found.refinancing_usd) == [0, 0, 30, 0]
    assert by_point(found.reserve_usd)[2] == 10  # what is due next; the rest of it is let go
    assert by_point(found.distribution_usd)[2] == 10


def test_a_sweep_takes_its_part_by_seniority_off_the_last_payments() -> None:
    """Spare 40: half to the first, half of the other 20 to the second; both repay sooner."""
    first, second = loan(3, 60.0, 10, 10, last=3, sweep=0.5), loan(3, 30.0, 10, 10, 10, sweep=0.5)
    found = flow([60, 60, 60], first, second)
    one, two = found.tranches
    assert by_point(one.sweep_usd) == [0, 20, 20, 0]
    assert by_point(two.sweep_usd) == [0, 10, 0, 0]
    assert by_point(two.owed_usd) == [30, 10, 0, 0]
    assert by_point(one.owed_usd) == [60, 30, 0, 0]
    assert by_point(found.distribution_usd) == [0, 10, 20, 60]


def test_cash_is_held_below_the_lock_up_until_the_second_clean_date() -> None:
    found = flow([20, 11, 20, 11, 20, 20, 20], loan(7, 70.0, *[10] * 7), lockup=1.2)
    assert by_point(found.held) == [0, 0, 1, 2, 1, 2, 0, 0]
    assert by_point(found.cash_usd) == [0, 0, 1, 11, 12, 22, 0, 0]
    assert by_point(found.distribution_usd) == [0, 10, 0, 0, 0, 0, 32, 10]
    assert not found.breached.any()


def test_a_breach_is_one_by_more_than_rounding_and_holds_cash_too() -> None:
    tight = flow([12 - 1e-9, 12, 12], loan(3, 30.0, 10, 10, 10), default=1.2)
    assert not tight.breached.any()
    found = flow([12 - 1e-7, 12, 99], loan(3, 30.0, 10, 10, 10), default=1.2)
    assert by_point(found.breached) == [0, 1, 0, 0]
    assert by_point(found.distribution_usd) == pytest.approx([0, 0, 0, 2 + 2 + 89])  # repaid: all is let go
    assert by_point(found.held) == [0, 1, 2, 0]
    always = flow([11, 11, 11, 11], loan(4, 30.0, 10, 10, 10), lockup=1.2)
    assert by_point(always.held) == [0, 1, 1, 0, 0]


def test_a_date_on_which_nothing_is_due_is_clean() -> None:
    found = flow([0, 0, 5, 12, 99], loan(5, 20.0, 0, 0, 10, 0, 10), lockup=1.2)
    assert by_point(found.held)[:5] == [0, 0, 0, 1, 2]


def test_what_is_owed_at_the_horizon_is_paid_by_cash_reserve_and_residual() -> None:
    """Five points, a date at each second of twenty: at T 60 and a month's interest, of 7, the reserve and 30."""
    long = loan(20, 100.0, *[20] * 10, rate=0.01, every=2)
    given_: dict[str, Any] = {"every": 2, "reserve": 20.0, "months": 2.0}
    found = flow([20, 20, 20, 20, 7], long, residual=30.0, **given_)
    (paid,) = found.tranches
    assert by_point(paid.at_end_usd) == pytest.approx([0, 0, 0, 0, 0, 60.6])
    assert by_point(paid.interest_usd)[5] == 0
    assert found.from_residual_usd[5, 0] == 30
    in_reserve = found.reserve_usd[4, 0]
    assert in_reserve == pytest.approx(20 + 60 * 0.02)
    assert found.refinancing_usd[5, 0] == pytest.approx(60.6 - 7 - in_reserve - 30)
    assert found.distribution_usd[5, 0] == 0
    rich = flow([20, 20, 20, 20, 7], long, residual=90.0, **given_)
    assert rich.refinancing_usd[5, 0] == 0
    assert rich.from_residual_usd[5, 0] == pytest.approx(60.6 - 7 - in_reserve)
    assert flow([20, 20, 20, 20, 7], long, residual=-5.0, **given_).from_residual_usd[5, 0] == 0


def test_a_horizon_on_a_date_pays_instalments_as_ever_and_lets_all_cash_go() -> None:
    found = flow([11, 11], loan(2, 40.0, 10, 10, 10, 10), residual=100.0, lockup=1.5)
    (paid,) = found.tranches
    assert by_point(paid.instalment_usd) == [0, 10, 10]
    assert by_point(paid.at_end_usd) == [0, 0, 20]
    assert by_point(found.cash_usd) == [0, 1, 0]
    assert by_point(found.from_residual_usd) == [0, 0, 18]


def test_nothing_is_swept_or_reserved_on_a_date_at_the_horizon() -> None:
    found = flow([30, 30], loan(20, 100.0, *[10] * 10, sweep=0.5), reserve=10.0, months=1.0)
    (paid,) = found.tranches
    assert by_point(paid.sweep_usd) == [0, 10, 0]
    assert by_point(paid.at_end_usd) == [0, 0, 70]
    assert by_point(found.reserve_usd) == [10, 10, 0]
    assert by_point(found.refinancing_usd) == [0, 0, 70 - 20 - 10]


def test_what_fills_the_reserve_is_not_swept() -> None:
    """The second date has 20: 10 are due and 6 are missing in the reserve, so that 2 of 4 are swept."""
    found = flow([14, 20, 99], loan(3, 60.0, 20, 10, 10, sweep=0.5, last=3), reserve=16.0, months=1.0)
    (paid,) = found.tranches
    assert by_point(found.reserve_usd)[:2] == [16, 10]
    assert by_point(paid.sweep_usd)[:2] == [0, 0]
    low = flow([4, 20, 99, 99], loan(4, 60.0, 10, 10, 10, 10, sweep=0.5), reserve=10.0, months=1.0)
    assert by_point(low.reserve_usd)[:3] == [10, 4, 10]
    assert by_point(low.tranches[0].sweep_usd)[:3] == [0, 0, 2]


def test_sweeping_half_on_top_of_ten_a_year() -> None:
    case = DEBT["sweep-50-on-top-of-scheduled"]
    given_ = case["inputs"]
    ten = loan(10, given_["debt"], *[given_["scheduled_principal"]] * 10, rate=given_["rate"], sweep=given_["sweep"])
    (paid,) = flow([given_["cfads"]] * 10, ten).tranches
    for row in case["expected"]["schedule"]:
        year = row["year"]
        assert paid.interest_usd[year, 0] == pytest.approx(row["interest"], abs=1e-9)
        assert paid.sweep_usd[year, 0] == pytest.approx(row["sweep"], abs=1e-9)
        assert paid.instalment_usd[year, 0] == pytest.approx(row["scheduled"], abs=1e-9)
        assert paid.owed_usd[year, 0] == pytest.approx(row["balance"], abs=1e-9)
    assert not paid.owed_usd[case["expected"]["years"] :].any()


def test_an_offer_of_excess_cash_flow_as_published() -> None:
    case = FINANCE["excess-cash-flow-offer-50"]
    given_, expected = case["inputs"], case["expected"]
    years = len(given_["cfads"])
    bond = loan(
        years + 1,
        given_["principal"],
        *given_["scheduled"],
        rate=given_["rate"],
        last=years + 1,
        sweep=given_["sweep_share"],
    )
    found = flow([*given_["cfads"], 0], bond)
    (paid,) = found.tranches
    assert by_point(paid.interest_usd)[1:-1] == pytest.approx(expected["interest"], rel=1e-9)
    assert by_point(paid.instalment_usd)[1:-1] == pytest.approx(expected["scheduled_paid"], rel=1e-9)
    assert by_point(paid.sweep_usd)[1:-1] == pytest.approx(expected["swept"], rel=1e-9)
    assert by_point(paid.owed_usd)[1:-1] == pytest.approx(expected["balance"], rel=1e-9)
    assert by_point(found.equity_usd)[1:-1] == pytest.approx(expected["to_equity"], rel=1e-9)


def test_six_months_of_service_in_reserve_pay_the_last() -> None:
    case = FINANCE["dsra-six-months"]
    given_, expected = case["inputs"], case["expected"]
    dates, service = given_["life_half_years"], given_["debt_service_per_half_year"]
    since = points(6 * dates)
    terms = debt.terms(debt.dates(since, 6, as_row(6.0), as_row(6.0 * dates)), truth(since > 0) * (0.06192 / 12), 0.0)
    bond = Owed(terms, debt.level(terms, 3250.0).instalment_usd, 3250.0, 0.0)
    cfads = [service / 5] * (6 * (dates - 1)) + [0.0] * 6
    found = flow(cfads, bond, every=6, reserve=service, months=6.0, yields=given_["earning_rate"] / 12)
    assert found.reserve_usd[0, 0] == pytest.approx(expected["initial_funding"], rel=1e-9)
    assert found.reserve_usd[6 * (dates - 1), 0] == pytest.approx(expected["release_at_last_payment"], rel=1e-9)
    half_year = found.reserve_income_usd[1:7].sum()
    assert half_year == pytest.approx(expected["interest_income_per_half_year"], rel=1e-9)
    paid = found.reserve_drawn_usd[-1, 0] > 0.0
    assert paid == expected["last_payment_paid_from_reserve"]
    assert found.reserve_drawn_usd[-1, 0] == pytest.approx(service - half_year, rel=1e-9)  # its income pays with it


amounts = st.floats(-50.0, 150.0).map(lambda usd: round(usd, 2))


@given(
    st.lists(amounts, min_size=12, max_size=12),
    st.lists(st.floats(0.0, 40.0), min_size=4, max_size=4),
    st.floats(0.0, 60.0),
    st.floats(0.0, 1.0),
    st.sampled_from([0.0, 1.2]),
    st.sampled_from([0.0, 2.0, 4.0]),
)
def test_cash_is_neither_made_nor_lost(
    cfads: list[float], instalments: list[float], more: float, sweep: float, lockup: float, months: float
) -> None:
    """At each point: what operation, the reserve and equity bring is what is paid and what is kept."""
    first = loan(12, sum(instalments) + more, *instalments, rate=0.01, every=2, sweep=sweep)
    second = loan(12, 20.0, 5, 5, 5, 5, 0, 0, rate=0.02, every=2)
    reserve = 15.0 if months else 0.0
    found = flow(
        cfads, first, second, every=2, reserve=reserve, months=months, yields=0.003, lockup=lockup, residual=9.0
    )
    held = found.cash_usd + found.reserve_usd
    kept = np.diff(held, axis=0, prepend=np.array([[reserve]]))
    paid = sum(sum(one[:-1], np.zeros((13, 1))) for one in found.tranches)
    incoming = np.array([0.0, *cfads])[:, None] + found.reserve_income_usd - found.equity_usd
    assert incoming == pytest.approx(paid + kept, abs=1e-9)
    for one, lent in zip(found.tranches, (first, second), strict=True):
        repaid = (one.instalment_usd + one.balloon_usd + one.sweep_usd + one.at_end_usd).sum()
        assert repaid == pytest.approx(lent.amount_usd, abs=1e-9)
        assert one.owed_usd[-1, 0] == 0.0
        assert one.owed_usd.min() >= 0.0
    assert held.min() >= 0.0


def _many(cases: int) -> tuple[Cash, Covenants, list[Owed]]:
    """Random cases that start apart, some of them without debt."""
    random = np.random.default_rng(11)
    starts = random.integers(0, 5, cases)[None, :].astype(float)
    amount = random.uniform(0, 100, cases) * (random.random(cases) > 0.2)
    cash = cash_of(random.normal(8, 15, (25, cases)), every=3, residual=20.0, starts=starts)
    loans = [
        loan(24, amount, *[9.0] * 6, rate=0.01, every=3, sweep=random.uniform(0, 1, cases), starts=starts),
        loan(24, amount / 2, *[5.0] * 9, rate=0.02, every=3, starts=starts),
    ]
    covenants = Covenants(3, amount / 8, periods_ahead(5.0, 3), 0.002, random.choice([0.0, 1.3], cases), 1.05)
    return cash, covenants, loans


def _case(value: Any, case: int) -> Any:
    """One case of what a waterfall takes or finds."""
    if isinstance(value, tuple | list):
        parts = [_case(part, case) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value[..., [case]] if isinstance(value, np.ndarray) and value.shape[-1] > 1 else value


def _arrays(found: Waterfall) -> list[FloatArray]:
    return [*found[:-1], *(usd for paid in found.tranches for usd in paid)]


def test_a_case_has_the_same_bits_alone_and_among_others() -> None:
    """Alone it has rows in which nothing happens, among cases that start apart it has none."""
    cash, covenants, loans = _many(40)
    assert ((cash.begins + cash.dates + cash.ends).max(axis=1) > 0).all()
    together = waterfall(cash, covenants, loans)
    for case in range(40):
        alone = waterfall(*(_case(part, case) for part in (cash, covenants, loans)))
        for one, among in zip(_arrays(alone), _arrays(together), strict=True):
            assert one.tobytes() == np.ascontiguousarray(_case(among, case)).tobytes()


def test_a_traced_waterfall_says_the_same_and_is_computed_again_to_the_bit() -> None:
    cash, covenants, loans = (_case(part, 3) for part in _many(40))
    plain = waterfall(cash, covenants, loans)
    earned: Any = Traced(cash.cfads_usd, "input", name="earned_usd")
    steps: list[Any] = _arrays(waterfall(cash._replace(cfads_usd=earned), covenants, loans))
    computed = [place for place, step in enumerate(steps) if type(step) is Traced]
    assert len(computed) == len(steps) - 1  # the second loan sweeps nothing
    for step, values in zip(steps, _arrays(plain), strict=True):
        assert np.array_equal(step.value if type(step) is Traced else step, values)
    again = replay([steps[place] for place in computed], {"earned_usd": cash.cfads_usd - 3.0})
    other = _arrays(waterfall(cash._replace(cfads_usd=cash.cfads_usd - 3.0), covenants, loans))
    for values, place in zip(again, computed, strict=True):
        assert np.array_equal(values, other[place])
