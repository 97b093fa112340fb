"""A trace computed again with other inputs.

A trace holds for the path its inputs took. ``replay`` is told the decisions that were taken on the way (see
``minecalc.trace.deciding``) and refuses inputs that would take another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minecalc.trace import LEAVES, TAKEN, Decision, Traced
from minecalc.trace.operations import OPERATIONS
from minecalc.trace.replay import computed, in_order


class TakesAnotherPathError(ValueError):
    """With these inputs the computation takes another path than the one that was traced."""


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
