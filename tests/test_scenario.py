"""Plans and uses as the file gives them, and ``vary``: numbers and columns in place of inputs, by dotted path."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.businesses import kinds
from minecalc.loading import load, loads
from minecalc.paths import Growth, ValueOverTime
from minecalc.scenario import Scenario, Use, use_model, vary
from minecalc.timeline import Timeline, parse_month

EXAMPLES = Path(__file__).parent / "examples"
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


def test_plans_come_in_file_order_with_their_uses(texas: Scenario) -> None:
    assert list(texas.plans) == ["keep mining", LEASE, CLOUD, HALVES]
    assert [(plan.name, one.name, one.kind) for plan, one in texas.uses()] == [
        ("keep mining", "keep mining", "bitcoin_mining"),
        (LEASE, LEASE, "colocation"),
        (CLOUD, CLOUD, "gpu_cloud"),
        (HALVES, "mining", "bitcoin_mining"),
        (HALVES, "lease", "colocation"),
    ]
    flat, several = texas.plans[LEASE], texas.plans[HALVES]
    assert (flat.flat, several.flat) == (True, False)
    assert flat.place(flat.uses[0]) == ("plans", LEASE)
    assert several.place(several.uses[1]) == ("plans", HALVES, "uses", "lease")


def test_timeline_baseline_and_rates(texas: Scenario) -> None:
    assert texas.timeline == Timeline(parse_month("2027-01"), 120)
    assert texas.baseline_plan.name == "keep mining"
    assert [texas.rate(plan) for plan in texas.plans.values()] == [0.12, 0.09, 0.12, 0.12]
    hilltop = load(EXAMPLES / "hilltop.yaml")
    assert hilltop.baseline is None
    assert hilltop.baseline_plan.name == "keep mining", "the first"


def test_uses_know_what_was_given_and_what_a_record_gave() -> None:
    scenario = load(EXAMPLES / "hilltop.yaml", ['plans."keep mining".machine=antminer-s21'])
    found = use(scenario, "keep mining")
    assert found.given == {"hash_rate_eh_per_s", "machine"}
    assert set(found.sourced) == {"efficiency_j_per_th", "pue_ratio"}
    assert found.inputs.efficiency_j_per_th == found.sourced["efficiency_j_per_th"].value
    both = [f"plans.keep mining.{part}" for part in ("machine=antminer-s21", "efficiency_j_per_th=16")]
    own = load(EXAMPLES / "hilltop.yaml", both)
    assert use(own, "keep mining").inputs.efficiency_j_per_th == 16
    assert set(use(own, "keep mining").sourced) == {"pue_ratio"}


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_takes_what_any_use_may_say(kind: str) -> None:
    terms = {"gross_mw", "electricity_price_usd_per_kwh", "conversion", "capex_usd_per_critical_mw"}
    assert terms < set(use_model(kind).model_fields)
    assert use_model(kind) is use_model(kind)


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
    "market.hash_price_usd_per_ph_per_day.scale": (0.9, lambda s: s.market.hash_price_usd_per_ph_per_day.scale),
    RENT: (150, lambda s: use(s, LEASE).inputs.rent_usd_per_kw_per_month),
    f"plans.{LEASE}.conversion.delay_months": (6, lambda s: use(s, LEASE).inputs.conversion.delay_months),
    f"plans.'{LEASE}'.discount_rate_fraction_per_year": (0.1, lambda s: s.plans[LEASE].discount_rate_fraction_per_year),
    f'plans."{HALVES}".uses.lease.opex_fraction_of_rent': (
        0.2,
        lambda s: use(s, HALVES, "lease").inputs.opex_fraction_of_rent,
    ),
    f'plans."{HALVES}".discount_rate_fraction_per_year': (
        0.1,
        lambda s: s.plans[HALVES].discount_rate_fraction_per_year,
    ),
    'plans."keep mining".refresh.price_usd_per_th': (
        20,
        lambda s: first(s, use(s, "keep mining").inputs.refresh.price_usd_per_th),
    ),
}


def input_of(path: str) -> str:
    """``path`` without the part of a value over time that it may name."""
    return re.sub(r"\.(start|scale|growth_fraction_per_year)$", "", path)


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
    assert use(one, LEASE).inputs.rent_usd_per_kw_per_month == 130
    assert (texas.cases, use(texas, LEASE).inputs.rent_usd_per_kw_per_month) == (1, 130), "unchanged"


def test_slices_are_the_cases_in_order(texas: Scenario) -> None:
    rents = np.arange(100.0, 107.0)
    varied = vary(texas, {RENT: rents, "site.gross_mw": rents / 2})
    parts = list(varied.slices(3))
    assert [part.cases for part in parts] == [3, 3, 1]
    assert np.concatenate([part.columns[RENT] for part in parts]).tolist() == rents.tolist()
    assert np.concatenate([part.site.gross_mw for part in parts]).tolist() == (rents / 2).tolist()
    assert list(varied.slices(7)) == [varied]
    assert [part is texas for part in texas.slices(1)] == [True]


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


def test_capex_stands_in_one_place() -> None:
    text = (EXAMPLES / "texas.yaml").read_text()
    with pytest.raises(ValueError, match="capex_usd_per_critical_mw stands beside a conversion"):
        loads(text, [f'plans."{LEASE}".capex_usd_per_critical_mw=0'])
