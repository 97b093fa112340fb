"""Blocks of simulated worlds with what converting is worth by date, and what is known on each date.

Everything is worth at time 0, at the scenario's single rate. What month k earns or spends belongs to month k: before a
decision that falls k months after the start, and known by then; the decision looks at the market of month k.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from minecalc.analysis.outlook import last_market, of_paths
from minecalc.analysis.timing.project import Phase, Project, moved_dates
from minecalc.arrays import BoolArray, FloatArray, Number, accumulate, added
from minecalc.cashflows import Line
from minecalc.engine import Engine, PlanEvaluation
from minecalc.factor import MarketRate
from minecalc.fleets.stops import Stops
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.scenario import Plans, Scenario, Use
from minecalc.scenario.varying import vary
from minecalc.simulation.monthly_paths import HASH_PRICE, NETWORK, PRICE
from minecalc.simulation.relevance import following, input_at
from minecalc.simulation.stopping import fleets_at_best
from minecalc.simulation.world import POWER, Draw, Paths, World
from minecalc.uncertainty.factors import BtcPrice, HashPrice, NetworkHashRate
from minecalc.work.freed_memory import keep_freed_memory

#: What drives the hash price, up or down, each by its volatility.
_HASH_PRICE = {PRICE: 1.0, NETWORK: -1.0, HASH_PRICE: 1.0}

#: Factors that are driven by a normal each month.
_Stirred = BtcPrice | NetworkHashRate | HashPrice | MarketRate

#: A reason why a path does not count, beside those of the world.
OVERFLOW = "its numbers are too large to add up"


class Known(NamedTuple):
    """One number of the market, by its name with its unit; of a rent or rate ``use`` says whose."""

    name: str
    use: str = ""

    def path(self, engine: Engine, project: Project, drawn: Mapping[str, FloatArray]) -> FloatArray:
        """The number over the months ``(1|months, 1|cases)`` in an engine whose world has ``drawn``."""
        if self.name == HASH_PRICE:
            return engine.market.hash_price_usd_per_ph_per_day
        if self.name == POWER:
            return engine.site_power.average_usd_per_kwh
        path = following(_named(engine.scenario.plans[project.plan.name].uses, self.use), self.name).get(self.name)
        if path is not None:
            return path.values(engine.scenario.timeline)
        market = drawn.get(self.name, np.ones((1, 1)))
        price: FloatArray = market * input_at(_named(project.uses, self.use), self.name)
        return price


def _named(uses: tuple[Use, ...], name: str) -> Use:
    [found] = (use for use in uses if use.name == name)
    return found


class Shift(NamedTuple):
    """A part of the plan started so many months late, with a lease signed that many months after the start.

    A part is a phase, by its place; where the plan's worth is one, it is the whole plan, 0.
    """

    part: int
    months: int
    signed: int


class Block(NamedTuple):
    """What some paths are worth, money in USD at time 0; segments run from a date to the next, the last to the end.

    ``known (dates, states, paths)``; ``staying (parts, segments, paths)`` is what runs if a part never converts;
    ``rest (paths,)`` is what the plan's other uses and the site bring; ``converted (shifts, paths)`` is what a part
    brings in all, before and after; ``after (delays, segments, paths)`` is what all phases bring by segment,
    decided together, which only switching back takes. Of a plan whose worth is one, what it brings less ``rest`` is
    ``converted``, and tax is in ``staying`` too. ``shocks (segments, drivers, paths)`` are sums of the normals
    that drive the market, ``late (numbers, paths)`` the normals of what is learnt late, ``market (2, paths)`` the
    prices of bitcoin and of hash in the last month. ``impossible`` are paths that must not be counted, by reason.
    """

    known: FloatArray
    staying: FloatArray
    rest: FloatArray
    converted: FloatArray
    after: FloatArray
    shocks: FloatArray
    late: FloatArray
    market: FloatArray
    impossible: Mapping[str, BoolArray]


class _Worths(NamedTuple):
    """What is worth by date, as in ``Block``, and which paths cannot be, by reason."""

    staying: FloatArray
    rest: FloatArray
    converted: FloatArray
    after: FloatArray
    impossible: Mapping[str, BoolArray]


@dataclass(frozen=True)
class Dated:
    """A project in a simulated world; ``block`` is a pure function, for processes.

    ``dates`` are all months after the start on which something may be decided, 0 first; ``by_segment``: what is earned
    after a conversion is wanted by segment.
    """

    world: World
    project: Project
    dates: tuple[int, ...]
    by_segment: bool = False

    @cached_property
    def known(self) -> tuple[Known, ...]:
        """What is looked at on a date: what matters most and varies, the hash price and market rates, or else power.

        A market rate is that of the first use that has it. The fewer the numbers, the better is known what they say.
        """
        factors, uses, found = self.world.uncertain.factors, self.project.uses, list[Known]()
        mines = any(use.inputs.earns_hash_price or use.inputs.meanwhile for use in uses)
        if mines and _HASH_PRICE.keys() & factors.keys():
            found.append(Known(HASH_PRICE))
        for name, factor in factors.items():
            having = [use.name for use in uses if getattr(use.inputs, name, None) is not None]
            if isinstance(factor, MarketRate) and having:
                found.append(Known(name, having[0]))
        if not found and POWER in factors:
            found.append(Known(POWER))
        return tuple(found)

    @cached_property
    def drivers(self) -> tuple[Mapping[str, float], ...]:
        """What each of ``Block.shocks`` is made of: weights of factors' normals, whose squares add up to 1.

        Normals of every month are independent, so any weights will do; these explain most with few shocks.
        """
        factors = self.world.uncertain.factors
        rates = ({name: 1.0} for name, factor in factors.items() if isinstance(factor, MarketRate))
        groups = [_HASH_PRICE, *rates]
        found = []
        for signs in groups:
            weights = {}
            for name, sign in signs.items():
                factor = factors.get(name)
                if isinstance(factor, _Stirred) and name in self.world.monthly_paths.rows(name):
                    weights[name] = sign * float(factor.volatility_fraction_per_year)
            size = math.hypot(*weights.values())
            if size:
                found.append({name: weight / size for name, weight in weights.items()})
        return tuple(found)

    @property
    def late(self) -> tuple[str, ...]:
        """The factors behind ``Block.late``, drawn once: nobody knows them before a conversion is over.

        Those that are correlated with others may be known by them, and are left out.
        """
        paired = {name for pair in self.world.uncertain.pairs for name in pair}
        factors = self.world.uncertain.factors
        return tuple(name for name, factor in factors.items() if not factor.monthly and name not in paired)

    @cached_property
    def shifts(self) -> tuple[Shift, ...]:
        """Every way to start a part that is to be worth something: with all others, and on its own."""
        found = []
        for number in self.parts:
            for months in self.project.delays:
                found.append(self.together(number, months))
                if not self.project.joined_by:
                    found.append(self.alone(number, months))
        return tuple(dict.fromkeys(found))

    @property
    def parts(self) -> range:
        """The parts of the plan with a worth of their own: its phases, or the whole plan, where that is one."""
        return range(1 if self.project.joined_by else len(self.project.phases))

    def together(self, number: int, months: int) -> Shift:
        """A part started late because the whole plan is, all of which is signed at once."""
        return Shift(number, months, months if self.project.signed_later else 0)

    def alone(self, number: int, months: int) -> Shift:
        """A phase started late and signed as long before its start as the first phase is."""
        after = self.project.phases[number].after_months
        return Shift(number, months, after + months if self.project.signed_later else 0)

    def block(self, number: int) -> Block:
        """The paths of block ``number``, whatever the others are."""
        keep_freed_memory()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self._block(number)

    def _block(self, number: int) -> Block:
        draw = self.world.draw(number)
        shared = self.world.without_uses(draw)
        paths = self.world.with_uses(shared)
        engine = Engine(paths.scenario)
        worths = (self._jointly if self.project.joined_by else self._by_phase)(engine, shared)
        impossible = dict(paths.impossible)
        _note(impossible, worths.impossible)
        for months in self.project.delays:
            _note(impossible, self._infeasible(shared, months))
        known = self._known(engine, draw)
        finite = np.isfinite(worths.rest) & np.isfinite(known).all(axis=(0, 1))
        finite &= np.isfinite(worths.staying).all(axis=(0, 1)) & np.isfinite(worths.converted).all(axis=0)
        if not finite.all():
            impossible[OVERFLOW] = ~finite
        shocks, late = self._normals(number)
        market = last_market(engine.market) if self.world.given.earns_hash_price else np.full((2, 1), np.nan)
        last = of_paths(market, BLOCK_PATHS, impossible)
        return Block(known, *worths[:-1], shocks, late, last, impossible)

    def _by_phase(self, engine: Engine, shared: Paths) -> _Worths:
        """What each phase brings by itself, in the worlds of ``engine``, whose draws ``shared`` has."""
        plan, uses, impossible = self.project.plan, self.project.uses, dict[str, BoolArray]()
        drawn = engine.scenario.plans[plan.name]
        varied = {use.name: use for use in drawn.uses}
        others = tuple(use for use in varied.values() if use.inputs.conversion is None)
        waiting = engine.evaluate(drawn._replace(uses=others).with_terms(financing=None))
        staying = []
        for use in uses:
            never = [] if use.inputs.meanwhile is None else engine.meanwhile(drawn, varied[use.name], None).lines
            staying.append(self._segments(self._present(engine, never)))
        converted = np.empty((len(self.shifts), BLOCK_PATHS))
        after = self._no_way_back()
        for shifts in self._by_begin(self.shifts):
            moved = self._moved(shared, shifts)
            _note(impossible, moved.impossible)
            market_known = Engine(moved.scenario, waiting)
            for shift in shifts:
                present = self._of_phase(market_known, self.project.phases[shift.part])
                converted[self.shifts.index(shift)] = accumulate(present)
                if self.by_segment and shift == self.together(shift.part, shift.months):
                    after[self.project.delays.index(shift.months)] += self._segments(present)
        rest = self._paths(accumulate(self._present(engine, waiting.lines)))
        return _Worths(np.stack(staying), rest, converted, after, impossible)

    def _jointly(self, engine: Engine, shared: Paths) -> _Worths:
        """What the whole plan brings on each date, in its corner, and what it does if it never converts.

        A date's plan is a plan like any other: all of its conversions so many months later, each signed as in
        ``_signed``. Its deal is the world's (``World.scenario``), closed on the scenario as it stands; where nothing
        varies it closes its own.
        """
        name, impossible = self.project.plan.name, dict[str, BoolArray]()
        drawn = engine.scenario.plans[name]
        never = engine.unconverted(drawn)
        others = tuple(use for use in drawn.uses if use.inputs.conversion is None)
        known = PlanEvaluation(engine, never.plan._replace(uses=others), never.parts)  # whose phases are never those
        phases = {phase.name for phase in self.project.phases}
        runs_on = [line for line in never.lines if line.use in phases or line.category == "tax"]
        stays = [line for line in never.operating_lines if line.use not in phases]
        rest = self._paths(accumulate(self._present(engine, stays)))
        converted = np.empty((len(self.shifts), BLOCK_PATHS))
        for place, whole in enumerate(self.shifts):
            plan = drawn
            starts = [Shift(number, whole.months, whole.signed) for number in range(len(phases))]
            for shifts in self._by_begin(starts):
                moved = self._moved(shared, shifts)
                _note(impossible, moved.impossible)
                of_moved = {use.name: use for use in moved.scenario.plans[name].uses}
                for shift in shifts:
                    plan = plan.with_use(of_moved[self.project.phases[shift.part].name])
            plans = Plans({**engine.scenario.plans, name: plan})
            found = Engine(engine.scenario.model_copy(update={"plans": plans}), known).evaluate(plan)
            converted[place] = found.npv_at_scenario_rate_usd - rest
        staying = self._segments(self._present(engine, runs_on))
        return _Worths(staying[None], rest, converted, self._no_way_back(), impossible)

    def _no_way_back(self) -> FloatArray:
        return np.zeros((len(self.project.delays), len(self.dates), BLOCK_PATHS))

    def _by_begin(self, shifts: Sequence[Shift]) -> list[list[Shift]]:
        """Shifts of phases, those together that begin in the same month and are signed on the same date."""
        found: dict[tuple[int, int], list[Shift]] = {}
        for shift in shifts:
            found.setdefault((self._begins(shift), shift.signed), []).append(shift)
        return [found[key] for key in sorted(found)]

    def _begins(self, shift: Shift) -> int:
        """The number of the month in which a phase that is shifted starts."""
        return self.project.phases[shift.part].starts + shift.months

    def _moved(self, shared: Paths, shifts: Sequence[Shift]) -> Paths:
        """The worlds of phases that begin together: of uses only theirs, and what runs until then, are drawn."""
        plan, moved = self.project.plan, dict[str, Number]()
        read = set[tuple[str, str]]()
        for shift in shifts:
            phase, use = self.project.phases[shift.part], self.project.uses[shift.part]
            moved |= moved_dates(phase, self.project.scenario, shift.months)
            read.add((plan.name, use.name))
            meanwhile = use.inputs.meanwhile
            if meanwhile is not None:
                runs = self.project.scenario.runs_until(use)
                read |= {(meanwhile.plan, other.name) for other in runs}
        found = self.world.with_uses(shared._replace(draw=self._signed(shared.draw, shifts[0])), moved, read)
        drawn = found.scenario.plans[plan.name]
        for shift in shifts:
            stops = self._best_stops(shift.part, shift.months)
            if stops:
                use = _named(drawn.uses, self.project.phases[shift.part].name)
                drawn = drawn.with_use(use.with_stops(stops))
        if drawn is found.scenario.plans[plan.name]:
            return found
        plans = Plans({**found.scenario.plans, plan.name: drawn})
        return found._replace(scenario=found.scenario.model_copy(update={"plans": plans}))

    def _best_stops(self, number: int, months: int) -> Mapping[str, Stops]:
        """The best stops of the fleets of a phase that is a mine itself, started so many months late.

        They are found as those of the scenario as it stands, of which the best may lie before the later start.
        """
        phase, use = self.project.phases[number], self.project.uses[number]
        if not months or not fleets_at_best(use):
            return {}
        if (number, months) not in self._stops:
            scenario = self.project.scenario
            later = replace(self.world, given=vary(scenario, moved_dates(phase, scenario, months)))
            self._stops[number, months] = dict(later.stops_of(self.project.plan, use))
        return self._stops[number, months]

    @cached_property
    def _stops(self) -> dict[tuple[int, int], Mapping[str, Stops]]:
        return {}

    def _infeasible(self, shared: Paths, months: int) -> Mapping[str, BoolArray]:
        """The paths on which the plan that starts so much later has too few megawatts or machines, by reason."""
        if not self.world.uncertain.inputs:
            return {}
        moved = dict[str, Number]()
        for phase in self.project.phases:
            moved |= moved_dates(phase, self.project.scenario, months)
        return self.world.infeasible(self.world.with_uses(shared, moved).scenario)

    def certain(self) -> tuple[float, float]:
        """What converting now and never are worth without uncertainty: now, what ``compare`` says of the plan."""
        now, never = self.now_and_never(self.project.scenario)
        if not self.project.assumed_meanwhile:
            given = self.project.given
            now = Engine(given).evaluate(given.plans[self.project.plan.name]).npv_at_scenario_rate_usd
        return float(now[0]), float(never[0])

    def now_and_never(self, scenario: Scenario) -> tuple[FloatArray, FloatArray]:
        """What converting as scheduled and never are worth in every case of ``scenario``, the project's or its worlds.

        At the scenario's rate, ``(·,)`` each.
        """
        engine, plan = Engine(scenario), scenario.plans[self.project.plan.name]
        now = engine.evaluate(plan)
        if self.project.joined_by:
            return now.npv_at_scenario_rate_usd, engine.unconverted(plan).npv_at_scenario_rate_usd
        phases, uses = [phase.name for phase in self.project.phases], {use.name: use for use in plan.uses}
        lines = [line for line in now.operating_lines if line.use not in phases]
        for use in (uses[name] for name in phases):
            if use.inputs.meanwhile is not None:
                lines += engine.meanwhile(plan, use, None).lines
        return now.npv_at_scenario_rate_usd, accumulate(self._present(engine, lines))

    def _signed(self, draw: Draw, shift: Shift) -> Draw:
        """``draw`` with the market's price held from the decision until the conversion starts, when it is signed."""
        if not self.project.signed_later:
            return draw
        values = dict(draw.values)
        for name in self.project.signed_later:
            path = values[name].copy()
            path[shift.signed : self._begins(shift)] = path[shift.signed - 1] if shift.signed else 1.0
            values[name] = path
        return draw._replace(values=values)

    def _of_phase(self, engine: Engine, phase: Phase) -> FloatArray:
        """All that ``phase`` brings, what runs until it starts included, by month ``(months, ·)``."""
        plan = engine.scenario.plans[self.project.plan.name]
        alone = plan._replace(uses=tuple(use for use in plan.uses if use.name == phase.name))
        found = engine.evaluate(alone)
        own = [line for line in found.operating_lines if line.use == phase.name]
        return self._present(engine, [*own, *found.financing_lines])

    def _present(self, engine: Engine, lines: Iterable[Line]) -> FloatArray:
        """Lines by the month they are of, worth at time 0: ``(months, ·)``."""
        discount = engine.discount(engine.scenario.discount_rate_fraction_per_year)
        every = list(lines)
        at_start = added(engine.months, *(line.usd for line in every if line.at_start))
        at_end = added(engine.months, *(line.usd for line in every if not line.at_start))
        return at_start * discount[:-1] + at_end * discount[1:]

    def _segments(self, present: FloatArray) -> FloatArray:
        """Money by month ``(months, ·)`` from each date to the next: ``(segments, paths)``."""
        return np.stack([self._paths(accumulate(present[part])) for part in self._parts])

    @property
    def _parts(self) -> Sequence[slice]:
        ends = (*self.dates[1:], self.project.scenario.months)
        return [slice(begin, end) for begin, end in zip(self.dates, ends, strict=True)]

    @staticmethod
    def _paths(values: FloatArray) -> FloatArray:
        return np.array(np.broadcast_to(values, (BLOCK_PATHS,)))

    def _known(self, engine: Engine, draw: Draw) -> FloatArray:
        """The state of the market in the month that ends on each date: ``(dates, states, paths)``."""
        certain = Engine(self.world.scenario)
        found = np.empty((len(self.dates), len(self.known), BLOCK_PATHS))
        for s, state in enumerate(self.known):
            path = state.path(engine, self.project, draw.values)
            path = np.broadcast_to(path, (engine.months, BLOCK_PATHS))
            today = state.path(certain, self.project, {})[0, 0]
            for d, months in enumerate(self.dates):
                found[d, s] = path[months - 1] if months else today
        return found

    def _normals(self, number: int) -> tuple[FloatArray, FloatArray]:
        """Independent normals of the block: sums by segment, and those drawn once."""
        months = self.project.scenario.months
        rows = {name: months for weights in self.drivers for name in weights} | dict.fromkeys(self.late, 1)
        normals = self.world.sampler.normals(rows, number)
        shocks = np.zeros((len(self.dates), len(self.drivers), BLOCK_PATHS))
        for k, weights in enumerate(self.drivers):
            for name, weight in weights.items():
                shocks[:, k] += weight * self._segments(normals[name])
        late = np.empty((len(self.late), BLOCK_PATHS))
        for k, name in enumerate(self.late):
            late[k] = normals[name][0]
        return shocks, late


def _note(impossible: dict[str, BoolArray], more: Mapping[str, BoolArray]) -> None:
    """Add the paths of ``more`` to those that are impossible, by reason."""
    for reason, which in more.items():
        impossible[reason] = impossible.get(reason, which) | which
