"""The closed forms beside a simulated option: from worths of which everything is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecalc.analysis.timing.closed import closed
from minecalc.analysis.timing.problems import Problem
from minecalc.analysis.timing.switching import Move, Switching
from minecalc.arrays import FloatArray
from minecalc.finance.options import exchange_value, perpetual_exchange, ratio_volatility
from tests.analysis.timing.problems import nothing_learnt

_MONTHS, _PATHS = (0, 6, 12, 18, 24), 20_000
_STEP_YEARS = 0.5
_PAYOUT, _GIVEN_PAYOUT = 0.05, 0.08


def problem(volatility: float, other: float, correlation: float, *, shift: float = 0.0) -> Problem:
    """What is received and given are worth 100 and 90, pay out a share of that a year, and move lognormally."""
    normals = np.random.default_rng(3).standard_normal((2, len(_MONTHS) - 1, _PATHS))
    mixed = correlation * normals[0] + math.sqrt(1.0 - correlation**2) * normals[1]
    received = moving(100.0, _PAYOUT, volatility, normals[0])
    given = moving(90.0, _GIVEN_PAYOUT, other, mixed)
    flows = np.zeros((len(_MONTHS), 2, _PATHS))
    flows[:-1, 0] = given[:-1] - given[1:]
    flows[-1, 0] = given[-1]
    always = np.ones((len(_MONTHS), 1), dtype=np.bool_)
    move = Move(0, 1, received - shift, always)
    features = np.stack([np.log(received), np.log(given)], axis=1)
    switching = Switching(features, flows, (move,))
    controls = nothing_learnt(len(_MONTHS), _PATHS)
    return Problem(_MONTHS, switching, controls, np.zeros(_PATHS))


def moving(start: float, payout: float, volatility: float, normals: FloatArray) -> FloatArray:
    """What it is worth on each date, at time 0."""
    steps = volatility * math.sqrt(_STEP_YEARS) * normals - (payout + volatility**2 / 2.0) * _STEP_YEARS
    worth: FloatArray = start * np.exp(np.concatenate([np.zeros((1, _PATHS)), np.cumsum(steps, axis=0)]))
    return worth


def test_it_finds_what_went_in() -> None:
    found = closed(problem(0.3, 0.2, 0.4))
    assert found.reason == ""
    assert found.received_usd == pytest.approx(100.0)
    assert found.given_usd == pytest.approx(90.0, rel=0.02)
    assert found.received_volatility == pytest.approx(0.3, rel=0.03)
    assert found.given_volatility == pytest.approx(0.2, rel=0.03)
    assert found.correlation == pytest.approx(0.4, abs=0.03)
    volatility = ratio_volatility(0.3, 0.2, 0.4)
    terms = {"received_payout": _PAYOUT, "given_payout": _GIVEN_PAYOUT, "volatility": volatility}
    forever = perpetual_exchange(100.0, 90.0, **terms)
    assert found.trigger_ratio == pytest.approx(forever.trigger_ratio, rel=0.05)
    assert found.perpetual_usd == pytest.approx(forever.value, rel=0.05)
    assert found.last_date_only_usd == pytest.approx(exchange_value(100.0, 90.0, years=2.0, **terms), rel=0.05)


def test_there_is_none_where_a_side_may_be_worth_nothing() -> None:
    found = closed(problem(0.3, 0.2, 0.0, shift=80.0))
    assert found.perpetual_usd is None
    assert "not lognormal" in found.reason


def test_there_is_none_where_nothing_is_uncertain() -> None:
    found = closed(problem(0.0, 0.0, 0.0))
    assert (found.perpetual_usd, found.last_date_only_usd) == (None, None)
    assert "nothing is uncertain" in found.reason


def test_there_is_none_with_a_single_date() -> None:
    whole = problem(0.3, 0.2, 0.0)
    one = Switching(whole.switching.features[:1], whole.switching.flows[:1], ())
    assert closed(whole._replace(months=(0,), switching=one)).reason == "there is one date only"
