"""A backtest as people read it: how often the bands held, by variable, model and months ahead, and what follows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

from minecalc.analysis.backtest.coverage import BANDS, CHANCE, HORIZONS, JUDGED, by_chance
from minecalc.analysis.backtest.forecasts import LEAST_MONTHS, WINDOW_MONTHS, estimated, is_exact
from minecalc.analysis.backtest.history import CYCLE_MONTHS, GROWTH_KEPT, HASH_PRICE, NETWORK, PRICE, VARIABLES
from minecalc.analysis.backtest.question import DEFAULT_MODEL, Backtest, Run, chance
from minecalc.analysis.outlook import historic
from minecalc.analysis.records import Entry, heading, rows
from minecalc.document import Block, Cell, Chart, Column, Document, Note, Phrase, Series, Table, Text, Value
from minecalc.figures.labels import capital, listed
from minecalc.simulation.changes import historic_drift
from minecalc.units import unit_of

_NAMES = {PRICE: "BTC price", NETWORK: "network hash rate", HASH_PRICE: "hash price"}

#: An error of a share that is none to a reader of whole percents.
_NO_ERROR = 0.0005

#: Why a coverage is missing, and what is told of one inside a band.
NOT_COME = "no forecast from these months is that old"
_PARTS, _NONE = ("", "_error", "_sampling_error", "_chance_low", "_chance_high"), (None,) * 5

#: The months ahead of the chart.
_DRAWN = 12


def document(answer: Backtest) -> Document:
    """The whole answer."""
    records = rows("coverage", (_row(run, leaf) for run in answer.runs for leaf in _leaves(run)))
    return Document("Backtest of the joint world", list(_blocks(answer)), records, _data(answer))


def _blocks(answer: Backtest) -> Iterator[Block]:
    yield Note(_headline(answer), "headline")
    yield _coverage_table(answer)
    yield Note(_distances(answer))
    yield _off(answer)
    yield _detail_table(answer)
    yield from _chart(answer)
    yield Note("How it was done:", bullets=list(_method(answer)))


def _headline(answer: Backtest) -> Phrase:
    run = answer.judged
    first, last = answer.dates
    held = []
    for variable in VARIABLES:
        shares = [run.coverages[variable, h].judged for h in HORIZONS if (variable, h) in run.coverages]
        held.append(f"the {_NAMES[variable]} in {listed([_percent(share) for share in shares])}")
    months = listed([str(h) for h in HORIZONS if (PRICE, h) in run.coverages])
    when = f"at the end of {first}"
    if first != last:
        when = f"at the ends of the {len(answer.months)} months {first} to {last}"
    return (
        f"Run {when}, with the numbers known then, {run.model}'s {JUDGED.name} held {listed(held)} of cases "
        f"{months} months later; {_percent(JUDGED.width)} is right."
    )


def _coverage_table(answer: Backtest) -> Table:
    columns = [Column("variable", "", "left"), Column("model", "Model", "left"), Column("numbers", "Numbers", "left")]
    columns += [Column(f"after_{horizon}_months", f"{horizon} mo") for horizon in HORIZONS]
    lines: list[list[Cell]] = [
        [*map(Text, (capital(_NAMES[variable]), run.model, run.basis)), *(_share(run, variable, h) for h in HORIZONS)]
        for variable in VARIABLES
        for run in answer.runs
    ]
    sections = range(len(answer.runs), len(lines) + 1, len(answer.runs))
    lines += _rows_if_right(answer)
    caption = (
        f"{_percent(JUDGED.width)} is right. Forecasts overlap, so they err as the few independent ones of the line "
        f"before the last would; the last is where {_percent(CHANCE)} of histories of this length lie with bands that "
        "are right. Shipped numbers know the whole history; known then is the test. "
        f"{_of_errors(answer)}"
    )
    return Table(f"Outcomes inside {JUDGED.name}, by months ahead", columns, lines, list(sections), caption)


def _rows_if_right(answer: Backtest) -> Iterator[list[Cell]]:
    """How far the shares of right bands scatter from history to history, as if by how many forecasts, and where."""
    told = {"One history's error": list[Text](), "Effective forecasts": list[Text](), "If right": list[Text]()}
    for horizon in HORIZONS:
        found, texts = answer.judged.coverages.get((PRICE, horizon)), ("", "", "")
        if found is not None:
            by = chance(horizon, found)
            texts = f"± {100.0 * by.error:.0f}%", f"{by.effective_count:.0f}", _range(by.low, by.high)
        for cells, text in zip(told.values(), texts, strict=True):
            cells.append(Text(text))
    for label, cells in told.items():
        yield [Text(label), Text(""), Text(""), *cells]


def _share(run: Run, variable: str, horizon: int) -> Cell:
    found = run.coverages.get((variable, horizon))
    if found is None:
        return Value(None, "fraction", NOT_COME)
    by = chance(horizon, found)
    text = _with_error(found.judged, found.errors[JUDGED])
    return Text(text, "plain" if by.holds(found.judged) else "bad")


def _with_error(share: float, error: float) -> str:
    """A share and its Monte Carlo error in whole percents, the error rounded up, unless it is as good as none."""
    return f"{_percent(share)} ± {math.ceil(100.0 * error)}%" if error > _NO_ERROR else _percent(share)


def _of_errors(answer: Backtest) -> str:
    """What the errors are, and what has none."""
    text = f"± is one standard error of {answer.paths:,} paths"
    exact = [run.model for run in answer.runs if is_exact(run.model, PRICE)]
    return f"{text}; the BTC price of {exact[0]} is log-normal, and its shares exact." if exact else f"{text}."


def _distances(answer: Backtest) -> Phrase:
    """How far each model is from holding what it should, where most, and which of them ``simulate`` takes."""
    told = []
    for model in answer.models:
        shipped, known = (f"{100.0 * run.distance:.0f}" for run in answer.runs if run.model == model)
        told.append(f"{model} {shipped} and {known}")
    variable, horizon = answer.judged.furthest
    found = answer.judged.coverages[variable, horizon]
    text = (
        f"Mean distance from {_percent(JUDGED.width)} in percentage points, with the numbers shipped and with those "
        f"known then: {'; '.join(told)}. {answer.judged.model} with those known then is furthest off for the "
        f"{_NAMES[variable]} after {horizon} months: {_percent(found.judged)}."
    )
    if len(answer.models) == 1:
        return text
    if any(run.off for run in answer.runs):
        return f"{text} simulate takes {DEFAULT_MODEL} unless a scenario names another."
    return (
        f"{text} No model is off by more than chance explains, so simulate takes the simplest, {DEFAULT_MODEL}, "
        "unless a scenario names another."
    )


def _off(answer: Backtest) -> Note:
    """Where chance does not explain the coverage."""
    told = []
    for run in answer.runs:
        parts = []
        for variable in VARIABLES:
            off = {horizon: it for (name, horizon), it in run.off.items() if name == variable}
            for word, wrong in (("too low", -1.0), ("too high", 1.0)):
                at = [str(h) for h, it in off.items() if (it.judged - JUDGED.width) * wrong > 0.0]
                if at:
                    parts.append(f"{_NAMES[variable]} after {listed(at)} months {word}")
        if parts:
            told.append(f"{run.model}, {run.basis}: {'; '.join(parts)}.")
    if not told:
        return Note("Chance explains all: too few forecasts lie apart to call any band too narrow or too wide.")
    what = "Coverage that chance does not explain; where it is too low, bands are too narrow or in the wrong place:"
    return Note(what, "warning", told)


def _detail_table(answer: Backtest) -> Table:
    run = answer.judged
    columns = [Column("variable", "", "left"), Column("horizon_months", "Months")]
    columns += [Column("dates_count", "Forecasts"), *(Column(band.name, band.name) for band in BANDS)]
    columns += [Column("above_median_fraction", "Above median")]
    lines: list[list[Cell]] = []
    for variable in VARIABLES:
        for horizon in HORIZONS:
            found = run.coverages.get((variable, horizon))
            if found is not None:
                shares = [(found.inside[band], found.errors[band]) for band in BANDS]
                shares.append((found.above_median, found.above_median_error))
                head: list[Cell] = [Text(capital(_NAMES[variable])), Text(str(horizon)), Text(str(found.dates))]
                lines.append([*head, *(Text(_with_error(*share)) for share in shares)])
    widths = listed([f"{_percent(band.width)} in {band.name}" for band in BANDS])
    caption = f"Right: {widths}, 50% above the median."
    sections = [row for row in range(1, len(lines)) if lines[row][0] != lines[row - 1][0]]
    return Table(f"{run.model} with the numbers known then", columns, lines, sections, caption)


def _chart(answer: Backtest) -> Iterator[Chart]:
    """Where in its forecast each outcome of the hash price lies."""
    row, column = VARIABLES.index(HASH_PRICE), HORIZONS.index(_DRAWN)
    shown = [it for it in answer.judged.forecasts if column < it.pits.shape[1]]
    if len(shown) > 1:
        labels = [answer.history.label(it.month + _DRAWN) for it in shown]
        ends = [Series(f"P{100.0 * end:.0f}", [end] * len(shown)) for end in JUDGED]
        came = Series("what came", [float(it.pits[row, column]) for it in shown])
        title = f"Percentile of its forecast {_DRAWN} months before at which the hash price came out"
        yield Chart(title, labels, [*ends, came], "fraction")


def _method(answer: Backtest) -> Iterator[Phrase]:
    yield (
        f"From the end of each month, {max(HORIZONS)} months ahead by the same code as simulate: "
        f"{answer.paths:,} paths, seed {answer.seed}."
    )
    yield (
        f"Expected, at the median: the BTC price stays; the network grows by {_percent(GROWTH_KEPT)} of its growth "
        f"over the last {CYCLE_MONTHS} months; the subsidy halves when it did; no fees, of which no history is shipped."
    )
    yield _known_then(answer)
    yield _drift(answer)
    yield "Price and difficulty are means of calendar months; the network is what difficulty implies."


def _drift(answer: Backtest) -> Phrase:
    """What is tested is the spread: what a flat mean, as ``simulate`` has it, would have made of it."""
    past = historic_drift()
    text = (
        "It is the spread that is tested. The drift used is 0; the log price grew by "
        f"{past.log_fraction_per_year:.2f} ± {past.error_fraction_per_year:.2f} a year from {past.first} to "
        f"{past.last}, which nobody could know."
    )
    if not answer.about_flat_mean:
        return text
    shares = listed([_percent(share) for share in answer.about_flat_mean.values()])
    months = listed([str(horizon) for horizon in answer.about_flat_mean])
    return (
        f"{text} About a flat mean, as simulate has a flat price, gbm's {JUDGED.name} of the price would have held "
        f"{shares} {months} months ahead: prices rose by more than is to be expected where bitcoin, bought and held, "
        "is worth no more than its price."
    )


def _known_then(answer: Backtest) -> Phrase:
    """Where numbers known then are from, for the models that were run."""
    window = f"from the {WINDOW_MONTHS} months before, {LEAST_MONTHS} at least"
    rest = "All else is as shipped; these rules were chosen with the whole history in view."
    if answer.models == ["bootstrap"]:
        return f"Known then: changes of price and network {window}. {rest}"
    prices, networks, correlations = zip(*(estimated(answer.history, month) for month in answer.months), strict=True)
    also = ", or those months themselves for the bootstrap" if "bootstrap" in answer.models else ""
    return (
        f"Known then: volatility of price ({_range(min(prices), max(prices))} a year) and of network "
        f"({_range(min(networks), max(networks))}) and their correlation ({min(correlations):.2f} to "
        f"{max(correlations):.2f}) {window}{also}. {rest}"
    )


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _range(low: float, high: float) -> str:
    return f"{100.0 * low:.0f}-{100.0 * high:.0f}%"


def _data(answer: Backtest) -> dict[str, Any]:
    """The whole answer as a tree."""
    first, last = answer.dates
    names = ("month", f"{PRICE}_volatility_fraction_per_year", f"{NETWORK}_volatility_fraction_per_year")
    estimates = [(answer.history.label(month), *estimated(answer.history, month)) for month in answer.months]
    return heading("backtest") | {
        "from": first,
        "to": last,
        "paths": answer.paths,
        "seed": answer.seed,
        "expected_network_growth": {"share_of_past_ratio": GROWTH_KEPT, "past_months": CYCLE_MONTHS},
        "drift": {"used_log_fraction_per_year": 0.0, "historic": historic(historic_drift())},
        "about_flat_mean": [
            {"variable": PRICE, "horizon_months": horizon, "p10_p90_fraction": share}
            for horizon, share in answer.about_flat_mean.items()
        ],
        "estimation": {"window_months": WINDOW_MONTHS, "least_months": LEAST_MONTHS},
        "chance_fraction": CHANCE,
        "estimates": [dict(zip((*names, "correlation_ratio"), found, strict=True)) for found in estimates],
        "runs": [
            {"model": run.model, "numbers": run.basis, "distance_fraction": run.distance, "coverage": _leaves(run)}
            for run in answer.runs
        ],
    }


def _leaves(run: Run) -> list[dict[str, Any]]:
    """Each variable at each horizon: ``p10_p90_fraction`` is the share inside, then its Monte Carlo error, 0 if exact.

    Then the standard error of history being one of many, as forecasts overlap, and the ends of what chance explains.
    ``effective_dates_count`` independent forecasts would have the same error.
    """
    leaves = []
    for variable, horizon in product(VARIABLES, HORIZONS):
        found = run.coverages.get((variable, horizon))
        leaf: dict[str, Any] = {"variable": variable, "horizon_months": horizon}
        leaf["dates_count"] = found.dates if found else 0
        leaf["effective_dates_count"] = chance(horizon, found).effective_count if found else None
        for band in BANDS:
            inside: tuple[float | None, ...] = _NONE
            if found:
                by = by_chance(found.dates, horizon)[band]
                inside = found.inside[band], found.errors[band], by.error, by.low, by.high
            key = band.name.lower().replace("-", "_")
            leaf |= {f"{key}{part}_fraction": share for part, share in zip(_PARTS, inside, strict=True)}
        for name in ("above_median", "above_median_error", "mean_pit", "mean_pit_error"):
            leaf[f"{name}_fraction"] = getattr(found, name) if found else None
        leaves.append(leaf if found else {**leaf, "reason": NOT_COME})
    return leaves


def _row(run: Run, leaf: dict[str, Any]) -> dict[str, Entry]:
    """The same as one of many rows."""
    reason, numbers = leaf.get("reason", ""), {key: leaf[key] for key in leaf if key not in ("variable", "reason")}
    cells = {key: Value(number, unit_of(key) or "", reason) for key, number in numbers.items()}
    return {"model": run.model, "numbers": run.basis, "variable": leaf["variable"], **cells}
