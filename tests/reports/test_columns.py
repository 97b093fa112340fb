"""Columns as wide as the fewest lines ask for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from minecalc.reports._columns import GAP, Column, blocks, natural

WIDTHS = st.integers(1, 30)


def column(heading: str, cells: list[str], least: int, align: str = "right") -> Column:
    fair = max(least, *map(len, cells))
    most = max(fair, len(heading))
    return Column(heading, cells, [""] * len(cells), align, least, fair, most, most)


def widths(columns: list[Column], width: int) -> list[list[int]]:
    return [[given for _, given in block] for block in blocks(columns, width)]


LABEL = column("", ["Mining revenue until converted", "Rent"], 9, "left")
YEARS = [column(str(year), ["$12.3M", "$4.56M"], 6) for year in range(2027, 2033)]


def test_a_table_with_room_is_one_block_on_whole_lines() -> None:
    assert natural([LABEL, *YEARS], headings=True) == 30 + 6 * (6 + GAP)
    assert widths([LABEL, *YEARS], 100) == [[30, 6, 6, 6, 6, 6, 6]]


def test_cells_have_their_room_before_headings() -> None:
    long = column("Gap at the scenario's rate", ["$12.3M", "$4.56M"], 10)
    assert widths([LABEL, long], 43) == [[30, 11]]
    assert natural([LABEL, long], headings=False) == 30 + GAP + 10


def test_labels_are_not_squeezed_into_many_lines_to_spare_a_block() -> None:
    rows = ["Mining revenue until converted", "Mining power until converted", "Pool fee until converted"] * 4
    label = column("", rows, 9, "left")
    years = [column(str(year), ["$12.3M"] * 12, 6) for year in range(2027, 2035)]
    found = widths([label, *years], 70)
    assert [len(block) for block in found] == [6, 4]
    assert all(block[0] == 30 for block in found)


def test_one_block_is_better_where_few_labels_wrap() -> None:
    rows = ["NPV", "IRR", "Payback", "MOIC", "Capex", "NPV of what is left at the horizon"]
    label = column("", rows, 7, "left")
    plans = [column("plan", ["$12.3M"] * 6, 10) for _ in range(3)]
    assert [len(block) for block in widths([label, *plans], 60)] == [4]


@given(st.lists(WIDTHS, min_size=1, max_size=8), st.integers(70, 120))
def test_every_column_stands_once_beside_the_first_and_fits(lengths: list[int], width: int) -> None:
    columns = [column("x" * length, ["y" * length], min(length, 12)) for length in lengths]
    found = blocks(columns, width)
    assert [one for block in found for one, _ in block[1:]] == columns[1:]
    for block in found:
        assert block[0][0] is columns[0]
        assert sum(given for _, given in block) + GAP * (len(block) - 1) <= width
        assert all(given >= one.least for one, given in block)
