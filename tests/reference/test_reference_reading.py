"""Reading is strict: whatever does not fit is refused with its place."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from minecalc.reference.machines import machines
from minecalc.reference.records import UNDATED, BadRecordError, Date, Record, read_catalogue, read_records

HEADER = "id,colour,seen,count,weight_w,weight_as_of,note\n"


@dataclass(frozen=True, kw_only=True)
class Thing(Record):
    id: str
    colour: Literal["red", "blue"]
    seen: Date
    count: int | None = None
    weight_w: float | None = None
    weight_as_of: Date = UNDATED
    note: str = ""

    def __post_init__(self) -> None:
        self.together("weight_w", "weight_as_of")


def written(folder: Path, *lines: str) -> Path:
    path = folder / "things.csv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_cells_become_fields_and_empty_cells_defaults(tmp_path: Path) -> None:
    path = written(tmp_path, 'cup,red,2026-06,3,1.5,2025,"blue, chipped"', "pot,blue,2026,,,,")
    assert read_records(path, Thing) == (
        Thing(
            id="cup",
            colour="red",
            seen=Date("2026-06"),
            count=3,
            weight_w=1.5,
            weight_as_of=Date("2025"),
            note="blue, chipped",
        ),
        Thing(id="pot", colour="blue", seen=Date("2026")),
    )
    assert list(read_catalogue(path, Thing)) == ["cup", "pot"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (",red,2026,,,,", "things.csv:3: id is empty"),
        ("pot,,2026,,,,", "things.csv:3: colour is empty"),
        ("pot,red,,,,,", "things.csv:3: seen is empty"),
        ("pot,green,2026,,,,", "things.csv:3: colour is 'green': choose one of red, blue"),
        ("pot,red,2026-13,,,,", "things.csv:3: seen is '2026-13': dates are YYYY, YYYY-MM or YYYY-MM-DD"),
        ("pot,red,June 2026,,,,", "things.csv:3: seen is 'June 2026'"),
        ("pot,red,2026,2.5,,,", "things.csv:3: count is '2.5'"),
        ("pot,red,2026,,heavy,2025,", "things.csv:3: weight_w is 'heavy'"),
        ("pot,red,2026,,nan,2025,", "things.csv:3: weight_w is 'nan': numbers are finite and not negative"),
        ("pot,red,2026,,inf,2025,", "things.csv:3: weight_w is 'inf'"),
        ("pot,red,2026,,-1,2025,", "things.csv:3: weight_w is '-1'"),
        ("pot,red,2026,,1.5,,", "things.csv:3: weight_as_of must be filled where weight_w is"),
        ("pot,red,2026,,,2025,", "things.csv:3: weight_w must be filled"),
        ("pot,red,2026,,,, spaced", "things.csv:3: note is ' spaced': spaces around the text"),
        ("pot,red,2026", "things.csv:3: 3 cells for 7 columns"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, line: str, complaint: str) -> None:
    path = written(tmp_path, "cup,red,2026,,,,", line)
    with pytest.raises(BadRecordError) as caught:
        read_records(path, Thing)
    assert str(caught.value).startswith(complaint)


@pytest.mark.parametrize("header", ["id,colour", HEADER.replace("note", "remark").strip(), ""])
def test_unknown_and_missing_columns_are_refused(tmp_path: Path, header: str) -> None:
    path = tmp_path / "things.csv"
    path.write_text(header + "\n", encoding="utf-8")
    with pytest.raises(BadRecordError, match=r"things\.csv:1: the columns must be id,colour,"):
        read_records(path, Thing)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("cup,blue,2026,,,,", "cup appears twice"), ("Big Pot,blue,2026,,,,", "'Big Pot' is not an identifier")],
)
def test_keys_are_unique_identifiers(tmp_path: Path, line: str, complaint: str) -> None:
    path = written(tmp_path, "cup,red,2026,,,,", line)
    with pytest.raises(BadRecordError, match=complaint):
        read_catalogue(path, Thing)


def test_catalogues_are_read_once_and_cannot_be_changed() -> None:
    assert machines() is machines()
    assert not hasattr(machines(), "__setitem__")


def test_importing_reads_no_table() -> None:
    program = (
        "import builtins, io, pathlib, sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda name, args: opened.append(str(args[0])) if name == 'open' else None)\n"
        "from minecalc.reference import gpus, leases, machines, snapshot\n"
        "assert not [path for path in opened if path.endswith('.csv')], opened\n"
        "machines.machines()\n"
        "assert [path for path in opened if path.endswith('machines.csv')]\n"
        "assert 'pandas' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
