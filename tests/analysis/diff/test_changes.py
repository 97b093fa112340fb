"""What counts as one change: each input that differs once, whatever its form, and what cannot change alone together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minecalc.analysis.diff.changes import Change, Differences, differences
from minecalc.loading import Reading, read_bytes
from minecalc.loading.origins import Origin
from minecalc.uses.meanwhile import Meanwhile
from tests.by_hand import CLOUD, CONVERSION, LEASE, MARKET, MINER, SITE, Data, terms

NAMED_MACHINE = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 0.4}
SPOT = {"network_hash_rate_eh_per_s": 1000, "btc_price_usd": 60_000}


def reading(data: Data | str, folder: Path = Path()) -> Reading:
    found = read_bytes((data if isinstance(data, str) else json.dumps(data)).encode(), "some.yaml", folder)
    assert found.scenario is not None, found.diagnostics
    return found


def scenario(plans: Data, **rest: Any) -> Data:
    return {"name": "it", "months": 24, "site": SITE, "market": MARKET, "plans": plans} | rest


def between(a: Data, b: Data, folder: Path = Path()) -> Differences:
    return differences(reading(a, folder), reading(b, folder))


def of_plans(a: Data, b: Data, **rest: Any) -> list[list[str]]:
    """The paths of each change between two plans called ``x``, below that plan."""
    found = between(scenario({"x": a}, **rest), scenario({"x": b}, **rest))
    return [[place.dotted.removeprefix("plans.x.") for place in change.inputs] for change in found.changes]


def paths(changes: tuple[Change, ...]) -> list[list[str]]:
    return [[place.dotted for place in change.inputs] for change in changes]


def test_equal_scenarios_do_not_differ_however_they_are_written() -> None:
    written = scenario({"x": MINER | {"uptime_fraction": {"value": 0.9}}}, baseline="x", start="2027-01")
    found = between(scenario({"x": MINER | {"uptime_fraction": 0.9, "curtail": True}}), written)
    assert (found.changes, found.unpriced, found.added, found.removed) == ((), (), (), ())
    assert found.common == ("x",)


@pytest.mark.parametrize(
    ("key", "a", "b"),
    [
        ("hash_rate_eh_per_s", 1, 0.9),
        ("curtail", True, False),
        ("stops", "never", "2028-01"),
        ("life_months", 60, 12),
        ("uptime_fraction", 0.9, {"start": 0.9, "growth_fraction_per_year": -0.1}),
        ("uptime_fraction", 0.9, {"value": 0.9, "scale": 0.5}),
        ("uptime_fraction", {"steps": {"2027-01": 0.9}}, {"points": {"2027-01": 0.9}}),
        ("uptime_fraction", {"points": {"2027-01": 0.9}}, {"points": {"2027-01": 0.8}}),
        ("machine_resale_usd_per_th", None, 5),
    ],
)
def test_an_input_is_one_change_whatever_its_form(key: str, a: Any, b: Any) -> None:
    one, other = MINER | ({} if a is None else {key: a}), MINER | {key: b}
    assert of_plans(one, other) == [[key]]
    assert of_plans(other, one) == [[key]]


def test_inputs_of_the_scenario_the_site_and_groups_inside_a_use() -> None:
    uses = {"mine": MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}, "let": LEASE | {"gross_mw": 5}}
    a = scenario({"x": {"uses": uses}}, start="2027-01")
    refreshed = {"refresh": {"every_months": 12, "price_usd_per_th": 10, "efficiency_j_per_th": 9}}
    uses = {"let": uses["let"], "mine": uses["mine"] | refreshed}
    b = scenario({"x": {"uses": uses, "discount_rate_fraction_per_year": 0.1}}) | {
        "months": 30,
        "start": "2027-02",
        "discount_rate_fraction_per_year": 0.05,
        "site": SITE | {"fixed_cost_usd_per_year": 5},
    }
    assert paths(between(a, b).changes) == [
        ["start"],
        ["months"],
        ["discount_rate_fraction_per_year"],
        ["site.fixed_cost_usd_per_year"],
        ["plans.x.discount_rate_fraction_per_year"],
        ["plans.x.uses.mine.refresh"],
    ]
    uses = uses | {"mine": uses["mine"] | {"refresh": refreshed["refresh"] | {"price_usd_per_th": 11}}}
    c = b | {"plans": {"x": {"uses": uses, "discount_rate_fraction_per_year": 0.1}}}
    assert paths(between(b, c).changes) == [["plans.x.uses.mine.refresh.price_usd_per_th"]]


def test_what_enters_no_cash_flow_is_told_apart() -> None:
    a = scenario({"x": LEASE})
    found = between(a, a | {"name": "other", "site": SITE | {"convertible_fraction": 1}})
    assert [place.dotted for place in found.unpriced] == ["name"]
    found = between(a, scenario({"x": LEASE | {"gross_mw": 5}}, site=SITE | {"convertible_fraction": 0.5}))
    assert [place.dotted for place in found.unpriced] == ["site.convertible_fraction"]
    assert paths(found.changes) == [["plans.x.gross_mw"]]


def test_a_machine_brings_its_figures() -> None:
    old, new = NAMED_MACHINE | {"machine": "antminer-s19-xp"}, NAMED_MACHINE | {"machine": "antminer-s21-xp-hyd"}
    assert of_plans(old, new) == [["machine", "efficiency_j_per_th", "pue_ratio"]]
    assert of_plans(NAMED_MACHINE, new) == [["machine", "efficiency_j_per_th", "pue_ratio"]]


def test_figures_that_are_given_are_changes_of_their_own() -> None:
    old, new = NAMED_MACHINE | {"machine": "antminer-s19-xp"}, NAMED_MACHINE | {"machine": "antminer-s21-xp"}
    given = old | {"efficiency_j_per_th": 20, "pue_ratio": 1.05}
    found = between(scenario({"x": given}), scenario({"x": new | {"pue_ratio": 1.05}}))
    assert paths(found.changes) == [["plans.x.efficiency_j_per_th"]]
    assert [place.dotted for place in found.unpriced] == ["plans.x.machine"]
    (place,) = found.changes[0].inputs
    assert (place.a, place.origin_b and place.origin_b.kind) == (20, "record")


def test_a_plan_may_be_called_like_an_input() -> None:
    found = between(scenario({"machine": LEASE}), scenario({"machine": CLOUD}))
    assert paths(found.changes) == [["plans.machine"]]


def of_markets(a: Data, b: Data) -> list[list[str]]:
    plans = {"x": MINER}
    found = between(scenario(plans, market=a), scenario(plans, market=b))
    return [[place.path[-1] for place in change.inputs] for change in found.changes]


def test_what_takes_the_place_of_another_is_one_change() -> None:
    difficulty = {"network_difficulty": 1e14, "btc_price_usd": 70_000, "fee_fraction": 0.01}
    assert of_markets(SPOT, difficulty) == [
        ["btc_price_usd"],
        ["network_difficulty", "network_hash_rate_eh_per_s"],
        ["fee_fraction", "fee_btc_per_block"],
    ]
    assert of_markets(difficulty, difficulty | {"network_difficulty": 2e14}) == [["network_difficulty"]]


def test_a_hash_price_takes_the_place_of_the_whole_market() -> None:
    (change,) = of_markets(SPOT, MARKET)
    assert change[0] == "hash_price_usd_per_ph_per_day"
    assert set(change[1:]) == {"btc_price_usd", "network_hash_rate_eh_per_s", "fee_btc_per_block"}
    assert of_markets(MARKET, SPOT) == [change]
    assert of_markets(MARKET, {"hash_price_usd_per_ph_per_day": 30}) == [["hash_price_usd_per_ph_per_day"]]
    scaled = SPOT | {"hash_price_usd_per_ph_per_day": {"scale": 1.5}}
    found = between(scenario({"x": MINER}, market=SPOT), scenario({"x": MINER}, market=scaled))
    (place,) = found.changes[0].inputs
    assert (place.path[-1], place.a.scale, place.b.scale) == ("hash_price_usd_per_ph_per_day", 1.0, 1.5)


def test_a_contract_takes_the_place_of_a_rent() -> None:
    contract = {key: value for key, value in LEASE.items() if key != "rent_usd_per_kw_per_month"}
    contract["contract"] = {"value_usd": 1e8, "term_years": 2}
    assert of_plans(LEASE, contract) == [["contract", "rent_usd_per_kw_per_month"]]
    larger = contract | {"contract": {"value_usd": 2e8, "term_years": 1}}
    assert of_plans(contract, larger) == [["contract.value_usd"], ["contract.term_years"]]


def test_a_take_or_pay_contract_takes_the_place_of_a_rate_or_stands_beside_it() -> None:
    contract = {"value_usd": 1e7, "term_months": 24}
    only = {key: value for key, value in CLOUD.items() if key != "lease_usd_per_gpu_hour"} | {"contract": contract}
    half = CLOUD | {"contract": contract | {"gpu_fraction": 0.5}}
    assert of_plans(CLOUD, only) == [["lease_usd_per_gpu_hour", "contract"]]
    assert of_plans(half, only) == [["lease_usd_per_gpu_hour", "contract.gpu_fraction"]]
    assert of_plans(CLOUD, half | {"lease_usd_per_gpu_hour": 3}) == [["lease_usd_per_gpu_hour"], ["contract"]]


def test_capex_goes_into_a_conversion_with_it() -> None:
    converted = LEASE | {"conversion": CONVERSION}
    assert of_plans(LEASE | {"capex_usd_per_critical_mw": 2e6}, converted) == [
        ["conversion", "capex_usd_per_critical_mw"]
    ]
    same = CONVERSION["capex_usd_per_critical_mw"]
    assert of_plans(LEASE | {"capex_usd_per_critical_mw": same}, converted) == [["conversion"]]


def test_a_cap_rate_brings_its_basis() -> None:
    exit_ = {"exit_cap_rate_fraction": 0.07, "exit_basis": "remaining_term", "term_months": 30}
    assert of_plans(LEASE | {"term_months": 30}, LEASE | exit_) == [["exit_cap_rate_fraction", "exit_basis"]]


@pytest.mark.parametrize(
    ("b", "changes"),
    [
        ({"starts": "2027-04", "ready": "2027-06"}, [["conversion.starts"], ["conversion.ready"]]),
        ({"starts": "2027-08", "ready": "2027-10"}, [["conversion.starts", "conversion.ready"]]),
        ({"ready": "2027-06", "spend": [0.5, 0.25, 0.25]}, [["conversion.spend", "conversion.ready"]]),
        ({"spend": [0.5, 0.5], "delay_months": 3}, [["conversion.delay_months"], ["conversion.spend"]]),
    ],
)
def test_dates_move_alone_unless_one_would_overtake_the_other(b: Data, changes: list[list[str]]) -> None:
    one, other = LEASE | {"conversion": CONVERSION}, LEASE | {"conversion": CONVERSION | b}
    assert of_plans(one, other) == changes
    assert sorted(map(sorted, of_plans(other, one))) == sorted(map(sorted, changes))


def test_a_gpu_joins_changes_that_belong_together() -> None:
    """The record brings the rate, whose coming takes the contract along."""
    bare = {"kind": "gpu_cloud", "gpu_count": 1000, "kw_per_gpu": 2}
    contracted = bare | {"capex_usd_per_gpu": 24_000, "contract": {"value_usd": 1e7, "term_months": 24}}
    (change,) = of_plans(contracted, bare | {"gpu": "h100", "capex_usd_per_gpu": 24_000})
    assert change == ["gpu", "lease_usd_per_gpu_hour", "contract"]


def test_plans_of_other_uses_are_one_change() -> None:
    as_uses = {"uses": {"x": LEASE}}
    assert paths(between(scenario({"x": LEASE}), scenario({"x": as_uses})).changes) == [["plans.x"]]


def test_plans_on_one_side_only() -> None:
    found = between(scenario({"x": MINER, "y": LEASE}), scenario({"z": CLOUD, "x": MINER}, baseline="x"))
    assert (found.common, found.added, found.removed, found.renamed) == (("x",), ("z",), ("y",), {})
    assert found.changes == ()


def test_a_plan_under_another_name_is_the_same_plan() -> None:
    lease = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
    a = scenario({"mine": MINER, "let": lease, "gone": CLOUD})
    after = LEASE | {"conversion": CONVERSION | {"meanwhile": "dig"}}
    b = scenario({"lease": after, "dig": MINER, "new": CLOUD | {"gpu_count": 1}}, baseline="dig")
    found = between(a, b)
    assert found.renamed == {"mine": "dig", "let": "lease"}
    assert (found.common, found.added, found.removed) == (("lease", "dig"), ("new",), ("gone",))
    assert found.changes == ()
    assert found.a.baseline_plan.name == "dig"
    assert terms(found.a.plans["lease"].uses[0]).conversion.meanwhile == Meanwhile("dig")


def test_the_baseline_is_the_plan_that_it_names() -> None:
    plans = {"x": MINER, "y": LEASE}
    assert paths(between(scenario(plans), scenario(plans, baseline="y")).changes) == [["baseline"]]
    assert between(scenario(plans), scenario(plans, baseline="x")).changes == ()


def test_the_content_of_a_csv_file_counts(tmp_path: Path) -> None:
    def priced(name: str) -> Data:
        return scenario({"x": MINER}, site=SITE | {"electricity_price_usd_per_kwh": {"csv": name, "column": "price"}})

    (tmp_path / "b.csv").write_text("price\n1\n1.5\n")
    (tmp_path / "a.csv").write_text("price\n1\n1\n")
    (tmp_path / "same.csv").write_text("price\n1.0\n1.0\n")
    assert paths(between(priced("a.csv"), priced("b.csv"), tmp_path).changes) == [
        ["site.electricity_price_usd_per_kwh"]
    ]
    assert between(priced("a.csv"), priced("same.csv"), tmp_path).changes == ()


A_TEXT = """\
name: it
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}
plans:
  "old mine":
    kind: bitcoin_mining
    hash_rate_eh_per_s: 1.9
    pool_fee_fraction: 0.01
