"""What the simulated worlds rest on: every factor with its numbers, which are defaults, and where those come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from minecalc.factor import Drawn, Factor
from minecalc.labels import figure_label, input_label, mid_sentence
from minecalc.paths import ValueOverTime
from minecalc.schema.fields import field_meta
from minecalc.schema.names import split_path
from minecalc.simulation.relevance import Uncertain, block_of, has_place
from minecalc.simulation.world import World
from minecalc.uncertainty.factors import (
    DEFAULT_CORRELATIONS,
    FACTORS,
    BtcPrice,
    NetworkHashRate,
)
from minecalc.units import unit_of

#: Numbers of the price that act in some models alone.
_OF_MODELS = {
    "volatility_fraction_per_year": ("gbm", "student_t"),
    "degrees_of_freedom_count": ("student_t",),
    "block_months": ("bootstrap",),
    "history_from": ("bootstrap",),
    "history_to": ("bootstrap",),
}


class Assumption(NamedTuple):
    """One number, word or distribution of one factor; ``source`` and ``as_of`` are of a default, else "".

    ``unit`` is that of a number and else "". The factor is a key of ``FACTORS``, an input's path, or "correlations".
    """

    factor: str
    name: str
    value: float | str
    unit: str
    given: bool
    source: str
    as_of: str


def factor_label(name: str) -> str:
    """What a reader calls a factor, or a drawn input by its path."""
    return FACTORS[name].label if name in FACTORS else input_label(name)


def assumptions(world: World) -> list[Assumption]:
    """Everything that the paths of ``world`` depend on beside the scenario's own inputs, by factor."""
    uncertain = world.uncertain
    found = [one for name, factor in uncertain.factors.items() for one in _of_factor(world, name, factor)]
    found += [
        Assumption(path, "distribution", drawn.words(), "", True, "", "") for path, drawn in uncertain.inputs.items()
    ]
    given = {frozenset(pair) for pair in block_of(world.given).correlations}
    defaults = {frozenset(pair): source for pair, (_, source) in DEFAULT_CORRELATIONS.items()}
    for pair, value in uncertain.pairs.items():
        is_given = frozenset(pair) in given
        source = "" if is_given else defaults[frozenset(pair)]
        between = " and ".join(pair)
        found.append(Assumption("correlations", between, value, "ratio", is_given, source, ""))
    return found


def certain(world: World) -> list[str]:
    """Factors that the scenario has a place for and holds fixed."""
    moving = {*world.uncertain.factors, *(split_path(path)[-1] for path in world.uncertain.inputs)}
    return [name for name in FACTORS if has_place(world.given, name) and name not in moving]


def _of_factor(world: World, name: str, factor: Factor) -> Iterator[Assumption]:
    is_named, idle = name in world.uncertain.given, _idle(factor, world.uncertain)
    for key in type(factor).model_fields:
        if key in idle:
            continue
        value, meta = getattr(factor, key), field_meta(type(factor), key)
        given = is_named and key in factor.model_fields_set
        source, as_of = ("", "") if given else (meta.default_source, meta.default_as_of)
        if isinstance(factor, Drawn):
            words = f"{value.words()} {factor.measured}"
            yield Assumption(name, "distribution", words, "", given, source, as_of)
        elif isinstance(value, Mapping):
            for future, terms in value.items():
                share = float(terms.probability_fraction)
                yield Assumption(name, f"probability of the future {future}", share, "fraction", given, source, as_of)
        elif isinstance(value, ValueOverTime):
            first = float(value.values(world.given.timeline)[0, 0])
            yield Assumption(name, key, first, unit_of(key) or "ratio", given, source, as_of)
        elif value is not None:
            unit = unit_of(key) if isinstance(value, int | float) else None
            yield Assumption(name, key, float(value) if unit else str(value), unit or "", given, source, as_of)
        elif given:
            yield Assumption(name, key, "never", "", given, source, as_of)


def _idle(factor: Factor, uncertain: Uncertain) -> set[str]:
    """Inputs of a factor that do nothing here."""
    if isinstance(factor, BtcPrice):
        return {key for key, models in _OF_MODELS.items() if factor.model not in models}
    if isinstance(factor, NetworkHashRate):
        follows = {"price_elasticity_ratio", "price_lag_months"}
        if uncertain.bootstraps:
            return {"volatility_fraction_per_year", *follows}
        return set() if "btc_price_usd" in uncertain.factors else follows
    return set()


def assumption_label(found: Assumption) -> str:
    """What a reader calls one number of a factor."""
    if found.factor == "correlations":
        one, other = found.name.split(" and ")
        label = factor_label(other)
        return f"{factor_label(one)} with {mid_sentence(label)}"
    return found.name if " " in found.name else figure_label(found.name)
