"""Returns against published cases, identities, and pyxirr."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray, accumulate
from minecalc.finance.returns import (
    Missing,
    discount_factors,
    irr,
    mirr,
    moic,
    npv,
    payback,
    peak_funding,
)

Case = dict[str, Any]

ORACLE = Path(__file__).parent.parent / "oracles" / "irr-npv.json"
CASES: list[Case] = json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]
#: Loan and depreciation functions, which returns of flows do not need.
NOT_RETURNS = {"pmt", "cumipmt", "cumprinc", "ipmt", "ppmt", "rate", "pv", "effect", "sln", "ddb"}
#: The case that describes its flows in words.
IN_WORDS: dict[str, Case] = {
    "npv-monthly-equivalence": {"cashflows": [-1000.0] + [100.0] * 12, "rate": 0.10, "per_year": 12}
}


def _scalar(values: FloatArray) -> float:
    assert values.shape == (1,)
    return float(values[0])


def _discounted(case: Case) -> FloatArray:
    """Its flows at the value of point 0, of which the figures take the payback and the multiple."""
    flows = np.array(case["cashflows"])[:, None]
    return flows * discount_factors(case["rate"], len(flows), 1)


ANSWERS: dict[str, Callable[[Case], float | None]] = {
    "npv_t0": lambda i: _scalar(npv(i["cashflows"], i["rate"], i.get("per_year", 1))),
    "npv_excel": lambda i: _scalar(npv([0, *i["cashflows"]], i["rate"], 1)),
    "mirr": lambda i: mirr(i["cashflows"], i["finance_rate"], i["reinvest_rate"], 1).number(),
    "payback": lambda i: payback(i["cashflows"]).number(),
    "discounted_payback": lambda i: payback(_discounted(i)).number(),
    "profitability_index": lambda i: moic(_discounted(i)).number(),
}


def _cases(*functions: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["fn"] in functions]


def test_every_oracle_case_is_run_or_named() -> None:
    assert {case["fn"] for case in CASES} == {"irr", *ANSWERS} | NOT_RETURNS


@pytest.mark.parametrize("case", _cases(*ANSWERS))
def test_oracle(case: Case) -> None:
    inputs = {case["id"]: case["inputs"], **IN_WORDS}[case["id"]]
    answer = ANSWERS[case["fn"]](inputs)
    if case["expected"].get("kind") == "none":
        assert answer is None
    else:
        assert answer == pytest.approx(case["expected"]["value"], rel=0, abs=case["tolerance"]["abs"])


@pytest.mark.parametrize("case", _cases("irr"))
def test_irr_oracle(case: Case) -> None:
    """The oracle lists roots down to -100%; minecalc looks from -99%, end included, to 1,000%."""
    expected, tolerance = case["expected"], case["tolerance"]["abs"]
    within = [root for root in expected["roots"] if -0.99 - tolerance <= root <= 10 + tolerance]
    result = irr(case["inputs"]["cashflows"], 1)
    assert result.roots() == pytest.approx(within, rel=0, abs=tolerance)
    if len(within) == 1:
        assert result.number() == pytest.approx(expected.get("preferred", within[0]), rel=0, abs=tolerance)
        assert result.reason() is None
    else:
        assert result.number() is None
        assert result.reason()


def test_the_oracle_root_outside_the_range_is_the_only_one() -> None:
    roots = [root for case in CASES if case["fn"] == "irr" for root in case["expected"]["roots"]]
    assert [root for root in roots if not -0.99 <= root <= 10] == [-0.9997912604283283]


def test_monthly_flows_give_an_annual_rate() -> None:
    [case] = [case for case in CASES if case["id"] == "irr-monthly-360"]
    assert irr(case["inputs"]["cashflows"], 12).number() == pytest.approx(
        case["expected"]["annual_effective"], rel=0, abs=1e-9
    )


@pytest.mark.parametrize(
    ("flows", "reason", "roots"),
    [
        ([0.0, 0.0], Missing.ALL_ZERO, 0),
        ([-1.0, -2.0], Missing.NO_SIGN_CHANGE, 0),
        ([3.0], Missing.NO_SIGN_CHANGE, 0),
        ([100.0, -110.0], Missing.BORROWING, 1),
        ([0.0, 100.0, -230.0, 132.0], Missing.SEVERAL_ROOTS, 2),
        ([-1.0, 200.0], Missing.NO_ROOT, 0),
        ([-1000.0, 3000.0, -2500.0], Missing.NO_ROOT, 0),
        ([-100.0, 230.0, -132.0], Missing.SEVERAL_ROOTS, 2),
        ([-1.0, 30.0, -30.0], Missing.RISING, 1),  # the other rate is 2,794%
    ],
)
def test_flows_without_an_irr_say_why(flows: list[float], reason: Missing, roots: int) -> None:
    result = irr(flows, 1)
    assert (result.number(), result.reason(), len(result.roots())) == (None, reason, roots)
    assert not result.known[0]


def test_a_double_root_is_one_rate() -> None:
    result = irr([-100.0, 220.0, -121.0], 1)
    assert result.number() == pytest.approx(0.10, rel=0, abs=1e-7)
    assert len(result.roots()) == 1


def test_rounding_is_not_an_inflow() -> None:
    assert irr([1e-9, -1e8, 1.2e8], 1).number() == pytest.approx(0.2, rel=0, abs=1e-12)
    assert moic([1e8, -1e-9]).reason() == Missing.NOTHING_PUT_IN


@pytest.mark.parametrize(
    ("flows", "periods", "reason"),
    [
        ([-100.0, 50.0, 50.0, 0.0], 2.0, None),
        ([-0.9] + [0.1] * 9, 9.0, None),
        ([-100.0, 150.0, -100.0, 200.0], 2.25, None),
        ([-100.0, 150.0, -100.0], None, Missing.NEVER_PAID_BACK),
        ([-100.0], None, Missing.NEVER_PAID_BACK),
        ([100.0, -50.0, 20.0], 0.0, None),
        ([1e9, -1e-9], None, Missing.NOTHING_PUT_IN),
        ([0.0, 0.0], None, Missing.NOTHING_PUT_IN),
    ],
)
def test_payback_is_where_the_total_stays_above_zero(
    flows: list[float], periods: float | None, reason: Missing | None
) -> None:
    result = payback(flows)
    assert result.number() == (None if periods is None else pytest.approx(periods, rel=1e-12))
    assert result.reason() == reason


def test_multiples_and_funding() -> None:
    flows = [-100.0, 30.0, -50.0, 300.0]
    assert moic(flows).number() == pytest.approx(330 / 150)
    assert peak_funding(flows).tolist() == [120.0]
    assert moic([1.0, 2.0]).reason() == Missing.NOTHING_PUT_IN
    assert peak_funding([1.0, 2.0]).tolist() == [0.0]
    assert mirr([1.0, 2.0], 0.1, 0.1).reason() == Missing.ONE_SIDED
    assert mirr([-1.0], 0.1, 0.1).reason() == Missing.ONE_SIDED


def test_rates_may_differ_by_case() -> None:
    rates = np.array([0.05, 0.10, 0.15])
    values = npv([-100.0, 60.0, 60.0], rates, 1)
    assert values == pytest.approx([-100 + 60 / (1 + r) + 60 / (1 + r) ** 2 for r in rates], rel=1e-13)
    assert discount_factors(rates, 3, 1).shape == (3, 3)
    assert discount_factors(0.1, 3, 1).shape == (3, 1)
    modified = mirr([-100.0, 60.0, 60.0], rates, 0.10, 1)
    assert modified.numbers == pytest.approx([np.sqrt(1.26) - 1] * 3, rel=1e-12)


@pytest.mark.parametrize("flows", [[], [[[1.0]]], [-1.0, float("nan")], [-1.0, float("inf")]])
def test_malformed_flows_are_refused(flows: list[Any]) -> None:
    for function in (irr, payback, moic, peak_funding):
        with pytest.raises(ValueError, match="flows"):
            function(flows)


def test_impossible_rates_are_refused() -> None:
    for rate in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="above -1"):
            npv([-1.0, 2.0], rate)


def test_no_cases_have_no_answers() -> None:
    nothing = irr(np.empty((5, 0)))
    assert nothing.numbers.shape == nothing.reason_codes.shape == (0,)
    assert nothing.every_root.shape == (0, 0)


amounts = st.floats(1.0, 1e9)
rates = st.floats(-0.5, 3.0)


@st.composite
def conventional(draw: st.DrawFn) -> list[float]:
    """Money in for some months, then money back: one change of sign, and a rate inside the range."""
    spent = draw(st.lists(amounts, min_size=1, max_size=6))
    earned = draw(st.lists(amounts, min_size=1, max_size=60))
    share = draw(st.floats(0.5, 3.0)) * sum(spent) / sum(earned)
    return [-x for x in spent] + [x * share for x in earned]


money = st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-3)
any_flows = st.lists(money, min_size=1, max_size=24)


@given(conventional())
def test_npv_at_the_irr_is_zero(flows: list[float]) -> None:
    result = irr(flows)
    rate = result.number()
    if rate is None:
        assert result.reason() == Missing.NO_ROOT
        assert min(npv(flows, -0.99)[0], -npv(flows, 10.0)[0]) < 0
    else:
        worth = np.abs(flows) * discount_factors(rate, len(flows))[:, 0]
        assert abs(npv(flows, rate)[0]) <= 1e-8 * np.abs(flows).sum() + 1e-12 * worth.sum()


@given(any_flows)
def test_npv_at_rate_zero_is_the_sum(flows: list[float]) -> None:
    assert npv(flows, 0.0)[0] == accumulate(np.array(flows)[:, None])[0]


@given(any_flows, any_flows, rates)
def test_npv_of_a_sum_is_the_sum_of_npvs(a: list[float], b: list[float], rate: float) -> None:
    length = min(len(a), len(b))
    first, second = np.array(a[:length]), np.array(b[:length])
    scale = (np.abs(first) + np.abs(second)) @ discount_factors(rate, length)[:, 0]
    assert abs(npv(first + second, rate)[0] - npv(first, rate)[0] - npv(second, rate)[0]) <= 1e-12 * scale


@given(any_flows, rates)
def test_a_period_later_is_a_period_of_discount(flows: list[float], rate: float) -> None:
    scale = np.abs(flows) @ discount_factors(rate, len(flows))[:, 0]
    later = npv([0.0, *flows], rate)[0] * (1 + rate) ** (1 / 12)
    assert abs(later - npv(flows, rate)[0]) <= 1e-12 * scale


@given(conventional())
def test_mirr_at_the_irr_is_the_irr(flows: list[float]) -> None:
    rate = irr(flows).number()
    if rate is not None:
        assert mirr(flows, rate, rate).number() == pytest.approx(rate, rel=1e-9, abs=1e-9)


@given(any_flows, st.integers(-30, 30))
def test_a_power_of_two_of_the_money_returns_the_same_to_the_bit(flows: list[float], power: int) -> None:
    scaled = [x * 2.0**power for x in flows]
    for function in (irr, payback, moic):
        before, after = function(flows), function(scaled)
        assert (after.number(), after.reason()) == (before.number(), before.reason())
    assert irr(scaled).roots() == irr(flows).roots()
    assert npv(scaled, 0.1)[0] == npv(flows, 0.1)[0] * 2.0**power


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=24))
def test_payback_by_its_definition(flows: list[int]) -> None:
    totals = [sum(flows[: k + 1]) for k in range(len(flows))]
    result = payback(flows)
    stays = [k for k in range(len(flows)) if all(total >= 0 for total in totals[k:])]
    if min(flows) >= 0:
        assert result.reason() == Missing.NOTHING_PUT_IN
    elif min(totals) >= 0:
        assert result.number() == 0.0
    elif not stays:
        assert result.reason() == Missing.NEVER_PAID_BACK
    else:
        before = stays[0] - 1
        assert result.number() == pytest.approx(before - totals[before] / flows[stays[0]], rel=1e-12)


@given(conventional(), st.integers(0, 12), st.integers(0, 40))
def test_zeros_before_and_after_change_nothing(flows: list[float], before: int, after: int) -> None:
    plain, padded = irr(flows), irr([0.0] * before + flows + [0.0] * after)
    assert padded.numbers == pytest.approx(plain.numbers, rel=1e-11, abs=1e-12, nan_ok=True)
    assert padded.reason() == plain.reason()


def test_irr_agrees_with_pyxirr() -> None:
    random = np.random.default_rng(20)
    flows = random.normal(10, 3, (121, 300)) ** 2
    flows[:13] = -random.uniform(50, 400, (13, 300))
    result = irr(flows)
    theirs = np.array([pyxirr.irr(column) for column in flows.T.tolist()], dtype=np.float64)
    assert result.known.all()
    assert result.numbers == pytest.approx((1 + theirs) ** 12 - 1, rel=0, abs=1e-10)
