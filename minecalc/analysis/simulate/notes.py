"""What to know of a simulation: what is uncertain and whose word that is, what was left out, how it was drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from minecalc.analysis import outlook
from minecalc.analysis.assumed import assumed, one_world, stops_assumed, stops_chosen
from minecalc.analysis.assumptions import factor_label
from minecalc.analysis.simulate.answer import SimulationNumbers
from minecalc.analysis.simulate.courses import STUDY_BLOCKS_MOST
from minecalc.document import Note
from minecalc.labels import figure_label
from minecalc.randomness.streams import BLOCK_PATHS


def notes(answer: SimulationNumbers) -> Iterator[Note]:
    """Paths without figures, what knowing would be worth, the mean, what is held fixed, and how it was drawn."""
    yield from _undefined(answer)
    yield assumed(answer.assumptions)
    perfect = answer.outcomes.perfect_information
    if perfect is not None and answer.assumptions:
        yield Note(("Knowing the world before choosing would be worth ", perfect.value("usd"), " on average."))
    yield from outlook.notes(answer.outlook)
    yield from one_world(answer.scenario, answer.world.uncertain)
    yield from _fixed(answer)
    yield Note(_drawn(answer))
    if answer.saved:
        yield Note(f"All {answer.paths:,} paths are in {answer.saved}.")


def precision(answer: SimulationNumbers) -> Iterator[Note]:
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


def _undefined(answer: SimulationNumbers) -> Iterator[Note]:
    """Paths that lack a figure, counted by reason."""
    missing: Counter[tuple[str, str]] = Counter()
    for outcome in answer.outcomes.plans:
        for name, spread in {"npv_usd": outcome.npv, **outcome.others}.items():
            for reason, count in spread.undefined.items():
                missing[f"{figure_label(name)} of {outcome.plan}", reason] += count
    if missing:
        told = [f"{what}: {count:,} ({reason})" for (what, reason), count in missing.items()]
        yield Note(f"Worlds of the {answer.paths:,} that lack a figure, and do not count for it:", "warning", told)


def _fixed(answer: SimulationNumbers) -> Iterator[Note]:
    if answer.fixed:
        names = ", ".join(factor_label(name) for name in answer.fixed)
        yield Note(f"Held as the scenario has them: {names}.")
    yield from stops_chosen(answer.world.stops_fixed)
    yield from stops_assumed(answer.world.stops_assumed)


def _drawn(answer: SimulationNumbers) -> str:
    sampler = answer.world.sampler
    text = f"{answer.paths:,} {sampler.draws} paths, seed {sampler.seed}; every plan meets the same worlds."
    if not answer.assumptions:
        return text
    those = (
        "of them" if sampler.draws == "independent" and answer.study_paths <= answer.paths else "drawn independently"
    )
    text += f" Courses over time are of {answer.study_paths:,} {those}"
    return text + (
        "; with more --paths they are of more." if answer.study_paths < STUDY_BLOCKS_MOST * BLOCK_PATHS else "."
    )
