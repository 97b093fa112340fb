"""How numbers, and sentences with numbers in them, look to people: three digits and the sign or name of the unit.

Of an estimate fewer, if fewer are known: none beyond the first digit of its standard error (the leading-digit rule;
Song and Schmeiser 2009, Operations Research 57, 109-117).
"""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from minecalc.document import Phrase, Value
from minecalc.units import UNIT_SUFFIXES

#: What stands for a number that does not exist.
MISSING = "n/a"

#: From this size on, divide by this, and write this letter; smallest first.
_Steps = tuple[tuple[int, int, str], ...]
_SHORT: _Steps = ((10**5, 10**3, "k"), (10**6, 10**6, "M"), (10**9, 10**9, "B"), (10**12, 10**12, "T"))
_ENERGY: _Steps = ((10**3, 10**3, " G"), (10**6, 10**6, " T"))

#: Below a tenth of the unit, the largest of these in which the number reaches 1.
_Parts = tuple[tuple[Decimal, str], ...]
_PARTS_BELOW = Decimal("0.1")
_POWER_PARTS: _Parts = ((Decimal("1e-3"), " k"), (Decimal("1e-6"), " "))
_HASH_PARTS: _Parts = ((Decimal("1e-3"), " P"), (Decimal("1e-6"), " T"), (Decimal("1e-9"), " G"))

#: From here on a number, over its letter if it has one, is written as a power of ten.
_ASTRONOMIC = 10**9


class _Look(NamedTuple):
    before: str = ""
    letter: str = ""
    after: str = ""
    scale: int = 1
    digits: int = 3
    decimals: int = 2
    trim: bool = False  # "60 mo" rather than "60.0 mo"
    steps: _Steps = ()
    parts: _Parts = ()


_MONEY = _Look(before="$", steps=_SHORT)
_PERCENT = _Look(after="%", scale=100)
_LOOKS: dict[str, _Look] = {
    "btc": _Look(after=" BTC", decimals=8),
    "btc_per_block": _Look(after=" BTC/block", decimals=8),
    "count": _Look(decimals=0),
    "difficulty": _Look(digits=4, decimals=3, steps=_SHORT),
    "eh_per_s": _Look(letter=" E", after="H/s", decimals=3, parts=_HASH_PARTS),
    "hours": _Look(after=" h", decimals=1, steps=_SHORT),
    "j_per_th": _Look(after=" J/TH"),
    "kw": _Look(after=" kW"),
    "kw_per_gpu": _Look(after=" kW/GPU"),
    "months": _Look(after=" mo", decimals=1, trim=True),
    "mw": _Look(letter=" M", after="W", decimals=3, parts=_POWER_PARTS),
    "mwh": _Look(letter=" M", after="Wh", steps=_ENERGY, parts=_POWER_PARTS),
    "ratio": _Look(after="x"),
    "th_per_s": _Look(after=" TH/s"),
    "usd_per_kwh": _Look(after=" c/kWh", scale=100),
    "w": _Look(after=" W"),
    "years": _Look(after=" y", decimals=1, trim=True),
}


def sentence(phrase: Phrase) -> str:
    """``phrase`` with its numbers as people read them, errors written out; a missing one is followed by its reason."""
    if isinstance(phrase, str):
        return phrase
    return "".join(part if isinstance(part, str) else _in_line(part) for part in phrase)


def _in_line(value: Value) -> str:
    if value.number is not None:
        return shown(value, value.number, errors=True)
    return f"{MISSING} ({value.reason})" if value.reason else MISSING


def shown(value: Value, number: float, *, errors: bool) -> str:
    """The ``number`` of ``value`` or what bounds it, with its error written out if ``errors`` are wanted."""
    if value.bound is not None:
        return bound(number, value.bound, value.unit)
    return (estimate if errors else figure)(number, value.unit, value.error or 0.0)


def figure(number: float, unit: str, error: float = 0.0) -> str:
    """A finite ``number`` of ``unit`` (a suffix of ``units``) as people read it, known to a standard ``error``.

    ``figure(41.2e6, "usd") == "$41.2M"``. Rounded, half to even, to three significant digits where the unit
    has decimals for them, of megawatts and exahashes in the prefix that has them ("234 TH/s"); digits before the
    decimal point are all shown ("$63,001") up to the size where the unit takes a letter ("$142k"); none of them beyond
    the first digit of the error ("$41M", "$63,000"). What rounds to zero is "0" without a sign, and if that is for its
    error, with it: "$0 ± 3M". Raises ``ValueError`` for NaN, an infinity or an unknown unit.
    """
    return _with_error(number, unit, error)[0]


