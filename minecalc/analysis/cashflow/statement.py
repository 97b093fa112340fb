"""What does a plan pay and earn, period by period? The statement behind ``minecalc cashflow``.

Every labelled line of the flows, summed over months, quarters or years, with subtotals, balances, present values and
quantities. Of a plan with debt or tax their lines follow those of the megawatts, down to what is left for equity, whose
cash and worth the balances are. As in ``compare``, money belongs to the period of its month whether it is paid at the
month's start or at its end, so point 0 is part of the first period. Present values are discounted from the point where
the money is paid: they sum to the plan's NPV.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from minecalc import figures
from minecalc.analysis.dark_fleets import fleet_flows, hash_rate_running
from minecalc.arrays import FloatArray, accumulate, added, at_points, running_total
from minecalc.cashflows import CATEGORIES, DEBT_AND_TAX, GROSS_PROFIT, CashFlows, Category, monthly
from minecalc.engine import PlanEvaluation
from minecalc.figures import power_figures
from minecalc.figures.power_figures import power_usd
from minecalc.finance import returns
from minecalc.mining import HEDGE_LINES
from minecalc.mining.coins import HELD
from minecalc.power.power_charges import ENERGY, ENERGY_IF_RUN, POWER_IF_RUN
from minecalc.timeline import format_month
from minecalc.units import MONTHS_PER_YEAR, unit_of

#: Where a row stands: with the lines of its category, or with what follows from them: "subtotal", "balance",
#: "present_value", "quantity", or "memo", which is never summed.
Section = str
#: Where the part of one of several fleets stands, which lines of its use hold already.
FLEET: Section = "fleet"

#: How the records of a statement stand: a row for each figure, or for each line.
Layout = Literal["long", "wide"]
LAYOUTS: tuple[Layout, ...] = ("long", "wide")

#: Memos of flows that other rows are made of.
_SHOWN_ELSEWHERE = (ENERGY, ENERGY_IF_RUN, POWER_IF_RUN, HELD)

_QUANTITIES = ("btc_mined", "energy_mwh", "gpu_hours_sold")

LINES: tuple[Category, ...] = (*CATEGORIES, *DEBT_AND_TAX)


class Period(NamedTuple):
    """Months ``first`` to ``last`` (numbers from 1) of a scenario, ``begins`` to ``ends`` of the calendar."""

    label: str
    first: int
    last: int
    begins: str
    ends: str


class Row(NamedTuple):
    """One row: a figure for each period and for the whole horizon, or no figures (empty, None) and the ``reason``.

    The total of a flow is its sum, that of a balance where it ends, that of a ratio the ratio of the totals.
    ``at_start`` tells that a line is paid at the start of its months.
    """

    section: Section
    name: str
    unit: str
    values: tuple[float, ...]
    total: float | None
    use: str = ""
    meanwhile: bool = False
    at_start: bool = False
    reason: str = ""


class Statement(NamedTuple):
    """The statement of one plan; ``differences_usd`` is how far its figures are, at most, from those of ``compare``.

    ``by_hour``: the power of its mines is priced by the hour, so that a reader is shown how many of them they run.
    """

    plan: str
    discount_rate_fraction_per_year: float
    months_per_period: int
    periods: tuple[Period, ...]
    rows: tuple[Row, ...]
    differences_usd: Mapping[str, float]
    by_hour: bool = False

    def row(self, name: str) -> Row:
        """The row of this name that is no line: a subtotal, balance, present value, quantity or memo. KeyError."""
        return {row.name: row for row in self.rows if row.section not in (*LINES, FLEET)}[name]

    @property
    def to_equity(self) -> bool:
        """Whether debt or tax stands between the plan's net flow and its equity."""
        return any(row.name == "before_debt_and_tax_usd" for row in self.rows)


def periods(start: int, months: int, months_per_period: int) -> tuple[Period, ...]:
    """The periods of ``months`` months from the calendar month ``start`` (months since year 0); the last may be short.

    A period is labelled as the calendar year, quarter or month that it is, or with its first and last month.
    """
    found = []
    for first in range(1, months + 1, months_per_period):
        last = min(first + months_per_period - 1, months)
        begins, ends = format_month(start + first - 1), format_month(start + last - 1)
        year, month = divmod(start + first - 1, MONTHS_PER_YEAR)
        match last - first + 1:
            case 12 if month == 0:
                label = f"{year:04d}"
            case 3 if month % 3 == 0:
                label = f"{year:04d}-Q{month // 3 + 1}"
            case 1:
                label = begins
            case _:
                label = f"{begins}..{ends}"
        found.append(Period(label, first, last, begins, ends))
    return tuple(found)


