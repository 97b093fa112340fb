"""Every pair of inputs that exclude each other: ``--set`` and ``vary`` choose one as if the file had given it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.businesses import business, kinds
from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads, read_bytes
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.schema.fields import Later
from minecalc.values.paths import TimedInputs
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, SITE, Data

_HERE = Path(__file__).parent
CONTRACT = {"value_usd": 9e7, "term_years": 10}
RENTED = {key: value for key, value in LEASE.items() if key != "rent_usd_per_kw_per_month"}
LOAN = {"dscr_ratio": 1.3, "rate_fraction_per_year": 0.08, "repayment": "level", "term_months": 12}

#: What the file has that an input takes the place of.
INSTEAD_OF = {
    "rent_usd_per_kw_per_month": ("contract",),
    "electricity_price_usd_per_mwh": ("electricity_price_usd_per_kwh",),
    "machine_count": ("hash_rate_eh_per_s",),
    "usd_per_kw_per_month": ("hosting_usd_per_kwh",),
    "maturity": ("term_months",),
}
#: What a mine of named fleets may not say of all of them, and what fleets choose among: tried in ``test_fleet_terms``.
OF_FLEETS = {
    *("fleets", "machine", "efficiency_j_per_th", "pue_ratio", "machine_price_usd_per_th", "machine_resale_usd_per_th"),
    *("life_months", "refresh", "stops", "bought", "deliveries"),
}
#: The first way's path, value and place in the file, those of the second, and keys that both ways' files share.
PAIRS: dict[str, tuple[str, Any, str, Any]] = {
    "network": ("market.network_hash_rate_eh_per_s", 900, "market.network_difficulty", 1.4e14),
    "fees": ("market.fee_btc_per_block", 0.02, "market.fee_fraction", 0.01),
    "price": ("market.btc_price_usd", 50_000, "market.hash_price_usd_per_ph_per_day", 38),
    "network of a hash price": ("market.network_difficulty", 1.4e14, "market.hash_price_usd_per_ph_per_day", 38),
    "fees of a hash price": ("market.fee_fraction", 0.01, "market.hash_price_usd_per_ph_per_day", 38),
    "rent": ("plans.lease.rent_usd_per_kw_per_month", 120, "plans.lease.contract", CONTRACT),
    "price of power": ("site.electricity_price_usd_per_kwh", 0.06, "site.electricity_price_usd_per_mwh", 45),
    "hash rate": ("plans.mine.hash_rate_eh_per_s", 0.9, "plans.mine.machine_count", 5000),
    "price of hosting": ("plans.hosted.hosting_usd_per_kwh", 0.07, "plans.hosted.usd_per_kw_per_month", 50),
    "halls after GPUs, by age or by rent": (
        "plans.cloud.building_life_months",
        240,
        "plans.cloud.halls_relet",
        {"rent_usd_per_kw_per_month": 90, "cap_rate_fraction": 0.08},
    ),
    "size of a loan": (
        "plans.lent.financing.tranches.loan.share_of_cost_fraction",
        0.4,
        "plans.lent.financing.tranches.loan.amount_usd",
        1e6,
    ),
    "last payment of a loan": (
        "plans.lent.financing.tranches.loan.term_months",
        6,
        "plans.lent.financing.tranches.loan.maturity",
        "2028-04",
    ),
    "rent of a use": (
        "plans.both.uses.a.rent_usd_per_kw_per_month",
        120,
        "plans.both.uses.a.contract",
        CONTRACT,
    ),
}


def text(**given: Any) -> str:
    """A file with the inputs ``given`` by dotted path."""
    data: Data = {
        "name": "choices",
        "months": 24,
        "site": dict(SITE),
        "market": {},
        "plans": {
            "mine": dict(MINER) | {"machine": "antminer-s19"},
            "lease": dict(RENTED),
            "both": {"uses": {"a": dict(RENTED) | {"gross_mw": 4}, "b": dict(CLOUD) | {"gross_mw": 6}}},
            "hosted": {"kind": "hosting", "hosting_usd_per_kwh": 0.06},
            "cloud": CLOUD | {"conversion": CONVERSION},
            "lent": LEASE | {"conversion": CONVERSION, "financing": {"tranches": {"loan": dict(LOAN)}}},
        },
    }
    for path, value in ({"plans.lease.contract": CONTRACT, "plans.both.uses.a.contract": CONTRACT} | given).items():
        *way, name = path.split(".")
        owner = data
        for part in way:
            owner = owner[part]
        owner[name] = value
        for other in INSTEAD_OF.get(name, ()):
            if other not in (path.split(".")[-1] for path in given):
                owner.pop(other, None)
    return json.dumps(data)


def worth(scenario: Scenario) -> list[list[float]]:
    return [plan.npv_usd.tolist() for plan in evaluate(scenario).plans.values()]


def test_every_class_with_alternatives_is_tried_here() -> None:
    tried = {path.rsplit(".", 1)[-1] for one in PAIRS.values() for path in (one[0], one[2])}
    tried |= {"conversion", "capex_usd_per_critical_mw", "machine_hash_rate_th_per_s"} | OF_FLEETS
    models: list[type[TimedInputs]] = [business(kind).Inputs for kind in kinds()]
    for stands_in in Later.__subclasses__():
        if stands_in.home.startswith("minecalc."):
            stands_in.meant()
    waiting: list[type[TimedInputs]] = [TimedInputs]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        models += below
    known = {key for model in models for one in model.alternatives for way in one.ways for key in way}
    assert known == tried


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("pair", PAIRS)
def test_setting_one_replaces_the_other_and_says_so(pair: str, backwards: bool) -> None:
    one, other = PAIRS[pair][:2], PAIRS[pair][2:]
    (given, value), (path, wanted) = (other, one) if backwards else (one, other)
    reading = read_bytes(text(**{given: value}).encode(), "x.yaml", _HERE, [f"{path}={json.dumps(wanted)}"])
    assert reading.scenario is not None
    (note,) = reading.diagnostics
    assert (note.severity, note.code) == ("note", "replaced")
    assert note.message.startswith(f"{path} replaces {given}")
    assert worth(reading.scenario) == worth(loads(text(**{path: wanted})))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("pair", [name for name in PAIRS if "rent" not in name and "last" not in name])
def test_varying_one_replaces_the_other(pair: str, backwards: bool) -> None:
    one, other = PAIRS[pair][:2], PAIRS[pair][2:]
    (given, value), (path, wanted) = (other, one) if backwards else (one, other)
    column = np.array([wanted, 1.1 * wanted])
    varied = worth(vary(loads(text(**{given: value})), {path: column}))
    for case, each in enumerate(column.tolist()):
        alone = worth(loads(text(**{path: each})))
        assert [plan[case if len(plan) > 1 else 0] for plan in varied] == [plan[0] for plan in alone]


def test_varying_a_maturity_replaces_the_term_and_a_term_the_maturity() -> None:
    term, _, maturity, _ = PAIRS["last payment of a loan"]
    months = np.array([12.0 * 2028 + 3, 12.0 * 2028 + 5])
    for given, path, column, written in (
        ({term: 6}, maturity, months, ["2028-04", "2028-06"]),
        ({maturity: "2028-04"}, term, np.array([6.0, 12.0]), [6, 12]),
    ):
        varied = worth(vary(loads(text(**given)), {path: column}))[-1]
        assert varied == [worth(loads(text(**{path: each})))[-1][0] for each in written]


def test_varying_a_rent_replaces_the_contract() -> None:
    scenario = loads(text())
    column = np.array([120.0, 130.0])
    found = worth(vary(scenario, {"plans.lease.rent_usd_per_kw_per_month": column}))[1]
    assert found == [
        worth(loads(text(**{"plans.lease.rent_usd_per_kw_per_month": rent})))[1][0] for rent in column.tolist()
    ]


@pytest.mark.parametrize("pair", PAIRS)
def test_two_choices_in_one_command_or_file_are_refused(pair: str) -> None:
    one, value, other, wanted = PAIRS[pair]
    chosen = [f"{one}={json.dumps(value)}", f"{other}={json.dumps(wanted)}"]
    for assignments in (chosen, chosen[::-1]):
        with pytest.raises(ScenarioError, match="conflict"):
            loads(text(), assignments)
    if "rent" not in pair:
        with pytest.raises(ScenarioError, match="conflict"):
            loads(text(**{one: value, other: wanted}))
        with pytest.raises(ValueError, match="exclude each other"):
            vary(loads(text()), {one: value, other: wanted})


def test_a_scale_of_what_is_not_there_is_refused() -> None:
    given = {"market.hash_price_usd_per_ph_per_day": 38}
    with pytest.raises(ScenarioError, match="btc_price_usd stands beside hash_price"):
        loads(text(**given), ["market.btc_price_usd.scale=1.1"])
    twice = ["market.hash_price_usd_per_ph_per_day=38", "market.hash_price_usd_per_ph_per_day.scale=1.1"]
    scaled = {"market.hash_price_usd_per_ph_per_day": {"value": 38, "scale": 1.1}}
    assert worth(loads(text(**{"market.btc_price_usd": 5e4}), twice)) == worth(loads(text(**scaled)))


def test_a_scaled_hash_price_chooses_nothing() -> None:
    scaled = {"market.btc_price_usd": 5e4, "market.hash_price_usd_per_ph_per_day": {"scale": 1.1}}
    assert worth(loads(text(**{"market.btc_price_usd": 5e4}), ["market.hash_price_usd_per_ph_per_day.scale=1.1"])) == (
        worth(loads(text(**scaled)))
    )
    both = loads(text(**scaled), ["market.btc_price_usd=5e4"])
    assert worth(both) == worth(loads(text(**scaled)))


BUILT = {"plans.lease.conversion": CONVERSION}
PAID = {"plans.lease.capex_usd_per_critical_mw": 2e6}


def test_a_building_cost_moves_with_the_conversion() -> None:
    dated = {key: value for key, value in CONVERSION.items() if key != "capex_usd_per_critical_mw"}
    whole = worth(loads(text(**{"plans.lease.conversion": CONVERSION | {"capex_usd_per_critical_mw": 2e6}})))
    assert worth(loads(text(**PAID), [f"plans.lease.conversion={json.dumps(dated)}"])) == whole
    assert (
        worth(loads(text(**PAID), [f"plans.lease.conversion.{key}={value}" for key, value in dated.items()])) == whole
    )
    assert worth(loads(text(**BUILT), ["plans.lease.capex_usd_per_critical_mw=2e6"])) == whole
    own = worth(loads(text(**BUILT)))
    assert worth(loads(text(**PAID), [f"plans.lease.conversion={json.dumps(CONVERSION)}"])) == own
    assert worth(loads(text(**BUILT), ["plans.lease.conversion=", "plans.lease.capex_usd_per_critical_mw=2e6"])) == (
        worth(loads(text(**PAID)))
    )


def test_varying_a_building_cost_varies_that_of_the_conversion() -> None:
    found = worth(vary(loads(text(**BUILT)), {"plans.lease.capex_usd_per_critical_mw": np.array([2e6, 3e6])}))[1]
    assert found == [
        worth(loads(text(**{"plans.lease.conversion": CONVERSION | {"capex_usd_per_critical_mw": usd}})))[1][0]
        for usd in (2e6, 3e6)
    ]


def test_a_plan_is_one_use_or_several() -> None:
    uses = {"a": RENTED | {"contract": CONTRACT}}
    several = loads(text(), [f"plans.lease.uses={json.dumps(uses)}"])
    assert worth(several) == worth(loads(text()))
    flat = [f"plans.both.{key}={json.dumps(value)}" for key, value in MINER.items()]
    assert worth(loads(text(), flat))[2] == worth(loads(text()))[0]


def test_the_forms_of_a_value_over_time_exclude_each_other() -> None:
    price, growth = "market.btc_price_usd", {"start": 5e4, "growth_fraction_per_year": 0.2}
    typed = [f"{price}.{key}={value}" for key, value in growth.items()]
    assert worth(loads(text(**{price: 6e4}), typed)) == worth(loads(text(**{price: growth})))
    assert worth(loads(text(**{price: growth}), [f"{price}.value=6e4"])) == worth(loads(text(**{price: 6e4})))
    steps = {"2027-01": 6e4, "2028-01": 7e4}
    typed = [f"{price}.steps.{month}={value}" for month, value in steps.items()]
    assert worth(loads(text(**{price: growth}), typed)) == worth(loads(text(**{price: {"steps": steps}})))
