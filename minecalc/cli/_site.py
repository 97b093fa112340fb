"""A folder of pages: one for each scenario of a folder, and a league table that leads to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from minecalc import reports
from minecalc.analysis.compare.league_document import League
from minecalc.analysis.compare.question import Comparison
from minecalc.analysis.questions import QuestionError
from minecalc.analysis.report.question import report
from minecalc.cli._inputs import wanted_files
from minecalc.cli._output import output_file, writing
from minecalc.cli._process import finish, say, tell
from minecalc.cli._progress import progress
from minecalc.cli._shared import Shared
from minecalc.files.whole_folder import whole_folder
from minecalc.loading import read
from minecalc.schema.diagnostics import Diagnostic
from minecalc.schema.names import none_twice
from minecalc.visible import visible
from minecalc.work.processes import Processes, cores

#: The page that leads to the others.
_INDEX = "index.html"
#: What a page of ours has in it, near its beginning.
_MARK, _BEGINNING = b'<meta name="generator" content="minecalc">', 4096
_NO_NAME = re.compile(r"[^a-z0-9]+")


class _Page(NamedTuple):
    """What came of one file: its page and its record, or neither, with what there is to say of it."""

    page: bytes
    record: Mapping[str, Any] | None
    diagnostics: tuple[Diagnostic, ...]
    fault: str = ""
    exists: bool = True
    refused: str = ""


def write_site(folder: str, shared: Shared, workers: int | None, **worlds: Any) -> None:
    """Pages for all scenarios of ``folder`` in a folder, which appears whole or not at all.

    ``worlds`` are how ``report`` is to draw them. One broken file does not hide the others; the exit code is then 2,
    and 3 where a requirement fails. QuestionError for no place to write to, or one that holds other things.
    """
    reads, output = shared.reads(), output_file(shared.output)
    if shared.format_ not in (None, "html"):
        raise QuestionError(f"the report of a folder is pages, not {visible(shared.format_ or '')}; leave --format out")
    if output is None:
        raise QuestionError("the report of a folder is a folder of pages; add --output FOLDER")
    files = wanted_files([folder])
    names = page_names(files)
    work = partial(_page, reads=reads, worlds=worlds)
    with writing(output), whole_folder(output, _is_ours) as place:
        found = list[_Page]()
        made = Processes(workers or min(cores(), len(files))).share_out(work, files)
        for name, page in zip(names, progress(made, len(files), "reporting"), strict=True):
            if page.record is not None:
                (place / name).write_bytes(page.page)
            found.append(page._replace(page=b""))
        if not any(page.record for page in found):
            _say(found)
            finish(wrong=True)
        (place / _INDEX).write_bytes(_league(found, names))
    _say(found)
    finish(
        fault="; ".join(page.fault for page in found if page.fault),
        wrong=any(page.record is None for page in found),
        exists=all(page.exists for page in found),
    )


def page_names(files: Sequence[str]) -> list[str]:
    """A name for the page of each file, of small letters, digits and dashes, none twice."""
    plain = (_NO_NAME.sub("-", Path(file).stem.lower()).strip("-") or "scenario" for file in files)
    return [f"{name}.html" for name in none_twice(plain, [_INDEX.removesuffix(".html")])]


def _page(file: str, reads: Mapping[str, Any], worlds: Mapping[str, Any]) -> _Page:
    """The page of one file."""
    reading = read(file, **reads)
    if reading.scenario is None:
        return _Page(b"", None, reading.diagnostics)
    try:
        found = report(reading.scenario, **worlds, workers=1)
    except QuestionError as error:
        return _Page(b"", None, reading.diagnostics, refused=f"{file}: {error}")
    page = reports.render(found.document(), "html")
    content = page.encode() if isinstance(page, str) else page
    return _Page(content, found.compared.records[0], reading.diagnostics, found.fault, found.exists)


def _league(found: Sequence[_Page], names: Sequence[str]) -> bytes:
    """The page of the league table, each row of which leads to its scenario's."""
    records = [{**page.record, "page": name} for page, name in zip(found, names, strict=True) if page.record]
    league = Comparison(records, len(found) - len(records), (), League())
    page = reports.render(league.document(), "html")
    return page.encode() if isinstance(page, str) else page


def _say(found: Sequence[_Page]) -> None:
    """Diagnostics of all files, and what was refused, on standard error."""
    tell([item for page in found for item in page.diagnostics])
    for page in found:
        if page.refused:
            say(visible(page.refused))


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds pages of ours and nothing else."""
    files = list(folder.iterdir())
    if not all(file.suffix == ".html" and file.is_file() and not file.is_symlink() for file in files):
        return False
    for file in files:
        with file.open("rb") as opened:
            if _MARK not in opened.read(_BEGINNING):
                return False
    return True
