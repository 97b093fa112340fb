"""The page of a report: every question under its heading, every assumption, the method, and what it was made from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import html5lib

import minecalc
from minecalc import loads, reports
from minecalc.document import Note, Table, Text, pictures
from minecalc.looks import sentence

from .test_question import ALONE, FINANCED, asked, page


def headings(file: str) -> list[str]:
    blocks = asked(file).document().blocks
    return [sentence(block.text) for block in blocks if isinstance(block, Note) and block.kind == "heading"]


def test_headings_lead_from_worth_to_sources() -> None:
    assert headings(FINANCED) == [
        "What the plans are worth",
        "Cash year by year",
        "Debt year by year",
        "The baseline's cash",
        "What would turn the choice",
        "What moves it",
        "What may come",
        "Every assumption",
        "Method, and what is left out",
        "What this page was made from",
    ]


def test_it_has_a_picture_of_everything_that_a_committee_looks_at() -> None:
    titles = [chart.title for chart in pictures(asked(FINANCED).document())]
    for part in ("NPV at 12.0%", "NPV by corner", "what comes in and goes out", "cash and present value", "least DSCR"):
        assert any(part in title for title in titles), part
    for part in (
        "by BTC price",
        "where level",
        "with one input moved",
        "share of worlds",
        "From one world",
    ):
        assert any(part in title for title in titles), part


def test_it_names_the_files_with_their_checksums() -> None:
    tables = [block for block in asked(FINANCED).document().blocks if isinstance(block, Table)]
    made_from = next(table for table in tables if [column.key for column in table.columns] == ["file", "sha256"])
    digest = hashlib.sha256(Path(FINANCED).read_bytes()).hexdigest()
    assert made_from.rows[0] == [Text(Path(FINANCED).name), Text(digest)]
    last = asked(FINANCED).document().blocks[-1]
    assert isinstance(last, Note)
    assert f"minecalc {minecalc.__version__}; 64 simulated worlds, seed 3." in sentence(last.text)


def test_what_was_set_beside_the_file_is_said() -> None:
    scenario = loads(ALONE, ["site.gross_mw=60"])
    last = minecalc.report(scenario, paths=64, workers=1).document().blocks[-1]
    assert isinstance(last, Note)
    assert "Set beside the file: site.gross_mw=60." in sentence(last.text)


def test_its_page_is_valid_and_a_screen_shows_it_too() -> None:
    document = asked(FINANCED).document()
    html5lib.HTMLParser(strict=True).parse(page(FINANCED))
    assert "Every assumption" in str(reports.render(document, "terminal", width=80))
