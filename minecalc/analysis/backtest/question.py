"""Would the bands of ``simulate`` have held? The question and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from minecalc.analysis.backtest.answer import BacktestNumbers as Found
from minecalc.analysis.backtest.answer import about_flat_mean, runs
from minecalc.analysis.backtest.estimates import BASES, MODELS, Model
from minecalc.analysis.backtest.forecasts import usable_months
from minecalc.analysis.backtest.history import History, shipped_history
from minecalc.analysis.questions import Answer, QuestionError, Watch, unwatched
from minecalc.timeline import parse_month
from minecalc.version import VERSION
from minecalc.visible import visible

if TYPE_CHECKING:
    from minecalc.document import Document

#: Paths of a forecast and their seed unless said otherwise, and the least and the most of them.
PATHS, SEED = 2048, 1
_PATHS_LEAST, _PATHS_MOST = 100, 100_000


@dataclass(frozen=True)
class Backtest(Answer):
    """How often the bands of each model of the factors held."""

    found: Found

    def document(self) -> Document:
        """How often bands held, by model, variable and months ahead."""
        from minecalc.analysis.backtest.document import document

        return document(self.found, VERSION)


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
    if seed < 0:
        raise QuestionError(f"--seed is {seed}; it must be at least 0")
    models = MODELS if model is None else (_model(model),)
    history = shipped_history()
    months = _months(history, from_, to)
    every = runs(history, months, models, paths=paths, seed=seed)
    found = list(watch(every, len(models) * len(BASES), "testing"))
    return Backtest(Found(history, months, found, paths, seed, about_flat_mean(history, months)))


def _model(name: str) -> Model:
    """The model called ``name``. QuestionError for another word."""
    for model in MODELS:
        if model == name:
            return model
    raise QuestionError(f"--model {visible(name)} is no model of the factors; use {', '.join(MODELS)}")


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
