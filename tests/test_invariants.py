"""The rules of ``oracles/invariants.json``: identities and metamorphic tests, on shipped and random scenarios.

A test names the rules it holds; the last one sees that every rule is held here or said why not.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minecalc.analysis.cashflow.statement import statement
from minecalc.analysis.compare.record import compare
from minecalc.arrays import FloatArray
from minecalc.cashflows import CATEGORIES, net_flow
from minecalc.checks import warnings
from minecalc.engine import Evaluation, PlanEvaluation, evaluate
from minecalc.finance.returns import equivalent_annuity, irr, mirr, npv
from minecalc.loading import ScenarioError, load, loads, read_bytes, scenario_files
from minecalc.metrics import against_baseline, annual, plan_metrics
from minecalc.reference import defaults
from minecalc.scenario import Scenario
from minecalc.varying import vary
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, SITE, Data, compared, run
from tests.strategies import scenarios

TESTS = Path(__file__).parent
RULES = [rule["id"] for rule in json.loads((TESTS / "oracles" / "invariants.json").read_text("utf-8"))["cases"]]
SHIPPED = scenario_files(str(TESTS.parent / "scenarios"))
NAMES = [Path(file).stem for file in SHIPPED]
HELD: set[str] = set()

#: Rules that nothing can hold yet, or that other files hold, and why.
NOT_HERE = {
    **dict.fromkeys(
        ("sources-uses", "debt-corkscrew", "debt-ends-zero", "interest-on-balance", "dscr-definition", "dsra"),
        "there is no debt yet",
    ),
    **dict.fromkeys(("debt-zero", "debt-fair"), "there is no debt yet"),
    "balance-sheet": "there is no balance sheet: flows only, no accruals",
    **dict.fromkeys(
        ("depreciation-total", "tax-corkscrew", "residual-gain", "fcf-to-equity", "bonus-vs-macrs", "tax-zero"),
        "there is no tax yet",
    ),
    **dict.fromkeys(
        ("volatility-zero", "option-bounds", "expected-vs-deterministic", "seed", "workers"),
        "there is no simulation and no option yet",
    ),
    "unit-forms": "every field takes one unit, the one that its name ends in",
    "format-agreement": "held by tests/reports; there are no workbooks yet",
    "rounding": "held by tests/reports",
    "trace": "held by tests/analysis/explain/test_explanation.py for every figure and line of every shipped scenario",
    "master-check": "the reader's errors and warnings, and what a scenario requires: tests/test_requirements.py",
}

Test = TypeVar("Test", bound=Callable[..., None])


def holds(*rules: str) -> Callable[[Test], Test]:
    """Marks the rules that a test holds."""

    def mark(test: Test) -> Test:
        HELD.update(rules)
        return test

    return mark


def randomly(examples: int) -> settings:
    """The same random scenarios in every run, as long as they take."""
    every_check = list(HealthCheck)
    return settings(max_examples=examples, derandomize=True, deadline=None, suppress_health_check=every_check)


def scenario_of(data: Data) -> Scenario:
    return loads(json.dumps(data))


def money(plan: PlanEvaluation) -> float:
    """The sum of all money that moves, to measure rounding by."""
    return float(np.abs(np.concatenate([line.usd.ravel() for line in plan.flows.lines])).sum()) + 1.0


def about(plan: PlanEvaluation, wanted: float | FloatArray, relative: float = 1e-12) -> Any:
    """``wanted`` within rounding of all the money of ``plan``."""
    return pytest.approx(wanted, rel=1e-9, abs=relative * money(plan))


def check_identities(evaluation: Evaluation) -> None:
    for plan in evaluation.plans.values():
        sums_of_money(plan)
        rates_of_return(plan)
        energy_and_bitcoin(plan)


def sums_of_money(plan: PlanEvaluation) -> None:
    rate = float(np.asarray(plan.engine.scenario.rate(plan.plan)))
    months, lines, flows = plan.engine.months, plan.flows.lines, plan.net_usd
    # npv-sums: the parts' NPVs add up, by line and by category
    parts = sum(float(npv(net_flow([line], months), rate)[0]) for line in lines)
    assert parts == about(plan, float(plan.npv_usd[0]))
    categories = [net_flow([line for line in lines if line.category == name], months) for name in CATEGORIES]
    assert sum(categories) == about(plan, flows)
    # npv-at-zero, monthly-annual
    assert float(npv(flows, 0.0)[0]) == about(plan, float(flows.sum()))
    assert sum(float(year["net_usd"][0]) for year in annual(plan)) == about(plan, float(flows.sum()))
    # equivalent-annuity
    level = np.full((months + 1, 1), float(equivalent_annuity(flows, rate)[0]))
    level[0] = 0.0
    assert float(npv(level, rate)[0]) == about(plan, float(plan.npv_usd[0]))
    # cash-corkscrew, cash-not-negative: a purse filled with the peak funding never runs empty, and once runs dry
    purse = plan_metrics(plan)["peak_funding_usd"].number() or 0.0
    lowest = purse
    for flow in flows[:, 0].tolist():
        purse += flow
        lowest = min(lowest, purse)
    assert lowest >= -1e-12 * money(plan)
    assert lowest == about(plan, 0.0) or plan_metrics(plan)["peak_funding_usd"].number() == 0.0


def rates_of_return(plan: PlanEvaluation) -> None:
    found = irr(plan.project_usd)
    size = float(np.abs(plan.project_usd).sum())
    for root in found.roots():
        assert abs(float(npv(plan.project_usd, root)[0])) <= 1e-8 * size * max(
            (1 + root) ** -(plan.engine.months / 12), 1
        )
    rate = found.number()
    if rate is not None:
        assert mirr(plan.project_usd, rate, rate).number() == pytest.approx(rate, rel=1e-7, abs=1e-7)


def energy_and_bitcoin(plan: PlanEvaluation) -> None:
    engine, scenario = plan.engine, plan.engine.scenario
    hours = scenario.timeline.hours
    energy = plan.flows.quantities["energy_mwh"]
    if np.any(energy > scenario.site.gross_mw * hours * (1 + 1e-9)):
        assert any("above the" in text for text in warnings(scenario))
    given_mw = sum(float(np.asarray(engine.use_mw(use))) for use in plan.plan.uses)
    assert given_mw <= scenario.site.gross_mw * (1 + 1e-6)
    mined = plan.flows.quantities.get("btc_mined")
    if mined is not None:
        fleets = sum(float(u.inputs.hash_rate_eh_per_s) for _, u in scenario.uses() if u.kind == "bitcoin_mining")
        issued = 144 * scenario.timeline.days * engine.market.block_reward_btc
        assert np.all(mined <= issued * np.minimum(fleets / engine.market.network_hash_rate_eh_per_s, 1.0) * (1 + 1e-9))


IDENTITIES = (
    "npv-sums",
    "npv-at-zero",
    "npv-at-irr",
    "mirr-collapse",
    "equivalent-annuity",
    "monthly-annual",
    "cash-corkscrew",
    "cash-not-negative",
    "btc-sum",
    "power-balance",
)


@holds(*IDENTITIES)
@pytest.mark.parametrize("file", SHIPPED, ids=NAMES)
def test_identities_of_shipped_scenarios(file: str) -> None:
    check_identities(evaluate(load(file)))


@holds(*IDENTITIES)
@randomly(40)
@given(scenarios())
def test_identities_of_random_scenarios(data: Data) -> None:
    check_identities(evaluate(scenario_of(data)))


@holds("monthly-annual", "cash-corkscrew", "npv-sums")
@randomly(25)
@given(scenarios(40))
def test_statements_of_months_quarters_and_years_agree(data: Data) -> None:
    for plan in evaluate(scenario_of(data)).plans.values():
        by_month, *others = (statement(plan, months) for months in (1, 3, 12))
        for found in (by_month, *others):
            assert max(found.differences_usd.values()) <= 1e-12 * money(plan)
            closing, net = found.row("cumulative_cash_usd").values, found.row("net_usd").values
            assert np.array(closing) == about(plan, np.array((0.0, *closing[:-1])) + net)
        for found in others:
            ends = [period.last - 1 for period in found.periods]
            for name in ("cumulative_cash_usd", "cumulative_present_value_usd", "peak_funding_to_date_usd"):
                assert np.array(found.row(name).values) == about(plan, np.array(by_month.row(name).values)[ends]), name


def numbers_in(record: Any) -> Iterator[Any]:
    if isinstance(record, dict | list):
        for item in record.values() if isinstance(record, dict) else record:
            yield from numbers_in(item)
    else:
        yield record


@holds("nan-free")
@randomly(25)
@given(scenarios(30))
def test_records_hold_numbers_or_none_with_a_reason(data: Data) -> None:
    record = compare(scenario_of(data), with_break_evens=False)
    json.dumps(record, allow_nan=False)
    assert not [x for x in numbers_in(record) if isinstance(x, float) and x == 0 and math.copysign(1, x) < 0]
    for plan in record["plans"]:
        figures = plan["metrics"] | plan["quantities"] | plan["vs_baseline"]
        assert {name for name, figure in figures.items() if figure is None} == set(plan["reasons"])


#: Amounts of money: keys whose value, or whose written form's amounts, are in USD.
FORM_AMOUNTS = ("value", "start", "steps", "points")


def times(value: Any, factor: float) -> Any:
    """A number or a value over time, every amount of it times ``factor``."""
    if not isinstance(value, dict):
        return value * factor
    form = next(key for key in FORM_AMOUNTS if key in value)
    amounts = value[form]
    by_month = isinstance(amounts, dict)
    return value | {form: {k: x * factor for k, x in amounts.items()} if by_month else amounts * factor}


def scaled(data: Any, factor: float, is_scaled: Callable[[str], bool]) -> Any:
    """``data`` with every key that ``is_scaled`` times ``factor``."""
    if not isinstance(data, dict):
        return data
    return {
        key: times(value, factor) if is_scaled(key) else scaled(value, factor, is_scaled) for key, value in data.items()
    }


def uses_of(data: Data) -> Iterator[Data]:
    for plan in data["plans"].values():
        yield from plan.get("uses", {"": plan}).values()


@holds("scale-money", "currency")
@randomly(25)
@given(scenarios(48))
def test_all_money_halved_halves_worth_and_leaves_ratios(data: Data) -> None:
    if "hash_price_usd_per_ph_per_day" not in data["market"]:
        data["market"].setdefault("btc_price_usd", defaults()["market.btc_price_usd"].value)
    for use in uses_of(data):
        if use["kind"] == "gpu_cloud":
            use.setdefault("capex_usd_per_gpu", 38_000.0)
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
@randomly(25)
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
    real = run(MINER, discount_rate_fraction_per_year=rate)
    nominal_rate = (1 + rate) * (1 + inflation) - 1
    market = {"hash_price_usd_per_ph_per_day": path}
    nominal = run(MINER, market=market, site=site, discount_rate_fraction_per_year=nominal_rate)
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


def never_rises(worth: FloatArray) -> bool:
    return bool(np.all(np.diff(worth) <= 1e-12 * np.abs(worth).max()))


@holds("monotone-power-price")
@randomly(25)
@given(scenarios(48))
def test_dearer_power_never_helps_its_buyer_and_hurts_ever_less(data: Data) -> None:
    for use in uses_of(data):
        use.pop("electricity_price_usd_per_kwh", None)
    prices = np.linspace(-0.05, 0.3, 36)
    for worth in worths(scenario_of(data), "site.electricity_price_usd_per_kwh", prices).values():
        assert never_rises(worth)
        assert np.all(np.diff(worth, n=2) >= -1e-11 * np.abs(worth).max())


@holds("monotone-btc-price")
@randomly(25)
@given(scenarios(48))
def test_dearer_bitcoin_never_hurts(data: Data) -> None:
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
@randomly(25)
@given(scenarios(48))
def test_a_higher_lease_rate_never_hurts(data: Data) -> None:
    scenario = scenario_of(data)
    for path in paths_to(data, "rent_usd_per_kw_per_month", "lease_usd_per_gpu_hour"):
        for worth in worths(scenario, path, np.linspace(0, 300, 21)).values():
            assert never_rises(-worth)


@holds("monotone-capex")
@randomly(25)
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
@randomly(15)
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
@randomly(12)
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


@holds("energy-hours")
@randomly(20)
@given(start=st.integers(2010, 2060), month=st.integers(1, 12))
def test_years_have_8760_hours_or_8784(start: int, month: int) -> None:
    plan = run(CLOUD, start=f"{start}-{month:02d}", months=48)
    years = plan.engine.scenario.timeline.hours.reshape(4, 12).sum(axis=1).tolist()
    assert set(years) <= {8760.0, 8784.0}
    assert years.count(8784.0) == 1
    sold = plan.flows.quantities["gpu_hours_sold"].reshape(4, 12).sum(axis=1)
    assert sold.tolist() == [1000 * hours for hours in years]


@holds("halving")
@pytest.mark.parametrize("month", ["2024-04", "2028-04", "2032-04"])
def test_output_halves_within_the_month_of_the_halving(month: str) -> None:
    market = {"network_hash_rate_eh_per_s": 900, "fee_btc_per_block": 0, "btc_price_usd": 1e5}
    year, number = map(int, month.split("-"))
    plan = run(MINER, start=f"{year}-{number - 1:02d}", months=3, market=market)
    a_day = plan.flows.quantities["btc_mined"][:, 0] / plan.engine.scenario.timeline.days[:, 0]
    assert a_day[2] == pytest.approx(a_day[0] / 2)
    assert a_day[2] < a_day[1] < a_day[0]


@holds("breakeven-plug-back", "breakeven-none")
@pytest.mark.parametrize("file", SHIPPED, ids=NAMES)
def test_break_evens_of_shipped_scenarios(file: str) -> None:
    check_break_evens(load(file))


@holds("breakeven-plug-back", "breakeven-none")
@randomly(25)
@given(scenarios(36))
def test_break_evens_of_random_scenarios(data: Data) -> None:
    check_break_evens(scenario_of(without_scales(data)))


def without_scales(data: Any) -> Any:
    """``data`` with every path as it stands: a break-even's ``scale`` is of the path as the file scales it."""
    if not isinstance(data, dict):
        return data
    return {key: without_scales(value) for key, value in data.items() if key != "scale"}


