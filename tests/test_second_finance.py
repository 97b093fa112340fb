"""Financing, tax and statements against the second, independent calculation in ``second_engine``.

Cases are the random scenarios of ``second_engine.random_financing``, each known by its seed. Both sides are nested
mappings of the same names; what the product has is compared, number by number.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minecalc.analysis.compare.record import compare
from minecalc.arrays import FloatArray, Number
from minecalc.deals.financed import Financed
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.engine.stated import Stated
from minecalc.loading import ScenarioError, loads
from tests.randomly import randomly
from tests.second_engine.corners import with_finance
from tests.second_engine.debt_terms import NotFinancedError
from tests.second_engine.engine import Scenario
from tests.second_engine.random_financing import random_scenario, without_finance, without_tax
from tests.test_second_engine import disagreements

ROOT = Path(__file__).parents[1]
RELATIVE = 1e-9
ROUNDING = 1e-12
PLAN = "convert"

TOLD = (
    "dscr_min_ratio",
    "dscr_average_ratio",
    "all_in_cost_fraction_per_year",
    "peak_equity_usd",
    "llcr_ratio",
    "plcr_ratio",
    "average_life_years",
)

Data = dict[str, Any]


def product(data: Data) -> Data:
    """What the product answers, under the second engine's names."""
    scenario = loads(json.dumps(data))
    plan = evaluate(scenario).plans[PLAN]
    record = compare(scenario, with_break_evens=False)
    told = next(one for one in record["plans"] if one["name"] == PLAN)
    corners = {
        name: {
            "net_usd": by_point(plan, corner.net_usd),
            "project_usd": by_point(plan, corner.project_usd),
            "rate_fraction_per_year": one(corner.rate_fraction_per_year),
            **told["corners"][name],
        }
        for name, corner in plan.corners.items()
    }
    return {
        "plan_usd": by_point(plan, plan.unlevered_usd),
        "project_usd": by_point(plan, plan.unlevered_project_usd),
        "corners": corners,
        "financing": financing(plan) | {name: told["financing"][name] for name in TOLD},
    }


def financing(plan: PlanEvaluation) -> Data:
    """What the product says of a plan's debt."""
    debt = plan.financed
    assert debt is not None
    paid = debt.waterfall
    uses = {kind: sum(by_point(plan, usd)) for kind, usd in debt.uses_usd.items()}
    tranches = {
        name: {
            "amount_usd": one(debt.amounts_usd[i]),
            "draws_usd": by_point(plan, flow.drawn_usd),
            "balance_usd": by_point(plan, flow.owed_usd),
            "instalments_usd": by_point(plan, flow.instalment_usd),
            "sweep_usd": by_point(plan, flow.sweep_usd),
            "lender_usd": by_point(plan, flow.lender_usd),
            "refinanced_usd": by_point(plan, debt.refinanced_usd.get(name, np.zeros((1, 1)))),
            "fees_usd": sum(by_point(plan, flow.upfront_fee_usd + flow.commitment_fee_usd)),
            "discount_usd": sum(by_point(plan, flow.discount_usd)),
            "all_in_cost_fraction_per_year": one(debt.cost_of(i)),
        }
        for i, (name, flow) in enumerate(zip(debt.tranches, debt.flows, strict=True))
    }
    found: Data = {
        "total_cost_usd": one(debt.closing.total_usd),
        "uses_usd": uses,
        "tranches": tranches,
        "lender_usd": by_point(plan, debt.lenders_usd),
        "cash_usd": by_point(plan, paid.cash_usd),
        "reserve_usd": by_point(plan, paid.reserve_usd),
        "reserve_income_usd": by_point(plan, paid.reserve_income_usd),
        "escrow_usd": [sum(at) for at in zip(*(by_point(plan, flow.escrow_usd) for flow in debt.flows), strict=True)],
        "residual_pays_usd": sum(by_point(plan, paid.from_residual_usd)),
        "events": {
            "shortfall_usd": by_point(plan, paid.shortfall_usd),
            "reserve_drawn_usd": by_point(plan, paid.reserve_drawn_usd),
            "refinancing_usd": by_point(plan, paid.refinancing_usd),
        },
    }
    return found


