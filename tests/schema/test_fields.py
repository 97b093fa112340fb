from __future__ import annotations

from typing import Literal

import pytest
from pydantic import ValidationError

from minecalc.schema.fields import (
    LONGEST_TEXT,
    FieldMeta,
    Inputs,
    Usual,
    anything,
    choice,
    field_meta,
    flag,
    number,
    text,
    whole,
)


class Mining(Inputs):
    efficiency_j_per_th: float = number(
        low=5,
        high=150,
        default=17.5,
        default_source="data sheet",
        default_as_of="2025-06",
        help="energy per terahash",
        example="18",
    )
    hash_rate_eh_per_s: float = number(low=0, high=1_000, help="hash rate")
    price_usd: float | None = number(low=0, default=None, usual=Usual(1, None, "shops"), help="price")
    machines_count: int = whole(low=1, high=10_000_000, default=1, help="machines")
    spare_count: int | None = whole(low=0, default=None, help="spares")
    label: str = text(default="mine", help="label")
    curtail: bool = flag(default=True, help="switch off at a loss")
    basis: Literal["a", "b"] = choice(default="a", help="basis")
    shares: tuple[float, ...] = anything(default=(), low=0, high=1, help="shares")


def mining(**inputs: object) -> Mining:
    return Mining.model_validate({"hash_rate_eh_per_s": 1} | inputs)


def refused(**inputs: object) -> str:
    with pytest.raises(ValidationError) as error:
        mining(**inputs)
    return str(error.value.errors()[0]["type"])


def test_meta() -> None:
    assert field_meta(Mining, "efficiency_j_per_th") == FieldMeta(
        low=5,
        high=150,
        help="energy per terahash",
        default=17.5,
        default_source="data sheet",
        default_as_of="2025-06",
        example="18",
    )
    required = field_meta(Mining, "hash_rate_eh_per_s")
    assert (required.default, required.low, required.high) == (None, 0, 1_000)
    assert field_meta(Mining, "shares").high == 1
    assert field_meta(Mining, "label").help == "label"
    with pytest.raises(KeyError):
        field_meta(Mining, "colour")


def test_defaults() -> None:
    inputs = mining()
    assert inputs.efficiency_j_per_th == 17.5
    assert inputs.price_usd is None
    assert inputs.curtail is True
    assert inputs.shares == ()


def test_limits_are_inside() -> None:
    assert mining(efficiency_j_per_th=5).efficiency_j_per_th == 5
    assert mining(efficiency_j_per_th=150).efficiency_j_per_th == 150
    assert refused(efficiency_j_per_th=4.999) == "greater_than_equal"
    assert refused(efficiency_j_per_th=150.001) == "less_than_equal"
    assert refused(price_usd=-1) == "greater_than_equal"
    assert refused(price_usd=float("nan")) == "finite_number"


def test_nothing_is_converted_silently() -> None:
    assert refused(hash_rate_eh_per_s="1") == "float_type"
    assert refused(hash_rate_eh_per_s=True) == "float_type"
    assert refused(machines_count=True) == "int_type"
    assert refused(machines_count=1.5) == "int_type"
    assert refused(curtail=1) == "bool_type"
    assert refused(label=5) == "string_type"
    assert refused(basis="c") == "literal_error"
    assert refused(colour=1) == "extra_forbidden"


def test_whole_floats_and_lists_mean_what_they_say() -> None:
    assert mining(machines_count=1e6).machines_count == 1_000_000
    assert type(mining(machines_count=1e6).machines_count) is int
    assert type(mining(spare_count=2.0).spare_count) is int
    assert mining(shares=[0.5, 0.5]).shares == (0.5, 0.5)


def test_text_lengths() -> None:
    assert refused(label="") == "string_too_short"
    assert refused(label="x" * (LONGEST_TEXT + 1)) == "string_too_long"
    assert LONGEST_TEXT == 200


def test_inputs_cannot_be_changed() -> None:
    inputs, field = mining(), "label"
    with pytest.raises(ValidationError):
        setattr(inputs, field, "other")


def test_a_default_outside_its_range_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="default 5 is outside 0"):
        number(low=0, high=1, default=5, help="share")
    with pytest.raises(ValueError, match="default -1 is outside 0"):
        whole(low=0, default=-1, help="count")


def test_a_published_range_is_kept_with_its_source() -> None:
    assert field_meta(Mining, "price_usd").usual == Usual(1, None, "shops")
    assert field_meta(Mining, "hash_rate_eh_per_s").usual is None
