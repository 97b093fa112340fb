"""IRR by plain formulas: one rate as the engine has it, "none" where it has none; and what the grid cannot see."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from minecalc.finance.returns import irr
from minecalc.spreadsheet._formulas import CONSTANTS
from minecalc.spreadsheet._grid import rates
from minecalc.spreadsheet._nodes import Node
from minecalc.spreadsheet._worked import worked
from tests.spreadsheet.recalculated import IronCalc


def yearly(*flows: float) -> np.ndarray:
    """Flows at the ends of years, today first, by month."""
    found = np.zeros(12 * (len(flows) - 1) + 1)
    found[::12] = flows
    return found


def with_rates(*growth: float) -> np.ndarray:
    """Flows of successive years that are worth nothing at these rates a year, given as 1 + rate, and at no other."""
    found = np.array([-1.0])
    for one in growth:
        found = np.convolve(found, [1.0, -one])
    return yearly(*found)


ONE = {
    "a loan's": yearly(-100.0, *[12.0] * 20),
    "with a cost at the end, and one rate within the range": yearly(-100.0, *[30.0] * 9, -0.001),
    "close to a total loss": yearly(-1000.0, 5.0, 10.0),
    "close to eleven times a year": yearly(-1.0, 10.9),
    "of twenty years by month": np.concatenate([[-5000.0], 40.0 + 15.0 * np.sin(np.arange(240.0))]),
    "after three changes of sign": yearly(-100.0, 150.0, -10.0, 60.0),
}
NONE = {
    "never pays": yearly(-100.0, -10.0),
    "two rates far apart": with_rates(1.05, 1.9),
    "two rates between neighbours of the grid": with_rates(1.100, 1.101),
    "no rate at all": yearly(-100.0, 150.0, -100.0),
    "borrowing": yearly(100.0, -60.0, -60.0),
    "below the lowest rate": yearly(-1000.0, 1e-3),
    "above the highest rate": yearly(-1.0, 13.0),
}


def in_a_workbook(flows: np.ndarray) -> Any:
    """What the formulas of a workbook come to for these flows: its working cells, and IRR by another engine."""
    import xlsxwriter

    node = Node("irr", (Node("input", (), flows, "site.flows_usd"),), 0.0)
    found = worked(node, {**dict(CONSTANTS.values()), "rates": rates()})
    if found["turns"][0] == 0 or found["roots"][0] != 1 or found["opening"][0] > 0:
        return None
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("S")
    sheet.write_row(1, 0, flows.tolist())
    sheet.write_number(2, 0, float(found["guess"][0]))
    last = xlsxwriter.utility.xl_col_to_name(len(flows) - 1)
    sheet.write_formula(0, 0, f"=(1+IRR(A2:{last}2,A3))^12-1")
    book.close()
    computed = IronCalc(file.getvalue())
    computed.compute()
    return computed.value("S", "A1")


@pytest.mark.parametrize("name", ONE)
def test_a_single_rate_is_that_of_the_engine(name: str) -> None:
    expected = irr(ONE[name]).number()
    assert expected is not None
    assert in_a_workbook(ONE[name]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", NONE)
def test_there_is_none_where_the_engine_has_none(name: str) -> None:
    assert irr(NONE[name]).number() is None
    assert in_a_workbook(NONE[name]) is None


def test_what_the_grid_cannot_see() -> None:
    """Of a pair of rates between neighbours beside a third that one is shown as the only one; so the manual says."""
    flows = with_rates(1.100, 1.101, 2.0)
    assert irr(flows).number() is None
    assert len(irr(flows).roots()) == 3
    assert in_a_workbook(flows) == pytest.approx(1.0, rel=1e-9)
    double = with_rates(1.2, 1.2)
    assert irr(double).number() == pytest.approx(0.2)
    assert in_a_workbook(double) is None  # it touches zero, and crosses it nowhere
    assert np.diff(np.log1p(rates())).max() * 12 == pytest.approx(0.1167, abs=1e-4)  # neighbours, in log of a year
