"""Are these scenarios right? What is wrong with each file, what to know of a right one, which requirements fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from minecalc import checks
from minecalc.analysis.questions import Answer, QuestionError, Watch, unwatched
from minecalc.analysis.records import heading, rows
from minecalc.document import Block, Cell, Column, Document, Note, Table, Text, Value
from minecalc.loading import Reading, read
from minecalc.schema.diagnostics import Diagnostic


class Checked(NamedTuple):
    """What a check of one file found; a file that holds no scenario has no plans."""

    file: str
    plans: Sequence[str]
    warnings: Sequence[str]
    requirements: Sequence[Mapping[str, Any]]
    diagnostics: Sequence[Diagnostic]

    @property
    def usable(self) -> bool:
        """Whether the file holds a scenario."""
        return bool(self.plans)

    @property
    def unmet(self) -> Sequence[Mapping[str, Any]]:
        """The requirements that do not hold."""
        return [verdict for verdict in self.requirements if not verdict["holds"]]

    @property
    def ok(self) -> bool:
        """Whether the file holds a scenario that meets its requirements."""
        return self.usable and not self.unmet

    def record(self) -> dict[str, Any]:
        """What files have of it."""
        diagnostics = [item.as_dict() for item in self.diagnostics]
        head, rest = {"file": self.file, "ok": self.ok}, {"diagnostics": diagnostics}
        return head | {name: list(getattr(self, name)) for name in ("plans", "warnings", "requirements")} | rest


@dataclass(frozen=True)
class Check(Answer):
    """What a check of files found, in their order."""

    files: Sequence[Checked]

    def document(self) -> Document:
        """A line for one file, a table for many, and what to know of each."""
        data = heading("check") | {"files": [item.record() for item in self.files]}
        alone = len(self.files) == 1
        blocks = [Note(text, "warning") for text in _told(self.files[0])] if alone else list(_many(self.files))
        records = rows("files", map(_row_of_file, self.files))
        return Document("", [Note(_headline(self.files), "headline"), *blocks], records, data)

    @property
    def diagnostics(self) -> Sequence[Diagnostic]:
        """All that is wrong with the files, failing requirements included."""
        return [diagnostic for item in self.files for diagnostic in item.diagnostics]

    @property
    def exists(self) -> bool:
        """Whether every file is a scenario that meets its requirements."""
        return all(item.ok for item in self.files)


def check(
    *files: str | Path,
    assignments: Sequence[str] = (),
    confined: bool = False,
    markets: Sequence[str] = (),
    watch: Watch = unwatched,
) -> Check:
    """What is wrong with each of ``files``, read with ``--set`` ``assignments`` over ``markets``; what else to know.

    Only requirements make it calculate anything. Raises QuestionError for no file.
    """
    if not files:
        raise QuestionError("check takes at least one file")
    found = (_checked(read(str(file), assignments, confined=confined, markets=markets)) for file in files)
    return Check(list(watch(found, len(files), "checking")))


def _checked(reading: Reading) -> Checked:
    file = reading.file
    scenario, diagnostics = reading.scenario, list(reading.diagnostics)
    if scenario is None:
        return Checked(file, (), (), (), diagnostics)
    verdicts: Sequence[Mapping[str, Any]] = ()
    if scenario.require:
        from minecalc.analysis.requirements import failures, judged

        verdicts = judged(scenario)
        diagnostics += failures(reading, verdicts)
    return Checked(file, list(scenario.plans), checks.warnings(scenario), verdicts, diagnostics)


def _many(found: Sequence[Checked]) -> Iterator[Block]:
    yield _table(found)
    for item in found:
        if told := _told(item):
            yield Note(item.file, "warning", told)


def _told(item: Checked) -> list[str]:
    """What to know of a file that can be used: its unmet requirements and its warnings."""
    told = [f"requirement not met: {verdict['requirement']} ({verdict['reason']})" for verdict in item.unmet]
    return [*told, *item.warnings]


def _headline(found: Sequence[Checked]) -> str:
    """``texas.yaml: ok, 4 plans, 3 warnings`` or ``17 files: all ok, all 5 requirements hold``."""
    alone, wrong = len(found) == 1, sum(not item.usable for item in found)
    fails = sum(item.usable and not item.ok for item in found)
    bad = [f"{count} {word}" if not alone else word for count, word in ((wrong, "wrong"), (fails, "fails")) if count]
    words = bad or ["ok" if alone else "all ok"]
    if alone and not wrong:
        words.append(_counted(len(found[0].plans), "plan"))
    if warned := sum(len(item.warnings) for item in found):
        words.append(_counted(warned, "warning"))
    if required := sum(len(item.requirements) for item in found):
        unmet = sum(len(item.unmet) for item in found)
        held = "the requirement holds" if required == 1 else f"all {required} requirements hold"
        words.append(f"{unmet} of {_counted(required, 'requirement')} not met" if unmet else held)
    return f"{found[0].file if alone else f'{len(found)} files'}: {', '.join(words)}"


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
    if not item.usable:
        return [Text("wrong", "bad"), Text(""), Text(""), Text(""), Text(item.file)]
    required = len(item.requirements)
    met = f"{required - len(item.unmet)} of {required}" if required else "none"
    return [
        Text("ok", "good") if item.ok else Text("fails", "bad"),
        Value(len(item.plans), "count"),
        Value(len(item.warnings), "count"),
        Text(met, "plain" if required else "muted"),
        Text(item.file),
    ]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _row_of_file(item: Checked) -> dict[str, str | bool | float]:
    errors = sum(diagnostic.severity == "error" for diagnostic in item.diagnostics) - len(item.unmet)
    return {
        "file": item.file,
        "ok": item.ok,
        "plans_count": len(item.plans),
        "warnings_count": len(item.warnings),
        "requirements_count": len(item.requirements),
        "requirements_not_met_count": len(item.unmet),
        "errors_count": errors,
    }
