"""The comparison as people read it: a screen for one scenario. Made from records alone; many are a league table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minecalc.analysis.compare import financing, still_costs
from minecalc.analysis.compare.headline import headline
from minecalc.analysis.compare.levels import table
from minecalc.analysis.compare.record import FORMAT, Record
from minecalc.analysis.corner_records import figures_in, number_in
from minecalc.analysis.dark_fleets import off_words
from minecalc.analysis.records import Entry, rows
from minecalc.businesses import business
from minecalc.document import (
    Block,
    Cell,
    Chart,
    Column,
    Details,
    Document,
    Note,
    Part,
    Series,
    Table,
    Text,
    Tone,
    Value,
    Written,
)
from minecalc.figures.labels import figure_unit
from minecalc.looks import figure
from minecalc.schema.diagnostics import Diagnostic
from minecalc.schema.names import split_path
from minecalc.timeline import format_month, parse_month
from minecalc.units import MONTHS_PER_YEAR, unit_of

if TYPE_CHECKING:
    from minecalc.analysis.compare.league_document import League

#: What a reader calls the figures of a plan, in sections.
_ROWS: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        ("npv_usd", "NPV"),
        ("discount_rate_fraction_per_year", "  at a discount rate of"),
        ("npv_at_scenario_rate_usd", "NPV at the scenario's rate"),
        ("npv_without_residual_usd", "NPV without residual"),
        ("residual_share_of_npv_fraction", "Residual, share of NPV"),
        ("npv_at_best_stop_usd", "NPV, mining stopped at its best"),
        ("best_stop", "  which is"),
    ),
    (
        ("npv_difference_at_scenario_rate_usd", "Ahead of the baseline by"),
        ("npv_difference_usd", "  each at its own rate"),
        ("incremental_irr_fraction_per_year", "Incremental IRR"),
        ("incremental_payback_months", "Incremental payback"),
    ),
    (
        ("irr_fraction_per_year", "IRR"),
        ("mirr_fraction_per_year", "MIRR"),
        ("payback_months", "Payback"),
        ("moic_ratio", "MOIC"),
        ("capex_usd", "Capex"),
        ("peak_funding_usd", "Peak funding"),
        ("yield_on_cost_fraction", "Yield on cost"),
    ),
    (
        ("first_year_revenue_usd", "First-year revenue"),
        ("first_year_gross_profit_usd", "First-year gross profit"),
        ("first_year_gross_profit_usd_per_gross_mwh", "  per gross MWh"),
        ("revenue_usd_per_gross_mwh", "Revenue per gross MWh"),
        ("gross_profit_usd_per_gross_mwh", "Gross profit per gross MWh"),
        ("gross_profit_usd_per_mw_per_year", "Gross profit per MW-year"),
    ),
    (
        ("btc_mined", "BTC mined"),
        ("btc_held", "BTC held at the horizon"),
        ("energy_mwh", "Energy"),
        ("gpu_hours_sold", "GPU-hours sold"),
        ("critical_mw", "Critical MW"),
        ("lost_mining_margin_usd", "Memo: mining margin lost in the build"),
        ("curtailment_value_usd", "Memo: curtailment value"),
        ("peak_charges_usd", "Memo: charged on peaks"),
        ("avoided_peaks_usd", "  avoided by mining that goes off"),
        ("avoided_peaks_lost_usd", "  avoided peaks lost by converting"),
    ),
)

#: Rows that say nothing where all plans have zero: those of quantities but energy, and the share of the residual.
_WHERE_THERE_IS_ANY = {key for key, _ in _ROWS[-1]} - {"energy_mwh"} | {"residual_share_of_npv_fraction"}

#: Beside a rate of return that may be several, the key of all of them.
_ROOTS = {"irr_fraction_per_year": "irr_roots", "incremental_irr_fraction_per_year": "incremental_irr_roots"}


def document(
    records: Sequence[Record],
    version: str,
    failed: int = 0,
    diagnostics: Sequence[Diagnostic] = (),
    wanted: League | None = None,
    only: Part | None = None,
    written: Sequence[Written] = (),
) -> Document:
    """One scenario's screen or many scenarios' league table, for which summaries do; ``failed`` files are missing.

    A league that is ``wanted`` is shown of one scenario too, and its rows take the place of those of every plan. Where
    ``only`` one part is shown the others are empty, for they take a while of a folder. Records that are ``written``
    stand so in the data.
    """
    title = records[0]["name"] if len(records) == 1 else f"{len(records)} scenarios"
    data: dict[str, Any] = {"format": FORMAT, "version": version, "scenarios": list(written or records)}
    if diagnostics:
        data["diagnostics"] = [item.as_dict() for item in diagnostics]
    with_blocks, with_rows, with_data = (only in (None, part) for part in ("blocks", "records", "data"))
    if len(records) == 1 and not failed and wanted is None:
        rows = _flat(records if with_rows else ())
        return Document(title, list(_screen(records[0])) if with_blocks else (), rows, data)
    from minecalc.analysis.compare.league_document import League, league, league_rows, league_table

    ordered = wanted or League()
    if with_data:
        data["league"] = league_rows(records, ordered)
    shown = records if with_rows else ()
    rows = _flat(shown) if wanted is None else league_table(shown, wanted, titled=False)
    return Document(title, list(league(records, failed, ordered)) if with_blocks else (), rows, data)


def _screen(record: Record) -> Iterator[Block]:
    yield Note(headline(record), "headline")
    if len(record["plans"]) > 1:
        yield Note("One world, no probabilities; minecalc simulate asks how often it holds.", "aside")
    yield _side_by_side(record)
    if record["machines_off"]:
        yield Note(f"Machines: {off_words(record['machines_off'])}, for good.")
    if still_costs.matters(record):
        yield Note(still_costs.words(record))
    if any(plan["vs_baseline"]["break_evens"] for plan in record["plans"]):
        yield table(record)
    for plan in record["plans"]:
        yield from financing.tables(plan)
    if any("financing" in plan and plan["financing"]["dscr_min_ratio"] is not None for plan in record["plans"]):
        yield Note(
            "minecalc breakeven FILE --target dscr=1.3 says which rent, term or rate brings the least DSCR to 1.30x.",
            "aside",
        )
    yield from _hash_prices(record)
    for text in record["warnings"]:
        yield Note(text, "warning")
    yield from _requirements(record["requirements"])
    yield from _defaults(record)


def _requirements(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    """The requirements that fail, each with its reason; or that all of them hold."""
    for verdict in verdicts:
        if not verdict["holds"]:
            yield Note(f"Requirement not met: {verdict['requirement']} ({verdict['reason']}).", "warning")
    if verdicts and all(verdict["holds"] for verdict in verdicts):
        yield Note("The requirement holds." if len(verdicts) == 1 else f"All {len(verdicts)} requirements hold.")


def _side_by_side(record: Record) -> Table:
    plans = record["plans"]
    columns = [Column("figure", "", "left"), *(Column(plan["name"], plan["name"]) for plan in plans)]
    rows: list[list[Cell]] = []
    sections = []
    for section in _ROWS:
        shown = [[Text(label), *cells] for key, label in section if (cells := _cells(record, key))]
        if shown and rows:
            sections.append(len(rows))
        rows += shown
    return Table("Plans side by side", columns, rows, sections, picture=_worth(record))


def _worth(record: Record) -> Chart | None:
    """Each plan's NPV at one rate; a plan that is alone has nothing to stand beside."""
    plans = record["plans"]
    if len(plans) < 2:
        return None
    worth = Series("NPV", [plan["metrics"]["npv_at_scenario_rate_usd"] for plan in plans])
    rate = figure(record["discount_rate_fraction_per_year"], "fraction")
    return Chart(f"NPV at {rate}", [plan["name"] for plan in plans], [worth], "usd", "bar")


