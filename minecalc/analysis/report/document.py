"""The report as people read it: what each question's own document says, under headings, and what all rests on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from minecalc.analysis.report import inputs
from minecalc.analysis.report.method import LEFT_OUT, METHOD
from minecalc.analysis.report.question import Part, Report
from minecalc.document import Block, Cell, Chart, Column, Details, Document, Note, Table, Text
from minecalc.loading import Reading, reading_of
from minecalc.version import VERSION
from minecalc.visible import visible

#: Questions whose headline stands at the top of the page, and those whose details the table of every input has.
_TOLD_ON_TOP = ("compare", "simulate")
_TOLD_BELOW = ("compare", "breakeven")


def document(answer: Report) -> Document:
    """The page; its rows are those of ``compare``."""
    reading = reading_of(answer.scenario)
    blocks = [*_top(answer), *(block for part in answer.parts for block in _part(part))]
    if reading.node is not None:
        blocks += [Note("Every assumption", "heading"), inputs.table(answer.scenario, reading)]
    blocks += [Note("Method, and what is left out", "heading"), *map(Note, METHOD)]
    blocks += [Note("Not modelled:", bullets=LEFT_OUT), *_made_from(answer, reading)]
    return Document(answer.scenario.name, blocks, answer.compared.document().records, answer.data())


def _top(answer: Report) -> Iterator[Block]:
    """What ``compare`` says, and what ``simulate`` does."""
    for part in answer.parts:
        if part.name in _TOLD_ON_TOP and part.answer is not None:
            notes = (block for block in part.answer.document().blocks if isinstance(block, Note))
            headline = next(note for note in notes if note.kind == "headline")
            yield headline if part.name == "compare" else Note(headline.text)


def _part(part: Part) -> Iterator[Block]:
    """A question's document under its heading; what the report says in full elsewhere is left out."""
    if part.heading:
        yield Note(part.heading, "heading")
    if part.answer is None:
        yield Note(f"minecalc {part.name} has no answer here: {part.reason}")
        return
    blocks = part.answer.document().blocks
    if part.name in _TOLD_ON_TOP:
        blocks = [block for block in blocks if not _is(block, "headline")]
    if part.name in _TOLD_BELOW:
        blocks = [block for block in blocks if not isinstance(block, Details) and not _is(block, "aside")]
    if part.name == "sweep":  # a picture says it all
        blocks = [block for block in blocks if isinstance(block, Chart)]
    yield from blocks


def _is(block: Block, kind: str) -> bool:
    return isinstance(block, Note) and block.kind == kind


def _made_from(answer: Report, reading: Reading) -> Iterator[Block]:
    """The files, with their checksums, and what else decides every figure of the page."""
    yield Note("What this page was made from", "heading")
    files = [(reading.file, reading.sha256), *((one.name, one.sha256) for one in reading.files)]
    columns = [Column("file", "File", "left"), Column("sha256", "SHA-256", "left")]
    rows: list[list[Cell]] = [[Text(PurePath(name).name), Text(sha256)] for name, sha256 in files if sha256]
    if rows:
        yield Table("", columns, rows)
    words = f"minecalc {VERSION}; {answer.paths:,} simulated worlds, seed {answer.seed}."
    set_ = answer.scenario.source.assignments
    if set_:
        words += f" Set beside the file: {visible('; '.join(set_))}."
    yield Note(f"{words} The same files, version and numbers give the same page, to the byte.")
