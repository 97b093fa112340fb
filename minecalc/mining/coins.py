"""Coins that a mine keeps: what of the coins mined is not sold at once, what is sold of that later, and what is left.

A coin is revenue when it is mined, at that month's price. What is kept of it is no cash: a line takes its worth out
again, in a category of its own, so that revenue and gross profit are those of mining, and cash is what was sold. Coins
are held at what they were worth when they were mined, on average; sold, they bring the price of that month, and the
difference is a gain. At the horizon all that is left is sold at the price of its last month, a residual value.

A treasury sells them earlier: all in a month, or as many as bring the month's cash up to an amount. Source: arithmetic;
that a miner has income when it has mined a coin, and that worth as its basis, is IRS Notice 2014-21.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import model_validator

from minecalc.arrays import FloatArray, added, at_month, lump, recurrences, rows_at, running_total, truth
from minecalc.cashflows import GROSS_PROFIT, CashFlows, Line, monthly
from minecalc.schema.fields import anything
from minecalc.schema.validate import refused
from minecalc.trace import named
from minecalc.uses.setting import Setting
from minecalc.values.paths import Month, TimedInputs, ValueOverTime, over_time

#: The memo of the coins that are held at the end of each month, at the horizon before they are sold.
HELD = "btc_held"
#: What a coin brings when it is mined.
_INCOME = ("mining_revenue_usd", "pool_fee_usd")


class Treasury(TimedInputs):
    """When coins that were kept are sold before the horizon."""

    month_fields: ClassVar[frozenset[str]] = frozenset({"sell_month"})

    sell_month: Month | None = anything(default=None, help="the month in which all coins held are sold")
    sell_when_cash_below_usd: ValueOverTime | None = over_time(
        low=-1e12,
        high=1e12,
        default=None,
        help="coins are sold until what the use earns in the month, without coins kept, is this much",
    )

    @model_validator(mode="after")
    def _sells(self) -> Self:
        if self.sell_month is None and self.sell_when_cash_below_usd is None:
            message = "treasury says neither sell_month nor sell_when_cash_below_usd, so it sells nothing"
            raise refused((), "missing-key", message, "give one of them, or leave treasury out")
        return self


def have_price(setting: Setting) -> bool:
    """Whether there is a price of bitcoin; of a mixture of two scenarios there may be none, and all is sold at once."""
    return not setting.market.market.hash_price_is_given


def with_coins(
    flows: CashFlows, sells_fraction: ValueOverTime, treasury: Treasury | None, setting: Setting
) -> CashFlows:
    """The flows of a mine that sells this share of its coins at once, with what becomes of the others.

    Its market must have a price of bitcoin.
    """
    timeline, months = setting.timeline, setting.timeline.months
    income = added(months, *(line.usd for line in flows.lines if line.name in _INCOME))
    kept_usd = named("coins_kept_worth_usd", income * (1.0 - sells_fraction.values(timeline)))
    price = setting.market.btc_price_usd
    kept = named("btc_kept", kept_usd * _per_usd(price))
    lines = [Line("coins_kept_usd", "coins", 0.0 - kept_usd)]
    if treasury is None:
        held, cost = running_total(kept), running_total(kept_usd)
    else:
        earned = monthly(flows.lines, months, GROSS_PROFIT) - kept_usd
        held, cost, sold, sold_at_cost = recurrences(
            _month_of_treasury, (0.0, 0.0), kept, kept_usd, *_orders(treasury, earned, price, setting), shown=2
        )
        lines.append(Line("coins_sold_usd", "coins", named("btc_sold", sold) * price, at_cost_usd=sold_at_cost))
    held, cost, last = named(HELD, held), named("coins_held_at_cost_usd", cost), float(months)
    left = lump(months, last, at_month(held, last) * at_month(price, last))
    left_at_cost = lump(months, last, at_month(cost, last))
    lines.append(Line("coins_residual_usd", "residual", left, at_cost_usd=left_at_cost))
    return flows._replace(lines=(*flows.lines, *lines), memo={**flows.memo, HELD: held})


def _per_usd(price: FloatArray) -> FloatArray:
    """BTC for one USD; none where it costs nothing."""
    return np.where(price > 0.0, 1.0 / np.where(price > 0.0, price, 1.0), 0.0)


def _orders(
    treasury: Treasury, earned_usd: FloatArray, price: FloatArray, setting: Setting
) -> tuple[FloatArray, FloatArray]:
    """By month, the coins that bring what is earned up to the least cash, and 1 where all are sold."""
    timeline, least = setting.timeline, treasury.sell_when_cash_below_usd
    needs: FloatArray = np.zeros((1, 1))
    if least is not None:
        needs = named("btc_needed", np.maximum(least.values(timeline) - earned_usd, 0.0) * _per_usd(price))
    sells_all: FloatArray = np.zeros((1, 1))
    if treasury.sell_month is not None:
        sells_all = named("sells_all_coins", truth(timeline.numbers == timeline.number_of(treasury.sell_month)))
    return needs, sells_all


def _month_of_treasury(held: Any, cost: Any, kept: Any, kept_usd: Any, needs: Any, sells_all: Any) -> tuple[Any, ...]:
    """Coins held and their cost after a month, and the coins sold and their cost: their part of the average."""
    there, worth = held + kept, cost + kept_usd
    sold = np.where(sells_all > 0.0, there, np.minimum(there, needs))
    share = np.where(there > 0.0, sold / np.where(there > 0.0, there, 1.0), 0.0)
    gone = worth * share
    return there - sold, worth - gone, sold, gone


def worth_of_keeping(sells_fraction: ValueOverTime, treasury: Treasury | None, setting: Setting) -> FloatArray:
    """What a dollar's worth of coins mined in a month is worth more at point 0 than if all were sold, ``(months, ·)``.

    What is sold for want of cash counts as held on, to the month in which all is sold or the horizon.
    """
    timeline, price, discount = setting.timeline, setting.market.btc_price_usd, setting.discount_factors[1:]
    at = timeline.numbers * 0.0 + float(timeline.months)
    if treasury is not None and treasury.sell_month is not None:
        sells = timeline.number_of(treasury.sell_month)
        at = np.where((timeline.numbers <= sells) & (sells <= timeline.months), sells, at)
    later = rows_at(price, at) * rows_at(discount, at) * _per_usd(price)
    return named("worth_of_keeping_ratio", (later - discount) * (1.0 - sells_fraction.values(timeline)))


def warnings(treasury: Treasury | None, setting: Setting) -> Iterator[str]:
    """A sale of coins that falls outside the horizon. For a single case."""
    if treasury is None or treasury.sell_month is None:
        return
    if not 1.0 <= float(setting.timeline.number_of(treasury.sell_month)) <= setting.timeline.months:
        yield f"treasury.sell_month {treasury.sell_month} lies outside the horizon: no coins are sold then"
