"""Which inputs a plan depends on, so that it is evaluated once for cases that do not differ to it.

On a grid of a rent and a bitcoin price, a lease need not be evaluated for every bitcoin price nor mining for every
rent: two hundred values of each are four hundred evaluations, not forty thousand.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.engine import CHUNK_CASES, Engine, PlanEvaluation
from minecalc.scenario import Scenario
from minecalc.scenario.varying import slices, vary
from minecalc.schema.names import split_path
from minecalc.solving.crossings import Whole

#: What is measured of a plan: ``(·,)``, or ``(figures, ·)`` for several at once.
Measure = Callable[[PlanEvaluation], FloatArray]


class Reads(NamedTuple):
    """What a plan reads: inputs of ``plans``, its own and those that run meanwhile; the market; the site's price.

    ``evaluated`` is the plan of which this was found out.
    """

    plans: frozenset[str]
    market: bool
    site_price: bool
    evaluated: PlanEvaluation

    def input(self, path: str) -> bool:
        """Whether the plan may change with the input at this dotted path."""
        first, *rest = split_path(path)
        if first == "plans":
            return rest[0] in self.plans
        if first == "market":
            return self.market
        return self.site_price or [first, *rest][:2] != ["site", "electricity_price_usd_per_kwh"]

    def known_in(self, scenario: Scenario) -> PlanEvaluation | None:
        """The plan as it is in ``scenario``, where that is the one of which this was found out."""
        return self.evaluated if self.evaluated.engine.scenario is scenario else None


def reads(scenario: Scenario, name: str, known: PlanEvaluation | None = None) -> Reads:
    """What the plan ``name`` reads: found out by evaluating it once and seeing which paths over time were asked for.

    Where ``known`` is that plan in the same scenario it stands for what has been evaluated: its debt is known already.
    """
    engine = Engine(next(slices(scenario, 1)))
    plan = engine.scenario.plans[name]
    evaluated = engine.evaluate(plan)
    meanwhile = {runs.plan for runs in plan.meanwhile}
    known_market = set(vars(engine.market)) - {"market", "timeline"}
    site_price = "site_power" in vars(engine)
    if known is not None and known.engine.scenario is engine.scenario:
        evaluated = known
    return Reads(frozenset({name, *meanwhile}), bool(known_market), site_price, evaluated)


class OwnCases(NamedTuple):
    """The cases of a scenario that differ to one plan: a scenario of those, and the place of every case there."""

    scenario: Scenario
    place: Whole


def moved_together(scenario: Scenario, name: str, path: str) -> str:
    """A word that is the same for inputs that are best moved in one evaluation of the plan ``name``.

    It is the use that the input at this path belongs to, or ``*``, for only those that it moves are evaluated again; ""
    where others may move too. A plan with debt costs more than its uses: there it is the first part of the path, so
    that the market, which may leave its project alone, is apart from the rest until it is known which move its debt.
    """
    plan = scenario.plans[name]
    first, *rest = split_path(path)
    if plan.inputs.financing is not None:
        return first
    alone = all(runs.plan != name for runs in plan.meanwhile)
    return rest[2] if alone and not plan.flat and [first, *rest[:2]] == ["plans", name, "uses"] else ""


def own_cases(scenario: Scenario, needs: Reads) -> OwnCases:
    """The cases of ``scenario`` that differ in what a plan reads; where values over time differ, all are taken to."""
    columns = scenario.columns
    own = [path for path in columns if needs.input(path)]
    if len(own) == len(columns) or any(column.ndim > 1 for column in columns.values()):
        return OwnCases(scenario, np.arange(scenario.cases))
    first, place = _combinations([columns[path] for path in own], scenario.cases)
    reduced = {path: column[first] if path in own else float(column[0]) for path, column in columns.items()}
    return OwnCases(vary(scenario, reduced, used_ranges=False), place)


def in_chunks(scenario: Scenario, name: str, measure: Measure, known: PlanEvaluation | None = None) -> FloatArray:
    """What ``measure`` finds of the plan ``name`` in every case, a cacheful of cases at a time: ``(·, cases)``.

    ``known`` is that plan in the scenario which this one was varied from, if it has been evaluated (see ``Engine``).
    """
    parts = []
    for part in slices(scenario, CHUNK_CASES):
        found = measure(Engine(part, known).evaluate(part.plans[name]))
        parts.append(np.broadcast_to(found, (*found.shape[:-1], part.cases)))
    return np.concatenate(parts, axis=-1)


def measured(scenario: Scenario, name: str, measure: Measure) -> FloatArray:
    """What ``measure`` finds of the plan ``name`` in every case of ``scenario``: ``(cases,)`` or ``(figures, cases)``.

    Cases that agree in what the plan reads are evaluated once. The bits are those of each case alone.
    """
    own = own_cases(scenario, reads(scenario, name))
    return in_chunks(own.scenario, name, measure)[..., own.place]


def _combinations(columns: Sequence[FloatArray], cases: int) -> tuple[Whole, Whole]:
    """A case of each combination of values that occurs in ``columns (cases,)``, and the combination of each case."""
    first, place = np.zeros(1, dtype=np.intp), np.zeros(cases, dtype=np.intp)
    for column in columns:
        values, code = np.unique(column, return_inverse=True)
        _, first, place = np.unique(place * values.size + code, return_index=True, return_inverse=True)
    return first, place
