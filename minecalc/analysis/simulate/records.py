"""A simulation as files have it: a tree for JSON, and a row for each statistic of each figure of each plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minecalc.analysis import assumptions, bridge, outlook
from minecalc.analysis.records import Entry, heading, rows, tree
from minecalc.analysis.simulate.bridges import Bridge
from minecalc.analysis.simulate.confidence import Confident
from minecalc.analysis.simulate.fans import CUMULATIVE, FAN, Fan
from minecalc.analysis.simulate.outcomes import TAIL_FRACTION, Cover, Outcome, Spread
from minecalc.analysis.simulate.question import Simulation
from minecalc.analysis.simulate.run import AT_SCENARIO_RATE, BREACHES, LEAST_DSCR, NPV
from minecalc.document import Table, Value
from minecalc.figures.labels import figure_unit
from minecalc.loading import reading_of
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.statistics.estimates import UNKNOWN, Estimate
from minecalc.units import unit_of

#: How often a plan is above, below and level with the baseline.
_BEATS = ("beats", "behind", "level")

#: By how much a plan is ahead of the baseline, each at its own rate and both at the scenario's.
OWN_GAP, GAP = "npv_difference_usd", "npv_difference_at_scenario_rate_usd"


def data(answer: Simulation) -> dict[str, Any]:
    """The whole answer as a tree, every number in full."""
    world, asked, counts, found = answer.world, answer.precision, answer.outcomes.differences, answer.explained
    figure = NPV if answer.plan == answer.baseline else GAP
    factors = [{"factor": share.name, "first_order": share.first, "total": share.total} for share in found.shares]
    fans = [_fan(fan, answer) for fan in answer.fans]
    rest: dict[str, Any] = tree(
        {
            "baseline": answer.baseline,
            "discount_rate_fraction_per_year": answer.scenario.discount_rate_fraction_per_year,
            "compared_by": figure,
            "plan": answer.plan,
            "paths": answer.paths,
            "block_paths": BLOCK_PATHS,
            "seed": world.sampler.seed,
            "draws": world.sampler.draws,
            "tolerance": asked and {"asked": asked.tolerance, "error": asked.error, "met": asked.met},
            "plans": [_plan(outcome, answer) for outcome in answer.outcomes.plans],
            "value_of_perfect_information_usd": answer.outcomes.perfect_information,
            "histogram": counts and {"figure": figure, "unit": "usd", **counts.data()},
            "break_evens": [_break_even(found, answer.plan) for found in answer.break_evens],
            "variance_of_difference": {
                "figure": figure,
                "plan": answer.plan,
                "paths": found.paths,
                "reason": found.reason or None,
                "factors": factors,
            },
            "horizon": outlook.data(answer.outlook),
            "fans": fans,
            "bridge_paths": answer.bridges[answer.plan].paths,
            "study_paths": answer.study_paths,
            **assumptions.data(world, answer.assumptions),
            "saved": answer.saved or None,
        }
    )
    return heading("simulate", reading_of(answer.scenario), answer.scenario) | rest


def _plan(outcome: Outcome, answer: Simulation) -> dict[str, Any]:
    against, scenario = outcome.against, answer.scenario
    return {
        "name": outcome.plan,
        "discount_rate_fraction_per_year": scenario.rate(scenario.plans[outcome.plan]),
        "figures": {name: _spread(spread) for name, spread in {NPV: outcome.npv, **outcome.others}.items()},
        "vs_baseline": against
        and {
            GAP: _spread(against.difference),
            OWN_GAP: _spread(against.at_own_rates),
            **dict(zip(_BEATS, against.beats, strict=True)),
        },
        "debt": outcome.cover and _cover(outcome.cover),
        "bridge": _bridge(answer.bridges[outcome.plan]),
        "best": outcome.best,
        "mean_regret_usd": outcome.mean_regret,
        "p90_regret_usd": outcome.high_regret,
    }


def _cover(cover: Cover) -> dict[str, Any]:
    return {
        LEAST_DSCR: _spread(cover.least_dscr),
        "probability_of_dscr_below_one": cover.below_one,
        "default_dscr_ratio": cover.default_ratio,
        "probability_of_breach": cover.breach,
    }


def _bridge(found: Bridge) -> list[dict[str, Any]]:
    """The steps of the plan's NPV, and of its lead over the baseline where it has one."""
    npvs, leads = bridge.data(found.npv, NPV), bridge.data(found.lead, GAP) or [{} for _ in found.npv]
    return [ours | lead for ours, lead in zip(npvs, leads, strict=True)]


def _spread(spread: Spread) -> dict[str, Any]:
    return {"without_uncertainty": spread.certain, **dict(_estimates(spread)), "undefined": spread.undefined}


def _estimates(spread: Spread) -> Iterator[tuple[str, Estimate]]:
    """The statistics of a figure by name."""
    yield "mean", spread.mean
    yield "standard_deviation", spread.standard_deviation
    for percent, estimate in spread.percentiles.items():
        yield f"p{percent:g}", estimate
    yield "probability_below_zero", spread.below_zero
    yield "probability_below_without_uncertainty", spread.below_certain or UNKNOWN
    yield f"expected_shortfall_worst_{TAIL_FRACTION * 100:g}_percent", spread.shortfall


