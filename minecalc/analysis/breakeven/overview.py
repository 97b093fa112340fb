"""All break-evens that matter, as people read them: inputs nearest to turning the order round, and hash costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from minecalc.analysis.breakeven.answer import Record
from minecalc.analysis.breakeven.hash_costs import NO_BTC
from minecalc.analysis.level_words import Words, at_value, cell, over_now, word
from minecalc.analysis.records import Entry
from minecalc.corners import UNLEVERED
from minecalc.document import Block, Cell, Column, Details, Note, Table, Text, Tone, Value
from minecalc.figures.labels import figure_label, figure_unit, input_label, plan_label, rounded_setting
from minecalc.solving.gap import OF_WORTH
from minecalc.units import unit_of

#: Break-evens named in the headline.
_NAMED = 3


def cell_or_blank(value: float | str | None, path: str) -> Cell:
    """A value of an input, blank where there is none."""
    return Text("") if value is None else cell(value, path)


def unit(plan: Record) -> str:
    """The unit of what the gap is measured in."""
    return figure_unit(plan["figure"])


def whose(record: Record, plan: Record) -> dict[str, Entry]:
    """The columns that say what a row is about."""
    return {
        "file": record["file"],
        "scenario": record["name"],
        "plan": plan["plan"],
        "against": plan["against"] or "",
        "figure": plan["figure"],
        "target": Value(plan["target"], unit(plan)),
    }


def overview(record: Record) -> Iterator[Block]:
    """The headline, a table of break-evens for each plan, and of what plans are worth the hash costs too."""
    yield Note(_overview_headline(record), "headline")
    for plan in record["plans"]:
        yield from _overview_plan(plan)
    if any(plan["against"] or plan["figure"] in OF_WORTH for plan in record["plans"]):
        yield from _hash_costs(record)


def _overview_headline(record: Record) -> Words:
    """The best plan but the baseline, or the one nearest its target, and what would turn it round soonest."""
    told = [plan for plan in record["plans"] if plan["plan"] in record["headline_plans"]]
    best = max(told or record["plans"], key=_gap_now)
    nearest = [row for row in best["break_evens"] if row["value"] is not None]
    if best["against"]:
        gap = _gap_now(best)
        if gap == 0.0:
            return [f"{best['plan']} and {best['against']} are worth the same", *_at_rates(best), "."]
        called = plan_label(best["plan"], best.get("corner", UNLEVERED))
        words: Words = [f"{called} is ", Value(abs(gap), "usd"), " ahead of " if gap > 0.0 else " behind "]
        words += [best["against"], *_at_rates(best)]
        turning: Words = ["turning that round"]
    else:
        label, none = figure_label(best["figure"]), f"{best['plan']} has none"
        words = [f"The {label} of {best['plan']} is ", Value(_figure_now(best), unit(best), none)]
        turning = ["bringing it to ", Value(best["target"], unit(best))]
        if _gap_now(best) == 0.0:
            turning = ["moving it from there"]
    if not nearest:
        return [*words, "; no single input is enough, within its range, for ", *turning, "."]
    words += ["; nearest to ", *turning, ": "]
    for number, row in enumerate(nearest[:_NAMED]):
        words.append(f"{', ' if number else ''}{input_label(row['path'], best['plan'])} at ")
        words += at_value(row["path"], row, row["present"], record["start"], is_path=row["is_path"], flat=row["flat"])
        words += [] if row["is_path"] else over_now(row)
        words += _and_others(row)
    return [*words, "."]


def _at_rates(plan: Record) -> Words:
    """The rate of the gap, and the gap at the plans' own rates where these differ."""
    words: Words = [" at ", Value(plan["discount_rate_fraction_per_year"], "fraction")]
    own = plan["npv_difference_at_own_rates_usd"]
    if own is None:
        return words
    return [*words, " (each at its own rate: ", Value(abs(own), "usd"), " ahead)" if own >= 0.0 else " behind)"]