def by_point(plan: PlanEvaluation, values: FloatArray) -> list[float]:
    """The only case of an array over time, at points 0..T."""
    return [float(value) for value in np.broadcast_to(values, (plan.engine.months + 1, 1))[:, 0]]


def one(value: Number) -> float | None:
    """The only case of a figure; none where it does not exist."""
    number = float(np.ravel(value)[0])
    return None if np.isnan(number) else number


def second(data: Data) -> Data | None:
    """What the second engine answers; none where it finds no such financing."""
    try:
        found = with_finance(Scenario(data, ROOT), PLAN)
    except NotFinancedError:
        return None
    points = range(len(found["plan_usd"]))
    listed = {kind: [0.0 for _ in points] for kind in ("shortfall_usd", "reserve_drawn_usd", "refinancing_usd")}
    for kind, point, usd in found["financing"]["events"]:
        if f"{kind}_usd" in listed:
            listed[f"{kind}_usd"][point] += usd
    found["financing"]["events"] = listed
    return found


def differences(want: Any, ours: Any, scale_usd: float, where: str = "") -> Iterator[str]:
    """One line for each number of ``ours`` that is not the second engine's; USD may differ by rounding of the scale."""
    if isinstance(ours, dict):
        for name, value in ours.items():
            if name not in want:
                yield f"{where}{name}: the second engine has none"
            else:
                yield from differences(want[name], value, scale_usd, f"{where}{name}.")
    elif isinstance(ours, list | tuple):
        if len(want) != len(ours):
            yield f"{where} second {want}, product {ours}"
        else:
            for i, (theirs, value) in enumerate(zip(want, ours, strict=True)):
                yield from differences(theirs, value, scale_usd, f"{where}{i}.")
    elif isinstance(ours, str) or want is None or ours is None:
        if want != ours:
            yield f"{where} second {want}, product {ours}"
    elif not math.isclose(want, ours, rel_tol=RELATIVE, abs_tol=ROUNDING * (scale_usd if "usd" in where else 1.0)):
        yield f"{where} second {want}, product {ours}"


@randomly(30)
@given(st.integers(0, 10**6))
def test_random_financing(seed: int) -> None:
    data = without_tax(random_scenario(seed))
    want = second(data)
    if want is None:
        with pytest.raises(ScenarioError):
            product(data)
    else:
        scale_usd = sum(map(abs, want["plan_usd"])) + sum(map(abs, want["project_usd"])) + 1.0
        assert list(differences(want, product(data), scale_usd)) == []


def late_and_dear(data: Data, months: int) -> Data:
    """The same scenario with its conversions so many months late and a tenth dearer, and another fixed cost."""
    late = copy.deepcopy(data)
    late["site"]["fixed_cost_usd_per_year"] = 3e6
    plan = late["plans"][PLAN]
    for use in plan["uses"].values() if "uses" in plan else [plan]:
        if "conversion" in use:
            use["conversion"]["delay_months"] = use["conversion"].get("delay_months", 0) + months
            use["conversion"]["capex_usd_per_critical_mw"] *= 1.1
    return late


@pytest.mark.parametrize(("seed", "months"), [(33, 6), (47, 26), (73, 10), (3, 4), (5, 7), (8, 2), (12, 12)])
def test_a_deal_that_was_closed_before_the_build_was_late(seed: int, months: int) -> None:
    """Amounts and instalments stay; of the first three a sculpted loan goes beyond the horizon, and is owed there."""
    data = without_tax(random_scenario(seed))
    data["plans"][PLAN]["financing"].pop("dscr_after_tax", None)
    agreed, closed = second(data), evaluate(loads(json.dumps(data))).plans[PLAN].financed
    assert agreed is not None
    assert closed is not None
    late = late_and_dear(data, months)
    want = with_finance(Scenario(late, ROOT), PLAN, agreed["deal"])["financing"]
    late["plans"][PLAN].pop("financing")
    plan = evaluate(loads(json.dumps(late))).plans[PLAN]
    ready = plan.ready
    ours = Financed(closed.terms.with_deal(closed.deal), plan.engine.timeline, ready, plan.project_lines)
    cent = 1e-9 * want["total_cost_usd"]
    for name, flow in zip(ours.tranches, ours.flows, strict=True):
        theirs = want["tranches"][name]
        assert by_point(plan, flow.owed_usd) == pytest.approx(theirs["balance_usd"], abs=cent), name
        assert by_point(plan, flow.instalment_usd) == pytest.approx(theirs["instalments_usd"], abs=cent), name
        assert by_point(plan, flow.lender_usd) == pytest.approx(theirs["lender_usd"], abs=cent), name
    assert by_point(plan, ours.waterfall.cash_usd) == pytest.approx(want["cash_usd"], abs=cent)
    assert by_point(plan, ours.waterfall.reserve_usd) == pytest.approx(want["reserve_usd"], abs=cent)


