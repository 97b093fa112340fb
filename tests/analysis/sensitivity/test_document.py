"""What a reader is told of the drivers of a plan: the sentences, the tables, the chart, and how far from turning."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.sensitivity.document import cell, document
from minecalc.analysis.sensitivity.ranges import given_range, input_ranges
from minecalc.analysis.sensitivity.tornado import GAP, NPV, Explained, SensitivityNumbers, answer, explained
from minecalc.analysis.sensitivity.variance import Indices
from minecalc.document import Cell, Chart, Document, Note, Phrase, Table, Text, Value
from minecalc.engine import evaluate
from minecalc.loading import Reading, load
from minecalc.reports import render
from minecalc.scenario import Scenario
from minecalc.version import VERSION
from tests.by_hand import LEASE, MINER, Data, compared
from tests.cli.running import TEXAS

READING = Reading("some.yaml", "abc", None, ())
RIVAL = LEASE | {"rent_usd_per_kw_per_month": 130}


def scenario(rival: Data = RIVAL, baseline: Data = LEASE, **more: Any) -> Scenario:
    """Two plans at the site of the examples by hand, without interest over two years."""
    return compared({"mine": baseline, "lease": rival}, **({"discount_rate_fraction_per_year": 0} | more)).scenario


def found(
    it: Scenario, *texts: str, plan: str = "lease", metric: str = GAP, others: bool = False
) -> SensitivityNumbers:
    """The answer for the inputs of these ranges, and those of all others too if asked."""
    spans = [given_range(it, text) for text in texts]
    ranges = input_ranges(it, given={span.movable.path: span for span in spans})
    return answer(it, plan, metric, ranges if others else ranges._replace(spans=tuple(spans)))


def shown(given: SensitivityNumbers) -> Document:
    return document(given, READING, "Somewhere")


def plain(phrase: Phrase) -> str:
    """A sentence whose numbers stand as ``<number unit>``."""
    if isinstance(phrase, str):
        return phrase
    return "".join(
        part if isinstance(part, str) else f"<{'n/a' if part.number is None else f'{part.number:.6g}'} {part.unit}>"
        for part in phrase
    )


def notes(given: SensitivityNumbers, kind: str = "plain") -> list[str]:
    blocks = [block for block in shown(given).blocks if isinstance(block, Note) and block.kind == kind]
    return ["\n- ".join([plain(note.text), *map(plain, note.bullets)]) for note in blocks]


def table(given: SensitivityNumbers, title: str) -> list[list[str | float | None]]:
    (wanted,) = (block for block in shown(given).blocks if isinstance(block, Table) and block.title == title)
    return [[_content(cell) for cell in row] for row in wanted.rows]


def _content(cell: Cell) -> str | float | None:
    return cell.text if isinstance(cell, Text) else cell.number


RENT = "plans.lease.rent_usd_per_kw_per_month=95:150"
FREE = "plans.lease.free_months=0:4"
THEIRS = "plans.mine.rent_usd_per_kw_per_month=90:110"


def test_the_headline_says_where_it_stands_what_moves_it_and_what_turns_it() -> None:
    assert notes(found(scenario(), RENT, FREE, THEIRS), "headline") == [
        "lease is <3.6e+06 usd> ahead of mine. What moves it most: rent, year 1 from <95 usd_per_kw_per_month> to "
        "<150 usd_per_kw_per_month> gives <-600000 usd> to <6e+06 usd>; rent-free months from <0 months> to <4 months> "
        "gives <3.6e+06 usd> to <1e+06 usd>; rent, year 1 (mine) from <90 usd_per_kw_per_month> to "
        "<110 usd_per_kw_per_month> gives <4.8e+06 usd> to <2.4e+06 usd>. One input alone turns the choice within its "
        "range; nearest: rent, year 1 at <100 usd_per_kw_per_month> (-23.1%)."
    ]


@pytest.mark.parametrize(
    ("texts", "end"),
    [
        (
            ["plans.lease.rent_usd_per_kw_per_month=104:156", FREE],
            "No input alone turns the choice within its range; nearest: rent, year 1 at <100 usd_per_kw_per_month> "
            "(-23.1%; range <104 usd_per_kw_per_month> to <156 usd_per_kw_per_month>).",
        ),
        (
            [RENT, "plans.mine.rent_usd_per_kw_per_month=90:140"],
            "2 inputs, each alone, turn the choice within their range; nearest: rent, year 1 at "
            "<100 usd_per_kw_per_month> (-23.1%).",
        ),
        (
            ["plans.lease.critical_per_gross_fraction=0.45:0.55", "plans.lease.free_months=0:1"],
            "No input alone turns the choice within its range; nearest: critical per gross at <0.384615 fraction> "
            "(-23.1%; range <0.45 fraction> to <0.55 fraction>).",
        ),
    ],
)
def test_the_headline_ends_with_the_nearest_flip(texts: list[str], end: str) -> None:
    (headline,) = notes(found(scenario(), *texts), "headline")
    assert headline.split(". ", 2)[-1] == end


def test_the_headline_of_another_figure_of_the_baseline_and_of_what_nothing_moves() -> None:
    it = scenario(RIVAL | {"capex_usd_per_critical_mw": 1e6})
    multiple = found(it, "plans.lease.rent_usd_per_kw_per_month=100:150", metric="moic_ratio")
    (headline,) = notes(multiple, "headline")
    assert headline.startswith("The MOIC of lease is <3.12 ratio>. What moves it most: rent, year 1 from")
    assert headline.endswith(
        " gives <2.4 ratio> to <3.6 ratio>. One input alone turns the choice between lease and mine within its range; "
        "nearest: rent, year 1 at <141.667 usd_per_kw_per_month> (+8.97%)."
    )
    baseline = found(it, THEIRS, plan="mine", metric=NPV)
    (headline,) = notes(baseline, "headline")
    assert headline == (
        "The NPV of mine is <1.2e+07 usd>. What moves it most: rent, year 1 from <90 usd_per_kw_per_month> to "
        "<110 usd_per_kw_per_month> gives <1.08e+07 usd> to <1.32e+07 usd>."
    )
    idle = found(it, "plans.lease.pue_ratio=1.1:1.3")
    assert notes(idle, "headline") == ["lease is <1.4e+06 usd> behind mine. No input moves it within its range."]


def test_the_lists_name_the_nearest_within_their_range_and_outside() -> None:
    assert notes(found(scenario(), RENT, FREE, THEIRS))[:2] == [
        "Within its range, each alone turns the choice:\n- rent, year 1 at <100 usd_per_kw_per_month> (-23.1%)",
        "Nearest to turning the choice, outside its range:\n"
        "- rent, year 1 (mine) at <130 usd_per_kw_per_month> (+30%; range <90 usd_per_kw_per_month> to "
        "<110 usd_per_kw_per_month>)\n"
        "- rent-free months at <6 months> (+6 mo; range <0 months> to <4 months>)",
    ]
    never = found(scenario(LEASE, LEASE | {"rent_usd_per_kw_per_month": 1}), "plans.lease.free_months=0:4")
    assert never.flips["plans.lease.free_months"].x == 24


def test_the_tornado_table_has_both_ends_the_swing_and_that_of_the_npv() -> None:
    rows = table(found(scenario(), RENT, FREE, THEIRS), "Each input moved alone: gap at the scenario's rate")
    million = 1e6
    assert [row[0] for row in rows] == ["Rent, year 1", "Rent-free months", "Rent, year 1 (mine)"]
    np.testing.assert_allclose([float(str(x)) for x in rows[0][1:]], [95, 150, -0.6e6, 6e6, 6.6e6, 6.6e6])
    np.testing.assert_allclose([float(str(x)) for x in rows[1][1:]], [0, 4, 3.6e6, million, 2.6e6, 2.6e6])
    np.testing.assert_allclose([float(str(x)) for x in rows[2][1:]], [90, 110, 4.8e6, 2.4e6, 2.4e6, 0], atol=1e-6)


def test_the_second_table_has_the_basis_the_flip_and_what_a_per_cent_does() -> None:
    rows = table(found(scenario(), RENT, FREE), "How far each input is from turning the choice")
    rent, free = rows
    assert rent[:3] == ["Rent, year 1", 130, "given"]
    assert rent[3] == pytest.approx(100)
    assert rent[4] == "-23.1%"
    assert rent[5] == pytest.approx(0.01 * 130 / 30, rel=1e-8), "the gap is 30 of a rent of 130"
    assert rent[6] == pytest.approx(0.01, rel=1e-8)
    assert free == ["Rent-free months", 0, "given", 6, "+6 mo", None, None]
    baseline = found(scenario(), THEIRS, plan="mine", metric=NPV)
    (row,) = table(baseline, "Elasticities")
    assert row == ["Rent, year 1", 100, "given", pytest.approx(0.01, rel=1e-8)]


def test_the_chart_shows_both_changes_of_the_first_inputs() -> None:
    (chart,) = (block for block in shown(found(scenario(), RENT, FREE)).blocks if isinstance(block, Chart))
    assert (chart.kind, chart.unit, list(chart.labels)) == ("bar", "usd", ["Rent, year 1", "Rent-free months"])
    assert [series.name for series in chart.series] == ["input at its low", "input at its high"]
    np.testing.assert_allclose(
        [[x or 0.0 for x in series.values] for series in chart.series], [[-4.2e6, 0], [2.4e6, -2.6e6]]
    )


@pytest.mark.parametrize(
    ("away", "shown_as"),
    [(0.176, "+17.6%"), (-0.5, "-50%"), (7.5, "+750%"), (24.0, "25x")],
)
def test_a_far_flip_is_told_as_a_multiple(away: float, shown_as: str) -> None:
    given = found(scenario(), RENT)
    ((path, flip),) = given.flips.items()
    moved = given._replace(flips={path: flip._replace(away=away)})
    ((row),) = table(moved, "How far each input is from turning the choice")
    assert row[4] == shown_as


def test_growth_is_told_in_points_and_a_date_by_its_month() -> None:
    """The rival's fleet earns 8,000 a day from June on more; with the power at three times the price it would lose."""
    it = scenario(MINER | {"stops": "2027-06"}, MINER | {"stops": "2027-03"})
    (stops,) = table(found(it, "plans.lease.stops=2027-05:2027-09"), "How far each input is from turning the choice")
    assert stops == ["Mining stops", "2027-06", "given", "2027-03", "-3 mo", None, None]
    price = {"start": 0.05, "growth_fraction_per_year": 0.02}
    it = scenario(MINER | {"electricity_price_usd_per_kwh": price}, MINER | {"electricity_price_usd_per_kwh": 0.06})
    growth = "plans.lease.electricity_price_usd_per_kwh.growth_fraction_per_year"
    given = found(it, f"{growth}=0:0.1")
    (row,) = table(given, "How far each input is from turning the choice")
    turns = given.flips[growth].x
    assert turns is not None
    assert 0.15 < turns < 0.25, "a fifth dearer on average"
    assert row[3:5] == [turns, f"{100 * (turns - 0.02):+.3g} points"]


