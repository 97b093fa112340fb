"""A simulation for programs: every number in full with its error, a reason where there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from minecalc.analysis.simulate.question import Precision, Simulation
from minecalc.analysis.simulate.records import GAP, data, fan_labels, flat
from minecalc.document import Text, Value
from tests.analysis.simulate.test_question import LONE
from tests.analysis.simulate.worlds import CERTAIN, LENT, answer

IRR = "irr_fraction_per_year"


def tree(found: Simulation) -> Any:
    text = json.dumps(data(found), allow_nan=False)
    return json.loads(text)


def test_the_tree_says_how_it_was_drawn_and_what_came_of_it() -> None:
    found = tree(answer(figures=(IRR,)))
    head = {key: found[key] for key in ("format", "paths", "block_paths", "seed", "draws", "baseline", "plan")}
    assert head == {
        "format": "minecalc.simulate/1",
        "paths": 1024,
        "block_paths": 1024,
        "seed": 1,
        "draws": "independent",
        "baseline": "mine",
        "plan": "lease",
    }
    mine, lease = found["plans"]
    assert mine["vs_baseline"] is None
    assert set(lease["vs_baseline"]) == {
        "npv_difference_at_scenario_rate_usd", "npv_difference_usd", "beats", "behind", "level"
    }  # fmt: skip
    assert found["compared_by"] == "npv_difference_at_scenario_rate_usd"
    assert lease["vs_baseline"]["npv_difference_usd"] == lease["vs_baseline"]["npv_difference_at_scenario_rate_usd"]
    rates = [found, mine, lease]
    assert [of["discount_rate_fraction_per_year"] for of in rates] == [0.12, 0.12, 0.12]
    shares = [lease["vs_baseline"][key]["estimate"] for key in ("beats", "behind", "level")]
    assert sum(shares) == pytest.approx(1.0)
    npv = lease["figures"]["npv_usd"]
    assert list(npv) == [
        "without_uncertainty", "mean", "standard_deviation", "p5", "p10", "p25", "p50", "p75", "p90", "p95",
        "probability_below_zero", "probability_below_without_uncertainty", "expected_shortfall_worst_10_percent",
        "undefined",
    ]  # fmt: skip
    assert set(npv["mean"]) == {"estimate", "standard_error", "low", "high", "paths"}
    assert npv["mean"]["low"] < npv["mean"]["estimate"] < npv["mean"]["high"]
    assert mine["figures"][IRR]["mean"] == {
        "estimate": None,
        "standard_error": None,
        "low": None,
        "high": None,
        "paths": 0,
    }
    assert sum(mine["figures"][IRR]["undefined"].values()) == 1024
    assert found["value_of_perfect_information_usd"]["estimate"] > 0.0


def test_break_evens_can_be_set_and_missing_ones_have_a_reason() -> None:
    found = tree(answer())["break_evens"]
    rent = found[0]
    assert rent["path"] == "plans.lease.rent_usd_per_kw_per_month"
    assert rent["set"] == f"{rent['path']}={rent['value']['estimate']!r}"
    assert (rent["needed"], rent["confidence"], rent["reason"], rent["present"]) == ("at least", 0.9, None, 130.0)
    assert 0.0 <= rent["probability_at_low"] < rent["probability_at_present"] < rent["probability_at_high"] <= 1.0
    power = found[-1]
    assert power["path"] == "site.electricity_price_usd_per_kwh"
    for item in found:
        assert (item["value"]["estimate"] is None) == (item["reason"] is not None) == (item["set"] is None)


def test_the_rest_of_the_tree() -> None:
    found = tree(replace(answer(), precision=Precision(0.5, 0.02), saved="x.csv"))
    assert found["tolerance"] == {"asked": 0.5, "error": 0.02, "met": True}
    assert found["saved"] == "x.csv"
    bins = found["histogram"]
    counts = bins["counts"]["lease"]
    assert bins["figure"] == found["variance_of_difference"]["figure"] == "npv_difference_at_scenario_rate_usd"
    assert {item["figure"] for item in found["break_evens"]} == {"npv_difference_at_scenario_rate_usd"}
    assert sum(counts["inside"]) + counts["below"] + counts["above"] == 1024
    assert len(bins["edges"]) == len(counts["inside"]) + 1
    assert {row["factor"] for row in found["variance_of_difference"]["factors"]} == {*answer().world.uncertain.factors}
    price = found["fans"][0]
    assert (price["name"], price["plan"], len(price["times"])) == ("btc_price_usd", None, 60)
    assert list(price["percentiles"]) == ["p5", "p25", "p50", "p75", "p95"]
    assert price["without_uncertainty"] == [63001.0] * 60
    flow = found["fans"][-1]
    assert (flow["plan"], flow["less"], flow["times"][:2]) == ("lease", "mine", ["start", "2027-01"])
    volatility = next(row for row in found["assumptions"] if row["name"] == "volatility_fraction_per_year")
    assert volatility | {"source": ""} == {
        "factor": "btc_price_usd", "name": "volatility_fraction_per_year", "value": 0.65,
        "unit": "fraction_per_year", "given": False, "source": "", "as_of": "2026-08",
    }  # fmt: skip
    assert tree(answer(CERTAIN))["variance_of_difference"]["reason"] == "nothing is uncertain"


def test_a_lone_plan_has_nothing_to_compare() -> None:
    found = tree(answer(text=LONE))
    (plan,) = found["plans"]
    assert found["compared_by"] == found["histogram"]["figure"] == "npv_usd"
    assert (plan["vs_baseline"], plan["best"], plan["mean_regret_usd"]) == (None, None, None)
    assert (found["break_evens"], found["value_of_perfect_information_usd"], found["tolerance"]) == ([], None, None)


def test_a_row_for_each_statistic() -> None:
    table = flat(answer(figures=(IRR,)))
    rows = {tuple(cell.text for cell in row[:3] if isinstance(cell, Text)): row for row in table.rows}
    assert len(rows) >= 70
    mean = rows["lease", "npv_usd", "mean"]
    spread = answer(figures=(IRR,)).outcomes.of("lease").npv.mean
    assert mean[3] == Value(spread.number, "usd", error=spread.error)
    assert mean[4:7] == [Value(spread.low, "usd"), Value(spread.high, "usd"), Value(1024, "count")]
    against = answer(figures=(IRR,)).outcomes.of("lease").against
    assert against is not None
    beats = against.beats.above
    assert rows["lease", "npv_difference_at_scenario_rate_usd", "beats"][3] == Value(
        beats.number, "fraction", error=beats.error
    )
    undefined = {row[-1]: row[3] for row in table.rows if row[2] == Text("undefined_paths")}
    missing = answer(figures=(IRR,)).outcomes.of("mine").others[IRR].undefined
    assert undefined == {Text(reason): Value(float(count), "count") for reason, count in missing.items()}
    assert ("", "npv_at_scenario_rate_usd", "value_of_perfect_information") in rows
    assert ("lease", "plans.lease.rent_usd_per_kw_per_month", "break_even_at_0.9") in rows
    assert ("lease", "btc_price_usd", "total_share_of_variance") in rows
    assert rows["mine", IRR, "without_uncertainty"][3] == Value(None, "fraction_per_year")


def test_what_a_lender_asks_is_in_tree_and_rows() -> None:
    found = answer(text=LENT)
    mine, lease = tree(found)["plans"]
    cover = found.outcomes.of("lease").cover
    assert cover is not None
    assert cover.breach is not None
    assert mine["debt"] is None
    assert list(lease["debt"]) == [
        "dscr_min_ratio", "probability_of_dscr_below_one", "default_dscr_ratio", "probability_of_breach"
    ]  # fmt: skip
    assert lease["debt"]["dscr_min_ratio"]["p10"]["estimate"] == cover.least_dscr.percentiles[10.0].number
    assert lease["debt"]["default_dscr_ratio"] == 2.4
    assert lease["debt"]["probability_of_breach"]["estimate"] == cover.breach.number
    rows = {tuple(cell.text for cell in row[:3] if isinstance(cell, Text)): row for row in flat(found).rows}
    breach = Value(cover.breach.number, "fraction", error=cover.breach.error)
    assert rows["lease", "covenant_breach_count", "probability_above_zero"][3] == breach
    assert rows["lease", "dscr_min_ratio", "p10"][3].number == cover.least_dscr.percentiles[10.0].number  # type: ignore[union-attr]
    assert not any(row[:2] == ("mine", "dscr_min_ratio") for row in rows)
    assert tree(answer())["plans"][1]["debt"] is None


def test_a_figure_asked_for_is_told_once() -> None:
    found = answer(text=LENT, figures=("dscr_min_ratio",))
    keys = [tuple(cell.text for cell in row[:3] if isinstance(cell, Text)) for row in flat(found).rows]
    assert keys.count(("lease", "dscr_min_ratio", "p10")) == 1
    lease = tree(found)["plans"][1]
    assert lease["figures"]["dscr_min_ratio"] == lease["debt"]["dscr_min_ratio"]


def test_times_are_months_and_ends_of_months() -> None:
    of = answer()
    labels = {fan.name: fan_labels(fan, of) for fan in of.fans}
    assert labels["btc_price_usd"][0] == "2027-01"
    assert labels["btc_price_usd"][-1] == "2031-12"
    assert labels["cumulative_net_usd"] == ["start", *labels["btc_price_usd"]]
    for fan in of.fans:
        assert len(fan_labels(fan, of)) == fan.percentiles.shape[1] == fan.certain.size


def test_the_bridge_of_each_plan_and_the_scenarios_rank() -> None:
    found = answer()
    mine, lease = tree(found)["plans"]
    steps = found.bridges["lease"]
    assert [step["step"] for step in lease["bridge"]] == [step.name for step in steps.lead]
    assert [step["npv_usd"] for step in lease["bridge"]] == [step.usd.number for step in steps.npv]
    assert [step[GAP] for step in lease["bridge"]] == [step.usd.number for step in steps.lead]
    assert set(mine["bridge"][0]) == {"step", "npv_usd", "npv_error_usd"}
    lead = lease["vs_baseline"][GAP]
    assert 0.8 < lead["probability_below_without_uncertainty"]["estimate"] < 1.0
    rows = {(cell[0].text, cell[1].text, cell[2].text): cell[3] for cell in flat(found).rows}  # type: ignore[union-attr]
    assert rows["lease", GAP, "bridge_mean"].number == steps.lead[-1].usd.number  # type: ignore[union-attr]
