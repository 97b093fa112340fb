"""The pages that ``minecalc help`` shows: those of the manual, and of each command what it declares."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from minecalc import manual
from minecalc.analysis.questions import QuestionError
from minecalc.cli import app, commands, function
from minecalc.cli._screen import colored, width
from minecalc.schema.names import unknown_name

#: Width, in character cells, of the widest page: longer lines are hard to read.
_WIDEST = 100


def topics() -> tuple[str, ...]:
    """Every topic: the manual's and the commands."""
    return tuple(sorted({*manual.topics(), *commands()}))


def page(topic: str) -> str:
    """The page of ``topic`` as Markdown. QuestionError, with what may be meant, if there is none."""
    if topic not in topics():
        raise QuestionError(_unknown(topic))
    written = manual.page(topic) if topic in manual.topics() else ""
    return _command_page(topic, written) if topic in commands() else written


def contents() -> str:
    """The list of topics, a line each."""

    def listed(names: Iterator[str]) -> list[str]:
        return [f"- `{name}`: {manual.summary(page(name))}" for name in names]

    return "\n".join(
        (
            "# minecalc help TOPIC\n",
            "## Topics\n",
            *listed(name for name in manual.topics() if name not in commands()),
            "\n## Commands\n",
            *listed(iter(commands())),
            "",
        )
    )


def shown(text: str) -> str:
    """A page as standard output takes it: drawn for a terminal, Markdown as it is for anything else."""
    if not (sys.stdout.isatty() or colored()):
        return text
    return drawn(text, min(width(), _WIDEST), color=colored())


def drawn(text: str, cells: int, *, color: bool) -> str:
    """A page drawn so many ``cells`` wide, with ANSI styles if ``color``."""
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    file = StringIO()
    console = Console(file=file, width=cells, force_terminal=color, no_color=not color, highlight=False)
    console.print(Markdown(text, hyperlinks=False))
    return file.getvalue()


def _command_page(name: str, written: str) -> str:
    """What is written of a command, or else what its help says, with its arguments and options."""
    first, *rest = (inspect.getdoc(function(name)) or "").split("\n\n")
    example = rest[-1].removeprefix("Example: ") if rest else ""
    head = written or f"# {name}: {' '.join(first.split())}\n"
    return "\n".join((head, "## Options\n", *_parameters(name), f"\n## Example\n\n    {example}", ""))


def _parameters(name: str) -> Iterator[str]:
    """A line for each argument and option of a command."""
    root: Any = get_command(app([name]))
    for parameter in root.commands[name].params:
        spelt = ", ".join(parameter.opts) if parameter.param_type_name == "option" else ""
        value = "" if getattr(parameter, "is_flag", False) else parameter.metavar or ""
        default = "" if parameter.default in (None, False) else f" Default: {parameter.default}."
        yield f"- `{f'{spelt} {value}'.strip()}`: {parameter.help}{default}"


def _unknown(topic: str) -> str:
    """That there is no such topic, and the nearest; for a key, an option or a figure, the pages that it stands on."""
    problem = unknown_name((), "topic", topic, topics(), see="minecalc help")
    if problem.help.startswith("did you mean"):
        return f"{problem.message}; {problem.help}"
    pages = [name for name in topics() if f"`{topic}`" in page(name)]
    found = f"; it stands on the page{'s' if len(pages) > 1 else ''} {', '.join(pages)}" if pages else ""
    return f"{problem.message}{found}; minecalc help lists the topics"
