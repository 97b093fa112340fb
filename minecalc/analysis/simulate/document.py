"""A simulation as people read it: who wins how often, worth and risk of each plan, and how the worlds unfold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from minecalc.analysis import bridge
from minecalc.analysis.bridge import known_digits
from minecalc.analysis.simulate.details import break_evens, explained, notes, precision
from minecalc.analysis.simulate.fans import BTC_PRICE, CUMULATIVE, HASH_PRICE, fan_chart, histogram
from minecalc.analysis.simulate.outcomes import PERCENTS, TAIL_FRACTION, Cover, Outcome, Spread
from minecalc.analysis.simulate.question import Simulation
from minecalc.analysis.simulate.records import data, fan_labels, flat
from minecalc.document import Block, Cell, Chart, Column, Document, Note, Phrase, Series, Table, Text, Tone, Value
from minecalc.figures.labels import capital, figure_label, figure_unit, plan_called
from minecalc.simulation.stages import SHUTDOWNS
from minecalc.statistics.estimates import Estimate

_WORDS = list[str | Value]

_RANK, _RANK_OF_LEAD = "  more than in, of worlds", "  further than in, of worlds"

#: Samples of the histogram.
_STRIPS = 3

_CAPTION = (
    "Percentiles, no exceedances: 10% of worlds lie below P10. ± is one standard error of the simulation; no digit "
    "beyond its first is shown."
)


def document(answer: Simulation) -> Document:
    """The whole answer."""
    title = f"{answer.scenario.name}: {answer.paths:,} simulated worlds"
    return Document(title, list(_blocks(answer)), flat(answer), data(answer))


def _blocks(answer: Simulation) -> Iterator[Block]:
    yield Note(_headline(answer), "headline")
    yield from precision(answer)
    yield _worth(answer)
    yield from _bridge(answer)
    for name in answer.outcomes.plans[0].others:
        yield _figure(answer, name)
    yield from _histogram(answer)
    yield from break_evens(answer)
    yield from explained(answer)
    if answer.assumptions:
        yield from _fans(answer)
    yield from notes(answer)


def _headline(answer: Simulation) -> Phrase:
    """How often the plan wins and by how much, what the scenario as it stands says, and why that is something else."""
    outcome = answer.outcomes.of(answer.plan)
    spread = outcome.npv if outcome.against is None else outcome.against.difference
    possible = spread.mean.paths if spread.mean.number is not None else answer.paths
    worlds = f"{'' if possible == answer.paths else f'{possible:,} possible of '}{answer.paths:,} simulated worlds"
    if spread.mean.number is None:
        return f"{answer.plan} has no NPV in any of {worlds}: {'; '.join(spread.undefined)}."
    rate = [] if outcome.against is None else _at_the_rate(answer)
    if not answer.assumptions and spread.certain is not None:
        of = "" if outcome.against is None else f" less that of {answer.baseline}"
        words: _WORDS = [f"Nothing is uncertain: the NPV of {answer.plan}{of} is ", Value(spread.certain, "usd"), *rate]
        return [*words, *_at_own_rates(answer), "."]
    name = _called(answer, answer.plan)
    if outcome.against is None:
        words = [f"{name} is worth ", *_usually(spread, _signed), f" in {worlds}", *_why(answer, spread, _signed)]
        return [*words, "; it loses money in ", known_digits(spread.below_zero, "fraction"), "."]
    if outcome.against.beats.level.number == 1.0:
        words = [f"{name} and {answer.baseline} are worth the same in all {worlds}", *rate, *_at_own_rates(answer)]
        return [*words, *_other(answer), "."]
    beats = known_digits(outcome.against.beats.above, "fraction")
    words = [f"{name} beats {answer.baseline} in ", beats, f" of {worlds}", *rate, "; "]
    words += [*_usually(spread, _ahead), *_at_own_rates(answer), *_why(answer, spread, _ahead)]
    return [*words, *_other(answer), "."]


#: How an amount is put, with what its sign means unless it is that of another number.
_Put = Callable[[Estimate, float], _WORDS]


def _ahead(estimate: Estimate, beside: float = 0.0) -> _WORDS:
    """So much ahead or behind; the amount alone where ``beside`` has said which."""
    number = estimate.number or 0.0
    return [known_digits(estimate), "" if number * beside > 0.0 else " behind" if number < 0.0 else " ahead"]


def _signed(estimate: Estimate, beside: float = 0.0) -> _WORDS:
    return ["-" if (estimate.number or 0.0) < 0.0 else "", known_digits(estimate)]


def _usually(spread: Spread, put: _Put) -> _WORDS:
    """The mean and the median; a mean that hangs on few worlds is not told."""
    median, mean = spread.percentiles[50.0], spread.mean
    if mean.error is None:
        return [*put(median, 0.0), " at the median"]
    return [*put(mean, 0.0), " on average, ", *put(median, mean.number or 0.0), " at the median"]


def _why(answer: Simulation, spread: Spread, put: _Put) -> _WORDS:
    """What ``compare`` says of the plan, where that lies among the worlds, and what moves the mean away from it."""
    if spread.certain is None or spread.below_certain is None:
        return []
    found = answer.bridges[answer.plan]
    told_last = spread.percentiles[50.0].number or 0.0
    words: _WORDS = [
        ", where one world, the scenario as it stands, says ",
        *put(bridge.certain(spread.certain), told_last),
    ]
    steps = bridge.told(found.lead or found.npv, shutting=_shutting(answer)) if spread.mean.error is not None else []
    return [*words, f" ({bridge.rank(spread.below_certain)})", *([": ", *steps] if steps else [])]


def _shutting(answer: Simulation) -> bridge.Shutting | None:
    """Whether shutdowns move the plan or the baseline more; None where the plan is set against none."""
    if not answer.bridges[answer.plan].lead:
        return None

    def moved(plan: str) -> float:
        of = answer.bridges[plan].npv
        return max((abs(step.usd.number or 0.0) for step in of if step.name == SHUTDOWNS), default=0.0)

    theirs = moved(answer.baseline) >= moved(answer.plan)
    return bridge.Shutting(answer.baseline if theirs else answer.plan, is_other_side=theirs)


def _called(answer: Simulation, plan: str) -> str:
    return plan_called(answer.scenario, plan)


def _at_the_rate(answer: Simulation) -> _WORDS:
    """At which rate plans are compared, where there are several."""
    if not answer.own_rates:
        return []
    return [" at the scenario's rate of ", Value(float(answer.scenario.discount_rate_fraction_per_year), "fraction")]


def _at_own_rates(answer: Simulation) -> _WORDS:
    """By how much the plan is ahead with it and the baseline at their own rates, unless those are the scenario's."""
    scenario, against = answer.scenario, answer.outcomes.of(answer.plan).against
    whose = [name for name in (answer.plan, answer.baseline) if name in answer.own_rates]
    if against is None or not whose:
        return []
    rates = [Value(float(scenario.rate(scenario.plans[name])), "fraction") for name in whose]
    words: _WORDS = [" (at their own rates of ", rates[0], " and ", rates[-1], ": "]
    if len(whose) == 1:
        owner = "its" if whose[0] == answer.plan else f"{whose[0]}'s"
        words = [f" (at {owner} own rate of ", rates[0], ": "]
    own = against.at_own_rates
    if not answer.assumptions:
        return [*words, Value(own.certain, "usd"), ")"]
    return [*words, *_ahead(own.percentiles[50.0]), " at the median)"]


