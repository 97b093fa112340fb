"""Inside ``analysis``: what questions share lies below them, and no question imports another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_architecture import FILES, PACKAGE, imports

#: What questions share, a folder or a module each, from the ground up. A part may import what stands in a line above
#: it and itself. Whatever is not named here is a question: it may import all of these, and of other questions nothing.
SHARED = (
    ("assumptions", "corner_records", "figures_of_cases", "power_curve", "questions", "records"),
    ("bridge", "dark_fleets", "level_words", "on_record", "outlook", "requirements"),
)
LEVEL = {part: level for level, parts in enumerate(SHARED) for part in parts}
QUESTIONS = len(SHARED)
#: A question that puts others, as anybody may: of each it imports its door, ``question``, and nothing behind that.
PUTS_OTHERS = "report"

ANALYSIS = PACKAGE / "analysis"
PARTS = sorted({file.relative_to(ANALYSIS).parts[0].removesuffix(".py") for file in FILES if ANALYSIS in file.parents})


def files_of(part: str) -> list[Path]:
    """The source files of a part of ``analysis``."""
    return sorted((ANALYSIS / part).rglob("*.py")) or [ANALYSIS / f"{part}.py"]


def modules_imported(part: str) -> Iterator[str]:
    """The modules of other parts of ``analysis`` that a part imports, without the folder's name: ``solving.gap``."""
    for name in (name for file in files_of(part) for name in imports(file)):
        words = name.split(".")
        if words[:2] == ["minecalc", "analysis"] and words[2] != part:
            depth = 4 if (ANALYSIS / words[2]).is_dir() else 3
            yield ".".join(words[2:depth])


def misplaced(part: str) -> set[tuple[str, str]]:
    """The imports of a part that go up, or from a question to another one."""
    own, found = LEVEL.get(part, QUESTIONS), set(modules_imported(part))
    if part == PUTS_OTHERS:
        found = {name for name in found if not name.endswith(".question")}
    return {(part, name) for name in found if LEVEL.get(name.split(".")[0], QUESTIONS) >= own}


def test_what_is_shared_is_there_and_named_once() -> None:
    named = [part for parts in SHARED for part in parts]
    assert len(named) == len(set(named))
    assert set(named) < set(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_no_question_imports_another(part: str) -> None:
    assert misplaced(part) == set(), "what two questions need belongs below them"


def test_the_search_for_imports_finds_some() -> None:
    assert {"questions", "requirements"} <= set(modules_imported("compare"))
