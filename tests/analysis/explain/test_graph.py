from __future__ import annotations

import json
from typing import Any

import numpy as np

from minecalc.analysis.explain.graph import data, merged, numbers, plain_number
from minecalc.arrays import accumulate
from minecalc.replay import in_order, walk
from minecalc.trace import Traced
from tests.analysis.explain.replay import replay


def leaf(name: str, *rows: float) -> Any:
    return Traced(np.array(rows)[:, None], "input", name=name)


def test_steps_come_before_or_after_their_operands_once() -> None:
    a, b = leaf("a", 1.0), leaf("b", 2.0)
    total = a + b
    top = total * total + a
    down, up = walk(top), in_order([top])
    assert set(down) == set(up) == {top, top.args[0], total, a, b}
    assert down[0] is top
    assert up[-1] is top
    for step in up:
        assert all(up.index(arg) < up.index(step) for arg in step.args if isinstance(arg, Traced))


def test_the_same_calculation_is_one_step() -> None:
    a = leaf("a", 1.0, 2.0)
    twice, again = a * np.array([[2.0], [2.0]]), a * np.array([[2.0], [2.0]])
    again.name = "double_usd"
    (top,) = merged(twice + again)
    assert top.args[0] is top.args[1]
    assert top.args[0].name == "double_usd"
    (other,) = merged((a * 2.0) + (a * 3.0))
    assert other.args[0] is not other.args[1]
    assert merged(leaf("a", 1.0) + leaf("b", 1.0))[0].args[0].name == "a"


def test_of_several_names_the_shortest_is_kept_and_a_top_keeps_its_own() -> None:
    a = leaf("a", 1.0)
    long, short, top = a * 2.0, a * 2.0, a * 2.0
    long.name, short.name, top.name = "fleet_1_unstopped_draw_mw", "draw_mw", "the_drawn_mw"
    (total,) = merged(long + short)
    assert total.args[0].name == "draw_mw"
    assert merged(top)[0].name == "the_drawn_mw"


def test_plain_data_is_json_and_computes_to_the_same() -> None:
    a = leaf("a", 1.0, 2.0, 3.0)
    top: Any = accumulate(np.where(a > 1.5, a * 0.1, np.array([[-np.inf], [1.0], [1.0]])))
    steps, number_of = data([top, a])
    assert json.loads(json.dumps(steps, allow_nan=False)) == steps
    assert steps[number_of[a]] == {"op": "input", "name": "a", "value": [1.0, 2.0, 3.0]}
    assert steps[number_of[top]] == {"op": "accumulate", "rows": 1, "args": [{"step": number_of[top] - 1}]}
    replayed: Any = accumulate(np.where(a.value > 1.5, a.value * 0.1, -np.inf))
    assert replay(steps)[number_of[top]] == replayed.tolist()


def test_numbers_that_json_lacks() -> None:
    assert [plain_number(x) for x in (1.5, np.nan, np.inf, -np.inf, True)] == [1.5, None, "inf", "-inf", 1]
    assert numbers(np.array([[1.0], [2.0]])) == [1.0, 2.0]
    assert numbers(3.0) == 3.0
