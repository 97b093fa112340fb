"""What an unquoted word of YAML means, and why a word is not a number.

Words follow the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema) with these deliberate
differences, each on the careful side:

- ``1_000_000`` is a number; an underscore may stand between digits.
- ``0045`` is text, because YAML 1.1 reads it as octal; so are ``0o17``, ``0x1F`` and ``0b101``: inputs are
  decimal.
- ``.nan``, ``.inf``, numbers beyond a float64 (``1e400``), numbers that are nearer to 0 than ``SMALLEST`` but not 0
  (``1e-308``), and integers beyond 64 bits are text.
- ``-0.0`` is 0.

Text where a number belongs is refused by ``numbers``, with the reason that ``why_not_a_number`` finds.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

Scalar = str | int | float | bool | None

#: No number of up to this many characters takes long to read; longer ones are text.
LONGEST_NUMBER = 100

#: No amount of anything is nearer to 0, in whatever unit; quotients and products of such numbers would leave a float64.
SMALLEST = 1e-30

_WORDS: dict[str, bool | None] = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"))
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
)
_DIGITS = r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_INTEGER = re.compile(rf"[-+]?{_DIGITS}")
_DECIMAL = re.compile(rf"[-+]?(?:{_DIGITS}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar: None, a bool, an int of 64 bits, a finite float, or its text."""
    if text in _WORDS:
        return _WORDS[text]
    number = _number(text)
    return text if number is None else number


def number_written(text: str) -> float | None:
    """The number that ``text`` writes, as a scenario could hold it; None if it writes none."""
    number = _number(text)
    return None if number is None else float(number)


def _number(text: str) -> int | float | None:
    """The number that ``text`` writes, or None."""
    if len(text) > LONGEST_NUMBER:
        return None
    if _INTEGER.fullmatch(text):
        integer = int(text)
        return integer if -(2**63) <= integer < 2**63 else None
    if not _DECIMAL.fullmatch(text):
        return None
    number = float(text)
    if number == 0:
        mantissa = re.split("[eE]", text)[0]
        return None if re.search("[1-9]", mantissa) else 0.0
    return number if SMALLEST <= abs(number) < math.inf else None


def why_not_a_number(text: str, unit: str | None, unit_words: str) -> str:
    """What to type instead of ``text`` where a number belongs, or "" if nothing better can be said.

    ``unit`` is the suffix of the key (``fraction_per_year``) and ``unit_words`` the same for people.
    """
    if len(text) > LONGEST_NUMBER:
        return "numbers have at most 19 digits before the point"
    if _number(text) is not None:
        return f"remove the quotes: {text}"
    for pattern, advice in _ADVICE:
        if match := re.fullmatch(pattern, text):
            return advice if isinstance(advice, str) else advice(match)
    if match := re.fullmatch(_PERCENT, text):
        share = f"{float(match[1]) / 100:.15g}"
        return f"the key takes a fraction: {share}" if (unit or "").startswith("fraction") else "leave the % out"
    if (plain := _with_ascii_digits(text)) != text and _number(plain) is not None:
        return f"use plain digits, signs and spaces: {plain}"
    if re.fullmatch(_WITH_UNIT, text):
        takes = f"; the key takes {unit_words}" if unit_words else ""
        return f"leave the unit out{takes}"
    return ""


def file_meant(text: str, folder: Path) -> str:
    """The mapping to type instead of ``text`` if it names a file, with the column that it has; "" if it names none."""
    if len(text) > LONGEST_NUMBER or not re.fullmatch(_FILE_NAME, text):
        return ""
    if not text.casefold().endswith(".csv"):
        return f"save it as CSV with a header and write {{csv: {Path(text).stem}.csv, column: NAME}}"
    try:
        with (folder / text).open(encoding="utf-8-sig") as lines:
            header, first = (lines.readline().strip().split(",") for _ in range(2))
    except (OSError, ValueError):
        return f"write {{csv: {text}, column: NAME}}, the file's name relative to the scenario's folder"
    numbers = [name for name, cell in zip(header, first, strict=False) if _number(cell.strip()) is not None]
    return f"write {{csv: {text}, column: {next(iter(numbers), 'NAME')}}}"


def _with_ascii_digits(text: str) -> str:
    """``text`` with digits of other scripts, typographic minus signs and odd spaces made plain."""
    minus = text.replace("\u2212", "-").replace("\u2013", "-")
    return "".join(
        str(unicodedata.decimal(char)) if unicodedata.decimal(char, None) is not None else char for char in minus
    ).strip()


def _leading_zero(match: re.Match[str]) -> str:
    return f"a leading zero is ambiguous; write {match[1]}{match[2]}"


def _other_base(match: re.Match[str]) -> str:
    base = {"b": 2, "o": 8, "x": 16}[match[1].lower()]
    try:
        return f"write the number in decimal: {int(match[2], base)}"
    except ValueError:
        return "write the number in decimal"


def _thousands(match: re.Match[str]) -> str:
    return f"write {match[0].replace(',', '')}"


def _decimal_comma(match: re.Match[str]) -> str:
    return f"the decimal mark is a point: {match[0].replace('.', '').replace(',', '.')}"


#: Patterns that are compiled when a text stands where a number belongs, which is seldom.
_PLAIN = r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_PERCENT = r"([-+]?[0-9]+(?:\.[0-9]*)?) ?%"
_WITH_UNIT = rf"(?:{_PLAIN}[ \u00a0]?[^\W\d_].*)|(?:[A-Z]{{0,3}}[$€£][ ]?{_PLAIN}.*)"
_FILE_NAME = r"(?i:[^\n]+\.(?:csv|tsv|txt|xlsx?|ods|parquet|json|ya?ml))"
_ADVICE: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"(?i:[-+]?\.?(?:nan|inf|infinity))", "write a finite number"),
    (r"([-+]?)0[0-9_]*?([1-9][0-9_]*(?:\.[0-9]*)?)", _leading_zero),
    (r"(?i:[-+]?0([box])([0-9a-f_]+))", _other_base),
    (r"[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?", _thousands),
    (r"[-+]?(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+),[0-9]+", _decimal_comma),
    (r"[0-9]+(?::[0-9]+)+", "a number has no colon in it"),
    (r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?:[T ].*)?", "this is a date; the key takes a number"),
    (r"=.+", "formulas are not calculated; write the result"),
    (_FILE_NAME, "this is the name of a file; the key takes one number"),
    (_PLAIN, "the number is too large or too small to calculate with"),
)
