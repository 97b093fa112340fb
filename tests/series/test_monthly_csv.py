"""CSV files of monthly values: what they say by hand, and every misreading refused with its line and column."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from minecalc.series.csv_table import BadCsvError, Wanted
from minecalc.series.monthly_csv import MonthlyValues, monthly_values
from minecalc.timeline import parse_month

PRICE = Wanted("price_usd", 0.0, 1000.0)
JANUARY = parse_month("2027-01")


def read(text: str | bytes, folder: Path, column: str = "x", wanted: Wanted = PRICE) -> MonthlyValues:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "path.csv").write_bytes(data)
    return monthly_values("path.csv", column, folder, wanted)


def refused(text: str | bytes, folder: Path, column: str = "x", wanted: Wanted = PRICE) -> BadCsvError:
    with pytest.raises(BadCsvError) as caught:
        read(text, folder, column, wanted)
    return caught.value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x\n1\n2\n", (None, (1, 2))),
        ("\ufeffy,x\r\na,1\r\nb,2\r\n", (None, (1, 2))),
        ("x\r1\r2\r", (None, (1, 2))),
        ("x\n1\n2\n\n\n", (None, (1, 2))),
        ('"x"\n"1"\n 2 \n', (None, (1, 2))),
        ("y,x,\na b,1,\n,2,\n", (None, (1, 2))),
        ('note,x\n"two\nlines",1\n"one ""quoted""",2\n', (None, (1, 2))),
        ("month,x\n2027-01,1\n2027-02,2\n", (JANUARY, (1, 2))),
        ("x,month\n1,2027-01-31\n2,2027-02-01\n", (JANUARY, (1, 2))),
        ("date,month,x\n31.1.2027,2027-01,1\n28.2.2027,2027-02,2\n", (JANUARY, (1, 2))),
        ("month_of_year,x\n1,1\n2,2\n", (None, (1, 2))),
        ("hour,x\n0,1.5e2\n1,+.5\n", (None, (150, 0.5))),
        ("period,x\n1,1\n2,2\n", (None, (1, 2))),
        ("hours,x\n08-20,1\n08-20,2\n", (None, (1, 2))),
        ("phase,x\nphase 12,1\nphase 13,2\n", (None, (1, 2))),
        ("usd,x\n1999.5,1\n1999.5,2\n", (None, (1, 2))),
        ("x\n-0\n5.\n", (None, (0, 5))),
    ],
)
def test_a_column_is_read_with_or_without_dates(
    text: str, wanted: tuple[int | None, tuple[float, ...]], tmp_path: Path
) -> None:
    assert read(text, tmp_path) == MonthlyValues(*wanted)


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        ("x,x\n1,2\n", 'line 1 names the column "x" twice', "a name of its own"),
        ("x,y, y\n1,2,3\n", 'line 1 names the column "y" twice', "a name of its own"),
        ("x,y\n1,2\n1,2,3\n", 'line 3 has 3 cells for 2 columns (from "3" on)', "the decimal mark is a point"),
        ("x\n0,05\n", "line 2 has 2 cells for 1 column", "the decimal mark is a point"),
        ("x,y\n1,2,\n", 'line 2 has 3 cells for 2 columns (from "" on)', ""),
        ("y,x\n1\n", "line 2 has 1 cell for 2 columns", ""),
        ("x\n1\n\n2\n", "line 3 is empty", "is a month"),
        ("y,x\n1,\n", "line 2, column x: the cell is empty", "every month needs a number"),
        ("x\n١٢\n", 'line 2, column x: "١٢" is not a number', "use plain digits, signs and spaces: 12"),
        ("x\n１２\n", 'line 2, column x: "１２" is not a number', "use plain digits, signs and spaces: 12"),
        ("x\n1\n1_000\n", 'line 3, column x: "1_000" is not a number', "use plain digits: 1000"),
        ('x\n"1,000"\n', 'line 2, column x: "1,000" is not a number', "write 1000"),
        ('x\n"0,5"\n', 'line 2, column x: "0,5" is not a number', "the decimal mark is a point: 0.5"),
        ("x\nnan\n", 'line 2, column x: "nan" is not a number', "write a finite number"),
        ("x\n-inf\n", 'line 2, column x: "-inf" is not a number', "write a finite number"),
        ("x\n0x1F\n", 'line 2, column x: "0x1F" is not a number', "write the number in decimal: 31"),
        ("x\n1e-310\n", 'line 2, column x: "1e-310" is not a number', "too large or too small"),
        ("x\n1e-400\n", 'line 2, column x: "1e-400" is not a number', "too large or too small"),
        ("x\n1e400\n", 'line 2, column x: "1e400" is not a number', "too large or too small"),
        ("x\n5%\n", 'line 2, column x: "5%" is not a number', "leave the % out"),
        ("x\n$5\n", 'line 2, column x: "$5" is not a number', "leave the unit out; the key takes USD"),
        ("x\n=A1\n", 'line 2, column x: "=A1" is not a number', "write the result"),
        ("x\ntrue\n", 'line 2, column x: "true" is not a number', ""),
        ("x\nnull\n", 'line 2, column x: "null" is not a number', ""),
        ("x\n1\u00a0\n", 'line 2, column x: "1\u00a0" is not a number'.replace("\u00a0", "\\xa0"), "use plain digits"),
        ("x\n1001\n", "line 2, column x: price_usd is 1001; it must lie in 0..1000", ""),
        ("month,x\n2027-01,1\n2027-03,2\n", "line 3, column month: 2027-02 is missing before 2027-03", ""),
        ("month,x\n2027-01,1\n2027-01,2\n", "line 3, column month: 2027-01 is there twice, first on line 2", "mean"),
        ("month,x\n2027-01-01,1\n2027-01-02,2\n", "line 3, column month: 2027-01 is there twice", "mean"),
        ("month,x\n2027-02,1\n2027-01,2\n", "line 3, column month: 2027-01 stands where 2027-03 belongs", "in order"),
        ("month,x\n2027-01,1\n2027-03,2\n2027-02,3\n", "line 3, column month: 2027-03 stands where", "in order"),
        ("month,x\nJan 2027,1\n", 'line 2, column month: "Jan 2027" is not a month', "2027-01-31"),
        ("month,x\n2027-02-30,1\n", 'line 2, column month: "2027-02-30" is not a month', "2027-01-31"),
        ("month,x\n٢٠٢٧-01,1\n", 'line 2, column month: "٢٠٢٧-01" is not a month', "2027-01-31"),
        ("month,x\n,1\n", 'line 2, column month: "" is not a month', "2027-01-31"),
        ("date,x\n2026-01,1\n2026-02,1\n", 'has dates in the column "date"', "call it month"),
        ("Month,x\n2026-01,1\n", 'has dates in the column "Month"', "call it month"),
        ("when,x\n31/01/2026,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\n31.1.26,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\n2026-01-01T00:00:00Z,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\nJan 2026,1\nFeb 2026,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\nJan-26,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\n1 January 2026,1\n", 'has dates in the column "when"', "call it month"),
        ('when,x\n"January 1, 2026",1\n', 'has dates in the column "when"', "call it month"),
        ("quarter,x\n2026Q1,1\n", 'has dates in the column "quarter"', "call it month"),
        ("year,x\n2026,1\n2027,1\n", 'has dates in the column "year"', "call it month"),
        ("when,x\n202601,1\n202602,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\n٢٠٢٦-01,1\n2026\u201102,2\n2026-03-01Z,3\n", 'has dates in the column "when"', "call it month"),
        ("x\n" + "1\n" * 12_001, "has more than 12,000 rows", "take the mean"),
        ("when,x\n2026-01,1\n,2\n2026-03,3\nTotal,4\n", 'has dates in the column "when"', "call it month"),
        (",x\n2026-01,1\n", "has dates in column 1, which has no name", "call it month"),
        ("when,x\n26-01,1\n26-02,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\n2026.01,1\n2026.02,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\n2026M01,1\n", 'has dates in the column "when"', "call it month"),
        ("when,x\nf\u00e9vrier 2026,1\n", 'has dates in the column "when"', "call it month"),
        ('when,x\n"Fri, 1 Jan 2027",1\n', 'has dates in the column "when"', "call it month"),
        ("Date,x\n46388,1\n", 'has dates in the column "Date"', "call it month"),
        ("timestamp,x\n1798761600,1\n", 'has dates in the column "timestamp"', "call it month"),
        ("x,date\n1,2026-01\n", 'has dates in the column "date"', "call it month"),
        ("x\n", "has no rows below its header", ""),
        ("\n\n", "has no header line", "names the columns"),
        ("", "is empty, or no file on a disk", "write a header line"),
        ("x\n1\n# März\n".encode("latin-1"), "line 3 is not UTF-8 text: byte 0xe4", "UTF-8"),
        ("x\n1\n".encode("utf-16"), "line 1 is not UTF-8 text: byte 0xff", "UTF-8"),
        (b"x\n1\0\n", "it holds NUL bytes", "UTF-8"),
        ('x\n"1\n2\n', "line 2 is no CSV", "ends with a quote"),
        ('x\n"1"2\n', "line 2 is no CSV", ""),
    ],
)
def test_what_could_be_misread_is_refused_with_its_place(
    text: str | bytes, message: str, advice: str, tmp_path: Path
) -> None:
    bad = refused(text, tmp_path)
    assert bad.message.startswith("path.csv ")
    assert message in bad.message
    assert advice in bad.help


