"""The ``tax`` block: its keys, what a regime fills, where it is found, and how it is refused."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from minecalc.analysis.diff.attribution import written
from minecalc.analysis.explain.question import explain
from minecalc.cashflows import ASSET_KINDS
from minecalc.cli._settable import settable
from minecalc.deals.taxation import ClassShares, Tax, classes_from
from minecalc.loading import loads, read_bytes
from minecalc.loading.origins import defaulted
from minecalc.reference.tax_regimes import tax_regimes
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables
from minecalc.scenario.places import places
from minecalc.schema.validate import validate_data
from tests.by_hand import LEASE, MARKET, SITE, Data

LAW = "us-federal-2026"


def read(**tax: Any) -> Tax:
    found, problems = validate_data(tax, Tax)
    assert found is not None, problems
    return found


def text(tax: Data, at_top: bool = False) -> str:
    plan = {**LEASE, "capex_usd_per_critical_mw": 0, **({} if at_top else {"tax": tax})}
    top = {"tax": tax} if at_top else {}
    return json.dumps({"name": "x", "months": 24, "site": SITE, "market": MARKET, **top, "plans": {"it": plan}})


def refused(tax: Data) -> tuple[str, str, tuple[str | int, ...], str]:
    """Code, message, place below ``tax`` and advice of the one thing that is wrong."""
    (found,) = read_bytes(text(tax).encode(), "x", Path()).diagnostics
    assert found.path[:3] == ("plans", "it", "tax")
    return found.code, found.message, found.path[3:], found.help


def test_the_least_that_is_said_is_a_rate() -> None:
    found = read(rate_fraction=0.25)
    assert (found.rate, found.bonus_fraction, found.loss_limit_fraction) == (0.25, 0.0, 1.0)
    assert found.interest_limit_fraction is None
    assert found.prepayment_taxed == "credited"
    assert [found.classes.of(kind) for kind in ASSET_KINDS] == [(("macrs_39", 1.0),), *[(("macrs_5", 1.0),)] * 2]


def test_a_regime_fills_what_is_not_given() -> None:
    found = read(regime=LAW, bonus_fraction=0.4, classes={"building": {"macrs_39": 0.4, "macrs_15": 0.6}})
    assert (found.rate, found.bonus_fraction, found.loss_limit_fraction) == (0.21, 0.4, 0.8)
    assert found.interest_limit_fraction == 0.3
    assert found.prepayment_taxed == "received"
    assert found.classes.of("building") == (("macrs_39", 0.4), ("macrs_15", 0.6))
    assert found.classes.of("gpu") == (("macrs_5", 1.0),)


def test_what_a_regime_fills_is_not_given_and_has_its_source() -> None:
    scenario = loads(text({"regime": LAW, "rate_fraction": 0.25, "classes": {"gpu": "macrs_7"}}))
    given = {place.dotted: place.given for place in places(scenario) if ".tax." in place.dotted}
    assert {path.removeprefix("plans.it.tax.") for path, is_given in given.items() if is_given} == {
        "rate_fraction",
        "regime",
        "classes",
        "classes.gpu",
    }
    found = {item.path.removeprefix("plans.it.tax."): item for item in defaulted(scenario) if ".tax." in item.path}
    assert found["bonus_fraction"].value == 1.0
    assert found["bonus_fraction"].origin.as_of == tax_regimes()[LAW].as_of
    assert tax_regimes()[LAW].source in found["bonus_fraction"].origin.source
    assert found["classes.building"].value == "macrs_39"
    assert "rate_fraction" not in found
    assert "classes.gpu" not in found


@pytest.mark.parametrize("name", sorted(tax_regimes()))
def test_every_regime_is_a_tax_that_says_what_it_leaves_out(name: str) -> None:
    record, found = tax_regimes()[name], read(regime=name)
    assert found.rate == record.rate_fraction
    assert [found.classes.of(kind) for kind in ASSET_KINDS] == [
        classes_from(words).shares for words in (record.building, record.gpu, record.machine)
    ]
    assert record.leaves_out != ""


def test_the_us_record_is_what_the_law_says() -> None:
    record = tax_regimes()[LAW]
    assert (record.rate_fraction, record.bonus_fraction) == (0.21, 1.0)
    assert (record.loss_limit_fraction, record.interest_limit_fraction) == (0.8, 0.3)
    assert (record.building, record.gpu, record.machine) == ("macrs_39", "macrs_5", "macrs_5")
    assert record.prepayment_taxed == "received"
    for left_out in ("state income", "263A", "alternative minimum tax", "mid-quarter", "451"):
        assert left_out in record.leaves_out


def test_classes_in_words() -> None:
    assert classes_from("macrs_39 0.4; macrs_15 0.6").shares == (("macrs_39", 0.4), ("macrs_15", 0.6))
    assert str(classes_from("macrs_39 0.4; macrs_15 0.6")) == "{macrs_39: 0.4, macrs_15: 0.6}"
    assert classes_from("saldo_30") == ClassShares((("saldo_30", 1.0),))
    assert str(classes_from("saldo_30")) == "saldo_30"


@pytest.mark.parametrize(
    ("tax", "expected"),
    [
        ({}, ("missing-key", "rate_fraction is missing", ("rate_fraction",), f"0.21, or regime: {LAW}")),
        ({"regime": "us federal"}, ("unknown-name", "no tax regime us federal", ("regime",), f"mean {LAW}?")),
        ({"rate_fraction": 21}, ("out-of-range", "rate_fraction is 21", ("rate_fraction",), "21% is 0.21")),
        (
            {"rate_fraction": 0.2, "classes": {"gpu": "macrs_6"}},
            ("unknown-name", "no class of depreciation macrs_6", ("classes", "gpu"), "did you mean macrs_7?"),
        ),
        (
            {"rate_fraction": 0.2, "classes": {"gpu": "quickly"}},
            ("unknown-name", "no class of depreciation quickly", ("classes", "gpu"), "macrs_39, straight_line_N"),
        ),
        (
            {"rate_fraction": 0.2, "classes": {"gpu": {"macrs5": 1}}},
            ("unknown-name", "no class of depreciation macrs5", ("classes", "gpu", "macrs5"), "mean macrs_5?"),
        ),
        (
            {"rate_fraction": 0.2, "classes": {"gpu": {"macrs_5": 0.5, "macrs_7": 0.4}}},
            ("bad-shares", "add up to 0.9", ("classes", "gpu"), "add up to 1"),
        ),
        (
            {"rate_fraction": 0.2, "classes": {"gpu": {"macrs_5": 1.5}}},
            ("out-of-range", "macrs_5 is 1.5", ("classes", "gpu", "macrs_5"), ""),
        ),
        (
            {"rate_fraction": 0.2, "classes": {"gpu": 5}},
            ("wrong-type", "5 names no class", ("classes", "gpu"), "name a class, or the share of each"),
        ),
        (
            {"rate_fraction": 0.2, "classes": {"gpus": "macrs_5"}},
            ("unknown-key", 'unknown key "gpus"', ("classes", "gpus"), "did you mean gpu?"),
        ),
        (
            {"rate_fraction": 0.2, "prepayment_taxed": "recieved"},
            ("bad-choice", "one of credited, received", ("prepayment_taxed",), "did you mean received?"),
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tax: Data, expected: tuple[str, str, tuple[str, ...], str]) -> None:
    code, message, at, advice = refused(tax)
    assert (code, at) == (expected[0], expected[2])
    assert expected[1] in message
    assert expected[3] in advice


@pytest.mark.parametrize("at_top", [True, False])
def test_its_numbers_move_and_are_set_and_completed(at_top: bool) -> None:
    scenario = loads(text({"regime": LAW}, at_top))
    at = "tax" if at_top else "plans.it.tax"
    numbers = ("rate", "bonus", "loss_limit", "interest_limit")
    names = {*(f"{at}.{name}_fraction" for name in numbers), f"{at}.basis_of_owned_machines_usd"}
    assert {path for path in movables(scenario) if path.startswith(at)} == names
    words = {found.path(""): found for found in settable(scenario) if found.path("").startswith(f"{at}.")}
    assert words[f"{at}.regime"].values == tuple(tax_regimes())
    assert words[f"{at}.prepayment_taxed"].values == ("credited", "received")
    assert words[f"{at}.classes.building"].values == ("macrs_39",)
    assert words[f"{at}.rate_fraction"].values == ("0.21",)


def test_it_is_set_on_the_command_line() -> None:
    assignments = ["plans.it.tax.classes.gpu=macrs_7", "plans.it.tax.rate_fraction=0.3"]
    scenario = loads(text({"regime": LAW}), assignments)
    tax = scenario.tax_of(scenario.plans["it"])
    assert tax is not None
    assert (tax.rate, tax.classes.of("gpu")) == (0.3, (("macrs_7", 1.0),))


def test_classes_that_differ_are_written_as_a_file_has_them() -> None:
    assert written(classes_from("macrs_5")) == "macrs_5"
    assert written(classes_from("macrs_39 0.4; macrs_15 0.6")) == {"macrs_39": 0.4, "macrs_15": 0.6}


def test_it_goes_to_another_process() -> None:
    scenario = loads(text({"regime": LAW}))
    again: Scenario = pickle.loads(pickle.dumps(scenario))
    assert again.tax_of(again.plans["it"]) == scenario.tax_of(scenario.plans["it"])


def test_a_scenario_with_tax_is_explained() -> None:
    assert explain(loads(text({"regime": LAW})), "npv_usd").exists
