"""The details of a simulation as people read them: break-evens, shares of the variance, and what to know of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from minecalc.analysis import outlook
from minecalc.analysis.assumptions import assumed, factor_label, held, one_world
from minecalc.analysis.simulate.confidence import Confident
from minecalc.analysis.simulate.fans import STUDY_BLOCKS_MOST
from minecalc.analysis.simulate.question import Simulation
from minecalc.analysis.simulate.run import LEAST_DSCR, NPV
from minecalc.document import Block, Cell, Column, Details, Note, Table, Text, Value
from minecalc.figures.labels import figure_label, input_label
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.simulation.monthly_paths import NETWORK, PRICE
from minecalc.units import unit_of

#: A break-even with a larger error, as a share of it, is not told.
_VAGUE = 0.5

#: A factor with a smaller share of the variance has no row of its own.
_SHARE_LEAST = 0.01


def break_evens(answer: Simulation) -> Iterator[Block]:
    """At which values of inputs the plan beats the baseline with the confidence asked for, and where it never does."""
    if not answer.break_evens:
        return
    found = [item for item in answer.break_evens if item.value is not None]
    columns = [Column("input", "Input", "left"), Column("present", "Now"), Column("needed", "Needed", "left")]
    columns.append(Column("value", "", errors=True))
    rows: list[list[Cell]] = []
    for item in found:
        unit = unit_of(item.movable.path) or "ratio"
        label, needed = Text(_label(answer, item)), Text("at least" if item.rises else "at most")
        rows.append([label, Value(item.movable.value, unit), needed, _value(item, unit)])
    title = f"{answer.plan} beats {answer.baseline} in {100.0 * answer.confidence:.4g}% of worlds at"
    if rows:
        caption = (
            "Each input moved alone, in every world alike, before the factors act on it; a value over time is scaled "
            "as a whole and stands for its first month. "
        )
        if any(item.movable.path in answer.world.uncertain.inputs for item in found):
            caption += "An input with a distribution of its own is certain there. "
        if answer.own_rates:
            caption += "Plans are compared at the scenario's rate. "
        if answer.world.stops_fixed:
            caption += "Stops stay at the dates below. "
        caption += f"On {found[0].paths:,} worlds."
        yield Table(title, columns, rows, caption=caption)
    several = [item for item in found if item.crossings > 1]
    if several:
        told = [f"{_label(answer, item)}: at {item.crossings} values, the nearest is shown" for item in several]
        yield Note("The probability comes to that more than once:", bullets=told)
    none = [item for item in answer.break_evens if item.value is None]
    if none:
        told = [f"{_label(answer, item)}: {item.reason}" for item in none]
        yield Note(f"{title} no value of:", bullets=told)


def _label(answer: Simulation, item: Confident) -> str:
    return input_label(item.movable.path, answer.plan)


def _value(item: Confident, unit: str) -> Value:
    """A break-even, unless the probability is so flat there that it could be anywhere."""
    value = item.value
    if value is None or value.error is None or value.error > _VAGUE * abs(value.number or 0.0):
        return Value(None, unit, f"the probability is too flat there for {item.paths:,} worlds to tell")
    return value.value(unit)


def explained(answer: Simulation) -> Iterator[Block]:
    """The Sobol indices of all factors that have a share."""
    found = answer.explained
    alone = answer.plan == answer.baseline
    what = f"NPV of {answer.plan}" if alone else f"NPV of {answer.plan} less that of {answer.baseline}"
    if answer.own_rates and not alone:
        what += ", both at the scenario's rate"
    if found.reason:
        yield Note(f"The variance of the {what} has no shares: {found.reason}.")
        return
    columns = [Column("factor", "Factor", "left"), Column("first", "Alone", errors=True)]
    columns.append(Column("total", "With the others", errors=True))
    rows: list[list[Cell]] = []
    small = []
    for share in found.shares:
        label = factor_label(share.name)
        if (share.total.high or 0.0) < _SHARE_LEAST:
            small.append(label)
        else:
            rows.append([Text(label), share.first.value("fraction"), share.total.value("fraction")])
    caption = (
        f"Sobol indices on {found.paths:,} worlds: the share of the variance that would go if the factor's path were "
        "known, and that would stay if it alone were not."
    )
    uncertain = answer.world.uncertain
    shared = ["what correlated factors share"] if uncertain.pairs or uncertain.bootstraps else []
    if {PRICE, NETWORK} <= uncertain.factors.keys():
        shared.append("what the network owes to the price")
    if shared:
        told = ", and ".join(shared) + ("," if len(shared) > 1 else "")
        first = "counts for the one that is named first under what is uncertain"
        caption += f" {told[0].upper()}{told[1:]} {first}."
    if small:
        caption += f" Below {_SHARE_LEAST:.0%}: {', '.join(small)}."
    yield Table(f"What explains the variance of the {what}", columns, rows, caption=caption)


def notes(answer: Simulation) -> Iterator[Note | Details]:
    """Paths without figures, what knowing would be worth, the mean, what is held fixed, and how it was drawn."""
    yield from _undefined(answer)
    yield assumed(answer.assumptions)
    perfect = answer.outcomes.perfect_information
    if perfect is not None and answer.assumptions:
        yield Note(("Knowing the world before choosing would be worth ", perfect.value("usd"), " on average."))
    yield from outlook.notes(answer.outlook)
    yield from one_world(answer.scenario, answer.world.uncertain)
    yield from held(answer.world)
    yield Note(_drawn(answer))
    if answer.saved:
        yield Note(f"All {answer.paths:,} paths are in {answer.saved}.")


def precision(answer: Simulation) -> Iterator[Note]:
    """Whether the tolerance that was asked for is met."""
    found = answer.precision
    if found is None:
        return
    of = answer.outcomes.of(answer.plan if found.plan is None else found.plan)
    what = "mean NPV" if of.against is None else f"mean lead over {answer.baseline}"
    if found.plan is not None:
        what += f" of {found.plan}"
    elif len(answer.outcomes.plans) > 2:
        what += ", of every plan,"
    error = f"The {what} {_known_to(found.error)} of itself (± one standard error)"
    if found.met:
        yield Note(f"{error}: --tolerance {found.tolerance:g} is met with {answer.paths:,} paths.")
    else:
        yield Note(f"{error}: --tolerance {found.tolerance:g} is not met after {answer.paths:,} paths.", "warning")


def _known_to(error: float | None) -> str:
    return "is not known to any share" if error is None else f"is known to {error:.2g}"


def _undefined(answer: Simulation) -> Iterator[Note]:
    """Paths that lack a figure, counted by reason."""
    missing: Counter[tuple[str, str]] = Counter()
    for outcome in answer.outcomes.plans:
        covers = {} if outcome.cover is None else {LEAST_DSCR: outcome.cover.least_dscr}
        for name, spread in {NPV: outcome.npv, **outcome.others, **covers}.items():
            for reason, count in spread.undefined.items():
                missing[f"{figure_label(name)} of {outcome.plan}", reason] += count
    if missing:
        told = [f"{what}: {count:,} ({reason})" for (what, reason), count in missing.items()]
        yield Note(f"Worlds of the {answer.paths:,} that lack a figure, and do not count for it:", "warning", told)


def _drawn(answer: Simulation) -> str:
    sampler = answer.world.sampler
    text = f"{answer.paths:,} {sampler.draws} paths, seed {sampler.seed}; every plan meets the same worlds."
    if not answer.assumptions:
        return text
    those = (
        "of them" if sampler.draws == "independent" and answer.study_paths <= answer.paths else "drawn independently"
    )
    text += f" Percentiles over time are of {answer.study_paths:,} {those}"
    return text + (
        "; with more --paths they are of more." if answer.study_paths < STUDY_BLOCKS_MOST * BLOCK_PATHS else "."
    )
