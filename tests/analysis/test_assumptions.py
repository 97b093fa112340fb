"""Everything uncertain is listed: each number as given, or with the date and source of its default."""

from __future__ import annotations

import pytest

from minecalc.analysis.assumptions import (
    Assumption,
    assumed,
    assumption_label,
    assumptions,
    certain,
    factor_label,
    held,
    one_world,
)
from minecalc.document import Details, Note
from minecalc.looks import sentence
from minecalc.uncertainty.factors import FACTORS
from tests.analysis.simulate.worlds import CERTAIN, TWO, answer, world

GIVEN = (
    "uncertainty={others: fixed, btc_price_usd: {model: student_t, volatility_fraction_per_year: 0.5}, "
    "electricity_price_usd_per_kwh: {volatility_fraction_per_year: 0.2}, "
    "delay_months: {distribution: uniform, low: 0, high: 6}, "
    "inputs: {site.gross_mw: {distribution: uniform, low: 45, high: 55}}, "
    "correlations: {btc_price_usd: {electricity_price_usd_per_kwh: 0.1}}}"
)


def listed(*assignments: str) -> dict[tuple[str, str], Assumption]:
    return {(item.factor, item.name): item for item in assumptions(world(TWO, *assignments))}


def test_defaults_have_a_date_and_a_source() -> None:
    found = listed()
    assert [name for name in FACTORS if name in {factor for factor, _ in found}] == [
        name for name in FACTORS if name in world().uncertain.factors
    ]
    volatility = found["btc_price_usd", "volatility_fraction_per_year"]
    assert (volatility.value, volatility.unit, volatility.given) == (0.65, "fraction_per_year", False)
    assert "monthly means" in volatility.source
    assert volatility.as_of == "2026-08"
    assert all(item.source for item in found.values())
    assert not any(item.given for item in found.values())
    assert found["delay_months", "distribution"].value == "pert, low 0, mode 2, high 18 months beyond the scenario's"
    pair = found["correlations", "btc_price_usd and network_hash_rate_eh_per_s"]
    assert (pair.value, pair.given) == (0.15, False)
    assert pair.source


def test_what_is_given_has_no_source_and_the_rest_of_its_factor_is_a_default() -> None:
    found = listed(GIVEN)
    assert {factor for factor, _ in found} == {
        "btc_price_usd", "electricity_price_usd_per_kwh", "delay_months", "site.gross_mw", "correlations",
    }  # fmt: skip
    volatility = found["btc_price_usd", "volatility_fraction_per_year"]
    assert (volatility.value, volatility.given, volatility.source, volatility.as_of) == (0.5, True, "", "")
    assert not found["btc_price_usd", "degrees_of_freedom_count"].given
    assert found["site.gross_mw", "distribution"].value == "uniform, low 45, high 55"
    assert found["correlations", "btc_price_usd and electricity_price_usd_per_kwh"].given


def test_numbers_that_do_nothing_are_not_listed() -> None:
    def keys(factor: str, *assignments: str) -> set[str]:
        return {name for of, name in listed(*assignments) if of == factor}

    network = "network_hash_rate_eh_per_s"
    parts = {"path_is", "passing_fraction", "half_life_months", "trend_sd_fraction_per_year"}
    assert keys("btc_price_usd") == parts | {"model", "volatility_fraction_per_year"}
    assert "degrees_of_freedom_count" in keys("btc_price_usd", GIVEN)
    bootstrap = "uncertainty={btc_price_usd: {model: bootstrap}}"
    assert keys("btc_price_usd", bootstrap) == parts | {"model", "block_months", "history_from"}
    assert keys(network, bootstrap) == parts | {"hash_price_half_life_months"}
    assert {"price_elasticity_ratio", "volatility_fraction_per_year"} <= keys(network)
    fixed = keys(network, "uncertainty={btc_price_usd: fixed}")
    assert "price_elasticity_ratio" not in fixed
    assert "volatility_fraction_per_year" in fixed


