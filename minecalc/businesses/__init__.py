"""Ways to use megawatts: one module per business; its name is the ``kind`` in YAML, and the folder is the registry.

A business module has

- ``Inputs``: its inputs, with limits, defaults and help, beside the ``UseTerms`` of any use;
- ``cash_flows(inputs, setting) -> CashFlows``: megawatts and inputs in, money and quantities out;
- ``required_mw(inputs, setting) -> (mw, how)``: the gross megawatts it needs, and the sum in words;
- ``peak_draw_mw(inputs, setting) -> (mw, how)``: the highest monthly draw at the meter;
- ``critical_mw(inputs, setting)``: the IT load that building capex is quoted per;
- ``earns_from(inputs, setting)``: the number of its first month of revenue;
- ``is_ai``: whether its megawatts count as converted to AI;
- ``warnings(inputs, setting)``: what a reader should know of these inputs;
- where it has contracts of a settled value, ``at_its_price(inputs, setting)``: the same at the price it comes to;
- where it mines, ``value_by_stop_usd(inputs, setting)`` and ``best_stop(inputs, setting)``: when to stop each of its
  fleets; and ``fleet_flows(inputs, setting)``, what each of them earns.

What else the rest of the product asks of a business, its ``Inputs`` declare: see ``minecalc.uses.use_terms``.

Every function works on one case and on columns of cases alike.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, cast

from minecalc.arrays import FloatArray, Number
from minecalc.cashflows import CashFlows
from minecalc.uses.setting import Setting as Setting
from minecalc.uses.use_terms import UseTerms


class Business(Protocol):
    """What a module in this folder offers."""

    Inputs: type[UseTerms]
    is_ai: bool

    def cash_flows(self, inputs: Any, setting: Setting) -> CashFlows:
        """Lines, quantities and memo of this use."""

    def required_mw(self, inputs: Any, setting: Setting) -> tuple[Number, str]:
        """Gross MW needed, and how it is computed."""

    def peak_draw_mw(self, inputs: Any, setting: Setting) -> tuple[Number, str]:
        """Highest monthly draw at the meter in MW, and how it is computed."""

    def critical_mw(self, inputs: Any, setting: Setting) -> Number:
        """Critical IT megawatts."""

    def earns_from(self, inputs: Any, setting: Setting) -> Number:
        """Number of the first month of revenue."""

    def warnings(self, inputs: Any, setting: Setting) -> list[str]:
        """Sentences for the reader."""

    def at_its_price(self, inputs: Any, setting: Setting) -> Any:
        """The inputs with the price that a contract's value comes to in its place: see ``Tenancy.settled``."""

    def value_by_stop_usd(self, inputs: Any, setting: Setting) -> Mapping[str, FloatArray]:
        """Worth by the month of its stop, 1 to months + 1 (never), ``(months + 1, ·)``, of each fleet by its name."""

    def best_stop(self, inputs: Any, setting: Setting) -> Mapping[str, FloatArray]:
        """The month of the stop that is worth most, ``(·,)``, of each fleet by its name."""

    def fleet_flows(self, inputs: Any, setting: Setting) -> Mapping[str, CashFlows]:
        """The flows of each fleet by its name; they add up to those of the use."""


@cache
def kinds() -> tuple[str, ...]:
    """The names of the businesses: the modules of this folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def business(kind: str) -> Business:
    """The module of one kind. ModuleNotFoundError if there is none."""
    return cast(Business, importlib.import_module(f"{__name__}.{kind}"))