"""


def at(origin: Origin | None) -> tuple[str, int | None] | None:
    return None if origin is None else (origin.kind, origin.line)


def test_every_value_says_where_it_is_from() -> None:
    b_text = A_TEXT.replace("0.05", "0.06").replace("    pool_fee_fraction: 0.01\n", "")
    b = read_bytes(b_text.encode(), "b.yaml", Path(), ["market.btc_price_usd=70000", 'plans."old mine".stops=best'])
    found = differences(read_bytes(A_TEXT.encode(), "a.yaml", Path()), b)
    origins = {place.dotted: (at(place.origin_a), at(place.origin_b)) for c in found.changes for place in c.inputs}
    assert origins == {
        "site.electricity_price_usd_per_kwh": (("a.yaml", 2), ("b.yaml", 2)),
        "market.btc_price_usd": (("default", None), ("--set", 1)),
        'plans."old mine".pool_fee_fraction': (("a.yaml", 7), ("default", None)),
        'plans."old mine".stops': (("default", None), ("--set", 2)),
    }


def test_a_renamed_plan_is_found_under_its_own_name() -> None:
    """Which plan runs meanwhile does not count for that, and is a change."""
    mines = {"x": MINER, "y": MINER | {"stops": "2028-01"}}
    a = scenario(mines | {"z": LEASE | {"conversion": CONVERSION | {"meanwhile": "x"}}})
    b = scenario(mines | {"zz": LEASE | {"conversion": CONVERSION | {"meanwhile": "y"}}})
    found = between(a, b)
    assert found.renamed == {"z": "zz"}
    (place,) = found.changes[0].inputs
    assert (place.dotted, place.a, place.b) == ("plans.zz.conversion.meanwhile", Meanwhile("x"), Meanwhile("y"))
    assert (at(place.origin_a), at(place.origin_b)) == (("some.yaml", 1), ("some.yaml", 1))


def test_a_reading_without_a_scenario_is_refused() -> None:
    wrong = read_bytes(b"name: [", "wrong.yaml", Path())
    right = reading(scenario({"x": MINER}))
    for pair in ((wrong, right), (right, wrong)):
        with pytest.raises(ValueError, match=r"wrong\.yaml holds no scenario"):
            differences(*pair)


def test_loans_of_the_same_names_differ_input_by_input_and_others_as_a_whole() -> None:
    """Tranches of the same names in the same order have changes of their own; of others seniority is another."""

    def lent(tranches: Data, **terms: Any) -> Data:
        return LEASE | {"conversion": CONVERSION, "financing": {"tranches": tranches, **terms}}

    loan = {"amount_usd": 1e6, "rate_fraction_per_year": 0.07, "repayment": "level", "term_months": 12}
    dearer, larger = {"rate_fraction_per_year": 0.08}, {"reserve_months": 6}
    assert of_plans(lent({"a": loan}), lent({"a": loan | dearer}, **larger)) == [
        ["financing.tranches.a.rate_fraction_per_year"],
        ["financing.reserve_months"],
    ]
    two, swapped = {"a": loan, "b": loan}, {"b": loan, "a": loan | dearer}
    assert of_plans(lent(two), lent(swapped)) == of_plans(lent({"a": loan}), lent(two)) == [["financing.tranches"]]
    assert of_plans(lent(two), lent(swapped, every_months=3)) == [["financing.every_months", "financing.tranches"]]
    longer = loan | {"term_months": 18, "first_payment_months": 12, "dscr_ratio": 1.3, "share_of_cost_fraction": 0.5}
    del longer["amount_usd"]
    sizes = ["share_of_cost_fraction", "amount_usd", "dscr_ratio"]
    found = of_plans(lent({"a": loan}), lent({"a": longer}, every_months=3))
    assert found == [
        ["financing.every_months", *(f"financing.tranches.a.{key}" for key in ("first_payment_months", "term_months"))],
        [f"financing.tranches.a.{key}" for key in sizes],
    ]
