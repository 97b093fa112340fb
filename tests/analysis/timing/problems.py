"""Problems of switching whose answers are known: puts, an exchange of assets, entry and exit."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from minecalc.analysis.timing.control_variates import ControlVariates, of_normals
from minecalc.analysis.timing.switching import Move, Switching
from minecalc.arrays import FloatArray

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "oracles" / "real-options.json").read_text(encoding="utf-8")
)["cases"]


def case(name: str) -> dict[str, Any]:
    [found] = [case for case in CASES if case["id"] == name]
    return found


def shocks(seed: int, steps: int, factors: int, paths: int) -> FloatArray:
    """Standard normals ``(steps, factors, paths)``."""
    return np.random.default_rng(seed).standard_normal((steps, factors, paths))


def motion(start: float, drift: float, volatility: float, step_years: float, normals: FloatArray) -> FloatArray:
    """Geometric Brownian motion from its start on: ``(steps + 1, paths)``, its mean growing at ``drift``."""
    steps = (drift - volatility**2 / 2.0) * step_years + volatility * math.sqrt(step_years) * normals
    worth: FloatArray = start * np.exp(np.concatenate([np.zeros((1, normals.shape[1])), np.cumsum(steps, axis=0)]))
    return worth


def nothing_after(controls: FloatArray) -> FloatArray:
    """Control variates of every step with none after the last date: ``(steps + 1, control variates, paths)``."""
    return np.concatenate([controls, np.zeros_like(controls[:1])])


def nothing_learnt(dates: int, paths: int) -> ControlVariates:
    """Nothing but what the features say."""
    none = np.empty((dates, 0, paths))
    return ControlVariates(none, none, none)


def part(problem: Switching, paths: slice) -> Switching:
    """The same for some of the paths."""

    shape = (problem.dates, problem.paths)
    moves = tuple(
        replace(
            move,
            worth=np.broadcast_to(move.worth, shape)[:, paths],
            allowed=np.broadcast_to(move.allowed, shape)[:, paths],
        )
        for move in problem.moves
    )
    return Switching(problem.features[..., paths], problem.flows[..., paths], moves)


def once(gains: FloatArray, features: FloatArray, *, known: bool = True) -> Switching:
    """The right to take ``gains (dates, paths)`` once, worth it where they are above zero if they are known."""
    allowed = gains > 0.0 if known else np.ones((len(gains), 1), dtype=np.bool_)
    flows = np.zeros((len(gains), 2, gains.shape[1]))
    return Switching(features, flows, (Move(0, 1, gains, allowed, known),))


def put(inputs: dict[str, Any], seed: int, paths: int) -> tuple[Switching, ControlVariates]:
    """The Bermudan put of an oracle case, today and at the end of each step."""
    steps, years, rate = inputs["exercise_dates_per_year"] * inputs["T"], inputs["T"], inputs["r"]
    normals = shocks(seed, steps, 1, paths)
    share = motion(inputs["S"], rate - inputs["q"], inputs["sigma"], years / steps, normals[:, 0])
    discount = np.exp(-rate * np.linspace(0.0, years, steps + 1))[:, None]
    problem = once(discount * (inputs["K"] - share), share[:, None])
    return problem, ControlVariates(
        problem.features, nothing_after(of_normals(normals)), np.empty((steps + 1, 0, paths))
    )


def exchange(inputs: dict[str, Any], seed: int, paths: int, steps: int) -> tuple[Switching, ControlVariates]:
    """The right to give the second asset of an oracle case for the first, once, worth what is known on the date."""
    ai, mining, growth, _ = _assets(inputs, seed, paths, steps)
    problem = once(ai - mining, np.stack([ai, mining, ai / mining], axis=1))
    return problem, ControlVariates(problem.features, nothing_after(growth), np.empty((steps + 1, 0, paths)))


def site(inputs: dict[str, Any], seed: int, paths: int, steps: int) -> tuple[Switching, ControlVariates]:
    """A site that earns what the second asset pays out and may, once, take the first in its place.

    Both pay out until the end and are then worth what they are. What the move brings is only known in the end.
    """
    ai, mining, growth, to_the_end = _assets(inputs, seed, paths, steps)
    step = inputs["T"] / steps

    def earned(asset: FloatArray, payout: float) -> FloatArray:
        """On average the step's payouts, and at the end the asset."""
        return np.concatenate([asset[1:] * math.expm1(payout * step), asset[-1:]])

    from_here_on = np.cumsum(earned(ai, inputs["q1"])[::-1], axis=0)[::-1]
    flows = np.stack([earned(mining, inputs["q2"]), np.zeros_like(mining)], axis=1)
    move = Move(0, 1, from_here_on, np.ones((steps + 1, 1), dtype=np.bool_))
    features = np.stack([ai, mining, ai / mining], axis=1)
    return Switching(features, flows, (move,)), ControlVariates(features, nothing_after(growth), to_the_end)