def _other(answer: Simulation) -> _WORDS:
    """The plan that is further ahead on average than the one that is told of, or else that wins more often."""
    rivals = {o.plan: o.against for o in answer.outcomes.plans if o.against is not None}
    means = {
        name: against.difference.mean for name, against in rivals.items() if against.difference.mean.error is not None
    }
    best = max(means, key=lambda name: means[name].number or 0.0, default=answer.plan)
    ours = rivals[answer.plan].difference.mean
    if best != answer.plan and (means[best].number or 0.0) > (ours.number or 0.0):
        return [f"; on average {_called(answer, best)} is worth more, ", *_ahead(means[best])]
    wins = {name: against.beats.above for name, against in rivals.items()}
    often = max(wins, key=lambda name: wins[name].number or 0.0)
    if (wins[often].number or 0.0) > (wins[answer.plan].number or 0.0):
        return [
            f"; {_called(answer, often)} beats {answer.baseline} more often: in ",
            known_digits(wins[often], "fraction"),
        ]
    return []


#: What is shown of an estimate, of a figure's spread, of a plan.
_OfEstimate = Callable[[Estimate], Cell]
_OfSpread = Callable[[Spread], Cell]
_OfPlan = Callable[[Outcome], Cell]


def _tone(number: float | None) -> Tone:
    return "plain" if not number else "good" if number > 0.0 else "bad"


def _money(estimate: Estimate) -> Value:
    return estimate.value("usd", _tone(estimate.number))


def _amount(estimate: Estimate) -> Value:
    return estimate.value("usd")


def _share(estimate: Estimate) -> Value:
    return estimate.value("fraction")


def _certain(spread: Spread, unit: str) -> Value:
    """The figure of the scenario as it stands."""
    return Value(spread.certain, unit, "" if spread.certain is not None else "it has none without uncertainty")


