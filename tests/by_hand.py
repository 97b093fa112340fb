"""A site on which a month can be worked out on paper.

One EH/s at 10 J/TH and PUE 1 draws the site's 10 MW; at 20 USD per PH/s and day it earns 20,000 USD a day, and at 0.05
USD per kWh its power costs 12,000. Five critical MW at 100 USD per kW and month pay 500,000 a month.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from minecalc.engine import Evaluation, PlanEvaluation, evaluate
from minecalc.loading import loads
from minecalc.scenario import Use

Data = dict[str, Any]

SITE: Data = {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}
MARKET: Data = {"hash_price_usd_per_ph_per_day": 20}
#: What is published of every use by kind, typed as none of it, so that a month can be worked out.
FREE: Data = {
    "bitcoin_mining": {"uptime_fraction": 1, "pool_fee_fraction": 0, "opex_usd_per_mw_per_year": 0},
    "colocation": {"opex_fraction_of_rent": 0},
    "gpu_cloud": {"opex_fraction_of_revenue": 0},
    "hosting": {"uptime_fraction": 1, "pool_fee_fraction": 0, "opex_usd_per_mw_per_year": 0},
}
MINER: Data = {
    "kind": "bitcoin_mining",
    "hash_rate_eh_per_s": 1,
    "efficiency_j_per_th": 10,
    "pue_ratio": 1,
    **FREE["bitcoin_mining"],
}
LEASE: Data = {
    "kind": "colocation",
    "critical_per_gross_fraction": 0.5,
    "rent_usd_per_kw_per_month": 100,
    **FREE["colocation"],
}
CLOUD: Data = {
    "kind": "gpu_cloud",
    "gpu_count": 1000,
    "kw_per_gpu": 2,
    "pue_ratio": 1.25,
    "capex_usd_per_gpu": 24_000,
    "lease_usd_per_gpu_hour": 2,
    **FREE["gpu_cloud"],
}
CONVERSION: Data = {"starts": "2027-03", "ready": "2027-05", "capex_usd_per_critical_mw": 1e6}
REVENUE_A_DAY, POWER_A_DAY = 20_000, 12_000
MARGIN_A_DAY = REVENUE_A_DAY - POWER_A_DAY
RENT_A_MONTH = 500_000
#: Days from January 2027 on; 2028 is a leap year.
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def free(plan: Data) -> Data:
    """``plan`` with no cost, no downtime and no building but what it states itself."""
    if "uses" in plan:
        return {**plan, "uses": {name: free(use) for name, use in plan["uses"].items()}}
    if "lease" in plan:  # which is published with its costs
        return plan
    found = {**FREE.get(plan["kind"], {}), **plan}
    if plan["kind"] in ("bitcoin_mining", "hosting"):
        return found
    if "conversion" not in plan:
        return {"capex_usd_per_critical_mw": 0, **found}
    return {**found, "conversion": {"capex_usd_per_critical_mw": 0, **plan["conversion"]}}


def freed(plans: Data) -> Data:
    """Every plan of ``plans`` made ``free``."""
    return {name: free(plan) for name, plan in plans.items()}


def compared(plans: Data, folder: Path | str = ".", **scenario: Any) -> Evaluation:
    """``plans`` at the site, evaluated from 2027-01 over 24 months unless ``scenario`` says otherwise.

    What they leave out costs nothing: see ``free``.
    """
    data = {"name": "by hand", "months": 24, "site": SITE, "market": MARKET, "plans": freed(plans)} | scenario
    return evaluate(loads(json.dumps(data), folder=folder))


def run(use: Data, **scenario: Any) -> PlanEvaluation:
    """One plan of one use at the site."""
    return compared({"it": use}, **scenario).plans["it"]


def terms(use: Use) -> Any:
    """The inputs of a use, as those of whatever business it is."""
    return use.inputs


def flows(plan: PlanEvaluation) -> list[float]:
    """Net money at points 0..T."""
    return [float(x) for x in plan.net_usd[:, 0]]


def line(plan: PlanEvaluation, name: str) -> list[float]:
    """One line by month 1..T; the sum of all lines of that name."""
    months = plan.engine.months
    found = [item.usd for item in plan.flows.lines if item.name == name]
    assert found, f"there is no line {name}"
    return [sum(float(usd[k if len(usd) > 1 else 0, 0]) for usd in found) for k in range(months)]


def points(months: int, **at: float) -> list[float]:
    """Zero at points 0..T but for those named ``p<number>``."""
    values = [0.0] * (months + 1)
    for name, value in at.items():
        values[int(name.removeprefix("p"))] = value
    return values
