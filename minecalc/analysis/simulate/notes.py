"""What to know of a simulation: what is uncertain and whose word that is, what was left out, how it was drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from minecalc.analysis.labels import figure_label
from minecalc.analysis.simulate.answer import Answer
from minecalc.analysis.simulate.assumptions import Assumption, assumption_label, factor_label
from minecalc.document import Note, Value
from minecalc.simulation.relevance import Uncertain
from minecalc.uncertainty.factors import BtcPrice, HashPrice


def notes(answer: Answer) -> Iterator[Note]:
    """Paths without figures, what knowing would be worth, the mean, what is held fixed, and how it was drawn."""
    yield from _undefined(answer)
    yield assumed(answer.assumptions)
    perfect = answer.outcomes.perfect_information
    if perfect is not None:
        yield Note(("Knowing the world before choosing would be worth ", perfect.value("usd"), " on average."))
    yield from one_world(answer.world.uncertain)
    yield from _fixed(answer)
    yield Note(_drawn(answer))
    if answer.saved:
        yield Note(f"All {answer.paths:,} paths are in {answer.saved}.")


def precision(answer: Answer) -> Iterator[Note]:
    """Whether the tolerance that was asked for is met."""
    found = answer.precision
    if found is None:
        return
    share = "could not be told" if found.error is None else f"is {found.error:.2g}"
    error = f"The error of the mean NPV difference over its mean size {share}"
    if found.met:
        yield Note(f"{error}: --tolerance {found.tolerance:g} is met with {answer.paths:,} paths.")
    else:
        yield Note(f"{error}: --tolerance {found.tolerance:g} is not met after {answer.paths:,} paths.", "warning")


def assumed(assumptions: Sequence[Assumption]) -> Note:
    """A line for each factor: its numbers, each with the date and source of a default, or as given."""
    lines: dict[str, list[str | Value]] = {}
    for item in assumptions:
        title = "Correlations" if item.factor == "correlations" else factor_label(item.factor)
        line = lines.setdefault(title, [title])
        line += [": " if len(line) == 1 else "; ", f"{assumption_label(item)} ", _number(item)]
        line.append(" (given)" if item.given else f" ({', '.join(filter(None, (item.as_of, item.source)))})")
    if lines:
        text = "What is uncertain, each number given by the scenario or a default of this date and source:"
        return Note(text, bullets=list(lines.values()))
    return Note("Nothing is uncertain in this scenario: every world is the scenario as it stands.", "warning")


def _number(item: Assumption) -> str | Value:
    if not item.unit:
        return str(item.value)
    if item.unit in ("count", "ratio"):
        return f"{item.value:g}"
    return Value(float(item.value), item.unit)


def _undefined(answer: Answer) -> Iterator[Note]:
    """Paths that lack a figure, counted by reason."""
    missing: Counter[tuple[str, str]] = Counter()
    for outcome in answer.outcomes.plans:
        for name, spread in {"npv_usd": outcome.npv, **outcome.others}.items():
            for reason, count in spread.undefined.items():
                missing[f"{figure_label(name)} of {outcome.plan}", reason] += count
    if missing:
        told = [f"{what}: {count:,} ({reason})" for (what, reason), count in missing.items()]
        yield Note(f"Worlds of the {answer.paths:,} that lack a figure, and do not count for it:", "warning", told)


def one_world(uncertain: Uncertain) -> Iterator[Note]:
    """Why the mean over worlds differs from the scenario as it stands."""
    factors = uncertain.factors
    why = []
    for name, label in (("btc_price_usd", "BTC price"), ("hash_price_usd_per_ph_per_day", "hash price")):
        factor = factors.get(name)
        if isinstance(factor, BtcPrice | HashPrice):
            if factor.path_is == "median":
                why.append(
                    f"its {label} is the median of the simulated ones, whose mean lies above it (path_is: median)"
                )
            why.append("machines that earn less than their power shut off, so good worlds count for more than bad ones")
    one_way = [factor_label(name).lower() for name in ("delay_months", "capex_usd_per_critical_mw") if name in factors]
    if "tenant_default" in factors:
        one_way.append("defaults of tenants")
    if one_way:
        why.append(f"{' and '.join(one_way)} mostly go one way")
    if why:
        yield Note("The scenario as it stands is one world, not the average of all:", bullets=[f"{w}." for w in why])


def _fixed(answer: Answer) -> Iterator[Note]:
    if answer.fixed:
        names = ", ".join(factor_label(name) for name in answer.fixed)
        yield Note(f"Held as the scenario has them: {names}.")
    yield from stops_chosen(answer.world.stops_fixed)
    yield from stops_assumed(answer.world.stops_assumed)


def stops_chosen(dates: Mapping[str, str]) -> Iterator[Note]:
    """The date of each fleet with ``stops: best``, by where it runs."""
    if dates:
        stops = ", ".join(f"{path} {month}" for path, month in dates.items())
        yield Note(f"stops: best is one date for all worlds, that which is best on average: {stops}.")


def stops_assumed(months: Mapping[str, int]) -> Iterator[Note]:
    """What shuts fleets whose ``stops`` nobody has given: a world in which mining does not pay would have them wait."""
    if months:
        assumed = next(iter(months.values()))
        yield Note(
            f"A fleet without a stops shuts for good, and is sold, after {assumed} months in a row that do not pay for "
            f"its power; type never to keep it: {', '.join(months)}. The figures without uncertainty do not have this."
        )


def _drawn(answer: Answer) -> str:
    sampler = answer.world.sampler
    text = f"{answer.paths:,} {sampler.draws} paths, seed {sampler.seed}; every plan meets the same worlds."
    return f"{text} Courses over time are of {answer.study_paths:,} of them; with more --paths they are of more."
