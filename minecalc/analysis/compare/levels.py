"""Where plans draw level, as people read it: a clause of a comparison's headline, and a table of every break-even."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from minecalc.analysis.level_words import Words, at_value, over_now, short_value
from minecalc.document import Cell, Column, Table, Text, Value
from minecalc.figures.labels import input_label, mid_sentence, rounded_setting
from minecalc.scenario.places import EVERY
from minecalc.schema.names import split_path
from minecalc.units import unit_of

Record = Mapping[str, Any]

#: The prices whose break-evens a headline tells of a plan that is ahead; the price of bitcoin alone moves no network.
_PRICES = {
    "market.hash_price_usd_per_ph_per_day": ("hash price ", ""),
    "market.btc_price_usd": ("BTC ", " with the network as it is"),
}

#: Break-evens that are told of a plan that is behind.
_OWN_MOST = 2


def draws_level(break_evens: Mapping[str, Record], lead_usd: float, plan: str, record: Record) -> Words:
    """Where a plan and the baseline change places, the nearest first, and where the ranking flips back; or nothing.

    Of a plan that is behind by ``lead_usd`` it is its own prices and costs, else what mining is paid.
    """
    own = _own(break_evens) if lead_usd < 0.0 else []
    if own:
        return _own_levels(break_evens, own, plan, record["start"])
    words: Words = []
    before = ""
    for path, (label, fixed) in _PRICES.items():
        item = break_evens.get(path)
        nearest = None if item is None else _nearest(item)
        if item is None or nearest is None:
            continue
        between = _only_between(item, lead_usd, path)
        if between and not words:
            words = [f"{plan if lead_usd > 0.0 else record['baseline']} is ahead at {label}only ", *between, fixed]
            before = "only"
            continue
        does = "change places in a jump at " if nearest["kind"] == "jump" else "draw level at "
        words.append((f"they {does}" if not words else " or " if before in (does, "only") else f" or {does}") + label)
        words += ["only ", *between] if between else _at(item, nearest, path, record["start"], in_full=not before)
        words += [] if between else _how_far(item, nearest, unit_of(path) or "ratio")
        words.append(fixed)
        if not between:
            words += _flips_back(item, nearest, path, lead_usd, in_full=not before)
        before = before or does
    return words


def _own(break_evens: Mapping[str, Record]) -> list[str]:
    """The plan's own prices and costs that could bring it level, the nearest first; of uses together before each."""
    paths = [
        p for p, item in break_evens.items() if p.startswith("plans.") and item["value"] is not None and item["scale"]
    ]
    shared = {split_path(path)[-1] for path in paths if EVERY in split_path(path)}
    alone = [path for path in paths if EVERY in split_path(path) or split_path(path)[-1] not in shared]
    return sorted(
        alone,
        key=lambda path: abs(math.log(break_evens[path]["scale"])) if break_evens[path]["scale"] > 0 else math.inf,
    )


def _own_levels(break_evens: Mapping[str, Record], own: list[str], plan: str, start: str) -> Words:
    words: Words = ["they draw level at "]
    for number, path in enumerate(own[:_OWN_MOST]):
        item = break_evens[path]
        words += [" or " if number else "", mid_sentence(input_label(path, plan)), " "]
        words += at_value(path, item, item["present"], start, is_path=item["is_path"], flat=item["flat"])
        words += [] if item["is_path"] else over_now(item)
    return words


def _at(item: Record, nearest: Record, path: str, start: str, *, in_full: bool) -> Words:
    """The nearest value; of a second path no more than how many times it is, and what would do if it were flat."""
    flat = item["flat"] if nearest["value"] == item["value"] else None
    if in_full or not item["is_path"]:
        return at_value(path, nearest, item["present"], start, is_path=item["is_path"], flat=flat)
    words = short_value(path, nearest, is_path=True)
    return words if flat is None else [*words, " (", Value(flat, unit_of(path) or "usd"), " if flat)"]


def _only_between(item: Record, lead_usd: float, path: str) -> Words:
    """The two values between which alone the present order holds; nothing where there are no such two."""
    sign, places = (lead_usd > 0.0) - (lead_usd < 0.0), sorted(item["all"], key=lambda one: one["value"])
    if len(places) != 2 or not sign or {one["kind"] for one in places} != {"root"}:
        return []
    low, high = places
    outside = low["sign_below"], high["sign_above"]
    if not low["value"] < item["present"] < high["value"] or outside != (-sign, -sign):
        return []
    ends = [short_value(path, one, is_path=item["is_path"]) for one in places]
    return ["between ", *ends[0], " and ", *ends[1]]


def _nearest(item: Record) -> Record | None:
    """The answer or jump nearest to the present value."""
    return min(item["all"], key=lambda one: _distance(one, item["present"]), default=None)


def _distance(one: Record, now: float) -> float:
    low, high = sorted((one["value"], one["value"] if one["beyond"] is None else one["beyond"]))
    return float(max(low - now, now - high, 0.0))


def _flips_back(item: Record, nearest: Record, path: str, lead_usd: float, *, in_full: bool) -> Words:
    """Where beyond the nearest place the plan is on its side again, and all other places."""
    side, now = "ahead" if lead_usd > 0.0 else "behind", item["present"]
    sign = (lead_usd > 0.0) - (lead_usd < 0.0)
    up = nearest["value"] > now
    beyond = "sign_above" if up else "sign_below"
    way = sorted(item["all"], key=lambda one: one["value"], reverse=not up)
    further = way[way.index(nearest) + 1 :]
    again = next((one for one in further if sign and one[beyond] == sign), None)
    told: list[Words] = []
    if sign and nearest[beyond] == sign:
        told.append([f"{side} on both sides"])
    elif again is not None:
        told.append([f"{side} again {'above ' if up else 'below '}", *_further_end(item, again, path, up)])
    also = [one for one in item["all"] if one is not nearest and one is not again]
    if also and in_full:
        places: Words = ["they also change places at "]
        for number, other in enumerate(also):
            places.append((" and " if number == len(also) - 1 else ", ") if number else "")
            places += short_value(path, other, is_path=item["is_path"])
        told.append(places)
    words: Words = []
    for number, part in enumerate(told):
        words += ["; " if number else " (", *part]
    return [*words, ")"] if told else words


def _further_end(item: Record, one: Record, path: str, up: bool) -> Words:
    """The end of a place that is further away, above it or below."""
    ends = (one["value"], one["value"] if one["beyond"] is None else one["beyond"])
    end = (max if up else min)(ends)
    if end == one["value"]:
        return short_value(path, one, is_path=item["is_path"])
    return [Value(end, unit_of(path) or "ratio")]


def _how_far(item: Record, one: Record, unit: str) -> Words:
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
    return "" if item is None else f" To try one: --set '{rounded_setting(item['set'])}' (breakeven --full lists all)."


def _label(path: str, plan: str) -> str:
    """What a reader calls an input that has a break-even; of a delay it is the latest."""
    label = input_label(path, plan)
    return f"Latest {label[0].lower()}{label[1:]}" if path.endswith(".delay_months") else label