def estimate(number: float, unit: str, error: float) -> str:
    """The ``figure`` with its error behind it in the same size, "$41.2M ± 0.4M", unless all digits shown are known."""
    return "".join(_with_error(number, unit, error))


def bound(number: float, end: float, unit: str) -> str:
    """A ``number`` of which only the ``end`` of its interval is known: "< 0.4%" for 0 and 0.0038.

    One digit of the distance to the number, as far as the unit has decimals, rounded away from the number.
    """
    look = _look(unit)
    exact = Decimal(str(float(end))) * look.scale
    decimals = min(look.decimals, -_leading(abs(exact - Decimal(float(number)) * look.scale)))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_CEILING if end > number else ROUND_FLOOR)
    return f"{'<' if end > number else '>'} {_written(rounded, look.letter, look)}"


def _with_error(number: float, unit: str, error: float) -> tuple[str, str]:
    """The figure, and what there is to say of its error: nothing if all digits shown are known."""
    if not math.isfinite(number):
        raise ValueError(f"{number} {unit} cannot be shown")
    look = _look(unit)
    exact, doubt = (Decimal(float(n)) * look.scale for n in (number, error))
    amount, letter, size = _scaled(exact, look, doubt)
    if not doubt or abs(amount) >= _ASTRONOMIC:
        return _written(amount, letter, look), ""
    if amount:
        shown = (doubt / size).quantize(amount)
    else:  # an error that hides the number has a size of its own
        shown, letter, _ = _scaled(doubt, look, doubt)
    text = f" ± {_digits(shown)}{letter}{look.after}" if shown else ""
    return (_written(amount, letter, look), text) if amount else (_written(amount, look.letter, look) + text, "")


def _look(unit: str) -> _Look:
    if unit not in UNIT_SUFFIXES:
        raise ValueError(f"{unit!r} is not a unit suffix")
    if unit in _LOOKS:
        return _LOOKS[unit]
    return _MONEY if unit.startswith("usd") else _PERCENT


def _scaled(amount: Decimal, look: _Look, doubt: Decimal) -> tuple[Decimal, str, Decimal]:
    """``amount`` rounded, in the largest step that it reaches after rounding, with that step's letter and size."""
    if amount and abs(amount) < _PARTS_BELOW and look.parts:
        parts = [(_rounded(amount / size, look, doubt / size), letter, size) for size, letter in look.parts]
        found = next((part for part in parts if abs(part[0]) >= 1), parts[-1])
        if found[0]:
            return found
    for start, size, letter in reversed(look.steps):
        rounded = _rounded(amount / size, look, doubt / size)
        if abs(rounded) * size >= start:
            return rounded, letter, Decimal(size)
    return _rounded(amount, look, doubt), look.letter, Decimal(1)


def _rounded(amount: Decimal, look: _Look, doubt: Decimal) -> Decimal:
    """``amount`` to the digits and decimals of ``look`` and its ``doubt``; zero has no decimals and no sign."""
    if doubt and 2 * abs(amount) < Decimal(1).scaleb(_leading(doubt)):
        return Decimal(0)
    if abs(amount) >= _ASTRONOMIC:
        return amount
    for _ in range(2):  # the second time for 9.996, which becomes 10.00 and should be 10.0
        decimals = max(0, min(look.decimals, look.digits - 1 - amount.adjusted()))
        if doubt:
            decimals = min(decimals, -_leading(doubt))
        amount = amount.quantize(Decimal(1).scaleb(-decimals))
    whole = amount.to_integral_value()
    return whole + 0 if amount == whole and ((look.trim and not doubt) or not whole) else amount


def _leading(doubt: Decimal) -> int:
    """The power of ten of the first digit of ``doubt``, rounded to it."""
    return Decimal(f"{doubt:.0e}").adjusted()


def _written(amount: Decimal, letter: str, look: _Look) -> str:
    return f"{'-' if amount < 0 else ''}{look.before}{_digits(abs(amount))}{letter}{look.after}"


def _digits(amount: Decimal) -> str:
    if amount < _ASTRONOMIC:
        return f"{amount:,f}"
    mantissa, power = f"{amount:.2e}".split("e+")
    return f"{mantissa}×10^{power}"
