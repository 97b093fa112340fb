"""From a file, standard input or text to a ``Scenario``, with every diagnostic on the way."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from minecalc import checks
from minecalc.files.regular_file import noting
from minecalc.loading.site_draw import with_site_draw
from minecalc.market.market_file import MarketFiles, read_markets
from minecalc.power.power_units import by_kwh, moved_by_mwh
from minecalc.scenario import Scenario, ScenarioText, alternatives_at, takes_number
from minecalc.schema.composing import Surroundings, composed
from minecalc.schema.diagnostics import Diagnostic, in_file_order, render
from minecalc.schema.node import Node
from minecalc.schema.parsing import parse
from minecalc.schema.reading import FileRead, identity, read_file
from minecalc.schema.validate import locate, validate
from minecalc.values.paths import csv_from


class Reading(NamedTuple):
    """What came of one file: its scenario, or None, and what there is to say of it.

    ``node`` is the text as it was understood, ``--set`` assignments included: where each value stands. ``files`` are
    those that were read beside it: the files that it extends, market files, and CSV files.
    """

    file: str
    sha256: str
    scenario: Scenario | None
    diagnostics: tuple[Diagnostic, ...]
    node: Node | None = None
    files: tuple[FileRead, ...] = ()

    @property
    def identity(self) -> dict[str, Any]:
        """What was read, for records: the file with its checksum, and the others with theirs."""
        return identity(self.file, self.sha256, self.files)


class ScenarioError(ValueError):
    """A scenario cannot be used; ``diagnostics`` say where and why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(render(diagnostics))
        self.diagnostics = tuple(diagnostics)


def read(
    file: str | Path, assignments: Sequence[str] = (), *, confined: bool = False, markets: Sequence[str] = ()
) -> Reading:
    """The scenario in ``file`` (``-``: standard input) with ``--set`` assignments applied.

    ``confined`` keeps the files that it extends and the CSV files of its values over time to its folder; else they are
    any that the user can read. ``markets`` are market files that lie under it, the topmost first.
    """
    name = str(file)
    data, diagnostics = read_file(name)
    if data is None:
        return Reading(name, "", None, tuple(diagnostics))
    folder = Path() if name == "-" else Path(name).parent
    return _read(ScenarioText(name, str(folder), data, tuple(assignments), confined, tuple(markets)))


def read_bytes(data: bytes, name: str, folder: Path, assignments: Sequence[str] = ()) -> Reading:
    """The scenario in ``data``; files that it names are looked up from ``folder``."""
    return _read(ScenarioText(name, str(folder), data, tuple(assignments)))


def _read(text: ScenarioText) -> Reading:
    """The scenario that ``text`` holds; files among those that it knows are not read again."""
    node, diagnostics = parse(text.data, text.name)
    if node is None:
        return Reading(text.name, text.sha256, None, tuple(diagnostics))
    known = {file.name: file.data for file in text.files if file.data}
    markets = read_markets(text.markets, known)
    around = Surroundings(Path(text.folder), text.confined, known, markets.nodes)
    whole = composed(node, text.name, around, alternatives_at)
    files = (*whole.files, *markets.files)
    diagnostics = in_file_order([*diagnostics, *whole.problems, *markets.problems])
    if whole.node is None or markets.problems:
        return Reading(text.name, text.sha256, None, tuple(diagnostics), None, files)
    node = whole.node
    more: Sequence[Diagnostic] = ()
    if text.assignments:
        node, more = _assigned(node, text.assignments)
    node = moved_by_mwh(node)
    with noting() as tables:
        scenario, wrong = _validated(node, text, markets)
    files = (*files, *(FileRead(name, sha256) for name, sha256 in tables.items()))
    diagnostics = in_file_order([*diagnostics, *more, *wrong])
    if scenario is not None:
        node = by_kwh(node)
        scenario._source = replace(text, files=files, node=node)
    failed = any(found.severity == "error" for found in diagnostics)
    return Reading(text.name, text.sha256, None if failed else scenario, tuple(diagnostics), node, files)


def _assigned(node: Node, assignments: Sequence[str]) -> tuple[Node, Sequence[Diagnostic]]:
    """The tree with what is set; no member is made up by the way, because a misspelt name would become a plan."""
    from minecalc.schema.overrides import Member, Rules, apply

    named = {
        ("plans",): Member("plan"),
        ("plans", "*", "uses"): Member("use"),
        ("plans", "*", "fleets"): Member("fleet", "machine"),
        ("plans", "*", "uses", "*", "fleets"): Member("fleet", "machine"),
        ("plans", "*", "financing", "tranches"): Member("tranche", "repayment"),
    }
    return apply(node, assignments, Rules(named, alternatives_at, takes_number))


def _validated(node: Node, text: ScenarioText, markets: MarketFiles) -> tuple[Scenario | None, list[Diagnostic]]:
    token = csv_from.set((Path(text.folder), text.confined))
    try:
        scenario, diagnostics = validate(node, Scenario)
    finally:
        csv_from.reset(token)
    if scenario is not None:
        market = scenario.market.with_file(markets.taken(node)).at(scenario.timeline)
        scenario = scenario.model_copy(update={"market": market})
        scenario, wrong = with_site_draw(scenario)
        diagnostics = [*diagnostics, *locate(wrong or checks.problems(scenario), by_kwh(node))]
    if node.child("require") is not None:
        from minecalc.loading import requirements

        diagnostics = [*diagnostics, *requirements.problems(node, None if diagnostics else scenario)]
    return scenario, diagnostics


def load(
    file: str | Path, assignments: Sequence[str] = (), *, confined: bool = False, markets: Sequence[str] = ()
) -> Scenario:
    """The scenario in ``file``; options as for ``read``. Raises ScenarioError with all that is wrong with it."""
    return _usable(read(file, assignments, confined=confined, markets=markets))


def loads(
    text: str,
    assignments: Sequence[str] = (),
    folder: str | Path = ".",
    *,
    confined: bool = False,
    markets: Sequence[str] = (),
) -> Scenario:
    """The scenario written in ``text``; else as ``load``, with files that it names looked up from ``folder``."""
    source = ScenarioText("<text>", str(folder), text.encode(), tuple(assignments), confined, tuple(markets))
    return _usable(_read(source))


def _usable(reading: Reading) -> Scenario:
    if reading.scenario is None:
        raise ScenarioError(reading.diagnostics)
    return reading.scenario


def read_again(source: ScenarioText, more: Sequence[str] = ()) -> Reading:
    """What ``source`` says with ``more`` assignments after its own; only CSV files are read from the disk again."""
    return _read(replace(source, assignments=(*source.assignments, *more)))


def reading_of(scenario: Scenario) -> Reading:
    """What came of the file of a scenario; without a name and a text if it was changed since."""
    source = scenario.source
    return Reading(source.name, source.sha256, scenario, (), source.node, source.files)


def scenario_files(path: str) -> list[str]:
    """The files that a path means: itself, or every ``.yaml`` and ``.yml`` below a folder, sorted.

    What begins with ``_`` is no scenario but a part of some: a file that others extend, or a market file.
    A folder that may not be read stands for what is in it, so that whoever reads it says so.
    """
    if path == "-" or not os.path.isdir(path):  # noqa: PTH112, which says no to a name that is too long
        return [path]
    closed: list[str] = []
    found = [
        str(Path(folder, name))
        for folder, _, names in os.walk(path, onerror=lambda error: closed.append(error.filename))
        for name in names
        if name.endswith((".yaml", ".yml")) and not name.startswith("_")
    ]
    return sorted(found + closed)
