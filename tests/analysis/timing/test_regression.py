"""Least squares on polynomials and hinge terms of features, with numpy's own as a check."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.timing.regression import HINGES, Basis, LeastSquares, Regression, fitted
from minecalc.arrays import FloatArray

PATHS = 3000


def normals(rows: int, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((rows, PATHS))


def regressed(features: FloatArray, worths: FloatArray) -> Regression:
    return Regression.of(Basis.of(features, 2), features, worths)


def test_terms_are_polynomials_of_standardised_features_then_bends() -> None:
    features = normals(2) * [[3.0], [0.1]] + [[100.0], [-5.0]]
    terms = Basis.of(features, 2).terms(features)
    a, b = ((row - row.mean()) / row.std() for row in features)
    np.testing.assert_allclose(terms[:6], [np.ones(PATHS), a, b, a * a, a * b, b * b], atol=1e-9)
    assert len(terms) == 6 + 2 * HINGES
    for bend, x in zip(terms[6:], [a] * HINGES + [b] * HINGES, strict=True):
        place = x[bend > 0.0].min()
        np.testing.assert_allclose(bend, np.maximum(x - place, 0.0), atol=2e-2)
    above = [np.count_nonzero(bend) / PATHS for bend in terms[6 : 6 + HINGES]]
    assert above == pytest.approx([0.8, 0.6, 0.4, 0.2], abs=0.01)


def test_features_are_held_within_the_range_of_the_fit() -> None:
    features = normals(1)
    basis = Basis.of(features, 2)
    outside = np.array([[features.min() - 9.0, features.max() + 9.0]])
    ends = np.array([[features.min(), features.max()]])
    np.testing.assert_array_equal(basis.terms(outside), basis.terms(ends))


def test_the_fit_is_that_of_least_squares() -> None:
    features, targets = normals(2), np.exp(normals(2)) + normals(2, seed=2)
    basis = Basis.of(features, 2)
    terms = basis.terms(features)
    coefficients = LeastSquares(lambda block: terms[:, block], terms.shape[1]).coefficients(targets)
    expected = np.linalg.lstsq(terms.T, targets.T, rcond=None)[0].T
    np.testing.assert_allclose(coefficients, expected, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(fitted(coefficients, terms), expected @ terms, atol=1e-9)
    regression = regressed(features, targets)
    np.testing.assert_array_equal(regression.at(features), fitted(coefficients, terms))


def test_squares_count_by_their_weights() -> None:
    features, targets, weights = normals(2), np.exp(normals(1)), np.abs(normals(1, seed=4)[0])
    basis = Basis.of(features, 1)
    root = np.sqrt(weights)
    expected = np.linalg.lstsq((basis.terms(features) * root).T, targets[0] * root, rcond=None)[0]
    found = Regression.of(basis, features, targets, weights).coefficients
    np.testing.assert_allclose(found[0], expected, rtol=1e-8, atol=1e-10)
    assert np.abs(found - Regression.of(basis, features, targets).coefficients).max() > 0.01


def test_a_constant_target_is_met_exactly_whatever_the_features() -> None:
    regression = regressed(normals(2), np.full((1, PATHS), 0.1))
    assert set(regression.at(normals(2, seed=3)).ravel().tolist()) == {0.1}


@pytest.mark.parametrize("spare", ["constant", "tiny spread", "copy", "multiple"])
def test_a_feature_that_adds_nothing_changes_nothing(spare: str) -> None:
    feature, targets = normals(1), normals(1, seed=2)
    other = {
        "constant": np.full((1, PATHS), 7e6),
        "tiny spread": 7e6 + 1e-9 * feature,
        "copy": feature,
        "multiple": 3.0 * feature + 2.0,
    }[spare]
    alone = regressed(feature, targets).at(feature)
    both = np.concatenate([feature, other])
    np.testing.assert_allclose(regressed(both, targets).at(both), alone, atol=1e-9)


@pytest.mark.parametrize("spread", [0.1, 0.03, 0.003])
def test_features_that_are_nearly_multiples_of_each_other_leave_the_fit_sound(spread: float) -> None:
    """A price and its logarithm in a narrow range: the best fit misses by little less."""
    above = np.abs(normals(1))
    price = 1.0 + spread * above
    features = np.concatenate([price, np.log(price)])
    targets = np.maximum(above, 0.5) + 0.1 * normals(1, seed=2)
    terms = Basis.of(features, 2).terms(features)
    best = np.linalg.lstsq(terms.T, targets[0], rcond=1e-14)[0] @ terms
    missed = regressed(features, targets).at(features) - targets
    assert np.square(missed).sum() < 1.01 * np.square(best - targets).sum()


def test_all_features_constant_leave_the_mean() -> None:
    features, targets = np.ones((3, PATHS)), normals(1)
    found = regressed(features, targets).at(features)
    np.testing.assert_allclose(found, targets.mean(), atol=1e-12)


@pytest.mark.parametrize(("paths", "terms"), [(1, 1), (2, 1), (5, 3), (11, 6)])
def test_few_paths_have_few_terms(paths: int, terms: int) -> None:
    """Else a rule would learn the paths by heart."""
    regression = regressed(normals(2)[:, :paths], normals(1, seed=2)[:, :paths])
    assert not regression.coefficients[0, terms:].any()
    assert regression.coefficients[0, :terms].all()


def test_prediction_of_a_path_does_not_depend_on_the_others() -> None:
    features = normals(2)
    regression = regressed(features, normals(3, seed=2))
    whole = regression.at(features)
    np.testing.assert_array_equal(regression.at(features[:, 1001:1003]), whole[:, 1001:1003])


def test_targets_share_the_terms_and_keep_their_bits() -> None:
    generator = np.random.default_rng(5)
    terms = np.concatenate([np.ones((1, 3000)), generator.standard_normal((9, 3000))])
    terms[4] = 2.0 * terms[3]
    targets, weights = generator.standard_normal((3, 3000)), generator.uniform(0.1, 1.0, 3000)
    squares = LeastSquares(lambda block: terms[:, block], 3000, weights)
    together = squares.coefficients(targets)
    for k in range(3):
        assert squares.coefficients(targets[k : k + 1]).tobytes() == together[k : k + 1].tobytes()
