"""The inputs of a scenario by path: all of them, as they are typed, with what they are now."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from minecalc import load
from minecalc.cli._settable import Settable, movable, settable
from minecalc.loading import ScenarioError, scenario_files
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables
from minecalc.schema.diagnostics import Diagnostic
from minecalc.schema.names import quoted
from tests.cli.running import EXAMPLES, HILLTOP, ROOT, TEXAS

SHIPPED = [*scenario_files(str(EXAMPLES)), *scenario_files(str(ROOT / "scenarios"))]


@pytest.fixture(scope="module")
def texas() -> dict[str, Settable]:
    return {found.path(""): found for found in settable(load(TEXAS))}


def test_inputs_say_what_they_are_now(texas: dict[str, Settable]) -> None:
    now = {
        "months": "120",
        "start": "2027-01",
        "baseline": "keep mining",
        "site.gross_mw": "50",
        "market.btc_price_usd": "63001",
        "market.btc_price_usd.scale": "1",
        "market.network_hash_rate_eh_per_s.growth_fraction_per_year": "0.1",
        "plans.keep mining.curtail": "true",
        "plans.keep mining.machine": "",
        "plans.keep mining.refresh.every_months": "48",
        "plans.lease to an AI tenant.conversion.ready": "2028-06",
        "plans.lease to an AI tenant.discount_rate_fraction_per_year": "0.09",
        "plans.half and half.discount_rate_fraction_per_year": "",
        "plans.half and half.uses.lease.rent_usd_per_kw_per_month": "130",
        "plans.rent out GPUs.lease_usd_per_gpu_hour": "2.6",
    }
    assert {path: texas[path].now for path in now} == now
    assert texas["site.gross_mw"].about == "50: contracted utility capacity, what the grid delivers; om…"
    assert texas["plans.keep mining.machine"].about.startswith("not given: a machine of the catalogue")
    assert max(len(found.about) for found in texas.values()) == 60


def test_inputs_that_take_words_have_them(texas: dict[str, Settable]) -> None:
    assert texas["plans.keep mining.curtail"].values == ("true", "false")
    assert texas["plans.lease to an AI tenant.exit_basis"].words == ("relet", "remaining_term")
    assert texas["plans.lease to an AI tenant.conversion.meanwhile"].words == (
        *("keep mining", "lease to an AI tenant", "rent out GPUs", "half and half"),
    )
    assert "antminer-s21" in texas["plans.keep mining.machine"].words
    assert "h100" in texas["plans.rent out GPUs.gpu"].words
    assert texas["site.gross_mw"].values == ("50",)
    assert texas["plans.half and half.discount_rate_fraction_per_year"].values == ()


def test_only_a_value_that_grows_has_a_growth(texas: dict[str, Settable]) -> None:
    assert "plans.rent out GPUs.lease_usd_per_gpu_hour.scale" in texas
    assert "plans.rent out GPUs.lease_usd_per_gpu_hour.growth_fraction_per_year" not in texas
    assert "market.hash_price_usd_per_ph_per_day" in texas
    assert "market.hash_price_usd_per_ph_per_day.scale" not in texas


def assignments(scenario: Scenario) -> Iterator[str]:
    for found in settable(scenario):
        for value in found.values[:2]:
            yield f"{found.path('')}={value}"


@pytest.mark.parametrize("file", [TEXAS, HILLTOP])
def test_every_path_can_be_set(file: str) -> None:
    """Each path leads to an input: what is refused is refused for its value, or stands beside what replaces it."""
    refused: list[Diagnostic] = []
    for assignment in assignments(load(file)):
        try:
            load(file, [assignment])
        except ScenarioError as error:
            refused += error.diagnostics
    beside_others = {"bad-meanwhile", "conflict", "missing-key", "too-many-megawatts"}
    assert {problem.code for problem in refused} <= beside_others


def test_names_with_dots_are_quoted_and_others_only_where_the_user_quotes() -> None:
    dotted, plain = Settable(("plans", "lease v1.2", "gpu"), ""), Settable(("plans", "keep mining", "curtail"), "")
    assert dotted.path("") == 'plans."lease v1.2".gpu'
    assert plain.path("plans.k") == "plans.keep mining.curtail"
    assert plain.path('plans."k') == 'plans."keep mining".curtail'
    assert Settable(("plans", 'the "best"', "gpu"), "").path("") == 'plans.the "best".gpu'
    assert Settable(("plans", '"best"', "gpu"), "").path("") == "plans.'\"best\"'.gpu"


@pytest.mark.parametrize("file", SHIPPED)
def test_every_movable_can_be_named(file: str) -> None:
    scenario = load(file)
    found = [".".join(quoted(part) for part in one.parts) for one in movable(scenario)]
    assert found == list(movables(scenario))
    assert {one.now for one in movable(scenario)} >= {f"{scenario.site.gross_mw:.10g}"}
