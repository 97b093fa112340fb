"""One chart as a picture that can be scaled: it stands alone, says what it shows, and is the same every time."""

from __future__ import annotations

import itertools
import re
from typing import Literal
from xml.etree import ElementTree

import pytest

from minecalc import reports
from minecalc.document import Chart, Document, Histogram, Series, Table, pictures
from minecalc.reports import NotShownError, _pictures, _vega
from minecalc.reports._marks import NARROW, WIDE

SVG = "{http://www.w3.org/2000/svg}"


def svg(document: Document, chart: str = "") -> str:
    text = reports.render(document, "svg", chart=chart)
    assert isinstance(text, str)
    return text


def texts(drawn: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("wanted", "title"), [("2", "NPV when one input moves by a tenth"), ("hash PRICE", "Hash price")]
)
def test_a_chart_is_named_by_its_number_or_a_part_of_its_title(document: Document, wanted: str, title: str) -> None:
    drawn = svg(document, wanted)
    root = ElementTree.fromstring(drawn)
    assert root[0].text == title
    assert texts(drawn)[-1] == title
    assert svg(document, wanted) == drawn


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (
            "",
            "the answer has 4 charts; add --chart with a number or a part of a title: 1 Cumulative net cash; 2 NPV",
        ),
        ("9", r"--chart 9 is no chart of the answer; there are: 1 Cumulative net cash; 2"),
        ("0", r"--chart 0 is no chart of the answer"),
        ("NPV", r"--chart NPV is 2 charts of the answer"),
        ("\x1b[31m", r"--chart \\x1b\[31m is no chart"),
    ],
)
def test_what_is_no_one_chart_is_refused_with_those_there_are(document: Document, wanted: str, told: str) -> None:
    with pytest.raises(NotShownError, match=told):
        svg(document, wanted)


def test_an_answer_without_charts_has_no_picture() -> None:
    with pytest.raises(NotShownError, match="the answer has no chart; use another format"):
        svg(Document("", (), Table("", (), ())))


def test_without_the_extra_it_says_how_to_get_it(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pictures, "can_draw", lambda: False)
    with pytest.raises(NotShownError, match=r"pictures need one more package: pip install 'minecalc\[report\]'"):
        reports.demand("svg")
    with pytest.raises(NotShownError, match="pictures need one more package"):
        svg(document, "1")
    reports.demand("html")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_text_lies_in_the_picture(document: Document, width: int) -> None:
    """Where texts begin and end, by the estimate of their widths, is in the picture; it has numbers and names."""
    from minecalc.reports._lettering import room

    for chart in pictures(document):
        drawn = _pictures.svg(chart, width=width)
        for x, text, anchor in placed(drawn):
            wide = room(text, 12)
            low = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
            assert low >= -6, (chart.title, text)
            assert low + wide <= width + 6, (chart.title, text)


def placed(drawn: str) -> list[tuple[float, str, str]]:
    """Where each text stands, from the left of the picture, and how it is aligned there."""
    root = ElementTree.fromstring(drawn)
    found: list[tuple[float, str, str]] = []

    def walk(element: ElementTree.Element, x: float) -> None:
        moved = re.match(r"translate\(([-\d.]+)", element.get("transform", ""))
        x += float(moved[1]) if moved else 0.0
        if element.tag == f"{SVG}text":
            found.append((x, element.text or "", element.get("text-anchor", "start")))
        for child in element:
            walk(child, x)

    walk(root, 0.0)
    return found


def test_lines_are_named_where_they_end_and_none_over_another(document: Document) -> None:
    fan = next(chart for chart in pictures(document) if chart.title == "Hash price")
    drawn = _pictures.svg(fan)
    named = {"median", "without uncertainty", "P5 to P95", "P25 to P75"}
    rows = re.findall(r'translate\(([\d.]+),([-\d.]+)\)"[^>]*>([^<]+)</text>', drawn)
    beside = [(float(y), text) for x, y, text in rows if text in named]
    assert {text for _, text in beside} == named
    heights = sorted(y for y, _ in beside)
    assert min(b - a for a, b in itertools.pairwise(heights)) >= 15.9


