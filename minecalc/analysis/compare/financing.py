"""What a comparison says of a plan's debt and of its corners: plain data for the record, and tables made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from minecalc import figures
from minecalc.analysis.corner_records import OF_CORNER
from minecalc.arrays import FloatArray, accumulate, as_cases, of_case, row_of_smallest
from minecalc.corners import AFTER_TAX, UNLEVERED, WORDS
from minecalc.document import Block, Cell, Chart, Column, Note, Series, Table, Text, Value
from minecalc.engine import PlanEvaluation
from minecalc.figures.labels import capital, figure_unit

if TYPE_CHECKING:
    from minecalc.deals.financed import Financed

Record = Mapping[str, Any]

#: Money below this share of total cost is rounding, and no event.
_NEGLIGIBLE = 1e-9


def told(plan: PlanEvaluation) -> dict[str, str]:
    """The corner that a plan is told of, where it has several."""
    return {} if plan.deepest == UNLEVERED else {"corner": plan.deepest}


def brief(plan: PlanEvaluation) -> dict[str, Any]:
    """What a summary has of a plan's corners: which one it is told of, and its worth before debt."""
    found: dict[str, Any] = {**told(plan)}
    if plan.deepest != UNLEVERED:
        key = "npv_at_scenario_rate_usd"
        corners = (corner for corner in (UNLEVERED, AFTER_TAX) if corner in plan.corner_names)
        found["corners"] = {
            corner: {key: figures.CATALOGUE[OF_CORNER[key].format(corner)].measure(plan).number()} for corner in corners
        }
    return found


class Measured:
    """A plan's corners and debt in every case, measured once; ``record`` is that of one case."""

    def __init__(self, plan: PlanEvaluation) -> None:
        self._plan = plan
        corners = () if plan.corner_names == (UNLEVERED,) else plan.corner_names
        self._corners = {
            corner: {key: figures.CATALOGUE[name.format(corner)].measure(plan) for key, name in OF_CORNER.items()}
            for corner in corners
        }
        if plan.financed is not None:
            from minecalc.engine.stated import Stated  # statements are made for plans with debt alone

            self._debt = figures.figures_of(plan, figures.names_of("debt"))
            self._largest_gap = Stated(plan).largest_gap_ratio

    def record(self, case: int) -> dict[str, Any]:
        """The keys that a plan with debt or tax has besides; none of any other."""
        if not self._corners:
            return {}
        corners = {
            corner: {key: metric.number(case) for key, metric in found.items()}
            for corner, found in self._corners.items()
        }
        found: dict[str, Any] = {**told(self._plan), "corners": corners}
        if self._plan.financed is not None:
            found["financing"] = self._financing(self._plan.financed, case)
        return found

    def _financing(self, debt: Financed, case: int) -> dict[str, Any]:
        total = _at(debt.closing.total_usd, case)
        uses = {kind: _at(accumulate(values), case) for kind, values in debt.uses_usd.items()}
        amounts = {name: _at(amount, case) for name, amount in zip(debt.tranches, debt.amounts_usd, strict=True)}
        paid, received = sum(amounts.values()), _at(debt.prepaid_usd, case)
        prepaid = {"prepayment": received} if received else {}
        numbers = {name: metric.number(case) for name, metric in self._debt.items()}
        least = _least(debt.dscr_ratio, case)
        return {
            "close": _label(debt, _first(debt.build.closes, case) + 1),
            "operation": _label(debt, int(_column(debt.starts_at, case)[0]) + 1),
            "total_cost_usd": total,
            "sources_usd": {**amounts, **prepaid, "equity": total - paid - sum(prepaid.values())},
            "uses_usd": uses,
            "tranches": [self._tranche(debt, place, case) for place in range(len(debt.loans))],
            **numbers,
            "dscr_min_month": None if least is None else _label(debt, least),
            **_tested(debt, case),
            "reasons": {name: reason for name, metric in self._debt.items() if (reason := metric.reason(case))},
            "events": list(_events(debt, case, total)),
            "checks_largest_gap_ratio": _known(_at(self._largest_gap, case)),
        }

    @staticmethod
    def _tranche(debt: Financed, place: int, case: int) -> dict[str, Any]:
        name, lent = list(debt.tranches)[place], debt.closing.lent[place]
        flow, sculpted = debt.flows[place], lent.sculpted_dscr_ratio
        last = _last(flow.owed_usd, case)
        return {
            "name": name,
            "amount_usd": _at(as_cases(lent.amount_usd), case),
            "repayment": debt.tranches[name].repayment.shape,
            "last_payment": _label(debt, last) if last else None,
            "matures": _label(debt, _first(debt.serviced[place].terms.dates.last, case)),
            "sculpted_dscr_ratio": None if sculpted is None else _at(sculpted, case) or None,
            "balloon_usd": _at(accumulate(flow.balloon_usd), case),
            "owed_at_end_usd": _at(accumulate(flow.at_end_usd), case),
            "all_in_cost_fraction_per_year": _known(_at(debt.cost_of(place), case)),
            **_refinanced(debt, name, case),
            **({} if debt.tranches[name].sized_on is None else {"sized_on": debt.tranches[name].sized_on}),
        }


