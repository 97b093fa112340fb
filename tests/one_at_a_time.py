"""Many inputs of a scenario, each moved while the others stay: the cases of one evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary


def one_at_a_time(
    scenario: Scenario, moves: Mapping[str, tuple[float, Sequence[float]]], *, used_ranges: bool = True
) -> tuple[Scenario, dict[str, slice]]:
    """The scenario with a case for each value of each input, all others at present, and the cases of each input.

    ``moves`` has by path what ``vary`` takes: the present value, and those it is moved to.
    """
    cases, count = dict[str, slice](), 0
    for path, (_, values) in moves.items():
        cases[path] = slice(count, count + len(values))
        count += len(values)
    columns = {path: np.full(count, float(present)) for path, (present, _) in moves.items()}
    for path, (_, values) in moves.items():
        columns[path][cases[path]] = values
    return vary(scenario, columns, used_ranges=used_ranges), cases