def statement(plan: PlanEvaluation, months_per_period: int = MONTHS_PER_YEAR, case: int = 0) -> Statement:
    """The statement of one case of ``plan``. ValueError unless the periods are whole parts of a year."""
    if months_per_period < 1 or MONTHS_PER_YEAR % months_per_period:
        raise ValueError(f"periods of {months_per_period} months are no whole part of a year")
    scenario = plan.engine.scenario
    view = View(plan, case, periods(scenario.timeline.start, scenario.months, months_per_period))
    money = list(_money(view))
    gross_profit = next(row for row in money if row.name == "gross_profit_usd")
    rows = (
        *(*money, *_cash_and_worth(view, money[-1]), *_quantities(view, gross_profit), *_memo(view)),
        *(row for name, flows in fleet_flows(plan).items() for row in _of_fleet(view, name, flows)),
    )
    rate = _of_case(scenario.rate(plan.plan), case)
    by_hour = any(
        use.inputs.mines and plan.engine.setting(plan.plan, use).power.hourly is not None for use in plan.plan.uses
    )
    found = Statement(plan.plan.name, rate, months_per_period, view.over, rows, {}, by_hour)
    return found._replace(differences_usd=_differences(found, view))


class View(NamedTuple):
    """One case of a plan, seen by period."""

    plan: PlanEvaluation
    case: int
    over: tuple[Period, ...]

    def column(self, values: FloatArray) -> FloatArray:
        """This case of an array over time, ``(months or points, 1)``."""
        k = self.case if values.shape[1] > 1 else 0
        return values[:, k : k + 1]

    def by_period(self, values: FloatArray) -> tuple[float, ...]:
        """Sums over the months of each period."""
        months = np.broadcast_to(self.column(values), (self.plan.engine.months, 1))
        return tuple(_of_case(accumulate(months[first - 1 : last]), 0) for _, first, last, *_ in self.over)

    def at_ends(self, values: FloatArray) -> tuple[float, ...]:
        """What there is at the end of each period."""
        months = np.broadcast_to(self.column(values), (self.plan.engine.months, 1))
        return tuple(_of_case(months[last - 1], 0) for _, _, last, *_ in self.over)

    def summed(self, section: Section, name: str, unit: str, values: FloatArray, **more: Any) -> Row:
        """The row of what adds up over the months."""
        sums = self.by_period(values)
        return Row(section, name, unit, sums, sum(sums), **more)


def _of_case(values: Any, case: int) -> float:
    """One case's number; adding 0.0 turns -0.0 into 0.0."""
    flat = np.asarray(values, dtype=np.float64).reshape(-1)
    return float(flat[case if flat.size > 1 else 0]) + 0.0


def _subtotal(name: str, rows: Sequence[Row], view: View) -> Row:
    values = tuple(sum(column) for column in zip((0.0,) * len(view.over), *(row.values for row in rows), strict=True))
    return Row("subtotal", name, "usd", values, sum(values))


def _lines(view: View) -> list[Row]:
    """Every line of the plan; lines of the same name, use and time are one."""
    found: dict[tuple[Category, str, str, bool, bool], FloatArray] = {}
    for line in view.plan.flows.lines:
        key = (line.category, line.name, line.use, line.meanwhile, line.at_start)
        found[key] = found[key] + line.usd if key in found else line.usd
    return [
        view.summed(category, name, "usd", usd, use=use, meanwhile=meanwhile, at_start=at_start)
        for (category, name, use, meanwhile, at_start), usd in found.items()
    ]


def _money(view: View) -> Iterator[Row]:
    """Lines by category with their subtotals, from revenue to net cash flow, and on to equity through debt and tax."""
    lines = _lines(view)
    subtotals = {}
    for category in CATEGORIES:
        own = [row for row in lines if row.section == category]
        yield from own
        subtotals[category] = _subtotal(f"{category}_usd", own, view)
        yield subtotals[category]
        if category == GROSS_PROFIT[-1]:
            yield _subtotal("gross_profit_usd", [subtotals[name] for name in GROSS_PROFIT], view)
    left = list(subtotals.values())
    if view.plan.financing_lines:
        yield _subtotal("before_debt_and_tax_usd", left, view)
        for category in DEBT_AND_TAX:
            own = [row for row in lines if row.section == category]
            left.append(_subtotal(f"{category}_usd", own, view))
            yield from (*own, left[-1])
    yield _subtotal("net_usd", left, view)


