"""Physical and protocol constants, and the vocabulary of unit suffixes.

Every numeric name in minecalc ends in its unit (``gross_mw``, ``rent_usd_per_kw_per_month``). ``unit_of`` reads
that suffix; renderers choose a number's look from it and a test refuses a numeric input without one.
"""

from functools import lru_cache
from typing import NamedTuple

HOURS_PER_DAY = 24
MONTHS_PER_YEAR = 12
KW_PER_MW = 1_000.0
KWH_PER_MWH = 1_000.0
PH_PER_EH = 1_000.0
TH_PER_EH = 1_000_000.0
HASHES_PER_EH = 1e18

#: Suffixes that name a unit, longest match first; the part before the suffix says what is measured.
UNIT_SUFFIXES: tuple[str, ...] = tuple(
    sorted(
        (
            "btc",
            "btc_per_block",
            "btc_per_ph_per_day",
            "count",
            "difficulty",
            "eh_per_s",
            "fraction",
            "fraction_of_rent",
            "fraction_of_revenue",
            "fraction_per_year",
            "hours",
            "hours_per_month",
            "j_per_th",
            "kw",
            "kw_per_gpu",
            "months",
            "mw",
            "mwh",
            "ph_per_s",
            "ratio",
            "th_per_s",
            "usd",
            "usd_per_critical_mw",
            "usd_per_gpu",
            "usd_per_gpu_hour",
            "usd_per_gross_mwh",
            "usd_per_kw_per_month",
            "usd_per_kw_per_year",
            "usd_per_kwh",
            "usd_per_month",
            "usd_per_mw_per_month",
            "usd_per_mw_per_year",
            "usd_per_mwh",
            "usd_per_ph_per_day",
            "usd_per_th",
            "usd_per_year",
            "w",
            "years",
        ),
        key=len,
        reverse=True,
    )
)


@lru_cache(maxsize=4096)
def unit_of(name: str) -> str | None:
    """The unit at the end of ``name``, or None: ``unit_of("site.gross_mw") == "mw"``."""
    last = name.rsplit(".", 1)[-1]
    for suffix in UNIT_SUFFIXES:
        if last == suffix or last.endswith("_" + suffix):
            return suffix
    return None


class OtherUnit(NamedTuple):
    """The input that a key in another unit stands for, and how many of that unit make one of the input's."""

    meant: str
    per_unit: int
