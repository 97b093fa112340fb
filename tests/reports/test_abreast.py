"""On a wide screen tables and charts stand side by side, in the order in which they are read."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from rich.cells import cell_len

from minecalc.document import Block, Chart, Column, Document, Note, Series, Table, Text, Value
from minecalc.reports import Screen
from minecalc.reports._abreast import abreast
from minecalc.reports._columns import BETWEEN, WIDE
from minecalc.reports.terminal import render


@dataclass
class Made:
    """A piece of one letter, so high, as wide as it may be."""

    letter: str
    height: int
    may_be: tuple[int, ...]

    def widths(self) -> tuple[int, ...]:
        return self.may_be

    def lines(self, width: int) -> list[str]:
        return [self.letter * width] * self.height


def bands(*pieces: Made, width: int = 30) -> list[list[str]]:
    found = list(abreast(pieces, width))
    assert all(cell_len(line) <= width for band in found for line in band)
    return [[line.rstrip() for line in band] for band in found]


def test_what_fits_stands_beside_and_what_does_not_begins_a_band() -> None:
    gap = " " * BETWEEN
    assert bands(Made("a", 2, (10,)), Made("b", 1, (10,)), Made("c", 1, (20,))) == [
        [f"{'a' * 10}{gap}{'b' * 10}", "a" * 10],
        ["c" * 30],
    ]


def test_a_piece_goes_below_the_last_while_the_band_stays_as_high() -> None:
    gap = " " * BETWEEN
    (band,) = bands(Made("a", 4, (10,)), Made("b", 1, (8,)), Made("c", 2, (12,)))
    assert band == [
        f"{'a' * 10}{gap}{'b' * 8}",
        "a" * 10,
        f"{'a' * 10}{gap}{'c' * 12}",
        f"{'a' * 10}{gap}{'c' * 12}",
    ]
    assert len(bands(Made("a", 4, (10,)), Made("b", 1, (8,)), Made("c", 4, (12,)))) == 2


def test_a_piece_takes_less_room_where_it_has_no_more() -> None:
    (band,) = bands(Made("a", 1, (10,)), Made("b", 1, (20, 16)))
    assert band == ["a" * 10 + " " * BETWEEN + "b" * 16]


def test_colors_take_no_room() -> None:
    class Red(Made):
        def lines(self, width: int) -> list[str]:
            return [f"\x1b[31m{line}\x1b[0m" for line in super().lines(width - 2)]

    ((line,),) = abreast([Red("a", 1, (10,)), Made("b", 1, (10,))], 30)
    assert line == f"\x1b[31m{'a' * 8}\x1b[0m  {' ' * BETWEEN}{'b' * 10}"


def table(title: str, rows: int = 3) -> Table:
    columns = [Column("what", "What", "left"), Column("value", "Value")]
    return Table(title, columns, [[Text(f"{title} {n}"), Value(n * 1e6, "usd")] for n in range(rows)])


CHART = Chart("Course", ["2027", "2028"], [Series("x", [1.0, 2.0])], "mw")


def lines(width: int, *blocks: Block, color: bool = False) -> list[str]:
    return render(Document("", blocks, Table("", (), ())), Screen(width, color=color)).split("\n")


@pytest.mark.parametrize("width", [WIDE, 200, 240])
def test_tables_and_charts_stand_side_by_side_on_a_wide_screen(width: int) -> None:
    found = lines(width, table("One"), table("Two"), CHART)
    assert max(map(cell_len, found)) <= width
    assert "One" in found[0]
    assert "Two" in found[0]
    assert "Course" in "\n".join(found)
    narrow = lines(WIDE - 1, table("One"), table("Two"), CHART)
    assert not any("One" in line and "Two" in line for line in narrow)


def test_a_sentence_between_two_tables_stays_with_the_first_and_a_warning_parts_them() -> None:
    found = lines(200, table("One"), Note("Of the first."), table("Two"), Note("After."))
    assert found[0].split() == ["One", "Two"]
    assert "Of the first." in found
    assert found[-2] == "After."
    parted = lines(200, table("One"), Note("Mind this.", "warning"), table("Two"))
    assert parted.index("! Mind this.") > 0
    assert "Two" in parted


def test_one_table_alone_has_the_whole_width() -> None:
    long = Table("T", [Column("a", "", "left"), Column("b", "", "left")], [[Text("a"), Text("word " * 19)]])
    assert ("word " * 19).strip() in lines(200, long)[1], "no headings, no line for them"
