"""Which files a command is to read."""

from __future__ import annotations

from collections.abc import Sequence

from minecalc.cli._usage import UsageError
from minecalc.loading import scenario_files
from minecalc.visible import visible


def wanted_files(paths: Sequence[str]) -> list[str]:
    """The scenario files that files and folders mean. UsageError for a folder without any."""
    files = []
    for path in paths:
        inside = scenario_files(path)
        if not inside:
            raise UsageError(f"{visible(path)} holds no scenario files (.yaml or .yml)")
        files += inside
    return list(dict.fromkeys(files))
