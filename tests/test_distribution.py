"""Distributions as files write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from scipy import integrate, stats

from minecalc.distribution import KINDS, Distribution, parse

WRITTEN: list[dict[str, Any]] = [
    {"distribution": "normal", "mean": 3, "sd": 0.5},
    {"distribution": "normal", "mean": -3, "sd": 0},
    {"distribution": "lognormal", "mean": 3, "sd": 0.5},
    {"distribution": "triangular", "low": -1, "mode": 3, "high": 5},
    {"distribution": "pert", "low": 0.9, "mode": 1, "high": 1.5},
    {"distribution": "pert", "low": 1, "mode": 1, "high": 1},
    {"distribution": "uniform", "low": 0.1, "high": 0.2},
    {"distribution": "discrete", "values": [0, 6, 12], "probabilities": [0.7, 0.2, 0.1]},
    {"distribution": "discrete", "values": [4], "probabilities": [1]},
]

#: What is no distribution, where the complaint is, its code and what it says.
WRONG: list[tuple[Any, tuple[str, ...], str, str]] = [
    (5, (), "wrong-type", "5 is no distribution"),
    ([1, 2], (), "wrong-type", "a list is no distribution"),
    ({}, (), "missing-key", "distribution is missing"),
    ({"low": 1, "high": 2}, (), "missing-key", "distribution is missing"),
    ({"distribution": "gamma", "a": 1}, ("distribution",), "bad-choice", 'distribution is "gamma"; it must be one of'),
    ({"distribution": ["pert"]}, ("distribution",), "bad-choice", "distribution is a list; it must be one of normal"),
    ({"distribution": "normal", "mean": 1}, (), "missing-key", "sd is missing beside normal"),
    ({"distribution": "normal", "mean": 1, "sd": -1}, ("sd",), "bad-distribution", "sd is -1"),
    ({"distribution": "normal", "mean": 1, "sd": True}, ("sd",), "not-a-number", "sd is true"),
    ({"distribution": "normal", "mean": 1, "sd": 1e19}, ("sd",), "out-of-range", "sd is 1e+19; it must lie in -1e"),
    ({"distribution": "lognormal", "mean": 0, "sd": 1}, ("mean",), "bad-distribution", "mean of a lognormal is 0"),
    ({"distribution": "lognormal", "mean": 1, "sd": 1e7}, ("sd",), "bad-distribution", "1e+07 times the mean"),
    ({"distribution": "lognormal", "mean": 1, "sd": -1}, ("sd",), "bad-distribution", "sd is -1"),
    (
        {"distribution": "pert", "low": 5, "mode": 1, "high": 10},
        ("low",),
        "bad-distribution",
        "low, mode, high are 5, 1, 10",
    ),
    ({"distribution": "triangular", "low": 1, "mode": 3, "high": 2}, ("low",), "bad-distribution", "are 1, 3, 2"),
    ({"distribution": "uniform", "low": 2, "high": 1}, ("low",), "bad-distribution", "low, high are 2, 1"),
    (
        {"distribution": "uniform", "low": 1, "high": 2, "mode": 1},
        ("mode",),
        "unknown-key",
        "unknown key mode in a uniform",
    ),
    ({"distribution": "uniform", "low": None, "high": 2}, ("low",), "not-a-number", "low has no value"),
    ({"distribution": "discrete", "values": 3, "probabilities": [1]}, ("values",), "wrong-type", "values takes a list"),
    (
        {"distribution": "discrete", "values": [], "probabilities": [1]},
        ("values",),
        "wrong-type",
        "values takes a list",
    ),
    ({"distribution": "discrete", "values": ["a"], "probabilities": [1]}, ("values",), "not-a-number", 'values is "a"'),
    (
        {"distribution": "discrete", "values": [1, 2], "probabilities": [1]},
        ("probabilities",),
        "bad-distribution",
        "2 values have 1 probabilities",
    ),
    (
        {"distribution": "discrete", "values": [1, 2], "probabilities": [0.5, 0.6]},
        ("probabilities",),
        "bad-distribution",
        "the probabilities add up to 1.1",
    ),
    (
        {"distribution": "discrete", "values": [1, 2], "probabilities": [-0.5, 1.5]},
        ("probabilities",),
        "bad-distribution",
        "a probability is -0.5",
    ),
]


class Holder(BaseModel):
    """Something with a distribution."""

    drawn: Distribution


SCHEMA = Holder.model_json_schema()["properties"]["drawn"]


def read(data: dict[str, Any]) -> Distribution:
    found, problems = parse(data)
    assert found is not None, problems
    return found


@pytest.mark.parametrize("data", WRITTEN, ids=str)
def test_what_is_written_is_read_and_written_again(data: dict[str, Any]) -> None:
    found = read(data)
    assert found.written() == data
    assert Holder.model_validate({"drawn": data}).drawn == found
    assert Holder.model_validate({"drawn": found}).model_dump() == {"drawn": data}
    Draft202012Validator(SCHEMA).validate(data)


def test_words() -> None:
    assert read(WRITTEN[4]).words() == "pert, low 0.9, mode 1, high 1.5"
    assert read(WRITTEN[7]).words() == "discrete, 0 with 0.7, 6 with 0.2, 12 with 0.1"


@pytest.mark.parametrize("data", WRITTEN, ids=str)
def test_the_mean_is_that_of_what_is_drawn(data: dict[str, Any]) -> None:
    """By quadrature over the normal that a draw is made of."""
    found = read(data)

    def weighted(z: float) -> float:
        return float(found.draw(np.array([z]))[0] * stats.norm.pdf(z))

    mean = integrate.quad(weighted, -8, 8, limit=400, points=[-1.0, 0.0, 0.5244005127080407, 1.2815515655446004])[0]
    assert mean == pytest.approx(found.mean, rel=1e-5, abs=1e-5)
    assert found.draw(np.zeros((3, 4))).shape == (3, 4)


def test_every_kind_is_written_above() -> None:
    assert {data["distribution"] for data in WRITTEN} == set(KINDS)
    draws = {kind: read(next(d for d in WRITTEN if d["distribution"] == kind)).draw(np.array([0.7])) for kind in KINDS}
    assert len({float(drawn[0]) for drawn in draws.values()}) == len(KINDS)


@pytest.mark.parametrize(("data", "place", "code", "message"), WRONG, ids=lambda value: str(value)[:60])
def test_what_is_none_is_refused(data: Any, place: tuple[str, ...], code: str, message: str) -> None:
    found, problems = parse(data, ("delay_months",))
    assert found is None
    assert [(problem.at, problem.code) for problem in problems] == [(("delay_months", *place), code)]
    assert message in problems[0].message
    assert "\n" not in problems[0].message
    assert problems[0].help or code in ("not-a-number", "out-of-range")


@pytest.mark.parametrize("data", [case[0] for case in WRONG if case[2] not in ("bad-distribution",)], ids=str)
def test_what_is_ill_formed_is_refused_by_editors_too(data: Any) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid(data)


def test_several_complaints_at_once() -> None:
    _, problems = parse({"distribution": "pert", "low": "a", "mode": 1, "top": 3})
    assert [problem.code for problem in problems] == ["unknown-key", "not-a-number", "missing-key"]
    assert problems[0].help == "pert takes low, mode, high"


def test_a_kind_that_is_nearly_one() -> None:
    _, problems = parse({"distribution": "triangle"})
    assert problems[0].help == "did you mean triangular?"
