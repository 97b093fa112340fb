"""``minecalc catalog``: the records on the command line; what they answer is tested in ``analysis``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from minecalc.reference.gpus import gpus
from minecalc.reference.machines import machines
from tests.cli.running import process, run


@pytest.mark.parametrize("kind", ["machines", "gpus", "leases", "financing", "tax"])
def test_every_kind_has_a_table(kind: str) -> None:
    done = run("catalog", kind)
    assert (done.code, done.err) == (0, "")
    assert len(done.out.splitlines()) > 5


def test_filters_and_order_reach_the_records() -> None:
    done = run(
        "catalog", "machines", "--where", "cooling=hydro", "--where", "efficiency_j_per_th<=13", "--format", "json"
    )
    found = [row["id"] for row in done.data["records"]]
    assert found
    for name in found:
        record = machines()[name]
        assert (record.cooling, record.efficiency_j_per_th <= 13) == ("hydro", True)
    order = run("catalog", "gpus", "--sort", "-kw_per_gpu", "--format", "csv").out
    power = [float(row["kw_per_gpu"] or 0) for row in csv.DictReader(io.StringIO(order, newline=""))]
    assert power == sorted(power, reverse=True)
    assert len(power) == len(gpus())


def test_search_finds_text() -> None:
    rows = run("catalog", "leases", "--search", "fluidstack", "--format", "json").data["records"]
    assert rows
    assert all("fluidstack" in str(row).casefold() for row in rows)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("machine",), "machine"),
        (("machines", "--where", "coolnig=hydro"), "cooling"),
        (("machines", "--sort", "prize"), "prize"),
    ],
)
def test_a_wrong_question_is_refused_in_a_line(arguments: tuple[str, ...], message: str) -> None:
    done = run("catalog", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("minecalc: ")
    assert len(done.err.splitlines()) == 1
    assert message in done.err


def test_the_suffix_of_the_output_picks_the_format(tmp_path: Path) -> None:
    file = tmp_path / "gpus.csv"
    assert process("catalog", "gpus", "-o", file).code == 0
    assert file.read_bytes().decode() == run("catalog", "gpus", "--format", "csv").out
