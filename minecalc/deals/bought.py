"""What a plan buys, lot by lot, and which lots bear the interest of the build.

A lot is put into service together and leaves together; a line of capex says what it buys. Tax deducts lots and a
balance sheet writes them off, each by lives of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, added, as_cases, as_row, truth
from minecalc.cashflows import AssetKind, Line, Lot
from minecalc.trace import named


class Bought(NamedTuple):
    """A lot with its line and what it costs, ``(·,)``."""

    line: Line
    kind: AssetKind
    lot: Lot
    cost_usd: FloatArray


def bought(lines: Iterable[Line]) -> list[Bought]:
    """The lots that the lines of capex among ``lines`` buy. ValueError for one that does not say what that is."""
    return [one for line in lines if line.category == "capex" for one in _of(line)]


def _of(line: Line) -> list[Bought]:
    if line.assets is None:
        raise ValueError(f"the line {line.name} of {line.use} is capex and does not say what it buys")
    return [Bought(line, line.assets.kind, lot, as_cases(line.cost_usd(lot))) for lot in line.assets.lots]


def borne_interest(
    lots: Sequence[Bought], project_members: Mapping[str, BoolArray], ready: Number, interest_usd: FloatArray
) -> list[FloatArray]:
    """The part of capitalised interest ``(·,)`` that goes to each lot: to the project's buildings by cost.

    Without one it goes to what else the project buys until its latest conversion is ``ready``, a month's number.
    ``project_members`` say in which cases each use is of the project.
    """
    if not lots:
        return []
    buildings, others = [], []
    for one in lots:
        inside = project_members[one.line.use]
        ours = np.zeros(1) if one.line.meanwhile else one.cost_usd * inside.astype(np.float64)
        is_building = one.kind == "building"
        buildings.append(ours if is_building else np.zeros(1))
        others.append(np.zeros(1) if is_building else ours * truth(one.lot.service <= ready))
    of_buildings, of_others = (added(1, *map(as_row, part))[0] for part in (buildings, others))
    built = of_buildings > 0.0
    total = np.where(built, of_buildings, of_others)
    per_usd = named("capitalised_interest_per_usd_ratio", interest_usd / np.where(total > 0.0, total, np.inf))
    return [np.where(built, ours, other) * per_usd for ours, other in zip(buildings, others, strict=True)]
