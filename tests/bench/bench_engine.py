"""Ten thousand cases of a scenario of three plans: against one case at a time, and against plain numpy arithmetic.

The textbook calculation below does the same work as the engine, written for this one scenario on whole
``(months, cases)`` arrays, without a scenario, checks, labels or choices. Run as a script.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.engine import Evaluation, evaluate, outcomes
from minecalc.loading import load
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.solving.screen import break_evens
from tests.bench.timing import in_turn

FILE = Path(__file__).with_name("three_plans.yaml")
CASES = 10_000
ALONE = 60
MINE, LEASE, CLOUD = "keep mining", "lease to an AI tenant", "rent out GPUs"
#: The inputs that vary, and their ranges.
RANGES = {
    "market.btc_price_usd.start": (30_000, 200_000),
    "market.network_hash_rate_eh_per_s.growth_fraction_per_year": (-0.1, 0.3),
    "site.electricity_price_usd_per_kwh": (0.02, 0.08),
    f'plans."{LEASE}".rent_usd_per_kw_per_month': (90, 180),
    f'plans."{CLOUD}".lease_usd_per_gpu_hour.start': (1.5, 4),
    f'plans."{CLOUD}".utilisation_fraction': (0.5, 1),
}
SLOWDOWN_MOST, SPEED_UP_LEAST, AGREEMENT = 1.6, 60.0, 1e-9


def columns(cases: int) -> dict[str, FloatArray]:
    """Random values of the inputs that vary, ``(cases,)`` each."""
    random = np.random.default_rng(7)
    return {path: random.uniform(low, high, cases) for path, (low, high) in RANGES.items()}


def npv_usd(evaluation: Evaluation) -> Mapping[str, FloatArray]:
    """What is asked of the engine: the NPV of each plan."""
    return {name: plan.npv_usd for name, plan in evaluation.plans.items()}


def batch(scenario: Scenario, given: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """All cases at once by the engine."""
    return outcomes(vary(scenario, given), npv_usd)


def one_at_a_time(scenario: Scenario, given: Mapping[str, FloatArray], cases: int) -> None:
    """The first ``cases`` by the engine, each on its own."""
    for case in range(cases):
        npv_usd(evaluate(vary(scenario, {path: float(column[case]) for path, column in given.items()})))


MONTHS, START = 120, 2027


def subsidy_btc() -> FloatArray:
    """Subsidy of a block, mean of each month from January 2027, ``(months, 1)``."""
    anchor = datetime(2026, 6, 13, 23, 11, tzinfo=UTC)
    mean = []
    for k in range(MONTHS):
        begin = datetime(START + k // 12, k % 12 + 1, 1, tzinfo=UTC)
        length = timedelta(days=calendar.monthrange(begin.year, begin.month)[1])
        parts = 0.0
        for era in range(5, 10):
            since, until = (anchor + timedelta(days=(210_000 * e - 953_568) / 144) for e in (era - 1, era))
            overlap = min(until, begin + length) - max(since, begin)
            parts += max(overlap / length, 0.0) * (5_000_000_000 >> (era - 1)) / 1e8
        mean.append(parts)
    return np.array(mean)[:, None]


def textbook(given: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """NPV of each plan, all cases and months at once."""
    btc_0, network_growth, power_price, rent_of_year_1, rate_0, utilisation = given.values()
    cases = btc_0.size
    k = np.arange(1.0, MONTHS + 1)[:, None]
    days = np.array([calendar.monthrange(START + m // 12, m % 12 + 1)[1] for m in range(MONTHS)], float)[:, None]
    hours = days * 24
    price = btc_0 * 1.05 ** ((k - 1) / 12)
    network = 969 * (1 + network_growth) ** ((k - 1) / 12)
    hash_price = 144 * (subsidy_btc() + 0.019) / (network * 1000) * price
    fixed = np.full((MONTHS, 1), -1e6 / 12)

    def npv(at_end: FloatArray, at_start: FloatArray, rate: float) -> FloatArray:
        flow = np.zeros((MONTHS + 1, cases))
        flow[1:] += at_end
        flow[:-1] += at_start
        worth: FloatArray = (flow * (1 + rate) ** (-np.arange(MONTHS + 1.0) / 12)[:, None]).sum(axis=0)
        return worth

    # mining: 2.6 EH/s, new machines after four and eight years, curtailed, everything sold in the end
    start_months, joules = (1, 49, 97), (18.0, 12.0, 12.0)
    efficiency = np.where(k >= 49, joules[1], joules[0])
    nameplate = 2.6 * efficiency * 1.05
    resale = 5 * 0.5 ** ((k - 1) / 12)
    revenue = hash_price * days * 0.95 * 2600
    pool_fee = revenue * -0.005
    power = hours * 0.95 * nameplate * -1000 * power_price
    runs = revenue + pool_fee + power > 0
    revenue, pool_fee, power = (np.where(runs, line, 0.0) for line in (revenue, pool_fee, power))
    opex = nameplate * (-92_000 / 12)
    new = 2.6e6 * 15
    bought, sold, left = (np.zeros((MONTHS, 1)) for _ in range(3))
    bought[[m - 1 for m in start_months[1:]]] = -new
    sold[48] = 2.6e6 * resale[48]
    sold[96] = new * resale[96] / resale[48]
    left[-1] = new * resale[-1] / resale[96]
    keep = npv(revenue + pool_fee + power + opex + left + fixed, bought + sold, 0.12)

    # until June 2027 the converted halls mine, and their machines are sold then
    until = k < 6
    until_end = (revenue + pool_fee + power + opex) * until
    until_start = np.zeros((MONTHS, 1))
    until_start[5] = 2.6e6 * resale[5]

    # a lease from June 2028, built over the year before, sold at the end
    since = k - 18
    let = since >= 0
    rent = rent_of_year_1 * 1.03 ** np.floor(np.maximum(since, 0) / 12) * let * 35_000
    costs = rent * -0.15
    building = np.where((k >= 6) & (k < 18), -350e6 / 12, 0.0)
    exit_value = np.zeros((MONTHS, cases))
    exit_value[-1] = (rent + costs)[-12:].sum(axis=0) / 0.07
    lease = npv(rent + costs + exit_value + until_end + fixed, building + until_start, 0.09)

    # GPUs from June 2028 for five years
    on = let & (since < 60)
    gpu_hours = 17_000 * hours * on
    sales = gpu_hours * 0.99 * utilisation * (rate_0 * 0.85 ** ((k - 1) / 12))
    gpu_power = hours * on * (17_000 * 1.7 / 1000 * 1.25) * -1000 * power_price
    gpu_costs = sales * -0.15
    gpu_building = np.where((k >= 6) & (k < 18), -289e6 / 12, 0.0)
    gpus, gpus_sold = np.zeros((MONTHS, 1)), np.zeros((MONTHS, 1))
    gpus[17] = -17_000 * 54_000
    gpus_sold[77] = 0.1 * 17_000 * 54_000
    cloud = npv(sales + gpu_power + gpu_costs + until_end + fixed, gpu_building + gpus + gpus_sold + until_start, 0.12)
    return {MINE: keep, LEASE: lease, CLOUD: cloud}


def largest_difference(ours: Mapping[str, FloatArray], theirs: Mapping[str, FloatArray]) -> float:
    """The largest difference of an NPV, relative to the plan's largest."""
    return max(float(np.max(np.abs(ours[name] - theirs[name])) / np.max(np.abs(theirs[name]))) for name in theirs)


