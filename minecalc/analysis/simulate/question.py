"""What may the plans be worth, how likely is each, and how well is that known? The question and its answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from minecalc import tables
from minecalc.analysis.assumptions import Assumption, assumptions
from minecalc.analysis.figures_of_cases import Reasons, figures, metric_names
from minecalc.analysis.outlook import Outlook, outlook
from minecalc.analysis.questions import (
    Answer,
    QuestionError,
    Watch,
    chosen_workers,
    demand_figure,
    demand_seed,
    demand_word,
    plan_named,
    told_plan,
    unwatched,
)
from minecalc.analysis.simulate.bridges import Bridge, bridges
from minecalc.analysis.simulate.confidence import Confident, at_confidence
from minecalc.analysis.simulate.explained import Explained, explained
from minecalc.analysis.simulate.fans import (
    BTC_PRICE,
    HASH_PRICE,
    STUDY_BLOCKS_MOST,
    Fan,
    first_draws,
    studied,
    study_blocks,
)
from minecalc.analysis.simulate.outcomes import TOLERANCE_LEAST, Certain, Collected, Outcomes, collect, outcomes
from minecalc.analysis.simulate.run import Chunk, Run, figures_of, lenders_figures, own_rates
from minecalc.analysis.simulate.saving import batches, columns
from minecalc.arrays import Number
from minecalc.document import Document
from minecalc.files.whole_file import whole_file
from minecalc.randomness.streams import BLOCK_PATHS, DRAWS, REPLICATES, Draws, Sampler
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, movable, movables
from minecalc.schema.names import quoted, split_path
from minecalc.simulation.relevance import as_quoted, uncertain
from minecalc.simulation.world import Draw, World
from minecalc.statistics.sampling import Sampling
from minecalc.visible import visible

#: Prices whose break-even is told unless another input is asked for: the market's and the site's.
_PRICES = (f"market.{BTC_PRICE}", f"market.{HASH_PRICE}", "site.electricity_price_usd_per_kwh")

#: Own prices that are solved for, of a plan of many uses.
_OWN_MOST = 4


class Precision(NamedTuple):
    """The relative error that was asked for, and what it came to (None: it cannot be told).

    It is that of the mean lead of ``plan``; None: the largest of all plans.
    """

    tolerance: float
    error: float | None
    plan: str | None = None

    @property
    def met(self) -> bool:
        """Whether the error is as small as was asked for."""
        return self.error is not None and self.error <= self.tolerance


@dataclass(frozen=True)
class Simulation(Answer):
    """All that a simulation says.

    ``plan`` is what is shown where there is room for one: never the baseline, unless that is alone. ``bridges`` lead
    from the scenario to the mean of each plan. ``saved`` is the file that has every path, or "".
    """

    world: World
    plan: str
    paths: int
    confidence: float
    outcomes: Outcomes
    bridges: Mapping[str, Bridge]
    fans: Sequence[Fan]
    explained: Explained
    break_evens: Sequence[Confident]
    assumptions: Sequence[Assumption]
    outlook: Outlook | None
    precision: Precision | None
    saved: str

    @property
    def scenario(self) -> Scenario:
        """The scenario that was simulated."""
        return self.world.given

    @property
    def own_rates(self) -> dict[str, Number]:
        """The discount rates of plans that have another than the scenario's."""
        return own_rates(self.world)

    @property
    def baseline(self) -> str:
        """The plan that the others are compared with."""
        return self.scenario.baseline_plan.name

    @property
    def study_paths(self) -> int:
        """Of how many paths the fans are."""
        return self.explained.paths

    def document(self) -> Document:
        """The chances, the spread of each plan's worth, what explains it, and break-evens."""
        from minecalc.analysis.simulate.document import document

        return document(self)

    @property
    def exists(self) -> bool:
        """Whether any path has the figure that the headline is about, as exactly as was asked for."""
        of = self.outcomes.of(self.plan)
        lead = of.npv if of.against is None else of.against.difference
        return lead.mean.number is not None and (self.precision is None or self.precision.met)


def _certain(world: World, collected: Collected) -> Certain:
    """What the scenario says without uncertainty."""
    reasons: Reasons = {}
    numbers, codes = figures(world.given, collected.plans, collected.all_names, reasons)
    return {
        (plan, name): None if codes[0, p, f] else float(numbers[0, p, f])
        for p, plan in enumerate(collected.plans)
        for f, name in enumerate(collected.all_names)
    }