def _cells(record: Record, key: str) -> list[Cell] | None:
    """One row's cells, or None where it would say nothing."""
    plans = record["plans"]
    if key == "best_stop":
        named = [plan["metrics"]["best_stop"] for plan in plans]
        return [Text(text or "", "muted") for text in named] if any(named) else None
    values = [_figure(plan, key) for plan in plans]
    numbers = [value.number for value in values]
    is_difference = key in plans[0]["vs_baseline"]
    cells: list[Cell] = [
        Text("baseline", "muted") if is_difference and plan["name"] == record["baseline"] else value
        for plan, value in zip(plans, values, strict=True)
    ]
    if key == "npv_at_scenario_rate_usd" and all(
        plan["discount_rate_fraction_per_year"] == record["discount_rate_fraction_per_year"] for plan in plans
    ):
        return None
    if key == "npv_difference_usd" and numbers == [
        plan["vs_baseline"]["npv_difference_at_scenario_rate_usd"] for plan in plans
    ]:
        return None
    if key in _WHERE_THERE_IS_ANY and not any(numbers):
        return None
    if numbers == [None] * len(plans) and not any(len(_roots(plan, key)) > 1 for plan in plans):
        return None
    return cells


def _roots(plan: Record, key: str) -> Sequence[float]:
    """All rates of return where a plan's flows may have several."""
    return (plan["metrics"] | plan["vs_baseline"])[_ROOTS[key]] if key in _ROOTS else ()


def _figure(plan: Record, key: str) -> Value:
    number = number_in(plan, key)
    tone: Tone = "strong" if key == "npv_usd" else "plain"
    if key == "npv_difference_at_scenario_rate_usd" and number:
        tone = "good" if number > 0.0 else "bad"
    reason = plan["reasons"].get(key, "") if number is None else ""
    if len(roots := _roots(plan, key)) > 1:
        reason += ": " + ", ".join(f"{100 * root:.3g}%" for root in roots)
    return Value(number, figure_unit(key), reason, tone)


