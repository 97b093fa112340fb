"""Ways to use megawatts: one module per business; its name is the ``kind`` in YAML, and the folder is the registry.

``Business`` tells what a module has; what else the rest of the product asks of a business, its ``Inputs`` declare: see
``minecalc.uses.use_terms``.

Every function works on one case and on columns of cases alike.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Protocol, cast

from minecalc.arrays import FloatArray
from minecalc.cashflows import CashFlows
from minecalc.uses.setting import Setting as Setting
from minecalc.uses.use_terms import UseTerms


class Business(Protocol):
    """What a module in this folder offers."""

    #: Its inputs, with limits, defaults and help, beside the ``UseTerms`` of any use.
    Inputs: type[UseTerms]

    def cash_flows(self, inputs: Any, setting: Setting) -> CashFlows:
        """Megawatts and inputs in, lines of money, quantities and memo out."""

    def warnings(self, inputs: Any, setting: Setting) -> Iterable[str]:
        """What a reader should know of these inputs, in sentences."""

    # Where it has contracts of a settled value:

    def at_its_price(self, inputs: Any, setting: Setting) -> Any:
        """The inputs with the price that a contract's value comes to in its place: see ``Tenancy.settled``."""

    # Where it mines:

    def value_by_stop_usd(self, inputs: Any, setting: Setting) -> Mapping[str, FloatArray]:
        """Worth by the month of its stop, 1 to months + 1 (never), ``(months + 1, ·)``, of each fleet by its name."""

    def fleet_flows(self, inputs: Any, setting: Setting) -> Mapping[str, CashFlows]:
        """The flows of each fleet by its name; they add up to those of the use."""


@cache
def kinds() -> tuple[str, ...]:
    """The names of the businesses: the modules of this folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def business(kind: str) -> Business:
    """The module of one kind. ModuleNotFoundError if there is none."""
    return cast(Business, importlib.import_module(f"{__name__}.{kind}"))
