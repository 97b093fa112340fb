"""The four corners of a plan: its flows before debt and tax, after tax, with debt, and with debt after tax.

A plan has the corners that its financing and its tax make. The deepest is the one that decides: break-evens, rankings
and headlines are about it, and so is every figure that names no corner. Tax decides only where every plan of a scenario
pays it, since nothing is compared after tax with what is not.
"""

from collections.abc import Mapping
from typing import NamedTuple

from minecalc.arrays import FloatArray, Number

UNLEVERED, AFTER_TAX, LEVERED, TO_EQUITY = "unlevered", "after_tax", "levered", "to_equity"

#: What readers call them.
WORDS: Mapping[str, str] = {
    UNLEVERED: "before debt and tax",
    AFTER_TAX: "after tax, before debt",
    LEVERED: "to equity, before tax",
    TO_EQUITY: "to equity, after tax",
}


class Corner(NamedTuple):
    """Net flows at points 0..T of the plan and of its project, ``(points, ·)``, and the rate they are judged at."""

    net_usd: FloatArray
    project_usd: FloatArray
    rate_fraction_per_year: Number
