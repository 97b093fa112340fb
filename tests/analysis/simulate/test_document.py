"""A simulation as people read it: a headline that answers, tables with known digits, charts."""

from __future__ import annotations

import re

import numpy as np
import pytest

from minecalc import reports
from minecalc.analysis.bridge import known_digits
from minecalc.analysis.compare.record import compare
from minecalc.analysis.simulate.document import document
from minecalc.analysis.simulate.question import Simulation
from minecalc.analysis.simulate.records import GAP
from minecalc.analysis.simulate.run import Run
from minecalc.arrays import FloatArray
from minecalc.document import Block, Chart, Histogram, Note, Table, Text, Value
from minecalc.engine import evaluate
from minecalc.looks import sentence
from tests.analysis.simulate.test_question import LONE, THREE
from tests.analysis.simulate.worlds import CERTAIN, LENT, ONLY_LEASE, TWO, answer, collected

FREE = "uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0"
CLAIMED = TWO.replace("  lease:", "  claimed:")
AGAIN = TWO.split("  lease:")[0] + f"  again: {{kind: bitcoin_mining, {FREE}, "
SAME = AGAIN + "hash_rate_eh_per_s: 2.6, efficiency_j_per_th: 17}\n"


def blocks(found: Simulation) -> list[Block]:
    return list(document(found).blocks)


def headline(found: Simulation) -> str:
    first = blocks(found)[0]
    assert isinstance(first, Note)
    assert first.kind == "headline"
    return sentence(first.text)


def table(found: Simulation, heading: str) -> Table:
    return next(b for b in blocks(found) if isinstance(b, Table) and b.columns[0].title == heading)


def rows(found: Simulation, heading: str = "NPV") -> dict[str, list[Value | Text]]:
    return {row[0].text: list(row[1:]) for row in table(found, heading).rows if isinstance(row[0], Text)}


def test_the_headline_says_how_often_by_how_much_and_what_compare_says() -> None:
    text = headline(answer(paths=10_240))
    assert re.fullmatch(
        r"lease beats mine in 78% of 10,240 simulated worlds; \$[\d.]+M ahead on average, \$[\d.]+M at the median, "
        r"where one world, the scenario as it stands, says \$46.9M \(P91\): delays and overruns take \$[\d.]+M and "
        r"prices take \$[\d.]+M\.",
        text,
    )
    median = headline(answer("uncertainty.btc_price_usd={path_is: median, passing_fraction: 0}", paths=10_240))
    assert re.search(r"; \$\d+M behind on average, \$\d+M ahead at the median, where ", median)
    assert "says $46.9M (P94): prices take $" in median


def test_a_plan_with_debt_tells_what_a_lender_asks() -> None:
    found = answer(ONLY_LEASE, text=LENT)
    shown, cover = rows(found), found.outcomes.of("lease").cover
    assert cover is not None
    assert cover.breach is not None
    least = cover.least_dscr
    assert list(shown)[-4:] == [
        "Least DSCR, as compare says", "Least DSCR, P10", "Least DSCR, median", "Breaches a covenant in"
    ]  # fmt: skip
    assert [shown[label][0] for label in list(shown)[-4:]] == [Text("")] * 4
    alone = evaluate(found.scenario).plans["lease"].financed
    assert alone is not None
    assert shown["Least DSCR, as compare says"][1] == Value(float(alone.dscr_min_ratio[0]), "ratio")
    assert shown["Least DSCR, P10"][1] == least.percentiles[10.0].value("ratio")
    assert (least.percentiles[10.0].number or 9.0) + 0.05 < (least.percentiles[50.0].number or 0.0)
    assert shown["Breaches a covenant in"][1] == cover.breach.value("fraction")
    assert 0.01 < (cover.breach.number or 0.0) < 0.99
    assert found.outcomes.of("lease").others == {}
    assert not any("DSCR" in label for label in rows(answer()))


def test_without_a_covenant_it_is_told_how_often_debt_is_not_covered() -> None:
    found = answer(text=LENT.replace("      default_dscr_ratio: 2.4\n", ""))
    shown, cover = rows(found), found.outcomes.of("lease").cover
    assert cover is not None
    assert list(shown)[-1] == "Least DSCR below 1.00x in"
    assert shown["Least DSCR below 1.00x in"] == [Text(""), cover.below_one.value("fraction")]
    assert "Breaches a covenant in" not in shown


