"""What only the whole scenario can tell: the warnings it deserves; its errors have their texts in ``bad_scenarios``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minecalc import checks
from minecalc.loading import load, read_bytes
from minecalc.scenario import Scenario
from tests.by_hand import CLOUD, CONVERSION, LEASE, MARKET, MINER, SITE, Data, compared

TEXAS = Path(__file__).parents[1] / "examples" / "texas.yaml"
#: Ready halls, so that no warning asks for their cost.
CHEAP = {"capex_usd_per_critical_mw": 1e6}
FULL_CLOUD = CLOUD | CHEAP | {"gpu_count": 3500, "life_months": 24}


def scenario_of(plans: Data, **scenario: Any) -> Scenario:
    return compared(plans, **scenario).scenario


def told(plans: Data, **scenario: Any) -> list[str]:
    return checks.warnings(scenario_of(plans, **scenario))


def codes(plans: Data, **scenario: Any) -> list[str]:
    """The codes of all that is wrong with ``plans`` at the site of ``by_hand``."""
    data = {"name": "checked", "months": 24, "site": SITE, "market": MARKET, "plans": plans} | scenario
    return [item.code for item in read_bytes(json.dumps(data).encode(), "checked", Path()).diagnostics]


def test_a_scenario_with_nothing_odd_has_no_warnings() -> None:
    assert told({"lease": LEASE | CHEAP, "cloud": FULL_CLOUD, "mine": MINER}, months=12) == []


def test_idle_megawatts_are_told_from_a_hundredth_on() -> None:
    assert told({"a": LEASE | CHEAP | {"gross_mw": 9.95}}) == []
    assert told({"a": LEASE | CHEAP | {"gross_mw": 7.5}}) == ["a: 2.5 of the site's 10 MW stand idle"]


def test_a_draw_above_the_megawatts_given() -> None:
    hungry = LEASE | CHEAP | {"critical_per_gross_fraction": 0.9, "pue_ratio": 1.25}
    (text,) = told({"a": hungry})
    assert text == "a: 9 critical MW x load 1 x PUE 1.25 = 11.25 MW, above the 10 MW it is given"
    assert told({"a": hungry | {"load_factor_fraction": 0.8}}) == []


def test_halls_that_cost_nothing_are_typed_so_and_no_surprise() -> None:
    assert told({"a": LEASE | {"conversion": CONVERSION | {"capex_usd_per_critical_mw": 0}}}) == []
    assert told({"a": LEASE | {"capex_usd_per_critical_mw": 0}}) == []


def test_machines_that_are_forgotten() -> None:
    text = "lease: the machines of mine are neither run nor sold in this plan"
    assert text in told({"mine": MINER, "lease": LEASE | CHEAP})
    assert text not in told({"mine": MINER, "lease": LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}})
    assert text not in told({"lease": LEASE | CHEAP, "mine": MINER})


def test_each_use_of_several_is_named_and_nothing_is_told_twice() -> None:
    halves = {"uses": {"hall": LEASE | {"gross_mw": 5}, "cloud": CLOUD | {"gross_mw": 5}}}
    found = told({"halves": halves})
    assert found
    assert len(found) == len(set(found))


def test_a_hash_price_that_no_network_survives() -> None:
    """The best machine on record at 5 cents needs some 11 USD per PH/s and day."""
    falling = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 30, "2028-04": 9}}}
    found = [text for text in told({"mine": MINER}, market=falling) if "hash price" in text]
    assert len(found) == 1
    assert found[0].startswith("the hash price falls to $9 per PH/s a day in 2028-04, below the $")
    assert not [text for text in told({"mine": MINER}, market=MARKET) if "hash price falls" in text]
    assert not [text for text in told({"lease": LEASE}, market=falling) if "hash price" in text], "nobody mines"


def test_a_month_of_a_few_dear_hours_does_not_stop_a_network() -> None:
    """In August of 2023 Texas power cost 26 cents in the mean, and less than mining earns in most hours."""
    market = {"hash_price_usd_per_ph_per_day": 30}
    for price, found in (({"duration_curve": "ercot-hub-average-2023"}, 0), (0.2, 1)):
        site = SITE | {"electricity_price_usd_per_kwh": price}
        told_of = [text for text in told({"mine": MINER}, market=market, site=site) if "hash price falls" in text]
        assert len(told_of) == found


def test_hash_price_by_year_is_the_mean_of_its_months() -> None:
    market = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 30, "2027-07": 20, "2028-01": 10}}}
    assert checks.hash_price_by_year(scenario_of({"mine": MINER}, market=market)) == pytest.approx([25, 10])
    assert checks.hash_price_by_year(scenario_of({"mine": MINER}, market=market, months=13)) == pytest.approx([25, 10])


def test_megawatts_may_be_used_up_but_not_exceeded() -> None:
    assert codes({"mine": MINER}) == []
    assert codes({"mine": MINER | {"hash_rate_eh_per_s": 1.0000001}}) == [], "rounding of inputs"
    assert codes({"mine": MINER | {"hash_rate_eh_per_s": 1.001}}) == ["too-many-megawatts"]
    assert codes({"a": FULL_CLOUD}) == []
    assert codes({"a": FULL_CLOUD | {"gpu_count": 3501}}) == ["too-many-megawatts"]
    thirds = {"uses": {str(i): LEASE | {"gross_mw": 10 / 3} for i in range(3)}}
    assert codes({"thirds": thirds}) == []
    assert codes({"halves": {"uses": {str(i): LEASE | {"gross_mw": 5.01} for i in range(2)}}}) == ["too-many-megawatts"]


def test_only_ai_needs_convertible_megawatts() -> None:
    site = SITE | {"convertible_fraction": 0.5}
    half = LEASE | {"gross_mw": 5}
    beside = {"uses": {"lease": half, "mine": MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}}}
    for plan in (MINER, half, beside):
        assert codes({"a": plan}, site=site) == []
    assert codes({"a": LEASE}, site=site) == ["too-many-megawatts"]


def test_a_fleet_within_the_smallest_network_of_all_months() -> None:
    market = {"network_hash_rate_eh_per_s": {"steps": {"2027-01": 2, "2028-01": 0.9}}}
    assert codes({"mine": MINER}, market=market) == ["beyond-network"]
    assert codes({"mine": MINER | {"hash_rate_eh_per_s": 0.8}}, market=market) == []
    assert codes({"mine": MINER}, market=MARKET) == [], "no network behind a given hash price"


def test_dates_may_lie_at_the_ends_of_the_horizon() -> None:
    for dates in ({"starts": "2027-01", "ready": "2027-01"}, {"starts": "2028-12", "ready": "2028-12"}):
        assert codes({"a": LEASE | {"conversion": CONVERSION | dates}}) == []
    assert codes({"a": LEASE | {"conversion": CONVERSION | {"ready": "2029-01"}}}) == ["outside-horizon"]
    for stops, expected in (
        ("2027-01", []),
        ("2029-01", []),
        ("2029-02", ["outside-horizon"]),
        ("2026-12", ["outside-horizon"]),
    ):
        assert codes({"a": MINER | {"stops": stops}}) == expected


def test_names_are_checked_before_dates_and_dates_before_megawatts() -> None:
    meanwhile = CONVERSION | {"meanwhile": "nobody", "ready": "2040-01"}
    assert codes({"a": LEASE | {"conversion": meanwhile}}) == ["unknown-plan"]


def test_every_code_is_explained() -> None:
    assert all(text and not text.endswith(".") for text in checks.CODES.values())
    assert checks.problems(load(TEXAS)) == []


HALVED = "which halves what a block pays"


def of_hash_price(hash_price: Any, months: int = 60, **mine: Any) -> list[str]:
    """The warnings that speak of a halving."""
    market = {"hash_price_usd_per_ph_per_day": hash_price}
    scenario = compared({"mine": MINER | mine}, market=market, months=months).scenario
    return [text for text in checks.warnings(scenario) if HALVED in text]


def test_a_hash_price_held_through_a_halving_is_said() -> None:
    (found,) = of_hash_price(38)
    assert "held at $38 through the halving of 2028-04" in found
    (found,) = of_hash_price({"steps": {"2027-01": 38, "2028-06": 20}})
    assert "2028-04" in found
    (found,) = of_hash_price(38, months=120, life_months=120)
    assert "through the halvings of 2028-04 and 2032-04" in found


@pytest.mark.parametrize(
    ("hash_price", "keys"),
    [
        ({"steps": {"2027-01": 38, "2028-04": 20}}, {}),
        ({"start": 38, "growth_fraction_per_year": -0.2}, {}),
        (38, {"months": 12}),
        (38, {"stops": "2028-04"}),
        (38, {"life_months": 12}),
        (0, {}),
    ],
)
def test_a_path_that_moves_or_a_fleet_that_is_gone_is_not_warned_of(hash_price: Any, keys: Any) -> None:
    assert of_hash_price(hash_price, **keys) == []


def test_a_price_and_a_network_feel_the_halving_themselves() -> None:
    scenario = compared({"mine": MINER}, market={"btc_price_usd": 60_000}, months=60).scenario
    assert not [text for text in checks.warnings(scenario) if HALVED in text]


TAX: Data = {"rate_fraction": 0.2}


def of_tax(plans: Data, **scenario: Any) -> list[str]:
    """The warnings about tax."""
    words = ("tax", "basis_of_owned", "bonus_fraction")
    return [text for text in told(plans, **scenario) if any(word in text for word in words)]


def test_a_plan_with_tax_beside_one_without_is_said() -> None:
    assert of_tax({"lease": LEASE | CHEAP | {"tax": TAX}, "cloud": FULL_CLOUD, "mine": MINER}) == [
        "lease pays tax and cloud and mine do not, so plans are compared before tax: tax at the top of the file is for "
        "every plan"
    ]
    assert of_tax({"lease": LEASE | CHEAP | {"tax": TAX}, "mine": MINER | {"tax": TAX}}) == []
    assert of_tax({"lease": LEASE | CHEAP, "mine": MINER | {"tax": TAX}}, tax=TAX) == []
    assert of_tax({"lease": LEASE | CHEAP, "mine": MINER}) == []


def test_a_tax_that_says_what_has_nothing_to_act_on_is_said() -> None:
    owned = TAX | {"basis_of_owned_machines_usd": 1e6}
    assert of_tax({"lease": LEASE | CHEAP | {"tax": owned}}) == [
        "lease: basis_of_owned_machines_usd is deducted nowhere: no machines of this plan were there before"
    ]
    assert of_tax({"mine": MINER | {"tax": owned}}) == []
    slow = dict.fromkeys(("building", "gpu", "machine"), "macrs_39")
    bonus = TAX | {"bonus_fraction": 0.5}
    assert of_tax({"lease": LEASE | CHEAP | {"tax": bonus | {"classes": slow}}}) == [
        "lease: bonus_fraction does nothing: every class has more than 20 years"
    ]
    assert of_tax({"lease": LEASE | CHEAP | {"tax": bonus}}) == []
