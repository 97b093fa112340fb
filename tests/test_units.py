"""The vocabulary of suffixes: the longest wins, only whole words count, and constants agree with each other."""

from __future__ import annotations

import pytest

from minecalc import units
from minecalc.units import UNIT_SUFFIXES, unit_of


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("gross_mw", "mw"),
        ("site.gross_mw", "mw"),
        ("mw", "mw"),
        ("discount_rate_fraction_per_year", "fraction_per_year"),
        ("lease_usd_per_gpu_hour", "usd_per_gpu_hour"),
        ("kw_per_gpu", "kw_per_gpu"),
        ("opex_fraction_of_rent", "fraction_of_rent"),
        ('plans."50 gross_mw".term_months', "months"),
        ("every_months", "months"),
        ("gross_megawatts", None),
        ("firmw", None),
        ("gross_mw.name", None),
        ("", None),
    ],
)
def test_unit_of(name: str, unit: str | None) -> None:
    assert unit_of(name) == unit


def test_every_suffix_is_found_as_itself_and_longer_ones_first() -> None:
    assert len(set(UNIT_SUFFIXES)) == len(UNIT_SUFFIXES)
    for suffix in UNIT_SUFFIXES:
        assert unit_of(suffix) == unit_of(f"some_{suffix}") == suffix
    assert [len(suffix) for suffix in UNIT_SUFFIXES] == sorted(map(len, UNIT_SUFFIXES), reverse=True)


def test_constants_agree() -> None:
    assert units.TH_PER_EH * 1e12 == units.HASHES_PER_EH
