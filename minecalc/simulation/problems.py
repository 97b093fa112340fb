"""What is wrong with a scenario's ``uncertainty:`` block, seen from the whole scenario."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from minecalc.distribution import Distribution
from minecalc.engine import Engine
from minecalc.factor import SignedRate
from minecalc.randomness import correlation
from minecalc.scenario import Scenario, Use
from minecalc.scenario.movables import Movable
from minecalc.schema.diagnostics import Problem, number_text
from minecalc.schema.names import split_path, unknown_name
from minecalc.schema.numbers import number_problem, range_words
from minecalc.simulation.relevance import (
    MONTHLY,
    Uncertain,
    as_quoted,
    block_of,
    drawn_input,
    has_place,
    is_signed_later,
    uncertain,
)
from minecalc.uncertainty.factors import FACTORS, NetworkHashRate

CODES = {
    "no-such-place": "something uncertain that the scenario has no place for",
    "not-positive": "correlations that no numbers can have together",
}

_PRICE, _NETWORK = "btc_price_usd", "network_hash_rate_eh_per_s"
_INPUTS, _CORRELATIONS = ("uncertainty", "inputs"), ("uncertainty", "correlations")


def problems(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the scenario's block beyond its own words."""
    if scenario.uncertainty is None:
        return
    found = uncertain(scenario)
    yield from _factors(scenario)
    yield from _without_effect(scenario, found)
    yield from _inputs(scenario)
    wrong = list(_correlations(scenario, found))
    yield from wrong or _impossible(found)


def _factors(scenario: Scenario) -> Iterator[Problem]:
    for name, factor in block_of(scenario).factors.items():
        if factor is not None and not has_place(scenario, name):
            message = f"nothing in this scenario has a {name} that could vary"
            advice = f"leave out {name}"
            if issubclass(FACTORS[name], SignedRate) and _signers(scenario, name):
                message = "no lease of this scenario is signed, renewed or let again at the market's rent"
                advice = f"leave out {name}, or say in it signed: at_ready"
            yield Problem(("uncertainty", name), "no-such-place", message, advice, key=True)


def _without_effect(scenario: Scenario, found: Uncertain) -> Iterator[Problem]:
    """Keys of factors that others leave nothing to do."""

    def idle(name: str, key: str, why: str) -> Problem:
        return Problem(
            ("uncertainty", name, key), "conflict", f"{key} has no effect: {why}", f"leave out {key}", key=True
        )

    network = found.factors.get(_NETWORK)
    if isinstance(network, NetworkHashRate) and _NETWORK in found.given:
        why = "the price that the network would follow is fixed"
        if found.bootstraps:
            why = "the bootstrap takes the network's changes from history"
        for key in found.inert(_NETWORK):
            if key in network.model_fields_set and getattr(network, key):
                yield idle(_NETWORK, key, why)
        anchor = network.break_even_hash_price_usd_per_ph_per_day
        if anchor is not None and not np.all(Engine(scenario).market.hash_price_usd_per_ph_per_day > 0.0):
            why = "the scenario's own hash price is 0 in some months"
            yield idle(_NETWORK, "break_even_hash_price_usd_per_ph_per_day", why)
    for name, rate in found.factors.items():
        moves = isinstance(rate, SignedRate) and rate.signed != "at_start"
        if moves and not any(is_signed_later(rate, use) for use in _signers(scenario, name)):
            yield idle(name, "signed", "every lease has its rent from a contract's value")


def _signers(scenario: Scenario, name: str) -> list[Use]:
    """The uses whose contracts are signed at the market's price ``name``."""
    return [use for _, use in scenario.uses() if name in use.inputs.factors]


def _inputs(scenario: Scenario) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for path, drawn in block_of(scenario).inputs.items():
        at = (*_INPUTS, path)
        try:
            known = drawn_input(scenario, path)
        except ValueError as error:
            message, _, advice = str(error).partition("; ")
            yield Problem(at, "no-such-place", message, advice, key=True)
            continue
        if known.is_month:
            advice = "dates are not drawn; the factor delay_months is what a conversion is late"
            yield Problem(at, "no-such-place", f"{path} is a date", advice, key=True)
        elif known.path in seen:
            message = f"{path} is the same input as {seen[known.path]}"
            yield Problem(at, "conflict", message, "give each input one distribution", key=True)
        else:
            yield from _outside(at, known, drawn)
        seen.setdefault(known.path, path)


def _outside(at: tuple[str, ...], known: Movable, drawn: Distribution) -> Iterator[Problem]:
    """A distribution whose mean could not stand in the file itself."""
    low, high = sorted(known.range)
    wrong = number_problem(drawn.mean, at, low=low, high=high, name=split_path(known.path)[-1])
    if wrong is not None:
        message = f"{known.path} is {number_text(drawn.mean)} on average; it must {range_words(low, high)}"
        yield wrong._replace(message=message)


def _correlations(scenario: Scenario, found: Uncertain) -> Iterator[Problem]:
    block, names = block_of(scenario), [*found.factors, *found.inputs]
    for one, other in block.correlations:
        pair = (*_CORRELATIONS, one, other)
        unknown = [name for name in (one, other) if as_quoted(name) not in names]
        for name in unknown:
            if block.factors.get(name) is not None:
                continue  # that it has no place is said already
            if name in FACTORS:
                message = f"{name} is not uncertain here"
                yield Problem(pair, "unknown-name", message, "leave the correlation out", key=True)
            else:
                yield unknown_name(pair, "factor", name, names)._replace(key=True)
        if unknown:
            continue
        message = ""
        if found.bootstraps and {_PRICE, _NETWORK} & {one, other}:
            what = "correlations of the price" if _PRICE in (one, other) else "network's changes"
            message = f"the bootstrap takes the {what} from history"
            advice = "leave the correlation out, or take another model of the price"
        elif "tenant_default" in (one, other):
            message, advice = "a tenant's default is drawn on its own", "leave the correlation out"
        elif (one in MONTHLY) != (other in MONTHLY):
            message = f"{one} and {other} are not drawn as often: one each month, one once a path"
            advice = "correlate monthly factors, or numbers drawn once a path"
        if message:
            yield Problem(pair, "conflict", message, advice, key=True)


def _impossible(found: Uncertain) -> Iterator[Problem]:
    names = list(dict.fromkeys(name for pair in found.pairs for name in pair))
    shocks = correlation.matrix(names, found.shock_pairs())
    if not names or correlation.is_possible(shocks):
        return
    kept = correlation.matrix(names, {pair: found.kept(pair) for pair in combinations(names, 2)})
    near = correlation.nearest_written(shocks, kept)
    told = ", ".join(
        f"{names[i]} and {names[j]} {near[i, j]:g}" for i, j in combinations(range(len(names)), 2) if near[i, j]
    )
    least = correlation.least_eigenvalue(shocks)
    message = f"no numbers have these correlations together: their matrix has an eigenvalue of {least:.3g}, below 0"
    if any(found.kept(pair) < 1.0 for pair in found.pairs):
        message += f", where Student-t steps keep {np.min(kept):.2f} of a normal's correlation"
    yield Problem(_CORRELATIONS, "not-positive", message, f"the nearest that do: {told}")
