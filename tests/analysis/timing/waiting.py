"""Small scenarios whose conversion may wait, and what is said of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from minecalc.analysis.timing.answer import Asked, TimingNumbers, answered
from minecalc.analysis.timing.dated import Dated
from minecalc.analysis.timing.problems import Simulated
from minecalc.analysis.timing.project import Project, project
from minecalc.loading import Reading, read_bytes
from minecalc.scenario import Scenario

#: A mine whose machines never stop, and a lease that is built in no time: both worth as much as is easily said.
LEASE = """
name: Waiting
start: 2027-01
months: 60
discount_rate_fraction_per_year: 0.1
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.0}
market: {hash_price_usd_per_ph_per_day: 50}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 18}
  lease:
    kind: colocation
    opex_fraction_of_rent: 0
    rent_usd_per_kw_per_month: 115
    conversion: {starts: 2027-01, ready: 2027-01, capex_usd_per_critical_mw: 1, meanwhile: mine}
uncertainty:
  hash_price_usd_per_ph_per_day: {volatility_fraction_per_year: 0.6, half_life_months: null, path_is: mean}
  others: fixed
"""

#: Two leases in turn, of which the second takes the rent of a market that moves.
PHASES = """
name: Phases
start: 2027-01
months: 72
site: {gross_mw: 20, electricity_price_usd_per_kwh: 0.03}
market: {hash_price_usd_per_ph_per_day: 38}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 1, efficiency_j_per_th: 18, life_months: 72}
  halls:
    uses:
      north: {kind: colocation, opex_fraction_of_rent: 0, gross_mw: 10, rent_usd_per_kw_per_month: 100,
          tenant_pays_power: true,
        conversion: {starts: 2027-03, ready: 2027-06, capex_usd_per_critical_mw: 1_000_000, meanwhile: mine}}
      south: {kind: colocation, opex_fraction_of_rent: 0, gross_mw: 10, rent_usd_per_kw_per_month: 80,
          tenant_pays_power: true,
        conversion: {starts: 2027-09, ready: 2027-12, capex_usd_per_critical_mw: 2_000_000, meanwhile: mine}}
"""

#: The same in a world where nothing is uncertain.
CERTAIN = PHASES + "uncertainty: {others: fixed}\n"

#: New machines in place of those of the mine, which pay for a while and again later, and stop at their best.
ANEW = (
    LEASE.split("  lease:")[0].replace(
        "per_day: 50", "per_day: {steps: {2027-01: 50, 2028-06: 1, 2029-01: 50, 2030-06: 1}}"
    )
    + """
  anew: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 100_000,
      hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 15, machine_price_usd_per_th: 20, machine_resale_usd_per_th: 15,
      life_months: 36, stops: best, conversion: {starts: 2027-02, ready: 2027-02, meanwhile: mine}}
uncertainty: {others: fixed}
"""
)


def reading(text: str, *assignments: str) -> Reading:
    """The scenario in ``text``, without a problem."""
    found = read_bytes(text.encode(), "waiting.yaml", Path(), assignments)
    assert found.scenario is not None, found.diagnostics
    return found


def scenario(text: str, *assignments: str) -> Scenario:
    """What ``text`` says."""
    found = reading(text, *assignments).scenario
    assert found is not None
    return found


def waiting(text: str, plan: str, *assignments: str, every: int = 12, until: int = 24) -> Project:
    """The conversion of ``plan`` in ``text``."""
    return project(scenario(text, *assignments), plan, every, until)


@cache
def answer(
    text: str,
    plan: str,
    *assignments: str,
    every: int = 12,
    until: int = 24,
    paths: int = 2048,
    seed: int = 1,
    back: float | None = None,
) -> TimingNumbers:
    """What is said of it."""
    asked = Asked(waiting(text, plan, *assignments, every=every, until=until), paths, seed, back)
    dated = asked.dated
    found = answered(asked, map(dated.block, range(2 * asked.blocks)))
    assert found is not None
    return found


def simulated(asked: Asked) -> Simulated:
    """The first paths of what is asked."""
    dated: Dated = asked.dated
    return Simulated.of(dated, [dated.block(number) for number in range(asked.blocks)], asked.paths)[0]


def number(value: float | None) -> float:
    """A number that is there."""
    assert value is not None
    return value
