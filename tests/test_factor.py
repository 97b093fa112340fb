"""Factors: by what a draw multiplies the inputs that follow one, and what every business's factors declare."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.businesses import business, kinds
from minecalc.factor import Drawn, DrawnShare, Factor, MarketRate, SignedRate
from minecalc.schema.fields import meant
from minecalc.timeline import Timeline
from minecalc.values.paths import TimedInputs, ValueOverTime

TIMELINE = Timeline(2027 * 12, 3)
DRAWN = np.array([-0.5, 0.5, 1.0, 1.5, 9.0])


def test_a_rate_moves_what_follows_it_as_it_is_drawn() -> None:
    assert MarketRate().path(DRAWN, ValueOverTime.constant(0.8), TIMELINE) is DRAWN
    assert SignedRate().signed == "at_start"


def test_a_share_stays_between_nothing_and_all() -> None:
    course = DrawnShare.path(DrawnShare.model_construct(), DRAWN, ValueOverTime.constant(0.8), TIMELINE)
    assert course[0].tolist() == pytest.approx([0.0, 0.5, 1.0, 1.25, 1.25])


@pytest.mark.parametrize("kind", kinds())
def test_a_businesss_factors_say_what_they_are_and_move_inputs_that_it_has(kind: str) -> None:
    model = business(kind).Inputs
    for name, declared in model.factors.items():
        factor = meant(declared)
        assert factor.label
        assert factor.monthly == (not issubclass(factor, Drawn))
        assert all(factor.in_words) or not factor.monthly
        assert not factor.monthly or name in model.model_fields, "a market price is called as the input that holds it"
        for path in (*factor.follows, *filter(None, [factor.beside])):
            assert path.split(".")[0] in model.model_fields


def test_no_two_businesses_mean_different_things_by_one_name() -> None:
    found: dict[str, type[Factor]] = {}
    for kind in kinds():
        for name, factor in business(kind).Inputs.factors.items():
            assert found.setdefault(name, meant(factor)) is meant(factor)


@pytest.mark.parametrize("kind", kinds())
def test_prices_are_inputs(kind: str) -> None:
    model: type[TimedInputs] = business(kind).Inputs
    for path in (*business(kind).Inputs.prices, *business(kind).Inputs.worth_solving_for):
        assert path.split(".")[0] in model.model_fields
