"""The project of a plan: the uses whose money its returns are of.

Those with a conversion; if none has one, those that spend capital within the horizon; if none does, all. What runs
meanwhile and uses outside the project are left out. The site's fixed cost counts by the project's share of the site's
gross megawatts, in every month.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, Number
from minecalc.cashflows import Line
from minecalc.trace import holds_anything, named


class Member(NamedTuple):
    """A use of a plan: its megawatts, and whether it is converted to."""

    gross_mw: Number
    converts: bool


def inside_project(members: Mapping[str, Member], lines: Iterable[Line]) -> dict[str, BoolArray]:
    """In which cases each use, by name, is part of the project, ``(·,)``; ``lines`` are those of the whole plan."""
    if any(member.converts for member in members.values()):
        return {name: np.array([member.converts]) for name, member in members.items()}
    spends = {name: np.zeros(1, dtype=np.bool_) for name in members}
    for line in lines:
        if line.category == "capex" and line.use in spends and not line.meanwhile:
            spends[line.use] = spends[line.use] | holds_anything(line.usd != 0.0)
    nobody = ~np.logical_or.reduce(np.broadcast_arrays(*spends.values()))
    return {name: spent | nobody for name, spent in spends.items()}


def project_lines(
    members: Mapping[str, Member], inside: Mapping[str, BoolArray], lines: Sequence[Line], site_gross_mw: Number
) -> list[Line]:
    """The lines of the project: its uses' own, and its share of what the site costs (lines of no use)."""
    gross_mw: Number = 0.0
    for name, member in members.items():
        gross_mw = gross_mw + member.gross_mw * inside[name].astype(np.float64)
    share = named("project_share_fraction", np.minimum(gross_mw / site_gross_mw, 1.0))
    found = []
    for line in lines:
        if line.use == "":
            found.append(line.times(share))
        elif not line.meanwhile and inside[line.use].any():
            found.append(line if inside[line.use].all() else line.times(inside[line.use].astype(np.float64)))
    return found