def test_a_column_that_is_not_there() -> None:
    folder = Path(__file__).parents[1] / "cases"
    for column, advice in (("prise", "did you mean price?"), ("z", "it has month_of_year, price")):
        with pytest.raises(BadCsvError, match=rf"season\.csv has no column {column}") as caught:
            monthly_values("season.csv", column, folder, PRICE)
        assert (caught.value.code, caught.value.key, caught.value.help) == ("missing-column", "column", advice)


def test_cells_that_are_parted_by_something_else(tmp_path: Path) -> None:
    for mark in (";", "\t", "|"):
        assert "save it with commas instead" in refused(f"month{mark}x\n2027-01{mark}5\n", tmp_path).help
    assert refused("x\n1\n", tmp_path, column="").message == "the column's name is empty"


def test_twelve_values_from_any_month_on_are_a_year_from_january() -> None:
    amounts = tuple(map(float, range(12)))
    assert MonthlyValues(None, amounts).by_calendar_month() == amounts
    april = MonthlyValues(parse_month("2026-04"), amounts).by_calendar_month()
    assert april == (9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7, 8)


def test_what_is_no_file_with_bytes_on_a_disk_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for file, message in (
        ("/dev/zero", "is not a regular file"),
        ("/dev/null", "is not a regular file"),
        ("zero", "is not a regular file"),
        ("pipe", "is not a regular file"),
        (".", "is a directory"),
        ("/proc/self/environ", "no file on a disk"),
        ("/proc/kmsg", "no file on a disk"),
        ("loop", "cannot be read: "),
        ("x" * 5000, "cannot be read: "),
        ("a\0b", "cannot be read: "),
    ):
        with pytest.raises(BadCsvError, match=message) as caught:
            monthly_values(file, "x", tmp_path, PRICE)
        assert caught.value.code == "bad-csv"
    for missing in ("none.csv", "pipe/none.csv"):
        with pytest.raises(BadCsvError, match="there is no file") as caught:
            monthly_values(missing, "x", tmp_path, PRICE)
        assert caught.value.code == "missing-file"


def test_confined_to_the_folder_of_the_scenario(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "sub").mkdir(parents=True)
    outside.mkdir()
    for path in (inside / "a.csv", inside / "sub" / "b.csv", outside / "c.csv"):
        path.write_text("x\n7\n")
    (inside / "to-c.csv").symlink_to(outside / "c.csv")
    (inside / "to-b.csv").symlink_to("sub/b.csv")
    (inside / "away").symlink_to(outside)
    (tmp_path / "same").symlink_to(inside)
    for folder in (inside, tmp_path / "same"):
        for file in ("a.csv", "sub/b.csv", "sub/../a.csv", "to-b.csv", str(inside / "a.csv")):
            assert monthly_values(file, "x", folder, PRICE, confined=True).amounts == (7,)
        for file in ("../outside/c.csv", str(outside / "c.csv"), "to-c.csv", "away/c.csv", "/dev/zero", "../none.csv"):
            with pytest.raises(BadCsvError, match="lies outside the scenario's folder") as caught:
                monthly_values(file, "x", folder, PRICE, confined=True)
            assert caught.value.code == "outside-folder"
        assert monthly_values("../outside/c.csv", "x", inside, PRICE).amounts == (7,), "anywhere, unless confined"