def test_notes_count_what_does_nothing_what_is_held_and_what_check_refuses() -> None:
    given = found(scenario(RIVAL, MINER), others=True)
    assert set(given.tornado.held.values()) == {"it is 0, and ±20% of 0 is no range"}
    assert notes(given)[-2:] == [
        f"Inputs that change nothing here within their ranges: {len(given.tornado.moved) - len(given.flips)}.",
        f"Inputs held because they are 0 (--range PATH=low:high moves one): {len(given.tornado.held)}.",
    ]
    it = load(TEXAS)
    assert notes(answer(it, "lease to an AI tenant", GAP, input_ranges(it)))[-1] == (
        "Inputs held because others decide them (json says which): 3."
    )
    (warning,) = notes(given, "warning")
    assert warning.startswith("Calculated though check would refuse it")
    assert "\n- Gross MW (site) at its low: mine needs 1 EH/s x 10 J/TH x PUE 1 = 10 MW; it has 8 MW" in warning


def test_inputs_that_plans_have_alike_are_named() -> None:
    told = (
        "Several plans or uses have the same critical per gross; leased share: here it moves in one of them at a time."
    )
    assert told in notes(found(scenario(), others=True))
    assert not any(note.startswith("Several") for note in notes(found(scenario(), RENT, THEIRS)))


