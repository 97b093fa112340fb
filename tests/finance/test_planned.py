"""The guess at cash, reserve and hold: right where no reserve stands beside a sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.finance.month import month_of
from minecalc.finance.waterfall import Covenants, Waterfall, periods_ahead, waterfall
from tests.finance.test_waterfall import cash_of, loan

EVERY, DATES = 3, 8
#: Service of 400 at 5 % a date is 70, 67.5, .. 62.5 on the fourth: enough cash; once a DSCR of 1.12; once too little.
ENOUGH, LOW, SHORT = [200.0] * DATES, [200.0] * 3 + [70.0] + [200.0] * 4, [200.0] * 3 + [30.0] + [200.0] * 4


def operated(
    of_dates: list[float], monkeypatch: pytest.MonkeyPatch, *, copies: int = 1, sweep: float = 0.0, months: float = 3.0
) -> tuple[Waterfall, int]:
    """The waterfall of so much CFADS a date, ``copies`` of it side by side, and how often the rules were asked.

    The reserve holds the service of so many ``months``, and ``sweep`` is the fraction that is swept.
    """
    calls = list[int]()

    def counted(*given: Any) -> Any:
        calls.append(1)
        return month_of(*given)

    monkeypatch.setattr("minecalc.finance.waterfall.month_of", counted)
    monthly = np.repeat(of_dates, EVERY)[:, None] / EVERY * np.ones(copies)
    cash = cash_of(np.concatenate([np.zeros((1, copies)), monthly]), every=EVERY)
    senior = loan(EVERY * DATES, 400.0, *[50.0] * DATES, rate=0.05 / EVERY, every=EVERY, sweep=sweep)
    covenants = Covenants(EVERY, 70.0 * months / EVERY, periods_ahead(months, EVERY), 0.002, 1.2, 1.05)
    found = waterfall(cash, covenants, [senior])
    monkeypatch.undo()
    return found, len(calls)


def flows(found: Waterfall) -> list[FloatArray]:
    """All that a waterfall is made of, of its first case."""
    (paid,) = found.tranches
    return [rows[:, 0] for rows in (*found[:-1], *paid)]


@pytest.mark.parametrize("of_dates", [ENOUGH, LOW, SHORT])
def test_few_cases_together_are_many_date_by_date_to_the_bit(
    of_dates: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    few, _ = operated(of_dates, monkeypatch)
    many, _ = operated(of_dates, monkeypatch, copies=600)
    assert np.array_equal(flows(few), flows(many))


def test_the_rules_are_asked_once_for_each_month_of_a_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start and horizon apart, the three months of all periods together, held back or short of cash as well."""
    (_, enough), (low, as_often), (short, again) = (operated(one, monkeypatch) for one in (ENOUGH, LOW, SHORT))
    assert enough == as_often == again == 2 + EVERY
    assert np.flatnonzero(low.held[:, 0]).tolist() == list(range(12, 18))
    assert low.cash_usd[12, 0] > 0.0
    assert short.reserve_drawn_usd[12, 0] > 0.0


@pytest.mark.parametrize(("months", "owed", "as_often"), [(0.0, 285.0, True), (3.0, 283.75, False)])
def test_a_sweep_is_foreseen_without_a_reserve(
    months: float, owed: float, as_often: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of 200 less 70 is swept on the first date: 285 are left of 350; a reserve gives 2.5 to it."""
    found, calls = operated(ENOUGH, monkeypatch, sweep=0.5, months=months)
    many, _ = operated(ENOUGH, monkeypatch, copies=600, sweep=0.5, months=months)
    assert np.array_equal(flows(found), flows(many))
    assert found.tranches[0].owed_usd[EVERY, 0] == pytest.approx(owed)
    assert (calls == 2 + EVERY) == as_often


def test_cases_may_differ_in_the_last_date_alone() -> None:
    """Half of the loan falls due with its fourth date in one case of two: side by side they are what each is alone."""
    cash = cash_of(np.full((EVERY * DATES + 1, 1), 200.0 / EVERY), every=EVERY)
    senior = loan(EVERY * DATES, 400.0, *[50.0] * DATES, every=EVERY)
    last = senior.terms.dates.last
    covenants = Covenants(EVERY, 70.0, periods_ahead(3.0, EVERY), 0.0, 1.2, 1.05)

    def with_last(rows: FloatArray) -> Waterfall:
        dates = senior.terms.dates._replace(last=rows)
        return waterfall(cash, covenants, [senior._replace(terms=senior.terms._replace(dates=dates))])

    earlier = np.roll(last, -4 * EVERY, axis=0)
    both = with_last(np.concatenate([last, earlier], axis=1))
    for case, alone in enumerate((with_last(last), with_last(earlier))):
        (paid,), (own,) = both.tranches, alone.tranches
        for rows, of_one in zip((*both[:-1], *paid), (*alone[:-1], *own), strict=True):
            assert np.array_equal(np.broadcast_to(rows, (len(rows), 2))[:, case], of_one[:, 0])
    assert both.tranches[0].owed_usd[4 * EVERY].tolist() == [200.0, 0.0]
