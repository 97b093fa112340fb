"""What is shown of a sweep and what programs get of it: names, values that can be told apart, every row in full."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from minecalc import tables
from minecalc.analysis.sweep.answer import (
    Summary,
    Swept,
    axis_label,
    axis_words,
    best_shown,
    data,
    figures_at,
    reason_at,
    records,
    summary,
    ticks,
)
from minecalc.analysis.sweep.axes import doubtful, flattened
from minecalc.analysis.sweep.cases import Axis, Chunk, Sweep
from minecalc.analysis.sweep.spool import batches, columns
from minecalc.document import Document
from minecalc.loading import read_again
from minecalc.reports import render
from minecalc.version import VERSION
from tests.analysis.sweep.sweeping import (
    LEASE,
    MINE,
    POWER,
    PRICE,
    READY,
    RENT,
    SOURCE,
    TENANT,
    cases,
    computed,
    figures,
    reasons,
    swept,
)

METRICS = ("npv_usd", "npv_difference_usd", "payback_months")


@pytest.mark.parametrize("chunk_cases", [1, 7, 500])
def test_spreads_and_wins(chunk_cases: int) -> None:
    sweep = swept(f"{RENT}=40:120:9", f"{POWER}=0.03:0.08:11", metrics=METRICS, chunk_cases=chunk_cases)
    every, told = figures(sweep), np.array(reasons(sweep)).reshape(-1, 2, 3)
    found = summary(sweep, computed(sweep))
    for p, plan in enumerate((MINE, LEASE)):
        for m, metric in enumerate(METRICS):
            values, spread = every[:, p, m], found.spreads[plan, metric]
            known = values[~np.isnan(values)]
            whys = told[:, p, m].tolist()
            assert dict(spread.missing_cases) == {why: whys.count(why) for why in set(whys) - {""}}
            if not known.size:
                assert (spread.low, spread.median, spread.high, spread.positive_cases) == (None, None, None, 0)
                continue
            assert (spread.low, spread.high) == (known.min(), known.max())
            assert spread.median == np.median(known)
            assert values[spread.low_case] == spread.low
            assert values[spread.high_case] == spread.high
            assert spread.positive_cases == np.count_nonzero(known > 0)
    best = every[:, :, 0].argmax(axis=1).tolist()
    assert found.wins == {MINE: best.count(0), LEASE: best.count(1)}
    assert set(best) == {0, 1}


def test_the_figures_of_the_test_have_every_kind_of_gap() -> None:
    sweep = swept(f"{RENT}=40:120:9", f"{POWER}=0.03:0.08:11", metrics=METRICS, chunk_cases=500)
    missing = {
        plan: summary(sweep, computed(sweep)).spreads[plan, "payback_months"].missing_cases for plan in (MINE, LEASE)
    }
    assert sum(missing[MINE].values()) == sweep.cases
    assert 0 < sum(missing[LEASE].values()) < sweep.cases


@pytest.mark.parametrize("chunk_cases", [1, 3, 100])
def test_turns_are_the_cases_before_a_change_of_sign(chunk_cases: int) -> None:
    sweep = swept(f"{PRICE}=1:10:10", chunk_cases=chunk_cases, metrics=["npv_difference_usd"])
    signs = np.array([1.0, 2.0, -1.0, -2.0, np.nan, 3.0, 0.0, 1.0, -1.0, 1.0])
    numbers = np.stack([np.zeros(10), signs], axis=1)[:, :, None]

    def load(number: int) -> Chunk:
        part = numbers[number * chunk_cases : (number + 1) * chunk_cases]
        return Chunk(part, np.isnan(part).astype(np.uint16), ("none",))

    found = summary(sweep, load)
    assert found.spreads[LEASE, "npv_difference_usd"].turns == (1, 4, 5, 6)
    assert found.spreads[MINE, "npv_difference_usd"].turns == ()
    assert found.wins == {}


def test_single_figures_and_reasons() -> None:
    sweep = swept(f"{RENT}=40:120:9", f"{POWER}=0.03:0.08:11", metrics=METRICS, chunk_cases=7)
    load, wanted = computed(sweep), cases(98, 0, 50, 51, 7)
    assert figures_at(sweep, load, wanted).tobytes() == figures(sweep)[wanted].tobytes()
    told = np.array(reasons(sweep)).reshape(-1, 2, 3)
    for case in wanted.tolist():
        assert reason_at(sweep, load, case, LEASE, "payback_months") == told[case, 1, 2]
    assert reason_at(sweep, load, 0, MINE, "npv_usd") == ""


VARIED = (f"{RENT}=40,99.5", f"{READY}=2027-05,2027-07", f"{TENANT}=true,false", 'plans."a lease".term_months=12,24')


def answered(sweep: Sweep, plan: str | None = None, metric: str | None = None, file: str = "") -> Swept:
    """The answer of a sweep as the command makes it."""
    scenario, load = read_again(SOURCE).scenario, computed(sweep)
    assert scenario is not None
    found = summary(sweep, load)
    shown = best_shown(sweep, found, MINE, plan, metric)
    return Swept(sweep, load, found, scenario, *shown, doubtful(sweep), flattened(scenario, sweep.axes), file)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (PRICE, ("BTC price", "USD")),
        (f"{PRICE}.start", ("BTC price, start", "USD")),
        (f"{PRICE}.value", ("BTC price", "USD")),
        (f"{PRICE}.scale", ("BTC price, scale", "")),
        (f"{PRICE}.growth_fraction_per_year", ("BTC price growth", "fraction per year")),
        (RENT, ("Rent, year 1 (a lease)", "USD per kW per month")),
        ("site.gross_mw", ("Gross MW (site)", "")),
        ("plans.cloud.gpu_count", ("GPUs (cloud)", "")),
    ],
)
def test_axes_have_names_and_units(path: str, words: tuple[str, str]) -> None:
    axis = Axis(path, np.zeros(1))
    assert axis_words(axis) == words
    assert axis_label(axis) == ", ".join(filter(None, words))


def test_months_and_words_have_no_unit() -> None:
    assert axis_words(Axis(PRICE, np.zeros(1), ("{start: 1}",)))[1] == ""
    assert axis_words(Axis(READY, np.zeros(1), is_month=True))[1] == ""


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([40_000.0, 63_001.0, 120_000.0], ["40,000", "63,001", "120,000"]),
        ([0.04, 0.05], ["0.04", "0.05"]),
        ([0.0421, 0.04211], ["0.0421", "0.04211"]),
        ([100.0, 100.5, 101.0], ["100", "100.5", "101"]),
        ([0.1, 0.1], ["0.1", "0.1"]),
        ([1.00000000001, 1.00000000002], ["1.00000000001", "1.00000000002"]),
        ([-1.5, 0.0, 1e6], ["-1.5", "0", "1,000,000"]),
    ],
)
def test_ticks_are_short_and_told_apart(values: list[float], texts: list[str]) -> None:
    assert ticks(Axis("x", np.array(values)), values) == texts


def test_the_gap_of_the_rival_that_wins_most_is_shown_unless_asked_otherwise() -> None:
    sweep = swept(f"{RENT}=1,2", plans=(MINE, LEASE, "third"))
    found = Summary({}, {MINE: 9, LEASE: 3, "third": 4})
    assert best_shown(sweep, found, MINE, None, None) == ("third", "npv_difference_at_scenario_rate_usd")
    assert best_shown(sweep, found, MINE, LEASE, None) == (LEASE, "npv_difference_at_scenario_rate_usd")
    assert best_shown(sweep, found, MINE, MINE, None) == (MINE, "npv_usd")
    assert best_shown(sweep, found, MINE, None, "npv_usd") == ("third", "npv_usd")
    alone = swept(f"{RENT}=1,2", plans=(MINE,), metrics=("npv_usd",))
    assert best_shown(alone, Summary({}, {}), MINE, None, None) == (MINE, "npv_usd")


def test_programs_get_every_row_in_full() -> None:
    sweep = swept(*VARIED, metrics=("npv_usd", "payback_months"), chunk_cases=3)
    answer = answered(sweep)
    found = data(answer)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["format"], found["version"], found["cases"]) == ("minecalc.sweep/1", VERSION, 16)
    assert found["axes"][1] == {"path": READY, "unit": None, "values": ["2027-05", "2027-07"]}
    assert len(found["rows"]) == 32
    row = found["rows"][-1]
    given = {RENT: 99.5, READY: "2027-07", TENANT: "false", 'plans."a lease".term_months': 24}
    assert (row["case"], row["plan"], row["inputs"]) == (16, LEASE, given)
    for row in found["rows"]:
        chunk, place = divmod(row["case"] - 1, 3)
        held, p = answer.load(chunk), sweep.plans.index(row["plan"])
        for m, name in enumerate(sweep.metrics):
            number = row["metrics"][name]
            assert number == held.figures[place, p, m] or (number is None and row["reasons"][name])
    mine = next(s for s in found["summary"] if (s["plan"], s["metric"]) == (MINE, "payback_months"))
    assert (mine["low"], mine["low_case"], mine["missing_cases"]) == (None, None, {"nothing was put in": 16})


def test_the_report_as_csv_is_the_table_as_csv() -> None:
    sweep = swept(*VARIED, metrics=("npv_usd", "payback_months"), chunk_cases=3)
    answer, file = answered(sweep), io.BytesIO()
    report = render(Document("", (), records(answer)), "csv")
    tables.write("csv", file, columns(sweep), batches(sweep, answer.load, range(sweep.chunks)))
    assert report == file.getvalue().decode()
    rows = list(csv.reader(io.StringIO(report, newline="")))
    assert rows[0][0:2] == ["case", RENT]
    assert rows[1][1:6] == ["40.0", "2027-05", "true", "12", MINE]


def test_the_baseline_may_vary() -> None:
    assert answered(swept(f"{POWER}=0.04,0.05")).baseline == MINE
    assert answered(swept("baseline=mine,a lease")).baseline == "the baseline"