def indices() -> Indices:
    """Shares of two inputs, the second in the plan's interest only together with the first."""
    first, total = np.array([0.62, 0.29]), np.array([0.71, 0.38])
    return Indices(first, first - 0.1, first + 0.1, total, total - 0.1, total + 0.1, 3e6, 1e6, 4096)


def test_shares_are_explained_in_a_sentence_with_intervals_below() -> None:
    given = found(scenario(), RENT, FREE, THEIRS)
    spans = [item.span for item in given.tornado.moved[:2]]
    explained = given._replace(explained=Explained(spans, indices(), "", 1024, 7))
    (told,) = [note for note in notes(explained) if note.startswith("With 2")]
    assert told == (
        "With 2 inputs anywhere in their ranges the gap at the scenario's rate averages <3e+06 usd> with a standard "
        "deviation of <1e+06 usd>: rent, year 1 alone explains <0.62 fraction>; rent-free months alone "
        "explains <0.29 fraction> of its variance; "
        "<0.09 fraction> comes from inputs acting together. Inputs held because they move it less: 1."
    )
    rows = table(explained, "Shares of the variance of the gap at the scenario's rate")
    assert rows[0] == ["Rent, year 1", 0.62, 0.52, 0.72, 0.71, 0.61, pytest.approx(0.81)]
    (shares,) = [b for b in shown(explained).blocks if isinstance(b, Table) and b.title.startswith("Shares")]
    assert "1,024 samples, 4,096 evaluations, seed 7" in shares.caption
    none = given._replace(explained=Explained(spans, None, "it has no value", 1024, 7))
    assert notes(none, "warning") == ["There are no shares of the variance: it has no value."]


