"""What would an analyst have built? A scenario as a workbook with live formulas, or many with a league table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from minecalc.analysis.questions import Answer, QuestionError
from minecalc.loading import reading_of
from minecalc.schema.names import none_twice

if TYPE_CHECKING:
    from minecalc.document import Document
    from minecalc.scenario import Scenario
    from minecalc.spreadsheet.book import Book

#: The file of a folder that has the plans of all scenarios.
LEAGUE = "league.xlsx"


@dataclass(frozen=True)
class Workbook(Answer):
    """The workbook of one scenario, or a workbook a scenario and a league table of all."""

    scenarios: Sequence[Scenario]

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The contents of each file by its name; of one scenario a single one."""
        found = {name: book.data for name, book in self._books.items()}
        if len(self.scenarios) > 1:
            from minecalc.spreadsheet._league import league_bytes

            found[LEAGUE] = league_bytes({name: book.scenario for name, book in self._books.items()})
        return found

    @property
    def refused(self) -> Mapping[str, str]:
        """Why there is no workbook of some of several scenarios, by the name that its file would have."""
        return self._written[1]

    @property
    def _books(self) -> Mapping[str, Book]:
        return self._written[0]

    @cached_property
    def _written(self) -> tuple[Mapping[str, Book], Mapping[str, str]]:
        """The books by the names of their files, and what is refused; that of a single scenario is raised."""
        from minecalc.spreadsheet.book import book_of

        books, refused = {}, {}
        names = file_names([reading_of(scenario).file for scenario in self.scenarios])
        for name, scenario in zip(names, self.scenarios, strict=True):
            try:
                books[name] = book_of(scenario)
            except QuestionError as error:
                refused[name] = str(error)
        if not books:
            raise QuestionError(next(iter(refused.values())))
        return books, refused

    def save(self, to: str | Path) -> list[Path]:
        """Write the workbook to the file ``to``, or those of several scenarios into the folder ``to``; the files.

        A file appears whole or not at all. Raises OSError for a place that cannot be written.
        """
        from minecalc.files.whole_file import whole_file

        place, several = Path(to), len(self.scenarios) > 1
        if several:
            place.mkdir(exist_ok=True)
        written = {place / name if several else place: data for name, data in self.files.items()}
        for path, data in written.items():
            with whole_file(path) as file:
                file.write(data)
        return list(written)

    def document(self) -> Document:
        """What is in the workbooks: their sheets, formulas, inputs and checks."""
        from minecalc.analysis.records import heading, rows
        from minecalc.document import Block, Column, Note, Table, Text, Value
        from minecalc.document import Document as Page

        every = [{"file": name, **book.about} for name, book in self._books.items()]
        formulas, inputs = (sum(about[key] for about in every) for key in ("formulas_count", "inputs_count"))
        text = f"{formulas:,} formulas, made from the steps that minecalc explain shows; {inputs:,} inputs to change."
        columns = [Column("file", "File", "left"), Column("scenario", "Scenario", "left")]
        columns += [Column(key, key.removesuffix("_count").capitalize()) for key in _COUNTS]
        cells: list[list[Text | Value]] = [
            [Text(about["file"]), Text(about["scenario"]), *(Value(float(about[key]), "count") for key in _COUNTS)]
            for about in every
        ]
        how = Note(
            "Coloured cells of the sheet Inputs may be changed. The sheet Checks turns red where a change needs "
            "minecalc to be asked again, and says what to ask."
        )
        found = [{key: str(value) for key, value in one.items()} for one in every]
        data = heading("workbook") | {"workbooks": every, "refused": dict(self.refused)}
        without = [Note(f"There is no {name}: {why}.", "warning") for name, why in self.refused.items()]
        blocks: list[Block] = [Note(text, "headline"), *without, Table("", columns, cells), how]
        return Page("Workbook", blocks, rows("workbook", found), data)


_COUNTS = ("sheets_count", "formulas_count", "inputs_count", "guards_count")


def file_names(files: Sequence[str]) -> list[str]:
    """A name of a workbook for each of these files: theirs, none twice."""
    stems = (Path(file).stem if file not in ("-", "") else "workbook" for file in files)
    return [f"{stem}.xlsx" for stem in none_twice(stems, [LEAGUE.removesuffix(".xlsx")])]


def workbook(*scenarios: Scenario) -> Workbook:
    """Each scenario, of a single case as it was read, as a workbook of live formulas; ``save`` writes it.

    Raises QuestionError for no scenario, for one that was not read, without the library that writes workbooks, and,
    once it is asked for, where no scenario has a workbook; of several those without are ``refused``, with the reason.
    """
    if not scenarios:
        raise QuestionError("workbook takes at least one scenario")
    if any(scenario.source.node is None for scenario in scenarios):
        raise QuestionError("a workbook says where each input comes from, so it takes a scenario as it was read")
    return Workbook(scenarios)
