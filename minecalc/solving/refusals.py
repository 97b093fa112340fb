"""Would a file with another value of an input still be accepted? A break-even nobody may write down is no answer."""

from __future__ import annotations

from collections.abc import Iterator

from minecalc import checks
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable
from minecalc.scenario.places import Path, groups_on
from minecalc.scenario.varying import vary
from minecalc.schema.diagnostics import Problem
from minecalc.schema.names import split_path
from minecalc.schema.validate import validate_data


def refusal(scenario: Scenario, movable: Movable, x: float) -> str | None:
    """Why ``scenario``, of a single case, would be refused with ``x`` in place of the input; None if it would not."""
    try:
        varied = vary(scenario, {movable.at: x})
    except ValueError as error:
        return str(error)
    paths = [tuple(split_path(path)) for path, _ in movable.puts]
    problems = [*(found for path in paths for found in _of_inputs(varied, path)), *checks.problems(varied, paths)]
    return problems[0].message if problems else None


def _of_inputs(scenario: Scenario, path: Path) -> Iterator[Problem]:
    """What the classes of inputs on the way to the one at ``path`` say of its value, which was put in unchecked."""
    for owner in groups_on(scenario, path):
        given = {name: getattr(owner, name) for name in owner.model_fields_set}
        yield from validate_data(given, type(owner))[1]
