"""Break-evens and shares of the variance as people read them."""

from __future__ import annotations

import re
from dataclasses import replace

from minecalc.analysis.simulate.confidence import Confident
from minecalc.analysis.simulate.details import break_evens, explained, notes, precision
from minecalc.analysis.simulate.question import Precision, Simulation
from minecalc.document import Block, Details, Document, Note, Table, Text, Value, shown_blocks
from minecalc.looks import sentence
from minecalc.scenario.movables import movable
from minecalc.statistics.estimates import Estimate
from tests.analysis.simulate.test_question import LONE
from tests.analysis.simulate.worlds import CERTAIN, TWO, answer

RENT = "plans.lease.rent_usd_per_kw_per_month"


def of(*items: Confident) -> list[Block]:
    return list(break_evens(replace(answer(), break_evens=items)))


def item(value: Estimate | None, *, rises: bool = True, crossings: int = 1, reason: str = "") -> Confident:
    of_rent = movable(answer().scenario, RENT)
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


def told(found: Simulation) -> str:
    blocks = shown_blocks(Document("", list(notes(found)), Table("", (), ())), in_full=True)
    return "\n".join(sentence(part) for note in blocks if isinstance(note, Note) for part in (note.text, *note.bullets))


def test_every_number_of_every_factor_is_named_with_its_source() -> None:
    text = told(answer("uncertainty.btc_price_usd={volatility_fraction_per_year: 0.5}"))
    assert "BTC price: path is mean (convention); model gbm (2026-06, " in text
    assert "; volatility 50.0% (given); passing 40.0% (2026-06, " in text
    assert "; half life 60 mo (2026-08, " in text
    assert "spikes per year 0.4 (2026-06, " in text
    assert "Correlations: BTC price with network hash rate 0.15 (" in text
    assert "Delay: distribution pert, low 0, mode 2, high 18 months beyond the scenario's (2026-06, judgement" in text


def test_a_tolerance_that_is_not_met_is_a_warning() -> None:
    assert list(precision(answer())) == []
    (met,) = precision(replace(answer(), precision=Precision(0.02, 0.0123)))
    assert met == Note(
        "The mean lead over mine is known to 0.012 of itself (± one standard error): --tolerance 0.02 is met with "
        "1,024 paths."
    )
    (missed,) = precision(replace(answer(), precision=Precision(0.01, 0.0123)))
    assert (missed.kind, "--tolerance 0.01 is not met after 1,024 paths" in str(missed.text)) == ("warning", True)
    (unknown,) = precision(replace(answer(), precision=Precision(0.01, None)))
    assert "The mean lead over mine is not known to any share of itself" in str(unknown.text)
    (named,) = precision(replace(answer(), precision=Precision(0.02, 0.0123, "lease")))
    assert str(named.text).startswith("The mean lead over mine of lease is known to 0.012 of itself")
    (lone,) = precision(replace(answer(text=TWO.split("  lease:")[0]), precision=Precision(0.02, 0.0123)))
    assert str(lone.text).startswith("The mean NPV is known to 0.012 of itself")


def test_paths_without_a_figure_are_counted_with_reasons() -> None:
    drawn = "{distribution: normal, mean: 0.15, sd: 0.1}"
    found = answer(
        f"uncertainty.inputs={{plans.lease.opex_fraction_of_rent: {drawn}}}", figures=("irr_fraction_per_year",)
    )
    first = next(notes(found))
    assert isinstance(first, Note)
    assert first.kind == "warning"
    assert first.text == "Worlds of the 1,024 that lack a figure, and do not count for it:"
    undefined = found.outcomes.of("lease").npv.undefined
    ((reason, count),) = undefined.items()
    assert f"NPV of lease: {count} ({reason})" in first.bullets
    assert any(str(bullet).startswith("IRR of mine: ") for bullet in first.bullets)
    assert isinstance(next(notes(answer())), Details)


def test_what_is_uncertain_is_named_and_its_numbers_stand_in_full_only() -> None:
    of = next(notes(answer("uncertainty.btc_price_usd={volatility_fraction_per_year: 0.5}")))
    assert isinstance(of, Details)
    assert str(of.note.text).startswith("Uncertain: BTC price, network hash rate, ")
    assert re.search(
        r" and correlations\. (\d+) assumptions, \d+ of them defaults: --full lists them ", str(of.note.text)
    )
    (full,) = of.blocks
    assert isinstance(full, Note)
    assert sum(sentence(bullet).count("; ") + 1 for bullet in full.bullets) >= 20


def test_percentiles_over_time_are_spoken_of_only_where_there_are_some_and_more_would_give_more() -> None:
    assert "Percentiles over time" not in told(answer(CERTAIN))
    assert "Knowing the world" not in told(answer(CERTAIN))
    assert "Percentiles over time are of 1,024 of them; with more --paths they are of more." in told(answer())
    few = answer(paths=100)
    assert "Percentiles over time are of 1,024 drawn independently; with more" in told(few)
    most = replace(answer(), explained=answer().explained._replace(paths=8192), paths=100_000)
    assert "Percentiles over time are of 8,192 of them." in told(most)


def test_what_is_held_and_how_it_was_drawn() -> None:
    certain = told(answer(CERTAIN))
    assert "Nothing is uncertain in this scenario: every world is the scenario as it stands." in certain
    assert "Held as the scenario has them: BTC price, Network hash rate" in certain
    text = told(answer("plans.mine.stops=best", "plans.mine.machine_resale_usd_per_th=5"))
    assert "stops: best is one date for all worlds, that which is best on average: plans.mine.stops never" in text
    assert "1,024 independent paths, seed 1; every plan meets the same worlds." in text
    assert "All 1,024 paths are in x.csv." in told(replace(answer(), saved="x.csv"))
    assert "Knowing the world before choosing would be worth $" in text
    assert "Knowing" not in told(answer(text=TWO.split("  lease:")[0]))
