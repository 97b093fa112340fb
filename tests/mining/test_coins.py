"""Coins that are kept, by hand: what they take of the month's cash, what they fetch, and what keeping them is worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc import checks, simulate
from minecalc.analysis.cashflow.statement import statement
from minecalc.analysis.compare.record import compare
from minecalc.analysis.diff.attribution import diff
from minecalc.analysis.explain.explanation import targets, trace_plans
from minecalc.arrays import FloatArray
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.engine.stated import Stated
from minecalc.figures import CATALOGUE
from minecalc.loading import ScenarioError, read_bytes
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.trace import plain
from tests.by_hand import CONVERSION, LEASE, MINER, SITE, Data, compared, line, run
from tests.trace.replaying import replay

RATE = 0.12
#: 50,000 USD, growing by half of what the plan is discounted at.
MARKET: Data = {
    "btc_price_usd": {"start": 50_000, "growth_fraction_per_year": RATE / 2},
    "network_hash_rate_eh_per_s": 500,
    "fee_btc_per_block": 0,
}
KEEPS = MINER | {"sells_fraction": 0.25, "pool_fee_fraction": 0.02}
SELLS = MINER | {"pool_fee_fraction": 0.02}


def mine(terms: Data, months: int = 12, **market: object) -> PlanEvaluation:
    return run(terms, months=months, market=MARKET | market)


def mined(plan: PlanEvaluation) -> FloatArray:
    values: FloatArray = plan.flows.quantities["btc_mined"][:, 0]
    return values


def prices(plan: PlanEvaluation) -> FloatArray:
    return np.broadcast_to(plan.engine.market.btc_price_usd, (plan.engine.months, 1))[:, 0]


def test_what_is_kept_is_revenue_but_no_cash_until_it_is_sold_at_the_price_of_the_last_month() -> None:
    kept, sold = mine(KEEPS), mine(SELLS)
    assert line(kept, "coins_kept_usd") == pytest.approx(-0.75 * mined(kept) * prices(kept))
    assert np.array_equal(kept.gross_profit_usd, sold.gross_profit_usd), "mining earns as much, sold or kept"
    held = 0.75 * np.cumsum(mined(kept))
    assert kept.flows.memo["btc_held"][:, 0] == pytest.approx(held)
    left = held[-1] * 50_000 * (1 + RATE / 2) ** (11 / 12)
    assert line(kept, "coins_residual_usd") == pytest.approx([0] * 11 + [left])
    assert kept.residual_usd[:, 0] == pytest.approx([0] * 11 + [left])
    assert CATALOGUE["btc_held"].measure(kept).number() == pytest.approx(held[-1])
    by_quarter = statement(kept, 3).row("btc_held")
    assert by_quarter.values == pytest.approx(held[2::3])
    assert by_quarter.total == pytest.approx(held[-1])


@pytest.mark.parametrize("growth", [-0.3, 0.0, 0.05, RATE, 0.3])
def test_keeping_coins_earns_the_growth_of_their_price_so_below_the_rate_it_loses_value(growth: float) -> None:
    """The incremental IRR of keeping is the growth of the price; at the rate itself nothing is won or lost."""
    price = {"start": 50_000, "growth_fraction_per_year": growth}
    found = compared({"sell": SELLS, "keep": KEEPS}, months=36, market=MARKET | {"btc_price_usd": price})
    lead = float(found.difference_npv_usd("keep")[0])
    scale = float(found.baseline.npv_usd[0])
    assert lead == pytest.approx(0.0, abs=1e-11 * scale) if growth == RATE else np.sign(lead) == np.sign(growth - RATE)
    assert found.incremental_rates("keep").numbers[0] == pytest.approx(growth, abs=1e-9)


def test_a_mine_that_sells_all_is_the_mine_without_the_key() -> None:
    whole, plain_mine = mine(SELLS | {"sells_fraction": 1}), mine(SELLS)
    assert np.array_equal(whole.net_usd, plain_mine.net_usd)


def test_a_treasury_sells_all_it_holds_in_a_month_and_keeps_on() -> None:
    kept = mine(KEEPS | {"treasury": {"sell_month": "2027-06"}})
    coins = 0.75 * mined(kept)
    sold = line(kept, "coins_sold_usd")
    assert sold == pytest.approx([0] * 5 + [np.sum(coins[:6]) * prices(kept)[5]] + [0] * 6)
    assert line(kept, "coins_residual_usd")[-1] == pytest.approx(np.sum(coins[6:]) * prices(kept)[-1])
    assert kept.flows.memo["btc_held"][5, 0] == pytest.approx(0.0, abs=1e-12)


def test_coins_are_sold_until_the_month_has_its_cash_or_there_are_none() -> None:
    """Opex of 3 M a month from April on is more than mining earns: the coins of three months pay it for a time."""
    opex = {"steps": {"2027-01": 0, "2027-04": 3_600_000}}
    terms = {"opex_usd_per_mw_per_year": opex, "treasury": {"sell_when_cash_below_usd": -50_000}}
    kept = mine(KEEPS | terms | {"sells_fraction": 0})
    price, coins = prices(kept), mined(kept)
    earned = kept.gross_profit_usd[:, 0] - coins * price
    held, sold = 0.0, []
    for k in range(12):
        held += coins[k]
        sold.append(min(held, max(0.0, -50_000 - earned[k]) / price[k]))
        held -= sold[-1]
    assert line(kept, "coins_sold_usd") == pytest.approx(np.array(sold) * price)
    assert kept.net_usd[1:5, 0] == pytest.approx([-50_000] * 4), "power alone asks for more than that"
    assert held == pytest.approx(0.0, abs=1e-9), "then there are none"
    assert kept.net_usd[11, 0] < -1_000_000


def test_the_best_stop_counts_coins_at_what_they_are_sold_for() -> None:
    """After the halving coins are worth less than their power, but for those that wait for a better price: by force."""
    price = {"steps": {"2027-01": 50_000, "2028-12": 100_000}}
    labels = [f"{2027 + k // 12}-{k % 12 + 1:02d}" for k in range(24)]
    found = []
    for keeps in ({}, {"sells_fraction": 0.3}, {"sells_fraction": 0.3, "treasury": {"sell_month": "2028-11"}}):
        terms = MINER | {"opex_usd_per_mw_per_year": 5e5, **keeps}

        def npv(stop: str, terms: Data = terms) -> float:
            plan = run(terms | {"stops": stop}, months=24, market=MARKET | {"btc_price_usd": price})
            return float(plan.npv_usd[0])

        found.append(max(["never", *reversed(labels)], key=npv))
        assert npv("best") == pytest.approx(npv(found[-1]), rel=1e-12)
    assert found == ["2028-05", "never", "2028-05"]


def test_coins_mined_until_a_conversion_are_held_to_the_horizon() -> None:
    lease = LEASE | {"gross_mw": 4, "conversion": CONVERSION | {"meanwhile": "mine"}}
    found = compared({"mine": KEEPS, "lease": lease}, months=12, market=MARKET).plans
    coins = 0.4 * 0.75 * mined(found["mine"])[:2]
    held = found["lease"].flows.memo["btc_held"][:, 0]
    assert held == pytest.approx([coins[0], *[coins.sum()] * 11])
    assert line(found["lease"], "coins_residual_usd")[-1] == pytest.approx(coins.sum() * prices(found["mine"])[-1])


def test_a_coin_is_taxed_when_it_is_mined_and_its_gain_when_it_is_sold() -> None:
    terms = KEEPS | {"sells_fraction": 0.5, "treasury": {"sell_month": "2028-03"}, "tax": {"rate_fraction": 0.2}}
    price = {"steps": {"2027-01": 50_000, "2028-01": 80_000}}
    plan = mine(terms, months=18, btc_price_usd=price)
    assert plan.taxes is not None
    tax = plan.taxes.plan
    profit = plan.gross_profit_usd[:, 0]
    coins = 0.5 * mined(plan)
    gains = [0.0, np.sum(coins[:12]) * 30_000]  # those of 2028 are sold at what they were worth
    assert tax.gains_usd[:, 0] == pytest.approx(gains, abs=1e-6)
    wanted = [0.2 * np.sum(profit[:12]), 0.2 * (np.sum(profit[12:]) + gains[1])]
    assert tax.tax_usd[:, 0] == pytest.approx(wanted)
    stated = Stated(plan)
    assert float(stated.largest_gap_ratio[0]) < 1e-9
    income = stated.statements.income
    assert float(income.disposal_gains_usd.sum()) == pytest.approx(gains[1])
    at_cost = stated.statements.balance.coins_usd[:, 0]
    assert at_cost[11] == pytest.approx(np.sum(coins[:12]) * 50_000)
    assert at_cost[-1] == pytest.approx(0.0, abs=1e-6)


def test_debt_is_paid_from_what_is_sold() -> None:
    tranche = {"share_of_cost_fraction": 0.5, "rate_fraction_per_year": 0.08, "repayment": "level", "term_months": 12}
    bought = {"machine_price_usd_per_th": 4, "financing": {"tranches": {"loan": tranche}}}
    found = compared({"sell": SELLS | bought, "keep": KEEPS | bought}, months=24, market=MARKET).plans
    sells, keeps = found["sell"].financed, found["keep"].financed
    assert sells is not None
    assert keeps is not None
    less = -np.array(line(found["keep"], "coins_kept_usd"))
    assert (sells.cfads_usd - keeps.cfads_usd)[1:, 0] == pytest.approx(less)


def test_a_column_of_cases_is_its_cases_and_explained_they_replay() -> None:
    treasury = {"sell_month": "2027-09", "sell_when_cash_below_usd": 100_000}
    scenario = mine(KEEPS | {"treasury": treasury}).engine.scenario
    name = next(iter(scenario.plans))
    shares = np.array([0.0, 0.6, 1.0])
    many = worth(scenario, name, shares)
    assert many == [worth(scenario, name, np.array([share]))[0] for share in shares]
    assert len(set(many)) == len(shares)
    evaluation = trace_plans(scenario)
    npv = targets(evaluation, name)["npv_usd"]
    assert replay([npv])[0] == pytest.approx(plain(npv), rel=1e-12)


def worth(scenario: Scenario, name: str, shares: FloatArray) -> list[float]:
    """The NPV of a plan at each share of coins sold."""
    varied = vary(scenario, {f"plans.{name}.sells_fraction": shares})
    return [float(usd) for usd in evaluate(varied).plans[name].npv_usd]


def test_paths_carry_the_price_of_coins_to_the_horizon() -> None:
    """Both mines see the same worlds: what is kept moves with the price of the last month, and so spreads wider."""
    plans = {"sell": SELLS, "keep": KEEPS | {"sells_fraction": 0}}
    scenario = compared(plans, months=24, market=MARKET).scenario
    data = simulate(scenario, paths=200, seed=1).data()
    sell, keep = (plan["figures"]["npv_usd"]["standard_deviation"]["estimate"] for plan in data["plans"])
    assert keep > 1.3 * sell


def test_coins_need_a_price_and_a_treasury_coins() -> None:
    with pytest.raises(ScenarioError, match="sells_fraction keeps coins, and market"):
        run(MINER | {"sells_fraction": 0.5})
    with pytest.raises(ScenarioError, match="treasury stands without sells_fraction"):
        mine(MINER | {"treasury": {"sell_month": "2027-03"}})
    with pytest.raises(ScenarioError, match="sells nothing"):
        mine(KEEPS | {"treasury": {}})
    late = mine(KEEPS | {"treasury": {"sell_month": "2029-03"}}).engine.scenario
    assert any("2029-03 lies outside the horizon: no coins are sold then" in text for text in checks.warnings(late))


def test_what_sets_apart_a_mine_that_keeps_coins_from_one_without_a_price_of_them_adds_up() -> None:
    """Some mixtures of the two keep coins that have no price, and sell them as they are mined."""
    common: dict[str, Any] = {"name": "x", "months": 12, "site": SITE}
    a = common | {"market": MARKET, "plans": {"mine": KEEPS}}
    b = common | {"market": {"hash_price_usd_per_ph_per_day": 40}, "plans": {"mine": SELLS}}
    record = diff(*(read_bytes(json.dumps(data).encode(), "", Path()) for data in (a, b)))
    (found,) = record["plans"]
    kept, sold = (run(data["plans"]["mine"], months=12, market=data["market"]) for data in (a, b))
    assert found["npv"]["a_usd"] == pytest.approx(float(kept.npv_usd[0]))
    assert found["npv"]["b_usd"] == pytest.approx(float(sold.npv_usd[0]))


def test_compare_tells_the_coins_held() -> None:
    memo = compare(mine(KEEPS).engine.scenario)["plans"][0]["memo"]
    assert memo["btc_held"] == pytest.approx(0.75 * np.sum(mined(mine(KEEPS))))
