from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from pydantic import Field

from minecalc.schema.declared import annotation_at, choices, model_in, range_at
from minecalc.schema.diagnostics import Path
from minecalc.schema.fields import Inputs, anything, number


class Inner(Inputs):
    share_fraction: float = number(low=0, high=1, help="share")
    word: Literal["a", "b"] | None = None


class Outer(Inputs):
    one: Inner | None = None
    named: dict[str, Inner] = anything(default={}, help="named")
    mapped: Mapping[str, float] = anything(default={}, low=-5, high=5, help="mapped")
    listed: list[Annotated[Inner, Field()]] = anything(default=[], help="listed")
    shares: tuple[float, ...] = anything(default=(), low=0, high=1, help="shares")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (("one", "share_fraction"), float),
        (("named", "x", "share_fraction"), float),
        (("listed", 3, "share_fraction"), float),
        (("mapped", "x"), float),
        (("shares", 0), float),
        (("one", "colour"), None),
        (("colour", "x"), None),
        (("shares", 0, "x"), None),
    ],
)
def test_annotation_at(at: Path, expected: object) -> None:
    assert annotation_at(Outer, at) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (("one", "share_fraction"), (0, 1)),
        (("named", "x", "share_fraction"), (0, 1)),
        (("shares", 1), (0, 1)),
        (("mapped", "x"), (-5, 5)),
        (("colour",), (None, None)),
        ((), (None, None)),
    ],
)
def test_range_at(at: Path, expected: tuple[float | None, float | None]) -> None:
    assert range_at(Outer, at) == expected


def test_model_in() -> None:
    assert model_in(annotation_at(Outer, ("one",))) is Inner
    assert model_in(annotation_at(Outer, ("listed", 0))) is Inner
    assert model_in(float | None) is None
    assert model_in(None) is None


def test_choices() -> None:
    assert choices(annotation_at(Outer, ("one", "word"))) == ["a", "b"]
    assert choices(float) == []
