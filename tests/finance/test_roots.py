"""The root finder: no root missed, none invented, and the same bits in any batch."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray
from minecalc.finance import returns, roots
from minecalc.finance.returns import discount_factors, irr, mirr, moic, npv, payback, peak_funding
from minecalc.finance.roots import Search
from tests.randomly import randomly

Polynomial = list[Fraction]


def _value(polynomial: Polynomial, x: Fraction) -> Fraction:
    value = Fraction(0)
    for coefficient in reversed(polynomial):
        value = value * x + coefficient
    return value


def _trimmed(polynomial: Polynomial) -> Polynomial:
    while polynomial and polynomial[-1] == 0:
        polynomial = polynomial[:-1]
    return polynomial


def _remainder(a: Polynomial, b: Polynomial) -> Polynomial:
    while len(a) >= len(b):
        factor, shift = a[-1] / b[-1], len(a) - len(b)
        a = _trimmed([x - factor * b[k - shift] if k >= shift else x for k, x in enumerate(a)][:-1])
    return a


def _count_roots(flows: list[int], low: Fraction, high: Fraction) -> int:
    """Distinct real roots of ``sum(flow * v**k)`` for v in [low, high], exactly, by Sturm's theorem."""
    chain = [_trimmed([Fraction(x) for x in flows])]
    chain.append(_trimmed([k * x for k, x in enumerate(chain[0])][1:]))
    while chain[-1]:
        chain.append([-x for x in _remainder(chain[-2], chain[-1])])

    def changes(x: Fraction) -> int:
        values = [value for value in (_value(polynomial, x) for polynomial in chain[:-1]) if value]
        return sum((a > 0) != (b > 0) for a, b in pairwise(values))

    return changes(low) - changes(high) + (_value(chain[0], low) == 0)


def test_sturm_itself() -> None:
    low, high = Fraction(1, 11), Fraction(100)
    assert _count_roots([-100, 230, -132], low, high) == 2
    assert _count_roots([-100, 220, -121], low, high) == 1
    assert _count_roots([1000, -3000, 2500], low, high) == 0
    assert _count_roots([-100, 1], low, high) == 1


@randomly(300)
@given(st.lists(st.integers(-20, 20), min_size=2, max_size=9).filter(any))
def test_as_many_roots_as_sturm_counts(flows: list[int]) -> None:
    found = irr(flows, 1).roots()
    assert len(found) == _count_roots(flows, Fraction(1, 11), Fraction(100))
    for rate in found:
        size = np.abs(flows) * discount_factors(rate, len(flows), 1)[:, 0]
        assert abs(npv(flows, rate, 1)[0]) <= 1e-11 * size.sum()


@given(
    st.lists(st.integers(-8, 40), min_size=1, max_size=5, unique=True),
    st.lists(st.floats(0.1, 10.0), min_size=1, max_size=20),
)
def test_roots_put_in_are_roots_found(twentieths: list[int], others: list[float]) -> None:
    rates = sorted(k / 20 for k in twentieths)
    flows = np.array(others)
    for rate in rates:
        flows = np.convolve(flows, [-1.0, 1.0 + rate])
    assert irr(flows, 1).roots() == pytest.approx(rates, rel=0, abs=1e-5)


@pytest.mark.parametrize("apart", [1e-2, 1e-3, 1e-4, 1e-5])
def test_two_roots_close_together_are_two(apart: float) -> None:
    flows = np.convolve([-1.0, 1.1], [1.0, -1.1 - apart])
    assert irr(flows, 1).roots() == pytest.approx([0.1, 0.1 + apart], rel=0, abs=apart / 20)


@pytest.mark.parametrize("rate", [-0.3, 0.07, 0.1, 0.17, 1.3])
@pytest.mark.parametrize("times", [2, 3, 4])
def test_a_multiple_root_is_one(rate: float, times: int) -> None:
    flows = np.array([1.0, 3.0, 7.0])
    for _ in range(times):
        flows = np.convolve(flows, [-1.0, 1.0 + rate])
    assert irr(flows, 1).roots() == pytest.approx([rate], rel=0, abs=1e-4)


def test_roots_too_close_to_be_told_apart_are_one() -> None:
    flows = np.convolve(np.convolve([-1.0, 1.1], [1.0, -1.10001]), [1.0, -1.10002])
    assert irr(flows, 1).roots() == pytest.approx([0.10001], rel=0, abs=2e-5)


def test_a_near_miss_is_no_root() -> None:
    assert irr([-1.0, 2.2, -1.21 * (1 + 1e-11)], 1).roots() == ()
    assert len(irr([-1.0, 2.2, -1.21 * (1 - 1e-11)], 1).roots()) == 2


def _paid_twice_a_year() -> FloatArray:
    """Equity of taxed plans with debt: a build, then distributions each half year and tax each year after them."""
    random = np.random.default_rng(11)
    flows = np.zeros((241, 50))
    flows[3:15] = -random.uniform(8, 12, (12, 50))
    flows[20::6] = random.uniform(5, 20, (37, 50))
    flows[21:230:12] = -random.uniform(1, 8, (18, 50))
    return flows


def test_yearly_taxes_between_distributions_need_no_derivatives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "_several_roots", None)
    flows = _paid_twice_a_year()
    found = irr(flows)
    assert found.known.all()
    size = np.abs(flows) * discount_factors(found.numbers, len(flows))
    assert (np.abs(npv(flows, found.numbers)) <= 1e-12 * size.sum(axis=0)).all()


