"""What all cases say, against the same worked out from all figures at once."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.sweep.cases import Chunk
from minecalc.analysis.sweep.summary import figures_at, reason_at, summary
from tests.analysis.sweep.sweeping import LEASE, MINE, POWER, PRICE, RENT, cases, computed, figures, reasons, swept

METRICS = ("npv_usd", "npv_difference_usd", "payback_months")


@pytest.mark.parametrize("chunk_cases", [1, 7, 500])
def test_spreads_and_wins(chunk_cases: int) -> None:
    sweep = swept(f"{RENT}=40:120:9", f"{POWER}=0.03:0.08:11", metrics=METRICS, chunk_cases=chunk_cases)
    every, told = figures(sweep), np.array(reasons(sweep)).reshape(-1, 2, 3)
    found = summary(sweep, computed(sweep))
    for p, plan in enumerate((MINE, LEASE)):
        for m, metric in enumerate(METRICS):
            values, spread = every[:, p, m], found.spreads[plan, metric]
            known = values[~np.isnan(values)]
            whys = told[:, p, m].tolist()
            assert dict(spread.missing) == {why: whys.count(why) for why in set(whys) - {""}}
            if not known.size:
                assert (spread.low, spread.median, spread.high, spread.positive) == (None, None, None, 0)
                continue
            assert (spread.low, spread.high) == (known.min(), known.max())
            assert spread.median == np.median(known)
            assert values[spread.low_case] == spread.low
            assert values[spread.high_case] == spread.high
            assert spread.positive == np.count_nonzero(known > 0)
    best = every[:, :, 0].argmax(axis=1).tolist()
    assert found.wins == {MINE: best.count(0), LEASE: best.count(1)}
    assert set(best) == {0, 1}


def test_the_figures_of_the_test_have_every_kind_of_gap() -> None:
    sweep = swept(f"{RENT}=40:120:9", f"{POWER}=0.03:0.08:11", metrics=METRICS, chunk_cases=500)
    missing = {plan: summary(sweep, computed(sweep)).spreads[plan, "payback_months"].missing for plan in (MINE, LEASE)}
    assert sum(missing[MINE].values()) == sweep.cases
    assert 0 < sum(missing[LEASE].values()) < sweep.cases


@pytest.mark.parametrize("chunk_cases", [1, 3, 100])
def test_turns_are_the_cases_before_a_change_of_sign(chunk_cases: int) -> None:
    sweep = swept(f"{PRICE}=1:10:10", chunk_cases=chunk_cases, metrics=["npv_difference_usd"])
    signs = np.array([1.0, 2.0, -1.0, -2.0, np.nan, 3.0, 0.0, 1.0, -1.0, 1.0])
    numbers = np.stack([np.zeros(10), signs], axis=1)[:, :, None]

    def load(number: int) -> Chunk:
        part = numbers[number * chunk_cases : (number + 1) * chunk_cases]
        return Chunk(part, np.isnan(part).astype(np.uint16), ("none",))

    found = summary(sweep, load)
    assert found.spreads[LEASE, "npv_difference_usd"].turns == (1, 4, 5, 6)
    assert found.spreads[MINE, "npv_difference_usd"].turns == ()
    assert found.wins == {}


def test_single_figures_and_reasons() -> None:
    sweep = swept(f"{RENT}=40:120:9", f"{POWER}=0.03:0.08:11", metrics=METRICS, chunk_cases=7)
    load, wanted = computed(sweep), cases(98, 0, 50, 51, 7)
    assert figures_at(sweep, load, wanted).tobytes() == figures(sweep)[wanted].tobytes()
    told = np.array(reasons(sweep)).reshape(-1, 2, 3)
    for case in wanted.tolist():
        assert reason_at(sweep, load, case, LEASE, "payback_months") == told[case, 1, 2]
    assert reason_at(sweep, load, 0, MINE, "npv_usd") == ""
