"""A simulation as work for processes and clusters: chunks of paths that are pure functions of their number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.analysis.figures_of_cases import Reasons, coded, figures
from minecalc.analysis.outlook import last_market, of_paths
from minecalc.arrays import FloatArray, Number, accumulate
from minecalc.engine import Engine, PlanEvaluation
from minecalc.figures import CATALOGUE
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.schema.names import split_path
from minecalc.simulation.world import Draw, Paths, World
from minecalc.work.freed_memory import keep_freed_memory

#: What a plan is worth at its own rate, and at the scenario's, which is what plans are compared by.
NPV, AT_SCENARIO_RATE = "npv_usd", "npv_at_scenario_rate_usd"

#: What a lender asks of a plan with debt, which is computed beside what is asked for.
LEAST_DSCR, BREACHES = "dscr_min_ratio", "covenant_breach_count"

#: Blocks in a chunk: some tenths of a second of work, and few enough to be in memory.
CHUNK_BLOCKS = 8

#: Why a path has no figure though its world may be: with hundreds of per cent of volatility numbers come to an end.
_OVERFLOW = "its numbers are too large to add up"


class Chunk(NamedTuple):
    """The figures of consecutive paths, ``(paths, plans, figures)``, those beside last: NaN where there is none.

    ``codes``, of the same shape, are then numbers (from 1) of ``reasons``, else 0. ``drawn (names, paths)`` sums up
    what was drawn: numbers of a path as they are, values by month by their mean; without rows if not kept.
    ``market (2, paths)`` are the prices of bitcoin and of hash in the last month.
    """

    figures: FloatArray
    codes: NDArray[np.uint16]
    reasons: tuple[str, ...]
    drawn: FloatArray
    market: FloatArray


@dataclass(frozen=True)
class Run:
    """The paths of a world up to the number ``paths``, from a block on, and what is wanted of each plan.

    A chunk is ``CHUNK_BLOCKS`` blocks of paths. Figures ``beside`` those wanted are computed, but not saved.
    """

    world: World
    plans: tuple[str, ...]
    paths: int
    figures: tuple[str, ...] = (NPV,)
    keep_drawn: bool = False
    first_block: int = 0
    beside: tuple[str, ...] = ()

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-(self._blocks - self.first_block) // CHUNK_BLOCKS)

    @property
    def _blocks(self) -> int:
        return -(-self.paths // BLOCK_PATHS)

    @property
    def drawn_names(self) -> tuple[str, ...]:
        """What the rows of ``Chunk.drawn`` are: the factors, then the inputs that are drawn."""
        uncertain = self.world.uncertain
        return (*uncertain.factors, *uncertain.inputs)

    def chunk(self, number: int) -> Chunk:
        """The paths of chunk ``number``, whatever the others are."""
        first = self.first_block + number * CHUNK_BLOCKS
        reasons: Reasons = {}
        keep_freed_memory()
        blocks = range(first, min(first + CHUNK_BLOCKS, self._blocks))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            parts = [self._block(block, reasons) for block in blocks]
        numbers, codes, drawn, market = zip(*parts, strict=True)
        left = self.paths - first * BLOCK_PATHS
        return Chunk(
            np.concatenate(numbers)[:left],
            np.concatenate(codes)[:left],
            tuple(reasons),
            np.concatenate(drawn, axis=1)[:, :left],
            np.concatenate(market, axis=1)[:, :left],
        )

    def _block(self, block: int, reasons: Reasons) -> tuple[FloatArray, NDArray[np.uint16], FloatArray, FloatArray]:
        """Figures, codes, what was drawn and the market of a block, in shapes as of a chunk."""
        paths = self.world.paths(block)
        engine = Engine(paths.scenario)
        if {*self.figures} <= {*_RATES}:
            numbers, codes = self.npvs(engine, paths, reasons)
        else:
            numbers, codes = figures(paths.scenario, self.plans, (*self.figures, *self.beside), reasons)
            if len(numbers) == 1:  # nothing varies
                numbers, codes = np.repeat(numbers, BLOCK_PATHS, axis=0), np.repeat(codes, BLOCK_PATHS, axis=0)
        for reason, which in paths.impossible.items():
            numbers[which], codes[which] = np.nan, reasons.setdefault(reason, len(reasons) + 1)
        lost = ~np.isfinite(numbers) & (codes == 0)
        if lost.any():
            numbers[lost], codes[lost] = np.nan, reasons.setdefault(_OVERFLOW, len(reasons) + 1)
        drawn = summed_up(paths.draw, self.drawn_names) if self.keep_drawn else np.empty((0, BLOCK_PATHS))
        market = np.full((2, 1), np.nan)
        if self.world.given.earns_hash_price:
            market = last_market(engine.market)
        return numbers, codes, drawn, of_paths(market, BLOCK_PATHS, paths.impossible)

    def npvs(self, engine: Engine, paths: Paths, reasons: Reasons) -> tuple[FloatArray, NDArray[np.uint16]]:
        """NPVs and the figures beside them, with reason numbers, ``(paths, plans, figures)`` both.

        That is all that most questions take, and quick: one evaluation of each plan has them all. One plan at a time,
        for the lines of all of them would not stay in the cache.
        """
        shape = (paths.draw.paths, len(self.plans), len(self.figures) + len(self.beside))
        found, codes = np.empty(shape), np.zeros(shape, dtype=np.uint16)
        for p, name in enumerate(self.plans):
            evaluated = engine.evaluate(paths.scenario.plans[name])
            for f, figure in enumerate(self.figures):
                found[:, p, f] = _RATES[figure](evaluated)
            for f, figure in enumerate(self.beside, start=len(self.figures)):
                found[:, p, f], codes[:, p, f] = coded(CATALOGUE[figure].measure(evaluated), reasons)
        found += 0.0
        return found, codes


#: What ``Run`` computes of a plan without all its other figures.
_RATES: Mapping[str, Callable[[PlanEvaluation], FloatArray]] = {
    NPV: lambda plan: plan.npv_usd,
    AT_SCENARIO_RATE: lambda plan: plan.npv_at_scenario_rate_usd,
}


def own_rates(world: World) -> dict[str, Number]:
    """The discount rates of plans that have another than the scenario's, or one of two of which one is drawn."""
    scenario, names = world.given, ("discount_rate_fraction_per_year", "equity_rate_fraction_per_year")
    drawn = any(split_path(path)[-1] in names for path in world.uncertain.inputs)
    common, found = scenario.discount_rate_fraction_per_year, dict[str, Number]()
    for name, plan in scenario.plans.items():
        rate = scenario.rate(plan)
        if rate != common or (drawn and rate is not common):
            found[name] = rate
    return found


