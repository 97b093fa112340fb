"""Which factors a scenario has a place for, and so what is uncertain in it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import Number
from minecalc.distribution import Distribution
from minecalc.factor import Drawn, Factor, SignedRate
from minecalc.randomness.processes import t_correlation_kept
from minecalc.scenario import Scenario, Use
from minecalc.scenario.movables import Movable, movable
from minecalc.schema.fields import field_meta
from minecalc.schema.names import dotted, split_path
from minecalc.uncertainty.block import Uncertainty
from minecalc.uncertainty.factors import FACTORS, BtcPrice, TenantDefault
from minecalc.uses.conversion import Conversion
from minecalc.values.paths import ValueOverTime

#: Factors that are drawn every month; the others once a path.
MONTHLY = tuple(name for name, factor in FACTORS.items() if factor.monthly)

#: Standard normals at which a distribution is at its lowest and highest, for all that matters.
_FAR = 8.0


class Uncertain(NamedTuple):
    """What is uncertain in a scenario: its factors in the order of ``FACTORS``, and distributions of inputs by path.

    ``pairs`` are the correlations between them; ``given`` are the factors that the scenario's own block names, the
    others are as they are by default.
    """

    factors: dict[str, Factor]
    inputs: dict[str, Distribution]
    pairs: dict[tuple[str, str], float]
    given: frozenset[str]

    @property
    def bootstraps(self) -> bool:
        """Whether price and network are drawn from history, and their correlation with them."""
        price = self.factors.get("btc_price_usd")
        return isinstance(price, BtcPrice) and price.model == "bootstrap"

    def inert(self, name: str) -> tuple[str, ...]:
        """The inputs of a factor that do nothing beside its others and the price."""
        follows = ("price_elasticity_ratio", "price_lag_months")
        if name != "network_hash_rate_eh_per_s":
            return self.factors[name].inert
        if self.bootstraps:
            return (*follows, "volatility_fraction_per_year")
        return () if "btc_price_usd" in self.factors else follows

    def kept(self, pair: tuple[str, str]) -> float:
        """The share of the correlation of two normals that is left between the two of ``pair`` that they become."""
        price = self.factors.get("btc_price_usd")
        if "btc_price_usd" in pair and isinstance(price, BtcPrice) and price.model == "student_t":
            return t_correlation_kept(float(price.degrees_of_freedom_count))
        return 1.0

    def shock_pairs(self) -> dict[tuple[str, str], float]:
        """The correlations of normals that give those of ``pairs``: beyond 1 where nothing gives them."""
        return {pair: value / self.kept(pair) for pair, value in self.pairs.items()}


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
    inputs = {as_quoted(path): drawn for path, drawn in block.inputs.items()}
    pairs = {(as_quoted(one), as_quoted(other)): value for (one, other), value in block.correlation_pairs().items()}
    pairs = {pair: value for pair, value in pairs.items() if {*factors, *inputs}.issuperset(pair)}
    found = Uncertain(factors, inputs, pairs, frozenset(block.factors))
    if found.bootstraps:  # which takes the correlation from history
        pairs.pop(("btc_price_usd", "network_hash_rate_eh_per_s"), None)
    return found


def as_quoted(path: str) -> str:
    """A dotted path in its one spelling, whose names are quoted only where they must be; what is none as it is."""
    try:
        return dotted(split_path(path))
    except ValueError:
        return path


def varies(found: Uncertain) -> bool:
    """Whether any two worlds may differ: a factor without volatility leaves them all alike."""
    return any(map(strays, found.factors.values())) or any(map(_is_wide, found.inputs.values()))


def strays(factor: Factor) -> bool:
    """Whether a factor moves anything at all."""
    if isinstance(factor, Drawn):
        return _is_wide(factor.drawn)
    if isinstance(factor, TenantDefault):
        return 0.0 < float(factor.probability_fraction_per_year) < 1.0
    if isinstance(factor, BtcPrice) and factor.model == "bootstrap":
        return True
    widths = ("volatility_fraction_per_year", "trend_sd_fraction_per_year", "spikes_per_year_count")
    futures = getattr(factor, "futures", None) or {}
    likely = [future for future in futures.values() if float(future.probability_fraction) > 0.0]
    return any(float(getattr(factor, name, 0.0)) > 0.0 for name in widths) or len(likely) > 1


def _is_wide(drawn: Distribution) -> bool:
    """Whether a distribution has more than one number."""
    ends = drawn.draw(np.array([-_FAR, _FAR]))
    return bool(ends[0] != ends[1])


def drawn_input(scenario: Scenario, path: str) -> Movable:
    """The input at a dotted path, for what may be drawn in its place. Raises ValueError if there is none.

    Movable inputs move a delay to the end of the horizon at the most; a draw may be as late as a file may say.
    """
    known = movable(scenario, path)
    if split_path(path)[-1] == "delay_months":
        return known._replace(high=float(field_meta(Conversion, "delay_months").high or known.high))
    return known


def has_place(scenario: Scenario, name: str) -> bool:
    """Whether the factor ``name`` can change anything in ``scenario``."""
    uses = [use for _, use in scenario.uses()]
    given = scenario.market.hash_price_is_given
    match name:
        case "btc_price_usd" | "network_hash_rate_eh_per_s" | "fee_btc_per_block":
            return scenario.earns_hash_price and not given
        case "hash_price_usd_per_ph_per_day":
            return scenario.earns_hash_price and given
        case "electricity_price_usd_per_kwh":
            return any(use.inputs.buys_power for use in uses)
        case "capex_usd_per_critical_mw":
            return any(np.any(building_cost(use)) for use in uses)
        case "delay_months":
            return any(use.inputs.conversion is not None for use in uses)
        case "tenant_default":
            return any(can_default(use) for use in uses)
        case _:
            return any(_moves(scenario, name, use) for use in uses)


def _moves(scenario: Scenario, name: str, use: Use) -> bool:
    """Whether a factor of a business moves an input of ``use``, or the price at which its contract is signed."""
    if following(use, name):
        return True
    tenancy, block = use.inputs.tenancy(), block_of(scenario)
    if tenancy is None or tenancy.market != name:
        return False
    defaults = block.factor("tenant_default") is not None and can_default(use)
    return defaults or is_signed_later(block.factor(name), use)


def following(use: Use, name: str) -> dict[str, ValueOverTime]:
    """The inputs of ``use`` that the factor ``name`` multiplies month by month, by dotted path."""
    model = use.inputs.factor(name)
    if model is None or (model.beside and input_at(use, model.beside) is None):
        return {}
    found = {path: input_at(use, path) for path in model.follows}
    return {path: value for path, value in found.items() if value is not None}


def input_at(use: Use, path: str) -> Any:
    """The input of ``use`` at a dotted path below it; None where it, or what it stands in, is not given."""
    value: Any = use.inputs
    for name in path.split("."):
        value = None if value is None else getattr(value, name)
    return value


def is_signed_later(rate: Factor | None, use: Use) -> bool:
    """Whether the contract of ``use`` has the market's price of a later month than the start; a value is settled."""
    tenancy = use.inputs.tenancy()
    return isinstance(rate, SignedRate) and rate.signed != "at_start" and bool(tenancy and tenancy.signed)


def can_default(use: Use) -> bool:
    """Whether a default of a tenant of ``use`` is drawn: not where the scenario itself says when it happens."""
    tenancy = use.inputs.tenancy()
    return tenancy is not None and tenancy.default is None


def building_cost(use: Use) -> Number:
    """Building cost per critical MW of ``use``."""
    conversion = use.inputs.conversion
    owner = use.inputs if conversion is None else conversion
    cost: Number = owner.capex_usd_per_critical_mw
    return cost
