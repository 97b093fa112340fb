"""A trace as nodes: what is joined of several parts, what does not exist, a scenario of a single month."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc import load, workbook
from minecalc.spreadsheet._nodes import Node, Nodes
from minecalc.trace import Traced
from tests.spreadsheet.comparing import differences
from tests.spreadsheet.recalculated import IronCalc, cells

CASES = Path(__file__).parents[1] / "cases"


def test_several_parts_are_joined_two_at_a_time() -> None:
    flows = Traced(np.array([[1.0], [2.0]]), "input", name="site.flows_usd")
    parts: Any = [flows, np.zeros((2, 1)), flows * 2.0]
    joined: Any = np.concatenate(parts)
    (found,) = Nodes().of([joined])
    assert isinstance(found, Node)
    first, last = found.nodes
    assert found.value.tolist() == [1.0, 2.0, 0.0, 0.0, 2.0, 4.0]
    assert first.value.tolist() == [1.0, 2.0, 0.0, 0.0]
    assert (first.op, last.op, [part.op for part in first.nodes]) == ("concatenate", "multiply", ["input", "spread"])


def test_what_is_made_of_a_number_that_does_not_exist_does_not_exist() -> None:
    some = Traced(np.array([3.0]), "input", name="site.gross_mw")
    (found,) = Nodes().of([Traced(np.array([np.nan]), "constant", name="none") / some])
    assert isinstance(found, float)
    assert np.isnan(found)


@pytest.mark.parametrize("name", ["flat-stretch", "two-roots"])
def test_a_scenario_of_a_single_month_has_a_workbook(name: str, tmp_path: Path) -> None:
    (data,) = workbook(load(CASES / f"{name}.yaml")).files.values()
    (tmp_path / "book.xlsx").write_bytes(data)
    book = IronCalc(tmp_path / "book.xlsx")
    book.compute()
    assert list(differences(cells(data), book.value)) == []
