from __future__ import annotations

import json
from typing import Any

import numpy as np

from minecalc.analysis.explain.graph import beside, data, merged, numbers, plain_number
from minecalc.arrays import accumulate, recurrence, recurrences
from minecalc.trace import Traced, named
from minecalc.trace.replay import in_order, walk
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


def test_a_body_of_one_or_of_several_has_the_steps_of_its_results() -> None:
    x = leaf("x", 1.0, 2.0)
    one: Any = recurrence(lambda a, x: a * 2.0 + x, 3.0, x)
    steps, _ = data([one])
    assert steps[-1].keys() == {"op", "rows", "args", "body"}
    assert {"op": "before"} in steps[-1]["body"]
    assert steps[-1]["body"][-1]["op"] == "add"
    both: Any = recurrences(lambda a, b, x: (b + x, a * 2.0), (3.0, 4.0), x)
    steps, number_of = data(both)
    together = steps[1]
    assert (together["op"], together["rows"], together["states"]) == ("recurrences", 4, 2)
    assert together["args"] == [3.0, 4.0, {"step": 0}]
    assert [together["body"][number]["op"] for number in together["results"]] == ["add", "multiply"]
    assert {"op": "before", "args": [1]} in together["body"]
    assert [steps[number_of[state]]["args"] for state in both] == [[{"step": 1}, 0], [{"step": 1}, 2]]


def test_what_is_beside_has_a_name_and_becomes_one_with_what_it_stands_beside() -> None:
    x = leaf("x", 1.0, 2.0)
    states: Any = recurrences(lambda a, b, c, x: (a + x, b + a, c + b), (0.0, 1.0, 2.0), x)
    top: Any = accumulate(states[0])
    assert beside([top]) == []
    named("a_usd", states[0])
    named("b_usd", states[1])
    found, *others = merged(top, *beside([top]))
    assert [other.name for other in others] == ["a_usd", "b_usd"]
    assert found.args[0] is others[0]
    assert others[0].args[0] is others[1].args[0]
    again, *others = merged(found, *beside([found]))
    assert again.args[0] is others[0], "the trace's own steps, beside a graph that was made of it"
    assert others[0].args[0] is others[1].args[0]


def test_numbers_that_json_lacks() -> None:
    assert [plain_number(x) for x in (1.5, np.nan, np.inf, -np.inf, True)] == [1.5, None, "inf", "-inf", 1]
    assert numbers(np.array([[1.0], [2.0]])) == [1.0, 2.0]
    assert numbers(3.0) == 3.0
