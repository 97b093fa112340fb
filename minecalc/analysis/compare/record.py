"""What do the plans of a scenario earn? The record behind ``minecalc compare``: one mapping a scenario.

Its keys are the format that ``--format json`` prints (``minecalc.compare/1``). Money is signed, inflow positive; a
figure that does not exist is None with its reason under ``reasons``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from minecalc import checks, figures
from minecalc.analysis.compare import financing
from minecalc.analysis.compare.deciding import deciding_of_each
from minecalc.analysis.compare.headline import headline
from minecalc.analysis.compare.still_costs import still_costs_of_each
from minecalc.analysis.dark_fleets import dark_fleets, dark_fleets_of_each
from minecalc.analysis.records import tree
from minecalc.arrays import accumulate, of_case
from minecalc.engine import Evaluation, PlanEvaluation, evaluate
from minecalc.figures.labels import figure_label
from minecalc.loading import Reading
from minecalc.loading.origins import defaulted
from minecalc.looks import sentence
from minecalc.scenario import Scenario
from minecalc.scenario.stacking import stacks
from minecalc.solving.screen import BreakEven, break_evens_of_each

FORMAT = "minecalc.compare/1"

Record = dict[str, Any]

_GAIN = "npv_difference_at_scenario_rate_usd"
RATE = "incremental_irr_fraction_per_year"

#: The kinds of figures that are of a plan alone.
_OWN: tuple[figures.Of, ...] = ("plan", "quantity", "choice", "memo")

#: What a summary has of a plan: what ranks it.
BRIEF = {
    "metrics": ("npv_usd", "npv_at_scenario_rate_usd"),
    "vs_baseline": (
        "npv_difference_usd",
        _GAIN,
        "npv_difference_without_residual_at_scenario_rate_usd",
        "residual_share_of_npv_difference_at_scenario_rate_fraction",
    ),
}


def compare(scenario: Scenario, *, with_break_evens: bool = True) -> Record:
    """The record of one scenario of a single case; break-evens are most of the work.

    They are solved without ``with_break_evens`` too if a requirement names one.
    """
    return compare_each([scenario], with_break_evens=with_break_evens)[0]


def compare_each(scenarios: Sequence[Scenario], *, with_break_evens: bool = True) -> list[Record]:
    """The records of many scenarios, the same as one by one: those that differ in numbers only are one evaluation."""
    found: dict[int, Record] = {}
    for places, stacked in stacks(scenarios):
        several = [scenarios[place] for place in places]
        evaluation = evaluate(stacked)
        solve = with_break_evens or any(map(_required, several))
        solved = break_evens_of_each(evaluation, several) if solve else [{} for _ in several]
        measured = [_Measured(evaluation, plan) for plan in evaluation.plans.values()]
        told = [evaluation.best_of(scenario.headline_plans, case) for case, scenario in enumerate(several)]
        leads = [None if best is None else (best, evaluation.lead_usd(best, case)) for case, best in enumerate(told)]
        defaults = [defaulted(scenario) for scenario in several]
        decide = deciding_of_each(stacked, several, leads, defaults)
        stand_still = still_costs_of_each(evaluation, several, told)
        dark = dark_fleets_of_each(evaluation, range(len(several)))
        for case, (scenario, own) in enumerate(zip(several, solved, strict=True)):
            own = own if with_break_evens or _required(scenario) else {}
            record = {
                "name": scenario.name,
                "start": scenario.start,
                "months": scenario.months,
                "gross_mw": scenario.site.gross_mw,
                "baseline": scenario.baseline_plan.name,
                "headline": "",
                "headline_plan": told[case],
                "discount_rate_fraction_per_year": scenario.discount_rate_fraction_per_year,
                "defaulted": [item.record() for item in defaults[case]],
                "warnings": checks.warnings(scenario, evaluation if len(several) == 1 else None),
                "hash_price_usd_per_ph_per_day_by_year": checks.hash_price_by_year(scenario),
                "plans": [_plan(scenario, plan, own, case) for plan in measured],
                "deciding_defaults": decide[case],
                "machines_off": [one._asdict() for one in dark[case]],
                "costs_stand_still": stand_still[case],
            }
            record["headline"] = sentence(headline(record))
            found[places[case]] = record | {"requirements": _verdicts(scenario, record)}
    return [found[place] for place in range(len(scenarios))]


def _required(scenario: Scenario) -> bool:
    """Whether a requirement names a break-even."""
    if not scenario.require:
        return False
    from minecalc.analysis.requirements import needs_break_evens

    return needs_break_evens(scenario)


def _verdicts(scenario: Scenario, record: Record | None = None) -> list[Record]:
    """The verdicts on a scenario by its record, or without one by its own figures; no work if it requires nothing."""
    if not scenario.require:
        return []
    from minecalc.analysis.requirements import judged, verdicts

    return judged(scenario) if record is None else verdicts(scenario, record)


def summary(scenario: Scenario) -> Record:
    """What a league table shows of one scenario: the part of its record that ranks it, at half the cost.

    The incremental IRR is that of the plan that the headline is about; the others have none here.
    """
    evaluation = evaluate(scenario)
    baseline = evaluation.baseline.plan.name
    found = {name: _brief(evaluation, name) for name in evaluation.plans}
    told = evaluation.best_of(scenario.headline_plans)
    best = baseline if told is None else told
    rate = figures.against_baseline(evaluation, best, (RATE,))[RATE]
    if best != baseline:
        found[best]["vs_baseline"][RATE] = rate.number()
        found[best]["reasons"] = {RATE: rate.reason()} if rate.reason() else {}
    return {
        "name": scenario.name,
        "gross_mw": scenario.site.gross_mw,
        "discount_rate_fraction_per_year": scenario.discount_rate_fraction_per_year,
        "baseline": baseline,
        "headline_plan": told,
        "machines_off": [dark._asdict() for dark in dark_fleets(evaluation)],
        "warnings": checks.warnings(scenario, evaluation),
        "plans": list(found.values()),
        "requirements": _verdicts(scenario),
    }


def _brief(evaluation: Evaluation, name: str) -> Record:
    """What a summary has of a plan: its worth, and how much more that is than the baseline's."""
    own = figures.figures_of(evaluation.plans[name], BRIEF["metrics"])
    against = figures.against_baseline(evaluation, name, BRIEF["vs_baseline"])
    return {
        "name": name,
        "evidence": evaluation.plans[name].plan.inputs.evidence,
        **financing.brief(evaluation.plans[name]),
        "metrics": _numbers(own),
        "reasons": {},
        "vs_baseline": {**_numbers(against), RATE: None},
    }