def test_never_futures_and_values_over_time() -> None:
    glut, boom = (f"{{probability_fraction: {share}, rate_ratio: {1 + share}}}" for share in (0.25, 0.75))
    futures, growing = f"futures: {{glut: {glut}, boom: {boom}}}", "{start: 35, growth_fraction_per_year: 0}"
    block = (
        f"uncertainty={{rent_usd_per_kw_per_month: {{signed: at_ready, {futures}}}, network_hash_rate_eh_per_s: "
        f"{{hash_price_half_life_months: null, break_even_hash_price_usd_per_ph_per_day: {growing}}}}}"
    )
    found = listed(block)
    network, rent = "network_hash_rate_eh_per_s", "rent_usd_per_kw_per_month"
    assert found[network, "hash_price_half_life_months"].value == "never"
    assert found[network, "break_even_hash_price_usd_per_ph_per_day"].value == 35.0
    assert found[rent, "probability of the future glut"].value == 0.25
    assert found[rent, "signed"].value == "at_ready"


def test_what_is_held_fixed_is_told() -> None:
    assert certain(world()) == []
    assert set(certain(world(TWO, CERTAIN))) == {*world().uncertain.factors} - {"rent_usd_per_kw_per_month"}
    assert certain(world(TWO, "uncertainty.delay_months=fixed")) == ["delay_months"]


@pytest.mark.parametrize(
    ("item", "label"),
    [
        (("btc_price_usd", "trend_sd_fraction_per_year"), "trend sd"),
        (("correlations", "btc_price_usd and network_hash_rate_eh_per_s"), "BTC price with network hash rate"),
        (("correlations", "network_hash_rate_eh_per_s and btc_price_usd"), "Network hash rate with BTC price"),
        (("lease_usd_per_gpu_hour", "probability of the future glut"), "probability of the future glut"),
    ],
)
def test_labels_are_words(item: tuple[str, str], label: str) -> None:
    assert assumption_label(Assumption(*item, 0.1, "ratio", given=True, source="", as_of="")) == label


def test_every_factor_has_a_name_of_its_own() -> None:
    assert len({factor_label(name) for name in FACTORS}) == len(FACTORS)
    assert factor_label("site.gross_mw") == "Gross MW (site)"


def told(*assignments: str) -> str:
    found = answer(*assignments)
    world = found.world
    of = assumed(found.assumptions)
    notes = [*([of.note, *of.blocks] if isinstance(of, Details) else [of]), *one_world(found.scenario, world.uncertain)]
    notes += held(world)
    return "\n".join(sentence(part) for note in notes if isinstance(note, Note) for part in (note.text, *note.bullets))


def test_why_the_mean_is_not_the_scenarios_figure() -> None:
    text = told("uncertainty.btc_price_usd={path_is: median}")
    assert "its BTC price is the median of the simulated ones, whose mean lies above it (path_is: median)." in text
    assert "delay, building cost and defaults of tenants mostly go one way." in text
    mean = told("uncertainty.tenant_default=fixed")
    assert "its BTC price is the median" not in mean
    assert "delay and building cost mostly go one way." in mean
    assert "not the average" not in told(CERTAIN)
    assert "machines that earn less than their power shut off" in text


def test_a_note_on_the_mean_is_there_only_where_it_holds() -> None:
    assert "shut off" not in told("plans.mine.curtail=false")
    lease_alone = "uncertainty={others: fixed, delay_months: {distribution: pert, low: 0, mode: 2, high: 18}}"
    assert "shut off" not in told(lease_alone)
    assert "delay mostly goes one way." in told(lease_alone)
    still = (
        "uncertainty={others: fixed, btc_price_usd: {volatility_fraction_per_year: 0, trend_sd_fraction_per_year: 0}}"
    )
    assert "not the average" not in told(still)
    even = "uncertainty={others: fixed, capex_usd_per_critical_mw: {distribution: uniform, low: 0.8, high: 1.2}}"
    assert "one way" not in told(even)
    never = "uncertainty={others: fixed, tenant_default: {probability_fraction_per_year: 0}}"
    assert "one way" not in told(never)
