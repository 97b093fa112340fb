"""Small sweeps of a scenario that can be computed in a moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minecalc.analysis.sweep.axes import checked, from_options
from minecalc.analysis.sweep.cases import Chunk, IntArray, Sweep
from minecalc.arrays import FloatArray
from minecalc.scenario import ScenarioText

MINE, LEASE = "mine", "a lease"
RENT, POWER = 'plans."a lease".rent_usd_per_kw_per_month', "site.electricity_price_usd_per_kwh"
PRICE = "market.btc_price_usd"
READY, TENANT = 'plans."a lease".conversion.ready', 'plans."a lease".tenant_pays_power'

TEXT = """
name: small
months: 24
site: {gross_mw: 12, electricity_price_usd_per_kwh: 0.05}
market: {btc_price_usd: {start: 60000, growth_fraction_per_year: 0.1}}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 1, efficiency_j_per_th: 10, pue_ratio: 1}
  a lease:
    kind: colocation
    opex_fraction_of_rent: 0
    critical_per_gross_fraction: 0.5
    rent_usd_per_kw_per_month: 100
    conversion: {starts: 2027-02, ready: 2027-05, capex_usd_per_critical_mw: 1e6, meanwhile: mine}
"""
SOURCE = ScenarioText("small.yaml", ".", TEXT.encode())
WORTH = ("npv_usd", "npv_difference_at_scenario_rate_usd")


def swept(
    *texts: str,
    zipped: bool = False,
    plans: Sequence[str] = (MINE, LEASE),
    metrics: Sequence[str] = WORTH,
    chunk_cases: int = 8,
    source: ScenarioText = SOURCE,
) -> Sweep:
    """The sweep of ``--vary`` texts."""
    axes = checked(source, from_options(texts), zipped=zipped)
    return Sweep(source, axes, zipped, tuple(plans), tuple(metrics), chunk_cases)


def computed(sweep: Sweep) -> Callable[[int], Chunk]:
    """All chunks of a sweep."""
    return [sweep.chunk(number) for number in range(sweep.chunks)].__getitem__


def figures(sweep: Sweep) -> FloatArray:
    """The figures of all cases, ``(cases, plans, metrics)``."""
    return np.concatenate([sweep.chunk(number).figures for number in range(sweep.chunks)])


def reasons(sweep: Sweep) -> list[str]:
    """The reasons of all cases, plans and figures in order, "" where there is a figure."""
    told: list[str] = []
    for number in range(sweep.chunks):
        chunk = sweep.chunk(number)
        told += [chunk.reasons[code - 1] if code else "" for code in chunk.codes.ravel().tolist()]
    return told


def cases(*numbers: int) -> IntArray:
    """Numbers of cases."""
    return np.array(numbers, dtype=np.intp)
