"""Formulas as text, on small traces whose wording can be read off."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.explain.formulas import Formula, Writer, resolved
from minecalc.analysis.explain.graph import beside
from minecalc.analysis.explain.wording import element, number, short_name
from minecalc.arrays import (
    accumulate,
    added,
    as_row,
    at_month,
    at_points,
    last_largest,
    lump,
    recurrence,
    recurrences,
    rows_at,
    running_total,
    truth,
)
from minecalc.timeline import Timeline, parse_month
from minecalc.trace import Traced, named, recorded

TIMELINE = Timeline(parse_month("2027-01"), 3)


def leaf(name: str, *rows: float, op: str = "input") -> Any:
    return Traced(np.array(rows)[:, None] if len(rows) > 1 else np.array(rows[0]), op, name=name)


def written(step: Any, row: int | None = None) -> Formula:
    return Writer(TIMELINE, short_name).formula(step, row)


A, B = leaf("site.a_usd", 4.0), leaf("market.b_ratio", 2.0)
C = leaf("plans.lease.c_usd", 1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("step", "names", "numbers"),
    [
        (A + B * 3.0, "a_usd + b_ratio × 3", "$4 + 2 × 3"),
        ((A + B) * 3.0, "(a_usd + b_ratio) × 3", "($4 + 2) × 3"),
        (A - (B - 1.0), "a_usd − (b_ratio − 1)", "$4 − (2 − 1)"),
        (A / (B * 2.0), "a_usd / (b_ratio × 2)", "$4 / (2 × 2)"),
        ((1.0 + A) ** -B, "(1 + a_usd)^(−b_ratio)", "(1 + $4)^(−2)"),
        (0.0 - A, "−a_usd", "−$4"),
        (A * 1.0 + np.zeros((1, 1)), "a_usd", "$4"),
        (np.maximum(A, B) - A, "max(a_usd, b_ratio) − a_usd", "max($4, 2) − $4"),
        ((A >= 2.0) & ~(B < 1.0), "a_usd ≥ 2 and not b_ratio < 1", "$4 ≥ 2 and not 2 < 1"),
        (np.where(A > B, A * 2.0, 0.0), "a_usd × 2 if a_usd > b_ratio, else 0", "$4 × 2"),
        (np.where(A < B, A * 2.0, B), "a_usd × 2 if a_usd < b_ratio, else b_ratio", "2"),
        (A / np.where(B > 0.0, B, 1.0), "a_usd / b_ratio", "$4 / 2"),
        (np.where(np.array([True]), A, np.nan), "a_usd", "$4"),
        (A + -1.0, "a_usd − 1", "$4 − 1"),
        (truth(A > 1.0) * as_row(B), "(a_usd > 1) × b_ratio", "($4 > 1) × 2"),
    ],
)
def test_a_calculation_reads_as_it_is(step: Any, names: str, numbers: str) -> None:
    assert written(step)[:2] == (names, numbers)


def test_parts_are_the_named_quantities_once() -> None:
    half = named("half_usd", A / 2.0)
    assert [part.step for part in written(half + B + half).parts] == [half, B]


def test_over_time() -> None:
    total: Any = accumulate(C * B)
    assert written(total) == ("the sum of (c_usd × b_ratio) over time", "$2 + $4 + $6", ((C, None), (B, None)))
    so_far: Any = running_total(C)
    so_far.name = "so_far_usd"
    assert written(so_far, 2)[:2] == ("its value of the month before + c_usd", "$3 + $3")
    assert written(at_month(C, B))[:2] == ("c_usd of month b_ratio", "$2")
    assert written(at_month(C, 3.0))[:2] == ("c_usd", "$3")
    paid: Any = lump(3, B, A)
    assert written(paid, 1)[:2] == ("a_usd in month b_ratio, else 0", "$4")
    assert written(paid, 0).numbers == "0"
    assert written(last_largest(C)).names == "the month in which c_usd is largest, the last of equals"


def test_a_recurrence_is_its_row_from_the_row_before() -> None:
    owed: Any = recurrence(lambda owed, paid, rate: owed * (1.0 + rate) - paid, A, running_total(C), as_row(B))
    assert written(owed, 0)[:2] == (
        "a_usd × (1 + b_ratio) − (its value of the month before + c_usd)",
        "$4 × (1 + 2) − ($0 + $1)",
    )
    named("owed_usd", owed)
    names, numbers, parts = written(owed, 2)
    assert names == "its value of the month before × (1 + b_ratio) − (its value of the month before + c_usd)"
    assert numbers == "$30 × (1 + 2) − ($3 + $3)"
    assert parts == ((B, None), (C, 2))
    late: Any = recurrence(lambda count, holds: np.where(holds, count + 1.0, 0.0), 0.0, truth(C > 1.0))
    assert written(late, 2)[:2] == ("its value of the month before + 1 if c_usd > 1, else 0", "1 + 1")
    assert written(late, 0)[:2] == ("its value of the month before + 1 if c_usd > 1, else 0", "0")


def sweep(cash: Any, owed: Any, _: Any, rate: Any, earned: Any) -> tuple[Any, Any, Any]:
    due = owed * (1.0 + rate)
    paid = np.minimum(np.maximum(cash + earned, 0.0), due)
    return cash + earned - paid, due - paid, paid


def test_a_row_of_several_recurrences_is_written_from_the_rows_before_of_all() -> None:
    cash, owed, paid = recurrences(sweep, (A, 100.0, 0.0), as_row(B), C)
    assert written(paid, 2)[:2] == (
        "min(max(state 1 of the month before + c_usd, 0), state 2 of the month before × (1 + b_ratio))",
        "min(max(0 + $3, 0), 883 × (1 + 2))",
    )
    assert written(paid, 0)[:2] == (
        "min(max(a_usd + c_usd, 0), state 2 of the month before × (1 + b_ratio))",
        "min(max($4 + $1, 0), 100 × (1 + 2))",
    )
    assert written(owed, 1).names == (
        "its value of the month before × (1 + b_ratio) − "
        "min(max(state 1 of the month before + c_usd, 0), its value of the month before × (1 + b_ratio))"
    )
    assert written(owed).names == written(owed, 1).names, "all rows at once"
    total: Any = accumulate(cash)
    assert written(total).names == (
        "the sum of (its value of the month before + c_usd − min(max(its value of the month before + c_usd, 0), "
        "state 2 of the month before × (1 + b_ratio))) over time"
    )


def test_several_recurrences_call_each_other_by_their_names() -> None:
    found: Any = recurrences(sweep, (A, 100.0, 0.0), as_row(B), C)
    cash, owed, paid = found
    named("cash_usd", cash)
    named("paid_usd", paid)
    states = beside([owed])
    assert [state.name for state in states] == ["cash_usd", "paid_usd"]
    by_name = Writer(TIMELINE, short_name, states)
    names, numbers, parts = by_name.formula(cash, 2)
    assert (names, numbers) == ("its value of the month before + c_usd − paid_usd", "$0 + $3 − $3")
    assert parts == ((C, 2), (paid, 2))
    assert by_name.formula(owed, 2)[:2] == (
        "its value of the month before × (1 + b_ratio) − paid_usd",
        "883 × (1 + 2) − $3",
    )
    names, numbers, parts = by_name.formula(paid, 2)
    assert names == "min(max(cash_usd of the month before + c_usd, 0), state 2 of the month before × (1 + b_ratio))"
    assert numbers == "min(max($0 + $3, 0), 883 × (1 + 2))"
    assert parts == ((C, 2), (B, None)), "what was a month before would lead back month by month"
    assert by_name.formula(named("left_usd", cash[1:] * 2.0), 1).names == "cash_usd@2027-03 × 2"


def test_several_recurrences_of_one_month_or_of_numbers_are_written_too() -> None:
    once: Any = recurrences(lambda a, b, x: (a + x, a * b), (A, 2.0), as_row(B))[1]
    assert written(once, 0)[:2] == ("a_usd × its value of the month before", "$4 × 2")
    same: Any = recurrences(lambda a, b, x: (b, 7.0), (A, 2.0), C)
    assert written(same[0], 2)[:2] == ("state 2 of the month before", "7")
    assert written(same[1], 2)[:2] == ("7", "7")
    twice: Any = recurrences(lambda a, b, x: (x * 2.0 + a,) * 2, (0.0, 0.0), C)
    for name, state in zip(("one_usd", "other_usd"), twice, strict=True):
        formula = Writer(TIMELINE, short_name, beside(twice)).formula(named(name, state), 1)
        assert "c_usd × 2 + " in formula.names, "two that are the same do not refer to each other"


def product_of(name: str, times: int) -> tuple[Any, str, str]:
    """The product of a number by itself, with its name and with numbers."""
    factor = leaf(f"site.{name}", 1.00001)
    return math.prod([factor] * (times - 1), start=factor), " × ".join([name] * times), " × ".join(["1.00001"] * times)


def test_a_long_part_has_the_same_number_in_a_formula_and_in_its_numbers() -> None:
    """One is long by its name alone, one in both, one in numbers alone; each stands twice."""
    (named_, name, few), (both, text, many) = product_of("w" * 160, 2), product_of("some_name", 40)
    short, letters, digits = product_of("n", 40)
    assert written((named_ + both) * (named_ - both) * (short + 1.0) * (short - 1.0))[:2] == (
        f"([1: {name}] + [2: {text}]) × ([1] − [2]) × ({letters} + 1) × ({letters} − 1)",
        f"({few} + [2: {many}]) × ({few} − [2]) × ([3: {digits}] + 1) × ([3] − 1)",
    )


def test_a_long_part_that_stands_once_in_numbers_has_its_number_there_too() -> None:
    both, text, many = product_of("some_name", 40)
    assert written(np.where(A > 2.0, both + 1.0, both))[:2] == (
        f"[1: {text}] + 1 if a_usd > 2, else [1]",
        f"[1: {many}] + 1",
    )


def test_money_at_points_in_time_shows_what_is_due_then() -> None:
    early, late = named("build_usd", C * -1.0), named("rent_usd", C * 2.0)
    flow = at_points(3, [True, False], early, late)
    assert written(flow, 1)[:2] == ("build_usd@2027-02 + rent_usd", "−$2 + $2")
    assert written(flow, 3)[:2] == ("rent_usd", "$6")
    idle = named("idle_usd", C * (C > 1.5))
    assert written(added(3, idle, late), 0)[:2] == ("idle_usd + rent_usd", "$0 + $2"), "each name has its number"
    both: Any = added(3, early, late, np.zeros((3, 1)))
    assert written(both, 1)[:2] == ("build_usd + rent_usd", "−$2 + $4")


def test_dates() -> None:
    ready = leaf("plans.lease.conversion.ready", float(parse_month("2027-03")), op="date")
    month = named("ready_month", TIMELINE.number_of(ready))
    assert written(month)[:2] == ("month_number(conversion.ready)", "3")
    assert number(element(ready, None), ready) == "2027-03"


def test_what_is_looked_for_is_told_in_words() -> None:
    rate = recorded("irr", np.array([0.1]), C)
    assert written(rate).names == "the rate r a year at which the sum of c_usd × (1 + r)^(−months/12) is zero"


def test_resolving_goes_through_shapes_and_rows() -> None:
    assert resolved(C[1:], 0) == (C, 1)
    assert resolved(as_row(A), 2)[0] is A
    joined: Any = np.concatenate([np.zeros((1, 1)), C])
    assert resolved(joined, 2) == (C, 1)


def test_amounts_at_dates_say_which() -> None:
    months = (parse_month("2026-06"), parse_month("2027-03"))
    points: Any = Traced(np.array([[60.0], [90.0]]), "input", (), "market.b_usd.points", months)
    monthly: Any = rows_at(points, np.array([[1.0], [1.0], [2.0]]))
    assert written(monthly + A, 0)[:2] == ("b_usd.points@2026-06 + a_usd", "$60 + $4")
    assert written(monthly + A, 2)[:2] == ("b_usd.points + a_usd", "$90 + $4"), "its own month"


def test_a_plain_series_as_a_whole_shows_where_it_begins_and_ends() -> None:
    total: Any = accumulate(C * (np.arange(3.0)[:, None] >= B))
    assert written(total).names == "the sum of (c_usd × ((0 .. 2) ≥ b_ratio)) over time"
