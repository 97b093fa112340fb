"""Dated flows and day counts against published cases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from minecalc.finance.dated import DayCount, days_between, xirr, xnpv

Case = dict[str, Any]

ORACLE = Path(__file__).parent.parent / "oracles" / "xirr.json"
CASES: list[Case] = json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_xirr_oracle(case: Case) -> None:
    flows, day_count = case["inputs"]["amounts"], case["inputs"]["day_count"]
    dates = [date.fromisoformat(text) for text in case["inputs"]["dates"]]
    if case["expected"]["kind"] == "error":
        with pytest.raises(ValueError, match="1 flows have 2 dates"):
            xirr(flows, dates, day_count)
        return
    result = xirr(flows, dates, day_count)
    [root] = case["expected"]["roots"]
    assert result.number() == pytest.approx(root, rel=0, abs=case["tolerance"]["abs"])
    assert abs(xnpv(flows, dates, root, day_count)[0]) <= 1e-8 * sum(map(abs, flows))


def test_the_order_of_dates_does_not_matter() -> None:
    flows = [-100.0, 30.0, 45.0, 50.0]
    dates = [date(2026, 1, 31), date(2026, 7, 1), date(2027, 2, 28), date(2028, 2, 29)]
    order = [2, 0, 3, 1]
    shuffled = [flows[k] for k in order], [dates[k] for k in order]
    assert xirr(*shuffled).numbers.tolist() == xirr(flows, dates).numbers.tolist()
    assert xnpv(*shuffled, 0.1).tolist() == xnpv(flows, dates, 0.1).tolist()


def test_flows_of_one_day_add_up() -> None:
    dates = [date(2026, 1, 1), date(2026, 1, 1), date(2027, 1, 1)]
    assert xnpv([-60.0, -40.0, 110.0], dates, 0.10)[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("start", "end", "day_count", "days"),
    [
        (date(2026, 1, 31), date(2026, 3, 31), "act/365F", 59),
        (date(2026, 1, 31), date(2026, 3, 31), "30E/360", 60),
        (date(2026, 1, 31), date(2026, 3, 31), "30/360 SIA", 60),
        (date(2026, 1, 31), date(2026, 3, 15), "30/360 SIA", 45),
        (date(2026, 1, 15), date(2026, 3, 31), "30E/360", 75),
        (date(2026, 1, 15), date(2026, 3, 31), "30/360 SIA", 76),
        (date(2026, 2, 28), date(2026, 3, 31), "30E/360", 32),
        (date(2026, 2, 28), date(2026, 3, 31), "30/360 SIA", 30),
        (date(2024, 2, 28), date(2024, 3, 31), "30/360 SIA", 33),
        (date(2024, 2, 29), date(2025, 2, 28), "30/360 SIA", 360),
        (date(2024, 2, 29), date(2025, 2, 28), "30E/360", 359),
    ],
)
def test_day_counts(start: date, end: date, day_count: DayCount, days: int) -> None:
    assert days_between(start, end, day_count) == days