def compare_readings(
    readings: Sequence[Reading], *, in_full: bool = True, with_break_evens: bool = True
) -> list[Record]:
    """The records of files that were read, or their summaries, with name and checksum. Each must hold a scenario."""
    scenarios = []
    for reading in readings:
        if reading.scenario is None:
            raise ValueError(f"{reading.file} holds no scenario")
        scenarios.append(reading.scenario)
    records = compare_each(scenarios, with_break_evens=with_break_evens) if in_full else map(summary, scenarios)
    return [{**reading.identity, **record} for reading, record in zip(readings, records, strict=True)]


class _Measured:
    """A plan with its figures in every case, measured once: its own, by kind, and what it adds to the baseline."""

    def __init__(self, evaluation: Evaluation, plan: PlanEvaluation) -> None:
        self.evaluation, self.plan = evaluation, plan
        self.kinds = [figures.figures_of(plan, figures.names_of(kind)) for kind in _OWN]
        self.against = figures.against_baseline(evaluation, plan.plan.name)
        years = figures.annual(plan)
        self.annual = [{name: (values + 0.0).tolist() for name, values in year.items()} for year in years]
        self.at_the_end = list(_at_the_end(plan))
        self.debt = financing.Measured(plan)


def _plan(scenario: Scenario, measured: _Measured, solved: Mapping[str, Mapping[str, BreakEven]], case: int) -> Record:
    plan, evaluation, against = measured.plan, measured.evaluation, measured.against
    name = plan.plan.name
    own, physical, choice, memo = measured.kinds
    stop, no_stop = _best_stop(plan, case)
    numbers: Record = {}
    for figure, metric in own.items():
        numbers[figure] = metric.number(case)
        if figure == "irr_fraction_per_year":
            numbers["irr_roots"] = figures.irr_roots(plan, case)
    is_baseline = plan is evaluation.baseline
    stops = {**_reasons(choice, case), **({"best_stop": no_stop} if no_stop else {})}
    compared = _reasons(against, case)
    return {
        "name": name,
        "kinds": list(dict.fromkeys(use.kind for use in plan.plan.uses)),
        "evidence": plan.plan.inputs.evidence,
        "discount_rate_fraction_per_year": scenario.rate(scenario.plans[name]),
        **measured.debt.record(case),
        "metrics": {**numbers, **_numbers(choice, case), "best_stop": stop},
        "reasons": _reasons({**own, **physical, **memo}, case)
        | (stops | compared if is_baseline else compared | stops),
        "quantities": _numbers(physical, case),
        "memo": _numbers(memo, case),
        "worth_at_the_end": _worth_at_the_end(measured.at_the_end, case),
        "annual": [
            {"year": number, **{category: of_case(values, case) for category, values in year.items()}}
            for number, year in enumerate(measured.annual, start=1)
        ],
        "vs_baseline": {
            **_numbers(against, case),
            "incremental_irr_roots": [] if is_baseline else figures.incremental_irr_roots(evaluation, name, case),
            "break_evens": {path: _break_even(found) for path, found in solved.get(name, {}).items()},
        },
    }