def figures_of(world: World, asked: Sequence[str] = ()) -> tuple[str, ...]:
    """The figures to compute: the NPV, what plans are compared by where that is another, and those asked for."""
    compared = (AT_SCENARIO_RATE,) if own_rates(world) else ()
    return tuple(dict.fromkeys((NPV, *compared, *asked)))


def lenders_figures(world: World, asked: Sequence[str] = ()) -> tuple[str, ...]:
    """What is computed beside the figures ``asked`` for: nothing where no plan has debt."""
    financed = any(plan.inputs.financing is not None for plan in world.given.plans.values())
    return tuple(name for name in (LEAST_DSCR, BREACHES) if name not in asked) if financed else ()


def plan_worths(paths: Paths, plans: Sequence[str], figure: str = AT_SCENARIO_RATE) -> list[FloatArray]:
    """The NPV of each of ``plans`` on every path, ``(paths,)`` each, at the scenario's rate or as ``figure`` says."""
    engine = Engine(paths.scenario)
    worths = (_RATES[figure](engine.evaluate(paths.scenario.plans[name])) for name in plans)
    return [np.broadcast_to(worth, (paths.draw.paths,)) for worth in worths]


def npv_difference(paths: Paths, plan: str, baseline: str) -> FloatArray:
    """The NPV of ``plan`` less that of ``baseline`` on each path, ``(paths,)``; NaN on impossible ones.

    Both at the scenario's rate; that of the plan alone, at its own rate, where both are the same.
    """
    if plan == baseline:
        (gap,) = plan_worths(paths, (plan,), NPV)
    else:
        ours, theirs = plan_worths(paths, (plan, baseline))
        gap = ours - theirs
    return np.where(np.isfinite(gap) & ~paths.infeasible, gap, np.nan)


def summed_up(draw: Draw, names: tuple[str, ...]) -> FloatArray:
    """What was drawn as one number a path for each name, ``(names, paths)``: of one over time its mean."""
    drawn = [draw.values[name] for name in names]
    found = [values if values.ndim == 1 else accumulate(values) / len(values) for values in drawn]
    return np.stack(found) if found else np.empty((0, draw.paths))
