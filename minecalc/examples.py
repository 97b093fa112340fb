"""The scenarios that are shipped: real deals, reported systems and kinds of site, each with its sources."""

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"^name: *(.+?) *$", re.MULTILINE)


class Example(NamedTuple):
    """A shipped scenario: the name it is asked for by, its file, what kind it is of, its title and its question."""

    name: str
    file: Path
    kind: str
    title: str
    question: str

    @property
    def series(self) -> tuple[Path, ...]:
        """The CSV files beside it that it reads."""
        names = re.findall(r"csv: *([^,}\s]+)", self.file.read_text(encoding="utf-8"))
        return tuple(self.file.with_name(name) for name in dict.fromkeys(names))


@cache
def examples() -> Mapping[str, Example]:
    """The shipped scenarios by name, in the order of their kinds and names."""
    return {name: _example(file) for name, file in example_files().items()}


def example_files() -> Mapping[str, Path]:
    """The files of the shipped scenarios by name, in the order of their kinds and names; none of them is read."""
    return {file.stem: file for file in sorted(_folder().glob("*/*.yaml"))}


def named_file(name: str) -> str:
    """The file that ``name`` means: the one of that name, else that of the shipped example, else as it stands."""
    if name == "-" or os.path.lexists(name):
        return name
    return str(example_files().get(name, name))


def _folder() -> Path:
    """Inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).with_name("scenarios")
    return inside if inside.is_dir() else Path(__file__).parents[1] / "scenarios"


def _example(file: Path) -> Example:
    text = file.read_text(encoding="utf-8")
    title = _NAME.search(text)
    assert title is not None, file
    return Example(file.stem, file, file.parent.name, title[1].strip("'\""), _question(text))


def _question(text: str) -> str:
    """The first paragraph of the comment on top, without what is for editors."""
    lines = []
    for line in text.splitlines()[1:]:
        if not line.startswith("#"):
            break
        words = line.lstrip("# ").strip()
        if words:
            lines.append(words)
        elif lines:
            break
    return " ".join(lines)
