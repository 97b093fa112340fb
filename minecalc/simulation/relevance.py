"""Which factors a scenario has a place for, and what is wrong with what its block says of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from minecalc.arrays import Number
from minecalc.levers import lever
from minecalc.randomness import correlation
from minecalc.scenario import Scenario, Use
from minecalc.schema.diagnostics import Problem
from minecalc.uncertainty.block import Uncertainty, nearest_name
from minecalc.uncertainty.distribution import Distribution
from minecalc.uncertainty.factors import FACTORS, BtcPrice, Drawn, Factor

CODES = {
    "no-such-place": "a factor that the scenario has no place for",
    "not-positive": "correlations that no numbers can have together",
}

#: Factors that are drawn every month; the others once a path.
MONTHLY = (
    "btc_price_usd",
    "network_hash_rate_eh_per_s",
    "hash_price_usd_per_ph_per_day",
    "fee_btc_per_block",
    "electricity_price_usd_per_kwh",
    "rent_usd_per_kw_per_month",
    "lease_usd_per_gpu_hour",
)


class Uncertain(NamedTuple):
    """What is uncertain in a scenario: its factors in the order of ``FACTORS``, and distributions of inputs by path.

    ``given`` are the factors that the scenario's own block names; the others are as they are by default.
    """

    factors: dict[str, Factor]
    inputs: dict[str, Distribution]
    pairs: dict[tuple[str, str], float]
    given: frozenset[str]


def block_of(scenario: Scenario) -> Uncertainty:
    """The scenario's block, or one without a word."""
    return Uncertainty() if scenario.uncertainty is None else scenario.uncertainty


def uncertain(scenario: Scenario) -> Uncertain:
    """What is uncertain in ``scenario``: factors that it has a place for and does not fix, and inputs drawn."""
    block = block_of(scenario)
    factors = {}
    for name in FACTORS:
        factor = block.factor(name) if has_place(scenario, name) else None
        if factor is not None:
            factors[name] = factor
    names = {*factors, *block.inputs}
    pairs = {pair: value for pair, value in block.correlation_pairs().items() if names.issuperset(pair)}
    price = factors.get("btc_price_usd")
    if isinstance(price, BtcPrice) and price.model == "bootstrap":  # which takes the correlation from history
        pairs.pop(("btc_price_usd", "network_hash_rate_eh_per_s"), None)
    return Uncertain(factors, dict(block.inputs), pairs, frozenset(block.factors))


def has_place(scenario: Scenario, name: str) -> bool:
    """Whether the factor ``name`` can change anything in ``scenario``."""
    uses = [use for _, use in scenario.uses()]
    mines = any(use.kind == "bitcoin_mining" for use in uses)
    given = scenario.market.hash_price_is_given
    match name:
        case "btc_price_usd" | "network_hash_rate_eh_per_s" | "fee_btc_per_block":
            return mines and not given
        case "hash_price_usd_per_ph_per_day":
            return mines and given
        case "electricity_price_usd_per_kwh":
            return any(use.kind != "colocation" or not use.inputs.tenant_pays_power for use in uses)
        case "rent_usd_per_kw_per_month":
            return any(use.kind == "colocation" for use in uses)
        case "lease_usd_per_gpu_hour" | "utilisation_fraction":
            return any(use.kind == "gpu_cloud" and use.inputs.lease_usd_per_gpu_hour is not None for use in uses)
        case "capex_usd_per_critical_mw":
            return any(np.any(building_cost(use)) for use in uses)
        case "delay_months":
            return any(use.inputs.conversion is not None for use in uses)
        case _:
            return any(can_default(use) for use in uses)


def can_default(use: Use) -> bool:
    """Whether a tenant of ``use`` may default."""
    return use.kind == "colocation" or (use.kind == "gpu_cloud" and use.inputs.contract is not None)


def building_cost(use: Use) -> Number:
    """Building cost per critical MW of ``use``."""
    conversion = use.inputs.conversion
    owner = use.inputs if conversion is None else conversion
    cost: Number = owner.capex_usd_per_critical_mw
    return cost


def problems(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the scenario's block beyond its own words."""
    if scenario.uncertainty is None:
        return
    block, found = block_of(scenario), uncertain(scenario)
    for name, factor in block.factors.items():
        if factor is not None and not has_place(scenario, name):
            message = f"nothing in this scenario has a {name} that could vary"
            yield Problem(("uncertainty", name), "no-such-place", message, f"leave out {name}", key=True)
    for path in block.inputs:
        at = ("uncertainty", "inputs", path)
        try:
            known = lever(scenario, path)
        except ValueError as error:
            yield Problem(at, "no-such-place", str(error), "name an input as --set does", key=True)
            continue
        if known.is_month:
            message = f"{path} is a date"
            yield Problem(at, "no-such-place", message, "give delay_months a distribution instead", key=True)
    names = [*found.factors, *found.inputs]
    fine = True
    for one, other in block.correlations:
        pair = ("uncertainty", "correlations", one, other)
        for name in (one, other):
            if name not in names:
                fixed = name in FACTORS or name in block.inputs
                message = f"{name} is not uncertain here" if fixed else f"there is no factor {name}"
                advice = "leave the correlation out" if fixed else nearest_name(name, names)
                yield Problem(pair, "unknown-name", message, advice)
                fine = False
        price = found.factors.get("btc_price_usd")
        if fine and isinstance(price, BtcPrice) and price.model == "bootstrap" and "btc_price_usd" in (one, other):
            message = "the bootstrap takes the correlations of the price from history"
            yield Problem(pair, "conflict", message, "leave the correlation out, or take another model of the price")
        elif fine and (one in MONTHLY) != (other in MONTHLY):
            message = f"{one} and {other} are not drawn as often: one each month, one once a path"
            yield Problem(pair, "conflict", message, "correlate monthly factors, or numbers drawn once a path")
        elif fine and "tenant_default" in (one, other):
            yield Problem(pair, "conflict", "a tenant's default is drawn on its own", "leave the correlation out")
    if fine:
        yield from _impossible(found)


def _impossible(found: Uncertain) -> Iterator[Problem]:
    names = list(dict.fromkeys(name for pair in found.pairs for name in pair))
    if not names:
        return
    correlations = correlation.matrix(names, found.pairs)
    least = correlation.least_eigenvalue(correlations)
    if correlation.is_possible(correlations):
        return
    near = correlation.nearest(correlations)
    index = {name: i for i, name in enumerate(names)}
    pairs = {pair: float(near[index[pair[0]], index[pair[1]]]) for pair in found.pairs}
    told = ", ".join(f"{one} and {other} {np.trunc(value * 1e3) / 1e3:g}" for (one, other), value in pairs.items())
    message = f"no numbers have these correlations together: the least eigenvalue of their matrix is {least:.3g}"
    yield Problem(("uncertainty", "correlations"), "not-positive", message, f"the nearest that do: {told}")


def is_once(factor: Factor) -> bool:
    """Whether a factor is a number drawn once a path."""
    return isinstance(factor, Drawn)
