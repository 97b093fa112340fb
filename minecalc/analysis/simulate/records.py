"""A simulation as files have it: a tree for JSON, and a row for each statistic of each figure of each plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minecalc.analysis import outlook
from minecalc.analysis.simulate.answer import SimulationNumbers
from minecalc.analysis.simulate.confidence import Confident
from minecalc.analysis.simulate.courses import CUMULATIVE, Course
from minecalc.analysis.simulate.outcomes import TAIL_FRACTION, Outcome, Spread
from minecalc.analysis.simulate.run import AT_SCENARIO_RATE, NPV
from minecalc.analysis.simulate.shapes import FAN
from minecalc.document import Cell, Column, Table, Text, Value
from minecalc.labels import figure_unit
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.statistics.estimates import UNKNOWN, Estimate
from minecalc.units import unit_of

FORMAT = "minecalc.simulate/1"

#: By how much a plan is ahead of the baseline, each at its own rate and both at the scenario's.
OWN_GAP, GAP = "npv_difference_usd", "npv_difference_at_scenario_rate_usd"


def data(answer: SimulationNumbers, version: str) -> dict[str, Any]:
    """The whole answer as a tree, every number in full."""
    world, precision, counts = answer.world, answer.precision, answer.outcomes.differences
    perfect = answer.outcomes.perfect_information
    figure = NPV if answer.plan == answer.baseline else GAP
    return {
        "format": FORMAT,
        "version": version,
        "file": answer.reading.file,
        "sha256": answer.reading.sha256,
        "name": answer.scenario.name,
        "baseline": answer.baseline,
        "discount_rate_fraction_per_year": answer.scenario.discount_rate_fraction_per_year,
        "compared_by": figure,
        "plan": answer.plan,
        "paths": answer.paths,
        "block_paths": BLOCK_PATHS,
        "seed": world.sampler.seed,
        "draws": world.sampler.draws,
        "tolerance": None
        if precision is None
        else {"asked": precision.tolerance, "error": precision.error, "met": precision.met},
        "plans": [_plan(outcome, answer) for outcome in answer.outcomes.plans],
        "value_of_perfect_information_usd": None if perfect is None else perfect.data(),
        "histogram": None if counts is None else {"figure": figure, "unit": "usd", **counts.data()},
        "break_evens": [_break_even(found, answer.plan) for found in answer.break_evens],
        "variance_of_difference": {
            "figure": figure,
            "plan": answer.plan,
            "paths": answer.explained.paths,
            "reason": answer.explained.reason or None,
            "factors": [
                {"factor": share.name, "first_order": share.first.data(), "total": share.total.data()}
                for share in answer.explained.shares
            ],
        },
        "horizon": outlook.data(answer.outlook),
        "courses": [_course(course, answer) for course in answer.courses],
        "study_paths": answer.study_paths,
        "assumptions": [item._asdict() | {"unit": item.unit or None} for item in answer.assumptions],
        "fixed_factors": list(answer.fixed),
        "stops_fixed": dict(world.stops_fixed),
        "stops_assumed": {path: {"unpaid_months": months} for path, months in world.stops_assumed.items()},
        "saved": answer.saved or None,
    }


def _plan(outcome: Outcome, answer: SimulationNumbers) -> dict[str, Any]:
    against, scenario = outcome.against, answer.scenario
    return {
        "name": outcome.plan,
        "discount_rate_fraction_per_year": scenario.rate(scenario.plans[outcome.plan]),
        "figures": {name: _spread(spread) for name, spread in {NPV: outcome.npv, **outcome.others}.items()},
        "vs_baseline": None
        if against is None
        else {
            GAP: _spread(against.difference),
            OWN_GAP: _spread(against.at_own_rates),
            "beats": against.beats.above.data(),
            "behind": against.beats.below.data(),
            "level": against.beats.level.data(),
        },
        "best": None if outcome.best is None else outcome.best.data(),
        "mean_regret_usd": None if outcome.mean_regret is None else outcome.mean_regret.data(),
        "p90_regret_usd": None if outcome.high_regret is None else outcome.high_regret.data(),
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "without_uncertainty": spread.certain,
        **{name: estimate.data() for name, estimate in _estimates(spread)},
        "undefined": dict(spread.undefined),
    }


def _estimates(spread: Spread) -> Iterator[tuple[str, Estimate]]:
    """The statistics of a figure by name."""
    yield "mean", spread.mean
    yield "standard_deviation", spread.standard_deviation
    for percent, estimate in spread.percentiles.items():
        yield f"p{percent:g}", estimate
    yield "probability_below_zero", spread.below_zero
    yield f"expected_shortfall_worst_{TAIL_FRACTION * 100:g}_percent", spread.shortfall


def _break_even(found: Confident, plan: str) -> dict[str, Any]:
    low, present, high = found.shares
    return {
        "plan": plan,
        "figure": GAP,
        "path": found.lever.path,
        "confidence": found.confidence,
        "present": found.lever.value,
        "value": (found.value or UNKNOWN._replace(paths=found.paths)).data(),
        "needed": None if found.value is None else "at least" if found.rises else "at most",
        "set": found.setting or None,
        "reason": found.reason or None,
        "low": found.lever.range[0],
        "high": found.lever.range[1],
        "probability_at_low": low,
        "probability_at_present": present,
        "probability_at_high": high,
        "crossings": found.crossings,
        "paths_by_turns_fraction": found.by_turns,
    }


def course_labels(course: Course, answer: SimulationNumbers) -> list[str]:
    """The times of a course: months, or the ends of months from the decision date on."""
    timeline = answer.scenario.timeline
    months = [timeline.label(number) for number in range(1, timeline.months + 1)]
    return ["start", *months] if course.name == CUMULATIVE else months


def _course(course: Course, answer: SimulationNumbers) -> dict[str, Any]:
    return {
        "name": course.name,
        "plan": course.plan or None,
        "less": course.less or None,
        "times": course_labels(course, answer),
        "without_uncertainty": course.certain.tolist(),
        "percentiles": {
            f"p{percent:g}": [None if number != number else number for number in row]
            for percent, row in sorted(zip(FAN, course.percentiles.tolist(), strict=True))
        },
    }


def flat(answer: SimulationNumbers) -> Table:
    """A row for each statistic: of which plan, of which figure, its estimate and interval, of how many paths."""
    columns = [Column("plan", "Plan", "left"), Column("figure", "Figure", "left")]
    columns += [Column("statistic", "Statistic", "left"), Column("estimate", "Estimate")]
    columns += [Column("low", "From"), Column("high", "To"), Column("paths", "Paths"), Column("reason", "", "left")]
    return Table("", columns, list(_rows(answer)))


def _rows(answer: SimulationNumbers) -> Iterator[list[Cell]]:
    for outcome in answer.outcomes.plans:
        spreads = {NPV: outcome.npv, **outcome.others}
        if outcome.against is not None:
            spreads |= {GAP: outcome.against.difference, OWN_GAP: outcome.against.at_own_rates}
            beats = outcome.against.beats
            for name, share in (("beats", beats.above), ("behind", beats.below), ("level", beats.level)):
                yield _row(outcome.plan, GAP, name, share, "fraction")
        for figure, spread in spreads.items():
            unit = figure_unit(figure)
            certain = Estimate(spread.certain, None, spread.certain, spread.certain, 0)
            yield _row(outcome.plan, figure, "without_uncertainty", certain, unit)
            for name, estimate in _estimates(spread):
                yield _row(outcome.plan, figure, name, estimate, "fraction" if "probability" in name else unit)
            for reason, count in spread.undefined.items():
                missing = Estimate(float(count), None, None, None, answer.paths)
                yield [*_row(outcome.plan, figure, "undefined_paths", missing, "count")[:-1], Text(reason)]
        for name, regret in (("mean_regret", outcome.mean_regret), ("p90_regret", outcome.high_regret)):
            if regret is not None:
                yield _row(outcome.plan, AT_SCENARIO_RATE, name, regret, "usd")
        if outcome.best is not None:
            yield _row(outcome.plan, AT_SCENARIO_RATE, "best", outcome.best, "fraction")
    if answer.outcomes.perfect_information is not None:
        yield _row("", AT_SCENARIO_RATE, "value_of_perfect_information", answer.outcomes.perfect_information, "usd")
    for found in answer.break_evens:
        value, path = (found.value or UNKNOWN)._replace(paths=found.paths), found.lever.path
        row = _row(answer.plan, path, f"break_even_at_{found.confidence:g}", value, unit_of(path) or "ratio")
        yield [*row[:-1], Text(found.reason)]
    for one in answer.explained.shares:
        yield _row(answer.plan, one.name, "first_order_share_of_variance", one.first, "fraction")
        yield _row(answer.plan, one.name, "total_share_of_variance", one.total, "fraction")


def _row(plan: str, figure: str, statistic: str, estimate: Estimate, unit: str) -> list[Cell]:
    return [
        Text(plan),
        Text(figure),
        Text(statistic),
        Value(estimate.number, unit, error=estimate.error),
        Value(estimate.low, unit),
        Value(estimate.high, unit),
        Value(estimate.paths, "count"),
        Text(""),
    ]
