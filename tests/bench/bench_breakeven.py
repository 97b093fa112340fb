"""Break-evens of ten thousand scenarios in one call against a loop over scipy's brentq, and frontiers of 200 x 200.

The loop solves the same gap by the same engine, one scenario at a time; a frontier is measured in evaluations of one
scenario. Run as a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from scipy.optimize import brentq

from minecalc.analysis.breakeven.answer import axis, frontier
from minecalc.arrays import FloatArray
from minecalc.engine import evaluate
from minecalc.loading import load
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movable
from minecalc.scenario.varying import vary
from minecalc.solving.dependence import measured
from minecalc.solving.gap import Question
from minecalc.solving.solve import solve
from tests.bench.bench_engine import CASES, CLOUD, FILE, LEASE, MINE, columns, npv_usd
from tests.bench.timing import in_turn

SAMPLE, SIDE = 50, 200
SPEED_UP_LEAST, AGREEMENT, FRONTIER_MOST = 20.0, 1e-9, 60.0
QUESTION = Question(LEASE, MINE)
CAPEX, RATE = (
    f'plans."{LEASE}".conversion.capex_usd_per_critical_mw',
    "discount_rate_fraction_per_year",
)
RENT, LEASE_RATE = f'plans."{LEASE}".rent_usd_per_kw_per_month', f'plans."{CLOUD}".lease_usd_per_gpu_hour'
BTC, HASH_PRICE, POWER = (
    "market.btc_price_usd",
    "market.hash_price_usd_per_ph_per_day",
    "site.electricity_price_usd_per_kwh",
)
#: What is solved for: a straight line, a kinked one that touches both plans, and a curve.
SOLVED = (CAPEX, HASH_PRICE, RATE)


def one_by_one(scenario: Scenario, given: Mapping[str, FloatArray], path: str) -> FloatArray:
    """The roots of the first cases by brentq over the whole range; NaN where both ends lie on one side."""
    of = movable(scenario, path)
    roots = []
    for case in range(SAMPLE):
        base = vary(scenario, {name: float(column[case]) for name, column in given.items()})

        def gap(x: float, base: Scenario = base) -> float:
            return float(evaluate(vary(base, {of.at: x}), [LEASE]).difference_npv_at_scenario_rate_usd(LEASE)[0])

        try:
            roots.append(float(brentq(gap, of.low, of.high, xtol=1e-14, rtol=1e-13)))
        except ValueError:  # no change of sign
            roots.append(np.nan)
    return np.array(roots)


def verdict(name: str, value: float, bound: str, *, met: bool) -> None:
    """One line: what was measured, the bound, and whether it is met."""
    print(f"{name:66} {value:9.3g}  {bound:14} {'met' if met else 'NOT MET'}")


def batches(scenario: Scenario) -> None:
    """Ten thousand scenarios in one call against the loop."""
    for path in SOLVED:
        given = {
            name: column
            for name, column in columns(CASES).items()
            if not (path == HASH_PRICE and name.startswith("market."))
        }
        varied = vary(scenario, given)
        together, apart = in_turn(
            partial(solve, varied, path, QUESTION), partial(one_by_one, scenario, given, path), repeats=3
        )
        x, theirs = solve(varied, path, QUESTION).x[:SAMPLE], one_by_one(scenario, given, path)
        ratio = (apart / SAMPLE) / (together / CASES)
        both = np.isfinite(x) & np.isfinite(theirs)
        off = float(np.max(np.abs(x[both] / theirs[both] - 1.0)))
        name = path.rpartition(".")[2]
        verdict(f"{name}: times faster than brentq", ratio, f">= {SPEED_UP_LEAST:g}", met=ratio >= SPEED_UP_LEAST)
        verdict(
            f"{name}: difference from brentq ({both.sum()} of {SAMPLE})", off, f"<= {AGREEMENT:g}", met=off <= AGREEMENT
        )


def frontiers(scenario: Scenario) -> None:
    """Frontiers of 200 values and grids of 200 x 200, in evaluations of one scenario."""
    power, rent = movable(scenario, POWER), movable(scenario, RENT)
    down, over = (side.ravel() for side in np.meshgrid(np.linspace(60, 200, SIDE), np.linspace(0.5, 2, SIDE)))
    grid = vary(scenario, {RENT: down, f"{LEASE_RATE}.scale": over})
    works = {
        f"grid of {SIDE} x {SIDE}: rent and GPU rate": lambda: [
            measured(grid, name, lambda plan: plan.npv_at_scenario_rate_usd) for name in scenario.plans
        ],
        f"{SIDE} x {SIDE} frontier: bitcoin price by rent": lambda: frontier(
            scenario, BTC, QUESTION, rent, axis(rent, 60, 180, SIDE)
        ),
        f"{SIDE} x {SIDE} frontier: rent by power price": lambda: frontier(
            scenario, RENT, QUESTION, power, axis(power, 0.02, 0.08, SIDE)
        ),
        f"{SIDE} x {SIDE} frontier: bitcoin price by power price": lambda: frontier(
            scenario, BTC, QUESTION, power, axis(power, 0.02, 0.08, SIDE)
        ),
    }
    single, *times = in_turn(lambda: npv_usd(evaluate(scenario)), *works.values(), repeats=9)
    for name, seconds in zip(works, times, strict=True):
        verdict(
            f"{name}, in evaluations", seconds / single, f"<= {FRONTIER_MOST:g}", met=seconds / single <= FRONTIER_MOST
        )


def main() -> None:
    """Print each measurement beside its bound."""
    scenario = load(FILE)
    batches(scenario)
    frontiers(scenario)


if __name__ == "__main__":
    main()
