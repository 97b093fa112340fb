"""The pages of the manual: each says what it tells, and what they list is what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import minecalc
from minecalc import compare, load, manual
from minecalc.businesses import kinds
from minecalc.reports import formats
from minecalc.units import UNIT_SUFFIXES
from tests.cli.running import ROOT, TEXAS, run

#: The first cell of a row of a table, which is a name.
ROW = re.compile(r"^\| `([^|]*)` \|", re.MULTILINE)


def names(text: str) -> set[str]:
    """What stands in backquotes in the first column of the tables of a text."""
    return {name for cell in ROW.findall(text) for name in cell.split("`, `")}


def test_the_folder_and_the_businesses_are_the_list_of_topics() -> None:
    files = {file.stem for file in Path(manual.__file__).parent.glob("*.md")}
    assert {*manual.topics()} == files | {*kinds()}
    assert {"start", "keys", "method", "glossary"} <= files


@pytest.mark.parametrize("topic", manual.topics())
def test_every_page_begins_with_its_name_and_what_it_tells(topic: str) -> None:
    page = manual.page(topic)
    assert page.startswith(f"# {topic}: ")
    assert 10 < len(manual.summary(page)) <= 120
    assert page.endswith("\n")
    assert "<!--" not in page
    assert page.count("```") % 2 == 0


def test_there_is_no_page_of_anything_else() -> None:
    with pytest.raises(KeyError, match="strat"):
        manual.page("strat")


def test_the_page_of_a_business_is_what_its_module_says() -> None:
    page = manual.page("colocation")
    assert "Rent is critical kW x leased fraction x rent per kW-month" in page
    assert "- `rent_usd_per_kw_per_month`: " in page
    assert "``" not in page


def test_the_glossary_has_every_unit_once_and_no_other() -> None:
    units, _, terms = manual.page("glossary").partition("## Terms")
    found = ROW.findall(units)
    assert sorted(found) == sorted(UNIT_SUFFIXES)
    listed = re.findall(r"^\| ([^|]*) \| ", terms, re.MULTILINE)[2:]
    assert listed == sorted(listed, key=str.casefold)


def test_the_page_of_formats_has_every_figure_and_every_format() -> None:
    page = manual.page("formats")
    record = compare(load(TEXAS))
    plan = record["plans"][1]
    assert {*plan["metrics"], *plan["vs_baseline"]} == {
        name for name in names(page.partition("## Figures of a plan")[2]) if not name.startswith("minecalc")
    }
    assert all(f"`{name}`" in page for name in (*plan["quantities"], "memo", "annual"))
    assert all(word in page.casefold() for word in formats() if word != "terminal")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [("compare", [TEXAS]), ("check", [TEXAS]), ("catalog", ["gpus"]), ("cashflow", [TEXAS, "--plan", "keep mining"])],
)
def test_formats_are_called_what_they_are_called(command: str, arguments: list[str]) -> None:
    answer = run(command, *arguments, "--format", "json").data
    row = re.search(rf"^\| `{command}` \| `([^`]*)` \| (.*) \|$", manual.page("formats"), re.MULTILINE)
    assert row
    assert row[1] == answer["format"]
    told = set(re.findall(r"`(\w+)`", row[2]))
    assert told <= set(re.findall(r'"(\w+)":', json.dumps(answer)))


def test_the_readme_lists_every_page_but_those_of_commands_and_businesses() -> None:
    from minecalc.cli import commands

    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Manual")[2].partition("\n## ")[0]
    assert names(text) == {*manual.topics()} - {*commands(), *kinds()}


def test_the_python_page_has_every_public_name() -> None:
    table = " ".join(re.findall(r"^\| .* \|$", manual.page("python"), re.MULTILINE))
    assert {name for name in minecalc.__all__ if not re.search(rf"`{name}\b", table)} == set()
