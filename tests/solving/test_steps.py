"""Whole numbers that were looked at: those of some cases, those from one on, and of parts together."""

from __future__ import annotations

import numpy as np

from minecalc.solving.steps import Steps, joined

WORTH = np.arange(12.0).reshape(2, 2, 3)
FIRST = Steps(np.array([[0.0, 1.0, 2.0], [0.0, 1.0, 1.0]]), WORTH, WORTH + 100.0)
SECOND = Steps(np.array([[4.0, 5.0]]), np.array([[[7.0, 8.0]], [[9.0, 6.0]]]), np.zeros((2, 1, 2)))


def test_of_a_case_from_a_number_on_each_once() -> None:
    found = FIRST.part(1, 2).from_on(0.0)
    assert found.x.tolist() == [[0.0, 1.0]]
    assert found.worth_usd[:, 0].tolist() == [[3.0, 4.0], [9.0, 10.0]]
    later = FIRST.part(0, 1).from_on(1.0)
    assert (later.x.tolist(), later.residual_usd[1, 0].tolist()) == ([[1.0, 2.0]], [107.0, 108.0])


def test_parts_of_fewer_numbers_end_in_their_last() -> None:
    assert joined([]) is None
    found = joined([FIRST, SECOND])
    assert found is not None
    assert found.x.tolist() == [*FIRST.x.tolist(), [4.0, 5.0, 5.0]]
    assert found.worth_usd[:, 2].tolist() == [[7.0, 8.0, 8.0], [9.0, 6.0, 6.0]]
    assert found.part(2, 3).from_on(0.0).x.tolist() == [[4.0, 5.0]]
