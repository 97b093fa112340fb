"""Depreciation for tax: which share of an asset's basis is deducted in each calendar year, by class.

A class is written as a name: ``macrs_3``, ``macrs_5``, ``macrs_7`` and ``macrs_15`` by the half-year table of IRS
Publication 946 (Appendix A, Table A-1); ``macrs_39`` straight line over 39 years from the middle of the month of
service, exact where Table A-7a rounds; ``straight_line_N`` over N years from the month of service; ``declining_P`` P% a
year of what is left, half of it in the year of service (Canada's capital cost allowance with its half-year rule);
``saldo_P`` the same without that rule (Norway's saldo groups). A bonus is a share of the basis that is deducted in the
year of service; the class goes by the rest, as section 168(k) of the US code has it, in classes of at most 20 years.

Rows are calendar years. A month is a calendar month (months since year 0), so that both may differ by case.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, as_column, rows_at, truth
from minecalc.trace import named

_MONTHS_PER_YEAR = 12

#: Publication 946 (2024), Appendix A, Table A-1: percent of the basis by year of service, half-year convention.
HALF_YEAR_PERCENT: Mapping[int, tuple[float, ...]] = MappingProxyType(
    {
        3: (33.33, 44.45, 14.81, 7.41),
        5: (20.0, 32.0, 19.2, 11.52, 11.52, 5.76),
        7: (14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46),
        15: (5.0, 9.5, 8.55, 7.7, 6.93, 6.23, 5.9, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 2.95),
    }
)
#: Years of the straight line of non-residential real property, and the months that its first month counts for less.
REAL_PROPERTY_YEARS, MID_MONTH = 39, 0.5
#: Classes of more years have no bonus.
BONUS_YEARS_MOST = 20
#: A declining balance goes as fast as the double one of a class of so many percent-years: 10% a year is like 20 years.
_DOUBLE_PERCENT = 200
#: Years in which a declining balance is counted; a horizon has at most 51.
_YEARS_MOST = 60
_LONGEST_LIFE = 100

_MACRS = tuple(f"macrs_{years}" for years in (*HALF_YEAR_PERCENT, REAL_PROPERTY_YEARS))
#: The names of classes as a reader is told them.
CLASS_NAMES = (*_MACRS, "straight_line_N", "declining_P", "saldo_P")
_WITH_A_NUMBER = re.compile(r"(macrs|straight[-_ ]line|declining|saldo)[-_ ]?([0-9]{1,4}(?:\.[0-9]{1,4})?)")
_OF_A_NUMBER = re.compile(r"(straight_line|declining|saldo)_([1-9][0-9]{0,2})")


class DepreciationClass(NamedTuple):
    """A class: the ``years`` that a bonus goes by, and its shares by year of service, or its straight line by month.

    ``table`` holds a share of the basis a year from that of service on; empty for a straight line over ``months``,
    which begins ``offset_months`` after the start of the month of service.
    """

    name: str
    years: float
    table: tuple[float, ...] = ()
    months: float = 0.0
    offset_months: float = 0.0

    @property
    def has_bonus(self) -> bool:
        """Whether a bonus is for assets of this class."""
        return self.years <= BONUS_YEARS_MOST

    def shares(self, service: Number, years: FloatArray) -> FloatArray:
        """Share of the basis by calendar year ``years (years, 1)``, of what is in service from a calendar month on.

        ``service`` is that month (float or column), the result ``(years, ·)``; zero before it and after the class.
        """
        if self.table:
            age = years - np.floor(service / _MONTHS_PER_YEAR)
            found = rows_at(as_column((*self.table, 0.0)), age + 1.0) * truth(age >= 0.0)
        else:
            elapsed = (years + 1.0) * _MONTHS_PER_YEAR - (service + self.offset_months)
            within = np.clip(elapsed, 0.0, self.months) - np.clip(elapsed - _MONTHS_PER_YEAR, 0.0, self.months)
            found = within / self.months
        return named(f"{self.name}_by_year_fraction", found)

    def deducted(self, service: Number, years: FloatArray, bonus: Number) -> FloatArray:
        """As ``shares``, with a bonus (a share of the basis, float or column) in the year of service first."""
        by_class = self.shares(service, years)
        if not self.has_bonus or (isinstance(bonus, float) and bonus == 0.0):
            return by_class
        first = truth(years == np.floor(service / _MONTHS_PER_YEAR))
        return named(f"{self.name}_with_bonus_by_year_fraction", first * bonus + by_class * (1.0 - bonus))


def nearest_class(name: str) -> str:
    """The class of the kind that ``name`` names whose number is nearest to its own, of two the longer; "" if none."""
    found = _WITH_A_NUMBER.fullmatch(name.casefold())
    if found is None:
        return ""
    kind, wanted = found[1].replace("-", "_").replace(" ", "_"), float(found[2])
    years = (*HALF_YEAR_PERCENT, REAL_PROPERTY_YEARS) if kind == "macrs" else range(1, _LONGEST_LIFE + 1)
    return f"{kind}_{min(years, key=lambda one: (abs(one - wanted), -one))}"


class UnknownClassError(ValueError):
    """A name that is no class of depreciation."""


@cache
def depreciation_class(name: str) -> DepreciationClass:
    """The class called ``name``. UnknownClassError if there is none."""
    if name in _MACRS:
        years = int(name.removeprefix("macrs_"))
        if years == REAL_PROPERTY_YEARS:
            return DepreciationClass(name, years, months=float(years * _MONTHS_PER_YEAR), offset_months=MID_MONTH)
        return DepreciationClass(name, years, tuple(percent / 100.0 for percent in HALF_YEAR_PERCENT[years]))
    found = _OF_A_NUMBER.fullmatch(name)
    if found is None or int(found[2]) > _LONGEST_LIFE:
        raise UnknownClassError(f"there is no class {name}")
    kind, number = found[1], int(found[2])
    if kind == "straight_line":
        return DepreciationClass(name, number, months=float(number * _MONTHS_PER_YEAR))
    rate, left = number / 100.0, 1.0
    shares = [rate * (0.5 if kind == "declining" else 1.0)]  # in the year of service
    while len(shares) < _YEARS_MOST:
        left -= shares[-1]
        shares.append(left * rate)
    return DepreciationClass(name, _DOUBLE_PERCENT / number, tuple(shares))
