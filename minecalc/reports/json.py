"""The document's ``data`` as JSON: full precision, keys in the given order, ``null`` for no answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any

from minecalc.document import Document
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


def _written(node: Any, line: str) -> str:
    """``node`` as ``json.dumps`` writes it with an indent of 2, ``line`` being a line break and the indent here.

    Its encoder takes a slow way where there is an indent; this takes a third of the time of that, which counts for a
    folder of scenarios.
    """
    kind, inner = type(node), line + "  "
    if kind is float:
        if node - node != 0.0:  # of NaN and the infinities it is NaN
            raise ValueError(f"{node} is not JSON compliant")
        return repr(node + 0.0)
    if kind is str:
        return encode_basestring(node)
    if node is None:
        return "null"
    if kind is dict or isinstance(node, Mapping):
        parts = [f"{_key(key)}: {_written(value, inner)}" for key, value in node.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}" if parts else "{}"
    if kind is list or isinstance(node, list | tuple):
        return f"[{inner}{f',{inner}'.join([_written(value, inner) for value in node])}{line}]" if node else "[]"
    return json.dumps(node, ensure_ascii=False, allow_nan=False)  # whole numbers, truths, and kinds of text and number


def _key(key: Any) -> str:
    return encode_basestring(key if type(key) is str else json.dumps(key))


def _printable(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]
