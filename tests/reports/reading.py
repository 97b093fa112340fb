"""Reads back what people see: the number that a figure stands for, and half a unit of its last digit."""

import re
from fractions import Fraction

_FIGURE = re.compile(r"(-?)\$?([0-9,]+)(?:\.([0-9]+))?(?:×10\^([0-9]+))? ?([^0-9]*)")
_SIZES = {
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "B": Fraction(10**9),
    "T": Fraction(10**12),
    "%": Fraction(1, 100),
    "c/kWh": Fraction(1, 100),
    "GWh": Fraction(10**3),
    "TWh": Fraction(10**6),
}
_PLAIN = (
    "",
    "x",
    "BTC",
    "BTC/block",
    "EH/s",
    "TH/s",
    "J/TH",
    "h",
    "kW",
    "kW/GPU",
    "W",
    "MW",
    "MWh",
    "mo",
    "y",
)


#: Parts of a unit, by the unit.
_PARTS = {
    "mw": {"kW": Fraction(1, 10**3), "W": Fraction(1, 10**6)},
    "mwh": {"kWh": Fraction(1, 10**3), "Wh": Fraction(1, 10**6)},
    "eh_per_s": {"PH/s": Fraction(1, 10**3), "TH/s": Fraction(1, 10**6), "GH/s": Fraction(1, 10**9)},
}


def read(text: str, unit: str = "") -> tuple[Fraction, Fraction]:
    """The number in its ``unit``, and how far the true one may be from it; ValueError for anything odd."""
    match = _FIGURE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a figure")
    sign, whole, decimals, power, name = match.groups()
    letter, _, rest = name.partition(" ")
    size = _PARTS.get(unit, {}).get(letter) or (Fraction(1) if letter in _PLAIN else _SIZES[letter])
    if rest not in ("", "h"):
        raise ValueError(f"{text!r} has a strange end")
    size *= 10 ** int(power or 0)
    digits = Fraction(int(whole.replace(",", "") + (decimals or "")), 10 ** len(decimals or ""))
    return (-digits if sign else digits) * size, size / 10 ** len(decimals or "") / 2
