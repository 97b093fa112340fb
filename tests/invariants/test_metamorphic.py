"""Metamorphic rules: a scenario changed in one way must change in its worth as that way says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given

from minecalc.arrays import FloatArray
from minecalc.engine import evaluate
from minecalc.figures import against_baseline, plan_metrics
from minecalc.loading import ScenarioError, read_bytes
from minecalc.reference.snapshot import defaults
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, SITE, Data, compared, freed, run
from tests.invariants.rules import about, holds, scenario_of, uses_of
from tests.randomly import randomly
from tests.strategies import scenarios

#: Amounts of money: keys whose value, or whose written form's amounts, are in USD.
FORM_AMOUNTS = ("value", "start", "steps", "points")


def times(value: Any, factor: float) -> Any:
    """A number or a value over time, every amount of it times ``factor``."""
    if not isinstance(value, dict):
        return value * factor
    form = next(key for key in FORM_AMOUNTS if key in value)
    amounts = value[form]
    by_month = isinstance(amounts, dict)
    moved = {"shift": value["shift"] * factor} if "shift" in value else {}
    return value | moved | {form: {k: x * factor for k, x in amounts.items()} if by_month else amounts * factor}


def scaled(data: Any, factor: float, is_scaled: Callable[[str], bool]) -> Any:
    """``data`` with every key that ``is_scaled`` times ``factor``."""
    if not isinstance(data, dict):
        return data
    return {
        key: times(value, factor) if is_scaled(key) else scaled(value, factor, is_scaled) for key, value in data.items()
    }


@holds("scale-money", "currency")
@randomly(8)
@given(scenarios(48))
def test_all_money_halved_halves_worth_and_leaves_ratios(data: Data) -> None:
    if "hash_price_usd_per_ph_per_day" not in data["market"]:
        data["market"].setdefault("btc_price_usd", defaults()["market.btc_price_usd"].value)
    for use in uses_of(data):
        if use["kind"] == "gpu_cloud":
            use.setdefault("capex_usd_per_gpu", 38_000.0)
    data["plans"] = freed(data["plans"])  # published costs that stand for what is left out are not halved
    whole = evaluate(scenario_of(data))
    half = evaluate(scenario_of(scaled(data, 0.5, lambda key: "usd" in key)))
    for name, plan in whole.plans.items():
        other = half.plans[name]
        assert np.array_equal(other.net_usd, 0.5 * plan.net_usd)  # halving is exact
        ours, theirs = plan_metrics(plan), plan_metrics(other)
        for figure, metric in ours.items():
            number, scale = metric.number(), 0.5 if "usd" in figure else 1.0
            wanted = None if number is None else pytest.approx(number * scale, rel=1e-9)
            assert theirs[figure].number() == wanted, figure
            assert theirs[figure].reason() == metric.reason()


@holds("scale-site")
@randomly(8)
@given(scenarios(48))
def test_a_site_twice_as_large_is_worth_twice_as_much(data: Data) -> None:
    data["site"].pop("fixed_cost_usd_per_year", None)
    sizes = {"gross_mw", "hash_rate_eh_per_s", "gpu_count", "value_usd", "demand_response_usd_per_month"}
    single = evaluate(scenario_of(data))
    double = evaluate(scenario_of(scaled(data, 2, sizes.__contains__)))
    for name, plan in single.plans.items():
        assert double.plans[name].net_usd == about(plan, 2 * plan.net_usd)
        assert double.plans[name].npv_usd == about(plan, 2 * plan.npv_usd)


@holds("time-shift")
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.35])
def test_a_year_later_is_worth_a_year_of_discount_less(rate: float) -> None:
    lease = LEASE | {"exit_cap_rate_fraction": 0.08, "escalator_fraction_per_year": 0.03, "free_months": 2}

    def worth(year: int, months: int) -> float:
        conversion = CONVERSION | {"starts": f"{year}-03", "ready": f"{year}-09"}
        use = lease | {"conversion": conversion}
        return float(run(use, months=months, discount_rate_fraction_per_year=rate).npv_usd[0])

    assert worth(2028, 60) == pytest.approx(worth(2027, 48) / (1 + rate), rel=1e-12)


@holds("nominal-real")
def test_inflation_of_every_price_is_a_higher_rate() -> None:
    inflation, rate = 0.03, 0.08
    path = {"start": 20, "growth_fraction_per_year": inflation}
    site = SITE | {"electricity_price_usd_per_kwh": {"start": 0.05, "growth_fraction_per_year": inflation}}
    miner = MINER | {"opex_usd_per_mw_per_year": 12_000}
    real = run(miner, discount_rate_fraction_per_year=rate)
    nominal_rate = (1 + rate) * (1 + inflation) - 1
    market = {"hash_price_usd_per_ph_per_day": path}
    rates = {"discount_rate_fraction_per_year": nominal_rate, "inflation_fraction_per_year": inflation}
    nominal = run(miner, market=market, site=site, **rates)
    # money of a month is at the prices of its start and paid at its end: a month of inflation less
    assert nominal.npv_usd * (1 + inflation) ** (1 / 12) == pytest.approx(real.npv_usd, rel=1e-12)


@holds("zero-site")
def test_nothing_earns_nothing() -> None:
    for empty in (MINER | {"hash_rate_eh_per_s": 0}, CLOUD | {"gpu_count": 0}):
        plan = run(empty | {"opex_usd_per_mw_per_year": 9} if empty["kind"] == "bitcoin_mining" else empty)
        assert not np.any(plan.net_usd)
        figures = plan_metrics(plan)
        assert figures["irr_fraction_per_year"].number() is None
        assert figures["moic_ratio"].number() is None
        assert figures["revenue_usd_per_gross_mwh"].number() == 0.0
    with pytest.raises(ScenarioError, match=r"gross_mw is 0"):
        run(MINER, site=SITE | {"gross_mw": 0})


def worths(scenario: Scenario, path: str, values: FloatArray) -> dict[str, FloatArray]:
    """NPV of every plan at each of the values of one input."""
    varied = evaluate(vary(scenario, {path: values}))
    return {name: np.broadcast_to(plan.npv_usd, values.shape) for name, plan in varied.plans.items()}


def without_unpaid_months(data: Data) -> None:
    """Fleets that would shut after months unpaid never stop: to be shut by dear power may save more than it costs."""
    for use in uses_of(data):
        if isinstance(use.get("stops"), dict):
            use["stops"] = "never"


def without_kept_coins(data: Data) -> None:
    """Coins are sold as they are mined: one that is kept may be worth less at point 0 than the power it took."""
    for use in uses_of(data):
        for key in ("sells_fraction", "treasury"):
            use.pop(key, None)


def never_rises(worth: FloatArray) -> bool:
    return bool(np.all(np.diff(worth) <= 1e-12 * np.abs(worth).max()))


@holds("monotone-power-price")
@randomly(8)
@given(scenarios(48))
def test_dearer_power_never_helps_its_buyer_and_hurts_ever_less(data: Data) -> None:
    without_unpaid_months(data)
    without_kept_coins(data)
    for use in uses_of(data):
        use.pop("electricity_price_usd_per_kwh", None)
    prices = np.linspace(-0.05, 0.3, 36)
    for worth in worths(scenario_of(data), "site.electricity_price_usd_per_kwh", prices).values():
        assert never_rises(worth)
        assert np.all(np.diff(worth, n=2) >= -1e-11 * np.abs(worth).max())


@holds("monotone-btc-price")
@randomly(8)
@given(scenarios(48))
def test_dearer_bitcoin_never_hurts(data: Data) -> None:
    without_unpaid_months(data)
    without_kept_coins(data)
    priced = "hash_price_usd_per_ph_per_day" in data["market"]
    path = "market.hash_price_usd_per_ph_per_day.scale" if priced else "market.btc_price_usd.scale"
    if not priced:
        data["market"].setdefault("btc_price_usd", 63_001)
    for worth in worths(scenario_of(data), path, np.linspace(0, 4, 36)).values():
        assert never_rises(-worth)


def paths_to(data: Data, *keys: str) -> list[str]:
    """Dotted paths of these keys wherever a use or its conversion gives them."""
    found = []
    for name, plan in data["plans"].items():
        for use_name, use in plan.get("uses", {"": plan}).items():
            place = f'plans."{name}"' + (f'.uses."{use_name}"' if use_name else "")
            found += [f"{place}.{key}" for key in keys if key in use]
            found += [f"{place}.conversion.{key}" for key in keys if key in use.get("conversion", {})]
    return found


@holds("monotone-lease-rate")
@randomly(8)
@given(scenarios(48))
def test_a_higher_lease_rate_never_hurts(data: Data) -> None:
    scenario = scenario_of(data)
    for path in paths_to(data, "rent_usd_per_kw_per_month", "lease_usd_per_gpu_hour"):
        for worth in worths(scenario, path, np.linspace(0, 300, 21)).values():
            assert never_rises(-worth)


@holds("monotone-capex")
@randomly(8)
@given(scenarios(48))
def test_dearer_building_and_machines_never_help(data: Data) -> None:
    data["discount_rate_fraction_per_year"] = 0.1
    for plan in data["plans"].values():
        plan.pop("discount_rate_fraction_per_year", None)
    scenario = scenario_of(data)
    for path in paths_to(data, "capex_usd_per_critical_mw", "capex_usd_per_gpu", "machine_price_usd_per_th"):
        for worth in worths(scenario, path, np.linspace(0, 1000, 21)).values():
            assert never_rises(worth)


@holds("monotone-discount")
@pytest.mark.parametrize(
    "use",
    [
        LEASE | {"capex_usd_per_critical_mw": 8e6, "exit_cap_rate_fraction": 0.07},
        CLOUD | {"residual_fraction": 0.2},
        MINER | {"machine_price_usd_per_th": 15, "machine_resale_usd_per_th": 3},
    ],
)
def test_a_higher_discount_rate_never_helps_what_is_paid_first(use: Data) -> None:
    scenario = compared({"it": use}).scenario
    assert never_rises(worths(scenario, "discount_rate_fraction_per_year", np.linspace(-0.4, 5, 41))["it"])


@holds("monotone-conversion-downtime")
@pytest.mark.parametrize("use", [LEASE, LEASE | {"exit_cap_rate_fraction": 0.07, "term_months": 60}, CLOUD])
@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_a_later_ready_never_helps_a_conversion_that_pays(use: Data, rate: float) -> None:
    conversion = CONVERSION | {"capex_usd_per_critical_mw": 5e5}
    scenario = compared({"it": use | {"conversion": conversion}}, discount_rate_fraction_per_year=rate).scenario
    worth = worths(scenario, "plans.it.conversion.delay_months", np.arange(19.0))["it"]
    assert worth[0] > 0
    assert never_rises(worth[:12])


@holds("identical-alternatives")
@randomly(8)
@given(scenarios(36))
def test_a_plan_and_its_copy_differ_by_exactly_nothing(data: Data) -> None:
    for name in list(data["plans"]):
        plans = {**data["plans"], "copy": data["plans"][name]}
        evaluation = evaluate(scenario_of(data | {"plans": plans, "baseline": name}))
        against = against_baseline(evaluation, "copy")
        assert against["npv_difference_usd"].number() == 0.0
        assert against["npv_difference_at_scenario_rate_usd"].number() == 0.0
        assert against["incremental_irr_fraction_per_year"].reason() == "all flows are zero"
        assert not np.any(evaluation.incremental_flow_usd("copy"))


def reordered(data: Any, key: str = "") -> Any:
    """``data`` with its keys the other way round, but for plans and uses, whose order means something."""
    if not isinstance(data, dict):
        return data
    items = data.items() if key in ("plans", "uses") else reversed(data.items())
    return {name: reordered(value, name) for name, value in items}


def written_forms(data: Data) -> dict[str, bytes]:
    """The same scenario as different bytes."""
    plain: str = yaml.safe_dump(data, sort_keys=False, width=10_000)
    lines = plain.splitlines()
    return {
        "json": json.dumps(data).encode(),
        "indented json": json.dumps(data, indent=2).encode(),
        "block": plain.encode(),
        "reordered": yaml.safe_dump(reordered(data), sort_keys=False).encode(),
        "flow": yaml.safe_dump(data, sort_keys=False, default_flow_style=True).encode(),
        "comments": "\n".join(["# a site", *(f"{line}  # said by us" for line in lines)]).encode(),
        "crlf": "\r\n".join(lines).encode(),
        "bom": b"\xef\xbb\xbf" + plain.encode(),
        "document": f"---\n{plain}...\n".encode(),
    }


@holds("order-inputs")
@randomly(8)
@given(scenarios(24))
def test_the_way_a_scenario_is_written_changes_nothing(data: Data) -> None:
    wanted = evaluate(scenario_of(data))
    for form, text in written_forms(data).items():
        reading = read_bytes(text, form, Path())
        assert reading.scenario is not None, (form, reading.diagnostics)
        found = evaluate(reading.scenario)
        for name, plan in wanted.plans.items():
            assert np.array_equal(plan.net_usd, found.plans[name].net_usd), form
            assert plan.npv_usd == found.plans[name].npv_usd