@randomly(10)
@given(st.integers(0, 10**6))
def test_random_tax(seed: int) -> None:
    """What each corner leaves by point: the plan's and the project's flow, before and after debt and tax."""
    data = random_scenario(seed)
    want = second(data)
    assume(want is not None)
    assert want is not None
    corners = evaluate(loads(json.dumps(data))).plans[PLAN].corners
    scale_usd = sum(map(abs, want["plan_usd"])) + 1.0
    assert list(corners) == list(want["corners"])
    for name, corner in corners.items():
        for flow, values in (("net_usd", corner.net_usd), ("project_usd", corner.project_usd)):
            flows = [float(usd) for usd in values[:, 0]]
            assert flows == pytest.approx(want["corners"][name][flow], rel=RELATIVE, abs=10 * ROUNDING * scale_usd), (
                name
            )


@randomly(8)
@given(st.integers(0, 10**6))
def test_random_financing_without_its_finance(seed: int) -> None:
    data = without_finance(random_scenario(seed))
    assert disagreements(loads(json.dumps(data)), data, ROOT) == []


def test_differences_are_seen() -> None:
    want = {"a_usd": [1.0, None], "b": {"c_ratio": 2.0, "d": "x"}}
    assert list(differences(want, want, 1.0)) == []
    off = {"a_usd": [1.0 + 1e-8, 0.0], "b": {"c_ratio": 2.0 + 1e-8, "d": "y", "e": 1}}
    assert len(list(differences(want, off, 1.0))) == 5
    assert len(list(differences(want, {"a_usd": [1.0]}, 1.0))) == 1


def keeping_coins(data: Data, seed: int) -> Data:
    """The same scenario at a price of bitcoin, its mines keeping coins and selling them in one of three ways."""
    kept = copy.deepcopy(data)
    kept["market"] = {"btc_price_usd": {"start": 9e4, "growth_fraction_per_year": 0.04 * (seed % 5 - 2)}}
    ways: list[Data] = [{}, {"treasury": {"sell_month": "2030-03"}}, {"treasury": {"sell_when_cash_below_usd": 1e5}}]
    for number, plan in enumerate(kept["plans"].values()):
        for use in plan["uses"].values() if "uses" in plan else [plan]:
            if use["kind"] == "bitcoin_mining":
                use |= {"sells_fraction": 0.1 * (seed % 10)} | ways[(seed + number) % 3]
    return kept


@randomly(12)
@given(st.integers(0, 10**6))
def test_coins_that_are_kept_through_debt_tax_and_statements(seed: int) -> None:
    data = keeping_coins(random_scenario(seed), seed)
    want = second(data)
    assume(want is not None)
    assert want is not None
    plan = evaluate(loads(json.dumps(data))).plans[PLAN]
    scale_usd = sum(map(abs, want["plan_usd"])) + 1.0
    for name, corner in plan.corners.items():
        for flow, values in (("net_usd", corner.net_usd), ("project_usd", corner.project_usd)):
            flows = [float(usd) for usd in values[:, 0]]
            wanted = want["corners"][name][flow]
            assert flows == pytest.approx(wanted, rel=RELATIVE, abs=10 * ROUNDING * scale_usd), name
    stated = Stated(plan)
    held = np.broadcast_to(stated.statements.balance.coins_usd, (plan.engine.months, 1))[:, 0]
    assert held.tolist() == pytest.approx(want["statements"]["coins_usd"][1:], rel=RELATIVE, abs=1e-9 * scale_usd)
    assert float(stated.largest_gap_ratio[0]) < 1e-9
    assert max(want["statements"]["gaps_ratio"].values()) < 1e-9
