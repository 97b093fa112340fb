"""The tables of records in the manual are those of the reference."""

from __future__ import annotations

from minecalc.manual.records import record_tables
from minecalc.reference.machines import machines
from minecalc.reference.snapshot import Default, Range, defaults, ranges


def rows() -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in record_tables().splitlines() if line.startswith("|")]


def test_every_default_and_every_range_has_a_row_with_source_and_grade() -> None:
    found = {row[0].strip("`"): row for row in rows()}
    records: list[Default | Range] = [*defaults().values(), *ranges().values()]
    for record in records:
        assert {record.unit, record.as_of, record.grade, record.source} <= {*found[record.name]}


def test_it_counts_the_records() -> None:
    assert ["mining machines", f"{len(machines())}", "`minecalc catalog machines`"] in rows()


def test_tables_are_not_ragged() -> None:
    assert {len(row) for row in rows()} == {3, 7, 8}