def _and_others(row: Record) -> Words:
    """How far a stretch goes, and the other break-evens of one input."""
    words = how_far(row, row["low"], row["high"], row["path"])
    for number, other in enumerate(row["others"]):
        words += [" and " if number else " and again ", word(other, row["path"])]
    return words


def how_far(answer: Record, low: float | str, high: float | str, path: str) -> Words:
    """The other end of a stretch at level, or that it goes on to the end of the input's range."""
    if answer["kind"] != "stretch" or answer["beyond"] is None:
        return []
    up = answer["beyond"] > answer["value"]
    if answer["beyond"] in (low, high):
        return [" and everything above" if up else " and everything below"]
    return [" up to " if up else " down to ", word(answer["beyond"], path)]


def _figure_now(plan: Record) -> float | None:
    """The gap between two plans now, or the figure of one; None where there is none."""
    return next((float(row["at_present"]) for row in plan["break_evens"] if row["at_present"] is not None), None)


def _gap_now(plan: Record) -> float:
    """The gap now, which is to be closed; without one the plan stands behind all others."""
    figure = _figure_now(plan)
    return -math.inf if figure is None else figure - (plan["target"] or 0.0)


def _overview_plan(plan: Record) -> Iterator[Block]:
    columns = [
        Column("input", "Input", "left"),
        Column("present", "Now"),
        Column("value", "Break-even"),
        Column("scale_ratio", "Over now"),
    ]
    found = [row for row in plan["break_evens"] if row["value"] is not None]
    rows = [cells for row in found for cells in _rows(plan, row)]
    caption = (
        "Nearest first. Of counts and dates the last that keeps the order; a value over time is scaled as a whole."
    )
    if plan["against"]:
        title, never_so = f"{plan['plan']} is worth as much as {plan['against']} at", "draw level"
    else:
        title, never_so = f"The {figure_label(plan['figure'])} of {plan['plan']} meets its target at", "bring it there"
    if rows:
        yield Table(title, columns, rows, caption=caption)
    for row in plan["break_evens"]:
        if row["note"]:
            yield Note(f"{input_label(row['path'], plan['plan'])}: {row['note']}.")
    never = [input_label(row["path"], plan["plan"]) for row in plan["break_evens"] if row["value"] is None]
    notes = []
    if never:
        notes.append(Note(f"{plan['plan']}: these {never_so} at no value they may take: {', '.join(never)}."))
    if found:
        tried = [setting for row in found for setting in (row["set"], *row["sets_of_others"])]
        settings = [f"--set '{rounded_setting(one)}'" for one in tried]
        rest = f", and the {len(never)} inputs that {never_so} at no value" if never else ""
        short = f"To see the first, compare with {settings[0]}; --full lists all {len(settings)}{rest}."
        yield Details(Note(short, "aside"), [Note("To see one of them, compare with", bullets=settings), *notes])
    else:
        yield from notes


def _rows(plan: Record, row: Record) -> Iterator[list[Cell]]:
    """A row for the nearest break-even of an input, and more for the end of a stretch, a shift, and all others."""
    label, path = input_label(row["path"], plan["plan"]), row["path"]
    yield [Text(label), cell(row["present"], path), cell(row["value"], path), cell_or_blank(row["scale"], "ratio")]
    far = how_far(row, row["low"], row["high"], path)
    if far:
        end = Text("") if len(far) == 1 else cell(row["beyond"], path)
        yield [Text(f"  {str(far[0]).strip()}"), Text(""), end, Text("")]
    if row["shift"] is not None:
        yield [Text("  by a shift of all months"), Text(""), Value(row["shift"], unit_of(path) or "ratio"), Text("")]
    for other in row["others"]:
        yield [Text("  and"), Text(""), cell(other, path), Text("")]


