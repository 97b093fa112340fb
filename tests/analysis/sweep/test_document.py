"""A sweep on a screen: who wins where, in a sentence and in a table that fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from minecalc.analysis.sweep.answer import figures_at
from minecalc.analysis.sweep.cases import Sweep
from minecalc.analysis.sweep.document import document
from minecalc.document import Chart, Document, Note, Table, Text, Value
from minecalc.looks import sentence
from minecalc.reports import render
from tests.analysis.sweep.sweeping import (
    LEASE,
    MINE,
    POWER,
    PRICE,
    READY,
    RENT,
    TENANT,
    cases,
    computed,
    figures,
    swept,
)
from tests.analysis.sweep.test_answer import answered


def shown(sweep: Sweep, plan: str | None = None, metric: str | None = None, width: int = 80) -> Document:
    return document(answered(sweep, plan, metric), in_full=False, width=width)


def headline(page: Document) -> str:
    note = page.blocks[0]
    assert isinstance(note, Note)
    assert note.kind == "headline"
    return sentence(note.text)


def table(page: Document, number: int = 0) -> Table:
    return [block for block in page.blocks if isinstance(block, Table)][number]


def notes(page: Document) -> str:
    found = [block for block in page.blocks[1:] if isinstance(block, Note)]
    return "\n".join(sentence(text) for note in found for text in (note.text, *note.bullets))


def texts(cells: Sequence[object]) -> list[str]:
    return [cell.text for cell in cells if isinstance(cell, Text)]


def numbers(cells: Sequence[object]) -> list[float | None]:
    return [cell.number for cell in cells if isinstance(cell, Value)]


def test_one_input_is_a_table_and_lines() -> None:
    sweep = swept(f"{RENT}=40:440:401", chunk_cases=100)
    page = shown(sweep)
    rows, every = table(page).rows, figures(sweep)
    assert len(rows) == 17
    assert (texts(rows[0]), texts(rows[-1])) == (["40"], ["440"])
    places = [int(texts(row)[0]) - 40 for row in rows]
    assert [numbers(row) for row in rows] == [[*every[p, :, 0], every[p, 1, 1]] for p in places]
    assert [column.title for column in table(page).columns[1:]] == ["mine: NPV", "a lease: NPV", "a lease ahead by"]
    assert places == list(range(0, 401, 25))
    assert table(page).caption == "Every 25th of 401 cases is shown."
    (chart,) = (block for block in page.blocks if isinstance(block, Chart))
    assert [series.name for series in chart.series] == [MINE, LEASE]
    assert len(chart.labels) == 100
    assert chart.series[1].values[-1] == every[-1, 1, 0]


@pytest.mark.parametrize(
    ("cases", "caption"),
    [
        (20, ""),
        (21, "Every 2nd of 21 cases is shown."),
        (41, "Every 4th of 41 cases is shown."),
        (42, "Every 3rd of 42 cases and the last are shown."),
        (210, "Every 11th of 210 cases is shown."),
    ],
)
def test_a_table_is_thinned_evenly_and_ends_in_the_last_case(cases: int, caption: str) -> None:
    found = table(shown(swept(f"{RENT}=1:{cases}:{cases}")))
    places = [int(texts(row)[0]) for row in found.rows]
    assert found.caption == caption
    assert (places[0], places[-1]) == (1, cases)
    assert len(places) <= 20
    assert len(set(np.diff(places[:-1]))) == 1


def test_a_headline_counts_and_says_where_the_sides_change() -> None:
    sweep = swept(f"{RENT}=40:440:401", chunk_cases=100)
    gaps = figures(sweep)[:, 1, 1]
    ahead = int(np.count_nonzero(gaps > 0))
    assert 0 < ahead < 401
    first = 40 + 401 - ahead
    text = headline(shown(sweep))
    assert text.startswith(f"a lease beats mine in {ahead} of 401 cases; its NPV difference goes from -$")
    assert text.endswith(
        f" The sides change between {first - 1} and {first} USD per kW per month of Rent, year 1 (a lease)."
    )


def test_headlines_of_all_and_of_none() -> None:
    assert headline(shown(swept(f"{RENT}=400,440"))).startswith("a lease beats mine in both cases; ")
    assert headline(shown(swept(f"{RENT}=1,2"))).startswith("a lease beats mine in none of 2 cases; ")
    assert headline(shown(swept(f"{RENT}=1,2,3"))).startswith("a lease beats mine in none of 3 cases; ")
    assert headline(shown(swept(f"{RENT}=400,410,420"))).startswith("a lease beats mine in all 3 cases; ")
    page = shown(swept(f"{RENT}=1,2", metrics=("irr_fraction_per_year",)), MINE)
    assert headline(page) == "None of the 2 cases has a figure for the IRR of mine: the flows never change sign."
    page = shown(swept(f"{RENT}=100,440", metrics=("irr_fraction_per_year",)), LEASE, "irr_fraction_per_year")
    assert headline(page).startswith("The IRR of a lease goes from ")
    assert ("%" in headline(page), "over 2 cases; the median is" in headline(page)) == (True, True)


def test_a_single_case_is_told_without_a_spread() -> None:
    page = shown(swept(f"{RENT}=400"))
    assert page.title.endswith(": 1 case")
    assert re.fullmatch(r"a lease is \$\S+ ahead of mine\.", headline(page))
    assert re.fullmatch(r"a lease is \$\S+ behind mine\.", headline(shown(swept(f"{RENT}=1"))))
    alone = shown(swept(f"{RENT}=400", metrics=("npv_usd",)))
    assert re.fullmatch(r"The NPV of a lease is \$\S+\.", headline(alone))
    none = shown(swept(f"{RENT}=1", metrics=("irr_fraction_per_year",)), MINE)
    assert headline(none).startswith("None of the 1 case has a figure for the IRR of mine: ")


@pytest.mark.parametrize(("width", "columns"), [(40, 3), (80, 7), (100, 9), (300, 9)])
def test_two_inputs_are_a_map_that_fits_the_screen(width: int, columns: int) -> None:
    sweep = swept(f"{RENT}=100:400:31", f"{POWER}=0.02:0.08:25", chunk_cases=100)
    page = shown(sweep, width=width)
    found, every = table(page), figures(sweep)[:, 1, 1].reshape(31, 25)
    assert (len(found.rows), len(found.columns)) == (11, 1 + columns)
    assert found.title == (
        "a lease ahead of mine by; down: Rent, year 1 (a lease), USD per kW per month; "
        "across: Electricity price (site), USD per kWh"
    )
    step = {3: "12th", 7: "4th", 9: "3rd"}[columns]
    assert f"Every 3rd of 31 rows is shown. Every {step} of 25 columns is shown." in found.caption
    across = [round((float(column.title) - 0.02) / 0.0025) for column in found.columns[1:]]
    for row in found.rows:
        down = round((float(texts(row)[0]) - 100) / 10)
        assert numbers(row) == every[down, across].tolist()
    values = [cell for row in found.rows for cell in row if isinstance(cell, Value)]
    tones = {(cell.tone, (cell.number or 0) > 0) for cell in values}
    assert tones == {("good", True), ("bad", False)}
    text = render(page, "terminal", width=width, color=False)
    assert isinstance(text, str)
    assert max(map(len, text.splitlines())) <= width
    assert text.count("(continued)") == 0


def test_a_small_map_is_whole_and_names_dates_and_words() -> None:
    found = table(shown(swept(f"{TENANT}=true,false", f"{READY}=2027-05,2027-06,2027-07")))
    assert [column.title for column in found.columns] == ["", "2027-05", "2027-06", "2027-07"]
    assert [texts(row) for row in found.rows] == [["true"], ["false"]]
    assert found.caption == ""


def test_the_plan_and_the_figure_of_a_map_can_be_chosen() -> None:
    sweep = swept(f"{RENT}=100,200", f"{POWER}=0.03,0.09", metrics=("btc_mined", "npv_usd"))
    found = table(shown(sweep, MINE, "btc_mined"))
    assert found.title.startswith("mine: BTC mined; down: ")
    assert numbers(found.rows[0]) == figures(sweep)[:2, 0, 0].tolist()
    assert {cell.tone for row in found.rows for cell in row[1:]} == {"plain"}


def test_more_inputs_are_a_summary_with_the_places_of_the_ends() -> None:
    sweep = swept(f"{RENT}=100:400:4", f"{POWER}=0.02:0.08:3", f"{PRICE}.scale=0.5,2")
    page, gaps = shown(sweep), figures(sweep)[:, 1, 1]
    spreads, ends = table(page), table(page, 1)
    assert [texts(row)[0] for row in spreads.rows] == ["mine: NPV", "a lease: NPV", "a lease ahead by"]
    assert numbers(spreads.rows[2]) == [gaps.min(), np.median(gaps), gaps.max(), 0]
    assert numbers(ends.rows[0]) == [gaps.min(), gaps.argmin() + 1]
    assert texts(ends.rows[1]) == ["a lease, highest", "400", "0.08", "0.5"]
    assert gaps[int(gaps.argmax())] == figures_at(sweep, computed(sweep), cases(3 * 6 + 2 * 2))[0, 1, 1]
    assert "Add --output FILE.csv or FILE.parquet" in notes(page)


def test_zipped_inputs_are_a_list() -> None:
    page = shown(swept(f"{RENT}=100,200,300", f"{POWER}=0.02,0.03,0.04", zipped=True))
    assert [texts(row) for row in table(page).rows] == [["100", "0.02"], ["200", "0.03"], ["300", "0.04"]]
    assert "--output" not in notes(page)


def test_what_does_not_exist_is_counted_with_its_reason() -> None:
    sweep = swept(f"{RENT}=10:400:14", f"{POWER}=0.03,0.04", metrics=("payback_months",))
    page = shown(sweep, LEASE, "payback_months")
    missing = int(np.count_nonzero(np.isnan(figures(sweep)[:, 1, 0])))
    assert 0 < missing < 28
    told = f"{missing} of 28 cases have no payback_months of a lease: the money put in is not paid back by the end"
    assert told in notes(page)
    cell = table(page).rows[0][1]
    assert isinstance(cell, Value)
    assert (cell.number, cell.reason) == (None, "the money put in is not paid back by the end")


def test_what_to_know_of_the_cases() -> None:
    page = shown(swept("site.gross_mw=5,12", "plans.mine.hash_rate_eh_per_s=0.4,1"))
    assert "case 2 (site.gross_mw=5, plans.mine.hash_rate_eh_per_s=1): mine needs" in notes(page)
    page = shown(swept(f"{PRICE}=5e4,6e4"))
    assert f"one value of {PRICE} in every month; vary {PRICE}.scale to keep its course" in notes(page)
    assert "In the scenario as it stands: BTC price, USD: 60,000." in notes(page)
    page = shown(swept(f"{READY}=2027-06,2027-07"))
    assert "Conversion ready (a lease): 2027-05." in notes(page)


def test_three_plans_are_counted() -> None:
    page = shown(swept(f"{RENT}=40,440"))
    assert "Worth most" not in notes(page)
    answer = answered(swept(f"{RENT}=40,440"))
    three = replace(answer, summary=answer.summary._replace(wins={MINE: 1, LEASE: 400, "third": 1000}))
    page = document(three, in_full=False, width=80)
    assert "Worth most: third in 1,000 cases, a lease in 400 cases, mine in 1 case." in notes(page)


def test_rows_are_for_programs_only() -> None:
    answer = answered(swept(f"{RENT}=40,440"))
    assert document(answer, in_full=False, width=80).records.rows == ()
    whole = document(answer, in_full=True, width=80)
    assert (len(whole.records.rows), len(whole.data["rows"])) == (4, 4)


def test_a_written_file_is_named() -> None:
    page = document(answered(swept(f"{RENT}=40,440"), file="x.csv"), in_full=False, width=80)
    assert "All 4 rows (2 cases, 2 plans) are in x.csv." in notes(page)
