"""Are these scenarios right? What is wrong with each file, what to know of a right one, which requirements fail.

The records are the format that ``minecalc check --format json`` prints (``minecalc.check/1``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minecalc import checks
from minecalc.analysis.compare.record import Record, requirements
from minecalc.document import Block, Cell, Column, Document, Note, Table, Text, Value
from minecalc.loading import read
from minecalc.schema.diagnostics import Diagnostic

FORMAT = "minecalc.check/1"


class Checked(NamedTuple):
    """What a check of one file found: its record, and the diagnostics in it as such."""

    record: Record
    diagnostics: tuple[Diagnostic, ...]

    @property
    def usable(self) -> bool:
        """Whether the file holds a scenario."""
        return bool(self.record["plans"])

    @property
    def unmet(self) -> int:
        """How many requirements do not hold."""
        return [verdict["holds"] for verdict in self.record["requirements"]].count(False)


def checked(file: str, assignments: Sequence[str] = (), *, confined: bool = False) -> Checked:
    """One file, read with its ``--set`` assignments; only its requirements make it calculate anything."""
    reading = read(file, assignments, confined=confined)
    scenario = reading.scenario
    diagnostics = list(reading.diagnostics)
    verdicts = [] if scenario is None else requirements(scenario)
    if verdicts:
        from minecalc.analysis.requirements import failures

        diagnostics += failures(reading, verdicts)
    record = {
        "file": file,
        "ok": scenario is not None and all(verdict["holds"] for verdict in verdicts),
        "plans": [] if scenario is None else list(scenario.plans),
        "warnings": [] if scenario is None else checks.warnings(scenario),
        "requirements": verdicts,
        "diagnostics": [item.as_dict() for item in diagnostics],
    }
    return Checked(record, tuple(diagnostics))


def document(found: Sequence[Checked], version: str) -> Document:
    """A line for one file, a table for many, and what to know of each."""
    data = {"format": FORMAT, "version": version, "files": [item.record for item in found]}
    blocks = list(_alone(found[0]) if len(found) == 1 else _many(found))
    return Document("", [Note(_headline(found), "headline"), *blocks], _flat(found), data)


def _alone(item: Checked) -> Iterator[Block]:
    for text in _told(item):
        yield Note(text, "warning")


def _many(found: Sequence[Checked]) -> Iterator[Block]:
    yield _table(found)
    for item in found:
        if told := _told(item):
            yield Note(item.record["file"], "warning", told)


def _told(item: Checked) -> list[str]:
    """What to know of a file that can be used: its unmet requirements and its warnings."""
    unmet = [verdict for verdict in item.record["requirements"] if not verdict["holds"]]
    told = [f"requirement not met: {verdict['requirement']} ({verdict['reason']})" for verdict in unmet]
    return [*told, *item.record["warnings"]]


def _headline(found: Sequence[Checked]) -> str:
    """``texas.yaml: ok, 4 plans, 3 warnings`` or ``17 files: all ok, all 5 requirements hold``."""
    alone, wrong = len(found) == 1, sum(not item.usable for item in found)
    fails = sum(item.usable and not item.record["ok"] for item in found)
    bad = [f"{count} {word}" if not alone else word for count, word in ((wrong, "wrong"), (fails, "fails")) if count]
    words = bad or ["ok" if alone else "all ok"]
    if alone and not wrong:
        words.append(_counted(len(found[0].record["plans"]), "plan"))
    if warned := sum(len(item.record["warnings"]) for item in found):
        words.append(_counted(warned, "warning"))
    if required := sum(len(item.record["requirements"]) for item in found):
        unmet = sum(item.unmet for item in found)
        held = "the requirement holds" if required == 1 else f"all {required} requirements hold"
        words.append(f"{unmet} of {_counted(required, 'requirement')} not met" if unmet else held)
    return f"{found[0].record['file'] if alone else f'{len(found)} files'}: {', '.join(words)}"


def _table(found: Sequence[Checked]) -> Table:
    columns = [
        Column("result", "Result", "left"),
        Column("plans_count", "Plans"),
        Column("warnings_count", "Warnings"),
        Column("requirements", "Requirements met"),
        Column("file", "File", "left"),
    ]
    return Table("", columns, [_row(item) for item in found])


def _row(item: Checked) -> list[Cell]:
    record = item.record
    if not item.usable:
        return [Text("wrong", "bad"), Text(""), Text(""), Text(""), Text(record["file"])]
    required = len(record["requirements"])
    return [
        Text("ok", "good") if record["ok"] else Text("fails", "bad"),
        Value(len(record["plans"]), "count"),
        Value(len(record["warnings"]), "count"),
        Text(f"{required - item.unmet} of {required}" if required else "none", "plain" if required else "muted"),
        Text(record["file"]),
    ]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _flat(found: Sequence[Checked]) -> Table:
    """A row for each file."""
    counts = ("plans", "warnings", "requirements", "requirements_not_met", "errors")
    columns = [Column("file", "file"), Column("ok", "ok"), *(Column(f"{name}_count", name) for name in counts)]
    rows: list[list[Cell]] = []
    for item in found:
        record = item.record
        errors = sum(diagnostic.severity == "error" for diagnostic in item.diagnostics) - item.unmet
        numbers = (len(record["plans"]), len(record["warnings"]), len(record["requirements"]), item.unmet, errors)
        ok = Text("true" if record["ok"] else "false")
        rows.append([Text(record["file"]), ok, *(Value(number, "count") for number in numbers)])
    return Table("files", columns, rows)
