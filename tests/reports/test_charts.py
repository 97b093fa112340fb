from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.document import Band, Bins, Chart, Histogram, Series
from minecalc.reports._charts import draw


def _text(chart: Chart | Histogram, width: int = 40, *, ascii_only: bool = True) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in draw(chart, width, ascii_only=ascii_only)]


def test_a_line_goes_from_its_lowest_to_its_highest() -> None:
    lines = _text(Chart("", ["2027", "2028", "2029"], [Series("a", [-1e6, 0.0, 1e6])], "usd"), 33)
    assert lines == [
        " $1.00M |                       *",
        "        |                     **",
        "        |                   **",
        "  $500k |                 **",
        "        |               **",
        "        |             **",
        "     $0 |...........**...........",
        "        |         **",
        "        |       **",
        " -$500k |     **",
        "        |   **",
        "        | **",
        "-$1.00M |*",
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
        "tiny   1.00 kW             ▐",
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


FAN = Chart(
    "",
    ["2027", "2028", "2029"],
    [Series("median", [0.0, 0.0, 0.0])],
    "mw",
    bands=[Band("P5 to P95", [0.0, -5.0, -10.0], [0.0, 5.0, 10.0]), Band("half", [0.0, -2.0, -4.0], [0.0, 2.0, 4.0])],
)


def test_a_fan_opens_around_its_median() -> None:
    assert _text(FAN, 42, ascii_only=False) == [
        "● median   ░ P5 to P95   ▒ half",
        " 10.0 MW ┤                             ░░░",
        "         │                        ░░░░░░░░",
        "         │                   ░░░░░░░░░░░░░",
        " 5.00 MW ┤             ░░░░░░░░░░░░░░░░░░░",
        "         │        ░░░░░░░░░░░░▒▒▒▒▒▒▒▒▒▒▒▒",
        "         │   ░░░░▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "    0 MW ┤●●●●●●●●●●●●●●●●●●●●●●●●●●●●●●●●",
        "         │   ░░░░▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "         │        ░░░░░░░░░░░░▒▒▒▒▒▒▒▒▒▒▒▒",
        "-5.00 MW ┤             ░░░░░░░░░░░░░░░░░░░",
        "         │                   ░░░░░░░░░░░░░",
        "         │                        ░░░░░░░░",
        "-10.0 MW ┤                             ░░░",
        "         └────────────────────────────────",
        "          2027          2028          2029",
    ]


def test_a_logarithmic_axis_looks_like_a_linear_one_of_logarithms() -> None:
    powers = [0.0, 1.0, 1.5, 4.0, None]
    bands = [Band("wide", [0.0] * 5, [4.0, 3.5, 3.0, 4.0, 1.0])]

    def tenfold(values: Sequence[float | None]) -> list[float | None]:
        return [None if value is None else 10.0**value for value in values]

    linear = Chart("", ["a", "b", "c", "d", "e"], [Series("x", powers)], "count", bands=bands)
    drawn = replace(
        linear,
        series=[Series("x", tenfold(powers))],
        bands=[Band("wide", tenfold(bands[0].low), tenfold(bands[0].high))],
        axis="log",
    )
    ours, theirs = _text(drawn, 46), _text(linear, 41)  # figures are 6 and 1 wide, the axes 2
    assert [line[8:] for line in ours[1:14]] == [line[3:] for line in theirs[1:14]]
    assert [line[:6].strip() for line in ours[1:14:3]] == ["10,000", "1,000", "100", "10", "1"]


def test_a_logarithmic_axis_names_both_ends_though_a_power_of_ten_lies_in_the_same_row() -> None:
    chart = Chart("", ["a", "b"], [Series("x", [600.0, 4e9])], "usd", axis="log")
    assert [line.split()[0] for line in _text(chart) if "$" in line] == ["$5.00B", "$1.00B", "$10.0M", "$100k", "$500"]


def test_on_a_logarithmic_axis_a_level_line_has_one_tick() -> None:
    level = Chart("", ["a", "b"], [Series("x", [7.0, 7.0])], "usd", axis="log")
    assert [line[:5] for line in _text(level) if "$" in line] == ["$7.00"]


def test_a_band_has_the_color_of_the_first_line_and_lines_lie_over_bands() -> None:
    (row,) = [line for line in draw(FAN, 42, ascii_only=True) if line[0][0] == "    0 MW |"]
    assert row[1:] == [("*" * 32, 0)]
    assert draw(FAN, 42, ascii_only=True)[0] == [("* median", 0), ("   : P5 to P95", 0), ("   = half", 0)]
    (edge,) = [line for line in draw(FAN, 42, ascii_only=True) if line[0][0].startswith("-10")]
    assert edge[-1] == (":::", 0)


def test_a_band_is_not_drawn_over_a_gap() -> None:
    band = Band("b", [0.0, 0.0, None, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0])
    (line,) = {line.split("|")[1] for line in _text(Chart("", list("abcde"), [], "ratio", bands=[band]))[:11]}
    assert line.strip(":") == " " * 15


def test_columns_stand_on_one_axis_to_one_scale_with_zero_marked() -> None:
    chart = Histogram(
        "", -10.0, 5.0, [Bins("wide", [0.1, 0.2, 0.3, 0.4]), Bins("narrow", [0, 0.8, 0, 0.001], 0.1, 0.099)], "mw"
    )
    assert _text(chart, 60, ascii_only=False) == [
        "wide",
        "80.0% ┤                          ┊",
        "      │                          ┊",
        "      │                          ┊            ▄▄▄▄▄▄▄▄▄▄▄▄▄",
        "      │             ▂▂▂▂▂▂▂▂▂▂▂▂▂▇▇▇▇▇▇▇▇▇▇▇▇▇█████████████",
        "      │▅▅▅▅▅▅▅▅▅▅▅▅▅███████████████████████████████████████",
        "narrow (10.0% below, 9.90% above the axis)",
        "80.0% ┤             █████████████┊",
        "      │             █████████████┊",
        "      │             █████████████┊",
        "      │             █████████████┊",
        "      │             █████████████┊            ▁▁▁▁▁▁▁▁▁▁▁▁▁",
        "      └──────────────────────────┼─────────────────────────",
        "       -10.0 MW                0 MW                 10.0 MW",
        "       bars 5.00 MW wide",
    ]


def test_a_lone_sample_needs_no_name_and_ascii_is_enough() -> None:
    chart = Histogram("", 40.0, 2.0, [Bins("alone", [0.25, 0.5, 0.248], above=0.002)], "usd_per_ph_per_day")
    assert _text(chart, 40) == [
        "(0.20% above the axis)",
        "50.0% |           ###########",
        "      |           ###########",
        "      |           ###########",
        "      |           ###########",
        "      |#################################",
        "      |#################################",
        "      |#################################",
        "      |#################################",
        "      +---------------------------------",
        "       $40.0                       $46.0",
        "       bars $2.00 wide",
    ]


def test_bins_that_have_no_room_are_drawn_together() -> None:
    chart = Histogram("", 0.0, 1.0, [Bins("b", [0.01] * 100)], "usd")
    lines = _text(chart, 40)
    assert lines[0] == "4.00% |" + "#" * 25
    assert lines[-2:] == ["       $0                   $100", "       bars $4.00 wide"]


def test_zero_is_named_before_an_end_beside_it() -> None:
    chart = Histogram("", -1e6, 1e6, [Bins("b", [0.02] * 50)], "usd")
    lines = _text(chart, 100)
    assert lines[-3:-1] == ["      +-+" + "-" * 48, "       $0" + " " * 42 + "$49.0M"]
    far = _text(Histogram("", -20e6, 1e6, [Bins("b", [0.02] * 50)], "usd"), 100)[-2]
    assert far.split() == ["-$20.0M", "$0", "$30.0M"]


def test_a_sample_that_lies_beyond_the_axis_is_told() -> None:
    lines = _text(Histogram("", 1.0, 1.0, [Bins("b", [0.0], 1.0)], "usd"), 60)
    assert lines[0] == "(100% below the axis)"
    assert "#" not in "".join(lines)


@given(
    st.lists(st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7), min_size=1, max_size=5),
    st.floats(-1e15, 1e15),
    st.floats(1e-3, 1e15),
    st.integers(40, 130),
)
def test_histograms_fit_the_width(weights: list[list[float]], low: float, width: float, columns: int) -> None:
    shares = [[weight / (sum(row) or 1.0) for weight in row] for row in weights]
    samples = [Bins("n" * 200, row, 0.0 if sum(row) else 1.0) for row in shares]
    lines = _text(Histogram("", low, width, samples, "usd"), columns, ascii_only=False)
    assert max(map(len, lines)) <= columns
    assert sum("┤" in line for line in lines) == len(weights)
