"""Where plans draw level, as people read it: the end of a comparison's headline, and a table of every break-even."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from minecalc.document import Cell, Column, Table, Text, Value
from minecalc.labels import input_label, rounded_setting
from minecalc.units import unit_of

Record = Mapping[str, Any]

#: The prices whose break-evens a headline tells.
_PRICES = (("market.btc_price_usd", "BTC "), ("market.hash_price_usd_per_ph_per_day", "hash price "))


def draws_level(break_evens: Mapping[str, Record], lead_usd: float) -> list[str | Value]:
    """At which prices a plan and the baseline change places, the nearest first, and where the ranking flips back.

    ``lead_usd`` is what the plan is ahead by now.
    """
    words: list[str | Value] = []
    before = ""
    for path, label in _PRICES:
        nearest = _nearest(break_evens[path]) if path in break_evens else None
        if nearest is None:
            continue
        does = "change places in a jump at " if nearest["kind"] == "jump" else "draw level at "
        words.append((f"; they {does}" if not words else " or " if does == before else f" or {does}") + label)
        words.append(Value(nearest["value"], unit_of(path) or "usd"))
        words += _flips_back(break_evens[path], nearest, unit_of(path) or "usd", lead_usd, in_full=not before)
        before = does
    return words


def _nearest(item: Record) -> Record | None:
    """The answer or jump nearest to the present value."""
    return min(item["all"], key=lambda one: _distance(one, item["present"]), default=None)


def _distance(one: Record, now: float) -> float:
    low, high = sorted((one["value"], one["value"] if one["beyond"] is None else one["beyond"]))
    return float(max(low - now, now - high, 0.0))


def _flips_back(item: Record, nearest: Record, unit: str, lead_usd: float, *, in_full: bool) -> list[str | Value]:
    """How far a stretch at level goes, where beyond the nearest place the plan is on its side again, and all others."""
    words = _how_far(item, nearest, unit)
    side, now = "ahead" if lead_usd > 0.0 else "behind", item["present"]
    sign = (lead_usd > 0.0) - (lead_usd < 0.0)
    up = nearest["value"] > now
    beyond = "sign_above" if up else "sign_below"
    way = sorted(item["all"], key=lambda one: one["value"], reverse=not up)
    further = way[way.index(nearest) + 1 :]
    again = next((one for one in further if sign and one[beyond] == sign), None)
    told: list[list[str | Value]] = []
    if sign and nearest[beyond] == sign:
        told.append([f"{side} on both sides"])
    elif again is not None:
        ends = (again["value"], again["value"] if again["beyond"] is None else again["beyond"])
        told.append([f"{side} again {'above ' if up else 'below '}", Value((max if up else min)(ends), unit)])
    also = [one for one in item["all"] if one is not nearest and one is not again]
    if also and in_full:
        places: list[str | Value] = ["they also change places at "]
        for number, other in enumerate(also):
            places += [(" and " if number == len(also) - 1 else ", ") if number else "", Value(other["value"], unit)]
        told.append(places)
    for number, part in enumerate(told):
        words += ["; " if number else " (", *part]
    return [*words, ")"] if told else words


def _how_far(item: Record, one: Record, unit: str) -> list[str | Value]:
    """The other end of a stretch at level."""
    if one["kind"] != "stretch":
        return []
    if one["beyond"] in (item["low"], item["high"]):
        return [" and everything above" if one["beyond"] > one["value"] else " and everything below"]
    return [" to ", Value(one["beyond"], unit)]


def table(record: Record) -> Table:
    """Where each plan and the baseline are worth the same."""
    columns = [
        Column("input", "Input", "left"),
        Column("present", "Now"),
        Column("break_even", "Break-even"),
        Column("scale_ratio", "Over now"),
    ]
    rows: list[list[Cell]] = []
    sections = []
    for plan in record["plans"]:
        found = plan["vs_baseline"]["break_evens"]
        if not found:
            continue
        if rows:
            sections.append(len(rows))
        rows.append([Text(plan["name"], "strong"), Text(""), Text(""), Text("")])
        for path, item in found.items():
            unit = unit_of(path) or "ratio"
            solved = Value(item["value"], unit, item["reason"] or "")
            rows.append(
                [Text(f"  {_label(path, plan['name'])}"), Value(item["present"], unit), solved, _over_now(item)]
            )
            rows += _further(item, unit)
    caption = (
        "The value of the first month; a value over time is scaled as a whole. "
        "A delay is the last that keeps the ranking."
    )
    caption += _to_try(record)
    notes = [
        f"{_label(path, plan['name'])} of {plan['name']}: {item['note']}."
        for plan in record["plans"]
        for path, item in plan["vs_baseline"]["break_evens"].items()
        if item["note"]
    ]
    caption = " ".join([caption, *notes])
    return Table(f"Worth the same as {record['baseline']} at", columns, rows, sections, caption)


def _over_now(one: Record) -> Cell:
    return Text("") if one["scale"] is None else Value(one["scale"], "ratio")


def _further(item: Record, unit: str) -> Iterator[list[Cell]]:
    """Rows for how far a stretch at level goes, that a value comes by a shift, and every other break-even."""
    if item["kind"] is not None:
        far = _how_far(item, item, unit)
        if far:
            told = Text("") if isinstance(far[-1], str) else far[-1]
            yield [Text(f"    {str(far[0]).strip()}"), Text(""), told, Text("")]
    if item["shift"] is not None:
        yield [Text("    by a shift of all months"), Text(""), Value(item["shift"], unit), Text("")]
    for one in item["all"]:
        if one["value"] != item["value"]:
            name = "    in a jump at" if one["kind"] == "jump" else "    and"
            yield [Text(name), Text(""), Value(one["value"], unit), _over_now(one)]


def _to_try(record: Record) -> str:
    """What to type to see one of the break-evens."""
    every = (item for plan in record["plans"] for item in plan["vs_baseline"]["break_evens"].values())
    item = next((item for item in every if item["set"]), None)
    return "" if item is None else f" To try one: --set '{rounded_setting(item['set'])}' (breakeven lists all)."


def _label(path: str, plan: str) -> str:
    """What a reader calls an input that has a break-even; of a delay it is the latest."""
    label = input_label(path, plan)
    return f"Latest {label[0].lower()}{label[1:]}" if path.endswith(".delay_months") else label
