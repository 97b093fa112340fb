"""Traced numbers: every operation is done and recorded, and nothing loses its trace in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minecalc import arrays
from minecalc.trace import Traced, named, plain, primitive, recorded
from minecalc.trace.operations import ELEMENTWISE


def leaf(*rows: float, name: str = "x_usd") -> Any:
    return Traced(np.array(rows)[:, None], "input", name=name)


def test_arithmetic_is_done_and_recorded() -> None:
    a, b = leaf(1.0, 2.0, name="a"), leaf(3.0, 4.0, name="b")
    total = a + 2.0 * b
    assert total.value.tolist() == [[7.0], [10.0]]
    assert (total.op, total.args[0], total.args[1].op) == ("add", a, "multiply")
    assert total.args[1].args == (2.0, b)
    assert ((a >= 2.0) & ~(b > 3.0)).value.tolist() == [[False], [False]]
    assert [step.op for step in (-a, a / b, a**2, np.maximum(a, b), np.floor(a), abs(a))] == [
        *("negative", "divide", "power", "maximum", "floor", "absolute")
    ]


def test_an_array_on_the_left_is_an_operand() -> None:
    plain_array = np.array([[1.0], [2.0]])
    product = plain_array * leaf(3.0, 4.0)
    assert (product.op, product.args[0] is plain_array) == ("multiply", True)


def test_numpys_functions_that_are_recorded() -> None:
    a = leaf(1.0, 5.0, 3.0)
    chosen: Any = np.where(a > 2.0, a, 0.0)
    assert (chosen.op, chosen.value.tolist()) == ("where", [[0.0], [5.0], [3.0]])
    clipped: Any = np.clip(a, 2.0, 4.0)
    assert (clipped.op, clipped.value.tolist()) == ("minimum", [[2.0], [4.0], [3.0]])
    assert int(np.max(a)) == 5
    wide: Any = np.broadcast_to(a[:1], (3, 1))
    assert (wide.op, wide.value.tolist()) == ("same", [[1.0]] * 3)
    joined: Any = np.concatenate([np.zeros((1, 1)), a])
    assert (joined.op, joined.value[:, 0].tolist()) == ("concatenate", [0.0, 1.0, 5.0, 3.0])
    assert (np.ndim(a), np.shape(a), a.shape, a.size, len(a)) == (2, (3, 1), (3, 1), 3, 3)


def test_rows_are_read_with_where_they_began() -> None:
    a = leaf(1.0, 2.0, 3.0)
    assert (a[1:].op, a[1:].args, a[1:].value.tolist()) == ("rows", (a, 1), [[2.0], [3.0]])
    assert a[:-1].args == (a, 0)
    assert a[-1].args == (a, 2)
    with pytest.raises(TypeError, match="in order"):
        a[::-1]


def _add_in_place(a: Any) -> None:
    total = np.zeros((2, 1))
    total += a


LOSSES: list[Callable[[Any], Any]] = [
    np.asarray,
    lambda a: np.array([a]),
    _add_in_place,
    lambda a: np.add.reduce(a),
    lambda a: np.sum(a),
    lambda a: np.cumsum(a),
    lambda a: np.log(a),
    lambda a: np.add(a, 1.0, out=np.zeros((2, 1))),
]


@pytest.mark.parametrize("loss", LOSSES)
def test_what_would_lose_the_trace_is_refused(loss: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="traced number"):
        loss(leaf(1.0, 2.0))


def test_control_flow_sees_the_value() -> None:
    a = leaf(2.0)
    assert bool(a == 2.0)
    assert (float(a), int(a), a.any(), a.all()) == (2.0, 2, True, True)
    assert not (a - 2.0).any()


def test_names_go_to_what_has_none() -> None:
    a, unnamed = leaf(1.0, name="a"), leaf(1.0) * 2.0
    assert named("b", a).name == "a"
    assert named("b", unnamed) is unnamed
    assert unnamed.name == "b"
    assert named("c", 3.0) == 3.0


def test_recorded_stands_for_what_is_not_calculated_by_steps() -> None:
    a = leaf(1.0)
    step: Any = recorded("irr", np.array([0.1]), a, 3.0)
    assert (step.op, step.args, step.value.tolist()) == ("irr", (a, 3.0), [0.1])
    assert recorded("irr", 0.1, 2.0) == 0.1
    assert (plain(step).tolist(), plain(4.0)) == ([0.1], 4.0)


@primitive("twice {0}")
def doubled(values: Any) -> Any:
    """Twice as much."""
    return np.asarray(values) * 2.0


def test_a_primitive_is_one_step_and_plain_for_plain_numbers() -> None:
    a = leaf(1.0, 2.0)
    step = doubled(a)
    assert (step.op, step.args, step.value.tolist()) == ("doubled", (a,), [[2.0], [4.0]])
    assert doubled(np.array([3.0])).tolist() == [6.0]
    assert doubled.__doc__ == "Twice as much."


def test_the_functions_over_time_are_primitives() -> None:
    a = leaf(1.0, 2.0, 4.0)
    calls: dict[str, Any] = {
        "accumulate": arrays.accumulate(a),
        "running_total": arrays.running_total(a),
        "rows_at": arrays.rows_at(a, np.array([[2.0]])),
        "at_month": arrays.at_month(a, 2.0),
        "lump": arrays.lump(3, 2.0, a[1][0]),
        "added": arrays.added(3, a, np.zeros((3, 1))),
        "at_points": arrays.at_points(3, [True], a),
        "last_largest": arrays.last_largest(a),
        "power": arrays.power(a, 2.0),
        "as_row": arrays.as_row(a[1][0]),
        "as_cases": arrays.as_cases(a[1][0]),
        "truth": arrays.truth(a > 1.0),
    }
    assert {name: call.op for name, call in calls.items()} == {name: name for name in calls}
    assert calls["lump"].value[:, 0].tolist() == [0.0, 2.0, 0.0]


def test_the_elementwise_operations_exist_in_numpy() -> None:
    assert {name for name in ELEMENTWISE if not isinstance(getattr(np, name), np.ufunc)} == set()
