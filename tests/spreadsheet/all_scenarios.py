"""Every shipped scenario as a workbook, computed anew by LibreOffice: each cell is what minecalc wrote.

``.ci/libreoffice`` runs it, and installs LibreOffice where there is none. All files go through one call, with nothing
remembered in any cell that has a formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from minecalc import load, workbook
from tests.spreadsheet.comparing import differences
from tests.spreadsheet.examples import SCENARIOS
from tests.spreadsheet.recalculated import Sheets, cells, libre_office, without_values

FILES = sorted(SCENARIOS.glob("*/*.yaml"))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Sheets, Sheets]]:
    """What was written and what was computed, by the name of the scenario."""
    folder, written = tmp_path_factory.mktemp("libreoffice"), {}
    for file in FILES:
        (data,) = workbook(load(file)).files.values()
        (folder / f"{file.stem}.xlsx").write_bytes(without_values(data))
        written[file.stem] = cells(data)
    computed = libre_office([folder / f"{name}.xlsx" for name in written], folder)
    return {name: (sheets, computed[f"{name}.xlsx"]) for name, sheets in written.items()}


@pytest.mark.parametrize("name", [file.stem for file in FILES])
def test_libreoffice_computes_every_cell_as_it_was_written(
    name: str, both: Mapping[str, tuple[Sheets, Sheets]]
) -> None:
    written, computed = both[name]
    assert list(differences(written, lambda sheet, cell: computed[sheet][cell].value)) == []


def test_there_are_scenarios() -> None:
    assert len(FILES) > 20
    assert all(isinstance(file, Path) for file in FILES)
