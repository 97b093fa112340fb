"""What all statements by period share: figures that are none, words for periods, records in two layouts."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.analysis.cashflow.accounts import Accounts
from minecalc.analysis.cashflow.by_period import by_period, cell, period_word, records, shown, tree
from minecalc.analysis.cashflow.statement import Layout, Row, periods
from minecalc.document import Text, Value
from minecalc.timeline import parse_month

NONE = float("nan")
RATIO = Row("cover", "dscr_min_ratio", "ratio", (NONE, 1.5), 1.5, reason="nothing is due")
FLOW = Row("debt", "interest_paid_usd", "usd", (0.0, 3.0), 3.0, use="notes")
FOUND = Accounts("debt", "it", 12, periods(parse_month("2027-01"), 24, 12), (RATIO, FLOW), ())


def told(found: Accounts, layout: Layout) -> list[dict[str, Any]]:
    """The records of a statement, each by column."""
    table = records(found, "debt", layout, "it.yaml", "s")
    return [dict(zip([column.key for column in table.columns], row, strict=True)) for row in table.rows]


def test_a_period_without_a_figure_has_none() -> None:
    assert [value for _, value in by_period(FOUND, RATIO)] == [None, 1.5]
    assert [value for _, value in by_period(FOUND, RATIO._replace(values=()))] == [None, None]
    assert tree(FOUND)["rows"][0]["values"] == [None, 1.5]


def test_rows_of_nothing_are_not_shown() -> None:
    assert shown([FLOW, FLOW._replace(values=(0.0, 0.0)), FLOW._replace(values=())]) == [FLOW]


def test_money_that_is_zero_to_the_cent_is_nothing_on_screens_alone() -> None:
    dust = FLOW._replace(values=(1e-8, -0.004))
    assert shown([dust, dust._replace(unit="ratio"), dust._replace(values=(1e-8, -0.005))]) == [
        dust._replace(unit="ratio"),
        dust._replace(values=(1e-8, -0.005)),
    ]
    assert cell(-0.004) == Text("-", "muted")
    assert cell(-0.005) == Value(-0.005, "usd")
    found = FOUND._replace(rows=(dust,))
    assert tree(found)["rows"][0]["values"] == [1e-8, -0.004]
    assert [row["value"] for row in told(found, "long")] == [Value(1e-8, "usd"), Value(-0.004, "usd")]


def test_nothing_is_a_dash() -> None:
    assert cell(0.0) == Text("-", "muted")
    assert cell(None, reason="nothing is due") == Value(None, "usd", "nothing is due")
    assert cell(2.0, "ratio") == Value(2.0, "ratio")


@pytest.mark.parametrize(("months", "word"), [(1, "month"), (3, "quarter"), (12, "year"), (6, "6 months")])
def test_periods_have_words(months: int, word: str) -> None:
    assert period_word(FOUND._replace(months_per_period=months)) == word


def test_records_are_a_row_a_figure_or_a_row_a_line() -> None:
    figures = told(FOUND, "long")
    assert [(row["line"].text, row["period"].text, row["value"]) for row in figures] == [
        ("dscr_min_ratio", "2027", Value(None, "ratio", "nothing is due")),
        ("dscr_min_ratio", "2028", Value(1.5, "ratio", "nothing is due")),
        ("interest_paid_usd", "2027", Value(0.0, "usd")),
        ("interest_paid_usd", "2028", Value(3.0, "usd")),
    ]
    lines = told(FOUND, "wide")
    assert [(row["line"].text, row["use"].text, row["2028"], row["total"]) for row in lines] == [
        ("dscr_min_ratio", "", Value(1.5, "ratio", "nothing is due"), Value(1.5, "ratio", "nothing is due")),
        ("interest_paid_usd", "notes", Value(3.0, "usd"), Value(3.0, "usd")),
    ]
