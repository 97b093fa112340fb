"""What is said beside the figures of a simulation."""

from __future__ import annotations

from minecalc.analysis.simulate.answer import Precision, SimulationNumbers
from minecalc.analysis.simulate.notes import notes, precision
from minecalc.document import Note
from minecalc.looks import sentence
from tests.analysis.simulate.worlds import CERTAIN, TWO, answer


def told(found: SimulationNumbers) -> str:
    return "\n".join(sentence(part) for note in notes(found) for part in (note.text, *note.bullets))


def test_every_number_of_every_factor_is_named_with_its_source() -> None:
    text = told(answer("uncertainty.btc_price_usd={volatility_fraction_per_year: 0.5}"))
    assert "BTC price: model gbm (2026-06, " in text
    assert "; volatility 50.0% (given); trend sd 15.0% (2026-08, " in text
    assert "spikes per year 0.4 (2026-06, " in text
    assert "Correlations: BTC price with network hash rate 0.15 (" in text
    assert "Delay: distribution pert, low 0, mode 2, high 18 months beyond the scenario's (2026-06, judgement" in text


def test_a_tolerance_that_is_not_met_is_a_warning() -> None:
    assert list(precision(answer())) == []
    (met,) = precision(answer()._replace(precision=Precision(0.02, 0.0123)))
    assert met == Note(
        "The mean lead over mine is known to 0.012 of itself (± one standard error): --tolerance 0.02 is met with "
        "1,024 paths."
    )
    (missed,) = precision(answer()._replace(precision=Precision(0.01, 0.0123)))
    assert (missed.kind, "--tolerance 0.01 is not met after 1,024 paths" in str(missed.text)) == ("warning", True)
    (unknown,) = precision(answer()._replace(precision=Precision(0.01, None)))
    assert "The mean lead over mine is not known to any share of itself" in str(unknown.text)
    (named,) = precision(answer()._replace(precision=Precision(0.02, 0.0123, "lease")))
    assert str(named.text).startswith("The mean lead over mine of lease is known to 0.012 of itself")
    (lone,) = precision(answer(text=TWO.split("  lease:")[0])._replace(precision=Precision(0.02, 0.0123)))
    assert str(lone.text).startswith("The mean NPV is known to 0.012 of itself")


def test_paths_without_a_figure_are_counted_with_reasons() -> None:
    drawn = "{distribution: normal, mean: 0.15, sd: 0.1}"
    found = answer(
        f"uncertainty.inputs={{plans.lease.opex_fraction_of_rent: {drawn}}}", figures=("irr_fraction_per_year",)
    )
    first = next(notes(found))
    assert first.kind == "warning"
    assert first.text == "Worlds of the 1,024 that lack a figure, and do not count for it:"
    undefined = found.outcomes.of("lease").npv.undefined
    ((reason, count),) = undefined.items()
    assert f"NPV of lease: {count} ({reason})" in first.bullets
    assert any(str(bullet).startswith("IRR of mine: ") for bullet in first.bullets)
    assert next(notes(answer())).kind == "plain"


def test_courses_are_spoken_of_only_where_there_are_some_and_more_would_give_more() -> None:
    assert "Courses over time" not in told(answer(CERTAIN))
    assert "Knowing the world" not in told(answer(CERTAIN))
    assert "Courses over time are of 1,024 of them; with more --paths they are of more." in told(answer())
    few = answer(paths=100)
    assert "Courses over time are of 1,024 drawn independently; with more" in told(few)
    most = answer()._replace(explained=answer().explained._replace(paths=8192), paths=100_000)
    assert "Courses over time are of 8,192 of them." in told(most)


def test_what_is_held_and_how_it_was_drawn() -> None:
    certain = told(answer(CERTAIN))
    assert "Nothing is uncertain in this scenario: every world is the scenario as it stands." in certain
    assert "Held as the scenario has them: BTC price, Network hash rate" in certain
    text = told(answer("plans.mine.stops=best", "plans.mine.machine_resale_usd_per_th=5"))
    assert "stops: best is one date for all worlds, that which is best on average: plans.mine.stops never" in text
    assert "1,024 independent paths, seed 1; every plan meets the same worlds." in text
    assert "All 1,024 paths are in x.csv." in told(answer()._replace(saved="x.csv"))
    assert "Knowing the world before choosing would be worth $" in text
    assert "Knowing" not in told(answer(text=TWO.split("  lease:")[0]))
