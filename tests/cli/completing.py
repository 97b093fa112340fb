"""Shells that ask for completions: the words that each would hand over, and what it would be offered."""

from __future__ import annotations

import os
from unittest import mock

from tests.cli.running import Run, run


def bash(*words: str) -> Run:
    """What bash is answered, as it breaks the command line into words; the last is the one that is typed."""
    return _asked("bash", {"COMP_WORDS": "\n".join(("minecalc", *words)), "COMP_CWORD": str(len(words))})


def zsh(line: str) -> Run:
    """What zsh is answered for a command line up to the cursor."""
    return _asked("zsh", {"_TYPER_COMPLETE_ARGS": f"minecalc {line}"})


def fish(line: str) -> Run:
    """What fish is answered for a command line up to the cursor."""
    return _asked("fish", {"_TYPER_COMPLETE_ARGS": f"minecalc {line}", "_TYPER_COMPLETE_FISH_ACTION": "get-args"})


def powershell(line: str, word: str) -> Run:
    """What PowerShell is answered for a command line that ends in ``word``."""
    typed = {"_TYPER_COMPLETE_ARGS": f"minecalc {line}", "_TYPER_COMPLETE_WORD_TO_COMPLETE": word}
    return _asked("powershell", typed)


def offered(*words: str) -> list[str]:
    """What bash offers for the last word; the answer must be all that is said."""
    done = bash(*words)
    assert (done.code, done.err) == (0, "")
    return done.out.splitlines()


def _asked(shell: str, environment: dict[str, str]) -> Run:
    with mock.patch.dict(os.environ, {"_MINECALC_COMPLETE": f"complete_{shell}", **environment}):
        return run()
