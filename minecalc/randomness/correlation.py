"""Correlation of standard normals: a matrix by name, checked, factored and applied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from minecalc.arrays import FloatArray

#: Eigenvalues above minus this are rounding, not a fault of the matrix.
_ROUNDING = 1e-10

#: Rows of normals that are mixed in one go.
_ROWS = 16


def matrix(names: Sequence[str], pairs: Mapping[tuple[str, str], float]) -> FloatArray:
    """The correlation matrix of ``names`` with these pairs and zero elsewhere."""
    index = {name: i for i, name in enumerate(names)}
    correlations = np.eye(len(names))
    for (one, other), value in pairs.items():
        correlations[index[one], index[other]] = correlations[index[other], index[one]] = value
    return correlations


def least_eigenvalue(correlations: FloatArray) -> float:
    """The least eigenvalue; negative where no numbers can be correlated so."""
    return float(np.linalg.eigvalsh(correlations)[0])


def is_possible(correlations: FloatArray) -> bool:
    """True for a matrix that is positive semi-definite, up to rounding."""
    return least_eigenvalue(correlations) >= -_ROUNDING


def nearest(correlations: FloatArray) -> FloatArray:
    """The correlation matrix ``(n, n)`` nearest in the Frobenius norm, by alternating projections (Higham 2002)."""
    point, correction = correlations.copy(), np.zeros_like(correlations)
    for _ in range(1000):
        shifted = point - correction
        values, vectors = np.linalg.eigh(shifted)
        scaled = vectors * np.sqrt(np.maximum(values, 0.0))
        projected = np.array([[math.fsum((row * column).tolist()) for column in scaled] for row in scaled])
        correction = projected - shifted
        following = projected.copy()
        np.fill_diagonal(following, 1.0)
        if np.max(np.abs(following - point)) < 1e-12:
            break
        point = following
    return np.clip((point + point.T) / 2.0, -1.0, 1.0)


def nearest_written(correlations: FloatArray, kept: FloatArray, decimals: int = 3) -> FloatArray:
    """The nearest correlation matrix times ``kept (n, n)``, as people write it: rounded, and possible over ``kept``.

    Rounding may leave the possible ones, so it is moved towards no correlation at all as far as that takes.
    """
    near, less = nearest(correlations), 10.0**-decimals
    for step in range(len(near) + 2):
        written = np.round(near * kept * (1.0 - step * less), decimals)
        np.fill_diagonal(written, 1.0)
        if is_possible(_over(written, kept)):
            break
    return written + 0.0


def _over(correlations: FloatArray, kept: FloatArray) -> FloatArray:
    """``correlations`` over ``kept``, ones on the diagonal."""
    shocks: FloatArray = correlations / kept
    np.fill_diagonal(shocks, 1.0)
    return shocks


def factor(correlations: FloatArray) -> list[dict[int, float]]:
    """The lower factor L with L L' = R, a row each, zeros left out; works where R is singular.

    A row is made of the rows before it, so a name keeps its own stream as far as it is uncorrelated. Pure Python: the
    matrices are small, and their last bits must not depend on how a library was built.
    """
    size = len(correlations)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = float(correlations[i, j]) - math.fsum(lower[i][k] * lower[j][k] for k in range(j))
            if i == j:
                lower[i][i] = math.sqrt(max(rest, 0.0))
            elif lower[j][j] > math.sqrt(_ROUNDING):
                lower[i][j] = rest / lower[j][j]
    return [{j: value for j, value in enumerate(row) if value != 0.0} for row in lower]


def apply(rows: Sequence[Mapping[int, float]], normals: Sequence[FloatArray]) -> list[FloatArray]:
    """Correlated normals from independent ones: row i of the factor mixes the arrays ``normals``, of one shape.

    An array that others are mixed into is overwritten; one that stands alone is passed on as it is. Some rows of the
    arrays at a time, which stay in the cache.
    """
    for i in range(len(rows) - 1, -1, -1):
        row = rows[i]
        if list(row) == [i] and row[i] == 1.0:
            continue
        for first in range(0, len(normals[i]), _ROWS):
            rows_here = slice(first, first + _ROWS)
            total = normals[i][rows_here]
            total *= row.get(i, 0.0)
            for j, weight in row.items():
                if j != i:
                    total += weight * normals[j][rows_here]
    return list(normals)
