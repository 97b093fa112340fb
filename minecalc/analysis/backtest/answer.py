"""``minecalc backtest``: every model of the factors, with the numbers shipped and those known then, and how it did."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from minecalc.analysis.backtest.coverage import HORIZONS, JUDGED, Coverage, Interval, by_chance, coverage
from minecalc.analysis.backtest.estimates import BASES, MODELS, Basis, Model
from minecalc.analysis.backtest.forecasts import Forecast, flat_mean_probabilities, forecasts, is_exact
from minecalc.analysis.backtest.history import VARIABLES, History
from minecalc.uncertainty.factors import BtcPrice

#: The model that ``simulate`` takes unless a scenario names another.
DEFAULT_MODEL: Model = BtcPrice().model


@dataclass(frozen=True)
class Run:
    """The forecasts of one model of the factors with one origin of its numbers."""

    model: Model
    basis: Basis
    forecasts: Sequence[Forecast]

    @cached_property
    def coverages(self) -> Mapping[tuple[str, int], Coverage]:
        """By variable and months ahead; without those at which nothing has come yet."""
        found = {}
        for row, variable in enumerate(VARIABLES):
            for column, horizon in enumerate(HORIZONS):
                come = [it for it in self.forecasts if column < it.pits.shape[1]]
                if come:
                    paths = None if is_exact(self.model, variable) else come[0].paths
                    found[variable, horizon] = coverage(np.array([it.pits[row, column] for it in come]), paths)
        return found

    @property
    def distance(self) -> float:
        """How far P10-P90 are from holding 80%, as a mean over variables and horizons."""
        gaps = [abs(found.judged - JUDGED.width) for found in self.coverages.values()]
        return math.fsum(gaps) / len(gaps)

    @property
    def furthest(self) -> tuple[str, int]:
        """The variable and the months ahead whose coverage of P10-P90 is furthest from 80%."""
        found = self.coverages
        return max(found, key=lambda key: abs(found[key].judged - JUDGED.width))

    @property
    def off(self) -> Mapping[tuple[str, int], Coverage]:
        """Where the coverage of P10-P90 is not what chance makes of bands that are right."""
        return {key: it for key, it in self.coverages.items() if not chance(key[1], it).holds(it.judged)}


def chance(horizon: int, found: Coverage) -> Interval:
    """Where ``found`` would lie in nine of ten histories if P10-P90 were right."""
    return by_chance(found.dates, horizon)[JUDGED]


@dataclass(frozen=True)
class BacktestNumbers:
    """All runs from the same months of the history.

    ``about_flat_mean`` is the share of prices inside P10-P90 by months ahead, had the flat price been the mean.
    """

    history: History
    months: range
    runs: Sequence[Run]
    paths: int
    seed: int
    about_flat_mean: Mapping[int, float] = field(default_factory=dict)

    @property
    def judged(self) -> Run:
        """The run that tells most: the default model if it is there, with the numbers known then."""
        known = [run for run in self.runs if run.basis == "known then"]
        return next((run for run in known if run.model == DEFAULT_MODEL), known[0])

    @property
    def models(self) -> Sequence[Model]:
        """The models that were run."""
        return list(dict.fromkeys(run.model for run in self.runs))

    @property
    def dates(self) -> tuple[str, str]:
        """The first and the last month at whose end a forecast is made."""
        return self.history.label(self.months[0]), self.history.label(self.months[-1])


def runs(history: History, months: range, models: Sequence[Model] = MODELS, *, paths: int, seed: int) -> Iterator[Run]:
    """The runs of ``models``, shipped and known then, as they are finished."""
    for model in models:
        for basis in BASES:
            yield Run(model, basis, list(forecasts(history, months, model, basis, paths=paths, seed=seed)))


def about_flat_mean(history: History, months: range) -> dict[int, float]:
    """The share of prices inside P10-P90 by months ahead, had a flat price been the mean, as ``simulate`` has it.

    By geometric Brownian motion with the numbers known then.
    """
    found, pits = {}, [flat_mean_probabilities(history, month) for month in months]
    for column, horizon in enumerate(HORIZONS):
        come = np.array([it[column] for it in pits if column < len(it)])
        if come.size:
            found[horizon] = coverage(come, None).judged
    return found