def test_its_numbers_are_those_of_the_tables() -> None:
    found = answer(paths=10_240)
    text, lead = headline(found), found.outcomes.of("lease").against
    assert lead is not None
    assert lead.difference.certain == compare(found.scenario, with_break_evens=False)["plans"][1]["vs_baseline"][GAP]
    below = np.mean(gaps(found) < (lead.difference.certain or 0.0))
    assert lead.difference.below_certain is not None
    assert lead.difference.below_certain.number == pytest.approx(float(below))
    for number in (lead.difference.mean, lead.difference.percentiles[50.0]):
        assert str(known_digits(number)) in text
    cells, steps = rows(found), rows(found, "")
    assert sentence([cells["Ahead of it by, as compare says"][1]]) == "$46.9M"  # type: ignore[list-item]
    assert cells["  further than in, of worlds"][1] == lead.difference.below_certain.value("fraction")
    assert steps["As compare says"] == [Value(lead.difference.certain, "usd", error=0.0)]
    assert steps["Mean of the worlds"] == [lead.difference.mean.value("usd")]
    assert str(known_digits(found.bridges["lease"].lead[1].usd)) in text


def gaps(found: Simulation) -> FloatArray:
    """The lease less the mine on every path, drawn again."""
    paths = collected(Run(found.world, ("mine", "lease"), found.paths))
    return paths.sample("lease").values - paths.sample("mine").values


def test_the_headline_of_three_plans_names_the_one_that_is_worth_more() -> None:
    text = headline(answer(text=THREE, plan="poor lease"))
    assert text.startswith("poor lease beats mine in 12% of 1,024 simulated worlds; $")
    assert re.search(r"; on average lease is worth more, \$\d+M ahead\.$", text)
    assert "worth more" not in headline(answer(text=THREE))
    often = headline(answer("headline_plan=claimed", "plans.claimed.evidence=claim", text=CLAIMED))
    assert often.startswith("claimed (a claim) beats mine in ")


def test_the_headline_is_about_the_plan_that_compare_tells_of() -> None:
    """Not the one that is furthest ahead on average, where the file names another or that is a claim."""
    assert answer(text=THREE).plan == "lease"
    assert answer("headline_plan=poor lease", text=THREE).plan == "poor lease"
    claim = answer("plans.lease.evidence=claim", text=THREE)
    assert claim.plan == "poor lease"
    assert re.search(r"; on average lease \(a claim\) is worth more, \$\d+M ahead\.$", headline(claim))


def test_the_headline_of_a_lone_plan_of_equal_ones_and_of_none() -> None:
    lone = headline(answer(text=LONE))
    assert re.match(
        r"mine is worth \$\d+M on average, \$\d+M at the median in 1,024 simulated worlds, where one ", lone
    )
    assert "; it loses money in " in lone
    assert headline(answer(text=SAME)) == "again and mine are worth the same in all 1,024 simulated worlds."
    drawn = "{distribution: discrete, values: [-1, 6], probabilities: [0.8, 0.2]}"
    none = answer(f"uncertainty.inputs={{plans.lease.opex_fraction_of_rent: {drawn}}}")
    assert headline(none).startswith("lease has no NPV in any of 1,024 simulated worlds: ")
    assert headline(answer(CERTAIN)).startswith("Nothing is uncertain: the NPV of lease less that of mine is ")
    some = "{distribution: normal, mean: 0.15, sd: 0.1}"
    text = headline(answer(f"uncertainty.inputs={{plans.lease.opex_fraction_of_rent: {some}}}"))
    assert re.search(r"of 9\d\d possible of 1,024 simulated worlds", text)


def test_every_plan_has_its_worth_and_risk() -> None:
    found = answer()
    cells = rows(found)
    assert list(cells) == [
        "Without uncertainty", "  more than in, of worlds", "  at a discount rate of",
        "Mean", "P5", "P10", "P25", "P50, median", "P75", "P90", "P95",
        "Probability of a loss", "Mean of the worst 10%",
        "Beats mine in", "Ahead of it by, as compare says", "  further than in, of worlds",
        "Ahead of it by, mean", "Ahead of it by, P10", "Ahead of it by, median", "Ahead of it by, P90",
        "Worth most of all in", "Behind the best by, mean", "Behind the best by, P90",
    ]  # fmt: skip
    of = found.outcomes.of("lease")
    assert of.against is not None
    assert cells["Beats mine in"][0] == Text("")
    assert cells["Beats mine in"][1] == of.against.beats.above.value("fraction")
    assert cells["Ahead of it by, P10"][1] == of.against.difference.percentiles[10.0].value("usd", "bad")
    assert table(found, "NPV").sections == [3, 13, 20]
    assert "Percentiles, no exceedances" in table(found, "NPV").caption
    assert all(column.errors for column in table(found, "NPV").columns[1:])


def test_ties_are_reported_where_there_are_any() -> None:
    assert "Worth exactly as much in" not in rows(answer())
    cells = rows(answer(text=SAME))
    level = cells["Worth exactly as much in"][1]
    assert isinstance(level, Value)
    assert level.number == 1.0
    assert level.bound == pytest.approx(0.996, abs=0.001)
    assert cells["Ahead of it by, P90"][1] == Value(0.0, "usd", error=0.0)


