"""What to know of a value of waiting: what was assumed, what is looked at, how it was computed, how it was checked."""

from __future__ import annotations

from collections.abc import Iterator

from minecalc.analysis import outlook
from minecalc.analysis.assumptions import assumed, held, one_world
from minecalc.analysis.timing.answer import TimingNumbers
from minecalc.analysis.timing.project import DEBT, SITE_CHARGES, TAX, Project
from minecalc.analysis.timing.words import Words, state_label
from minecalc.corners import WORDS
from minecalc.document import Details, Note, Value
from minecalc.figures.labels import listed
from minecalc.simulation.stopping import fleets_at_best

#: What a decision does not know yet, by factor.
_LEARNT_LATER = {"delay_months": "delays", "capex_usd_per_critical_mw": "costs", "tenant_default": "defaults"}

#: Why what uses bring does not add up, by what is of all of them together.
_JOINED = {
    TAX: "a year's tax is of the whole plan",
    DEBT: "one deal pays for all phases",
    SITE_CHARGES: "the site's charges are of all that draws power there",
}


def notes(answer: TimingNumbers) -> Iterator[Note | Details]:
    """Paths that do not count, the way back, the check, what is assumed, what is uncertain, and how it was drawn."""
    if answer.undefined:
        told = [f"{count:,}: {reason}" for reason, count in answer.undefined.items()]
        yield Note("Simulated worlds that could not be computed, and do not count:", "warning", told)
    yield from _back(answer)
    yield from _closed(answer)
    yield Note("Waiting means:", bullets=list(_terms(answer)))
    yield assumed(answer.assumptions)
    now, never = answer.certain_usd
    words = ("Without uncertainty, to convert now is worth ", Value(now, "usd"), ", and never to ", Value(never, "usd"))
    yield Note([*words, "."])
    yield from outlook.notes(answer.outlook)
    yield from one_world(answer.scenario, answer.world.uncertain)
    until = "What runs until a conversion that waits has its best date up to each start."
    yield from held(answer.world, until)
    if any(fleets_at_best(use) for use in answer.project.uses):
        yield Note("A mine that a conversion builds has its best date from each start on: the one told is that of now.")
    yield Note(
        f"The rules were made on {answer.asked.paths:,} worlds and valued on {answer.paths:,} others, seed "
        f"{answer.asked.seed}."
    )


def _back(answer: TimingNumbers) -> Iterator[Note]:
    found, cost = answer.back, answer.asked.back_usd_per_mw
    if cost is not None and not answer.asked.goes_back:
        why = f"{_joined(answer.project)}, so what comes before it and what comes after it do not add up"
        yield Note(f"The way back is left out: {why}.", "warning")
    if found is None or cost is None:
        return
    words: Words = ["The way back to mining, at ", Value(cost, "usd"), " per gross MW, adds ", found.added.value("usd")]
    if not found.added.number:
        words += ["; the rule that was found to use it is worth ", found.rule_added.value("usd"), " over not using it"]
    used: Words = ["That rule converts in ", found.converts.value("fraction")]
    used += [" of worlds and goes back in ", found.returns.value("fraction"), "."]
    assumed_terms = (
        "Assumed: once, and for good, on any later date up to the end of the horizon; the cost buys machines of the "
        "age and kind that would stand there had mining never stopped; building cost is lost, the tenant may be left "
        "without a penalty, and no lease or GPUs are sold."
    )
    yield Note([*words, "."], bullets=[assumed_terms, used])


def _closed(answer: TimingNumbers) -> Iterator[Note]:
    """The closed forms beside the simulated option."""
    found = answer.closed
    if found.perpetual_usd is None or found.last_date_only_usd is None:
        yield Note(f"No closed form to check this with: {found.reason}.")
        return
    best = answer.whole.ways[answer.whole.best].over_never
    yield Note(
        (
            "Check: as an exchange of two lognormal worths, of what converting brings for what mining on would, "
            "converting is worth ",
            Value(found.last_date_only_usd, "usd"),
            " over never if it may be done on the last date alone (Margrabe), and ",
            Value(found.perpetual_usd, "usd"),
            " if at any time for ever (McDonald and Siegel); simulated ",
            best.value("usd"),
            ". That holds only if both grow and shrink as in the first months.",
        )
    )


def _joined(project: Project) -> str:
    """Why the worth of the plan is one, within a sentence."""
    return listed([_JOINED[reason] for reason in project.joined_by])


def _terms(answer: TimingNumbers) -> Iterator[str]:
    project = answer.project
    rate = float(project.scenario.discount_rate_fraction_per_year)
    own_rate = project.plan.inputs.discount_rate_fraction_per_year
    dates = f"every {project.every_months} months, {project.label(0)} to {project.label(project.delays[-1])}"
    last = project.scenario.timeline.label(project.scenario.months)
    yield (
        f"The conversion starts and is ready later by as many months: decided {dates}. Values by month keep their "
        f"months. The horizon stays {last}: what lies beyond it counts only as far as the plan has an exit value."
    )
    yield (
        f"All money is worth what the scenario's rate of {100.0 * rate:.4g}% makes it"
        + (", also this plan's, which has a rate of its own." if own_rate else ".")
    )
    if project.joined_by:
        yield (
            f"A date is worth what the whole plan is, {WORDS[project.corner]}, with its conversions then; never is "
            "worth what it is if what runs until then runs on."
        )
    if project.joined_by and len(project.phases) > 1:
        without = "" if SITE_CHARGES in project.joined_by else " (minecalc help timing tells how to ask without)"
        yield (
            f"All phases move together: {_joined(project)}, so what a date of one is worth hangs on those of the "
            f"others{without}."
        )
    financing = project.plan.inputs.financing
    if financing is not None:
        in_worlds = answer.world.scenario.plans[project.plan.name].inputs.financing
        if in_worlds is None or in_worlds.deal is None:
            yield "Each date closes a deal of its own."
        else:
            yield (
                "Debt is closed once, on the scenario as it stands: amounts and instalments are the same on every "
                "date, counted from the month in which all is ready."
            )
    for name, tranche in ({} if financing is None else financing.tranches).items():
        if tranche.maturity is not None:
            yield (
                f"{name} matures in {tranche.maturity} whenever the conversion starts: a later start leaves less time "
                "to repay in, and one that is ready only then owes all of it on the first date."
            )
    if project.assumed_meanwhile:
        yield f"Until it starts {project.assumed_meanwhile} runs: the plan names no meanwhile."
    if project.idle:
        names = ", ".join(project.idle)
        yield f"Nothing runs before {names}: no meanwhile is named, and the baseline has no machines free to mine."
    if project.signed_later:
        yield (
            "A lease takes the market's rent of the month of the decision, which now is the scenario's; a contract's "
            "value is read as such a rent."
        )
    looked = " and ".join(state_label(name) for name in answer.states) or "nothing, as nothing of the market varies"
    later = [word for factor, word in _LEARNT_LATER.items() if factor in answer.world.uncertain.factors]
    unknown = f"; {listed(later)} are not known then" if later else ""
    yield f"A rule looks at {looked} in the month before the decision{unknown}."
