"""The factors: every number of theirs is sourced, in range, and acts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from minecalc.distribution import Distribution
from minecalc.factor import Drawn
from minecalc.reference.bitcoin_history import bitcoin_monthly
from minecalc.schema.fields import field_meta
from minecalc.schema.validate import validate_data
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, FACTORS, BtcPrice, BuildCost, Delay, NetworkHashRate


def refused(kind: type[Any], **data: Any) -> tuple[tuple[str | int, ...], str, str]:
    """Where and how ``data`` is refused."""
    inputs, problems = validate_data(data, kind)
    assert inputs is None
    assert len(problems) == 1
    assert "\n" not in problems[0].message + problems[0].help
    return problems[0].at, problems[0].code, problems[0].message


@pytest.mark.parametrize("name", FACTORS)
def test_every_factor_has_defaults_that_a_file_could_write(name: str) -> None:
    model = FACTORS[name]
    factor = model()
    for field in model.model_fields:
        meta, value = field_meta(model, field), getattr(factor, field)
        assert value is None or meta.default_source, (name, field)
        assert meta.help, (name, field)
    written = {field: getattr(factor, field) for field in model.model_fields if getattr(factor, field) is not None}
    assert model.__doc__
    if issubclass(model, BtcPrice):
        return  # keys of other models than the one named have no effect
    assert model.model_validate(written) == factor


def test_default_correlations_are_of_factors() -> None:
    for pair, (value, source) in DEFAULT_CORRELATIONS.items():
        assert set(pair) <= set(FACTORS)
        assert -1 < value < 1
        assert source


def test_drawn_defaults_are_about_what_is_planned() -> None:
    assert BuildCost().drawn.mean == pytest.approx((0.9 + 4 + 1.5) / 6)
    assert Delay().drawn.mean == pytest.approx((8 + 18) / 6)
    with pytest.raises(ValidationError):
        Drawn.model_validate({})
    drawn = Drawn(drawn=Distribution("uniform", (0.0, 1.0)))
    assert drawn.model_dump() == {"drawn": {"distribution": "uniform", "low": 0.0, "high": 1.0}}


IDLE = {
    "gbm": ["degrees_of_freedom_count", "block_months", "history_from", "history_to"],
    "student_t": ["block_months", "history_from", "history_to"],
    "bootstrap": ["volatility_fraction_per_year", "degrees_of_freedom_count"],
}
VALUES: dict[str, Any] = {
    "volatility_fraction_per_year": 0.5,
    "degrees_of_freedom_count": 3,
    "block_months": 4,
    "history_from": "2020-01",
    "history_to": "2024-01",
}


@pytest.mark.parametrize("model", IDLE)
@pytest.mark.parametrize("key", VALUES)
def test_keys_that_a_model_of_the_price_leaves_idle_are_refused(model: str, key: str) -> None:
    data = {"model": model, key: VALUES[key]}
    if key in IDLE[model]:
        assert refused(BtcPrice, **data) == ((key,), "conflict", f"{key} has no effect in the model {model}")
    else:
        assert getattr(BtcPrice.model_validate(data), key) == VALUES[key]


FIRST, LAST = (bitcoin_monthly()[place].month for place in (0, -1))


@pytest.mark.parametrize(
    ("history", "key", "message"),
    [
        ({"history_from": "2099-01"}, "history_from", "history_from 2099-01 is not on record"),
        ({"history_from": "1999-01"}, "history_from", "history_from 1999-01 is not on record"),
        ({"history_to": "2099-01"}, "history_to", "history_to 2099-01 is not on record"),
        ({"history_from": LAST}, "history_from", f"{LAST} to {LAST} has only 0 changes from a month to the next"),
        (
            {"history_from": "2024-01", "history_to": "2023-01"},
            "history_from",
            "2024-01 to 2023-01 has only 0 changes from a month to the next",
        ),
        ({"history_to": "2019-12"}, "history_to", "2019-01 to 2019-12 has only 11 changes from a month to the next"),
    ],
)
def test_history_that_is_not_there_is_refused(history: dict[str, str], key: str, message: str) -> None:
    assert refused(BtcPrice, model="bootstrap", **history) == ((key,), "outside-history", message)


def test_a_year_of_history_is_enough() -> None:
    for first, last in (("2019-01", "2020-01"), (FIRST, LAST)):
        found = BtcPrice.model_validate({"model": "bootstrap", "history_from": first, "history_to": last})
        assert (found.history_from, found.history_to) == (first, last)


def test_a_half_life_may_be_none_where_that_means_never() -> None:
    assert NetworkHashRate.model_validate({"hash_price_half_life_months": None}).hash_price_half_life_months is None
    at, code, _ = refused(NetworkHashRate, price_lag_months=1.5)
    assert (at, code) == (("price_lag_months",), "not-whole")
    at, code, _ = refused(NetworkHashRate, volatility_fraction_per_year=-0.1)
    assert (at, code) == (("volatility_fraction_per_year",), "out-of-range")