def _balance(section: Section, name: str, unit: str, values: Sequence[float]) -> Row:
    return Row(section, name, unit, tuple(values), values[-1])


def _cash_and_worth(view: View, net: Row) -> Iterator[Row]:
    """The balance of cash, the funding it takes, and what the flows are worth at point 0."""
    months, lines = view.plan.engine.months, view.plan.flows.lines
    at_start, at_end = (
        view.column(monthly([line for line in lines if line.at_start is early], months, LINES))
        for early in (True, False)
    )
    points = at_points(months, (True, False), at_start, at_end)
    cash = list(itertools.accumulate(net.values))
    yield _balance("balance", "cumulative_cash_usd", "usd", cash)
    yield _balance("balance", "peak_funding_to_date_usd", "usd", _peaks(points, at_start + at_end, view.over))

    factors = view.column(view.plan.engine.discount(view.plan.engine.scenario.rate(view.plan.plan)))
    worth = view.summed("present_value", "present_value_usd", "usd", at_start * factors[:-1] + at_end * factors[1:])
    ends = [_of_case(factors[period.last], 0) for period in view.over]
    yield _balance("present_value", "discount_factor_at_end_fraction", "fraction", ends)
    yield worth
    yield _balance("present_value", "cumulative_present_value_usd", "usd", list(itertools.accumulate(worth.values)))


def _peaks(points: FloatArray, net: FloatArray, over: Sequence[Period]) -> list[float]:
    """The most funding needed to the end of each period, of flows at ``points`` and of the ``net`` of each month.

    At the point where a month ends the next one's first spending is due too. It belongs to the next month, so here
    each month ends with its own cash, whatever the periods; but the peak is never more than that of all points, which
    ``compare`` shows.
    """
    needed = np.maximum(-running_total(points), 0.0)
    most = _of_case(np.max(needed, axis=0), 0)
    reached = np.minimum(np.maximum.accumulate(np.maximum(needed[:-1], -running_total(net)), axis=0), most)
    peaks = [_of_case(reached[period.last - 1], 0) for period in over]
    return [*peaks[:-1], most]


def _quantities(view: View, gross_profit: Row) -> Iterator[Row]:
    """Physical amounts, the critical megawatts that are ready, and what is used and earned of the site's gross MWh."""
    plan, engine = view.plan, view.plan.engine
    for name, known in figures.figures_of(plan, _QUANTITIES).items():
        unit, reason = figures.CATALOGUE[name].unit, known.reason(view.case)
        if reason:
            yield Row("quantity", name, unit, (), None, reason=reason)
        else:
            yield view.summed("quantity", name, unit, plan.flows.quantities.get(name, np.zeros((1, 1))))
    held = plan.flows.memo.get(HELD, np.zeros((1, 1)))
    yield _balance("quantity", HELD, figures.CATALOGUE[HELD].unit, view.at_ends(held))
    yield _hash_rate(view)
    yield from _hours(view)
    yield _balance("quantity", "critical_mw", "mw", [_critical_mw(view, period.last) for period in view.over])

    gross_mw = _of_case(engine.scenario.site.gross_mw, view.case)
    gross = view.summed("quantity", "gross_mwh", "mwh", engine.scenario.timeline.hours * gross_mw)
    energy = view.summed("quantity", "energy_mwh", "mwh", plan.flows.quantities.get("energy_mwh", np.zeros((1, 1))))
    for name, above in (("share_of_gross_mwh_fraction", energy), ("gross_profit_usd_per_gross_mwh", gross_profit)):
        ratios = tuple(ours / all_ for ours, all_ in zip(above.values, gross.values, strict=True))
        yield Row("quantity", name, unit_of(name) or "", ratios, sum(above.values) / sum(gross.values))


def _hash_rate(view: View) -> Row:
    """The hash rate of the machines that run, mean of the months of each period."""
    sums = view.by_period(hash_rate_running(view.plan))
    means = tuple(sum_ / (last - first + 1) for sum_, (_, first, last, *_) in zip(sums, view.over, strict=True))
    return Row("quantity", "hash_rate_running_eh_per_s", "eh_per_s", means, sum(sums) / view.plan.engine.months)


