"""Shell completion: what a shell hands over and takes back. What the words could be is in ``_completion``.

typer answers for bash, zsh, fish and PowerShell, word by word. But bash breaks words at ``=``, ``:`` and ``@`` and
replaces the last piece only, and bash and PowerShell insert what they are given as it is, spaces and all. Standard
output is the answer, so whatever else goes wrong is silent.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

_BREAKS = "=:@"
#: What bash takes as it is; of what has another meaning to zsh inside of typer's quotes, nothing is left.
_SAFE_IN_BASH, _LOST_IN_ZSH = r"\w@%+=:,./~-", "\"'\\"
_SAFE_IN_POWERSHELL = re.compile(r"[\w.=/:\\-]+")


def shell() -> str:
    """The shell that asks for completions: bash, zsh, fish, powershell, pwsh, or ""."""
    return os.environ.get("_MINECALC_COMPLETE", "").removeprefix("complete_")


def can_take(text: str) -> bool:
    """Whether the shell that asks gets ``text`` on the command line unchanged."""
    return text.isprintable() and not (shell() == "zsh" and set(text) & set(_LOST_IN_ZSH))


def answered(run: Callable[[], None]) -> int:
    """Let ``run``, typer's answer, print to the shell what the shell can use; the exit code."""
    os.environ["COLUMNS"] = "10000"  # or typer would break long explanations into several answers
    typed = _typed_in_bash() if shell() == "bash" else _Typed("", "")
    if shell() in ("powershell", "pwsh"):
        word = "_TYPER_COMPLETE_WORD_TO_COMPLETE"
        os.environ[word] = os.environ.get(word, "").lstrip("'\"")
    answer, code = io.StringIO(), 0
    try:
        with redirect_stdout(answer), redirect_stderr(io.StringIO()):
            run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except Exception:
        if os.environ.get("MINECALC_DEBUG"):
            raise
        return 0
    lines = answer.getvalue().splitlines()
    if shell() == "bash":
        lines = [typed.inserted(line) for line in lines]
    elif shell() in ("powershell", "pwsh"):
        lines = [_in_powershell(line) for line in lines]
    sys.stdout.write("".join(f"{line}\n" for line in lines if line))
    return code


class _Typed(NamedTuple):
    """The word that is typed in bash: what stands before the text that bash replaces, and the quote that is open."""

    before: str
    quote: str

    def inserted(self, word: str) -> str:
        """What replaces the text so that the whole becomes ``word``."""
        start = next(start for start in range(len(self.before) + 1) if word.startswith(self.before[start:]))
        rest = word[len(self.before) - start :]
        if self.quote:
            return re.sub(r'["$`\\]', r"\\\g<0>", rest) if self.quote == '"' else rest
        return re.sub(f"[^{_SAFE_IN_BASH}]", r"\\\g<0>", rest)


def _typed_in_bash() -> _Typed:
    """What is typed, with the words put together again that bash broke."""
    number = int(os.environ.get("COMP_CWORD", "0"))
    words = [*os.environ.get("COMP_WORDS", "").split("\n"), ""][: number + 1]
    whole: list[str] = []
    before = ""
    after_break = False
    for place, word in enumerate(words):
        is_break = bool(word) and set(word) <= set(_BREAKS)
        if whole and word and (is_break or after_break):
            before = whole[-1] + (word if is_break else "")
            whole[-1] += word
        else:
            before = ""
            whole.append(word)
        after_break = is_break and place > 0
    os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = "\n".join(whole), str(len(whole) - 1)
    piece = whole[-1][len(before) :]
    quote, opened = _open_quote(piece)
    return _Typed(_plain(before + piece[:opened]), quote)


def _open_quote(piece: str) -> tuple[str, int]:
    """The quote that is still open at the end of ``piece`` and where it stands; "" and 0 if none is."""
    quote, opened, escaped = "", 0, False
    for place, char in enumerate(piece):
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif char == quote:
            quote, opened = "", 0
        elif char in "\"'" and not quote:
            quote, opened = char, place
    return quote, opened


def _plain(text: str) -> str:
    """What bash makes of a word: without quotes and escapes."""
    return "".join(shlex.split(text))


def _in_powershell(line: str) -> str:
    word, separator, about = line.partition(":::")
    quoted = word if _SAFE_IN_POWERSHELL.fullmatch(word) else "'" + word.replace("'", "''") + "'"
    return quoted + separator + about
