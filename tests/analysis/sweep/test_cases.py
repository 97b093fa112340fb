"""A case of a sweep is what the scenario says with that case's values set, whatever the chunk it is in."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from minecalc.analysis.questions import QuestionError
from minecalc.analysis.sweep.cases import Axis, Sweep, grid_size, one_line
from minecalc.engine import evaluate
from minecalc.loading import loads, read_again
from minecalc.scenario import ScenarioText
from tests.analysis.sweep.sweeping import (
    LEASE,
    MINE,
    POWER,
    PRICE,
    READY,
    RENT,
    SOURCE,
    TENANT,
    TEXT,
    figures,
    reasons,
    swept,
)

GRIDS = {
    "numbers": (f"{RENT}=90:110:3", f"{POWER}=0.04,0.05,0.06,0.09", f"{PRICE}.scale=0.5,1.5"),
    "dates": (f"{READY}=2027-04:2027-08:5", f"{PRICE}.start=50000,70000"),
    "words": (f"{RENT}=90:110:3", f"{TENANT}=true,false", "months=12,24,36"),
    "words alone": (f"{TENANT}=false,true", "start=2027-01,2027-02"),
}


@pytest.mark.parametrize("texts", GRIDS.values(), ids=GRIDS)
def test_every_case_is_what_set_gives_to_the_bit(texts: tuple[str, ...]) -> None:
    sweep = swept(*texts)
    found = figures(sweep)
    assert len(found) == sweep.cases
    for case in range(sweep.cases):
        alone = evaluate(loads(TEXT, sweep.assignments(case)))
        mine, lease = alone.plans[MINE].npv_usd[0], alone.plans[LEASE].npv_usd[0]
        assert found[case].tolist() == [[mine, 0.0], [lease, lease - mine]]


def test_the_last_axis_varies_fastest() -> None:
    sweep = swept(f"{RENT}=90,100", f"{TENANT}=true,false", f"{POWER}=0.04,0.05")
    assert [sweep.assignments(case) for case in (0, 1, 2, 4, 7)] == [
        (f"{RENT}=90", f"{TENANT}=true", f"{POWER}=0.04"),
        (f"{RENT}=90", f"{TENANT}=true", f"{POWER}=0.05"),
        (f"{RENT}=90", f"{TENANT}=false", f"{POWER}=0.04"),
        (f"{RENT}=100", f"{TENANT}=true", f"{POWER}=0.04"),
        (f"{RENT}=100", f"{TENANT}=false", f"{POWER}=0.05"),
    ]


def test_zipped_axes_go_side_by_side() -> None:
    sweep = swept(f"{RENT}=90,100,110,90", f"{TENANT}=true,false,true,true", zipped=True)
    assert sweep.cases == 4
    assert sweep.assignments(1) == (f"{RENT}=100", f"{TENANT}=false")
    grid = swept(f"{RENT}=90,100,110", f"{TENANT}=true,false")
    assert figures(sweep).tolist() == figures(grid)[[0, 3, 4, 0]].tolist()


@pytest.mark.parametrize("texts", GRIDS.values(), ids=GRIDS)
def test_chunks_make_no_difference(texts: tuple[str, ...]) -> None:
    metrics = ("irr_fraction_per_year", "npv_usd", "incremental_payback_months")
    whole = swept(*texts, metrics=metrics, chunk_cases=1000)
    assert whole.chunks == 1
    for size in (1, 5):
        cut = swept(*texts, metrics=metrics, chunk_cases=size)
        assert cut.chunks == -(-cut.cases // size)
        assert figures(cut).tobytes() == figures(whole).tobytes()
        assert reasons(cut) == reasons(whole)
    assert "" in reasons(whole)
    assert len(set(reasons(whole))) > 1


def test_a_sweep_travels_to_another_process() -> None:
    sweep = swept(*GRIDS["words"])
    before = figures(sweep)
    assert figures(pickle.loads(pickle.dumps(sweep))).tobytes() == before.tobytes()


def test_assignments_of_the_source_hold_in_every_case() -> None:
    source = replace(SOURCE, assignments=("site.gross_mw=20", f"{RENT}=5"))
    sweep = swept(f"{RENT}=90,100", f"{TENANT}=false,true", source=source)
    text = TEXT.replace("gross_mw: 12", "gross_mw: 20")
    for case in range(4):
        alone = evaluate(loads(text, sweep.assignments(case)))
        assert figures(sweep)[case, 1, 0] == alone.plans[LEASE].npv_usd[0]


def test_values_as_set_takes_them() -> None:
    assert Axis("x", np.array([0.1])).text(0.1) == "0.1"
    assert Axis("x", np.array([3.0])).text(3.0) == "3"
    assert Axis("x", np.array([1e16])).text(1e16) == "1e+16"
    assert Axis("x", np.array([24324.0]), is_month=True).text(24324.0) == "2027-01"
    assert Axis("x", np.array([1.0]), ("a", "b")).text(1.0) == "b"


def test_the_size_of_a_grid_does_not_overflow() -> None:
    axes = [Axis(str(number), np.zeros(100_000)) for number in range(5)]
    assert grid_size(axes, zipped=False) == 10**25
    assert grid_size(axes, zipped=True) == 100_000


def test_about_tells_sweeps_apart(tmp_path: Path) -> None:
    same = swept(f"{RENT}=90,100").about()
    assert same == swept(f"{RENT}=90,100").about()
    prices = tmp_path / "prices.csv"
    prices.write_text("usd\n60000\n61000\n")
    of_file = TEXT.replace("{start: 60000, growth_fraction_per_year: 0.1}", "{csv: prices.csv, column: usd}")
    with_csv = ScenarioText("small.yaml", str(tmp_path), of_file.encode())
    before = swept(f"{RENT}=90,100", source=with_csv).about()
    prices.write_text("usd\n60000\n61001\n")
    others = {
        "scenario": swept(f"{RENT}=90,100", source=replace(SOURCE, data=TEXT.encode() + b"\n")).about(),
        "--set": swept(f"{RENT}=90,100", source=replace(SOURCE, assignments=("site.gross_mw=13",))).about(),
        "--vary or --cases": swept(f"{RENT}=90,101").about(),
        "--zip": swept(f"{RENT}=90,100", zipped=True).about(),
        "--plan": swept(f"{RENT}=90,100", plans=[LEASE]).about(),
        "--metric": swept(f"{RENT}=90,100", metrics=["npv_usd"]).about(),
        "chunk": swept(f"{RENT}=90,100", chunk_cases=9).about(),
    }
    for key, other in others.items():
        assert key in {name for name in same if same[name] != other[name]}
    after = swept(f"{RENT}=90,100", source=with_csv).about()
    assert [name for name in before if before[name] != after[name]] == ["the files it reads"]


def test_a_scenario_that_cannot_be_read_is_an_error_in_one_line() -> None:
    axes = (Axis("site.gross_mw", np.array([0.0, -1.0])),)
    with pytest.raises(QuestionError, match=r"^site.gross_mw=0: gross_mw is 0; it must lie in 1e-06..100000$"):
        Sweep(SOURCE, axes, False, (MINE,), ("npv_usd",)).scenario(0)
    assert one_line(read_again(SOURCE, ["months=x"]).diagnostics) == 'months is "x"; a whole number is needed'
