"""The command line: one module per command, named like it; what they share stands in modules with an underscore."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

# Both cost every command time and serve none: a search of all installed packages' metadata for pydantic plug-ins, and
# threads for linear algebra.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer

from minecalc import __version__
from minecalc.analysis.questions import QuestionError
from minecalc.cli._process import say, told
from minecalc.cli._screen import with_color
from minecalc.files.regular_file import remembering
from minecalc.visible import visible

#: The command, and the variable by which a shell asks it for completions.
_NAME, _COMPLETE = "minecalc", "_MINECALC_COMPLETE"

#: The questions by which commands are listed; the module of each command says which it ``ANSWERS``.
_QUESTIONS = (
    "Begin with",
    "What is it worth?",
    "What would turn it?",
    "What may come, and when to move?",
    "How is it handed on?",
    "What can a file say, and is it right?",
)

_FIRST = """\
What do a site's megawatts earn: mining bitcoin or hosting AI?

minecalc init              asks about a site, writes a file of it, and answers
minecalc compare retrofit  answers for a shipped example; examples lists them
"""
_LAST = """\
minecalc --help says what each does, and minecalc COMMAND --help its options;
the manual begins with minecalc help start."""
_EPILOG = "First: minecalc init, or minecalc compare retrofit; then minecalc help start."


def commands() -> tuple[str, ...]:
    """The names of the commands: the modules of this folder without a leading underscore, with hyphens for others."""
    import pkgutil

    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in names if not name.startswith("_")))


def _version(ctx: typer.Context, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        typer.echo(f"minecalc {__version__}")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    _: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version and exit."),
) -> None:
    """What do a site's megawatts earn: mining bitcoin or hosting AI?"""
    if ctx.invoked_subcommand is None:
        typer.echo(_first_screen())


def _first_screen() -> str:
    """What to do first, and the commands by the question that each answers: a screen of 80 by 24."""
    groups = {question: list[str]() for question in _QUESTIONS}
    for name in commands():
        groups[_module(name).ANSWERS].append(name)
    width = max(map(len, groups))
    listed = [f"{question:{width}}  {'  '.join(names)}" for question, names in groups.items()]
    return "\n".join((_FIRST, *listed, "", _LAST))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")


def function(name: str) -> Callable[..., None]:
    """The function of a command, which is called like its module."""
    command: Callable[..., None] = getattr(_module(name), name.replace("-", "_"))
    return command


def app(names: Sequence[str]) -> typer.Typer:
    """The command line with these commands."""
    root = typer.Typer(
        name=_NAME,
        epilog=_EPILOG,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    root.callback(invoke_without_command=True)(_root)
    for name in sorted(names, key=lambda name: _QUESTIONS.index(_module(name).ANSWERS)):
        root.command(name, rich_help_panel=_module(name).ANSWERS)(with_color(function(name)))
    return root


def _run() -> None:
    """Run the command that is asked for. The others need not be put together, unless they are listed."""
    known = commands()
    asked = [name for name in sys.argv[1:2] if name in known]
    app(asked or known)(prog_name=_NAME)


def main() -> None:
    """Run the command line.

    Exit codes: 0 answered, 1 our bug, 2 wrong input or a system that refuses, 3 the question has no answer, 130 and 143
    interrupted.
    """
    if os.environ.get(_COMPLETE, "").startswith("complete_"):
        from minecalc.cli._shells import answered

        raise SystemExit(answered(_run))
    try:
        with remembering():
            _run()
    except QuestionError as error:
        say(visible(str(error)))
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:  # a reader that went away; nobody is left to tell
        raise SystemExit(0) from None
    except (OSError, MemoryError) as error:
        if os.environ.get("MINECALC_DEBUG"):
            raise
        say(told(error))
        raise SystemExit(2) from None
    except Exception as error:
        if os.environ.get("MINECALC_DEBUG"):
            raise
        say(
            f"this is a bug in minecalc, not in your input: {type(error).__name__}: {error}\n"
            "Set MINECALC_DEBUG=1 to see where, and please report it with the scenario."
        )
        raise SystemExit(1) from None
