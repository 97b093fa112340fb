"""Workbooks read and computed again by another engine than the one that wrote them.

``cells`` reads an xlsx file as it stands; ``IronCalc`` computes one in this process, whatever its cells remember, and
``libre_office`` any number of them in one call of LibreOffice, told to compute everything anew.
"""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Cell(NamedTuple):
    """What a cell shows, and its formula or ""."""

    value: Any
    formula: str


#: The cells of a workbook by sheet and by their names.
Sheets = dict[str, dict[str, Cell]]


def cells(data: bytes) -> Sheets:
    """Every cell of a workbook that holds anything."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = set(book.namelist())
        strings = _strings(book.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
        targets = {
            part.get("Id"): part.get("Target")
            for part in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
        }
        sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).find(f"{_NS}sheets")
        assert sheets is not None
        found = {}
        for sheet in sheets:
            target = str(targets[sheet.get(_REL)]).removeprefix("/xl/")
            found[str(sheet.get("name"))] = _cells(book.read(f"xl/{target}"), strings)
        return found


def _strings(data: bytes) -> list[str]:
    return ["".join(text.text or "" for text in one.iter(f"{_NS}t")) for one in ElementTree.fromstring(data)]


def _cells(data: bytes, strings: Sequence[str]) -> dict[str, Cell]:
    found = {}
    for _, element in ElementTree.iterparse(io.BytesIO(data)):
        if element.tag == f"{_NS}c":
            value, formula = element.find(f"{_NS}v"), element.find(f"{_NS}f")
            text = "" if value is None else value.text or ""
            if text or formula is not None:
                shown = _shown(text, element.get("t") or "n", strings)
                found[str(element.get("r"))] = Cell(shown, "" if formula is None else formula.text or "")
            element.clear()
    return found


def _shown(text: str, kind: str, strings: Sequence[str]) -> Any:
    if kind == "s":
        return strings[int(text)]
    return float(text) if kind == "n" and text else text


def without_values(data: bytes) -> bytes:
    """The workbook with nothing remembered in any cell that has a formula."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in book.namelist():
            part = book.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = re.sub(rb"</f><v>[^<]*</v>", b"</f>", part)
            new.writestr(name, part)
    return out.getvalue()


class IronCalc:
    """A workbook that IronCalc computes."""

    def __init__(self, data: bytes) -> None:
        import ironcalc

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "book.xlsx"
            file.write_bytes(data)
            self._model = ironcalc.load_from_xlsx(str(file), "en", "UTC", "en")
        self._sheets = [sheet["name"] for sheet in self._model.get_worksheets_properties()]

    def compute(self) -> None:
        """Compute everything."""
        self._model.evaluate()

    def set(self, sheet: str, cell: str, value: float) -> None:
        """Type a number into a cell."""
        row, column = place(cell)
        self._model.update_cell_with_number(self._sheets.index(sheet), row, column, value)

    def value(self, sheet: str, cell: str) -> Any:
        """What a cell holds."""
        row, column = place(cell)
        return self._model.get_cell_value(self._sheets.index(sheet), row, column)


def place(cell: str) -> tuple[int, int]:
    """Row and column of a cell, from 1."""
    match = re.fullmatch(r"([A-Z]+)(\d+)", cell)
    assert match is not None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def libre_office(files: Sequence[Path], folder: Path) -> Mapping[str, Sheets]:
    """What LibreOffice makes of these files, each computed anew, by the names of the files."""
    out = computed_anew(files, folder)
    return {file.name: cells((out / file.name).read_bytes()) for file in files}


def computed_anew(files: Sequence[Path], folder: Path) -> Path:
    """The folder in which LibreOffice has written these files again, after it computed every cell of them."""
    profile, out = folder / "profile", folder / "computed"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    item = (
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="{}" oor:op="fuse"><value>0</value>'
    )
    items = "".join(f"{item.format(name)}</prop></item>" for name in ("OOXMLRecalcMode", "ODFRecalcMode"))
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        f"{items}</oor:items>"
    )
    command = [
        "soffice",
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run([*command, "--outdir", str(out), *map(str, files)], check=True, capture_output=True, timeout=600)
    return out
