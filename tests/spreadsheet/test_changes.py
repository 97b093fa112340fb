"""Inputs changed in the workbook: the engine has the same answer for the same change, or a check turns red."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from minecalc import workbook
from tests.spreadsheet.comparing import same
from tests.spreadsheet.examples import data, scenario, written
from tests.spreadsheet.recalculated import Cell, IronCalc, Sheets, cells, place

HOLDS = "All checks hold"

MINER, GPUS = "all equity, machines and GPUs", "refreshed GPUs"
HOURLY = "power by the hour, off in dear hours"
TAXED, LINEAR = "debt at a solved cost, sculpted, taxed", "debt at a linear cost, taxed"

#: An example, and inputs by their paths with what they are changed to, together.
CHANGES: list[tuple[str, dict[str, float]]] = [
    (MINER, {"market.btc_price_usd.start": 61000.0, "discount_rate_fraction_per_year": 0.14}),
    (GPUS, {"site.electricity_price_usd_per_kwh": 0.071, "discount_rate_fraction_per_year": 0.15}),
    (LINEAR, {"tax.rate_fraction": 0.31}),
    (
        HOURLY,
        {
            "site.electricity_price_usd_per_kwh.adder_usd_per_kwh": 0.021,
            "market.network_hash_rate_eh_per_s.start": 741.0,
            "site.curtailment_obligation.hours": 123.0,
        },
    ),
]

#: An example, an input by its path, and what it is changed to, where that takes other formulas than the workbook has.
GUARDED = [
    (GPUS, 'plans."renew the machines".refresh.every_months', 30.0),
    (TAXED, 'plans."lease all of it".financing.tranches."bank loan".rate_fraction_per_year', 0.08),
]


def input_cell(name: str, path: str) -> str:
    """The cell of an input on the sheet of inputs."""
    cells = written(name)["Inputs"]
    row = next(cell[1:] for cell, (value, _) in cells.items() if cell.startswith("B") and value == path)
    return f"C{row}"


@pytest.mark.parametrize(("name", "changes"), CHANGES, ids=[name for name, _ in CHANGES])
def test_changed_inputs_give_what_the_engine_gives(name: str, changes: dict[str, float]) -> None:
    book = IronCalc(data(name))
    for path, value in changes.items():
        book.set("Inputs", input_cell(name, path), value)
    book.compute()
    assert book.value("Checks", "B3") == HOLDS
    changed = scenario(name, *(f"{path}={value}" for path, value in changes.items()))
    (expected,) = map(cells, workbook(changed).files.values())
    assert others(written(name), expected, book) == []


def others(written: Sheets, expected: Sheets, book: IronCalc) -> list[str]:
    """Lines of plans, by sheet, label and column, that the changed ``book`` computes to others than ``expected``."""
    found, compared = list[str](), 0
    for sheet in set(expected) - {"Cover", "Inputs", "Checks", "Summary", "Sources", "Returns", "Hourly prices"}:
        ours, theirs = labelled(written[sheet]), labelled(expected[sheet])
        for label in ours.keys() & theirs.keys():
            largest = max((abs(v) for v in theirs[label].values() if isinstance(v, float)), default=0.0)
            for column, value in theirs[label].items():
                if not column:
                    continue
                computed = book.value(sheet, f"{column}{ours[label]['']:.0f}")
                if not same(value, computed, 1e3 * largest):
                    found.append(f"{sheet}, {label}, {column}")
                compared += 1
    assert compared > 2000
    return found


def labelled(found: dict[str, Cell]) -> dict[str, dict[str, Any]]:
    """The formulas of a sheet by the label of their row and their column, and its number as ""; of labels met once."""
    labels = {place(cell)[0]: str(at.value) for cell, at in found.items() if re.fullmatch(r"A\d+", cell)}
    once = {label for label, count in Counter(labels.values()).items() if count == 1}
    rows: dict[str, dict[str, Any]] = {}
    for cell, at in found.items():
        row, label = place(cell)[0], labels.get(place(cell)[0], "")
        if at.formula and label in once:
            rows.setdefault(label, {"": float(row)})[re.sub(r"\d", "", cell)] = at.value
    return rows


@pytest.mark.parametrize(("name", "path", "value"), GUARDED)
def test_a_change_that_takes_other_formulas_turns_the_checks_red(name: str, path: str, value: float) -> None:
    book = IronCalc(data(name))
    book.set("Inputs", input_cell(name, path), value)
    book.compute()
    assert book.value("Checks", "B3") != HOLDS
    asks = [str(cell.value) for cell in written(name)["Checks"].values() if "minecalc workbook" in str(cell.value)]
    assert any(path in ask or "solves total cost" in ask for ask in asks)