@pytest.mark.parametrize("kind", ["twice a year", "noise", "walk", "products"])
def test_halving_and_derivatives_find_the_same_roots(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    flows = _paid_twice_a_year() if kind == "twice a year" else random.normal(0, 1, (60, 200))
    if kind == "walk":
        flows = np.cumsum(flows, axis=0)
    if kind == "products":
        flows[:] = 0.0
        for case in range(flows.shape[1]):
            column = np.ones(1)
            for growth in random.uniform(0.9, 1.2, 1 + case % 6):
                column = np.convolve(column, [-1.0, growth])
            flows[: len(column), case] = column
    by_halving = irr(flows)
    monkeypatch.setattr(roots, "_HALVINGS", 1)
    by_derivatives = irr(flows)
    assert np.array_equal(by_halving.reason_codes, by_derivatives.reason_codes)
    assert by_halving.every_root == pytest.approx(by_derivatives.every_root, rel=1e-9, abs=1e-9, nan_ok=True)


def test_cases_with_different_numbers_of_roots_share_a_batch() -> None:
    rates = [[], [0.2], [0.1, 0.2], [0.1, 0.2, 0.3], [0.05, 0.2, 0.5, 1.0]]
    flows = np.zeros((7, len(rates)))
    for case, roots_in in enumerate(rates):
        column = np.array([1.0, -1.0, 2.0])
        for rate in roots_in:
            column = np.convolve(column, [-1.0, 1.0 + rate])
        flows[: len(column), case] = column
    result = irr(flows, 1)
    for case, roots_in in enumerate(rates):
        assert result.roots(case) == pytest.approx(roots_in, rel=0, abs=1e-9)


def test_roots_far_from_each_other_in_long_monthly_flows() -> None:
    every_forty_months = np.convolve(np.convolve([-1.0, 1.05], [1.0, -1.4]), [1.0, -6.0])
    flows = np.zeros(121)
    flows[::40] = every_forty_months
    rates = [growth ** (12 / 40) - 1 for growth in (1.05, 1.4, 6.0)]
    assert irr(flows).roots() == pytest.approx(rates, rel=1e-10)


@pytest.mark.parametrize("rate", [-0.99, -0.9, 0.0, 0.5, 10.0])
def test_the_ends_of_the_range_are_in_it(rate: float) -> None:
    flows = [-1.0] + [0.0] * 11 + [1.0 + rate]
    assert irr(flows).number() == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize("rate", [-0.9901, 10.001])
def test_a_rate_outside_the_range_is_not_found(rate: float) -> None:
    assert irr([-1.0, 1.0 + rate], 1).roots() == ()


def test_the_range_narrows_over_centuries() -> None:
    search = Search.over(1001, 1)
    assert (search.lowest, search.highest) == (-0.3, 0.3)
    assert irr([-1.0] + [0.03] * 5000, 1).number() == pytest.approx(0.03, rel=1e-12)


@pytest.fixture(scope="module")
def batch() -> FloatArray:
    """8,193 cases of every kind: one change of sign, several, many, borrowing, none, zero."""
    random = np.random.default_rng(7)
    flows = random.normal(10, 3, (121, 8193)) ** 2
    flows[:13] = -random.uniform(50, 400, (13, 8193))
    flows[60, 1::3] -= 3000
    flows[90, 1::6] -= 2000
    flows[:, 2::40] *= -1
    flows[:, 3::1000] = random.normal(0, 1, (121, 9))
    flows[0, 4::50] = 1e5
    flows[13:, 5::60] = 0
    flows[:, 6::70] = 0
    return flows


@pytest.mark.parametrize("width", [1, 2, 7])
def test_a_case_has_the_same_bits_in_any_batch(batch: FloatArray, width: int) -> None:
    rates = np.linspace(0.0, 0.3, batch.shape[1])
    whole_irr, whole_npv = irr(batch), npv(batch, rates)
    whole_mirr, whole_payback, whole_moic = mirr(batch, rates, 0.08), payback(batch), moic(batch)
    assert len(set(whole_irr.reason_codes.tolist())) >= 5
    assert len(whole_irr.every_root) >= 3
    for start in [*range(0, 70, width), 4094, 8193 - width]:
        part = slice(start, start + width)
        alone = irr(batch[:, part])
        pairs = [
            (alone, whole_irr),
            (mirr(batch[:, part], rates[part], 0.08), whole_mirr),
            (payback(batch[:, part]), whole_payback),
            (moic(batch[:, part]), whole_moic),
        ]
        for one, many in pairs:
            assert np.array_equal(one.numbers, many.numbers[part], equal_nan=True)
            assert np.array_equal(one.reason_codes, many.reason_codes[part])
        for case in range(width):
            assert alone.roots(case) == whole_irr.roots(start + case)
        assert np.array_equal(npv(batch[:, part], rates[part]), whole_npv[part])
        assert np.array_equal(peak_funding(batch[:, part]), peak_funding(batch)[part])


def test_the_size_of_chunks_does_not_matter(batch: FloatArray, monkeypatch: pytest.MonkeyPatch) -> None:
    flows = np.ascontiguousarray(batch[:, :1100])
    whole = irr(flows)
    monkeypatch.setattr(returns, "_CHUNK_COLUMNS", 37)
    monkeypatch.setattr(roots, "_HELD_NUMBERS", 1)
    pieces = irr(flows)
    assert np.array_equal(pieces.every_root, whole.every_root, equal_nan=True)
    assert np.array_equal(pieces.reason_codes, whole.reason_codes)


def test_one_rate_for_all_is_a_column_of_it(batch: FloatArray) -> None:
    assert np.array_equal(npv(batch, 0.1), npv(batch, np.full(batch.shape[1], 0.1)))
