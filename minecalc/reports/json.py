"""The document's ``data`` as JSON: full precision, keys in the given order, ``null`` for no answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from minecalc.document import Document, Written
from minecalc.reports import Screen

SUFFIXES = (".json",)
SHOWS = "data"

_MAYBE_UNPRINTABLE = re.compile(r"[^\n -~]")


def render(document: Document, screen: Screen) -> str:
    """JSON text ending in a line break. Raises ``ValueError`` for NaN or an infinity anywhere in the data.

    Letters of every script stay as they are; what does not print (control characters, bidirectional marks,
    lone surrogates) becomes a JSON escape, so reading the text back gives the same strings. Zero has no sign.
    """
    text = _written(document.data, "\n")
    return _MAYBE_UNPRINTABLE.sub(lambda match: _printable(match[0]), text) + "\n"


def ahead(depth: int, node: Any) -> Written:
    """A part of the data that stands so deep in it, as ``render`` writes it but for what does not print."""
    return Written(_written(node, "\n" + "  " * depth))


def _written(node: Any, line: str) -> str:
    """``node`` as ``json.dumps`` writes it with an indent of 2, ``line`` being a line break and the indent here.

    Its encoder takes a slow way where there is an indent; this takes a fifth of the time of that, which counts for a
    folder of scenarios.
    """
    kind, inner = type(node), line + "  "
    if kind is Written:
        return str(node)
    if kind is dict or isinstance(node, Mapping):
        if not node:
            return "{}"
        parts = []
        for key, value in node.items():
            leaf = _LEAVES.get(type(value))
            parts.append(_key(key) + (leaf(value) if leaf else _written(value, inner)))
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}"
    if kind is list or isinstance(node, list | tuple):
        if not node:
            return "[]"
        items = [leaf(value) if (leaf := _LEAVES.get(type(value))) else _written(value, inner) for value in node]
        return f"[{inner}{f',{inner}'.join(items)}{line}]"
    leaf = _LEAVES.get(kind)
    return leaf(node) if leaf else json.dumps(node, ensure_ascii=False, allow_nan=False)  # kinds of text and number


def _number(number: float) -> str:
    if number - number != 0.0:  # of NaN and the infinities it is NaN
        raise ValueError(f"{number} is not JSON compliant")
    return repr(number + 0.0)


#: What nearly all of a tree is made of.
_LEAVES: Mapping[type, Callable[[Any], str]] = {
    float: _number,
    str: encode_basestring,
    int: repr,
    bool: lambda truth: "true" if truth else "false",
    type(None): lambda _: "null",
}


@lru_cache(maxsize=4096)
def _key(key: Any) -> str:
    """A key with its colon; the same ones come again and again."""
    return encode_basestring(key if type(key) is str else json.dumps(key)) + ": "


def _printable(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]
