"""Financing, tax and statements against the second, independent calculation in ``second_engine``.

Cases are the random scenarios of ``second_engine.random_financing``, each known by its seed. Both sides are nested
mappings of the same names; what the product has is compared, number by number.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.engine import evaluate
from minecalc.figures import plan_metrics
from minecalc.loading import loads
from tests.randomly import randomly
from tests.second_engine.corners import with_finance
from tests.second_engine.engine import Scenario
from tests.second_engine.financing import NotFinancedError
from tests.second_engine.random_financing import random_scenario, without_finance
from tests.test_second_engine import disagreements

ROOT = Path(__file__).parents[1]
RELATIVE = 1e-9
ROUNDING = 1e-12
PLAN = "convert"

Data = dict[str, Any]


class RefusedError(Exception):
    """The product finds no such financing."""


def product(data: Data) -> Data:
    """What the product answers, under the second engine's names; what it refuses is a ``RefusedError``."""
    evaluation = evaluate(loads(json.dumps(without_finance(data))))
    plan = evaluation.plans[PLAN]
    metrics = {name: figure.number() for name, figure in plan_metrics(plan).items()}
    names = ("npv_usd", "npv_at_scenario_rate_usd", "irr_fraction_per_year", "peak_funding_usd")
    return {
        "plan_usd": [float(usd) for usd in plan.net_usd[:, 0]],
        "project_usd": [float(usd) for usd in plan.project_usd[:, 0]],
        "corners": {"unlevered": {name: metrics[name] for name in names}},
    }


def second(data: Data) -> Data | None:
    """What the second engine answers; none where it finds no such financing."""
    try:
        return with_finance(Scenario(data, ROOT), PLAN)
    except NotFinancedError:
        return None


def differences(want: Any, ours: Any, scale_usd: float, where: str = "") -> Iterator[str]:
    """One line for each number of ``ours`` that is not the second engine's; USD may differ by rounding of the scale."""
    if isinstance(ours, dict):
        for name, value in ours.items():
            if name not in want:
                yield f"{where}{name}: the second engine has none"
            else:
                yield from differences(want[name], value, scale_usd, f"{where}{name}.")
    elif isinstance(ours, list | tuple):
        if len(want) != len(ours):
            yield f"{where} second {want}, product {ours}"
        else:
            for i, (theirs, value) in enumerate(zip(want, ours, strict=True)):
                yield from differences(theirs, value, scale_usd, f"{where}{i}.")
    elif isinstance(ours, str) or want is None or ours is None:
        if want != ours:
            yield f"{where} second {want}, product {ours}"
    elif not math.isclose(want, ours, rel_tol=RELATIVE, abs_tol=ROUNDING * (scale_usd if "usd" in where else 1.0)):
        yield f"{where} second {want}, product {ours}"


@randomly(40)
@given(st.integers(0, 10**6))
def test_random_financing(seed: int) -> None:
    data = random_scenario(seed)
    want = second(data)
    if want is None:
        if "financing" in product_keys():
            with pytest.raises(RefusedError):
                product(data)
        return
    scale_usd = sum(map(abs, want["plan_usd"])) + sum(map(abs, want["project_usd"])) + 1.0
    assert list(differences(want, product(data), scale_usd)) == []


def product_keys() -> set[str]:
    """What the product's side compares, by the first names."""
    return set(product(random_scenario(0)))


@randomly(15)
@given(st.integers(0, 10**6))
def test_random_financing_without_its_finance(seed: int) -> None:
    data = without_finance(random_scenario(seed))
    assert disagreements(loads(json.dumps(data)), data, ROOT) == []


def test_differences_are_seen() -> None:
    want = {"a_usd": [1.0, None], "b": {"c_ratio": 2.0, "d": "x"}}
    assert list(differences(want, want, 1.0)) == []
    off = {"a_usd": [1.0 + 1e-8, 0.0], "b": {"c_ratio": 2.0 + 1e-8, "d": "y", "e": 1}}
    assert len(list(differences(want, off, 1.0))) == 5
    assert len(list(differences(want, {"a_usd": [1.0]}, 1.0))) == 1