def test_columns_stack_to_the_sum_and_a_bridge_walks_to_its_end() -> None:
    columns = Chart(
        "",
        ["a", "b"],
        [Series("in", [3.0, 1.0]), Series("out", [-1.0, None]), Series("more", [2.0, 4.0])],
        "usd",
        "column",
    )
    stacked = [one["data"]["values"] for one in _vega.spec(columns)["layer"] if one["mark"]["type"] == "bar"]
    assert [[(row["from"], row["to"]) for row in rows] for rows in stacked] == [
        [(0.0, 3.0), (0.0, 1.0)],
        [(0.0, -1.0)],
        [(3.0, 5.0), (1.0, 5.0)],
    ]
    bridge = Chart("", ["from", "less", "more", "to"], [Series("x", [10.0, -4.0, 1.0, 7.0])], "usd", "bridge")
    rows = [one["data"]["values"][0] for one in _vega.spec(bridge)["layer"] if one["mark"]["type"] == "rect"]
    assert [(row["from"], row["to"]) for row in rows] == [(0.0, 10.0), (6.0, 10.0), (6.0, 7.0), (0.0, 7.0)]
    assert [row["text"] for row in rows] == ["$10.0", "-$4.00", "+$1.00", "$7.00"]


def test_a_bridge_begins_anew_from_a_level_between_its_ends() -> None:
    series = [Series("x", [10.0, -4.0, 6.0, 2.0, 8.0])]
    labels = ["from", "less", "so far", "more", "to"]
    bridge = Chart("", labels, series, "usd", "bridge", levels=(2,))
    rows = [one["data"]["values"][0] for one in _vega.spec(bridge)["layer"] if one["mark"]["type"] == "rect"]
    assert [(row["from"], row["to"]) for row in rows] == [(0.0, 10.0), (6.0, 10.0), (0.0, 6.0), (6.0, 8.0), (0.0, 8.0)]
    assert [row["text"] for row in rows] == ["$10.0", "-$4.00", "$6.00", "+$2.00", "$8.00"]
    with pytest.raises(ValueError, match="only a bridge has levels"):
        Chart("", labels, series, "usd", "bridge", levels=(4,))


def test_an_estimate_shows_no_digit_beyond_its_error() -> None:
    series = Series("x", [74.4e6, -32.41e6, 41.99e6], [0.0, 0.6e6, 2e6])
    chart = Chart("", ["from", "step", "to"], [series], "usd", "bridge")
    assert {"$74.4M", "-$32.4M", "$42M"} <= set(texts(_pictures.svg(chart)))
    assert _pictures.told(chart) == "Bridge: from $74.4M; step -$32.4M; to $42M."


def test_words_tell_what_a_picture_shows(document: Document) -> None:
    told = [_pictures.told(chart) for chart in pictures(document)]
    assert told[0].startswith("Lines over 2027 to 2036. keep mining: $0 at 2027, $81.0M at 2036, between $0 (2027) and")
    assert told[2].startswith("Histogram from -$20.0M to $40.0M, in bars $5.00M wide. keep mining: most often $0 to")
    assert told[3].endswith("Bands: P5 to P95, P25 to P75.")


@pytest.mark.parametrize("kind", ["line", "bar", "column"])
@pytest.mark.parametrize("values", [[None, None], [0.0, 0.0], [-1e-9, None], [5.0, 5.0], [1e15, -1e15]])
def test_odd_numbers_make_a_picture(kind: Literal["line", "bar", "column"], values: list[float | None]) -> None:
    chart = Chart("odd", ["a", "b"], [Series("x", values)], "usd", kind)
    assert "NaN" not in _pictures.svg(chart)
    assert _pictures.told(chart)


def test_empty_charts_make_a_picture() -> None:
    assert "NaN" not in _pictures.svg(Chart("none", [], [], "usd"))
    assert "NaN" not in _pictures.svg(Chart("none", [], [], "usd", "bar"))


def test_a_histogram_of_one_sample_has_no_name_on_a_phone() -> None:
    from minecalc.document import Bins

    one = Histogram("x", 0.0, 1.0, [Bins("alone", [0.5, 0.5])], "usd")
    assert "alone" not in texts(_pictures.svg(one, width=NARROW))
