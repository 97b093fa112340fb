"""A number where one belongs, within its range; otherwise what is wrong and what the user probably meant.

Classes of inputs get this through ``validate``; types that check themselves (a value over time) call
``number_problem`` so that every number of a scenario is refused in the same words.
"""

import math
from typing import NamedTuple

from minecalc.schema.diagnostics import Path, Problem, cut, number_text, shown
from minecalc.schema.scalars import why_not_a_number
from minecalc.units import unit_of

CODES = {
    "not-a-number": "something else stands where a number belongs",
    "not-whole": "a number with a fraction stands where a count belongs",
    "out-of-range": "a number lies outside the range of its key",
}

_CAPITALS = {unit.lower(): unit for unit in ("USD", "BTC", "GPU", "MW", "kW", "W", "MWh", "kWh", "EH", "PH", "TH", "J")}


class _Slip(NamedTuple):
    """A unit written by mistake: its factor to the key's unit, and from what size on it is likely."""

    factor: float
    other: str
    least: float = 0


#: What people type instead of a number in the key's unit; the first that gives a number in range is meant.
_SLIPS: dict[str, tuple[_Slip, ...]] = {
    "fraction": (_Slip(1 / 100, "%"),),
    "ratio": (_Slip(1 / 100, "%"),),
    "usd_per_kwh": (_Slip(1 / 1000, " USD per MWh", least=10), _Slip(1 / 100, " cents")),
    "usd_per_mwh": (_Slip(1000, " USD per kWh"),),
    "mw": (_Slip(1 / 1000, " kW"), _Slip(1000, " GW"), _Slip(1 / 1_000_000, " W")),
    "mwh": (_Slip(1 / 1000, " kWh"), _Slip(1000, " GWh")),
    "kw": (_Slip(1 / 1000, " W"), _Slip(1000, " MW")),
    "kw_per_gpu": (_Slip(1 / 1000, " W"),),
    "eh_per_s": (_Slip(1 / 1000, " PH/s"), _Slip(1 / 1_000_000, " TH/s"), _Slip(1e-18, " H/s")),
    "th_per_s": (_Slip(1000, " PH/s"), _Slip(1_000_000, " EH/s")),
    "j_per_th": (_Slip(1000, " J per GH"), _Slip(1 / 1000, " J per PH")),
    "usd_per_ph_per_day": (_Slip(1000, " USD per TH per day"),),
    "usd_per_kw_per_month": (
        _Slip(1_000_000 / 12_000, " million USD per MW per year"),
        _Slip(1000, " USD per W per month"),
        _Slip(1 / 12_000, " USD per MW per year", least=100_000),
        _Slip(1 / 12, " USD per kW per year"),
    ),
    "months": (_Slip(12, " years"),),
    "years": (_Slip(1 / 12, " months"),),
    "usd": (_Slip(1_000_000, " million"), _Slip(1000, " thousand")),
}


def unit_words(unit: str | None) -> str:
    """A unit suffix for people: ``usd_per_kwh`` is ``USD per kWh``; "" for None."""
    return " ".join(_CAPITALS.get(word, word) for word in (unit or "").split("_"))


def in_unit(unit: str | None) -> str:
    """How a number is given: ``in USD per kWh``, ``as a fraction per year``; "" for counts and None."""
    if unit is None or unit == "count":
        return ""
    return f"as a {unit_words(unit)}" if unit.startswith(("fraction", "ratio")) else f"in {unit_words(unit)}"


def range_words(low: float | None, high: float | None) -> str:
    """The range of a key as a rule: ``lie in -1..2``, ``be at least 0``, ``be at most 1``; "" for none."""
    if low is not None and high is not None:
        return f"lie in {number_text(low)}..{number_text(high)}"
    if low is not None:
        return f"be at least {number_text(low)}"
    return "" if high is None else f"be at most {number_text(high)}"


def label(at: Path, name: str = "") -> str:
    """How a message names a place: ``name``, else the last key with list positions: ``spend[2]``."""
    if at and at[-1] == "":
        return "the name"
    positions = ""
    for part in reversed(at):
        if name or isinstance(part, str):
            break
        positions = f"[{part}]{positions}"
    return cut(name or last_key(at) + positions or "the file")


def last_key(at: Path) -> str:
    """The last key of a path, "" if it has none."""
    return next((part for part in reversed(at) if isinstance(part, str)), "")


def number_problem(
    value: object,
    at: Path,
    *,
    low: float | None = None,
    high: float | None = None,
    whole: bool = False,
    name: str = "",
) -> Problem | None:
    """What is wrong with ``value`` as a finite number in ``low..high`` (None: no limit), or None.

    ``name`` (default: the last key of ``at``) is what messages call the value; its suffix is the unit.
    """
    called = label(at, name)
    unit = unit_of(name or last_key(at))
    needed = "a whole number is needed" if whole else "a number is needed"
    if value is None:
        advice = f"write a number {in_unit(unit)}".rstrip()
        return Problem(at, "not-a-number", f"{called} has no value; {needed}", advice)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Problem(at, "not-a-number", f"{called} is {shown(value)}; {needed}", _instead(value, unit))
    if not is_representable(value):
        return Problem(at, "not-a-number", f"{called} is {shown(value)}; {needed}", "write a finite number")
    if whole and value != math.floor(value):
        return Problem(at, "not-whole", f"{called} is {shown(value)}; {needed}")
    if not _lies_in(value, low, high):
        message = f"{called} is {shown(value)}; it must {range_words(low, high)}"
        return Problem(at, "out-of-range", message, _meant(value, unit, low, high))
    return None


def is_representable(value: float) -> bool:
    """Whether a number is finite and, if whole, within 64 bits."""
    return -(2**63) <= value < 2**63 if isinstance(value, int) else math.isfinite(value)


def _lies_in(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _instead(value: object, unit: str | None) -> str:
    match value:
        case str():
            return why_not_a_number(value, unit, unit_words(unit))
        case [bool()]:
            return ""
        case [int() | float() as only]:
            return f"write {number_text(only)} without the brackets"
        case _:
            return ""


def unusual(value: float, name: str, low: float | None, high: float | None, source: str) -> str:
    """What to say of a number outside the ``low..high`` that ``source`` publishes of the key ``name``; "" inside it.

    Nothing at all, 0, is said on purpose.
    """
    if value == 0.0 or _lies_in(value, low, high):
        return ""
    published = " to ".join(f"{end:,.10g}" for end in (low, high) if end is not None)
    published = f"at most {published}" if low is None else f"at least {published}" if high is None else published
    unit = unit_of(name)
    told = f"{name} is {number_text(value)}; published are {published} {unit_words(unit)} ({source})"
    meant = _meant(value, unit, low, high)
    return f"{told}; {meant}" if meant else told


def _meant(value: float, unit: str | None, low: float | None, high: float | None) -> str:
    """The number in the key's own unit, if the value makes sense in another one."""
    if unit is None:
        return ""
    family = next((stem for stem in ("fraction", "usd") if unit.startswith(stem) and unit not in _SLIPS), unit)
    for slip in _SLIPS.get(family, ()):
        if abs(value) >= slip.least and _lies_in(value * slip.factor, low, high):
            takes = in_unit(unit).removeprefix("in ").removeprefix("as ")
            return f"the key takes {takes}; {number_text(value)}{slip.other} is {value * slip.factor:.10g}"
    return ""
