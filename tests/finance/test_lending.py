"""What a tranche lends and is paid: in the build by hand, and its flow from its parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.finance.lending import Flow, in_build
from minecalc.trace import Traced, named_fields
from tests.finance.deals import build, by_point, drawing

#: Half is drawn at close, three quarters a point later, all at the start of operation.
BUILD, DRAWN = build(100, 50, 50), np.array([[0.5], [0.75], [1.0]])


def test_a_loan_is_drawn_and_owed_as_it_is_spent() -> None:
    found = in_build(BUILD, drawing(0.01, commitment=0.002), 80.0, 0.02, 0.01, DRAWN)
    assert by_point(found.drawn_usd) == [40, 20, 20]
    assert by_point(found.owed_usd) == [40, 60, 80]
    assert by_point(found.capitalised_usd) == pytest.approx([0, 0.4, 0.6])
    assert by_point(found.commitment_fee_usd) == pytest.approx([0, 0.08, 0.04])
    assert by_point(found.upfront_fee_usd) == pytest.approx([1.6, 0, 0])
    assert by_point(found.discount_usd) == pytest.approx([0.8, 0, 0])
    for nothing in (found.paid_in_build_usd, found.escrow_usd, found.escrow_income_usd):
        assert not nothing.any()


def test_interest_that_is_paid_is_no_part_of_the_cost() -> None:
    found = in_build(BUILD, drawing(0.01, paid=True), 80.0, 0.0, 0.0, DRAWN)
    assert by_point(found.paid_in_build_usd) == pytest.approx([0, 0.4, 0.6])
    assert not found.capitalised_usd.any()


def test_a_bond_is_owed_whole_and_what_is_not_spent_lies_in_escrow() -> None:
    found = in_build(BUILD, drawing(0.01, at_close=True, escrow=0.005), 80.0, 0.0, -0.01, DRAWN)
    assert by_point(found.drawn_usd) == [80, 0, 0]
    assert by_point(found.owed_usd) == [80, 80, 80]
    assert by_point(found.escrow_usd) == [40, 20, 0]
    assert by_point(found.capitalised_usd) == pytest.approx([0, 0.8, 0.8])
    assert by_point(found.escrow_income_usd) == pytest.approx([0, 0.2, 0.1])
    assert by_point(found.discount_usd) == pytest.approx([-0.8, 0, 0])
    assert not found.commitment_fee_usd.any()


def flow(**parts: float) -> Flow:
    return Flow(**{name: np.array([[parts.get(name, 0.0)]]) for name in Flow._fields})


def test_fees_are_all_that_a_lender_earns_beside_interest() -> None:
    assert flow(upfront_fee_usd=2.0, discount_usd=1.0, commitment_fee_usd=0.5).fees_usd == [[3.5]]


def test_a_lender_pays_what_is_drawn_and_receives_all_the_rest_but_escrow() -> None:
    parts = dict.fromkeys(Flow._fields, 1.0) | {"drawn_usd": 100.0}
    received = len(Flow._fields) - len(("drawn_usd", "owed_usd", "escrow_usd", "escrow_income_usd"))
    assert flow(**parts).lender_usd == [[received - 100.0]]


def test_explanations_call_its_parts_by_their_names() -> None:
    owed: Any = Traced(np.array([[5.0]]), "input", name=None)
    found = named_fields(flow()._replace(owed_usd=owed), "junior_")
    assert owed.name == "junior_owed_usd"
    assert found.owed_usd is owed
