"""What a reader is told of a value at which two plans draw level: the one wording of ``compare`` and ``breakeven``.

A value of a path over time is no price of any month but of all of them in proportion. So it is told as how many times
the path, with what that is in the first month, and as the one number that would do in every month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minecalc.document import Text, Value
from minecalc.units import unit_of

Words = list[str | Value]

#: An answer to a break-even, as records have it: its ``value``, ``scale`` and ``shift``.
Record = Mapping[str, Any]


def at_value(path: str, one: Record, present: float | str, start: str, *, is_path: bool, flat: float | None) -> Words:
    """``$120k``, or of a path ``1.90x the path ($63,001 to $120k in 2027-01; $153k if flat)``.

    ``one`` is the answer at ``path``, of which a path is ``present`` in the month ``start``; ``flat`` is the one number
    for all months, if it is told.
    """
    value = word(one["value"], path)
    if not is_path:
        return [value]
    if one["shift"] is not None:
        how: Words = ["shifted by ", word(one["shift"], path), " in all months"]
    elif one["scale"] is not None:
        how = [Value(one["scale"], "ratio"), " the path"]
    else:
        return [value]
    how += [" (", word(present, path), " to ", value, f" in {start}"]
    return [*how, *(["; ", word(flat, path), " if flat"] if flat is not None else []), ")"]


def over_now(one: Record) -> Words:
    """`` (0.51x now)`` of a number that is no path and not zero now."""
    return [] if one["scale"] is None else [" (", Value(one["scale"], "ratio"), " now)"]


def short_value(path: str, one: Record, *, is_path: bool) -> Words:
    """``$120k``, or of a path ``1.90x the path``."""
    if is_path and one["scale"] is not None:
        return [Value(one["scale"], "ratio"), " the path"]
    return [word(one["value"], path)]


def joined(parts: Sequence[Words], between: str = "; ", last: str = "") -> Words:
    """Parts of a sentence with ``between`` them, and ``last``, if it is given, before the last."""
    words: Words = []
    for number, part in enumerate(parts):
        words += [(last if part is parts[-1] else "") or between] if number else []
        words += part
    return words


def word(value: float | str, path: str) -> str | Value:
    """A value of an input within a sentence: a month as text, a number in its unit."""
    return value if isinstance(value, str) else Value(value, unit_of(path) or "ratio")


def cell(value: float | str | None, path: str, reason: str = "") -> Value | Text:
    """A value of an input in a table: a month as text, a number in its unit."""
    return Text(value) if isinstance(value, str) else Value(value, unit_of(path) or "ratio", reason)
