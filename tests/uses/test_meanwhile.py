"""What runs until a conversion: a plan or some uses of it, as files and command lines write it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from minecalc.analysis.diff.attribution import written
from minecalc.cli._settable import settable
from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads
from minecalc.scenario.varying import vary
from minecalc.schema.validate import validate_data
from minecalc.uses.conversion import Conversion
from minecalc.uses.meanwhile import Meanwhile
from tests.by_hand import DAYS, LEASE, MINER, Data, compared, line

DATES: Data = {"starts": "2027-03", "ready": "2027-05"}
#: Two fleets of half the site each; the old one burns all that it earns but 3,000 USD a day.
FLEET: Data = {
    "uses": {
        "old": MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.4, "efficiency_j_per_th": 12.5},
        "new": MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5},
    }
}
OLD_A_DAY, NEW_A_DAY = 8_000 - 6_000, 10_000 - 6_000


def lease(meanwhile: object, **more: object) -> Data:
    return LEASE | {"conversion": DATES | {"meanwhile": meanwhile}} | more


def problem(meanwhile: object) -> str:
    """The message and help of the only thing that is wrong with it."""
    plans = {"fleet": FLEET, "it": lease(meanwhile)}
    site = {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}
    with pytest.raises(ScenarioError) as error:
        loads(json.dumps({"name": "x", "site": site, "plans": plans}))
    (found,) = error.value.diagnostics
    return f"{found.code}: {found.message}; {found.help}"


def read(meanwhile: object) -> Meanwhile:
    found, _ = validate_data(DATES | {"meanwhile": meanwhile}, Conversion)
    assert found is not None
    assert found.meanwhile is not None
    return found.meanwhile


def test_the_forms() -> None:
    assert read("fleet") == read({"plan": "fleet"}) == read(Meanwhile("fleet")) == Meanwhile("fleet")
    some = read({"plan": "fleet", "uses": ["old", "new"]})
    assert some == Meanwhile("fleet", ("old", "new"))
    assert (str(some), some.written) == ("old and new of fleet", "{plan: fleet, uses: [old, new]}")
    assert (str(read("fleet")), read("fleet").written) == ("fleet", "fleet")
    assert written(some) == {"plan": "fleet", "uses": ["old", "new"]}
    assert written(read("fleet")) == "fleet"
    old = read({"plan": "fleet", "fleets": ["s19 xp"]})
    assert old == Meanwhile("fleet", fleets=("s19 xp",))
    assert (str(old), old.written) == ("s19 xp of fleet", "{plan: fleet, fleets: [s19 xp]}")
    assert written(old) == {"plan": "fleet", "fleets": ["s19 xp"]}


def test_some_fleets_of_a_mine_run_on_the_megawatts_that_convert() -> None:
    """The old machines draw 5 MW of 10: on 4 MW that convert run four fifths of them, with their part of the income."""
    own = {key: value for key, value in MINER.items() if key in ("pue_ratio", "efficiency_j_per_th")}
    fleets = {
        "old": own | {"hash_rate_eh_per_s": 0.4, "efficiency_j_per_th": 12.5},
        "new": own | {"hash_rate_eh_per_s": 0.5},
    }
    free = {key: value for key, value in MINER.items() if key.endswith(("uptime_fraction", "fee_fraction", "per_year"))}
    mine = {"kind": "bitcoin_mining", "fleets": fleets, "demand_response_usd_per_month": 1000} | free
    left = mine | {"gross_mw": 6, "fleets": fleets | {"old": fleets["old"] | {"hash_rate_eh_per_s": 0.08}}}
    halls = lease({"plan": "fleet", "fleets": ["old"]}, gross_mw=4)
    plans = {"fleet": mine, "it": {"uses": {"left": left, "halls": halls}}}
    plan = compared(plans, site={"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}).plans["it"]
    revenue = [item for item in plan.flows.lines if item.meanwhile and item.name == "mining_revenue_usd"]
    assert revenue[0].usd[:3, 0] == pytest.approx([31 * 8000 * 0.8, 28 * 8000 * 0.8, 0])
    income = [item for item in plan.flows.lines if item.meanwhile and item.name == "demand_response_usd"]
    assert income[0].usd[:3, 0] == pytest.approx([400, 400, 0])


def test_fleets_that_run_meanwhile_have_their_part_of_what_the_whole_mine_has_agreed_on() -> None:
    """Half of the mine by draw, on four fifths of it: two fifths of its hedges, and of the cash that coins keep up."""
    own = {key: value for key, value in MINER.items() if key in ("pue_ratio", "efficiency_j_per_th")}
    free = {key: value for key, value in MINER.items() if key.endswith(("uptime_fraction", "fee_fraction", "per_year"))}
    whole = {"begins": "2027-01", "ends": "2028-12"}
    agreed = {
        "hash_price_forward": {"eh_per_s": 1, "price_usd_per_ph_per_day": 30} | whole,
        "power_swap": {"mw": 10, "price_usd_per_kwh": 0.04} | whole,
        "sells_fraction": 0,
        "treasury": {"sell_when_cash_below_usd": 100_000},
        "power_contract": {"mw": 8, "price_usd_per_kwh": 0.04, "resale": "hourly"},
        "demand_response": {"mw": 4, "usd_per_mw_per_month": 3000},
    }
    halves = {"old": own | {"hash_rate_eh_per_s": 0.5}, "new": own | {"hash_rate_eh_per_s": 0.5}}
    mine = {"kind": "bitcoin_mining", "fleets": halves} | free | agreed
    plans = {"mine": mine, "it": lease({"plan": "mine", "fleets": ["old"]}, gross_mw=4)}
    found = compared(plans, market={"btc_price_usd": 50_000, "network_hash_rate_eh_per_s": 500}).plans
    agreed_on = ("hash_price_forward_usd", "power_swap_usd", "coins_sold_usd", "power_contract_usd")
    for name in (*agreed_on, "demand_response_capacity_usd"):
        ours, theirs = line(found["it"], name)[:2], line(found["mine"], name)[:2]
        assert ours == pytest.approx([0.4 * usd for usd in theirs]), name


def test_a_fleet_that_is_not_there_cannot_run() -> None:
    assert problem({"plan": "fleet", "fleets": ["s21"]}).startswith("unknown-name: there is no fleet s21")


def test_named_uses_run_scaled_by_their_own_megawatts() -> None:
    plans = {
        "fleet": FLEET,
        "all": lease("fleet"),
        "old": lease({"plan": "fleet", "uses": ["old"]}, gross_mw=5),
        "new": lease({"plan": "fleet", "uses": ["new"]}, gross_mw=2.5),
        "both": lease({"plan": "fleet", "uses": ["old", "new"]}),
    }
    found = compared(plans)
    a_day = {"all": OLD_A_DAY + NEW_A_DAY, "old": OLD_A_DAY, "new": NEW_A_DAY / 2, "both": OLD_A_DAY + NEW_A_DAY}
    for name, usd in a_day.items():
        plan = found.plans[name]
        earned = [
            sum(pair) for pair in zip(line(plan, "mining_revenue_usd"), line(plan, "mining_power_usd"), strict=True)
        ]
        assert earned[:4] == pytest.approx([DAYS[0] * usd, DAYS[1] * usd, 0.0, 0.0]), name
        lost = plan.engine.lost_margin_usd(plan.plan)[:, 0]
        assert lost[:5].tolist() == pytest.approx([0.0, 0.0, DAYS[2] * usd, DAYS[3] * usd, 0.0])


def test_uses_of_a_plan_that_also_does_something_else() -> None:
    mixed = {"uses": {"mine": FLEET["uses"]["old"], "lease": LEASE | {"gross_mw": 5}}}
    later = lease({"plan": "mixed", "uses": ["mine"]}, gross_mw=5)
    plan = compared({"mixed": mixed, "later": later}).plans["later"]
    assert line(plan, "mining_revenue_usd")[:3] == pytest.approx([DAYS[0] * 8_000, DAYS[1] * 8_000, 0.0])


@pytest.mark.parametrize(
    ("meanwhile", "text"),
    [
        ("flet", "unknown-plan: there is no plan flet; did you mean fleet?"),
        ({"plan": "flet"}, "unknown-plan: there is no plan flet; did you mean fleet?"),
        ({"plan": "fleet", "uses": ["odl"]}, "unknown-name: there is no use odl; did you mean old?"),
        ({"plan": "fleet", "uses": ["old", "old"]}, "conflict: old stands here twice; name each use once"),
        (
            {"plan": "fleet", "uses": []},
            "bad-length: uses has 0 entries; it must have at least 1; ",
        ),
        ({"plan": "fleet", "use": ["old"]}, 'unknown-key: unknown key "use"; did you mean uses?'),
        ({"uses": ["old"]}, "missing-key: plan is missing; the plan whose machines run until the start"),
        ("it", "bad-meanwhile: it is more than mining or hosting, so it cannot run until the conversion starts; "),
        (3, "wrong-type: meanwhile is 3, which names no plan; name a plan, or {plan: name, uses: [the uses of it "),
    ],
)
def test_what_is_wrong(meanwhile: object, text: str) -> None:
    assert problem(meanwhile).startswith(text)


def test_a_command_line_is_offered_what_is_written() -> None:
    site = {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}
    plans = {"fleet": FLEET, "it": lease({"plan": "fleet", "uses": ["old"]}, gross_mw=5)}
    scenario = loads(json.dumps({"name": "x", "site": site, "plans": plans}))
    (found,) = (each for each in settable(scenario) if each.parts[-1] == "meanwhile")
    assert found.now == "{plan: fleet, uses: [old]}"
    again = loads(
        json.dumps({"name": "x", "site": site, "plans": plans}), [f"plans.it.conversion.meanwhile={found.now}"]
    )
    assert evaluate(again).plans["it"].npv_usd.tolist() == evaluate(scenario).plans["it"].npv_usd.tolist()


def test_what_has_no_megawatts_runs_nowhere() -> None:
    """As a column may have it: no file may."""
    plans = {"fleet": FLEET, "it": lease({"plan": "fleet", "uses": ["old"]}, gross_mw=5)}
    scenario = vary(compared(plans).scenario, {"plans.fleet.uses.old.gross_mw": np.array([5.0, 0.0, 2.5])})
    revenue = next(each.usd for each in evaluate(scenario).plans["it"].flows.lines if each.name == "mining_revenue_usd")
    assert revenue[0].tolist() == pytest.approx([DAYS[0] * 8_000, 0.0, 2 * DAYS[0] * 8_000])
    alone = vary(scenario, {"plans.fleet.uses.old.gross_mw": 0.0})
    assert not any(line(evaluate(alone).plans["it"], "mining_revenue_usd"))


@pytest.mark.parametrize(("stops", "once"), [("never", True), ("best", False)])
def test_plans_of_other_rates_share_what_runs_until_both_convert(stops: str, *, once: bool) -> None:
    """Only a date that is worth most goes by the rate of the plan that converts."""
    plans = {
        "mine": MINER | {"stops": stops},
        "a": lease("mine"),
        "b": lease("mine", discount_rate_fraction_per_year=0.3),
    }
    found = evaluate(compared(plans).scenario)
    a, b = (next(own.usd for own in found.plans[name].lines if own.name == "mining_revenue_usd") for name in ("a", "b"))
    assert (a is b) == once
    assert np.array_equal(a, b)
