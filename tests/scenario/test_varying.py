"""``vary``: numbers, dates and columns in place of inputs, by dotted path."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.engine import evaluate
from minecalc.loading import load
from minecalc.scenario import Scenario, Use
from minecalc.scenario.varying import replaced_by, slices, taken, vary
from minecalc.timeline import parse_month
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Growth
from tests.by_hand import terms

EXAMPLES = Path(__file__).parents[1] / "examples"
LEASE, CLOUD, HALVES = "lease to an AI tenant", "rent out GPUs", "half and half"
RENT = f'plans."{LEASE}".rent_usd_per_kw_per_month'


@pytest.fixture(scope="module")
def texas() -> Scenario:
    return load(EXAMPLES / "texas.yaml")


def use(scenario: Scenario, plan: str, name: str | None = None) -> Use:
    """The use called ``name``, or the only one, of a plan."""
    (found,) = (one for one in scenario.plans[plan].uses if name in (None, one.name))
    return found


def first(scenario: Scenario, value: ValueOverTime) -> float:
    """What a value over time is in the first month of the first case."""
    return float(value.values(scenario.timeline)[0, 0])


#: A path of every kind of place, a value for it, and how to read it back.
PLACES: dict[str, tuple[float, Any]] = {
    "discount_rate_fraction_per_year": (0.2, lambda s: s.discount_rate_fraction_per_year),
    "site.gross_mw": (60, lambda s: s.site.gross_mw),
    "site.electricity_price_usd_per_kwh": (0.03, lambda s: first(s, s.site.electricity_price_usd_per_kwh)),
    "market.btc_price_usd": (1e5, lambda s: first(s, s.market.btc_price_usd)),
    "market.btc_price_usd.start": (9e4, lambda s: first(s, s.market.btc_price_usd)),
    "market.btc_price_usd.growth_fraction_per_year": (
        0.2,
        lambda s: s.market.btc_price_usd.shape.growth_fraction_per_year,
    ),
    "market.btc_price_usd.scale": (1.5, lambda s: s.market.btc_price_usd.scale),
    "market.btc_price_usd.shift": (-500, lambda s: s.market.btc_price_usd.shift),
    "market.hash_price_usd_per_ph_per_day.scale": (0.9, lambda s: s.market.hash_price_usd_per_ph_per_day.scale),
    RENT: (150, lambda s: terms(use(s, LEASE)).rent_usd_per_kw_per_month),
    f"plans.{LEASE}.conversion.delay_months": (6, lambda s: terms(use(s, LEASE)).conversion.delay_months),
    f"plans.'{LEASE}'.discount_rate_fraction_per_year": (
        0.1,
        lambda s: s.plans[LEASE].inputs.discount_rate_fraction_per_year,
    ),
    f'plans."{HALVES}".uses.lease.opex_fraction_of_rent': (
        0.2,
        lambda s: terms(use(s, HALVES, "lease")).opex_fraction_of_rent,
    ),
    f'plans."{HALVES}".discount_rate_fraction_per_year': (
        0.1,
        lambda s: s.plans[HALVES].inputs.discount_rate_fraction_per_year,
    ),
    'plans."keep mining".refresh.price_usd_per_th': (
        20,
        lambda s: first(s, terms(use(s, "keep mining")).refresh.price_usd_per_th),
    ),
}


def input_of(path: str) -> str:
    """``path`` without the part of a value over time that it may name."""
    return re.sub(r"\.(start|scale|shift|growth_fraction_per_year)$", "", path)


@pytest.mark.parametrize("path", PLACES)
def test_vary_replaces_the_input_at_a_path_and_nothing_else(texas: Scenario, path: str) -> None:
    value, at = PLACES[path]
    varied = vary(texas, {path: value})
    assert at(varied) == value
    assert (varied.cases, dict(varied.columns)) == (1, {})
    assert list(varied.plans) == list(texas.plans)
    for other, (_, read) in PLACES.items():
        if input_of(other) != input_of(path) and "hash_price" not in other:
            assert read(varied) == read(texas), other


@pytest.mark.parametrize("path", PLACES)
def test_vary_takes_columns(texas: Scenario, path: str) -> None:
    value, at = PLACES[path]
    column = [value, value * 0.5, value * 0.25]
    varied = vary(texas, {path: column})
    assert varied.cases == 3
    assert varied.columns[path].tolist() == column
    assert np.ravel(at(varied))[0] == value


def test_vary_is_the_same_as_loading_with_the_value(texas: Scenario) -> None:
    for path in (RENT, "site.gross_mw", "market.btc_price_usd.growth_fraction_per_year"):
        value = PLACES[path][0]
        loaded = load(EXAMPLES / "texas.yaml", [f"{path}={value}"])
        assert vary(texas, {path: value}) == loaded


def test_columns_add_up_over_calls_and_a_number_takes_one_back(texas: Scenario) -> None:
    both = vary(vary(texas, {RENT: [100, 120]}), {"site.gross_mw": [50, 60]})
    assert set(both.columns) == {RENT, "site.gross_mw"}
    one = vary(both, {RENT: 130})
    assert set(one.columns) == {"site.gross_mw"}
    assert terms(use(one, LEASE)).rent_usd_per_kw_per_month == 130
    assert (texas.cases, terms(use(texas, LEASE)).rent_usd_per_kw_per_month) == (1, 130), "unchanged"


def test_slices_are_the_cases_in_order(texas: Scenario) -> None:
    rents = np.arange(100.0, 107.0)
    varied = vary(texas, {RENT: rents, "site.gross_mw": rents / 2})
    parts = list(slices(varied, 3))
    assert [part.cases for part in parts] == [3, 3, 1]
    assert np.concatenate([part.columns[RENT] for part in parts]).tolist() == rents.tolist()
    assert np.concatenate([part.site.gross_mw for part in parts]).tolist() == (rents / 2).tolist()
    assert list(slices(varied, 7)) == [varied]
    assert [part is texas for part in slices(texas, 1)] == [True]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("site.gross_mv", 1, "site.gross_mv: there is no gross_mv; did you mean gross_mw?"),
        ("plans.lease.rent_usd_per_kw_per_month", 1, "there is no lease"),
        ("plans", 1, "plans is no number"),
        (f"plans.{HALVES}.gross_mw", 1, "the plan half and half has uses; name one after uses"),
        (f"plans.{HALVES}.uses.hall.gross_mw", 1, "there is no hall"),
        (f"plans.{LEASE}.escalator_fraction_per_year.start", 1, "there is nothing to vary below start"),
        (f"plans.{LEASE}.tenant_pays_power", 1, "is no number"),
        (
            f"plans.{LEASE}.contract.value_usd",
            1,
            "contract is not given in this scenario, so nothing below it can vary",
        ),
        (f"plans.{LEASE}.rent_usd_per_kw_per_month", -1, "must lie in 0..10000"),
        (RENT, [100, 10_001], "must lie in 0..10000"),
        ("site.electricity_price_usd_per_kwh", 45, "must lie in -1..2"),
        ("market.btc_price_usd.value", 1, "this value over time has no value"),
        ("market.btc_price_usd.begin", 1, "this value over time has no begin"),
        ("site.electricity_price_usd_per_kwh.start", 1, "this value over time has no start"),
        ("site.gross_mw", float("nan"), "takes a finite number or a column of them"),
        ("site.gross_mw", [[1.0], [2.0]], "takes a finite number or a column of them"),
        ("months", 60, "load the scenario with another one instead"),
        ("site.", 1, "is not a dotted path"),
        ("", 1, "is not a dotted path"),
        ("name", 1, "is no number"),
    ],
)
def test_vary_says_what_is_wrong_with_a_path_or_value(texas: Scenario, path: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        vary(texas, {path: value})


def test_columns_must_have_one_length(texas: Scenario) -> None:
    with pytest.raises(ValueError, match="columns differ in length"):
        vary(texas, {RENT: [1, 2], "site.gross_mw": [50, 51, 52]})


def test_growth_inside_a_value_over_time_may_vary(texas: Scenario) -> None:
    varied = vary(texas, {"market.btc_price_usd.growth_fraction_per_year": [0.0, 0.1]})
    shape = varied.market.btc_price_usd.shape
    assert isinstance(shape, Growth)
    values = varied.market.btc_price_usd.values(texas.timeline)
    assert values.shape == (120, 2)
    assert values[12].tolist() == pytest.approx([63_001, 63_001 * 1.1])
    assert isinstance(varied.market.btc_price_usd, ValueOverTime)


READY = f'plans."{LEASE}".conversion.ready'


def test_a_date_takes_months_or_calendar_months(texas: Scenario) -> None:
    alone = [evaluate(vary(texas, {READY: month})).plans[LEASE].npv_usd[0] for month in ("2028-01", "2029-03")]
    texts, numbers = ["2028-01", "2029-03"], [parse_month("2028-01"), parse_month("2029-03")]
    for column in (texts, numbers):
        assert evaluate(vary(texas, {READY: column})).plans[LEASE].npv_usd.tolist() == alone
    loaded = load(EXAMPLES / "texas.yaml", [f"{READY}=2029-03"])
    assert evaluate(loaded).plans[LEASE].npv_usd[0] == alone[1]


def test_the_months_of_a_build_may_differ_from_case_to_case(texas: Scenario) -> None:
    starts = f'plans."{LEASE}".conversion.starts'
    columns = {starts: ["2027-02", "2027-06", "2027-06"], READY: ["2028-06", "2028-06", "2027-06"]}
    many = evaluate(vary(texas, columns)).plans[LEASE]
    for case in range(3):
        one = evaluate(vary(texas, {path: column[case] for path, column in columns.items()})).plans[LEASE]
        assert one.npv_usd[0] == many.npv_usd[case]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (READY, "2026-12", "lies outside the horizon, 2027-01 to 2036-12"),
        (READY, 24341.5, "takes whole months"),
        (READY, "2028-13", "is not a month"),
        ("market.btc_price_usd.scale", 1e10, "must lie in"),
        ("market.hash_price_usd_per_ph_per_day.scale", -1e10, "must lie in"),
        ("market.btc_price_usd.shift", 1e19, "must lie in"),
        ("market.btc_price_usd.growth_fraction_per_year", 11, "must lie in"),
        ("market.btc_price_usd.start", -1, "must lie in 0..1000000"),
    ],
)
def test_parts_and_dates_have_ranges_of_their_own(texas: Scenario, path: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        vary(texas, {path: value})


def test_cases_are_taken_in_any_order_and_twice(texas: Scenario) -> None:
    many = vary(texas, {RENT: [100.0, 110.0, 120.0], "market.btc_price_usd.scale": [1.0, 1.1, 1.2]})
    some = taken(many, np.array([2, 0, 2]))
    assert some.cases == 3
    assert some.columns[RENT].tolist() == [120.0, 100.0, 120.0]
    worth, wanted = (evaluate(of).plans[LEASE].npv_usd for of in (some, many))
    assert worth.tolist() == wanted[[2, 0, 2]].tolist()


def test_a_column_may_take_the_place_of_those_that_it_makes_idle(texas: Scenario) -> None:
    """``vary`` refuses a hash price beside a column of the price of bitcoin; a part of a value goes with the value."""
    price, hash_price = "market.btc_price_usd", "market.hash_price_usd_per_ph_per_day"
    columns = {f"{price}.scale": np.array([1.0, 1.1]), RENT: np.array([100.0, 140.0])}
    varied = vary(texas, columns)
    for path, column in ((price, np.array([5e4, 6e4])), (hash_price, np.array([40.0, 50.0]))):
        found = replaced_by(varied, path, column)
        assert list(found.columns) == [RENT, path]
        alone = [vary(texas, {RENT: columns[RENT][case], path: column[case]}) for case in range(2)]
        for plan in texas.plans:
            npv = np.broadcast_to(evaluate(found).plans[plan].npv_usd, (2,))
            assert npv.tolist() == [float(evaluate(one).plans[plan].npv_usd[0]) for one in alone]
