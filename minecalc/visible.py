"""Text from outside, made safe to print: what a reader sees is what the text holds."""

from __future__ import annotations

import re

#: Characters that Unicode calls letters, marks or symbols though they print as nothing or as a space.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_ELLIPSIS = "…"

#: First characters that make a spreadsheet run a cell as a formula (OWASP's list, with the full-width forms).
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
#: What a screen hides or obeys, but for line breaks and tabs.
_UNSEEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"


def visible(text: str, most: int | None = None) -> str:
    r"""``text`` on one line, with everything that a screen would hide or obey shown as an escape.

    Control characters, line breaks, bidirectional and zero-width marks, lone surrogates and every space but
    the plain one become ``\n``, ``\x1b``, ``\u202e`` and so on, as Python writes them. With ``most`` (1 or
    more) the result has at most that many characters, the last an ellipsis if something was cut; an escape
    stays whole. Raises ``ValueError`` for a smaller ``most``.
    """
    if most is not None and most < 1:
        raise ValueError(f"most is {most}; it must be at least 1")
    if text.isascii() and text.isprintable() and (most is None or len(text) <= most):
        return text
    pieces = list(map(_escaped, text if most is None else text[: most + 1]))
    if most is None or sum(map(len, pieces)) <= most:
        return "".join(pieces)
    while sum(map(len, pieces)) > most - len(_ELLIPSIS):
        pieces.pop()
    return "".join(pieces) + _ELLIPSIS


def harmless(text: str) -> str:
    """``text`` for a cell of a spreadsheet: what would run as a formula gets a leading apostrophe.

    Line breaks and tabs stay; other control characters, bidirectional and zero-width marks and lone surrogates become
    escapes.
    """
    text = re.sub(_UNSEEN, lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def _escaped(character: str) -> str:
    """The character if it prints as itself, otherwise its escape."""
    if character.isprintable() and character not in _BLANK:
        return character
    return character.encode("unicode_escape").decode("ascii")
