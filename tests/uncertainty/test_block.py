"""The ``uncertainty:`` block: what is read of it, what is refused, and that editors are told the same."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic_core import PydanticCustomError

from minecalc.distribution import Distribution
from minecalc.schema.diagnostics import Problem
from minecalc.uncertainty.block import Uncertainty
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, FACTORS, BtcPrice, Delay
from minecalc.uses.ai_rates import Rent

UNIFORM = {"distribution": "uniform", "low": 0.1, "high": 0.2}
PAIR = ("btc_price_usd", "network_hash_rate_eh_per_s")

GOOD: dict[str, Any] = {
    "nothing": {},
    "a factor": {"btc_price_usd": {"model": "student_t", "volatility_fraction_per_year": 0.5}},
    "a factor by default": {"btc_price_usd": {}},
    "all fixed": dict.fromkeys(FACTORS, "fixed"),
    "others fixed": {"others": "fixed", "delay_months": {"distribution": "pert", "low": 0, "mode": 3, "high": 9}},
    "others by default": {"others": "default"},
    "inputs": {"inputs": {"plans.lease.opex_fraction_of_rent": UNIFORM, 'plans."a, b".gross_mw': UNIFORM}},
    "correlations": {"correlations": {"btc_price_usd": {"rent_usd_per_kw_per_month": -1, "fee_btc_per_block": 0.5}}},
    "never back": {"network_hash_rate_eh_per_s": {"hash_price_half_life_months": None}},
    "a break-even path": {
        "network_hash_rate_eh_per_s": {"break_even_hash_price_usd_per_ph_per_day": {"points": {"2027-01": 40}}}
    },
    "futures": {
        "lease_usd_per_gpu_hour": {
            "futures": {
                "glut": {"probability_fraction": 0.4, "rate_ratio": {"start": 1, "growth_fraction_per_year": -0.3}},
                "boom": {"probability_fraction": 0.6, "rate_ratio": 1.5},
            }
        }
    },
    "signed later": {"rent_usd_per_kw_per_month": {"signed": "at_ready", "half_life_months": 12}},
    "bootstrap": {"btc_price_usd": {"model": "bootstrap", "block_months": 3, "history_from": "2020-01"}},
    "default": {"tenant_default": {"probability_fraction_per_year": 0.05, "relet_months": 6, "relet_rent_ratio": 0.9}},
}

#: Blocks of a wrong form: where the first complaint is, its code and its words.
ILL_FORMED: dict[str, tuple[Any, tuple[str, ...], str, str]] = {
    "a number": (5, (), "wrong-type", "uncertainty takes factors by name"),
    "a list": ([1], (), "wrong-type", "uncertainty takes factors by name"),
    "an unknown factor": (
        {"btc_prize_usd": {}},
        ("btc_prize_usd",),
        "unknown-name",
        "there is no factor btc_prize_usd",
    ),
    "a number for a factor": (
        {"btc_price_usd": 0.5},
        ("btc_price_usd",),
        "wrong-type",
        "btc_price_usd is 0.5, which is no factor",
    ),
    "nothing for a factor": (
        {"delay_months": None},
        ("delay_months",),
        "wrong-type",
        "delay_months is empty, which is no factor",
    ),
    "another word": (
        {"delay_months": "certain"},
        ("delay_months",),
        "wrong-type",
        'delay_months is "certain", which is no factor',
    ),
    "an unknown key": (
        {"btc_price_usd": {"volatility": 0.3}},
        ("btc_price_usd", "volatility"),
        "unknown-key",
        'unknown key "volatility"',
    ),
    "a negative volatility": (
        {"fee_btc_per_block": {"volatility_fraction_per_year": -0.3}},
        ("fee_btc_per_block", "volatility_fraction_per_year"),
        "out-of-range",
        "volatility_fraction_per_year is -0.3; it must lie in 0..5",
    ),
    "an unknown model": (
        {"btc_price_usd": {"model": "heston"}},
        ("btc_price_usd", "model"),
        "bad-choice",
        'model is "heston"; it must be one of gbm, student_t, bootstrap',
    ),
    "others of neither kind": (
        {"others": "none"},
        ("others",),
        "bad-choice",
        'others is "none"; it must be one of default, fixed',
    ),
    "others as a list": ({"others": ["fixed"]}, ("others",), "bad-choice", "others is a list; it must be one of"),
    "inputs without names": ({"inputs": 5}, ("inputs",), "wrong-type", "inputs takes distributions by dotted path"),
    "inputs that are empty": ({"inputs": None}, ("inputs",), "wrong-type", "inputs takes distributions by dotted path"),
    "a number for an input": (
        {"inputs": {"site.gross_mw": 4}},
        ("inputs", "site.gross_mw"),
        "wrong-type",
        "4 is no distribution",
    ),
    "correlations as a list": (
        {"correlations": [0.5]},
        ("correlations",),
        "wrong-type",
        "correlations takes names and",
    ),
    "correlations of one name": (
        {"correlations": {"btc_price_usd": 0.5}},
        ("correlations",),
        "wrong-type",
        "correlations takes names and names",
    ),
    "a correlation beyond one": (
        {"correlations": {"btc_price_usd": {"fee_btc_per_block": 1.1}}},
        ("correlations", "btc_price_usd", "fee_btc_per_block"),
        "out-of-range",
        "the correlation is 1.1; it must lie in -1..1",
    ),
    "a correlation in words": (
        {"correlations": {"btc_price_usd": {"fee_btc_per_block": "high"}}},
        ("correlations", "btc_price_usd", "fee_btc_per_block"),
        "not-a-number",
        'the correlation is "high"; a number is needed',
    ),
}


def problems(data: Any) -> list[Problem]:
    """All that is wrong with a block."""
    with pytest.raises(PydanticCustomError) as refused:
        Uncertainty.read(data)
    found: list[Problem] = (refused.value.context or {})["problems"]
    return found


@pytest.mark.parametrize("name", GOOD)
def test_what_the_loader_takes_editors_take(name: str) -> None:
    block = Uncertainty.read(GOOD[name])
    assert Uncertainty.read(block) is block
    Draft202012Validator(Uncertainty.json_schema()).validate(GOOD[name])


@pytest.mark.parametrize("name", ILL_FORMED)
def test_what_is_ill_formed_both_refuse(name: str) -> None:
    data, at, code, message = ILL_FORMED[name]
    first = problems(data)[0]
    assert (first.at, first.code) == (at, code)
    assert first.message.startswith(message)
    assert "\n" not in first.message + first.help
    assert not Draft202012Validator(Uncertainty.json_schema()).is_valid(data)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(Uncertainty.json_schema())
    assert list(Uncertainty.json_schema()["properties"]) == [*FACTORS, "inputs", "correlations", "others"]


def test_factors_named_and_not() -> None:
    block = Uncertainty.read({"btc_price_usd": {"volatility_fraction_per_year": 0.5}, "delay_months": "fixed"})
    price = block.factor("btc_price_usd")
    assert isinstance(price, BtcPrice)
    assert price.volatility_fraction_per_year == 0.5
    assert block.factor("delay_months") is None
    assert block.factor("rent_usd_per_kw_per_month") == Rent()
    only = Uncertainty.read({"others": "fixed", "delay_months": {"distribution": "uniform", "low": 1, "high": 2}})
    assert only.factor("rent_usd_per_kw_per_month") is None
    assert only.factor("delay_months") == Delay(drawn=Distribution("uniform", (1.0, 2.0)))


def test_inputs_by_path() -> None:
    block = Uncertainty.read({"inputs": {"site.gross_mw": UNIFORM}})
    assert block.inputs == {"site.gross_mw": Distribution("uniform", (0.1, 0.2))}


def test_default_correlations_give_way() -> None:
    assert Uncertainty().correlation_pairs() == {pair: value for pair, (value, _) in DEFAULT_CORRELATIONS.items()}
    for one, other in (PAIR, PAIR[::-1]):
        block = Uncertainty.read({"correlations": {one: {other: 0.5}}})
        assert block.correlation_pairs() == {(one, other): 0.5}
    assert Uncertainty.read({"others": "fixed"}).correlation_pairs() == {}


def test_each_correlation_is_given_once_or_agrees() -> None:
    one, other = PAIR
    twice = {one: {other: 0.5}, other: {one: 0.5}}
    assert Uncertainty.read({"correlations": twice}).correlations == {PAIR: 0.5}
    assert Uncertainty.read({"correlations": {one: {one: 1}}}).correlations == {}
    found = problems({"correlations": {one: {other: 0.5}, other: {one: 0.6}}})
    assert [problem.message for problem in found] == [f"{other} and {one} have two correlations, 0.5 and 0.6"]
    found = problems({"correlations": {one: {one: 0.5}}})
    assert [problem.message for problem in found] == [f"{one} has correlation 0.5 with itself"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = problems(
        {
            "btc_prize_usd": {},
            "btc_price_usd": {"volatility_fraction_per_year": -1},
            "inputs": {"site.gross_mw": {"distribution": "pert"}},
            "correlations": {"btc_price_usd": {"fee_btc_per_block": 2}},
            "others": 1,
        }
    )
    assert [problem.code for problem in found] == [
        "unknown-name",
        "out-of-range",
        *["missing-key"] * 3,
        "out-of-range",
        "bad-choice",
    ]
