"""How many times faster is ``irr`` than a loop over pyxirr, on ten years of months? Run as a script."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter

import numpy as np
import pyxirr

from minecalc.arrays import FloatArray
from minecalc.finance.returns import irr


def conventional(cases: int) -> FloatArray:
    """A year of spending, then nine years of income: ``(121, cases)``."""
    random = np.random.default_rng(1)
    flows = random.normal(10, 3, (121, cases)) ** 2
    flows[:13] = -random.uniform(50, 400, (13, cases))
    return flows


def with_refreshes(cases: int) -> FloatArray:
    """The same with new machines after five and seven years: five changes of sign."""
    flows = conventional(cases)
    flows[60] -= 2000
    flows[85] -= 1500
    return flows


def after_tax(cases: int) -> FloatArray:
    """Equity of a taxed plan with debt: distributions each half year, tax a month after; changes at each."""
    random = np.random.default_rng(2)
    flows = np.zeros((241, cases))
    flows[3:15] = -random.uniform(8, 12, (12, cases))
    flows[20::6] = random.uniform(5, 20, (37, cases))
    flows[21:230:12] = -random.uniform(1, 8, (18, cases))
    return flows


def seconds_per_case(work: Callable[[], object], cases: int, repeats: int = 3) -> float:
    """The best of some runs."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times) / cases


def theirs(columns: list[list[float]]) -> None:
    """A loop over pyxirr."""
    for column in columns:
        pyxirr.irr(column)


def main() -> None:
    """Print one line for each kind of flows."""
    for name, flows in (
        ("one change of sign", conventional(100_000)),
        ("five changes", with_refreshes(20_000)),
        ("tax between distributions, forty changes", after_tax(20_000)),
    ):
        loop = seconds_per_case(partial(theirs, flows[:, :2000].T.tolist()), 2000)
        batch = seconds_per_case(partial(irr, flows), flows.shape[1])
        alone = seconds_per_case(partial(irr, flows[:, 0]), 1, repeats=30)
        print(f"{name}: {loop / batch:.1f} x a pyxirr loop; {1e6 * batch:.1f} us each, {1e6 * alone:.0f} alone")


if __name__ == "__main__":
    main()