def _refinanced(debt: Financed, name: str, case: int) -> dict[str, Any]:
    """What a new loan repays of a tranche's balloon, and on which terms; nothing of one that none does."""
    if name not in debt.refinanced_usd:
        return {}
    by_point, tranche = debt.refinanced_usd[name], debt.tranches[name]
    usd, point = _at(accumulate(by_point), case), _first(by_point, case)
    rate, months = tranche.refinance_rate_fraction_per_year, tranche.refinance_term_months
    assert rate is not None
    assert months is not None
    at = _column(rate.values(debt.timeline), case)
    return {
        "refinanced_usd": usd,
        "refinanced_month": _label(debt, point) if usd else None,
        "refinance_rate_fraction_per_year": float(at[min(point, len(at) - 1)]) if usd else None,
        "refinance_term_months": _at(as_cases(months), case),
    }


def _column(values: FloatArray, case: int) -> FloatArray:
    """One case of ``values (rows, ·)``."""
    found: FloatArray = of_case(values.T, case)
    return found


def _at(values: FloatArray, case: int) -> float:
    return float(of_case(values, case)) + 0.0


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number


def _first(flags: FloatArray, case: int) -> int:
    return int(np.argmax(_column(flags, case)))


def _last(owed: FloatArray, case: int) -> int:
    """The point at which nothing is owed any more."""
    some = np.flatnonzero(_column(owed, case) > 0.0)
    return int(some[-1]) + 1 if some.size else 0


def _label(debt: Financed, point: int) -> str:
    """A point in time by the month that ends at it; the first by the month that begins there."""
    return debt.timeline.label(max(point, 1))


def _least(ratio: FloatArray, case: int) -> int | None:
    """The point of the least DSCR; of dates that differ by rounding only, the first."""
    ratios = _column(ratio, case)
    return None if np.isnan(ratios).all() else row_of_smallest(ratios)


def _tested(debt: Financed, case: int) -> dict[str, Any]:
    """The least DSCR as covenants test it, its month, and how many months of operation it is of; none of one date."""
    point = _least(debt.tested_dscr_ratio, case)
    if debt.terms.tested_dates == 1 or point is None:
        return {}
    months = debt.terms.tested_dates * debt.terms.every_months
    return {
        "dscr_tested_min_ratio": float(_column(debt.tested_dscr_ratio, case)[point]),
        "dscr_tested_min_month": _label(debt, point),
        "dscr_tested_min_over_months": min(months, point - int(_column(debt.starts_at, case)[0])),
    }


def _events(debt: Financed, case: int, total: float) -> Iterator[dict[str, Any]]:
    """What went wrong, by date: cash that fell short, reserves drawn, covenants, balloons that equity pays."""
    flow, dates = debt.waterfall, _column(debt.dates, case) > 0.0
    lacks = np.maximum(_column(debt.service_usd, case) - _column(debt.period_cfads_usd, case), 0.0)
    held, breached = _column(flow.held, case) > 0.0, _column(flow.breached, case) > 0.0
    rows = {
        "shortfall": (_column(flow.shortfall_usd, case), None),
        "reserve_drawn": (_column(flow.reserve_drawn_usd, case), None),
        "lockup": (_column(flow.cash_usd, case), held & dates),
        "default": (lacks, breached),
        "refinancing": (_column(flow.refinancing_usd, case), None),
    }
    found = []
    for kind, (usd, when) in rows.items():
        happens = usd > _NEGLIGIBLE * total if when is None else when
        found += [(int(point), kind, float(usd[point])) for point in np.flatnonzero(happens)]
    for point, kind, amount in sorted(found, key=lambda event: event[0]):
        yield {"month": _label(debt, point), "kind": kind, "usd": amount}


