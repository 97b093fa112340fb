"""Market files: what a user or a folder of scenarios takes mining to be paid, under scenarios that do not say.

A market file holds ``market:`` and its inputs, as a scenario does. It lies under the scenario, input by input, and
above the shipped snapshot; what is taken from it stands among the defaults, with file and line as its source.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from minecalc.market import Market
from minecalc.schema.composing import with_csv_from
from minecalc.schema.diagnostics import Diagnostic, cut, in_file_order, shown
from minecalc.schema.names import did_you_mean
from minecalc.schema.node import Node
from minecalc.schema.parsing import parse
from minecalc.schema.reading import FileRead, read_file
from minecalc.schema.validate import validate
from minecalc.values.paths import Sourced

_MARKET = "market"
_FORM = "a market file holds market: and its inputs"


class MarketFiles(NamedTuple):
    """Market files that were read, the topmost first: their trees, their texts, and what is wrong with them."""

    nodes: Sequence[Node]
    files: Sequence[FileRead]
    problems: Sequence[Diagnostic]

    def taken(self, scenario: Node) -> Mapping[str, Sourced]:
        """The market inputs that the tree of a scenario has from these files, with the place of each as its source."""
        members, names = scenario.members_at((_MARKET,)), {file.name for file in self.files}
        found = {name: next(_from(names, node), None) for name, node in members.items()} if names else {}
        return {name: _sourced(node) for name, node in found.items() if node is not None}


def read_markets(names: Sequence[str], known: Mapping[str, bytes]) -> MarketFiles:
    """The market files of these names, the topmost first; ``known`` are those that need not be read again."""
    nodes, files, problems = list[Node](), list[FileRead](), list[Diagnostic]()
    for name in names:
        data, wrong = (known[name], []) if name in known else read_file(name)
        if data is None:
            advice = "--market, or MINECALC_MARKET in the environment, names it"
            problems += [one._replace(file=name, help=advice) for one in wrong]
            continue
        files.append(FileRead(name, hashlib.sha256(data).hexdigest(), data))
        node, wrong = parse(data, name)
        problems += wrong
        if node is not None:
            node = with_csv_from(node, Path(name).parent.absolute())
            problems += _wrong(node)
            nodes.append(node)
    return MarketFiles(nodes, files, in_file_order(problems))


def _wrong(node: Node) -> Iterator[Diagnostic]:
    """What is wrong with the tree of a market file."""
    assert isinstance(node.value, dict)
    for key, member in node.value.items():
        if key != _MARKET:
            near = did_you_mean(key, [_MARKET], _FORM)
            advice = f"write it below {_MARKET}:" if key in Market.model_fields else near
            yield node.source.error(member.key_mark, "unknown-key", f"unknown key {shown(cut(key))}", advice)
    market = node.child(_MARKET)
    if market is None:
        yield node.source.error(node.mark, "missing-key", f"{_MARKET} is missing", _FORM)
    elif not isinstance(market.value, dict):
        message = f"{_MARKET} is {shown(market.value)}; a mapping is needed"
        yield node.source.error(market.mark, "wrong-type", message, f"{_FORM}, such as btc_price_usd: 90000")
    else:
        yield from validate(market, Market)[1]


def _from(names: set[str], node: Node) -> Iterator[Node]:
    """What of the input at ``node`` stands in files of these ``names``, the whole first."""
    if node.source.name in names:
        yield node
    elif isinstance(node.value, dict):
        for member in node.value.values():
            yield from _from(names, member)


def _sourced(node: Node) -> Sourced:
    """The value that stands at ``node``, and where that is."""
    value = node.value if isinstance(node.value, int | float) else _told(node.plain_data())
    return Sourced(value, "", "", at=(node.source.name, node.mark.line, node.mark.column))


def _told(data: object) -> str:
    """A value over time in a line, as YAML writes it."""
    if isinstance(data, dict):
        return cut("{" + ", ".join(f"{key}: {_told(value)}" for key, value in data.items()) + "}")
    return str(data)
