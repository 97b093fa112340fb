"""Every key that a scenario may hold stands in the manual, with what the JSON Schema says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from minecalc.businesses import kinds
from minecalc.manual.keys import business_keys, scenario_keys, uncertainty_keys
from minecalc.scenario import Scenario
from minecalc.schema.jsonschema import inputs_json_schema
from minecalc.uncertainty.block import Uncertainty

KEY = re.compile(r"^ *- `(\w+)`: ", re.MULTILINE)
#: What is explained once, on the pages ``scenario`` and ``uncertainty``, and what a use of any kind has.
ONCE = {"value", "start", "growth_fraction_per_year", "steps", "points", "csv", "column", "outside", "repeat"}
ONCE |= {"scale", "shift", "distribution", "mean", "sd", "low", "mode", "high", "values", "probabilities", "kind"}
#: Of a price by the hour, whose page is power.
ONCE |= {"hourly", "duration_curve", "unit", "time_zone", "gaps", "adder_usd_per_kwh", "adder_growth_fraction_per_year"}
#: Of named futures, which are written as an example.
ONCE |= {"probability_fraction", "rate_ratio"}


def keys(schema: Any) -> Iterator[str]:
    """Every key of a schema, at any depth."""
    if isinstance(schema, list):
        for item in schema:
            yield from keys(item)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from keys(value)


def test_every_key_of_a_scenario_stands_on_a_page() -> None:
    listed = {*KEY.findall(scenario_keys())}
    for kind in kinds():
        listed |= {*KEY.findall(business_keys(kind))}
    wanted = {name for name in keys(inputs_json_schema(Scenario)) if name not in ONCE}
    wanted -= {*keys(Uncertainty.json_schema())}
    assert len(wanted) > 60
    assert wanted <= listed


def test_every_key_of_the_block_stands_on_its_page() -> None:
    wanted = {*keys(Uncertainty.json_schema())} - ONCE
    assert len(wanted) > 25
    assert wanted <= {*KEY.findall(uncertainty_keys())}


def test_what_is_drawn_and_correlated_by_default_is_told_with_its_source() -> None:
    told = uncertainty_keys().partition("by default")[2]
    assert "- `delay_months`: pert, low 0, mode 2, high 18 (judgement: " in told
    assert "- `btc_price_usd` with `network_hash_rate_eh_per_s`: 0.15 (monthly changes" in told


def line(text: str, name: str) -> str:
    found = re.search(rf"^- `{name}`: (.*)$", text, re.MULTILINE)
    assert found
    return found[1]


def test_a_key_has_meaning_unit_range_default_and_source() -> None:
    told = line(scenario_keys(), "discount_rate_fraction_per_year")
    for words in ("Effective discount rate", "Unit: fraction per year", "in -0.5..5", "Default: 0.12 (judgement"):
        assert words in told


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("colocation", "rent_usd_per_kw_per_month", "Published: 80..760 (leases on record"),
        ("colocation", "load_factor_fraction", "A value over time."),
        ("colocation", "exit_basis", "One of `relet`, `remaining_term`."),
        ("gpu_cloud", "gpu_count", "**Required.**"),
        ("bitcoin_mining", "curtail", "`true` or `false`."),
    ],
)
def test_a_key_says_what_it_takes(kind: str, name: str, words: str) -> None:
    assert words in line(business_keys(kind), name)


def test_keys_of_a_mapping_stand_below_it_and_forms_are_not_repeated() -> None:
    text = business_keys("bitcoin_mining")
    assert re.search(r"^- `refresh`: .*\n  - `every_months`: ", text, re.MULTILINE)
    assert "`growth_fraction_per_year`" not in text
    assert line(uncertainty_keys(), "delay_months").endswith("A distribution. Or `fixed`.")


def test_parts_with_a_section_of_their_own_are_referred_to() -> None:
    text = scenario_keys()
    assert line(text, "site") == "see `site`, below."
    assert "## `site`" in text
    assert line(text, "uncertainty") == "see `minecalc help uncertainty`."