@pytest.mark.parametrize("width", [80, 120])
def test_a_screen_keeps_its_width_and_its_tables_whole(width: int) -> None:
    it = load(TEXAS)
    given = answer(it, "lease to an AI tenant", GAP, input_ranges(it))
    text = render(document(given, READING, it.name), "terminal", width=width)
    assert isinstance(text, str)
    assert max(map(len, text.splitlines())) <= width
    assert "(continued)" not in text


def test_an_input_may_move_the_figure_asked_for_and_not_the_gap() -> None:
    """Two leases of the same halls: a larger site is worth more to both."""
    same = document(found(scenario(rival=LEASE), metric=NPV, others=True), READING, "Somewhere")
    (distances,) = (block for block in same.blocks if isinstance(block, Table) and block.title.startswith("How far"))
    site = next(row for row in distances.rows if row[0] == Text("Gross MW (site)"))
    assert site[3] == Value(None, "mw", "it has no bearing on the gap")


def test_plans_that_tie_are_not_turned_round() -> None:
    tied = found(scenario(rival=LEASE), others=True)
    (words,) = notes(tied, "headline")
    assert words.startswith("lease and mine are worth the same. What moves it most: ")
    assert "turn" not in words
    assert not [note for note in notes(tied) if "turns the choice" in note or note.startswith("Nearest")]


def test_what_leaves_a_figure_without_a_value_is_no_driver_of_it() -> None:
    """A lease of halls that are there has flows of one sign, whatever its rent."""
    given = found(scenario(), others=True, metric="irr_fraction_per_year")
    (words,) = notes(given, "headline")
    assert words == ("The IRR of lease is <n/a fraction_per_year>. No input gives it a value within its range.")
    assert not [block for block in shown(given).blocks if isinstance(block, Table)]


def test_what_gives_a_figure_a_value_is_a_driver_of_it() -> None:
    """Halls that were free cost something at the high end, so there is a return on them."""
    path = "plans.lease.capex_usd_per_critical_mw"
    given = found(scenario(), f"{path}=0:1e6", others=True, metric="irr_fraction_per_year")
    (words,) = notes(given, "headline")
    assert " What moves it most: building capex from <0 usd_per_critical_mw> to <1e+06 usd_per_critical_mw>" in words
    assert " gives <n/a fraction_per_year> to <" in words
    assert len(table(given, "Each input moved alone: IRR")) == 1


HALLS = "lease to an AI tenant"
READY = f'plans."{HALLS}".conversion.ready=2028-06:2028-12'
RENT_PATH, BTC = f'plans."{HALLS}".rent_usd_per_kw_per_month', "market.btc_price_usd"


@pytest.fixture(scope="module")
def texas() -> Scenario:
    return load(TEXAS)


@pytest.fixture(scope="module")
def given(texas: Scenario) -> SensitivityNumbers:
    """All inputs of a shipped scenario, one of them a date, and the shares of two."""
    ready = given_range(texas, READY)
    found = answer(texas, HALLS, GAP, input_ranges(texas, given={ready.movable.path: ready}))
    return found._replace(explained=explained(texas, found.tornado, top=2, samples=8, seed=3))


def test_the_tree_says_what_was_asked_and_is_plain_json(given: SensitivityNumbers) -> None:
    tree = document(given, READING, "Texas").data
    assert json.loads(json.dumps(tree, allow_nan=False)) == tree
    head = {key: tree[key] for key in ("format", "version", "file", "sha256", "name", "plan", "baseline", "metric")}
    assert head == {
        "format": "minecalc.sensitivity/1",
        "version": VERSION,
        "file": "some.yaml",
        "sha256": "abc",
        "name": "Texas",
        "plan": HALLS,
        "baseline": "keep mining",
        "metric": GAP,
    }
    assert len(tree["inputs"]) == len(given.tornado.moved)
    assert tree["held"]["market.hash_price_usd_per_ph_per_day"].startswith("it follows from")