def _break_even(found: Confident, plan: str) -> dict[str, Any]:
    low, present, high = found.shares
    return {
        "plan": plan,
        "figure": GAP,
        "path": found.movable.path,
        "confidence": found.confidence,
        "present": found.movable.value,
        "value": found.value or UNKNOWN._replace(paths=found.paths),
        "needed": None if found.value is None else "at least" if found.rises else "at most",
        "set": found.setting or None,
        "reason": found.reason or None,
        "low": found.movable.range[0],
        "high": found.movable.range[1],
        "probability_at_low": low,
        "probability_at_present": present,
        "probability_at_high": high,
        "crossings": found.crossings,
        "paths_by_turns_fraction": found.by_turns,
    }


def fan_labels(fan: Fan, answer: Simulation) -> list[str]:
    """The times of a fan: months, or the ends of months from the decision date on."""
    timeline = answer.scenario.timeline
    months = [timeline.label(number) for number in range(1, timeline.months + 1)]
    return ["start", *months] if fan.name == CUMULATIVE else months


def _fan(fan: Fan, answer: Simulation) -> dict[str, Any]:
    by_percent = sorted(zip(FAN, fan.percentiles, strict=True), key=lambda pair: pair[0])
    return {
        "name": fan.name,
        "plan": fan.plan or None,
        "less": fan.less or None,
        "times": fan_labels(fan, answer),
        "without_uncertainty": fan.certain.tolist(),
        "percentiles": {f"p{percent:g}": numbers for percent, numbers in by_percent},
    }


def flat(answer: Simulation) -> Table:
    """A row for each statistic: of which plan, of which figure, its estimate and interval, of how many paths."""
    return rows("", _rows(answer))


def _rows(answer: Simulation) -> Iterator[dict[str, Entry]]:
    for outcome in answer.outcomes.plans:
        plan, spreads = outcome.plan, {NPV: outcome.npv, **outcome.others}
        if outcome.cover is not None:
            spreads[LEAST_DSCR] = outcome.cover.least_dscr
            yield _row(plan, LEAST_DSCR, "probability_below_one", outcome.cover.below_one, "fraction")
            if outcome.cover.breach is not None:
                yield _row(plan, BREACHES, "probability_above_zero", outcome.cover.breach, "fraction")
        if outcome.against is not None:
            spreads |= {GAP: outcome.against.difference, OWN_GAP: outcome.against.at_own_rates}
            for name, share in zip(_BEATS, outcome.against.beats, strict=True):
                yield _row(plan, GAP, name, share, "fraction")
        for figure, spread in spreads.items():
            unit = figure_unit(figure)
            certain = Estimate(spread.certain, None, spread.certain, spread.certain, 0)
            yield _row(plan, figure, "without_uncertainty", certain, unit)
            for name, estimate in _estimates(spread):
                yield _row(plan, figure, name, estimate, "fraction" if "probability" in name else unit)
            for reason, count in spread.undefined.items():
                missing = Estimate(float(count), None, None, None, answer.paths)
                yield _row(plan, figure, "undefined_paths", missing, "count", reason)
        for name, regret in (("mean_regret", outcome.mean_regret), ("p90_regret", outcome.high_regret)):
            if regret is not None:
                yield _row(plan, AT_SCENARIO_RATE, name, regret, "usd")
        for figure, steps in ((NPV, answer.bridges[plan].npv), (GAP, answer.bridges[plan].lead)):
            for step in steps:
                yield _row(plan, figure, f"bridge_{step.name}", step.usd, "usd")
        if outcome.best is not None:
            yield _row(plan, AT_SCENARIO_RATE, "best", outcome.best, "fraction")
    if answer.outcomes.perfect_information is not None:
        yield _row("", AT_SCENARIO_RATE, "value_of_perfect_information", answer.outcomes.perfect_information, "usd")
    for found in answer.break_evens:
        value, path = (found.value or UNKNOWN)._replace(paths=found.paths), found.movable.path
        unit, name = unit_of(path) or "ratio", f"break_even_at_{found.confidence:g}"
        yield _row(answer.plan, path, name, value, unit, found.reason)
    for one in answer.explained.shares:
        yield _row(answer.plan, one.name, "first_order_share_of_variance", one.first, "fraction")
        yield _row(answer.plan, one.name, "total_share_of_variance", one.total, "fraction")


def _row(plan: str, figure: str, statistic: str, found: Estimate, unit: str, reason: str = "") -> dict[str, Entry]:
    estimate = Value(found.number, unit, error=found.error)
    ends: dict[str, Entry] = {"low": Value(found.low, unit), "high": Value(found.high, unit)}
    row: dict[str, Entry] = {"plan": plan, "figure": figure, "statistic": statistic, "estimate": estimate}
    return row | ends | {"paths": Value(found.paths, "count"), "reason": reason}
