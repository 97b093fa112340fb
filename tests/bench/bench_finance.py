"""Ten thousand cases of a plan with two tranches: against the same plan without debt and without tax.

Shares of the cost close by one division; a loan that is sized by its cash, with a reserve, takes a root. Tax
stands at the top of its file, for it decides only where every plan pays it. Measured are the NPV alone, which is the
hardest comparison, and every figure that a plan without debt has too, which is what a table of scenarios asks for. Run
as a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from minecalc.arrays import FloatArray
from minecalc.engine import Evaluation, outcomes
from minecalc.engine.stated import Stated
from minecalc.figures import CATALOGUE
from minecalc.loading import loads
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from tests.bench.timing import in_turn

FILE = Path(__file__).with_name("two_tranches.yaml")
CASES = 10_000
#: The inputs that vary, and their ranges.
RANGES = {
    "plans.lease.rent_usd_per_kw_per_month": (100, 200),
    "plans.lease.conversion.capex_usd_per_critical_mw": (6e6, 14e6),
    "site.electricity_price_usd_per_kwh": (0.02, 0.08),
}
SLOWDOWN_MOST = 3.0
Measure = Callable[[Evaluation], Mapping[str, FloatArray]]
WITHOUT, BY_SHARE, BY_CASH, TAXED, STATED = (
    "no debt",
    "two tranches by share",
    "two tranches by cash, a reserve",
    "by share, taxed",
    "by share, taxed, with statements",
)


def scenarios() -> Iterator[tuple[str, Scenario]]:
    """The file without debt and tax, with debt of two kinds, and as it is, each with all cases."""
    random = np.random.default_rng(7)
    columns = {path: random.uniform(low, high, CASES) for path, (low, high) in RANGES.items()}
    for name in (WITHOUT, BY_SHARE, BY_CASH, TAXED, STATED):
        data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        lease = data["plans"]["lease"]
        tax = lease.pop("tax")
        if name in (TAXED, STATED):
            data["tax"] = tax
        if name == WITHOUT:
            del lease["financing"]
        if name == BY_CASH:
            lease["financing"] |= {"reserve_months": 9, "reserve_yield_fraction_per_year": 0.02}
            lease["financing"]["tranches"]["senior notes"]["dscr_ratio"] = 1.4
        yield name, vary(loads(yaml.safe_dump(data)), columns)


def npv_usd(evaluation: Evaluation) -> Mapping[str, FloatArray]:
    """What is asked: the NPV of each plan, after debt and tax where it has them."""
    return {name: plan.npv_usd for name, plan in evaluation.plans.items()}


def every_figure(evaluation: Evaluation) -> Mapping[str, FloatArray]:
    """All figures that plans with and without debt have, of each plan."""
    return {
        f"{name} {plan}": figure.measure(*((evaluation, plan) if figure.of == "incremental" else (evaluated,))).numbers
        for name, figure in CATALOGUE.items()
        if figure.of not in ("corner", "debt")
        for plan, evaluated in evaluation.plans.items()
    }


def asked(name: str, scenario: Scenario, measure: Measure) -> Callable[[], object]:
    """What is measured of a scenario; where statements are asked for, also how well the three agree."""

    def with_statements(evaluation: Evaluation) -> Mapping[str, FloatArray]:
        return {**measure(evaluation), "gap": Stated(evaluation.plans["lease"]).largest_gap_ratio}

    return lambda: outcomes(scenario, with_statements if name == STATED else measure)


def main() -> None:
    """Print each measurement beside its bound."""
    given = dict(scenarios())
    for what, measure, repeats in (("", npv_usd, 5), ("every figure, ", every_figure, 3)):
        plain, *others = in_turn(*(asked(name, one, measure) for name, one in given.items()), repeats=repeats)
        for name, seconds in zip(list(given)[1:], others, strict=True):
            ratio = seconds / plain
            figure = f"{CASES:,} cases, {what}{name}, over no debt"
            verdict = "met" if ratio <= SLOWDOWN_MOST else "NOT MET"
            print(f"{figure:78} {ratio:6.2f} x  at most {SLOWDOWN_MOST:g}  {verdict}")
        print(f"without debt {1e6 * plain / CASES:.1f} us a case")


if __name__ == "__main__":
    main()