def _covenants(scenario: Scenario) -> dict[str, float]:
    """The DSCR below which each plan with debt breaches its default covenant; 0 for none."""
    terms = {name: plan.inputs.financing for name, plan in scenario.plans.items()}
    return {name: float(financing.default_dscr_ratio) for name, financing in terms.items() if financing is not None}


def _break_evens(
    world: World, draws: Sequence[Draw], plans: tuple[str, str], confidence: float, solve: str | None
) -> list[Confident]:
    """Those of prices on ``draws``, or that of the input asked for on more of them."""
    wanted = prices(world.scenario, plans[0])
    if solve is not None:
        wanted, draws = [movable(world.scenario, solve)], first_draws(world, STUDY_BLOCKS_MOST)
    found = [at_confidence(world, draws, plans, each, confidence, thorough=solve is not None) for each in wanted]
    if solve is None and not world.given.market.hash_price_is_given:
        found = [also for one in found for also in (one, *_as_hash_price(world, one))]
    return found


def prices(scenario: Scenario, plan: str) -> list[Movable]:
    """The prices that may decide for or against a plan: the market's, the site's and its own uses'."""
    known = movables(scenario)
    own = [
        ".".join((*map(quoted, scenario.plans[plan].place(use)), name))
        for use in scenario.plans[plan].uses
        for name in use.inputs.prices
    ]
    market = _PRICES[1:] if scenario.market.hash_price_is_given else (_PRICES[0], _PRICES[2])
    shared = [path for path in market if scenario.earns_hash_price or not path.startswith("market.")]
    return [known[path] for path in [*[path for path in own if path in known][:_OWN_MOST], *shared] if path in known]


def _as_hash_price(world: World, found: Confident) -> list[Confident]:
    """The break-even of the price of bitcoin as that of the hash price, which is in proportion to it."""
    if found.movable.path != _PRICES[0] or found.value is None or not found.value.number:
        return []
    to = movable(world.scenario, _PRICES[1])
    if found.movable.value == 0.0:  # no price of bitcoin is so many times nothing
        return []
    factor = to.value / found.movable.value
    values = (None if value is None else value * factor for value in found.value[:4])
    number, error, low, high = values
    value = found.value._replace(number=number, error=error, low=low, high=high)
    return [found._replace(movable=to, value=value, setting=to.setting(to.x_at(number or 0.0)))]


#: Paths, the most of them, their seed, and of which share of them break-evens are, unless said otherwise.
PATHS, PATHS_MOST, SEED, CONFIDENCE = 10_240, 10_000_000, 1, 0.9


def simulate(
    scenario: Scenario,
    *,
    paths: int | None = None,
    tolerance: float | None = None,
    seed: int = SEED,
    draws: str = "independent",
    plan: str | None = None,
    figures: Sequence[str] = (),
    confidence: float = CONFIDENCE,
    solve: str | None = None,
    save: str | Path | None = None,
    workers: int | None = None,
    dask: str | None = None,
    watch: Watch = unwatched,
) -> Simulation:
    """Prices, rents, costs, delays and defaults drawn for all plans of ``scenario``, as its uncertainty block says.

    Options are the command's. Raises QuestionError for what is no plan, figure or input, for numbers out of range, and
    for a file ``save`` that cannot be written.
    """
    table = _table_format(save)
    demand_seed(seed)
    sampler = Sampler(seed, demand_word("--draws", draws, DRAWS, "way to draw"))
    count = _count(paths, tolerance, sampler.draws)
    if not 0.0 < confidence < 1.0:
        raise QuestionError(f"--confidence is {confidence:g}; it must lie between 0 and 1: 0.9 is in 90% of worlds")
    _check_set(scenario)
    _check_solve(scenario, solve)
    shown = _shown(scenario, plan, solve)
    for name in figures:
        demand_figure(name, metric_names(), "--figure")
    world = World(scenario, sampler)
    wanted, beside = figures_of(world, figures), lenders_figures(world, figures)
    run = Run(world, tuple(scenario.plans), count, wanted, save is not None, beside=beside)
    collected = Collected(run.plans, run.figures, sampler.draws, run.beside)
    pieces = run.chunks if tolerance is None else 8 * run.chunks
    told, baseline = shown or told_plan(scenario), scenario.baseline_plan.name
    with chosen_workers(workers, dask, pieces) as those:
        _put(collect(run, collected, those, watch, tolerance, shown), run, save, table)
        without = _certain(world, collected)
        blocks = first_draws(world, study_blocks(collected.paths))
        study = studied(world, blocks, told, baseline)
        error = None if tolerance is None else collected.relative_error(baseline, shown)
        return Simulation(
            world,
            told,
            collected.paths,
            confidence,
            outcomes(collected, baseline, without, _covenants(scenario)),
            bridges(run, collected, without, those),
            study.fans,
            explained(world, blocks, told, baseline, study.difference),
            _break_evens(world, blocks, (told, baseline), confidence, solve) if told != baseline else [],
            assumptions(world),
            outlook(world, collected.market, Sampling(collected.draws, collected.paths)),
            None if tolerance is None else Precision(tolerance, error, shown),
            "" if save is None else visible(str(save)),
        )


