import json
import re
from enum import IntEnum
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.document import Document, Table
from minecalc.reports import Screen
from minecalc.reports.json import render


class Answer(IntEnum):
    YES = 1


TEXTS = st.text(st.characters(exclude_categories=()))


def _json(data: dict[str, object]) -> str:
    return render(Document("", (), Table("", (), ()), data), Screen())


@given(st.dictionaries(TEXTS, TEXTS | st.floats(allow_nan=False, allow_infinity=False) | st.none()))
def test_everything_reads_back_exactly(data: dict[str, object]) -> None:
    text = _json(data)
    again = json.loads(text.encode())
    assert list(again) == [_joined(key) for key in data]
    assert list(again.values()) == [_joined(v) if isinstance(v, str) else v for v in data.values()]
    assert text.replace("\n", "").isprintable()


NAMES = st.text(st.characters(codec="ascii", categories=("L", "N", "P")))
LEAVES = NAMES | st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0) | st.integers() | st.booleans()
TREES = st.recursive(
    LEAVES | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES | st.integers(), inner) | st.lists(inner).map(tuple),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, TREES))
def test_it_looks_as_python_writes_it(data: dict[str, object]) -> None:
    theirs = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    assert _json(data) == theirs


def test_mappings_and_kinds_of_numbers_are_written_as_what_they_are() -> None:
    data: dict[str, object] = {
        "a": MappingProxyType({"b": np.float64(0.5), "c": ()}),
        "d": {},
        "e": [[], True, Answer.YES],
    }
    assert json.loads(_json(data)) == {"a": {"b": 0.5, "c": []}, "d": {}, "e": [[], True, 1]}


def _joined(text: str) -> str:
    """Two lone surrogates that make a pair are one character after any JSON reader."""
    return re.sub(
        "[\ud800-\udbff][\udc00-\udfff]",
        lambda m: m[0].encode("utf-16", "surrogatepass").decode("utf-16"),
        text,
    )


def test_the_look() -> None:
    assert _json({"b": 0.1, "a": ["é日", None, "\x9b\u202e\x7f"]}) == (
        '{\n  "b": 0.1,\n  "a": [\n    "é日",\n    null,\n    "\\u009b\\u202e\\u007f"\n  ]\n}\n'
    )


def test_zero_has_no_sign() -> None:
    assert "-0" not in _json({"a": -0.0, "b": [{"c": (-0.0, -0.0)}]})
    assert _json({"a": (1, -1.5)}) == '{\n  "a": [\n    1,\n    -1.5\n  ]\n}\n'


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        _json({"plans": [{"npv_usd": number}]})
