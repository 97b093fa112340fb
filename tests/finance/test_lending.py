"""A lender's flow is made of its parts."""

from __future__ import annotations

import numpy as np

from minecalc.finance.lending import Flow
from minecalc.trace import Traced


def flow(**parts: float) -> Flow:
    return Flow(**{name: np.array([[parts.get(name, 0.0)]]) for name in Flow._fields})


def test_fees_are_all_that_a_lender_earns_beside_interest() -> None:
    assert flow(upfront_fee_usd=2.0, discount_usd=1.0, commitment_fee_usd=0.5).fees_usd == [[3.5]]


def test_a_lender_pays_what_is_drawn_and_receives_all_the_rest_but_escrow() -> None:
    parts = dict.fromkeys(Flow._fields, 1.0) | {"drawn_usd": 100.0}
    received = len(Flow._fields) - len(("drawn_usd", "owed_usd", "escrow_usd", "escrow_income_usd"))
    assert flow(**parts).lender_usd == [[received - 100.0]]


def test_explanations_call_its_parts_by_their_names() -> None:
    owed = Traced(np.array([[5.0]]), "input", name=None)
    found = flow()._replace(owed_usd=owed).called()
    assert found.owed_usd is owed
    assert owed.name == "owed_usd"