def tables(plan: Record) -> Iterator[Block]:
    """What an analyst and a lender read of one plan's record; nothing of a plan with one corner."""
    if "corners" not in plan:
        return
    yield _corners(plan)
    if "financing" in plan:
        yield _sources_and_uses(plan)
        yield _cover(plan)
        yield from _told_events(plan["financing"])


_ROWS = {
    "npv_usd": "NPV",
    "npv_at_scenario_rate_usd": "NPV at the scenario's rate",
    "irr_fraction_per_year": "IRR of the project",
    "peak_funding_usd": "Peak funding",
}


def _corners(plan: Record) -> Table:
    corners = plan["corners"]
    columns = [Column("figure", "", "left"), *(Column(name, WORDS[name]) for name in corners)]
    rows: list[list[Cell]] = []
    for key, label in _ROWS.items():
        numbers = [found[key] for found in corners.values()]
        if key == "npv_at_scenario_rate_usd" and numbers == [found["npv_usd"] for found in corners.values()]:
            continue
        rows.append([Text(label), *(Value(number, figure_unit(key)) for number in numbers)])
    worth = Series("NPV", [found["npv_usd"] for found in corners.values()])
    picture = Chart(f"{plan['name']}: NPV by corner", [capital(WORDS[name]) for name in corners], [worth], "usd", "bar")
    return Table(f"{plan['name']}: before and after debt and tax", columns, rows, picture=picture)


#: Uses of money by key of the record.
_USES = {
    "capex": "Capex",
    "upfront_fees": "Upfront fees",
    "discount": "Discount",
    "commitment_fees": "Commitment fees",
    "interest": "Interest in the build",
    "escrow_income": "Less escrow income",
    "reserve": "Reserve",
}


def _sources_and_uses(plan: Record) -> Table:
    debt, total = plan["financing"], plan["financing"]["total_cost_usd"]
    own = {"equity": "Equity", "prepayment": "Prepayment"}
    sources = [(own.get(name, name), usd) for name, usd in debt["sources_usd"].items()]
    uses = [(_USES[kind], usd) for kind, usd in debt["uses_usd"].items() if usd]
    columns = [
        Column("source", "Sources", "left"),
        Column("source_usd", ""),
        Column("share_fraction", ""),
        Column("use", "Uses", "left"),
        Column("use_usd", ""),
    ]
    rows: list[list[Cell]] = []
    for source, use in zip_longest(sources, uses):
        row: list[Cell] = [Text("")] * len(columns)
        if source is not None:
            name, usd = source
            row[:3] = Text(name), Value(usd, "usd"), Value(usd / total if total else None, "fraction")
        if use is not None:
            row[3:] = Text(use[0]), Value(use[1], "usd")
        rows.append(row)
    whole: list[Cell] = [Text("Total cost"), Value(total, "usd"), Value(1.0, "fraction")]
    rows.append([*whole, Text("Total cost"), Value(total, "usd")])
    return Table(f"{plan['name']}: sources and uses, close {debt['close']}", columns, rows, [len(rows) - 1])


