"""Would a file with another value of an input still be accepted? A break-even nobody may write down is no answer."""

from __future__ import annotations

from collections.abc import Iterator

from minecalc import checks
from minecalc.levers import Lever
from minecalc.paths import TimedInputs
from minecalc.scenario import Scenario
from minecalc.schema.diagnostics import Problem
from minecalc.schema.validate import validate_data
from minecalc.varying import vary


def refusal(scenario: Scenario, lever: Lever, x: float) -> str | None:
    """Why ``scenario``, of a single case, would be refused with ``x`` in place of the input; None if it would not."""
    try:
        varied = vary(scenario, {lever.at: x})
    except ValueError as error:
        return str(error)
    problems = [*_of_inputs(varied), *checks.problems(varied)]
    return problems[0].message if problems else None


def _of_inputs(scenario: Scenario) -> Iterator[Problem]:
    """What the classes of inputs say of values that were put in unchecked."""
    yield from _of(scenario.site)
    yield from _of(scenario.market)
    for _, use in scenario.uses():
        yield from _of(use.inputs)


def _of(inputs: TimedInputs) -> Iterator[Problem]:
    given = {name: getattr(inputs, name) for name in inputs.model_fields_set}
    yield from validate_data(given, type(inputs))[1]
    for value in given.values():
        if isinstance(value, TimedInputs):
            yield from _of(value)