_COSTS = {
    "efficiency_j_per_th": ("Energy", "j_per_th"),
    "electricity_price_usd_per_kwh": ("Power price", "usd_per_kwh"),
    "break_even_usd_per_kwh": ("Break-even power", "usd_per_kwh"),
    "hash_cost_usd_per_ph_per_day": ("Hash cost", "usd_per_ph_per_day"),
    "shutdown_hash_price_usd_per_ph_per_day": ("Shut below hash price", "usd_per_ph_per_day"),
    "shutdown_btc_price_usd": ("or BTC", "usd"),
    "power_usd_per_btc": ("Power per BTC, all years", "usd"),
}
#: What differs between the machines on record at one site.
_OF_MACHINES = (
    "efficiency_j_per_th",
    "break_even_usd_per_kwh",
    "shutdown_hash_price_usd_per_ph_per_day",
    "shutdown_btc_price_usd",
)


def _hash_costs(record: Record) -> Iterator[Block]:
    """What operators know their machines by: the scenario's fleets, and every machine on record at this site."""
    fleets, machines = record["fleets"], record["machines"]
    first = machines[0]
    if fleets:
        yield _costs("Fleets of this scenario", "Fleet", fleets, list(_COSTS))
    earning = sum(map(_earns, machines))
    short = (
        f"{earning} of {len(machines)} machines on record earn more than their power at this site: --full lists them."
    )
    table = _costs("Machines on record at this site", "Machine", machines, _OF_MACHINES)
    yield Details(Note(short, "aside"), [table])
    snapshot = record["btc_prices_at_network_of"]
    own_fleet = record["machines_run_as"]
    own = f"the PUE and pool fee of {own_fleet}" if own_fleet else "the PUE of its cooling and no pool fee"
    price = Value(first["electricity_price_usd_per_kwh"], "usd_per_kwh")
    hash_price = Value(first["hash_price_usd_per_ph_per_day"], "usd_per_ph_per_day")
    yield Note(
        (
            "All per PH/s and day, means of the first year, in which the hash price is ",
            hash_price,
            " and the site's power costs ",
            price,
            f"; a machine on record has {own}. ",
            "The bitcoin price below which a machine is shut is also what the power of one BTC costs it",
            f" at the network and fees of {snapshot}, for the hash price given here has none." if snapshot else ".",
        )
    )


def _costs(title: str, what: str, costs: Sequence[Mapping[str, Any]], shown: Sequence[str]) -> Table:
    """Fleets or machines; the break-even price of those that earn less than their power is marked."""
    columns = [Column("name", what, "left"), *(Column(key, _COSTS[key][0]) for key in shown)]
    rows: list[list[Cell]] = []
    for cost in costs:
        figures: list[Cell] = []
        for key in shown:
            tone: Tone = "plain" if key != "break_even_usd_per_kwh" else "good" if _earns(cost) else "bad"
            figures.append(Value(cost[key], _COSTS[key][1], "" if cost[key] is not None else NO_BTC, tone))
        rows.append([Text(cost["name"]), *figures])
    return Table(title, columns, rows)


def _earns(cost: Mapping[str, Any]) -> bool:
    """Whether a machine earns more than its power costs."""
    return bool(cost["break_even_usd_per_kwh"] > cost["electricity_price_usd_per_kwh"])


def overview_rows(record: Record) -> Iterator[dict[str, Entry]]:
    """A row for each input that moves the gap of each plan."""
    for plan in record["plans"]:
        for row in plan["break_evens"]:
            yield {
                **whose(record, plan),
                "path": row["path"],
                "present": cell(row["present"], row["path"]),
                "value": cell(row["value"], row["path"]),
                "scale_ratio": row["scale"],
                "kind": row["kind"] or "none",
                "set": row["set"] or "",
                "others": " ".join(str(other) for other in row["others"]),
                "reason": row["reason"] or "",
                "at_low": Value(row["at_low"], unit(plan)),
                "at_high": Value(row["at_high"], unit(plan)),
            }
