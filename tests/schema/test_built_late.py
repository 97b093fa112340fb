"""A class of inputs inside another one is built when a file gives it, and checks as if it had been built before."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from minecalc.schema.fields import Inputs, anything, number


class _Inner(Inputs):
    count: int = number(low=1, high=9, help="how many")


class _Outer(Inputs):
    inner: _Inner | None = anything(default=None, help="one")
    several: dict[str, _Inner] = anything(default={}, help="by name")


def test_only_what_a_file_gives_is_built() -> None:
    code = """
import minecalc.loading
from minecalc.deals.financing import Financing, Tranche
from minecalc.scenario.site import Site
assert minecalc.loading.read("tests/bench/three_plans.yaml").scenario
print(Site.__pydantic_complete__, Financing.__pydantic_complete__, Tranche.__pydantic_complete__)
assert minecalc.loading.read("tests/bench/two_tranches.yaml").scenario
print(Site.__pydantic_complete__, Financing.__pydantic_complete__, Tranche.__pydantic_complete__)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["True False False", "True True True"]


def test_what_is_wrong_inside_is_found_at_its_place() -> None:
    outer = _Outer.model_validate({"inner": {"count": 3.0}, "several": {"a": {"count": 4}}})
    assert outer.inner == _Inner(count=3)
    assert outer.several == {"a": _Inner(count=4)}
    with pytest.raises(ValidationError) as caught:
        _Outer.model_validate({"inner": {"count": 10, "more": 1}, "several": {"a": {}}})
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [
        ("less_than_equal", ("inner", "count")),
        ("extra_forbidden", ("inner", "more")),
        ("missing", ("several", "a", "count")),
    ]


def test_a_schema_holds_it_whole() -> None:
    schema = _Outer.model_json_schema()["properties"]
    assert schema["inner"]["anyOf"][0]["properties"]["count"]["maximum"] == 9
    assert schema["several"]["additionalProperties"]["required"] == ["count"]