def test_without_uncertainty_all_percentiles_are_the_scenario() -> None:
    cells = rows(answer(CERTAIN))
    certain = cells["Without uncertainty"][1]
    assert isinstance(certain, Value)
    for name in ("Mean", "P5", "P10", "P50, median", "P90", "P95"):
        assert cells[name][1] == Value(certain.number, "usd", tone="good", error=0.0)
    kinds = {type(block) for block in blocks(answer(CERTAIN))}
    assert not {Chart, Histogram} & kinds


def test_another_figure_has_a_table_of_its_own() -> None:
    cells = rows(answer(figures=("irr_fraction_per_year",)), "IRR")
    assert cells["Worlds that have it"] == [Value(0, "count"), Value(1024, "count")]
    assert cells["Without uncertainty"][0] == Value(None, "fraction_per_year", "it has none without uncertainty")
    lease = cells["P50"][1]
    assert isinstance(lease, Value)
    assert 0.0 < (lease.number or 0.0) < 0.5
    assert lease.error is not None


def test_charts_show_the_differences_and_how_the_worlds_unfold() -> None:
    found = blocks(answer(text=THREE))
    (histogram,) = (block for block in found if isinstance(block, Histogram))
    assert histogram.title == "NPV less that of mine, share of worlds"
    assert [bins.name for bins in histogram.samples] == ["lease", "poor lease"]
    fans = [block for block in found if isinstance(block, Chart)]
    assert [fan.title for fan in fans] == ["BTC price", "Hash price", "Cumulative net flow of lease less that of mine"]
    assert [fan.axis for fan in fans] == ["log", "log", "linear"]
    assert [series.name for series in fans[0].series] == ["median", "without uncertainty"]
    lone = [block.title for block in blocks(answer(text=LONE)) if isinstance(block, Chart | Histogram)]
    assert lone == ["NPV of mine, share of worlds", "BTC price", "Hash price", "Cumulative net flow of mine"]
    (two,) = (block.title for block in blocks(answer()) if isinstance(block, Histogram))
    assert two == "NPV of lease less that of mine, share of worlds"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_it_fits_the_screen(width: int, ascii_only: bool) -> None:
    page = document(answer(text=THREE, figures=("irr_fraction_per_year",)))
    text = reports.render(page, "terminal", width=width, ascii_only=ascii_only)
    assert isinstance(text, str)
    assert max(map(len, text.splitlines())) <= width
    assert not ascii_only or text.isascii()
    for name in ("markdown", "csv", "json"):
        assert reports.render(page, name)


OWN = TWO.replace("  lease:\n", "  lease:\n    discount_rate_fraction_per_year: 0.06\n")


def test_plans_with_rates_of_their_own_are_compared_at_the_scenarios() -> None:
    """At the scenario's rate the lead, the probability and the regret are those of the same plans without own rates."""
    found, same = answer(text=OWN), answer()
    text, cells = headline(found), rows(found)
    ours, theirs = found.outcomes.of("lease"), same.outcomes.of("lease")
    assert ours.against is not None
    assert theirs.against is not None
    assert ours.against.difference == theirs.against.difference
    assert ours.against.beats == theirs.against.beats
    assert (ours.best, ours.mean_regret, ours.high_regret) == (theirs.best, theirs.mean_regret, theirs.high_regret)
    assert ours.npv.mean != theirs.npv.mean
    assert (ours.against.at_own_rates.mean.number or 0.0) > (ours.against.difference.mean.number or 0.0)
    assert " worlds at the scenario's rate of 12.0%; $" in text
    assert re.search(
        r" at the median \(at its own rate of 6.00%: \$[\d.]+M ahead at the median\), where one world", text
    )
    rates = [cell.number for cell in cells["  at a discount rate of"] if isinstance(cell, Value)]
    assert rates == [0.12, 0.06]
    below = [cell.number for cell in cells["All below at a discount rate of"] if isinstance(cell, Value)]
    assert below == [0.12, 0.12]
    assert "Mean" in rows(found, "NPV at the scenario's rate")
    assert found.break_evens == same.break_evens
    assert [share.total for share in found.explained.shares] == [share.total for share in same.explained.shares]
    certain = headline(answer(CERTAIN, text=OWN))
    assert re.fullmatch(
        r"Nothing is uncertain: the NPV of lease less that of mine is \S+ at the scenario's rate of 12.0% \(at its own "
        r"rate of 6.00%: \S+\)\.",
        certain,
    )


def test_same_flows_at_two_rates_never_beat_each_other() -> None:
    mine = "hash_rate_eh_per_s: 2.6, efficiency_j_per_th: 17, discount_rate_fraction_per_year: 0.06"
    text = headline(answer(text=AGAIN + mine + "}\n"))
    assert text.startswith("again and mine are worth the same in all 1,024 simulated worlds at the scenario's rate ")
    assert " (at its own rate of 6.00%: $" in text