def _check_set(scenario: Scenario) -> None:
    """QuestionError for setting an input whose distribution would take no notice."""
    drawn = uncertain(scenario).inputs
    for assignment in scenario.source.assignments:
        path = as_quoted(assignment.partition("=")[0].strip())
        of = next((name for name in drawn if path == name or path.startswith(f"{name}.")), None)
        if of is not None:
            raise QuestionError(
                f"--set {path} has no effect: uncertainty.inputs draws it; change its distribution there"
            )


def _table_format(save: str | Path | None) -> str:
    """The format of the file of paths; "" if none is asked for. QuestionError for a name that says none."""
    if save is None:
        return ""
    found = tables.format_for_suffix(Path(save).suffix)
    if found is None:
        raise QuestionError(f"--save {visible(str(save))} ends in neither .parquet nor .csv; rename it")
    return found


def _count(paths: int | None, tolerance: float | None, draws: Draws) -> int:
    """How many paths there are, or to begin with. QuestionError for a number that cannot be drawn."""
    if tolerance is not None:
        if paths is not None:
            raise QuestionError("--tolerance finds the number of paths, --paths gives it; give one of the two")
        if not 0.0 < tolerance < 1.0:
            raise QuestionError(f"--tolerance is {tolerance:g}; it must lie between 0 and 1: 0.01 is 1%")
        return TOLERANCE_LEAST
    whole = REPLICATES * BLOCK_PATHS
    if paths is None:
        return whole if draws == "sobol" else PATHS
    if not 1 <= paths <= PATHS_MOST:
        raise QuestionError(f"--paths is {paths:,}; it must lie in 1..{PATHS_MOST:,}")
    if draws == "sobol" and paths % whole:
        near = max(round(paths / whole), 1) * whole
        raise QuestionError(
            f"--draws sobol takes multiples of {whole:,} paths, for its error's sake; write --paths {near}"
        )
    return paths


def _shown(scenario: Scenario, plan: str | None, solve: str | None) -> str | None:
    """The plan that the details are about: named, or the one whose own input is solved for.

    QuestionError for the baseline, which has nothing to be compared with.
    """
    rivals = [rival for rival in scenario.plans if rival != scenario.baseline_plan.name]
    if plan is None:
        owner = split_path(solve)[:2] if solve else []
        return owner[1] if owner[:1] == ["plans"] and owner[1] in rivals else None
    name = plan_named(scenario, plan)
    if name not in rivals and rivals:
        raise QuestionError(
            f"--plan {visible(name)} is the baseline; name a plan to compare with it: {visible(rivals[0])}"
        )
    return name


def _check_solve(scenario: Scenario, solve: str | None) -> None:
    """QuestionError for an input whose break-even cannot be told."""
    if solve is None:
        return
    try:
        found = movable(scenario, solve)
    except ValueError as error:
        raise QuestionError(f"--solve {visible(str(error))}") from None
    if found.is_month:
        raise QuestionError(f"--solve {visible(solve)} is a date; give an input that is a number")
    if len(scenario.plans) == 1:
        raise QuestionError("--solve asks when a plan beats the baseline, but the scenario has one plan")


def _put(chunks: Iterator[Chunk], run: Run, save: str | Path | None, table: str) -> None:
    """Go through all ``chunks``, and put them into the file ``save``, which is there when it is whole or not at all."""
    if save is None:
        deque(chunks, maxlen=0)
        return
    reasons: list[str] = []
    try:
        with whole_file(Path(save)) as file:
            tables.write(table, file, columns(run, reasons), batches(run, chunks, reasons))
    except OSError as error:
        raise QuestionError(f"cannot write {visible(str(save))}: {error.strerror or error}") from None
