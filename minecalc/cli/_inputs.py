"""Which files a command is to read."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from minecalc.cli._usage import UsageError
from minecalc.loading import scenario_files
from minecalc.visible import visible


def wanted_files(paths: Sequence[str]) -> list[str]:
    """The scenario files that files, folders and names of examples mean. UsageError for a folder without any."""
    files = []
    for path in paths:
        inside = scenario_files(named_file(path))
        if not inside:
            raise UsageError(f"{visible(path)} holds no scenario files (.yaml or .yml)")
        files += inside
    return list(dict.fromkeys(files))


def named_file(name: str) -> str:
    """The file that ``name`` means, a shipped example's if there is no other; that it is goes to standard error."""
    from minecalc import examples

    file = examples.named_file(name)
    if file != name:
        print(f"note: {name} is a shipped example; minecalc init --from {name} copies it here", file=sys.stderr)
    return file
