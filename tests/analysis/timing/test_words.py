"""Rules in words that an operator can act on."""

from __future__ import annotations

import pytest

from minecalc.analysis.timing.project import Project
from minecalc.analysis.timing.trigger import Condition, Conditions
from minecalc.analysis.timing.words import Words, fixed, in_short, state_label, way_label, when
from minecalc.document import Value
from tests.analysis.timing.waiting import LEASE, PHASES, answer, waiting

STATES = ("hash_price_usd_per_ph_per_day", "rent_usd_per_kw_per_month", "electricity_price_usd_per_kwh")
BELOW_38, FROM_85 = Condition(0, False, 38.0), Condition(1, True, 85.0)


@pytest.fixture(scope="module")
def lease() -> Project:
    return waiting(LEASE, "lease")


def said(project: Project, conditions: Conditions | None) -> tuple[Words, str]:
    solved = answer(LEASE, "lease").whole._replace(conditions=conditions)
    return when(project, STATES, solved), in_short(project, STATES, solved)


def test_one_and_two_thresholds(lease: Project) -> None:
    words, short = said(lease, (BELOW_38, FROM_85))
    assert words == [
        "when the hash price is below ",
        Value(38.0, "usd_per_ph_per_day"),
        " per PH/s a day",
        " and the market rent is at least ",
        Value(85.0, "usd_per_kw_per_month"),
        " per kW-month",
    ]
    assert short == "hash price below $38, market rent at least $85"
    assert said(lease, (Condition(2, False, 0.0425),))[1] == "price of power below 4.25 c/kWh"


def test_thresholds_and_dates(lease: Project) -> None:
    words, short = said(lease, (Condition(None, False, 2.0), BELOW_38))
    assert words[-1] == ", before 2029-01"
    assert short == "hash price below $38, before 2029-01"
    assert said(lease, (BELOW_38, Condition(None, True, 1.0)))[1] == "hash price below $38, from 2028-01 on"
    assert said(lease, (BELOW_38, Condition(None, True, 0.0)))[1] == "hash price below $38"


def test_dates_alone(lease: Project) -> None:
    assert said(lease, (Condition(None, True, 0.0),)) == (["now"], "now")
    assert said(lease, (Condition(None, True, 2.0),)) == (["in 2029-01"], "in 2029-01")
    assert said(lease, (Condition(None, False, 1.0),)) == (["now"], "now")
    assert said(lease, None) == (["never"], "never")


def test_fixed_dates(lease: Project) -> None:
    whole = answer(LEASE, "lease").whole
    assert fixed(lease, whole._replace(fixed_months=24)) == ["in 2029-01"]
    assert fixed(lease, whole._replace(fixed_months=0)) == ["now"]
    assert fixed(lease, whole._replace(fixed_months=None)) == ["never"]
    assert way_label("fixed_date", lease, whole._replace(fixed_months=24)) == "Best fixed date: 2029-01"
    assert way_label("fixed_date", lease, whole._replace(fixed_months=None)) == "Best fixed date: never"


def test_every_way_has_a_name(lease: Project) -> None:
    whole = answer(LEASE, "lease").whole
    labels = [way_label(way, lease, whole) for way in whole.ways]
    assert len(set(labels)) == 7
    assert "Convert now" in labels
    assert way_label("now", waiting(PHASES, "halls"), whole) == "Convert as scheduled"


def test_every_number_of_the_market_has_a_name() -> None:
    names = {state_label(name) for name in (*STATES, "lease_usd_per_gpu_hour")}
    assert names == {"the hash price", "the market rent", "the price of power", "the GPU-hour rate"}
