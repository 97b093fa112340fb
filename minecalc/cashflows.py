"""Cash flows: labelled lines of signed USD a month, inflow positive, with physical quantities beside them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from operator import add
from types import MappingProxyType
from typing import Literal, NamedTuple, Self

from minecalc.arrays import FloatArray, Number, accumulate, added, added_at_points, at_points

#: What a line is, in the order of a statement. ``sale`` is a sale before the horizon, ``residual`` what is left at it;
#: ``prepayment`` moves rent in time and ``coins`` the cash of coins that are kept: neither is revenue. ``debt`` and
#: ``tax`` stand between all these and equity.
Category = Literal["revenue", "power", "opex", "prepayment", "coins", "capex", "sale", "residual", "debt", "tax"]
#: Those of the megawatts themselves, whoever pays for them.
CATEGORIES: tuple[Category, ...] = ("revenue", "power", "opex", "prepayment", "coins", "capex", "sale", "residual")
DEBT_AND_TAX: tuple[Category, ...] = ("debt", "tax")
GROSS_PROFIT: tuple[Category, ...] = ("revenue", "power", "opex")

#: What capex buys, as a tax law or a balance sheet tells it apart.
AssetKind = Literal["building", "gpu", "machine"]
ASSET_KINDS: tuple[AssetKind, ...] = ("building", "gpu", "machine")


class Lot(NamedTuple):
    """What is put into service together, in month ``service``, and is sold or ends at the start of month ``ends``.

    Month numbers are floats or columns; what ends after the horizon is there until its end. ``cost_usd (·,)`` is
    positive; None: all that its line costs. ``sunk_eh_per_s`` is the hash rate of machines that were there before.
    ``life_months`` is the life that its maker gives it; None of a building, whose life is that of its class.
    """

    service: Number
    ends: Number
    cost_usd: Number | None = None
    sunk_eh_per_s: Number = 0.0
    life_months: Number | None = None


class Assets(NamedTuple):
    """What a line of capex buys."""

    kind: AssetKind
    lots: tuple[Lot, ...]

    def times(self, factor: Number) -> "Assets":
        """A share of them (float or column)."""
        lots = []
        for lot in self.lots:
            cost = None if lot.cost_usd is None else lot.cost_usd * factor
            sunk = lot.sunk_eh_per_s
            if not isinstance(sunk, float) or sunk:
                sunk = sunk * factor
            lots.append(lot._replace(cost_usd=cost, sunk_eh_per_s=sunk))
        return Assets(self.kind, tuple(lots))


class Line(NamedTuple):
    """One labelled line: ``usd (months, 1|cases)``, the month's money at its end, or at its start (``at_start``).

    A line of capex says in ``assets`` what it buys, one of coins sold in ``at_cost_usd (months, ·)`` what they were
    worth when they were kept. One of revenue says in ``contracted`` what share of its money a contract fixes,
    ``(1|months, ·)``, whatever the market does; it is asked by lenders alone, and None is no share.
    """

    name: str
    category: Category
    usd: FloatArray
    at_start: bool = False
    meanwhile: bool = False
    use: str = ""
    assets: Assets | None = None
    at_cost_usd: FloatArray | None = None
    contracted: Callable[[], FloatArray] | None = None

    def under_contract(self) -> Self | None:
        """What of a revenue a contract fixes; None of one that all is at the market's price."""
        return None if self.contracted is None else self._replace(usd=self.usd * self.contracted(), contracted=None)

    def times(self, factor: Number) -> Self:
        """A share of this line, and of what it buys or sells (float or column)."""
        at_cost = None if self.at_cost_usd is None else self.at_cost_usd * factor
        assets = None if self.assets is None else self.assets.times(factor)
        return self._replace(usd=self.usd * factor, assets=assets, at_cost_usd=at_cost)

    def cost_usd(self, lot: Lot) -> Number:
        """What one of the lots that the line buys costs, positive (float or column)."""
        return -accumulate(self.usd) if lot.cost_usd is None else lot.cost_usd


class OnDemand(Mapping[str, FloatArray]):
    """Arrays over time by name, each computed when it is first asked for: most questions are about money alone."""

    def __init__(self, computed: Mapping[str, Callable[[], FloatArray]]) -> None:
        self._computed, self._known = computed, dict[str, FloatArray]()

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self._known:
            self._known[name] = self._computed[name]()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._computed)

    def __len__(self) -> int:
        return len(self._computed)


