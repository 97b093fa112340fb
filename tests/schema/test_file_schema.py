"""The schema of files that extend and define: what it lets them leave out, and what it still asks of others."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from minecalc.schema.file_schema import file_schema

from .test_jsonschema import Site

VALIDATOR = Draft202012Validator(file_schema(Site, "A site", "https://example.org/site.json"))


def test_it_is_a_schema() -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize(
    ("data", "valid"),
    [
        ({"name": "x", "gross_mw": 5}, True),
        ({"name": "x"}, False),
        ({"name": "x", "gross_mw": None}, False),
        ({"name": "x", "gross_mw": 5, "main": {}}, False),
        ({"extends": "base.yaml"}, True),
        ({"extends": ""}, False),
        ({"extends": 5}, False),
        ({"extends": "base.yaml", "gross_mw": 0}, False),
        ({"extends": "base.yaml", "gross_mv": 5}, False),
        ({"extends": "base.yaml", "gross_mw": None, "main": {"basis": "term"}, "leases": {"a": None}}, True),
        ({"define": {"a": {"anything": 5}}, "name": "x", "main": {"extends": "a"}}, True),
        ({"define": {"a": 5}}, False),
    ],
)
def test_what_it_accepts(data: Any, valid: bool) -> None:
    assert VALIDATOR.is_valid(data) == valid
