"""What a load pays for power that always runs, and one that is off where running is worth less than its power."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.power import PowerPrice

PRICE = PowerPrice(np.array([[0.05], [0.10], [0.20], [-0.01]]))
ENERGY = np.full((4, 1), 10.0)


def test_a_firm_load_pays_the_mean_price_of_its_energy() -> None:
    assert PRICE.cost_usd(ENERGY)[:, 0].tolist() == pytest.approx([500.0, 1000.0, 2000.0, -100.0])


def test_an_interruptible_load_runs_where_that_is_worth_more_than_its_power() -> None:
    load = PRICE.interruptible(ENERGY, np.full((4, 1), 1000.0))
    assert load.margin_if_run_usd[:, 0].tolist() == pytest.approx([500.0, 0.0, -1000.0, 1100.0])
    assert load.runs[:, 0].tolist() == [True, False, False, True], "at a margin of nothing it is off"
    assert load.power_usd()[:, 0].tolist() == pytest.approx([-500.0, 0.0, 0.0, 100.0])
    assert load.saved_usd()[:, 0].tolist() == pytest.approx([0.0, 0.0, 1000.0, 0.0])
    assert load.in_hours_run(ENERGY)[:, 0].tolist() == [10.0, 0.0, 0.0, 10.0]


def test_a_load_that_is_shut_neither_runs_nor_saves() -> None:
    load = PRICE.interruptible(ENERGY, np.full((4, 1), 1000.0)).shut_but_for(
        np.array([[True], [True], [False], [False]])
    )
    assert load.in_hours_run(ENERGY)[:, 0].tolist() == [10.0, 0.0, 0.0, 0.0]
    assert load.power_usd()[:, 0].tolist() == pytest.approx([-500.0, 0.0, 0.0, 0.0])
    assert load.saved_usd()[:, 0].tolist() == [0.0, 0.0, 0.0, 0.0], "in the third month there is nothing to keep off"


def test_what_is_earned_and_saved_is_the_margin_of_a_load_that_chooses() -> None:
    worth = np.random.default_rng(1).uniform(-500.0, 3000.0, (4, 50))
    load = PRICE.interruptible(ENERGY, worth)
    chosen = load.in_hours_run(worth) + load.power_usd()
    assert chosen == pytest.approx(load.margin_if_run_usd + load.saved_usd())
    assert chosen == pytest.approx(np.maximum(load.margin_if_run_usd, 0.0))