class CashFlows(NamedTuple):
    """Lines of money and named quantities over time (``btc_mined``, ``energy_mwh``, ``gpu_hours_sold``).

    ``memo`` lines are shown and never summed. ``loads`` are the parts of what is drawn that are each on in hours of
    their own, with what they draw and pay by name (see ``minecalc.power.power_charges``).
    """

    lines: tuple[Line, ...]
    quantities: Mapping[str, FloatArray] = MappingProxyType({})
    memo: Mapping[str, FloatArray] = MappingProxyType({})
    loads: tuple[Mapping[str, FloatArray], ...] = ()

    def scaled(self, factor: Number) -> "CashFlows":
        """Every line, quantity, memo and load times ``factor`` (float or column)."""
        if isinstance(factor, float) and factor == 1.0:
            return self
        return CashFlows(
            tuple(line.times(factor) for line in self.lines),
            _scaled(self.quantities, factor),
            _scaled(self.memo, factor),
            tuple(_scaled(load, factor) for load in self.loads),
        )

    def labelled(self, use: str, *, meanwhile: bool = False) -> "CashFlows":
        """The same flows, each line told to be of ``use``, and of the time before a conversion if ``meanwhile``."""
        lines = tuple(line._replace(meanwhile=line.meanwhile or meanwhile, use=use) for line in self.lines)
        return self._replace(lines=lines)

    def by_name(self, months: int) -> "CashFlows":
        """The same flows with lines of one name added to one."""
        lines: dict[str, list[Line]] = {}
        for line in self.lines:
            lines.setdefault(line.name, []).append(line)
        whole = tuple(
            same[0]._replace(usd=added(months, *(line.usd for line in same)), assets=_together(same), contracted=None)
            for same in lines.values()
        )
        return self._replace(lines=whole)


def _together(lines: Iterable[Line]) -> Assets | None:
    """What lines of one name buy, which is all of one kind."""
    bought = [line.assets for line in lines if line.assets is not None]
    return Assets(bought[0].kind, tuple(lot for assets in bought for lot in assets.lots)) if bought else None


def combined(parts: Iterable[CashFlows]) -> CashFlows:
    """All lines and loads of ``parts`` in order; quantities and memo of the same name are added."""
    every = list(parts)
    lines = tuple(line for part in every for line in part.lines)
    loads = tuple(load for part in every for load in part.loads)
    return CashFlows(lines, _summed([part.quantities for part in every]), _summed([part.memo for part in every]), loads)


def _summed(parts: Sequence[Mapping[str, FloatArray]]) -> Mapping[str, FloatArray]:
    """The arrays of each name, added in order."""
    having: dict[str, list[Mapping[str, FloatArray]]] = {}
    for part in parts:
        for name in part:
            having.setdefault(name, []).append(part)
    if not having:
        return MappingProxyType({})

    def total(name: str) -> FloatArray:
        return reduce(add, (part[name] for part in having[name]))

    return OnDemand({name: partial(total, name) for name in having})


def _scaled(arrays: Mapping[str, FloatArray], factor: Number) -> Mapping[str, FloatArray]:
    """The arrays of each name times ``factor``."""
    return OnDemand({name: partial(_times, arrays, name, factor) for name in arrays})


def _times(arrays: Mapping[str, FloatArray], name: str, factor: Number) -> FloatArray:
    return arrays[name] * factor


def monthly(lines: Iterable[Line], months: int, categories: Iterable[Category] = CATEGORIES) -> FloatArray:
    """The lines of these categories summed by month ``(months, 1|cases)``, whether paid at its start or its end."""
    wanted = set(categories)
    return added(months, *(line.usd for line in lines if line.category in wanted))


def net_flow(lines: Iterable[Line], months: int) -> FloatArray:
    """Net money at time points 0..T, shape ``(months + 1, 1|cases)``."""
    every = list(lines)
    return at_points(months, [line.at_start for line in every], *(line.usd for line in every))


def net_flow_after(before: FloatArray, lines: Iterable[Line]) -> FloatArray:
    """As ``net_flow`` of what came to ``before (months + 1, ·)`` and these lines after it, to the last bit."""
    every = list(lines)
    return added_at_points(before, [line.at_start for line in every], [line.usd for line in every])