def _hash_prices(record: Record) -> Iterator[Note]:
    """What mining is paid, by year; nothing where nobody mines."""
    if not any(business(kind).Inputs.earns_hash_price for plan in record["plans"] for kind in plan["kinds"]):
        return
    first = parse_month(record["start"])
    words: list[str | Value] = ["Implied hash price, mean of each year: "]
    for number, price in enumerate(record["hash_price_usd_per_ph_per_day_by_year"]):
        year = format_month(first + number * MONTHS_PER_YEAR)
        words += [f"{', ' if number else ''}{year} ", Value(price, "usd_per_ph_per_day")]
    yield Note([*words, "."])


def _defaults(record: Record) -> Iterator[Details]:
    """What stands for inputs that were not given: how many there are, and in full which, of what date and source."""
    places: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for item in record["defaulted"]:
        if item["as_of"] or item["file"]:
            same = (item["path"].rsplit(".", 1)[-1], item["value"], item["as_of"], item["source"])
            places.setdefault(same, []).append(item)
    neutral = [item for item in record["defaulted"] if not item["as_of"] and not item["file"]]
    told = dict.fromkeys(f"{item['path'].rsplit('.', 1)[-1]} {_plain_default(item)}" for item in neutral)
    blocks: list[Table | Note] = []
    if places:
        columns = [
            Column("input", "Not given", "left"),
            Column("value", "Taken as"),
            Column("as_of", "As of", "left"),
            Column("source", "Source", "left"),
        ]
        rows = [
            [Text(_place(items)), _default(items[0]), Text(items[0]["as_of"]), Text(items[0]["source"])]
            for items in places.values()
        ]
        blocks.append(Table("Defaults", columns, rows))
    if told:
        blocks.append(Note(f"Also not given somewhere (json has each place): {', '.join(told)}."))
    if blocks:
        count, deciding = len(places) + len(told), len(record["deciding_defaults"])
        words = f"{count} default{'' if count == 1 else 's'}"
        if len(record["plans"]) > 1:
            words += f", {deciding or 'none'} of them deciding"
        yield Details(Note(f"{words}: --full lists them.", "aside"), blocks)


def _place(items: Sequence[Mapping[str, Any]]) -> str:
    """An input that was not given: its name, and the plan and use it is of, or how many those are."""
    *way, name = split_path(items[0]["path"])
    if len(items) > 1:
        return f"{name} ({len(items)} places)"
    owner = " / ".join(part for part in way if part not in ("plans", "uses", "market", "site"))
    return f"{name} ({owner})" if owner else name


def _default(item: Mapping[str, Any]) -> Cell:
    unit = unit_of(item["path"])
    if unit is None or isinstance(item["value"], bool | str):
        return Text(str(item["value"]))
    return Value(float(item["value"]), unit)


def _plain_default(item: Mapping[str, Any]) -> str:
    value = item["value"]
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _break_even_column(path: str) -> str:
    """``break_even_rent_usd_per_kw_per_month``; with the use's name before the input's where a plan has several."""
    parts = split_path(path)
    if parts[0] == "plans":
        parts = [part for part in parts[2:] if part not in ("uses", "conversion")]
    return "_".join(["break_even", *(parts if len(parts) > 1 and parts[0] not in ("market", "site") else parts[-1:])])


def _flat(records: Sequence[Record]) -> Table:
    """A row for each plan of each scenario, with every figure; those of corners and debt if any has them."""
    with_corners = any("corners" in plan for record in records for plan in record["plans"])
    found = list[dict[str, Entry]]()
    for record in records:
        for plan in record["plans"]:
            row: dict[str, Entry] = {
                "file": record.get("file", ""),
                "scenario": record["name"],
                "plan": plan["name"],
                "baseline": record["baseline"],
                "headline_plan": record["headline_plan"] or "",
                "headline": record.get("headline", ""),
                "evidence": plan["evidence"] or "",
                "kinds": " ".join(plan.get("kinds", ())),
                "gross_mw": record["gross_mw"],
                "best_stop": plan["metrics"].get("best_stop") or "",
            }
            figures = plan["metrics"] | plan.get("quantities", {}) | plan.get("memo", {}) | plan["vs_baseline"]
            if "discount_rate_fraction_per_year" in plan:
                figures = {"discount_rate_fraction_per_year": plan["discount_rate_fraction_per_year"], **figures}
            if with_corners:
                figures |= figures_in(plan)
                row["dscr_min_month"] = plan.get("financing", {}).get("dscr_min_month") or ""
            for name, number in figures.items():
                if name not in (*_ROOTS.values(), "best_stop", "break_evens"):
                    row[name] = Value(number, figure_unit(name))
            for path, found_at in plan["vs_baseline"].get("break_evens", {}).items():
                row.setdefault(_break_even_column(path), found_at["value"])
            found.append(row)
    return rows("plans", found)
