"""Break-evens and shares of the variance as people read them."""

from __future__ import annotations

from minecalc.analysis.simulate.confidence import Confident
from minecalc.analysis.simulate.details import break_evens, explained
from minecalc.document import Block, Note, Table, Text, Value
from minecalc.levers import lever
from minecalc.statistics.estimates import Estimate
from tests.analysis.simulate.test_answer import LONE
from tests.analysis.simulate.worlds import CERTAIN, TWO, answer

RENT = "plans.lease.rent_usd_per_kw_per_month"


def of(*items: Confident) -> list[Block]:
    return list(break_evens(answer()._replace(break_evens=items)))


def item(value: Estimate | None, *, rises: bool = True, crossings: int = 1, reason: str = "") -> Confident:
    of_rent = lever(answer().scenario, RENT)
    return Confident(of_rent, 0.9, value, rises, "", (0.0, 0.5, 1.0), crossings, 0.0, 1024, reason)


def test_a_break_even_says_what_is_needed_with_its_error() -> None:
    (table,) = of(
        item(Estimate(160.0, 3.0, 154.0, 166.0, 1024)), item(Estimate(90.0, 2.0, 86.0, 94.0, 1024), rises=False)
    )
    assert isinstance(table, Table)
    assert table.title == "lease beats mine in 90% of worlds at"
    assert table.rows[0] == [
        Text("Rent, year 1"),
        Value(130.0, "usd_per_kw_per_month"),
        Text("at least"),
        Value(160.0, "usd_per_kw_per_month", error=3.0),
    ]
    assert table.rows[1][2] == Text("at most")
    assert "On 1,024 worlds" in table.caption


def test_one_that_cannot_be_told_is_none() -> None:
    (table,) = of(item(Estimate(160.0, 81.0, 0.0, 320.0, 1024)))
    assert isinstance(table, Table)
    cell = table.rows[0][3]
    assert isinstance(cell, Value)
    assert (cell.number, cell.reason) == (None, "the probability is too flat there for 1,024 worlds to tell")


def test_several_and_none_are_said() -> None:
    blocks = of(
        item(Estimate(160.0, 3.0, 154.0, 166.0, 1024), crossings=2),
        item(None, reason="it is ahead in at most 81% of worlds at every value"),
    )
    assert [type(block) for block in blocks] == [Table, Note, Note]
    assert blocks[1:] == [
        Note(
            "The probability comes to that more than once:", bullets=["Rent, year 1: at 2 values, the nearest is shown"]
        ),
        Note(
            "lease beats mine in 90% of worlds at no value of:",
            bullets=["Rent, year 1: it is ahead in at most 81% of worlds at every value"],
        ),
    ]
    assert of() == []


def test_shares_are_listed_largest_first_and_small_ones_together() -> None:
    (table,) = explained(answer())
    assert isinstance(table, Table)
    assert table.title == "What explains the variance of the NPV of lease less that of mine"
    assert table.rows[0][0] == Text("BTC price")
    assert "Sobol indices on 1,024 worlds" in table.caption
    assert "Below 1%: " in table.caption
    assert "Transaction fees" in table.caption
    labels = [row[0] for row in table.rows]
    assert Text("Transaction fees") not in labels
    errors = [cell.error for row in table.rows for cell in row[1:] if isinstance(cell, Value)]
    assert all(error is not None and error > 0.0 for error in errors)


def test_without_shares_there_is_a_reason_and_a_lone_plan_has_its_own() -> None:
    (note,) = explained(answer(CERTAIN))
    assert note == Note("The variance of the NPV of lease less that of mine has no shares: nothing is uncertain.")
    (table,) = explained(answer(text=LONE))
    assert isinstance(table, Table)
    assert table.title == "What explains the variance of the NPV of mine"


def test_it_is_said_at_which_rate_plans_are_compared_where_one_has_its_own() -> None:
    own = answer(text=TWO.replace("  lease:\n", "  lease:\n    discount_rate_fraction_per_year: 0.06\n"))
    (values, *_) = (block for block in break_evens(own) if isinstance(block, Table))
    assert "Plans are compared at the scenario's rate." in values.caption
    (shares,) = explained(own)
    assert isinstance(shares, Table)
    assert shares.title.endswith("NPV of lease less that of mine, both at the scenario's rate")
    (values, *_) = (block for block in break_evens(answer()) if isinstance(block, Table))
    assert "Plans are compared" not in values.caption
