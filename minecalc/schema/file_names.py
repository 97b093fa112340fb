"""A file's name where numbers belong: the mapping that would read it."""

from __future__ import annotations

from pathlib import Path

from minecalc.schema.scalars import is_file_name, resolve


def file_meant(text: str, folder: Path) -> str:
    """What to type instead of ``text`` if it names a file, with the column that it has; "" if it names none."""
    if not is_file_name(text):
        return ""
    if not text.casefold().endswith(".csv"):
        return f"save it as CSV with a header and write {{csv: {Path(text).stem}.csv, column: NAME}}"
    try:
        with (folder / text).open(encoding="utf-8-sig") as lines:
            header, first = (lines.readline().strip().split(",") for _ in range(2))
    except (OSError, ValueError):
        return f"write {{csv: {text}, column: NAME}}, the file's name relative to the scenario's folder"
    numbers = [
        name for name, cell in zip(header, first, strict=False) if isinstance(resolve(cell.strip()), int | float)
    ]
    return f"write {{csv: {text}, column: {next(iter(numbers), 'NAME')}}}"
