"""Every path as a row, whole or not there."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pytest

from minecalc import tables
from minecalc.analysis.simulate.run import NPV, Chunk, Run
from minecalc.analysis.simulate.saving import batches, columns, drawn_column
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.uncertainty.factors import FACTORS
from tests.analysis.simulate.worlds import TWO, world

ODD = "uncertainty.inputs={plans.lease.opex_fraction_of_rent: {distribution: normal, mean: 0.15, sd: 0.06}}"
IRR = "irr_fraction_per_year"


def run(paths: int) -> Run:
    of = world(TWO, ODD)
    return Run(of, tuple(of.scenario.plans), paths, (NPV, IRR), keep_drawn=True)


def written(of: Run, name: str, chunks: list[Chunk] | None = None) -> bytes:
    file, reasons = io.BytesIO(), list[str]()
    parts = [of.chunk(number) for number in range(of.chunks)] if chunks is None else chunks
    tables.write(name, file, columns(of, reasons), batches(of, parts, reasons))
    return file.getvalue()


def test_a_row_is_a_path_with_what_was_drawn_and_came_of_it() -> None:
    of = run(300)
    rows = list(csv.DictReader(io.StringIO(written(of, "csv").decode())))
    chunk = of.chunk(0)
    assert [row["path"] for row in rows] == [str(number) for number in range(1, 301)]
    assert list(rows[0]) == [
        "path",
        *(drawn_column(name) for name in of.drawn_names),
        "plans.mine.npv_usd", "plans.mine.irr_fraction_per_year", "plans.mine.irr_fraction_per_year.reason",
        "plans.lease.npv_usd", "plans.lease.irr_fraction_per_year", "plans.lease.irr_fraction_per_year.reason",
        "reason",
    ]  # fmt: skip
    odd = 0
    for number, row in enumerate(rows):
        assert float(row["btc_price_usd.mean_ratio"]) == chunk.drawn[0, number]
        if row["reason"]:
            odd += 1
            assert row["reason"] == "plans.lease.opex_fraction_of_rent is drawn outside its range"
            assert row["plans.lease.npv_usd"] == row["plans.lease.irr_fraction_per_year"] == ""
        else:
            assert float(row["plans.lease.npv_usd"]) == chunk.figures[number, 1, 0]
        assert (row["plans.lease.irr_fraction_per_year"] == "") == bool(row["plans.lease.irr_fraction_per_year.reason"])
        assert row["plans.mine.irr_fraction_per_year.reason"]
    assert 0 < odd < 20


def test_a_parquet_file_has_types_and_nulls() -> None:
    table = pq.read_table(io.BytesIO(written(run(2000), "parquet")))
    assert table.num_rows == 2000
    assert table.schema.field("path").type == "int64"
    assert table.schema.field("plans.lease.npv_usd").type == "double"
    reasons = table.column("reason")
    assert 0 < reasons.null_count < 2000
    assert table.column("plans.lease.npv_usd").null_count == 2000 - reasons.null_count


@pytest.mark.parametrize("name", tables.formats())
def test_a_reason_that_comes_late_is_told_where_it_comes(name: str) -> None:
    """A batch knows no reason that only later paths have, however far ahead these were computed."""
    of = run(10 * BLOCK_PATHS)
    figures, codes = np.ones((10 * BLOCK_PATHS, 2, 2)), np.zeros((10 * BLOCK_PATHS, 2, 2), np.uint16)
    told = {5: "early", 8 * BLOCK_PATHS + 1: "late"}
    for place in told:
        figures[place] = np.nan
    drawn = np.ones((len(of.drawn_names), 10 * BLOCK_PATHS))

    chunks = []
    for first, last in pairwise(end * BLOCK_PATHS for end in (0, 8, 10)):
        inside = {place: reason for place, reason in told.items() if first <= place < last}
        for number, place in enumerate(inside, start=1):
            codes[place] = number
        market = np.ones((2, last - first))
        chunks.append(
            Chunk(figures[first:last], codes[first:last], tuple(inside.values()), drawn[:, first:last], market)
        )
    expected = written(of, name, chunks)
    if name == "csv":
        rows = csv.DictReader(io.StringIO(expected.decode()))
        assert {number: row["reason"] for number, row in enumerate(rows) if row["reason"]} == told
    else:
        groups = pq.ParquetFile(io.BytesIO(expected))
        texts = [groups.read_row_group(number).column("reason").chunk(0).dictionary.to_pylist() for number in (0, 1)]
        assert texts == [["early"], ["early", "late"]]


def test_columns_have_names_of_their_own() -> None:
    names = [drawn_column(name) for name in FACTORS]
    assert len(set(names)) == len(names)
    assert drawn_column("plans.lease.gross_mw") == "plans.lease.gross_mw"
    assert drawn_column("btc_price_usd") == "btc_price_usd.mean_ratio"
    assert drawn_column("tenant_default") == "tenant_default.years"


def test_a_default_that_never_comes_has_no_date() -> None:
    of = world(TWO, "uncertainty.tenant_default={probability_fraction_per_year: 0}")
    one = Run(of, tuple(of.scenario.plans), 9, keep_drawn=True)
    rows = csv.DictReader(io.StringIO(written(one, "csv").decode()))
    assert {row["tenant_default.years"] for row in rows} == {""}