def _percentile(percent: float, shown: _OfEstimate) -> _OfSpread:
    return lambda spread: shown(spread.percentiles[percent])


def _if_any(estimate: Callable[[Outcome], Estimate | None], shown: _OfEstimate) -> _OfPlan:
    """A cell that is empty for plans that have no such estimate."""

    def cell(outcome: Outcome) -> Cell:
        found = estimate(outcome)
        return Text("") if found is None else shown(found)

    return cell


def _worth(answer: Simulation) -> Table:
    """Every plan's NPV, how it does beside the baseline, and beside the best, a column each."""
    plans = answer.outcomes.plans
    columns = [Column("statistic", "NPV", "left"), *(Column(o.plan, o.plan, errors=True) for o in plans)]
    sections = [_certain_rows(answer), _spread_rows(), _against_rows(answer), _best_rows(answer), _cover_rows(answer)]
    rows: list[list[Cell]] = []
    begins = []
    for section in filter(None, map(list, sections)):
        begins.append(len(rows))
        rows += [[Text(label), *(cell(outcome) for outcome in plans)] for label, cell in section]
    return Table("", columns, rows, begins[1:], _CAPTION if answer.assumptions else "")


def _bridge(answer: Simulation) -> Iterator[Table]:
    """From what compare says to the mean of the worlds: of every plan beside the baseline, or of the only one."""
    found = {name: one.lead or one.npv for name, one in answer.bridges.items() if one.lead or len(answer.bridges) == 1}
    found = {name: steps for name, steps in found.items() if len(steps) > len(bridge.ENDS)}
    if found:
        what = "NPV" if answer.baseline in found else f"NPV less that of {answer.baseline}"
        what += ", both at the scenario's rate" if answer.own_rates and answer.baseline not in found else ""
        paths, steps = next(iter(answer.bridges.values())).paths, next(iter(found.values()))
        caption = bridge.caption(answer.world.uncertain, paths, steps)
        yield bridge.table(f"From one world to all: {what}", found, caption, pictured=answer.plan)


def _certain_rows(answer: Simulation) -> Iterator[tuple[str, _OfPlan]]:
    """Each plan's NPV without uncertainty, its rank among the worlds, and the discount rate of all its NPVs."""
    scenario = answer.scenario
    yield "Without uncertainty", lambda o: Value(o.npv.certain, "usd", tone=_tone(o.npv.certain))
    if any(o.npv.below_certain is not None for o in answer.outcomes.plans):
        yield _RANK, _if_any(lambda o: o.npv.below_certain, _share)
    yield "  at a discount rate of", lambda o: Value(float(scenario.rate(scenario.plans[o.plan])), "fraction")


def _spread_rows() -> Iterator[tuple[str, _OfPlan]]:
    def of(cell: _OfSpread) -> _OfPlan:
        return lambda outcome: cell(outcome.npv)

    yield "Mean", of(lambda spread: _money(spread.mean))
    for percent in PERCENTS:
        yield "P50, median" if percent == 50.0 else f"P{percent:g}", of(_percentile(percent, _money))
    yield "Probability of a loss", of(lambda spread: _share(spread.below_zero))
    yield f"Mean of the worst {TAIL_FRACTION:.0%}", of(lambda spread: _money(spread.shortfall))


def _against_rows(answer: Simulation) -> Iterator[tuple[str, _OfPlan]]:
    """How plans do beside the baseline, world by world."""

    def of(estimate: Callable[[Spread], Estimate]) -> _OfPlan:
        return _if_any(lambda o: o.against and estimate(o.against.difference), _money)

    rivals = [o.against for o in answer.outcomes.plans if o.against is not None]
    if not rivals:
        return
    if answer.own_rates:
        rate = float(answer.scenario.discount_rate_fraction_per_year)
        yield "All below at a discount rate of", lambda _: Value(rate, "fraction")
    yield f"Beats {answer.baseline} in", _if_any(lambda o: o.against and o.against.beats.above, _share)
    if any(rivalry.beats.level.number for rivalry in rivals):
        yield "Worth exactly as much in", _if_any(lambda o: o.against and o.against.beats.level, _share)
    if any(rivalry.difference.below_certain is not None for rivalry in rivals):

        def lead(outcome: Outcome) -> Cell:
            certain = None if outcome.against is None else outcome.against.difference.certain
            return Text("") if outcome.against is None else Value(certain, "usd", tone=_tone(certain))

        yield "Ahead of it by, as compare says", lead
        yield _RANK_OF_LEAD, _if_any(lambda o: o.against and o.against.difference.below_certain, _share)
    yield "Ahead of it by, mean", of(lambda spread: spread.mean)
    yield "Ahead of it by, P10", of(lambda spread: spread.percentiles[10.0])
    yield "Ahead of it by, median", of(lambda spread: spread.percentiles[50.0])
    yield "Ahead of it by, P90", of(lambda spread: spread.percentiles[90.0])