def _hours(view: View) -> Iterator[Row]:
    """The hours that mines run, their share, and what power costs in these and in all."""
    plan, hours, nothing = view.plan, view.plan.engine.scenario.timeline.hours, np.zeros((1, 1))
    drawn, whole, power = (plan.flows.memo.get(name, nothing) for name in (ENERGY, ENERGY_IF_RUN, POWER_IF_RUN))
    share = np.where(whole > 0.0, drawn / np.where(whole > 0.0, whole, 1.0), 0.0)
    yield view.summed("quantity", "mining_hours", "hours", share * hours)
    parts = ((drawn, whole), (-power_usd(plan), drawn), (-power, whole))
    for figure, (above, below) in zip(power_figures.OF_HOURS, parts, strict=True):
        over, by = view.summed("", "", "", above), view.summed("", "", "", below)
        each = tuple(one / other if other else np.nan for one, other in zip(over.values, by.values, strict=True))
        known = figure.measure(plan)
        total, reason = known.number(view.case), known.reason(view.case)
        yield Row("quantity", figure.name, figure.unit, () if reason else each, total, reason=reason or "")


def _critical_mw(view: View, month: int) -> float:
    """Critical megawatts of the AI uses that are ready in a month."""
    engine, total = view.plan.engine, 0.0
    for use in view.plan.plan.uses:
        setting = engine.setting(view.plan.plan, use)
        if use.inputs.is_ai and _of_case(setting.first, view.case) <= month:
            total += _of_case(use.inputs.critical_mw(setting), view.case)
    return total


def _of_fleet(view: View, name: str, flows: CashFlows) -> Iterator[Row]:
    """The lines of one of several fleets, its gross profit, its bitcoin and its energy."""
    for line in flows.lines:
        yield view.summed(FLEET, line.name, "usd", line.usd, use=name, at_start=line.at_start)
    earned = monthly(flows.lines, view.plan.engine.months, GROSS_PROFIT)
    yield view.summed(FLEET, "gross_profit_usd", "usd", earned, use=name)
    for quantity, values in flows.quantities.items():
        yield view.summed(FLEET, quantity, figures.CATALOGUE[quantity].unit, values, use=name)


def _memo(view: View) -> Iterator[Row]:
    """What a reader should know of and nothing sums."""
    plan = view.plan
    memo = {"curtailment_value_usd": np.zeros((1, 1)), **plan.flows.memo}
    memo |= {name: by_month(plan) for name, by_month in power_figures.OF_PEAKS.items()}
    memo = {name: values for name, values in memo.items() if name not in _SHOWN_ELSEWHERE}
    hedges = [line.usd for line in plan.operating_lines if line.name in HEDGE_LINES]
    if hedges:
        memo["gross_profit_unhedged_usd"] = plan.gross_profit_usd - added(plan.engine.months, *hedges)
    memo["lost_mining_margin_usd"] = plan.engine.lost_margin_usd(plan.plan)
    if plan.financing_lines:
        memo["equity_usd"] = monthly([*plan.project_lines, *plan.financing_lines], plan.engine.months, LINES)
    for name, values in memo.items():
        yield view.summed("memo", name, unit_of(name) or "usd", values)


def _differences(found: Statement, view: View) -> dict[str, float]:
    """How far the statement is from the figures of ``compare``, which are summed another way: by name, at most."""
    plan, case = view.plan, view.case
    years = figures.annual(plan)
    step = MONTHS_PER_YEAR // found.months_per_period
    differences = {}
    for name in years[0]:
        values = found.row(name).values
        ours = [sum(values[begin : begin + step]) for begin in range(0, len(values), step)]
        gaps = (abs(sum_ - _of_case(year[name], case)) for sum_, year in zip(ours, years, strict=True))
        differences[name] = max(gaps)
    npv, peak = _of_case(plan.npv_usd, case), _of_case(returns.peak_funding(plan.net_usd), case)
    differences["npv_usd"] = abs(found.row("cumulative_present_value_usd").values[-1] - npv)
    differences["peak_funding_usd"] = abs(found.row("peak_funding_to_date_usd").values[-1] - peak)
    return differences
