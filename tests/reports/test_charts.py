import pytest

from minecalc.document import Chart, Series
from minecalc.reports._charts import draw


def _text(chart: Chart, width: int = 40, *, ascii_only: bool = True) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in draw(chart, width, ascii_only=ascii_only)]


def test_a_line_goes_from_its_lowest_to_its_highest() -> None:
    lines = _text(Chart("", ["2027", "2028", "2029"], [Series("a", [-1e6, 0.0, 1e6])], "usd"), 33)
    assert lines == [
        " $1.00M |                      **",
        "        |                    **",
        "        |                  **",
        "        |               ***",
        "        |             **",
        "     $0 |...........**...........",
        "        |         **",
        "        |      ***",
        "        |    **",
        "        |  **",
        "-$1.00M |**",
        "        +------------------------",
        "         2027      2028      2029",
    ]


def test_a_constant_is_a_line_in_the_middle_with_one_tick() -> None:
    lines = _text(Chart("", ["a", "b"], [Series("s", [5.0, 5.0])], "mw"))
    assert [line for line in lines if "*" in line] == ["5.00 MW |" + "*" * 31]
    assert [line for line in lines if "MW" in line] == ["5.00 MW |" + "*" * 31]


def test_a_gap_is_not_bridged() -> None:
    (line,) = [
        line
        for line in _text(Chart("", list("abcde"), [Series("s", [1.0, 1.0, None, 1.0, 1.0])], "ratio"))
        if "*" in line
    ]
    assert line.split("|")[1].strip("*") == " " * 15


def test_a_single_point_is_a_level_line_under_one_label() -> None:
    lines = _text(Chart("", ["2027"], [Series("s", [3.0])], "mw"))
    assert sum(line.count("*") for line in lines) == 31
    assert lines[-1].strip() == "2027"


def test_bars_grow_from_zero_to_both_sides() -> None:
    chart = Chart("", ["up", "down", "none", "tiny"], [Series("s", [10.0, -10.0, None, 0.001])], "mw", "bar")
    assert _text(chart, 40, ascii_only=False) == [
        "up     10.0 MW             ▐███████████",
        "down  -10.0 MW  ███████████▌",
        "none       n/a",
        "tiny      0 MW             ▐",
    ]


def test_bars_of_several_series_stand_together() -> None:
    chart = Chart("", ["a", "b"], [Series("low", [1.0, 2.0]), Series("high", [3.0, 4.0])], "count", "bar")
    assert _text(chart, 28) == [
        "* low   + high",
        "a  1  #####",
        "   3  ################",
        "b  2  ###########",
        "   4  #####################",
    ]


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_the_largest_floats_do_not_overflow(kind: str) -> None:
    values = [-1.7e308, 1.7e308, 5e-324, 0.0]
    chart = Chart("", list("abcd"), [Series("s", values)], "usd", "line" if kind == "line" else "bar")
    assert max(map(len, _text(chart, 60))) <= 60


def test_every_series_has_its_own_mark_in_the_legend() -> None:
    chart = Chart("", ["a", "b"], [Series(f"s{n}", [n, n]) for n in range(12)], "count")
    entries = [entry for line in _text(chart, 60)[:3] for entry in line.split("   ") if " s" in entry]
    assert len({entry.strip()[0] for entry in entries}) == len(entries) == 12
