"""A rule for when to move, fitted to simulated paths: least-squares Monte Carlo.

From the last date back, what a move gains over staying is regressed on what is known on the date (Longstaff and
Schwartz 2001, Review of Financial Studies 14, 113-147): the gain as it turns out, with the rule already fitted to
later dates, and only on paths where a move is allowed. The rule makes the move of the largest expected gain, if any
is above zero. Its value comes from other paths than it was fitted to: there it cannot know the future.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from minecalc.analysis.timing.control_variates import ControlCoefficients, ControlVariates
from minecalc.analysis.timing.regression import Basis, Regression
from minecalc.analysis.timing.switching import Modes, Move, Switching
from minecalc.arrays import BoolArray, FloatArray

#: The degree of the polynomials that gains are regressed on.
_DEGREE = 2
#: How often gains are regressed again with weights, and how many paths that needs: fewer do not show where it is close.
_ROUNDS, _LEAST = 3, 200
#: How many paths are enough for all rounds but the last.
_ROUGHLY = 16_384


def _expected(problem: Switching, date: int, held: FloatArray) -> Regression | None:
    """What each move gains over staying, beside worth that is known; None if no move is allowed.

    Fitted to what modes are worth from ``date`` on, ``held (modes, paths)``.
    """
    anywhere = np.zeros(problem.paths, dtype=np.bool_)
    for move in problem.moves:
        anywhere |= move.allowed[date]
    if not anywhere.any():
        return None
    features = problem.features[date][:, anywhere]
    basis = Basis.of(features, _DEGREE)
    fitted = [
        _closely(basis, features, _known(move, date, problem.paths)[anywhere], _gain(move, date, held)[anywhere])
        for move in problem.moves
    ]
    return Regression(basis, np.concatenate(fitted))


def _gains(expected: Regression, problem: Switching, date: int) -> FloatArray:
    """What each move of ``problem`` is expected to gain over staying, given its features: ``(moves, paths)``."""
    gains = expected.at(problem.features[date])
    for gain, move in zip(gains, problem.moves, strict=True):
        gain += _known(move, date, gain.size)
    return gains


def _gain(move: Move, date: int, held: FloatArray) -> FloatArray:
    """What a move gains as it turns out, beside worth that is known on the date: ``(paths,)``."""
    gain: FloatArray = held[move.target] - held[move.origin]
    return gain if move.known else gain + move.worth[date]


def _known(move: Move, date: int, paths: int) -> FloatArray:
    """What is known on the date of a move's worth: ``(paths,)``."""
    return np.broadcast_to(move.worth[date] if move.known else np.zeros(1), paths)


