"""The engine as a whole: published figures reproduced, plans put together from uses, and batches of site and market."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.arrays import FloatArray, accumulate
from minecalc.evaluate import PlanEvaluation, evaluate
from minecalc.loading import loads
from minecalc.metrics import annual, quantities
from minecalc.scenario import Scenario, vary

ORACLE = Path(__file__).parent / "oracles" / "published-cases.json"
CASES: list[dict[str, Any]] = json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]


def measures(plan: PlanEvaluation) -> dict[str, float]:
    """What published figures are compared with."""
    timeline = plan.engine.scenario.timeline
    rows = annual(plan)
    total = {name: sum(float(row[name][0]) for row in rows) for name in rows[0]}
    found = {name: figure.number() or 0.0 for name, figure in quantities(plan).items()}
    days, years = float(timeline.days.sum()), timeline.months / 12
    critical_mw, gpu_hours = found["critical_mw"] or 1.0, found["gpu_hours_sold"] or 1.0
    profit = total["revenue_usd"] + total["power_usd"] + total["opex_usd"]
    return {
        "btc_mined": found["btc_mined"],
        "btc_per_day": found["btc_mined"] / days,
        "mean_draw_mw": found["energy_mwh"] / (24 * days),
        "revenue_usd": total["revenue_usd"],
        "power_usd": total["power_usd"],
        "gross_profit_usd": profit,
        "gross_profit_usd_per_year": profit / years,
        "revenue_usd_per_day": total["revenue_usd"] / days,
        "revenue_usd_per_critical_mw_per_year": total["revenue_usd"] / critical_mw / years,
        "rent_usd_per_kw_per_month": total["revenue_usd"] / (critical_mw * 1000 * timeline.months),
        "usd_per_gpu_hour": total["revenue_usd"] / gpu_hours,
        "prepaid_in_year_1_usd": float(rows[0]["prepayment_usd"][0]),
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_published_figures(case: dict[str, Any]) -> None:
    given = dict(case["scenario"])
    site = {"gross_mw": 1000, "electricity_price_usd_per_kwh": given.pop("electricity_price_usd_per_kwh", 0)}
    data = {"name": case["name"], "site": site, "plans": {"it": given.pop("plan")}} | given
    computed = measures(evaluate(loads(json.dumps(data))).plans["it"])
    assert case["source"]
    assert case["working"]
    for wanted in case["expected"]:
        low, high = wanted["ratio"]
        assert low <= wanted["published"] / computed[wanted["measure"]] <= high, wanted["measure"]