def _cover(plan: Record) -> Table:
    debt = plan["financing"]
    reasons = debt["reasons"]
    least = _NEGLIGIBLE * debt["total_cost_usd"]
    outlasts = any(tranche["owed_at_end_usd"] > least for tranche in debt["tranches"])

    def row(label: str, key: str, note: str = "") -> list[Cell]:
        told = "" if debt[key] is None else note
        return [Text(label), Value(debt[key], figure_unit(key), reasons.get(key, "")), Text(told, "muted")]

    rows = [
        row("Debt", "debt_usd"),
        row("  share of total cost", "debt_to_cost_fraction"),
        row("Least DSCR", "dscr_min_ratio", debt["dscr_min_month"] or ""),
        row("Average DSCR", "dscr_average_ratio"),
        row("LLCR", "llcr_ratio"),
        row("PLCR", "plcr_ratio", "CFADS to the horizon"),
        row("Average life", "average_life_years", "as if repaid at the horizon" if outlasts else ""),
        row("All-in cost", "all_in_cost_fraction_per_year", "effective, with fees and discount"),
        row("Peak equity", "peak_equity_usd", "before tax, balloons that equity pays included"),
    ]
    if "dscr_tested_min_ratio" in debt:
        months = debt["dscr_tested_min_over_months"]
        tested = f"{debt['dscr_tested_min_month']}, over {months} month{'' if months == 1 else 's'}"
        rows.insert(3, row("  as covenants test it", "dscr_tested_min_ratio", tested))
    if debt["debt_yield_fraction"] is not None:
        rows.append(row("Debt yield of the balloon", "debt_yield_fraction", "CFADS of a year over it"))
    of_all = len(rows)
    for tranche in debt["tranches"]:
        words, secured = tranche["repayment"].replace("_", " "), "sized_on" in tranche
        if tranche["sculpted_dscr_ratio"]:
            words = f"sculpted to {tranche['sculpted_dscr_ratio']:.2f}x" + " of contracted cash" * secured
        elif secured:
            words += ", sized on contracted cash"
        ends = tranche["owed_at_end_usd"] > least
        last = f"last payment {tranche['last_payment']}" if tranche["last_payment"] else "lends nothing"
        words += f", matures {tranche['matures']}" if ends else f", {last}"
        rows.append([Text(tranche["name"]), Value(tranche["amount_usd"], "usd"), Text(words, "muted")])
        if tranche.get("refinanced_usd"):
            words = f"at {100 * tranche['refinance_rate_fraction_per_year']:.4g}%"
            words += f" over {tranche['refinance_term_months']:g} months"
            when = Text(f"  refinanced {tranche['refinanced_month']}")
            rows.append([when, Value(tranche["refinanced_usd"], "usd"), Text(words, "muted")])
        if tranche["balloon_usd"] > least:
            rows.append([Text("  balloon"), Value(tranche["balloon_usd"], "usd"), Text("")])
        if ends:
            note = "with interest, paid by residual or equity"
            rows.append([Text("  owed at the horizon"), Value(tranche["owed_at_end_usd"], "usd"), Text(note, "muted")])
    columns = [Column("figure", "", "left"), Column("value", ""), Column("note", "", "left")]
    return Table(f"{plan['name']}: what a lender looks at", columns, rows, [of_all])


#: What is said of events, by their kind, and what stands before and after their money.
_SAID = {
    "shortfall": ("Equity pays what cash does not cover", "", ""),
    "reserve_drawn": ("The reserve pays service", "", ""),
    "lockup": ("Distributions are held back", "at most ", ""),
    "default": ("The default covenant is breached", "CFADS is ", " less than service"),
    "refinancing": ("A balloon is refinanced or paid by equity", "", ""),
    "at_end": ("What is owed at the horizon is paid by equity", "", ""),
}


def _told_events(debt: Record) -> Iterator[Note]:
    """Each kind of event once: how often, from when, and how much in all, of what is held back at most."""
    ends = {tranche["last_payment"] for tranche in debt["tranches"] if tranche["owed_at_end_usd"] > 0.0}
    for kind, (words, before, after) in _SAID.items():
        of_kind = "refinancing" if kind == "at_end" else kind
        mine = [event for event in debt["events"] if event["kind"] == of_kind]
        if of_kind == "refinancing":
            mine = [event for event in mine if (event["month"] in ends) is (kind == "at_end")]
        if mine:
            first, last = mine[0]["month"], mine[-1]["month"]
            when = first if len(mine) == 1 else f"{len(mine)} times, {first} to {last}"
            usd = max(event["usd"] for event in mine) if kind == "lockup" else sum(event["usd"] for event in mine)
            money: list[str | Value] = [f": {before}", Value(usd, "usd"), after] if usd else []
            yield Note([f"{words} ({when})", *money, "."], "warning")
