"""Runs of the command line: in this process where only the answer counts, in one of their own where limits do."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from minecalc.cli import main

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "examples"
TEXAS, HILLTOP = str(EXAMPLES / "texas.yaml"), str(EXAMPLES / "hilltop.yaml")

#: A run that takes this long hangs.
HANGS_SECONDS = 120.0

ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "", "TERM": "xterm", "MINECALC_DEBUG": ""}


@dataclass(frozen=True)
class Run:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output as JSON, in which NaN and Infinity are refused."""
        return json.loads(self.out, parse_constant=_refuse)

    @property
    def scenarios(self) -> list[dict[str, Any]]:
        """The records that ``compare --format json`` printed."""
        found: list[dict[str, Any]] = self.data["scenarios"]
        return found


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def run(*arguments: str | Path, stdin: bytes = b"") -> Run:
    """``minecalc`` with these arguments, in this process and a pipe 100 columns wide."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    argv = ["minecalc", *map(str, arguments)]
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    code: object = 0
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.object(sys, "stdin", given),
        mock.patch.dict(os.environ, ENVIRONMENT),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int)
    return Run(code, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


def process(
    *arguments: str | Path,
    stdin: bytes | None = b"",
    environment: dict[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Run:
    """``python -m minecalc`` with these arguments in a process of its own; ``before`` runs in it first."""
    done = subprocess.run(
        [sys.executable, "-m", "minecalc", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        env=os.environ | ENVIRONMENT | (environment or {}),
        preexec_fn=before,
        timeout=HANGS_SECONDS,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())
