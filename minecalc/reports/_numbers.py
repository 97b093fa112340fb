"""How a number looks to people: three significant digits and the sign or name of its unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from minecalc.units import UNIT_SUFFIXES

#: From this size on, divide by this, and write this letter; smallest first.
_Steps = tuple[tuple[int, int, str], ...]
_SHORT: _Steps = ((10**5, 10**3, "k"), (10**6, 10**6, "M"), (10**9, 10**9, "B"), (10**12, 10**12, "T"))
_ENERGY: _Steps = ((10**3, 10**3, " G"), (10**6, 10**6, " T"))

#: From here on a number, over its letter if it has one, is written as a power of ten.
_ASTRONOMIC = 10**9


@dataclass(frozen=True)
class _Look:
    before: str = ""
    letter: str = ""
    after: str = ""
    scale: int = 1
    digits: int = 3
    decimals: int = 2
    trim: bool = False  # "60 mo" rather than "60.0 mo"
    steps: _Steps = ()


_MONEY = _Look(before="$", steps=_SHORT)
_PERCENT = _Look(after="%", scale=100)
_LOOKS: dict[str, _Look] = {
    "btc": _Look(after=" BTC", decimals=8),
    "btc_per_block": _Look(after=" BTC/block", decimals=8),
    "count": _Look(decimals=0),
    "difficulty": _Look(digits=4, decimals=3, steps=_SHORT),
    "eh_per_s": _Look(after=" EH/s", decimals=3),
    "hours": _Look(after=" h", decimals=1, steps=_SHORT),
    "j_per_th": _Look(after=" J/TH"),
    "kw": _Look(after=" kW"),
    "kw_per_gpu": _Look(after=" kW/GPU"),
    "months": _Look(after=" mo", decimals=1, trim=True),
    "mw": _Look(after=" MW"),
    "mwh": _Look(letter=" M", after="Wh", steps=_ENERGY),
    "ratio": _Look(after="x"),
    "th_per_s": _Look(after=" TH/s"),
    "usd_per_kwh": _Look(after=" c/kWh", scale=100),
    "w": _Look(after=" W"),
    "years": _Look(after=" y", decimals=1, trim=True),
}


def figure(number: float, unit: str) -> str:
    """A finite ``number`` of ``unit`` (a suffix of ``units``) as people read it.

    ``figure(41.2e6, "usd") == "$41.2M"``. Rounded, half to even, to three significant digits where the unit
    has decimals for them; digits before the decimal point are all shown ("$63,001") up to the size where the
    unit takes a letter ("$142k"). What rounds to zero is "0" without a sign. Raises ``ValueError`` for NaN,
    an infinity or an unknown unit.
    """
    if not math.isfinite(number):
        raise ValueError(f"{number} {unit} cannot be shown")
    look = _look(unit)
    amount, letter = _scaled(Decimal(float(number)) * look.scale, look)
    return f"{'-' if amount < 0 else ''}{look.before}{_digits(abs(amount))}{letter}{look.after}"


def _look(unit: str) -> _Look:
    if unit not in UNIT_SUFFIXES:
        raise ValueError(f"{unit!r} is not a unit suffix")
    if unit in _LOOKS:
        return _LOOKS[unit]
    return _MONEY if unit.startswith("usd") else _PERCENT


def _scaled(amount: Decimal, look: _Look) -> tuple[Decimal, str]:
    """``amount`` rounded, in the largest step that it reaches after rounding, with that step's letter."""
    for start, size, letter in reversed(look.steps):
        rounded = _rounded(amount / size, look)
        if abs(rounded) * size >= start:
            return rounded, letter
    return _rounded(amount, look), look.letter


def _rounded(amount: Decimal, look: _Look) -> Decimal:
    """``amount`` to the digits and decimals of ``look``; zero has no decimals and no sign."""
    if abs(amount) >= _ASTRONOMIC:
        return amount
    for _ in range(2):  # the second time for 9.996, which becomes 10.00 and should be 10.0
        decimals = max(0, min(look.decimals, look.digits - 1 - amount.adjusted()))
        amount = amount.quantize(Decimal(1).scaleb(-decimals))
    whole = amount.to_integral_value()
    return whole + 0 if amount == whole and (look.trim or not whole) else amount


def _digits(amount: Decimal) -> str:
    if amount < _ASTRONOMIC:
        return f"{amount:,f}"
    mantissa, power = f"{amount:.2e}".split("e+")
    return f"{mantissa}×10^{power}"