def _best_rows(answer: Simulation) -> Iterator[tuple[str, _OfPlan]]:
    """How plans do beside the best one of each world."""
    if len(answer.outcomes.plans) > 1:
        yield "Worth most of all in", _if_any(lambda o: o.best, _share)
        yield "Behind the best by, mean", _if_any(lambda o: o.mean_regret, _amount)
        yield "Behind the best by, P90", _if_any(lambda o: o.high_regret, _amount)


def _cover_rows(answer: Simulation) -> Iterator[tuple[str, _OfPlan]]:
    """What a lender asks of plans with debt: nothing where there are none."""
    covers = [outcome.cover for outcome in answer.outcomes.plans if outcome.cover is not None]

    def of(cell: Callable[[Cover], Cell]) -> _OfPlan:
        return lambda outcome: Text("") if outcome.cover is None else cell(outcome.cover)

    def at(percent: float) -> _OfPlan:
        return of(lambda cover: cover.least_dscr.percentiles[percent].value("ratio"))

    if covers:
        yield "Least DSCR, as compare says", of(lambda cover: _certain(cover.least_dscr, "ratio"))
        yield "Least DSCR, P10", at(10.0)
        yield "Least DSCR, median", at(50.0)
    if any(cover.breach is not None for cover in covers):
        yield "Breaches a covenant in", _if_any(lambda o: o.cover and o.cover.breach, _share)
    if any(cover.breach is None for cover in covers):

        def below_one(outcome: Outcome) -> Estimate | None:
            return None if outcome.cover is None or outcome.cover.breach is not None else outcome.cover.below_one

        yield "Least DSCR below 1.00x in", _if_any(below_one, _share)


def _figure(answer: Simulation, name: str) -> Table:
    """Another figure of every plan."""
    plans, unit = answer.outcomes.plans, figure_unit(name)
    label = figure_label(name)
    columns = [Column("statistic", capital(label), "left")]
    columns += [Column(o.plan, o.plan, errors=True) for o in plans]

    def shown(estimate: Estimate) -> Cell:
        return estimate.value(unit)

    cells: list[tuple[str, _OfSpread]] = [
        ("Without uncertainty", lambda s: _certain(s, unit)),
        ("Mean", lambda s: shown(s.mean)),
    ]
    cells += [(f"P{percent:g}", _percentile(percent, shown)) for percent in PERCENTS]
    cells.append(("Worlds that have it", lambda s: Value(s.mean.paths, "count")))
    rows = [[Text(title), *(cell(o.others[name]) for o in plans)] for title, cell in cells]
    return Table("", columns, rows)


def _histogram(answer: Simulation) -> Iterator[Block]:
    counts = answer.outcomes.differences
    spreads = [o.npv if o.against is None else o.against.difference for o in answer.outcomes.plans]
    if counts is None or not any(spread.standard_deviation.number for spread in spreads):
        return
    shown = [answer.plan, *(name for name in counts.inside if name != answer.plan)][:_STRIPS]
    what = f"NPV less that of {answer.baseline}" if len(shown) > 1 else f"NPV of {answer.plan}"
    if len(shown) == 1 and answer.plan != answer.baseline:
        what += f" less that of {answer.baseline}"
    if answer.own_rates and answer.plan != answer.baseline:
        what += ", both at the scenario's rate"
    inside = {name: counts.inside[name] for name in shown}
    yield histogram(f"{what}, share of worlds", counts._replace(inside=inside), "usd")


_FANS = {
    BTC_PRICE: ("BTC price", "usd"),
    HASH_PRICE: ("Hash price", "usd_per_ph_per_day"),
    CUMULATIVE: ("Cumulative net flow", "usd"),
}


def _fans(answer: Simulation) -> Iterator[Chart]:
    """Fans of the market, and of what the plan has brought more than the baseline so far."""
    alone = answer.plan == answer.baseline
    for fan in answer.fans:
        if fan.plan and not alone and not fan.less:
            continue
        label, unit = _FANS[fan.name]
        title = f"{label} of {fan.plan}" if fan.plan else label
        title += f" less that of {fan.less}" if fan.less else ""
        own = Series("without uncertainty", fan.certain.tolist())
        yield fan_chart(title, fan_labels(fan, answer), fan.percentiles, unit, others=[own])
