"""A trace computed again, with other inputs: its steps in order, each by the function its operation has in the table.

A trace holds for the path its inputs took. ``replay`` is told the decisions that were taken on the way (see
``minecalc.trace.deciding``) and refuses inputs that would take another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from minecalc.operations import OPERATIONS
from minecalc.trace import LEAVES, TAKEN, Decision, Traced, deciding, plain


class TakesAnotherPathError(ValueError):
    """With these inputs the computation takes another path than the one that was traced."""


def walk(top: Traced) -> list[Traced]:
    """Every step that ``top`` is made of, once, each before its operands."""
    seen: dict[Traced, None] = {}
    waiting = [top]
    while waiting:
        step = waiting.pop()
        if step not in seen:
            seen[step] = None
            waiting += [arg for arg in reversed(step.args) if type(arg) is Traced]
    return list(seen)


def in_order(tops: Iterable[Traced]) -> list[Traced]:
    """Every step that ``tops`` are made of, once, each after its operands."""
    done: dict[Traced, None] = {}
    waiting = [(top, False) for top in tops]
    while waiting:
        step, ready = waiting.pop()
        if ready:
            done[step] = None
        elif step not in done:
            waiting.append((step, True))
            waiting += [(arg, False) for arg in step.args if type(arg) is Traced and arg not in done]
    return list(done)


def replay(
    tops: Sequence[Traced], inputs: Mapping[str, Any] | None = None, decisions: Sequence[Decision] = ()
) -> list[Any]:
    """The values of ``tops`` with the leaves that ``inputs`` names replaced, the others as they were.

    A number may be replaced by a float or a column ``(cases,)``, what has rows by an array ``(rows, 1|cases)``; values
    are as the engine has them. Raises KeyError for a name that is no leaf of ``tops``, and TakesAnotherPathError where
    one of ``decisions`` would fall otherwise in any case.
    """
    given = dict(inputs or {})
    steps = in_order([*tops, *(decision.step for decision in decisions)])
    unknown = given.keys() - {step.name for step in steps if step.op in LEAVES}
    if unknown:
        raise KeyError(f"the trace has no {' and no '.join(sorted(unknown))}")
    values = computed(steps, {step: given[step.name] for step in steps if step.op in LEAVES and step.name in given})
    for step, by, outcome in decisions:
        taken, before = np.broadcast_arrays(TAKEN[by](np.asarray(values[step])), outcome)
        if not np.array_equal(taken, before):
            of = step.name or OPERATIONS[step.op].words
            raise TakesAnotherPathError(f"the {by} of {of} is no longer {outcome}: trace again with these inputs")
    return [values[top] for top in tops]


def computed(steps: Iterable[Traced], known: Mapping[Traced, Any]) -> dict[Traced, Any]:
    """The value of every one of ``steps``, which stand in order, with those of some leaves given."""
    values: dict[Traced, Any] = {}
    for step in steps:
        if step in known:
            values[step] = known[step]
        elif not step.args:
            values[step] = step.value
        else:
            operands = (values[arg] if type(arg) is Traced else arg for arg in step.args)
            values[step] = OPERATIONS[step.op].run(*operands, *step.rest)
    return values


class Body:
    """One row of a recurrence as steps: ``result`` made of ``before`` and of one leaf a series, ``rows``.

    Their values are those of all rows at once, ``(months, 1)``.
    """

    def __init__(self, result: Traced, before: Traced, rows: Sequence[Traced]) -> None:
        self.result, self.before, self.rows = result, before, tuple(rows)
        self.steps = in_order([result])

    def __call__(self, before: Any, *rows: Any) -> Any:
        """The row after ``before``, at these ``rows`` of the series."""
        return computed(self.steps, dict(zip((self.before, *self.rows), (before, *rows), strict=True)))[self.result]


def body_of(step: Callable[..., Any], start: Any, rows: Any, series: Sequence[Any]) -> Body:
    """The body that ``step`` is for a recurrence from ``start`` through ``series`` that came to ``rows``.

    Raises TypeError unless it is elementwise and made of what it is given alone.
    """
    first = np.asarray(plain(start), dtype=np.float64).reshape(1, -1)
    before = Traced(np.concatenate([first, rows[:-1]]), "before")
    leaves = [Traced(plain(values), "row", (place,)) for place, values in enumerate(series)]
    with deciding(_refused):
        result = step(before, *leaves)
    if type(result) is not Traced:
        raise TypeError("a recurrence whose rows do not depend on what it is given is no recurrence")
    body = Body(result, before, leaves)
    given = {before, *leaves}
    for found in body.steps:
        if found not in given:
            if found.op in LEAVES or found.op in ("before", "row"):
                raise TypeError(f"a recurrence reads {found.name or found.op}, which is not among its series")
            if OPERATIONS[found.op].reads not in ("row", "same") or found.rest:
                raise TypeError(f"a recurrence computes one row at a time, which {found.op} does not")
            found.name = None
    return body


def _refused(decision: Decision) -> None:
    raise TypeError(f"a recurrence takes {decision.by}() of its own rows, which differ; use numpy's where")
