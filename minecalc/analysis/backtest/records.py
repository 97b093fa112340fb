"""A backtest for machines: a row and a leaf for every run, variable and horizon, at full precision."""

from __future__ import annotations

from typing import Any

from minecalc.analysis.backtest.answer import BacktestNumbers, Run
from minecalc.analysis.backtest.coverage import BANDS, CHANCE, HORIZONS, JUDGED, by_chance, sampling_error
from minecalc.analysis.backtest.estimates import LEAST_MONTHS, WINDOW_MONTHS, estimated
from minecalc.analysis.backtest.history import CYCLE_MONTHS, GROWTH_KEPT, NETWORK, PRICE, VARIABLES
from minecalc.analysis.outlook import historic
from minecalc.document import Cell, Column, Table, Text, Value
from minecalc.simulation.changes import historic_drift
from minecalc.units import unit_of

FORMAT = "minecalc.backtest/1"

#: Why a coverage is missing.
NOT_COME = "no forecast from these months is that old"


def data(answer: BacktestNumbers, version: str) -> dict[str, Any]:
    """The whole answer as a tree."""
    first, last = answer.dates
    return {
        "format": FORMAT,
        "version": version,
        "from": first,
        "to": last,
        "paths": answer.paths,
        "seed": answer.seed,
        "expected_network_growth": {"share_of_past_ratio": GROWTH_KEPT, "past_months": CYCLE_MONTHS},
        "estimation": {"window_months": WINDOW_MONTHS, "least_months": LEAST_MONTHS},
        "chance_fraction": CHANCE,
        "drift": {"used_log_fraction_per_year": 0.0, "historic": historic(historic_drift())},
        "about_flat_mean": [
            {"variable": PRICE, "horizon_months": horizon, "p10_p90_fraction": share}
            for horizon, share in answer.about_flat_mean.items()
        ],
        "estimates": [_estimates(answer, month) for month in answer.months],
        "runs": [_run(run) for run in answer.runs],
    }


def _estimates(answer: BacktestNumbers, month: int) -> dict[str, Any]:
    price, network, correlation = estimated(answer.history, month)
    return {
        "month": answer.history.label(month),
        f"{PRICE}_volatility_fraction_per_year": price,
        f"{NETWORK}_volatility_fraction_per_year": network,
        "correlation_ratio": correlation,
    }


def _run(run: Run) -> dict[str, Any]:
    rows = [_leaf(run, variable, horizon) for variable in VARIABLES for horizon in HORIZONS]
    return {"model": run.model, "numbers": run.basis, "distance_fraction": run.distance, "coverage": rows}


def _leaf(run: Run, variable: str, horizon: int) -> dict[str, Any]:
    """One variable at one horizon: ``p10_p90_fraction`` is the share inside, then its Monte Carlo error, 0 if exact.

    Then the standard error of history being one of many, as forecasts overlap, and the ends of what chance explains.
    ``effective_dates_count`` independent forecasts would have the same error.
    """
    found = run.coverages.get((variable, horizon))
    leaf: dict[str, Any] = {"variable": variable, "horizon_months": horizon}
    leaf["dates_count"] = 0 if found is None else found.dates
    effective = None if found is None else sampling_error(found.dates, horizon, JUDGED).effective_count
    leaf["effective_dates_count"] = effective
    for band in BANDS:
        by = None if found is None else by_chance(found.dates, horizon)[band]
        sampled = None if found is None else sampling_error(found.dates, horizon, band).error
        key = band.name.lower().replace("-", "_")
        leaf[f"{key}_fraction"] = None if found is None else found.inside[band]
        leaf[f"{key}_error_fraction"] = None if found is None else found.errors[band]
        leaf[f"{key}_sampling_error_fraction"] = sampled
        leaf[f"{key}_chance_low_fraction"] = None if by is None else by.low
        leaf[f"{key}_chance_high_fraction"] = None if by is None else by.high
    leaf["above_median_fraction"] = None if found is None else found.above_median
    leaf["above_median_error_fraction"] = None if found is None else found.above_median_error
    leaf["mean_pit_fraction"] = None if found is None else found.mean_pit
    leaf["mean_pit_error_fraction"] = None if found is None else found.mean_pit_error
    return leaf | ({"reason": NOT_COME} if found is None else {})


def flat(answer: BacktestNumbers) -> Table:
    """The same in rows, one for each run, variable and horizon."""
    rows: list[dict[str, Cell]] = []
    for run in answer.runs:
        for variable in VARIABLES:
            for horizon in HORIZONS:
                leaf = _leaf(run, variable, horizon)
                reason = leaf.pop("reason", "")
                row: dict[str, Cell] = {"model": Text(run.model), "numbers": Text(run.basis)}
                row["variable"] = Text(leaf.pop("variable"))
                row |= {key: Value(number, unit_of(key) or "", reason) for key, number in leaf.items()}
                rows.append(row)
    return Table("coverage", [Column(key, key) for key in rows[0]], [list(row.values()) for row in rows])
