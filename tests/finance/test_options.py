"""Closed forms of options against published cases and their own limits."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.finance.options import exchange_value, perpetual_exchange, ratio_volatility

Case = dict[str, Any]

ORACLE = Path(__file__).parent.parent / "oracles" / "real-options.json"
CASES: list[Case] = json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]
#: What is compared here; the others are about simulated paths.
CLOSED_FORMS = {"bs", "margrabe", "perpetual_invest", "perpetual_exchange"}
ON_PATHS = {"american_put_lsm", "lsm_given_paths", "american_exchange", "entry_exit"}
PROCESSES = {"gbm", "gbm2", "ou", "schwartz_one_factor"}

worths = st.floats(0.1, 100.0)
payouts = st.floats(0.0, 0.3)
volatilities = st.floats(0.01, 1.5)


def _cases(function: str) -> list[Any]:
    return [pytest.param(case["inputs"], case["expected"], id=case["id"]) for case in CASES if case["fn"] == function]


def test_every_oracle_case_is_run_or_named() -> None:
    assert {case["fn"] for case in CASES} == CLOSED_FORMS | ON_PATHS | PROCESSES


@pytest.mark.parametrize(("inputs", "expected"), _cases("bs"))
def test_money_on_one_side_gives_black_and_scholes(inputs: Case, expected: Case) -> None:
    """Money pays out the rate of interest and has no volatility."""
    share, money = (inputs["S"], inputs["q"]), (inputs["K"], inputs["r"])
    (received, got), (paid, given_payout) = (share, money) if inputs["type"] == "call" else (money, share)
    value = exchange_value(
        received, paid, received_payout=got, given_payout=given_payout, volatility=inputs["sigma"], years=inputs["T"]
    )
    assert value == pytest.approx(expected["value"], rel=0, abs=1e-9)
    if "printed" in expected:
        assert value == pytest.approx(expected["printed"], rel=0, abs=5e-5)


@pytest.mark.parametrize(("inputs", "expected"), _cases("margrabe"))
def test_exchange(inputs: Case, expected: Case) -> None:
    volatility = ratio_volatility(inputs["sigma1"], inputs["sigma2"], inputs["rho"])
    first, second, years = (inputs["S1"], inputs["q1"]), (inputs["S2"], inputs["q2"]), inputs["T"]

    def value(received: tuple[float, float], paid: tuple[float, float]) -> float:
        return exchange_value(
            received[0], paid[0], received_payout=received[1], given_payout=paid[1], volatility=volatility, years=years
        )

    assert value(first, second) == pytest.approx(expected["value"], rel=0, abs=1e-9)
    if "printed" in expected:
        assert value(first, second) == pytest.approx(expected["printed"], rel=0, abs=1e-3)
    if "parity" in expected:
        assert value(second, first) == pytest.approx(expected["reverse_option"], rel=0, abs=1e-9)
        assert value(first, second) - value(second, first) == pytest.approx(expected["parity"], rel=0, abs=1e-9)


@pytest.mark.parametrize(("inputs", "expected"), _cases("perpetual_invest"))
def test_investing_a_fixed_sum(inputs: Case, expected: Case) -> None:
    """Oracle values are at V = I; without a payout the trigger is infinite, which is no number."""
    answer = perpetual_exchange(
        inputs["I"],
        inputs["I"],
        received_payout=inputs["delta"],
        given_payout=inputs["r"],
        volatility=ratio_volatility(inputs["sigma"], 0.0, 0.0),
    )
    if expected["trigger_over_cost"] is None:
        assert answer == (None, None, None)
    else:
        expected_answer = [expected[name] for name in ("beta", "trigger_over_cost", "option_value_at_V_eq_I")]
        assert [*answer] == pytest.approx(expected_answer, rel=0, abs=1e-9)


@pytest.mark.parametrize(("inputs", "expected"), _cases("perpetual_exchange"))
def test_perpetual_exchange(inputs: Case, expected: Case) -> None:
    volatility = ratio_volatility(inputs["sigma_v"], inputs["sigma_f"], inputs["rho"])
    assert volatility == pytest.approx(expected["sigma"], rel=0, abs=1e-9)
    answer = perpetual_exchange(
        inputs["V"],
        inputs["F"],
        received_payout=inputs["delta_v"],
        given_payout=inputs["delta_f"],
        volatility=volatility,
    )
    expected_answer = [expected["beta"], expected["trigger"], expected["option_value"]]
    assert [*answer] == pytest.approx(expected_answer, rel=0, abs=1e-9)


@given(worths, worths, payouts, payouts, volatilities, st.floats(0.0, 20.0))
def test_a_right_to_exchange_lies_between_its_bounds(
    received: float, paid: float, got: float, cost: float, volatility: float, years: float
) -> None:
    """Worth no less than the exchange agreed on today, nor than nothing, and no more than what is received."""

    def value(deviation: float) -> float:
        return exchange_value(received, paid, received_payout=got, given_payout=cost, volatility=deviation, years=years)

    later = received * math.exp(-got * years), paid * math.exp(-cost * years)
    rounding = 1e-12 * (received + paid)
    assert max(later[0] - later[1], 0.0) - rounding <= value(volatility) <= later[0] + rounding
    assert value(0.0) == pytest.approx(max(later[0] - later[1], 0.0), abs=rounding)
    assert value(volatility) <= value(1.1 * volatility) + rounding


@given(worths, worths, st.floats(0.01, 0.3), payouts, volatilities)
def test_a_perpetual_right_is_worth_more_than_using_it_now_until_its_trigger(
    received: float, paid: float, got: float, cost: float, volatility: float
) -> None:
    elasticity, trigger, value = perpetual_exchange(
        received, paid, received_payout=got, given_payout=cost, volatility=volatility
    )
    assert elasticity is not None
    assert trigger is not None
    assert value is not None
    assert elasticity > 1.0
    assert trigger > 1.0
    assert value >= max(received - paid, 0.0) * (1.0 - 1e-12)
    at_trigger = perpetual_exchange(trigger, 1.0, received_payout=got, given_payout=cost, volatility=volatility)
    assert at_trigger.value == pytest.approx(trigger - 1.0, rel=1e-9)
    just_below = perpetual_exchange(
        trigger * (1.0 - 1e-9), 1.0, received_payout=got, given_payout=cost, volatility=volatility
    )
    assert just_below.value == pytest.approx(trigger - 1.0, rel=0, abs=1e-8 * trigger)


@pytest.mark.parametrize("wrong", [{"received": 0.0}, {"given": -1.0}, {"volatility": -0.1}, {"years": -1.0}], ids=str)
def test_an_exchange_needs_worths_and_a_future(wrong: dict[str, float]) -> None:
    right = {
        "received": 1.0,
        "given": 1.0,
        "received_payout": 0.1,
        "given_payout": 0.1,
        "volatility": 0.3,
        "years": 1.0,
    }
    with pytest.raises(ValueError, match="must be above zero"):
        exchange_value(**{**right, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [{"received": 0.0}, {"given": -1.0}, {"volatility": 0.0}, {"given_payout": -0.1}],
    ids=str,
)
def test_a_perpetual_exchange_needs_worths_and_a_volatility(wrong: dict[str, float]) -> None:
    right = {"received": 1.0, "given": 1.0, "received_payout": 0.1, "given_payout": 0.1, "volatility": 0.3}
    with pytest.raises(ValueError, match="must be above zero"):
        perpetual_exchange(**{**right, **wrong})
