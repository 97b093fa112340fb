"""What a file may not hold is no break-even, and what it may is not refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.loading import ScenarioError, load, loads
from minecalc.scenario.movables import movable, movables
from minecalc.solving.told import refusal
from tests.by_hand import Data
from tests.cli.running import TEXAS
from tests.randomly import randomly
from tests.strategies import scenarios

MINE, LEASING = 'plans."keep mining"', 'plans."lease to an AI tenant"'


@pytest.mark.parametrize(
    ("path", "x", "why"),
    [
        (f"{MINE}.hash_rate_eh_per_s", 3.0, "keep mining needs 3 EH/s x 18 J/TH x PUE 1.05 = 56.7 MW; it has 50 MW"),
        (f"{MINE}.refresh.every_months", 61.0, "every_months is 61, more than life_months 60"),
        (f"{MINE}.life_months", 40.0, "every_months is 48, more than life_months 40"),
        (f"{LEASING}.conversion.ready", 24_300.0, f"{LEASING}.conversion.ready lies outside the horizon"),
        ("market.network_hash_rate_eh_per_s", 1e-3, "more than the network's"),
        ("site.gross_mw", -1.0, "site.gross_mw must lie in 1e-06..100000"),
    ],
)
def test_what_is_refused_and_why(path: str, x: float, why: str) -> None:
    scenario = load(TEXAS)
    found = refusal(scenario, movable(scenario, path), x)
    assert found is not None
    assert why in found


@randomly(15)
@given(
    scenarios(24),
    st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from([0.0, 0.1, 0.5, 1.0])), min_size=8, max_size=8),
)
def test_a_value_is_refused_just_when_the_file_with_it_is(data: Data, chosen: list[tuple[int, float]]) -> None:
    scenario = loads(json.dumps(data))
    known = list(movables(scenario).values())
    for place, share in chosen:
        moved = known[place % len(known)]
        x = moved.low + share * (moved.high - moved.low)
        x = float(round(x)) if moved.whole else x
        try:
            loads(json.dumps(data), [moved.setting(x)])
            accepted = True
        except ScenarioError:
            accepted = False
        assert accepted == (refusal(scenario, moved, x) is None), moved.setting(x)
    assert refusal(scenario, moved, moved.present) is None
