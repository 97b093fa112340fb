"""A trace as nodes: what is joined of several parts, what does not exist, a scenario of a single month."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc import load, loads, workbook
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
def test_a_scenario_of_a_single_month_has_a_workbook(name: str) -> None:
    (data,) = workbook(load(CASES / f"{name}.yaml")).files.values()
    book = IronCalc(data)
    book.compute()
    assert list(differences(cells(data), book.value)) == []


SITE = """
name: small
start: 2027-12
months: {months}
discount_rate_fraction_per_year: 0.1
market: {{hash_price_usd_per_ph_per_day: 50}}
site: {{gross_mw: 10, electricity_price_usd_per_kwh: 0.05}}
plans:
  mine: {{kind: bitcoin_mining, hash_rate_eh_per_s: 0.4, efficiency_j_per_th: 20}}
  lease: {{kind: colocation, rent_usd_per_kw_per_month: 130, exit_cap_rate_fraction: 0.08,
    conversion: {{starts: 2027-12, ready: 2028-01, capex_usd_per_critical_mw: 9000000, spend: [1]}}}}
"""


@pytest.mark.parametrize("months", [2, 15])
def test_rows_of_a_single_item_and_sums_of_equal_months_are_computed(months: int) -> None:
    """What is spent has one item; December and January have as many hours each, whose sum is that of both."""
    (data,) = workbook(loads(SITE.format(months=months))).files.values()
    book = IronCalc(data)
    book.compute()
    assert list(differences(cells(data), book.value)) == []
