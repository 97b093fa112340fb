"""Small simulated scenarios for tests, and whole answers on them."""

from __future__ import annotations

from functools import cache

from minecalc.analysis.questions import unwatched
from minecalc.analysis.simulate.outcomes import Collected, collect
from minecalc.analysis.simulate.question import Simulation, simulate
from minecalc.analysis.simulate.run import Run
from minecalc.loading import loads
from minecalc.randomness.streams import Draws, Sampler
from minecalc.simulation.world import World
from minecalc.work.processes import Processes

#: Two plans, of which the lease depends on two drawn inputs alone, both in a straight line.
TWO = """
name: Two
months: 60
site: {gross_mw: 50, electricity_price_usd_per_kwh: 0.045}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 2.6, efficiency_j_per_th: 17}
  lease:
    kind: colocation
    rent_usd_per_kw_per_month: 130
    opex_fraction_of_rent: 0.15
    conversion: {starts: 2027-02, ready: 2027-05, capex_usd_per_critical_mw: 3000000}
"""

#: The same lease with a loan: level payments of six months each, and a covenant.
LENT = (
    TWO
    + """
    financing:
      default_dscr_ratio: 2.4
      tranches:
        loan: {share_of_cost_fraction: 0.6, rate_fraction_per_year: 0.08, repayment: level, term_months: 48}
"""
)

PATHS = 1024


def world(text: str = TWO, *assignments: str, seed: int = 1, draws: Draws = "independent") -> World:
    """The world of a scenario."""
    return World(loads(text, assignments), Sampler(seed, draws))


def collected(run: Run) -> Collected:
    """Every path of ``run``."""
    found = Collected(run.plans, run.figures, run.world.sampler.draws, run.beside)
    for _ in collect(run, found, Processes(1), unwatched):
        pass
    return found


@cache
def answer(
    *assignments: str,
    text: str = TWO,
    paths: int = PATHS,
    figures: tuple[str, ...] = (),
    plan: str | None = None,
    solve: str | None = None,
    tolerance: float | None = None,
) -> Simulation:
    """A whole answer."""
    return simulate(
        loads(text, assignments),
        paths=paths if tolerance is None else None,
        tolerance=tolerance,
        figures=figures,
        plan=plan,
        solve=solve,
        workers=1,
    )


#: What makes a block of factors and inputs certain, but for two inputs of the lease.
ONLY_LEASE = (
    "uncertainty={others: fixed, inputs: {"
    "plans.lease.opex_fraction_of_rent: {distribution: uniform, low: 0.1, high: 0.2}, "
    "plans.lease.conversion.capex_usd_per_critical_mw: {distribution: uniform, low: 2500000, high: 3500000}}}"
)
CERTAIN = "uncertainty={others: fixed}"
