"""From a file, standard input or text to a ``Scenario``, with every diagnostic on the way."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from minecalc import checks
from minecalc.paths import csv_confined, csv_folder
from minecalc.power_units import by_kwh, moved_by_mwh
from minecalc.scenario import Scenario, ScenarioText, alternatives_at, takes_number
from minecalc.schema.diagnostics import Diagnostic, in_file_order, render
from minecalc.schema.node import Node
from minecalc.schema.parsing import parse
from minecalc.schema.reading import read_file
from minecalc.schema.validate import locate, validate
from minecalc.site_draw import with_site_draw

#: Where a ``--set`` may not make up a member by the way, because a misspelt name would become a plan.
_NAMED = {("plans",): "plan", ("plans", "*", "uses"): "use"}


class Reading(NamedTuple):
    """What came of one file: its scenario, or None, and what there is to say of it.

    ``node`` is the text as it was understood, ``--set`` assignments included: where each value stands.
    """

    file: str
    sha256: str
    scenario: Scenario | None
    diagnostics: tuple[Diagnostic, ...]
    node: Node | None = None


class ScenarioError(ValueError):
    """A scenario cannot be used; ``diagnostics`` say where and why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(render(diagnostics))
        self.diagnostics = tuple(diagnostics)


def read(file: str | Path, assignments: Sequence[str] = (), *, confined: bool = False) -> Reading:
    """The scenario in ``file`` (``-``: standard input) with ``--set`` assignments applied.

    ``confined`` keeps the CSV files of its values over time to its folder; else they are any that the user can read.
    """
    name = str(file)
    data, diagnostics = read_file(name)
    if data is None:
        return Reading(name, "", None, tuple(diagnostics))
    folder = Path() if name == "-" else Path(name).parent
    return read_bytes(data, name, folder, assignments, confined=confined)


def read_bytes(
    data: bytes, name: str, folder: Path, assignments: Sequence[str] = (), *, confined: bool = False
) -> Reading:
    """The scenario in ``data``; CSV files are looked up from ``folder``, and only inside it if ``confined``."""
    sha256 = hashlib.sha256(data).hexdigest()
    node, diagnostics = parse(data, name)
    if node is None:
        return Reading(name, sha256, None, tuple(diagnostics))
    more: Sequence[Diagnostic] = ()
    if assignments:
        from minecalc.schema.overrides import apply

        node, more = apply(node, assignments, _NAMED, alternatives_at, takes_number)
    node = moved_by_mwh(node)
    scenario, wrong = _validated(node, folder, confined=confined)
    diagnostics = in_file_order([*diagnostics, *more, *wrong])
    if scenario is not None:
        node = by_kwh(node)
        scenario._source = ScenarioText(name, str(folder), data, tuple(assignments), confined, node)
    failed = any(found.severity == "error" for found in diagnostics)
    return Reading(name, sha256, None if failed else scenario, tuple(diagnostics), node)


def _validated(node: Node, folder: Path, *, confined: bool) -> tuple[Scenario | None, list[Diagnostic]]:
    token, limits = csv_folder.set(folder), csv_confined.set(confined)
    try:
        scenario, diagnostics = validate(node, Scenario)
    finally:
        csv_folder.reset(token)
        csv_confined.reset(limits)
    if scenario is not None:
        scenario = scenario.model_copy(update={"market": scenario.market.at(scenario.timeline)})
        scenario, wrong = with_site_draw(scenario)
        diagnostics = [*diagnostics, *locate(wrong or checks.problems(scenario), by_kwh(node))]
    if node.child("require") is not None:
        from minecalc import requirements

        diagnostics = [*diagnostics, *requirements.problems(node, None if diagnostics else scenario)]
    return scenario, diagnostics


def load(file: str | Path, assignments: Sequence[str] = (), *, confined: bool = False) -> Scenario:
    """The scenario in ``file``; ``confined`` as for ``read``. Raises ScenarioError with all that is wrong with it."""
    reading = read(file, assignments, confined=confined)
    if reading.scenario is None:
        raise ScenarioError(reading.diagnostics)
    return reading.scenario


def loads(text: str, assignments: Sequence[str] = (), folder: str | Path = ".", *, confined: bool = False) -> Scenario:
    """The scenario written in ``text``; else as ``load``, with CSV files looked up from ``folder``."""
    reading = read_bytes(text.encode(), "<text>", Path(folder), assignments, confined=confined)
    if reading.scenario is None:
        raise ScenarioError(reading.diagnostics)
    return reading.scenario


def read_again(source: ScenarioText, more: Sequence[str] = ()) -> Reading:
    """What ``source`` says with ``more`` assignments after its own."""
    assignments = (*source.assignments, *more)
    return read_bytes(source.data, source.name, Path(source.folder), assignments, confined=source.confined)


def reading_of(scenario: Scenario) -> Reading:
    """What came of the file of a scenario; without a name and a text if it was changed since."""
    source = scenario.source
    return Reading(source.name, source.sha256, scenario, (), source.node)


def scenario_files(path: str) -> list[str]:
    """The files that a path means: itself, or every ``.yaml`` and ``.yml`` below a folder, sorted.

    A folder that may not be read stands for what is in it, so that whoever reads it says so.
    """
    if path == "-" or not os.path.isdir(path):  # noqa: PTH112, which says no to a name that is too long
        return [path]
    closed: list[str] = []
    found = [
        str(Path(folder, name))
        for folder, _, names in os.walk(path, onerror=lambda error: closed.append(error.filename))
        for name in names
        if name.endswith((".yaml", ".yml"))
    ]
    return sorted(found + closed)
