from __future__ import annotations

from typing import Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic_core import core_schema

from minecalc.schema.fields import AMOUNT, META, Inputs, anything, choice, number, text, whole
from minecalc.schema.jsonschema import inputs_json_schema, json_schema


class Lease(Inputs):
    """A lease."""

    rent_usd_per_kw_per_month: float = number(low=0, high=1_000, help="rent", example="130")
    basis: Literal["year", "term"] = choice(default="year", help="what counts", default_source="usage")


class Opaque:
    """A value of a class of its own, which no JSON can hold."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: object, handler: object) -> dict[str, str]:
        return {"type": "string"}


class Site(Inputs):
    """A site."""

    name: str = text(help="what reports call it.")
    gross_mw: float = number(low=0.01, help="power of the grid connection", example="50")
    pue_ratio: float = number(
        low=1, high=3, default=1.25, default_source="designs", default_as_of="2025-06", help="PUE"
    )
    gpu_count: int | None = whole(low=1, high=10, default=None, help="GPUs")
    leases: dict[str, Lease] = anything(default={}, help="leases")
    main: Lease | None = anything(default=None, help="the main lease")
    plain: float = 5.0


SCHEMA = json_schema(Site, "A site", "https://example.org/site.json")


def test_head() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (SCHEMA["title"], SCHEMA["$id"]) == ("A site", "https://example.org/site.json")
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["required"] == ["name", "gross_mw"]


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("name", "What reports call it."),
        ("gross_mw", "Power of the grid connection. Unit: MW. Must be at least 0.01."),
        ("pue_ratio", "PUE. Unit: ratio. Must lie in 1..3. Default: 1.25 (designs, 2025-06)."),
        ("gpu_count", "GPUs. Unit: count. Must lie in 1..10."),
    ],
)
def test_description(name: str, description: str) -> None:
    assert SCHEMA["properties"][name]["description"] == description


def test_nested_class_stands_in_place() -> None:
    lease = SCHEMA["properties"]["leases"]["additionalProperties"]
    assert lease["additionalProperties"] is False
    assert lease["properties"]["rent_usd_per_kw_per_month"]["examples"] == [130]
    assert lease["properties"]["basis"] == {
        "default": "year",
        "description": "What counts. Default: year (usage).",
        "enum": ["year", "term"],
        "type": "string",
    }
    assert SCHEMA["properties"]["main"]["anyOf"][0]["properties"] == lease["properties"]


def test_no_traces() -> None:
    written = str(SCHEMA)
    assert "$ref" not in written
    assert "minecalc" not in written
    assert "Pue Ratio" not in written
    assert "default" not in SCHEMA["properties"]["gpu_count"]
    assert SCHEMA["properties"]["plain"] == {"default": 5.0, "type": "number"}


def test_what_it_accepts() -> None:
    validator = Draft202012Validator(SCHEMA)
    valid = {"name": "x", "gross_mw": 5, "leases": {"a": {"rent_usd_per_kw_per_month": 130}}}
    assert validator.is_valid(valid)
    assert not validator.is_valid(valid | {"gross_mw": 0})
    assert not validator.is_valid(valid | {"colour": 1})
    assert not validator.is_valid(valid | {"leases": {"a": {}}})


def test_a_default_that_is_no_json_is_left_out() -> None:
    class Odd(Inputs):
        word: Opaque = anything(default=Opaque(), help="word")

    assert inputs_json_schema(Odd)["properties"] == {"word": {"description": "Word.", "type": "string"}}


class Path:
    """A value with amounts at several places of its schema."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: object, handler: object) -> dict[str, object]:
        amount, other = {"type": "number", META: AMOUNT}, {"type": "number"}
        return {"anyOf": [amount, {"type": "object", "properties": {"start": amount, "growth": other}}]}


class Priced(Inputs):
    """An input with amounts."""

    price_usd: Path = anything(low=-1, high=2, help="price")
    optional_usd: Path | None = anything(low=0, default=None, help="another")


def test_amounts_wherever_they_stand_have_the_range_of_their_field() -> None:
    schema = inputs_json_schema(Priced)["properties"]
    both, one = {"type": "number", "minimum": -1, "maximum": 2}, {"type": "number", "minimum": 0}
    assert schema["price_usd"]["anyOf"][0] == both
    assert schema["price_usd"]["anyOf"][1]["properties"] == {"start": both, "growth": {"type": "number"}}
    optional = schema["optional_usd"]["anyOf"]
    assert optional[0] == one
    assert META not in str(schema)