def _at_the_end(plan: PlanEvaluation) -> Iterator[tuple[str, Sequence[float]]]:
    """What each of a plan's residual values is of, in words, and its present value at the scenario's rate, by case."""
    words = {name: what for use in plan.plan.uses for name, what in use.inputs.worth_at_the_end.items()}
    factors = plan.engine.discount(plan.engine.scenario.discount_rate_fraction_per_year)
    for line in plan.lines:
        if line.category == "residual":
            yield words.get(line.name, figure_label(line.name)), accumulate(line.usd * factors[1:]).tolist()


def _worth_at_the_end(values: Sequence[tuple[str, Sequence[float]]], case: int) -> list[Record]:
    """What a plan's residual values are of, each once, and their present value in one case."""
    sums: dict[str, float] = {}
    for what, usd in values:
        sums[what] = sums.get(what, 0.0) + of_case(usd, case)
    return [{"what": what, "npv_at_scenario_rate_usd": usd + 0.0} for what, usd in sums.items() if usd]


def _numbers(found: Mapping[str, figures.Metric], case: int = 0) -> Record:
    """The figures of one case, None where there is none."""
    return {name: metric.number(case) for name, metric in found.items()}


def _reasons(found: Mapping[str, figures.Metric], case: int) -> dict[str, str]:
    """Why figures of one case are missing, of those that are."""
    return {name: reason for name, metric in found.items() if (reason := metric.reason(case))}


def _break_even(found: BreakEven) -> Record:
    return {name: tree(value) for name, value in found._asdict().items() if name != "path"}


def _best_stop(plan: PlanEvaluation, case: int) -> tuple[str | None, str | None]:
    """When mining stops where that is worth most to the plan, at its own rate; or why the question does not arise."""
    if plan.at_best_stop is None:
        return None, figures.NOTHING_TO_STOP
    timeline = plan.engine.scenario.timeline
    stops = {use: int(of_case(month.tolist(), case)) for use, month in plan.at_best_stop[1].items()}
    named = {use: timeline.label(month) if month <= timeline.months else "never" for use, month in stops.items()}
    return next(iter(named.values())) if len(named) == 1 else "; ".join(f"{u}: {m}" for u, m in named.items()), None
