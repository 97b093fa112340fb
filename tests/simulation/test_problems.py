"""What the whole scenario has to say against its ``uncertainty:`` block."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.loading import ScenarioError
from minecalc.simulation.problems import problems
from tests.simulation.drawing import NETWORK, POWER, PRICE, RATE, RENT, Data, only, scenario

UNIFORM: Data = {"distribution": "uniform", "low": 0.1, "high": 0.2}


def refused(uncertainty: Data, **more: Any) -> list[tuple[tuple[str | int, ...], str, str, str]]:
    """Where, by which code, in which words and with which advice a block is refused."""
    with pytest.raises(ScenarioError) as error:
        scenario(uncertainty, **more)
    found = [(d.path[1:], d.code, d.message, d.help) for d in error.value.diagnostics]
    assert all("\n" not in message + advice for _, _, message, advice in found)
    return found


def drawn(path: str, **numbers: Any) -> Data:
    return {"inputs": {path: {"distribution": "uniform"} | numbers}}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("hash_price_usd_per_ph_per_day", {}),
        (PRICE, {"market": {"hash_price_usd_per_ph_per_day": 40}}),
        (NETWORK, {"market": {"hash_price_usd_per_ph_per_day": 40}}),
        (RATE, {"plans": {"mine": {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1}}}),
        ("tenant_default", {"plans": {"mine": {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1}}}),
        (RENT, {"plans": {"mine": {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1}}}),
    ],
)
def test_a_factor_without_a_place(name: str, more: Data) -> None:
    message = f"nothing in this scenario has a {name} that could vary"
    assert refused({name: {}}, **more) == [((name,), "no-such-place", message, f"leave out {name}")]
    assert scenario({name: "fixed"}, **more).uncertainty


def test_a_rent_that_is_settled_at_the_start() -> None:
    message = "no lease of this scenario is signed, renewed or let again at the market's rent"
    advice = f"leave out {RENT}, or say in it signed: at_ready"
    assert refused(only(**{RENT: {}})) == [((RENT,), "no-such-place", message, advice)]
    correlated = only(**{RENT: {}, PRICE: {}}) | {"correlations": {PRICE: {RENT: 0.3}}}
    assert refused(correlated) == [((RENT,), "no-such-place", message, advice)]
    headline = {"kind": "colocation", "contract": {"value_usd": 1e8, "term_years": 10}}
    found = refused({RENT: {"signed": "at_ready"}}, plans={"headline": headline})
    message = "signed has no effect: every lease has its rent from a contract's value"
    assert found == [((RENT, "signed"), "conflict", message, "leave out signed")]


@pytest.mark.parametrize(
    ("key", "value"),
    [("volatility_fraction_per_year", 0.3), ("price_elasticity_ratio", 0.3), ("price_lag_months", 2)],
)
def test_what_the_bootstrap_leaves_idle(key: str, value: float) -> None:
    message = f"{key} has no effect: the bootstrap takes the network's changes from history"
    found = refused({PRICE: {"model": "bootstrap"}, NETWORK: {key: value}})
    assert found == [((NETWORK, key), "conflict", message, f"leave out {key}")]
    assert scenario({PRICE: {"model": "bootstrap"}, NETWORK: {"hash_price_half_life_months": 6}})
    assert scenario({PRICE: {"model": "student_t"}, NETWORK: {key: value}})


def test_a_price_that_is_fixed_leads_nobody() -> None:
    message = "price_elasticity_ratio has no effect: the price that the network would follow is fixed"
    found = refused({PRICE: "fixed", NETWORK: {"price_elasticity_ratio": 0.3}})
    assert found == [((NETWORK, "price_elasticity_ratio"), "conflict", message, "leave out price_elasticity_ratio")]
    assert scenario({PRICE: "fixed", NETWORK: {"price_elasticity_ratio": 0, "volatility_fraction_per_year": 0.2}})


def test_a_break_even_for_a_hash_price_of_nothing() -> None:
    key = "break_even_hash_price_usd_per_ph_per_day"
    free = {"btc_price_usd": {"steps": {"2027-01": 5e4, "2028-01": 0}}}
    message = f"{key} has no effect: the scenario's own hash price is 0 in some months"
    found = refused({NETWORK: {key: 30}}, market=free)
    assert found == [((NETWORK, key), "conflict", message, f"leave out {key}")]
    assert scenario({NETWORK: {key: 30}})


def test_inputs_that_are_not_there() -> None:
    path = "plans.lease.opex_fraction_of_rnt"
    message, advice = f"{path} is no number or date of this scenario", "did you mean plans.lease.opex_fraction_of_rent?"
    assert refused(drawn(path, low=0, high=1)) == [(("inputs", path), "no-such-place", message, advice)]
    for other in ("months", "name", "5", "plans.lease", "uncertainty.btc_price_usd.volatility_fraction_per_year"):
        (found,) = refused(drawn(other, low=0, high=1))
        assert found[:3] == (("inputs", other), "no-such-place", f"{other} is no number or date of this scenario")


def test_dates_are_not_drawn() -> None:
    path = "plans.lease.conversion.ready"
    (found,) = refused(drawn(path, low=1, high=2))
    advice = "dates are not drawn; the factor delay_months is what a conversion is late"
    assert found == (("inputs", path), "no-such-place", f"{path} is a date", advice)


def test_one_distribution_for_an_input() -> None:
    bare, quoted = "plans.rent out.uses.gpus.gpu_count", 'plans."rent out".uses."gpus".gpu_count'
    number = {"distribution": "uniform", "low": 100, "high": 200}
    (found,) = refused({"inputs": {bare: number, quoted: number}})
    assert found[:3] == (("inputs", quoted), "conflict", f"{quoted} is the same input as {bare}")
    factor_too = scenario({"inputs": {"plans.lease.conversion.delay_months": number}})
    assert factor_too  # a factor moves what was drawn, as it moves what a file says


@pytest.mark.parametrize(
    ("path", "numbers", "message"),
    [
        ("plans.lease.opex_fraction_of_rent", {"low": 6, "high": 8}, "7 on average; it must lie in 0..5"),
        ("site.electricity_price_usd_per_kwh", {"low": 40, "high": 60}, "50 on average; it must lie in -1..2"),
        ("site.gross_mw", {"low": -3, "high": -1}, "-2 on average; it must lie in 1e-06..100000"),
    ],
)
def test_distributions_about_what_cannot_be(path: str, numbers: Data, message: str) -> None:
    (found,) = refused(drawn(path, **numbers))
    assert found[:3] == (("inputs", path), "out-of-range", f"{path} is {message}")


def test_the_range_of_a_value_over_time_is_that_of_its_first_month() -> None:
    market = {"btc_price_usd": {"start": 5e4, "growth_fraction_per_year": 0.1}}
    assert scenario(drawn("market.btc_price_usd", low=4e4, high=6e4), market=market)
    (found,) = refused(drawn("market.btc_price_usd", low=1.5e6, high=1.6e6), market=market)
    assert found[1] == "out-of-range"


def correlated(one: str, other: str, **factors: Any) -> Data:
    return factors | {"correlations": {one: {other: 0.1}}}


@pytest.mark.parametrize(
    ("block", "code", "message"),
    [
        (correlated(PRICE, "electricty"), "unknown-name", "there is no factor electricty"),
        (correlated(PRICE, "hash_price_usd_per_ph_per_day"), "unknown-name", "is not uncertain here"),
        (correlated(PRICE, POWER, **{POWER: "fixed"}), "unknown-name", f"{POWER} is not uncertain here"),
        (correlated(PRICE, "delay_months"), "conflict", "are not drawn as often: one each month, one once a path"),
        (correlated("delay_months", "tenant_default"), "conflict", "a tenant's default is drawn on its own"),
        (correlated(PRICE, "tenant_default"), "conflict", "a tenant's default is drawn on its own"),
        (correlated(PRICE, POWER, **{PRICE: {"model": "bootstrap"}}), "conflict", "correlations of the price from"),
        (correlated(POWER, NETWORK, **{PRICE: {"model": "bootstrap"}}), "conflict", "network's changes from history"),
    ],
)
def test_correlations_that_cannot_act(block: Data, code: str, message: str) -> None:
    (found,) = refused(block)
    assert found[1] == code
    assert message in found[2]
    assert found[0][0] == "correlations"
    assert found[3]


def test_correlations_of_inputs_by_either_spelling() -> None:
    bare = "plans.rent out.uses.gpus.gpu_count"
    block = {"inputs": {bare: {"distribution": "uniform", "low": 100, "high": 200}}}
    for path in (bare, 'plans."rent out".uses.gpus.gpu_count'):
        assert scenario(block | {"correlations": {path: {"delay_months": 0.5}}})


def test_an_impossible_matrix_says_how_far_off_it_is_and_offers_one_that_works() -> None:
    asked: dict[str, dict[str, float]] = {PRICE: {NETWORK: 0.9, POWER: 0.9}, NETWORK: {POWER: -0.9}}
    (found,) = refused({"correlations": asked})
    at, code, message, advice = found
    assert (at, code) == (("correlations",), "not-positive")
    assert message == "no numbers have these correlations together: their matrix has an eigenvalue of -0.8, below 0"
    words = [pair.split(" ") for pair in advice.removeprefix("the nearest that do: ").split(", ")]
    offered: dict[str, dict[str, float]] = {PRICE: {}, NETWORK: {}}
    for one, _, other, value in words:
        offered[one][other] = float(value)
    assert scenario({"correlations": offered})
    for one, row in asked.items():
        assert set(offered[one]) == set(row)
        assert all(0.45 < offered[one][other] / wanted < 0.6 for other, wanted in row.items())


def test_pairs_that_are_not_given_are_offered_too() -> None:
    """Zero between the others is part of what is asked, so the nearest may have to move it."""
    (found,) = refused({"correlations": {PRICE: {NETWORK: 0.9, POWER: 0.9}}})
    assert f"{NETWORK} and {POWER} 0." in found[3]


def test_student_t_steps_cannot_be_correlated_as_much() -> None:
    price = {"model": "student_t", "degrees_of_freedom_count": 2.5}
    block = only(**{PRICE: price, POWER: {}}) | {"correlations": {PRICE: {POWER: 0.9}}}
    (found,) = refused(block)
    assert found[1] == "not-positive"
    assert "where Student-t steps keep 0.73 of a normal's correlation" in found[2]
    assert found[3] == f"the nearest that do: {PRICE} and {POWER} 0.73"
    assert scenario(block | {"correlations": {PRICE: {POWER: 0.73}}})
    gbm = {PRICE: {}, POWER: {}, "others": "fixed", "correlations": {PRICE: {POWER: 0.9}}}
    assert scenario(gbm)


def test_a_sound_block_has_no_problems() -> None:
    assert list(problems(scenario())) == []
    assert list(problems(scenario({"inputs": {"plans.lease.opex_fraction_of_rent": UNIFORM}}))) == []
