"""Sorted hours kept for the next command: bit by bit, by the rules that the machine has of their time zones."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from minecalc.series.kept_hours import keep_hours, kept_hours
from minecalc.series.sorted_hours import Curve, MonthOfFile, SortedHours

MONTHS = [MonthOfFile(None, 0), MonthOfFile(2023, 1, 28), MonthOfFile(2023, 1, 29), MonthOfFile(9999, 11)]
PRICES = np.array([0.1, -0.0, 5e-324, -5.0, 1 / 3, 20.0])
HOURS = SortedHours.of("key", "a.csv", {month: Curve(PRICES[k:], np.ones(6 - k)) for k, month in enumerate(MONTHS)})


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINECALC_CACHE", str(tmp_path))


FoundIn = Callable[..., None]


@pytest.fixture
def found_in() -> Iterator[FoundIn]:
    """Let Python look for time zones in some folders until the end of the test."""
    yield lambda *folders: zoneinfo.reset_tzpath([str(folder) for folder in folders])
    zoneinfo.reset_tzpath()


def test_months_and_prices_come_back_bit_by_bit() -> None:
    keep_hours(HOURS, ())
    found = kept_hours("key", "b.csv")
    assert found is not None
    assert (found, found.name, found.months, found.bounds) == (HOURS, "b.csv", HOURS.months, HOURS.bounds)
    assert found.prices.tobytes() == HOURS.prices.tobytes()
    assert found.weights.tobytes() == HOURS.weights.tobytes()
    assert kept_hours("other", "a.csv") is None


def test_rules_are_those_of_every_zone_wherever_python_has_them(tmp_path: Path, found_in: FoundIn) -> None:
    keep_hours(HOURS, ("Europe/Paris", "Etc/GMT+6"))
    assert kept_hours("key", "a.csv") == HOURS
    (tmp_path / "Etc").mkdir()
    (tmp_path / "Etc" / "GMT+6").write_bytes(b"other rules")
    found_in(tmp_path, *map(Path, zoneinfo.TZPATH))
    assert kept_hours("key", "a.csv") is None
    found_in()
    keep_hours(HOURS, ("Europe/Paris",))
    assert kept_hours("key", "a.csv") == HOURS, "by the rules of tzdata"
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Paris").write_bytes(b"other rules")
    found_in(tmp_path)
    assert kept_hours("key", "a.csv") is None
