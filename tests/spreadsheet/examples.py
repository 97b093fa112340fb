"""Workbooks of telling scenarios, each made once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from minecalc import Scenario, load, workbook
from tests.spreadsheet.recalculated import Sheets, cells

SCENARIOS = Path(__file__).parents[2] / "scenarios"

#: By a short name: the file, and what is set in it to keep it small.
EXAMPLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "all equity, machines and GPUs": ("archetypes/hosted-small-miner.yaml", ("months=24",)),
    "refreshed GPUs": ("archetypes/quebec-hydro.yaml", ("months=72",)),
    "debt at a solved cost, sculpted, taxed": (
        "archetypes/west-texas-interruptible.yaml",
        ("months=48", "plans.*.financing.tranches.*.term_months=21"),
    ),
    "power by the hour, off in dear hours": (
        "archetypes/texas-by-the-hour.yaml",
        (
            "months=18",
            "site.electricity_price_usd_per_kwh.scale=1.1",
            "site.curtailment_obligation={months: [6, 7, 8, 9], hours: 300, load_fraction: 0.05}",
        ),
    ),
    "debt at a linear cost, taxed": ("archetypes/greenfield-campus.yaml", ("months=72",)),
}


def scenario(name: str, *more: str) -> Scenario:
    """The scenario of an example, with these assignments as well."""
    file, settings = EXAMPLES[name]
    return load(SCENARIOS / file, [*settings, *more])


@cache
def data(name: str) -> bytes:
    """The workbook of an example."""
    return workbook(scenario(name)).files[f"{Path(EXAMPLES[name][0]).stem}.xlsx"]


@cache
def written(name: str) -> Sheets:
    """Its cells as they were written."""
    return cells(data(name))
