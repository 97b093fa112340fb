"""What drives a plan's worth, as files have it: a tree for JSON and a row an input, every figure in full."""

from __future__ import annotations

from typing import Any

from minecalc.analysis.sensitivity.ranges import Span
from minecalc.analysis.sensitivity.tornado import Explained, Moved, SensitivityNumbers
from minecalc.analysis.sensitivity.variance import CONFIDENCE
from minecalc.document import Cell, Column, Table, Text, Value
from minecalc.labels import figure_unit
from minecalc.loading import Reading
from minecalc.timeline import format_month
from minecalc.units import unit_of

FORMAT = "minecalc.sensitivity/1"


def input_unit(span: Span) -> str:
    """The unit that people know an input in."""
    return unit_of(span.lever.path) or "ratio"


def cell(span: Span, x: float) -> Cell:
    """An input's value at x: of the first month, or a date."""
    if span.lever.is_month:
        return Text(format_month(round(x)))
    return Value(span.lever.value_at(x), input_unit(span))


def _plain(span: Span, x: float | None) -> float | str | None:
    """An input's value as files have it."""
    if x is None:
        return None
    return format_month(round(x)) if span.lever.is_month else span.lever.value_at(x)


def data(answer: SensitivityNumbers, reading: Reading, name: str, version: str) -> dict[str, Any]:
    """The whole answer as a tree."""
    found = answer.tornado
    tree: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        "file": reading.file,
        "sha256": reading.sha256,
        "name": name,
        "plan": found.plan,
        "baseline": answer.baseline,
        "metric": found.metric,
        "present": dict(found.present),
        "reasons": dict(found.reasons),
        "inputs": [_input(item, answer) for item in found.moved],
        "held": dict(found.held),
    }
    if answer.explained is not None:
        tree["global"] = _global(answer.explained)
    return tree


def _input(item: Moved, answer: SensitivityNumbers) -> dict[str, Any]:
    span = item.span
    entry: dict[str, Any] = {
        "path": span.lever.path,
        "present": _plain(span, span.lever.present),
        "low": _plain(span, span.low),
        "high": _plain(span, span.high),
        "basis": span.basis,
        "source": span.source,
        "refused": dict(item.refused),
        "effects": {figure: effect._asdict() for figure, effect in item.effects.items()},
    }
    flip = answer.flips.get(span.lever.path)
    if flip is not None:
        entry["flip"] = {
            "value": _plain(span, flip.x),
            "set": None if flip.x is None else span.lever.setting(flip.x),
            "away_fraction": flip.away,
            "inside": flip.inside,
            "reason": flip.reason or None,
        }
    return entry


def _global(explained: Explained) -> dict[str, Any]:
    tree: dict[str, Any] = {"samples": explained.samples, "seed": explained.seed, "confidence_fraction": CONFIDENCE}
    if explained.indices is None:
        return tree | {"inputs": None, "reason": explained.reason}
    indices = explained.indices
    names = indices._fields[:6]
    return tree | {
        "evaluations": indices.cases,
        "mean": indices.mean,
        "standard_deviation": indices.standard_deviation,
        "inputs": [
            {"path": span.lever.path}
            | {f"{key}_fraction": float(values[i]) for key, values in zip(names, indices[:6], strict=True)}
            for i, span in enumerate(explained.spans)
        ],
    }


def flat(answer: SensitivityNumbers, reading: Reading, name: str) -> Table:
    """A row for each input that was moved, every figure at full precision."""
    found = answer.tornado
    rows: list[dict[str, Cell]] = []
    shares = _global(answer.explained).get("inputs") if answer.explained is not None else None
    by_path = {entry["path"]: entry for entry in shares or []}
    for item in found.moved:
        span = item.span
        row: dict[str, Cell] = {"file": Text(reading.file), "scenario": Text(name), "plan": Text(found.plan)}
        row |= {"baseline": Text(answer.baseline), "metric": Text(found.metric)}
        row |= {"input": Text(span.lever.path), "unit": Text("month" if span.lever.is_month else input_unit(span))}
        row |= {"present": cell(span, span.lever.present), "low": cell(span, span.low)}
        row |= {"high": cell(span, span.high), "basis": Text(span.basis), "source": Text(span.source)}
        for figure, effect in item.effects.items():
            row |= {
                f"{figure}_{key}": Value(effect._asdict()[key], figure_unit(figure)) for key in ("low", "high", "swing")
            }
            row[f"{figure}_elasticity"] = Value(effect.elasticity, "ratio")
        flip = answer.flips.get(span.lever.path)
        if flip is not None:
            row["flip"] = Value(None, input_unit(span)) if flip.x is None else cell(span, flip.x)
            row["flip_away_fraction"] = Value(flip.away, "fraction")
            row["flip_inside"] = Text("yes" if flip.inside else "no")
        for key, share in by_path.get(span.lever.path, {}).items():
            if key != "path":
                row[key] = Value(share, "fraction")
        rows.append(row)
    names = list(dict.fromkeys(key for row in rows for key in row))
    columns = [Column(key, key) for key in names]
    return Table("inputs", columns, [[row.get(key, Text("")) for key in names] for row in rows])
