"""A trace computed again: its steps in order, each by the function its operation has in the table.

A recurrence is computed row by row, by the steps of one row: its ``Body``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from minecalc.trace import LEAVES, Decision, Traced, deciding, plain
from minecalc.trace.operations import OPERATIONS


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
    """One row of a recurrence, or of several at once, as steps: ``results`` made of ``befores`` and of ``rows``.

    There are as many results as ``befores``, the rows before, and one leaf of ``rows`` a series. Their values are those
    of all rows at once, ``(months, 1)``. ``states`` are the steps that hold the rows of each of several recurrences.
    """

    states: tuple[Traced, ...] = ()

    def __init__(self, results: Sequence[Traced], befores: Sequence[Traced], rows: Sequence[Traced]) -> None:
        self.results, self.befores, self.rows = tuple(results), tuple(befores), tuple(rows)
        self.steps = in_order(results)

    def __call__(self, before: Any, *rows: Any) -> Any:
        """The row of a single recurrence after ``before``, at these ``rows`` of the series."""
        return self.after(before, *rows)[0]

    def after(self, *given: Any) -> tuple[Any, ...]:
        """The rows after the rows before, which come first, at the rows of the series."""
        values = computed(self.steps, dict(zip((*self.befores, *self.rows), given, strict=True)))
        return tuple(values[result] for result in self.results)


def body_of(step: Callable[..., Any], start: Any, rows: Any, series: Sequence[Any]) -> Body:
    """The body that ``step`` is for a recurrence from ``start`` through ``series`` that came to ``rows``.

    Raises TypeError unless it is elementwise and made of what it is given alone.
    """
    return _body([_before(start, rows, ())], series, lambda *given: (step(*given),))


def joint_body_of(
    step: Callable[..., tuple[Any, ...]], starts: Sequence[Any], rows: Sequence[Any], series: Sequence[Any]
) -> Body:
    """The body that ``step`` is for several recurrences at once, each from its start, that came to ``rows`` each.

    Raises TypeError as ``body_of``; but some of the rows may be numbers, as long as not all of them are.
    """
    pairs = zip(starts, rows, strict=True)
    return _body([_before(start, of, (place,)) for place, (start, of) in enumerate(pairs)], series, step)


def _before(start: Any, rows: Any, which: tuple[int, ...]) -> Traced:
    """The rows before ``rows``, as the leaf that stands for them in a body; ``which`` tells several apart."""
    first = np.asarray(plain(start), dtype=np.float64).reshape(1, -1)
    return Traced(np.concatenate([first, rows[:-1]]), "before", which)


def _body(befores: Sequence[Traced], series: Sequence[Any], step: Callable[..., tuple[Any, ...]]) -> Body:
    leaves = [Traced(plain(values), "row", (place,)) for place, values in enumerate(series)]
    with deciding(_refused):
        results = step(*befores, *leaves)
    if not any(type(result) is Traced for result in results):
        raise TypeError("a recurrence whose rows do not depend on what it is given is no recurrence")
    body = Body([_as_step(result) for result in results], befores, leaves)
    given = {*befores, *leaves}
    for found in body.steps:
        if found not in given:
            if found.op in LEAVES or found.op in ("before", "row"):
                raise TypeError(f"a recurrence reads {found.name or found.op}, which is not among its series")
            if OPERATIONS[found.op].reads not in ("row", "same") or found.rest:
                raise TypeError(f"a recurrence computes one row at a time, which {found.op} does not")
            found.name = None
    return body


def _as_step(result: Any) -> Traced:
    """A row of a body; one that is a number is a step, too."""
    return result if type(result) is Traced else Traced(np.reshape(result, -1), "as_cases", (result,))


def _refused(decision: Decision) -> None:
    raise TypeError(f"a recurrence takes {decision.by}() of its own rows, which differ; use numpy's where")