def _closely(basis: Basis, features: FloatArray, known: FloatArray, gain: FloatArray) -> FloatArray:
    """Coefficients ``(1, terms)`` for ``gain (paths,)``, closest where it, with ``known``, is about zero.

    A path counts the less, the larger the gain that was expected there before: large gains and losses would else draw
    the fit to where no more than their sign matters. What is expected is known on the date, so nothing is biased.
    """
    some, every = slice(0, _ROUGHLY), slice(0, gain.size)
    regression = Regression.of(basis, features[:, some], gain[None, some])
    for sample in (*[some] * (_ROUNDS - 1), every) if gain.size >= _LEAST else ():
        expected = np.abs(regression.at(features[:, sample])[0] + known[sample])
        middle = float(np.partition(expected, expected.size // 2)[expected.size // 2])
        if middle == 0.0:
            break
        weights = 1.0 / (1.0 + (expected / middle) ** 2)
        regression = Regression.of(basis, features[:, sample], gain[None, sample], weights)
    return regression.coefficients


@dataclass(frozen=True, eq=False)
class Fit:
    """A rule, and the coefficients of control variates that follow what modes and moves are worth, all by date.

    ``gains`` is what moves are expected to gain over staying, beside worth that is known; None on a date without a
    move.
    """

    gains: tuple[Regression | None, ...]
    of_modes: tuple[ControlCoefficients, ...]
    of_moves: tuple[ControlCoefficients, ...]

    def modes(self, problem: Switching) -> Modes:
        """The modes ``(dates, paths)`` that the rule leads to on the paths of ``problem``."""
        modes = np.empty((problem.dates, problem.paths), dtype=np.int8)
        before = np.zeros(problem.paths, dtype=np.int8)
        for d, expected in enumerate(self.gains):
            modes[d] = before
            if expected is not None:
                gains, best = _gains(expected, problem, d), np.zeros(problem.paths)
                for move, gain in zip(problem.moves, gains, strict=True):
                    better = (before == move.origin) & _better(move, d, gain, best)
                    np.copyto(best, gain, where=better)
                    modes[d, better] = move.target
            before = modes[d]
        return modes

    def quiet(self, problem: Switching, controls: ControlVariates) -> Switching:
        """``problem`` with noise taken out of its flows and worths: every policy is worth as much on average."""
        flows = problem.flows.copy()
        for d, (coefficients, features) in enumerate(zip(self.of_modes, problem.features, strict=True)):
            flows[d] -= coefficients.noise(features, controls.before_next[d])
        return replace(problem, flows=flows, moves=_quiet_moves(problem, controls, self.of_moves))


def fit(problem: Switching, controls: ControlVariates) -> Fit:
    """The rule and the coefficients that the paths of ``problem`` teach."""
    of_moves = tuple(follower.of(_uncertain_worth(problem, d)) for d, follower in enumerate(controls.of_moves))
    problem = replace(problem, moves=_quiet_moves(problem, controls, of_moves))
    worth = np.zeros(problem.flows.shape[1:])
    gains, of_modes = [], []
    for d in reversed(range(problem.dates)):
        features, learnt, held = problem.features[d], controls.before_next[d], problem.flows[d] + worth
        coefficients = controls.of_modes[d].of(held)
        held -= coefficients.noise(features, learnt)
        expected = _expected(problem, d, held)
        worth = held if expected is None else _arriving(problem, d, held, expected)
        gains.append(expected)
        of_modes.append(coefficients)
    return Fit(tuple(reversed(gains)), tuple(reversed(of_modes)), of_moves)


def _arriving(problem: Switching, date: int, held: FloatArray, expected: Regression) -> FloatArray:
    """What each mode is worth before the date's move ``(modes, paths)``, as the rule decides it."""
    worth, best = held.copy(), np.zeros_like(held)
    for move, gain in zip(problem.moves, _gains(expected, problem, date), strict=True):
        better = _better(move, date, gain, best[move.origin])
        np.copyto(best[move.origin], gain, where=better)
        np.copyto(worth[move.origin], held[move.target] + move.worth[date], where=better)
    return worth


def _better(move: Move, date: int, gain: FloatArray, best: FloatArray) -> BoolArray:
    """Where ``move`` is allowed and gains more than the ``best`` so far: ``(paths,)``."""
    better: BoolArray = move.allowed[date] & (gain > best)
    return better


def _uncertain_worth(problem: Switching, date: int) -> FloatArray:
    """What the moves whose worth is not known on the date bring: ``(moves, paths)``."""
    worths = [np.broadcast_to(move.worth[date], problem.paths) for move in problem.moves if not move.known]
    return np.array(worths).reshape(-1, problem.paths)


def _quiet_moves(
    problem: Switching, controls: ControlVariates, of_moves: tuple[ControlCoefficients, ...]
) -> tuple[Move, ...]:
    """The moves of ``problem`` with noise taken out of those whose worth is not known on the date."""
    uncertain = [move for move in problem.moves if not move.known]
    quiet = np.empty((problem.dates, len(uncertain), problem.paths))
    for d, coefficients in enumerate(of_moves):
        noise = coefficients.noise(problem.features[d], controls.to_the_end[d])
        quiet[d] = _uncertain_worth(problem, d) - noise
    places = iter(range(len(uncertain)))
    return tuple(move if move.known else replace(move, worth=quiet[:, next(places)]) for move in problem.moves)