def _assets(
    inputs: dict[str, Any], seed: int, paths: int, steps: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Both assets, discounted, their controls by step, and those of the first asset from each date to the end."""
    step, normals = inputs["T"] / steps, shocks(seed, steps, 2, paths)
    ai = motion(inputs["S1"], -inputs["q1"], inputs["sigma1"], step, normals[:, 0])
    mining = motion(inputs["S2"], -inputs["q2"], inputs["sigma2"], step, normals[:, 1])
    growth = np.stack([_growth(ai, inputs["q1"] * step), _growth(mining, inputs["q2"] * step)], axis=1)

    fair = ai * np.exp(inputs["q1"] * step * np.arange(steps + 1))[:, None]
    ahead = np.maximum(np.arange(steps + 1)[::-1], 1)[:, None]
    on_average = (np.cumsum(fair[::-1], axis=0)[::-1] - fair) / ahead / fair - 1.0
    on_average[-1] = 0.0
    return ai, mining, growth, np.stack([fair[-1] / fair - 1.0, on_average], axis=1)


def _growth(asset: FloatArray, payout: float) -> FloatArray:
    """By what share the asset is worth more after each step than was to be expected: ``(steps, paths)``."""
    growth: FloatArray = asset[1:] / asset[:-1] * math.exp(payout) - 1.0
    return growth


def entry_exit(
    inputs: dict[str, Any], expected: dict[str, Any], seed: int, paths: int
) -> tuple[Switching, ControlVariates]:
    """Ten years of Dixit's firm, idle at a price of 1, with what it is worth after them in closed form."""
    steps, step = 100, 0.1
    rho, mu, cost = inputs["rho"], inputs["mu"], inputs["operating_cost"]
    normals = shocks(seed, steps, 1, paths)
    price = motion(1.0, mu, inputs["sigma"], step, normals[:, 0])
    discount = np.exp(-rho * step * np.arange(steps + 1))[:, None]
    share = -math.expm1(-(rho - mu) * step), -math.expm1(-rho * step)
    active = price / (rho - mu) * share[0] - cost / rho * share[1]
    flows = np.stack([np.zeros_like(active), active], axis=1)
    flows[-1] = [worth_idle(price[-1], inputs, expected), worth_active(price[-1], inputs, expected)]
    always = np.ones((steps + 1, 1), dtype=np.bool_)
    moves = (
        Move(0, 1, -inputs["entry_cost"] * discount, always, known=True),
        Move(1, 0, -inputs["exit_cost"] * discount, always, known=True),
    )
    features = np.stack([price, np.log(price)], axis=1)
    problem = Switching(features, flows * discount[:, None], moves)
    return problem, ControlVariates(
        problem.features, nothing_after(of_normals(normals)), np.empty((steps + 1, 0, paths))
    )


def _constants(inputs: dict[str, Any], expected: dict[str, Any]) -> tuple[float, float]:
    """What the right to enter and the right to leave are worth per power of the price, from the upper trigger."""
    high, up, down = expected["P_high"], expected["beta1"], expected["beta2"]
    slope = 1.0 / (inputs["rho"] - inputs["mu"])
    gain = high * slope - inputs["operating_cost"] / inputs["rho"] - inputs["entry_cost"]
    # idle = active - entry cost, and the same slope: a h^up - b h^down = gain, and its derivative times h
    a_part = (high * slope - down * gain) / (up - down)
    return a_part / high**up, (a_part - gain) / high**down


def worth_idle(price: FloatArray, inputs: dict[str, Any], expected: dict[str, Any]) -> FloatArray:
    """What an idle firm is worth, entering at once at the upper trigger or above."""
    enter, _ = _constants(inputs, expected)
    entered = _operating(price, inputs, expected) - inputs["entry_cost"]
    waiting: FloatArray = enter * price ** expected["beta1"]
    return np.where(price < expected["P_high"], waiting, entered)


def worth_active(price: FloatArray, inputs: dict[str, Any], expected: dict[str, Any]) -> FloatArray:
    """What an active firm is worth, leaving at once at the lower trigger or below."""
    enter, _ = _constants(inputs, expected)
    left = enter * price ** expected["beta1"] - inputs["exit_cost"]
    return np.where(price > expected["P_low"], _operating(price, inputs, expected), left)


def _operating(price: FloatArray, inputs: dict[str, Any], expected: dict[str, Any]) -> FloatArray:
    _, leave = _constants(inputs, expected)
    for_ever = price / (inputs["rho"] - inputs["mu"]) - inputs["operating_cost"] / inputs["rho"]
    operating: FloatArray = leave * price ** expected["beta2"] + for_ever
    return operating
