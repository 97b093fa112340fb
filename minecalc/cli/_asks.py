"""A command that asks one question: its options are those of the function of its name in ``minecalc``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from minecalc.cli._options import Assignments, Confined, File, Format, Full, MarketFile, Output, Quiet, with_parameters

#: The options that commands share, last and in their order; a question of no scenario has only those of the output.
_OF_SCENARIO = {"set_": (Assignments, None), "confined": (Confined, False), "market": (MarketFile, None)}
_OF_DETAILS = {"full": (Full, False)}
_OF_OUTPUT = {"format_": (Format, None), "output": (Output, None), "quiet": (Quiet, False)}

_NAMED = inspect.Parameter.POSITIONAL_OR_KEYWORD


def asks(
    *,
    of_scenario: bool = True,
    has_details: bool = False,
    before: Callable[[dict[str, Any], Path | None], None] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command of a function that only declares options, in the names of those that the question takes.

    Behind them come those that commands share, and before them the file, if the question is ``of_scenario``. An answer
    that ``has_details`` shows them on request. What is not given is left to the question. ``before`` sees
    the options and the output before any work is done, to refuse.
    """

    def command(declares: Callable[..., None]) -> Callable[..., None]:
        @wraps(declares)
        def run(
            file: str = "",
            full: bool = False,
            set_: list[str] | None = None,
            confined: bool = False,
            market: str | None = None,
            format_: str | None = None,
            output: Path | None = None,
            quiet: bool = False,
            **options: Any,
        ) -> None:
            import minecalc
            from minecalc.cli._output import chosen_format, emit
            from minecalc.cli._progress import progress
            from minecalc.cli._scenario import one

            chosen = chosen_format(format_, output)
            if before is not None:
                before(options, output)
            question = getattr(minecalc, declares.__name__)
            given = {name: value for name, value in options.items() if value is not None}
            if "watch" in inspect.signature(question).parameters:
                given["watch"] = progress
            about = (one(file, set_, confined=confined, market=market),) if of_scenario else ()
            emit(question(*about, **given), format_name=chosen, output=output, quiet=quiet, in_full=full)

        own = inspect.signature(declares, eval_str=True).parameters.values()
        first = [inspect.Parameter("file", _NAMED, annotation=File)] if of_scenario else []
        shared = (_OF_DETAILS if has_details else {}) | (_OF_SCENARIO if of_scenario else {}) | _OF_OUTPUT
        last = [inspect.Parameter(name, _NAMED, annotation=a, default=d) for name, (a, d) in shared.items()]
        return with_parameters(run, [*first, *own, *last])

    return command
