"""The table of operations: every one computes and reads, and numpy's are numpy's."""

from __future__ import annotations

import string

import numpy as np
import pytest

from minecalc import figures  # enters the last operations
from minecalc.trace.operations import ATOM, ELEMENTWISE, OPERATIONS, power

PLACES = {name: [int(n) for _, n, *_ in string.Formatter().parse(op.words) if n] for name, op in OPERATIONS.items()}


def test_the_table_holds_what_the_engine_computes_with() -> None:
    assert figures.__doc__
    assert {"accumulate", "running_total", "rows_at", "lump", "at_points", "recurrence"} <= OPERATIONS.keys()
    assert {"irr", "mirr", "payback", "moic", "peak_funding", "number_of_month"} <= OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_reads(name: str) -> None:
    operation = OPERATIONS[name]
    assert PLACES[name] or name in ("recurrence", "total_cost")
    assert 0 <= operation.binds <= ATOM
    assert operation.least_of(7) == operation.least[-1]
    for place, neutral in enumerate(operation.neutral):
        if neutral is not None:
            operands = np.array([3.5]), np.array([neutral])
            assert operation.run(*(operands if place else operands[::-1])).tolist() == [3.5]


@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_elementwise_operations_are_numpys(name: str) -> None:
    ufunc, operation = getattr(np, name), OPERATIONS[name]
    assert operation.reads == "row"
    operands = (np.array([True, False]), np.array([True, True]))[: ufunc.nin] if "bit" in name else None
    operands = operands or (np.array([0.5, 2.0]), np.array([1.5, 0.25]))[: ufunc.nin]
    operands = (np.array([True, False]),) if name == "invert" else operands
    assert np.array_equal(operation.run(*operands), ufunc(*operands))


def test_a_power_has_the_same_bits_in_any_layout() -> None:
    base, years = np.linspace(0.5, 1.5, 66).reshape(33, 2), np.linspace(0.0, 9.0, 33)[:, None]
    together = power(base, years)
    assert all(np.array_equal(together[:, k], power(np.array(base[:, k]), years[:, 0])) for k in range(2))


def test_rows_one_after_the_other_take_as_many_cases_as_the_widest() -> None:
    joined = OPERATIONS["concatenate"].run(np.zeros((1, 1)), np.ones((2, 3)))
    assert joined.tolist() == [[0.0] * 3, [1.0] * 3, [1.0] * 3]