def verdict(name: str, value: float, unit: str, bound: str, *, met: bool) -> None:
    """One line: what was measured, the bound, and whether it is met."""
    print(f"{name:58} {value:10.3g}{unit:3} {bound:16} {'met' if met else 'NOT MET'}")


def main() -> None:
    """Print each measurement beside its bound."""
    scenario, given = load(FILE), columns(CASES)
    difference = largest_difference(batch(scenario, given), textbook(given))
    verdict("difference from textbook numpy, relative", difference, "", "at most 1e-09", met=difference <= AGREEMENT)
    whole, plain, alone = in_turn(
        lambda: batch(scenario, given),
        lambda: textbook(given),
        lambda: one_at_a_time(scenario, given, ALONE),
        repeats=5,
    )
    alone *= CASES / ALONE
    verdict(
        "10,000 cases over textbook numpy",
        whole / plain,
        "x",
        f"at most {SLOWDOWN_MOST:g}",
        met=whole / plain <= SLOWDOWN_MOST,
    )
    verdict(
        "10,000 cases, faster than one at a time",
        alone / whole,
        "x",
        "at least 60",
        met=alone / whole >= SPEED_UP_LEAST,
    )
    evaluation = evaluate(scenario)
    solved, single = in_turn(lambda: break_evens(evaluation), lambda: npv_usd(evaluate(scenario)), repeats=5)
    found = sum(len(movables) for movables in break_evens(evaluation).values())
    print(f"{found} break-evens cost as much as {solved / single:.1f} evaluations of one case")
    print(f"one case alone {1e6 * alone / CASES:.0f} us, in the batch {1e6 * whole / CASES:.1f} us")


if __name__ == "__main__":
    main()
