"""Prices of power by the kWh or by the MWh: either is typed, and minecalc computes and reports by the kWh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from minecalc.schema.alternatives import MODIFIERS, Alternatives
from minecalc.schema.node import Node
from minecalc.units import OtherUnit

_KWH, _MWH = "electricity_price_usd_per_kwh", "electricity_price_usd_per_mwh"
_KWH_PER_MWH = 1000

#: The key by the MWh, and what it stands for.
POWER_BY_MWH: Mapping[str, OtherUnit] = {_MWH: OtherUnit(_KWH, _KWH_PER_MWH)}
#: Of the two keys one is given.
KWH_OR_MWH = Alternatives(((_KWH,), (_MWH,)), advice="1 USD per MWh is 0.001 USD per kWh: give one of the two")


def moved_by_mwh(node: Node) -> Node:
    """The tree of a scenario in which a ``scale`` or ``shift`` of the price by the kWh moves that by the MWh, if given.

    So that what a command prints to be set can be set whatever the unit of the file.
    """
    for at in _owners(node):
        members = node.members_at(at)
        given, move = members.get(_MWH), members.get(_KWH)
        if given is None or move is None or not isinstance(move.value, dict) or not set(move.value) <= MODIFIERS:
            continue
        inner = given.value if isinstance(given.value, dict) else {"value": given}
        moves = {key: _by_mwh(part) if key == "shift" else part for key, part in move.value.items()}
        kept = {key: member for key, member in members.items() if key != _KWH}
        node = node.with_members(at, kept | {_MWH: replace(given, value={**inner, **moves})})
    return node


def by_kwh(node: Node) -> Node:
    """The tree of a valid scenario with each price under the key by which it is looked for, where it was typed."""
    for at in _owners(node):
        members = node.members_at(at)
        if _MWH in members:
            node = node.with_members(at, {_KWH if key == _MWH else key: member for key, member in members.items()})
    return node


def _by_mwh(part: Node) -> Node:
    amount = part.value
    return replace(part, value=amount * _KWH_PER_MWH) if isinstance(amount, int | float) else part


def _owners(node: Node) -> Iterator[tuple[str, ...]]:
    """Where a price of power may stand: the site, the plans, and their uses."""
    yield ("site",)
    for plan in node.members_at(("plans",)):
        yield ("plans", plan)
        yield from (("plans", plan, "uses", use) for use in node.members_at(("plans", plan, "uses")))
