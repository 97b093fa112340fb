"""From a file, standard input or text to a ``Scenario``, with every diagnostic on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from minecalc import checks
from minecalc.paths import Constant, ValueOverTime, csv_folder
from minecalc.scenario import Scenario, alternatives_at
from minecalc.schema.diagnostics import Diagnostic, in_file_order, render
from minecalc.schema.fields import field_meta
from minecalc.schema.names import quoted
from minecalc.schema.node import Node
from minecalc.schema.overrides import apply
from minecalc.schema.parsing import parse
from minecalc.schema.reading import read_file
from minecalc.schema.validate import locate, validate

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


def read(file: str | Path, assignments: Sequence[str] = ()) -> Reading:
    """The scenario in ``file`` (``-``: standard input) with ``--set`` assignments applied."""
    name = str(file)
    data, diagnostics = read_file(name)
    if data is None:
        return Reading(name, "", None, tuple(diagnostics))
    folder = Path() if name == "-" else Path(name).parent
    return read_bytes(data, name, folder, assignments)


def read_bytes(data: bytes, name: str, folder: Path, assignments: Sequence[str] = ()) -> Reading:
    """The scenario in ``data``; CSV files are looked up from ``folder``."""
    sha256 = hashlib.sha256(data).hexdigest()
    node, diagnostics = parse(data, name)
    if node is None:
        return Reading(name, sha256, None, tuple(diagnostics))
    node, more = apply(node, assignments, _NAMED, alternatives_at)
    scenario, wrong = _validated(node, folder)
    diagnostics = in_file_order([*diagnostics, *more, *wrong])
    failed = any(found.severity == "error" for found in diagnostics)
    return Reading(name, sha256, None if failed else scenario, tuple(diagnostics), node)


def _validated(node: Node, folder: Path) -> tuple[Scenario | None, list[Diagnostic]]:
    token = csv_folder.set(folder)
    try:
        scenario, diagnostics = validate(node, Scenario)
    finally:
        csv_folder.reset(token)
    if scenario is not None:
        diagnostics = [*diagnostics, *locate(checks.problems(scenario), node)]
    if node.child("require") is not None:
        from minecalc import requirements

        diagnostics = [*diagnostics, *requirements.problems(node, None if diagnostics else scenario)]
    return scenario, diagnostics


def load(file: str | Path, assignments: Sequence[str] = ()) -> Scenario:
    """The scenario in ``file``. Raises ScenarioError with all that is wrong with it."""
    reading = read(file, assignments)
    if reading.scenario is None:
        raise ScenarioError(reading.diagnostics)
    return reading.scenario


def loads(text: str, assignments: Sequence[str] = (), folder: str | Path = ".") -> Scenario:
    """The scenario written in ``text``. Raises ScenarioError with all that is wrong with it."""
    reading = read_bytes(text.encode(), "<text>", Path(folder), assignments)
    if reading.scenario is None:
        raise ScenarioError(reading.diagnostics)
    return reading.scenario


class Defaulted(NamedTuple):
    """An input that the file does not give: its value, the date that is of (or ""), and where it comes from.

    ``from_record``: from the record of a machine, GPU or lease that the file names, and so no default.
    """

    path: str
    value: Any
    as_of: str
    source: str
    from_record: bool = False


def defaulted(scenario: Scenario) -> list[Defaulted]:
    """Every input that plays a part in ``scenario`` and was not given, in the order of the file format."""
    found = list(_of_inputs(scenario, "", skip=("baseline",)))
    found += _of_inputs(scenario.site, "site.")
    market = scenario.market
    records = market.from_records()
    for name, figure in records.items():
        if name not in market.model_fields_set:
            found.append(Defaulted(f"market.{name}", figure.value, figure.as_of, figure.source))
    for plan, use in scenario.uses():
        prefix = ".".join(quoted(part) for part in plan.place(use)) + "."
        for name, figure in use.sourced.items():
            found.append(Defaulted(prefix + name, figure.value, figure.as_of, figure.source, from_record=True))
        unpaid = ("capex_usd_per_critical_mw",) if use.inputs.conversion is not None else ()
        found += _of_inputs(use.inputs, prefix, given=use.given, skip=(*use.sourced, *unpaid))
        for name in type(use.inputs).model_fields:
            inner = getattr(use.inputs, name)
            if hasattr(inner, "model_fields_set"):
                found += _of_inputs(inner, f"{prefix}{name}.")
    return found


def _of_inputs(
    inputs: Any, prefix: str, *, given: frozenset[str] | None = None, skip: Sequence[str] = ()
) -> Iterator[Defaulted]:
    model = type(inputs)
    stated = inputs.model_fields_set if given is None else given
    for name in model.model_fields:
        if name in stated or name in skip:
            continue
        meta = field_meta(model, name)
        value = meta.default
        if isinstance(value, ValueOverTime) and isinstance(value.shape, Constant):
            value = float(value.shape.value)
        if isinstance(value, bool | int | float | str):
            yield Defaulted(prefix + name, value, meta.default_as_of, meta.default_source or "convention")


def scenario_files(path: str) -> list[str]:
    """The files that a path means: itself, or every ``.yaml`` and ``.yml`` below a folder, sorted."""
    folder = Path(path)
    if path == "-" or not folder.is_dir():
        return [path]
    return sorted(str(p) for p in folder.rglob("*") if p.suffix in (".yaml", ".yml") and not p.is_dir())
