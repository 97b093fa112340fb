"""The bitcoin market: price, network, fees, and the hash price they imply.

Hash price (USD per PH/s per day, gross of pool fee and power) = 144 x (subsidy + fees) x price / network, which is
Luxor's definition; given directly it replaces price, network, subsidy and fees. A fee in BTC per block stays at a
halving, a fee as a fraction of the subsidy halves with it.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, ModelWrapValidatorHandler, PrivateAttr, model_validator

from minecalc.arrays import FloatArray
from minecalc.frozen import frozen
from minecalc.market.bitcoin import btc_per_ph_per_day, monthly_subsidy_btc, network_hash_rate_eh_per_s
from minecalc.reference.snapshot import defaults
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import anything
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.values.paths import Sourced, TimedInputs, ValueOverTime, over_time
from minecalc.values.shapes import Unstated

if TYPE_CHECKING:
    from minecalc.market.market_history import Past

_NETWORK = ("network_hash_rate_eh_per_s", "network_difficulty")
_FEES = ("fee_btc_per_block", "fee_fraction")
#: The inputs that the market snapshot has.
_OF_SNAPSHOT = ("btc_price_usd", _NETWORK[0], _FEES[0])
#: Keys of a value over time that move a default instead of replacing it.
_MOVED = {"scale", "shift"}
_HASH_PRICE = "hash_price_usd_per_ph_per_day"


def _snapshot(name: str, *, low: float, high: float, about: str) -> Any:
    """A value over time whose default is that of the dated market snapshot."""
    return Field(
        default_factory=lambda: ValueOverTime.constant(defaults()[f"market.{name}"].value),
        description=about,
        json_schema_extra=anything(low=low, high=high, help=about).json_schema_extra,
    )


class Market(TimedInputs):
    """What the bitcoin market pays for hash rate. Defaults come from the dated market snapshot."""

    btc_price_usd: ValueOverTime = _snapshot("btc_price_usd", low=0, high=1e6, about="price of a bitcoin")
    network_hash_rate_eh_per_s: ValueOverTime = _snapshot(
        "network_hash_rate_eh_per_s", low=1e-6, high=1e7, about="hash rate of the whole network"
    )
    network_difficulty: ValueOverTime | None = over_time(
        low=1, high=1e18, default=None, help="difficulty, instead of the network's hash rate"
    )
    fee_btc_per_block: ValueOverTime = _snapshot(
        "fee_btc_per_block", low=0, high=100, about="transaction fees of a block; they do not halve"
    )
    fee_fraction: ValueOverTime | None = over_time(
        low=0, high=10, default=None, help="transaction fees over the subsidy, instead of BTC per block"
    )
    hash_price_usd_per_ph_per_day: ValueOverTime | None = over_time(
        low=0,
        high=1e5,
        default=None,
        help="hash price given directly: replaces price, network, subsidy and fees",
    )

    implied: ClassVar[frozenset[str]] = frozenset({_HASH_PRICE})

    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives(tuple((name,) for name in _NETWORK)),
        Alternatives(tuple((name,) for name in _FEES)),
        Alternatives(
            ((_HASH_PRICE,), ("btc_price_usd", *_NETWORK, *_FEES)),
            advice="the hash price already holds price, network and fees: leave out it or them",
            implied=implied,
        ),
    )

    #: Inputs that the snapshot supplies: those that are not given, or only scaled.
    _of_snapshot: frozenset[str] = PrivateAttr(default=frozenset())
    #: Inputs that a file of market inputs gives and the scenario does not.
    _of_file: Mapping[str, Sourced] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _note_of_snapshot(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        market = handler(data)
        if isinstance(data, Mapping):
            stated = {name for name, value in data.items() if not (isinstance(value, Mapping) and {*value} <= _MOVED)}
            market._of_snapshot = frozenset(_OF_SNAPSHOT) - stated
        return market

    def from_records(self) -> Mapping[str, Sourced]:
        """The market snapshot, for what is not given."""
        idle = self.idle
        return {
            name: Sourced(record.value, record.as_of, f"{record.source} (grade {record.grade})")
            for name in _OF_SNAPSHOT
            if name not in idle
            for record in (defaults()[f"market.{name}"],)
        }

    @property
    def of_snapshot(self) -> tuple[str, ...]:
        """The inputs that play a part and that the snapshot or the history supplies: left out, or only scaled."""
        idle = self.idle
        return tuple(name for name in _OF_SNAPSHOT if name in self._of_snapshot and name not in idle)

    def with_file(self, found: Mapping[str, Sourced]) -> "Market":
        """A copy that knows which of its inputs a market file supplies, and where."""
        market = self.model_copy()
        market._of_file = found
        return market

    def past(self, timeline: Timeline) -> "Mapping[str, Past]":
        """The inputs left out whose snapshot is later than some of the months, with what history has for them."""
        if not self.of_snapshot:
            return {}
        from minecalc.market.market_history import past

        return {name: found for name in self.of_snapshot if (found := past(name, timeline)) is not None}

    def supplied(self, name: str, timeline: Timeline) -> Sequence[Sourced]:
        """What a market file gives; else the snapshot as far as it is used, and the history of earlier months."""
        if name in self._of_file and name not in self.idle:
            return (self._of_file[name],)
        if name not in self.of_snapshot:
            return ()
        figure, history = self.from_records()[name], self.past(timeline).get(name)
        found = [figure] if history is None or history.snapshot_is_used else []
        if history is not None and history.months:
            found.append(Sourced(history.range, history.months, history.source))
        return found

    def at(self, timeline: Timeline) -> "Market":
        """This market with the shipped history, in months before the snapshot, for what is left out."""
        past = {name: found.shape for name, found in self.past(timeline).items() if found.covered}
        update = {name: getattr(self, name)._replace(shape=shape) for name, shape in past.items()}
        market = self.model_copy(update=update)
        market.model_fields_set.intersection_update(self.model_fields_set)  # it is still not given
        return market

    @property
    def hash_price_is_given(self) -> bool:
        """True where the hash price is an input of its own, so that no BTC price or network exists."""
        direct = self.hash_price_usd_per_ph_per_day
        return direct is not None and not isinstance(direct.shape, Unstated)

    def implied_values(self, name: str, timeline: Timeline) -> FloatArray:
        """The hash price of each month."""
        values: FloatArray = getattr(over_time_of(self, timeline), name)
        return values


@frozen
class MarketOverTime:
    """A market on a timeline; arrays of shape ``(1 | months, 1 | cases)``."""

    market: Market
    timeline: Timeline

    @cached_property
    def btc_price_usd(self) -> FloatArray:
        """USD per BTC of each month."""
        return named("btc_price_usd", self.market.btc_price_usd.values(self.timeline))

    @cached_property
    def network_hash_rate_eh_per_s(self) -> FloatArray:
        """EH/s of each month, given or implied by the difficulty."""
        if self.market.network_difficulty is not None:
            network = network_hash_rate_eh_per_s(self.market.network_difficulty.values(self.timeline))
        else:
            network = self.market.network_hash_rate_eh_per_s.values(self.timeline)
        return named("network_hash_rate_eh_per_s", network)

    @cached_property
    def block_reward_btc(self) -> FloatArray:
        """Subsidy and fees of a block, BTC, mean of each month."""
        timeline = self.timeline
        subsidy = timeline.constant("subsidy_btc_per_block", monthly_subsidy_btc(timeline.start, timeline.months))
        if self.market.fee_fraction is not None:
            reward = subsidy * (1.0 + self.market.fee_fraction.values(timeline))
        else:
            reward = subsidy + self.market.fee_btc_per_block.values(timeline)
        return named("reward_btc_per_block", reward)

    @cached_property
    def btc_per_ph_per_day(self) -> FloatArray | None:
        """Expected BTC a day of 1 PH/s; None where the hash price is given directly."""
        if self.market.hash_price_is_given:
            return None
        mined = btc_per_ph_per_day(self.block_reward_btc, self.network_hash_rate_eh_per_s)
        return named("output_btc_per_ph_per_day", mined)

    @cached_property
    def hash_price_usd_per_ph_per_day(self) -> FloatArray:
        """USD a day of 1 PH/s, before pool fee and power."""
        direct = self.market.hash_price_usd_per_ph_per_day
        btc = self.btc_per_ph_per_day
        if btc is None:
            assert direct is not None
            price = direct.values(self.timeline)
        else:
            price = btc * self.btc_price_usd
            price = price if direct is None else direct.moved(price)
        return named("hash_price_usd_per_ph_per_day", price)


#: The market whose implied values were looked at last: they are asked for many times in a row.
_latest: list[MarketOverTime] = []


def over_time_of(market: Market, timeline: Timeline) -> MarketOverTime:
    """``market`` of a single case on ``timeline``; the same as before if it was asked for last."""
    found = next(iter(_latest), None)
    if found is None or found.market is not market or found.timeline is not timeline:
        found = MarketOverTime(market, timeline)
        _latest[:] = [found]
    return found
