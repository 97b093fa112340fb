"""A lease of the catalogue named in a scenario: what it supplies, per kW, and what is typed wins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads
from minecalc.loading.origins import Defaulted, defaulted
from minecalc.reference.leases import leases
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables
from minecalc.scenario.varying import vary
from tests.by_hand import CONVERSION, LEASE, MINER, SITE, Data, compared, line, terms

NAMED: Data = {"kind": "colocation", "lease": "cipher-barber-lake"}
RENT, CAPEX = "rent_usd_per_kw_per_month", "capex_usd_per_critical_mw"


def of(use: Data, **scenario: Any) -> Scenario:
    return compared({"it": use}, **{"months": 120} | scenario).scenario


def inputs(use: Data) -> Any:
    return of(use).plans["it"].uses[0].inputs


def recorded(scenario: Scenario) -> dict[str, Defaulted]:
    return {item.path.removeprefix("plans.it."): item for item in defaulted(scenario) if item.origin.from_record}


def test_it_supplies_what_is_published_with_its_source() -> None:
    record = leases()["cipher-barber-lake"]
    found = recorded(of(NAMED))
    assert {name: item.value for name, item in found.items()} == {
        RENT: record.average_rent_usd_per_kw_per_month,
        "term_months": 120,
        "opex_fraction_of_rent": pytest.approx(0.175),
        "critical_per_gross_fraction": pytest.approx(168 / 244),
        CAPEX: 10e6,
    }
    assert {item.origin.as_of for item in found.values()} == {record.as_of}
    assert all(item.origin.source == f"Cipher-Fluidstack: {record.source} (grade C)" for item in found.values())


def test_at_its_own_megawatts_the_rents_of_the_term_are_its_value() -> None:
    site = {"gross_mw": 244, "electricity_price_usd_per_kwh": 0.05}
    for use in (NAMED, NAMED | {"escalator_fraction_per_year": 0.03}):
        plan = compared({"it": use}, site=site, months=120).plans["it"]
        assert sum(line(plan, "rent_usd")) == pytest.approx(3e9, rel=1e-12)
    half = compared({"it": NAMED}, site=site | {"gross_mw": 122}, months=120).plans["it"]
    assert sum(line(half, "rent_usd")) == pytest.approx(1.5e9, rel=1e-12), "a rent per kW"


def test_a_published_escalator_lowers_the_rent_of_year_1() -> None:
    found = recorded(of({"kind": "colocation", "lease": "hut8-river-bend"}))
    assert found["escalator_fraction_per_year"].value == 0.03
    average = leases()["hut8-river-bend"].average_rent_usd_per_kw_per_month
    assert average is not None
    assert found[RENT].value == pytest.approx(average * 15 / sum(1.03**year for year in range(15)))
    flat = inputs({"kind": "colocation", "lease": "hut8-river-bend", "escalator_fraction_per_year": 0.0})
    assert flat.rent_usd_per_kw_per_month == pytest.approx(average)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ({RENT: 100}, {"term_months", "opex_fraction_of_rent", "critical_per_gross_fraction", CAPEX}),
        (
            {"contract": {"value_usd": 1e9, "term_years": 5}},
            {"opex_fraction_of_rent", "critical_per_gross_fraction", CAPEX},
        ),
        ({CAPEX: 0, "opex_fraction_of_rent": 0}, {RENT, "term_months", "critical_per_gross_fraction"}),
    ],
)
def test_what_is_typed_wins(typed: Data, left: set[str]) -> None:
    assert set(recorded(of(NAMED | typed))) == left


def test_the_building_cost_goes_into_a_conversion_that_has_none() -> None:
    dated = {key: value for key, value in CONVERSION.items() if key != CAPEX}
    found = of(NAMED | {"conversion": dated})
    assert recorded(found)[f"conversion.{CAPEX}"].value == 10e6
    assert CAPEX not in recorded(found)
    paid = sum(line(evaluate(found).plans["it"], "building_usd"))
    assert paid == pytest.approx(-10e6 * 10 * 168 / 244)
    own = of(NAMED | {"conversion": CONVERSION})
    assert f"conversion.{CAPEX}" not in recorded(own)
    assert terms(own.plans["it"].uses[0]).conversion.capex_usd_per_critical_mw == CONVERSION[CAPEX]


def test_its_figures_can_be_moved_like_others() -> None:
    scenario = of(NAMED)
    assert {f"plans.it.{name}" for name in (RENT, "term_months", "opex_fraction_of_rent")} <= set(movables(scenario))
    many = evaluate(vary(scenario, {f"plans.it.{RENT}": np.array([100.0, 120.0])})).plans["it"].npv_usd
    for case, rent in enumerate((100.0, 120.0)):
        assert many[case] == evaluate(of(NAMED | {RENT: rent})).plans["it"].npv_usd[0]
    contract = loads(_text(NAMED), ["plans.it.contract={value_usd: 1e9, term_years: 10}"])
    assert terms(contract.plans["it"].uses[0]).rent_usd_per_kw_per_month is None


def _text(use: Data) -> str:
    import json

    return json.dumps({"name": "x", "months": 120, "site": SITE, "plans": {"it": use}})


def test_a_prepayment_is_a_share_of_its_term() -> None:
    plan = compared({"it": NAMED | {"prepayment": {"fraction": 0.1, "credited_years": [1]}}}, months=120).plans["it"]
    assert sum(line(plan, "prepayment_received_usd")) == pytest.approx(0.1 * sum(line(plan, "rent_usd")))


@pytest.mark.parametrize("name", [name for name, lease in leases().items() if lease.kind == "colocation"])
def test_every_lease_of_space_can_be_named(name: str) -> None:
    rent = leases()[name].average_rent_usd_per_kw_per_month
    use = {"kind": "colocation", "lease": name} | ({} if rent else {RENT: 130})
    plan = compared({"mine": MINER, "it": use}, months=24).plans["it"]
    assert sum(line(plan, "rent_usd")) > 0.0
    if rent is None:
        with pytest.raises(ScenarioError, match="the catalogue has no rent per kW"):
            of({"kind": "colocation", "lease": name})


def test_without_a_lease_nothing_is_supplied() -> None:
    assert recorded(of(LEASE)) == {}
