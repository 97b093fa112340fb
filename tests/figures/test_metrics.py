"""What every figure stands on: missing answers with reasons, and a catalogue without doubles."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.figures.metrics import CATALOGUE, Metric, answered, known, peak_funding, ratio, register
from minecalc.finance import returns

BROKEN = np.array([[-100.0, -100.0], [110.0, np.nan]])
NO_DEAL = "no deal closes: what the debt costs outgrows what it pays for"


def test_a_number_is_there_or_a_reason_is() -> None:
    metric = known(np.array([1.0, 2.0]), np.array([True, False]), "why")
    assert [(metric.number(case), metric.reason(case)) for case in (0, 1)] == [(1.0, None), (None, "why")]


def test_one_number_stands_for_every_case() -> None:
    assert Metric(np.array([3.0])).number(7) == 3.0


def test_one_number_may_be_missing_in_some_cases() -> None:
    metric = known(np.array([3.0]), np.array([True, False]), "why")
    assert [(metric.number(case), metric.reason(case)) for case in (0, 1)] == [(3.0, None), (None, "why")]


def test_nothing_is_divided_by_nothing() -> None:
    metric = ratio(np.array([6.0, 6.0]), np.array([3.0, 0.0]), "of nothing")
    assert (metric.number(0), metric.number(1), metric.reason(1)) == (2.0, None, "of nothing")


def test_rules_answer_for_cases_that_are_numbers_and_say_why_not_for_others() -> None:
    metric = answered(returns.moic, BROKEN)
    assert metric.number(0) == pytest.approx(1.1)
    assert (metric.number(1), metric.reason(1)) == (None, NO_DEAL)


def test_peak_funding_too() -> None:
    metric = peak_funding(BROKEN)
    assert (metric.number(0), metric.number(1), metric.reason(1)) == (100.0, None, NO_DEAL)


def test_a_figure_is_registered_once() -> None:
    with pytest.raises(ValueError, match="there is a figure npv_usd already"):
        register(CATALOGUE["npv_usd"])
