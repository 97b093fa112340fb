"""Five inputs of every shipped scenario changed in its workbook: all lines are the engine's, or a check is red.

Some minutes of work, so by hand: ``python -m pytest tests/spreadsheet/all_changes.py``. ``test_changes.py`` is the part
of it that is always run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from minecalc import Scenario, load, workbook
from minecalc.loading import ScenarioError
from tests.spreadsheet.examples import SCENARIOS
from tests.spreadsheet.recalculated import IronCalc, Sheets, cells
from tests.spreadsheet.test_changes import HOLDS, others

FILES = sorted(SCENARIOS.glob("*/*.yaml"))
CHANGES = 5
#: Steps of this share of a list, begun again at its end, go all over it (the golden section).
_STEP = 0.6180339887


def changes(file: Path, written: Sheets) -> Iterator[tuple[str, float, Scenario]]:
    """Cells of inputs all over the sheet, what each is changed to, and the scenario with the same change."""
    sheet = written["Inputs"]
    numbers = list[tuple[str, str, float]]()
    for cell, at in sheet.items():
        of = sheet.get(f"C{cell[1:]}")
        if cell.startswith("B") and of is not None and isinstance(of.value, float) and of.value and not of.formula:
            numbers.append((str(at.value), f"C{cell[1:]}", of.value))
    for place in dict.fromkeys(int(number * _STEP % 1.0 * len(numbers)) for number in range(1, 60)):
        path, cell, value = numbers[place]
        changed = value + 1.0 if value.is_integer() and abs(value) <= 1000.0 else value * 1.04
        try:
            yield cell, changed, load(file, [f"{path}={changed}"])
        except ScenarioError:  # a file with this value is refused
            continue


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_five_changes_give_what_the_engine_gives_or_turn_a_check_red(file: Path) -> None:
    (data,) = workbook(load(file)).files.values()
    written, equal, asked = cells(data), 0, 0
    for (cell, value, scenario), _ in zip(changes(file, written), range(CHANGES), strict=False):
        asked += 1
        book = IronCalc(data)
        book.set("Inputs", cell, value)
        book.compute()
        if book.value("Checks", "B3") != HOLDS:
            continue
        (expected,) = map(cells, workbook(scenario).files.values())
        assert others(written, expected, book) == [], scenario.source.assignments
        equal += 1
    assert asked == CHANGES
    assert equal >= 1