def check_break_evens(scenario: Scenario) -> None:
    plans = compare(scenario)["plans"]
    capex = max(plan["metrics"]["capex_usd"] for plan in plans)
    for plan in plans:
        size = max(capex, abs(plan["metrics"]["npv_usd"]), 1.0)
        for path, found in plan["vs_baseline"]["break_evens"].items():
            if path.endswith("delay_months"):
                check_delay(scenario, plan["name"], path, found)
            elif found["value"] is None:
                check_none(scenario, plan["name"], path, found, size)
            else:
                check_solved(scenario, plan["name"], path, found, size)


def differences(scenario: Scenario, name: str, path: str, found: Data, values: FloatArray) -> FloatArray:
    """The difference in NPV at these values of the first month; a value over time is scaled if it is not zero."""
    scales = values / (found["present"] or 1.0)
    try:
        varied = vary(scenario, {f"{path}.scale": scales} if found["present"] else {path: values})
    except ValueError:  # a plain number has no scale
        varied = vary(scenario, {path: values})
    return np.broadcast_to(evaluate(varied).difference_npv_usd(name), values.shape)


def check_solved(scenario: Scenario, name: str, path: str, found: Data, size: float) -> None:
    """At the value the plans are worth the same; a millionth below and above, one and then the other is ahead."""
    assert found["low"] <= found["value"] <= found["high"]
    values = found["value"] * np.array([1 - 1e-6, 1, 1 + 1e-6])
    below, here, above = differences(scenario, name, path, found, values)
    assert abs(here) <= 1e-9 * size, path
    assert np.sign(below) == -np.sign(above), path
    assert found["scale"] == (pytest.approx(found["value"] / found["present"]) if found["present"] else None)


def check_none(scenario: Scenario, name: str, path: str, found: Data, size: float) -> None:
    """A reason, the range, and no change of sign anywhere in it."""
    assert found["reason"]
    assert found["low"] <= found["high"]
    within = differences(scenario, name, path, found, np.linspace(found["low"], found["high"], 101))
    assert not (within.min() < -1e-9 * size and within.max() > 1e-9 * size), path


def check_delay(scenario: Scenario, name: str, path: str, found: Data) -> None:
    """The last whole month at which the ranking is what it is now."""
    if found["value"] is None:
        assert found["reason"]
        return
    delays = np.array([found["low"], found["value"], found["value"] + 1])
    now, last, after = np.broadcast_to(evaluate(vary(scenario, {path: delays})).difference_npv_usd(name), (3,))
    assert np.sign(now) == np.sign(last) != np.sign(after)


def test_every_rule_is_held_here_or_said_why_not() -> None:
    assert not HELD & NOT_HERE.keys()
    assert sorted(HELD | NOT_HERE.keys()) == sorted(RULES)
    assert all(NOT_HERE.values())