def test_an_input_has_its_range_its_effects_and_its_flip(given: SensitivityNumbers) -> None:
    inputs = {entry["path"]: entry for entry in document(given, READING, "Texas").data["inputs"]}
    rent = inputs[RENT_PATH]
    assert [rent[key] for key in ("present", "low", "high", "basis", "source", "refused")] == [
        130,
        104,
        156,
        "±20%",
        "",
        {},
    ]
    assert set(rent["effects"]) == {GAP, NPV}
    assert set(rent["effects"][GAP]) == {"low", "high", "swing", "elasticity", "reason"}
    assert not rent["flip"]["inside"]
    assert "grade" in inputs[BTC]["source"]
    ready = inputs[f'plans."{HALLS}".conversion.ready']
    assert [ready[key] for key in ("present", "low", "high")] == ["2028-06", "2028-06", "2028-12"]
    assert ready["effects"][GAP]["elasticity"] is None
    assert ready["effects"][GAP]["reason"] == "a date has no per cent"
    none = inputs["site.gross_mw"]["flip"]
    assert (none["value"], none["set"]) == (None, None)
    assert none["reason"] == "at every value it may take the same plan is ahead"
    assert "flip" not in inputs['plans."rent out GPUs".pue_ratio'], "it does not move the gap"


def test_what_sets_a_flip_brings_the_plans_level(given: SensitivityNumbers) -> None:
    inputs = {entry["path"]: entry for entry in document(given, READING, "Texas").data["inputs"]}
    for path in (RENT_PATH, BTC, "market.network_hash_rate_eh_per_s"):
        level = load(TEXAS, [inputs[path]["flip"]["set"]])
        gap = float(evaluate(level).difference_npv_at_scenario_rate_usd(HALLS)[0])
        assert abs(gap) < 1e-6 * (given.tornado.present[GAP] or 0.0), path


def test_shares_are_listed_with_their_intervals_or_the_reason(given: SensitivityNumbers) -> None:
    tree = document(given, READING, "Texas").data["global"]
    assert (tree["samples"], tree["seed"], tree["evaluations"], tree["confidence_fraction"]) == (8, 3, 32, 0.95)
    assert [entry["path"] for entry in tree["inputs"]] == [item.span.movable.path for item in given.tornado.moved[:2]]
    entry = tree["inputs"][0]
    assert entry["first_low_fraction"] <= entry["first_fraction"] <= entry["first_high_fraction"]
    assert entry["total_low_fraction"] <= entry["total_fraction"] <= entry["total_high_fraction"]
    assert given.explained is not None
    nothing = given._replace(explained=Explained(given.explained.spans, None, "no value", 8, 3))
    tree = document(nothing, READING, "Texas").data["global"]
    assert (tree["inputs"], tree["reason"]) == (None, "no value")
    assert "global" not in document(given._replace(explained=None), READING, "Texas").data


def test_rows_are_the_inputs_with_every_figure(given: SensitivityNumbers) -> None:
    table = document(given, READING, "Texas").records
    keys = [column.key for column in table.columns]
    assert len(table.rows) == len(given.tornado.moved)
    assert len(set(keys)) == len(keys)
    first = dict(zip(keys, table.rows[0], strict=True))
    assert first["input"] == Text(RENT_PATH)
    assert first["unit"] == Text("usd_per_kw_per_month")
    assert first["low"] == Value(104, "usd_per_kw_per_month")
    effect = given.tornado.moved[0].effects[GAP]
    assert first[f"{GAP}_swing"] == Value(effect.swing, "usd")
    assert first[f"{GAP}_elasticity"] == Value(effect.elasticity, "ratio")
    assert first["flip_inside"] == Text("no")
    assert isinstance(first["first_fraction"], Value)
    dated = next(dict(zip(keys, row, strict=True)) for row in table.rows if Text("2028-12") in row)
    assert dated["unit"] == Text("month")
    assert dated["first_fraction"] == Text(""), "only two inputs have shares"


def test_a_cell_is_what_people_know_the_input_by(texas: Scenario) -> None:
    network = given_range(texas, "market.network_hash_rate_eh_per_s=500:2000")
    shown = cell(network, network.low)
    assert isinstance(shown, Value)
    assert shown.number == pytest.approx(500)
    assert shown.unit == "eh_per_s"
    assert cell(given_range(texas, READY), 2028 * 12 + 11) == Text("2028-12")
