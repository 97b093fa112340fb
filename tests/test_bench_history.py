"""What the benchmarks print can be read into their history."""

from __future__ import annotations

import csv

import pytest

from tests.bench.bench_engine import verdict
from tests.bench.bench_start import verdict as started
from tests.bench.history import COLUMNS, FILE, rows


def test_every_kind_of_line_with_a_bound_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    verdict("10,000 cases against plain numpy", 1.34, "x", "at most 3", met=True)
    verdict("one process, of the bound", 0.31, "", "at least 0.4", met=False)
    started("minecalc --help over import numpy", 1.64, "x", 2.0)
    print("one case alone 512 us, in the batch 4.1 us")
    assert rows("it", capsys.readouterr().out) == [
        ("it", "10,000 cases against plain numpy", "1.34", "x", "met"),
        ("it", "one process, of the bound", "0.31", "", "NOT MET"),
        ("it", "minecalc --help over import numpy", "1.64", "x", "met"),
    ]


def test_the_history_has_the_same_columns_in_every_row() -> None:
    with FILE.open(newline="", encoding="utf-8") as file:
        found = list(csv.reader(file))
    assert found[0] == list(COLUMNS)
    assert {len(row) for row in found} == {len(COLUMNS)}
    assert {row[-1] for row in found[1:]} <= {"met", "NOT MET"}
