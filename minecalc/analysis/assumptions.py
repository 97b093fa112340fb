"""What the simulated worlds rest on: every factor with its numbers and their sources, and what readers are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from minecalc.document import Details, Note, Value
from minecalc.factor import Drawn, Factor
from minecalc.figures.labels import figure_label, input_label, listed, mid_sentence
from minecalc.scenario import Scenario
from minecalc.schema.fields import field_meta
from minecalc.schema.names import split_path
from minecalc.simulation.relevance import Uncertain, block_of, has_place, strays
from minecalc.simulation.world import World
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, FACTORS, BtcPrice, HashPrice, TenantDefault
from minecalc.units import unit_of
from minecalc.values.paths import ValueOverTime


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
    is_named, idle = name in world.uncertain.given, world.uncertain.inert(name)
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


def assumption_label(found: Assumption) -> str:
    """What a reader calls one number of a factor."""
    if found.factor == "correlations":
        one, other = found.name.split(" and ")
        return f"{factor_label(one)} with {mid_sentence(factor_label(other))}"
    return found.name if " " in found.name else figure_label(found.name)


#: Factors that move what machines earn over their power.
_MARGINS = {
    "btc_price_usd",
    "network_hash_rate_eh_per_s",
    "hash_price_usd_per_ph_per_day",
    "fee_btc_per_block",
    "electricity_price_usd_per_kwh",
}

#: Quantiles of a normal from P0.5 to P99.5, and how many more times on the one side than on the other is one way.
_NORMALS, _ONE_WAY = np.array([NormalDist().inv_cdf((k + 0.5) / 100.0) for k in range(100)]), 2.0


def assumed(assumptions: Sequence[Assumption]) -> Note | Details:
    """What is uncertain; in full a line for each factor: its numbers, each with date and source of a default."""
    lines: dict[str, list[str | Value]] = {}
    for item in assumptions:
        title = "Correlations" if item.factor == "correlations" else factor_label(item.factor)
        line = lines.setdefault(title, [title])
        line += [": " if len(line) == 1 else "; ", f"{assumption_label(item)} ", _number(item)]
        line.append(" (given)" if item.given else f" ({', '.join(filter(None, (item.as_of, item.source)))})")
    if lines:
        text = "What is uncertain, each number given by the scenario or a default of this date and source:"
        defaults = sum(not item.given for item in assumptions)
        of = "all" if defaults == len(assumptions) else defaults or "none"
        short = f"Uncertain: {listed([mid_sentence(title) for title in lines])}. {len(assumptions)} assumptions, {of} "
        short += "of them defaults: --full lists them with their sources."
        return Details(Note(short, "aside"), [Note(text, bullets=list(lines.values()))])
    return Note("Nothing is uncertain in this scenario: every world is the scenario as it stands.", "warning")


def one_world(scenario: Scenario, uncertain: Uncertain) -> Iterator[Note]:
    """Why the mean over worlds differs from the scenario as it stands."""
    factors, why = uncertain.factors, list[str]()
    for name, label in (("btc_price_usd", "BTC price"), ("hash_price_usd_per_ph_per_day", "hash price")):
        factor = factors.get(name)
        if isinstance(factor, BtcPrice | HashPrice) and factor.path_is == "median" and strays(factor):
            why.append(f"its {label} is the median of the simulated ones, whose mean lies above it (path_is: median)")
    mining = [use.inputs.mining for _, use in scenario.uses()]
    if any(terms is not None and terms.curtail for terms in mining) and any(
        strays(factors[name]) for name in _MARGINS & factors.keys()
    ):
        why.append("machines that earn less than their power shut off, so good worlds count for more than bad ones")
    neutral = {"delay_months": 0.0, "capex_usd_per_critical_mw": 1.0}
    one_way = [factor_label(name).lower() for name, middle in neutral.items() if _goes_one_way(factors, name, middle)]
    defaults = factors.get("tenant_default")
    if isinstance(defaults, TenantDefault) and defaults.probability_fraction_per_year:
        one_way.append("defaults of tenants")
    if one_way:
        why.append(f"{listed(one_way)} mostly {'goes' if len(one_way) == 1 and not defaults else 'go'} one way")
    if why:
        yield Note("The scenario as it stands is one world, not the average of all:", bullets=[f"{w}." for w in why])


def held(world: World, until_converted: str = "") -> Iterator[Note]:
    """What is the same in every world: factors that the scenario fixes, and when fleets stop.

    The date of each fleet with ``stops: best`` is told by where it runs, and ``until_converted`` of one that runs until
    a conversion; a fleet whose ``stops`` nobody has given would in a world in which mining does not pay wait for ever.
    """
    fixed, dates, months = certain(world), world.stops_fixed, world.stops_assumed
    if fixed:
        yield Note(f"Held as the scenario has them: {', '.join(factor_label(name) for name in fixed)}.")
    if dates:
        stops = ", ".join(f"{path} {month}" for path, month in dates.items())
        yield Note(f"stops: best is one date for all worlds, that which is best on average: {stops}.")
    if until_converted and any(".conversion.meanwhile" in path for path in dates):
        yield Note(until_converted)
    if months:
        unpaid = next(iter(months.values()))
        yield Note(
            f"A fleet without a stops shuts for good, and is sold, after {unpaid} months in a row that do not pay for "
            f"its power; type never to keep it: {', '.join(months)}. The figures without uncertainty do not have this."
        )


def data(world: World, found: Sequence[Assumption]) -> dict[str, Any]:
    """The assumptions ``found``, and what is the same in every world, for programs."""
    return {
        "assumptions": [item._asdict() | {"unit": item.unit or None} for item in found],
        "fixed_factors": certain(world),
        "stops_fixed": world.stops_fixed,
        "stops_assumed": {path: {"unpaid_months": months} for path, months in world.stops_assumed.items()},
    }


def _number(item: Assumption) -> str | Value:
    if not item.unit:
        return str(item.value)
    if item.unit in ("count", "ratio"):
        return f"{item.value:g}"
    return Value(float(item.value), item.unit)


def _goes_one_way(factors: Mapping[str, Factor], name: str, neutral: float) -> bool:
    """Whether a number drawn once a path lies on one side of what changes nothing far more often than on the other."""
    factor = factors.get(name)
    if not isinstance(factor, Drawn):
        return False
    drawn = factor.drawn.draw(_NORMALS)
    if name == "delay_months":  # whole months, and none is early
        drawn = np.maximum(np.rint(drawn), 0.0)
    above, below = np.count_nonzero(drawn > neutral), np.count_nonzero(drawn < neutral)
    return bool(max(above, below) > _ONE_WAY * min(above, below) and max(above, below) > 0)
