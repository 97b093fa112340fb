"""The market rates of AI, and its utilisation, as factors."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.schema.validate import validate_data
from minecalc.uses.ai_rates import GpuRate, Rent, Utilisation


def test_utilisation_is_drawn_about_the_scenarios() -> None:
    assert Utilisation().drawn.mean == pytest.approx((0.5 + 4 + 1.15) / 6)


@pytest.mark.parametrize("model", [Rent, GpuRate])
def test_futures_are_certain_together(model: type[Rent] | type[GpuRate]) -> None:
    def future(probability: float, ratio: Any = 1) -> dict[str, Any]:
        return {"probability_fraction": probability, "rate_ratio": ratio}

    assert model.model_validate({"futures": {"a": future(0.3), "b": future(0.7, {"steps": {"2028-01": 2}})}}).futures
    total = "the probabilities of the futures add up to"
    for futures, message in (({"a": future(0.3), "b": future(0.3)}, f"{total} 0.6"), ({}, f"{total} 0")):
        inputs, problems = validate_data({"futures": futures}, model)
        assert inputs is None
        assert [(one.at, one.code, one.message) for one in problems] == [(("futures",), "bad-shares", message)]
    _, problems = validate_data({"futures": {"a": future(1, -1)}}, model)
    assert [(one.at, one.code) for one in problems] == [(("futures", "a", "rate_ratio"), "out-of-range")]
