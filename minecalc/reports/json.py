"""The document's ``data`` as JSON: full precision, keys in the given order, ``null`` for no answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
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
    text = json.dumps(_unsigned_zeros(document.data), indent=2, ensure_ascii=False, allow_nan=False)
    return _MAYBE_UNPRINTABLE.sub(lambda match: _printable(match[0]), text) + "\n"


def _unsigned_zeros(node: Any) -> Any:
    if isinstance(node, float):
        return node + 0.0
    if node is None or isinstance(node, str | int):  # most of what there is, and sooner said than a Mapping
        return node
    if isinstance(node, Mapping):
        return {key: _unsigned_zeros(value) for key, value in node.items()}
    return [_unsigned_zeros(value) for value in node] if isinstance(node, list | tuple) else node


def _printable(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]
