"""Would the bands of ``simulate`` have held? Each model of the factors, with numbers shipped and those known then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np

from minecalc.analysis.backtest.coverage import HORIZONS, JUDGED, Chance, Coverage, by_chance, coverage
from minecalc.analysis.backtest.forecasts import (
    BASES,
    MODELS,
    Basis,
    Forecast,
    Model,
    flat_mean_probabilities,
    forecasts,
    is_exact,
    usable_months,
)
from minecalc.analysis.backtest.history import VARIABLES, History, shipped_history
from minecalc.analysis.questions import Answer, QuestionError, Watch, demand_seed, demand_word, unwatched
from minecalc.document import Document
from minecalc.timeline import parse_month
from minecalc.uncertainty.factors import BtcPrice
from minecalc.visible import visible

#: Paths of a forecast and their seed unless said otherwise, and the least and the most of them.
PATHS, SEED = 2048, 1
_PATHS_LEAST, _PATHS_MOST = 100, 100_000

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


def chance(horizon: int, found: Coverage) -> Chance:
    """What chance would make of ``found`` if P10-P90 were right."""
    return by_chance(found.dates, horizon)[JUDGED]


@dataclass(frozen=True)
class Backtest(Answer):
    """How often the bands of each model of the factors held: all runs from the same months of the history.

    ``about_flat_mean`` is the share of prices inside P10-P90 by months ahead, had the flat price been the mean.
    """

    history: History
    months: range
    runs: Sequence[Run]
    paths: int
    seed: int
    about_flat_mean: Mapping[int, float] = field(default_factory=dict)

    def document(self) -> Document:
        """How often bands held, by model, variable and months ahead."""
        from minecalc.analysis.backtest.document import document

        return document(self)

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
    for model, basis in product(models, BASES):
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


def backtest(
    *,
    model: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    paths: int = PATHS,
    seed: int = SEED,
    watch: Watch = unwatched,
) -> Backtest:
    """Forecasts of price, network and hash price at the end of past months, and how often what came was in their bands.

    ``from_`` and ``to`` are the first and last such month, ``YYYY-MM``. Raises QuestionError for a model or a month
    that cannot be used, and for a number of paths out of range.
    """
    if not _PATHS_LEAST <= paths <= _PATHS_MOST:
        raise QuestionError(f"--paths is {paths}; it must lie in {_PATHS_LEAST}..{_PATHS_MOST}")
    demand_seed(seed)
    models = MODELS if model is None else (demand_word("--model", model, MODELS, "model of the factors"),)
    history = shipped_history()
    months = _months(history, from_, to)
    every = runs(history, months, models, paths=paths, seed=seed)
    found = list(watch(every, len(models) * len(BASES), "testing"))
    return Backtest(history, months, found, paths, seed, about_flat_mean(history, months))


def _months(history: History, first: str | None, last: str | None) -> range:
    """The months from which forecasts are made. QuestionError for a month that none can be made from."""
    usable = usable_months(history)
    begin = _month(history, usable, "--from", first, usable[0])
    end = _month(history, usable, "--to", last, usable[-1])
    if end < begin:
        raise QuestionError(f"--to {last} lies before --from {first}; swap them")
    return range(begin, end + 1)


def _month(history: History, usable: range, option: str, text: str | None, default: int) -> int:
    """The number in the history of a month that a user wrote."""
    if text is None:
        return default
    try:
        month = parse_month(text) - history.start
    except ValueError as error:
        raise QuestionError(f"{option}: {visible(str(error))}") from None
    if month not in usable:
        first, last = history.label(usable[0]), history.label(usable[-1])
        raise QuestionError(
            f"{option} {text} has too little history before or after it; it must lie in {first}..{last}"
        )
    return month
